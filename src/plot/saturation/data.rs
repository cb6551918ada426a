//! Effects to draw.

/// The effects of all mutations of a stretch of a contig.
#[derive(Debug, Clone, Copy)]
pub struct Saturation<'a> {
    /// Heading of the picture.
    pub title: &'a str,
    /// Name of the contig.
    pub name: &'a str,
    /// Position of the first base, 0-based; below 2^48.
    pub start: u64,
    /// The bases of the reference, A, C, G, T or N, in either case.
    pub bases: &'a [u8],
    /// What the effects are.
    pub measure: Measure<'a>,
    /// For each base of the reference, the effect of A, C, G and T in its place. None for the base
    /// that is there and for what has no score. Effects that are no number or beyond a million
    /// count as none.
    pub effects: &'a [[Option<f64>; 4]],
    /// The same of the deletion of each base of the reference.
    pub deletions: Option<&'a [Option<f64>]>,
}

/// What effects measure, in the words of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its unit, if it has one.
    pub unit: Option<&'a str>,
    /// How it is drawn.
    pub kind: EffectKind,
}

/// What an effect may be, which says how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectKind {
    /// How much more the model likes the mutation: negative where it prefers the reference. The logo
    /// shows the loss.
    Ratio,
    /// A change up or down.
    Change,
    /// A size, never negative: the colours have one hue.
    Amount,
}

impl Measure<'_> {
    /// A name with the unit behind it.
    pub fn labelled(&self, name: &str) -> String {
        self.unit.map_or(name.to_owned(), |unit| format!("{name} ({unit})"))
    }

    /// An axis that shows less would magnify rounding errors.
    pub fn least(&self) -> f64 {
        match self.kind {
            EffectKind::Ratio | EffectKind::Change => 1e-3,
            EffectKind::Amount => 1e-9,
        }
    }
}

//! Input of the picture: the effects of mutations.

/// The effects of all mutations of a stretch of a contig.
#[derive(Debug, Clone, Copy)]
pub struct Saturation<'a> {
    /// Heading of the picture.
    pub title: &'a str,
    /// Origin of the effects, such as model and strands: the first of the notes.
    pub origin: &'a str,
    /// Name of the contig.
    pub name: &'a str,
    /// Position of the first base, 0-based; below 2^48.
    pub start: u64,
    /// Bases of the reference: A, C, G, T or N, in either case.
    pub bases: &'a [u8],
    /// Quantity of the effects.
    pub measure: Measure<'a>,
    /// Effects of A, C, G and T in place of each base of the reference. `None` for the base itself
    /// and for missing scores. NaN and magnitudes beyond a million count as missing.
    pub effects: &'a [[Option<f64>; 4]],
    /// Effect of the deletion of each base of the reference, if deletions were scored.
    pub deletions: Option<&'a [Option<f64>]>,
}

/// Quantity that effects measure, as named in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure<'a> {
    /// Name of the quantity.
    pub name: &'a str,
    /// Unit, if any.
    pub unit: Option<&'a str>,
    /// Kind, which decides how effects are drawn.
    pub kind: EffectKind,
}

/// Kind of an effect, which decides how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectKind {
    /// Log ratio of mutation and reference: negative where the model prefers the reference. The
    /// logo shows its negative, the loss.
    Ratio,
    /// Change of either sign.
    Change,
    /// Amount that is never negative; the colours have one hue.
    Amount,
}

impl Measure<'_> {
    /// A name followed by the unit.
    pub fn labelled(&self, name: &str) -> String {
        self.unit.map_or(name.to_owned(), |unit| format!("{name} ({unit})"))
    }

    /// Smallest extent of an axis: a smaller one would magnify rounding errors.
    pub fn least(&self) -> f64 {
        match self.kind {
            EffectKind::Ratio | EffectKind::Change => 1e-3,
            EffectKind::Amount => 1e-9,
        }
    }
}

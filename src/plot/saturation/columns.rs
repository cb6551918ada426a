//! What the columns of the picture show: a position each, or several.

use super::data::{EffectKind, Measure, Saturation};
use crate::plot::axis::Axis;

/// The columns together are at most as wide, in pixels.
const WIDEST: f64 = 1120.0;
/// Width of a column, in pixels: of the picture of a few bases, and of a long one.
const BROADEST: f64 = 16.0;
const NARROWEST: f64 = 2.0;
/// A letter in a narrower column cannot be read.
const LETTER: f64 = 5.0;

/// Effects beyond are no model's and would leave no room for anything else.
const LARGEST: f64 = 1e6;

/// A mutation, or several of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// There is no score.
    Missing,
    /// The base of the reference, in its own place.
    Reference,
    /// The effect.
    Effect(f64),
}

/// One column: of one position or of neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Index of the base of the reference in ACGT and its height in the logo: the mean effect of its
    /// substitutions; of a ratio with the sign turned, positive where the model prefers the
    /// reference.
    pub logo: Option<(usize, f64)>,
    /// A, C, G, T and the deletion.
    pub cells: [Cell; 5],
}

/// All columns.
pub struct Columns<'a> {
    /// What the effects are.
    pub measure: Measure<'a>,
    pub columns: Vec<Column>,
    /// Positions of a column; the last one may have fewer.
    pub each: usize,
    /// Width of a column in pixels.
    pub width: f64,
    /// Rows of the heat map: the bases, and the deletion if it was scored.
    pub rows: usize,
    /// Positions in all.
    pub positions: usize,
    /// Every effect, whether or not it can be seen.
    pub effects: Vec<f64>,
    start: f64,
}

impl Cell {
    fn of(effect: Option<f64>) -> Self {
        let known = effect.filter(|effect| effect.abs() <= LARGEST);
        known.map_or(Self::Missing, Self::Effect)
    }

    fn effect(self) -> Option<f64> {
        if let Self::Effect(effect) = self { Some(effect) } else { None }
    }

    fn magnitude(self) -> f64 {
        match self {
            Self::Missing => -2.0,
            Self::Reference => -1.0,
            Self::Effect(effect) => effect.abs(),
        }
    }

    /// The one of the larger magnitude.
    fn larger(self, other: Self) -> Self {
        if other.magnitude() > self.magnitude() { other } else { self }
    }
}

impl Column {
    /// The column of one position.
    fn position(saturation: &Saturation<'_>, index: usize) -> Self {
        let base = saturation.bases.get(index).map(u8::to_ascii_uppercase);
        let reference = b"ACGT".iter().position(|&other| Some(other) == base);
        let effects = saturation.effects.get(index).copied().unwrap_or_default();
        let deletion = saturation.deletions.and_then(|of| of.get(index).copied().flatten());
        let cells = std::array::from_fn(|row| match effects.get(row) {
            Some(_) if Some(row) == reference => Cell::Reference,
            Some(&effect) => Cell::of(effect),
            None => Cell::of(deletion),
        });
        let known: Vec<f64> = cells[..4].iter().copied().filter_map(Cell::effect).collect();
        let sign = if saturation.measure.kind == EffectKind::Ratio { -1.0 } else { 1.0 };
        let logo = reference
            .filter(|_| !known.is_empty())
            .map(|base| (base, sign * known.iter().sum::<f64>() / known.len() as f64));
        Self { logo, cells }
    }

    /// Of two columns, the larger in each row.
    fn larger(self, other: Self) -> Self {
        let size = |logo: Option<(usize, f64)>| logo.map_or(-1.0, |(_, height)| height.abs());
        let logo = if size(other.logo) > size(self.logo) { other.logo } else { self.logo };
        Self { logo, cells: std::array::from_fn(|row| self.cells[row].larger(other.cells[row])) }
    }
}

impl<'a> Columns<'a> {
    /// As many columns as a picture has room for.
    pub fn new(saturation: &Saturation<'a>) -> Self {
        let positions = saturation.bases.len();
        let each = positions.div_ceil((WIDEST / NARROWEST) as usize).max(1);
        let single: Vec<_> =
            (0..positions).map(|index| Column::position(saturation, index)).collect();
        let cells = single.iter().flat_map(|column| column.cells);
        let effects = cells.filter_map(Cell::effect).collect();
        let joined = single.chunks(each).map(|some| some.iter().copied().reduce(Column::larger));
        let columns: Vec<Column> = joined.flatten().collect();
        // half a pixel is a dot of the PNG
        let room = (2.0 * WIDEST / columns.len().max(1) as f64).floor() / 2.0;
        Self {
            measure: saturation.measure,
            width: room.clamp(NARROWEST, BROADEST),
            rows: if saturation.deletions.is_some() { 5 } else { 4 },
            start: saturation.start as f64,
            columns,
            each,
            positions,
            effects,
        }
    }

    /// Whether there is room for letters.
    pub fn letters(&self) -> bool {
        self.each == 1 && self.width >= LETTER
    }

    /// The axis of the positions, 1-based: a base reaches half a position to both sides.
    pub fn axis(&self) -> Axis {
        let low = self.start + 0.5;
        let end = super::LEFT + self.columns.len() as f64 * self.width;
        let high = low + (self.columns.len() * self.each) as f64;
        Axis { low, high, start: super::LEFT, end }
    }
}

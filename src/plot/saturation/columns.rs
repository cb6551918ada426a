//! Columns of the picture, each for one position or several.

use super::{
    data::{EffectKind, Measure, Saturation},
    layout::LEFT,
};
use crate::plot::axis::Axis;

/// Greatest width of all columns together, in pixels.
const WIDEST: f64 = 1120.0;
/// Width of a column in the picture of a few bases, in pixels.
const BROADEST: f64 = 16.0;
/// Width of a column in the picture of a long stretch, in pixels.
const NARROWEST: f64 = 2.0;
/// Smallest width of a column with a legible letter, in pixels.
const LETTER: f64 = 5.0;

/// Largest magnitude that is drawn: larger ones cannot come from a model and would hide all others.
const LARGEST: f64 = 1e6;

/// Cell of a mutation, or of several of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell {
    /// Without a score.
    Missing,
    /// The base of the reference itself.
    Reference,
    /// Effect of the mutation.
    Effect(f64),
}

/// A column, for one position or for adjacent ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Letter or bar of the logo; `None` without effects.
    pub logo: Option<LogoLetter>,
    /// Cells of A, C, G, T and the deletion.
    pub cells: [Cell; 5],
}

/// Letter of the logo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogoLetter {
    /// Index of the base of the reference in ACGT.
    pub base: usize,
    /// Mean effect of the substitutions of the base; negated for a ratio, so that it is positive
    /// where the model prefers the reference.
    pub height: f64,
}

/// All columns of the picture.
pub struct Columns<'a> {
    /// Quantity of the effects.
    pub measure: Measure<'a>,
    pub columns: Vec<Column>,
    /// Positions per column; the last column may have fewer.
    pub each: usize,
    /// Width of a column, in pixels.
    pub width: f64,
    /// Number of rows of the heat map: the bases, and the deletion if it was scored.
    pub rows: usize,
    /// Number of positions.
    pub positions: usize,
    /// All effects, visible or not.
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

    /// The cell of the larger magnitude.
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
            .map(|base| (base, sign * known.iter().sum::<f64>() / known.len() as f64))
            .map(|(base, height)| LogoLetter { base, height });
        Self { logo, cells }
    }

    /// Joins two columns: the value of the larger magnitude in each row.
    fn larger(self, other: Self) -> Self {
        let size = |logo: Option<LogoLetter>| logo.map_or(-1.0, |letter| letter.height.abs());
        let logo = if size(other.logo) > size(self.logo) { other.logo } else { self.logo };
        Self { logo, cells: std::array::from_fn(|row| self.cells[row].larger(other.cells[row])) }
    }
}

impl<'a> Columns<'a> {
    /// Makes as many columns as fit into a picture.
    pub fn new(saturation: &Saturation<'a>) -> Self {
        let positions = saturation.bases.len();
        let each = positions.div_ceil((WIDEST / NARROWEST) as usize).max(1);
        let single: Vec<_> =
            (0..positions).map(|index| Column::position(saturation, index)).collect();
        let cells = single.iter().flat_map(|column| column.cells);
        let effects = cells.filter_map(Cell::effect).collect();
        let joined = single.chunks(each).map(|some| some.iter().copied().reduce(Column::larger));
        let columns: Vec<Column> = joined.flatten().collect();
        // half a pixel is one dot of the PNG
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

    /// True if letters fit into the columns.
    pub fn letters(&self) -> bool {
        self.each == 1 && self.width >= LETTER
    }

    /// The axis of the positions, 1-based; a base extends by half a position to either side.
    pub fn axis(&self) -> Axis {
        let low = self.start + 0.5;
        let end = LEFT + self.columns.len() as f64 * self.width;
        let high = low + (self.columns.len() * self.each) as f64;
        Axis { low, high, start: LEFT, end }
    }
}

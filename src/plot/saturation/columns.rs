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
    /// Index of the base of the reference in ACGT; of several positions, that of the first.
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
    /// Effects of all single mutations. They set the scale of the colours, so that means of several
    /// positions look as weak as they are.
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

    /// The mean of the effects. Without one it is the reference if any cell is.
    fn mean(cells: impl Iterator<Item = Self> + Clone) -> Self {
        let effect = mean(cells.clone().filter_map(Self::effect));
        let other = match cells.clone().any(|cell| cell == Self::Reference) {
            true => Self::Reference,
            false => Self::Missing,
        };
        effect.map_or(other, Self::Effect)
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

    /// The column of several positions: the mean in each row, and of the letters. The largest
    /// magnitude would make a long stretch look as if every part of it mattered.
    fn mean(columns: &[Self]) -> Self {
        let letters = || columns.iter().filter_map(|column| column.logo);
        let height = mean(letters().map(|letter| letter.height));
        let logo = letters().next().zip(height);
        Self {
            logo: logo.map(|(letter, height)| LogoLetter { height, ..letter }),
            cells: std::array::from_fn(|row| {
                Cell::mean(columns.iter().map(move |column| column.cells[row]))
            }),
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
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
        let columns: Vec<Column> = match each {
            1 => single,
            _ => single.chunks(each).map(Column::mean).collect(),
        };
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

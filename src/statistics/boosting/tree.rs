//! A decision tree that lowers a loss.

use rayon::prelude::*;

use super::binned::{BINS, Binned};

/// Most splits between the root and a leaf.
const DEPTH: usize = 4;
/// Fewest rows of a leaf.
pub const FEWEST: u32 = 20;
/// Weight of the penalty: the objective has ½ value² for each leaf.
const PENALTY: f64 = 1.0;

/// First and second derivative of the loss of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Slope {
    pub first: f64,
    pub second: f64,
}

/// Sums of some rows.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    first: f64,
    second: f64,
    rows: u32,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.first += other.first;
        self.second += other.second;
        self.rows += other.rows;
    }

    fn without(self, other: Self) -> Self {
        Self {
            first: self.first - other.first,
            second: self.second - other.second,
            rows: self.rows - other.rows,
        }
    }

    /// Twice the loss that a leaf of these rows saves.
    fn saved(self) -> f64 {
        self.first.powi(2) / (self.second + PENALTY)
    }
}

/// A tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// The value of its rows.
    Leaf(f64),
    /// Rows of the first bins of a column, and the others.
    Split {
        column: usize,
        /// The last bin of the first branch.
        bin: u8,
        branches: Box<[Tree; 2]>,
    },
}

/// A split, with the loss that it saves.
#[derive(Debug, Clone, Copy)]
struct Split {
    gain: f64,
    column: usize,
    bin: u8,
}

impl Tree {
    /// Fits a tree to the slopes of some rows.
    pub fn fit(features: &Binned, slopes: &[Slope], rows: &[usize]) -> Self {
        let rows: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
        Self::grow(features, slopes, rows, DEPTH)
    }

    fn grow(features: &Binned, slopes: &[Slope], rows: Vec<u32>, depth: usize) -> Self {
        let mut all = Sums::default();
        rows.iter().for_each(|&row| all.add(one(slopes[row as usize])));
        let best = match depth {
            0 => None,
            _ => (0..features.width())
                .into_par_iter()
                .map(|column| best_of(features, column, slopes, &rows, all))
                .collect::<Vec<_>>()
                .into_iter()
                .flatten()
                // of equal ones the first column
                .reduce(|best, other| if other.gain > best.gain { other } else { best }),
        };
        let Some(Split { column, bin, .. }) = best else {
            return Self::Leaf(-all.first / (all.second + PENALTY));
        };
        let bins = features.column(column);
        let (left, right): (Vec<u32>, Vec<u32>) =
            rows.into_iter().partition(|&row| bins[row as usize] <= bin);
        let branches = [left, right].map(|rows| Self::grow(features, slopes, rows, depth - 1));
        Self::Split { column, bin, branches: Box::new(branches) }
    }

    /// True if it has no split.
    pub fn is_leaf(&self) -> bool {
        matches!(self, Self::Leaf(_))
    }

    /// The value of a row.
    pub fn value(&self, features: &Binned, row: usize) -> f64 {
        match self {
            Self::Leaf(value) => *value,
            Self::Split { column, bin, branches } => {
                let [left, right] = &**branches;
                let branch = if features.column(*column)[row] <= *bin { left } else { right };
                branch.value(features, row)
            }
        }
    }
}

fn one(Slope { first, second }: Slope) -> Sums {
    Sums { first, second, rows: 1 }
}

/// The best split by a column, if one saves anything.
fn best_of(
    features: &Binned,
    column: usize,
    slopes: &[Slope],
    rows: &[u32],
    all: Sums,
) -> Option<Split> {
    let count = features.count(column);
    if count < 2 || all.rows < 2 * FEWEST {
        return None;
    }
    let bins = features.column(column);
    let mut sums = [Sums::default(); BINS];
    for &row in rows {
        sums[usize::from(bins[row as usize])].add(one(slopes[row as usize]));
    }
    let mut left = Sums::default();
    let mut best: Option<Split> = None;
    for (bin, sums) in sums[..count - 1].iter().enumerate() {
        left.add(*sums);
        let right = all.without(left);
        if left.rows < FEWEST || right.rows < FEWEST || sums.rows == 0 {
            continue;
        }
        let gain = left.saved() + right.saved() - all.saved();
        // a gain of rounding alone is none
        if gain > best.map_or(1e-12 * all.saved(), |best| best.gain) {
            best = Some(Split { gain, column, bin: bin as u8 });
        }
    }
    best
}

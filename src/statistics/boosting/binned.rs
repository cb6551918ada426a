//! Values of a matrix as numbers of bins.

use rayon::prelude::*;

use crate::statistics::matrix::Matrix;

/// Most bins of a column.
pub const BINS: usize = 255;

/// Bins of the values of a matrix, column by column.
#[derive(Debug, Clone, PartialEq)]
pub struct Binned {
    /// For each column, the largest value of each bin but the last, ascending.
    edges: Vec<Vec<f32>>,
    /// For each column, the bin of each row.
    bins: Vec<Vec<u8>>,
    rows: usize,
}

impl Binned {
    /// Bins the values of a matrix by the first `count` rows: each value has its own bin, or the bins have
    /// about as many rows each if there are more than 255 values.
    pub fn of(matrix: &Matrix, count: usize) -> Self {
        let edges = |column: usize| {
            let mut values: Vec<f32> = (0..count).map(|i| matrix.row(i)[column]).collect();
            values.sort_unstable_by(f32::total_cmp);
            let mut distinct = values.clone();
            distinct.dedup();
            if distinct.len() <= BINS {
                return distinct.windows(2).map(|pair| f32::midpoint(pair[0], pair[1])).collect();
            }
            let at = |bin: usize| values[(bin * count / BINS).min(count - 1)];
            let mut edges: Vec<f32> = (1..BINS).map(at).collect();
            edges.dedup();
            edges
        };
        let edges: Vec<Vec<f32>> = (0..matrix.width()).into_par_iter().map(edges).collect();
        let empty = Self { edges, bins: Vec::new(), rows: 0 };
        empty.like(matrix)
    }

    /// Bins the values of another matrix with the same columns in the same way.
    #[must_use]
    pub fn like(&self, matrix: &Matrix) -> Self {
        let bins = |(column, edges): (usize, &Vec<f32>)| {
            let bin = |i| edges.partition_point(|edge| *edge < matrix.row(i)[column]) as u8;
            (0..matrix.rows()).map(bin).collect()
        };
        let bins = self.edges.par_iter().enumerate().map(bins).collect();
        Self { edges: self.edges.clone(), bins, rows: matrix.rows() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.bins.len()
    }

    /// The bin of each row of a column.
    pub fn column(&self, column: usize) -> &[u8] {
        &self.bins[column]
    }

    /// Number of bins of a column.
    pub fn count(&self, column: usize) -> usize {
        self.edges[column].len() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_bins() {
        let few = Matrix::new(vec![3.0, 1.0, 1.0, 7.0, 100.0], 1);
        let bins = Binned::of(&few, 4);
        assert_eq!((bins.column(0), bins.count(0)), (&[1, 0, 0, 2, 2][..], 3));
        assert_eq!(bins.like(&Matrix::new(vec![-9.0, 2.0, 2.1], 1)).column(0), [0, 0, 1]);
        let many: Vec<f32> = (0..10_000).map(|i| ((i * 7919) % 10_007) as f32).collect();
        let bins = Binned::of(&Matrix::new(many, 1), 10_000);
        assert_eq!(bins.count(0), BINS);
        let of = |bin: u8| bins.column(0).iter().filter(|&&other| other == bin).count();
        assert!((0..BINS).all(|bin| (37..=42).contains(&of(bin as u8))));
        let skewed: Vec<f32> = (0..1000).map(|i| if i < 900 { 0.0 } else { i as f32 }).collect();
        let skewed = [skewed, (0..400).map(|i| -(i as f32) - 1.0).collect()].concat();
        let bins = Binned::of(&Matrix::new(skewed, 1), 1400);
        assert!((60..BINS).contains(&bins.count(0)), "{}", bins.count(0));
    }
}

//! A matrix of features, and their standardisation.

/// Rows of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    values: Vec<f32>,
    width: usize,
}

impl Matrix {
    /// A matrix of row-major values.
    ///
    /// # Panics
    /// The number of values is not a multiple of `width`, which is above 0.
    pub fn new(values: Vec<f32>, width: usize) -> Self {
        assert!(values.len().is_multiple_of(width), "{} values of width {width}", values.len());
        Self { values, width }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.width
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// This matrix and another one, side by side.
    ///
    /// # Panics
    /// The numbers of rows differ.
    #[must_use]
    pub fn beside(&self, other: &Self) -> Self {
        assert_eq!(self.rows(), other.rows());
        let row = |i: usize| self.row(i).iter().chain(other.row(i));
        let values = (0..self.rows()).flat_map(row).copied().collect();
        Self::new(values, self.width + other.width)
    }

    /// A row.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.values[i * self.width..(i + 1) * self.width]
    }
}

/// Mean and inverse standard deviation of each column; the latter is 0 for a constant column.
#[derive(Debug, Clone, PartialEq)]
pub struct Standard {
    columns: Vec<[f64; 2]>,
}

impl Standard {
    /// Measures the columns in the first `count` rows of a matrix.
    pub fn of(matrix: &Matrix, count: usize) -> Self {
        let rows = count as f64;
        let first = &matrix.values[..count * matrix.width];
        let mut means = vec![0.0; matrix.width];
        let mut squares = vec![0.0; matrix.width];
        for row in first.chunks_exact(matrix.width) {
            means.iter_mut().zip(row).for_each(|(mean, x)| *mean += f64::from(*x) / rows);
        }
        for row in first.chunks_exact(matrix.width) {
            let deviations = row.iter().zip(&means).map(|(x, mean)| f64::from(*x) - mean);
            squares.iter_mut().zip(deviations).for_each(|(sum, d)| *sum += d * d / rows);
        }
        let inverse = |(mean, variance): (f64, f64)| {
            // a constant column has a deviation from rounding alone
            let is_constant = variance.sqrt() <= 1e-6 * mean.abs();
            [mean, if is_constant { 0.0 } else { 1.0 / variance.sqrt() }]
        };
        Self { columns: means.into_iter().zip(squares).map(inverse).collect() }
    }

    /// Subtracts the means and divides by the standard deviations.
    ///
    /// # Panics
    /// The matrix has another width than the measured one.
    pub fn apply(&self, matrix: &mut Matrix) {
        assert_eq!(matrix.width, self.columns.len());
        for row in matrix.values.chunks_exact_mut(matrix.width) {
            for (x, [mean, inverse]) in row.iter_mut().zip(&self.columns) {
                *x = ((f64::from(*x) - mean) * inverse) as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_standardised() {
        let mut matrix = Matrix::new(vec![1.0, 0.1, 3.0, 0.1, 5.0, 0.1, 3.0, 9.0], 2);
        Standard::of(&matrix, 3).apply(&mut matrix);
        let side = (1.5_f32).sqrt();
        for (got, expected) in (0..3).map(|i| matrix.row(i)).zip([-side, 0.0, side]) {
            assert!((got[0] - expected).abs() < 1e-6 && got[1] == 0.0, "{got:?}");
        }
        assert_eq!((matrix.rows(), matrix.width(), matrix.row(3)[0]), (4, 2, 0.0));
        let beside =
            Matrix::new(vec![1.0, 2.0], 1).beside(&Matrix::new(vec![3.0, 4.0, 5.0, 6.0], 2));
        assert_eq!(beside, Matrix::new(vec![1.0, 3.0, 4.0, 2.0, 5.0, 6.0], 3));
    }
}

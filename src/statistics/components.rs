//! Principal components of rows that are read in blocks: their means, their covariance, and the axes of the
//! largest variance. The result does not depend on the number of threads.

use rayon::prelude::*;

use super::symmetric::{self, Pair};

/// Most columns: their covariance and its tridiagonal form take some seconds for 1,024, minutes for these.
pub const MOST_COLUMNS: usize = 4096;

/// Means of columns.
#[derive(Debug, Clone)]
pub struct Means {
    sums: Vec<f64>,
    rows: u64,
}

impl Means {
    /// Starts with no rows of `width` columns.
    pub fn new(width: usize) -> Self {
        Self { sums: vec![0.0; width], rows: 0 }
    }

    /// Adds whole rows.
    pub fn add(&mut self, rows: &[f32]) {
        for row in rows.chunks_exact(self.sums.len()) {
            self.sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
            self.rows += 1;
        }
    }
}

/// Covariance of columns.
#[derive(Debug)]
pub struct Covariance {
    means: Vec<f64>,
    /// Sums of products of deviations: row `i` has those of column `i` with the columns from `i` on.
    sums: Vec<Vec<f64>>,
    rows: u64,
}

/// Scale of the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaling {
    /// Deviations from the mean.
    Centred,
    /// Deviations from the mean, divided by the standard deviation; 0 for a constant column.
    Standardised,
}

impl Covariance {
    /// Starts with no rows around some means.
    pub fn new(means: &Means) -> Self {
        let width = means.sums.len();
        Self {
            means: means.sums.iter().map(|sum| sum / means.rows as f64).collect(),
            sums: (0..width).map(|first| vec![0.0; width - first]).collect(),
            rows: 0,
        }
    }

    /// Adds whole rows: those that the means are of.
    pub fn add(&mut self, rows: &[f32]) {
        /// Columns that one thread computes at once.
        const COLUMNS: usize = 8;
        let width = self.means.len();
        let deviations: Vec<f64> = rows
            .chunks_exact(width)
            .flat_map(|row| row.iter().zip(&self.means).map(|(x, mean)| f64::from(*x) - mean))
            .collect();
        self.rows += (rows.len() / width) as u64;
        self.sums.par_iter_mut().with_min_len(COLUMNS).enumerate().for_each(|(first, sums)| {
            let mut fours = deviations.chunks_exact(4 * width);
            for four in &mut fours {
                // four rows at once, so that the sums are loaded once
                let (a, rest) = four.split_at(width);
                let (b, rest) = rest.split_at(width);
                let (c, d) = rest.split_at(width);
                let [p, q, r, s] = [a[first], b[first], c[first], d[first]];
                let rows = a[first..].iter().zip(&b[first..]).zip(&c[first..]).zip(&d[first..]);
                for (sum, (((a, b), c), d)) in sums.iter_mut().zip(rows) {
                    *sum += (p * a + q * b) + (r * c + s * d);
                }
            }
            for row in fours.remainder().chunks_exact(width) {
                let own = row[first];
                sums.iter_mut().zip(&row[first..]).for_each(|(sum, x)| *sum += own * x);
            }
        });
    }
}

/// The axes of the largest variance.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    means: Vec<f64>,
    /// Factor of each column after its mean is subtracted.
    factors: Vec<f64>,
    /// Axes of length 1, in the order of their variance; the first value of the largest magnitude is positive.
    axes: Vec<Vec<f64>>,
    /// Variance along each axis, of as many rows less one.
    pub variances: Vec<f64>,
    /// Sum of the variances of all columns.
    pub total: f64,
}

impl Components {
    /// The first `count` components. `None` if all rows are equal.
    ///
    /// # Panics
    /// There are fewer than two rows, or fewer columns than `count`.
    pub fn of(covariance: Covariance, scaling: Scaling, count: usize) -> Option<Self> {
        let Covariance { means, sums, rows } = covariance;
        assert!(rows > 1 && count <= means.len(), "{rows} rows, {count} components");
        let deviation = |i: usize| (sums[i][0] / rows as f64).sqrt();
        // a constant column may have a deviation of rounding, and one that varies by a step of f32 has more
        let is_constant = |i: usize| deviation(i) <= 1e-12 * means[i].abs();
        let factor = |i: usize| match scaling {
            _ if is_constant(i) => 0.0,
            Scaling::Centred => 1.0,
            Scaling::Standardised => 1.0 / deviation(i),
        };
        let factors: Vec<f64> = (0..means.len()).map(factor).collect();
        let value = |i: usize, j: usize| {
            let (first, second) = (i.min(j), i.max(j));
            factors[i] * factors[j] * sums[first][second - first] / (rows - 1) as f64
        };
        let matrix: Vec<Vec<f64>> =
            (0..means.len()).map(|i| (0..means.len()).map(|j| value(i, j)).collect()).collect();
        let total: f64 = (0..means.len()).map(|i| matrix[i][i]).sum();
        if total <= 0.0 {
            return None;
        }
        let (mut axes, mut variances) = (Vec::new(), Vec::new());
        for Pair { value, mut vector } in symmetric::largest(matrix, count) {
            // the direction of an axis without variance is one of rounding
            let has_variance = value > 1e-12 * total;
            let most = vector.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            // rounding does not choose between weights of the same magnitude
            let largest = vector.iter().find(|x| x.abs() >= (1.0 - 1e-9) * most).copied();
            let sign = f64::from(u8::from(has_variance)) * largest.unwrap_or(0.0).signum();
            vector.iter_mut().for_each(|x| *x *= sign);
            axes.push(vector);
            variances.push(if has_variance { value } else { 0.0 });
        }
        Some(Self { means, factors, axes, variances, total })
    }

    /// Share of the variance along each axis.
    pub fn shares(&self) -> Vec<f64> {
        self.variances.iter().map(|variance| variance / self.total).collect()
    }

    /// Coordinates of whole rows along the axes, row by row.
    pub fn project(&self, rows: &[f32]) -> Vec<f64> {
        let width = self.means.len();
        let project = |row: &[f32]| -> Vec<f64> {
            let columns = row.iter().zip(&self.means).zip(&self.factors);
            let scaled: Vec<f64> =
                columns.map(|((x, mean), factor)| (f64::from(*x) - mean) * factor).collect();
            let along = |axis: &Vec<f64>| axis.iter().zip(&scaled).map(|(a, x)| a * x).sum();
            self.axes.iter().map(along).collect()
        };
        rows.par_chunks(width).map(project).flatten_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 5;

    /// 20 rows of the columns `x_ij = ((7 + 3 j) i + 5 j² + i²) mod 23 / 11 - 1`, the third times 4.
    fn rows() -> Vec<f32> {
        let of = |i: usize, j: usize| {
            let x = ((i * (7 + 3 * j) + j * j * 5 + i * i) % 23) as f32 / 11.0 - 1.0;
            if j == 2 { 4.0 * x } else { x }
        };
        (0..20).flat_map(|i| (0..WIDTH).map(move |j| of(i, j))).collect()
    }

    fn components(
        rows: &[f32],
        width: usize,
        scaling: Scaling,
        count: usize,
    ) -> Option<Components> {
        let mut means = Means::new(width);
        let mut covariance = {
            rows.chunks(3 * width).for_each(|block| means.add(block));
            Covariance::new(&means)
        };
        rows.chunks(7 * width).for_each(|block| covariance.add(block));
        Components::of(covariance, scaling, count)
    }

    fn assert_close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    /// scikit-learn 1.9.1 on the same numbers `x` in f64: `p = PCA(3, svd_solver="full").fit(x)`, then
    /// `p.explained_variance_ratio_` and `p.transform(x)[[0, 1, 19]]`; the same of
    /// `StandardScaler().fit_transform(x)`.
    #[test]
    fn components_are_those_of_scikit_learn() {
        let rows = rows();
        for (scaling, shares, places) in [
            (
                Scaling::Centred,
                [0.8843367311798281, 0.046424618564607, 0.03182682056269837],
                [
                    [3.014818732143733, 1.3686565225432745, -0.15511437996733177],
                    [-0.16881865556081982, -0.027588219468060518, -0.14034927342258585],
                    [-1.7483923657839326, 0.9084116354405571, 0.3756791242793718],
                ],
            ),
            (
                Scaling::Standardised,
                [0.33317560307543853, 0.2773489515091072, 0.18811993171216923],
                [
                    [-0.12786489933502146, 2.7411123489750935, -0.6529379665553602],
                    [0.7061706853841277, 0.3432669049902567, -0.32156862706791745],
                    [-1.768427619064923, 1.1372280598573068, 0.46370820792180406],
                ],
            ),
        ] {
            let found = components(&rows, WIDTH, scaling, 3).unwrap();
            assert_close(&found.shares(), &shares);
            let all = found.project(&rows);
            let chosen: Vec<f64> =
                [0, 1, 19].iter().flat_map(|&i| all[3 * i..3 * i + 3].to_vec()).collect();
            assert_close(&chosen, &places.concat());
        }
    }

    #[test]
    fn constant_columns_and_equal_rows() {
        let with_constant: Vec<f32> =
            rows().chunks(WIDTH).flat_map(|row| [row[0], 0.3, row[1]]).collect();
        for scaling in [Scaling::Centred, Scaling::Standardised] {
            let found = components(&with_constant, 3, scaling, 3).unwrap();
            assert!(found.axes[..2].iter().all(|axis| axis[1].abs() < 1e-12), "{found:?}");
            assert_eq!((found.variances[2], &found.axes[2][..]), (0.0, &[0.0; 3][..]));
            assert!((found.shares().iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert_eq!(components(&[0.1; 12], 3, scaling, 2), None);
        }
        // a column of large numbers that vary little is not constant
        let near: Vec<f32> = (0..50).map(|i| 1e6 + 0.0625 * (i % 2) as f32).collect();
        let found = components(&near, 1, Scaling::Standardised, 1).unwrap();
        assert!((found.project(&near)[1] - 1.0).abs() < 1e-9, "{found:?}");
        // of equal weights the first is positive
        let falling = components(&[0.0, 3.0, 1.0, 2.0, 2.0, 1.0], 2, Scaling::Centred, 1).unwrap();
        assert!(falling.axes[0][0] > 0.7 && falling.axes[0][1] < -0.7, "{falling:?}");
        let line = components(&[1.0, 2.0, 4.0, 3.0], 1, Scaling::Centred, 1).unwrap();
        assert_close(&line.project(&[1.0, 4.0]), &[-1.5, 1.5]);
        assert_close(&line.variances, &[5.0 / 3.0]);
    }

    /// Any number of threads gives the same bits.
    #[test]
    fn threads_do_not_change_the_components() {
        let noise = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
        let rows: Vec<f32> = (0..200 * 70).map(noise).collect();
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let found = components(&rows, 70, Scaling::Standardised, 10).unwrap();
                let places = found.project(&rows);
                (found, places)
            })
        };
        assert_eq!(with(1), with(3));
    }
}

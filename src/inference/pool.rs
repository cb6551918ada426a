//! Pooling of a sequence's hidden states.

/// Pooling of the rows of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Pool {
    /// The mean over the bases
    #[default]
    Mean,
    /// The largest value of each channel
    Max,
    /// The first base in reading direction
    First,
    /// The last base in reading direction: the only one computed from all others
    Last,
    /// No pooling: one row for each base, in the order of the reference
    None,
}

/// Rows of hidden states of one piece, pooled or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    /// Row-major values.
    pub values: Vec<f32>,
    /// Number of bases pooled.
    pub bases: usize,
}

impl Pool {
    /// Pools row-major `rows` of `width` numbers; there is at least one row.
    pub fn pool(self, rows: &[f32], width: usize) -> Vec<f32> {
        let each = rows.chunks_exact(width);
        match self {
            Self::Mean => {
                let mut sums = vec![0.0_f64; width];
                for row in each {
                    sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
                }
                let bases = (rows.len() / width) as f64;
                sums.into_iter().map(|sum| (sum / bases) as f32).collect()
            }
            Self::Max => {
                let mut largest = vec![f32::MIN; width];
                for row in each {
                    // NaN must not get lost
                    let larger = |a: f32, b: f32| if a >= b { a } else { b };
                    largest.iter_mut().zip(row).for_each(|(most, x)| *most = larger(*most, *x));
                }
                largest
            }
            Self::First => rows[..width].to_vec(),
            Self::Last => rows[rows.len() - width..].to_vec(),
            Self::None => rows.to_vec(),
        }
    }

    /// Joins the pooled pieces of one sequence, in reading order. Without pieces the result is one
    /// row of NaN, or no rows for [`Pool::None`].
    pub fn join(self, pieces: &[Pooled], width: usize) -> Vec<f32> {
        match (self, pieces) {
            (Self::None, _) => pieces.iter().flat_map(|p| &p.values).copied().collect(),
            (_, []) => vec![f32::NAN; width],
            (Self::First, [first, ..]) => first.values.clone(),
            (Self::Last, [.., last]) => last.values.clone(),
            (Self::Max, _) => {
                let largest =
                    |i: usize| pieces.iter().map(|p| p.values[i]).fold(f32::MIN, f32::max);
                (0..width).map(largest).collect()
            }
            (Self::Mean, [single]) => single.values.clone(),
            (Self::Mean, _) => {
                let bases: usize = pieces.iter().map(|p| p.bases).sum();
                let sum = |i: usize| -> f64 {
                    pieces.iter().map(|p| f64::from(p.values[i]) * p.bases as f64).sum()
                };
                (0..width).map(|i| (sum(i) / bases as f64) as f32).collect()
            }
        }
    }
}

/// Reverses the order of row-major rows: from the order of the reverse strand to that of the
/// reference.
pub fn reverse_rows(values: &[f32], width: usize) -> Vec<f32> {
    values.chunks_exact(width.max(1)).rev().flatten().copied().collect()
}

/// The mean of the two strands, number by number.
pub fn mean_of_strands(forward: &[f32], reverse: &[f32]) -> Vec<f32> {
    forward.iter().zip(reverse).map(|(a, b)| (a + b) / 2.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined() {
        let pieces = [
            Pooled { values: vec![1.0, 5.0], bases: 3 },
            Pooled { values: vec![5.0, 1.0], bases: 1 },
        ];
        assert_eq!(Pool::Mean.join(&pieces, 2), [2.0, 4.0]);
        assert_eq!(Pool::Max.join(&pieces, 2), [5.0, 5.0]);
        assert_eq!(Pool::First.join(&pieces, 2), [1.0, 5.0]);
        assert_eq!(Pool::Last.join(&pieces, 2), [5.0, 1.0]);
        assert_eq!(Pool::None.join(&pieces, 2), [1.0, 5.0, 5.0, 1.0]);
        assert!(Pool::Mean.join(&[], 2).iter().all(|x| x.is_nan()));
        assert!(Pool::None.join(&[], 2).is_empty());
    }

    #[test]
    fn rows_are_pooled() {
        let rows = [1.0, 5.0, 3.0, 1.0, 2.0, 3.0];
        assert_eq!(Pool::Mean.pool(&rows, 2), [2.0, 3.0]);
        assert_eq!(Pool::Max.pool(&rows, 2), [3.0, 5.0]);
        assert_eq!(Pool::First.pool(&rows, 2), [1.0, 5.0]);
        assert_eq!(Pool::Last.pool(&rows, 2), [2.0, 3.0]);
        assert_eq!(Pool::None.pool(&rows, 2), rows);
        assert!(Pool::Max.pool(&[1.0, f32::NAN], 1)[0].is_nan());
    }

    #[test]
    fn strands_are_aligned() {
        assert_eq!(reverse_rows(&[1.0, 2.0, 3.0, 4.0], 2), [3.0, 4.0, 1.0, 2.0]);
        assert_eq!(mean_of_strands(&[1.0], &[2.0]), [1.5]);
    }
}

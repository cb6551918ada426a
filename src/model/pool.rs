//! Pooling of a sequence's hidden states.

use std::{fmt, num::NonZeroUsize, ops::Range, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Pooling of the rows of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pool {
    /// The mean over the bases.
    #[default]
    Mean,
    /// The largest value of each channel.
    Max,
    /// The first base in reading direction.
    First,
    /// The last base in reading direction: the only one computed from all others.
    Last,
    /// The means of so many equal parts, first in reading direction first, side by side.
    Bins(NonZeroUsize),
    /// No pooling: one row for each base, in the order of the reference.
    None,
}

/// Most parts of [`Pool::Bins`].
pub const MOST_BINS: usize = 4096;

/// Values of `--pool` with their descriptions, without `bins:K`, which shells cannot complete.
pub const CHOICES: [(&str, &str); 5] = [
    ("mean", "The mean over the bases"),
    ("max", "The largest value of each channel"),
    ("first", "The first base in reading direction"),
    ("last", "The last base in reading direction: the only one computed from all others"),
    ("none", "No pooling: one row for each base, in the order of the reference"),
];

impl FromStr for Pool {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "mean" => Self::Mean,
            "max" => Self::Max,
            "first" => Self::First,
            "last" => Self::Last,
            "none" => Self::None,
            _ => match text.strip_prefix("bins:") {
                Some(number) => Self::Bins(
                    number
                        .parse::<NonZeroUsize>()
                        .ok()
                        .filter(|bins| bins.get() <= MOST_BINS)
                        .ok_or_else(|| {
                            format!("expected bins:K with K from 1 to {MOST_BINS}, such as bins:8")
                        })?,
                ),
                None => {
                    let names = CHOICES.map(|(name, _)| name);
                    return Err(format!("expected {} or bins:K", names.join(", ")));
                }
            },
        })
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => f.write_str("mean"),
            Self::Max => f.write_str("max"),
            Self::First => f.write_str("first"),
            Self::Last => f.write_str("last"),
            Self::Bins(bins) => write!(f, "bins:{bins}"),
            Self::None => f.write_str("none"),
        }
    }
}

impl Serialize for Pool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'a> Deserialize<'a> for Pool {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Place of the rows of a piece among all bases that are pooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Number of pooled bases before the piece, in reading direction.
    pub before: usize,
    /// Number of pooled bases of all pieces.
    pub whole: usize,
}

/// Rows of hidden states of one piece, pooled or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    /// Row-major values; 0 for a part without a base in the piece.
    pub values: Vec<f32>,
    /// Number of bases pooled into each part; a single number unless there are bins.
    pub bases: Vec<usize>,
}

/// The bases of part `part` of `parts` equal ones of `length` bases, 0-based and half-open. Of a
/// remainder the first parts have one base more each, as in `numpy.array_split`; with fewer bases
/// than parts the last parts are empty.
pub fn part(part: usize, parts: usize, length: usize) -> Range<usize> {
    let start = |part: usize| part * (length / parts) + part.min(length % parts);
    start(part)..start(part + 1)
}

impl Pool {
    /// Number of vectors in a row.
    pub fn parts(self) -> usize {
        match self {
            Self::Bins(bins) => bins.get(),
            _ => 1,
        }
    }

    /// Pools row-major `rows` of `width` numbers, which lie at `stretch`; there is at least one row.
    pub fn pool(self, rows: &[f32], width: usize, stretch: Stretch) -> Pooled {
        let count = rows.len() / width;
        let row = |i: usize| &rows[i * width..(i + 1) * width];
        let values = match self {
            Self::Mean => mean(rows, width),
            Self::Bins(bins) => return pool_bins(bins.get(), rows, width, stretch),
            Self::Max => {
                let mut largest = vec![f32::MIN; width];
                for row in rows.chunks_exact(width) {
                    // NaN must not get lost
                    let larger = |a: f32, b: f32| if a >= b { a } else { b };
                    largest.iter_mut().zip(row).for_each(|(most, x)| *most = larger(*most, *x));
                }
                largest
            }
            Self::First => row(0).to_vec(),
            Self::Last => row(count - 1).to_vec(),
            Self::None => rows.to_vec(),
        };
        Pooled { values, bases: vec![count] }
    }

    /// Joins the pooled pieces of one sequence, in reading order. Without pieces the result is one
    /// row of NaN, or no rows for [`Pool::None`]; a part without a base is NaN.
    pub fn join(self, pieces: &[Pooled], width: usize) -> Vec<f32> {
        match (self, pieces) {
            (Self::None, _) => pieces.iter().flat_map(|p| &p.values).copied().collect(),
            (_, []) => vec![f32::NAN; width * self.parts()],
            (Self::First, [first, ..]) => first.values.clone(),
            (Self::Last, [.., last]) => last.values.clone(),
            (Self::Max, _) => {
                let largest =
                    |i: usize| pieces.iter().map(|p| p.values[i]).fold(f32::MIN, f32::max);
                (0..width).map(largest).collect()
            }
            (Self::Mean | Self::Bins(_), _) => {
                (0..self.parts()).flat_map(|part| join_means(part, pieces, width)).collect()
            }
        }
    }
}

/// The mean of row-major `rows`; there is at least one.
fn mean(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f64; width];
    for row in rows.chunks_exact(width) {
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
    }
    let bases = (rows.len() / width) as f64;
    sums.into_iter().map(|sum| (sum / bases) as f32).collect()
}

/// The mean of each of `bins` parts of the whole, over the rows in it.
fn pool_bins(bins: usize, rows: &[f32], width: usize, stretch: Stretch) -> Pooled {
    let Stretch { before, whole } = stretch;
    let after = before + rows.len() / width;
    let (mut values, mut bases) = (Vec::with_capacity(bins * width), Vec::with_capacity(bins));
    for bin in 0..bins {
        let part = part(bin, bins, whole);
        let (start, end) = (part.start.clamp(before, after), part.end.clamp(before, after));
        bases.push(end - start);
        if start < end {
            values.extend(mean(&rows[(start - before) * width..(end - before) * width], width));
        } else {
            values.resize(values.len() + width, 0.0);
        }
    }
    Pooled { values, bases }
}

/// The mean of part `part` over the bases of all pieces; NaN without a base.
fn join_means(part: usize, pieces: &[Pooled], width: usize) -> impl Iterator<Item = f32> {
    let bases: usize = pieces.iter().map(|p| p.bases[part]).sum();
    let sum = move |i: usize| -> f64 {
        pieces.iter().map(|p| f64::from(p.values[i]) * p.bases[part] as f64).sum()
    };
    (part * width..(part + 1) * width).map(move |i| (sum(i) / bases as f64) as f32)
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

/// Row-major matrices with as many rows, side by side; each has rows of `width` numbers.
pub fn side_by_side(matrices: Vec<Vec<f32>>, width: usize) -> Vec<f32> {
    if let [_] = matrices.as_slice() {
        return matrices.into_iter().flatten().collect();
    }
    let mut rows: Vec<_> = matrices.iter().map(|matrix| matrix.chunks_exact(width)).collect();
    let mut joined = Vec::with_capacity(matrices.iter().map(Vec::len).sum());
    for _ in 0..rows.first().map_or(0, ExactSizeIterator::len) {
        rows.iter_mut().filter_map(Iterator::next).for_each(|row| joined.extend(row));
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pooled(pool: Pool, rows: &[f32]) -> Vec<f32> {
        pool.pool(rows, 2, Stretch { before: 0, whole: rows.len() / 2 }).values
    }

    fn bins(bins: usize) -> Pool {
        Pool::Bins(NonZeroUsize::new(bins).unwrap())
    }

    #[test]
    fn pieces_are_joined() {
        let pieces = [
            Pooled { values: vec![1.0, 5.0], bases: vec![3] },
            Pooled { values: vec![5.0, 1.0], bases: vec![1] },
        ];
        assert_eq!(Pool::Mean.join(&pieces, 2), [2.0, 4.0]);
        assert_eq!(Pool::Max.join(&pieces, 2), [5.0, 5.0]);
        assert_eq!(Pool::First.join(&pieces, 2), [1.0, 5.0]);
        assert_eq!(Pool::Last.join(&pieces, 2), [5.0, 1.0]);
        assert_eq!(Pool::None.join(&pieces, 2), [1.0, 5.0, 5.0, 1.0]);
        assert!(Pool::Mean.join(&[], 2).iter().all(|x| x.is_nan()));
        assert!(Pool::None.join(&[], 2).is_empty());
        let empty = bins(3).join(&[], 2);
        assert!(empty.len() == 6 && empty.iter().all(|x| x.is_nan()));
    }

    #[test]
    fn rows_are_pooled() {
        let rows = [1.0, 5.0, 3.0, 1.0, 2.0, 3.0];
        assert_eq!(pooled(Pool::Mean, &rows), [2.0, 3.0]);
        assert_eq!(pooled(Pool::Max, &rows), [3.0, 5.0]);
        assert_eq!(pooled(Pool::First, &rows), [1.0, 5.0]);
        assert_eq!(pooled(Pool::Last, &rows), [2.0, 3.0]);
        assert_eq!(pooled(Pool::None, &rows), rows);
        assert_eq!(pooled(bins(2), &rows), [2.0, 3.0, 2.0, 3.0]);
        assert_eq!(pooled(bins(3), &rows), rows);
        let one = Stretch { before: 0, whole: 2 };
        assert!(Pool::Max.pool(&[1.0, f32::NAN], 1, one).values[0].is_nan());
    }

    /// Of a remainder the first parts have one base more.
    #[test]
    fn parts_are_equal() {
        let lengths = |parts: usize, length: usize| -> Vec<usize> {
            (0..parts).map(|i| part(i, parts, length).len()).collect()
        };
        assert_eq!(lengths(3, 9), [3, 3, 3]);
        assert_eq!(lengths(4, 11), [3, 3, 3, 2]);
        assert_eq!(lengths(4, 9), [3, 2, 2, 2]);
        assert_eq!(lengths(4, 2), [1, 1, 0, 0]);
        assert_eq!(part(1, 4, 9), 3..5);
    }

    #[test]
    fn a_part_without_a_base_is_nan() {
        let piece = bins(3).pool(&[1.0, 2.0], 1, Stretch { before: 0, whole: 2 });
        let joined = bins(3).join(&[piece], 1);
        assert!(joined[..2] == [1.0, 2.0] && joined[2].is_nan());
    }

    proptest! {
        /// Bins do not depend on where a sequence is split into pieces, and one bin is the mean.
        #[test]
        fn bins_of_pieces_are_those_of_the_whole(
            rows in proptest::collection::vec(-9.0_f32..9.0, 1..60), split in 0usize..60,
            count in 1usize..9,
        ) {
            let whole = rows.len();
            let split = split.min(whole);
            let pool = bins(count);
            let pieces: Vec<Pooled> = [(0, &rows[..split]), (split, &rows[split..])]
                .into_iter()
                .filter(|(_, rows)| !rows.is_empty())
                .map(|(before, rows)| pool.pool(rows, 1, Stretch { before, whole }))
                .collect();
            let got = pool.join(&pieces, 1);
            prop_assert_eq!(got.len(), count);
            for (bin, got) in got.iter().enumerate() {
                let part = &rows[part(bin, count, whole)];
                if part.is_empty() {
                    prop_assert!(got.is_nan());
                } else {
                    prop_assert!((got - mean(part, 1)[0]).abs() < 1e-5);
                }
            }
            if count == 1 {
                prop_assert!((got[0] - mean(&rows, 1)[0]).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn names_are_parsed_and_printed() {
        for name in ["mean", "max", "first", "last", "none", "bins:1", "bins:4096"] {
            assert_eq!(name.parse::<Pool>().unwrap().to_string(), name);
        }
        for wrong in ["", "Mean", "bins", "bins:", "bins:0", "bins:-1", "bins:x", "bins:4097"] {
            assert!(wrong.parse::<Pool>().unwrap_err().contains("bins:K"), "{wrong}");
        }
    }

    #[test]
    fn strands_are_aligned() {
        assert_eq!(reverse_rows(&[1.0, 2.0, 3.0, 4.0], 2), [3.0, 4.0, 1.0, 2.0]);
        assert_eq!(mean_of_strands(&[1.0], &[2.0]), [1.5]);
    }

    #[test]
    fn matrices_lie_side_by_side() {
        let matrices = vec![vec![1.0, 2.0, 3.0, 4.0], vec![5.0, 6.0, 7.0, 8.0]];
        assert_eq!(side_by_side(matrices.clone(), 2), [1.0, 2.0, 5.0, 6.0, 3.0, 4.0, 7.0, 8.0]);
        assert_eq!(side_by_side(matrices[..1].to_vec(), 2), matrices[0]);
        assert!(side_by_side(vec![Vec::new(), Vec::new()], 2).is_empty());
    }
}

//! Sums, entropies and divergences of rows, made where the rows are.

use std::ops::Range;

use tch::{Device, Kind, TchError, Tensor};

use crate::model::libtorch::transfer::upload;

/// Rows that one thread of a GPU adds up.
const PIECE: i64 = 512;
/// Rows that are in memory in f64 at once.
const CHUNK: i64 = 1 << 16;

/// Indexes on a device.
///
/// # Errors
/// It has no memory left.
pub fn indexes(indexes: &[i64], device: Device) -> Result<Tensor, TchError> {
    upload(&Tensor::f_from_slice(indexes)?, device)
}

/// What is made of the numbers of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Their sum, in f64.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

/// Folds segments of `values` (n, …), which have these lengths and follow each other.
///
/// # Errors
/// The device has no memory left.
pub fn segments(values: &Tensor, lengths: &[i64], fold: Fold) -> Result<Tensor, TchError> {
    let (name, initial) = match fold {
        Fold::Sum => ("sum", 0.0),
        Fold::Max => ("max", f64::NEG_INFINITY),
        Fold::Min => ("min", f64::INFINITY),
    };
    let lengths = indexes(lengths, values.device())?;
    // the lengths are not checked again, which would have to wait for the device
    Tensor::f_segment_reduce(values, name, Some(&lengths), None, None, 0, true, initial)
}

/// Folds ranges of rows (rows, D), which may overlap and be empty: (ranges, D), in f64 for a sum.
///
/// # Errors
/// The device has no memory left.
pub fn ranges(rows: &Tensor, ranges: &[Range<i64>], fold: Fold) -> Result<Tensor, TchError> {
    let kind = if fold == Fold::Sum { Kind::Double } else { rows.kind() };
    // a thread adds up a piece; then the pieces of each range are few
    let mut pieces: Vec<Range<i64>> = Vec::new();
    let mut counts: Vec<i64> = Vec::with_capacity(ranges.len());
    for range in ranges {
        let before = pieces.len();
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start + PIECE);
            pieces.push(start..end);
            start = end;
        }
        counts.push((pieces.len() - before) as i64);
    }
    let mut folded: Vec<Tensor> = Vec::new();
    let mut rest = pieces.as_slice();
    while !rest.is_empty() {
        let mut size = 0;
        let count = rest
            .iter()
            .take_while(|piece| {
                size += piece.end - piece.start;
                size <= CHUNK
            })
            .count()
            .max(1);
        let (now, later) = rest.split_at(count);
        let own: Vec<i64> = now.iter().cloned().flatten().collect();
        let lengths: Vec<i64> = now.iter().map(|piece| piece.end - piece.start).collect();
        let own = match now.windows(2).all(|pair| pair[0].end == pair[1].start) {
            true => rows.f_narrow(0, now[0].start, own.len() as i64)?,
            false => rows.f_index_select(0, &indexes(&own, rows.device())?)?,
        };
        folded.push(segments(&own.f_to_kind(kind)?, &lengths, fold)?);
        rest = later;
    }
    if folded.is_empty() {
        let shape = [ranges.len() as i64, rows.size()[1]];
        return Tensor::f_zeros(shape, (kind, rows.device()));
    }
    segments(&Tensor::f_cat(&folded, 0)?, &counts, fold)
}

/// log P of a token after each of some rows: (n), from predictions (rows, vocabulary).
///
/// # Errors
/// The device has no memory left.
pub fn log_probabilities(
    predictions: &Tensor,
    rows: &[i64],
    tokens: &[i64],
) -> Result<Tensor, TchError> {
    let device = predictions.device();
    let vocabulary = predictions.size()[1];
    let places: Vec<i64> =
        rows.iter().zip(tokens).map(|(row, token)| row * vocabulary + token).collect();
    predictions.f_flatten(0, -1)?.f_index_select(0, &indexes(&places, device)?)
}

/// Entropy of the predictions of each of some rows: (n), in f64 and nats. See
/// [`entropy`](crate::scoring::distribution::entropy).
///
/// # Errors
/// The device has no memory left.
pub fn entropies(predictions: &Tensor, rows: &[i64]) -> Result<Tensor, TchError> {
    in_chunks(rows, predictions.device(), |rows| {
        let p = predictions.f_index_select(0, rows)?.f_to_kind(Kind::Double)?.f_exp()?;
        p.f_special_entr()?.f_sum_dim_intlist([1_i64].as_slice(), false, Kind::Double)
    })
}

/// Jensen–Shannon divergence of the predictions of pairs of rows: (n), in f64 and nats. See
/// [`jensen_shannon`](crate::scoring::distribution::jensen_shannon).
///
/// # Errors
/// The device has no memory left.
pub fn divergences(predictions: &Tensor, pairs: [&[i64]; 2]) -> Result<Tensor, TchError> {
    let [one, other] = pairs;
    let device = predictions.device();
    let others = indexes(other, device)?;
    let mut first = 0;
    in_chunks(one, device, |one| {
        let count = one.size()[0];
        let other = others.f_narrow(0, first, count)?;
        first += count;
        let of = |rows: &Tensor| predictions.f_index_select(0, rows)?.f_to_kind(Kind::Double);
        let (log_p, log_q) = (of(one)?, of(&other)?);
        let (p, q) = (log_p.f_exp()?, log_q.f_exp()?);
        let log_m = p.f_add(&q)?.f_mul_scalar(0.5)?.f_log()?;
        // where p is 0 its logarithm does not count
        let term = |p: &Tensor, log_p: &Tensor| {
            let term = p.f_mul(&log_p.f_sub(&log_m)?)?;
            term.f_masked_fill(&p.f_eq(0.0)?, 0.0)
        };
        let both = term(&p, &log_p)?.f_add(&term(&q, &log_q)?)?;
        let sum = both.f_sum_dim_intlist([1_i64].as_slice(), false, Kind::Double)?;
        // rounding may give a sum below 0
        sum.f_mul_scalar(0.5)?.f_clamp_min(0.0)
    })
}

/// Joins what is made of some rows at a time.
fn in_chunks(
    rows: &[i64],
    device: Device,
    mut make: impl FnMut(&Tensor) -> Result<Tensor, TchError>,
) -> Result<Tensor, TchError> {
    let all = indexes(rows, device)?;
    let count = rows.len() as i64;
    let mut made = Vec::new();
    let mut first = 0;
    while first < count {
        let size = CHUNK.min(count - first);
        made.push(make(&all.f_narrow(0, first, size)?)?);
        first += size;
    }
    match made.is_empty() {
        true => Tensor::f_zeros([0], (Kind::Double, device)),
        false => Tensor::f_cat(&made, 0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        model::testing::Normal,
        scoring::distribution::{entropy, jensen_shannon},
    };

    fn doubles(tensor: &Tensor) -> Vec<f64> {
        Vec::<f64>::try_from(tensor.flatten(0, -1).to_kind(Kind::Double)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn ranges_are_folded(
            bounds in prop::collection::vec((0_i64..2000, 0_i64..1500), 1..12),
        ) {
            let rows = Normal::new(3).tensor(&[2000, 2], Kind::Float);
            let wanted: Vec<Range<i64>> =
                bounds.iter().map(|&(start, count)| start..(start + count).min(2000)).collect();
            let values = doubles(&rows);
            let sums = doubles(&ranges(&rows, &wanted, Fold::Sum).unwrap());
            let most = doubles(&ranges(&rows, &wanted, Fold::Max).unwrap());
            for (number, range) in wanted.iter().enumerate() {
                for channel in 0..2 {
                    let own = range.clone().map(|row| values[2 * row as usize + channel]);
                    let sum: f64 = own.clone().sum();
                    let place = 2 * number + channel;
                    prop_assert!((sums[place] - sum).abs() < 1e-9, "{} {sum}", sums[place]);
                    let largest = own.fold(f64::NEG_INFINITY, f64::max);
                    prop_assert!(most[place] == largest || range.is_empty());
                }
            }
        }
    }

    #[test]
    fn distributions_are_those_of_the_host() {
        let logits = Normal::new(5).tensor(&[40, 16], Kind::Float) * 3.0;
        // a token that is never predicted
        let logits = logits.index_fill(1, &Tensor::from_slice(&[2_i64]), f64::NEG_INFINITY);
        let predictions = logits.log_softmax(-1, Kind::Float);
        let values = Vec::<f32>::try_from(predictions.flatten(0, -1)).unwrap();
        let row = |row: i64| &values[16 * row as usize..][..16];
        let (one, other): (Vec<i64>, Vec<i64>) = ((0..40).collect(), (0..40).rev().collect());
        let found = doubles(&divergences(&predictions, [&one, &other]).unwrap());
        let entropies = doubles(&entropies(&predictions, &other).unwrap());
        let tokens: Vec<i64> = (0..40).map(|i| 7 + i % 4).collect();
        let read = doubles(&log_probabilities(&predictions, &one, &tokens).unwrap());
        for i in 0..40 {
            let want = jensen_shannon(row(one[i]), row(other[i]));
            assert!((found[i] - want).abs() < 1e-12, "{} {want}", found[i]);
            assert!((entropies[i] - entropy(row(other[i]))).abs() < 1e-7);
            assert_eq!(read[i], f64::from(row(one[i])[tokens[i] as usize]));
        }
        assert!(doubles(&divergences(&predictions, [&[], &[]]).unwrap()).is_empty());
    }
}

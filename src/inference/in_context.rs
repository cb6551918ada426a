//! Classes as letters after sequences: the text of demonstrations, and predictions of the letter that
//! follows a query.

use super::{
    computed::EngineError,
    engine::Engine,
    family::{Branch, Family},
};
use crate::model::{cpu::Depth, tokenizer::SEPARATOR};

/// Fewest rows of queries that are computed with a common start, in tokens.
const LEAST: usize = 1 << 15;
/// Number of queries' rows for each row of the start, which is computed again with others.
const SHARE: usize = 8;
/// Most rows of queries that are computed with a common start, in tokens.
const MOST: usize = 1 << 18;

/// Bytes of sequences with the letters of their classes: `sequence letter [SEP]` for each.
pub fn demonstrations<'a>(shown: impl IntoIterator<Item = (&'a [u8], u8)>) -> Vec<u8> {
    let mut text = Vec::new();
    for (bases, letter) in shown {
        text.extend_from_slice(bases);
        text.extend([letter, SEPARATOR]);
    }
    text
}

/// log P of each token of the vocabulary, in nats, after `start` and each of `queries`, which have a base
/// at least. The part of a pass that queries have in common is computed once for many.
///
/// # Errors
/// Start and query are longer than the context, or the model cannot compute them.
pub fn after_queries(
    engine: &mut Engine,
    start: &[u8],
    queries: &[&[u8]],
) -> Result<Vec<Vec<f32>>, EngineError> {
    // no branch of a family is longer than its sequence
    let mut order: Vec<usize> = (0..queries.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(queries[i].len()));
    let groups = groups(&order, queries, start.len());
    let firsts: Vec<Vec<u8>> =
        groups.iter().map(|group| [start, queries[group[0]]].concat()).collect();
    let branch = |&i: &usize| Branch { from: start.len(), bases: queries[i] };
    let families = groups.iter().zip(&firsts).map(|(group, first)| Family {
        bases: first,
        branches: group[1..].iter().map(branch).collect(),
    });
    let families: Vec<Family<'_>> = families.collect();
    let rows = engine.each_family(&families, Depth::Predictions, |number, computed| {
        let last = |(member, &query): (usize, &usize)| {
            let end = start.len() + queries[query].len();
            computed.predictions(member, end - 1..end).to_vec()
        };
        groups[number].iter().enumerate().map(last).collect::<Vec<_>>()
    })?;
    let mut found = vec![Vec::new(); queries.len()];
    for (&query, row) in groups.iter().copied().flatten().zip(rows.into_iter().flatten()) {
        if !row.iter().all(|x| x.is_finite()) {
            return Err(EngineError::NotFinite { length: start.len() + queries[query].len() });
        }
        found[query] = row;
    }
    Ok(found)
}

/// Queries that are computed together, longest first; each on its own if they have no common start.
fn groups<'a>(order: &'a [usize], queries: &[&[u8]], start: usize) -> Vec<&'a [usize]> {
    let most = if start == 0 { 0 } else { (SHARE * start).clamp(LEAST, MOST) };
    let mut groups = Vec::new();
    let mut rest = order;
    while !rest.is_empty() {
        let mut rows = 0;
        let fits = rest.iter().take_while(|&&i| {
            rows += queries[i].len();
            rows <= most
        });
        let (group, others) = rest.split_at(fits.count().max(1));
        groups.push(group);
        rest = others;
    }
    groups
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind, Tensor};

    use super::*;
    use crate::{
        inference::computed::Limits,
        model::{
            network::{HyenaDna, fft::SpectrumCache, leaves::Precision},
            tokenizer::Tokenizer,
            weights::source,
        },
    };

    #[test]
    fn demonstrations_end_with_a_separator() {
        let shown = [(&b"ACG"[..], b'A'), (b"T", b'C')];
        assert_eq!(demonstrations(shown), b"ACGA|TC|");
        assert_eq!(demonstrations([]), b"");
    }

    /// Queries of several lengths in several groups, next to libtorch's operators on each whole text.
    #[test]
    fn predictions_equal_those_of_each_whole_text() {
        let weights = source::builtin().unwrap().weights;
        let network = HyenaDna::new(&weights, Device::Cpu).unwrap();
        let limits = Limits {
            batch_tokens: 512,
            threads: 2,
            cache_bytes: 1 << 24,
            precision: Precision::Fp32,
        };
        let mut engine =
            Engine::new(network.clone(), Device::Cpu, Tokenizer::default(), limits).unwrap();
        let bases: Vec<u8> = (0..400_usize).map(|i| b"ACGT"[i * i * 7 % 11 % 4]).collect();
        let start = demonstrations([(&bases[..50], b'A'), (&bases[30..70], b'C')]);
        let mut queries: Vec<&[u8]> = (0..9).map(|i| &bases[20 * i..][..40 + i % 3]).collect();
        queries.push(&bases[..1]);
        for start in [&start[..], b""] {
            let found = after_queries(&mut engine, start, &queries).unwrap();
            for (query, found) in queries.iter().zip(found) {
                let text = [start, query].concat();
                let ids = text.iter().map(|&base| i64::from(Tokenizer::default().token(base)));
                let ids = Tensor::from_slice(&ids.collect::<Vec<i64>>()).unsqueeze(0);
                let mut cache = SpectrumCache::new(0);
                let hidden = network.hidden(&ids, None, &mut cache).unwrap();
                let logits = network.logits(&hidden).unwrap().log_softmax(-1, Kind::Float);
                let wanted: Vec<f32> = logits.select(1, -1).view([-1]).try_into().unwrap();
                for (a, b) in found.iter().zip(&wanted) {
                    assert!((a - b).abs() < 1e-4, "{found:?} {wanted:?}");
                }
            }
        }
        assert!(after_queries(&mut engine, &start, &[]).unwrap().is_empty());
    }

    #[test]
    fn groups_are_bounded() {
        let queries = vec![&b"ACGT"[..]; 20_000];
        let order: Vec<usize> = (0..queries.len()).collect();
        let sizes: Vec<usize> =
            groups(&order, &queries, 100).iter().map(|group| group.len()).collect();
        assert_eq!(sizes, [8192, 8192, 3616]);
        assert_eq!(groups(&order, &queries, 0).len(), 20_000);
    }
}

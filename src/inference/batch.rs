//! Which sequences are computed together.

use crate::model::network::fft::padded_length;

/// Sequences of one padded length that go through the model together.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    /// Their numbers in the list that was planned.
    pub members: Vec<usize>,
    /// Length that each is padded to on the right, in bases.
    pub length: usize,
}

/// Groups sequences of the given lengths into batches of at most `tokens` tokens, padding
/// included, but at least one sequence. Only equal padded lengths share a batch, and the padded
/// length of a sequence depends on nothing else, so neither does its result. `limit` is the
/// model's longest sequence.
pub fn plan(lengths: &[usize], tokens: usize, limit: usize) -> Vec<Batch> {
    let padded = |i: &usize| padded_length(lengths[*i] as i64, limit as i64) as usize;
    let mut order: Vec<usize> = (0..lengths.len()).filter(|&i| lengths[i] > 0).collect();
    order.sort_by_key(padded); // stable: input order within a length
    let mut batches: Vec<Batch> = Vec::new();
    for i in order {
        let length = padded(&i);
        match batches.last_mut() {
            Some(batch)
                if batch.length == length && (batch.members.len() + 1) * length <= tokens =>
            {
                batch.members.push(i);
            }
            _ => batches.push(Batch { members: vec![i], length }),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_lengths_share_batches() {
        let batches = plan(&[1024, 5, 1024, 1024, 0], 2048, 1024);
        assert_eq!(
            batches,
            [
                Batch { members: vec![1], length: 5 },
                Batch { members: vec![0, 2], length: 1024 },
                Batch { members: vec![3], length: 1024 },
            ]
        );
    }

    proptest! {
        #[test]
        fn every_sequence_is_in_one_batch(
            lengths in prop::collection::vec(0usize..2000, 0..60), tokens in 1usize..5000,
        ) {
            let batches = plan(&lengths, tokens, 2000);
            let mut seen: Vec<usize> = batches.iter().flat_map(|b| b.members.clone()).collect();
            seen.sort_unstable();
            let expected: Vec<usize> = (0..lengths.len()).filter(|&i| lengths[i] > 0).collect();
            prop_assert_eq!(seen, expected);
            for batch in &batches {
                prop_assert!(batch.members.len() == 1 || batch.members.len() * batch.length <= tokens);
                prop_assert!(batch.members.iter().all(|&i| lengths[i] <= batch.length));
            }
        }
    }
}

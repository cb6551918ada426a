//! Batches of sequences for the model.

use crate::model::network::fft::padded_length;

/// Sequences of one padded length that go through the model together.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    /// Indexes of the sequences in the planned list.
    pub members: Vec<usize>,
    /// Length in bases to which each sequence is padded on the right.
    pub length: usize,
}

/// Groups sequences of the given lengths into batches of at least one sequence and at most `tokens`
/// tokens, padding included. Empty sequences are skipped. Sequences share a batch only if their
/// padded lengths are equal; that of a sequence depends on its own length alone, and so does its
/// result. `limit` is the model's context.
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

//! Blocks that are kept for validation or the test by chance.

use sha2::{Digest, Sha256};

use super::parts::{Shares, Splits};
use crate::sampling::{
    error::DataError,
    genome::Genome,
    interval::{Interval, Split},
};

/// Bases of a block; the last of a contig is shorter.
const BLOCK: u64 = 100_000;

/// Takes each block of the train intervals, which are whole contigs, for validation or the test with a
/// probability. A block's lot depends on the seed, the number of its genome, the name of its contig and its
/// own number, so another contig more or less changes no other's.
///
/// # Errors
/// A fraction is not between 0 and 1, or a side has no block.
pub(super) fn divide(
    genomes: &[Genome],
    splits: &mut Splits,
    shares: Shares,
    seed: u64,
) -> Result<(), DataError> {
    let wanted = [(Split::Valid, shares.valid), (Split::Test, shares.test)];
    for fraction in wanted.iter().filter_map(|(_, share)| *share) {
        if !(fraction > 0.0 && fraction < 1.0) {
            return Err(DataError::Fraction { fraction });
        }
    }
    let [valid, test] = wanted.map(|(_, share)| share.unwrap_or(0.0));
    let mut blocks = 0;
    for whole in std::mem::take(&mut splits.train) {
        let found = &genomes[whole.genome].reference.contigs()[whole.contig];
        let mut before = None;
        for block in 0..found.length.div_ceil(BLOCK) {
            let lot = lot(seed, whole.genome, &found.name, block);
            let split = match lot {
                lot if lot < valid => Split::Valid,
                lot if lot < valid + test => Split::Test,
                _ => Split::Train,
            };
            let range = block * BLOCK..found.length.min((block + 1) * BLOCK);
            let intervals = splits.of_mut(split);
            match intervals.last_mut() {
                Some(last) if before == Some(split) => last.range.end = range.end,
                _ => intervals.push(Interval { range, ..whole.clone() }),
            }
            before = Some(split);
            blocks += 1;
        }
    }
    let empty =
        |fraction, side| DataError::EmptySide { fraction, blocks, block_bases: BLOCK, side };
    for (split, share) in wanted {
        if let Some(share) = share.filter(|_| splits.of(split).is_empty()) {
            return Err(empty(
                share,
                if split == Split::Valid { "validation" } else { "the test" },
            ));
        }
    }
    match splits.train.is_empty() {
        true => Err(empty(valid + test, "training")),
        false => Ok(()),
    }
}

/// A number from 0 to 1, without 1, that looks as if drawn at random.
fn lot(seed: u64, genome: usize, contig: &str, block: u64) -> f64 {
    let digest = Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update((genome as u64).to_le_bytes())
        .chain_update(block.to_le_bytes())
        .chain_update(contig)
        .finalize();
    let first = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    (first >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::{splits::SplitBy, testing::Files};

    fn divide(genomes: &mut [Genome], valid: f64, seed: u64) -> Result<Splits, DataError> {
        Splits::new(genomes, &SplitBy::Fraction { valid, seed })
    }

    fn sum(intervals: &[Interval]) -> u64 {
        intervals.iter().map(Interval::len).sum()
    }

    #[test]
    fn blocks_cover_all_once_and_repeat() {
        let long = "A".repeat(60 * BLOCK as usize + 5);
        let text = format!(">a\n{long}\n>b\n{}\n", &long[..12_345]);
        let mut genomes = Files::new(&[&text]).open();
        let splits = divide(&mut genomes, 0.2, 1).unwrap();
        assert_eq!(splits, divide(&mut genomes, 0.2, 1).unwrap());
        assert_ne!(splits, divide(&mut genomes, 0.2, 2).unwrap());
        assert_eq!(sum(&splits.train) + sum(&splits.valid), 60 * BLOCK + 5 + 12_345);
        assert_eq!(super::super::overlap::bases(&splits), 0);
        let kept = sum(&splits.valid) / BLOCK;
        assert!((5..20).contains(&kept), "{kept} of 62");
        for pair in splits.valid.windows(2) {
            assert!(pair[0].contig < pair[1].contig || pair[0].range.end < pair[1].range.start);
        }
    }

    #[test]
    fn contigs_and_blocks_can_both_be_held_out() {
        let long = "A".repeat(40 * BLOCK as usize);
        let mut genomes = Files::new(&[&format!(">a\n{long}\n>b\nACGT\n")]).open();
        let shares = Shares { valid: Some(0.2), test: Some(0.3) };
        let by = |test: &[&str], shares| SplitBy::Held {
            valid: Vec::new(),
            test: test.iter().map(|&name| name.into()).collect(),
            shares,
            seed: 1,
        };
        let splits = Splits::new(&mut genomes, &by(&[], shares)).unwrap();
        let sums = Split::ALL.map(|split| sum(splits.of(split)));
        assert_eq!(sums.iter().sum::<u64>(), 40 * BLOCK + 4);
        assert!(sums[1] > 2 * BLOCK && sums[2] > 5 * BLOCK, "{sums:?}");
        assert_eq!(super::super::overlap::bases(&splits), 0);
        let shares = Shares { test: None, ..shares };
        let splits = Splits::new(&mut genomes, &by(&["b"], shares)).unwrap();
        assert_eq!((sum(&splits.test), splits.test.len()), (4, 1));
        assert_eq!(sum(&splits.train) + sum(&splits.valid), 40 * BLOCK);
    }

    #[test]
    fn a_side_without_blocks_is_reported() {
        let mut genomes = Files::new(&[">a\nACGT\n"]).open();
        for (fraction, part) in [
            (0.0, "between 0 and 1"),
            (1.0, "between 0 and 1"),
            (f64::NAN, "NaN"),
            (1e-9, "none of 1 block of 100000 bases falls to validation"),
            (1.0 - 1e-9, "falls to training"),
        ] {
            let error = divide(&mut genomes, fraction, 0).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}

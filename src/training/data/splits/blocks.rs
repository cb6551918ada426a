//! Blocks that are kept for validation by chance.

use sha2::{Digest, Sha256};

use super::parts::Splits;
use crate::training::data::{
    error::DataError,
    genome::Genome,
    interval::{Interval, Split},
};

/// Bases of a block; the last of a contig is shorter.
const BLOCK: u64 = 100_000;

/// Keeps each block for validation with a probability. A block's lot depends on the seed, the
/// number of its genome, the name of its contig and its own number, so another contig more or
/// less changes no other's.
pub(super) fn divide(genomes: &[Genome], fraction: f64, seed: u64) -> Result<Splits, DataError> {
    if !(fraction > 0.0 && fraction < 1.0) {
        return Err(DataError::Fraction { fraction });
    }
    let mut splits = Splits::default();
    let mut blocks = 0;
    for (number, genome) in genomes.iter().enumerate() {
        for (contig, found) in genome.reference.contigs().iter().enumerate() {
            let mut before = None;
            for block in 0..found.length.div_ceil(BLOCK) {
                let lot = lot(seed, number, &found.name, block);
                let split = if lot < fraction { Split::Valid } else { Split::Train };
                let range = block * BLOCK..found.length.min((block + 1) * BLOCK);
                let intervals = splits.of_mut(split);
                match intervals.last_mut() {
                    Some(last) if before == Some(split) => last.range.end = range.end,
                    _ => intervals.push(Interval { genome: number, contig, range }),
                }
                before = Some(split);
                blocks += 1;
            }
        }
    }
    let side = match (splits.valid.is_empty(), splits.train.is_empty()) {
        (true, _) => "validation",
        (_, true) => "training",
        _ => return Ok(splits),
    };
    Err(DataError::EmptySide { fraction, blocks, block_bases: BLOCK, side })
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
    use crate::training::data::testing::Files;

    fn sum(intervals: &[Interval]) -> u64 {
        intervals.iter().map(Interval::len).sum()
    }

    #[test]
    fn blocks_cover_all_once_and_repeat() {
        let long = "A".repeat(60 * BLOCK as usize + 5);
        let text = format!(">a\n{long}\n>b\n{}\n", &long[..12_345]);
        let genomes = Files::new(&[&text]).open();
        let splits = divide(&genomes, 0.2, 1).unwrap();
        assert_eq!(splits, divide(&genomes, 0.2, 1).unwrap());
        assert_ne!(splits, divide(&genomes, 0.2, 2).unwrap());
        assert_eq!(sum(&splits.train) + sum(&splits.valid), 60 * BLOCK + 5 + 12_345);
        assert_eq!(super::super::overlap::bases(&splits), 0);
        let kept = sum(&splits.valid) / BLOCK;
        assert!((5..20).contains(&kept), "{kept} of 62");
        for pair in splits.valid.windows(2) {
            assert!(pair[0].contig < pair[1].contig || pair[0].range.end < pair[1].range.start);
        }
    }

    #[test]
    fn a_side_without_blocks_is_reported() {
        let genomes = Files::new(&[">a\nACGT\n"]).open();
        for (fraction, part) in [
            (0.0, "between 0 and 1"),
            (1.0, "between 0 and 1"),
            (f64::NAN, "NaN"),
            (1e-9, "none of 1 block of 100000 bases falls to validation"),
            (1.0 - 1e-9, "falls to training"),
        ] {
            let error = divide(&genomes, fraction, 0).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}

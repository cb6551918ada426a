//! From a stretch of a genome to its bases.

use super::{error::DataError, genome::Genome, interval::Interval};
use crate::genome::{dna, region::Strand};

/// Appends the bases of an interval, or its reverse complement.
///
/// # Errors
/// The genome cannot be read, or holds something else than nucleotides; `into` is then as it was.
pub fn append(
    genomes: &mut [Genome],
    interval: &Interval,
    strand: Strand,
    into: &mut Vec<u8>,
) -> Result<(), DataError> {
    let start = into.len();
    let reference = &mut genomes[interval.genome].reference;
    if let Err(error) = reference.fetch_into(interval.contig, interval.range.clone(), into) {
        into.truncate(start);
        return Err(error.into());
    }
    if strand == Strand::Reverse {
        let reverse = dna::reverse_complement(&into[start..]);
        into.truncate(start);
        into.extend(reverse);
    }
    Ok(())
}

/// Number of bases that are A, C, G or T.
pub fn count_known(bases: &[u8]) -> u64 {
    bases.iter().filter(|base| b"ACGT".contains(base)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::testing::Files;

    #[test]
    fn both_strands_and_masked_bases() {
        let mut genomes = Files::new(&[">a\nacGTNrT\n"]).open();
        let interval = Interval { genome: 0, contig: 0, range: 1..7 };
        let mut bases = b"x".to_vec();
        append(&mut genomes, &interval, Strand::Forward, &mut bases).unwrap();
        assert_eq!(bases, b"xCGTNNT");
        assert_eq!(count_known(&bases[1..]), 4);
        bases.clear();
        append(&mut genomes, &interval, Strand::Reverse, &mut bases).unwrap();
        assert_eq!(bases, b"ANNACG");
    }

    #[test]
    fn a_genome_that_is_none_leaves_the_bases_alone() {
        let mut genomes = Files::new(&[">p\nACDEF\n"]).open();
        let interval = Interval { genome: 0, contig: 0, range: 0..5 };
        let mut bases = b"AC".to_vec();
        let error = append(&mut genomes, &interval, Strand::Forward, &mut bases).unwrap_err();
        assert!(error.to_string().contains("base 4"), "{error}");
        assert_eq!(bases, b"AC");
    }
}

//! Contigs that are kept apart as a whole.

use super::{
    super::genome,
    parts::{Splits, find},
};
use crate::sampling::{
    error::DataError,
    genome::Genome,
    interval::{Interval, Split},
};

/// Every contig is of one split as a whole.
pub(super) fn divide(
    genomes: &mut [Genome],
    valid: &[String],
    test: &[String],
) -> Result<Splits, DataError> {
    let valid = find_all(genomes, valid, "validation")?;
    let test = find_all(genomes, test, "test")?;
    let mut splits = Splits::default();
    for (number, genome) in genomes.iter().enumerate() {
        for (contig, found) in genome.reference.contigs().iter().enumerate() {
            let place = (number, contig);
            let split = match (valid.contains(&place), test.contains(&place)) {
                (true, true) => {
                    return Err(DataError::NamedTwice {
                        contig: found.name.clone(),
                        genome: genome.name().to_owned(),
                    });
                }
                (true, false) => Split::Valid,
                (false, true) => Split::Test,
                (false, false) => Split::Train,
            };
            if found.length > 0 {
                let range = 0..found.length;
                splits.of_mut(split).push(Interval { genome: number, contig, range });
            }
        }
    }
    Ok(splits)
}

/// Genome and contig numbers of every contig that one of the names means.
fn find_all(
    genomes: &mut [Genome],
    names: &[String],
    what: &'static str,
) -> Result<Vec<(usize, usize)>, DataError> {
    let mut places = Vec::new();
    for name in names {
        let found = find(genomes, name)?;
        if found.is_empty() {
            let (contig, genomes) = (name.clone(), genome::summary(genomes));
            return Err(DataError::UnknownName { what, contig, genomes });
        }
        places.extend(found);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::{splits::SplitBy, testing::Files};

    fn divide(valid: &[&str], test: &[&str]) -> Result<Splits, DataError> {
        let mut genomes =
            Files::new(&[">chr1\nACGT\n>chr2\nACG\n>void\n>3\nA\n", ">1\nAC\n>x\nA\n"]).open();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let by = SplitBy::Contigs { valid: names(valid), test: names(test) };
        Splits::new(&mut genomes, &by)
    }

    #[test]
    fn contigs_are_kept_apart_in_every_genome() {
        let splits = divide(&["chr1"], &["chr3"]).unwrap();
        let short = |split| -> Vec<_> {
            splits.of(split).iter().map(|i| (i.genome, i.contig, i.range.clone())).collect()
        };
        assert_eq!(short(Split::Train), [(0, 1, 0..3), (1, 1, 0..1)]);
        assert_eq!(short(Split::Valid), [(0, 0, 0..4), (1, 0, 0..2)]);
        assert_eq!(short(Split::Test), [(0, 3, 0..1)]);
        assert_eq!(divide(&[], &[]).unwrap().train.len(), 5);
    }

    #[test]
    fn names_that_do_not_fit_are_reported() {
        let error = divide(&["chr7"], &[]).unwrap_err().to_string();
        assert!(error.contains("validation contig chr7") && error.contains("chr2"), "{error}");
        let error = divide(&["chr1"], &["1"]).unwrap_err().to_string();
        assert!(error.contains("contig chr1 of") && error.contains("one of them"), "{error}");
    }
}

//! Signs that variants and reference are of different assemblies.

use anyhow::{Result, bail};

use crate::{
    formats::{number::counted, reference::Reference, variants::vcf},
    genome::contig,
    process::logging::ALWAYS,
};

/// Records that are checked before the verdict.
const CHECKED: u64 = 1000;

/// Fewest differing records of a file with fewer than [`CHECKED`] that make a verdict.
const FEWEST: u64 = 10;

/// Counts how many of the first records have a REF that differs from the reference.
#[derive(Debug, Default)]
pub struct AssemblyCheck {
    checked: u64,
    differing: u64,
    /// The first place that differs, for the message.
    first: Option<String>,
}

impl AssemblyCheck {
    /// Takes note of a record on a contig of the reference; `place` names it if its REF differs.
    /// True as soon as the first records are all there.
    pub fn see(&mut self, differs: bool, place: impl FnOnce() -> String) -> bool {
        if self.checked == CHECKED {
            return false;
        }
        self.checked += 1;
        if differs {
            self.differing += 1;
            self.first.get_or_insert_with(place);
        }
        self.checked == CHECKED
    }

    /// # Errors
    /// Most of the records differ.
    pub fn verdict(&self, input: &str, reference: &str) -> Result<()> {
        let Self { checked, differing, first } = self;
        if *differing < FEWEST || 2 * differing <= *checked {
            return Ok(());
        }
        bail!(
            "REF of {input} differs from {reference} in {differing} of the first {checked} records (such as {}); most likely the variants are of another assembly than the reference (as GRCh37 and GRCh38 are), and those that match do so by chance; use the reference that the variants were called on, or go on with --on-ref-mismatch report",
            first.as_deref().unwrap_or_default()
        )
    }
}

/// Warns if contigs have other lengths in the header of a VCF than in the reference.
pub fn check_lengths(input: &str, header: &[Vec<u8>], reference: &Reference) {
    let differs = |(name, length): (String, u64)| {
        let own = reference.contig(&name)?;
        (length != own.length).then(|| format!("{name} ({length} and {})", own.length))
    };
    let differing: Vec<String> =
        vcf::contig_lengths(header).into_iter().filter_map(differs).collect();
    if !differing.is_empty() {
        log::warn!(
            target: ALWAYS,
            "contigs with other lengths in {input} than in {}: {}; are both of the same assembly?",
            reference.name(),
            contig::summary(differing.iter())
        );
    }
}

/// Warns if REF differs from the reference in many alleles; `fit` are those in which it does not.
pub fn check_counts(fit: u64, differ: u64) {
    const FEW: u64 = 3;
    if (differ >= FEWEST && 4 * differ > fit) || (differ >= FEW && differ >= fit) {
        log::warn!(
            target: ALWAYS,
            "REF differs from the reference in {differ} of {}; check the assembly, as the others may match by chance",
            counted(fit + differ, "allele")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict on records of which some differ; the differing ones come first.
    fn verdict(differing: u64, all: u64) -> Option<String> {
        let mut check = AssemblyCheck::default();
        let complete: Vec<u64> =
            (0..all).filter(|&i| check.see(i < differing, || format!("chr1:{i}"))).collect();
        assert_eq!(complete, if all >= CHECKED { vec![CHECKED - 1] } else { vec![] });
        check.verdict("v.vcf", "ref.fa").err().map(|error| error.to_string())
    }

    #[test]
    fn more_than_half_of_the_first_records() {
        assert_eq!(verdict(0, 0), None);
        assert_eq!(verdict(9, 9), None);
        assert_eq!(verdict(10, 20), None);
        assert_eq!(verdict(500, 3000), None);
        let message = verdict(501, 3000).unwrap();
        assert!(message.contains("501 of the first 1000 records (such as chr1:0)"), "{message}");
        assert!(verdict(10, 19).unwrap().contains("10 of the first 19 records"));
    }
}

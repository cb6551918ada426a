//! Order of the input of tracks and of tables to be indexed: contigs one after the other, sorted
//! regions that do not overlap, unique names. A bigWig requires it; a bedGraph can be sorted later.

use std::collections::HashSet;

use anyhow::{Result, bail};

use crate::{
    commands::input::entries::Entry,
    formats::{bigwig::LONGEST, reference::Contig},
    genome::region::Region,
};

/// Checks one entry after the other.
pub struct EntryOrder {
    /// Output that needs the order, for messages.
    what: &'static str,
    /// Largest length of a contig or sequence, in bases.
    longest: u64,
    /// Contigs of earlier regions.
    contigs: HashSet<usize>,
    /// Names of earlier sequences.
    names: HashSet<String>,
    /// The region before, and the index of its contig.
    before: Option<(usize, Region)>,
    violations: Violations,
}

/// Treatment of violations of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Violations {
    Refused,
    /// The first one is logged as a warning.
    Warned,
    /// A warning was logged.
    Ignored,
}

impl EntryOrder {
    /// The order of a bigWig. `contigs` are those of the reference, if there is one.
    ///
    /// # Errors
    /// A contig is too long for a bigWig.
    pub fn of_bigwig(contigs: &[Contig]) -> Result<Self> {
        let order = Self { longest: LONGEST, ..Self::of("a bigWig") };
        contigs.iter().try_for_each(|contig| order.fits(&contig.name, contig.length))?;
        Ok(order)
    }

    /// The order of a bedGraph, the first violation of which is logged as a warning.
    pub fn of_bedgraph() -> Self {
        Self { violations: Violations::Warned, ..Self::of("a bedGraph") }
    }

    /// The order that `what` needs.
    pub fn of(what: &'static str) -> Self {
        Self {
            what,
            longest: u64::MAX,
            contigs: HashSet::new(),
            names: HashSet::new(),
            before: None,
            violations: Violations::Refused,
        }
    }

    /// Checks that an entry can follow those before.
    ///
    /// # Errors
    /// It violates the order.
    pub fn check(&mut self, entry: &Entry) -> Result<()> {
        if self.violations == Violations::Ignored {
            return Ok(());
        }
        let found = match entry.contig() {
            Some(number) => self.region(number, &entry.region),
            None => self.sequence(&entry.region.contig, entry.length),
        };
        match found {
            Err(error) if self.violations == Violations::Warned => {
                log::warn!("{}: {error}", entry.place);
                self.violations = Violations::Ignored;
                Ok(())
            }
            found => found,
        }
    }

    /// Checks that a region of the contig with this index can follow those before.
    ///
    /// # Errors
    /// It violates the order.
    pub fn region(&mut self, number: usize, region: &Region) -> Result<()> {
        let what = self.what;
        match &self.before {
            Some((contig, before)) if *contig == number => {
                if region.start < before.start {
                    bail!(
                        "the region {region} comes after {before}, but {what} needs regions sorted by position; sort them (`sort -k1,1 -k2,2n`)"
                    );
                }
                if region.start < before.end {
                    bail!(
                        "the region {region} overlaps {before}, the region before it, which ends with base {}, but {what} needs regions that do not overlap; merge them (`bedtools merge`)",
                        before.end
                    );
                }
            }
            _ => {
                if !self.contigs.insert(number) {
                    bail!(
                        "the region {region} comes back to an earlier contig, but {what} needs all regions of a contig together; sort them (`sort -k1,1 -k2,2n`)"
                    );
                }
            }
        }
        self.before = Some((number, region.clone()));
        Ok(())
    }

    fn sequence(&mut self, name: &str, length: u64) -> Result<()> {
        let what = self.what;
        self.fits(name, length)?;
        if !self.names.insert(name.to_owned()) {
            bail!(
                "there are two sequences of the name {name}, but {what} needs unique names; rename or remove one (`seqkit rename`, `seqkit rmdup`)"
            );
        }
        Ok(())
    }

    fn fits(&self, name: &str, length: u64) -> Result<()> {
        if length > self.longest {
            bail!(
                "{name} has {length} bases, but {} holds contigs of at most {}; write a bedGraph instead (--format bedgraph)",
                self.what,
                self.longest
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(regions: &[(usize, u64, u64)]) -> Result<(), String> {
        let mut order = EntryOrder::of_bigwig(&[]).unwrap();
        regions.iter().try_for_each(|&(contig, start, end)| {
            let region = Region { contig: format!("c{contig}"), start, end };
            order.region(contig, &region).map_err(|error| error.to_string())
        })
    }

    #[test]
    fn regions_are_sorted_and_apart() {
        assert_eq!(check(&[(3, 0, 5), (3, 5, 9), (3, 20, 21), (1, 0, 2), (2, 7, 9)]), Ok(()));
        for (regions, phrases) in [
            (&[(0, 5, 9), (0, 2, 4)][..], ["c0:3-4", "c0:6-9", "sort"]),
            (&[(0, 5, 9), (0, 8, 12)], ["c0:9-12", "overlaps c0:6-9", "merge"]),
            (&[(0, 5, 9), (0, 5, 9)], ["c0:6-9", "overlaps", "merge"]),
            (&[(0, 5, 9), (1, 5, 9), (0, 20, 21)], ["c0:21-21", "together", "sort"]),
        ] {
            let error = check(regions).unwrap_err();
            assert!(phrases.iter().all(|phrase| error.contains(phrase)), "{error}");
        }
    }

    #[test]
    fn sequences_have_names_of_their_own() {
        let mut order = EntryOrder::of_bigwig(&[]).unwrap();
        order.sequence("a", 4).unwrap();
        order.sequence("b", LONGEST).unwrap();
        assert!(order.sequence("a", 5).unwrap_err().to_string().contains("name a"));
        assert!(order.sequence("c", LONGEST + 1).unwrap_err().to_string().contains("bedgraph"));
        assert!(
            EntryOrder::of_bigwig(&[Contig { name: "d".into(), length: LONGEST + 1 }]).is_err()
        );
    }
}

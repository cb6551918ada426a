//! What a track asks of its input: contigs one after the other, regions sorted and apart, names
//! that are unique. A bigWig cannot do without; a bedGraph can be mended later.

use std::collections::HashSet;

use anyhow::{Result, bail};

use crate::{
    commands::entries::Entry,
    formats::{bigwig::LONGEST, reference::Contig},
    region::Region,
};

/// Checks one entry after the other.
#[derive(Default)]
pub struct Order {
    /// Contigs that had regions.
    contigs: HashSet<usize>,
    /// Names of sequences.
    names: HashSet<String>,
    /// The region before, and the number of its contig.
    before: Option<(usize, Region)>,
    /// Whether what is wrong is only told, and whether it was.
    lenient: bool,
    told: bool,
}

impl Order {
    /// Nothing was read yet. `contigs`: those of the reference, if there is one.
    ///
    /// # Errors
    /// A contig is too long for a bigWig.
    pub fn of_bigwig(contigs: &[Contig]) -> Result<Self> {
        contigs.iter().try_for_each(|contig| fits(&contig.name, contig.length))?;
        Ok(Self::default())
    }

    /// Nothing was read yet. What is wrong is told once, as a warning.
    pub fn of_bedgraph() -> Self {
        Self { lenient: true, ..Self::default() }
    }

    /// Whether an entry can follow those before.
    ///
    /// # Errors
    /// It cannot: what is wrong, and what to do.
    pub fn check(&mut self, entry: &Entry) -> Result<()> {
        if self.told {
            return Ok(());
        }
        let found = match entry.contig() {
            Some(number) => self.region(number, &entry.region),
            None => self.sequence(&entry.region.contig, entry.length),
        };
        match found {
            Err(error) if self.lenient => {
                log::warn!("{}: {error}", entry.place);
                self.told = true;
                Ok(())
            }
            found => found,
        }
    }

    /// What needs it.
    fn format(&self) -> &'static str {
        if self.lenient { "bedGraph" } else { "bigWig" }
    }

    fn region(&mut self, number: usize, region: &Region) -> Result<()> {
        let format = self.format();
        match &self.before {
            Some((contig, before)) if *contig == number => {
                if region.start < before.start {
                    bail!(
                        "the region {region} stands behind {before}, and a {format} needs regions in the order of their positions; sort them (`sort -k1,1 -k2,2n`)"
                    );
                }
                if region.start < before.end {
                    bail!(
                        "the region {region} overlaps {before}, the one before it, and a {format} has one value for each base; merge them (`bedtools merge`)"
                    );
                }
            }
            _ => {
                if !self.contigs.insert(number) {
                    bail!(
                        "the region {region} comes back to a contig after another, and a {format} needs all regions of a contig together; sort them (`sort -k1,1 -k2,2n`)"
                    );
                }
            }
        }
        self.before = Some((number, region.clone()));
        Ok(())
    }

    fn sequence(&mut self, name: &str, length: u64) -> Result<()> {
        let format = self.format();
        if !self.lenient {
            fits(name, length)?;
        }
        if !self.names.insert(name.to_owned()) {
            bail!(
                "there are two sequences of the name {name}, and a {format} needs one name for each; rename or remove one (`seqkit rename`, `seqkit rmdup`)"
            );
        }
        Ok(())
    }
}

fn fits(name: &str, length: u64) -> Result<()> {
    if length > LONGEST {
        bail!(
            "{name} has {length} bases, and a bigWig describes contigs of up to {LONGEST}; write bedGraph instead (--format bedgraph)"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(regions: &[(usize, u64, u64)]) -> Result<(), String> {
        let mut order = Order::default();
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
        let mut order = Order::default();
        order.sequence("a", 4).unwrap();
        order.sequence("b", LONGEST).unwrap();
        assert!(order.sequence("a", 5).unwrap_err().to_string().contains("name a"));
        assert!(order.sequence("c", LONGEST + 1).unwrap_err().to_string().contains("bedgraph"));
        assert!(Order::of_bigwig(&[Contig { name: "d".into(), length: LONGEST + 1 }]).is_err());
    }
}

//! Windows of the reference of a data set.

use std::{ops::Range, path::Path, sync::Arc};

use super::{error::DataError, example::Place};
use crate::{
    formats::{
        error::InputError,
        reference::{Cache, Reference},
    },
    genome::{
        contig, dna,
        region::{Region, Strand},
    },
    windows::placement,
};

/// A reference whose windows are read by index.
pub struct Genome {
    /// The reference.
    pub reference: Reference,
}

impl Genome {
    /// Opens a reference.
    ///
    /// # Errors
    /// It cannot be read, or is not FASTA.
    pub fn open(path: &Path, save_index: bool) -> Result<Self, InputError> {
        Ok(Self { reference: Reference::open_with(path, save_index, Cache::ANYWHERE)? })
    }

    /// The number of a contig.
    ///
    /// # Errors
    /// The reference has no such contig.
    pub fn contig(&mut self, name: &str, place: &Place) -> Result<usize, InputError> {
        self.reference.find(name)?.ok_or_else(|| {
            place.error(format!(
                "contig {name} is not in {}, which has {}; are they of the same assembly?",
                self.reference.name(),
                contig::summary(self.reference.contigs().iter().map(|contig| &contig.name))
            ))
        })
    }

    /// Name of a contig in the reference, and its length in bases.
    pub fn of(&self, number: usize) -> (&str, u64) {
        let contig = &self.reference.contigs()[number];
        (&contig.name, contig.length)
    }

    /// The number of the contig that a region lies on.
    ///
    /// # Errors
    /// The region is empty, or not in the reference.
    pub fn locate(&mut self, region: &Region, place: &Place) -> Result<usize, InputError> {
        let number = self.contig(&region.contig, place)?;
        let (name, length) = self.of(number);
        if region.is_empty() {
            return Err(
                place.error("the region is empty; remove it, or widen it (`bedtools slop`)")
            );
        }
        if region.end > length {
            return Err(place.error(format!(
                "region {region} ends beyond {name}, which has {length} bases; are region and reference of the same assembly?"
            )));
        }
        Ok(number)
    }

    /// Bases of a region in reading direction: all of it, or a window of that many bases around its
    /// centre, moved into the contig if it would cross an end.
    ///
    /// # Errors
    /// The region is empty or not in the reference, or reading fails.
    pub fn bases(
        &mut self,
        region: &Region,
        strand: Option<Strand>,
        window: Option<u64>,
        place: &Place,
    ) -> Result<Vec<u8>, InputError> {
        let number = self.locate(region, place)?;
        let range = match window {
            Some(window) => {
                let centre = region.start + region.len() / 2;
                placement::centered(centre, self.of(number).1, window)
            }
            None => region.start..region.end,
        };
        let bases = self.reference.fetch(number, range)?;
        Ok(directed(bases, strand))
    }

    /// Bases of a range of a contig, 0-based and half-open; it must lie within the contig.
    ///
    /// # Errors
    /// Reading fails.
    pub fn fetch(&mut self, number: usize, range: Range<u64>) -> Result<Vec<u8>, InputError> {
        self.reference.fetch(number, range)
    }
}

/// Bases in the reading direction of a strand.
pub fn directed(bases: Vec<u8>, strand: Option<Strand>) -> Vec<u8> {
    match strand {
        Some(Strand::Reverse) => dna::reverse_complement(&bases),
        Some(Strand::Forward) | None => bases,
    }
}

/// A reference that is opened when a file needs it.
#[derive(Default)]
pub struct Lazy<'a> {
    path: Option<&'a Path>,
    save_index: bool,
    genome: Option<Genome>,
}

impl<'a> Lazy<'a> {
    /// A reference that may be needed.
    pub fn new(path: Option<&'a Path>, save_index: bool) -> Self {
        Self { path, save_index, genome: None }
    }

    /// Opens the reference unless it is open. `file` has the regions or variants.
    ///
    /// # Errors
    /// None was named, or it cannot be read.
    pub fn open(&mut self, file: &Arc<str>) -> Result<&mut Genome, DataError> {
        let genome = match self.genome.take() {
            Some(genome) => genome,
            None => match self.path {
                Some(path) => Genome::open(path, self.save_index)?,
                None => {
                    return Err(DataError::Option {
                        file: file.to_string(),
                        found: "coordinates, which need a reference genome",
                        remedy: "give --reference FASTA, or set HYENADNA_REFERENCE",
                    });
                }
            },
        };
        Ok(self.genome.insert(genome))
    }

    /// IUPAC letters that were read as N.
    pub fn ambiguous(&self) -> u64 {
        self.genome.as_ref().map_or(0, |genome| genome.reference.ambiguous())
    }
}

//! Null variants, drawn from the reference, and their windows.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{
    commands::{
        cutter::{ContigRef, WindowCutter},
        input::entries,
    },
    formats::{bed, input, lines::Lines, reference::Reference},
    process::provenance::Provenance,
    scoring::null::{Class, Draws, Matcher, NullVariant, Regions, Spectrum, Substitution},
    windows::strands::Windows,
};

/// Fewest null variants of a class for a percentile.
pub const LEAST: u32 = 10;

/// A larger number of null variants is logged before they are scored, as they take a while.
const LOGGED: usize = 500;

/// Longest null indel, in bases.
pub const LONGEST: usize = 50;

/// Comparison with null variants.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Calibration")]
pub struct NullArgs {
    /// Rank each score among those of N (10 or more) random variants of the same class (trinucleotide and
    /// ALT of an SNV; insertion; deletion): adds columns with percentiles
    #[arg(long, value_name = "N", conflicts_with = "use_null",
        value_parser = clap::value_parser!(u32).range(i64::from(LEAST)..))]
    pub null: Option<u32>,
    /// Draw null variants from these regions [default: the whole reference]
    #[arg(long, value_name = "BED", requires = "null")]
    pub null_regions: Option<PathBuf>,
    /// Seed of the draw of null variants [default: 0]
    #[arg(long, value_name = "N", requires = "null")]
    pub seed: Option<u64>,
    /// Save the scores of null variants, of all classes, for --use-null
    #[arg(long, value_name = "FILE", requires = "null")]
    pub save_null: Option<PathBuf>,
    /// Rank among null variants that --save-null saved, instead of drawing new ones
    #[arg(long, value_name = "FILE")]
    pub use_null: Option<PathBuf>,
    /// Subtract the effect of indel length on llr, as fitted to null indels: adds the column
    /// llr_length_corrected, which is ranked instead of llr
    #[arg(long)]
    pub length_correct: bool,
}

impl NullArgs {
    /// Adds the draw of null variants, or their file, to the provenance of an output. Keys that begin with
    /// `null_` are those of a file of null variants.
    #[must_use]
    pub fn describe(&self, provenance: Provenance) -> Provenance {
        let file = |path: &PathBuf| path.display().to_string();
        let facts = [
            ("null", self.null.map(|n| n.to_string())),
            ("seed", self.null.map(|_| self.seed.unwrap_or(0).to_string())),
            ("regions", self.null_regions.as_ref().map(file)),
            ("use_null", self.use_null.as_ref().map(file)),
            ("length_correct", self.length_correct.then(|| "yes".to_owned())),
        ];
        let given = facts.into_iter().filter_map(|(key, value)| Some((key, value?)));
        given.fold(provenance, |provenance, (key, value)| provenance.with(key, value))
    }

    /// True if scores are ranked.
    pub fn is_requested(&self) -> bool {
        self.null.is_some() || self.use_null.is_some()
    }
}

/// A null variant with its windows.
#[derive(Debug, Clone)]
pub struct NullAllele {
    /// Class.
    pub class: Class,
    /// Name of its contig in the reference.
    pub contig: String,
    /// Change of the reference.
    pub variant: NullVariant,
    /// Windows to compute.
    pub windows: Windows,
}

/// Draws null variants of the classes that occur, or of all.
pub struct NullSource {
    matcher: Matcher,
    cutter: WindowCutter,
    wanted: usize,
    waiting: BTreeSet<Class>,
    drawn: BTreeMap<Class, usize>,
}

impl NullSource {
    /// A source for `--null N`, limited to `--null-regions`; none without `--null`.
    ///
    /// # Errors
    /// The regions cannot be read.
    pub fn of(
        args: &NullArgs,
        reference: &mut Reference,
        cutter: &WindowCutter,
        spectrum: Spectrum,
    ) -> Result<Option<Self>> {
        let Some(wanted) = args.null.map(|n| n as usize) else { return Ok(None) };
        let lengths: Vec<u64> = reference.contigs().iter().map(|contig| contig.length).collect();
        let regions = match &args.null_regions {
            Some(path) => Regions::new(read_regions(path, reference)?, &lengths),
            None => Regions::whole(&lengths),
        };
        let longest = LONGEST.min((cutter.context() / 4).max(1) as usize);
        let waiting = match &args.save_null {
            Some(_) => all_classes(spectrum),
            None => BTreeSet::new(),
        };
        let matcher =
            Matcher::new(Draws::new(regions, args.seed.unwrap_or(0), longest), wanted, spectrum);
        let (cutter, drawn) = (cutter.clone(), BTreeMap::new());
        Ok(Some(Self { matcher, cutter, wanted, waiting, drawn }))
    }

    /// Null variants of this class, and of classes that wait, unless they were drawn before.
    ///
    /// # Errors
    /// The reference cannot be read.
    pub fn draw(
        &mut self,
        class: Option<Class>,
        reference: &mut Reference,
    ) -> Result<Vec<(Class, NullVariant)>> {
        let mut classes = std::mem::take(&mut self.waiting);
        classes.extend(class);
        let mut variants = Vec::new();
        for class in classes {
            if !self.drawn.contains_key(&class) {
                let fetch = |contig, range| reference.fetch(contig, range);
                let found = self.matcher.find(class, fetch)?;
                self.drawn.insert(class, found.len());
                variants.extend(found.into_iter().map(|variant| (class, variant)));
            }
        }
        if variants.len() > LOGGED {
            log::info!("null variants to score first: {}", variants.len());
        }
        Ok(variants)
    }

    /// Cuts the windows of a null variant; none if an allele does not fit.
    ///
    /// # Errors
    /// The reference cannot be read.
    pub fn cut(
        &mut self,
        (class, variant): (Class, NullVariant),
        reference: &mut Reference,
    ) -> Result<Option<NullAllele>> {
        let contig = &reference.contigs()[variant.contig];
        let (contig, length) = (contig.name.clone(), contig.length);
        let on = ContigRef { number: variant.contig, name: &contig, length };
        let fetch = |range| reference.fetch(variant.contig, range);
        let windows = self.cutter.windows(on, variant.edit(), fetch)?;
        Ok(windows.map(|windows| NullAllele { class, contig, variant, windows }))
    }

    /// Logs which classes have fewer null variants than wanted.
    pub fn report(&self) {
        let few: Vec<String> = self
            .drawn
            .iter()
            .filter(|(_, found)| **found < self.wanted)
            .map(|(class, found)| format!("{found} of {class}"))
            .collect();
        if !few.is_empty() {
            log::warn!(
                "the regions hold fewer than {} null variants of some classes: {}",
                self.wanted,
                crate::genome::contig::summary(few.iter())
            );
        }
    }
}

fn read_regions(
    path: &Path,
    reference: &mut Reference,
) -> Result<Vec<(usize, std::ops::Range<u64>)>> {
    let mut reader = bed::Reader::new(Lines::new(input::open(path)?));
    let mut regions = Vec::new();
    while let Some(record) = reader.read()? {
        let place = || format!("{}, line {}", reader.name(), record.line);
        let contig = entries::locate(&record, reference).with_context(place)?;
        regions.push((contig, record.region.start..record.region.end));
    }
    if regions.iter().all(|(_, region)| region.is_empty()) {
        bail!(
            "{}: the regions are empty, so no null variant can be drawn; name regions with bases, or leave out --null-regions",
            path.display()
        );
    }
    Ok(regions)
}

fn all_classes(spectrum: Spectrum) -> BTreeSet<Class> {
    let letters = *b"ACGT";
    let mut classes = BTreeSet::from([Class::Insertion, Class::Deletion]);
    for (before, base) in letters.into_iter().flat_map(|a| letters.map(|b| (a, b))) {
        for (after, alternative) in letters.into_iter().flat_map(|a| letters.map(|b| (a, b))) {
            let found = Substitution::new([before, base, after], alternative);
            let class = found.map(Class::Substitution);
            classes.extend(class.map(|class| class.within(spectrum)));
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_classes_as_substitutions() {
        assert_eq!(all_classes(Spectrum::Unfolded).len(), 192 + 2);
        assert_eq!(all_classes(Spectrum::Folded).len(), 96 + 2);
    }
}

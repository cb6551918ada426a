//! The genomes that are trained on.

use std::path::PathBuf;

use super::error::DataError;
use crate::{
    formats::{
        input::is_dash,
        reference::{Cache, Reference},
    },
    genome::contig,
};

/// A genome as it is requested.
#[derive(Debug, Clone, PartialEq)]
pub struct GenomeFile {
    /// FASTA file, plain or compressed.
    pub path: PathBuf,
    /// Share of the windows, relative to the weights of the others; none to draw every base of
    /// every genome equally often.
    pub weight: Option<f64>,
}

/// An opened genome.
pub struct Genome {
    /// Its bases.
    pub reference: Reference,
    weight: Option<f64>,
}

impl Genome {
    /// Opens genomes that a run reads again when it is resumed, in order; indexes are saved beside
    /// the files if `save_index` says so.
    ///
    /// # Errors
    /// There is no genome, one is given twice or is stdin, weights are not above 0 or not given to
    /// all, or a file cannot be read.
    pub fn open(
        files: &[GenomeFile],
        save_index: bool,
        cache: Cache,
    ) -> Result<Vec<Self>, DataError> {
        if files.iter().any(|file| is_dash(&file.path)) {
            return Err(DataError::Stdin);
        }
        Self::open_once(files, save_index, cache)
    }

    /// The same for whoever reads them once only, so that one may be stdin.
    ///
    /// # Errors
    /// As [`open`](Self::open), stdin excepted.
    pub fn open_once(
        files: &[GenomeFile],
        save_index: bool,
        cache: Cache,
    ) -> Result<Vec<Self>, DataError> {
        check(files)?;
        files
            .iter()
            .map(|file| {
                let reference = Reference::open_with(&file.path, save_index, cache)?;
                Ok(Self { reference, weight: file.weight })
            })
            .collect()
    }

    /// Share of the windows relative to the other genomes, if one was given.
    pub fn weight(&self) -> Option<f64> {
        self.weight
    }

    /// Path of the file.
    pub fn name(&self) -> &str {
        self.reference.name()
    }
}

/// Checks everything that does not need large files to be opened.
fn check(files: &[GenomeFile]) -> Result<(), DataError> {
    let first = files.first().ok_or(DataError::NoGenome)?;
    let mut seen = Vec::new();
    for file in files {
        let name = |file: &GenomeFile| file.path.display().to_string();
        if let Some(weight) = file.weight
            && !(weight.is_finite() && weight > 0.0)
        {
            return Err(DataError::Weight { path: name(file), weight });
        }
        if file.weight.is_some() != first.weight.is_some() {
            let (with, without) = if file.weight.is_some() { (file, first) } else { (first, file) };
            return Err(DataError::MixedWeights { with: name(with), without: name(without) });
        }
        // a missing file is reported when it is opened
        let path = file.path.canonicalize().unwrap_or_else(|_| file.path.clone());
        if seen.contains(&path) {
            return Err(DataError::GenomeTwice { path: name(file) });
        }
        seen.push(path);
    }
    Ok(())
}

/// Contigs of the genomes, for the message about a contig that is in none.
pub fn summary(genomes: &[Genome]) -> String {
    let parts: Vec<String> = genomes
        .iter()
        .map(|genome| {
            let names = genome.reference.contigs().iter().map(|contig| &contig.name);
            format!("{} has {}", genome.name(), contig::summary(names))
        })
        .collect();
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_in_the_list_are_reported_before_any_file_is_read() {
        let file = |path: &str, weight| GenomeFile { path: path.into(), weight };
        for (files, part) in [
            (vec![], "no genome"),
            (vec![file("-", None)], "stdin"),
            (vec![file("a.fa", None), file("b.fa", Some(1.0))], "b.fa has a weight"),
            (vec![file("a.fa", Some(0.0))], "above 0"),
            (vec![file("a.fa", Some(f64::NAN))], "NaN"),
            (vec![file("a.fa", None), file("a.fa", None)], "twice"),
            (vec![file("no-such.fa", None)], "cannot open no-such.fa"),
        ] {
            let error = Genome::open(&files, false, Cache::default()).err().unwrap().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}

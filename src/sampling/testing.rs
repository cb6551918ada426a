//! Small genomes for tests.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::genome::{Genome, GenomeFile};
use crate::formats::reference::Cache;

/// FASTA files `0.fa`, `1.fa`, … in a folder that goes with the value.
pub struct Files {
    folder: TempDir,
    genomes: Vec<GenomeFile>,
}

impl Files {
    pub fn new(texts: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut genomes = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let path = folder.path().join(format!("{number}.fa"));
            fs::write(&path, text).unwrap();
            genomes.push(GenomeFile { path, weight: None });
        }
        Self { folder, genomes }
    }

    pub fn weighted(mut self, weights: &[f64]) -> Self {
        for (genome, weight) in self.genomes.iter_mut().zip(weights) {
            genome.weight = Some(*weight);
        }
        self
    }

    /// Path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes another file into the folder.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub fn open(&self) -> Vec<Genome> {
        // small blocks, so that windows cross them and blocks are dropped
        Genome::open(&self.genomes, false, Cache { block_bases: 64, blocks: 3 }).unwrap()
    }
}

/// Bases that do not repeat soon.
pub fn bases(length: usize) -> String {
    (0..length as u32)
        .map(|i| char::from(b"ACGT"[(i.wrapping_mul(2_654_435_761) >> 30) as usize]))
        .collect()
}

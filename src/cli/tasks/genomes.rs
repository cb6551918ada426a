//! Arguments about genomes as classes.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

/// Genomes as classes.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GenomeClassArgs {
    /// Genomes as classes, in place of DATA: the examples are random windows of them, of --window bases,
    /// other ones in each epoch of `finetune`; a name can be given again for another file
    #[arg(long, value_name = "NAME=FASTA", num_args = 1.., value_parser = class)]
    #[arg(conflicts_with_all = ["data", "train", "class", "track"], requires = "window")]
    pub genomes: Vec<(String, PathBuf)>,
    /// Windows of each class in an epoch, for validation and for the test [default: 1000,100,200]
    #[arg(long, value_name = "N,N,N", requires = "genomes", value_parser = windows)]
    pub windows: Option<WindowCounts>,
}

/// Windows of each class in an epoch, for validation and for the test.
pub type WindowCounts = [u64; 3];

/// Windows of each class without a number.
pub const WINDOWS: WindowCounts = [1000, 100, 200];

/// A class with its file: `NAME=FILE`.
pub(super) fn class(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.trim().is_empty() && !file.is_empty() => {
            Ok((name.trim().to_owned(), file.into()))
        }
        _ => Err("expected NAME=FILE, such as enhancer=enhancers.fa".into()),
    }
}

fn windows(text: &str) -> Result<WindowCounts, String> {
    const MOST: u64 = 100_000_000;
    let numbers: Option<Vec<u64>> = text
        .split(',')
        .map(|number| number.parse().ok().filter(|number| (1..=MOST).contains(number)))
        .collect();
    numbers
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or_else(|| format!("expected three numbers from 1 to {MOST}, such as 1000,100,200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_numbers_are_expected() {
        assert_eq!(windows("10,2,3"), Ok([10, 2, 3]));
        for wrong in ["", "1", "1,2", "1,2,3,4", "1,0,2", "1,-2,3", "a,b,c", "1,2,200000000"] {
            assert!(windows(wrong).unwrap_err().contains("three numbers"), "{wrong}");
        }
    }
}

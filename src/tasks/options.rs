//! Options of reading files of examples.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{columns::Columns, labels::TaskKind};

/// Options of reading files of examples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Columns of tables.
    pub columns: Columns,
    /// Reference of regions and variants.
    pub reference: Option<PathBuf>,
    /// Saves the index of the reference beside it.
    pub save_index: bool,
    /// Length of windows: around the centre of a region, around a variant, or of the pieces that long
    /// sequences with labels of bases are cut into. At least 1.
    pub window: Option<u64>,
    /// Label and allele of variants.
    pub variants: VariantOptions,
    /// Labels of bases.
    pub tracks: Option<TrackOptions>,
}

/// Options of examples from variants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariantOptions {
    /// INFO fields that hold the labels.
    pub info: Vec<String>,
    /// Allele in the window.
    pub allele: AlleleChoice,
}

/// Allele in the window of a variant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlleleChoice {
    /// That of the reference
    Ref,
    /// Each ALT allele, one sequence for each
    #[default]
    Alt,
}

/// Options of labels of bases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackOptions {
    /// The tracks; at least one.
    pub tracks: Vec<Track>,
    /// Kind of the task: base-classes or base-labels.
    pub kind: TaskKind,
    /// True if the labels of bases in no interval are not known; else they are class `other`, or have no
    /// label.
    pub mask: bool,
}

/// Intervals whose bases have a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// The label; `None` if the names of the intervals are the labels.
    pub name: Option<String>,
    /// BED file.
    pub path: PathBuf,
}

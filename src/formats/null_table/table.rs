//! Contents of a table of null variants, and the keys of its header.

use super::settings::Settings;
use crate::scoring::null::{LengthFit, NullScores};

/// Prefix of the lines with settings.
pub const START: &str = "##hyenadna_null_";

/// Key of the number of rows, by which a truncated file is detected; not a setting.
pub const ENTRIES: &str = "entries";

/// Key of a length fit; not a setting.
pub const LENGTH_FIT: &str = "length_fit";

/// Columns before the scores.
pub const COLUMNS: [&str; 4] = ["#class", "contig", "position", "length"];

/// A table of null variants.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NullTable {
    /// Settings that the scores depend on.
    pub settings: Settings,
    /// Effect of length on each score, in the order of the scores; empty if there is none.
    pub length_fits: Vec<LengthFit>,
    /// Scores as computed, without correction for length.
    pub null: NullScores,
}

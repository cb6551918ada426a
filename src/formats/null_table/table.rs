//! Contents of a table of null variants, and the words of its header.

use super::settings::Settings;
use crate::scoring::null::{LengthFit, NullScores};

/// Start of the lines with settings.
pub const START: &str = "##hyenadna_null_";

/// Keys of what is no setting: the number of rows, which tells a file that was cut off, and the fits.
pub const ENTRIES: &str = "entries";

pub const LENGTH_FIT: &str = "length_fit";

/// Columns before the scores.
pub const COLUMNS: [&str; 4] = ["#class", "contig", "position", "length"];

/// What such a file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NullTable {
    /// What the scores depend on.
    pub settings: Settings,
    /// The effect of length on each score, in the order of their names; or nothing.
    pub length_fits: Vec<LengthFit>,
    /// The scores as they were computed, without a correction of length.
    pub null: NullScores,
}

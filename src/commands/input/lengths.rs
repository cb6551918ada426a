//! Lengths of regions, checked before anything is computed.

use std::path::Path;

use anyhow::{Result, bail};

use super::entries::Entries;
use crate::formats::{bed, input, lines::Lines, number::counted};

/// Checks the lengths of the regions of a BED file, with `flank` bases on either side, before the first is
/// computed; stops at the first line that is malformed, whose error follows when it is read.
///
/// # Errors
/// A region is longer than the context; the message has their number.
pub fn check(path: &Path, entries: &Entries, context: usize, flank: u64) -> Result<()> {
    if entries.are_sequences() || input::is_dash(path) || !path.is_file() {
        return Ok(());
    }
    let mut reader = bed::Reader::new(Lines::new(input::open(path)?));
    let (mut count, mut long, mut first) = (0_u64, 0_u64, None);
    while let Ok(Some(record)) = reader.read() {
        count += 1;
        let Some(length) = entries.contig_length(&record.region.contig) else { break };
        let region = &record.region;
        if region.is_empty() || region.end > length {
            continue;
        }
        let bases = region.widened(flank, length).len();
        if bases > context as u64 {
            long += 1;
            first.get_or_insert((record.line, bases));
        }
    }
    let Some((line, bases)) = first else { return Ok(()) };
    bail!(
        "{}: longer than the model's context of {context} bases (flanks included): {long} of {}, the first in line {line} with {bases} bases; use --long chunk or --long truncate, shorter flanks, or a model with a longer context (`hyenadna models list`)",
        reader.name(),
        counted(count, "region")
    )
}

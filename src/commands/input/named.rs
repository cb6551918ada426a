//! Regions that the command line names one by one.

use anyhow::{Context, Result, bail};

use crate::{
    formats::reference::Reference,
    genome::{contig, region::Region},
    process::exit::Usage,
};

/// Name of the input of regions that were named one by one.
pub const REGION: &str = "--region";

/// A region as samtools writes it: the name of a contig, or `CHROM:START-END`, 1-based with both ends
/// included; without END it goes on to the end of the contig. Numbers may have commas.
///
/// # Errors
/// The text is no region, or the reference has no such contig.
pub fn named_region(text: &str, reference: &mut Reference) -> Result<Region> {
    // a name may have a colon
    if let Some(number) = reference.find(text).context(REGION)? {
        let end = reference.contigs()[number].length;
        return Ok(Region { contig: text.to_owned(), start: 0, end });
    }
    let parsed = text.rsplit_once(':').and_then(|(contig, range)| {
        let (start, end) = range.split_once('-').unwrap_or((range, ""));
        let number = |text: &str| text.replace(',', "").parse::<u64>();
        let start = if start.is_empty() { 1 } else { number(start).ok().filter(|&n| n > 0)? };
        let end = if end.is_empty() { None } else { Some(number(end).ok()?) };
        Some((contig, start - 1, end))
    });
    let Some((contig, start, end)) = parsed else {
        let names = contig::summary(reference.contigs().iter().map(|c| &c.name));
        bail!(Usage(format!(
            "{REGION} {text}: expected a contig of {} (it has {names}), or CHROM:START-END, 1-based with both ends included",
            reference.name()
        )));
    };
    let length = reference.contig(contig).map(|contig| contig.length);
    let end = end.or(length).unwrap_or(start + 1);
    if start >= end {
        bail!(Usage(format!("{REGION} {text}: start is after the end {end}")));
    }
    Ok(Region { contig: contig.to_owned(), start, end })
}

//! Items that pass through the stages of `score-variants`.

use std::sync::Arc;

use super::null::NullAllele;
use crate::{
    formats::variants::vcf::Record, genome::variant::Status, scoring::null::Class,
    windows::strands::Windows,
};

/// One ALT allele of a record.
#[derive(Debug, Clone)]
pub struct QueuedAllele {
    /// The record that it belongs to.
    pub record: Arc<Record>,
    /// Its number among the record's ALT alleles, from 0.
    pub number: usize,
    /// True for the last one of the record.
    pub last: bool,
    /// Status, known before it is scored.
    pub status: Status,
    /// Windows to compute, if it can be scored; with REF and ALT exchanged for status `swapped`.
    pub windows: Option<Windows>,
    /// Its values, separated by tabs, if an earlier run gave them.
    pub known: Option<Box<[u8]>>,
    /// Its haplotype, if haplotypes are followed.
    pub phase: Option<Phase>,
    /// Its class and place, if scores are ranked.
    pub key: NullKey,
}

/// Class and place that select the null variants of an allele.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NullKey {
    /// Its class, if it has one.
    pub class: Option<Class>,
    /// Name of its contig in the reference.
    pub contig: String,
    /// Its first changed base, 1-based.
    pub position: u64,
    /// Change in length, in bases.
    pub length: i64,
}

/// One item.
#[derive(Debug, Clone)]
pub enum WorkItem {
    /// A null variant, which comes before the alleles that are compared with it.
    Null(Box<NullAllele>),
    /// An allele of the input.
    Allele(Box<QueuedAllele>),
}

impl WorkItem {
    /// Cost of the item in a chunk, in bases.
    pub fn size(&self) -> usize {
        const OVERHEAD: usize = 16;
        // lines are long where there are many samples
        let line = match self {
            Self::Allele(allele) if allele.last => allele.record.line.len() / 16,
            _ => 0,
        };
        let known = match self {
            Self::Allele(allele) => allele.known.as_ref().map_or(0, |known| known.len()),
            Self::Null(_) => 0,
        };
        OVERHEAD + line + known + self.windows().map_or(0, Windows::size)
    }

    /// Windows to compute.
    pub fn windows(&self) -> Option<&Windows> {
        match self {
            Self::Null(null) => Some(&null.windows),
            Self::Allele(allele) => allele.windows.as_ref(),
        }
    }
}

/// The haplotype on which an allele was scored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phase {
    /// Its number, from 1; none if no haplotype carries the allele, or it is unknown which.
    pub haplotype: Option<u8>,
    /// Number of other alleles of the haplotype in the reference window.
    pub applied: usize,
}

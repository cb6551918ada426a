//! What goes through the stages of `score-variants`.

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
    /// Whether it is the record's last.
    pub last: bool,
    /// Whether it can be scored.
    pub status: Status,
    /// What is to be computed, if it can; of status `swapped` with REF and ALT exchanged.
    pub windows: Option<Windows>,
    /// What it stands among, if haplotypes are followed.
    pub phase: Option<Phase>,
    /// What it is compared with, if scores are ranked.
    pub key: NullKey,
}

/// What tells with which null variants an allele is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NullKey {
    /// Its class, if it has one.
    pub class: Option<Class>,
    /// Name of its contig in the reference.
    pub contig: String,
    /// Its first changed base, 1-based.
    pub position: u64,
    /// By how many bases it changes the length.
    pub length: i64,
}

/// What goes through the stages.
#[derive(Debug, Clone)]
pub enum WorkItem {
    /// A null variant, which comes before the alleles that are compared with it.
    Null(Box<NullAllele>),
    /// An allele of the input.
    Allele(Box<QueuedAllele>),
}

impl WorkItem {
    /// What it counts for when chunks are cut, in bases.
    pub fn size(&self) -> usize {
        const OVERHEAD: usize = 16;
        // lines are long where there are many samples
        let line = match self {
            Self::Allele(allele) if allele.last => allele.record.line.len() / 16,
            _ => 0,
        };
        OVERHEAD + line + self.windows().map_or(0, Windows::size)
    }

    /// What is to be computed.
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
    /// How many other alleles of it stand in the reference window.
    pub applied: usize,
}

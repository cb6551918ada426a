//! Policies for records that do not fit the reference.

/// Policy for a record whose REF differs from the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum MismatchPolicy {
    /// Keep it without scores and count it, but stop if more than half of the first 1,000 records
    /// differ: the assembly is wrong
    #[default]
    Check,
    /// Keep it without scores and count it
    Report,
    /// Skip it and count it
    Skip,
    /// Stop with an error
    Fail,
    /// If the reference has the ALT allele, score it with REF and ALT exchanged (status swapped);
    /// keep other records without scores
    Swap,
}

/// Policy for a record whose contig is not in the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ContigPolicy {
    /// Keep it without scores and count it
    #[default]
    Report,
    /// Skip it and count it
    Skip,
    /// Stop with an error
    Fail,
}

/// Both policies.
#[derive(Debug, Clone, Copy)]
pub struct Policies {
    /// About REF.
    pub mismatch: MismatchPolicy,
    /// About CHROM.
    pub contig: ContigPolicy,
}

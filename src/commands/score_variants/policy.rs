//! What is done with records that do not fit the reference.

/// What to do with a record whose REF differs from the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum MismatchPolicy {
    /// Keep it without scores and count it
    #[default]
    Report,
    /// Leave it out and count it
    Skip,
    /// Stop with an error
    Fail,
    /// Where an ALT is what the reference has, score it with the two exchanged (status swapped);
    /// keep others without scores
    Swap,
}

/// What to do with a record whose contig is not in the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ContigPolicy {
    /// Keep it without scores and count it
    #[default]
    Report,
    /// Leave it out and count it
    Skip,
    /// Stop with an error
    Fail,
}

/// Both.
#[derive(Debug, Clone, Copy)]
pub struct Policies {
    /// About REF.
    pub mismatch: MismatchPolicy,
    /// About CHROM.
    pub contig: ContigPolicy,
}

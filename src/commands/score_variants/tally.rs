//! Counts of alleles by status.

use std::collections::HashMap;

use super::assembly;
use crate::{
    commands::output::{resume::SavedCounts, summary::Counts},
    genome::variant::Status,
};

/// Name of the count of records, which no status has.
const RECORDS: &str = "records";

/// Counts by status.
#[derive(Debug, Default)]
pub struct StatusCounts {
    counts: HashMap<Status, u64>,
    records: u64,
}

impl StatusCounts {
    /// Counts one allele, and its record after the last.
    pub fn count(&mut self, status: Status, is_last: bool) {
        *self.counts.entry(status).or_default() += 1;
        self.records += u64::from(is_last);
    }

    /// The counts of an earlier run, see [`saved`](Self::saved).
    pub fn of_earlier(saved: &SavedCounts) -> Self {
        let of = |name: &str| saved.get(name).copied();
        let counts = Status::ALL.iter().filter_map(|&status| Some((status, of(status.name())?)));
        Self { counts: counts.collect(), records: of(RECORDS).unwrap_or(0) }
    }

    /// The counts, for a run that goes on after this one.
    pub fn saved(&self) -> SavedCounts {
        let counts = self.counts.iter().map(|(status, &count)| (status.name().to_owned(), count));
        counts.chain([(RECORDS.to_owned(), self.records)]).collect()
    }

    /// Statuses with their counts, the most frequent first.
    fn sorted(&self) -> Vec<(Status, u64)> {
        let mut counts: Vec<_> = self.counts.iter().map(|(&s, &n)| (s, n)).collect();
        counts.sort_by_key(|(status, count)| (std::cmp::Reverse(*count), status.name()));
        counts
    }

    /// The counts for a summary. `skipped`: records that were left out by a policy.
    pub fn summary(&self, skipped: u64) -> Counts {
        let alleles = self.counts.values().sum();
        let totals = Counts::default()
            .total("records", self.records)
            .total("alleles", alleles)
            .total("skipped_records", skipped);
        self.sorted()
            .into_iter()
            .fold(totals, |counts, (status, n)| counts.status(status.name(), n))
    }

    /// True if every record with an ALT allele was scored.
    pub fn is_complete(&self) -> bool {
        self.counts
            .keys()
            .all(|status| matches!(status, Status::Ok | Status::Swapped | Status::NoAlt))
    }

    /// Logs the counts, as a warning if an allele could not be scored. `skipped`: records that were left
    /// out because their REF differs from the reference.
    pub fn report(&self, skipped: u64) {
        let of = |status: Status| self.counts.get(&status).copied().unwrap_or(0);
        assembly::check_counts(
            of(Status::Ok) + of(Status::Swapped),
            of(Status::RefMismatch) + skipped,
        );
        let text: Vec<String> = self.sorted().iter().map(|(s, n)| format!("{n} {s}")).collect();
        match text.join(", ") {
            text if text.is_empty() => log::warn!("no records to score"),
            text if self.is_complete() => log::info!("alleles: {text}"),
            text => log::warn!("alleles: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_taken_over() {
        let mut tally = StatusCounts::default();
        for &status in Status::ALL {
            tally.count(status, status == Status::Symbolic);
        }
        tally.count(Status::Ok, true);
        let again = StatusCounts::of_earlier(&tally.saved());
        assert_eq!((again.sorted(), again.records), (tally.sorted(), 2));
    }

    #[test]
    fn only_alleles_that_should_be_scored_count_as_missing() {
        let mut tally = StatusCounts::default();
        tally.count(Status::Ok, true);
        tally.count(Status::NoAlt, true);
        assert!(tally.is_complete());
        tally.count(Status::Symbolic, true);
        assert!(!tally.is_complete());
    }
}

//! Counts of alleles by status.

use std::collections::HashMap;

use crate::{formats::number::counted, genome::variant::Status};

/// Counts by status.
#[derive(Debug, Default)]
pub struct StatusCounts {
    counts: HashMap<Status, u64>,
}

impl StatusCounts {
    /// Counts one allele.
    pub fn count(&mut self, status: Status) {
        *self.counts.entry(status).or_default() += 1;
    }

    /// True if every record with an ALT allele was scored.
    pub fn is_complete(&self) -> bool {
        self.counts
            .keys()
            .all(|status| matches!(status, Status::Ok | Status::Swapped | Status::NoAlt))
    }

    /// Logs the counts, as a warning if an allele could not be scored.
    pub fn report(&self) {
        let of = |status: Status| self.counts.get(&status).copied().unwrap_or(0);
        let (fit, differ) = (of(Status::Ok) + of(Status::Swapped), of(Status::RefMismatch));
        if differ >= 10 && 4 * differ > fit {
            log::warn!(
                "REF differs from the reference in {differ} of {}; check the assembly, as the others may match by chance",
                counted(fit + differ, "allele")
            );
        }
        let mut counts: Vec<_> = self.counts.iter().collect();
        counts.sort_by_key(|(status, count)| (std::cmp::Reverse(**count), status.name()));
        let text: Vec<String> = counts.iter().map(|(s, n)| format!("{n} {s}")).collect();
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
    fn only_alleles_that_should_be_scored_count_as_missing() {
        let mut tally = StatusCounts::default();
        tally.count(Status::Ok);
        tally.count(Status::NoAlt);
        assert!(tally.is_complete());
        tally.count(Status::Symbolic);
        assert!(!tally.is_complete());
    }
}

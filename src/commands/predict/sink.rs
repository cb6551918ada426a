//! The end of the pipeline: writes and counts.

use super::{
    read::{Item, ItemStatus},
    write::Writer,
};
use crate::{
    commands::output::{
        resume::{Resume, named_counts},
        summary::Counts,
    },
    formats::output::OutputError,
    process::progress::Progress,
};

/// Names of the counts of a run that goes on.
const COUNTS: [&str; 5] = ["entries", "short", "empty", "longer", "rows"];

/// Takes items in their order.
pub struct ItemSink {
    pub writer: Writer,
    pub progress: Progress,
    /// Longest sequence of the training data, in bases.
    longest: usize,
    /// The worst status of the items of the region or sequence at hand.
    worst: ItemStatus,
    /// Counts of regions and sequences.
    pub entries: u64,
    pub short: u64,
    pub empty: u64,
    /// Windows that are longer than any sequence of the training data.
    pub longer: u64,
}

impl ItemSink {
    /// A sink for the values of a head that was trained on sequences of up to `longest` bases.
    pub fn new(writer: Writer, progress: Progress, longest: usize) -> Self {
        let worst = ItemStatus::Ok;
        Self { writer, progress, longest, worst, entries: 0, short: 0, empty: 0, longer: 0 }
    }

    /// Writes items with their values; they end at `position` in the input. Saves how far the run came after a region or
    /// sequence.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn take(
        &mut self,
        items: Vec<(Item, Vec<f64>)>,
        position: u64,
        resume: &mut Resume,
    ) -> Result<(), OutputError> {
        for (item, values) in items {
            self.longer += u64::from(item.bases.len() > self.longest);
            self.worst = self.worst.max(item.status);
            if item.last {
                self.progress.add(1);
                self.entries += 1;
                self.short += u64::from(self.worst == ItemStatus::Short);
                self.empty += u64::from(self.worst == ItemStatus::Empty);
                self.worst = ItemStatus::Ok;
            }
            self.writer.write(&item, &values)?;
            if item.last {
                resume.add(1);
                let Self { entries, short, empty, longer, writer, .. } = self;
                let counts = [*entries, *short, *empty, *longer, writer.count];
                resume.save(&mut *writer.rows, || named_counts(COUNTS, counts))?;
            }
        }
        self.progress.reach(position);
        Ok(())
    }

    /// Takes over the counts of an earlier run.
    pub fn take_over(&mut self, resume: &Resume) {
        let counts = resume.counts_of(COUNTS);
        [self.entries, self.short, self.empty, self.longer, self.writer.count] = counts;
    }

    /// The counts for a summary.
    pub fn counts(&self) -> Counts {
        Counts::default()
            .total("records", self.entries)
            .total("rows", self.writer.count)
            .status("ok", self.entries - self.empty - self.short)
            .status("short", self.short)
            .status("empty", self.empty)
    }
}

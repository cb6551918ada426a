//! The end of the pipeline: joins the strands, sums up, and writes.

use std::collections::VecDeque;

use super::{
    read::{EntryHead, Part},
    write::{EntrySum, Writer},
};
use crate::{
    commands::output::{
        resume::{Resume, named_counts},
        rows,
        summary::Counts,
    },
    formats::output::{Complete, OutputError},
    genome::region::Strand,
    inference::predict::Prediction,
    process::progress::Progress,
};

/// Names of the counts of a run that goes on.
const COUNTS: [&str; 3] = ["entries", "bases", "unpredicted"];

/// A base of the forward strand, and its prediction if it has one.
pub type Letter = (u8, Option<Prediction>);

/// Takes the parts of entries in their order.
pub struct EntrySink {
    writer: Writer,
    strands: StrandJoiner,
    progress: Progress,
    entry: Option<EntryHead>,
    position: u64,
    tally: EntrySum,
    entries: u64,
    /// Bases that were predicted.
    bases: u64,
    unpredicted: u64,
}

impl EntrySink {
    /// A sink for the windows of these strands.
    pub fn new(writer: Writer, strands: &'static [Strand], progress: Progress) -> Self {
        Self {
            writer,
            strands: StrandJoiner::new(strands),
            progress,
            entry: None,
            position: 0,
            tally: EntrySum::default(),
            entries: 0,
            bases: 0,
            unpredicted: 0,
        }
    }

    /// Writes the bases and entries that are complete; the parts end at `position` in the input. Saves how far the run came
    /// after an entry.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn take(
        &mut self,
        parts: Vec<Part<Vec<Letter>>>,
        position: u64,
        resume: &mut Resume,
    ) -> Result<(), OutputError> {
        for part in parts {
            match part {
                Part::Start(head) => {
                    self.position = head.start;
                    self.tally = EntrySum::default();
                    self.writer.rows.contig(&head.contig)?;
                    self.entry = Some(head);
                }
                Part::Window(strand, letters) => {
                    self.strands.add(strand, letters);
                    self.write_bases()?;
                }
                Part::End => {
                    if let Some(head) = self.entry.take() {
                        self.writer.entry(&head, &self.tally)?;
                    }
                    self.entries += 1;
                    self.bases += self.tally.bases;
                    self.unpredicted += u64::from(self.tally.bases == 0);
                    resume.add(1);
                    let counts = [self.entries, self.bases, self.unpredicted];
                    resume.save(&mut *self.writer.rows, || named_counts(COUNTS, counts))?;
                }
            }
        }
        self.progress.reach(position);
        Ok(())
    }

    fn write_bases(&mut self) -> Result<(), OutputError> {
        let Some(head) = &self.entry else { return Ok(()) };
        let before = self.position;
        while let Some((base, prediction)) = self.strands.next() {
            self.tally.add(prediction.as_ref());
            self.writer.base(&head.name, self.position, base, prediction.as_ref())?;
            self.position += 1;
        }
        self.progress.add(self.position - before);
        Ok(())
    }

    /// Takes over the counts of an earlier run.
    pub fn take_over(&mut self, resume: &Resume) {
        [self.entries, self.bases, self.unpredicted] = resume.counts_of(COUNTS);
    }

    /// Counts of the entries and bases so far.
    pub fn counts(&self) -> Counts {
        Counts::default()
            .total("records", self.entries)
            .total("bases", self.bases)
            .status("ok", self.entries - self.unpredicted)
            .status("unpredicted", self.unpredicted)
    }

    /// Completes the output, with which `summary` gets its name. Returns the number of entries without a predicted base.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(self, summary: Option<Complete>) -> Result<u64, OutputError> {
        rows::finish(self.writer.rows, summary)?;
        self.progress.finish();
        Ok(self.unpredicted)
    }
}

/// Joins the results of the strands of one entry.
struct StrandJoiner {
    of: &'static [Strand],
    waiting: Vec<VecDeque<Letter>>,
}

impl StrandJoiner {
    fn new(of: &'static [Strand]) -> Self {
        Self { of, waiting: of.iter().map(|_| VecDeque::new()).collect() }
    }

    fn add(&mut self, strand: Strand, letters: Vec<Letter>) {
        let index = self.of.iter().position(|&of| of == strand).unwrap_or_default();
        self.waiting[index].extend(letters);
    }

    /// The next base that all strands have passed, with the mean of their predictions.
    fn next(&mut self) -> Option<Letter> {
        if self.waiting.iter().any(VecDeque::is_empty) {
            return None;
        }
        let letters = self.waiting.iter_mut().filter_map(VecDeque::pop_front);
        let (bases, found): (Vec<u8>, Vec<Option<Prediction>>) = letters.unzip();
        let found: Vec<Prediction> = found.into_iter().flatten().collect();
        Some((*bases.first()?, Prediction::mean(&found)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strands_are_joined_base_by_base() {
        let prediction =
            |p: f64| Prediction { log_probability: p, entropy: 1.0, probabilities: [0.25; 4] };
        let mut strands = StrandJoiner::new(&[Strand::Forward, Strand::Reverse]);
        strands
            .add(Strand::Forward, vec![(b'A', None), (b'N', None), (b'C', Some(prediction(-1.0)))]);
        assert_eq!(strands.next(), None);
        strands.add(Strand::Reverse, vec![(b'A', Some(prediction(-4.0)))]);
        assert_eq!(strands.next(), Some((b'A', Some(prediction(-4.0)))));
        assert_eq!(strands.next(), None);
        strands.add(Strand::Reverse, vec![(b'N', None), (b'C', Some(prediction(-2.0)))]);
        assert_eq!(strands.next(), Some((b'N', None)));
        assert_eq!(strands.next(), Some((b'C', Some(prediction(-1.5)))));
        assert_eq!(strands.next(), None);
    }
}

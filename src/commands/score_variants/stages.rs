//! The stages of a run: records in, alleles with windows, scores, rows out.

use anyhow::Result;

use super::{
    alleles::AlleleCutter,
    calibrate::Calibration,
    columns::OutputColumns,
    compute::{self, Answer},
    item::WorkItem,
    open::Opened,
    plan::Plan,
    records::Records,
    tally::StatusCounts,
    write::{AlleleRow, Writer},
};
use crate::{
    commands::output::resume::Resume,
    inference::pipeline::{self, Chunks},
    process::{exit::Outcome, progress::Progress},
};

impl Opened<'_> {
    /// Scores every allele, completes the outputs and logs what was left out.
    ///
    /// # Errors
    /// A malformed input, a record that a policy calls an error, a batch that the model cannot
    /// compute, or an output that cannot be written.
    pub fn run(self, plan: &Plan<'_>) -> Result<Outcome> {
        let Self {
            records,
            alleles,
            mut runners,
            calibration,
            writer,
            resume,
            columns,
            saving,
            summary,
            progress,
            provenance,
            budget,
        } = self;
        let variants = records.name().to_owned();
        let ranked = calibration.as_ref().map(|c| c.scores().to_vec()).unwrap_or_default();
        let counts = resume.counts().map(StatusCounts::of_earlier).unwrap_or_default();
        let done = resume.items();
        let mut end = End { writer, columns, calibration, counts, resume, progress };
        let alleles = pipeline::run(
            move |feeder| {
                let chunks = Chunks::new(feeder, budget).with_first(FIRST).after(done);
                read(records, alleles, chunks)
            },
            &mut runners,
            |runner, items| Ok(compute::score(items, runner, plan.compared, &ranked)?),
            |answers, position| end.take(answers, position),
        )?;
        let End { writer, calibration, counts, resume, progress, .. } = end;
        alleles.check(&variants)?;
        // all are complete before any gets its name
        let saved = match (saving, &calibration) {
            (Some(saving), Some(calibration)) => {
                Some(saving.complete(calibration, plan.settings(), &provenance.lines())?)
            }
            _ => None,
        };
        let counted = counts.summary(alleles.skipped().all());
        let counted = match alleles.known() {
            Some(known) => counted.total("known_alleles", known),
            None => counted,
        };
        let summary = summary.complete(&provenance, counted)?;
        writer.finish([saved, summary].into_iter().flatten())?;
        resume.finish();
        progress.finish();
        alleles.report();
        if let Some(calibration) = &calibration {
            calibration.report();
        }
        counts.report(alleles.skipped().mismatch);
        Ok(if counts.is_complete() { Outcome::Done } else { Outcome::Incomplete })
    }
}

/// The first chunk is this part of a full one, and each chunk doubles the size of the one before: a reader
/// may only want the first rows.
const FIRST: usize = 32;

/// The first stage: reads records and hands on their alleles in chunks.
fn read(
    mut records: Records,
    mut alleles: AlleleCutter,
    mut chunks: Chunks<WorkItem>,
) -> Result<AlleleCutter> {
    let name = records.name().to_owned();
    let mut position = records.position();
    let mut take = |item: WorkItem, position: u64| {
        let size = item.size();
        chunks.reach(position);
        chunks.push(item, size)
    };
    while let Some((record, backgrounds)) = records.next(alleles.reference())? {
        position = records.position();
        let mut take = |item| take(item, position);
        if alleles.cut(&name, (&record, backgrounds.as_deref()), &mut take)?.is_break() {
            return Ok(alleles);
        }
    }
    records.report();
    // all classes, if there was no allele
    if alleles.draw(None, &mut |item| take(item, position))?.is_continue() {
        chunks.finish();
    }
    Ok(alleles)
}

/// The last stage: ranks, counts and writes.
struct End {
    writer: Writer,
    columns: OutputColumns,
    calibration: Option<Calibration>,
    counts: StatusCounts,
    resume: Resume,
    progress: Progress,
}

impl End {
    fn take(&mut self, answers: Vec<Answer>, position: u64) -> Result<()> {
        self.resume.add(answers.len());
        for answer in answers {
            match (answer, &mut self.calibration) {
                (Answer::Null(class, entry), Some(calibration)) => calibration.push(class, entry),
                (Answer::Null(..), None) => {}
                (Answer::Allele(mut scored), calibration) => {
                    if let Some(calibration) = calibration {
                        scored.calibrated = calibration.values(&scored);
                    }
                    self.progress.add(1);
                    self.counts.count(scored.allele.status, scored.allele.last);
                    let values = self.columns.values(&scored);
                    self.writer.write(AlleleRow { allele: scored.allele, values })?;
                }
            }
        }
        self.writer.show()?;
        self.progress.reach(position);
        if self.writer.is_between_records() {
            self.resume.save(&mut *self.writer.rows, || self.counts.saved())?;
        }
        Ok(())
    }
}

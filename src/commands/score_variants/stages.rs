//! The stages of a run: records in, alleles with windows, scores, rows out.

use anyhow::Result;

use super::{
    calibrate::Calibration,
    compute::{self, Answer},
    open::Opened,
    plan::Plan,
    read,
    tally::StatusCounts,
    write::Writer,
};
use crate::{
    commands::output::name_output,
    formats::output::Complete,
    inference::pipeline,
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
            mut runner,
            calibration,
            writer,
            saving,
            progress,
            provenance,
            budget,
        } = self;
        let variants = records.name().to_owned();
        let output = &plan.args.output.output;
        let ranked = calibration.as_ref().map(|c| c.scores().to_vec()).unwrap_or_default();
        let mut end = End { writer, calibration, counts: StatusCounts::default(), progress };
        let alleles = pipeline::run(
            move |feeder| read(records, alleles, budget, &feeder),
            |items| Ok(compute::score(items, &mut runner, plan.compared, &ranked)?),
            |answers| end.take(answers),
        )
        .map_err(|error| name_output(error, output))?;
        let End { writer, calibration, counts, progress } = end;
        alleles.check_contigs(&variants)?;
        // both are complete before either gets its name
        let saved = match (saving, &calibration) {
            (Some(saving), Some(calibration)) => {
                Some(saving.complete(calibration, plan.settings(), &provenance.lines())?)
            }
            _ => None,
        };
        writer.finish().map_err(|error| name_output(error.into(), output))?;
        saved.map_or(Ok(()), Complete::publish)?;
        progress.finish();
        alleles.report();
        if let Some(calibration) = &calibration {
            calibration.report();
        }
        counts.report();
        Ok(if counts.is_complete() { Outcome::Done } else { Outcome::Incomplete })
    }
}

/// The last stage: ranks, counts and writes.
struct End {
    writer: Writer,
    calibration: Option<Calibration>,
    counts: StatusCounts,
    progress: Progress,
}

impl End {
    fn take(&mut self, answers: Vec<Answer>) -> Result<()> {
        for answer in answers {
            match (answer, &mut self.calibration) {
                (Answer::Null(class, entry), Some(calibration)) => calibration.push(class, entry),
                (Answer::Null(..), None) => {}
                (Answer::Allele(mut scored), calibration) => {
                    if let Some(calibration) = calibration {
                        scored.calibrated = calibration.values(&scored);
                    }
                    self.progress.add(1);
                    self.counts.count(scored.allele.status);
                    self.writer.write(&scored)?;
                }
            }
        }
        self.writer.show()?;
        Ok(())
    }
}

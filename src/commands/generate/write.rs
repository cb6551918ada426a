//! Generated sequences as FASTA.

use std::f64::consts::LN_2;

use super::prompts::Prompt;
use crate::{
    cli::{model::ModelArgs, windows::name},
    formats::{
        number::number,
        output::{Complete, OutputError},
        sequences::fasta_writer::FastaWriter,
    },
    inference::generation::{Batch, Generated, Settings},
    model::weights::source::Named,
    process::progress::Progress,
};

/// Form of the records.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Bases are written as soon as they are drawn, after a title without their likelihood.
    pub stream: bool,
    /// The prompt is written before the new bases.
    pub with_prompt: bool,
}

/// Identity of a sequence.
#[derive(Debug, Clone, Copy)]
pub struct Title<'a> {
    /// The prompt that it continues.
    pub prompt: &'a Prompt,
    /// Its number among those of the prompt, 0-based.
    pub copy: u64,
}

/// Part of each title that is equal for all: the model and the settings. White space in the name of a
/// model becomes `_`.
pub fn settings(settings: &Settings, named: &Named, args: &ModelArgs) -> String {
    let Settings { draw, seed, .. } = settings;
    let model = named.name.to_string().replace(char::is_whitespace, "_");
    format!(
        "model={model} identity={} n_token={} dtype={} temperature={} top_k={} top_p={} seed={seed}",
        named.identity,
        args.n_token(named).name(),
        name(args.dtype),
        draw.temperature,
        draw.top_k,
        draw.top_p
    )
}

/// Writes sequences in their order.
pub struct Records<'a> {
    writer: FastaWriter<'a>,
    settings: String,
    layout: Layout,
    progress: Progress,
    /// Bases of the batch, over all its sequences.
    made: u64,
    /// Bases of all batches.
    done: u64,
    /// Bases of the first sequence of the batch that are written.
    bases: usize,
}

impl<'a> Records<'a> {
    /// Starts to write; `settings` is the end of each title.
    pub fn new(
        writer: FastaWriter<'a>,
        settings: String,
        layout: Layout,
        progress: Progress,
    ) -> Self {
        Self { writer, settings, layout, progress, made: 0, done: 0, bases: 0 }
    }

    /// Writes what is new in a batch, whose sequences have these titles: sequences once they are complete,
    /// or bases of the first that is not when they stream.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn take(&mut self, titles: &[Title<'_>], batch: &Batch<'_>) -> Result<(), OutputError> {
        let complete = batch.is_complete();
        let mut pairs = titles.iter().zip(batch.sequences());
        if complete {
            for (title, made) in pairs {
                self.continue_record(title, made)?;
                self.end_record(title, made)?;
            }
            self.writer.flush()?;
        } else if self.layout.stream
            && let Some((title, made)) = pairs.next()
        {
            self.continue_record(title, made)?;
            if self.writer.is_at_line_end() {
                self.writer.flush()?;
            }
        }
        let made: u64 = batch.sequences().map(|made| made.bases.len() as u64).sum();
        self.progress.add(made - self.made);
        self.done += made - self.made;
        self.made = if complete { 0 } else { made };
        self.progress.reach(self.done);
        Ok(())
    }

    /// Writes the bases of a sequence that are not written yet, after its title if none is.
    fn continue_record(&mut self, title: &Title<'_>, made: &Generated) -> Result<(), OutputError> {
        if self.bases == 0 {
            let likelihood = if self.layout.stream { String::new() } else { likelihood(made) };
            let Title { prompt, copy } = title;
            let (name, bases) = (&prompt.name, prompt.bases.len());
            let number = copy + 1;
            self.writer.start(&format!(
                "{name}_{number} prompt_bases={bases} {likelihood}{}",
                self.settings
            ))?;
            if self.layout.with_prompt {
                self.writer.letters(&prompt.bases)?;
            }
        }
        self.writer.letters(&made.bases[self.bases..])?;
        self.bases = made.bases.len();
        Ok(())
    }

    fn end_record(&mut self, title: &Title<'_>, made: &Generated) -> Result<(), OutputError> {
        self.writer.end()?;
        self.bases = 0;
        if self.layout.stream {
            log::info!("{}_{}: {}", title.prompt.name, title.copy + 1, likelihood(made).trim_end());
        }
        Ok(())
    }

    /// Bases up to the end of the line that is written, or of a whole one.
    pub fn room(&self) -> usize {
        self.writer.room()
    }

    /// Completes the output, which has no name yet.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(self) -> Result<Complete, OutputError> {
        let complete = self.writer.complete()?;
        self.progress.finish();
        Ok(complete)
    }
}

/// The log-likelihood of the new bases, and the same in bits for each that was predicted.
fn likelihood(made: &Generated) -> String {
    let bits = -made.log_likelihood / LN_2 / made.predicted as f64;
    let [sum, bits] =
        [made.log_likelihood, bits].map(|x| number((made.predicted > 0).then_some(x)));
    format!("log_likelihood={sum} bits_per_base={bits} ")
}

//! Runs that go on where they were killed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail, ensure};

use super::{
    format::Format,
    paths::is_same,
    rows::{OpenOutput, RowWriter},
};
use crate::{
    cli::io::ResumeArgs,
    formats::{
        input::is_dash,
        output::{
            Kept, Output, OutputError, Partial, State, is_special_path, partial_path, state_path,
        },
    },
    model::libtorch,
    process::{exit::Usage, provenance::Provenance},
};

/// Counts of a run, by name.
pub type SavedCounts = BTreeMap<String, u64>;

/// The progress of a run that is kept; nothing without `--resume`.
pub struct Resume(Option<Saving>);

struct Saving {
    path: PathBuf,
    state: State,
    /// True if an earlier run began it.
    is_resumed: bool,
    /// Items when the state was saved.
    saved: u64,
    /// Time between two saves.
    interval: Duration,
    last: Instant,
    is_complete: bool,
}

impl Resume {
    /// Opens an output, after the rows of an earlier run, once the model is on its device. `inputs` are all files that are
    /// read.
    ///
    /// # Errors
    /// The output or an input cannot be used so, or the earlier run was another one: of another command, or of inputs that
    /// were changed since.
    pub fn open(
        args: &ResumeArgs,
        (format, path): (Format, &Path),
        inputs: &[&Path],
        provenance: &Provenance,
    ) -> Result<(Self, OpenOutput)> {
        let Some(seconds) = args.resume else {
            return Ok((Self(None), OpenOutput::create(format, path)?));
        };
        let run = run(format, inputs, provenance)?;
        let partial = Partial::lock(path)?;
        let mut earlier = match State::read(path) {
            Err(error) if partial.is_new => {
                let _ = fs::remove_file(partial_path(path)); // which is empty
                return Err(error.into());
            }
            read => read?,
        };
        if partial.is_new && earlier.take().is_some() {
            let state = state_path(path);
            log::warn!(
                "{} says how far a run came, but its rows are not there any more; beginning anew",
                state.display()
            );
            fs::remove_file(&state)
                .with_context(|| format!("cannot remove {}", state.display()))?;
        }
        let (state, is_resumed) = match earlier {
            Some(state) => {
                check_same(&state.run, &run, path)?;
                state.check(path)?;
                (state, true)
            }
            None if !partial.is_new && partial.bytes()? > 0 => {
                bail!(
                    "{} is there, but not how far its run came ({}); remove it, or rename it if it is no part of {}",
                    partial_path(path).display(),
                    state_path(path).display(),
                    path.display()
                )
            }
            None => (State::new(run), false),
        };
        let kept = if is_resumed { state.kept() } else { Kept::default() };
        let output = OpenOutput::new(format, Output::resume(path, partial, kept)?, path);
        let saving = Saving {
            path: path.to_owned(),
            saved: state.items,
            state,
            is_resumed,
            interval: Duration::from_secs(seconds),
            last: Instant::now(),
            is_complete: false,
        };
        Ok((Self(Some(saving)), output))
    }

    /// Takes note of the header, right after it was written.
    ///
    /// # Errors
    /// It is not that of the earlier run, or cannot be written.
    pub fn begin(&mut self, rows: &mut dyn RowWriter) -> Result<()> {
        let Some(Saving { path, state, is_resumed, .. }) = &mut self.0 else { return Ok(()) };
        rows.flush()?;
        let Some(reached) = rows.reached()? else { return Ok(()) };
        if *is_resumed {
            ensure!(
                reached.written == state.header,
                "{} has another header than this run; {}",
                partial_path(path).display(),
                anew(path)
            );
            log::info!("going on after the rows in {}", partial_path(path).display());
        } else {
            state.header = reached.written;
            state.write(path, reached)?;
        }
        Ok(())
    }

    /// Items of the input whose rows are in the output already.
    pub fn items(&self) -> u64 {
        self.0.as_ref().map_or(0, |saving| saving.state.items)
    }

    /// Those of their counts that have these names; 0 for others, and if there are none.
    pub fn counts_of<const N: usize>(&self, names: [&str; N]) -> [u64; N] {
        names.map(|name| self.counts().and_then(|counts| counts.get(name)).copied().unwrap_or(0))
    }

    /// Their counts.
    pub fn counts(&self) -> Option<&SavedCounts> {
        let state = self.0.as_ref().map(|saving| &saving.state);
        state.filter(|state| state.items > 0).map(|state| &state.counts)
    }

    /// Adds the items of a chunk, all of whose rows were written.
    pub fn add(&mut self, items: usize) {
        if let Some(Saving { state, .. }) = &mut self.0 {
            state.items += items as u64;
        }
    }

    /// Saves how far the run came, if it is time. The rows end with an item.
    ///
    /// # Errors
    /// The output or the state cannot be written.
    pub fn save(
        &mut self,
        rows: &mut dyn RowWriter,
        counts: impl FnOnce() -> SavedCounts,
    ) -> Result<(), OutputError> {
        let Some(Saving { path, state, saved, interval, last, .. }) = &mut self.0 else {
            return Ok(());
        };
        if state.items == *saved || last.elapsed() < *interval {
            return Ok(());
        }
        rows.flush()?;
        let Some(reached) = rows.reached()? else { return Ok(()) };
        state.counts = counts();
        state.write(path, reached)?;
        (*last, *saved) = (Instant::now(), state.items);
        log::debug!("{}: saved after {} items", state_path(path).display(), state.items);
        Ok(())
    }

    /// Ends the run, whose outputs are complete.
    pub fn finish(mut self) {
        if let Some(saving) = &mut self.0 {
            saving.is_complete = true;
        }
    }
}

/// Counts with their names.
pub fn named_counts<const N: usize>(names: [&str; N], counts: [u64; N]) -> SavedCounts {
    names.map(str::to_owned).into_iter().zip(counts).collect()
}

impl Drop for Saving {
    fn drop(&mut self) {
        if !self.is_complete && self.saved > 0 && state_path(&self.path).exists() {
            log::warn!(
                "what is complete is kept in {}; the same command goes on from there",
                partial_path(&self.path).display()
            );
        }
    }
}

/// Refuses outputs that cannot go on, and inputs that cannot be read again, before anything is opened.
///
/// # Errors
/// `--resume` was given, and cannot be used so.
pub fn check(
    args: &ResumeArgs,
    (format, path): (Format, &Path),
    inputs: &[&Path],
) -> Result<(), Usage> {
    if args.resume.is_none() {
        return Ok(());
    }
    if is_dash(path) || is_special_path(path) {
        return Err(Usage("--resume goes on with a file; name one with -o".into()));
    }
    if !format.is_lines() {
        return Err(Usage(format!(
            "{}: --resume writes lines of text only (TSV, CSV, BED, bedGraph or VCF, compressed or not); choose one of these, or leave out --resume",
            path.display()
        )));
    }
    for input in inputs {
        let is_file = !is_dash(input) && fs::metadata(input).map_or(true, |data| data.is_file());
        if !is_file {
            return Err(Usage(format!(
                "--resume reads its inputs again, which cannot be done with {}; write it to a file first",
                if is_dash(input) { "stdin".into() } else { input.display().to_string() }
            )));
        }
    }
    Ok(())
}

/// Refuses files that have a name of those that `--resume` writes beside the output.
///
/// # Errors
/// An input or another output has such a name.
pub fn apart(
    args: &ResumeArgs,
    path: &Path,
    outputs: &[(&str, &Path)],
    inputs: &[&Path],
) -> Result<(), Usage> {
    if args.resume.is_none() {
        return Ok(());
    }
    let own = [partial_path(path), state_path(path)];
    let inputs = inputs.iter().map(|path| ("the input", *path));
    for (name, other) in outputs.iter().copied().chain(inputs) {
        if own.iter().any(|own| is_same(own, other)) {
            return Err(Usage(format!(
                "{name} {} has the name of a file that --resume writes; give it, or the output, another name",
                other.display()
            )));
        }
    }
    Ok(())
}

/// Lines that tell a run from another: how it is made, and the inputs with their sizes in bytes and times in nanoseconds.
fn run(format: Format, inputs: &[&Path], provenance: &Provenance) -> Result<Vec<String>> {
    let mut lines = provenance.lines();
    lines.push(format!("format={format:?}"));
    // numbers of a GPU differ in the last digits
    lines.push(format!("gpus={}", libtorch::memory::gpus()));
    for input in inputs {
        let place = || format!("cannot open {}", input.display());
        let data = fs::metadata(input).with_context(place)?;
        let changed = data.modified().with_context(place)?;
        let changed = changed.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        lines.push(format!("input={} {} {changed}", input.display(), data.len()));
    }
    Ok(lines)
}

/// Refuses to go on with another run.
fn check_same(earlier: &[String], run: &[String], path: &Path) -> Result<()> {
    let none = "nothing".to_owned();
    let count = earlier.len().max(run.len());
    let of = |lines: &[String], number: usize| lines.get(number).unwrap_or(&none).clone();
    for number in 0..count {
        let (was, is) = (of(earlier, number), of(run, number));
        if was == is {
            continue;
        }
        let input = |line: &str| {
            let (name, size, _) = parts(line.strip_prefix("input=")?)?;
            Some((name.to_owned(), size.to_owned()))
        };
        if let (Some((one, old)), Some((other, new))) = (input(&was), input(&is))
            && one == other
        {
            bail!(
                "{one} was changed since the run was begun whose rows are in {} (it had {old} bytes, and has {new}); {}",
                partial_path(path).display(),
                anew(path)
            );
        }
        bail!(
            "{} was begun by another run: found {was}, expected {is}; run the same command again, or {}",
            partial_path(path).display(),
            anew(path)
        );
    }
    Ok(())
}

/// Path, size and time of an input; paths may have spaces.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let (rest, time) = line.rsplit_once(' ')?;
    let (name, size) = rest.rsplit_once(' ')?;
    Some((name, size, time))
}

fn anew(path: &Path) -> String {
    format!(
        "to begin anew, remove {} and {}",
        partial_path(path).display(),
        state_path(path).display()
    )
}

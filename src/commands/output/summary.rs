//! Counts of a run as JSON, for reports such as those of MultiQC.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{
    cli::io::SummaryArgs,
    formats::output::{Complete, Output, OutputError},
    process::provenance::Provenance,
};

/// The file of `--summary`, open before anything is computed; nothing without the option.
pub struct Summary {
    command: &'static str,
    started: Instant,
    file: Option<(PathBuf, Output)>,
}

/// Counts of a run, in the order in which they are written.
#[derive(Debug, Default)]
pub struct Counts {
    totals: Vec<(&'static str, u64)>,
    statuses: Vec<(&'static str, u64)>,
}

impl Counts {
    /// Adds a count of units, such as records.
    #[must_use]
    pub fn total(mut self, unit: &'static str, count: u64) -> Self {
        self.totals.push((unit, count));
        self
    }

    /// Adds the count of a status; one that did not occur is left out.
    #[must_use]
    pub fn status(mut self, status: &'static str, count: u64) -> Self {
        if count > 0 {
            self.statuses.push((status, count));
        }
        self
    }
}

impl Summary {
    /// Opens the file. The time of the run starts here.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(args: &SummaryArgs, command: &'static str) -> Result<Self, OutputError> {
        let open = |path: &PathBuf| Ok((path.clone(), Output::create(path)?));
        let file = args.summary.as_ref().map(open).transpose()?;
        Ok(Self { command, started: Instant::now(), file })
    }

    /// Writes the file, which gets its name later, with the other outputs.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn complete(
        self,
        provenance: &Provenance,
        counts: Counts,
    ) -> Result<Option<Complete>, OutputError> {
        let Some((path, mut output)) = self.file else { return Ok(None) };
        let seconds = (self.started.elapsed().as_secs_f64() * 1e3).round() / 1e3;
        let text = text(self.command, provenance, counts, seconds);
        output.write_all(text.as_bytes()).map_err(|error| OutputError::write(&path, error))?;
        output.complete().map(Some)
    }
}

/// `-o` and `--summary` with their paths, for [`apart`](super::paths::apart).
pub fn outputs<'a>(output: &'a Path, summary: &'a SummaryArgs) -> Vec<(&'static str, &'a Path)> {
    let summary = summary.summary.as_deref().map(|path| ("--summary", path));
    [("-o", output)].into_iter().chain(summary).collect()
}

/// An object whose entries keep their order.
struct Object(Vec<(String, Entry)>);

/// A value of an object.
#[derive(Serialize)]
#[serde(untagged)]
enum Entry {
    Value(Value),
    Object(Object),
}

impl<T: Into<Value>> From<T> for Entry {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

fn text(command: &str, provenance: &Provenance, counts: Counts, seconds: f64) -> String {
    let name = |key: &str| match key {
        "command" => "command_line".to_owned(),
        other => other.to_owned(),
    };
    let facts = provenance.facts().iter().map(|(key, value)| (name(key), value.as_str().into()));
    let totals = counts.totals.iter().map(|&(unit, count)| (unit.to_owned(), count.into()));
    let statuses = counts.statuses.iter().map(|&(status, count)| (status.to_owned(), count.into()));
    let start = [("command".to_owned(), command.into())].into_iter();
    let end = [
        ("statuses".to_owned(), Entry::Object(Object(statuses.collect()))),
        ("seconds".to_owned(), seconds.into()),
    ];
    let object = Object(start.chain(facts).chain(totals).chain(end).collect());
    let text = serde_json::to_string_pretty(&object).expect("keys are text, and values are finite");
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_order() {
        let provenance = Provenance::default().with("command", "hyenadna x").with("model", "a b");
        let counts = Counts::default().total("records", 7).status("ok", 6).status("empty", 0);
        assert_eq!(
            text("embed", &provenance, counts, 1.25),
            r#"{
  "command": "embed",
  "command_line": "hyenadna x",
  "model": "a b",
  "records": 7,
  "statuses": {
    "ok": 6
  },
  "seconds": 1.25
}
"#
        );
    }

    #[test]
    fn no_file_without_the_option() {
        let summary = Summary::create(&SummaryArgs { summary: None }, "embed").unwrap();
        let complete = summary.complete(&Provenance::default(), Counts::default()).unwrap();
        assert!(complete.is_none());
    }
}

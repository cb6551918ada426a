//! Indexes of outputs, as tabix makes them.

use std::path::{Path, PathBuf};

use crate::{
    cli::io::IndexArgs,
    formats::{
        input::is_dash,
        output::{
            Complete, OutputError, complete_file, is_compressed_name, is_special_path, publish,
        },
        tabix::{self, IndexKind, Positions},
    },
    process::exit::Usage,
};

/// The index of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    kind: IndexKind,
    output: PathBuf,
    /// Path of the index itself: that of the output with a suffix.
    path: PathBuf,
}

impl Index {
    /// The index that `--write-index` requests of an output, if it does.
    ///
    /// # Errors
    /// The output cannot be indexed.
    pub fn of(args: &IndexArgs, output: &Path) -> Result<Option<Self>, Usage> {
        let Some(kind) = args.write_index else { return Ok(None) };
        if is_dash(output) || is_special_path(output) || !is_compressed_name(output) {
            return Err(Usage(format!(
                "--write-index needs an output that is compressed with bgzip, but -o is {}; name a file that ends in .gz",
                output.display()
            )));
        }
        Ok(Some(Self { kind, output: output.to_owned(), path: beside(output, kind) }))
    }

    /// Path of the output.
    pub fn output(&self) -> &Path {
        &self.output
    }

    /// Its own path, with the option that requests it.
    pub fn named(&self) -> (&'static str, &Path) {
        ("--write-index", &self.path)
    }

    /// Writes the index of the complete output, which gets its name later.
    ///
    /// # Errors
    /// The rows are not sorted, or the file cannot be written.
    pub fn complete(
        &self,
        output: &Complete,
        positions: Positions,
    ) -> Result<Complete, OutputError> {
        let failed = |source| OutputError::Index { path: self.output.clone(), source };
        let data = output.bytes().unwrap_or(&self.output);
        let bytes = tabix::index(data, positions, self.kind).map_err(failed)?;
        let other = match self.kind {
            IndexKind::Tbi => beside(&self.output, IndexKind::Csi),
            IndexKind::Csi => beside(&self.output, IndexKind::Tbi),
        };
        if other.exists() {
            log::warn!("{} is of an older file; remove it", other.display());
        }
        complete_file(&self.path, &bytes)
    }
}

/// Gives `others` and then `files` their names, and the first of these its index if there is one.
///
/// # Errors
/// A file cannot be renamed. The rows cannot be indexed; all files have their names then.
pub fn publish_indexed(
    files: Vec<Complete>,
    index: Option<(Index, Positions)>,
    others: impl IntoIterator<Item = Complete>,
) -> Result<(), OutputError> {
    let of_first = index.zip(files.first());
    let index = of_first.map(|((index, positions), file)| index.complete(file, positions));
    let (index, failed) = match index.transpose() {
        Ok(index) => (index, Ok(())),
        Err(error) => (None, Err(error)),
    };
    publish(others.into_iter().chain(files).chain(index))?;
    failed
}

fn beside(output: &Path, kind: IndexKind) -> PathBuf {
    let mut path = output.as_os_str().to_owned();
    path.push(format!(".{}", kind.suffix()));
    path.into()
}

//! Outputs that get their name when they are complete.

use std::{
    collections::BTreeMap,
    io::{self, Seek, SeekFrom, Write},
    os::fd::{AsFd, BorrowedFd},
    path::{Path, PathBuf},
};

use super::{
    destination::{Destination, target_of},
    error::OutputError,
    folder::{parent, sync_file, sync_folder},
    partial::{Kept, Partial, partial_path, state_path},
    unfinished::{Registry, UnfinishedFile},
};
use crate::formats::input::is_dash;

/// An opened output. The file appears under its path with [`Output::finish`]; dropped before, it
/// is removed.
#[derive(Debug)]
pub struct Output {
    destination: Destination,
    path: PathBuf,
    /// What is there already of an output that goes on.
    kept: Option<Kept>,
}

impl Output {
    /// Opens `path`; `-` is stdout.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let destination = Destination::open(path).map_err(|source| match is_dash(path) {
            true => OutputError::Stdout { source },
            false => OutputError::Create { path: path.to_owned(), source },
        })?;
        let name = match destination {
            Destination::Stdout(_) => Path::new("<stdout>"),
            Destination::Special(_) | Destination::File(..) => path,
        };
        Ok(Self { destination, path: name.to_owned(), kept: None })
    }

    /// Goes on with the partial file of `path`, after what is kept of it. Dropped before [`finish`](Self::finish), the
    /// file is kept.
    ///
    /// # Errors
    /// The file cannot be written, or is shorter than what is kept.
    pub fn resume(path: &Path, partial: Partial, kept: Kept) -> Result<Self, OutputError> {
        let name = partial_path(path);
        let failed = |source| OutputError::Create { path: name.clone(), source };
        let file = partial.at(kept.bytes).map_err(failed)?;
        let unfinished = UnfinishedFile::kept(&target_of(path), name.clone(), state_path(path))
            .map_err(failed)?;
        let destination = Destination::File(file, unfinished);
        Ok(Self { destination, path: path.to_owned(), kept: Some(kept) })
    }

    /// What is there already, if the output is one that goes on.
    pub(super) fn take_kept(&mut self) -> Option<Kept> {
        self.kept.take()
    }

    /// Writes the bytes so far to disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        match &self.destination {
            Destination::File(file, _) => sync_file(file),
            Destination::Stdout(_) | Destination::Special(_) => Ok(()),
        }
    }

    /// Path as given, or `<stdout>`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True if the output can be rewound and overwritten.
    pub fn is_seekable(&self) -> bool {
        matches!(self.destination, Destination::File(..))
    }

    /// Flushes the output and gives the file its name.
    pub fn finish(self) -> Result<(), OutputError> {
        self.complete()?.publish()
    }

    /// Flushes the file to disk and closes it; it gets its name with [`publish`].
    pub fn complete(mut self) -> Result<Complete, OutputError> {
        let mut flush = || {
            self.destination.flush()?;
            match &mut self.destination {
                Destination::File(file, unfinished) => unfinished.sync(file),
                Destination::Stdout(_) | Destination::Special(_) => Ok(()),
            }
        };
        match (flush(), self.destination) {
            (Ok(()), Destination::File(_, unfinished)) => {
                Ok(Complete(Some((unfinished, self.path))))
            }
            (Ok(()), Destination::Stdout(_) | Destination::Special(_)) => Ok(Complete(None)),
            (Err(source), Destination::Stdout(_)) => Err(OutputError::Stdout { source }),
            (Err(source), _) => Err(OutputError::Write { path: self.path, source }),
        }
    }
}

/// A complete file that still has its temporary name; dropped before [`publish`](Self::publish), it
/// is removed. The file is closed, so that thousands may wait.
#[derive(Debug)]
#[must_use]
pub struct Complete(Option<(UnfinishedFile, PathBuf)>);

impl Complete {
    /// Where its bytes are until it has its name; `None` for a stream.
    pub fn bytes(&self) -> Option<&Path> {
        self.0.as_ref()?.0.temporary()
    }

    /// Gives the file its name.
    pub fn publish(self) -> Result<(), OutputError> {
        publish([self])
    }
}

/// Gives complete files their names. A signal waits until all have them.
///
/// # Errors
/// A file cannot be renamed; those that come after it are removed.
pub fn publish(files: impl IntoIterator<Item = Complete>) -> Result<(), OutputError> {
    let mut files: Vec<Complete> = files.into_iter().collect();
    // released before files are dropped, which lock it too
    let mut registry = UnfinishedFile::registry();
    let result = persist(&mut files, &mut registry);
    drop(registry);
    result
}

/// Renames files, and writes the entries of their folders to disk.
pub(super) fn persist(files: &mut [Complete], registry: &mut Registry) -> Result<(), OutputError> {
    let mut folders = BTreeMap::new();
    for (unfinished, path) in files.iter_mut().filter_map(|file| file.0.as_mut()) {
        let persisted = unfinished.persist(registry);
        persisted.map_err(|source| OutputError::Write { path: path.clone(), source })?;
        folders.insert(parent(unfinished.path()).to_owned(), path);
    }
    for (folder, path) in folders {
        sync_folder(&folder).map_err(|source| OutputError::Write { path: path.clone(), source })?;
    }
    Ok(())
}

/// Writes a file in one step: complete, or not at all.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    complete_file(path, bytes)?.publish()
}

/// Writes a file that gets its name with [`Complete::publish`].
pub fn complete_file(path: &Path, bytes: &[u8]) -> Result<Complete, OutputError> {
    let mut output = Output::create(path)?;
    output.write_all(bytes).map_err(|source| OutputError::write(path, source))?;
    output.complete()
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.destination.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.destination.flush()
    }
}

impl Seek for Output {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.destination.seek(position)
    }
}

impl AsFd for Output {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.destination.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn complete_files_get_their_names_together() {
        let folder = tempfile::tempdir().unwrap();
        let files = || fs::read_dir(folder.path()).unwrap().count();
        // in this folder only, as other tests open files too
        let open = || {
            let all = fs::read_dir("/proc/self/fd").unwrap().map(Result::unwrap);
            let files = all.filter_map(|entry| fs::read_link(entry.path()).ok());
            files.filter(|file| file.starts_with(folder.path())).count()
        };
        let path = |i: usize| folder.path().join(format!("{i}.svg"));
        let complete: Vec<Complete> =
            (0..400).map(|i| complete_file(&path(i), b"picture").unwrap()).collect();
        assert_eq!(open(), 0, "none of them is open");
        assert!(files() == 400 && (0..400).all(|i| !path(i).exists()));
        let registered = |path: &&PathBuf| path.starts_with(folder.path());
        assert_eq!(UnfinishedFile::registry().iter().filter(registered).count(), 400);
        drop(complete);
        assert_eq!(files(), 0);
        complete_file(&path(7), b"picture").unwrap().publish().unwrap();
        assert_eq!((fs::read(path(7)).unwrap(), files()), (b"picture".to_vec(), 1));
    }
}

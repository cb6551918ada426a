//! A file that must stay as it is while it is read.

use std::{
    fs::{self, File, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::formats::error::InputError;

/// The state of a file: device and inode, length in bytes, and the time of the last change of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp([u64; 3], [i64; 2]);

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let [seconds, nanoseconds] = [metadata.mtime(), metadata.mtime_nsec()];
        Self([metadata.dev(), metadata.ino(), metadata.len()], [seconds, nanoseconds])
    }
}

/// A file and its first state.
pub(super) struct Watch {
    path: PathBuf,
    file: File,
    stamp: Stamp,
}

impl Watch {
    /// Opens a regular file. `None` for anything else.
    pub(super) fn new(path: &Path) -> io::Result<Option<Self>> {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let file = File::open(path)?;
        Ok(Some(Self { path: path.to_owned(), file, stamp: Stamp::of(&metadata) }))
    }

    /// Checks the file that was opened, and the one that has its name now, if there still is one.
    ///
    /// # Errors
    /// Length, time or inode is another one.
    pub(super) fn check(&self) -> Result<(), InputError> {
        let changed = |metadata: Metadata| Stamp::of(&metadata) != self.stamp;
        let path = || self.path.display().to_string();
        let opened = self.file.metadata().map(changed);
        let opened = opened.map_err(|source| InputError::Read { path: path(), line: 0, source })?;
        if opened || fs::metadata(&self.path).is_ok_and(changed) {
            return Err(InputError::Kind {
                path: path(),
                problem: "the file was changed or replaced while it was read, so results would mix two versions; run again when it is complete".into(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn every_change_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.fa");
        let write = || {
            fs::write(&path, ">a\nACGT\n").unwrap();
            let past = SystemTime::now() - Duration::from_secs(60);
            File::options().write(true).open(&path).unwrap().set_modified(past).unwrap();
            Watch::new(&path).unwrap().unwrap()
        };
        let watch = write();
        assert!(watch.check().is_ok());
        fs::write(&path, ">a\nTGCA\n").unwrap();
        assert!(watch.check().is_err(), "overwritten in place");
        let watch = write();
        fs::write(folder.path().join("b.fa"), ">a\nACGT\n").unwrap();
        fs::rename(folder.path().join("b.fa"), &path).unwrap();
        let error = watch.check().unwrap_err().to_string();
        assert!(error.contains("a.fa: the file was changed or replaced"), "{error}");
        let watch = write();
        fs::remove_file(&path).unwrap();
        assert!(watch.check().is_ok(), "the opened file stays as it is");
        assert!(Watch::new(folder.path()).unwrap().is_none());
    }
}

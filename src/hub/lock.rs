//! Locks on blobs: one download of a blob at a time, across threads and processes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use super::{blob, error::HubError};

/// A lock on a blob, held until it is dropped. The system releases it if the process is killed.
#[derive(Debug)]
pub(super) struct BlobLock {
    _file: File,
}

impl BlobLock {
    /// Waits for the lock on this file. The file is never deleted: two processes could otherwise
    /// lock two different files of one name.
    ///
    /// Continues with a warning on a file system without locks: two downloads then write the same
    /// bytes to the same places, and the hash is verified at the end.
    pub(super) fn acquire(path: &Path) -> Result<Self, HubError> {
        let open = || -> io::Result<File> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            blob::open_own(path)
        };
        let file = open().map_err(|source| HubError::io(path, source))?;
        let result = match file.try_lock() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => {
                log::info!("another process is downloading the same file; waiting for it");
                file.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
        };
        if let Err(error) = result {
            log::warn!("cannot lock {}: {error}; continuing without the lock", path.display());
        }
        Ok(Self { _file: file })
    }
}

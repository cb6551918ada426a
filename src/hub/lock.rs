//! One download of a blob at a time, between threads and between processes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use super::error::HubError;

/// Holds the lock until it is dropped. Closing the file frees it, also when the process is killed.
#[derive(Debug)]
pub(super) struct BlobLock {
    _file: File,
}

impl BlobLock {
    /// Waits for the lock on this file, which stays behind: deleting it would let two processes
    /// hold two different files of one name.
    ///
    /// On a file system without locks it goes on with a warning: two downloads then write the same
    /// bytes to the same places, and the hash is checked on what came of it.
    pub(super) fn acquire(path: &Path) -> Result<Self, HubError> {
        let open = || -> io::Result<File> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            File::options().create(true).truncate(false).write(true).open(path)
        };
        let file = open().map_err(|source| HubError::io(path, source))?;
        let result = match file.try_lock() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => {
                log::info!("another process downloads the same file; waiting for it");
                file.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
        };
        if let Err(error) = result {
            log::warn!("going on without a lock on {}: {error}", path.display());
        }
        Ok(Self { _file: file })
    }
}

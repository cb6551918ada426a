//! Unfinished files: written under a temporary name, removed unless they are completed.

use std::{
    collections::BTreeSet,
    fs::{self, File, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tempfile::{NamedTempFile, TempPath};

use super::folder::parent;

/// Temporary names of files and folders being written. Signals end the process without unwinding, so their
/// handler must be able to remove these files.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Removes every unfinished output, and lets no thread begin another one: for the signal handler, right
/// before the process ends.
pub fn remove_unfinished() {
    let unfinished = UnfinishedFile::registry();
    for path in unfinished.iter() {
        // a failure cannot be handled here
        let _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
    }
    std::mem::forget(unfinished); // the lock stays held
}

/// A file under a temporary name, in the folder of its final one.
#[derive(Debug)]
pub(super) struct UnfinishedFile {
    /// Temporary name; taken when the file gets its final one.
    temporary: Option<TempPath>,
    path: PathBuf,
}

impl Drop for UnfinishedFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            Self::registry().remove(&temporary.to_path_buf());
        }
    }
}

impl UnfinishedFile {
    /// Creates the temporary file of `path`.
    pub(super) fn create(path: &Path) -> io::Result<(File, Self)> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        // a name has at most 255 bytes, with prefix and suffix
        let start: String = name.to_string_lossy().chars().take(50).collect();
        let prefix = format!(".{start}.");
        // so that an error about the folder does not name the temporary file
        fs::metadata(parent(path))?;
        // a signal that arrives now waits until the file is registered
        let mut registry = Self::registry();
        let file: NamedTempFile = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(".tmp")
            .permissions(Permissions::from_mode(0o666)) // less the umask
            .tempfile_in(parent(path))?;
        let (file, temporary) = file.into_parts();
        registry.insert(temporary.to_path_buf());
        drop(registry);
        Ok((file, Self { temporary: Some(temporary), path: path.to_owned() }))
    }

    /// Renames the file to its final name, with the permissions of the file that it replaces.
    pub(super) fn persist(mut self) -> io::Result<()> {
        let Some(temporary) = self.temporary.take() else {
            return Ok(());
        };
        let registered = temporary.to_path_buf();
        if let Ok(old) = fs::metadata(&self.path) {
            fs::set_permissions(&temporary, old.permissions())?;
        }
        let result = temporary.persist(&self.path).map_err(|e| e.error);
        Self::registry().remove(&registered);
        result
    }

    /// The temporary names, locked.
    pub(super) fn registry() -> MutexGuard<'static, BTreeSet<PathBuf>> {
        UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

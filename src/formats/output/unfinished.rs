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

use super::{
    folder::{parent, sync_file},
    temporary::{self, Held},
};

/// Temporary names of files and folders being written. Signals end the process without unwinding, so their
/// handler must be able to remove these files.
static UNFINISHED: Mutex<Registry> = Mutex::new(BTreeSet::new());

/// A set of temporary names. While it is locked, a signal waits.
pub(super) type Registry = BTreeSet<PathBuf>;

/// Removes every unfinished output, and lets no thread begin another one: for the signal handler, right
/// before the process ends. Waits while outputs get their names.
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
    /// The lock, once the file is closed.
    held: Option<Held>,
    /// The state of a partial file, which goes when the file gets its name.
    state: Option<PathBuf>,
}

impl Drop for UnfinishedFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            Self::registry().remove(&temporary.to_path_buf());
        }
    }
}

/// Bits of the mode that a file takes over from the one it replaces: not those that lend the rights of its
/// owner to whoever runs it.
const MODE: u32 = 0o777;

/// The mode of the file that an output replaces.
pub(super) fn old_mode(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|old| old.permissions().mode() & MODE)
}

impl UnfinishedFile {
    /// Creates the temporary file of `path`. Nobody can read it who cannot read the file that it replaces.
    pub(super) fn create(path: &Path) -> io::Result<(File, Self)> {
        let mode = old_mode(path).unwrap_or(0o666); // less the umask
        temporary::builder(path, |mut builder| {
            builder.permissions(Permissions::from_mode(mode));
            loop {
                // a signal that arrives now waits until the file is registered
                let mut registry = Self::registry();
                let file: NamedTempFile = builder.tempfile_in(parent(path))?;
                let (file, temporary) = file.into_parts();
                if temporary::lock(&file)? {
                    registry.insert(temporary.to_path_buf());
                    let path = path.to_owned();
                    let unfinished =
                        Self { temporary: Some(temporary), path, held: None, state: None };
                    return Ok((file, unfinished));
                }
            }
        })
    }

    /// A partial file of `path` that stays where it is until it is complete, and its state.
    pub(super) fn kept(path: &Path, partial: PathBuf, state: PathBuf) -> io::Result<Self> {
        let mut temporary = TempPath::try_from_path(partial)?;
        temporary.disable_cleanup(true);
        let path = path.to_owned();
        Ok(Self { temporary: Some(temporary), path, held: None, state: Some(state) })
    }

    /// Writes the bytes of the file to disk, so that a power cut cannot leave its name without them. The
    /// file may be closed afterwards.
    pub(super) fn sync(&mut self, file: &File) -> io::Result<()> {
        sync_file(file)?;
        self.held = Held::new(file);
        Ok(())
    }

    /// The temporary name, while the file has it.
    pub(super) fn temporary(&self) -> Option<&Path> {
        self.temporary.as_deref()
    }

    /// The final name.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the file to its final name, with the permissions of the file that it replaces.
    pub(super) fn persist(&mut self, registry: &mut Registry) -> io::Result<()> {
        let Some(temporary) = self.temporary.take() else {
            return Ok(());
        };
        registry.remove(&temporary.to_path_buf());
        if let Some(mode) = old_mode(&self.path) {
            fs::set_permissions(&temporary, Permissions::from_mode(mode))?;
        }
        fs::rename(&temporary, &self.path)?; // dropped by an error, the temporary file is removed
        let _ = temporary.keep();
        match self.state.as_ref().map(fs::remove_file) {
            // a short run saves none
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The temporary names, locked.
    pub(super) fn registry() -> MutexGuard<'static, Registry> {
        UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

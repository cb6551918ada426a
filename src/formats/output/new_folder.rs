//! A folder of files that appears complete or not at all.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{
    error::OutputError,
    file::{Complete, persist},
    folder::{is_free, parent, publish},
    temporary,
    unfinished::UnfinishedFile,
};

/// A folder under a temporary name beside its final one; dropped before [`publish`](Self::publish), it
/// is removed.
#[derive(Debug)]
#[must_use]
pub struct NewFolder {
    /// Taken when the folder gets its final name.
    temporary: Option<TempDir>,
    path: PathBuf,
    /// Open as long as the folder has its temporary name, which it locks.
    _lock: File,
}

impl NewFolder {
    /// Creates the temporary folder of `path`. It replaces an earlier folder of which all files have one
    /// of `names`.
    ///
    /// # Errors
    /// The path is a file, or a folder with other files, or the folder cannot be created.
    pub fn create(path: &Path, names: &[&str]) -> Result<Self, OutputError> {
        let failed = |source| OutputError::Create { path: path.to_owned(), source };
        if let Some(other) = other_file(path, names).map_err(failed)? {
            let other = other.display();
            let problem = format!("it has another file, {other}; choose a new folder");
            return Err(failed(io::Error::other(problem)));
        }
        let (temporary, lock) = temporary::builder(path, |mut builder| {
            builder.permissions(fs::Permissions::from_mode(0o777)); // less the umask
            loop {
                // a signal that arrives now waits until the folder is registered
                let mut registry = UnfinishedFile::registry();
                let temporary = builder.tempdir_in(parent(path))?;
                let lock = File::open(temporary.path())?;
                if temporary::lock(&lock)? {
                    registry.insert(temporary.path().to_owned());
                    return Ok((temporary, lock));
                }
            }
        })
        .map_err(failed)?;
        Ok(Self { temporary: Some(temporary), path: path.to_owned(), _lock: lock })
    }

    /// The path of a file to write, under the temporary name of the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.temporary().join(name)
    }

    /// The temporary name of the folder.
    pub fn temporary(&self) -> &Path {
        self.temporary.as_ref().map_or(&self.path, TempDir::path)
    }

    /// Gives the folder its name, in place of an earlier one.
    ///
    /// # Errors
    /// The files cannot be synced, or the earlier folder cannot be replaced.
    pub fn publish(self) -> Result<(), OutputError> {
        self.publish_with([])
    }

    /// The same, and gives files their names. A signal waits until all have them.
    ///
    /// # Errors
    /// See [`publish`](Self::publish), or a file cannot be renamed.
    pub fn publish_with(
        mut self,
        files: impl IntoIterator<Item = Complete>,
    ) -> Result<(), OutputError> {
        let Some(temporary) = self.temporary.take() else { return Ok(()) };
        let mut files: Vec<Complete> = files.into_iter().collect();
        // released before the files are dropped, which lock it too
        let mut registry = UnfinishedFile::registry();
        registry.remove(temporary.path());
        let result = match replace(temporary.path(), &self.path) {
            Ok(()) => {
                let _ = temporary.keep(); // it bears its name now
                persist(&mut files, &mut registry)
            }
            Err(source) => Err(OutputError::Write { path: self.path.clone(), source }),
        };
        drop(registry);
        result
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            UnfinishedFile::registry().remove(temporary.path());
        }
    }
}

/// A file of a folder that has none of `names`. A path that does not exist has no files.
fn other_file(path: &Path, names: &[&str]) -> io::Result<Option<PathBuf>> {
    if is_free(path)? {
        return Ok(None);
    }
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if !names.iter().any(|known| name == **known) {
            return Ok(Some(name.into()));
        }
    }
    Ok(None)
}

/// Renames a folder, after the earlier one of that name was moved away.
fn replace(made: &Path, path: &Path) -> io::Result<()> {
    if is_free(path)? {
        return publish(made, path);
    }
    let earlier = temporary::builder(path, |builder| builder.tempdir_in(parent(path)))?;
    fs::rename(path, earlier.path())?;
    publish(made, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_appears_complete_and_replaces_its_own_kind() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("report");
        let entries = || fs::read_dir(scratch.path()).unwrap().count();
        for text in ["one", "two"] {
            let folder = NewFolder::create(&path, &["a", "b"]).unwrap();
            fs::write(folder.file("a"), text).unwrap();
            folder.publish().unwrap();
            assert_eq!(
                (fs::read_to_string(path.join("a")).unwrap().as_str(), entries()),
                (text, 1)
            );
        }
        let folder = NewFolder::create(&path, &["a"]).unwrap();
        fs::write(folder.file("a"), "three").unwrap();
        drop(folder);
        assert_eq!((fs::read_to_string(path.join("a")).unwrap().as_str(), entries()), ("two", 1));
        let error = NewFolder::create(&path, &["b"]).unwrap_err();
        assert!(format!("{:#}", anyhow::Error::from(error)).contains("another file, a;"));
        for wrong in [path.join("a"), path.join("none/x")] {
            assert!(NewFolder::create(&wrong, &[]).is_err(), "{}", wrong.display());
        }
        assert_eq!(entries(), 1);
    }
}

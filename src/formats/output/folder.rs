//! Folders as outputs: a folder gets its name only when its files are complete.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// The folder of `path`; `.` for a bare name.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// True if a new folder can take this name: the path does not exist, or is an empty folder.
///
/// # Errors
/// The path is not a folder, or cannot be read.
pub fn is_free(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Syncs the files of a folder to disk and renames it, so that a power cut cannot leave the name
/// with empty files. Replaces an empty folder of that name.
///
/// # Errors
/// A file cannot be synced, or the name is taken.
pub fn publish(made: &Path, path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(made)? {
        sync(&File::open(entry?.path())?)?;
    }
    sync_folder(made)?;
    fs::rename(made, path)?;
    sync_folder(parent(path))
}

/// Writes a file or folder to disk. File systems that cannot do that are accepted.
pub(super) fn sync(file: &File) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, Unsupported};
    match file.sync_all() {
        Err(error) if matches!(error.kind(), InvalidInput | Unsupported) => Ok(()),
        result => result,
    }
}

/// Writes the names in a folder to disk, unless it is one that this user may write but not read.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        opened => sync(&opened?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_takes_a_free_name_only() {
        let scratch = tempfile::tempdir().unwrap();
        let [made, path] = ["made", "path"].map(|name| scratch.path().join(name));
        for make_empty in [false, true] {
            if make_empty {
                fs::create_dir(&path).unwrap();
            }
            assert!(is_free(&path).unwrap());
            fs::create_dir(&made).unwrap();
            fs::write(made.join("file"), "text").unwrap();
            publish(&made, &path).unwrap();
            assert!(!made.exists() && !is_free(&path).unwrap());
            assert!(publish(&scratch.path().join("none"), &path).is_err());
            fs::create_dir(&made).unwrap();
            assert!(publish(&made, &path).is_err(), "it has a file");
            assert_eq!(fs::read_to_string(path.join("file")).unwrap(), "text");
            assert!(is_free(&path.join("file")).is_err());
            fs::remove_dir(&made).unwrap();
            fs::remove_dir_all(&path).unwrap();
        }
    }

    #[test]
    fn every_path_lies_in_a_folder() {
        for (path, folder) in [("a", "."), ("a/b", "a"), ("/a", "/"), ("a/", ".")] {
            assert_eq!(parent(Path::new(path)), Path::new(folder));
        }
    }
}

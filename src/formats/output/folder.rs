//! Folders as outputs: a folder gets its name only when its files are complete.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
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
    sync(made)?;
    fs::rename(made, path)?;
    sync_folder(parent(path))
}

/// Writes a file or folder to disk. File systems that cannot do that are accepted.
pub(super) fn sync_file(file: &File) -> io::Result<()> {
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
        opened => sync_file(&opened?),
    }
}

/// Like [`publish`], but replaces a folder with files. At every moment `path` is the old folder or the new one, and
/// both are complete; on file systems that cannot exchange two names the old one gets a name of its own first,
/// see [`aside`]. The old one is removed.
///
/// # Errors
/// A file cannot be synced, or a folder cannot get its name or be removed.
pub fn replace(made: &Path, path: &Path) -> io::Result<()> {
    if !path.exists() {
        return publish(made, path);
    }
    sync(made)?;
    let old = match exchange(made, path) {
        Ok(()) => made.to_owned(),
        Err(_) => by_turns(made, path)?,
    };
    sync_folder(parent(path))?;
    fs::remove_dir_all(old)
}

/// Name of the old folder while [`replace`] puts a new one in its place: `.name.old` beside it.
pub fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.old"))
}

/// Syncs the files of a folder to disk.
///
/// # Errors
/// One cannot be read or synced.
pub fn sync(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        sync_file(&File::open(entry?.path())?)?;
    }
    sync_folder(folder)
}

/// Swaps the names of two folders in one call.
#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Renames the folder `path`, then `made`; gives the new name of the first.
fn by_turns(made: &Path, path: &Path) -> io::Result<PathBuf> {
    let old = aside(path);
    match fs::remove_dir_all(&old) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::rename(path, &old)?;
    if let Err(error) = fs::rename(made, path) {
        fs::rename(&old, path)?;
        return Err(error);
    }
    Ok(old)
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
    fn a_folder_takes_the_place_of_another() {
        let scratch = tempfile::tempdir().unwrap();
        let [made, path] = ["made", "path"].map(|name| scratch.path().join(name));
        let file = |folder: &Path| fs::read_to_string(folder.join("file"));
        for text in ["first", "second"] {
            fs::create_dir(&made).unwrap();
            fs::write(made.join("file"), text).unwrap();
            replace(&made, &path).unwrap();
            assert_eq!(file(&path).unwrap(), text);
            assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1, "nothing else is left");
        }
        fs::create_dir(&made).unwrap();
        fs::write(made.join("file"), "third").unwrap();
        let old = by_turns(&made, &path).unwrap();
        assert_eq!(old, scratch.path().join(".path.old"));
        assert_eq!([file(&old).unwrap(), file(&path).unwrap()], ["second", "third"]);
        // what cannot take the name leaves the old folder where it is
        assert!(by_turns(&scratch.path().join("none"), &path).is_err());
        assert_eq!(file(&path).unwrap(), "third");
    }

    #[test]
    fn every_path_lies_in_a_folder() {
        for (path, folder) in [("a", "."), ("a/b", "a"), ("/a", "/"), ("a/", ".")] {
            assert_eq!(parent(Path::new(path)), Path::new(folder));
        }
    }
}

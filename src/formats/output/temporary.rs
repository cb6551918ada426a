//! Temporary names of outputs. A process holds a lock on each of its own, so that a later run of the same
//! output can remove those of a process that was killed.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    fs::{self, File, OpenOptions},
    io,
    os::{
        fd::AsRawFd,
        unix::{
            ffi::{OsStrExt, OsStringExt},
            fs::{MetadataExt, OpenOptionsExt},
        },
    },
    path::{Path, PathBuf},
    ptr::{self, NonNull},
    sync::{Mutex, PoisonError},
};

use super::folder::parent;

/// End of every temporary name.
const SUFFIX: &str = ".hyenadna.tmp";
/// Random letters before it.
const RANDOM: usize = 6;
/// Bytes of the longest file name.
const LONGEST: usize = 255;

/// The temporary names that each folder had when the first output in it was begun.
static FOUND: Mutex<Option<HashMap<PathBuf, Vec<OsString>>>> = Mutex::new(None);

/// Start of the temporary names of an output: `.out.tsv.` for `out.tsv`. Long names are cut.
fn prefix(name: &OsStr) -> OsString {
    let name = name.as_bytes();
    let mut end = name.len().min(LONGEST - RANDOM - SUFFIX.len() - 2);
    // not within a letter
    while end < name.len() && end > 0 && name[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    OsString::from_vec([b".", &name[..end], b"."].concat())
}

/// A builder of temporary files and folders for the output `path`, beside which leftovers of killed
/// processes are removed.
///
/// # Errors
/// The path has no name, or its folder cannot be read.
pub(super) fn builder<T>(
    path: &Path,
    create: impl FnOnce(tempfile::Builder<'_, '_>) -> io::Result<T>,
) -> io::Result<T> {
    let prefix = prefix(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    // so that an error about the folder does not name the temporary file
    fs::metadata(parent(path))?;
    remove_leftovers(parent(path), &prefix);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(RANDOM);
    create(builder)
}

/// Locks a new temporary file or folder. False if a run that looks for leftovers has removed it, or is about
/// to. File systems without locks are accepted: nobody removes anything there.
pub(super) fn lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Ok(false),
        Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(file.metadata()?.nlink() > 0),
    }
}

/// Removes the temporary files and folders of an output that no process holds a lock on.
fn remove_leftovers(folder: &Path, prefix: &OsStr) {
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let names = found
        .get_or_insert_default()
        .entry(folder.to_owned())
        .or_insert_with(|| temporary_names(folder));
    let is_ours = |name: &OsString| {
        let rest = name.as_bytes().strip_prefix(prefix.as_bytes());
        rest.is_some_and(|rest| rest.len() == RANDOM + SUFFIX.len())
    };
    for path in names.extract_if(.., |name| is_ours(name)).map(|name| folder.join(name)) {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let Ok(file) = options.open(&path) else { continue };
        if file.try_lock().is_ok() {
            let removed = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
            if removed.is_ok() {
                log::info!("removed {}, which an earlier run left unfinished", path.display());
            }
        }
    }
}

fn temporary_names(folder: &Path) -> Vec<OsString> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    names.filter(|name| name.as_bytes().ends_with(SUFFIX.as_bytes())).collect()
}

/// Keeps the lock of a file that is closed. A lock lasts as long as something refers to the opened file;
/// a mapping does, and unlike descriptors there may be tens of thousands.
#[derive(Debug)]
pub(super) struct Held(NonNull<libc::c_void>);

// SAFETY: the mapping belongs to the process; its address is only used to end it.
unsafe impl Send for Held {}
// SAFETY: as above.
unsafe impl Sync for Held {}

impl Held {
    /// Bytes of the mapping: one page. They are never read.
    const BYTES: usize = 1;

    /// Keeps the lock of `file`; `None` where the file system has no mappings.
    pub(super) fn new(file: &File) -> Option<Self> {
        // SAFETY: a new mapping of an open file, at an address that the system chooses.
        let address = unsafe {
            let (access, kind) = (libc::PROT_READ, libc::MAP_SHARED);
            libc::mmap(ptr::null_mut(), Self::BYTES, access, kind, file.as_raw_fd(), 0)
        };
        NonNull::new(address).filter(|address| address.as_ptr() != libc::MAP_FAILED).map(Self)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new`, and nothing refers to it.
        unsafe { libc::munmap(self.0.as_ptr(), Self::BYTES) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_keeps_the_lock_of_a_closed_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = File::create_new(&path).unwrap();
        drop(file);
        let open = || OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let file = open();
        assert!(lock(&file).unwrap());
        let held = Held::new(&file).unwrap();
        drop(file);
        assert!(!lock(&open()).unwrap(), "it is still locked");
        drop(held);
        assert!(lock(&open()).unwrap());
    }

    #[test]
    fn leftovers_of_this_output_go_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let gone = [".a.tsv.abcdef.hyenadna.tmp", ".a.tsv.folder.hyenadna.tmp"];
        let stay = [
            ".a.tsv.backup.tmp",
            ".b.tsv.abcdef.hyenadna.tmp",
            ".a.tsv.b.abcdef.hyenadna.tmp",
            ".a.tsv.locked.hyenadna.tmp",
            ".a.tsv.linked.hyenadna.tmp",
        ];
        fs::write(path(gone[0]), "half").unwrap();
        fs::create_dir(path(gone[1])).unwrap();
        fs::write(path(gone[1]).join("file"), "half").unwrap();
        stay[..4].iter().for_each(|name| fs::write(path(name), "").unwrap());
        std::os::unix::fs::symlink(path(stay[0]), path(stay[4])).unwrap();
        let locked = File::open(path(stay[3])).unwrap();
        assert!(lock(&locked).unwrap());
        builder(&path("a.tsv"), |_| Ok(())).unwrap();
        assert!(gone.iter().all(|name| !path(name).exists()));
        assert!(stay.iter().all(|name| path(name).exists()));
    }

    #[test]
    fn temporary_names_are_never_too_long() {
        let long = "ä".repeat(127) + "b";
        let prefix = prefix(OsStr::new(&long));
        assert!(prefix.len() + RANDOM + SUFFIX.len() <= LONGEST && prefix.to_str().is_some());
        assert_eq!(super::prefix(OsStr::from_bytes(b"\xff.tsv")).as_bytes(), b".\xff.tsv.");
    }
}

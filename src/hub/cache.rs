//! Layout of a repository in the cache, that of Python's `huggingface_hub`:
//! `models--org--repo/{blobs/<etag>, refs/<branch>, snapshots/<commit>/<file> → blob}`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::HubError;
use super::etag::Etag;

/// Paths of a repository; folders are created when needed.
#[derive(Debug)]
pub(super) struct RepoCache {
    folder: PathBuf,
    locks: PathBuf,
}

impl RepoCache {
    pub(super) fn new(cache: &Path, repo: &str) -> Self {
        let name = format!("models--{}", repo.replace('/', "--"));
        Self { locks: cache.join(".locks").join(&name), folder: cache.join(name) }
    }

    pub(super) fn blob(&self, etag: &Etag) -> PathBuf {
        self.folder.join("blobs").join(etag.as_str())
    }

    /// File of a partly downloaded blob.
    pub(super) fn incomplete(&self, etag: &Etag) -> PathBuf {
        self.folder.join("blobs").join(format!("{}.incomplete", etag.as_str()))
    }

    /// Lock file of a blob, which Python locks too while it downloads the blob.
    pub(super) fn lock(&self, etag: &Etag) -> PathBuf {
        self.locks.join(format!("{}.lock", etag.as_str()))
    }

    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// Commit of a revision when it was last pulled; a full commit is returned unchanged.
    pub(super) fn read_commit(&self, revision: &str) -> Option<String> {
        if is_full_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.folder.join("refs").join(revision)).ok()?;
        let commit = commit.trim();
        is_commit(commit).then(|| commit.to_owned())
    }

    /// Saves the commit of a revision, atomically for readers.
    pub(super) fn write_ref(&self, revision: &str, commit: &str) -> Result<(), HubError> {
        // Unchanged: must also work in a shared cache that is read-only.
        if self.read_commit(revision).as_deref() == Some(commit) {
            return Ok(());
        }
        let refs = self.folder.join("refs");
        let write = || -> io::Result<()> {
            fs::create_dir_all(&refs)?;
            let mut file = tempfile::Builder::new().prefix(".ref-").tempfile_in(&refs)?;
            file.write_all(commit.as_bytes())?;
            share(file.as_file())?;
            file.persist(refs.join(revision))?;
            Ok(())
        };
        write().map_err(|source| HubError::io(&refs, source))
    }

    /// Makes a blob visible under its file name.
    pub(super) fn link(&self, etag: &Etag, commit: &str, file: &str) -> Result<(), HubError> {
        let snapshot = self.snapshot(commit);
        let at = snapshot.join(file);
        let link = || -> io::Result<()> {
            fs::create_dir_all(&snapshot)?;
            match fs::remove_file(&at) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            match symlink(&Path::new("../../blobs").join(etag.as_str()), &at) {
                // Another process was faster; its link leads to the same blob.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                // Some network file systems have no links; Python accepts a copy too.
                Err(_) => {
                    let mut copy = File::create_new(&at)?;
                    io::copy(&mut File::open(self.blob(etag))?, &mut copy).map(drop)
                }
                Ok(()) => Ok(()),
            }
        };
        link().map_err(|source| HubError::io(&at, source))
    }
}

/// True if a text is a commit hash, full or short, and so safe as a folder name.
pub(super) fn is_commit(text: &str) -> bool {
    (5..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_full_commit(text: &str) -> bool {
    text.len() == 40 && is_commit(text)
}

#[cfg(unix)]
fn symlink(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Makes a temporary file, which is private, readable for others: a group often shares a cache.
#[cfg(unix)]
fn share(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn refs_are_read_back_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let cache = RepoCache::new(folder.path(), "org/repo");
        assert_eq!(cache.read_commit("main"), None);
        assert_eq!(cache.read_commit(COMMIT).as_deref(), Some(COMMIT));
        cache.write_ref("main", COMMIT).unwrap();
        assert_eq!(cache.read_commit("main").as_deref(), Some(COMMIT));
        let refs = folder.path().join("models--org--repo/refs");
        assert_eq!(fs::read_dir(&refs).unwrap().count(), 1, "no temporary file stays");
        fs::write(refs.join("main"), "../../elsewhere").unwrap();
        assert_eq!(cache.read_commit("main"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_relative_and_replaces_a_dangling_one() {
        let folder = tempfile::tempdir().unwrap();
        let cache = RepoCache::new(folder.path(), "org/repo");
        let old = Etag::parse("old").unwrap();
        let etag = Etag::parse("new").unwrap();
        cache.link(&old, COMMIT, "f").unwrap(); // its blob does not exist
        fs::create_dir_all(cache.blob(&etag).parent().unwrap()).unwrap();
        fs::write(cache.blob(&etag), "content").unwrap();
        cache.link(&etag, COMMIT, "f").unwrap();
        let at = cache.snapshot(COMMIT).join("f");
        assert_eq!(fs::read_to_string(&at).unwrap(), "content");
        assert_eq!(fs::read_link(&at).unwrap(), Path::new("../../blobs/new"));
    }
}

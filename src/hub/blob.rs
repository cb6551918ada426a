//! Blobs of the cache: files that are ours to write, and the hash that names them.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use super::{error::HubError, etag::Etag};

/// Opens a file to read and to write, and makes it if needed. A link or a file with a second name is replaced:
/// in a shared cache someone may have planted it, and what it leads to would be overwritten.
///
/// Not in append mode: without working locks, two downloads then write the same bytes to the same places.
pub(super) fn open_own(path: &Path) -> io::Result<File> {
    match fs::symlink_metadata(path) {
        Ok(found) if is_own(&found) => {
            let file = without_links(File::options().read(true).write(true)).open(path)?;
            if is_own(&file.metadata()?) {
                return Ok(file);
            }
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return create(path),
        Err(error) => return Err(error),
    }
    log::warn!("{} is a link or not a plain file: replacing it", path.display());
    fs::remove_file(path)?;
    create(path)
}

/// Makes a file; one that another process has just made is opened, unless it is a link.
fn create(path: &Path) -> io::Result<File> {
    without_links(File::options().read(true).write(true).create(true).truncate(false)).open(path)
}

#[cfg(unix)]
fn is_own(found: &fs::Metadata) -> bool {
    found.is_file() && std::os::unix::fs::MetadataExt::nlink(found) == 1
}

#[cfg(not(unix))]
fn is_own(found: &fs::Metadata) -> bool {
    found.is_file()
}

#[cfg(unix)]
fn without_links(options: &mut fs::OpenOptions) -> &fs::OpenOptions {
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NOFOLLOW | libc::O_NONBLOCK)
}

#[cfg(not(unix))]
fn without_links(options: &mut fs::OpenOptions) -> &fs::OpenOptions {
    options
}

/// Compares a file of a snapshot with the hash that names its blob. A file that is no link to a blob, or to
/// one of a tag that is no hash, is not compared.
///
/// # Errors
/// [`HubError::WrongBlob`] if the content has another hash.
pub fn verify(path: &Path, content: &[u8]) -> Result<(), HubError> {
    let Some(etag) = tag_of(path) else { return Ok(()) };
    let failed = |source| HubError::io(path, source);
    match etag.hash_like(content, content.len() as u64).map_err(failed)? {
        Some(found) if !etag.is(&found) => Err(HubError::WrongBlob {
            path: path.to_owned(),
            expected: etag.as_str().to_owned(),
            found,
        }),
        _ => Ok(()),
    }
}

/// Tag of the blob that a file of a snapshot is a link to.
fn tag_of(path: &Path) -> Option<Etag> {
    let blob = fs::read_link(path).ok()?;
    let in_blobs = blob.parent()?.file_name()? == "blobs";
    Etag::parse(blob.file_name()?.to_str()?).filter(|_| in_blobs)
}

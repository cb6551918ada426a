//! Downloads of files into the cache: resumed, verified, then made visible.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use ureq::http::{Method, StatusCode, header};

use super::{
    cache::RepoCache,
    client::{Client, Response, text, unexpected},
    error::HubError,
    lock::BlobLock,
    metadata::{self, Metadata},
    progress::DownloadProgress,
    target::Target,
    transport,
};

/// Downloads a file into the cache unless it is there, and returns its commit.
pub(super) fn fetch(
    client: &Client<'_>,
    cache: &RepoCache,
    target: &Target<'_>,
    progress: &mut dyn FnMut(DownloadProgress<'_>),
) -> Result<String, HubError> {
    let meta = metadata::head(client, target)?;
    let visible = cache.snapshot(&meta.commit).join(target.file);
    if visible.exists() {
        return Ok(meta.commit);
    }
    // By commit from here on: the branch may move during a long download.
    let pinned = Target::new(target.repo, &meta.commit, target.file);
    let _lock = BlobLock::acquire(&cache.lock(&meta.etag))?;
    // Checked after locking: the process that held the lock may have downloaded it.
    if !cache.blob(&meta.etag).exists() {
        let incomplete = cache.incomplete(&meta.etag);
        let mut part = PartialFile::open(&incomplete, target.file, meta.size)?;
        part.fill(client, &pinned, progress)?;
        part.verify(&meta)?;
        let blob = cache.blob(&meta.etag);
        fs::rename(&incomplete, &blob).map_err(|source| HubError::io(&blob, source))?;
    }
    if !visible.exists() {
        cache.link(&meta.etag, &meta.commit, target.file)?;
    }
    Ok(meta.commit)
}

/// A partly downloaded file.
struct PartialFile<'a> {
    path: &'a Path,
    name: &'a str,
    file: File,
    /// Bytes on disk so far.
    have: u64,
    /// Size of the whole file in bytes, once the server reported it.
    size: Option<u64>,
}

/// End of a transfer.
enum TransferEnd {
    /// The server sent the rest of the file.
    End,
    /// The connection broke, or the server did not send the requested range.
    Again(io::Error),
}

impl<'a> PartialFile<'a> {
    fn open(path: &'a Path, name: &'a str, size: Option<u64>) -> Result<Self, HubError> {
        let open = || -> io::Result<(File, u64)> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(false);
            // Not in append mode: without working locks, two downloads then write the same bytes
            // to the same places.
            let file = options.open(path)?;
            let have = file.metadata()?.len();
            Ok((file, have))
        };
        let (file, have) = open().map_err(|source| HubError::io(path, source))?;
        let mut part = Self { path, name, file, have, size };
        if size.is_some_and(|size| part.have > size) {
            part.restart()?;
        }
        Ok(part)
    }

    /// Transfers the missing bytes; resumes as long as there is progress.
    fn fill(
        &mut self,
        client: &Client<'_>,
        target: &Target<'_>,
        progress: &mut dyn FnMut(DownloadProgress<'_>),
    ) -> Result<(), HubError> {
        let retry = client.config().retry;
        let mut failures = 0;
        while self.size != Some(self.have) {
            let before = self.have;
            let error = match self.transfer(client, target, progress)? {
                TransferEnd::End => break,
                TransferEnd::Again(error) => error,
            };
            failures = if self.have > before { 1 } else { failures + 1 };
            if failures >= retry.attempts.max(2) {
                let url = target.url(client.config())?;
                return Err(transport::failure(&url, failures, error.into()));
            }
            log::info!("{}: {error} at byte {}; resuming", self.name, self.have);
            retry.wait(failures, None);
        }
        Ok(())
    }

    /// Sends one GET request and writes its content.
    fn transfer(
        &mut self,
        client: &Client<'_>,
        target: &Target<'_>,
        progress: &mut dyn FnMut(DownloadProgress<'_>),
    ) -> Result<TransferEnd, HubError> {
        let response = client.get(target, self.have)?;
        let (start, total) = content_range(&response);
        match response.status() {
            StatusCode::RANGE_NOT_SATISFIABLE => {
                if self.size.is_none() && total == Some(self.have) {
                    return Ok(TransferEnd::End); // the file is complete
                }
                self.restart()?;
                return Ok(TransferEnd::Again(io::Error::other("the server refused to resume")));
            }
            StatusCode::PARTIAL_CONTENT if start == Some(self.have) => {
                self.size = self.size.or(total);
            }
            StatusCode::PARTIAL_CONTENT => {
                self.restart()?;
                return Ok(TransferEnd::Again(io::Error::other("the server sent another range")));
            }
            StatusCode::OK => {
                self.restart()?; // the whole file: the server does not support ranges
                let length = text(&response, header::CONTENT_LENGTH.as_str());
                self.size = self.size.or(length.and_then(|text| text.trim().parse().ok()));
            }
            status => {
                let url = target.url(client.config())?;
                return Err(unexpected(&url, &format!("{} answered {status}", Method::GET)));
            }
        }
        self.receive(response, progress)
    }

    fn receive(
        &mut self,
        response: Response,
        progress: &mut dyn FnMut(DownloadProgress<'_>),
    ) -> Result<TransferEnd, HubError> {
        let failed = |source| HubError::io(self.path, source);
        self.file.seek(SeekFrom::Start(self.have)).map_err(failed)?;
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 1 << 18];
        loop {
            progress(DownloadProgress { file: self.name, done: self.have, total: self.size });
            let n = match body.read(&mut buffer) {
                Ok(0) if self.size.is_none_or(|size| size == self.have) => {
                    return Ok(TransferEnd::End);
                }
                Ok(0) => return Ok(TransferEnd::Again(io::ErrorKind::UnexpectedEof.into())),
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(TransferEnd::Again(error)),
            };
            self.file.write_all(&buffer[..n]).map_err(failed)?;
            self.have += n as u64;
            if let Some(expected) = self.size.filter(|&size| self.have > size) {
                self.delete();
                return Err(HubError::WrongSize {
                    file: self.name.to_owned(),
                    expected,
                    found: self.have,
                });
            }
        }
    }

    /// Verifies the hash of the file on disk, which covers resumed parts, other writers and the
    /// disk itself.
    fn verify(&mut self, meta: &Metadata) -> Result<(), HubError> {
        let failed = |source| HubError::io(self.path, source);
        self.file.sync_all().map_err(failed)?;
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        match meta.etag.hash_like(&self.file, self.have).map_err(failed)? {
            Some(found) if !found.eq_ignore_ascii_case(meta.etag.as_str()) => {
                self.delete();
                Err(HubError::WrongHash {
                    file: self.name.to_owned(),
                    expected: meta.etag.as_str().to_owned(),
                    found,
                })
            }
            Some(_) => Ok(()),
            None => {
                log::warn!("{}: the server sent no hash; only the size was checked", self.name);
                Ok(())
            }
        }
    }

    fn restart(&mut self) -> Result<(), HubError> {
        (self.file.set_len(0)).map_err(|source| HubError::io(self.path, source))?;
        self.have = 0;
        Ok(())
    }

    /// Deletes the file; a failure is only logged, as another error follows.
    fn delete(&self) {
        if let Err(error) = fs::remove_file(self.path) {
            log::warn!("cannot delete {}: {error}", self.path.display());
        }
    }
}

/// Start and total in bytes of `Content-Range: bytes 5-9/10` or `bytes */10`, if given.
fn content_range(response: &Response) -> (Option<u64>, Option<u64>) {
    let value = text(response, header::CONTENT_RANGE.as_str()).unwrap_or_default();
    let range = value.trim().strip_prefix("bytes").unwrap_or_default().trim();
    let (part, total) = range.split_once('/').unwrap_or_default();
    let start = part.split_once('-').and_then(|(start, _)| start.parse().ok());
    (start, total.parse().ok())
}

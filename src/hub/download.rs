//! Downloads of files into the cache: resumed, verified, then made visible.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use ureq::http::{Method, StatusCode, header};

use super::{
    blob,
    cache::RepoCache,
    client::{Client, Response, text, unexpected},
    error::HubError,
    id,
    lock::BlobLock,
    metadata::{self, Metadata},
    progress::DownloadProgress,
    target::Target,
    transport,
};

/// Most bytes of a `config.json`.
const MOST_OF_CONFIG: u64 = 16 << 20;
/// Most bytes of weights.
const MOST_OF_WEIGHTS: u64 = 16 << 30;
/// Most requests for one file, even if each brings some bytes.
const MOST_REQUESTS: u32 = 10_000;

/// Downloads a file into the cache unless it is there with the hash of its tag, and returns its commit.
pub(super) fn fetch(
    client: &Client<'_>,
    cache: &RepoCache,
    target: &Target<'_>,
    progress: &mut dyn FnMut(DownloadProgress<'_>),
) -> Result<String, HubError> {
    let meta = metadata::head(client, target)?;
    let visible = cache.snapshot(&meta.commit).join(target.file);
    if is_sound(&visible, &meta)? {
        return Ok(meta.commit);
    }
    // By commit from here on: the branch may move during a long download.
    let pinned = Target::new(target.repo, &meta.commit, target.file);
    let _lock = BlobLock::acquire(&cache.lock(&meta.etag))?;
    // Checked after locking: the process that held the lock may have downloaded it.
    let blob = cache.blob(&meta.etag);
    if !is_sound(&blob, &meta)? {
        if blob.exists() {
            log::warn!("{}: the copy in the cache has another hash: downloading it", target.file);
        }
        let incomplete = cache.incomplete(&meta.etag);
        let mut part = PartialFile::open(&incomplete, target.file, meta.size)?;
        part.fill(client, &pinned, progress)?;
        part.verify(&meta)?;
        fs::rename(&incomplete, &blob).map_err(|source| HubError::io(&blob, source))?;
    }
    let is_blob = |path: &Path| fs::canonicalize(path).ok() == fs::canonicalize(&blob).ok();
    if !is_blob(&visible) {
        cache.link(&meta.etag, &meta.commit, target.file)?;
    }
    Ok(meta.commit)
}

/// True if the file is there with the hash of its tag.
fn is_sound(path: &Path, meta: &Metadata) -> Result<bool, HubError> {
    let failed = |source| HubError::io(path, source);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
    };
    let bytes = file.metadata().map_err(failed)?.len();
    let found = meta.etag.hash_like(file, bytes).map_err(failed)?;
    Ok(found.is_none_or(|found| meta.etag.is(&found)))
}

/// Most bytes that a file of this name may have.
fn most_bytes(name: &str) -> u64 {
    if name == id::CONFIG { MOST_OF_CONFIG } else { MOST_OF_WEIGHTS }
}

/// Refuses a size that no file of this name has.
fn check_size(name: &str, size: Option<u64>) -> Result<(), HubError> {
    let most = most_bytes(name);
    match size {
        Some(bytes) if bytes > most => {
            Err(HubError::TooLarge { file: name.to_owned(), bytes, most })
        }
        _ => Ok(()),
    }
}

/// A partly downloaded file.
struct PartialFile<'a> {
    path: &'a Path,
    name: &'a str,
    file: File,
    /// Bytes on disk so far.
    have: u64,
    /// The most bytes that were on disk at a time: what a transfer adds to them is progress.
    furthest: u64,
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
        check_size(name, size)?;
        let open = || -> io::Result<(File, u64)> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let file = blob::open_own(path)?;
            let have = file.metadata()?.len();
            Ok((file, have))
        };
        let (file, have) = open().map_err(|source| HubError::io(path, source))?;
        let mut part = Self { path, name, file, have, furthest: have, size };
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
        let (mut failures, mut requests) = (0, 0);
        while self.size != Some(self.have) {
            let before = self.furthest;
            let error = match self.transfer(client, target, progress)? {
                TransferEnd::End => break,
                TransferEnd::Again(error) => error,
            };
            requests += 1;
            // bytes that were there before a restart are no progress: a server that cuts each answer and
            // resumes at another byte would be asked without end
            failures = if self.furthest > before { 1 } else { failures + 1 };
            if failures >= retry.attempts.max(2) || requests == MOST_REQUESTS {
                let url = target.url(client.config())?;
                let attempts = if requests == MOST_REQUESTS { requests } else { failures };
                return Err(transport::failure(&url, attempts, error.into()));
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
            StatusCode::PARTIAL_CONTENT if start == Some(self.have) => match (self.size, total) {
                (Some(expected), Some(found)) if found != expected => {
                    return Err(self.wrong_size(expected, found));
                }
                _ => self.size = self.size.or(total),
            },
            StatusCode::PARTIAL_CONTENT => {
                self.restart()?;
                return Ok(TransferEnd::Again(io::Error::other("the server sent another range")));
            }
            StatusCode::OK => {
                self.restart()?; // the whole file: the server does not support ranges
                let length = text(&response, header::CONTENT_LENGTH.as_str());
                let length = length.and_then(|text| text.trim().parse::<u64>().ok());
                match (self.size, length) {
                    (Some(expected), Some(found)) if found > expected => {
                        return Err(self.wrong_size(expected, found));
                    }
                    _ => self.size = self.size.or(length),
                }
            }
            status => {
                let url = target.url(client.config())?;
                return Err(unexpected(&url, &format!("{} answered {status}", Method::GET)));
            }
        }
        check_size(self.name, self.size)?;
        self.receive(response, progress)
    }

    /// Deletes the file and reports its size.
    fn wrong_size(&self, expected: u64, found: u64) -> HubError {
        self.delete();
        HubError::WrongSize { file: self.name.to_owned(), expected, found }
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
            let have = self.have + n as u64;
            if let Some(expected) = self.size.filter(|&size| have > size) {
                return Err(self.wrong_size(expected, have));
            }
            check_size(self.name, Some(have)).inspect_err(|_| self.delete())?;
            self.file.write_all(&buffer[..n]).map_err(failed)?;
            self.have = have;
            self.furthest = self.furthest.max(have);
        }
    }

    /// Verifies the hash of the file on disk, which covers resumed parts, other writers and the
    /// disk itself.
    fn verify(&mut self, meta: &Metadata) -> Result<(), HubError> {
        let failed = |source| HubError::io(self.path, source);
        self.file.sync_all().map_err(failed)?;
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        match meta.etag.hash_like(&self.file, self.have).map_err(failed)? {
            Some(found) if !meta.etag.is(&found) => {
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

//! Progress of a download.

/// Progress of the download of a file. A file that is in the cache already is never reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadProgress<'a> {
    /// Name of the file in its repository, for example `model.safetensors`.
    pub file: &'a str,
    /// Bytes on disk, including those of an earlier, interrupted download.
    pub done: u64,
    /// Size of the whole file in bytes, if the server reported it.
    pub total: Option<u64>,
}

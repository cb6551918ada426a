//! Errors of the Hub client, with a remedy for each.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::hub::released;

/// Failure of the Hub client. Each message ends with a remedy if there is one.
#[derive(Debug, Error)]
pub enum HubError {
    /// The text is not the name of a model.
    #[error(
        "{0:?} is not the name of a model: give ORG/REPOSITORY or one of {names}",
        names = released::names()
    )]
    BadName(String),
    /// `HF_ENDPOINT` is not an address. The value is left out, as it may have a password.
    #[error("HF_ENDPOINT is not an address: give one like https://huggingface.co")]
    Endpoint,
    /// The token cannot be sent.
    #[error("the access token in {origin} has blanks or other invalid characters: copy it again")]
    Token {
        /// Variable or file of the token.
        origin: String,
    },
    /// A proxy variable is not an address.
    #[error(
        "{variable} is not the address of a proxy: give one like http://proxy.example.org:3128"
    )]
    Proxy {
        /// Name of the variable.
        variable: String,
    },
    /// The file of `SSL_CERT_FILE` cannot be used.
    #[error(
        "cannot read certificates from {path}, which SSL_CERT_FILE or REQUESTS_CA_BUNDLE names: {reason}"
    )]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Problem of the file.
        reason: String,
    },
    /// No variable gives the place of the cache.
    #[error("no folder for downloaded models is set: set HF_HUB_CACHE or HOME")]
    NoHome,
    /// The model is not in the cache, and the network must not be used.
    #[error(
        "{name} is not, or only partly, in the cache {cache}, and HF_HUB_OFFLINE forbids the network: \
         unset it, or give a folder with the files with --model DIR"
    )]
    Offline {
        /// Name of the model, as typed.
        name: String,
        /// Folder of the cache.
        cache: PathBuf,
    },
    /// The repository, revision or file does not exist.
    #[error("{url} does not exist (404): check the name; the released models are {names}", names = released::names())]
    NotFound {
        /// Address of the file.
        url: String,
    },
    /// The server denies access.
    #[error(
        "no access to {repo} ({status}): it is private, gated or does not exist. For a private or \
         gated one, request access at {page} and set HF_TOKEN; the released models are {names}",
        names = released::names()
    )]
    Denied {
        /// `org/repo`.
        repo: String,
        /// Page of the repository.
        page: String,
        /// 401 or 403.
        status: u16,
    },
    /// The host name cannot be resolved: most likely there is no network.
    #[error(
        "cannot find the host {host}: is there a network, and is the name of the proxy, if set, \
         correct? Set HF_ENDPOINT for a mirror or HTTPS_PROXY for a proxy, or download the files elsewhere and give their folder with --model DIR"
    )]
    Dns {
        /// The host.
        host: String,
    },
    /// Every attempt to connect failed, or every connection broke.
    #[error(
        "{url}: {source} (after {attempts} attempts). Run the command again to resume; behind a \
         firewall set HTTPS_PROXY, or HF_ENDPOINT for a mirror"
    )]
    Network {
        /// Requested address.
        url: String,
        /// Number of attempts.
        attempts: u32,
        /// The last failure.
        source: Box<ureq::Error>,
    },
    /// The certificate of the server is not accepted.
    #[error(
        "{url}: {source}. If your network inspects https, set SSL_CERT_FILE to its certificates; \
         otherwise check the clock of this machine"
    )]
    Tls {
        /// Requested address.
        url: String,
        /// Failure that TLS reported.
        source: Box<ureq::Error>,
    },
    /// The server answered 5xx or 429 in every attempt.
    #[error("{url} answered {status} in {attempts} attempts: try again later")]
    Unavailable {
        /// Requested address.
        url: String,
        /// Status of the last answer.
        status: u16,
        /// Number of attempts.
        attempts: u32,
    },
    /// The answer is not that of a Hub.
    #[error("{url}: {reason}. Is this a Hugging Face Hub? Check HF_ENDPOINT and the proxy")]
    Unexpected {
        /// Requested address.
        url: String,
        /// Problem of the answer.
        reason: String,
    },
    /// The hash of the content differs from that of the server.
    #[error(
        "{file}: hash is {found}, expected {expected}; the download was deleted, run the command again"
    )]
    WrongHash {
        /// File in the repository.
        file: String,
        /// Hash from the tag of the server.
        expected: String,
        /// Hash of the received content.
        found: String,
    },
    /// The server sent, or announced, another number of bytes than before.
    #[error(
        "{file}: the server sent {found} bytes, expected {expected}; the download was deleted, run the command again"
    )]
    WrongSize {
        /// File in the repository.
        file: String,
        /// Bytes announced.
        expected: u64,
        /// Bytes received or announced later.
        found: u64,
    },
    /// The server has, or sends, more bytes than a file of a model has.
    #[error(
        "{file}: the server sends {bytes} bytes or more, expected at most {most}; check the name of the model and HF_ENDPOINT"
    )]
    TooLarge {
        /// File in the repository.
        file: String,
        /// Bytes announced or received.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// A file in the cache is not what its name says.
    #[error(
        "{path}: hash is {found}, but the cache holds it as {expected}; fetch it again with `hyenadna models pull`, or delete it"
    )]
    WrongBlob {
        /// The file.
        path: PathBuf,
        /// Hash in the name of the blob.
        expected: String,
        /// Hash of its content.
        found: String,
    },
    /// The disk or the quota is full.
    #[error(
        "no space left for {path}: free some space and run the command again to resume, or set HF_HUB_CACHE to another disk"
    )]
    DiskFull {
        /// File being written.
        path: PathBuf,
    },
    /// Writing is not permitted.
    #[error("cannot write {path}: {source}. Set HF_HUB_CACHE to a folder of your own")]
    Unwritable {
        /// File or folder.
        path: PathBuf,
        /// The failure.
        source: io::Error,
    },
    /// Any other failure of the file system.
    #[error("{path}: {source}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// The failure.
        source: io::Error,
    },
}

impl HubError {
    /// Adds the path to an I/O error, and separates the errors that a user can fix.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Unwritable { path, source }
            }
            _ => Self::Io { path, source },
        }
    }

    /// True if the repository may not exist, so that another may be tried: without a valid token,
    /// the Hub answers 401 for a missing repository.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Denied { status: 401, .. })
    }

    /// True if the Hub did not answer, so that a copy in the cache may be used.
    pub(super) fn is_unreachable(&self) -> bool {
        matches!(self, Self::Dns { .. } | Self::Network { .. } | Self::Unavailable { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_system_failures_get_their_own_remedy() {
        let text = |kind: io::ErrorKind| HubError::io(Path::new("/c/f"), kind.into()).to_string();
        assert!(text(io::ErrorKind::StorageFull).contains("free some space"));
        assert!(text(io::ErrorKind::QuotaExceeded).contains("free some space"));
        assert!(text(io::ErrorKind::ReadOnlyFilesystem).contains("HF_HUB_CACHE"));
        assert!(text(io::ErrorKind::PermissionDenied).contains("HF_HUB_CACHE"));
        assert!(text(io::ErrorKind::InvalidInput).starts_with("/c/f: "));
    }
}

//! What can go wrong with the Hub, and what the user can do about it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::hub::released;

/// Failure of the Hub client. Each message ends with a remedy.
#[derive(Debug, Error)]
pub enum HubError {
    /// Not the name of a model.
    #[error(
        "{0:?} is not the name of a model: give ORG/REPOSITORY or one of {names}",
        names = released::names()
    )]
    BadName(String),
    /// `HF_ENDPOINT` is not an address.
    #[error("HF_ENDPOINT={0:?} is not an address: give one like https://huggingface.co")]
    Endpoint(String),
    /// The token cannot be sent.
    #[error("the access token in {origin} has blanks or other odd characters in it: copy it again")]
    Token {
        /// Variable or file that it comes from.
        origin: String,
    },
    /// A proxy variable that holds no address.
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
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing says where the cache is.
    #[error("there is no place for downloaded models: set HF_HUB_CACHE or HOME")]
    NoHome,
    /// Not in the cache, and the network is forbidden.
    #[error(
        "{name} is not (completely) in the cache {cache} and HF_HUB_OFFLINE forbids the network: \
         unset it, or give a folder with the files by --model DIR"
    )]
    Offline {
        /// The model as typed.
        name: String,
        /// Folder of the cache.
        cache: PathBuf,
    },
    /// The server says that there is no such repository, revision or file.
    #[error("{url} does not exist (404): check the name; the released models are {names}", names = released::names())]
    NotFound {
        /// Address of the file.
        url: String,
    },
    /// The server does not let us in.
    #[error(
        "no access to {repo} ({status}): it is private, gated or does not exist. For a private or \
         gated one, ask for access at {page} and set HF_TOKEN; the released models are {names}",
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
    /// The name of the host cannot be resolved: most likely there is no network.
    #[error(
        "cannot find the host {host}: is there a network here, and is the name of the proxy \
         right if one is set? Set HF_ENDPOINT for a mirror or HTTPS_PROXY for a proxy, or download the files elsewhere and give their folder by --model DIR"
    )]
    Dns {
        /// The host.
        host: String,
    },
    /// No connection, or it broke, in every attempt.
    #[error(
        "{url}: {source} (after {attempts} attempts). Run the command again to resume; behind a \
         firewall set HTTPS_PROXY, or HF_ENDPOINT for a mirror"
    )]
    Network {
        /// Address asked for.
        url: String,
        /// Attempts made.
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
        /// Address asked for.
        url: String,
        /// What TLS says.
        source: Box<ureq::Error>,
    },
    /// 5xx or 429 in every attempt.
    #[error("{url} answers {status}, also at attempt {attempts}: try again later")]
    Unavailable {
        /// Address asked for.
        url: String,
        /// Status of the last answer.
        status: u16,
        /// Attempts made.
        attempts: u32,
    },
    /// An answer that makes no sense here.
    #[error("{url}: {reason}. Is that a Hugging Face Hub? Check HF_ENDPOINT and the proxy")]
    Unexpected {
        /// Address asked for.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The content is not what the server promised.
    #[error(
        "{file}: its hash should be {expected} but is {found}; the download was deleted, run the command again"
    )]
    WrongHash {
        /// File in the repository.
        file: String,
        /// Hash by the server's tag.
        expected: String,
        /// Hash of what came.
        found: String,
    },
    /// More bytes than promised.
    #[error(
        "{file}: {expected} bytes were promised but {found} came; the download was deleted, run the command again"
    )]
    WrongSize {
        /// File in the repository.
        file: String,
        /// Bytes promised.
        expected: u64,
        /// Bytes received.
        found: u64,
    },
    /// No room.
    #[error(
        "no space left for {path}: make room and run the command again to resume, or set HF_HUB_CACHE to another disk"
    )]
    DiskFull {
        /// File being written.
        path: PathBuf,
    },
    /// No right to write.
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
    /// Names the file and tells apart the failures that a user can mend.
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

    /// Whether another repository may be tried: the Hub answers 401 for one that does not exist
    /// when no valid token is sent.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Denied { status: 401, .. })
    }

    /// Whether the Hub did not answer, so that a copy in the cache is the best there is.
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
        assert!(text(io::ErrorKind::StorageFull).contains("make room"));
        assert!(text(io::ErrorKind::QuotaExceeded).contains("make room"));
        assert!(text(io::ErrorKind::ReadOnlyFilesystem).contains("HF_HUB_CACHE"));
        assert!(text(io::ErrorKind::PermissionDenied).contains("HF_HUB_CACHE"));
        assert!(text(io::ErrorKind::InvalidInput).starts_with("/c/f: "));
    }
}

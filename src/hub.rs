//! Client of the Hugging Face Hub: fetches a model into the cache that Python's `huggingface_hub`
//! uses too, and finds models that either of the two has put there.
//!
//! The process environment is read once, by [`HubConfig::from_env`]; nothing is drawn, progress
//! goes to a callback. Files appear in the cache only after their hash was checked.

mod cache;
mod client;
mod config;
mod download;
mod env;
mod error;
mod etag;
mod id;
mod lock;
mod metadata;
mod proxy;
pub mod released;
mod retry;
mod target;
#[cfg(test)]
mod tests;
mod tls;
mod transport;
mod url;

use std::path::PathBuf;

use self::{cache::RepoCache, client::Client, target::Target};

pub use self::config::{HubConfig, Token};
pub use self::error::HubError;
pub use self::id::{Candidate, ModelId};
pub use self::retry::Retry;

/// How far one file has come. A file that was in the cache already is never reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadProgress<'a> {
    /// Name of the file in its repository, for example `model.safetensors`.
    pub file: &'a str,
    /// Bytes on disk, those of an earlier, interrupted download included.
    pub done: u64,
    /// Size of the whole file in bytes, if the server has told.
    pub total: Option<u64>,
}

/// The snapshot folder of a model that is completely in the cache: configuration and weights.
/// Of two flavours that the name allows, safetensors comes first. Never touches the network.
pub fn find_cached(config: &HubConfig, id: &ModelId) -> Option<PathBuf> {
    id.candidates().iter().find_map(|candidate| {
        let cache = RepoCache::new(config.cache(), &candidate.repo);
        let snapshot = cache.snapshot(&cache.read_commit(id.revision())?);
        // `is_file` follows the link: a link whose blob was pruned does not count.
        let complete = snapshot.join(id::CONFIG).is_file()
            && (candidate.weights.iter()).any(|weights| snapshot.join(weights).is_file());
        complete.then_some(snapshot)
    })
}

/// Downloads what is missing of a model and returns its snapshot folder.
///
/// What is in the cache already costs one HEAD request a file. If the Hub cannot be reached but
/// the cache holds the whole model, that is returned with a warning in the log, so that a script
/// which pulls first also runs on a node without network.
///
/// # Errors
/// See [`HubError`]; every variant says what to do about it. After any of them a second call
/// resumes where the first one stopped, except for [`HubError::WrongHash`] and
/// [`HubError::WrongSize`], after which it starts that file again.
pub fn pull(
    config: &HubConfig,
    id: &ModelId,
    progress: &mut dyn FnMut(DownloadProgress<'_>),
) -> Result<PathBuf, HubError> {
    if config.offline() {
        return find_cached(config, id).ok_or_else(|| HubError::Offline {
            name: id.to_string(),
            cache: config.cache().to_path_buf(),
        });
    }
    match pull_first(config, id, progress) {
        Err(error) if error.is_unreachable() => match find_cached(config, id) {
            Some(snapshot) => {
                log::warn!("{error}; going on with the copy in the cache");
                Ok(snapshot)
            }
            None => Err(error),
        },
        result => result,
    }
}

/// Tries the repositories that the name may mean, the preferred one first.
fn pull_first(
    config: &HubConfig,
    id: &ModelId,
    progress: &mut dyn FnMut(DownloadProgress<'_>),
) -> Result<PathBuf, HubError> {
    let client = Client::new(config)?;
    let mut absent = None;
    for candidate in id.candidates() {
        match pull_candidate(&client, candidate, id.revision(), progress) {
            Err(error) if error.is_absent() => absent = absent.or(Some(error)),
            result => return result,
        }
    }
    Err(absent.expect("a model name has at least one candidate repository"))
}

fn pull_candidate(
    client: &Client<'_>,
    candidate: &Candidate,
    revision: &str,
    progress: &mut dyn FnMut(DownloadProgress<'_>),
) -> Result<PathBuf, HubError> {
    let cache = RepoCache::new(client.config().cache(), &candidate.repo);
    let target = Target::new(&candidate.repo, revision, id::CONFIG);
    let commit = download::fetch(client, &cache, &target, progress)?;
    // The weights are asked for by commit: someone may push between the two requests, and a
    // snapshot must never mix two versions.
    let mut absent = None;
    for weights in candidate.weights {
        let target = Target::new(&candidate.repo, &commit, weights);
        match download::fetch(client, &cache, &target, progress) {
            Ok(_) => {
                cache.write_ref(revision, &commit)?;
                return Ok(cache.snapshot(&commit));
            }
            Err(error @ HubError::NotFound { .. }) => absent = absent.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(absent.expect("a candidate has at least one weights file"))
}

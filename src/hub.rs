//! Client of the Hugging Face Hub: downloads models into the cache that it shares with Python's
//! `huggingface_hub`, and finds the models in it.
//!
//! The process environment is read once, by [`HubConfig::from_env`]; progress goes to a callback.
//! Files appear in the cache only after their hash is verified, and are verified again when they are used.

mod blob;
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
pub mod nearest;
mod progress;
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

pub use self::blob::verify;
pub use self::config::{HubConfig, Token, own_cache};
pub use self::error::HubError;
pub use self::id::{Candidate, ModelId};
pub use self::progress::DownloadProgress;
pub use self::retry::Retry;

/// Finds the snapshot folder of a model whose configuration and weights are in the cache. Prefers
/// safetensors if the name allows two flavours. Never uses the network.
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

/// Downloads the missing files of a model and returns its snapshot folder.
///
/// A file in the cache costs one HEAD request. If the Hub cannot be reached but the cache has the
/// whole model, a warning is logged and that copy returned, so that a script that pulls first also
/// runs on a node without a network.
///
/// # Errors
/// See [`HubError`]; the message of each variant gives a remedy. A second call resumes where the
/// first stopped, except after [`HubError::WrongHash`] and [`HubError::WrongSize`], where it
/// downloads the file again.
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
                log::warn!("{error}; using the copy in the cache");
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
    // The weights are requested by commit: someone may push between the two requests, and a
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

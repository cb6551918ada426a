//! The client against a Hub on the loopback address: never against the real one.

mod failures;
mod fake_hub;
mod layout;
mod resume;
mod server;

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use self::fake_hub::FakeHub;
use super::{config::HubConfig, error::HubError, id::ModelId, pull, retry::Retry};

const NAME: &str = "hyenadna-small-32k-seqlen";
const REPO: &str = "LongSafari/hyenadna-small-32k-seqlen-hf";

/// A configuration for one endpoint and one cache, from nothing but these variables.
fn config(endpoint: &str, cache: &Path, more: &[(&str, &str)]) -> HubConfig {
    let mut config = HubConfig::from_env(|key| match key {
        "HF_ENDPOINT" => Some(endpoint.into()),
        "HF_HOME" => Some(cache.into()),
        _ => Some(OsString::from(more.iter().find(|(k, _)| *k == key)?.1)),
    })
    .unwrap();
    config.retry = Retry { attempts: 3, sleep: note, ..Retry::default() };
    config
}

thread_local! {
    /// The pauses that pulls on this thread would have made.
    static PAUSES: RefCell<Vec<Duration>> = const { RefCell::new(Vec::new()) };
}

/// Takes no time.
fn note(pause: Duration) {
    PAUSES.with_borrow_mut(|pauses| pauses.push(pause));
}

/// Pulls [`NAME`] from a fake Hub into a folder.
fn pull_name(hub: &FakeHub, cache: &Path) -> Result<PathBuf, HubError> {
    pull_with(&config(&hub.endpoint(), cache, &[]), NAME)
}

fn pull_with(config: &HubConfig, name: &str) -> Result<PathBuf, HubError> {
    pull(config, &ModelId::parse(name).unwrap(), &mut |_| {})
}

#[test]
fn a_pull_brings_both_files_and_reports_progress() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let seen = RefCell::new(Vec::new());
    let config = config(&hub.endpoint(), home.path(), &[("HF_TOKEN", "hf_secret")]);
    let id = ModelId::parse(NAME).unwrap();
    let snapshot = pull(&config, &id, &mut |p| {
        seen.borrow_mut().push((p.file.to_owned(), p.done, p.total));
    })
    .unwrap();
    assert_eq!(fs::read(snapshot.join("config.json")).unwrap(), hub.config());
    assert_eq!(fs::read(snapshot.join("model.safetensors")).unwrap(), hub.weights());

    let size = hub.weights().len() as u64;
    let seen = seen.into_inner();
    assert_eq!(seen.last(), Some(&("model.safetensors".to_owned(), size, Some(size))));
    assert!(seen.contains(&("model.safetensors".to_owned(), 0, Some(size))));
    assert!(seen.is_sorted_by_key(|(file, done, _)| (file.clone(), *done)));
}

#[test]
fn the_token_goes_to_the_hub_and_not_to_the_cdn() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let config = config(&hub.endpoint(), home.path(), &[("HF_TOKEN", "hf_secret")]);
    pull_with(&config, NAME).unwrap();
    let at_hub = hub.requests();
    assert!(!at_hub.is_empty());
    assert!(at_hub.iter().all(|r| r.header("authorization") == Some("Bearer hf_secret")));
    let at_cdn = hub.cdn_requests();
    assert_eq!(at_cdn.len(), 1, "the HEAD request must not go there");
    assert_eq!(at_cdn[0].method, "GET");
    assert!(at_cdn.iter().all(|r| r.header("authorization").is_none()));
}

#[test]
fn a_second_pull_sends_requests_but_downloads_nothing() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let first = pull_name(&hub, home.path()).unwrap();
    let before = hub.requests().len();
    let config = config(&hub.endpoint(), home.path(), &[]);
    let id = ModelId::parse(NAME).unwrap();
    let second = pull(&config, &id, &mut |p| panic!("nothing to transfer: {p:?}")).unwrap();
    assert_eq!(first, second);
    let requests = hub.requests().split_off(before);
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.method == "HEAD"));
}

#[test]
fn two_pulls_at_once_download_once() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let threads = [(); 3].map(|()| scope.spawn(|| pull_name(&hub, home.path())));
        let folders = threads.map(|thread| thread.join().unwrap().unwrap());
        assert!(folders.iter().all(|folder| folder == &folders[0]));
    });
    assert_eq!(hub.cdn_requests().len(), 1);
    assert_eq!(hub.requests().iter().filter(|r| r.method == "GET").count(), 2);
}

#[test]
fn a_bare_name_falls_back_to_the_lightning_flavour() {
    let hub = FakeHub::start("LongSafari/hyenadna-small-32k-seqlen");
    let home = tempfile::tempdir().unwrap();
    let snapshot = pull_name(&hub, home.path()).unwrap();
    assert_eq!(fs::read(snapshot.join("weights.ckpt")).unwrap(), hub.weights());
    assert!(!snapshot.join("model.safetensors").exists());
}

#[test]
fn another_repository_may_have_a_checkpoint_only() {
    let hub = FakeHub::start("me/model").without("model.safetensors");
    let home = tempfile::tempdir().unwrap();
    let snapshot = pull_with(&config(&hub.endpoint(), home.path(), &[]), "me/model").unwrap();
    assert_eq!(fs::read(snapshot.join("weights.ckpt")).unwrap(), hub.weights());
}

#[test]
fn a_renamed_repository_is_followed() {
    let hub = FakeHub::start("me/new");
    hub.on(|request| {
        let new = request.path.strip_prefix("/me/old/")?;
        Some(server::Reply::new(307).with("Location", &format!("/me/new/{new}")))
    });
    let home = tempfile::tempdir().unwrap();
    let config = config(&hub.endpoint(), home.path(), &[("HF_TOKEN", "hf_secret")]);
    let snapshot = pull_with(&config, "me/old").unwrap();
    assert!(snapshot.to_str().unwrap().contains("models--me--old"), "found by its old name");
    assert_eq!(fs::read(snapshot.join("model.safetensors")).unwrap(), hub.weights());
}

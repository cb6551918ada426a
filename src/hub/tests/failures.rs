//! Failures: the error of each, and retries.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::super::{error::HubError, find_cached, id::ModelId, pull};
use super::fake_hub::FakeHub;
use super::server::Reply;
use super::{NAME, PAUSES, REPO, config, pull_name, pull_with};

/// A rule that answers the first `times` requests.
fn at_first(times: usize, reply: Reply) -> impl Fn(&super::server::Request) -> Option<Reply> {
    let count = AtomicUsize::new(0);
    move |_| (count.fetch_add(1, Ordering::SeqCst) < times).then(|| reply.clone())
}

#[test]
fn an_unknown_repository_names_the_released_ones() {
    let hub = FakeHub::start("me/else");
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(matches!(&error, HubError::NotFound { url } if url.contains("-hf/")), "{error}");
    assert!(error.to_string().contains("hyenadna-large-1m-seqlen"), "{error}");
    assert_eq!(hub.requests().len(), 2, "each flavour once");
}

#[test]
fn a_repository_without_weights_is_an_error() {
    let hub = FakeHub::start(REPO).without("model.safetensors");
    let home = tempfile::tempdir().unwrap();
    let error = pull_with(&config(&hub.endpoint(), home.path(), &[]), REPO).unwrap_err();
    let named = |url: &String| url.ends_with("/model.safetensors");
    assert!(matches!(&error, HubError::NotFound { url } if named(url)), "{error}");
    let id = ModelId::parse(NAME).unwrap();
    let config = config(&hub.endpoint(), home.path(), &[]);
    assert_eq!(find_cached(&config, &id), None, "half a model is none");
}

#[test]
fn no_access_says_how_to_get_it() {
    for status in [401, 403] {
        let hub = FakeHub::start("me/gated");
        hub.on(move |_| Some(Reply::new(status)));
        let home = tempfile::tempdir().unwrap();
        let config = config(&hub.endpoint(), home.path(), &[]);
        let error = pull_with(&config, "me/gated").unwrap_err();
        assert!(matches!(error, HubError::Denied { status: s, .. } if s == status), "{error}");
        let text = error.to_string();
        assert!(text.contains("HF_TOKEN") && text.contains("/me/gated"), "{text}");
    }
}

#[test]
fn a_server_error_passes() {
    let hub = FakeHub::start(REPO);
    hub.on(at_first(2, Reply::new(500)));
    hub.on_cdn(at_first(1, Reply::new(503)));
    let home = tempfile::tempdir().unwrap();
    pull_name(&hub, home.path()).unwrap();
    assert_eq!(hub.cdn_requests().len(), 2);
}

#[test]
fn a_server_error_that_stays_is_reported() {
    let hub = FakeHub::start(REPO);
    hub.on(|_| Some(Reply::new(502)));
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    let expected = matches!(error, HubError::Unavailable { status: 502, attempts: 3, .. });
    assert!(expected, "{error}");
    assert_eq!(hub.requests().len(), 3);
}

#[test]
fn retry_after_is_honoured_up_to_the_cap() {
    let hub = FakeHub::start(REPO);
    hub.on(at_first(1, Reply::new(429).with("Retry-After", "3600")));
    let home = tempfile::tempdir().unwrap();
    PAUSES.take(); // tests may share a thread
    pull_name(&hub, home.path()).unwrap();
    let cap = config(&hub.endpoint(), home.path(), &[]).retry.cap;
    assert_eq!(PAUSES.take(), [cap]);
    assert!(cap < Duration::from_secs(3600));
}

#[test]
fn nobody_listening_is_a_network_error_with_a_remedy() {
    // The port of tcpmux, which no machine has served for decades.
    let home = tempfile::tempdir().unwrap();
    let config = config("http://127.0.0.1:1", home.path(), &[]);
    let error = pull_with(&config, NAME).unwrap_err();
    assert!(matches!(error, HubError::Network { attempts: 3, .. }), "{error}");
    assert!(error.to_string().contains("HTTPS_PROXY"), "{error}");
}

#[test]
fn a_page_that_is_not_a_hub_is_reported() {
    let hub = FakeHub::start(REPO);
    hub.on(|_| Some(Reply::new(200).body(b"<html>please log in</html>")));
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(error.to_string().contains("X-Repo-Commit"), "{error}");
}

#[test]
fn a_commit_cannot_lead_out_of_the_cache() {
    let hub = FakeHub::start(REPO);
    let reply = Reply::new(200).with("X-Repo-Commit", "../../x").with("ETag", "\"a\"");
    hub.on(move |_| Some(reply.clone()));
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(matches!(error, HubError::Unexpected { .. }), "{error}");
}

#[test]
fn redirects_in_a_circle_end() {
    let hub = FakeHub::start(REPO);
    hub.on(|request| Some(Reply::new(302).with("Location", &request.path)));
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(error.to_string().contains("too many redirects"), "{error}");
}

#[test]
fn offline_uses_the_cache_and_sends_no_request() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let offline = config(&hub.endpoint(), home.path(), &[("HF_HUB_OFFLINE", "yes")]);
    let error = pull_with(&offline, NAME).unwrap_err();
    assert!(matches!(error, HubError::Offline { .. }), "{error}");
    assert!(error.to_string().contains("HF_HUB_OFFLINE"), "{error}");
    assert_eq!(hub.requests().len(), 0);

    let snapshot = pull_name(&hub, home.path()).unwrap();
    let before = hub.requests().len();
    assert_eq!(pull_with(&offline, NAME).unwrap(), snapshot);
    assert_eq!(hub.requests().len(), before);
}

#[test]
fn a_hub_out_of_reach_leaves_the_copy_in_the_cache() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let snapshot = pull_name(&hub, home.path()).unwrap();
    hub.on(|_| Some(Reply::new(503)));
    assert_eq!(pull_name(&hub, home.path()).unwrap(), snapshot);
}

#[test]
fn a_cache_that_cannot_be_made_is_named() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("hub"), "a file where the cache should be").unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(matches!(error, HubError::Io { .. } | HubError::Unwritable { .. }), "{error}");
    assert!(error.to_string().contains("hub"), "{error}");
}

#[test]
fn certificates_that_cannot_be_read_are_named() {
    let home = tempfile::tempdir().unwrap();
    let config = config("http://127.0.0.1:9", home.path(), &[("SSL_CERT_FILE", "/none.pem")]);
    let id = ModelId::parse(NAME).unwrap();
    let error = pull(&config, &id, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("/none.pem"), "{error}");
}

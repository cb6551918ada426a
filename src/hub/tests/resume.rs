//! Interrupted downloads.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::super::error::HubError;
use super::fake_hub::{FakeHub, content, tag, weights};
use super::server::Reply;
use super::{REPO, config, pull_name, pull_with};

/// Writes incomplete weights and returns their path.
fn leave_part(home: &Path, part: &[u8]) -> PathBuf {
    let blobs = home.join("hub").join(format!("models--{}/blobs", REPO.replace('/', "--")));
    fs::create_dir_all(&blobs).unwrap();
    let path = blobs.join(format!("{}.incomplete", tag(&weights(), 64)));
    fs::write(&path, part).unwrap();
    path
}

fn ranges(hub: &FakeHub) -> Vec<Option<usize>> {
    hub.cdn_requests().iter().map(|request| request.range()).collect()
}

fn assert_complete(hub: &FakeHub, home: &Path) {
    let snapshot = pull_name(hub, home).unwrap();
    assert_eq!(fs::read(snapshot.join("model.safetensors")).unwrap(), hub.weights());
    let blobs = home.join("hub").join(format!("models--{}/blobs", REPO.replace('/', "--")));
    assert_eq!(fs::read_dir(blobs).unwrap().count(), 2, "no incomplete file is left");
}

#[test]
fn a_connection_that_closes_early_is_resumed() {
    let hub = FakeHub::start(REPO);
    hub.on_cdn(|request| {
        let cut = if request.range().is_none() { 300_000 } else { 350_000 };
        Some(
            content(request, &weights())
                .cut(cut.min(weights().len() - request.range().unwrap_or(0))),
        )
    });
    let home = tempfile::tempdir().unwrap();
    assert_complete(&hub, home.path());
    assert_eq!(ranges(&hub), [None, Some(300_000), Some(650_000)]);
}

#[test]
fn an_earlier_run_is_resumed() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    leave_part(home.path(), &weights()[..123_456]);
    assert_complete(&hub, home.path());
    assert_eq!(ranges(&hub), [Some(123_456)]);
}

#[test]
fn a_server_that_ignores_ranges_sends_all_of_it() {
    let hub = FakeHub::start(REPO);
    hub.on_cdn(|_| Some(Reply::new(200).body(&weights())));
    let home = tempfile::tempdir().unwrap();
    leave_part(home.path(), &weights()[..1000]);
    assert_complete(&hub, home.path());
    assert_eq!(ranges(&hub), [Some(1000)]);
}

#[test]
fn a_refused_range_is_followed_by_a_request_for_the_whole_file() {
    let hub = FakeHub::start(REPO);
    hub.on_cdn(|request| request.range().map(|_| Reply::new(416)));
    let home = tempfile::tempdir().unwrap();
    leave_part(home.path(), &weights()[..1000]);
    assert_complete(&hub, home.path());
    assert_eq!(ranges(&hub), [Some(1000), None]);
}

#[test]
fn a_wrong_part_is_not_taken() {
    let hub = FakeHub::start(REPO);
    hub.on_cdn(|request| {
        request.range()?;
        let range = format!("bytes 5-{}/{}", weights().len() - 1, weights().len());
        Some(Reply::new(206).with("Content-Range", &range).body(&weights()[5..]))
    });
    let home = tempfile::tempdir().unwrap();
    leave_part(home.path(), &weights()[..1000]);
    assert_complete(&hub, home.path());
    assert_eq!(ranges(&hub), [Some(1000), None]);
}

#[test]
fn a_part_that_is_complete_needs_no_request() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    leave_part(home.path(), &weights());
    assert_complete(&hub, home.path());
    assert_eq!(ranges(&hub), []);
}

#[test]
fn a_part_that_is_too_long_starts_again() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    leave_part(home.path(), &vec![0; weights().len() + 1]);
    assert_complete(&hub, home.path());
    assert_eq!(ranges(&hub), [None]);
}

#[test]
fn a_corrupt_part_is_detected_and_deleted() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let part = leave_part(home.path(), &[0xff; 1000]);
    let error = pull_name(&hub, home.path()).unwrap_err();
    let expected = tag(&weights(), 64);
    assert!(
        matches!(&error, HubError::WrongHash { file, expected: e, found }
            if file == "model.safetensors" && *e == expected && *found != expected),
        "{error}"
    );
    assert!(!part.exists());
    assert_complete(&hub, home.path()); // the next run starts again
}

#[test]
fn a_small_file_is_checked_by_the_hash_of_git() {
    let hub = FakeHub::start(REPO);
    hub.on(|request| {
        let get = request.method == "GET" && request.path.ends_with("/config.json");
        get.then(|| Reply::new(200).body(b"{\"d_model\": 128}\n"))
    });
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    let expected = tag(&hub.config(), 40);
    assert!(
        matches!(&error, HubError::WrongHash { file, expected: e, .. }
            if file == "config.json" && *e == expected),
        "{error}"
    );
}

#[test]
fn a_connection_that_stalls_is_given_up_and_resumed() {
    let hub = FakeHub::start(REPO);
    let silent = AtomicBool::new(true);
    hub.on_cdn(move |_| silent.swap(false, Ordering::SeqCst).then(Reply::none));
    let home = tempfile::tempdir().unwrap();
    let mut config = config(&hub.endpoint(), home.path(), &[]);
    // On a busy machine the Hub's answers may be too late for a first attempt as well.
    config.retry.attempts = u32::MAX;
    config.retry.patience = |before| match before {
        0 => Duration::from_millis(50),
        _ => Duration::from_secs(600),
    };
    pull_with(&config, REPO).unwrap();
    assert_eq!(ranges(&hub), [None, None]);
}

#[test]
fn a_server_that_never_moves_on_is_given_up() {
    let hub = FakeHub::start(REPO);
    hub.on_cdn(|request| Some(content(request, &weights()).cut(0)));
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(matches!(error, HubError::Network { attempts: 3, .. }), "{error}");
    assert_eq!(hub.cdn_requests().len(), 3);
}

#[test]
fn more_than_promised_is_an_error() {
    let hub = FakeHub::start(REPO);
    hub.on_cdn(|_| Some(Reply::new(200).body(&[weights(), vec![0]].concat())));
    let home = tempfile::tempdir().unwrap();
    let part = leave_part(home.path(), b"");
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(matches!(error, HubError::WrongSize { .. }), "{error}");
    assert!(!part.exists());
}

/// A mirror that reports no size: that of the answer to GET is used.
#[test]
fn a_size_that_is_unknown_comes_with_the_content() {
    let hub = FakeHub::start(REPO);
    hub.on(|request| {
        let weights_head = request.path.ends_with(".safetensors") && request.method == "HEAD";
        weights_head.then(|| {
            Reply::new(302)
                .with("X-Repo-Commit", super::fake_hub::COMMIT)
                .with("X-Linked-ETag", &tag(&weights(), 64))
                .with("Location", "http://127.0.0.1:9/never-requested")
        })
    });
    let home = tempfile::tempdir().unwrap();
    leave_part(home.path(), &weights()); // complete, which only the 416 shows
    assert_complete(&hub, home.path());
    assert_eq!(ranges(&hub), [Some(weights().len())]);
}

#[test]
fn a_server_that_cuts_and_resumes_elsewhere_is_given_up() {
    let hub = FakeHub::start(REPO);
    hub.on_cdn(|request| match request.range() {
        None => Some(content(request, &weights()).cut(300_000)),
        Some(_) => {
            let range = format!("bytes 5-{}/{}", weights().len() - 1, weights().len());
            Some(Reply::new(206).with("Content-Range", &range).body(&weights()[5..]))
        }
    });
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(matches!(error, HubError::Network { attempts: 3, .. }), "{error}");
    assert_eq!(ranges(&hub), [None, Some(300_000), None]);
}

#[test]
fn a_range_of_a_file_of_another_size_is_an_error() {
    let hub = FakeHub::start(REPO);
    hub.on_cdn(|request| {
        let from = request.range()?;
        let range = format!("bytes {from}-{}/{}", weights().len() - 1, weights().len() + 7);
        Some(Reply::new(206).with("Content-Range", &range).body(&weights()[from..]))
    });
    let home = tempfile::tempdir().unwrap();
    let part = leave_part(home.path(), &weights()[..1000]);
    let error = pull_name(&hub, home.path()).unwrap_err();
    let found = weights().len() as u64 + 7;
    assert!(matches!(error, HubError::WrongSize { found: f, .. } if f == found), "{error}");
    assert!(!part.exists());
}

#[test]
fn a_body_without_a_length_has_a_limit() {
    let hub = FakeHub::start(REPO);
    hub.on(|request| {
        request.path.ends_with("/config.json").then(|| {
            Reply::new(200)
                .with("X-Repo-Commit", super::fake_hub::COMMIT)
                .with("ETag", &tag(b"x", 40))
                .body(&[b'x'; 1 << 16])
                .endless()
        })
    });
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(
        matches!(&error, HubError::TooLarge { file, most, .. }
            if file == "config.json" && *most == 16 << 20),
        "{error}"
    );
    let blobs = home.path().join("hub").join(format!("models--{}/blobs", REPO.replace('/', "--")));
    assert_eq!(fs::read_dir(blobs).unwrap().count(), 0, "what was received is deleted");
}

#[test]
fn a_size_that_no_model_has_is_refused_before_the_download() {
    let hub = FakeHub::start(REPO);
    hub.on(|request| {
        request.path.ends_with(".safetensors").then(|| {
            Reply::new(302)
                .with("X-Repo-Commit", super::fake_hub::COMMIT)
                .with("X-Linked-ETag", &tag(&weights(), 64))
                .with("X-Linked-Size", &(1_u64 << 50).to_string())
                .with("Location", "http://127.0.0.1:9/never-requested")
        })
    });
    let home = tempfile::tempdir().unwrap();
    let error = pull_name(&hub, home.path()).unwrap_err();
    assert!(matches!(error, HubError::TooLarge { bytes, .. } if bytes == 1 << 50), "{error}");
    assert_eq!(hub.cdn_requests().len(), 0);
}

#[cfg(unix)]
#[test]
fn planted_links_are_not_written_through() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let mine = home.path().join("mine");
    fs::write(&mine, "precious").unwrap();
    let part = leave_part(home.path(), b"");
    fs::remove_file(&part).unwrap();
    std::os::unix::fs::symlink(&mine, &part).unwrap();
    assert_complete(&hub, home.path());
    assert_eq!(fs::read_to_string(&mine).unwrap(), "precious");

    let home = tempfile::tempdir().unwrap();
    let part = leave_part(home.path(), b"");
    fs::remove_file(&part).unwrap();
    let mine = home.path().join("mine");
    fs::write(&mine, "precious").unwrap();
    fs::hard_link(&mine, &part).unwrap();
    assert_complete(&hub, home.path());
    assert_eq!(fs::read_to_string(&mine).unwrap(), "precious");
}

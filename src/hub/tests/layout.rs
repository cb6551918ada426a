//! Layout of the cache, as Python's `huggingface_hub` writes and reads it.

use std::fs;

use super::super::{error::HubError, find_cached, id::ModelId, verify};
use super::fake_hub::{COMMIT, FakeHub, tag, weights};
use super::{NAME, REPO, config, pull_name, pull_with};

#[test]
fn a_pull_leaves_the_layout_of_python() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let snapshot = pull_name(&hub, home.path()).unwrap();
    let repo = home.path().join("hub/models--LongSafari--hyenadna-small-32k-seqlen-hf");
    assert_eq!(snapshot, repo.join("snapshots").join(COMMIT));
    assert_eq!(fs::read_to_string(repo.join("refs/main")).unwrap(), COMMIT);
    let mut blobs: Vec<_> = fs::read_dir(repo.join("blobs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    blobs.sort_by_key(String::len);
    assert_eq!(blobs, [tag(&hub.config(), 40), tag(&weights(), 64)]);
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(snapshot.join("model.safetensors")).unwrap(),
        std::path::Path::new("../../blobs").join(tag(&weights(), 64))
    );
}

/// Makes a snapshot as Python leaves it.
fn plant(home: &std::path::Path, repo: &str, files: &[&str]) -> std::path::PathBuf {
    let repo = home.join("hub").join(format!("models--{}", repo.replace('/', "--")));
    let snapshot = repo.join("snapshots").join(COMMIT);
    fs::create_dir_all(&snapshot).unwrap();
    fs::create_dir_all(repo.join("refs")).unwrap();
    fs::write(repo.join("refs/main"), COMMIT).unwrap();
    for file in files {
        fs::write(snapshot.join(file), "content").unwrap();
    }
    snapshot
}

#[test]
fn safetensors_are_preferred_among_cached_flavours() {
    let home = tempfile::tempdir().unwrap();
    let config = config("http://127.0.0.1:9", home.path(), &[]);
    let find = |name: &str| find_cached(&config, &ModelId::parse(name).unwrap());
    assert_eq!(find(NAME), None);
    let bare = REPO.trim_end_matches("-hf");
    let lightning = plant(home.path(), bare, &["config.json", "weights.ckpt"]);
    assert_eq!(find(NAME), Some(lightning.clone()));
    plant(home.path(), REPO, &["config.json"]);
    assert_eq!(find(NAME), Some(lightning.clone()), "without weights it does not count");
    let hf = plant(home.path(), REPO, &["model.safetensors"]);
    assert_eq!(find(NAME), Some(hf.clone()));
    assert_eq!(find(REPO), Some(hf.clone()));
    assert_eq!(find(bare), Some(lightning), "an exact name means exactly that one");
    assert_eq!(find(&format!("{NAME}@{COMMIT}")), Some(hf));
    assert_eq!(find(&format!("{NAME}@v2")), None);
}

#[test]
fn a_commit_is_pulled_without_a_ref() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let config = config(&hub.endpoint(), home.path(), &[]);
    let snapshot = pull_with(&config, &format!("{REPO}@{COMMIT}")).unwrap();
    assert!(snapshot.ends_with(COMMIT));
    assert!(!snapshot.join("../../refs").exists());
}

/// A blob that another revision has brought is linked, not downloaded again.
#[test]
fn a_blob_is_shared_between_snapshots() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let snapshot = pull_name(&hub, home.path()).unwrap();
    fs::remove_file(snapshot.join("model.safetensors")).unwrap();
    assert_eq!(pull_name(&hub, home.path()).unwrap(), snapshot);
    assert_eq!(fs::read(snapshot.join("model.safetensors")).unwrap(), weights());
    assert_eq!(hub.cdn_requests().len(), 1);
}

#[test]
fn a_cached_file_that_changed_is_found_and_fetched_again() {
    let hub = FakeHub::start(REPO);
    let home = tempfile::tempdir().unwrap();
    let snapshot = pull_name(&hub, home.path()).unwrap();
    let [file, config] = ["model.safetensors", "config.json"].map(|name| snapshot.join(name));
    verify(&file, &fs::read(&file).unwrap()).unwrap();
    let mut damaged = weights();
    damaged[7] ^= 1;
    fs::write(&file, &damaged).unwrap(); // through the link
    fs::write(&config, b"{\"d_model\": 512}\n").unwrap();
    for path in [&file, &config] {
        let error = verify(path, &fs::read(path).unwrap()).unwrap_err();
        assert!(matches!(&error, HubError::WrongBlob { path: p, .. } if p == path), "{error}");
        assert!(error.to_string().contains("models pull"), "{error}");
    }
    assert_eq!(pull_name(&hub, home.path()).unwrap(), snapshot);
    for path in [&file, &config] {
        verify(path, &fs::read(path).unwrap()).unwrap();
    }
    assert_eq!(fs::read(&file).unwrap(), weights());
    assert_eq!(hub.cdn_requests().len(), 2);
    // a file that is no link has no hash to compare with
    fs::remove_file(&config).unwrap();
    fs::write(&config, "{}").unwrap();
    verify(&config, b"{}").unwrap();
}

//! Folders as killed runs leave them, and numbers that no run has.

use super::*;

/// Makes a folder of `checkpoints` with these files.
fn make(run: &Path, name: &str, files: &[&str]) -> PathBuf {
    let path = run.join(FOLDER).join(name);
    fs::create_dir_all(&path).unwrap();
    for file in files {
        let state = serde_json::to_vec(&State::default()).unwrap();
        fs::write(path.join(file), if *file == STATE { state } else { name.into() }).unwrap();
    }
    path
}

const ALL: [&str; 4] = ["config.json", "model.safetensors", MOMENTS, STATE];

fn newest_after_recovery(run: &Path) -> String {
    recover(run).unwrap();
    newest(run).unwrap().file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_complete_checkpoint_gets_its_name() {
    let scratch = tempfile::tempdir().unwrap();
    let run = scratch.path();
    recover(run).unwrap(); // a run without checkpoints
    make(run, "step-0000004", &ALL);
    for missing in ALL {
        let files: Vec<&str> = ALL.into_iter().filter(|file| *file != missing).collect();
        let half = make(run, ".step-0000008.tmp", &files);
        assert_eq!(newest_after_recovery(run), "step-0000004", "without {missing}");
        fs::remove_dir_all(half).unwrap();
    }
    let cut = make(run, ".step-0000008.tmp", &ALL);
    fs::write(cut.join(STATE), "{\"step\": 8").unwrap();
    assert_eq!(newest_after_recovery(run), "step-0000004");
    make(run, ".step-0000008.tmp", &ALL);
    make(run, ".step-0000008.old", &ALL);
    assert_eq!(newest_after_recovery(run), "step-0000008");
    let text = fs::read_to_string(newest(run).unwrap().join(MOMENTS)).unwrap();
    assert_eq!(text, ".step-0000008.tmp", "the new one, not the one that it was to replace");
    make(run, ".step-0000008.tmp", &ALL); // one that was replaced
    make(run, ".step-0000007.tmp", &ALL);
    assert_eq!(newest_after_recovery(run), "step-0000008");
    remove_unfinished(run).unwrap();
    assert_eq!(entries(run).unwrap().len(), 2);
}

#[test]
fn the_only_one_may_wait_for_its_name() {
    let scratch = tempfile::tempdir().unwrap();
    make(scratch.path(), ".step-0000012.old", &ALL);
    assert_eq!(newest_after_recovery(scratch.path()), "step-0000012");
}

#[test]
fn numbers_that_no_run_has_are_named() {
    let sound = State { step: 8, moved: 6, skipped: 2, validated: 8, ..State::default() };
    assert_eq!(sound.problem(8), None);
    let wrong = |change: fn(&mut State)| {
        let mut state = sound.clone();
        change(&mut state);
        state.problem(100).unwrap()
    };
    assert_eq!(sound.problem(7).unwrap(), "step is 8, expected at most 7");
    assert!(wrong(|s| s.step = u64::MAX).starts_with("step is"));
    assert!(wrong(|s| s.moved = 9).starts_with("moved is 9"));
    assert!(wrong(|s| s.skipped = u64::MAX).starts_with("skipped is"));
    assert!(wrong(|s| s.tokens = Some(u64::MAX)).starts_with("tokens is"));
    assert!(wrong(|s| s.since_row.targets = u64::MAX).starts_with("targets is"));
}

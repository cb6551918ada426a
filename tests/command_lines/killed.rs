//! Runs that a signal ends: no half-written output under its final name, and nothing that a later run leaves lying.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
};

use crate::harness::{
    Scratch, calls,
    calls::signal_at,
    command,
    demo::{genome, regions},
    end, heed_signals, in_shell, ok, read, run, send_signal, wait_until,
};

/// A run of `embed` into this file, for which it has opened the temporary one. It waits for more regions.
fn begin(output: &str, scratch: &Scratch) -> Child {
    let before = scratch.names().len();
    let mut command = command("embed -o", &[output, "-", &genome()]);
    let command = heed_signals(&mut command).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stdin = child.stdin.as_mut().unwrap();
    stdin.write_all("chr1\t0\t9\n".repeat(3).as_bytes()).unwrap();
    wait_until(&mut child, || scratch.names().len() > before);
    child
}

fn mode(path: &str) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &str, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn every_signal_that_ends_a_run_leaves_nothing() {
    for signal in [
        libc::SIGQUIT,
        libc::SIGUSR1,
        libc::SIGUSR2,
        libc::SIGALRM,
        libc::SIGXCPU,
        libc::SIGVTALRM,
        libc::SIGPROF,
        libc::SIGIO,
        libc::SIGPWR,
    ] {
        let scratch = Scratch::new();
        let mut child = begin(&scratch.path("out.tsv"), &scratch);
        send_signal(child.id(), signal);
        let stdin = child.stdin.take();
        let ended = end(child);
        drop(stdin);
        assert_eq!(ended.code, Some(128 + signal), "{}", ended.stderr);
        assert!(scratch.names().is_empty(), "{signal}: {:?}", scratch.names());
    }
}

#[test]
fn signals_are_handled_before_anything_else() {
    let scratch = Scratch::new();
    let mut command = command("embed -o", &[&scratch.path("out.tsv"), "-", &genome()]);
    if !signal_at(&mut command, "pthread_create thread", libc::SIGTERM) {
        return;
    }
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take();
    let ended = end(child);
    drop(stdin);
    assert_eq!((ended.code, ended.signal), (Some(143), None), "{}", ended.stderr);
}

#[test]
fn a_conversion_that_is_interrupted_leaves_nothing() {
    let scratch = Scratch::new();
    let mut command = command("models convert builtin", &[&scratch.path("model")]);
    if !signal_at(&mut command, "write model.safetensors", libc::SIGTERM) {
        return;
    }
    let ended = run(&mut command);
    assert_eq!(ended.code, Some(143), "{}", ended.stderr);
    assert!(scratch.names().is_empty(), "{:?}", scratch.names());
}

#[test]
fn manual_pages_that_are_interrupted_leave_nothing() {
    let scratch = Scratch::new();
    let mut command = command("man", &[&scratch.path("")]);
    if !signal_at(&mut command, "write hyenadna-models", libc::SIGTERM) {
        return;
    }
    let ended = run(&mut command);
    assert_eq!(ended.code, Some(143), "{}", ended.stderr);
    assert!(scratch.names().is_empty(), "{:?}", scratch.names());
}

/// Between the first and the last of several outputs a signal waits.
#[test]
fn a_signal_waits_until_all_outputs_have_their_names() {
    let with = |scratch: &Scratch| {
        let path = |name: &str| scratch.path(name);
        let words = format!(
            "mutagenesis --fast --context 16 -o {} --matrix {} --plot {} --summary {}",
            path("out.tsv"),
            path("m.npy"),
            path("p"),
            path("s.json")
        );
        let bed = scratch.file("in.bed", "chr1\t100\t109\nchr1\t200\t209\n");
        command(&words, &[&bed, &genome()])
    };
    let whole = Scratch::new();
    assert_eq!(run(&mut with(&whole)).code, Some(0));
    assert!(whole.names().len() > 7, "{:?}", whole.names());
    let scratch = Scratch::new();
    let mut command = with(&scratch);
    if !signal_at(&mut command, "rename p.1.svg", libc::SIGTERM) {
        return;
    }
    let ended = run(&mut command);
    // after the last name, the run may end before the signal does it
    assert!(matches!(ended.code, Some(143 | 0)), "{:?} {}", ended.code, ended.stderr);
    assert_eq!(scratch.names(), whole.names());
}

/// Nobody can handle SIGKILL.
#[test]
fn a_later_run_removes_what_a_killed_one_left() {
    let scratch = Scratch::new();
    let output = scratch.path("out.tsv");
    let mut killed = begin(&output, &scratch);
    send_signal(killed.id(), libc::SIGKILL);
    killed.wait().unwrap();
    let left = scratch.names();
    assert_eq!(left.len(), 1);
    ok("-q embed -o", &[&scratch.path("other.tsv"), &regions(), &genome()]);
    assert!(scratch.names().contains(&left[0]), "it is of another output");
    let log = run(&mut command("embed -o", &[&output, &regions(), &genome()])).stderr;
    assert!(log.contains(&left[0]), "{log}");
    assert_eq!(scratch.names(), ["other.tsv", "out.tsv"]);
}

#[test]
fn a_later_run_leaves_those_of_a_run_that_goes_on() {
    let scratch = Scratch::new();
    let output = scratch.path("out.tsv");
    let mut first = begin(&output, &scratch);
    let descriptors = format!("/proc/{}/fdinfo", first.id());
    // one that is not yet locked is taken for one of a killed run, and its run makes another
    wait_until(&mut first, || {
        let entries = fs::read_dir(&descriptors).unwrap().flatten();
        entries
            .flat_map(|entry| fs::read_to_string(entry.path()))
            .any(|text| text.contains("FLOCK"))
    });
    let unfinished = scratch.names();
    ok("-q embed --pool max -o", &[&output, &regions(), &genome()]);
    assert!(scratch.names().contains(&unfinished[0]), "{:?}", scratch.names());
    drop(first.stdin.take());
    let ended = end(first);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(scratch.names(), ["out.tsv"]);
    assert!(read(&output).lines().filter(|line| !line.starts_with('#')).count() == 3);
}

#[test]
fn an_unfinished_output_is_as_private_as_the_old_one() {
    let scratch = Scratch::new();
    let output = scratch.file("out.tsv", "old");
    set_mode(&output, 0o600);
    let mut child = begin(&output, &scratch);
    let names = scratch.names();
    let unfinished = names.iter().find(|name| *name != "out.tsv").unwrap();
    assert_eq!(mode(&scratch.path(unfinished)), 0o600);
    drop(child.stdin.take());
    assert_eq!(end(child).code, Some(0));
    assert_eq!(mode(&output), 0o600);
}

#[test]
fn the_rights_of_the_owner_are_not_handed_on() {
    let scratch = Scratch::new();
    let output = scratch.file("out.tsv", "old");
    set_mode(&output, 0o6755);
    if mode(&output) != 0o6755 {
        crate::harness::skip("such a mode cannot be set here");
        return;
    }
    ok("-q embed -o", &[&output, &regions(), &genome()]);
    assert_eq!(mode(&output), 0o755);
}

/// Otherwise a power cut may leave an empty file under the final name.
#[test]
fn outputs_are_on_disk_before_they_get_their_names() {
    for name in ["out.tsv", "out.tsv.gz", "out.parquet"] {
        let scratch = Scratch::new();
        let (output, log) = (scratch.path(name), scratch.path("log"));
        let mut command = command("embed -o", &[&output, &regions(), &genome()]);
        if !calls::record(&mut command, &log) {
            return;
        }
        assert_eq!(run(&mut command).code, Some(0));
        let text = read(&log);
        let calls = text.lines().filter(|line| !line.starts_with("pthread_create"));
        let folder = fs::canonicalize(scratch.path("")).unwrap().display().to_string();
        let unfinished = format!("fsync {folder}/.{name}.");
        let [first, second, third] = calls.collect::<Vec<_>>().try_into().unwrap();
        assert!(first.starts_with(&unfinished), "{text}");
        assert_eq!((second, third), (&*format!("rename {output}"), &*format!("fsync {folder}")));
    }
}

#[test]
fn a_closed_or_full_stdout_is_an_error_of_help_too() {
    for words in ["--help", "--version", "embed -h", "help train", "models list"] {
        for (place, problem) in [(">&-", "closed"), ("> /dev/full", "No space left")] {
            let ended = run(&mut in_shell(&format!("exec \"$@\" {place}"), &command(words, &[])));
            assert_eq!(ended.code, Some(1), "{words} {place}: {}", ended.stderr);
            assert!(ended.stderr.contains(problem), "{words} {place}: {}", ended.stderr);
        }
    }
    for name in ["/dev/stdout", "/dev/fd/1"] {
        let bare = command("embed --format tsv -o", &[name, &regions(), &genome()]);
        let ended = run(&mut in_shell("exec \"$@\" >&-", &bare));
        ended.assert_refused(&["closed"]);
    }
    let mut piped = Command::new("sh");
    let bare = command("--help", &[]);
    piped.args(["-c", "\"$0\" --help | true"]).arg(bare.get_program());
    assert_eq!(run(&mut piped).code, Some(0));
}

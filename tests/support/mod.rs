//! What the test files share: running the program, test data, scratch folders.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "test code")]
#![allow(dead_code, reason = "every test file is a program of its own and uses a part of this")]

pub mod files;
pub mod genome;
pub mod table;

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
    thread,
};

use tempfile::TempDir;

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// Exit code; none when a signal ended it.
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

/// A command line: `words` are split at blanks, `paths` follow as they are. One thread, as tests
/// run side by side, and never a network.
pub fn command(words: &str, paths: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hyenadna"));
    for (name, _) in std::env::vars_os() {
        let ours = ["HYENADNA_", "HF_", "RUST_LOG"];
        if ours.iter().any(|s| name.to_string_lossy().starts_with(s)) {
            command.env_remove(name);
        }
    }
    command.env("HF_HUB_OFFLINE", "1");
    if !words.contains("--threads") {
        command.args(["--threads", "1"]);
    }
    command.args(words.split_whitespace()).args(paths);
    heed_signals(&mut command);
    command
}

/// Lets signals end the command even if the tests run where they are ignored, as in the background of a
/// shell.
pub fn heed_signals(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    let heed = || {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: allowed between fork and exec.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        Ok(())
    };
    // SAFETY: it only calls signal(2).
    unsafe { command.pre_exec(heed) }
}

/// Runs a command with nothing on stdin.
pub fn run(command: &mut Command) -> Outcome {
    run_with(command, b"")
}

/// Runs a command with `input` on stdin.
pub fn run_with(command: &mut Command, input: &[u8]) -> Outcome {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        // a program that ends early closes its stdin, which is its right
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    });
    Outcome {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// stdout of a run that must end with 0.
pub fn ok(words: &str, paths: &[&str]) -> Vec<u8> {
    let outcome = run(&mut command(words, paths));
    assert_eq!(outcome.code, Some(0), "{words} {paths:?}: {outcome:?}");
    outcome.stdout
}

/// stdout, as text, of a run that must end with 0.
pub fn text(words: &str, paths: &[&str]) -> String {
    String::from_utf8(ok(words, paths)).unwrap()
}

/// stderr of a run that must end with `code`, without a panic, and say every one of `phrases`.
pub fn fails(words: &str, paths: &[&str], code: i32, phrases: &[&str]) -> String {
    let outcome = run(&mut command(words, paths));
    assert_eq!(outcome.code, Some(code), "{words} {paths:?}: {outcome:?}");
    for phrase in phrases {
        assert!(
            outcome.stderr.contains(phrase),
            "{words} {paths:?} does not say {phrase:?}: {}",
            outcome.stderr
        );
    }
    assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    outcome.stderr
}

/// Path of a file of `test-data`.
pub fn data(name: &str) -> String {
    let path = format!("{}/test-data/{name}", env!("CARGO_MANIFEST_DIR"));
    assert!(fs::exists(&path).unwrap(), "{path} is missing");
    path
}

/// Text of a file.
pub fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap()
}

/// A folder that goes away at the end of the test.
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file and returns its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Names of what is in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

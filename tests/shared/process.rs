//! Runs the program as a user would, with a limit on its time.
#![allow(clippy::unwrap_used, reason = "test code")]
#![allow(dead_code, reason = "no test file uses all of it")]

use std::{
    io::{Read, Write},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A folder of test-data/.
pub fn test_data(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data").join(folder)
}

/// The program on one thread, without what the environment may ask of it. Another binary is taken
/// from HYENADNA_TEST_BINARY, for long runs with an optimised one.
pub fn hyenadna(arguments: &[&str]) -> Command {
    let binary = std::env::var_os("HYENADNA_TEST_BINARY")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_hyenadna").into());
    let mut command = Command::new(binary);
    for name in ["HYENADNA_MODEL", "HYENADNA_REFERENCE", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.args(["--threads", "1", "--device", "cpu"]).args(arguments);
    command
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    /// `None`: it did not end in time and was killed.
    pub status: Option<ExitStatus>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ran {
    /// The exit code; `None` after a signal or too long a time.
    pub fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// What no input may cause: a panic, a signal, running on and on.
    pub fn disaster(&self) -> Option<String> {
        let Some(status) = self.status else {
            return Some("it did not end in time".into());
        };
        if let Some(signal) = status.signal() {
            return Some(format!("it died of signal {signal}"));
        }
        let panicked = status.code() == Some(101) || self.stderr.contains("panicked");
        panicked.then(|| format!("it panicked: {}", self.stderr))
    }

    /// What is wrong with a run that had to fail with exit code 1 and mention `parts`.
    pub fn not_refused(&self, parts: &[&str]) -> Option<String> {
        if let Some(disaster) = self.disaster() {
            return Some(disaster);
        }
        if self.code() != Some(1) {
            return Some(format!("exit code {:?}, expected 1: {}", self.code(), self.stderr));
        }
        let absent = parts.iter().find(|part| !self.stderr.contains(**part))?;
        Some(format!("the message does not mention {absent:?}: {}", self.stderr))
    }

    /// Panics unless the run failed with exit code 1 and a message with all `parts`.
    #[track_caller]
    pub fn assert_refused(&self, parts: &[&str]) {
        if let Some(problem) = self.not_refused(parts) {
            panic!("{problem}");
        }
    }

    /// Panics unless the run ended with exit code 0; gives the data lines.
    #[track_caller]
    pub fn assert_ok(&self) -> Vec<String> {
        assert!(self.disaster().is_none(), "{:?}", self.disaster());
        assert_eq!(self.code(), Some(0), "{}", self.stderr);
        self.rows()
    }

    /// The lines of stdout that are no comments.
    pub fn rows(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.stdout);
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        rows.map(str::to_owned).collect()
    }
}

/// Runs a command to its end, or kills it after `limit`.
pub fn run(command: &mut Command, limit: Duration) -> Ran {
    run_with(command, limit, Stdio::null(), |_| ())
}

/// The same with bytes on stdin, after which stdin ends.
pub fn run_on(command: &mut Command, stdin: &[u8], limit: Duration) -> Ran {
    let stdin = stdin.to_vec();
    run_with(command, limit, Stdio::piped(), |child| {
        let mut pipe = child.stdin.take().unwrap();
        thread::spawn(move || {
            let _ = pipe.write_all(&stdin); // a program that stopped reading is no error here
        });
    })
}

fn run_with(
    command: &mut Command,
    limit: Duration,
    stdin: Stdio,
    start: impl FnOnce(&mut Child),
) -> Ran {
    let mut child =
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    start(&mut child);
    let stdout = collect(child.stdout.take().unwrap());
    let stderr = collect(child.stderr.take().unwrap());
    let status = wait(&mut child, limit);
    Ran {
        status,
        stdout: stdout.join().unwrap(),
        stderr: String::from_utf8_lossy(&stderr.join().unwrap()).into_owned(),
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

/// Calls `work` with every item, on as many threads as there are cores; results in order.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else { break };
                    let result = work(item);
                    results.lock().unwrap().push((i, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Panics with a list of what went wrong, if anything did.
#[track_caller]
pub fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "{} problem(s):\n{}", problems.len(), problems.join("\n"));
}

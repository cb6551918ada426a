//! Runs the program as a user would, and says how that ended.

use std::{
    io::{self, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// A run that takes longer than this hangs. Long enough for any machine, however busy it is.
pub const PATIENCE: Duration = Duration::from_secs(1800);

/// Exit code of a run that used up its processor time.
const OUT_OF_TIME: i32 = 128 + libc::SIGXCPU;

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// Exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// False if it was killed because it did not end.
    pub in_time: bool,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Outcome {
    /// What no input may cause: a panic, a signal, running on and on.
    pub fn disaster(&self) -> Option<String> {
        if !self.in_time {
            return Some("it did not end in time".into());
        }
        if let Some(signal) = self.signal {
            return Some(format!("it died of signal {signal}"));
        }
        let panicked = self.code == Some(101) || self.stderr.contains("panicked");
        panicked.then(|| format!("it panicked: {}", self.stderr))
    }

    /// What is wrong with a run that had to fail with exit code 1 and mention `parts`.
    pub fn not_refused(&self, parts: &[&str]) -> Option<String> {
        if let Some(disaster) = self.disaster() {
            return Some(disaster);
        }
        if self.code != Some(1) {
            return Some(format!("exit code {:?}, expected 1: {}", self.code, self.stderr));
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
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.rows()
    }

    /// The lines of stdout that are not comments.
    pub fn rows(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.stdout);
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        rows.map(str::to_owned).collect()
    }
}

/// The program without anything that the environment may ask of it, and never with a network.
/// HYENADNA_TEST_BINARY names another binary, for long runs with an optimised one.
fn program() -> Command {
    let binary = std::env::var_os("HYENADNA_TEST_BINARY")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_hyenadna").into());
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        let ours = ["HYENADNA_", "HF_", "RUST_LOG"];
        if ours.iter().any(|s| name.to_string_lossy().starts_with(s)) {
            command.env_remove(name);
        }
    }
    command.env("HF_HUB_OFFLINE", "1");
    command
}

/// A command line: `words` are split at blanks, `paths` follow as they are. One thread, as tests
/// run side by side.
pub fn command(words: &str, paths: &[&str]) -> Command {
    let mut command = program();
    if !words.contains("--threads") {
        command.args(["--threads", "1"]);
    }
    command.args(words.split_whitespace()).args(paths);
    command
}

/// A command line of arguments that may contain blanks, on one thread of the CPU.
pub fn hyenadna(arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(["--threads", "1", "--device", "cpu"]).args(arguments);
    command
}

/// Lets signals end the command even if the tests run where they are ignored, as in the background of a
/// shell.
pub fn heed_signals(command: &mut Command) -> &mut Command {
    let heed = || {
        for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGHUP] {
            // SAFETY: allowed between fork and exec.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        Ok(())
    };
    // SAFETY: it only calls signal(2).
    unsafe { command.pre_exec(heed) }
}

/// The command run by a line of shell, in which it is `"$@"`.
pub fn in_shell(prepare: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", prepare, "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
}

/// Runs a command with nothing on stdin.
pub fn run(command: &mut Command) -> Outcome {
    run_with(command, b"")
}

/// Runs a command with `input` on stdin.
pub fn run_with(command: &mut Command, input: &[u8]) -> Outcome {
    run_limited(command, input, |_| ())
}

/// Runs a command that may use no more than so many seconds of processor time, which other
/// programs do not take away from it.
pub fn run_within(command: &mut Command, seconds: u64) -> Outcome {
    run_on(command, b"", seconds)
}

/// The same with `input` on stdin.
pub fn run_on(command: &mut Command, input: &[u8], seconds: u64) -> Outcome {
    run_limited(command, input, |child| {
        let limit = libc::rlimit { rlim_cur: seconds, rlim_max: libc::RLIM_INFINITY };
        let id = i32::try_from(child.id()).unwrap();
        // SAFETY: the limit is read, and no old one asked for.
        unsafe { libc::prlimit(id, libc::RLIMIT_CPU, &raw const limit, std::ptr::null_mut()) };
    })
}

fn run_limited(command: &mut Command, input: &[u8], limit: impl FnOnce(&Child)) -> Outcome {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    limit(&child);
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        // a program that ends early closes its stdin, which is its right
        scope.spawn(move || drop(stdin.write_all(input)));
        end(child)
    })
}

/// Waits for a child that was started to end; what is piped of its outputs is read.
pub fn end(mut child: Child) -> Outcome {
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let status = wait(child);
    let read = |pipe: Option<thread::JoinHandle<Vec<u8>>>| {
        pipe.map_or_else(Vec::new, |pipe| pipe.join().unwrap())
    };
    let signal = status.and_then(|status| status.signal());
    let code = status.and_then(|status| status.code());
    Outcome {
        code,
        signal,
        in_time: status.is_some() && signal != Some(libc::SIGXCPU) && code != Some(OUT_OF_TIME),
        stdout: read(stdout),
        stderr: String::from_utf8(read(stderr)).unwrap(),
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// `None` if it had to be killed.
fn wait(mut child: Child) -> Option<ExitStatus> {
    let id = child.id();
    let (sender, ended) = mpsc::channel();
    let waiter = thread::spawn(move || sender.send(child.wait().unwrap()).unwrap());
    let status = ended.recv_timeout(PATIENCE).ok();
    if status.is_none() {
        send_signal(id, libc::SIGKILL);
    }
    waiter.join().unwrap();
    status
}

/// Waits until a child has brought something about, before it ends.
pub fn wait_until(child: &mut Child, is_there: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_there() {
        assert!(child.try_wait().unwrap().is_none(), "the program ended too early");
        assert!(start.elapsed() < PATIENCE, "the program hangs");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal to a child that was not waited for.
pub fn send_signal(child: u32, signal: i32) {
    // SAFETY: it only asks the system to send a signal.
    let sent = unsafe { libc::kill(i32::try_from(child).unwrap(), signal) };
    assert_eq!(sent, 0, "the child is gone");
}

/// Processor time that this thread has used.
pub fn processor_time() -> Duration {
    // SAFETY: clock_gettime fills in the structure, for which all zeroes are a valid start.
    let time = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        assert_eq!(libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time), 0);
        time
    };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
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

/// Says that a test, or a part of it, is skipped, past what the test runner keeps to itself.
pub fn skip(reason: &str) {
    let thread = thread::current();
    let test = thread.name().unwrap_or_default();
    io::stderr().write_all(format!("skipped: {test}: {reason}\n").as_bytes()).unwrap();
}

/// Panics with a list of what went wrong, if anything did.
#[track_caller]
pub fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "{} problem(s):\n{}", problems.len(), problems.join("\n"));
}

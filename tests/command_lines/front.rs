//! `hyenadna` answers without libtorch, and becomes `hyenadna-core` from wherever the two are installed.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use crate::harness::{Outcome, Scratch, fails, ok, run, skip};

const FRONT: &str = env!("CARGO_BIN_EXE_hyenadna");
const CORE: &str = env!("CARGO_BIN_EXE_hyenadna-core");

/// What the dynamic linker would load for a program.
fn libraries(program: &str) -> String {
    let outcome = run(Command::new(program).env("LD_TRACE_LOADED_OBJECTS", "1"));
    String::from_utf8(outcome.stdout).unwrap()
}

#[test]
fn the_front_does_not_load_libtorch() {
    assert!(libraries(CORE).contains("libtorch_cpu.so"), "{}", libraries(CORE));
    let loaded = libraries(FRONT);
    assert!(loaded.contains("libc.so"), "{loaded}");
    for library in ["torch", "libc10", "libgomp"] {
        assert!(!loaded.contains(library), "src/main.rs reaches code that needs it:\n{loaded}");
    }
}

/// Runs a program with one thread and no network.
fn start(program: &Path, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(program);
    command.args(arguments).args(["--threads", "1"]).env("HF_HUB_OFFLINE", "1");
    for variable in ["HYENADNA_MODEL", "RUST_LOG"] {
        command.env_remove(variable);
    }
    run(&mut command)
}

/// A copy of the front in a new folder `bin`. `cp` makes it: a program that is open for writing cannot be started, and
/// what is open here may still be so in another child, before that one starts its own program.
fn copy(scratch: &Scratch) -> PathBuf {
    let folder = scratch.path("bin");
    fs::create_dir(&folder).unwrap();
    let front = Path::new(&folder).join("hyenadna");
    assert!(Command::new("cp").arg(FRONT).arg(&front).status().unwrap().success());
    front
}

#[test]
fn alone_it_answers_and_says_what_is_missing() {
    let scratch = Scratch::new();
    let front = copy(&scratch);
    let version = format!("hyenadna {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8(start(&front, &["--version"]).stdout).unwrap(), version);
    let script = start(&front, &["completions", "fish"]);
    assert!(script.stdout == ok("completions", &["fish"]), "{}", script.stderr);
    let pages = scratch.path("pages");
    fs::create_dir(&pages).unwrap();
    start(&front, &["man", &pages]).assert_ok();
    assert!(Path::new(&pages).join("hyenadna-embed.1").is_file());
    assert_eq!(start(&front, &["no-such-command"]).code, Some(2));

    let place = |name: &str| fs::canonicalize(scratch.path("")).unwrap().join(name);
    let places = [place("bin/hyenadna-core"), place("lib/hyenadna/hyenadna-core")];
    let [beside, installed] = places.each_ref().map(|path| path.to_str().unwrap());
    start(&front, &["models", "list"]).assert_refused(&[beside, installed, "install"]);

    // a file that is no program
    fs::write(beside, "").unwrap();
    start(&front, &["models", "list"]).assert_refused(&["cannot start", beside, "ermission"]);
}

#[test]
fn it_finds_the_program_that_computes() {
    let scratch = Scratch::new();
    let front = copy(&scratch);
    let expected = ok("models list", &[]);
    fs::create_dir_all(scratch.path("lib/hyenadna")).unwrap();
    symlink(CORE, scratch.path("lib/hyenadna/hyenadna-core")).unwrap();
    let link = scratch.path("link");
    symlink(&front, &link).unwrap();
    for program in [&front, Path::new(&link)] {
        let outcome = start(program, &["models", "list"]);
        assert!(outcome.stdout == expected, "{}: {}", program.display(), outcome.stderr);
    }

    let linker = Path::new("/lib64/ld-linux-x86-64.so.2");
    if !linker.exists() {
        return skip("there is no such dynamic linker");
    }
    let outcome = start(linker, &[front.to_str().unwrap(), "models", "list"]);
    assert!(outcome.stdout == expected, "{}", outcome.stderr);
}

/// Each of the two says the same of the same command line, whichever is started.
#[test]
fn the_program_that_computes_can_be_started_itself() {
    for words in ["--version", "--help", "embed", "completions bash"] {
        let arguments: Vec<&str> = words.split(' ').collect();
        let [front, core] = [FRONT, CORE].map(|program| start(Path::new(program), &arguments));
        // the first word of a command line, as clap repeats it
        let named = |text: String| text.replace("Usage: hyenadna-core", "Usage: hyenadna");
        let [said, repeated] =
            [front.stdout, core.stdout].map(|bytes| named(String::from_utf8(bytes).unwrap()));
        assert!(said == repeated, "{words}");
        assert_eq!((front.code, front.stderr), (core.code, named(core.stderr)), "{words}");
    }
    fails("embed", &[], 2, &["Usage: hyenadna embed"]);
}

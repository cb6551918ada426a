//! Every example of README.md runs as printed.
//!
//! A shell block is preceded by a comment that says how it is treated: `<!-- tested -->`,
//! `<!-- tested: needs TOOL … -->` (left out, with a note, where a tool is missing), or
//! `<!-- not run: REASON -->`. A block without one fails the test, so none is forgotten.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// A shell block and how it is treated.
#[derive(Debug)]
struct Block {
    line: usize,
    mark: Mark,
    script: String,
}

#[derive(Debug, PartialEq)]
enum Mark {
    Tested { needs: Vec<String> },
    NotRun,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = text.lines().enumerate();
    while let Some((i, line)) = lines.next() {
        if line.starts_with("```") {
            let script: Vec<&str> = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| !line.starts_with("```"))
                .collect();
            if line == "```sh" {
                blocks.push(Block {
                    line: i + 1,
                    mark: mark(before)
                        .unwrap_or_else(|| panic!("README.md, line {}: no mark", i + 1)),
                    script: script.join("\n"),
                });
            }
        }
        before = line;
    }
    blocks
}

fn mark(comment: &str) -> Option<Mark> {
    let comment = comment.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    if let Some(tools) = comment.strip_prefix("tested: needs ") {
        let needs = tools.split_whitespace().map(str::to_owned).collect();
        return Some(Mark::Tested { needs });
    }
    match comment {
        "tested" => Some(Mark::Tested { needs: Vec::new() }),
        _ => comment.starts_with("not run: ").then_some(Mark::NotRun),
    }
}

/// Whether a program is on PATH; numpy is a module of Python's.
fn is_there(tool: &str) -> bool {
    let check = match tool {
        "numpy" => "python3 -c 'import numpy' 2>/dev/null".to_owned(),
        _ => format!("command -v {tool} >/dev/null"),
    };
    let status = Command::new("bash").args(["-c", &check]).status();
    status.expect("bash runs").success()
}

/// A folder that looks like the repository to an example, and takes what it writes.
fn workplace() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["test-data", "models"] {
        symlink(root().join(name), folder.path().join(name)).expect("a link");
    }
    folder
}

fn run(script: &str, folder: &Path) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_hyenadna"));
    let own = binary.parent().map(PathBuf::from);
    let others = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(own.into_iter().chain(env::split_paths(&others)));
    let mut command = Command::new("bash");
    command
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(folder)
        .env("PATH", path.expect("no colon in a folder's name"))
        .env("HF_HOME", folder.join("hf"))
        .env("HF_HUB_OFFLINE", "1");
    for variable in ["HYENADNA_MODEL", "HYENADNA_REFERENCE", "HF_HUB_CACHE"] {
        command.env_remove(variable);
    }
    command.output().expect("bash runs")
}

#[test]
fn examples_run_as_printed() {
    let text = fs::read_to_string(root().join("README.md")).expect("README.md is there");
    let mut tested = 0;
    for block in blocks(&text) {
        let Mark::Tested { needs } = &block.mark else {
            continue;
        };
        tested += 1;
        if let Some(missing) = needs.iter().find(|tool| !is_there(tool)) {
            println!("README.md, line {}: left out, as {missing} is missing", block.line);
            continue;
        }
        let folder = workplace();
        let output = run(&block.script, folder.path());
        let (out, log) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(
            output.status.success(),
            "README.md, line {}: {}\n{}\n{log}",
            block.line,
            output.status,
            block.script
        );
        let links = 2;
        let written = fs::read_dir(folder.path()).expect("the folder is there").count() - links;
        assert!(
            !out.trim().is_empty() || written > 0,
            "README.md, line {}: the example prints and writes nothing\n{}\n{log}",
            block.line,
            block.script
        );
    }
    assert!(
        tested >= 6,
        "README.md has {tested} tested examples, expected the quick start and five pipelines"
    );
}

#[test]
fn marks_are_read() {
    let text = "<!-- tested: needs a b -->\n```sh\nx |\n  y\n```\n```python\nz\n```\n<!-- not run: why -->\n```sh\n```\n";
    let found = blocks(text);
    assert_eq!(found.len(), 2);
    let needs = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(found[0].mark, Mark::Tested { needs });
    assert_eq!((found[0].line, found[0].script.as_str()), (2, "x |\n  y"));
    assert_eq!(found[1].mark, Mark::NotRun);
}

/// Links to files of the repository lead somewhere.
#[test]
fn links_lead_to_files() {
    let text = fs::read_to_string(root().join("README.md")).expect("README.md is there");
    for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if !target.contains("://") && !target.starts_with('#') {
            assert!(root().join(target).exists(), "README.md links to {target}");
        }
    }
}

/// A failing step fails the example, in the middle of a pipe too.
#[test]
fn a_broken_example_is_noticed() {
    let folder = workplace();
    let script = "hyenadna score-variants test-data/odd/protein.fa test-data/demo/genome.fa | cat";
    assert!(!run(script, folder.path()).status.success());
    assert!(run("hyenadna --version", folder.path()).status.success());
}

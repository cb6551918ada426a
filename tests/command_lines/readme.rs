//! The examples of README.md and docs/ run as printed, and print the output that follows them.
//!
//! The comment before a shell block says how the block is treated: `<!-- tested -->`,
//! `<!-- tested: needs TOOL … -->` (skipped, with a note, if a tool is missing), or
//! `<!-- not run: REASON -->`. A text block after `<!-- output -->` is the standard output of the
//! example before it. A shell or text block without a comment fails the test, so none is forgotten.

use std::{
    env, fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// Most characters of README.md, and of a file of docs/.
const README_SIZE: usize = 10_000;
const DOCS_SIZE: usize = 12_000;

/// Documents whose links are checked, besides README.md and docs/.
const LINKED: [&str; 8] = [
    "benches/RESULTS.md",
    "examples/variant-effects/README.md",
    "examples/yeast/README.md",
    "models/human-1k/README.md",
    "test-data/README.md",
    "workflows/nextflow/README.md",
    "workflows/snakemake/README.md",
    "workflows/snakemake/config/README.md",
];

/// A fenced block.
#[derive(Debug, Default)]
struct Fence<'a> {
    /// Number of its first line, from 1.
    line: usize,
    /// The line before it.
    before: &'a str,
    language: &'a str,
    text: String,
}

/// A shell block, and how it is treated.
#[derive(Debug)]
struct Example {
    line: usize,
    mark: Mark,
    script: String,
    /// The block after `<!-- output -->` that follows.
    output: Option<String>,
}

#[derive(Debug, PartialEq)]
enum Mark {
    Tested { needs: Vec<String> },
    NotRun,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Names of the Markdown files of docs/, sorted.
fn docs() -> Vec<String> {
    let entries = fs::read_dir(root().join("docs")).expect("docs/ exists");
    let name = |entry: io::Result<fs::DirEntry>| {
        format!("docs/{}", entry.expect("an entry").file_name().to_string_lossy())
    };
    let mut names: Vec<String> = entries.map(name).filter(|name| name.ends_with(".md")).collect();
    names.sort();
    names
}

/// README.md and the files of docs/.
fn manual() -> Vec<String> {
    [vec!["README.md".to_owned()], docs()].concat()
}

/// Fenced blocks of a document, and the lines outside of them.
fn split(text: &str) -> Result<(Vec<Fence<'_>>, Vec<&str>), String> {
    let (mut fences, mut prose) = (Vec::new(), Vec::new());
    let mut before = "";
    let mut lines = text.lines().enumerate();
    while let Some((i, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let mut fence = Fence { line: i + 1, before, language, text: String::new() };
            loop {
                match lines.next() {
                    Some((_, "```")) => break,
                    Some((_, line)) => fence.text += &format!("{line}\n"),
                    None => return Err(format!("line {}: the block has no end", i + 1)),
                }
            }
            fences.push(fence);
        } else if line.trim_start().starts_with("```") {
            return Err(format!("line {}: the block is indented", i + 1));
        } else {
            prose.push(line);
        }
        before = line;
    }
    Ok((fences, prose))
}

fn examples(text: &str) -> Result<Vec<Example>, String> {
    let mut examples: Vec<Example> = Vec::new();
    let mut is_after_example = false;
    for Fence { line, before, language, text } in split(text)?.0 {
        match language {
            "sh" => {
                let mark = mark(before).ok_or_else(|| format!("line {line}: no mark"))?;
                examples.push(Example { line, mark, script: text, output: None });
            }
            "text" if before == "<!-- output -->" => match examples.last_mut() {
                Some(example) if is_after_example && example.mark != Mark::NotRun => {
                    example.output = Some(text);
                }
                _ => return Err(format!("line {line}: output, but no tested example before it")),
            },
            "" | "text" | "bash" | "shell" | "console" => {
                return Err(format!("line {line}: a block of {language:?}, not of sh or output"));
            }
            _ => {}
        }
        is_after_example = language == "sh";
    }
    Ok(examples)
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

/// True if a program is on PATH; numpy is a module of Python.
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

/// Runs a script in a folder, with the program on PATH and no network.
pub fn run(script: &str, folder: &Path) -> Output {
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

/// Runs an example, and compares its output with the one that the document shows.
fn check(document: &str, example: &Example) {
    let Example { line, script, .. } = example;
    let folder = workplace();
    let output = run(script, folder.path());
    let (out, log) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{document}, line {line}: {}\n{script}\n{log}", output.status);
    let links = 2;
    let written = fs::read_dir(folder.path()).expect("the folder is there").count() - links;
    assert!(
        !out.trim().is_empty() || written > 0,
        "{document}, line {line}: the example prints and writes nothing\n{script}\n{log}"
    );
    if let Some(expected) = &example.output {
        assert_eq!(&*out, expected, "{document}, line {line}: another output\n{script}\n{log}");
    }
}

#[test]
fn examples_run_as_printed() {
    let mut tested = 0;
    for document in manual() {
        let examples = examples(&read(&document));
        for example in examples.unwrap_or_else(|error| panic!("{document}, {error}")) {
            let Mark::Tested { needs } = &example.mark else {
                continue;
            };
            tested += 1;
            match needs.iter().find(|tool| !is_there(tool)) {
                Some(missing) => {
                    println!("{document}, line {}: skipped, as {missing} is missing", example.line)
                }
                None => check(&document, &example),
            }
        }
    }
    assert!(tested >= 16, "the manual has {tested} tested examples, expected 16 or more");
}

/// The quick start and the pipelines of README.md show their output.
#[test]
fn readme_shows_outputs() {
    let examples = examples(&read("README.md")).expect("README.md is read");
    let tested = examples.iter().filter(|example| example.mark != Mark::NotRun);
    let shown = examples.iter().filter(|example| example.output.is_some());
    let (tested, shown) = (tested.count(), shown.count());
    assert!(
        tested >= 5 && shown >= 3,
        "README.md has {tested} tested examples and {shown} outputs, expected the quick start and four pipelines"
    );
}

#[test]
fn documents_are_short() {
    for document in manual() {
        let most = if document == "README.md" { README_SIZE } else { DOCS_SIZE };
        let size = read(&document).chars().count();
        assert!(size <= most, "{document} has {size} characters, at most {most} are wanted");
    }
}

/// README.md is the index of docs/.
#[test]
fn readme_links_to_all_documents() {
    let readme = read("README.md");
    let linked = links(&readme);
    for document in docs() {
        assert!(linked.contains(&document.as_str()), "README.md has no link to {document}");
    }
}

/// Targets of the links outside of code.
fn links(text: &str) -> Vec<&str> {
    let prose = split(text).expect("blocks have ends").1;
    let outside_code = prose.into_iter().flat_map(|line| line.split('`').step_by(2));
    let targets = outside_code.flat_map(|part| part.split("](").skip(1));
    targets.filter_map(|rest| rest.split(')').next()).collect()
}

/// Anchors of the headings, as GitHub makes them.
pub fn anchors(text: &str) -> Vec<String> {
    let prose = split(text).expect("blocks have ends").1;
    let headings = prose.into_iter().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let title = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        title.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    };
    headings.map(anchor).collect()
}

/// Links to files and headings of the repository lead somewhere.
#[test]
fn links_lead_somewhere() {
    for document in manual().into_iter().chain(LINKED.map(str::to_owned)) {
        let text = read(&document);
        for target in links(&text).into_iter().filter(|target| !target.contains("://")) {
            let (name, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match name {
                "" => root().join(&document),
                _ => root().join(&document).with_file_name("").join(name),
            };
            assert!(path.exists(), "{document} links to {target}, which does not exist");
            if !anchor.is_empty() {
                let text = fs::read_to_string(&path).expect("a link with # is to a text");
                assert!(
                    anchors(&text).iter().any(|found| found == anchor),
                    "{document} links to {target}, and there is no such heading"
                );
            }
        }
    }
}

#[test]
fn marks_are_read() {
    let text = "<!-- tested: needs a b -->\n```sh\nx |\n  y\n```\n\n<!-- output -->\n```text\n1\t2\n```\n\
                ```python\nz\n```\n<!-- not run: why -->\n```sh\n```\n";
    let found = examples(text).expect("all blocks have marks");
    assert_eq!(found.len(), 2);
    let needs = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(found[0].mark, Mark::Tested { needs });
    assert_eq!((found[0].line, found[0].script.as_str()), (2, "x |\n  y\n"));
    assert_eq!(found[0].output.as_deref(), Some("1\t2\n"));
    assert_eq!((&found[1].mark, &found[1].output), (&Mark::NotRun, &None));
}

#[test]
fn blocks_without_a_mark_are_refused() {
    let output = "<!-- output -->\n```text\n1\n```\n";
    for (text, expected) in [
        ("\n```sh\nx\n```\n".to_owned(), "line 2: no mark"),
        ("<!-- tested -->\n\n```sh\nx\n```\n".to_owned(), "line 3: no mark"),
        ("```\nx\n```\n".to_owned(), "line 1: a block of \"\""),
        ("```text\nx\n```\n".to_owned(), "line 1: a block of \"text\""),
        ("```console\nx\n```\n".to_owned(), "line 1: a block of \"console\""),
        ("- a\n  ```sh\n  x\n  ```\n".to_owned(), "line 2: the block is indented"),
        ("<!-- tested -->\n```sh\nx\n".to_owned(), "line 2: the block has no end"),
        (output.to_owned(), "line 2: output, but no tested example"),
        (format!("<!-- not run: why -->\n```sh\nx\n```\n{output}"), "line 6: output, but no"),
        (format!("<!-- tested -->\n```sh\nx\n```\n{output}{output}"), "line 10: output, but no"),
    ] {
        let error = examples(&text).expect_err(&text);
        assert!(error.starts_with(expected), "{error:?} instead of {expected:?}");
    }
}

#[test]
fn links_and_anchors_are_found() {
    let text = "# A `b` and (c)\n[x](y.md#z) `[no](no)` ![`p`](p.svg)\n```toml\n# [no](no)\n```\n";
    assert_eq!(links(text), ["y.md#z", "p.svg"]);
    assert_eq!(anchors(text), ["a-b-and-c"]);
}

/// A failing step fails the example, in the middle of a pipe too.
#[test]
fn a_broken_example_is_noticed() {
    let folder = workplace();
    let script = "hyenadna score-variants test-data/odd/protein.fa test-data/demo/genome.fa | cat";
    assert!(!run(script, folder.path()).status.success());
    assert!(run("hyenadna --version", folder.path()).status.success());
}

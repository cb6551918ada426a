//! `man/` and `completions/` are what the binary writes now.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    harness::{Scratch, genome::are_there, ok},
    readme::run,
};

/// Files of a folder.
fn folder(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(path).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// The checked-in folder holds these files and no others.
fn assert_fresh(name: &str, now: &BTreeMap<String, Vec<u8>>) {
    let kept = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&kept),
        names(now),
        "{name}/ holds other files (left) than the program writes (right); run `make generated`, \
         and remove what is left over"
    );
    for (file, bytes) in now {
        assert!(
            kept[file] == *bytes,
            "{name}/{file} is stale; run `make generated` and commit what it writes"
        );
    }
}

#[test]
fn manual_pages() {
    let scratch = Scratch::new();
    let path = scratch.path("");
    ok("man", &[&path]);
    let now = folder(Path::new(&path));
    assert!(now.contains_key("hyenadna-score-variants.1"));
    assert_fresh("man", &now);
}

/// Every page has the sections that readers of manuals look for.
#[test]
fn manual_pages_have_sections() {
    for (name, bytes) in folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("man")) {
        let text = String::from_utf8(bytes).unwrap();
        for heading in ["SYNOPSIS", "EXAMPLES", "\"ENVIRONMENT\"", "\"EXIT STATUS\""] {
            assert!(text.contains(&format!(".SH {heading}\n")), "{name} has no {heading}");
        }
        let variable = text.contains("HYENADNA_MODEL");
        assert_eq!(variable, text.contains("\\-\\-model\\fR") || name == "hyenadna.1", "{name}");
        let strict = text.contains("\n\\fB3\\fR\n");
        assert_eq!(
            strict,
            text.contains("\n\\fB\\-\\-strict\\fR\n") || name == "hyenadna.1",
            "{name}"
        );
    }
}

#[test]
fn manual_pages_are_clean() {
    if !are_there(&["mandoc"]) {
        return;
    }
    let script = "mandoc -T lint *.1";
    let output = run(script, &Path::new(env!("CARGO_MANIFEST_DIR")).join("man"));
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && found.is_empty(), "{found}");
}

#[test]
fn completion_scripts() {
    let scripts = [("bash", "hyenadna.bash"), ("zsh", "_hyenadna"), ("fish", "hyenadna.fish")];
    let now = scripts.map(|(shell, name)| (name.to_owned(), ok("completions", &[shell])));
    assert_fresh("completions", &BTreeMap::from(now));
}

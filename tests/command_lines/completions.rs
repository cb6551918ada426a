//! Shells complete options, names of models, and files.

use std::path::Path;

use crate::{
    harness::{Scratch, genome::are_there},
    readme::run,
};

/// A script of the folder `completions`.
fn script(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name).display().to_string()
}

/// Lines that a script prints.
fn lines(script: &str, folder: &str) -> Vec<String> {
    let output = run(script, Path::new(folder));
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{log}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Words that bash offers for the last of some words. None: bash completes the name of a file.
fn bash(folder: &str, words: &[&str]) -> Vec<String> {
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "set +eu; source '{}'; compopt() {{ :; }}
         COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
         _hyenadna_words hyenadna \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD - 1]}}\"
         for word in \"${{COMPREPLY[@]}}\"; do echo \"$word\"; done",
        script("hyenadna.bash"),
        words.join(" ")
    );
    lines(&script, folder)
}

#[test]
fn bash_completes() {
    let scratch = Scratch::new();
    for name in ["genome.fa", "in.vcf"] {
        scratch.file(name, "");
    }
    let folder = scratch.path("");
    let offered = |words: &[&str]| bash(&folder, words);
    let none: [&str; 0] = [];
    // the shell falls back to file names
    let specification =
        lines(&format!("source '{}'; complete -p hyenadna", script("hyenadna.bash")), &folder);
    for part in ["-o default", "-F _hyenadna_words"] {
        assert!(specification[0].contains(part), "{specification:?}");
    }
    for words in [
        ["hyenadna", "score-variants", ""].as_slice(),
        &["hyenadna", "score-variants", "ge"],
        &["hyenadna", "score-variants", "in.vcf", ""],
        &["hyenadna", "embed", ""],
        &["hyenadna", "embed", "-m", "./"],
    ] {
        assert_eq!(offered(words), none, "{words:?}");
    }
    assert_eq!(
        offered(&["hyenadna", "score-variants", "in.vcf", "genome.fa", "-o", "in"]),
        ["in.vcf"]
    );
    assert_eq!(offered(&["hyenadna", "score-variants", "--genes", "ge"]), ["genome.fa"]);
    assert_eq!(offered(&["hyenadna", "embed", "--model", "hu"]), ["human-1k"]);
    assert_eq!(offered(&["hyenadna", "models", "info", "bu"]), ["builtin"]);
    let models = offered(&["hyenadna", "perplexity", "-m", ""]);
    assert_eq!(models[..2], ["builtin", "human-1k"]);
    assert_eq!(models.len(), 9);
    assert!(models.contains(&"hyenadna-large-1m-seqlen".to_owned()));
    assert_eq!(offered(&["hyenadna", "score-variants", "--st"]), ["--strand", "--strict"]);
    assert_eq!(offered(&["hyenadna", "embed", "--strand", "b"]), ["both"]);
    let commands = offered(&["hyenadna", ""]);
    assert!(commands.contains(&"embed".to_owned()) && !commands.contains(&"--quiet".to_owned()));
}

#[test]
fn fish_completes() {
    if !are_there(&["fish"]) {
        return;
    }
    let scratch = Scratch::new();
    scratch.file("human.fa", "");
    let offered = |line: &str| {
        let script = format!(
            "HOME=$PWD fish --no-config -c 'source {}; complete -C \"{line}\"'",
            script("hyenadna.fish")
        );
        let words = lines(&script, &scratch.path(""));
        words.iter().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered("hyenadna score-variants hu"), ["human.fa"]);
    let mut models = offered("hyenadna embed -m hu");
    models.sort();
    assert_eq!(models, ["human-1k", "human.fa"]);
    assert_eq!(offered("hyenadna train --init hyenadna-large"), ["hyenadna-large-1m-seqlen"]);
}

/// Driving zsh needs a terminal: this checks that the script is valid and calls the functions.
#[test]
fn zsh_reads_the_script() {
    let path = script("_hyenadna");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("#compdef hyenadna\n"));
    assert!(text.contains(":MODEL:_hyenadna_models'"));
    assert!(text.contains("'names:model:(builtin human-1k hyenadna-tiny-1k-seqlen "));
    assert!(text.contains("::REFERENCE -- Reference genome"));
    if !are_there(&["zsh"]) {
        return;
    }
    lines(&format!("zsh -n '{path}'"), env!("CARGO_MANIFEST_DIR"));
}

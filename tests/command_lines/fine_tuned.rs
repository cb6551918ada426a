//! Checkpoints that others fine-tuned: their backbone serves every command.

use std::{collections::BTreeMap, fs, path::Path};

use hyenadna::model::weights::{host::HostTensor, safetensors_file};

use crate::harness::{
    Outcome, Scratch, command, data, fails,
    golden::{genome, variants},
    run,
    table::{assert_close, npy},
    text,
};

/// A folder with the golden model and the tensors of a head, and without the head of the language
/// model unless `keep`.
fn fine_tuned(scratch: &Scratch, keep: bool) -> String {
    let head: [(&str, &[usize]); 2] = [("score.weight", &[2, 128]), ("classifier.0.bias", &[7])];
    with_head(scratch, if keep { "kept" } else { "tuned" }, keep, &head)
}

/// The same with these tensors, whose numbers grow from 0.
fn with_head(scratch: &Scratch, name: &str, keep: bool, head: &[(&str, &[usize])]) -> String {
    let from = data("golden/tiny-d128/hf");
    let folder = scratch.path(name);
    fs::create_dir(&folder).unwrap();
    let [old, new] = [&from, &folder].map(|folder| Path::new(folder).join("model.safetensors"));
    let mut tensors: BTreeMap<String, HostTensor> =
        safetensors_file::parse(&old, &fs::read(&old).unwrap()).unwrap();
    if !keep {
        tensors.remove("lm_head.weight").unwrap();
    }
    for (name, shape) in head {
        let data = (0..shape.iter().product::<usize>()).map(|i| weight(i) as f32).collect();
        tensors.insert((*name).to_owned(), HostTensor { shape: shape.to_vec(), data });
    }
    safetensors_file::write(&new, &tensors).unwrap();
    fs::copy(format!("{from}/config.json"), format!("{folder}/config.json")).unwrap();
    folder
}

/// Number of an element of a head.
fn weight(i: usize) -> f64 {
    (i * 7 % 13) as f64 / 8.0 - 0.75
}

fn succeeds(words: &str, paths: &[&str]) -> Outcome {
    let outcome = run(&mut command(words, paths));
    assert_eq!(outcome.code, Some(0), "{words}: {}", outcome.stderr);
    outcome
}

const LEFT_OUT: &str =
    "left out a head for another task: classifier.0.bias [7], score.weight [2, 128]";

#[test]
fn every_command_loads_the_backbone_and_says_so_once() {
    let scratch = Scratch::new();
    let (tuned, whole) = (fine_tuned(&scratch, false), data("golden/tiny-d128/hf"));
    let input = data("golden/tiny-d128/inputs.fa");
    let (variants, genome) = (variants(), genome());
    let cases: [(&str, &[&str]); 4] = [
        ("embed --format npy -m", &[&input]),
        ("likelihood --no-header -m", &[&input]),
        ("score-variants --no-header --context 32 -m", &[&variants, &genome]),
        ("mutagenesis --no-header --fast -m", &[&input]),
    ];
    for (words, paths) in cases {
        let [got, want] = [&tuned, &whole].map(|model| {
            let paths: Vec<&str> = [model.as_str()].iter().chain(paths).copied().collect();
            succeeds(words, &paths)
        });
        assert!(!want.stdout.is_empty() && got.stdout == want.stdout, "{words}");
        assert!(!want.stderr.contains("left out"), "{}", want.stderr);
        assert_eq!(got.stderr.matches(LEFT_OUT).count(), 1, "{words}: {}", got.stderr);
        let remark = "no lm_head.weight, so log-likelihoods and all scores made of them";
        assert!(got.stderr.contains(remark), "{words}: {}", got.stderr);
    }
}

#[test]
fn info_and_convert() {
    let scratch = Scratch::new();
    let (tuned, kept) = (fine_tuned(&scratch, false), fine_tuned(&scratch, true));
    let info = |model: &str| text("-q models info", &[model]);
    let line = "left_out\tclassifier.0.bias [7], score.weight [2, 128]\n";
    assert!(info(&tuned).contains(line) && info(&kept).contains(line), "{}", info(&tuned));
    assert!(!info("builtin").contains("left_out"));
    // the head of the language model is there
    let outcome = succeeds("models info", &[&kept]);
    assert!(outcome.stderr.contains(LEFT_OUT), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("lm_head"), "{}", outcome.stderr);
    let converted = scratch.path("converted");
    let outcome = succeeds("models convert", &[&tuned, &converted]);
    assert!(outcome.stderr.contains(LEFT_OUT), "{}", outcome.stderr);
    assert!(!info(&converted).contains("left_out"));
    let input = data("golden/tiny-d128/inputs.fa");
    let rows = |model: &str| npy(&succeeds("-q embed --format npy -m", &[model, &input]).stdout);
    assert_close(&rows(&converted), &rows(&tuned), 1e-5);
}

/// `score.weight` on the last base, as transformers' HyenaDNAForSequenceClassification has it.
#[test]
fn a_linear_head_of_others_predicts() {
    let scratch = Scratch::new();
    let model = with_head(&scratch, "scored", false, &[("score.weight", &[2, 128])]);
    let input = data("golden/tiny-d128/inputs.fa");
    let phrases = ["has no head for a task", "score.weight [2, 128]", "models convert --head-pool"];
    fails("predict -m", &[&model, &input], 1, &phrases);
    let converted = scratch.path("converted");
    let words = "models convert --head-pool last --classes no,yes";
    let outcome = succeeds(words, &[&model, &converted]);
    assert!(!outcome.stderr.contains("left out"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("no, yes on last"), "{}", outcome.stderr);
    let embed = "-q embed --pool last --format npy -m";
    let rows = npy(&succeeds(embed, &[&model, &input]).stdout);
    let want: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| {
            let score = |class: usize| -> f64 {
                row.iter().enumerate().map(|(i, x)| x * weight(128 * class + i)).sum()
            };
            let [no, yes] = [score(0).exp(), score(1).exp()];
            vec![no / (no + yes), yes / (no + yes)]
        })
        .collect();
    let got = npy(&succeeds("-q predict --format npy -m", &[&converted, &input]).stdout);
    assert_close(&got, &want, 1e-4);
    let table = text("-q predict --no-header -m", &[&converted, &input]);
    assert!(table.lines().all(|line| line.contains("yes") || line.contains("no")), "{table}");
    // its embeddings are those of the backbone
    let got = npy(&succeeds(embed, &[&converted, &input]).stdout);
    assert_close(&got, &rows, 1e-5);
}

#[test]
fn heads_that_do_not_fit_are_refused() {
    let scratch = Scratch::new();
    let one = with_head(&scratch, "one", false, &[("score.weight", &[2, 128])]);
    let two = fine_tuned(&scratch, false);
    let new = scratch.path("new");
    for (options, model, code, phrases) in [
        ("--head-pool bins:2", &one, 1, ["[classes, 256]", "found score.weight [2, 128]"]),
        ("--head-pool mean", &two, 1, ["one linear layer", "classifier.0.bias [7]"]),
        ("--head-pool mean --classes a,b,c", &one, 1, ["3 classes are named", "2 outputs"]),
        ("--head-pool mean --classes a,a", &one, 1, ["class a", "named twice"]),
        ("--head-pool none", &one, 2, ["--head-pool none", "whole sequences"]),
        ("--head-pool mean --for transformers", &one, 2, ["for this program", "transformers"]),
        ("--classes a,b", &one, 2, ["--head-pool", "required"]),
    ] {
        fails(&format!("models convert {options}"), &[model, &new], code, &phrases);
        assert!(!fs::exists(&new).unwrap(), "{options}");
    }
    let whole = data("golden/tiny-d128/hf");
    let phrases = ["has no head for another task", "score.weight"];
    fails("models convert --head-pool mean", &[&whole, &new], 1, &phrases);
}

//! Checkpoints that others fine-tuned: their backbone serves every command.

use std::{collections::BTreeMap, fs, path::Path};

use hyenadna::model::weights::{host::HostTensor, safetensors_file};

use crate::harness::{
    Outcome, Scratch, command, data,
    golden::{genome, variants},
    run,
    table::{assert_close, npy},
    text,
};

/// A folder with the golden model and the tensors of a head, and without the head of the language
/// model unless `keep`.
fn fine_tuned(scratch: &Scratch, keep: bool) -> String {
    let from = data("golden/tiny-d128/hf");
    let folder = scratch.path(if keep { "kept" } else { "tuned" });
    fs::create_dir(&folder).unwrap();
    let [old, new] = [&from, &folder].map(|folder| Path::new(folder).join("model.safetensors"));
    let mut tensors: BTreeMap<String, HostTensor> =
        safetensors_file::parse(&old, &fs::read(&old).unwrap()).unwrap();
    if !keep {
        tensors.remove("lm_head.weight").unwrap();
    }
    for (name, shape) in [("score.weight", vec![2, 128]), ("classifier.0.bias", vec![7])] {
        let data = vec![0.5; shape.iter().product()];
        tensors.insert(name.to_owned(), HostTensor { shape, data });
    }
    safetensors_file::write(&new, &tensors).unwrap();
    fs::copy(format!("{from}/config.json"), format!("{folder}/config.json")).unwrap();
    folder
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

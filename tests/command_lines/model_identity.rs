//! What determines the results of a model: its weights, its `shift`, and the input that stands for
//! N; and the records of it in outputs and null files.

use std::{collections::BTreeMap, fs, path::Path};

use hyenadna::model::weights::{host::HostTensor, safetensors_file};

use crate::harness::{
    Scratch, command, data, fails,
    golden::{genome, variants},
    ok, run, skip,
    table::Table,
    test_data, text,
};

const EMBEDDING: &str = "hyena.backbone.embeddings.word_embeddings.weight";

/// The fact `key` that `models info` tells about a model.
fn fact(model: &str, key: &str) -> String {
    let facts = text("-q models info", &[model]);
    let value = facts.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('\t'));
    value.unwrap_or_else(|| panic!("no {key} in {facts}")).to_owned()
}

/// A line of provenance of a table.
fn fact_of(table: &Table, key: &str) -> String {
    let start = format!("##hyenadna_{key}=");
    let value = table.comments.iter().find_map(|line| line.strip_prefix(&start));
    value.unwrap_or_else(|| panic!("no {start} in {:?}", table.comments)).to_owned()
}

/// Writes `model.safetensors` of a folder anew.
fn edit(
    folder: &str,
    change: impl FnOnce(BTreeMap<String, HostTensor>) -> BTreeMap<String, HostTensor>,
) {
    let path = Path::new(folder).join("model.safetensors");
    let tensors = safetensors_file::parse(&path, &fs::read(&path).unwrap()).unwrap();
    safetensors_file::write(&path, &change(tensors)).unwrap();
}

#[test]
fn equal_models_have_one_identity_and_others_have_another() {
    let scratch = Scratch::new();
    let hub = data("golden/tiny-d128/hf");
    let identity = fact(&hub, "identity");
    assert_eq!(identity.len(), 64);
    assert_eq!(fact(&data("golden/tiny-d128/lightning"), "identity"), identity);
    let convert = |name: &str, options: &str| {
        let folder = scratch.path(name);
        ok(&format!("-q models convert {options} {hub}"), &[&folder]);
        folder
    };
    let same = convert("same", "");
    assert_eq!(fact(&same, "identity"), identity);
    assert_eq!(fact(&convert("python", "--for transformers"), "identity"), identity);
    let shifted = convert("shifted", "--shift 0");
    assert_eq!(fact(&shifted, "sha256"), fact(&same, "sha256"), "the weights are equal");
    assert_ne!(fact(&shifted, "identity"), identity);
    assert_eq!((fact(&same, "shift"), fact(&shifted, "shift")), ("0.05".into(), "0".into()));

    let llr = |model: &str| {
        Table::parse(&text("-q score-variants --context 32 -m", &[model, &variants(), &genome()]))
    };
    let (a, b) = (llr(&same), llr(&shifted));
    assert_eq!(fact_of(&a, "model"), format!("same identity:{identity}"));
    assert_ne!(fact_of(&b, "model"), format!("shifted identity:{identity}"));
    assert_ne!(a.column("llr"), b.column("llr"));
}

#[test]
fn a_null_belongs_to_a_model_with_its_shift() {
    let scratch = Scratch::new();
    let hub = data("golden/tiny-d128/hf");
    let (same, shifted) = (scratch.path("same"), scratch.path("shifted"));
    ok("-q models convert", &[&hub, &same]);
    ok("-q models convert --shift 0.01", &[&hub, &shifted]);
    let null = scratch.path("null.tsv");
    let words = "-q score-variants --context 16";
    ok(&format!("{words} --null 11 --save-null"), &[&null, "-m", &hub, &variants(), &genome()]);
    ok(&format!("{words} --use-null"), &[&null, "-m", &same, &variants(), &genome()]);
    fails(
        &format!("{words} --use-null"),
        &[&null, "-m", &shifted, &variants(), &genome()],
        1,
        &[&null, "model is", &fact(&shifted, "identity")],
    );
    fails(
        &format!("{words} --n-token zero --use-null"),
        &[&null, "-m", &same, &variants(), &genome()],
        1,
        &[&null, "n_token is n in the file and zero here"],
    );
}

#[test]
fn a_shift_is_a_number() {
    let scratch = Scratch::new();
    for wrong in ["x", "nan", "inf", ""] {
        let words = format!("models convert builtin {} --shift", scratch.path("out"));
        fails(&words, &[wrong], 2, &["--shift", "a number"]);
    }
    assert!(scratch.names().is_empty());
}

#[test]
fn info_says_what_shift_the_released_models_were_trained_with() {
    let hub = data("golden/tiny-d128/hf");
    let note = fact(&hub, "note");
    assert!(note.contains("trained with 0") && note.contains("--shift"), "{note}");
    assert!(!text("-q models info", &["builtin"]).contains("note"));
}

/// `likelihood` of `ACGT…` with a run of N in the middle.
fn likelihood(options: &str, model: &str) -> (Table, String) {
    let scratch = Scratch::new();
    let bases = "GATTACAGGCATGAGCCACC".repeat(5);
    let fasta = scratch.file("x.fa", format!(">x\n{bases}{}{bases}\n", "N".repeat(40)));
    let outcome = run(&mut command(&format!("likelihood {options} -m"), &[model, &fasta]));
    outcome.assert_ok();
    (Table::parse(&String::from_utf8(outcome.stdout).unwrap()), outcome.stderr)
}

/// The built-in model with the row of N made like the unused rows 12 to 15.
fn that_never_saw_n(scratch: &Scratch) -> String {
    let folder = scratch.path("no-n");
    ok("-q models convert builtin", &[&folder]);
    edit(&folder, |mut tensors| {
        for name in [EMBEDDING, "lm_head.weight"] {
            let data = &mut tensors.get_mut(name).unwrap().data;
            for column in 0..128 {
                let [a, b] = [12, 15].map(|row| data[row * 128 + column]);
                data[11 * 128 + column] = (a + b) / 2.0;
            }
        }
        tensors
    });
    folder
}

#[test]
fn a_vector_of_zeros_stands_for_an_n_that_the_model_never_saw() {
    let scratch = Scratch::new();
    let model = that_never_saw_n(&scratch);
    assert_eq!(
        (fact(&model, "n_row"), fact("builtin", "n_row")),
        ("untrained".into(), "trained".into())
    );
    let (auto, log) = likelihood("", &model);
    assert_eq!(fact_of(&auto, "n_token"), "zero");
    assert_eq!(log.matches("was not trained with N").count(), 1, "{log}");
    let by_hand = ["n", "pad", "zero"].map(|token| {
        let (table, log) = likelihood(&format!("--n-token {token}"), &model);
        assert_eq!(fact_of(&table, "n_token"), token);
        assert!(!log.contains("was not trained with N"), "{log}");
        table
    });
    assert_eq!(auto.rows, by_hand[2].rows);
    assert_ne!(auto.rows, by_hand[0].rows);
    assert_ne!(auto.rows, by_hand[1].rows);

    let (builtin, log) = likelihood("", "builtin");
    assert_eq!(fact_of(&builtin, "n_token"), "n");
    assert!(!log.contains("was not trained with N"), "{log}");
    assert_eq!(builtin.rows, likelihood("--n-token n", "builtin").0.rows);
    assert_ne!(builtin.rows, likelihood("--n-token zero", "builtin").0.rows);
}

#[test]
fn the_released_tiny_1k_never_saw_n() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/models/hyenadna-tiny-1k-seqlen");
    if !folder.is_dir() {
        skip("../shared/data/models/hyenadna-tiny-1k-seqlen is not here");
        return;
    }
    let model = folder.to_str().unwrap();
    assert_eq!(fact(model, "n_row"), "untrained");
    let bits = |options: &str| {
        let (table, _) = likelihood(options, model);
        (fact_of(&table, "n_token"), table.rows)
    };
    let auto = bits("");
    assert_eq!(auto.0, "zero");
    assert_eq!(auto, bits("--n-token zero"));
}

#[test]
fn weights_of_other_programs_are_read() {
    let scratch = Scratch::new();
    let source = test_data("golden/tiny-d128/lightning");
    let identity = fact(source.to_str().unwrap(), "identity");
    let folder = scratch.path("pytorch");
    fs::create_dir(&folder).unwrap();
    fs::copy(source.join("weights.ckpt"), format!("{folder}/pytorch_model.bin")).unwrap();
    fs::copy(source.join("config.json"), format!("{folder}/config.json")).unwrap();
    assert_eq!(fact(&folder, "identity"), identity);

    let compiled = scratch.path("compiled");
    ok("-q models convert", &[&folder, &compiled]);
    edit(&compiled, |tensors| {
        tensors.into_iter().map(|(name, tensor)| (format!("_orig_mod.{name}"), tensor)).collect()
    });
    assert_eq!(fact(&compiled, "identity"), identity);
}

#[test]
fn a_name_that_is_nearly_right_gets_a_suggestion() {
    assert_eq!(fact("human-1k", "name"), "builtin:human-1k");
    for (name, meant) in [
        ("hyenadna-small-32k", "did you mean hyenadna-small-32k-seqlen?"),
        ("small-32k", "did you mean hyenadna-small-32k-seqlen?"),
        ("human-1", "did you mean human-1k?"),
    ] {
        for words in ["models info", "models pull"] {
            fails(words, &[name], 1, &[name, meant]);
        }
    }
    let scratch = Scratch::new();
    let model = scratch.path("my-model");
    ok("-q models convert builtin", &[&model]);
    let folder = model.strip_suffix("/my-model").unwrap();
    let meant = format!("did you mean {model}?");
    fails("models info", &[folder], 1, &["holds no model", &meant]);
    fails("models info", &[&format!("{folder}/my-modl")], 1, &["no such file or folder", &meant]);
    // a folder in the current one, which could be the name of a repository
    let (parent, name) = folder.rsplit_once('/').unwrap();
    let mut info = command("models info", &[&format!("{name}/my-modl")]);
    let outcome = run(info.current_dir(parent));
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.contains(&format!("did you mean {name}/my-model?")),
        "{}",
        outcome.stderr
    );
}

//! `models verify`: pins and recorded results.

use std::{fs, path::Path};

use hyenadna::model::weights::safetensors_file;

use crate::harness::{Outcome, Scratch, command, data, fails, ok, run, skip, table::Table};

fn verify(words: &str, paths: &[&str]) -> (Outcome, Table) {
    let outcome = run(&mut command(&format!("--device cpu models verify {words}"), paths));
    let table = Table::parse(std::str::from_utf8(&outcome.stdout).unwrap());
    (outcome, table)
}

/// Statuses by check.
fn statuses(table: &Table) -> Vec<String> {
    assert_eq!(table.header.join(" "), "check device expected found status");
    table.rows.iter().map(|row| format!("{} {}: {}", row[0], row[1], row[4])).collect()
}

#[test]
fn the_builtin_model_gives_its_recorded_results() {
    let (outcome, table) = verify("", &[]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(
        statuses(&table),
        [
            "sha256 .: ok",
            "shift .: ok",
            "mean hidden state, 9 bases cpu: ok",
            "mean hidden state, 1024 bases cpu: ok",
            "loss, 1024 bases cpu: ok"
        ]
    );
    assert!(outcome.stderr.contains("5 checks ok"), "{}", outcome.stderr);
}

/// A converted copy has other bytes and computes the same; a changed weight shows in the results.
#[test]
fn another_file_and_other_weights_fail() {
    let scratch = Scratch::new();
    let folder = scratch.path("human-1k");
    ok("-q models convert builtin", &[&folder]);
    let file = format!("{folder}/model.safetensors");
    let bytes = fs::read(&file).unwrap();
    let mut tensors = safetensors_file::parse(Path::new(&file), &bytes).unwrap();
    let name = tensors.keys().find(|name| name.ends_with("layers.1.mlp.fc2.bias")).unwrap().clone();
    tensors.get_mut(&name).unwrap().data[0] += 1.0;
    safetensors_file::write(Path::new(&file), &tensors).unwrap();
    let (outcome, table) = verify("", &[&folder]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("failed; this is not human-1k"), "{}", outcome.stderr);
    let found = statuses(&table);
    assert!(found.contains(&"sha256 .: failed".to_owned()), "{found:?}");
    assert!(found.contains(&"mean hidden state, 1024 bases cpu: failed".to_owned()), "{found:?}");
    assert!(found.contains(&"shift .: ok".to_owned()), "{found:?}");

    // a NaN is a failed row of each result, and the table is whole
    tensors.get_mut(&name).unwrap().data[0] = f32::NAN;
    safetensors_file::write(Path::new(&file), &tensors).unwrap();
    let (outcome, table) = verify("", &[&folder]);
    assert_eq!(outcome.code, Some(1));
    let found = statuses(&table);
    assert!(found.contains(&"sha256 .: failed".to_owned()), "{found:?}");
    assert!(found.iter().filter(|row| row.ends_with("cpu: failed")).count() > 0, "{found:?}");
    assert!(!found.iter().any(|row| row.ends_with("cpu: ok")), "{found:?}");
    assert!(!outcome.stderr.contains("may hold the same weights"), "{}", outcome.stderr);

    // by another name, and with another shift
    let shifted = scratch.path("shifted");
    ok("-q models convert --shift 0 builtin", &[&shifted]);
    let (outcome, table) = verify("--as human-1k", &[&shifted]);
    assert_eq!(outcome.code, Some(1));
    let found = statuses(&table);
    assert!(found.contains(&"shift .: failed".to_owned()), "{found:?}");
}

/// An equal hash is that of the pin under any name of the file.
#[test]
fn a_renamed_file_is_compared_with_the_pin() {
    let scratch = Scratch::new();
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/human-1k");
    let renamed = scratch.path("mine.safetensors");
    fs::copy(built_in.join("model.safetensors"), &renamed).unwrap();
    fs::copy(built_in.join("config.json"), scratch.path("config.json")).unwrap();
    for name in ["builtin", "human-1k"] {
        let (outcome, table) = verify(&format!("--as {name}"), &[&renamed]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        assert_eq!(statuses(&table)[0], "sha256 .: ok");
    }
}

#[test]
fn what_is_not_known_is_said() {
    let golden = data("golden/tiny-d128/hf");
    let parts = ["hf has no pin and no recorded results", "--as", "hyenadna-tiny-1k-seqlen"];
    fails("models verify", &[&golden], 2, &parts);
    fails("models verify --as tiny", &[&golden], 2, &["--as tiny", "not a known model"]);
    fails("models verify", &["no-such-model"], 1, &["no model \"no-such-model\""]);
    let missing = "no/hg38.fa";
    fails("models verify builtin --hg38", &[missing], 1, &["no/hg38.fa"]);

    // random weights of another size, and a file that has no pin
    let lightning = data("golden/tiny-d128/lightning");
    let (outcome, table) = verify("--as hyenadna-medium-450k-seqlen", &[&lightning]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("has no pin for weights.ckpt"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("has no recorded results"), "{}", outcome.stderr);
    let expected = ["sha256 .: skipped", "parameters .: failed", "context .: failed"];
    assert_eq!(statuses(&table), expected);
    let (outcome, table) = verify("--as hyenadna-small-32k-seqlen", &[&golden]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("8 recorded losses are of regions"), "{}", outcome.stderr);
    assert!(statuses(&table)[4..].iter().all(|row| row.ends_with(": skipped")));

    let scratch = Scratch::new();
    let weights = fs::read(format!("{golden}/model.safetensors")).unwrap();
    let cut = scratch.file("cut.safetensors", &weights[..weights.len() / 2]);
    fails("models verify --as human-1k", &[&cut], 1, &["cut.safetensors"]);
}

/// The released tiny-1k in another file: its bytes are not those of the pin, its results are right.
#[test]
fn the_released_tiny_1k_gives_its_recorded_results() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/models/hyenadna-tiny-1k-seqlen");
    if !folder.is_dir() {
        skip("../shared/data/models/hyenadna-tiny-1k-seqlen is not here");
        return;
    }
    let (outcome, table) = verify("", &[folder.to_str().unwrap()]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("may hold the same weights"), "{}", outcome.stderr);
    let found = statuses(&table);
    assert_eq!(found[0], "sha256 .: failed");
    assert_eq!(found.len(), 7);
    assert!(found[1..].iter().all(|row| row.ends_with(": ok")), "{found:?}");
}

//! Model files that are damaged, or are not what they say.

use std::{collections::BTreeMap, fs, path::Path};

use hyenadna::model::weights::{host::HostTensor, safetensors_file};

use crate::harness::{Outcome, hyenadna, run_within, test_data};

/// Seconds of processor time that a run may take.
const LIMIT: u64 = 60;
const CASE: &str = "golden/mini-checkpointed";

fn embed(model: &Path) -> Outcome {
    let mut command = hyenadna(&["embed", "reads.fq", "--model"]);
    run_within(command.arg(model).current_dir(test_data("odd")), LIMIT)
}

fn tensors() -> BTreeMap<String, HostTensor> {
    let path = test_data(CASE).join("hf/model.safetensors");
    safetensors_file::parse(&path, &fs::read(&path).unwrap()).unwrap()
}

fn reshape(tensors: &mut BTreeMap<String, HostTensor>, name: &str, shape: &[usize]) {
    let data = vec![0.5; shape.iter().product()];
    let tensor = HostTensor { shape: shape.to_vec(), data };
    tensors.insert(name.to_owned(), tensor);
}

#[test]
fn damaged_weights_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let safetensors = fs::read(test_data(CASE).join("hf/model.safetensors")).unwrap();
    let checkpoint = fs::read(test_data(CASE).join("lightning/weights.ckpt")).unwrap();
    let mut greedy = safetensors.clone();
    greedy[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut header = safetensors.clone();
    header[200] ^= 0xff;
    let garbage: Vec<u8> =
        (0..5_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let files: [(&str, &[u8]); 12] = [
        ("empty.safetensors", b""),
        ("short.safetensors", b"1234567"),
        ("half.safetensors", &safetensors[..safetensors.len() / 2]),
        ("last-byte.safetensors", &safetensors[..safetensors.len() - 1]),
        ("surplus-byte.safetensors", &[safetensors.as_slice(), b"x"].concat()),
        ("greedy.safetensors", &greedy),
        ("header.safetensors", &header),
        ("garbage.safetensors", &garbage),
        ("half.ckpt", &checkpoint[..checkpoint.len() / 2]),
        ("last-byte.ckpt", &checkpoint[..checkpoint.len() - 1]),
        ("zip-start-only.ckpt", &checkpoint[..4]),
        ("garbage.ckpt", &[b"PK\x03\x04".as_slice(), &garbage].concat()),
    ];
    let config = test_data(CASE).join("hf/config.json");
    fs::copy(config, folder.path().join("config.json")).unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let ran = embed(&path);
        let is_cut = ["half.", "last-byte.", "zip-start-only."].iter().any(|s| name.starts_with(s));
        let words = [name, if is_cut { "truncated" } else { name }];
        if let Some(problem) = ran.not_refused(&words) {
            panic!("{name}: {problem}");
        }
        assert!(ran.stdout.is_empty(), "{name}");
        assert!(!ran.stderr.contains("[info] model"), "{name} is loaded");
    }
}

#[test]
fn every_tensor_that_does_not_fit_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut changed = tensors();
    let layer = "hyena.backbone.layers";
    for (name, shape) in [
        (format!("{layer}.0.mixer.in_proj.weight"), &[96, 31][..]),
        (format!("{layer}.1.norm1.bias"), &[32, 1]),
        (format!("{layer}.2.mlp.fc2.weight"), &[128, 32]),
        (format!("{layer}.0.mixer.filter_fn.implicit_filter.4.bias"), &[0]),
        ("hyena.backbone.extra".to_owned(), &[2]),
    ] {
        reshape(&mut changed, &name, shape);
    }
    changed.remove("hyena.backbone.ln_f.weight").unwrap();
    changed.remove(&format!("{layer}.1.mixer.out_proj.bias")).unwrap();
    safetensors_file::write(&path, &changed).unwrap();
    embed(&path).assert_refused(&[
        "model.safetensors",
        "misshapen backbone.layers.0.mixer.in_proj.weight [96, 31], expected [96, 32]",
        "misshapen backbone.layers.1.norm1.bias [32, 1]",
        "misshapen backbone.layers.2.mlp.fc2.weight [128, 32], expected [32, 128]",
        "misshapen backbone.layers.0.mixer.filter_fn.implicit_filter.4.bias [0]",
        "surplus backbone.extra [2]",
        "missing backbone.ln_f.weight",
        "missing backbone.layers.1.mixer.out_proj.bias",
    ]);
}

/// A model of the small one with some tensors of other shapes must be refused.
fn refused(changes: &[(&str, &[usize])]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut changed = tensors();
    for (name, shape) in changes {
        reshape(&mut changed, &file_name(name), shape);
    }
    safetensors_file::write(&path, &changed).unwrap();
    if let Some(problem) =
        embed(&path).not_refused(&["model.safetensors does not hold a HyenaDNA model"])
    {
        panic!("{changes:?}: {problem}");
    }
}

/// The name in the file, where all but the head have a prefix.
fn file_name(name: &str) -> String {
    if name.starts_with("lm_head") { name.to_owned() } else { format!("hyena.{name}") }
}

const EMBEDDING: &str = "backbone.embeddings.word_embeddings.weight";

/// Shapes from which the architecture is taken, where a wrong one makes others wrong.
#[test]
fn strange_architectures_are_refused() {
    let first = "backbone.layers.0.mixer";
    let filter = format!("{first}.filter_fn.implicit_filter.0.weight");
    refused(&[(EMBEDDING, &[])]);
    refused(&[(EMBEDDING, &[3, 32])]);
    refused(&[(&filter, &[64, 4])]);
    refused(&[(&filter, &[64, 1])]);
    refused(&[(&format!("{first}.filter_fn.pos_emb.z"), &[1, 2, 5])]);
}

#[test]
fn a_model_of_width_zero_is_refused() {
    refused(&[(EMBEDDING, &[0, 0])]);
}

#[test]
fn a_layer_of_absurd_number_is_refused() {
    refused(&[("backbone.layers.999999999.norm1.bias", &[32])]);
}

/// Fewer rows than there are tokens; on a GPU, an index out of range ends the process.
#[test]
fn a_vocabulary_that_is_too_small_is_refused() {
    refused(&[(EMBEDDING, &[3, 32]), ("lm_head.weight", &[3, 32])]);
}

#[test]
fn a_short_filter_of_no_taps_is_refused() {
    let name = |layer| format!("backbone.layers.{layer}.mixer.short_filter.weight");
    let names = [name(0), name(1), name(2)];
    refused(&[(&names[0], &[96, 1, 0])]);
    refused(&names.each_ref().map(|name| (name.as_str(), &[96, 1, 0][..])));
}

/// `model.safetensors` without its buffers, which take the length from `config.json`.
fn folder_with(config: &str, buffers: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = tensors();
    kept.retain(|name, _| buffers || !name.contains("pos_emb"));
    safetensors_file::write(&folder.path().join("model.safetensors"), &kept).unwrap();
    fs::write(folder.path().join("config.json"), config).unwrap();
    folder
}

#[test]
fn a_config_that_disagrees_is_a_warning() {
    let folder =
        folder_with(r#"{"d_model":256,"n_layer":7,"max_seq_len":32770,"filter_order":64}"#, true);
    let ran = embed(folder.path());
    ran.assert_ok();
    for part in ["[warn]", "d_model = 256", "n_layer = 7", "max_seq_len = 32770"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("filter_order"), "{}", ran.stderr);
}

#[test]
fn a_config_that_cannot_be_used_is_an_error() {
    for config in ["", "{", "[1]", "null", "\"x\"", r#"{"hyena_order":3,"max_seq_len":514}"#] {
        let folder = folder_with(config, false);
        if let Some(problem) = embed(folder.path()).not_refused(&["config.json"]) {
            panic!("{config:?}: {problem}");
        }
    }
    for length in ["0", "2", "-5", "\"514\"", "1e300"] {
        let folder = folder_with(&format!("{{\"max_seq_len\":{length}}}"), false);
        if let Some(problem) = embed(folder.path()).not_refused(&["max_seq_len"]) {
            panic!("{length}: {problem}");
        }
    }
}

/// A length that no memory holds.
#[test]
fn a_config_with_an_absurd_length_is_an_error() {
    for length in ["1000000000000", "9223372036854775807"] {
        let folder = folder_with(&format!("{{\"max_seq_len\":{length}}}"), false);
        if let Some(problem) = embed(folder.path()).not_refused(&["max_seq_len"]) {
            panic!("{length}: {problem}");
        }
    }
}

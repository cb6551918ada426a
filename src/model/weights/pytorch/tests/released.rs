//! Checkpoints with the structure of the released ones, which Lightning 1.8 wrote: a `state_dict`
//! with shared storages and counters, the state of the loops, of a callback and of the optimiser,
//! and the configuration as omegaconf objects that refer to each other.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    super::{MAX_VALUES, pickle, state_dict},
    forge::{
        call, dict, f32s, int, pickle as whole, rebuild, storage, text, tuple, vector, with_items,
        zip,
    },
    read, refusal,
};
use crate::model::{
    config::Stated,
    weights::{Weights, names},
};

/// A Python object without arguments, stored under a number in the memo, then filled.
fn object(module: &str, name: &str, memo: u8, state: &[u8]) -> Vec<u8> {
    let class = format!("c{module}\n{name}\n)");
    [class.as_bytes(), b"\x81q", &[memo], state, b"b"].concat()
}

/// The object under a number in the memo.
fn again(memo: u8) -> Vec<u8> {
    vec![b'h', memo]
}

/// Metadata of an omegaconf node.
fn metadata(class: &str) -> Vec<u8> {
    let any = b"ctyping\nAny\n".to_vec();
    let class_of = |name: &str| format!("c__builtin__\n{name}\n").into_bytes();
    let cache = call("collections", "defaultdict", &[&class_of("dict")[..], b"\x85"].concat());
    let state = dict(&[
        ("ref_type", any.clone()),
        ("object_type", class_of("list")),
        ("optional", b"\x88".to_vec()),
        ("key", b"N".to_vec()),
        ("flags", dict(&[("struct", b"\x89".to_vec())])),
        ("resolver_cache", cache),
        ("key_type", class_of("long")),
        ("element_type", any),
    ]);
    object("omegaconf.base", class, 2, &state)
}

/// A configuration: a dictionary with a list, whose item refers to the list, and the list to the
/// dictionary.
fn configuration() -> Vec<u8> {
    let node = |value: Vec<u8>| {
        let state =
            dict(&[("_metadata", metadata("Metadata")), ("_parent", again(1)), ("_val", value)]);
        object("omegaconf.nodes", "AnyNode", 3, &state)
    };
    let items =
        [b"](".to_vec(), node(b"G\x3f\xec\xcc\xcc\xcc\xcc\xcc\xcd".to_vec()), b"e".to_vec()];
    let list = dict(&[
        ("_metadata", metadata("ContainerMetadata")),
        ("_parent", again(0)),
        ("_content", items.concat()),
    ]);
    let content = dict(&[
        ("betas", object("omegaconf.listconfig", "ListConfig", 1, &list)),
        ("lr", node(b"G\x3f\x43\xa9\x2a\x30\x55\x32\x61".to_vec())),
        ("name", node(text("hg38"))),
    ]);
    let state = dict(&[
        ("_metadata", metadata("ContainerMetadata")),
        ("_parent", b"N".to_vec()),
        ("_content", content),
    ]);
    object("omegaconf.dictconfig", "DictConfig", 0, &state)
}

fn checkpoint() -> Vec<u8> {
    let count = || rebuild(storage("LongStorage", "2", 1), 0, &[], &[]);
    let matrix = || rebuild(storage("FloatStorage", "0", 6), 0, &[3, 2], &[2, 1]);
    let tensors = [
        ("model.embeddings.weight", matrix()),
        ("model.filter.1.freq", vector("1", 2)),
        ("model.filter.3.freq", vector("1", 2)),
        ("model.filter.5.freq", vector("1", 2)),
        ("model.lm_head.weight", matrix()),
        ("train_torchmetrics.num_tokens.count", count()),
        ("val_torchmetrics.num_tokens.count", count()),
    ];
    let state_dict = with_items(&call("collections", "OrderedDict", b")"), &tensors);
    let progress = dict(&[("total", dict(&[("ready", int(13_300))]))]);
    let loops = dict(&[
        ("fit_loop", dict(&[("state_dict", dict(&[])), ("epoch_progress", progress.clone())])),
        ("validate_loop", dict(&[("state_dict", dict(&[])), ("dataloader_progress", progress)])),
    ]);
    let score = || rebuild(storage("FloatStorage", "3", 1), 0, &[], &[]);
    let best = dict(&[("best_model_score", score()), ("best_model_path", text("val/loss.ckpt"))]);
    let moments = dict(&[("step", score()), ("exp_avg", vector("4", 2))]);
    let state = [b"}K\x00".to_vec(), moments, b"s".to_vec()].concat();
    let group =
        dict(&[("lr", b"G\x3f\x43\xa9\x2a\x30\x55\x32\x61".to_vec()), ("betas", configuration())]);
    let groups = [b"](".to_vec(), group, b"e".to_vec()].concat();
    let optimizer =
        [b"](".to_vec(), dict(&[("state", state), ("param_groups", groups)]), b"e".to_vec()];
    let root = dict(&[
        ("epoch", int(99)),
        ("pytorch-lightning_version", text("1.8.6")),
        ("state_dict", state_dict),
        ("loops", loops),
        ("callbacks", dict(&[("ModelCheckpoint{'monitor': 'val/loss', 'mode': 'min'}", best)])),
        ("optimizer_states", optimizer.concat()),
        ("hparams_name", text("config")),
        // the configuration again, which the optimiser had
        ("hyper_parameters", again(0)),
        ("hparams_type", b"comegaconf.dictconfig\nDictConfig\n".to_vec()),
        ("seeds", tuple(&[int(1_679_554_835_725_926_000)])),
    ]);
    let (matrix, vector) = (f32s(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), f32s(&[10.0, 10.5]));
    zip(
        &whole(&root),
        &[("0", &matrix), ("1", &vector), ("2", &[7; 8]), ("3", &vector[..4]), ("4", &vector)],
    )
}

#[test]
fn the_structure_of_released_checkpoints_is_read() {
    let tensors = read(checkpoint()).unwrap();
    assert_eq!(tensors.len(), 7);
    assert_eq!(tensors["model.embeddings.weight"], tensors["model.lm_head.weight"]);
    assert_eq!(tensors["model.filter.5.freq"].data, [10.0, 10.5]);
    assert_eq!(names::canonical(tensors, false).tensors.len(), 5, "counters are left out");
}

#[test]
fn truncation_is_named_wherever_the_file_ends() {
    let file = checkpoint();
    for length in [5, 100, file.len() / 2, file.len() - 30, file.len() - 23, file.len() - 1] {
        let message = refusal(file[..length].to_vec());
        assert!(message.contains("truncated"), "{length}: {message}");
    }
}

/// The pickle of a real checkpoint that was cut off: the first entry, up to its data descriptor.
fn first_entry(file: &[u8]) -> &[u8] {
    let length = |at: usize| usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
    let start = 30 + length(26) + length(28);
    let end = file.windows(4).position(|bytes| bytes == b"PK\x07\x08").unwrap();
    &file[start..end]
}

/// Name and shape of each tensor of the `state_dict` in a listing of a real checkpoint.
fn listed(listing: &str) -> BTreeMap<String, Vec<usize>> {
    let lines = listing.lines().skip_while(|line| *line != "state_dict:").skip(1);
    let lines = lines.take_while(|line| line.starts_with("  "));
    let entry = |line: &str| {
        let (name, rest) = line.trim().split_once(": ('T', (").unwrap();
        let (shape, _) = rest.split_once(')').unwrap();
        let shape = shape.split(',').filter_map(|size| size.trim().parse().ok());
        (name.to_owned(), shape.collect())
    };
    lines.map(entry).collect()
}

#[test]
fn real_checkpoints_are_read() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/models");
    let folder = shared.join("real-checkpoints");
    if !folder.is_dir() {
        eprintln!("skipped: ../shared/data/models/real-checkpoints is not here");
        return;
    }
    for (name, width, layers) in
        [("tiny-1k", 128, 2), ("tiny-1k-d256", 256, 2), ("small-32k", 256, 4)]
    {
        let file = fs::read(folder.join(format!("{name}.truncated.ckpt"))).unwrap();
        assert!(refusal(file.clone()).contains("truncated"), "{name}");
        let listing = fs::read_to_string(folder.join(format!("{name}.pickle.txt"))).unwrap();
        let listed = listed(&listing);
        assert!(listed.len() > 50, "{name}");

        // the same pickle with storages of zeros
        let bytes = first_entry(&file);
        let parsed = pickle::parse(bytes, MAX_VALUES).unwrap();
        let views = state_dict::views(&parsed).unwrap();
        let storages: BTreeMap<&str, Vec<u8>> = views
            .values()
            .map(|view| {
                let storage = &view.storage;
                (storage.key, vec![0; storage.len * storage.element.size() as usize])
            })
            .collect();
        let storages: Vec<(&str, &[u8])> =
            storages.iter().map(|(key, bytes)| (*key, bytes.as_slice())).collect();
        let tensors = read(zip(bytes, &storages)).unwrap();
        let found: BTreeMap<String, Vec<usize>> =
            tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shape.clone())).collect();
        assert_eq!(found, listed, "{name}");
        let weights = Weights::check(name.into(), tensors, &Stated::default()).unwrap().weights;
        assert_eq!((weights.config.d_model, weights.config.n_layer), (width, layers), "{name}");
    }
}

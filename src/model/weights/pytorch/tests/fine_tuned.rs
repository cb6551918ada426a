//! Checkpoints that others fine-tuned: the backbone in some module, and a head for another task.

use std::{collections::BTreeMap, fs};

use super::forge::{call, dict, f32s, int, lightning, pickle, rebuild, storage, with_items, zip};
use crate::model::{
    config::Config,
    weights::{
        Weights,
        host::listed,
        names,
        source::{self, SourceError},
    },
};

/// A small model without the head of the language model.
fn model() -> Weights {
    let base = source::builtin().unwrap().weights.config;
    let config = Config { d_model: 4, d_inner: 8, filter_order: 6, l_max: 34, ..base };
    let mut weights = Weights::initial(&config, 5);
    weights.tensors.remove(names::HEAD);
    weights
}

/// Tensors of a state_dict by name, as shapes and numbers.
type Tensors = BTreeMap<String, (Vec<i64>, Vec<f32>)>;

/// The tensors of `weights` in a module, and the tensors of a head, with numbers of no meaning.
fn tensors(weights: &Weights, prefix: &str, head: &[(&str, &[i64])]) -> Tensors {
    let of_the_model = weights.tensors.iter().map(|(name, tensor)| {
        let name = name.strip_prefix("backbone.").unwrap_or(name);
        let shape = tensor.shape.iter().map(|&n| n as i64).collect();
        (format!("{prefix}{name}"), (shape, tensor.data.clone()))
    });
    let of_the_head = head.iter().map(|(name, shape)| {
        let numbers = (0..shape.iter().product::<i64>()).map(|i| i as f32).collect();
        ((*name).to_owned(), (shape.to_vec(), numbers))
    });
    of_the_model.chain(of_the_head).collect()
}

/// A file as `torch.save` writes it, with what `root` makes of the entries of the state_dict.
fn file(tensors: &Tensors, root: impl Fn(&[(&str, Vec<u8>)]) -> Vec<u8>) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut storages = Vec::new();
    for (i, (name, (shape, data))) in tensors.iter().enumerate() {
        let mut strides = vec![1; shape.len()];
        for axis in (1..shape.len()).rev() {
            strides[axis - 1] = strides[axis] * shape[axis];
        }
        let storage = storage("FloatStorage", &i.to_string(), data.len() as i64);
        entries.push((name.as_str(), rebuild(storage, 0, shape, &strides)));
        storages.push((i.to_string(), f32s(data)));
    }
    let storages: Vec<(&str, &[u8])> =
        storages.iter().map(|(key, bytes)| (key.as_str(), bytes.as_slice())).collect();
    zip(&root(&entries), &storages)
}

/// `torch.save(model.state_dict(), path)`.
fn bare(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    pickle(&with_items(&call("collections", "OrderedDict", b")"), entries))
}

/// The state_dict beside an optimiser's.
fn beside_an_optimizer(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let optimizer = dict(&[("step", int(3))]);
    pickle(&dict(&[("state_dict", dict(entries)), ("optimizer", optimizer)]))
}

/// Loads a file of this name, with a config.json beside it.
fn load(name: &str, bytes: &[u8]) -> Result<source::Named, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    fs::write(folder.path().join("config.json"), format!("{}", model().config.to_value())).unwrap();
    source::load(path.to_str().unwrap(), &mut |_| {})
}

#[test]
fn the_backbone_is_loaded_and_the_head_left_out() {
    let weights = model();
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a [i64])]);
    let cases: &[Case<'_>] = &[
        // transformers' HyenaDNAForSequenceClassification
        ("pytorch_model.bin", "hyena.backbone.", &[("score.weight", &[2, 4])]),
        // the published training code and the published notebook
        (
            "weights.ckpt",
            "model.backbone.",
            &[
                ("decoder.0.output_transform.bias", &[3]),
                ("decoder.0.output_transform.weight", &[3, 4]),
            ],
        ),
        ("x.pth", "backbone.", &[("head.output_transform.weight", &[2, 4])]),
        // modules of others
        (
            "x.pt",
            "backbone.backbone.",
            &[("classifier.0.weight", &[8, 4]), ("classifier.2.bias", &[1])],
        ),
        ("x.pth", "module.encoder.hyena.backbone.", &[("module.classifier.weight", &[5, 4])]),
        ("x.pth", "", &[("head.bias", &[]), ("head.weight", &[4])]),
    ];
    for (name, prefix, head) in cases {
        let tensors = tensors(&weights, prefix, head);
        for root in [bare, lightning, beside_an_optimizer] {
            let named = load(name, &file(&tensors, root)).unwrap();
            assert!(named.weights.tensors == weights.tensors, "{name} {prefix}");
            assert!(!named.weights.has_head());
            assert_eq!(named.weights.config, weights.config);
            let left_out: Vec<String> =
                head.iter().map(|(name, shape)| format!("{name} {shape:?}")).collect();
            assert_eq!(listed(&named.left_out), left_out.join(", "), "{name} {prefix}");
        }
    }
}

/// A head of the language model beside another head is kept, in whatever module.
#[test]
fn the_head_of_the_language_model_is_kept() {
    let weights = model();
    for name in ["lm_head.weight", "model.lm_head.weight", "backbone.lm_head.weight"] {
        let head: [(&str, &[i64]); 2] = [(name, &[16, 4]), ("score.weight", &[2, 4])];
        let bytes = file(&tensors(&weights, "backbone.hyena.backbone.", &head), bare);
        let named = load("x.pth", &bytes).unwrap();
        assert_eq!(named.weights.untied_head().unwrap().shape, [16, 4]);
        assert_eq!(listed(&named.left_out), "score.weight [2, 4]");
    }
}

#[test]
fn other_surplus_names_are_refused() {
    let weights = model();
    for name in ["fc.weight", "decoder.extra", "scores.weight", "backbone.layers.0.extra"] {
        let head: [(&str, &[i64]); 2] = [(name, &[2, 4]), ("score.weight", &[2, 4])];
        let bytes = file(&tensors(&weights, "backbone.", &head), bare);
        let error = load("x.pth", &bytes).unwrap_err().to_string();
        for part in ["x.pth", &format!("surplus {name} [2, 4]")] {
            assert!(error.contains(part), "{part}: {error}");
        }
        assert!(!error.contains("score.weight"), "{error}");
    }
    // a second backbone with other numbers
    let mut other = weights.clone();
    other.tensors.get_mut(names::EMBEDDING).unwrap().data[0] += 1.0;
    let mut two = tensors(&weights, "model.backbone.", &[]);
    two.extend(tensors(&other, "teacher.backbone.", &[]));
    let error = load("x.pth", &file(&two, bare)).unwrap_err().to_string();
    assert!(error.contains("surplus teacher.backbone.embeddings"), "{error}");
    // a head alone
    let head: [(&str, &[i64]); 1] = [("score.weight", &[2, 4])];
    let alone = Weights { config: weights.config, head: None, tensors: BTreeMap::new() };
    let error = load("x.pth", &file(&tensors(&alone, "", &head), bare)).unwrap_err().to_string();
    assert!(error.contains("a head alone, without a backbone: score.weight [2, 4]"), "{error}");
}

//! Tensor names: every flavour of checkpoint brought to one form.
//!
//! The canonical names are those of the Hub files without the leading `hyena.`:
//! `backbone.layers.N.mixer.in_proj.weight` and so on.

use std::collections::BTreeMap;

use super::host::HostTensor;
use crate::model::config::Config;

/// Shape of each tensor that a model must have, by canonical name.
pub fn required(config: &Config) -> BTreeMap<String, Vec<usize>> {
    let size = |n: i64| usize::try_from(n).unwrap_or(0);
    let (d, inner, f) = (size(config.d_model), size(config.d_inner), size(config.filter_order));
    let mut shapes = BTreeMap::from([
        (EMBEDDING.to_owned(), vec![size(config.vocab_rows), d]),
        ("backbone.ln_f.weight".to_owned(), vec![d]),
        ("backbone.ln_f.bias".to_owned(), vec![d]),
    ]);
    for layer in 0..config.n_layer {
        let mut add = |name: &str, shape: &[usize]| {
            shapes.insert(format!("backbone.layers.{layer}.{name}"), shape.to_vec());
        };
        for (name, rows, columns) in [
            ("mixer.in_proj", 3 * d, d),
            ("mixer.out_proj", d, d),
            ("mlp.fc1", inner, d),
            ("mlp.fc2", d, inner),
        ] {
            add(&format!("{name}.weight"), &[rows, columns]);
            add(&format!("{name}.bias"), &[rows]);
        }
        for norm in ["norm1", "norm2"] {
            add(&format!("{norm}.weight"), &[d]);
            add(&format!("{norm}.bias"), &[d]);
        }
        add("mixer.short_filter.weight", &[3 * d, 1, size(config.short_filter_order)]);
        add("mixer.short_filter.bias", &[3 * d]);
        add("mixer.filter_fn.bias", &[d]);
        for i in 0..=size(config.num_inner_mlps) {
            let columns = if i == 0 { size(config.emb_dim) } else { f };
            add(&format!("mixer.filter_fn.implicit_filter.{}.weight", 2 * i), &[f, columns]);
            add(&format!("mixer.filter_fn.implicit_filter.{}.bias", 2 * i), &[f]);
        }
        add("mixer.filter_fn.implicit_filter.1.freq", &[1, f]);
        let last = 2 * (config.num_inner_mlps + 1);
        add(&format!("mixer.filter_fn.implicit_filter.{last}.weight"), &[d, f]);
    }
    shapes
}

/// Shape of each tensor that a model may have: the buffers that can be computed again, and the head,
/// which is the embedding unless the file says otherwise.
pub fn optional(config: &Config) -> BTreeMap<String, Vec<usize>> {
    let size = |n: i64| usize::try_from(n).unwrap_or(0);
    let (d, l_max) = (size(config.d_model), size(config.l_max));
    let mut shapes = BTreeMap::from([(HEAD.to_owned(), vec![size(config.vocab_rows), d])]);
    for layer in 0..config.n_layer {
        let prefix = format!("backbone.layers.{layer}.mixer.filter_fn");
        shapes.insert(format!("{prefix}.pos_emb.z"), vec![1, l_max, size(config.emb_dim)]);
        shapes.insert(format!("{prefix}.pos_emb.t"), vec![1, l_max, 1]);
        shapes.insert(format!("{prefix}.modulation.deltas"), vec![1, 1, d]);
    }
    shapes
}

/// The embedding matrix.
pub const EMBEDDING: &str = "backbone.embeddings.word_embeddings.weight";
/// The head of the language model.
pub const HEAD: &str = "lm_head.weight";

/// Brings the tensors of any flavour to canonical names.
///
/// Names that become equal must hold equal values (the three copies of `freq`); of two that
/// differ, both are kept under distinct names, so that the strict check reports the surplus one.
/// Counters of the training metrics are left out.
pub fn canonical(tensors: BTreeMap<String, HostTensor>) -> BTreeMap<String, HostTensor> {
    let mut named: BTreeMap<String, HostTensor> = BTreeMap::new();
    for (raw, tensor) in tensors {
        let Some(name) = canonical_name(&raw) else {
            continue;
        };
        match named.get(&name) {
            Some(known) if known == &tensor => {}
            Some(_) => {
                // the canonical name itself may be the second to come
                let surplus = if raw == name { format!("{raw} (second)") } else { raw };
                named.insert(surplus, tensor);
            }
            None => {
                named.insert(name, tensor);
            }
        }
    }
    named
}

/// Modules that may hold the model.
const PREFIXES: [&str; 3] = ["module.", "model.", "hyena."];

/// The canonical form of one name; `None` if it is not part of the model.
fn canonical_name(raw: &str) -> Option<String> {
    if raw.contains("torchmetrics.") {
        return None;
    }
    // torch.compile names the module that it wraps, at any place
    let name = raw.replace("_orig_mod.", "");
    let mut name = name.as_str();
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        name = rest;
    }
    let name = name.replace(".mixer.layer.", ".mixer.").replace(".mlp.layer.", ".mlp.");
    Some(match name.split_once(".implicit_filter.") {
        Some((head, tail)) if tail.ends_with(".freq") => format!("{head}.implicit_filter.1.freq"),
        _ => name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flavour_has_one_name() {
        for raw in [
            "model.backbone.layers.0.mixer.layer.in_proj.weight",
            "model.backbone.layers.0.mixer.in_proj.weight",
            "hyena.backbone.layers.0.mixer.in_proj.weight",
            "backbone.layers.0.mixer.in_proj.weight",
            "_orig_mod.backbone.layers.0.mixer.in_proj.weight",
            "model._orig_mod.backbone.layers.0.mixer.layer.in_proj.weight",
            "module._orig_mod.hyena.backbone.layers.0._orig_mod.mixer.in_proj.weight",
            "_orig_mod.module.model.backbone.layers.0.mixer.in_proj.weight",
        ] {
            let name = canonical_name(raw).unwrap();
            assert_eq!(name, "backbone.layers.0.mixer.in_proj.weight");
        }
        assert_eq!(canonical_name("model.lm_head.weight").unwrap(), HEAD);
        assert_eq!(canonical_name("train_torchmetrics.num_tokens.count"), None);
    }

    #[test]
    fn copies_of_freq_merge_only_when_equal() {
        let freq = |value| HostTensor { shape: vec![1], data: vec![value] };
        let name = |i| format!("model.backbone.layers.0.mixer.filter_fn.implicit_filter.{i}.freq");
        let equal = canonical(BTreeMap::from([(name(1), freq(1.0)), (name(3), freq(1.0))]));
        assert_eq!(equal.len(), 1);
        let differing = canonical(BTreeMap::from([(name(1), freq(1.0)), (name(3), freq(2.0))]));
        assert_eq!(differing.len(), 2);
    }
}

//! Tensor names: every flavour of checkpoint brought to one form.
//!
//! The canonical names are those of the Hub files without the leading `hyena.`:
//! `backbone.layers.N.mixer.in_proj.weight` and so on.

use std::collections::BTreeMap;

use super::host::HostTensor;
use crate::model::{config::Config, head};

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

/// Tensors of a file by canonical name.
#[derive(Debug, Default)]
pub struct Canonical {
    /// Tensors of the model, and any surplus ones.
    pub tensors: BTreeMap<String, HostTensor>,
    /// Tensors of heads for other tasks, by their names in the file.
    pub heads: BTreeMap<String, HostTensor>,
}

/// Brings the tensors of any flavour to canonical names.
///
/// Names that become equal must hold equal values (the three copies of `freq`); of two that
/// differ, both are kept under distinct names, so that the strict check reports the surplus one.
/// Counters of the training metrics are left out, and heads of fine-tuned models are set apart; not
/// those of our own layout (`head.N.weight`) if `own_head` says that the model has one.
pub fn canonical(tensors: BTreeMap<String, HostTensor>, own_head: bool) -> Canonical {
    let mut named = Canonical::default();
    for (raw, tensor) in tensors {
        if raw.contains("torchmetrics.") {
            continue;
        }
        if is_of_a_head(&raw) && !(own_head && raw.starts_with(head::PREFIX)) {
            named.heads.insert(raw, tensor);
            continue;
        }
        let name = canonical_name(&raw);
        match named.tensors.get(&name) {
            Some(known) if known == &tensor => {}
            Some(_) => {
                // the canonical name itself may be the second to come
                let surplus = if raw == name { format!("{raw} (second)") } else { raw };
                named.tensors.insert(surplus, tensor);
            }
            None => {
                named.tensors.insert(name, tensor);
            }
        }
    }
    named
}

/// True if a tensor belongs to a head for another task: `head` (published examples), `score`
/// (transformers), `classifier`, or `decoder` with its `output_transform` (published training code),
/// in whatever module.
fn is_of_a_head(raw: &str) -> bool {
    let mut parts = raw.split('.');
    while let Some(part) = parts.next() {
        match part {
            "head" | "score" | "classifier" => return parts.next().is_some(),
            "decoder" => {
                let mut rest = parts.clone().skip_while(|part| part.parse::<usize>().is_ok());
                return rest.next() == Some("output_transform");
            }
            _ => {}
        }
    }
    false
}

/// Modules that may hold the model.
const PREFIXES: [&str; 3] = ["module.", "model.", "hyena."];

/// The canonical form of one name.
fn canonical_name(raw: &str) -> String {
    // torch.compile names the module that it wraps, at any place
    let name = raw.replace("_orig_mod.", "");
    let name = match of_the_backbone(&name) {
        Some(rest) => format!("backbone.{rest}"),
        None => {
            let mut rest = name.as_str();
            while let Some(inner) = PREFIXES.iter().find_map(|prefix| rest.strip_prefix(prefix)) {
                rest = inner;
            }
            let is_head = rest.strip_suffix(HEAD).is_some_and(|m| m.is_empty() || m.ends_with('.'));
            if is_head { HEAD.to_owned() } else { rest.to_owned() }
        }
    };
    let name = name.replace(".mixer.layer.", ".mixer.").replace(".mlp.layer.", ".mlp.");
    match name.split_once(".implicit_filter.") {
        Some((head, tail)) if tail.ends_with(".freq") => format!("{head}.implicit_filter.1.freq"),
        _ => name,
    }
}

/// The name within the backbone, in whatever modules the file has it; `None` for another tensor.
fn of_the_backbone(name: &str) -> Option<&str> {
    let mut rest = name;
    loop {
        let is_part = match rest.split_once('.') {
            Some(("embeddings", inner)) => inner.starts_with("word_embeddings."),
            Some(("ln_f", inner)) => !inner.contains('.'),
            Some(("layers", inner)) => inner.split_once('.').is_some_and(|(number, inner)| {
                let modules = ["mixer.", "mlp.", "norm1.", "norm2."];
                number.parse::<usize>().is_ok()
                    && modules.iter().any(|module| inner.starts_with(module))
            }),
            _ => false,
        };
        if is_part {
            return Some(rest);
        }
        rest = rest.split_once('.')?.1;
    }
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
            assert_eq!(canonical_name(raw), "backbone.layers.0.mixer.in_proj.weight");
        }
        for raw in ["lm_head.weight", "model.lm_head.weight", "backbone.lm_head.weight"] {
            assert_eq!(canonical_name(raw), HEAD);
        }
        let counter = "train_torchmetrics.num_tokens.count".to_owned();
        let tensor = HostTensor { shape: vec![1], data: vec![0.0] };
        let named = canonical(BTreeMap::from([(counter, tensor)]), false);
        assert!(named.tensors.is_empty() && named.heads.is_empty());
    }

    /// The backbone of a fine-tuned model may be in any module, or in none.
    #[test]
    fn the_backbone_is_found_in_any_module() {
        for prefix in ["", "backbone.", "backbone.backbone.", "module.encoder.hyena.backbone."] {
            for name in [
                "embeddings.word_embeddings.weight",
                "layers.11.norm2.bias",
                "layers.0.mixer.filter_fn.pos_emb.z",
                "ln_f.weight",
            ] {
                let raw = format!("{prefix}{name}");
                assert_eq!(canonical_name(&raw), format!("backbone.{name}"), "{raw}");
            }
        }
        for other in ["encoder.layers.0.attention.weight", "ln_f.extra.weight", "layers.x.norm1.b"]
        {
            assert_eq!(canonical_name(other), other);
        }
    }

    #[test]
    fn heads_of_other_tasks_are_known() {
        for head in [
            "head.weight",
            "head.output_transform.weight",
            "score.weight",
            "model.score.weight",
            "module.classifier.3.bias",
            "classifier.layers.0.norm1.weight",
            "decoder.0.output_transform.weight",
            "decoder.output_transform.bias",
        ] {
            assert!(is_of_a_head(head), "{head}");
        }
        for other in [
            "lm_head.weight",
            "head",
            "decoder.extra",
            "decoder.0.other.weight",
            "heads.weight",
            "backbone.layers.0.mixer.in_proj.weight",
        ] {
            assert!(!is_of_a_head(other), "{other}");
        }
    }

    #[test]
    fn copies_of_freq_merge_only_when_equal() {
        let freq = |value| HostTensor { shape: vec![1], data: vec![value] };
        let name = |i| format!("model.backbone.layers.0.mixer.filter_fn.implicit_filter.{i}.freq");
        let equal = canonical(BTreeMap::from([(name(1), freq(1.0)), (name(3), freq(1.0))]), false);
        assert_eq!(equal.tensors.len(), 1);
        let differing =
            canonical(BTreeMap::from([(name(1), freq(1.0)), (name(3), freq(2.0))]), false);
        assert_eq!(differing.tensors.len(), 2);
    }
}

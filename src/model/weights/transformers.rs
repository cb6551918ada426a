//! Writes a model for Python's `transformers`: the Hub layout with all buffers, the place of the
//! model code, and a tokenizer that needs no code.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{
    Weights, buffers,
    convert::{ConvertError, write_text, write_weights},
};
use crate::{
    hub::released::ORGANISATION,
    model::{config::Config, head},
};

/// Repository on the Hub with the model code; each of the `-hf` repositories has the same.
const CODE: &str = "hyenadna-tiny-1k-seqlen-hf";

/// Tokens that stand for no base, by number.
const SPECIAL: [&str; 7] = ["[CLS]", "[SEP]", "[BOS]", "[MASK]", "[PAD]", "[RESERVED]", "[UNK]"];

/// Writes `model.safetensors`, `config.json`, `tokenizer.json` and `tokenizer_config.json` into
/// `folder`, which must exist.
///
/// `transformers` creates a model without values and fills it from the file, so the buffers must be
/// in it. The model code is on the Hub, and `config.json` refers to it there.
///
/// # Errors
/// See [`ConvertError`].
pub fn write_folder(weights: &Weights, folder: &Path) -> Result<(), ConvertError> {
    let mut weights = weights.clone();
    buffers::add_missing(&mut weights)?;
    weights.tensors.retain(|name, _| !name.starts_with(head::PREFIX)); // that code has no such head
    write_weights(&weights, folder)?;
    let write = |name, value: &Value| write_text(folder, name, &format!("{value:#}\n"));
    write("config.json", &config(&weights.config))?;
    write("tokenizer.json", &tokenizer())?;
    write("tokenizer_config.json", &tokenizer_config(&weights.config))
}

fn config(config: &Config) -> Value {
    let mut value = config.to_value();
    let code = |class: &str| json!(format!("{ORGANISATION}/{CODE}--{class}"));
    value["auto_map"] = json!({
        "AutoConfig": code("configuration_hyena.HyenaConfig"),
        "AutoModel": code("modeling_hyena.HyenaDNAModel"),
        "AutoModelForCausalLM": code("modeling_hyena.HyenaDNAForCausalLM"),
        "AutoModelForSequenceClassification":
            code("modeling_hyena.HyenaDNAForSequenceClassification"),
    });
    value
}

/// One token a base, as this program feeds them: lower case is upper case, U is T, other IUPAC letters
/// are N, and no special token is added.
fn tokenizer() -> Value {
    let mut vocabulary = Map::new();
    for (id, token) in SPECIAL.into_iter().chain(["A", "C", "G", "T", "N"]).enumerate() {
        vocabulary.insert(token.to_owned(), json!(id));
    }
    let special = SPECIAL.into_iter().enumerate().map(|(id, token)| {
        json!({
            "id": id, "content": token, "special": true, "normalized": false,
            "single_word": false, "lstrip": false, "rstrip": false,
        })
    });
    let replaced = [
        ("a", "A"),
        ("c", "C"),
        ("g", "G"),
        ("[tuU]", "T"),
        ("[nrRyYsSwWkKmMbBdDhHvV]", "N"),
    ]
    .map(|(pattern, base)| {
        json!({"type": "Replace", "pattern": {"Regex": pattern}, "content": base})
    });
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": special.collect::<Vec<_>>(),
        "normalizer": {"type": "Sequence", "normalizers": replaced},
        "pre_tokenizer": {
            "type": "Split", "pattern": {"Regex": "."}, "behavior": "Isolated", "invert": false,
        },
        "post_processor": null,
        "decoder": {"type": "Fuse"},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    })
}

fn tokenizer_config(config: &Config) -> Value {
    json!({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": config.context(),
        "model_input_names": ["input_ids"], // the model code takes no attention mask
        "padding_side": "right",
        "clean_up_tokenization_spaces": false,
        "bos_token": "[BOS]",
        "cls_token": "[CLS]",
        "eos_token": "[SEP]",
        "mask_token": "[MASK]",
        "pad_token": "[PAD]",
        "sep_token": "[SEP]",
        "unk_token": "[UNK]",
    })
}

//! The architecture of a checkpoint: read from `config.json` in either flavour, corrected by the
//! tensors themselves.

use serde_json::{Value, json};
use thiserror::Error;

use super::head::HeadConfig;

/// Everything that the forward pass must know besides the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Width of the residual stream, D.
    pub d_model: i64,
    /// Number of blocks.
    pub n_layer: i64,
    /// Width of the MLP.
    pub d_inner: i64,
    /// Rows of the embedding: the vocabulary of 12, padded to 16.
    pub vocab_rows: i64,
    /// Features of the positional embedding that feeds the filters.
    pub emb_dim: i64,
    /// Width of the filter MLP.
    pub filter_order: i64,
    /// Inner layers of the filter MLP.
    pub num_inner_mlps: i64,
    /// Taps of the short convolution.
    pub short_filter_order: i64,
    /// Positions that the filters are laid out for; two more than the context.
    pub l_max: i64,
    /// ε of the layer norms.
    pub layer_norm_epsilon: f64,
    /// Limit of the decay of the filters: 0.05 in the published model code, 0 in the training code.
    pub shift: f64,
    /// Frequency that the sine activations start from when training from scratch.
    pub activation_freq: f64,
}

/// A configuration that cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// Invalid JSON.
    #[error("config.json is not valid JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A value of another type.
    #[error("config.json: {key} is {found}, expected {expected}")]
    Kind {
        /// Key in the file.
        key: &'static str,
        /// Value in the file.
        found: Value,
        /// Expected type.
        expected: &'static str,
    },
    /// The description of a head cannot be used.
    #[error("config.json: head: {0}")]
    Head(#[source] serde_json::Error),
    /// A variant of the model that this program does not implement.
    #[error("config.json has {key} = {found}, but only {expected} is supported")]
    Unsupported {
        /// Key in the file.
        key: &'static str,
        /// Value in the file.
        found: Value,
        /// Supported values.
        expected: &'static str,
    },
}

/// Values that a `config.json` states; those that it leaves out are `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stated {
    /// Width of the model.
    pub d_model: Option<i64>,
    /// Number of layers.
    pub n_layer: Option<i64>,
    /// Width of the hidden layer of the MLP.
    pub d_inner: Option<i64>,
    /// Width of the positional features of the filter network.
    pub emb_dim: Option<i64>,
    /// Width of the filter network.
    pub filter_order: Option<i64>,
    /// Length that the filters are laid out for.
    pub l_max: Option<i64>,
    /// Epsilon of the norms.
    pub layer_norm_epsilon: Option<f64>,
    /// Shift of the decay of the filters.
    pub shift: Option<f64>,
    /// Frequency of the sines of the filter network.
    pub activation_freq: Option<f64>,
    /// Head for a task.
    pub head: Option<HeadConfig>,
}

impl Stated {
    /// Reads either flavour: flat as on the Hub, or nested (`layer: {…}`) as Lightning wrote it.
    ///
    /// # Errors
    /// Invalid JSON, or a Hyena order other than 2.
    pub fn parse(json: &[u8]) -> Result<Self, ConfigError> {
        let root: Value = serde_json::from_slice(json)?;
        let layer = root.get("layer").cloned().unwrap_or(Value::Null);
        let find = |keys: &[&str]| {
            keys.iter().find_map(|key| root.get(key).or_else(|| layer.get(key))).cloned()
        };
        if !root.is_object() {
            return Err(ConfigError::Kind { key: "the file", found: root, expected: "an object" });
        }
        let int = |keys: &[&'static str]| match find(keys) {
            None | Some(Value::Null) => Ok(None),
            Some(found) => found.as_i64().map(Some).ok_or(ConfigError::Kind {
                key: keys[0],
                found,
                expected: "a whole number",
            }),
        };
        let float = |keys: &[&'static str]| match find(keys) {
            None | Some(Value::Null) => Ok(None),
            Some(found) => found.as_f64().map(Some).ok_or(ConfigError::Kind {
                key: keys[0],
                found,
                expected: "a number",
            }),
        };
        for key in ["hyena_order", "order"] {
            if let Some(found) = find(&[key]).filter(|v| v.as_i64() != Some(2)) {
                return Err(ConfigError::Unsupported { key: "hyena_order", found, expected: "2" });
            }
        }
        Ok(Self {
            d_model: int(&["d_model"])?,
            n_layer: int(&["n_layer"])?,
            d_inner: int(&["d_inner"])?,
            emb_dim: int(&["emb_dim"])?,
            filter_order: int(&["filter_order"])?,
            l_max: int(&["max_seq_len", "l_max"])?,
            layer_norm_epsilon: float(&["layer_norm_epsilon"])?,
            shift: float(&["shift"])?,
            activation_freq: float(&["activation_freq", "w"])?,
            head: match root.get("head") {
                None | Some(Value::Null) => None,
                Some(head) => {
                    let head: HeadConfig =
                        serde_json::from_value(head.clone()).map_err(ConfigError::Head)?;
                    match head.problem() {
                        Some(problem) => {
                            let source = serde::de::Error::custom(problem);
                            return Err(ConfigError::Head(source));
                        }
                        None => Some(head),
                    }
                }
            },
        })
    }
}

impl Config {
    /// The longest sequence that the model reads, in bases.
    pub fn context(&self) -> i64 {
        self.l_max - 2
    }

    /// Contents of `config.json` in the Hub flavour.
    pub fn to_value(&self) -> Value {
        let mut value = json!({
            "architectures": ["HyenaDNAForCausalLM"],
            "model_type": "hyenadna",
            "activation_freq": self.activation_freq,
            "d_inner": self.d_inner,
            "d_model": self.d_model,
            "emb_dim": self.emb_dim,
            "embed_dropout": 0.1,
            "filter_order": self.filter_order,
            "hyena_dropout": 0.0,
            "hyena_filter_dropout": 0.0,
            "hyena_order": 2,
            "initializer_range": 0.02,
            "layer_norm_epsilon": self.layer_norm_epsilon,
            "max_seq_len": self.l_max,
            "n_layer": self.n_layer,
            "num_inner_mlps": self.num_inner_mlps,
            "pad_token_id": 4,
            "pad_vocab_size_multiple": 8,
            "short_filter_order": self.short_filter_order,
            "tie_word_embeddings": false,
            "torch_dtype": "float32",
            "train_freq": true,
            "use_bias": true,
            "vocab_size": 12,
        });
        if self.shift != DEFAULT_SHIFT {
            value["shift"] = json!(self.shift);
        }
        value
    }
}

/// The shift of the published model code.
pub const DEFAULT_SHIFT: f64 = 0.05;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_flavours_say_the_same() {
        let flat = br#"{"d_model":128,"n_layer":2,"d_inner":512,"emb_dim":5,"filter_order":64,
            "max_seq_len":1026,"activation_freq":10,"hyena_order":2}"#;
        let nested = br#"{"d_model":128,"n_layer":2,"d_inner":512,
            "layer":{"emb_dim":5,"filter_order":64,"l_max":1026,"w":10,"local_order":3}}"#;
        let flat = Stated::parse(flat).unwrap();
        assert_eq!(flat, Stated::parse(nested).unwrap());
        assert_eq!((flat.l_max, flat.activation_freq), (Some(1026), Some(10.0)));
    }

    #[test]
    fn another_order_is_refused() {
        let error = Stated::parse(br#"{"hyena_order":3}"#).unwrap_err();
        assert!(error.to_string().contains("hyena_order = 3"), "{error}");
        assert!(Stated::parse(b"{").is_err());
    }
}

//! Weights as a file holds them, checked against the architecture before anything is computed.

pub mod buffers;
pub mod convert;
pub mod folder;
pub mod foreign;
pub mod host;
pub mod identity;
pub mod initial;
pub mod names;
pub mod padding_rows;
pub mod pytorch;
pub mod safetensors_file;
pub mod source;
pub mod transformers;

use std::{collections::BTreeMap, io, path::PathBuf};

use thiserror::Error;

use super::{
    config::{Config, ConfigError, DEFAULT_SHIFT, Stated},
    head::{self, Head, HeadConfig},
    tokenizer::VOCABULARY,
};
use host::HostTensor;
use names::Canonical;

/// Weights that cannot be used.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: io::Error,
    },
    /// A `.safetensors` file is damaged, or holds a type that is not a float.
    #[error("{path} is not a usable safetensors file: {reason}; fetch or convert it again")]
    Safetensors {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        reason: String,
    },
    /// A Lightning checkpoint is damaged or dangerous.
    #[error(transparent)]
    Checkpoint(Box<pytorch::CheckpointError>),
    /// `config.json` cannot be used.
    #[error("{path}: {source}")]
    Config {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: ConfigError,
    },
    /// Tensors are missing, surplus or have the wrong shape.
    #[error(
        "{path} does not hold a HyenaDNA model:{list}\nexpected are the tensors of a released checkpoint (Hub or Lightning flavour) with {layers} layers of width {width}"
    )]
    Mismatch {
        /// Path of the file.
        path: PathBuf,
        /// Tensors that are missing, surplus or misshapen, one a line.
        list: String,
        /// Number of layers expected.
        layers: i64,
        /// Width expected.
        width: i64,
    },
    /// Sizes that no model has: a damaged or crafted file.
    #[error("{path} does not hold a HyenaDNA model: {problem}; fetch or convert it again")]
    Implausible {
        /// Path of the file.
        path: PathBuf,
        /// Problem.
        problem: String,
    },
    /// The length that the filters are laid out for is nowhere to be found.
    #[error(
        "{path}: neither the tensors (pos_emb.z) nor a config.json beside them (max_seq_len) say which length the filters are laid out for; put the model's config.json into the same folder"
    )]
    NoLength {
        /// Path of the file.
        path: PathBuf,
    },
}

/// A model in host memory: every required tensor is there with its right shape, and nothing else.
#[derive(Debug, Clone)]
pub struct Weights {
    /// The architecture, as the tensors show it.
    pub config: Config,
    /// Description of the head for a task; its tensors are among the others.
    pub head: Option<HeadConfig>,
    /// Tensors by canonical name.
    pub tensors: BTreeMap<String, HostTensor>,
}

/// Checked weights of a file, and remarks on the file.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The weights.
    pub weights: Weights,
    /// Disagreements of `config.json` and the tensors, in words.
    pub disagreements: Vec<String>,
    /// Heads for other tasks that were left out: tensors by their names in the file.
    pub left_out: BTreeMap<String, HostTensor>,
}

impl Weights {
    /// Names the tensors, takes the architecture from their shapes (and from `stated` what shapes
    /// do not show), and checks that they are complete. Heads for other tasks are left out.
    ///
    /// # Errors
    /// One error that names every missing, surplus and misshapen tensor. `path` is for messages.
    pub fn check(
        path: PathBuf,
        raw: BTreeMap<String, HostTensor>,
        stated: &Stated,
    ) -> Result<Checked, WeightsError> {
        let Canonical { tensors, heads: left_out } = names::canonical(raw, stated.head.is_some());
        if tensors.is_empty() && !left_out.is_empty() {
            let problem =
                format!("it has a head alone, without a backbone: {}", host::listed(&left_out));
            return Err(WeightsError::Implausible { path, problem });
        }
        let (config, disagreements) = infer(&tensors, stated);
        if let Some(problem) = implausible(&config, tensors.len()) {
            return Err(WeightsError::Implausible { path, problem });
        }
        let (mut required, optional) = (names::required(&config), names::optional(&config));
        required.extend(stated.head.iter().flat_map(|head| head.shapes(config.d_model)));
        let mut problems = Vec::new();
        for name in required.keys().filter(|name| !tensors.contains_key(*name)) {
            problems.push(format!("\n  missing {name}"));
        }
        for (name, tensor) in &tensors {
            match required.get(name).or_else(|| optional.get(name)) {
                None => problems.push(format!("\n  surplus {name} {:?}", tensor.shape)),
                // without a length there is nothing to compare the buffers with
                Some(_) if config.l_max == 0 && name.contains(".pos_emb.") => {}
                Some(shape) if *shape != tensor.shape => problems
                    .push(format!("\n  misshapen {name} {:?}, expected {shape:?}", tensor.shape)),
                Some(_) => {}
            }
        }
        if !problems.is_empty() {
            return Err(WeightsError::Mismatch {
                path,
                list: problems.concat(),
                layers: config.n_layer,
                width: config.d_model,
            });
        }
        if config.l_max == 0 {
            return Err(WeightsError::NoLength { path });
        }
        let head = stated.head.clone();
        Ok(Checked { weights: Self { config, head, tensors }, disagreements, left_out })
    }

    /// Number of trained weights: buffers are not counted, tied tensors once.
    pub fn parameters(&self) -> usize {
        let mut required = names::required(&self.config);
        required.extend(self.head.iter().flat_map(|head| head.shapes(self.config.d_model)));
        let trained = self.tensors.iter().filter(|(name, _)| required.contains_key(*name));
        let head = self.untied_head().map_or(0, |head| head.data.len());
        trained.map(|(_, tensor)| tensor.data.len()).sum::<usize>() + head
    }

    /// The head for a task, if there is one.
    pub fn task_head(&self) -> Option<Head> {
        Head::new(self.head.as_ref()?, &self.tensors)
    }

    /// Removes the head for a task, if there is one, and returns its description.
    pub fn drop_task_head(&mut self) -> Option<HeadConfig> {
        self.tensors.retain(|name, _| !name.starts_with(head::PREFIX));
        self.head.take()
    }

    /// True if the file has the head of the language model; else the embedding is the head.
    pub fn has_head(&self) -> bool {
        self.tensors.contains_key(names::HEAD)
    }

    /// The head of the language model where it differs from the embedding.
    pub fn untied_head(&self) -> Option<&HostTensor> {
        let head = self.tensors.get(names::HEAD)?;
        (Some(head) != self.tensors.get(names::EMBEDDING)).then_some(head)
    }
}

/// Most taps of the short filter: those that the C++ of processors has room for. Published models have 3.
const MOST_TAPS: i64 = 16;

/// Longest sequence that a configuration may claim, in bases: 16 times that of any released model.
pub const LONGEST: i64 = 1 << 24;

/// Describes a size that no model can have, before anything is computed or allocated from it. The
/// configuration is that of a file of `tensors` tensors.
pub fn implausible(config: &Config, tensors: usize) -> Option<String> {
    let sizes = [
        ("layers", config.n_layer, 1..=tensors as i64),
        ("a width (d_model) of", config.d_model, 1..=1 << 20),
        ("an MLP width (d_inner) of", config.d_inner, 1..=1 << 22),
        ("rows of the embedding:", config.vocab_rows, VOCABULARY as i64..=1 << 16),
        ("a filter width (filter_order) of", config.filter_order, 1..=1 << 16),
        ("inner filter layers:", config.num_inner_mlps, 0..=tensors as i64),
        ("taps of the short filter:", config.short_filter_order, 1..=MOST_TAPS),
        ("a length (max_seq_len) of", config.l_max, 0..=LONGEST),
    ];
    let wrong = sizes.into_iter().find(|(_, size, range)| !range.contains(size));
    if let Some((what, size, range)) = wrong {
        return Some(format!("{what} {size}, expected {} to {}", range.start(), range.end()));
    }
    if config.l_max == 1 || config.l_max == 2 {
        return Some(format!(
            "a length (max_seq_len) of {}, which leaves no context; expected 3 or more",
            config.l_max
        ));
    }
    let bands = config.emb_dim - 1;
    (bands < 2 || bands % 2 != 0 || bands > 1 << 10).then(|| {
        format!("positions of width (emb_dim) {}, expected an odd number from 3 on", config.emb_dim)
    })
}

/// The architecture that the shapes show, and where `stated` disagrees.
fn infer(tensors: &BTreeMap<String, HostTensor>, stated: &Stated) -> (Config, Vec<String>) {
    let dim = |name: &str, axis: usize| {
        tensors.get(name).and_then(|t| t.shape.get(axis)).map(|&n| n as i64)
    };
    let first = "backbone.layers.0";
    let filter = format!("{first}.mixer.filter_fn");
    let indices = |prefix: &str, suffix: &str| {
        tensors
            .keys()
            .filter_map(|name| name.strip_prefix(prefix)?.split_once(suffix)?.0.parse::<i64>().ok())
            .max()
    };
    let layers = indices("backbone.layers.", ".").map(|last| last.saturating_add(1));
    let mut disagreements = Vec::new();
    let mut settle = |key: &str, shown: Option<i64>, stated: Option<i64>, default: i64| {
        if let (Some(shown), Some(stated)) = (shown, stated)
            && shown != stated
        {
            disagreements.push(format!(
                "config.json states {key} = {stated}, but the tensors have {shown}; the tensors are right"
            ));
        }
        shown.or(stated).unwrap_or(default)
    };
    let inner = indices(&format!("{filter}.implicit_filter."), ".bias");
    let config = Config {
        d_model: settle("d_model", dim(names::EMBEDDING, 1), stated.d_model, 128),
        n_layer: settle("n_layer", layers, stated.n_layer, 1),
        d_inner: settle("d_inner", dim(&format!("{first}.mlp.fc1.weight"), 0), stated.d_inner, 512),
        vocab_rows: dim(names::EMBEDDING, 0).unwrap_or(16),
        emb_dim: settle(
            "emb_dim",
            dim(&format!("{filter}.implicit_filter.0.weight"), 1),
            stated.emb_dim,
            5,
        ),
        filter_order: settle(
            "filter_order",
            dim(&format!("{filter}.implicit_filter.0.weight"), 0),
            stated.filter_order,
            64,
        ),
        num_inner_mlps: inner.map_or(2, |last| last / 2),
        short_filter_order: dim(&format!("{first}.mixer.short_filter.weight"), 2).unwrap_or(3),
        l_max: settle("max_seq_len", dim(&format!("{filter}.pos_emb.z"), 1), stated.l_max, 0),
        layer_norm_epsilon: stated.layer_norm_epsilon.unwrap_or(1e-5),
        shift: stated.shift.unwrap_or(DEFAULT_SHIFT),
        activation_freq: stated.activation_freq.unwrap_or(10.0),
    };
    (config, disagreements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::source;

    fn small() -> (BTreeMap<String, HostTensor>, Stated) {
        let config = Config {
            d_model: 4,
            d_inner: 8,
            filter_order: 6,
            l_max: 10,
            ..source::builtin().unwrap().weights.config
        };
        let zeros =
            |shape: Vec<usize>| HostTensor { data: vec![0.0; shape.iter().product()], shape };
        let tensors = names::required(&config).into_iter().map(|(n, s)| (n, zeros(s))).collect();
        (tensors, Stated { l_max: Some(10), ..Stated::default() })
    }

    #[test]
    fn names_every_offending_tensor_at_once() {
        let (mut tensors, stated) = small();
        tensors.remove("backbone.ln_f.bias");
        tensors.insert("decoder.extra".into(), HostTensor { shape: vec![1], data: vec![0.0] });
        let bias = tensors.get_mut("backbone.layers.1.norm1.bias").unwrap();
        *bias = HostTensor { shape: vec![5], data: vec![0.0; 5] };
        let error = Weights::check("m.safetensors".into(), tensors, &stated).unwrap_err();
        let message = error.to_string();
        for part in [
            "missing backbone.ln_f.bias",
            "surplus decoder.extra",
            "misshapen backbone.layers.1.norm1.bias [5], expected [4]",
        ] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn shapes_win_over_a_wrong_config() {
        let (tensors, stated) = small();
        let wrong = Stated { d_model: Some(256), ..stated };
        let Checked { weights, disagreements, .. } =
            Weights::check("m".into(), tensors, &wrong).unwrap();
        assert_eq!((weights.config.d_model, weights.config.n_layer), (4, 2));
        assert!(disagreements[0].contains("d_model = 256"), "{disagreements:?}");
    }

    #[test]
    fn heads_of_other_tasks_are_left_out() {
        let (mut tensors, stated) = small();
        let score = HostTensor { shape: vec![2, 4], data: vec![0.0; 8] };
        tensors.insert("model.score.weight".into(), score);
        let checked = Weights::check("m".into(), tensors.clone(), &stated).unwrap();
        assert_eq!(host::listed(&checked.left_out), "model.score.weight [2, 4]");
        assert!(!checked.weights.has_head() && !checked.weights.tensors.contains_key("score"));
        tensors.insert("scores".into(), HostTensor { shape: vec![1], data: vec![0.0] });
        let error = Weights::check("m".into(), tensors, &stated).unwrap_err().to_string();
        assert!(error.contains("surplus scores [1]") && !error.contains("score.weight"), "{error}");
    }

    #[test]
    fn a_length_must_be_known() {
        let (tensors, _) = small();
        let error = Weights::check("m".into(), tensors, &Stated::default()).unwrap_err();
        assert!(matches!(error, WeightsError::NoLength { .. }), "{error}");
    }
}

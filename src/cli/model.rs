//! Arguments about the model, shared by commands.

pub mod names;

use std::{
    num::NonZero,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::{
    Args, ValueEnum,
    builder::{RangedU64ValueParser, TypedValueParser},
};

use self::names::{BUILTIN_ARGUMENT, ModelSpec};
use super::{Global, download::draw_download};
use crate::{
    formats::number::counted,
    inference::{
        check::once::check_once, computed::Limits, engine::Engine, memory, place::Place,
        runner::Runner,
    },
    model::{
        head::Head,
        libtorch::{self, devices},
        network::{HyenaDna, leaves::Precision},
        tokenizer::{NToken, Tokenizer},
        weights::{
            host::listed,
            padding_rows,
            source::{self, Named},
        },
    },
    process::logging::Display,
};

/// The model, and options of running it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelArgs {
    /// Model: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as
    /// hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]
    #[arg(short, long, env = "HYENADNA_MODEL", hide_env_values = true, value_name = "MODEL")]
    #[arg(value_parser = ModelSpec, hide_possible_values = true)]
    pub model: Option<String>,
    /// Input that stands for N
    #[arg(long, value_name = "TOKEN", default_value = "auto")]
    pub n_token: NTokenChoice,
    /// Largest number of bases computed at once on a thread; lower it if memory runs out [default:
    /// the fastest]
    #[arg(long, value_name = "N", value_parser = batch_tokens())]
    pub batch_tokens: Option<NonZero<usize>>,
    /// Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)
    #[arg(long, value_name = "TYPE", default_value = "fp32")]
    pub dtype: Precision,
    /// Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of
    /// the free memory, at most 2G]
    #[arg(long, value_name = "BYTES")]
    pub cache_bytes: Option<Size>,
    /// Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always
    /// compared (docs/gpu.md)
    #[arg(long)]
    pub check_device: bool,
}

/// Choice of the input that stands for N.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NTokenChoice {
    /// n if the model was trained with it, else zero
    Auto,
    /// The token of N
    N,
    /// The token of padding, like the first public data loader
    Pad,
    /// A vector of zeros
    Zero,
}

/// Parser of `--batch-tokens`, whose product with a number of threads is counted.
fn batch_tokens() -> impl TypedValueParser<Value = NonZero<usize>> {
    let range = RangedU64ValueParser::<usize>::new().range(1..=1 << 32);
    range.map(|tokens| NonZero::new(tokens).unwrap_or(NonZero::<usize>::MIN))
}

/// A number of bytes, written as in samtools: 1000, 512K, 300M, 4G.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub usize);

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shift = match text.bytes().last().map(|b| b.to_ascii_uppercase()) {
            Some(b'K') => 10,
            Some(b'M') => 20,
            Some(b'G') => 30,
            _ => 0,
        };
        let number = if shift > 0 { &text[..text.len() - 1] } else { text };
        let number = number.parse::<usize>().ok();
        let bytes = number.and_then(|n| n.checked_mul(1 << shift));
        bytes.map(Self).ok_or_else(|| "expected a number of bytes, such as 512M or 4G".to_owned())
    }
}

impl ModelArgs {
    /// A model that computes in fp32 and reads N as its token.
    pub fn exact(model: &str) -> Self {
        Self {
            model: Some(model.to_owned()),
            n_token: NTokenChoice::N,
            batch_tokens: None,
            dtype: Precision::Fp32,
            cache_bytes: None,
            check_device: false,
        }
    }

    /// Loads the model into host memory, and logs its size and the input that stands for N if that is
    /// not its token.
    ///
    /// # Errors
    /// The model cannot be found, fetched or used.
    pub fn load(&self, display: &Display) -> Result<Named> {
        let named = load(self.model.as_deref(), display)?;
        log::info!(
            "model {}: {} of width {}, context {} bases",
            named.name,
            counted(named.weights.config.n_layer, "layer"),
            named.weights.config.d_model,
            named.weights.config.context()
        );
        if self.n_token == NTokenChoice::Auto && self.n_token(&named) == NToken::Zero {
            log::info!(
                "{} was not trained with N: a vector of zeros stands for N; see --n-token",
                named.name
            );
        }
        Ok(named)
    }

    /// The input that stands for N.
    pub fn n_token(&self, named: &Named) -> NToken {
        match self.n_token {
            NTokenChoice::Auto if padding_rows::n_is_trained(&named.weights) => NToken::N,
            NTokenChoice::Auto | NTokenChoice::Zero => NToken::Zero,
            NTokenChoice::N => NToken::N,
            NTokenChoice::Pad => NToken::Pad,
        }
    }

    /// A model that computes in fp32 and reads N as it was trained to.
    pub fn automatic(model: &str) -> Self {
        Self { n_token: NTokenChoice::Auto, ..Self::exact(model) }
    }

    /// The arguments of each model of a list with commas. A path that exists is one model, whatever commas
    /// it has.
    pub fn each(&self) -> Vec<Self> {
        let with = |model: &str| Self { model: Some(model.to_owned()), ..self.clone() };
        match &self.model {
            Some(names) if !Path::new(names).exists() => names.split(',').map(with).collect(),
            _ => vec![self.clone()],
        }
    }

    /// The files that the models are read from; see [`source::files`].
    pub fn files(&self) -> Vec<PathBuf> {
        let named = self.each().into_iter().filter_map(|model| model.model);
        named.flat_map(|model| source::files(&model)).collect()
    }

    /// Puts the model on the device that `global` names; call it on the thread that computes.
    ///
    /// # Errors
    /// The device cannot be used or has too little memory.
    pub fn engine(&self, named: &Named, global: &Global) -> Result<Engine> {
        self.engine_at(Place::one(&global.device)?, None, named, global)
    }

    /// Puts the model at a place; sequences follow the prompt and the demonstrations of `head`.
    fn engine_at(
        &self,
        place: Place,
        head: Option<&Head>,
        named: &Named,
        global: &Global,
    ) -> Result<Engine> {
        let device = place.device;
        let threads = place.share(global.threads()).max(1);
        libtorch::set_threads(threads);
        devices::use_tf32(self.dtype == Precision::Tf32, device)?;
        let cache_bytes = self.cache_bytes.map_or_else(memory::cache_bytes, |size| size.0);
        let limits = Limits {
            batch_tokens: self.batch_tokens(named, global),
            threads,
            cache_bytes: if place.is_shared() { place.share(cache_bytes) } else { cache_bytes },
            precision: self.dtype,
        };
        check_once(named, device, limits, self.check_device)?;
        let tokenizer = Tokenizer::new(self.n_token(named));
        let engine = HyenaDna::new(&named.weights, device)
            .and_then(|model| match head {
                Some(head) => model.for_head(head),
                None => Ok(model),
            })
            .and_then(|model| Engine::new(model, device, tokenizer, limits))
            .with_context(|| format!("model {} cannot be put on {device:?}", named.name))?;
        Ok(if place.is_shared() { engine.with_own_threads()? } else { engine })
    }

    /// Puts the model on the device, for comparisons and embeddings.
    ///
    /// # Errors
    /// See [`engine`](Self::engine).
    pub fn runner(&self, named: &Named, global: &Global) -> Result<Runner> {
        self.engine(named, global).map(Runner::new)
    }

    /// Puts the model on each device that `global` names, one at least.
    ///
    /// # Errors
    /// A device cannot be used or has too little memory.
    pub fn runners(&self, named: &Named, global: &Global) -> Result<Vec<Runner>> {
        self.runners_for(None, named, global)
    }

    /// Puts the model on each device, for a head: sequences follow its prompt and its demonstrations.
    ///
    /// # Errors
    /// See [`runners`](Self::runners).
    pub fn runners_of_head(
        &self,
        named: &Named,
        head: &Head,
        global: &Global,
    ) -> Result<Vec<Runner>> {
        self.runners_for(Some(head), named, global)
    }

    fn runners_for(
        &self,
        head: Option<&Head>,
        named: &Named,
        global: &Global,
    ) -> Result<Vec<Runner>> {
        let places = Place::all(&global.device)?;
        if places.len() > 1 {
            let devices: Vec<String> =
                places.iter().map(|place| format!("{:?}", place.device)).collect();
            log::info!("models side by side: {}, on {}", devices.len(), devices.join(", "));
        }
        let places = places.into_iter();
        places.map(|place| self.engine_at(place, head, named, global).map(Runner::new)).collect()
    }

    /// Tokens of a batch on one thread, or on a GPU if its half of libtorch was loaded.
    pub fn batch_tokens(&self, named: &Named, global: &Global) -> usize {
        let automatic = || match libtorch::memory::gpus() {
            0 => memory::batch_tokens(&named.weights.config, global.threads()),
            _ => memory::GPU_BATCH_TOKENS,
        };
        self.batch_tokens.map_or_else(automatic, |n| n.get())
    }

    /// Tokens to read before computing starts: several batches for each thread.
    pub fn chunk_tokens(&self, named: &Named, global: &Global) -> usize {
        const BATCHES: usize = 16;
        let side_by_side = match libtorch::memory::gpus() {
            0 => global.threads(),
            _ => 1,
        };
        self.batch_tokens(named, global).saturating_mul(side_by_side).saturating_mul(BATCHES)
    }
}

/// Remark on a fine-tuned model without the head of the language model.
const NO_HEAD: &str = "; the file has no lm_head.weight, so log-likelihoods and all scores made of them use \
     the embedding as the head, as in the published models, though fine-tuning may have changed it; \
     embeddings need no head";

/// Loads the model that `spec` names, or the built-in one, into host memory, as [`load_all`] does; warns if
/// a head was left out.
///
/// # Errors
/// The model cannot be found, fetched or used.
pub fn load(spec: Option<&str>, display: &Display) -> Result<Named> {
    let named = load_all(spec, display)?;
    if !named.left_out.is_empty() {
        let head = if named.weights.has_head() { "" } else { NO_HEAD };
        let left_out = listed(&named.left_out);
        log::warn!("{}: left out a head for another task: {left_out}{head}", named.name);
    }
    Ok(named)
}

/// Loads a model of whose heads something is made. Draws a bar if it is fetched, and warns if
/// `config.json` and the tensors disagree.
///
/// # Errors
/// The model cannot be found, fetched or used.
pub fn load_all(spec: Option<&str>, display: &Display) -> Result<Named> {
    let named = source::load(spec.unwrap_or(BUILTIN_ARGUMENT), &mut draw_download(display))?;
    for disagreement in &named.disagreements {
        log::warn!("{}: {disagreement}", named.name);
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_parsed() {
        assert_eq!("1000".parse(), Ok(Size(1000)));
        assert_eq!("3k".parse(), Ok(Size(3072)));
        assert_eq!("4G".parse(), Ok(Size(4 << 30)));
        for wrong in ["", "G", "-1", "1.5G", "4GB", "99999999999G"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
    }
}

//! Arguments about the model, shared by commands.

use anyhow::{Context, Result};
use clap::Args;

use super::Global;
use crate::{
    inference::{
        memory,
        runner::{Limits, Runner},
    },
    logging::Display,
    model::{
        libtorch,
        network::HyenaDna,
        source::{self, Named},
    },
    progress::draw_download,
    tokenizer::{NToken, Tokenizer},
};

/// Which model, and how it is fed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelArgs {
    /// Model: a folder, a file (.safetensors, .ckpt) or a released name such as
    /// hyenadna-small-32k-seqlen, fetched when it is not in the cache [default: the built-in one]
    #[arg(short, long, env = "HYENADNA_MODEL", hide_env_values = true, value_name = "MODEL")]
    pub model: Option<String>,
    /// How N is fed: as its own token, or as padding like the first public data loader did
    #[arg(long, value_name = "TOKEN", default_value = "n")]
    pub n_token: NToken,
    /// Most bases computed at once on a thread; lower it if memory runs out [default: what is fast]
    #[arg(long, value_name = "N")]
    pub batch_tokens: Option<std::num::NonZero<usize>>,
}

impl ModelArgs {
    /// Loads the model into host memory.
    ///
    /// # Errors
    /// It cannot be found, fetched or used.
    pub fn load(&self, display: &Display) -> Result<Named> {
        let named = match &self.model {
            None => source::builtin()?,
            Some(spec) => source::load(spec, &mut draw_download(display))?,
        };
        for disagreement in &named.disagreements {
            log::warn!("{}: {disagreement}", named.name);
        }
        log::info!(
            "model {}: {} layers of width {}, context {} bases",
            named.name,
            named.weights.config.n_layer,
            named.weights.config.d_model,
            named.weights.config.context()
        );
        Ok(named)
    }

    /// Puts the model on the device that `global` asks for; call it on the thread that computes.
    ///
    /// # Errors
    /// The device cannot be used or has too little memory.
    pub fn runner(&self, named: &Named, global: &Global) -> Result<Runner> {
        libtorch::set_threads(global.threads());
        let device = libtorch::device(global.device)?;
        let model = HyenaDna::new(&named.weights, device)
            .with_context(|| format!("model {} cannot be put on {device:?}", named.name))?;
        let limits =
            Limits { batch_tokens: self.batch_tokens(named, global), threads: global.threads() };
        Ok(Runner::new(model, device, Tokenizer::new(self.n_token), limits))
    }

    /// Tokens of a batch on one thread.
    pub fn batch_tokens(&self, named: &Named, global: &Global) -> usize {
        let automatic = || memory::batch_tokens(&named.weights.config, global.threads());
        self.batch_tokens.map_or_else(automatic, |n| n.get())
    }

    /// Tokens that are read before computing starts: several batches for each thread.
    pub fn chunk_tokens(&self, named: &Named, global: &Global) -> usize {
        const BATCHES: usize = 16;
        BATCHES * self.batch_tokens(named, global) * global.threads()
    }
}

//! Tuning: one epoch over a few texts, of which only the letters are learned.

use anyhow::{Context, Result, bail};

use super::{
    args::IclArgs,
    cells::{Cell, Grid},
    shown::Shown,
};
use crate::{
    cli::{Global, tasks::letters::Letters},
    model::{
        libtorch,
        tokenizer::Tokenizer,
        weights::{Weights, source::Named},
    },
    tasks::example::Example,
    training::{
        engine::StepPlan,
        label_letters::LabelLetters,
        parameters::Trained,
        plan::plan,
        recipe::{Compute, Optimization, Output, Recipe},
        schedule::{Stage, Stages},
        trainer::Trainer,
        workers::Workers,
    },
};

/// Tuning of the weights of a model, for each cell anew.
pub struct Tuning<'a> {
    args: &'a IclArgs,
    weights: &'a Weights,
    shown: &'a Shown,
    train: &'a [Example],
    tokenizer: Tokenizer,
    first_seed: u64,
    global: &'a Global,
    plan: StepPlan,
}

impl<'a> Tuning<'a> {
    /// Plans the steps by the longest text of the grid.
    ///
    /// # Errors
    /// The device cannot be used, or a step does not fit into memory.
    pub fn plan(
        args: &'a IclArgs,
        (named, shown, grid): (&'a Named, &'a Shown, &Grid),
        train: &'a [Example],
        global: &'a Global,
    ) -> Result<Self> {
        let device = libtorch::devices::device(&global.device)?;
        let longest = shown.longest_text(train, grid) as u64;
        let largest = recipe(args, 0, longest, grid.most_tuned());
        let plan = plan(&largest, &named.weights.config, device, global.threads())?;
        let (weights, first_seed) = (&named.weights, grid.seed(0));
        let tokenizer = Tokenizer::new(args.model.n_token(named));
        Ok(Self { args, weights, shown, train, tokenizer, first_seed, global, plan })
    }

    /// The weights of a cell.
    ///
    /// # Errors
    /// The loss stays NaN or infinite, or libtorch fails.
    pub fn tune(&self, place: usize, cell: Cell, letters: &Letters) -> Result<Weights> {
        let texts = self.shown.texts(place, cell, self.train, letters);
        let longest = texts.iter().map(|text| text.text.len()).max().unwrap_or(0);
        let seed = self.first_seed + place as u64;
        let recipe = recipe(self.args, seed, longest as u64, texts.len());
        let device = libtorch::devices::device(&self.global.device)?;
        libtorch::set_threads(self.plan.threads);
        let mut objective = LabelLetters::new(texts, self.tokenizer, seed);
        let start = (self.weights.clone(), Trained::All);
        let at = (device, self.plan);
        let failed = || format!("tuning on {} after {} demonstrations", cell.tuned, cell.shots);
        let workers = Workers::alone();
        let mut trainer = Trainer::new(&recipe, (&mut objective, &workers), None, start, at)?;
        trainer.run(None).with_context(failed)?;
        if trainer.state().skipped > 0 {
            bail!(
                "{}: the loss or gradient was NaN or infinite; lower --lr {}",
                failed(),
                self.args.lr
            );
        }
        Ok(trainer.weights()?)
    }
}

/// One epoch over so many texts, at a constant learning rate.
fn recipe(args: &IclArgs, seed: u64, length: u64, texts: usize) -> Recipe {
    let batch = args.batch.min(texts as u64).max(1);
    let steps = (texts as u64).div_ceil(batch);
    Recipe {
        seed,
        stages: Stages::new(&[], Stage { length, batch, steps }),
        rows_per_sample: 1,
        before: 0,
        plateau: 1.0,
        optimization: Optimization {
            steps,
            batch,
            learning_rate: args.lr,
            last_rate: 1.0,
            warmup: 0.0,
            dropout: 0.0,
            ..Optimization::default()
        },
        compute: Compute {
            dtype: args.model.dtype,
            batch_tokens: args.model.batch_tokens.map_or(0, |tokens| tokens.get() as u64),
            ..Compute::default()
        },
        output: Output::default(),
        patience: 0,
    }
}

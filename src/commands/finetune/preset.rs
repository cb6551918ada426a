//! Published recipes (arXiv 2306.15794 and its configurations).

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::learning::{HeadSettings, Learning, Method};
use crate::{
    model::{head::HeadStrands, pool::Pool},
    training::{
        optimizer::AdamW,
        parameters::Trained,
        recipe::Optimization,
        task::{metric::Metric, settings::ClassWeights},
    },
};

/// A published recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FinetunePreset {
    /// GenomicBenchmarks: 100 epochs, batches of 128, accuracy
    GenomicBenchmarks,
    /// The Nucleotide Transformer suite: 100 epochs, batches of 128, Matthews correlation
    NucleotideTransformer,
    /// Chromatin profiles: 100 epochs, batches of 1,000, mean AUROC
    ChromatinProfile,
}

/// Defaults of the head, of learning and of the optimiser.
pub fn defaults(preset: Option<FinetunePreset>) -> (HeadSettings, Learning, Optimization) {
    let head = HeadSettings { pool: Pool::Mean, strand: HeadStrands::Forward, layers: Vec::new() };
    let mut learning = Learning {
        method: Method(Trained::All),
        epochs: 10,
        reverse_complement: false,
        class_weights: ClassWeights::Equal,
        label_smoothing: 0.0,
        metric: None,
        patience: 0,
        frozen_cache: false,
    };
    let mut optimization = Optimization {
        steps: 0,
        batch: 64,
        learning_rate: 6e-4,
        last_rate: 0.1,
        warmup: 0.01,
        dropout: 0.1,
        adamw: AdamW { weight_decay: 0.1, ..AdamW::default() },
        ..Optimization::default()
    };
    match preset {
        None => {}
        Some(FinetunePreset::GenomicBenchmarks) => {
            (learning.epochs, optimization.batch) = (100, 128);
            learning.metric = Some(Metric::Accuracy);
        }
        Some(FinetunePreset::NucleotideTransformer) => {
            (learning.epochs, optimization.batch) = (100, 128);
            learning.metric = Some(Metric::Mcc);
        }
        Some(FinetunePreset::ChromatinProfile) => {
            (learning.epochs, optimization.batch) = (100, 1000);
            learning.metric = Some(Metric::Auroc);
        }
    }
    (head, learning, optimization)
}

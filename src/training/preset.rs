//! The published models as starting points.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::{config::Model, recipe::Optimization};

/// A published model: its architecture, and the recipe at its length (arXiv 2306.15794).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
pub enum Preset {
    /// 2 layers of width 128, 1,024 bases
    #[serde(rename = "tiny-1k")]
    #[value(name = "tiny-1k")]
    Tiny1k,
    /// 2 layers of width 256, 1,024 bases
    #[serde(rename = "tiny-1k-d256")]
    #[value(name = "tiny-1k-d256")]
    Tiny1kD256,
    /// 2 layers of width 128, 16,384 bases
    #[serde(rename = "tiny-16k")]
    #[value(name = "tiny-16k")]
    Tiny16k,
    /// 4 layers of width 256, 32,768 bases
    #[serde(rename = "small-32k")]
    #[value(name = "small-32k")]
    Small32k,
    /// 8 layers of width 256, 160,000 bases
    #[serde(rename = "medium-160k")]
    #[value(name = "medium-160k")]
    Medium160k,
    /// 8 layers of width 256, 450,000 bases
    #[serde(rename = "medium-450k")]
    #[value(name = "medium-450k")]
    Medium450k,
    /// 8 layers of width 256, 1,000,000 bases
    #[serde(rename = "large-1m")]
    #[value(name = "large-1m")]
    Large1m,
}

impl Preset {
    /// The architecture.
    pub fn model(self) -> Model {
        let (layers, width, context) = match self {
            Self::Tiny1k => (2, 128, 1024),
            Self::Tiny1kD256 => (2, 256, 1024),
            Self::Tiny16k => (2, 128, 16_384),
            Self::Small32k => (4, 256, 32_768),
            Self::Medium160k => (8, 256, 160_000),
            Self::Medium450k => (8, 256, 450_000),
            Self::Large1m => (8, 256, 1_000_000),
        };
        Model { layers, width, context, ..Model::default() }
    }

    /// The recipe: about 2²⁸ to 2³² bases in all, the longer the sequences the fewer in a step and
    /// the lower the learning rate.
    pub fn optimization(self) -> Optimization {
        let (batch, learning_rate, steps) = match self {
            Self::Tiny1k | Self::Tiny1kD256 => (256, 6e-4, 10_000),
            Self::Tiny16k => (256, 6e-4, 10_000),
            Self::Small32k => (128, 6e-4, 10_000),
            Self::Medium160k => (64, 3e-4, 20_000),
            Self::Medium450k => (64, 3e-4, 20_000),
            Self::Large1m => (64, 1.5e-4, 20_000),
        };
        Optimization { batch, learning_rate, steps, ..Optimization::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_files_and_on_the_command_line() {
        for preset in Preset::value_variants() {
            let name = preset.to_possible_value().unwrap().get_name().to_owned();
            assert_eq!(serde_json::to_value(preset).unwrap(), serde_json::json!(name));
        }
        assert_eq!(Preset::Tiny1k.model().architecture().l_max, 1026);
    }
}

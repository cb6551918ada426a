//! Settings of the head and of learning.

use serde::{Deserialize, Serialize};

use crate::{
    model::{head::HeadStrands, pool::Pool},
    training::{
        parameters::Trained,
        task::{metric::Metric, settings::ClassWeights},
    },
};

/// The head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadSettings {
    /// Pooling of a sequence; each base has outputs of its own in tasks of bases.
    pub pool: Pool,
    /// Strands that are read.
    pub strand: HeadStrands,
    /// Widths of the layers before the outputs.
    pub layers: Vec<usize>,
}

/// Learning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    /// Part of the weights that is trained.
    pub method: Method,
    /// Times that every example is seen.
    pub epochs: u64,
    /// True if half of the samples are reverse-complemented.
    pub reverse_complement: bool,
    /// Weights of the classes.
    pub class_weights: ClassWeights,
    /// Share of the probability that a target gives to all classes alike.
    pub label_smoothing: f64,
    /// Figure that the best model is chosen by; that of the task without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<Metric>,
    /// Validations in a row without a better score, after which the run ends; 0 for no limit.
    pub patience: u64,
    /// True if the features of the examples are computed once.
    pub frozen_cache: bool,
}

/// Learning rate of a prompt (arXiv 2306.15794).
pub const PROMPT_RATE: f64 = 1e-3;
/// Its factor after a validation without a better figure.
pub const PROMPT_PLATEAU: f64 = 0.1;

/// Most vectors of a prompt.
const LONGEST_PROMPT: u32 = 1 << 20;

/// Part of the weights that is trained: `full`, `head`, `blocks:N` or `prompt:N`, which is `head` for 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Method(pub Trained);

impl std::str::FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let blocks = |n: &str| n.parse().ok().filter(|n| *n > 0).map(Trained::Blocks);
        let prompt = |n: &str| match n.parse().ok()? {
            0 => Some(Trained::Head),
            n => (n <= LONGEST_PROMPT).then_some(Trained::Prompt(n)),
        };
        Ok(Self(
            match (text, text.split_once(':')) {
                ("full", _) => Some(Trained::All),
                ("head", _) => Some(Trained::Head),
                (_, Some(("blocks", n))) => blocks(n),
                (_, Some(("prompt", n))) => prompt(n),
                _ => None,
            }
            .ok_or_else(|| {
                format!("expected full, head, blocks:N or prompt:N, such as blocks:1 or prompt:32, with a prompt of at most {LONGEST_PROMPT}")
            })?,
        ))
    }
}

impl TryFrom<String> for Method {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Method> for String {
    fn from(method: Method) -> Self {
        match method.0 {
            Trained::All => "full".into(),
            Trained::Head => "head".into(),
            Trained::Blocks(n) => format!("blocks:{n}"),
            Trained::Prompt(n) | Trained::PromptAlone(n) => format!("prompt:{n}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_parsed_and_printed() {
        for name in ["full", "head", "blocks:3", "prompt:32768"] {
            assert_eq!(String::from(name.parse::<Method>().unwrap()), name);
        }
        assert_eq!("prompt:0".parse(), Ok(Method(Trained::Head)));
        for wrong in ["", "blocks", "blocks:0", "blocks:-1", "Head", "prompt", "prompt:x"] {
            assert!(wrong.parse::<Method>().unwrap_err().contains("blocks:N"), "{wrong}");
        }
    }
}

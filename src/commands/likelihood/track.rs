//! Numbers of each base that a track can show.

use crate::inference::predict::Prediction;

/// Number that a bedGraph or bigWig shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Track {
    /// log P of the observed base, in nats
    #[default]
    #[value(name = "log_probability")]
    LogProbability,
    /// Entropy of the prediction, in bits
    Entropy,
    /// P of A
    #[value(name = "p_A")]
    A,
    /// P of C
    #[value(name = "p_C")]
    C,
    /// P of G
    #[value(name = "p_G")]
    G,
    /// P of T
    #[value(name = "p_T")]
    T,
}

impl Track {
    pub fn name(self) -> &'static str {
        match self {
            Self::LogProbability => "log_probability",
            Self::Entropy => "entropy",
            Self::A => "p_A",
            Self::C => "p_C",
            Self::G => "p_G",
            Self::T => "p_T",
        }
    }

    pub const ALL: [Self; 6] =
        [Self::LogProbability, Self::Entropy, Self::A, Self::C, Self::G, Self::T];

    /// The number of one prediction.
    pub fn of(self, prediction: &Prediction) -> f64 {
        match self {
            Self::LogProbability => prediction.log_probability,
            Self::Entropy => prediction.entropy,
            Self::A => prediction.probabilities[0],
            Self::C => prediction.probabilities[1],
            Self::G => prediction.probabilities[2],
            Self::T => prediction.probabilities[3],
        }
    }
}

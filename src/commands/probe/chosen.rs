//! The setting of a classifier.

use crate::statistics::{boosting::ChosenRounds, strength};

/// Setting of a classifier that was chosen on held-out examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Chosen {
    /// Strength of a linear model.
    Strength(strength::Chosen),
    /// Rounds of boosting.
    Rounds(ChosenRounds),
}

impl Chosen {
    /// The strength, or the number of rounds.
    pub fn setting(self) -> f64 {
        match self {
            Self::Strength(chosen) => chosen.strength,
            Self::Rounds(chosen) => chosen.rounds as f64,
        }
    }

    /// The mean loss on held-out examples.
    pub fn loss(self) -> f64 {
        match self {
            Self::Strength(chosen) => chosen.loss,
            Self::Rounds(chosen) => chosen.loss,
        }
    }
}

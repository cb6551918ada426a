//! The search for layers, pooling and strand.

use std::num::NonZeroUsize;

use super::{
    bank::{Bank, Combination, Layer, ProbeStrand},
    chosen::Chosen,
    classifier::Classifier,
};
use crate::model::pool::Pool;

/// Parts of the poolings that are tried.
const BINS: [usize; 2] = [4, 8];

/// Values that are tried of each choice.
#[derive(Debug)]
pub struct Choices {
    pools: Vec<Pool>,
    strands: Vec<ProbeStrand>,
    layers: Vec<Vec<Layer>>,
}

/// A combination that was tried.
pub struct Tried {
    pub combination: Combination,
    pub chosen: Chosen,
}

impl Choices {
    /// The choices of a model with so many blocks, for sequences of `shortest` bases or more: each layer
    /// but the embedding, and all of them.
    pub fn new(blocks: usize, shortest: usize) -> Self {
        let mut layers: Vec<Vec<Layer>> = vec![vec![None]];
        layers.extend((1..blocks).map(|number| vec![Some(number)]));
        if blocks > 1 {
            layers.push((1..blocks).map(Some).chain([None]).collect());
        }
        let bins = BINS.iter().filter(|&&bins| bins <= shortest);
        let bins = bins.filter_map(|&bins| NonZeroUsize::new(bins)).map(Pool::Bins);
        Self {
            pools: [Pool::Mean, Pool::Max].into_iter().chain(bins).collect(),
            strands: vec![ProbeStrand::Forward, ProbeStrand::Both, ProbeStrand::Concat],
            layers,
        }
    }

    /// All combinations.
    pub fn all(&self) -> Vec<Combination> {
        let mut all = Vec::new();
        for layers in &self.layers {
            for &pool in &self.pools {
                for &strand in &self.strands {
                    all.push(Combination { layers: layers.clone(), pool, strand });
                }
            }
        }
        all
    }

    /// Tries poolings on the last layer of the forward strand, then strands, then layers, each time with
    /// the best values of the others. The lowest held-out loss wins, the first of equal ones. Gives all
    /// that were tried, and the index of the best.
    pub fn search(&self, classifier: &Classifier<'_>, bank: &Bank) -> (Vec<Tried>, usize) {
        let mut tried: Vec<Tried> = Vec::new();
        let mut best = 0;
        let mut attempt = |combination: Combination| -> Combination {
            if !tried.iter().any(|other| other.combination == combination) {
                let chosen = classifier.choose(bank.matrix(&combination, 0..classifier.seen()));
                log::info!("{combination}: loss {:.4} on held-out sequences", chosen.loss());
                if tried.get(best).is_none_or(|best| chosen.loss() < best.chosen.loss()) {
                    best = tried.len();
                }
                tried.push(Tried { combination, chosen });
            }
            tried[best].combination.clone()
        };
        let start = self.strands[0];
        for &pool in &self.pools {
            attempt(Combination { layers: self.layers[0].clone(), pool, strand: start });
        }
        let first =
            Combination { layers: self.layers[0].clone(), pool: self.pools[0], strand: start };
        let mut leader = attempt(first);
        for &strand in &self.strands {
            let pool = leader.pool;
            leader = attempt(Combination { layers: self.layers[0].clone(), pool, strand });
        }
        for layers in &self.layers {
            let (pool, strand) = (leader.pool, leader.strand);
            leader = attempt(Combination { layers: layers.clone(), pool, strand });
        }
        (tried, best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_follow_the_model_and_the_sequences() {
        let two = Choices::new(2, 100);
        assert_eq!(two.layers, [vec![None], vec![Some(1)], vec![Some(1), None]]);
        assert_eq!(two.all().len(), 3 * 4 * 3);
        let one = Choices::new(1, 5);
        assert_eq!(one.layers, [vec![None]]);
        let names: Vec<String> = one.pools.iter().map(Pool::to_string).collect();
        assert_eq!(names, ["mean", "max", "bins:4"]);
        assert_eq!(Choices::new(8, 100).layers.len(), 9);
    }
}

//! The loss on windows that cover intervals.

use tch::Device;
use thiserror::Error;

use super::{evaluation::Evaluation, loader::Share, workers::WorkerError};
use crate::{
    inference::{
        computed::{EngineError, Limits},
        engine::Engine,
        family::Family,
        memory,
        reduction::bases::{ReadBase, ReadBases},
    },
    model::{
        cpu::Depth,
        head::Head,
        network::{HyenaDna, leaves::Precision},
        tokenizer::{Tokenizer, is_predicted},
    },
    sampling::{DataError, Genome, Interval, Rest, Tiles},
};

/// Errors of an evaluation.
#[derive(Debug, Error)]
pub enum ValidationError {
    /// The windows cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Another process failed.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// The model cannot compute them.
    #[error("windows cannot be evaluated: {0}")]
    Engine(#[from] EngineError),
}

/// An engine of inference on the network of a run, whose weights it copies on a CPU, and whose sequences
/// follow the prompt and the demonstrations of a head if there is one.
///
/// # Errors
/// libtorch fails.
pub fn engine(
    network: HyenaDna,
    head: Option<&Head>,
    (device, threads): (Device, usize),
) -> Result<Engine, EngineError> {
    let limits = Limits {
        batch_tokens: memory::batch_tokens(&network.config, threads),
        threads,
        cache_bytes: memory::cache_bytes(),
        precision: Precision::Fp32,
    };
    let network = match head {
        Some(head) => network.for_head(head),
        None => Ok(network),
    };
    network
        .and_then(|network| Engine::new(network, device, Tokenizer::default(), limits))
        .map_err(|source| EngineError::Torch { sequences: 0, bases: 0, source })
}

/// Windows that do not overlap.
#[derive(Debug, Clone, Copy)]
pub struct ValidationWindows<'a> {
    /// Intervals that they cover.
    pub intervals: &'a [Interval],
    /// Bases of each.
    pub length: u64,
    /// Most of them, spread evenly.
    pub most: Option<u64>,
    /// Bases after the last whole window of an interval.
    pub rest: Rest,
    /// Share of the windows that is measured.
    pub share: Share,
}

/// Bases that are handed over at once.
const AHEAD: u64 = 1 << 16;

/// The loss of a model on windows; the first base of each is not predicted, and only A, C, G and T
/// count. `None` where `stop` says so in between.
///
/// # Errors
/// The genome cannot be read, or the model cannot compute a window.
pub fn evaluate(
    engine: &mut Engine,
    genomes: &mut [Genome],
    over: &ValidationWindows<'_>,
    stop: impl Fn() -> bool,
) -> Result<Option<Evaluation>, ValidationError> {
    let mut evaluation = Evaluation::default();
    let tiles: Vec<Interval> =
        Tiles::new(over.intervals, over.length, over.most, over.rest).collect();
    for tiles in
        tiles[over.share.of(tiles.len())].chunks((AHEAD / over.length.max(1)).max(1) as usize)
    {
        if stop() {
            return Ok(None);
        }
        let mut windows = Vec::with_capacity(tiles.len());
        for tile in tiles {
            let mut bases = Vec::with_capacity(tile.len() as usize);
            let reference = &mut genomes[tile.genome].reference;
            reference
                .fetch_into(tile.contig, tile.range.clone(), &mut bases)
                .map_err(DataError::from)?;
            windows.push(bases);
        }
        for window in log_probabilities(engine, &windows)? {
            evaluation.add(window.into_iter());
        }
    }
    Ok(Some(evaluation))
}

/// The log-probability in nats of each base of each window but the first, where it is A, C, G or T.
///
/// # Errors
/// The model cannot compute a window.
pub fn log_probabilities(
    engine: &mut Engine,
    windows: &[Vec<u8>],
) -> Result<Vec<Vec<Option<f64>>>, EngineError> {
    let families: Vec<Family<'_>> = windows.iter().map(|bases| Family::alone(bases)).collect();
    let of = |number: usize| {
        let bases =
            windows[number].iter().enumerate().skip(1).filter(|(_, base)| is_predicted(**base));
        bases.map(|(position, &base)| ReadBase { member: 0, position, base }).collect()
    };
    let read = ReadBases { of, tokenizer: Tokenizer::default() };
    let found = engine.reduce_to(&families, Depth::Predictions, &read)?;
    let with_unknown = windows.iter().zip(found).map(|(bases, found)| {
        let mut found = found.into_iter();
        bases
            .iter()
            .skip(1)
            .map(|&base| is_predicted(base).then(|| found.next()).flatten())
            .collect()
    });
    Ok(with_unknown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::source;

    #[test]
    fn unknown_bases_and_the_first_have_no_loss() {
        let weights = source::builtin().unwrap().weights;
        let network = HyenaDna::new(&weights, Device::Cpu).unwrap();
        let precision = Precision::Fp32;
        let limits = Limits { batch_tokens: 64, threads: 2, cache_bytes: 0, precision };
        let mut engine = Engine::new(network, Device::Cpu, Tokenizer::default(), limits).unwrap();
        let windows = [b"ACGTNACGT".to_vec(), b"A".to_vec(), Vec::new(), b"NNTG".to_vec()];
        let found = log_probabilities(&mut engine, &windows).unwrap();
        let known: Vec<Vec<bool>> =
            found.iter().map(|window| window.iter().map(Option::is_some).collect()).collect();
        assert_eq!(
            known,
            [
                vec![true, true, true, false, true, true, true, true],
                vec![],
                vec![],
                vec![false, true, true]
            ]
        );
        assert!(found.iter().flatten().flatten().all(|&x| x < 0.0 && x > -10.0));
    }
}

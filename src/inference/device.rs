//! Families on a GPU: whole sequences in batches of equal length, by libtorch's operators.

use tch::{Device, Kind, TchError, Tensor};

use super::{
    batch::{self, Batch},
    computed::{Computed, EngineError, Limits, Member},
    family::Family,
    memory::{Bytes, pass},
};
use crate::model::cpu::Depth;
use crate::model::{
    libtorch,
    network::{HyenaDna, fft::SpectrumCache},
    tokenizer::{self, Tokenizer},
    weights::host::HostTensor,
};

/// A model on a GPU.
pub struct Gpu {
    model: HyenaDna,
    device: Device,
    cache: SpectrumCache,
    limits: Limits,
    checked: bool,
}

/// Results of one sequence in host memory.
struct HostRows {
    hidden: Vec<f32>,
    predictions: Vec<f32>,
}

impl Gpu {
    /// Makes an engine of a model, which must be on `device`.
    pub fn new(mut model: HyenaDna, device: Device, limits: Limits) -> Self {
        model.precision = limits.precision;
        Self {
            model,
            device,
            cache: SpectrumCache::new(limits.cache_bytes),
            limits,
            checked: false,
        }
    }

    /// Computes every family: see [`Engine::each_depth`](super::engine::Engine::each_depth).
    /// Branches are computed from their first base on, like the sequences themselves, and each depth
    /// by a pass of its own.
    pub fn each_depth<T>(
        &mut self,
        families: &[Family<'_>],
        tokenizer: Tokenizer,
        depths: &[Depth],
        take: &impl Fn(usize, usize, &Computed<'_>) -> T,
    ) -> Result<Vec<Vec<T>>, EngineError> {
        let mut results: Vec<Vec<T>> = families.iter().map(|_| Vec::new()).collect();
        for (number, &depth) in depths.iter().enumerate() {
            let take = |family: usize, computed: &Computed<'_>| take(family, number, computed);
            let taken = self.each_family(families, tokenizer, depth, &take)?;
            results.iter_mut().zip(taken).for_each(|(all, taken)| all.push(taken));
        }
        Ok(results)
    }

    /// Computes every family to one depth.
    fn each_family<T>(
        &mut self,
        families: &[Family<'_>],
        tokenizer: Tokenizer,
        depth: Depth,
        take: &impl Fn(usize, &Computed<'_>) -> T,
    ) -> Result<Vec<T>, EngineError> {
        let sequences: Vec<Vec<u8>> = families.iter().flat_map(sequences).collect();
        let prompt = self.model.prompt();
        let lengths: Vec<usize> = sequences
            .iter()
            .map(|bases| if bases.is_empty() { 0 } else { prompt.len() + bases.len() })
            .collect();
        let limit = self.model.config.context() as usize;
        let mut rows: Vec<Option<HostRows>> = lengths.iter().map(|_| None).collect();
        let batches = batch::plan(&lengths, self.limits.batch_tokens, limit);
        self.check_memory(&batches)?;
        for batch in batches {
            let computed = self.compute(&sequences, &batch, tokenizer, depth);
            let computed = computed.map_err(|source| EngineError::Torch {
                sequences: batch.members.len(),
                bases: batch.members.len() * batch.length,
                source,
            })?;
            for (&member, computed) in batch.members.iter().zip(computed) {
                rows[member] = Some(computed);
            }
        }
        let mut rows = rows
            .into_iter()
            .map(|rows| rows.unwrap_or(HostRows { hidden: Vec::new(), predictions: Vec::new() }));
        let width = self.model.config.d_model as usize;
        let vocabulary = self.model.vocabulary();
        let results = families.iter().enumerate().map(|(number, family)| {
            let (mut hidden, mut predictions, mut members) = (Vec::new(), Vec::new(), Vec::new());
            for sequence in rows.by_ref().take(1 + family.branches.len()) {
                let (row, count) = (hidden.len() / width, sequence.hidden.len() / width);
                members.push(Member { row, from: 0, rows: count });
                hidden.extend(sequence.hidden);
                predictions.extend(sequence.predictions);
            }
            let (hidden, predictions) = (&hidden, &predictions);
            take(number, &Computed { hidden, predictions, width, vocabulary, members: &members })
        });
        Ok(results.collect())
    }

    /// Rejects batches that do not fit into free memory. Checked before the first batch only: later
    /// on libtorch holds the memory that it reuses.
    fn check_memory(&mut self, batches: &[Batch]) -> Result<(), EngineError> {
        let rows = batches.iter().map(|batch| batch.members.len() * batch.length).max();
        let (Some(rows), Device::Cuda(number), false) = (rows, self.device, self.checked) else {
            return Ok(());
        };
        self.checked = true;
        let Some(free) = libtorch::free_gpu_memory(number) else { return Ok(()) };
        let each = pass::bytes_per_token(&self.model.config);
        let (needed, cache) = (rows * each, self.limits.cache_bytes);
        if needed > free {
            let sizes = [needed, free].map(Bytes);
            return Err(EngineError::too_large(rows, sizes, free / each, Bytes(cache)));
        }
        Ok(())
    }

    /// Computes the rows of each member of a batch.
    fn compute(
        &mut self,
        sequences: &[Vec<u8>],
        batch: &Batch,
        tokenizer: Tokenizer,
        depth: Depth,
    ) -> Result<Vec<HostRows>, TchError> {
        let prompt = self.model.prompt();
        let ids = tokens((tokenizer, prompt), self.device, sequences, batch)?;
        let layer = match depth {
            Depth::Blocks(blocks) => Some(blocks),
            _ => None,
        };
        let hidden = self.model.hidden(&ids, layer, &mut self.cache)?; // (B, L, D)
        let predictions = match depth {
            Depth::Predictions => Some(self.model.logits(&hidden)?.f_log_softmax(-1, Kind::Float)?),
            _ => None,
        };
        let floats = |tensor: &Tensor, row: usize, length: usize| {
            let first = prompt.len() as i64;
            let rows = tensor.f_select(0, row as i64)?.f_narrow(0, first, length as i64)?;
            Ok::<_, TchError>(HostTensor::of(&rows)?.data)
        };
        let rows = batch.members.iter().enumerate().map(|(row, &member)| {
            let length = sequences[member].len();
            let predictions = match &predictions {
                Some(predictions) => floats(predictions, row, length)?,
                None => Vec::new(),
            };
            Ok(HostRows { hidden: floats(&hidden, row, length)?, predictions })
        });
        rows.collect()
    }
}

/// All sequences of a family, branches from their first base on.
fn sequences<'a>(family: &'a Family<'_>) -> impl Iterator<Item = Vec<u8>> + 'a {
    let branches =
        family.branches.iter().map(|branch| [&family.bases[..branch.from], branch.bases].concat());
    std::iter::once(family.bases.to_vec()).chain(branches)
}

/// Token ids (B, L) of a batch, each row after the prompt, padded on the right.
fn tokens(
    (tokenizer, prompt): (Tokenizer, &[u32]),
    device: Device,
    sequences: &[Vec<u8>],
    batch: &Batch,
) -> Result<Tensor, TchError> {
    let mut tokens = Vec::with_capacity(batch.members.len() * batch.length);
    for (row, &member) in batch.members.iter().enumerate() {
        tokens.extend(prompt.iter().map(|&id| i64::from(id)));
        tokens.extend(sequences[member].iter().map(|&base| i64::from(tokenizer.token(base))));
        tokens.resize((row + 1) * batch.length, i64::from(tokenizer::PAD));
    }
    let shape = [batch.members.len() as i64, batch.length as i64];
    Tensor::f_from_slice(&tokens)?.f_view(shape)?.f_to_device(device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        inference::{engine::Engine, family::Branch},
        model::weights::source,
    };

    #[test]
    fn equals_the_cpu() {
        compare(None);
        let value = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
        let prompt = HostTensor { shape: vec![37, 128], data: (0..37 * 128).map(value).collect() };
        let (without, with) = (compare(None), compare(Some(&prompt)));
        assert_eq!(without.len(), with.len());
        assert!(without != with);
    }

    /// The code for GPUs, run on the CPU, against the engine for CPUs, after a prompt if there is one.
    /// Gives all numbers.
    fn compare(prompt: Option<&HostTensor>) -> Vec<f32> {
        let weights = source::builtin().unwrap().weights;
        let model = || {
            let model = HyenaDna::new(&weights, Device::Cpu).unwrap();
            match prompt {
                Some(prompt) => model.with_prompt(prompt).unwrap(),
                None => model,
            }
        };
        let limits = Limits {
            batch_tokens: 512,
            threads: 2,
            cache_bytes: 1 << 20,
            precision: crate::model::network::leaves::Precision::Fp32,
        };
        let bases: Vec<u8> = (0..400_usize).map(|i| b"ACGTN"[i * i * 7 % 11 % 5]).collect();
        let families = [
            Family::alone(&bases[..33]),
            Family {
                bases: &bases,
                branches: vec![
                    Branch { from: 200, bases: &bases[..200] },
                    Branch { from: 0, bases: &bases[7..90] },
                    Branch { from: 400, bases: &[] },
                ],
            },
            Family::alone(&[]),
        ];
        let depths = [Depth::Blocks(1), Depth::Predictions];
        // everything that both compute, position by position
        let take = |number: usize, depth: usize, computed: &Computed<'_>| {
            let branches = &families[number].branches;
            let ranges = std::iter::once(0..families[number].bases.len())
                .chain(branches.iter().map(|b| b.from..b.from + b.bases.len()));
            ranges
                .enumerate()
                .map(|(i, positions)| {
                    let hidden = computed.hidden(i, positions.clone());
                    match depths[depth] {
                        Depth::Predictions => [hidden, computed.predictions(i, positions)].concat(),
                        _ => hidden.to_vec(),
                    }
                })
                .collect::<Vec<_>>()
        };
        let tokenizer = Tokenizer::default();
        let mut gpu = Gpu::new(model(), Device::Cpu, limits);
        let want = gpu.each_depth(&families, tokenizer, &depths, &take).unwrap();
        let mut cpu = Engine::new(model(), Device::Cpu, tokenizer, limits).unwrap();
        let got = cpu.each_depth(&families, &depths, take).unwrap();
        assert_eq!(got.len(), 3);
        for (got, want) in got.iter().flatten().flatten().zip(want.iter().flatten().flatten()) {
            assert_eq!(got.len(), want.len());
            for (got, want) in got.iter().zip(want) {
                assert!((got - want).abs() < 1e-4 * (1.0 + want.abs()), "{got} {want}");
            }
        }
        assert_eq!(want[2], [[Vec::<f32>::new()], [Vec::new()]]);
        assert!(want[1][1][0].len() > want[1][0][0].len(), "block 1 has no predictions");
        got.into_iter().flatten().flatten().flatten().collect()
    }

    /// Hidden states after a prompt are those of a text whose tokens have the same vectors.
    #[test]
    fn a_prompt_of_known_vectors_equals_their_bases() {
        let weights = source::builtin().unwrap().weights;
        let embedding = &weights.tensors[crate::model::weights::names::EMBEDDING];
        let bases: Vec<u8> = (0..90_usize).map(|i| b"ACGT"[i * i * 7 % 11 % 4]).collect();
        let (start, rest) = bases.split_at(20);
        let row = |base: &u8| {
            let first = 128 * usize::from(Tokenizer::default().token(*base));
            &embedding.data[first..first + 128]
        };
        let data = start.iter().flat_map(row).copied().collect();
        let prompt = HostTensor { shape: vec![20, 128], data };
        let precision = crate::model::network::leaves::Precision::Fp32;
        let limits = Limits { batch_tokens: 512, threads: 1, cache_bytes: 1 << 20, precision };
        let hidden = |model: HyenaDna, bases: &[u8], from: usize| {
            let mut engine = Engine::new(model, Device::Cpu, Tokenizer::default(), limits).unwrap();
            let room = engine.longest();
            let take =
                |_: usize, computed: &Computed<'_>| computed.hidden(0, from..bases.len()).to_vec();
            let found = engine.each_family(&[Family::alone(bases)], Depth::Hidden, take).unwrap();
            (found[0].clone(), room)
        };
        let model = || HyenaDna::new(&weights, Device::Cpu).unwrap();
        let (want, whole) = hidden(model(), &bases, 20);
        let (got, room) = hidden(model().with_prompt(&prompt).unwrap(), rest, 0);
        assert_eq!((whole, room), (1024, 1004));
        assert!(
            got.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-4) && got.len() == want.len()
        );
    }
}

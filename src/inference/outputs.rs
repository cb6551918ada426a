//! Outputs of a head for a task, of whole sequences or of each of their bases.

use super::{computed::EngineError, embedding::EmbeddingJob, runner::Runner};
use crate::{
    genome::dna,
    model::{
        head::{Head, HeadConfig, HeadStrands},
        pool::{self, Pool},
    },
};

/// Outputs of `head` for each of `sequences` (normalised bases, at least one each, and as many as the
/// pooling has parts), in order: as many numbers as the head has outputs, or for a head of each base
/// as many for each base, in the order of the sequence. Sequences longer than the model's context are
/// computed in pieces, which are pooled together.
///
/// # Errors
/// The model cannot compute a sequence.
pub fn outputs(
    runner: &mut Runner,
    head: &Head,
    sequences: &[&[u8]],
) -> Result<Vec<Vec<f32>>, EngineError> {
    let features = features(runner, &head.config, sequences)?;
    Ok(features.into_iter().map(|features| head.apply(&features)).collect())
}

/// The values that a head reads for each of `sequences`, as of [`outputs`].
///
/// # Errors
/// The model cannot compute a sequence.
pub fn features(
    runner: &mut Runner,
    head: &HeadConfig,
    sequences: &[&[u8]],
) -> Result<Vec<Vec<f32>>, EngineError> {
    let context = runner.engine().longest();
    let (pool, strands) = (head.pool, head.strands);
    let mut jobs = Vec::new();
    // number of pieces of each strand of each sequence
    let mut counts = Vec::with_capacity(sequences.len() * strands.count());
    for sequence in sequences {
        let mut add = |strand: &[u8]| {
            let pieces = EmbeddingJob::pieces(strand, 0..strand.len(), context);
            counts.push(pieces.len());
            jobs.extend(pieces);
        };
        add(sequence);
        if strands.count() == 2 {
            add(&dna::reverse_complement(sequence));
        }
    }
    let width = runner.width();
    let mut pooled = runner.embed(&jobs, pool, &[None])?.into_iter().flatten();
    let mut vectors = counts.iter().map(|&count| {
        let pieces: Vec<_> = pooled.by_ref().take(count).collect();
        pool.join(&pieces, width)
    });
    let features = sequences.iter().map(|_| {
        let forward = vectors.next().unwrap_or_default();
        if strands.count() == 1 {
            return forward;
        }
        let mut reverse = vectors.next().unwrap_or_default();
        if pool == Pool::None {
            reverse = pool::reverse_rows(&reverse, width);
        }
        match strands {
            HeadStrands::Both => pool::mean_of_strands(&forward, &reverse),
            _ => pool::side_by_side(vec![forward, reverse], width * pool.parts()),
        }
    });
    Ok(features.collect())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use tch::Device;

    use super::*;
    use crate::{
        inference::{computed::Limits, engine::Engine},
        model::{
            head::HeadTask,
            network::{HyenaDna, leaves::Precision},
            tokenizer::Tokenizer,
            weights::{initial, source},
        },
    };

    fn runner() -> Runner {
        let named = source::builtin().unwrap();
        let model = HyenaDna::new(&named.weights, Device::Cpu).unwrap();
        let precision = Precision::Fp32;
        let limits = Limits { batch_tokens: 256, threads: 2, cache_bytes: 1 << 24, precision };
        Runner::new(Engine::new(model, Device::Cpu, Tokenizer::default(), limits).unwrap())
    }

    fn head(pool: Pool, strands: HeadStrands) -> Head {
        let config = HeadConfig {
            task: HeadTask::SingleLabel,
            outputs: vec!["a".into(), "b".into(), "c".into()],
            pool,
            strands,
            hidden: vec![8],
            length: 100,
            prompt: 0,
            demonstrations: String::new(),
            scale: Vec::new(),
        };
        Head::new(&config, &initial::head(&config, 128, 3)).unwrap()
    }

    #[test]
    fn strands_and_bins_have_their_order() {
        let bases: Vec<u8> = (0..57_usize).map(|i| b"ACGT"[i * i * 7 % 11 % 4]).collect();
        let reverse = dna::reverse_complement(&bases);
        let mut runner = runner();
        let bins = Pool::Bins(NonZeroUsize::new(2).unwrap());
        for pool in [Pool::Mean, Pool::Max, bins] {
            let mut embed = |bases: &[u8]| {
                let job = EmbeddingJob::whole(bases.to_vec(), 0..bases.len());
                runner.embed(&[job], pool, &[None]).unwrap().remove(0).remove(0).values
            };
            let strands = [embed(&bases), embed(&reverse)];
            let concat = head(pool, HeadStrands::Concat);
            let expected = concat.apply(&strands.concat());
            let sequences = [&b"ACGTT"[..], &bases];
            assert_eq!(outputs(&mut runner, &concat, &sequences).unwrap()[1], expected);
            let both = head(pool, HeadStrands::Both);
            let got = outputs(&mut runner, &both, &[&bases, &reverse]).unwrap();
            assert_eq!(got[0], got[1], "the mean of both strands has no orientation");
        }
    }

    /// The two strands of a base lie side by side, whatever the strand of the sequence.
    #[test]
    fn bases_have_both_strands() {
        let bases = b"ACGTTGCAACGGT";
        let mut runner = runner();
        let forward = head(Pool::None, HeadStrands::Forward);
        let got = outputs(&mut runner, &forward, &[bases]).unwrap();
        assert_eq!(got[0].len(), bases.len() * 3);
        let cut = outputs(&mut runner, &forward, &[&bases[..5]]).unwrap();
        for (a, b) in cut[0].iter().zip(&got[0]) {
            assert!((a - b).abs() < 1e-4, "bases to the right change nothing");
        }
        let both = head(Pool::None, HeadStrands::Both);
        let got = outputs(&mut runner, &both, &[bases]).unwrap().remove(0);
        let reverse = outputs(&mut runner, &both, &[&dna::reverse_complement(bases)]).unwrap();
        assert_eq!(got, pool::reverse_rows(&reverse[0], 3));
    }
}

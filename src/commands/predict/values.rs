//! Values of a head on the strands that are read.

use crate::{
    genome::dna,
    inference::{computed::EngineError, outputs::outputs, runner::Runner},
    model::{
        head::{Head, HeadStrands},
        pool,
    },
    windows::strands::Strands,
};

/// Values of the head for each sequence, in order, as [`Head::values`] gives them: those of the
/// sequence, or of each of its bases in the order of the forward strand. Where both strands are read
/// they are the means of the two.
///
/// # Errors
/// The model cannot compute a sequence.
pub fn values(
    runner: &mut Runner,
    head: &Head,
    sequences: &[(&[u8], Strands)],
) -> Result<Vec<Vec<f64>>, EngineError> {
    let strands = |strands: Strands| match head.config.strands {
        // the mean of both strands has no orientation
        HeadStrands::Both => Strands { forward: true, reverse: false },
        _ => strands,
    };
    let complement = |&(bases, read): &(&[u8], Strands)| {
        strands(read).reverse.then(|| dna::reverse_complement(bases))
    };
    let complements: Vec<Option<Vec<u8>>> = sequences.iter().map(complement).collect();
    let read: Vec<&[u8]> = sequences
        .iter()
        .zip(&complements)
        .flat_map(|(&(bases, read), complement)| {
            strands(read).forward.then_some(bases).into_iter().chain(complement.as_deref())
        })
        .collect();
    let mut computed = outputs(runner, head, &read)?.into_iter();
    let width = head.config.outputs.len().max(1);
    let of_rows = |outputs: &[f32]| -> Vec<f64> {
        outputs.chunks_exact(width).flat_map(|row| head.values(row)).collect()
    };
    let joined = sequences.iter().map(|&(_, read)| {
        let Strands { forward, reverse } = strands(read);
        let mut next = || computed.next().unwrap_or_default();
        let forward = forward.then(|| of_rows(&next()));
        let reverse = reverse.then(|| of_rows(&pool::reverse_rows(&next(), width)));
        match (forward, reverse) {
            (Some(forward), Some(reverse)) => {
                forward.iter().zip(&reverse).map(|(a, b)| f64::midpoint(*a, *b)).collect()
            }
            (Some(values), None) | (None, Some(values)) => values,
            (None, None) => Vec::new(),
        }
    });
    Ok(joined.collect())
}

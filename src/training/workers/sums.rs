//! Numbers of a step that are summed over processes beside its gradient, in the same tensor of fp32.
//!
//! Each process has a place of its own in the tensor, where the others add zero. A number is stored there
//! in pieces of 16 bits, which fp32 holds exactly: sums of counts are whole, and those of losses are added
//! in the same order by all.

use crate::training::step::Step;

/// What is summed of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StepSums {
    /// Summed loss, in nats.
    pub loss: f64,
    /// Sum of the weights of the known targets.
    pub weight: f64,
    /// Known targets.
    pub targets: u64,
    /// Bases that the network reads.
    pub tokens: u64,
    /// Windows that were mostly N and drawn again.
    pub skipped: u64,
}

impl StepSums {
    /// Those of the rows that this process has, without the loss.
    pub fn of(step: &dyn Step) -> Self {
        let (weight, targets) = (step.weight(), step.targets());
        Self { loss: 0.0, weight, targets, tokens: step.tokens(), skipped: step.skipped() }
    }
}

/// Numbers of a process: those of [`StepSums`] and the exit code of a signal.
const WORDS: usize = 6;
/// Pieces of a number.
const PIECES: usize = 4;

/// The part of the tensor that is not the gradient, before it is summed.
pub fn pieces(sums: &StepSums, code: i32, (rank, size): (usize, usize)) -> Vec<f32> {
    let mut all = vec![0.0; size * WORDS * PIECES];
    let StepSums { loss, weight, targets, tokens, skipped } = *sums;
    let code = u64::try_from(code).unwrap_or(0);
    let words = [loss.to_bits(), weight.to_bits(), targets, tokens, skipped, code];
    let places = all[rank * WORDS * PIECES..].chunks_exact_mut(PIECES);
    for (word, place) in words.into_iter().zip(places) {
        for (i, piece) in place.iter_mut().enumerate() {
            *piece = f32::from((word >> (16 * i)) as u16);
        }
    }
    all
}

/// The sums, and the exit codes of all processes, from the tensor after it was summed.
pub fn whole(pieces: &[f32]) -> (StepSums, Vec<i32>) {
    let word = |pieces: &[f32]| {
        let piece = |(i, &piece): (usize, &f32)| (piece as u64) << (16 * i);
        pieces.iter().enumerate().map(piece).sum::<u64>()
    };
    let (mut sums, mut codes) = (StepSums::default(), Vec::new());
    for of_process in pieces.chunks_exact(WORDS * PIECES) {
        let words: Vec<u64> = of_process.chunks_exact(PIECES).map(word).collect();
        sums.loss += f64::from_bits(words[0]);
        sums.weight += f64::from_bits(words[1]);
        sums.targets += words[2];
        sums.tokens += words[3];
        sums.skipped += words[4];
        codes.push(words[5] as i32);
    }
    (sums, codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact() {
        let of = |loss, targets| StepSums {
            loss,
            weight: 0.1,
            targets,
            tokens: (1 << 40) + 1,
            skipped: 0,
        };
        let (one, two) = (of(1.0 / 3.0, u64::from(u32::MAX)), of(2e30, 3));
        let parts = [pieces(&one, 0, (0, 2)), pieces(&two, 143, (1, 2))];
        let added: Vec<f32> = parts[0].iter().zip(&parts[1]).map(|(a, b)| a + b).collect();
        let (sums, codes) = whole(&added);
        assert_eq!(sums.loss, 1.0 / 3.0 + 2e30);
        assert_eq!(sums.weight, 0.2);
        assert_eq!(sums.targets, u64::from(u32::MAX) + 3);
        assert_eq!((sums.tokens, sums.skipped), ((1 << 41) + 2, 0));
        assert_eq!(codes, [0, 143]);
        let (sums, _) = whole(&pieces(&of(f64::NAN, 0), 0, (0, 1)));
        assert!(sums.loss.is_nan());
    }
}

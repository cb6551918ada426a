//! From what the model says of two windows to scores. Pure functions; definitions with formulas.

/// What the model says of one sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Σ log P(base | bases before it) over the positions whose base is A, C, G or T, the sequence's
    /// first excepted; in nats.
    pub log_likelihood: f64,
    /// Mean of the final hidden states (D).
    pub mean_hidden: Vec<f64>,
}

/// Scores of one allele. Which strands were computed decides which are there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Mean of the strands' log-likelihood ratios, in nats; positive: the model prefers ALT.
    pub llr: f64,
    /// log P(alt window) − log P(ref window), read forwards.
    pub llr_forward: Option<f64>,
    /// The same on the reverse complements of both windows.
    pub llr_reverse: Option<f64>,
    /// Euclidean distance of the mean final hidden states; mean of the strands.
    pub embedding_l2: f64,
    /// 1 − cosine similarity of the mean final hidden states; mean of the strands.
    pub embedding_cosine: f64,
}

/// Reference and alternative window of one strand.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// What the model says of the reference window.
    pub reference: Summary,
    /// What the model says of the alternative window.
    pub alternative: Summary,
}

impl Pair {
    /// log P(alt) − log P(ref), in nats.
    pub fn llr(&self) -> f64 {
        self.alternative.log_likelihood - self.reference.log_likelihood
    }
}

/// The scores of the strands that were computed; at least one is.
pub fn scores(forward: Option<&Pair>, reverse: Option<&Pair>) -> Scores {
    let pairs: Vec<&Pair> = forward.into_iter().chain(reverse).collect();
    let mean = |score: &dyn Fn(&Pair) -> f64| {
        pairs.iter().map(|pair| score(pair)).sum::<f64>() / pairs.len().max(1) as f64
    };
    let hidden = |pair: &Pair, distance: fn(&[f64], &[f64]) -> f64| {
        distance(&pair.reference.mean_hidden, &pair.alternative.mean_hidden)
    };
    Scores {
        llr: mean(&|pair| pair.llr()),
        llr_forward: forward.map(Pair::llr),
        llr_reverse: reverse.map(Pair::llr),
        embedding_l2: mean(&|pair| hidden(pair, euclidean)),
        embedding_cosine: mean(&|pair| hidden(pair, cosine_distance)),
    }
}

/// ‖a − b‖
pub fn euclidean(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// 1 − a·b / (‖a‖‖b‖), computed as ½‖a/‖a‖ − b/‖b‖‖², which keeps its digits when a and b are
/// almost parallel, as they are for all but the largest variants.
pub fn cosine_distance(a: &[f64], b: &[f64]) -> f64 {
    let norm = |x: &[f64]| x.iter().map(|x| x.powi(2)).sum::<f64>().sqrt();
    let (norm_a, norm_b) = (norm(a), norm(b));
    a.iter().zip(b).map(|(a, b)| (a / norm_a - b / norm_b).powi(2)).sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(log_likelihood: f64, mean_hidden: &[f64]) -> Summary {
        Summary { log_likelihood, mean_hidden: mean_hidden.to_vec() }
    }

    #[test]
    fn distances() {
        assert_eq!(euclidean(&[0.0, 3.0], &[4.0, 0.0]), 5.0);
        assert!((cosine_distance(&[1.0, 0.0], &[0.0, 2.0]) - 1.0).abs() < 1e-12);
        assert!((cosine_distance(&[1.0, 1.0], &[1.0, 0.0]) - (1.0 - 0.5_f64.sqrt())).abs() < 1e-12);
        let tiny = cosine_distance(&[1.0, 0.0], &[1.0, 1e-6]);
        assert!((tiny / 5e-13 - 1.0).abs() < 1e-6, "{tiny:e}");
    }

    #[test]
    fn strands_are_averaged() {
        let (r, a) = (summary(-10.0, &[1.0]), summary(-8.0, &[2.0]));
        let (rr, ar) = (summary(-10.0, &[1.0]), summary(-11.0, &[4.0]));
        let forward = Pair { reference: r, alternative: a };
        let reverse = Pair { reference: rr, alternative: ar };
        let both = scores(Some(&forward), Some(&reverse));
        assert_eq!((both.llr, both.llr_forward, both.llr_reverse), (0.5, Some(2.0), Some(-1.0)));
        assert_eq!(both.embedding_l2, 2.0);
        let one = scores(None, Some(&reverse));
        assert_eq!((one.llr, one.llr_forward), (-1.0, None));
    }
}

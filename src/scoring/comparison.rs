//! Comparison of the alternative window with the reference window.

/// What the model says of the alternative window compared with the reference window, on one strand.
/// "Behind" is in reading direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// log P(alternative window) − log P(reference window), in nats.
    pub llr: f64,
    /// That part of it which is about the alleles: log P of the first m bases from where they begin,
    /// in the alternative, less that in the reference, where m is the length of the longer allele;
    /// in nats. Of an SNV log P(alt | bases before) − log P(ref | bases before).
    pub site: f64,
    /// Distances of the mean final hidden states; none where no position counts.
    pub embedding: Option<Embedding>,
    /// How the predictions behind the alleles differ, if that was asked for.
    pub shift: Option<Shift>,
    /// The certainty of predictions, if that was asked for.
    pub certainty: Option<Certainty>,
}

/// Distances of two vectors: the mean final hidden states of both windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Embedding {
    /// See [`distance::euclidean`].
    pub l2: f64,
    /// See [`distance::cosine_distance`].
    pub cosine: f64,
    /// See [`distance::inner_product`].
    pub inner: f64,
}

/// The Jensen–Shannon divergences of the predictions of each base behind the alleles, the same base
/// of the genome in both windows; in nats.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Shift {
    /// Their sum.
    pub sum: f64,
    /// The largest, and how many bases behind the alleles the predicted base stands: 1 is the next.
    pub largest: Option<(f64, u64)>,
}

/// Entropies of predictions, in nats.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Certainty {
    /// That of the prediction of the first base of the alleles; none where nothing stands before.
    pub site: Option<f64>,
    /// The sum over the bases behind the alleles of that in the alternative window less that in
    /// the reference window.
    pub change: f64,
}

impl Comparison {
    /// The rest of the log-likelihood ratio, in nats.
    pub fn downstream(&self) -> f64 {
        self.llr - self.site
    }

    /// The same with reference and alternative exchanged.
    #[must_use]
    pub fn exchanged(self) -> Self {
        let certainty = |c: Certainty| Certainty { change: -c.change, ..c };
        Self { llr: -self.llr, site: -self.site, certainty: self.certainty.map(certainty), ..self }
    }

    /// Whether all numbers are finite.
    pub fn is_finite(&self) -> bool {
        let Self { llr, site, embedding, shift, certainty } = *self;
        let embedding = embedding.map_or(0.0, |e| e.l2 + e.cosine + e.inner);
        let certainty = certainty.map_or(0.0, |c| c.site.unwrap_or(0.0) + c.change);
        (llr + site + embedding + shift.map_or(0.0, |s| s.sum) + certainty).is_finite()
    }
}

/// What was found of an allele on the strands that were read; at least one is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// As the reference has it.
    pub forward: Option<Comparison>,
    /// On the reverse complements of both windows.
    pub reverse: Option<Comparison>,
}

impl Scores {
    /// The strands that were read.
    pub fn strands(&self) -> impl Iterator<Item = &Comparison> {
        self.forward.iter().chain(&self.reverse)
    }

    /// The mean of what the strands have of a number; none if neither has any.
    pub fn mean(&self, number: impl Fn(&Comparison) -> Option<f64>) -> Option<f64> {
        let found: Vec<f64> = self.strands().filter_map(number).collect();
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    }

    /// The largest change of a prediction, in nats, and where the predicted base stands: bases
    /// behind the alleles on the forward strand, or, negative, before them, where that was found on
    /// the other one.
    pub fn largest_shift(&self) -> Option<(f64, i64)> {
        let of = |strand: Option<&Comparison>| strand.and_then(|c| c.shift).and_then(|s| s.largest);
        let forward = of(self.forward.as_ref()).map(|(x, distance)| (x, distance as i64));
        let reverse = of(self.reverse.as_ref()).map(|(x, distance)| (x, -(distance as i64)));
        match (forward, reverse) {
            (Some(forward), Some(reverse)) if reverse.0 > forward.0 => Some(reverse),
            (forward, reverse) => forward.or(reverse),
        }
    }

    /// The same with reference and alternative exchanged.
    #[must_use]
    pub fn exchanged(self) -> Self {
        Self {
            forward: self.forward.map(Comparison::exchanged),
            reverse: self.reverse.map(Comparison::exchanged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(llr: f64, site: f64, largest: (f64, u64)) -> Comparison {
        Comparison {
            llr,
            site,
            embedding: Some(Embedding { l2: llr.abs(), cosine: 0.5, inner: 3.0 }),
            shift: Some(Shift { sum: 0.5, largest: Some(largest) }),
            certainty: Some(Certainty { site: None, change: 0.25 }),
        }
    }

    #[test]
    fn strands_are_averaged() {
        let forward = comparison(2.0, 0.5, (0.1, 3));
        let reverse = comparison(-1.0, 0.5, (0.2, 7));
        let both = Scores { forward: Some(forward), reverse: Some(reverse) };
        assert_eq!(both.mean(|c| Some(c.llr)), Some(0.5));
        assert_eq!(both.mean(|c| Some(c.downstream())), Some(0.0));
        assert_eq!(both.mean(|c| c.certainty?.site), None);
        assert_eq!(both.largest_shift(), Some((0.2, -7)));
        let one = Scores { forward: None, reverse: Some(reverse) };
        assert_eq!(one.mean(|c| Some(c.llr)), Some(-1.0));
        let one = Scores { forward: Some(forward), reverse: None };
        assert_eq!(one.largest_shift(), Some((0.1, 3)));
    }

    #[test]
    fn exchanged_alleles_change_the_sign() {
        let scores = Scores { forward: Some(comparison(2.0, 0.5, (0.1, 3))), reverse: None };
        let exchanged = scores.exchanged();
        let forward = exchanged.forward.unwrap();
        assert_eq!((forward.llr, forward.site, forward.downstream()), (-2.0, -0.5, -1.5));
        assert_eq!(forward.embedding, scores.forward.unwrap().embedding);
        assert_eq!(forward.certainty.unwrap().change, -0.25);
        assert_eq!(exchanged.exchanged(), scores);
    }

    #[test]
    fn what_is_not_finite_is_seen() {
        let fine = comparison(2.0, 0.5, (0.1, 3));
        assert!(fine.is_finite());
        assert!(!Comparison { site: f64::NAN, ..fine }.is_finite());
        let shift = Some(Shift { sum: f64::INFINITY, largest: None });
        assert!(!Comparison { shift, ..fine }.is_finite());
    }
}

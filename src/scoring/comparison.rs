//! Comparison of the alternative window with the reference window.

/// The alternative window compared with the reference window, on one strand. Downstream is in
/// reading direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// log P(alternative window) − log P(reference window), in nats.
    pub llr: f64,
    /// The part of `llr` that comes from the alleles, in nats: log P of the m bases from the start
    /// of the alleles on, in the alternative less in the reference, where m is the length of the
    /// longer allele. For an SNV: log P(alt | bases before) − log P(ref | bases before).
    pub site: f64,
    /// Distances of the mean final hidden states; `None` where no position counts.
    pub embedding: Option<Embedding>,
    /// Changes of the predictions downstream of the alleles, if requested.
    pub shift: Option<Shift>,
    /// The certainty of predictions, if requested.
    pub certainty: Option<Certainty>,
}

/// Distances between the mean final hidden states of both windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Embedding {
    /// See [`distance::euclidean`](super::distance::euclidean).
    pub l2: f64,
    /// See [`distance::cosine_distance`](super::distance::cosine_distance).
    pub cosine: f64,
    /// See [`distance::inner_product`](super::distance::inner_product).
    pub inner: f64,
}

/// Jensen–Shannon divergences, in nats, between the two windows' predictions of each base
/// downstream of the alleles.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Shift {
    /// Sum of the divergences.
    pub sum: f64,
    /// The largest divergence.
    pub largest: Option<LargestShift>,
}

/// The largest divergence of a [`Shift`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LargestShift {
    /// Divergence in nats.
    pub divergence: f64,
    /// Distance of the predicted base from the alleles, in bases; 1 for the next base.
    pub distance: u64,
}

/// Entropies of predictions, in nats.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Certainty {
    /// Entropy of the prediction of the first base of the alleles; `None` if no base comes before
    /// it.
    pub site: Option<f64>,
    /// Entropy in the alternative window less entropy in the reference window, summed over the
    /// bases downstream of the alleles.
    pub change: f64,
}

impl Comparison {
    /// The part of the log-likelihood ratio that comes from the bases after the alleles, in nats.
    pub fn downstream(&self) -> f64 {
        self.llr - self.site
    }

    /// The comparison with reference and alternative exchanged.
    #[must_use]
    pub fn exchanged(self) -> Self {
        let certainty = |c: Certainty| Certainty { change: -c.change, ..c };
        Self { llr: -self.llr, site: -self.site, certainty: self.certainty.map(certainty), ..self }
    }

    /// True if all numbers are finite.
    pub fn is_finite(&self) -> bool {
        let Self { llr, site, embedding, shift, certainty } = *self;
        let embedding = embedding.map_or(0.0, |e| e.l2 + e.cosine + e.inner);
        let certainty = certainty.map_or(0.0, |c| c.site.unwrap_or(0.0) + c.change);
        (llr + site + embedding + shift.map_or(0.0, |s| s.sum) + certainty).is_finite()
    }
}

/// Comparisons of an allele on the strands that were read, at least one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// On the strand of the reference.
    pub forward: Option<Comparison>,
    /// On the reverse complements of both windows.
    pub reverse: Option<Comparison>,
}

impl Scores {
    /// The strands that were read.
    pub fn strands(&self) -> impl Iterator<Item = &Comparison> {
        self.forward.iter().chain(&self.reverse)
    }

    /// The mean of a number over the strands that have it; `None` if none does.
    pub fn mean(&self, number: impl Fn(&Comparison) -> Option<f64>) -> Option<f64> {
        let found: Vec<f64> = self.strands().filter_map(number).collect();
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    }

    /// The largest change of a prediction, in nats, and the place of the predicted base: bases
    /// after the alleles on the forward strand, negative for bases before them, which the reverse
    /// strand predicts.
    pub fn largest_shift(&self) -> Option<(f64, i64)> {
        let of = |strand: Option<&Comparison>| strand.and_then(|c| c.shift).and_then(|s| s.largest);
        let signed = |sign: i64| {
            move |largest: LargestShift| (largest.divergence, sign * largest.distance as i64)
        };
        let forward = of(self.forward.as_ref()).map(signed(1));
        let reverse = of(self.reverse.as_ref()).map(signed(-1));
        match (forward, reverse) {
            (Some(forward), Some(reverse)) if reverse.0 > forward.0 => Some(reverse),
            (forward, reverse) => forward.or(reverse),
        }
    }

    /// The scores with reference and alternative exchanged.
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

    fn comparison(llr: f64, site: f64, (divergence, distance): (f64, u64)) -> Comparison {
        Comparison {
            llr,
            site,
            embedding: Some(Embedding { l2: llr.abs(), cosine: 0.5, inner: 3.0 }),
            shift: Some(Shift { sum: 0.5, largest: Some(LargestShift { divergence, distance }) }),
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
    fn numbers_that_are_not_finite_are_found() {
        let fine = comparison(2.0, 0.5, (0.1, 3));
        assert!(fine.is_finite());
        assert!(!Comparison { site: f64::NAN, ..fine }.is_finite());
        let shift = Some(Shift { sum: f64::INFINITY, largest: None });
        assert!(!Comparison { shift, ..fine }.is_finite());
    }
}

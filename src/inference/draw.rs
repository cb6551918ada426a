//! The draw of the next base from predictions.

use crate::chance::RandomStream;

/// Settings of a draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    /// Divisor of log P; above 0. Below 1 likely bases are drawn more often.
    pub temperature: f64,
    /// Number of the most likely bases to draw from; 4 are all.
    pub top_k: usize,
    /// Probability that the bases to draw from must reach together, the most likely first; 1 are all.
    pub top_p: f64,
}

impl Draw {
    /// Probabilities of four bases to be drawn, of their log P (nats) by the model: divided by the
    /// temperature and normalised, then cut to the `top_k` most likely, then to the fewest of these
    /// that reach `top_p`, and normalised each time. Of equally likely bases the first comes first.
    pub fn probabilities(&self, log_p: [f64; 4]) -> [f64; 4] {
        let most = log_p.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let mut p = normalised(log_p.map(|log_p| ((log_p - most) / self.temperature).exp()));
        let mut order = [0, 1, 2, 3];
        order.sort_by(|&a, &b| p[b].total_cmp(&p[a])); // stable
        order.iter().skip(self.top_k).for_each(|&base| p[base] = 0.0);
        p = normalised(p);
        let mut sum = 0.0;
        for base in order {
            if sum >= self.top_p {
                p[base] = 0.0;
            }
            sum += p[base];
        }
        normalised(p)
    }

    /// Draws one of four bases of these log P. Takes one number of `chance`, whatever the settings are.
    pub fn base(&self, log_p: [f64; 4], chance: &mut RandomStream) -> usize {
        choose(self.probabilities(log_p), chance.unit())
    }
}

fn normalised(p: [f64; 4]) -> [f64; 4] {
    let sum: f64 = p.iter().sum();
    p.map(|p| p / sum)
}

/// The first base whose probability, added to those before it, is above `unit` (0 to 1).
fn choose(p: [f64; 4], unit: f64) -> usize {
    let mut sum = 0.0;
    let reaches = |p: &f64| {
        sum += p;
        unit < sum
    };
    // rounding can leave the sum below 1
    p.iter().position(reaches).or(p.iter().rposition(|&p| p > 0.0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;
    use proptest::prelude::*;

    const ALL: Draw = Draw { temperature: 1.0, top_k: 4, top_p: 1.0 };

    fn assert_close(got: [f64; 4], want: [f64; 4]) {
        assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-12), "{got:?}");
    }

    #[test]
    fn settings_cut_and_renormalise() {
        // 0.1 more belongs to other tokens
        let log_p = [0.09, 0.36, 0.27, 0.18].map(f64::ln);
        let of = |draw: Draw| draw.probabilities(log_p);
        assert_close(of(ALL), [0.1, 0.4, 0.3, 0.2]);
        assert_close(of(Draw { temperature: 0.5, ..ALL }), [1.0, 16.0, 9.0, 4.0].map(|x| x / 30.0));
        assert_close(of(Draw { top_k: 2, ..ALL }), [0.0, 4.0 / 7.0, 3.0 / 7.0, 0.0]);
        assert_close(of(Draw { top_k: 9, ..ALL }), [0.1, 0.4, 0.3, 0.2]);
        assert_close(of(Draw { top_p: 0.7, ..ALL }), [0.0, 4.0 / 7.0, 3.0 / 7.0, 0.0]);
        assert_close(of(Draw { top_p: 0.71, ..ALL }), [0.0, 4.0 / 9.0, 3.0 / 9.0, 2.0 / 9.0]);
        assert_close(of(Draw { top_p: 1e-9, ..ALL }), [0.0, 1.0, 0.0, 0.0]);
        // of the two that top-k leaves, the first has 4/7
        assert_close(of(Draw { top_k: 2, top_p: 0.57, ..ALL }), [0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn of_equal_bases_the_first_comes_first() {
        let tie = [-2.0, -1.0, -1.0, -1.0];
        assert_close(Draw { top_k: 1, ..ALL }.probabilities(tie), [0.0, 1.0, 0.0, 0.0]);
        let two = Draw { top_k: 2, ..ALL }.probabilities([-1.0; 4]);
        assert_close(two, [0.5, 0.5, 0.0, 0.0]);
        assert_close(
            Draw { top_p: 0.75, ..ALL }.probabilities([-1.0; 4]),
            [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0],
        );
    }

    #[test]
    fn thresholds_belong_to_the_next_base() {
        let p = [0.25, 0.25, 0.5, 0.0];
        let drawn = [0.0, 0.24, 0.25, 0.499, 0.5, 0.999].map(|unit| choose(p, unit));
        assert_eq!(drawn, [0, 0, 1, 1, 2, 2]);
        assert_eq!(choose([0.5, 0.5 - 1e-9, 0.0, 0.0], 1.0 - 1e-10), 1);
    }

    #[test]
    fn draws_have_these_frequencies() {
        let mut chance = RandomStream::new(3, Purpose::Generation, 0);
        let mut counts = [0_i32; 4];
        let log_p = [0.1, 0.4, 0.3, 0.2].map(f64::ln);
        (0..10_000).for_each(|_| counts[ALL.base(log_p, &mut chance)] += 1);
        let close = |(count, want): (&i32, i32)| (count - want).abs() < 200;
        assert!(counts.iter().zip([1000, 4000, 3000, 2000]).all(close), "{counts:?}");
    }

    proptest! {
        #[test]
        fn something_is_drawn_always(
            log_p in prop::array::uniform4(-200.0..0.0), temperature in 1e-3..1e3,
            top_k in 1usize..5, top_p in 1e-6..1.0, unit in 0.0..1.0,
        ) {
            let p = Draw { temperature, top_k, top_p }.probabilities(log_p);
            prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(p.iter().filter(|&&p| p > 0.0).count() <= top_k);
            prop_assert!(p[choose(p, unit)] > 0.0);
        }
    }
}

//! Stratified percentile bootstrap: each replicate draws from each stratum as many members as it has,
//! with replacement.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::ranking::{Figures, Ranking, RankingStep};

/// Share of the replicates outside the interval on each side.
const TAIL: f64 = 0.025;

/// Fewest members of a stratum whose draws vary.
pub(super) const FEWEST: u64 = 2;

/// The central 95 % of the replicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConfidenceInterval {
    /// The 2.5th percentile.
    pub low: f64,
    /// The 97.5th percentile.
    pub high: f64,
}

/// Intervals of the [`Figures`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intervals {
    /// Interval of the AUROC.
    pub auroc: ConfidenceInterval,
    /// Interval of the average precision.
    pub average_precision: ConfidenceInterval,
    /// `None` if all scores are equal.
    pub spearman: Option<ConfidenceInterval>,
    /// Each replicate has its own best threshold.
    pub mcc: ConfidenceInterval,
}

/// Computes intervals from `replicates` draws. `None` without replicates, or if a class has fewer
/// than two members, as its draws do not vary. A seed gives the same intervals on any number of
/// threads.
pub fn intervals(ranking: &Ranking, replicates: u32, seed: u64) -> Option<Intervals> {
    if ranking.positives < FEWEST || ranking.negatives < FEWEST {
        return None;
    }
    let strata = [members(ranking, |step| step.positives), members(ranking, |step| step.negatives)];
    let figures: Vec<Figures> = replicate(&strata, replicates, seed, |drawn| {
        let empty = |step: &RankingStep| RankingStep { positives: 0, negatives: 0, ..*step };
        let mut steps: Vec<RankingStep> = ranking.steps.iter().map(empty).collect();
        drawn[0].iter().for_each(|&step| steps[step].positives += 1);
        drawn[1].iter().for_each(|&step| steps[step].negatives += 1);
        Ranking::of_steps(steps).figures()
    })
    .into_iter()
    .flatten()
    .collect();
    let of = |value: &dyn Fn(&Figures) -> Option<f64>| interval(figures.iter().filter_map(value));
    Some(Intervals {
        auroc: of(&|f| Some(f.auroc))?,
        average_precision: of(&|f| Some(f.average_precision))?,
        spearman: of(&|f| f.spearman),
        mcc: of(&|f| Some(f.mcc))?,
    })
}

/// Index of the step of each member.
fn members(ranking: &Ranking, count: impl Fn(&RankingStep) -> u64) -> Vec<usize> {
    let repeated = |(i, step)| std::iter::repeat_n(i, count(step) as usize);
    ranking.steps.iter().enumerate().flat_map(repeated).collect()
}

/// Computes a value from each of `replicates` draws, which are the members drawn from each stratum. A
/// seed gives the same draws on any number of threads.
pub(super) fn replicate<T: Send>(
    strata: &[Vec<usize>],
    replicates: u32,
    seed: u64,
    of: impl Fn(&[Vec<usize>]) -> T + Sync,
) -> Vec<T> {
    (0..u64::from(replicates))
        .into_par_iter()
        .map(|replicate| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(replicate);
            let mut draw = |members: &Vec<usize>| {
                members.iter().map(|_| drawn(members, &mut random)).collect::<Vec<_>>()
            };
            of(&strata.iter().map(&mut draw).collect::<Vec<_>>())
        })
        .collect()
}

/// As [`replicate`], from the number of times that each of `members` members is drawn.
pub(super) fn replicate_weights<T: Send>(
    strata: &[Vec<usize>],
    members: usize,
    (replicates, seed): (u32, u64),
    of: impl Fn(&[u64]) -> T + Sync,
) -> Vec<T> {
    replicate(strata, replicates, seed, |drawn| {
        let mut weights = vec![0; members];
        drawn.iter().flatten().for_each(|&member| weights[member] += 1);
        of(&weights)
    })
}

fn drawn(members: &[usize], random: &mut ChaCha8Rng) -> usize {
    let scaled = u128::from(random.next_u64()) * members.len() as u128;
    members[(scaled >> 64) as usize]
}

/// The central 95 % of values; `None` without values.
pub(super) fn interval(values: impl Iterator<Item = f64>) -> Option<ConfidenceInterval> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    Some(ConfidenceInterval { low: quantile(&values, TAIL)?, high: quantile(&values, 1.0 - TAIL)? })
}

/// A quantile of sorted values, by linear interpolation. `share` is from 0 to 1.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * (sorted.len().checked_sub(1)? as f64);
    let below = place.floor();
    let (low, high) = (sorted[below as usize], sorted[place.ceil() as usize]);
    Some(low + (high - low) * (place - below))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.quantile([1, 2, 4, 8, 16], [0.025, 0.975])`
    #[test]
    fn quantiles_are_those_of_numpy() {
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        for (share, expected) in [(0.025, 1.1), (0.975, 15.2), (0.5, 4.0), (1.0, 16.0)] {
            assert!((quantile(&values, share).unwrap() - expected).abs() < 1e-12);
        }
        assert_eq!(quantile(&[], 0.5), None);
    }

    fn ranking() -> Ranking {
        Ranking::new((0..200_u32).map(|i| (f64::from(i * 37 % 101), i * 53 % 17 < 5)))
    }

    #[test]
    fn a_seed_gives_the_same_on_any_number_of_threads() {
        let here = intervals(&ranking(), 100, 7);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(here, pool.install(|| intervals(&ranking(), 100, 7)));
        assert_ne!(here, intervals(&ranking(), 100, 8));
    }

    /// For a random score without ties the variance of the AUROC is about (P + N + 1) / 12 P N.
    #[test]
    fn intervals_have_the_theoretical_width() {
        let ranking = ranking();
        let figures = ranking.figures().unwrap();
        let ConfidenceInterval { low, high } = intervals(&ranking, 2000, 0).unwrap().auroc;
        assert!(low < figures.auroc && figures.auroc < high);
        let (positives, negatives) = (ranking.positives as f64, ranking.negatives as f64);
        let expected = ((positives + negatives + 1.0) / (12.0 * positives * negatives)).sqrt();
        let found = (high - low) / (2.0 * 1.96);
        assert!((found / expected - 1.0).abs() < 0.25, "{found} {expected}");
    }

    #[test]
    fn classes_that_cannot_vary_have_no_interval() {
        assert_eq!(intervals(&ranking(), 0, 0), None);
        let one = Ranking::new([(1.0, true), (2.0, false), (3.0, false)]);
        assert_eq!(intervals(&one, 10, 0), None);
        let equal = Ranking::new([true, true, false, false].map(|positive| (1.0, positive)));
        let found = intervals(&equal, 10, 0).unwrap();
        assert_eq!(found.auroc, ConfidenceInterval { low: 0.5, high: 0.5 });
        assert_eq!(found.spearman, None);
    }
}

use super::classification::draws;
use crate::statistics::*;

fn made(members: usize, values: u64, seed: u64) -> NumberPredictions {
    let mut draw = draws(seed);
    let truth: Vec<f64> = (0..members).map(|_| (draw() % values) as f64 / 4.0).collect();
    let predicted = truth.iter().map(|y| y / 2.0 + (draw() % values) as f64 / 8.0 - 1.0).collect();
    NumberPredictions::new(truth, predicted)
}

fn case(name: &str) -> NumberPredictions {
    let (truth, predicted): (&[f64], &[f64]) = match name {
        "small" => (&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0]),
        "ties" => return made(40, 5, 1),
        "many" => return made(1000, 997, 2),
        "bad" => (&[1.0, 2.0, 3.0, 4.0], &[4.0, 3.0, 2.0, 1.5]),
        "large" => {
            let of = |from: [f64; 5]| from.map(|value| 1e9 + value).to_vec();
            return NumberPredictions::new(
                of([0.0, 1.0, 2.0, 3.0, 4.0]),
                of([0.0, 3.0, 1.5, 6.0, 4.5]),
            );
        }
        other => panic!("no case {other}"),
    };
    NumberPredictions::new(truth.to_vec(), predicted.to_vec())
}

/// R², Pearson's and Spearman's correlation, mean squared and mean absolute error by scikit-learn
/// 1.9.1 and SciPy 1.17.1 (`pip install scikit-learn`):
///
/// ```python
/// from scipy.stats import pearsonr, spearmanr
/// from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
/// def draws(seed):
///     while True:
///         seed = (seed * 1103515245 + 12345) % 2**31
///         yield seed >> 8
/// def case(n, values, seed):
///     d = draws(seed)
///     y = [next(d) % values / 4 for _ in range(n)]
///     return y, [v / 2 + next(d) % values / 8 - 1 for v in y]
/// for y, p in [([3, -.5, 2, 7], [2.5, 0, 2, 8]), case(40, 5, 1), case(1000, 997, 2),
///              ([1, 2, 3, 4], [4, 3, 2, 1.5]),
///              ([1e9 + i for i in range(5)], [1e9 + 1.5 * i for i in (0, 2, 1, 4, 3)])]:
///     print(r2_score(y, p), pearsonr(y, p).statistic, spearmanr(y, p).statistic,
///           mean_squared_error(y, p), mean_absolute_error(y, p))
/// ```
const EXPECTED: [(&str, [f64; 5]); 5] = [
    ("small", [0.948_608_137_044_967_9, 0.984_869_618_448_27, 1.0, 0.375, 0.5]),
    (
        "ties",
        [
            -6.347_285_067_873_303,
            0.790_310_088_733_999_4,
            0.754_076_908_135_400_2,
            1.014_843_75,
            0.981_25,
        ],
    ),
    (
        "many",
        [
            0.498_255_466_020_377_85,
            0.707_952_120_234_403_3,
            0.701_089_566_614_753_6,
            2_605.224_312_5,
            41.5355,
        ],
    ),
    ("bad", [-2.45, -0.989_778_266_557_289_3, -1.0, 4.3125, 1.875]),
    (
        "large",
        [-0.350_000_000_000_000_1, 0.799_999_999_999_999_9, 0.799_999_999_999_999_9, 2.7, 1.2],
    ),
];

fn values<T: Copy>(found: &Regression<T>) -> [T; 5] {
    let Regression { r2, pearson, spearman, mean_squared_error, mean_absolute_error } = *found;
    [r2, pearson, spearman, mean_squared_error, mean_absolute_error]
}

#[test]
fn figures_are_those_of_scikit_learn() {
    for (name, expected) in EXPECTED {
        let found = values(&case(name).figures().unwrap());
        for (found, expected) in found.into_iter().zip(expected) {
            let found = found.unwrap();
            assert!((found - expected).abs() < 1e-9, "{name}: {found}, expected {expected}");
        }
    }
}

#[test]
fn equal_numbers_have_no_correlation() {
    // the mean of these is not exactly 0.1
    let [truth, predicted] = [vec![0.1; 10], (0..10).map(f64::from).collect()];
    let found = NumberPredictions::new(truth.clone(), predicted.clone()).figures().unwrap();
    assert_eq!([found.r2, found.pearson, found.spearman], [None; 3]);
    let found = NumberPredictions::new(predicted, truth).figures().unwrap();
    assert_eq!([found.pearson, found.spearman], [None; 2]);
    assert!(found.r2.unwrap() < 0.0);
    assert_eq!(NumberPredictions::new(vec![], vec![]).figures(), None);
}

#[test]
fn a_seed_gives_the_same_intervals_on_any_number_of_threads() {
    let numbers = case("ties");
    let here = numbers.intervals(50, 7);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(here, pool.install(|| numbers.intervals(50, 7)));
    assert_ne!(here, numbers.intervals(50, 8));
    assert_eq!(numbers.intervals(0, 7), None);
    assert_eq!(NumberPredictions::new(vec![1.0], vec![1.0]).intervals(10, 7), None);
}

/// The mean absolute error is a mean, so its variance is that of the errors over their number.
#[test]
fn intervals_have_the_theoretical_width() {
    let mut draw = draws(4);
    let errors: Vec<f64> = (0..400).map(|_| (draw() % 1000) as f64 / 1000.0).collect();
    let numbers = NumberPredictions::new((0..400).map(f64::from).collect(), {
        errors.iter().enumerate().map(|(i, error)| i as f64 + error).collect()
    });
    let mean = errors.iter().sum::<f64>() / 400.0;
    let variance = errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / 400.0;
    let intervals = numbers.intervals(2000, 0).unwrap();
    let ConfidenceInterval { low, high } = intervals.mean_absolute_error.unwrap();
    let found = (high - low) / (2.0 * 1.96);
    assert!((found / (variance / 400.0).sqrt() - 1.0).abs() < 0.1, "{found}");
    for (figure, interval) in values(&case("ties").figures().unwrap())
        .into_iter()
        .zip(values(&case("ties").intervals(500, 0).unwrap()))
    {
        let (figure, interval) = (figure.unwrap(), interval.unwrap());
        assert!(interval.low < figure && figure < interval.high, "{figure} {interval:?}");
    }
}

/// Numbers that are repeated by a draw share their rank, so a perfect order stays perfect.
#[test]
fn draws_are_ranked_anew() {
    let numbers = NumberPredictions::new(vec![1.0, 2.0, 3.0], vec![5.0, 60.0, 7e5]);
    let found = numbers.intervals(200, 0).unwrap();
    assert!(found.spearman.unwrap().low > 1.0 - 1e-12);
    assert!(found.pearson.unwrap().low < 0.9);
}

use crate::statistics::*;
use proptest::prelude::*;

/// Scores and labels of the cases that [`EXPECTED`] names.
fn case(name: &str) -> Vec<(f64, bool)> {
    let (scores, labels): (&[f64], &[u8]) = match name {
        "small" => (&[0.1, 0.4, 0.35, 0.8], &[0, 0, 1, 1]),
        "ties" => {
            (&[1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 0.0], &[0, 1, 0, 1, 0, 1, 1, 0, 1, 0])
        }
        "equal" => (&[5.0; 5], &[1, 0, 0, 1, 0]),
        "perfect" => (&[3.0, 2.5, -1.0, -2.0], &[1, 1, 0, 0]),
        "inverse" => (&[3.0, 2.5, -1.0, -1.0, -2.0], &[0, 0, 1, 0, 1]),
        "few values" => return made(50, 7, 30, 1),
        "few positives" => return made(300, 1000, 5, 2),
        "many" => return made(1000, 40, 60, 3),
        other => panic!("no case {other}"),
    };
    scores.iter().copied().zip(labels.iter().map(|&label| label == 1)).collect()
}

/// Scores with ties, and labels.
pub(super) fn made(n: usize, values: u64, percent: u64, seed: u64) -> Vec<(f64, bool)> {
    let next = |x: u64| (x * 1_103_515_245 + 12_345) % (1 << 31);
    let mut state = seed;
    let mut draw = || {
        let score = next(state);
        state = next(score);
        let value = (score >> 8) % values;
        (value as f64 - (values / 2) as f64, (state >> 8) % 100 < percent)
    };
    (0..n).map(|_| draw()).collect()
}

/// AUROC, average precision, Spearman's correlation, best MCC and its threshold, by scikit-learn
/// 1.x and SciPy (`pip install scikit-learn`), with `s` the scores and `l` the labels of [`case`]:
///
/// ```python
/// from scipy.stats import spearmanr
/// from sklearn.metrics import average_precision_score, matthews_corrcoef, roc_auc_score
/// print(roc_auc_score(l, s), average_precision_score(l, s), spearmanr(s, l).statistic,
///       max(((matthews_corrcoef(l, s >= t), t) for t in sorted(set(s), reverse=True)),
///           key=lambda pair: pair[0]))
/// ```
const EXPECTED: [(&str, [f64; 5]); 8] = [
    (
        "small",
        [0.75, 0.833_333_333_333_333_3, 0.447_213_595_499_957_9, 0.577_350_269_189_625_8, 0.8],
    ),
    ("ties", [0.78, 0.744_444_444_444_444_5, 0.501_280_411_827_603_1, 0.408_248_290_463_863, 3.0]),
    ("equal", [0.5, 0.4, f64::NAN, 0.0, 5.0]),
    ("perfect", [1.0, 1.0, 0.894_427_190_999_915_9, 1.0, 2.5]),
    ("inverse", [0.083_333_333_333_333_34, 0.325, -0.740_436_097_198_865_5, 0.0, -2.0]),
    (
        "few values",
        [
            0.417_077_175_697_865_34,
            0.425_353_925_353_925_36,
            -0.143_379_551_417_359_03,
            0.123_789_547_518_810_18,
            3.0,
        ],
    ),
    (
        "few positives",
        [
            0.624_625_374_625_374_6,
            0.062_271_859_899_446_45,
            0.091_060_073_099_697_26,
            0.140_786_217_191_860_55,
            -29.0,
        ],
    ),
    (
        "many",
        [
            0.492_132_141_246_295_8,
            0.614_605_906_229_505_1,
            -0.013_279_733_452_838_463,
            0.037_578_315_938_189_68,
            13.0,
        ],
    ),
];

#[test]
fn figures_are_those_of_scikit_learn() {
    for (name, expected) in EXPECTED {
        let found = Ranking::new(case(name)).figures().unwrap();
        let spearman = found.spearman.unwrap_or(f64::NAN);
        let found = [found.auroc, found.average_precision, spearman, found.mcc, found.threshold];
        for (found, expected) in found.into_iter().zip(expected) {
            let equal = found.is_nan() && expected.is_nan() || (found - expected).abs() < 1e-9;
            assert!(equal, "{name}: {found}, expected {expected}");
        }
    }
}

#[test]
fn one_class_alone_has_no_figures() {
    assert_eq!(Ranking::new([]).figures(), None);
    assert_eq!(Ranking::new([(1.0, true), (2.0, true)]).figures(), None);
    assert_eq!(Ranking::new([(1.0, false)]).figures(), None);
    let both = Ranking::new([(0.0, true), (-0.0, false)]);
    assert_eq!(both.figures().unwrap().auroc, 0.5);
    assert_eq!(both.base_rate(), 0.5);
}

#[test]
fn curves_pass_every_threshold() {
    let ranking = Ranking::new(case("ties"));
    let roc = [(0.0, 0.0), (0.0, 0.2), (0.2, 0.6), (0.4, 0.8), (0.8, 1.0), (1.0, 1.0)];
    assert_eq!(ranking.roc(), roc);
    let found = ranking.precision_recall();
    let expected = [(0.2, 1.0), (0.6, 0.75), (0.8, 4.0 / 6.0), (1.0, 5.0 / 9.0), (1.0, 0.5)];
    assert_eq!(found, expected);
}

/// Points of the curves, and their sums weighted by place, by scikit-learn 1.9.1 (`pip install
/// scikit-learn`), with `s` the scores and `l` the labels of the case "many":
///
/// ```python
/// import numpy as np
/// from sklearn.metrics import precision_recall_curve, roc_curve
/// f, t, _ = roc_curve(l, s, drop_intermediate=False)
/// p, r, _ = precision_recall_curve(l, s)
/// p, r = p[::-1][1:], r[::-1][1:]
/// print(f[:4], t[:4], r[:3], p[:3])
/// w = np.arange(1, len(f) + 1)
/// print((f * w).sum(), (t * w).sum(), (r * w[:-1]).sum(), (p * w[:-1]).sum())
/// ```
#[test]
fn curves_are_those_of_scikit_learn() {
    let ranking = Ranking::new(case("many"));
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}");
    let sum = |values: Vec<f64>| values.iter().zip(1..).map(|(x, i)| x * f64::from(i)).sum();
    let roc = ranking.roc();
    let rates = [
        (0.0, 0.0),
        (0.028_423_772_609_819_122, 0.029_363_784_665_579_12),
        (0.056_847_545_219_638_244, 0.052_202_283_849_918_436),
        (0.074_935_400_516_795_87, 0.096_247_960_848_287_11),
    ];
    for (found, expected) in roc.iter().zip(rates) {
        near(found.0, expected.0);
        near(found.1, expected.1);
    }
    near(sum(roc.iter().map(|point| point.0).collect()), 588.175_710_594_315_2);
    near(sum(roc.iter().map(|point| point.1).collect()), 576.389_885_807_504_1);
    let curve = ranking.precision_recall();
    let points = [
        (0.029_363_784_665_579_12, 0.620_689_655_172_413_8),
        (0.052_202_283_849_918_436, 0.592_592_592_592_592_5),
        (0.096_247_960_848_287_11, 0.670_454_545_454_545_4),
    ];
    for (found, expected) in curve.iter().zip(points) {
        near(found.0, expected.0);
        near(found.1, expected.1);
    }
    near(sum(curve.iter().map(|point| point.0).collect()), 555.637_846_655_791_2);
    near(sum(curve.iter().map(|point| point.1).collect()), 499.460_689_561_174);
    assert_eq!((roc.len(), curve.len()), (41, 40));
}

/// Scores with many ties, and labels of which at least one is positive and one negative.
fn scored() -> impl Strategy<Value = Vec<(f64, bool)>> {
    let one = || (-6..6_i8).prop_map(|score| f64::from(score) / 4.0);
    let rest = proptest::collection::vec((one(), any::<bool>()), 0..60);
    (one(), one(), rest).prop_map(|(positive, negative, mut rest)| {
        rest.extend([(positive, true), (negative, false)]);
        rest
    })
}

fn figures(scored: &[(f64, bool)], of: impl Fn(f64) -> f64) -> Figures {
    Ranking::new(scored.iter().map(|&(score, label)| (of(score), label))).figures().unwrap()
}

proptest! {
    #[test]
    fn auroc_equals_a_count_of_pairs(scored in scored()) {
        let of = |label| scored.iter().filter(move |s| s.1 == label).map(|s| s.0);
        let mut won = 0.0;
        for positive in of(true) {
            for negative in of(false) {
                won += f64::from(positive > negative) + 0.5 * f64::from(positive == negative);
            }
        }
        let auroc = won / (of(true).count() * of(false).count()) as f64;
        let found = figures(&scored, |s| s);
        prop_assert!((found.auroc - auroc).abs() < 1e-12);
        // and the area under the curve
        let roc = Ranking::new(scored.iter().copied()).roc();
        let strip = |pair: &[(f64, f64)]| (pair[1].0 - pair[0].0) * (pair[1].1 + pair[0].1) / 2.0;
        prop_assert!((roc.windows(2).map(strip).sum::<f64>() - auroc).abs() < 1e-12);
    }

    #[test]
    fn a_negated_score_has_the_complementary_figures(scored in scored()) {
        let (as_is, negated) = (figures(&scored, |s| s), figures(&scored, |s| -s));
        prop_assert!((as_is.auroc + negated.auroc - 1.0).abs() < 1e-12);
        match (as_is.spearman, negated.spearman) {
            (Some(a), Some(b)) => prop_assert!((a + b).abs() < 1e-12),
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    #[test]
    fn only_the_order_counts(scored in scored(), shift in -3.0..3.0_f64) {
        let as_is = figures(&scored, |s| s);
        let map = |s: f64| (s + shift).exp() * 7.0 - 100.0;
        let mapped = figures(&scored, map);
        prop_assert_eq!(Figures { threshold: map(as_is.threshold), ..as_is }, mapped);
    }

    #[test]
    fn figures_stay_in_their_ranges(scored in scored()) {
        let found = figures(&scored, |s| s);
        let base_rate = Ranking::new(scored.iter().copied()).base_rate();
        prop_assert!((0.0..=1.0).contains(&found.auroc));
        prop_assert!(found.average_precision > 0.0 && found.average_precision <= 1.0 + 1e-12);
        prop_assert!((0.0..=1.0 + 1e-12).contains(&found.mcc));
        prop_assert!(found.auroc < 1.0 || (found.average_precision - 1.0).abs() < 1e-12);
        prop_assert!(base_rate > 0.0 && base_rate < 1.0);
    }
}

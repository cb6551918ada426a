use crate::statistics::*;

/// Random whole numbers below 2²³, as in the Python of [`EXPECTED`].
pub(super) fn draws(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        state >> 8
    }
}

fn made(members: usize, classes: usize, seed: u64) -> ClassPredictions {
    let mut draw = draws(seed);
    let truth: Vec<usize> = (0..members).map(|_| (draw() % classes as u64) as usize).collect();
    let mut score = |truth: usize, class: usize| {
        let right = u64::from(truth == class);
        (draw() % 20 + 6 * right) as f64 / 8.0
    };
    let scores: Vec<f64> = truth
        .iter()
        .flat_map(|&t| (0..classes).map(move |class| (t, class)))
        .map(|(t, class)| score(t, class))
        .collect();
    ClassPredictions::of_scores(classes, truth, &scores)
}

fn case(name: &str) -> (usize, ClassPredictions) {
    match name {
        "two" => (2, made(60, 2, 1)),
        "three" => (3, made(90, 3, 2)),
        "many" => (7, made(500, 7, 3)),
        // class 2 is predicted but has no members, class 3 has one but is never predicted, class 4
        // does not occur
        "odd" => (5, ClassPredictions::new(5, vec![0, 0, 1, 1, 1, 3], vec![0, 2, 1, 1, 0, 1])),
        "one" => (2, ClassPredictions::new(2, vec![1, 1, 1], vec![1, 0, 1])),
        other => panic!("no case {other}"),
    }
}

/// Figures of a case by scikit-learn 1.9.1.
struct Expected {
    name: &'static str,
    /// Accuracy, balanced accuracy, Matthews correlation.
    whole: [f64; 3],
    /// Precision, recall, F1, AUROC, average precision: macro averages, then those of each class.
    rows: &'static [[f64; 5]],
    /// Row by row.
    confusion: &'static [u64],
}

/// By scikit-learn 1.9.1 (`pip install scikit-learn`):
///
/// ```python
/// import numpy as np
/// from sklearn.metrics import *
/// def draws(seed):
///     while True:
///         seed = (seed * 1103515245 + 12345) % 2**31
///         yield seed >> 8
/// def case(n, classes, seed):
///     d = draws(seed)
///     t = [next(d) % classes for _ in range(n)]
///     return t, [[(next(d) % 20 + 6 * (c == x)) / 8 for c in range(classes)] for x in t]
/// def show(t, p, s, k):
///     print(accuracy_score(t, p), balanced_accuracy_score(t, p), matthews_corrcoef(t, p))
///     one = lambda c, f: f([x == c for x in t], [r[c] for r in s]) if s else np.nan
///     each = precision_recall_fscore_support(t, p, labels=range(k), zero_division=0)[:3]
///     rows = [[f[c] for f in each] + [one(c, roc_auc_score), one(c, average_precision_score)]
///             for c in range(k)]
///     macro = precision_recall_fscore_support(t, p, average="macro", zero_division=0)[:3]
///     print(*macro, np.mean([r[3] for r in rows]), np.mean([r[4] for r in rows]))
///     print(*rows, confusion_matrix(t, p, labels=range(k)).tolist(), sep="\n")
/// for n, k, seed in [(60, 2, 1), (90, 3, 2), (500, 7, 3)]:
///     t, s = case(n, k, seed)
///     show(t, [r.index(max(r)) for r in s], s, k)
/// show([0, 0, 1, 1, 1, 3], [0, 2, 1, 1, 0, 1], None, 5)
/// show([1, 1, 1], [1, 0, 1], None, 2)
/// ```
const EXPECTED: [Expected; 5] = [
    Expected {
        name: "two",
        whole: [0.783_333_333_333_333_3, 0.756_410_256_410_256_4, 0.518_874_521_662_770_8],
        rows: &[
            [
                0.7625,
                0.756_410_256_410_256_4,
                0.759_184_933_621_488_2,
                0.801_587_301_587_301_6,
                0.806_862_159_701_619_9,
            ],
            [
                0.825,
                0.846_153_846_153_846_1,
                0.835_443_037_974_683_6,
                0.785_714_285_714_285_8,
                0.870_462_856_923_511_1,
            ],
            [
                0.7,
                0.666_666_666_666_666_6,
                0.682_926_829_268_292_7,
                0.817_460_317_460_317_6,
                0.743_261_462_479_728_7,
            ],
        ],
        confusion: &[33, 6, 7, 14],
    },
    Expected {
        name: "three",
        whole: [0.566_666_666_666_666_7, 0.567_619_047_619_047_6, 0.349_034_944_812_253_06],
        rows: &[
            [
                0.564_516_129_032_258_1,
                0.567_619_047_619_047_6,
                0.564_741_132_325_419_3,
                0.728_256_539_756_539_8,
                0.644_413_087_922_303,
            ],
            [
                0.580_645_161_290_322_6,
                0.6,
                0.590_163_934_426_229_5,
                0.741_944_444_444_444_3,
                0.648_728_487_828_799_1,
            ],
            [
                0.612_903_225_806_451_6,
                0.542_857_142_857_142_8,
                0.575_757_575_757_575_8,
                0.696_363_636_363_636_4,
                0.662_779_436_283_849_5,
            ],
            [0.5, 0.56, 0.528_301_886_792_452_8, 0.746_461_538_461_538_5, 0.621_731_339_654_260_5],
        ],
        confusion: &[18, 5, 7, 9, 19, 7, 4, 7, 14],
    },
    Expected {
        name: "many",
        whole: [0.382, 0.378_849_053_833_506_6, 0.279_430_003_334_461_33],
        rows: &[
            [
                0.390_477_908_335_051_2,
                0.378_849_053_833_506_6,
                0.380_163_931_034_550_26,
                0.715_063_217_863_262_5,
                0.427_799_003_687_332,
            ],
            [0.3375, 0.421_875, 0.375, 0.729_841_599_770_642_2, 0.443_946_222_307_851_9],
            [
                0.363_636_363_636_363_65,
                0.4,
                0.380_952_380_952_380_93,
                0.727_544_642_857_142_8,
                0.495_575_420_060_160_75,
            ],
            [
                0.4375,
                0.432_098_765_432_098_74,
                0.434_782_608_695_652_16,
                0.733_462_977_695_276_8,
                0.478_305_011_800_121_6,
            ],
            [
                0.309_523_809_523_809_53,
                0.388_059_701_492_537_3,
                0.344_370_860_927_152_3,
                0.666_023_232_566_957_4,
                0.368_037_884_208_079,
            ],
            [
                0.481_481_481_481_481_45,
                0.351_351_351_351_351_37,
                0.406_25,
                0.749_064_205_050_120_6,
                0.476_940_729_818_527_2,
            ],
            [
                0.537_037_037_037_037_1,
                0.391_891_891_891_891_9,
                0.453_125,
                0.727_858_139_829_970_8,
                0.460_663_955_258_688_4,
            ],
            [
                0.266_666_666_666_666_66,
                0.266_666_666_666_666_66,
                0.266_666_666_666_666_66,
                0.671_647_727_272_727_3,
                0.271_123_802_357_895_1,
            ],
        ],
        confusion: &[
            27, 6, 7, 4, 6, 5, 9, 9, 32, 12, 13, 4, 5, 5, 10, 10, 35, 9, 5, 5, 7, 8, 6, 7, 26, 5,
            3, 12, 7, 14, 7, 8, 26, 3, 9, 8, 11, 9, 10, 5, 29, 2, 11, 9, 3, 14, 3, 4, 16,
        ],
    },
    Expected {
        name: "odd",
        whole: [0.5, 0.388_888_888_888_888_84, 0.227_272_727_272_727_27],
        rows: &[
            [
                0.291_666_666_666_666_63,
                0.291_666_666_666_666_63,
                0.291_666_666_666_666_63,
                f64::NAN,
                f64::NAN,
            ],
            [0.5, 0.5, 0.5, f64::NAN, f64::NAN],
            [
                0.666_666_666_666_666_6,
                0.666_666_666_666_666_6,
                0.666_666_666_666_666_6,
                f64::NAN,
                f64::NAN,
            ],
            [0.0, 0.0, 0.0, f64::NAN, f64::NAN],
            [0.0, 0.0, 0.0, f64::NAN, f64::NAN],
            [0.0, 0.0, 0.0, f64::NAN, f64::NAN],
        ],
        confusion: &[1, 0, 1, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    },
    Expected {
        name: "one",
        whole: [0.666_666_666_666_666_6, 0.666_666_666_666_666_6, 0.0],
        rows: &[
            [0.5, 0.333_333_333_333_333_3, 0.4, f64::NAN, f64::NAN],
            [0.0, 0.0, 0.0, f64::NAN, f64::NAN],
            [1.0, 0.666_666_666_666_666_6, 0.8, f64::NAN, f64::NAN],
        ],
        confusion: &[0, 0, 1, 2],
    },
];

fn assert_equal(found: Option<f64>, expected: f64, of: &str) {
    let found = found.unwrap_or(f64::NAN);
    let equal = found.is_nan() && expected.is_nan() || (found - expected).abs() < 1e-9;
    assert!(equal, "{of}: {found}, expected {expected}");
}

#[test]
fn figures_are_those_of_scikit_learn() {
    for Expected { name, whole, rows, confusion } in EXPECTED {
        let (classes, predictions) = case(name);
        let found = predictions.figures();
        let whole_found = [found.accuracy, found.balanced_accuracy, found.mcc];
        for (found, expected) in whole_found.into_iter().zip(whole) {
            assert_equal(found, expected, name);
        }
        assert_eq!(found.classes.len(), classes);
        let rows_found = std::iter::once(&found.macro_average).chain(&found.classes);
        assert_eq!(rows.len(), classes + 1);
        for (row, expected) in rows_found.zip(rows) {
            let values = [row.precision, row.recall, row.f1, row.auroc, row.average_precision];
            for (found, &expected) in values.into_iter().zip(expected) {
                assert_equal(found, expected, &format!("{name} {row:?}"));
            }
        }
        let matrix = predictions.confusion();
        let cells = (0..classes * classes).map(|i| matrix.count(i / classes, i % classes));
        assert_eq!(cells.collect::<Vec<_>>(), confusion, "{name}");
    }
}

#[test]
fn the_first_of_equal_scores_is_predicted() {
    let found = ClassPredictions::of_scores(3, vec![0, 1], &[0.5, 0.5, 0.0, 0.1, 0.4, 0.4]);
    assert_eq!(found.figures().accuracy, Some(1.0));
}

#[test]
fn classes_without_members_have_no_auroc() {
    let scores = [0.5, 0.2, 0.3, 0.1, 0.8, 0.1];
    let found = ClassPredictions::of_scores(3, vec![0, 1], &scores).figures();
    assert_eq!(found.classes[2].auroc, None);
    assert_eq!(found.macro_average.auroc, Some(1.0));
    assert_eq!(found.macro_average.f1, Some(1.0));
    let one = ClassPredictions::of_scores(3, vec![1, 1], &scores).figures();
    assert_eq!(one.macro_average.auroc, None);
    assert_eq!(ClassPredictions::new(2, vec![], vec![]).figures().accuracy, None);
}

#[test]
fn a_seed_gives_the_same_intervals_on_any_number_of_threads() {
    let (_, predictions) = case("three");
    let here = predictions.intervals(50, 7);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(here, pool.install(|| predictions.intervals(50, 7)));
    assert_ne!(here, predictions.intervals(50, 8));
}

/// Draws are stratified, so the variance of the accuracy is Σ nᵢ rᵢ (1 − rᵢ) / n² with the recall rᵢ
/// of class i.
#[test]
fn intervals_have_the_theoretical_width() {
    let (_, predictions) = case("many");
    let intervals = predictions.intervals(2000, 0).unwrap();
    let (figures, confusion) = (predictions.figures(), predictions.confusion());
    let variance = |class: usize| {
        let recall = confusion.recall(class);
        confusion.members(class) as f64 * recall * (1.0 - recall)
    };
    let expected = (0..7).map(variance).sum::<f64>().sqrt() / 500.0;
    let ConfidenceInterval { low, high } = intervals.accuracy.unwrap();
    let found = (high - low) / (2.0 * 1.96);
    assert!((found / expected - 1.0).abs() < 0.1, "{found} {expected}");
    for (row, figures) in intervals.classes.iter().zip(&figures.classes) {
        let interval = row.auroc.unwrap();
        let auroc = figures.auroc.unwrap();
        assert!(interval.low < auroc && auroc < interval.high, "{interval:?} {auroc}");
    }
}

/// The area of a class of two is that of the ranking alone. If the members are in the order of the
/// ranking, so are the draws.
#[test]
fn intervals_of_two_classes_are_those_of_the_ranking() {
    let mut draw = draws(9);
    let mut members: Vec<(f64, bool)> =
        (0..80).map(|_| ((draw() % 30) as f64, draw() % 3 == 0)).collect();
    members.sort_by(|a, b| b.0.total_cmp(&a.0));
    // the first class is that of positives, which the ranking draws first
    let truth: Vec<usize> = members.iter().map(|m| usize::from(!m.1)).collect();
    let scores: Vec<f64> = members.iter().flat_map(|m| [m.0, -m.0]).collect();
    let predictions = ClassPredictions::of_scores(2, truth, &scores);
    let ranking = Ranking::new(members);
    let (found, expected) = (&predictions.figures().classes[0], ranking.figures().unwrap());
    assert_eq!(found.auroc, Some(expected.auroc));
    assert_eq!(found.average_precision, Some(expected.average_precision));
    let found = &predictions.intervals(100, 5).unwrap().classes[0];
    let expected = intervals(&ranking, 100, 5).unwrap();
    assert_eq!(found.auroc, Some(expected.auroc));
    assert_eq!(found.average_precision, Some(expected.average_precision));
}

#[test]
fn classes_that_cannot_vary_have_no_interval() {
    let (_, predictions) = case("three");
    assert_eq!(predictions.intervals(0, 0), None);
    assert_eq!(case("odd").1.intervals(10, 0), None); // class 3 has one member
    let found = ClassPredictions::new(3, vec![0, 0, 1, 1], vec![0, 0, 1, 1]).intervals(10, 0);
    let found = found.unwrap();
    assert_eq!(found.accuracy, Some(ConfidenceInterval { low: 1.0, high: 1.0 }));
    assert_eq!(found.classes[0].auroc, None);
}

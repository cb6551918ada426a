use super::classification::draws;
use crate::statistics::*;

/// Precision, recall, F1, AUROC and average precision of four labels, by scikit-learn 1.9.1 (`pip install
/// scikit-learn`), then their means (`average="macro"`), their medians, and the medians of the first three:
///
/// ```python
/// import numpy as np
/// from sklearn.metrics import *
/// def draws(seed):
///     while True:
///         seed = (seed * 1103515245 + 12345) % 2**31
///         yield seed >> 8
/// d = draws(5); n, k = 80, 4
/// t = np.array([next(d) % 3 == 0 for _ in range(n * k)]).reshape(n, k)
/// s = np.array([(next(d) % 60 + 30 * x) / 96 for x in t.ravel()]).reshape(n, k)
/// rows = np.array([*precision_recall_fscore_support(t, s >= 0.5, average=None)[:3],
///                  roc_auc_score(t, s, average=None), average_precision_score(t, s, average=None)])
/// print(rows.T, precision_recall_fscore_support(t, s >= 0.5, average="macro")[:3],
///       roc_auc_score(t, s, average="macro"), average_precision_score(t, s, average="macro"),
///       np.median(rows, axis=1), np.median(rows[:, :3], axis=1), sep="\n")
/// ```
const LABELS: [[f64; 5]; 4] = [
    [
        0.761_904_761_904_8,
        0.695_652_173_913,
        0.727_272_727_272_7,
        0.902_364_607_170_1,
        0.840_835_056_718_8,
    ],
    [
        0.677_419_354_838_7,
        0.807_692_307_692_3,
        0.736_842_105_263_2,
        0.917_735_042_735,
        0.866_904_799_262_1,
    ],
    [
        0.769_230_769_230_8,
        0.588_235_294_117_6,
        0.666_666_666_666_7,
        0.883_312_020_460_4,
        0.856_830_744_605,
    ],
    [0.617_647_058_823_5, 0.84, 0.711_864_406_779_7, 0.914_909_090_909_1, 0.888_078_347_897_3],
];
const AVERAGES: [[f64; 5]; 3] = [
    [
        0.706_550_486_199_4,
        0.732_894_943_930_7,
        0.710_661_476_495_6,
        0.904_580_190_318_6,
        0.863_162_237_120_8,
    ],
    [
        0.719_662_058_371_7,
        0.751_672_240_802_7,
        0.719_568_567_026_2,
        0.908_636_849_039_6,
        0.861_867_771_933_6,
    ],
    [
        0.761_904_761_904_8,
        0.695_652_173_913,
        0.727_272_727_272_7,
        0.902_364_607_170_1,
        0.856_830_744_605,
    ],
];

fn made(labels: usize) -> LabelPredictions {
    let mut draw = draws(5);
    let truth: Vec<bool> = (0..80 * labels).map(|_| draw().is_multiple_of(3)).collect();
    let scores: Vec<f64> =
        truth.iter().map(|&t| (draw() % 60 + 30 * u64::from(t)) as f64 / 96.0).collect();
    LabelPredictions::new(labels, &truth, &scores)
}

fn near(found: OneVsRest<Option<f64>>, expected: [f64; 5]) {
    let found = [found.precision, found.recall, found.f1, found.auroc, found.average_precision];
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found.unwrap() - expected).abs() < 1e-9, "{found:?} {expected}");
    }
}

#[test]
fn figures_of_labels_are_those_of_scikit_learn() {
    let predictions = made(4);
    let figures = predictions.figures(&[vec![0, 1, 2, 3], vec![0, 1, 2]]);
    for (found, expected) in figures.labels.iter().zip(LABELS) {
        near(*found, expected);
    }
    near(figures.sets[0].mean, AVERAGES[0]);
    near(figures.sets[0].median, AVERAGES[1]);
    near(figures.sets[1].median, AVERAGES[2]);
    assert_eq!(predictions.counts(0), (23, Some(21)));
    assert_eq!(predictions.counts(3), (25, Some(34)));
}

#[test]
fn intervals_hold_the_figures_and_follow_the_seed() {
    let (predictions, sets) = (made(4), [vec![0, 1, 2, 3]]);
    let figures = predictions.figures(&sets);
    let intervals = predictions.intervals(&sets, 200, 1).unwrap();
    assert_eq!(predictions.intervals(&sets, 200, 1), Some(intervals.clone()));
    assert_ne!(predictions.intervals(&sets, 200, 2), Some(intervals.clone()));
    let holds = |figure: Option<f64>, interval: Option<ConfidenceInterval>| {
        let (figure, interval) = (figure.unwrap(), interval.unwrap());
        assert!(interval.low < figure && figure < interval.high, "{figure} {interval:?}");
        interval.high - interval.low
    };
    let widths: Vec<f64> = (figures.labels.iter().zip(&intervals.labels))
        .map(|(figures, intervals)| holds(figures.auroc, intervals.auroc))
        .collect();
    let of_mean = holds(figures.sets[0].mean.auroc, intervals.sets[0].mean.auroc);
    holds(figures.sets[0].median.auroc, intervals.sets[0].median.auroc);
    assert!(widths.iter().all(|width| of_mean < *width), "{of_mean} {widths:?}");
    assert_eq!(predictions.intervals(&sets, 0, 1), None);
}

/// A label that no member has, or all have, is left out of the averages.
#[test]
fn labels_of_one_kind_have_no_auroc() {
    let truth = [true, false, false, true, false, true];
    let scores = [0.9, 0.1, 0.3, 1.8, 0.2, 0.6];
    let predictions = LabelPredictions::new(3, &truth, &scores);
    let figures = predictions.figures(&[vec![0, 1, 2], vec![0], vec![]]);
    assert_eq!(figures.labels[0].auroc, None);
    assert_eq!(figures.sets[0].mean.auroc, Some(1.0));
    assert_eq!((figures.sets[1].mean.auroc, figures.sets[2].median.auroc), (None, None));
    // 1.8 is not a probability
    assert_eq!((figures.labels[2].f1, predictions.counts(2)), (None, (1, None)));
}

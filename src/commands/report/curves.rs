//! ROC, precision-recall and reliability curves.

use super::figures::{self, INTERVAL};
use crate::{
    plot::{
        axis::{self, Axis, grouped},
        curve::{Curve, steps},
        palette::{BLUE, tint},
        panel::{Labelled, Panel},
        scene::{Area, Chart},
        square::{LEFT, MOST, Named, RIGHT, Reference, Square},
    },
    statistics::{Calibration, ConfidenceInterval, Figures, Ranking},
};

/// A class or label, ranked by its score.
pub struct Positive<'a> {
    name: &'a str,
    ranking: Ranking,
    figures: Option<Figures>,
    auroc: Option<ConfidenceInterval>,
    average_precision: Option<ConfidenceInterval>,
}

impl<'a> Positive<'a> {
    /// Ranks pairs of a score and true for members of the class; intervals are those of its figures.
    pub fn new(
        name: &'a str,
        scored: impl Iterator<Item = (f64, bool)>,
        auroc: Option<ConfidenceInterval>,
        average_precision: Option<ConfidenceInterval>,
    ) -> Self {
        let ranking = Ranking::new(scored);
        Self { name, figures: ranking.figures(), ranking, auroc, average_precision }
    }
}

/// Draws the ROC curves and the precision-recall curves of classes, at most as many as there are colours.
/// `None` if no class has both members and others.
pub fn draw(positives: &[Positive<'_>], members: usize) -> Option<[Chart; 2]> {
    let defined: Vec<_> =
        positives.iter().filter_map(|positive| Some((positive, positive.figures?))).collect();
    let shown = &defined[..defined.len().min(MOST)];
    let first = shown.first()?.0;
    if shown.len() < defined.len() {
        log::info!("curves are drawn for the first {MOST} of {} classes", defined.len());
    }
    let has_intervals = shown.iter().any(|(positive, _)| positive.auroc.is_some());
    let curves = |words: fn(&Positive<'_>, &Figures) -> String, curve: fn(&Ranking) -> Curve| {
        let named = |(positive, figures): &(&Positive<'_>, Figures)| {
            let (n, rate) = (grouped(positive.ranking.positives), positive.ranking.base_rate());
            Named {
                name: positive.name.to_owned(),
                notes: vec![words(positive, figures), format!("n = {n}, base rate {rate:.3}")],
                curve: curve(&positive.ranking),
                dots: false,
            }
        };
        shown.iter().map(named).collect::<Vec<_>>()
    };
    let remark = has_intervals.then_some(INTERVAL);
    let title = |kind: &str| format!("{kind} curves (n = {})", grouped(members as u64));
    let (roc, pr) = (title("ROC"), title("Precision-recall"));
    let roc = Square {
        title: &roc,
        x: "false positive rate",
        y: "true positive rate",
        reference: Some(Reference { name: "random score", ends: [(0.0, 0.0), (1.0, 1.0)] }),
        curves: curves(|p, f| figures::words("AUROC", f.auroc, p.auroc), Ranking::roc),
        remark,
    };
    // several classes have several base rates
    let rate = first.ranking.base_rate();
    let random = Reference { name: "random score", ends: [(0.0, rate), (1.0, rate)] };
    let pr = Square {
        title: &pr,
        x: "recall",
        y: "precision",
        reference: (shown.len() == 1).then_some(random),
        curves: curves(
            |p, f| figures::words("average precision", f.average_precision, p.average_precision),
            |ranking| steps(&ranking.precision_recall()),
        ),
        remark,
    };
    Some([roc.draw(), pr.draw()])
}

/// Logs that there is no reliability curve.
pub fn without_reliability() {
    log::info!("no reliability curve, which needs probabilities from 0 to 1");
}

/// Draws the share of each bin over its mean probability, and the numbers of members below. The axes have
/// these names.
pub fn reliability(calibration: &Calibration, [x, y]: [String; 2]) -> Chart {
    let bins = calibration.bins();
    let members: u64 = bins.iter().map(|bin| bin.members).sum();
    let error = format!("calibration error {:.3}", calibration.expected_error());
    let square = Square {
        title: "Reliability",
        x: &x,
        y: &y,
        reference: Some(Reference { name: "calibrated", ends: [(0.0, 0.0), (1.0, 1.0)] }),
        curves: vec![Named {
            name: "bins of width 0.1".to_owned(),
            notes: vec![error, format!("n = {}", grouped(members))],
            curve: bins.iter().filter_map(|bin| Some((bin.probability()?, bin.share()?))).collect(),
            dots: true,
        }],
        remark: None,
    };
    let mut chart = square.draw();
    histogram(&mut chart, calibration);
    chart
}

/// Draws the number of members of each bin below a chart.
fn histogram(chart: &mut Chart, calibration: &Calibration) {
    const HEIGHT: f64 = 90.0;
    let most = calibration.bins().iter().map(|bin| bin.members).max().unwrap_or(0).max(1);
    let (top, bottom) = (chart.height + 20.0, chart.height + 20.0 + HEIGHT);
    let panel = Panel {
        x: Labelled {
            axis: Axis { low: 0.0, high: 1.0, start: LEFT, end: RIGHT },
            format: axis::plain,
            ticks: 5.0,
            name: None,
        },
        y: Labelled {
            axis: Axis { low: 0.0, high: most as f64, start: bottom, end: top },
            format: axis::count,
            ticks: 3.0,
            name: Some("number"),
        },
    };
    panel.ground(chart);
    for bin in calibration.bins().iter().filter(|bin| bin.members > 0) {
        let (left, right) = (panel.x.axis.place(bin.low), panel.x.axis.place(bin.high));
        let high = panel.y.axis.place(bin.members as f64);
        let area =
            Area { left: left + 1.0, top: high, width: right - left - 2.0, height: bottom - high };
        chart.rect(area, tint(BLUE));
    }
    panel.frame(chart);
    chart.height = bottom + 20.0;
}

//! The report of predicted numbers.

use anyhow::Result;

use super::{
    figures::Bootstrap,
    members::Members,
    tables::{Metric, Tables},
};
use crate::{
    plot::{
        axis::{self, Axis, grouped},
        palette::BLUE,
        panel::{Labelled, Panel},
        scene::Chart,
        square::{CHANCE, LEFT, RIGHT, titled},
    },
    statistics::{ConfidenceInterval, NumberPredictions, Regression},
};

/// Numbers of members.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a> {
    /// Name of the numbers.
    pub target: &'a str,
    /// True number of each member.
    pub truth: &'a [f64],
    /// Predicted number of each member.
    pub predicted: &'a [f64],
}

impl Numbers<'_> {
    /// Writes the files.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(
        &self,
        tables: &Tables<'_>,
        clean: Option<&[bool]>,
        bootstrap: Bootstrap,
    ) -> Result<()> {
        let groups = Members::groups(self.truth.len(), clean);
        let metrics: Vec<_> =
            groups.iter().map(|members| (members, self.metrics(members, bootstrap))).collect();
        tables.metrics(&metrics)?;
        tables.charts(&self.charts())
    }

    /// The charts, by name.
    pub fn charts(&self) -> Vec<(&'static str, Chart)> {
        vec![("predicted", self.draw())]
    }

    fn metrics(&self, members: &Members, bootstrap: Bootstrap) -> Vec<Metric> {
        let predictions =
            NumberPredictions::new(members.of(self.truth, 1), members.of(self.predicted, 1));
        let figures = predictions.figures();
        let intervals = predictions.intervals(bootstrap.replicates, bootstrap.seed);
        type Of<T> = fn(&Regression<Option<T>>) -> Option<T>;
        let metric = |name, of: Of<f64>, interval: Of<ConfidenceInterval>| Metric {
            name,
            value: figures.as_ref().and_then(of),
            interval: intervals.as_ref().and_then(interval),
        };
        vec![
            metric("r2", |f| f.r2, |i| i.r2),
            metric("pearson", |f| f.pearson, |i| i.pearson),
            metric("spearman", |f| f.spearman, |i| i.spearman),
            metric("mean_squared_error", |f| f.mean_squared_error, |i| i.mean_squared_error),
            metric("mean_absolute_error", |f| f.mean_absolute_error, |i| i.mean_absolute_error),
        ]
    }

    /// Draws the predicted numbers over the true ones; of many members, every second, third, … one.
    fn draw(&self) -> Chart {
        const MOST: usize = 3000;
        let (top, bottom) = (76.0, 556.0);
        let every = self.truth.len().div_ceil(MOST).max(1);
        let range = |values: &[f64]| {
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // an axis needs a length
            let room = (0.04 * (most - least)).max(1e-6 * most.abs()).max(1e-9);
            (least - room, most + room)
        };
        let axis = |values, start, end, name| {
            let (low, high) = range(values);
            Labelled {
                axis: Axis { low, high, start, end },
                format: axis::signed,
                ticks: 6.0,
                name: Some(name),
            }
        };
        let n = grouped(self.truth.len() as u64);
        let shown = match every {
            1 => format!("n = {n}"),
            _ => format!("n = {n}, of which one in {every} is drawn"),
        };
        let mut chart = titled(&format!("{} ({shown})", self.target), LEFT, (RIGHT + 40.0, 620.0));
        let panel = Panel {
            x: axis(self.truth, LEFT, RIGHT, "true"),
            y: axis(self.predicted, bottom, top, "predicted"),
        };
        panel.ground(&mut chart);
        let (x, y) = (&panel.x.axis, &panel.y.axis);
        let (from, to) = (x.low.max(y.low), x.high.min(y.high));
        if from < to {
            let at = |value| (x.place(value), y.place(value));
            chart.dashed(at(from), at(to), CHANCE);
        }
        for (&truth, &predicted) in self.truth.iter().zip(self.predicted).step_by(every) {
            chart.dot((x.place(truth), y.place(predicted)), 2.2, BLUE);
        }
        panel.frame(&mut chart);
        chart
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Shape;

    #[test]
    fn dots_are_inside_the_picture() {
        let dots = |truth: &[f64], predicted: &[f64]| -> usize {
            let chart = Numbers { target: "x", truth, predicted }.draw();
            let places = chart.shapes.iter().filter_map(|shape| match shape {
                Shape::Dot { at, .. } => Some(*at),
                _ => None,
            });
            places
                .inspect(|at| assert!(at.0 > LEFT && at.0 < RIGHT && at.1 > 76.0 && at.1 < 556.0))
                .count()
        };
        assert_eq!(dots(&[1.0, 2.0, 3.0], &[-1e9, 1e9, 0.0]), 3);
        assert_eq!(dots(&[2.0; 2], &[5e6; 2]), 2);
        let many: Vec<f64> = (0..10_000).map(f64::from).collect();
        assert_eq!(dots(&many, &many), 2500);
    }
}

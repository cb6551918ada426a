//! The scores of a grid as a chart.

use std::path::Path;

use anyhow::Result;

use super::grid::Grid;
use crate::{
    formats::picture,
    plot::{
        levels::{Estimate, Levels, MOST, Series},
        scene::Chart,
    },
};

/// Writes `sweep.svg` and `sweep.png`: the `figure` of each point of a grid, by the values of the first
/// setting, with a series for each combination of the others. Draws nothing if there are more series than
/// colours.
///
/// # Errors
/// A file cannot be written.
pub fn write(folder: &Path, grid: &Grid, figure: &str, scores: &[Option<f64>]) -> Result<()> {
    let Some(chart) = draw(grid, figure, scores) else {
        log::info!("no picture of the sweep: it has more than {MOST} curves");
        return Ok(());
    };
    picture::write(folder, "sweep", &chart)?;
    Ok(())
}

fn draw(grid: &Grid, figure: &str, scores: &[Option<f64>]) -> Option<Chart> {
    let first = grid.sweep.first()?;
    let points = grid.points();
    // the last setting varies fastest
    let others = points.len() / first.values.len().max(1);
    if others > MOST {
        return None;
    }
    let series = |other: usize| {
        let estimate = |score: &Option<f64>| Some(Estimate { value: (*score)?, interval: None });
        let name = match &points[other][1..] {
            [] => format!("valid_{figure}"),
            values => values.join(", "),
        };
        Series {
            name,
            estimates: scores.iter().skip(other).step_by(others).map(estimate).collect(),
        }
    };
    let chart = Levels {
        title: "Sweep",
        x: &first.key,
        y: &format!("{figure} on the validation part"),
        levels: first.values.clone(),
        series: (0..others).map(series).collect(),
        reference: None,
        remark: None,
    };
    Some(chart.draw())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Shape;

    fn grid(sweep: &[&str]) -> Grid {
        let sweep: Vec<_> = sweep.iter().map(|text| text.parse().unwrap()).collect();
        Grid::new(&sweep, 1).unwrap().unwrap()
    }

    #[test]
    fn points_lie_at_the_values_of_the_first_setting() {
        let grid = grid(&["method=prompt:0,prompt:2,full", "pool=mean,max"]);
        let scores = [0.5, 0.6, 0.7, 0.8, f64::NAN, 0.9];
        let scores = scores.map(|score| Some(score).filter(|score| score.is_finite()));
        let chart = draw(&grid, "mcc", &scores).unwrap();
        let dots: Vec<(i64, i64)> = chart
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Dot { at, .. } => Some((at.0 as i64, at.1 as i64)),
                _ => None,
            })
            .collect();
        assert_eq!(dots.len(), 5, "a run without a score has no dot");
        // of mean 0.5 and 0.7, then of max 0.6, 0.8 and 0.9, upwards
        assert!(dots[0].1 > dots[1].1 && dots[0].0 < dots[1].0, "{dots:?}");
        assert!(dots[2].1 > dots[3].1 && dots[3].1 > dots[4].1, "{dots:?}");
        let texts: Vec<&str> = chart
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Text { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        for text in ["prompt:2", "method", "mean", "max", "mcc on the validation part"] {
            assert!(texts.contains(&text), "{text}: {texts:?}");
        }
    }

    #[test]
    fn too_many_curves_are_not_drawn() {
        let grid = grid(&["pool=mean,max", "lr=1,2,3,4,5,6,7,8"]);
        assert!(draw(&grid, "mcc", &[None; 16]).is_none());
    }
}

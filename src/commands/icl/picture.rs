//! The accuracy by numbers of demonstrations and of tuning examples.

use super::{
    cells::{Cell, Grid},
    write::{Method, Row, Seeds},
};
use crate::plot::{
    levels::{Estimate, Levels, MOST, Series},
    scene::Chart,
};

/// Name of the picture.
pub const NAME: &str = "icl";

/// Draws the means over seeds: a series for each number of tuning examples, and one of the probe on the
/// demonstrations.
pub fn draw(rows: &[Row], grid: &Grid) -> Chart {
    let series = |method: Method, tuned: usize, name: String| Series {
        name,
        estimates: grid
            .shots
            .iter()
            .map(|&shots| estimate(rows, method, Cell { shots, tuned }))
            .collect(),
    };
    let tuned = |&tuned: &usize| {
        let name = match tuned {
            0 => "icl".to_owned(),
            tuned => format!("icl, tuned on {tuned}"),
        };
        series(Method::Icl, tuned, name)
    };
    let (drawn, omitted) = grid.tuned.split_at(grid.tuned.len().min(MOST - 1));
    if !omitted.is_empty() {
        let omitted: Vec<String> = omitted.iter().map(usize::to_string).collect();
        log::info!("--plot leaves out --tune {}, as there are {MOST} colours", omitted.join(","));
    }
    let mut all: Vec<Series> = drawn.iter().map(tuned).collect();
    all.push(series(Method::Probe, 0, "probe on the demonstrations".to_owned()));
    all.retain(|series| series.estimates.iter().any(Option::is_some));
    let majority = rows.iter().find(|row| row.method == Method::Majority);
    Levels {
        title: "In-context learning",
        x: "demonstrations before a query",
        y: "accuracy on the test part",
        levels: grid.shots.iter().map(usize::to_string).collect(),
        series: all,
        reference: majority
            .and_then(|row| row.figures.accuracy)
            .map(|accuracy| ("majority class", accuracy)),
        remark: Some("bars: 95 % interval over seeds"),
    }
    .draw()
}

fn estimate(rows: &[Row], method: Method, cell: Cell) -> Option<Estimate> {
    let is =
        |row: &&Row| row.method == method && row.cell == Some(cell) && row.seeds == Seeds::Mean;
    let row = rows.iter().find(is)?;
    Some(Estimate { value: row.figures.accuracy?, interval: row.interval })
}

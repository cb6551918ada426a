//! The picture of the first two coordinates.

use super::{args::Method, listing::Listing, method::Placed};
use crate::plot::{
    axis::grouped,
    scatter::{Class, Dot, MOST, Scatter},
    scene::Chart,
};

/// Draws the rows that have a place; of many, every second, third, … one. The labels with the most rows have
/// colours, the others are grey.
pub fn draw(method: Method, listing: &Listing, placed: &Placed) -> Chart {
    const DOTS: usize = 3000;
    let width = placed.columns.len();
    let rows = placed.places.len() / width;
    let every = rows.div_ceil(DOTS).max(1);
    let mut largest: Vec<usize> = (0..listing.labels.len()).collect();
    // a stable sort keeps labels of equal size in the order found
    largest.sort_by_key(|&label| std::cmp::Reverse(listing.labels[label].1));
    let shown = &largest[..largest.len().min(MOST)];
    let classes: Vec<Class> = shown
        .iter()
        .map(|&label| {
            let (name, members) = listing.labels[label].clone();
            Class { name, members }
        })
        .collect();
    let rest = rows as u64 - classes.iter().map(|class| class.members).sum::<u64>();
    let others = match largest.len() - shown.len() {
        0 => "no label".to_owned(),
        others => format!("{others} other labels, or none"),
    };
    let without_labels = listing.labels.is_empty();
    let others = (rest > 0 && !without_labels).then_some(Class { name: others, members: rest });
    if largest.len() > MOST {
        log::info!("the {MOST} largest of {} labels have colours", largest.len());
    }
    let dots = listing.rows.iter().filter_map(|row| Some((row.place?, row.label)));
    let dot = |(place, label): (usize, Option<usize>)| {
        let class = label.and_then(|label| shown.iter().position(|&other| other == label));
        let at = (placed.places[place * width], placed.places[place * width + 1]);
        // without labels all dots have the first colour
        Dot { at, class: if without_labels { Some(0) } else { class } }
    };
    let name = match method {
        Method::Pca => "Principal components",
        Method::Tsne => "t-SNE",
    };
    let n = grouped(rows as u64);
    let title = match every {
        1 => format!("{name} (n = {n})"),
        _ => format!("{name} (n = {n}, of which one in {every} is drawn)"),
    };
    let scatter = Scatter {
        title: &title,
        x: &placed.axes[0],
        y: &placed.axes[1],
        classes,
        others,
        dots: dots.step_by(every).map(dot).collect(),
    };
    scatter.draw()
}

//! The picture of the first two coordinates.

use super::{args::Method, listing::Listing, method::Placed};
use crate::{
    chance::{Purpose, RandomStream},
    plot::{
        axis::grouped,
        scatter::{Class, Dot, MOST, Scatter},
        scene::Chart,
    },
};

/// Most dots of a picture.
const DOTS: usize = 3000;

/// Draws the rows that have a place; a random subset if they are more than 3,000. The labels with the most
/// rows have colours, the others are grey.
pub fn draw(method: Method, listing: &Listing, placed: &Placed) -> Chart {
    let width = placed.columns.len();
    let rows = placed.places.len() / width;
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
    let labels: Vec<Option<usize>> =
        listing.rows.iter().filter(|row| row.place.is_some()).map(|row| row.label).collect();
    let dot = |place: usize| {
        let label = labels[place];
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
    let title = match rows > DOTS {
        true => format!("{name} (n = {n}, of which a random {} are drawn)", grouped(DOTS as u64)),
        false => format!("{name} (n = {n})"),
    };
    let scatter = Scatter {
        title: &title,
        x: &placed.axes[0],
        y: &placed.axes[1],
        classes,
        others,
        dots: subset(&labels, DOTS).into_iter().map(dot).collect(),
    };
    scatter.draw()
}

/// Indices of `count` random rows in ascending order, or of all rows if they are fewer. Each label has as
/// large a share of them as of all rows, to within one row.
fn subset(labels: &[Option<usize>], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    if labels.len() <= count {
        return order;
    }
    RandomStream::new(0, Purpose::Shown, 0).shuffle(&mut order);
    // rows of a label side by side, in their random order
    order.sort_by_key(|&row| labels[row]);
    let mut shown: Vec<usize> = (0..count).map(|i| order[i * labels.len() / count]).collect();
    shown.sort_unstable();
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_shares_in_a_subset() {
        let labels: Vec<Option<usize>> =
            (0..900).map(|i| [Some(0), Some(1), None][i % 3].filter(|_| i != 4)).collect();
        let shown = subset(&labels, 300);
        assert!(shown.len() == 300 && shown.is_sorted_by(|a, b| a < b));
        let of = |label| shown.iter().filter(|&&row| labels[row] == label).count();
        for label in [Some(0), Some(1), None] {
            assert!((99..=101).contains(&of(label)), "{label:?}: {}", of(label));
        }
        let gaps: Vec<usize> = shown.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().any(|&gap| gap != gaps[0]), "random, not every third");
        assert_eq!(subset(&labels, 300), shown);
        assert_eq!(subset(&labels, 900), (0..900).collect::<Vec<_>>());
    }
}

//! t-SNE: places on a plane where neighbours stay neighbours (van der Maaten 2014).

use std::ops::Range;

use bhtsne::{Neighbor, SparseAffinities};
use rayon::prelude::*;

/// Steps of a fit.
pub const STEPS: usize = 1000;

/// Exactness of far forces: larger is faster and coarser.
const ANGLE: f32 = 0.5;

/// Rows beyond which far forces are interpolated on a grid, not summed over a tree.
const MANY: usize = 20_000;

/// Fewest rows for a perplexity: each needs three times as many neighbours.
pub fn fewest_rows(perplexity: f64) -> usize {
    (3.0 * perplexity).ceil() as usize + 1
}

/// Places of rows on a plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Places {
    /// Two coordinates for each row.
    pub places: Vec<f64>,
    /// Kullback-Leibler divergence of the neighbourhoods, which the fit lowers.
    pub divergence: f64,
}

/// The rows that are nearest to each row, in ascending distance.
#[derive(Debug)]
pub struct Neighbors(Vec<Vec<Neighbor<f32>>>);

/// Finds the neighbours of rows of `width` numbers by the distances of all pairs. `done` gets the rows of each
/// block whose neighbours are found.
///
/// # Panics
/// There are fewer rows than [`fewest_rows`].
pub fn neighbors(
    rows: &[f32],
    width: usize,
    perplexity: f64,
    done: impl FnMut(Range<usize>),
) -> Neighbors {
    let all: Vec<&[f32]> = rows.chunks_exact(width).collect();
    assert!(all.len() >= fewest_rows(perplexity));
    let count = (3.0 * perplexity) as usize;
    Neighbors(nearest(&all, count.max(1), done))
}

/// Places rows of `width` numbers on a plane. `start` has two coordinates for each row, of which only the
/// proportions count. `neighbors` are those of the same rows and perplexity. `done` gets the number of each
/// step. The result does not depend on the number of threads.
///
/// # Panics
/// There is another number of coordinates, or of neighbours.
pub fn fit(
    (rows, width): (&[f32], usize),
    start: &[f64],
    perplexity: f64,
    Neighbors(neighbors): &Neighbors,
    mut done: impl FnMut(usize) + Send,
) -> Places {
    let all: Vec<&[f32]> = rows.chunks_exact(width).collect();
    assert!(neighbors.len() == all.len() && start.len() == 2 * all.len());
    let start = small(start);
    // sums over threads would depend on their number
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.expect("a thread can be started");
    let (places, affinities) = pool.install(|| {
        let mut fit: bhtsne::tSNE<'_, f32, &[f32], 2> = bhtsne::tSNE::new(&all);
        fit.perplexity(perplexity as f32).epochs(STEPS).initial_embedding(start);
        // as in openTSNE; the library takes a quarter of it
        fit.learning_rate((all.len() as f32 / 12.0).max(50.0));
        fit.epoch_callback(move |step, _| done(step + 1));
        match all.len() > MANY {
            true => fit.fit_sne_with_neighbors(neighbors),
            false => fit.barnes_hut_with_neighbors(ANGLE, neighbors),
        };
        let places: Vec<f64> = fit.embedding().into_iter().map(f64::from).collect();
        (places, fit.affinities().expect("the fit has made them"))
    });
    Places { divergence: divergence(&affinities, &places), places }
}

/// The Kullback-Leibler divergence of the affinities of places from those of rows, from all pairs.
fn divergence(rows: &SparseAffinities<f32>, places: &[f64]) -> f64 {
    let places = places.as_chunks::<2>().0;
    let affinity = |i: usize, j: usize| {
        let ([a, b], [c, d]) = (places[i], places[j]);
        1.0 / (1.0 + (a - c).powi(2) + (b - d).powi(2))
    };
    let of = |i: usize| (0..places.len()).filter(|&j| j != i).map(|j| affinity(i, j)).sum::<f64>();
    let sums: Vec<f64> = (0..places.len()).into_par_iter().map(of).collect();
    let total: f64 = sums.iter().sum();
    let mut divergence = 0.0;
    for (i, ends) in rows.rows().windows(2).enumerate() {
        for at in ends[0]..ends[1] {
            let (p, j) = (f64::from(rows.values()[at]), rows.columns()[at] as usize);
            if p > 0.0 {
                divergence += p * (p * total / affinity(i, j)).ln();
            }
        }
    }
    divergence
}

/// Coordinates scaled to a deviation of 0.0001 of the first one.
fn small(start: &[f64]) -> Vec<f32> {
    let count = (start.len() / 2) as f64;
    let mean = start.iter().step_by(2).sum::<f64>() / count;
    let square = start.iter().step_by(2).map(|x| (x - mean).powi(2)).sum::<f64>();
    let scale = 1e-4 / (square / count).sqrt().max(f64::MIN_POSITIVE);
    start.iter().map(|x| (x * scale) as f32).collect()
}

/// The nearest rows of each row but itself, in ascending distance; of equal distances the first rows.
fn nearest(
    rows: &[&[f32]],
    count: usize,
    mut done: impl FnMut(Range<usize>),
) -> Vec<Vec<Neighbor<f32>>> {
    /// Rows of a block.
    const ROWS: usize = 1024;
    let square = |a: &[f32], b: &[f32]| -> f32 {
        let mut sums = [0.0; 8];
        let (a, b) = (a.as_chunks::<8>(), b.as_chunks::<8>());
        for (a, b) in a.0.iter().zip(b.0) {
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum += (a - b) * (a - b);
            }
        }
        let rest: f32 = a.1.iter().zip(b.1).map(|(a, b)| (a - b) * (a - b)).sum();
        sums.iter().sum::<f32>() + rest
    };
    let of = |own: usize| -> Vec<Neighbor<f32>> {
        let row = rows[own];
        let others = rows.iter().enumerate().filter(|(index, _)| *index != own);
        let mut all: Vec<(f32, usize)> =
            others.map(|(index, other)| (square(row, other), index)).collect();
        let by_distance =
            |a: &(f32, usize), b: &(f32, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if count < all.len() {
            all.select_nth_unstable_by(count - 1, by_distance);
            all.truncate(count);
        }
        all.sort_unstable_by(by_distance);
        let neighbor = |(square, index): (f32, usize)| Neighbor { index, distance: square.sqrt() };
        all.into_iter().map(neighbor).collect()
    };
    let mut found = Vec::with_capacity(rows.len());
    for first in (0..rows.len()).step_by(ROWS) {
        let block = first..rows.len().min(first + ROWS);
        found.par_extend(block.clone().into_par_iter().map(of));
        done(block);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two clouds of 30 rows, far from each other.
    fn rows() -> Vec<f32> {
        let noise = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
        let row =
            |i: usize| [noise(3 * i), noise(3 * i + 1) + 20.0 * (i % 2) as f32, noise(3 * i + 2)];
        (0..60).flat_map(row).collect()
    }

    #[test]
    fn neighbours_stay_neighbours_with_any_number_of_threads() {
        let rows = rows();
        let start: Vec<f64> =
            rows.chunks(3).flat_map(|row| [row[1], row[0]].map(f64::from)).collect();
        let mut steps = 0;
        let mut seen = 0..0;
        let near = neighbors(&rows, 3, 5.0, |block| seen.end = block.end);
        let found = fit((&rows, 3), &start, 5.0, &near, |step| steps = step);
        assert_eq!((seen, steps, found.places.len()), (0..60, STEPS, 120));
        // scikit-learn 1.9.1 reaches 0.068
        assert!((0.0..0.15).contains(&found.divergence), "{}", found.divergence);
        let place = |i: usize| [found.places[2 * i], found.places[2 * i + 1]];
        let distance = |i: usize, j: usize| {
            let ([a, b], [c, d]) = (place(i), place(j));
            (a - c).hypot(b - d)
        };
        for i in 0..60 {
            let nearest = (0..60)
                .filter(|&j| j != i)
                .min_by(|&j, &k| distance(i, j).total_cmp(&distance(i, k)));
            assert_eq!(nearest.unwrap() % 2, i % 2, "row {i}");
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let again = pool.install(|| {
            let near = neighbors(&rows, 3, 5.0, |_| {});
            fit((&rows, 3), &start, 5.0, &near, |_| {})
        });
        assert_eq!(again, found);
    }

    #[test]
    fn the_nearest_rows_come_first() {
        let rows = [0.0, 1.0, 3.0, 1.0, -5.0_f32].map(|x| vec![x]);
        let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let found = nearest(&rows, 2, |_| {});
        let indices = |i: usize| found[i].iter().map(|n| n.index).collect::<Vec<_>>();
        assert_eq!((indices(0), indices(1), indices(4)), (vec![1, 3], vec![3, 0], vec![0, 1]));
        assert_eq!(found[1][0].distance, 0.0);
        assert_eq!((fewest_rows(30.0), fewest_rows(0.5)), (91, 3));
    }
}

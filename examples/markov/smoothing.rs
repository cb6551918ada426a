//! How the orders are mixed.
//!
//! What a context of `k` bases says is mixed with what the one shorter by a base says, as if that
//! had been seen `a` times: `p_k(b) = (c_k(b) + a · p_{k-1}(b)) / (c_k + a)`, and below order 0 all
//! four bases are as likely. Unless it is given, the `a` of each order is the one of [`TRIED`] that predicts blocks
//! best that were left out of the counts, the shortest context first.

use crate::counts::{Counts, Place, places};

/// The pseudocounts that are tried.
const TRIED: [f64; 12] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// The probability of the base at a place from its context of `k` bases, given that from `k - 1`.
pub fn mix(counts: &Counts, place: Place, k: usize, a: f64, shorter: f64) -> f64 {
    let (count, any) = counts.of(place, k);
    (f64::from(count) + a * shorter) / (f64::from(any) + a)
}

/// The pseudocount of each order, from blocks of tokens that are not counted.
pub fn choose(counts: &Counts, held_out: &[Vec<u8>]) -> Vec<f64> {
    let mut predicted: Vec<(Place, f64)> = held_out
        .iter()
        .flat_map(|tokens| places(tokens, counts.order()).map(|(_, place)| (place, 0.25)))
        .collect();
    let mut chosen = Vec::new();
    for k in 0..=counts.order() {
        predicted.retain(|(place, _)| place.known >= k);
        let likelihood = |a: f64| -> f64 {
            predicted.iter().map(|(place, shorter)| mix(counts, *place, k, a, *shorter).ln()).sum()
        };
        let best = TRIED
            .into_iter()
            .map(|a| (a, likelihood(a)))
            .max_by(|one, other| one.1.total_cmp(&other.1));
        let (a, _) = best.expect("some pseudocounts are tried");
        for (place, p) in &mut predicted {
            *p = mix(counts, *place, k, a, *p);
        }
        chosen.push(a);
    }
    chosen
}

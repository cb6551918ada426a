//! Division of examples by chance, in equal shares of each class.

use std::collections::BTreeMap;

use super::example::Target;
use crate::chance::{Purpose, RandomStream};

/// Fewest examples of a class that stay.
const LEAST: usize = 2;

/// Indices of the examples to take away: `share` of each class, drawn with `seed`. At least two of each
/// stay. Keys of one class are equal.
pub fn draw<K: Ord>(keys: &[K], share: f64, seed: u64) -> Vec<usize> {
    let mut drawn = Vec::new();
    for (number, mut members) in members(keys).into_iter().enumerate() {
        RandomStream::new(seed, Purpose::Division, number as u64).shuffle(&mut members);
        let most = members.len().saturating_sub(LEAST);
        members.truncate(((members.len() as f64 * share).round() as usize).min(most));
        drawn.extend(members);
    }
    drawn.sort_unstable();
    drawn
}

/// The fold of each example, from 0 to `folds` - 1, drawn with `seed`; each class is spread over all folds.
pub fn folds(targets: &[Target], folds: usize, seed: u64) -> Vec<usize> {
    let class = |target: &Target| match target {
        Target::Class(class) => *class,
        _ => 0,
    };
    let keys: Vec<usize> = targets.iter().map(class).collect();
    let mut of = vec![0; targets.len()];
    let mut next = 0;
    for (number, mut members) in members(&keys).into_iter().enumerate() {
        RandomStream::new(seed, Purpose::Division, number as u64).shuffle(&mut members);
        for member in members {
            of[member] = next % folds;
            next += 1;
        }
    }
    of
}

/// The indices of each key.
fn members<K: Ord>(keys: &[K]) -> Vec<Vec<usize>> {
    let mut members: BTreeMap<&K, Vec<usize>> = BTreeMap::new();
    for (i, key) in keys.iter().enumerate() {
        members.entry(key).or_default().push(i);
    }
    members.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_gives_its_share() {
        let keys: Vec<u8> = (0..100).map(|i| u8::from(i % 5 == 0)).chain([2, 2, 2]).collect();
        let drawn = draw(&keys, 0.25, 1);
        let count = |key| drawn.iter().filter(|&&i| keys[i] == key).count();
        assert_eq!([count(0), count(1), count(2)], [20, 5, 1]);
        assert_eq!(draw(&keys, 0.25, 1), drawn);
        assert_ne!(draw(&keys, 0.25, 2), drawn);
        assert!(draw(&["a", "a", "b", "b"], 0.9, 0).is_empty());
    }

    #[test]
    fn folds_have_equal_shares_of_each_class() {
        let targets: Vec<Target> = (0..50).map(|i| Target::Class(usize::from(i < 10))).collect();
        let folds = folds(&targets, 5, 0);
        for fold in 0..5 {
            let count = |class| {
                (0..50).filter(|&i| folds[i] == fold && targets[i] == Target::Class(class)).count()
            };
            assert_eq!([count(0), count(1)], [8, 2]);
        }
    }
}

//! Examples to show a model before a query: drawn by seed, balanced over classes.

use thiserror::Error;

use super::example::{Example, Target};
use crate::{
    chance::{Purpose, RandomStream},
    formats::number::counted,
};

/// A class with too few examples to draw.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "demonstrations and examples to tune on are {} in all, up to {needed} of each of {classes} classes, and class {class} has {} in the train part; lower --shots or --tune, or give more examples",
    counted(*drawn as u64, "example"),
    counted(*found as u64, "example")
)]
pub struct TooFew {
    /// Number of examples to draw.
    pub drawn: usize,
    /// Number of classes.
    pub classes: usize,
    /// Name of the class.
    pub class: String,
    /// Examples of it that may be needed.
    pub needed: usize,
    /// Examples of it.
    pub found: usize,
}

/// Draws `count` different examples of classes with these names, in the order in which they are shown:
/// of each run of as many examples as there are classes, one of each class, in random order. The first
/// ones are the same for any `count`. Gives their indices.
///
/// # Errors
/// A class has too few examples.
pub fn balanced(
    examples: &[Example],
    names: &[String],
    count: usize,
    seed: u64,
) -> Result<Vec<usize>, TooFew> {
    let stream = |number| RandomStream::new(seed, Purpose::Demonstration, number);
    let classes = names.len();
    let needed = count.div_ceil(classes.max(1));
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); classes];
    for (number, example) in examples.iter().enumerate() {
        if let Target::Class(class) = example.target {
            members[class].push(number);
        }
    }
    for (class, members) in members.iter_mut().enumerate() {
        if members.len() < needed {
            let (class, found) = (names[class].clone(), members.len());
            return Err(TooFew { drawn: count, classes, class, needed, found });
        }
        stream(class as u64).shuffle(members);
    }
    let round = |round: usize| {
        let mut order: Vec<usize> = (0..classes).collect();
        // after the streams of the classes
        stream((classes + round) as u64).shuffle(&mut order);
        order.into_iter().map(move |class| (class, round))
    };
    let drawn = (0..needed).flat_map(round).take(count);
    Ok(drawn.map(|(class, round)| members[class][round]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::example::{At, Place};

    fn examples(classes: &[usize]) -> Vec<Example> {
        let example = |&class: &usize| Example {
            bases: b"A".to_vec(),
            target: Target::Class(class),
            place: Place { path: "x".into(), at: At::Whole },
        };
        classes.iter().map(example).collect()
    }

    #[test]
    fn draws_are_balanced_nested_and_of_the_seed() {
        let classes: Vec<usize> = (0..60).map(|i| [0, 0, 0, 1, 2][i % 5]).collect();
        let all = examples(&classes);
        let names = ["a", "b", "c"].map(str::to_owned);
        let drawn = |count, seed| balanced(&all, &names, count, seed).unwrap();
        let order = drawn(36, 1);
        for run in order.chunks(3) {
            let mut of: Vec<usize> = run.iter().map(|&i| classes[i]).collect();
            of.sort_unstable();
            assert_eq!(of, [0, 1, 2]);
        }
        let mut different = order.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 36);
        assert_eq!(drawn(7, 1), order[..7]);
        assert_ne!(drawn(36, 2), order);
        let firsts: Vec<usize> = (0..30).map(|seed| classes[drawn(1, seed)[0]]).collect();
        assert!((0..3).all(|class| firsts.contains(&class)), "{firsts:?}");
        assert!(drawn(0, 1).is_empty());
    }

    #[test]
    fn a_class_that_is_too_small_is_named() {
        let error = balanced(&examples(&[0, 0, 0, 1]), &["no".into(), "yes".into()], 3, 0);
        let error = error.unwrap_err().to_string();
        let found = "3 examples in all, up to 2 of each of 2 classes, and class yes has 1 example in the train part";
        assert!(error.contains(found), "{error}");
    }
}

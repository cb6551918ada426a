//! Windows of long sequences whose bases have labels.

use super::example::{Example, Target};

/// Appends an example: in windows of `window` bases that start every `step` bases (`window` without it)
/// if its bases have labels, the last of which may be shorter; else as it is. Windows in which no base
/// has a known label are left out; gives their number.
pub fn cut(
    example: Example,
    window: Option<u64>,
    step: Option<u64>,
    into: &mut Vec<Example>,
) -> u64 {
    if !matches!(example.target, Target::BaseClasses(_) | Target::BaseLabels(_)) {
        into.push(example);
        return 0;
    }
    let length = example.bases.len();
    let window = window.map_or(length, |window| usize::try_from(window).unwrap_or(length)).max(1);
    let step = step.map_or(window, |step| usize::try_from(step).unwrap_or(window)).max(1);
    let mut left_out = 0;
    let mut start = 0;
    loop {
        let range = start..(start + window).min(length);
        let is_last = range.end == length;
        let Example { bases, target, place } = &example;
        let target = target.slice(range.clone());
        if target.known() > 0 {
            let (bases, place) = (bases[range].to_vec(), place.clone());
            into.push(Example { bases, target, place });
        } else {
            left_out += 1;
        }
        if is_last {
            return left_out;
        }
        start += step;
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::tasks::example::{MASKED, MASKED_LABELS};
    use crate::tasks::testing::{example, place};

    #[test]
    fn windows_cover_every_base() {
        let classes = vec![0, 1, MASKED, MASKED, MASKED, MASKED, 1];
        let whole = Example {
            bases: b"ACGTACG".to_vec(),
            target: Target::BaseClasses(classes.clone()),
            place: place(1),
        };
        let cut = |window, step| {
            let mut found = Vec::new();
            let left_out = cut(whole.clone(), window, step, &mut found);
            let of = |example: Example| match example.target {
                Target::BaseClasses(classes) => (example.bases, classes),
                other => panic!("{other:?}"),
            };
            (found.into_iter().map(of).collect::<Vec<_>>(), left_out)
        };
        let piece =
            |range: Range<usize>| (b"ACGTACG"[range.clone()].to_vec(), classes[range].to_vec());
        assert_eq!(cut(None, None), (vec![piece(0..7)], 0));
        assert_eq!(cut(Some(7), None), (vec![piece(0..7)], 0));
        assert_eq!(cut(Some(2), None), (vec![piece(0..2), piece(6..7)], 2));
        assert_eq!(cut(Some(4), Some(3)), (vec![piece(0..4), piece(3..7)], 0));
        let labels =
            Example { target: Target::BaseLabels(vec![MASKED_LABELS; 7]), ..whole.clone() };
        let mut found = Vec::new();
        assert_eq!((super::cut(labels, Some(4), None, &mut found), found.len()), (2, 0));
        assert_eq!(super::cut(example(b"ACGT", 1), Some(2), None, &mut found), 0);
        assert_eq!(found, [example(b"ACGT", 1)]);
    }
}

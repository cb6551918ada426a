//! Descriptions of a part in a line.

use super::{
    example::{Example, MASKED, MASKED_LABELS, Target},
    labels::Task,
};
use crate::formats::number::{counted, number};

/// Number of classes, labels or targets that are listed.
const SHOWN: usize = 10;

/// Describes a part: `613 sequences of 300 bases; 0: 306, 1: 307`.
pub fn describe(examples: &[Example], task: &Task) -> String {
    let mut lengths: Vec<usize> = examples.iter().map(|example| example.bases.len()).collect();
    lengths.sort_unstable();
    let count = counted(examples.len() as u64, "sequence");
    let (Some(least), Some(most)) = (lengths.first(), lengths.last()) else { return count };
    let length = if least == most {
        counted(*most as u64, "base")
    } else {
        format!("{least} to {most} bases (median {})", lengths[lengths.len() / 2])
    };
    format!("{count} of {length}; {}", targets(examples, task))
}

/// Number of sequences longer than `context`.
pub fn over(examples: &[Example], context: usize) -> u64 {
    examples.iter().filter(|example| example.bases.len() > context).count() as u64
}

fn targets(examples: &[Example], task: &Task) -> String {
    match task {
        Task::Classes(names) => {
            let mut counts = vec![0_u64; names.len()];
            for example in examples {
                if let Target::Class(class) = example.target {
                    counts[class] += 1;
                }
            }
            listed(names.iter().zip(&counts).map(|(name, count)| format!("{name}: {count}")))
        }
        Task::Regression(names) => listed(names.iter().enumerate().map(|(i, name)| {
            let value = |example: &Example| match &example.target {
                Target::Numbers(values) => values.get(i).copied(),
                _ => None,
            };
            let values = || examples.iter().filter_map(value);
            let least = values().fold(f64::INFINITY, f64::min);
            let most = values().fold(f64::NEG_INFINITY, f64::max);
            format!("{name} from {} to {}", number(Some(least)), number(Some(most)))
        })),
        Task::MultiLabel(names) => {
            let has = |i| {
                move |example: &&Example| match &example.target {
                    Target::Labels(labels) => labels[i],
                    _ => false,
                }
            };
            listed(
                names
                    .iter()
                    .enumerate()
                    .map(|(i, name)| format!("{name}: {}", examples.iter().filter(has(i)).count())),
            )
        }
        Task::BaseClasses(names) => {
            let mut counts = [0_u64; 1 << 8];
            for example in examples {
                if let Target::BaseClasses(classes) = &example.target {
                    classes.iter().for_each(|class| counts[usize::from(*class)] += 1);
                }
            }
            listed(each_base(names, &counts, counts[usize::from(MASKED)]))
        }
        Task::BaseLabels(names) => {
            let mut counts = [0_u64; 64];
            for example in examples {
                if let Target::BaseLabels(bases) = &example.target {
                    for bits in bases {
                        (0..64).for_each(|bit| counts[bit] += bits >> bit & 1);
                    }
                }
            }
            listed(each_base(names, &counts, counts[MASKED_LABELS.ilog2() as usize]))
        }
    }
}

/// Numbers of bases of each class or label, and of those without one.
fn each_base<'a>(
    names: &'a [String],
    counts: &'a [u64],
    masked: u64,
) -> impl ExactSizeIterator<Item = String> + 'a {
    let of = move |i: usize| match names.get(i) {
        Some(name) => format!("{name}: {}", counted(counts[i], "base")),
        None => format!("without a label: {}", counted(masked, "base")),
    };
    (0..names.len() + usize::from(masked > 0)).map(of)
}

/// A list of which the first items are shown.
fn listed(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(SHOWN);
    let text = items.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{text} and {more} more") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::testing::{example, place};

    #[test]
    fn a_part_is_described_in_a_line() {
        let task = Task::Classes(vec!["a".into(), "b".into()]);
        let examples = [example(b"ACGT", 1), example(b"AC", 1), example(b"ACG", 0)];
        let text = describe(&examples, &task);
        assert_eq!(text, "3 sequences of 2 to 4 bases (median 3); a: 1, b: 2");
        assert_eq!(over(&examples, 3), 1);
        let number = |value| Example {
            bases: b"A".to_vec(),
            target: Target::Numbers(vec![value]),
            place: place(1),
        };
        let text = describe(&[number(0.5), number(-2.0)], &Task::Regression(vec!["y".into()]));
        assert_eq!(text, "2 sequences of 1 base; y from -2 to 0.5");
    }
}

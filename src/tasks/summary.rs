//! Descriptions of a part in a line.

use super::{
    example::{Example, Target},
    labels::Task,
};
use crate::formats::number::{counted, number};

/// Number of classes that are listed.
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
            let each = names.iter().zip(&counts).map(|(name, count)| format!("{name}: {count}"));
            let more = names.len().saturating_sub(SHOWN);
            let mut text = each.take(SHOWN).collect::<Vec<_>>().join(", ");
            if more > 0 {
                text += &format!(" and {more} more classes");
            }
            text
        }
        Task::Regression => {
            let value = |example: &Example| match example.target {
                Target::Number(value) => Some(value),
                Target::Class(_) => None,
            };
            let values = || examples.iter().filter_map(value);
            let least = values().fold(f64::INFINITY, f64::min);
            let most = values().fold(f64::NEG_INFINITY, f64::max);
            format!("targets from {} to {}", number(Some(least)), number(Some(most)))
        }
    }
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
            target: Target::Number(value),
            place: place(1),
        };
        let text = describe(&[number(0.5), number(-2.0)], &Task::Regression);
        assert_eq!(text, "2 sequences of 1 base; targets from -2 to 0.5");
    }
}

//! One row of the table: what was measured, and its text.

use std::{f64::consts::LN_2, str::FromStr};

use crate::formats::number::push_six_digits;

/// Measures of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Bits per base and perplexity, of pretraining.
    NextBase,
    /// The score of a task.
    Task,
}

impl Table {
    /// The names of the columns, in the order of the fields of a row.
    pub fn header(self) -> String {
        let measures = match self {
            Self::NextBase => "bits_per_base\tperplexity",
            Self::Task => "score",
        };
        format!(
            "#step\tsplit\tlength\tsequences\ttokens\tloss\t{measures}\tlearning_rate\tgradient_norm\ttokens_per_second\tmemory\tskipped"
        )
    }
}

/// Sequences that a loss was measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossSplit {
    /// Those that the weights are fitted to.
    Train,
    /// Those that were held out.
    Valid,
}

impl LossSplit {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
        }
    }
}

/// Measurements at one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Number of the step, from 1.
    pub step: u64,
    /// Sequences that the loss was measured on.
    pub split: LossSplit,
    /// Length of a sequence, in bases.
    pub length: u64,
    /// Sequences of the global batch.
    pub sequences: u64,
    /// Tokens trained on so far.
    pub tokens: u64,
    /// Mean loss: in pretraining the cross-entropy in nats per base.
    pub loss: f64,
    /// Score of a task; none where it was not measured.
    pub score: Option<f64>,
    /// The factor of the update.
    pub learning_rate: f64,
    /// 2-norm of the gradient before clipping; none without a gradient.
    pub gradient_norm: Option<f64>,
    /// Tokens per second of wall time; none where it was not measured.
    pub tokens_per_second: Option<f64>,
    /// Peak memory in bytes: of tensors on a GPU, or resident where none is used.
    pub memory: u64,
    /// Steps so far that were left out because their loss or gradient was not finite.
    pub skipped: u64,
}

impl Row {
    /// The loss in bits per base: 2 is a guess among four equal bases.
    pub fn bits_per_base(&self) -> f64 {
        self.loss / LN_2
    }

    /// Among how many equally likely tokens the model would hesitate as much.
    pub fn perplexity(&self) -> f64 {
        self.loss.exp()
    }

    /// The line of a table, without its end.
    pub fn line(&self, table: Table) -> String {
        let Self { step, length, sequences, tokens, memory, skipped, .. } = self;
        let split = self.split.name();
        let mut line = format!("{step}\t{split}\t{length}\t{sequences}\t{tokens}");
        let measures = match table {
            Table::NextBase => vec![Some(self.bits_per_base()), Some(self.perplexity())],
            Table::Task => vec![self.score],
        };
        let others = [Some(self.learning_rate), self.gradient_norm, self.tokens_per_second];
        for value in [Some(self.loss)].into_iter().chain(measures).chain(others) {
            line.push('\t');
            match value {
                Some(value) => push_six_digits(&mut line, value),
                None => line.push('.'),
            }
        }
        line + &format!("\t{memory}\t{skipped}")
    }

    /// Reads a line of a table; what follows from the loss is not looked at.
    ///
    /// # Errors
    /// A column is missing or surplus, or its value is not of its kind.
    pub fn parse(line: &str, table: Table) -> Result<Self, String> {
        let fields: Vec<&str> = line.split('\t').collect();
        let columns = table.header().split('\t').count();
        if fields.len() != columns {
            return Err(format!("{} columns instead of {columns}", fields.len()));
        }
        let [step, split, length, sequences, tokens, loss] = [0, 1, 2, 3, 4, 5].map(|i| fields[i]);
        let [rate, norm, speed, memory, skipped] = [5, 4, 3, 2, 1].map(|i| fields[columns - i]);
        let score = if table == Table::Task { fields[6] } else { "." };
        Ok(Self {
            step: number("step", step)?,
            split: match split {
                "train" => LossSplit::Train,
                "valid" => LossSplit::Valid,
                _ => return Err(format!("split is {split:?}, neither train nor valid")),
            },
            length: number("length", length)?,
            sequences: number("sequences", sequences)?,
            tokens: number("tokens", tokens)?,
            loss: number("loss", loss)?,
            score: optional("score", score)?,
            learning_rate: number("learning_rate", rate)?,
            gradient_norm: optional("gradient_norm", norm)?,
            tokens_per_second: optional("tokens_per_second", speed)?,
            memory: number("memory", memory)?,
            skipped: number("skipped", skipped)?,
        })
    }
}

fn number<T: FromStr>(column: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{column} is {text:?}, which is not such a number"))
}

fn optional(column: &str, text: &str) -> Result<Option<f64>, String> {
    if text == "." { Ok(None) } else { number(column, text).map(Some) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A row of a small run; its numbers have at most six digits.
    pub fn example(split: LossSplit) -> Row {
        let train = split == LossSplit::Train;
        Row {
            step: 10,
            split,
            length: 1024,
            sequences: 256,
            tokens: 2_621_440,
            loss: 1.38629,
            score: None,
            learning_rate: 0.0006,
            gradient_norm: train.then_some(0.25),
            tokens_per_second: train.then_some(12345.5),
            memory: 1 << 30,
            skipped: 1,
        }
    }

    #[test]
    fn the_text_of_a_row() {
        let line = |split| example(split).line(Table::NextBase);
        assert_eq!(
            line(LossSplit::Train),
            "10\ttrain\t1024\t256\t2621440\t1.38629\t1.99999\t3.99998\t0.0006\t0.25\t12345.5\t1073741824\t1"
        );
        assert_eq!(
            line(LossSplit::Valid),
            "10\tvalid\t1024\t256\t2621440\t1.38629\t1.99999\t3.99998\t0.0006\t.\t.\t1073741824\t1"
        );
        let row = Row { score: Some(0.75), ..example(LossSplit::Valid) };
        let line = row.line(Table::Task);
        assert_eq!(
            line,
            "10\tvalid\t1024\t256\t2621440\t1.38629\t0.75\t0.0006\t.\t.\t1073741824\t1"
        );
        assert_eq!(Row::parse(&line, Table::Task), Ok(row));
        assert_eq!(Table::Task.header().split('\t').count(), line.split('\t').count());
    }

    #[test]
    fn what_is_not_finite_comes_back() {
        let row = Row { gradient_norm: Some(f64::INFINITY), ..example(LossSplit::Train) };
        let again = |row: Row| Row::parse(&row.line(Table::NextBase), Table::NextBase);
        assert_eq!(again(row), Ok(row));
        let row = Row { loss: f64::NAN, ..row };
        assert!(again(row).unwrap().loss.is_nan());
    }

    #[test]
    fn errors_name_the_column() {
        let line = example(LossSplit::Train).line(Table::NextBase);
        for (from, to, expected) in [
            ("train", "test", "split is \"test\", neither train nor valid"),
            ("256", "-1", "sequences is \"-1\""),
            ("1.38629", ".", "loss is \".\""),
            ("\t1024", "", "12 columns instead of 13"),
        ] {
            let error = Row::parse(&line.replacen(from, to, 1), Table::NextBase).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}

//! Letters that stand for classes.

use std::fmt;

use crate::{
    formats::number::counted,
    model::{
        tokenizer::{self, SEPARATOR, Tokenizer},
        weights::{Weights, padding_rows},
    },
    process::exit::Usage,
    tasks::example::{Example, Target},
};

/// Letters of the vocabulary, in the order in which classes take them.
const ALL: [u8; 5] = *b"ACGTN";

/// The letter of each class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letters {
    /// Letter of each class, in the order of the classes.
    pub of: Vec<u8>,
    names: Vec<String>,
}

/// `0=A 1=C`, with the names of the classes.
impl fmt::Display for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = |(name, &letter): (&String, &u8)| format!("{name}={}", char::from(letter));
        let pairs: Vec<String> = self.names.iter().zip(&self.of).map(pair).collect();
        f.write_str(&pairs.join(" "))
    }
}

impl Letters {
    /// The letters of classes with these names: those that are `chosen`, or the first ones.
    ///
    /// # Errors
    /// There are more classes than letters, a letter does not exist or is chosen twice, or their number is
    /// not that of the classes.
    pub fn choose(chosen: &[String], names: &[String]) -> Result<Self, Usage> {
        let classes = names.len();
        let all = || ALL.map(|letter| char::from(letter).to_string()).join(", ");
        if classes > ALL.len() {
            let (most, all) = (ALL.len(), all());
            return Err(Usage(format!(
                "the data have {classes} classes, and the vocabulary has {most} letters to name them ({all}); use finetune or probe"
            )));
        }
        if chosen.is_empty() {
            return Ok(Self { of: ALL[..classes].to_vec(), names: names.to_vec() });
        }
        let mut of = Vec::with_capacity(classes);
        for text in chosen {
            let letter = ALL.into_iter().find(|&letter| text.as_bytes() == [letter]);
            let Some(letter) = letter else {
                let all = all();
                return Err(Usage(format!(
                    "--label-tokens {text}: the model has no such letter; choose from {all}"
                )));
            };
            if of.contains(&letter) {
                return Err(Usage(format!(
                    "--label-tokens has {text} twice; each class needs a letter of its own"
                )));
            }
            of.push(letter);
        }
        if of.len() != classes {
            return Err(Usage(format!(
                "--label-tokens has {}, and the data have {classes} classes ({}); give one for each",
                counted(of.len() as u64, "letter"),
                names.join(", ")
            )));
        }
        Ok(Self { of, names: names.to_vec() })
    }

    /// Tokens of the letters, in the order of the classes.
    pub fn tokens(&self) -> Vec<usize> {
        // a letter is predicted as itself, whatever stands for N among the bases
        let token = |&letter: &u8| usize::from(Tokenizer::default().token(letter));
        self.of.iter().map(token).collect()
    }

    /// Logs the letters, and warns of tokens that the model was never trained with. `has_shots` says that
    /// demonstrations are shown.
    pub fn warn(&self, (name, weights): (&str, &Weights), has_shots: bool) {
        log::info!("classes and their letters: {self}");
        let is_trained = |token| padding_rows::is_trained(weights, token);
        if self.of.contains(&b'N') && !is_trained(tokenizer::N) {
            log::warn!("{name} was never trained with N, which names a class; see --label-tokens");
        }
        if has_shots && !is_trained(Tokenizer::default().token(SEPARATOR)) {
            log::warn!("{name} was never trained with [SEP], which ends demonstrations");
        }
    }
}

/// The class of an example of a task of classes.
pub fn class(example: &Example) -> usize {
    match example.target {
        Target::Class(class) => class,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(chosen: &str, classes: usize) -> Result<Letters, String> {
        let names: Vec<String> = (0..classes).map(|class| class.to_string()).collect();
        let chosen: Vec<String> =
            chosen.split(',').filter(|text| !text.is_empty()).map(str::to_owned).collect();
        Letters::choose(&chosen, &names).map_err(|error| error.0)
    }

    #[test]
    fn letters_are_those_that_are_chosen() {
        assert_eq!(choose("", 3).unwrap().of, b"ACG");
        let papers = choose("A,N", 2).unwrap();
        assert_eq!(papers.to_string(), "0=A 1=N");
        assert_eq!(papers.tokens(), [7, 11]);
    }

    #[test]
    fn wrong_letters_are_refused() {
        for (chosen, classes, problem) in [
            ("", 6, "the data have 6 classes, and the vocabulary has 5 letters"),
            ("A,A", 2, "has A twice"),
            ("A,X", 2, "--label-tokens X: the model has no such letter"),
            ("a,C", 2, "--label-tokens a"),
            ("A,C,G", 2, "has 3 letters, and the data have 2 classes (0, 1)"),
        ] {
            let error = choose(chosen, classes).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
    }
}

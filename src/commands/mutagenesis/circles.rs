//! Sequences that are to be circles, of which is known only at the end whether they were there.

use crate::genome::contig;

/// What was asked for and what was there.
#[derive(Debug)]
pub struct Circles {
    /// Names, and whether a sequence has them.
    wanted: Vec<(String, bool)>,
    /// Names of the first sequences.
    first: Vec<String>,
}

impl Circles {
    /// Sequences of these names, or of others that mean the same, are to come.
    pub fn new(names: &[String]) -> Self {
        let wanted = names.iter().map(|name| (name.clone(), false)).collect();
        Self { wanted, first: Vec::new() }
    }

    /// Takes note of a sequence.
    pub fn see(&mut self, name: &str) {
        const SHOWN: usize = 8;
        if self.wanted.is_empty() {
            return;
        }
        if self.first.len() < SHOWN {
            self.first.push(name.to_owned());
        }
        for (wanted, was_there) in &mut self.wanted {
            *was_there |= contig::canonical(wanted) == contig::canonical(name);
        }
    }

    /// Warns of those that were not there.
    pub fn report(&self) {
        let missing = self.wanted.iter().filter(|(_, was_there)| !was_there);
        let missing: Vec<&str> = missing.map(|(name, _)| name.as_str()).collect();
        if !missing.is_empty() {
            log::warn!(
                "--circular {}: no sequence has this name; the first ones are {}",
                missing.join(","),
                contig::summary(self.first.iter())
            );
        }
    }
}

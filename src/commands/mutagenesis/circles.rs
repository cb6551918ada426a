//! Names of circular sequences, which are checked against the input at its end.

use crate::genome::contig;

/// Names of circular sequences, and those that the input has.
#[derive(Debug)]
pub struct Circles {
    /// Requested names, each true if a sequence has it.
    requested: Vec<(String, bool)>,
    /// Names of the first sequences, for a message.
    first: Vec<String>,
}

impl Circles {
    /// These names, or others with the same meaning, are circular.
    pub fn new(names: &[String]) -> Self {
        let requested = names.iter().map(|name| (name.clone(), false)).collect();
        Self { requested, first: Vec::new() }
    }

    /// Takes note of a sequence.
    pub fn see(&mut self, name: &str) {
        const SHOWN: usize = 8;
        if self.requested.is_empty() {
            return;
        }
        if self.first.len() < SHOWN {
            self.first.push(name.to_owned());
        }
        for (requested, is_present) in &mut self.requested {
            *is_present |= contig::same(requested, name);
        }
    }

    /// Warns of names that no sequence has.
    pub fn report(&self) {
        let missing = self.requested.iter().filter(|(_, is_present)| !is_present);
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

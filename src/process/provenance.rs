//! Provenance of a file: version, command line and settings, in every output.

use std::env;

/// Facts about a run, in the order in which they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    facts: Vec<(&'static str, String)>,
}

impl Provenance {
    /// Starts with version and command line of this process.
    pub fn of_this_run() -> Self {
        let command: Vec<String> = env::args_os()
            .enumerate()
            .map(|(i, word)| match i {
                0 => "hyenadna".to_owned(),
                _ => quoted(&word.to_string_lossy()),
            })
            .collect();
        Self::default()
            .with("version", env!("CARGO_PKG_VERSION"))
            .with("command", command.join(" "))
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        let value = value.into().replace(['\n', '\r'], " ");
        self.facts.push((key, value));
        self
    }

    /// Lines of the form `##hyenadna_key=value`: comments in tables, meta lines in VCF.
    pub fn lines(&self) -> Vec<String> {
        self.facts.iter().map(|(key, value)| format!("##hyenadna_{key}={value}")).collect()
    }

    /// Keys and values.
    pub fn facts(&self) -> &[(&'static str, String)] {
        &self.facts
    }

    /// Pairs of key and value, for formats with metadata of their own.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let pair = |(key, value): &(&str, String)| (format!("hyenadna_{key}"), value.clone());
        self.facts.iter().map(pair).collect()
    }
}

/// A word of a command line, quoted for a shell if needed.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_written_as_lines() {
        let provenance = Provenance::default().with("model", "a\nb").with("context", "5");
        assert_eq!(provenance.lines(), ["##hyenadna_model=a b", "##hyenadna_context=5"]);
        assert_eq!(provenance.pairs()[1], ("hyenadna_context".into(), "5".into()));
    }

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted("x.vcf"), "x.vcf");
        assert_eq!(quoted(""), "''");
    }
}

//! Scores of an earlier run, which are carried over.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use super::columns::OutputColumn;
use crate::{
    formats::{
        error::InputError,
        input,
        reference::Reference,
        score_table::{Fact, Reader, ScoredAllele, ValueNames},
    },
    genome::{name, variant::Status},
    inference::memory::Bytes,
    process::provenance::Provenance,
    scoring::known::{AlleleKey, KnownScores},
};

/// Lines of the header that may differ: they say how a run went, not how alleles are scored.
const OF_RUN: [&str; 5] = ["command", "shard", "shard_places", "shard_input", "shards"];
/// Lines whose value is the path of a file.
const PATHS: [&str; 2] = ["reference", "genes"];
/// Remedy for a table of other settings.
const REMEDY: &str = "scores can only be carried over from a run with the same settings: choose those of the table, or leave out --known";

/// Values of alleles by contig, position, REF and ALT.
pub struct Known {
    scores: KnownScores,
    used: u64,
}

impl Known {
    /// Reads a table that was scored as `provenance` says, with values of these columns.
    ///
    /// # Errors
    /// The file cannot be read, is not a table of scores, was made in another way, or has two values for an allele.
    pub fn load(
        path: &Path,
        provenance: &Provenance,
        (columns, prefix): (&[OutputColumn], &str),
        reference: &mut Reference,
    ) -> Result<Self> {
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        let fields: Vec<String> = columns.iter().map(|column| column.info_name(prefix)).collect();
        let names = ValueNames { columns: &names, fields: &fields, prefix };
        let mut reader = Reader::new(input::open(path)?, names)?;
        check(reader.name(), &reader.facts, provenance)?;
        let table = reader.name().to_owned();
        let mut scores = KnownScores::default();
        let (mut contig, mut number) = (Vec::new(), None);
        let mut take = |allele: ScoredAllele<'_>, line: u64| {
            let is_scored =
                |status: Status| allele.values.last() == Some(&status.name().as_bytes());
            if ![Status::Ok, Status::Swapped].into_iter().any(is_scored) {
                return Ok(());
            }
            if contig != allele.contig || number.is_none() {
                contig = allele.contig.to_vec();
                let found = reference.find(&name::decode(&contig));
                number = found.with_context(|| format!("{table}, line {line}"))?;
            }
            let Some(contig) = number else { return Ok(()) };
            let [reference, alternative] =
                [allele.reference, allele.alternative].map(<[u8]>::to_ascii_uppercase);
            let (reference, alternative) = (&reference[..], &alternative[..]);
            let key = AlleleKey { contig, position: allele.position, reference, alternative };
            scores.add(key, line, &allele.values.join(&b'\t'));
            anyhow::Ok(())
        };
        while reader.read(&mut take)? {}
        if let Err((first, second)) = scores.complete() {
            bail!(InputError::Line {
                path: table,
                line: second,
                problem: format!(
                    "the allele is also in line {first}, with other values; leave one of the lines in the table"
                ),
            });
        }
        log::info!(
            "scores in {table} that can be carried over: {} ({} of memory)",
            scores.len(),
            Bytes(scores.bytes())
        );
        Ok(Self { scores, used: 0 })
    }

    /// The values of an allele that has this status, separated by tabs, if they are known. `key` has the bases in upper
    /// case.
    pub fn values(&mut self, key: AlleleKey<'_>, status: Status) -> Option<Box<[u8]>> {
        let values = self.scores.get(key)?;
        let known = values.rsplit(|&byte| byte == b'\t').next();
        if known != Some(status.name().as_bytes()) {
            return None;
        }
        self.used += 1;
        Some(values.into())
    }

    /// Number of alleles whose values were carried over.
    pub fn used(&self) -> u64 {
        self.used
    }
}

/// Refuses a table that was made in another way.
fn check(table: &str, facts: &[Fact], provenance: &Provenance) -> Result<()> {
    let counts = |key: &str| key != "version" && !OF_RUN.contains(&key);
    let ours = provenance.facts();
    for (key, expected) in ours.iter().filter(|(key, _)| counts(key)) {
        let Some(fact) = facts.iter().find(|fact| fact.key == *key) else {
            bail!("{table}: found no line ##hyenadna_{key}, expected {expected}; {REMEDY}");
        };
        if !is_same(key, &fact.value, expected) {
            bail!(different(table, fact, expected));
        }
    }
    let other = facts
        .iter()
        .find(|fact| counts(&fact.key) && !ours.iter().any(|(key, _)| *key == fact.key));
    if let Some(fact) = other {
        bail!(different(table, fact, "no such line"));
    }
    let this = env!("CARGO_PKG_VERSION");
    match facts.iter().find(|fact| fact.key == "version") {
        Some(fact) if release(&fact.value) != release(this) => {
            bail!(different(
                table,
                fact,
                &format!("{this}, as other versions may score differently")
            ));
        }
        Some(fact) if fact.value != this => {
            log::warn!("{table} was made by version {}, and this is {this}", fact.value);
        }
        _ => {}
    }
    Ok(())
}

fn different(table: &str, Fact { key, value, line }: &Fact, expected: &str) -> InputError {
    let value = name::shown(value);
    let problem = format!("found ##hyenadna_{key}={value}, expected {expected}; {REMEDY}");
    InputError::Line { path: table.to_owned(), line: *line, problem }
}

/// Major and minor version. Scores do not change within one.
fn release(version: &str) -> Vec<&str> {
    version.split('.').take(2).collect()
}

/// True if two values of a key mean the same: a model of any name has its identity, and a file its place.
fn is_same(key: &str, found: &str, expected: &str) -> bool {
    if key == "model" {
        let identity = |value: &str| value.rsplit_once(" identity:").map(|(_, own)| own.to_owned());
        return identity(found).is_some() && identity(found) == identity(expected);
    }
    if PATHS.contains(&key) && !expected.starts_with('<') {
        let place = |path: &str| fs::canonicalize(path).ok();
        return found == expected || place(found).is_some_and(|own| Some(own) == place(expected));
    }
    // a file from a pipe may be another one each time
    found == expected && !PATHS.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(key: &str, value: &str) -> Fact {
        Fact { key: key.to_owned(), value: value.to_owned(), line: 3 }
    }

    fn ours() -> Provenance {
        Provenance::default()
            .with("version", env!("CARGO_PKG_VERSION"))
            .with("command", "hyenadna score-variants --known x")
            .with("model", "a identity:1f")
            .with("reference", "/no/genome.fa")
            .with("context", "64")
            .with("shard", "1/2")
    }

    fn table(changes: &[(&str, &str)]) -> Vec<Fact> {
        let own = ours();
        let kept = own
            .facts()
            .iter()
            .filter(|(key, _)| *key != "shard" && !changes.iter().any(|(other, _)| other == key));
        let kept = kept.map(|(key, value)| fact(key, value));
        let changed = changes.iter().filter(|(_, value)| !value.is_empty());
        kept.chain(changed.map(|(key, value)| fact(key, value))).collect()
    }

    #[test]
    fn what_does_not_change_scores_may_differ() {
        for changes in [
            &[][..],
            &[("command", "hyenadna score-variants")],
            &[("model", "another/name identity:1f")],
            &[("shards", "7")],
            &[(
                "version",
                concat!(
                    env!("CARGO_PKG_VERSION_MAJOR"),
                    ".",
                    env!("CARGO_PKG_VERSION_MINOR"),
                    ".999"
                ),
            )],
        ] {
            check("t", &table(changes), &ours()).unwrap();
        }
    }

    #[test]
    fn what_changes_scores_is_refused() {
        for (change, expected) in [
            (
                ("context", "65"),
                "t, line 3: found ##hyenadna_context=65, expected 64; scores can only",
            ),
            (("context", ""), "t: found no line ##hyenadna_context, expected 64"),
            (
                ("model", "a identity:2"),
                "found ##hyenadna_model=a identity:2, expected a identity:1f",
            ),
            (("model", "a"), "found ##hyenadna_model=a, expected a identity:1f"),
            (("reference", "/no/other.fa"), "expected /no/genome.fa"),
            (("phase", "s1"), "found ##hyenadna_phase=s1, expected no such line"),
            (("new", "x"), "found ##hyenadna_new=x, expected no such line"),
            (("version", "99.0.0"), "found ##hyenadna_version=99.0.0, expected"),
            (("version", "x"), "found ##hyenadna_version=x, expected"),
        ] {
            let error = check("t", &table(&[change]), &ours()).unwrap_err().to_string();
            assert!(error.contains(expected), "{change:?}: {error}");
        }
    }

    #[test]
    fn a_file_is_the_same_by_any_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("g.fa");
        fs::write(&path, "x").unwrap();
        let [plain, around] = [path.clone(), folder.path().join(".").join("g.fa")];
        let around = around.to_string_lossy().replace("/g.fa", "/./g.fa");
        assert!(is_same("reference", &around, &plain.to_string_lossy()));
        assert!(is_same("genes", &plain.to_string_lossy(), &around));
        assert!(!is_same("context", &around, &plain.to_string_lossy()));
        assert!(!is_same("reference", "<stdin>", "<stdin>"));
    }
}

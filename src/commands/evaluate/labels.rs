//! What is known of alleles.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    path::Path,
};

use anyhow::{Result, bail};

use crate::{
    formats::{
        error::{InputError, excerpt},
        input,
        variants::alleles::{Allele, Reader},
    },
    genome::{contig, variant::Kind},
    process::exit::Usage,
};

/// What a user needs to know of a file of labels that is none.
const EXPECTED: &str =
    "a table with the columns CHROM, POS, REF, ALT and a label, or a VCF or BCF file";

/// Which values of a label stand for which class.
#[derive(Debug)]
pub struct Classes {
    positive: Vec<String>,
    negative: Vec<String>,
}

/// What a value says.
#[derive(Debug, PartialEq)]
enum Said {
    Positive,
    Negative,
    /// Neither was asked for.
    Other,
    /// Nothing that is known here.
    Unknown,
}

impl Classes {
    /// The values of both classes; without any, those that need no explanation.
    ///
    /// # Errors
    /// A value stands for both.
    pub fn new(positive: &[String], negative: &[String]) -> Result<Self, Usage> {
        if let Some(both) = positive.iter().find(|value| negative.contains(value)) {
            let problem = format!("{both} is named by --positive and by --negative");
            return Err(Usage(problem));
        }
        Ok(Self { positive: positive.to_vec(), negative: negative.to_vec() })
    }

    fn say(&self, value: &str) -> Said {
        let is_in = |values: &[String]| values.iter().any(|named| named == value);
        let is_like = |values: &[&str]| values.iter().any(|v| v.eq_ignore_ascii_case(value));
        if self.positive.is_empty() {
            return match value {
                _ if is_like(&["1", "true", "positive"]) => Said::Positive,
                _ if is_like(&["0", "false", "negative"]) => Said::Negative,
                _ => Said::Unknown,
            };
        }
        match value {
            _ if is_in(&self.positive) => Said::Positive,
            _ if is_in(&self.negative) => Said::Negative,
            _ => Said::Other,
        }
    }
}

/// A labelled allele.
#[derive(Debug)]
pub struct Label {
    /// Its class.
    pub positive: bool,
    /// What it changes.
    pub kind: Kind,
    /// Its values of the columns that classes are made by.
    pub groups: Vec<Option<String>>,
    line: u64,
}

/// Labels by allele.
#[derive(Debug)]
pub struct Labels {
    /// Name of the file, for messages.
    pub name: String,
    /// Each allele that has a class, in the order of the file.
    pub labels: Vec<Label>,
    places: HashMap<String, usize>,
}

/// How an allele is called wherever it comes from: `MT:235 A>G`.
pub fn key(allele: &Allele) -> String {
    let [reference, alternative] =
        [&allele.reference, &allele.alternative].map(|bases| String::from_utf8_lossy(bases));
    let contig = contig::canonical(&allele.contig);
    format!("{contig}:{} {reference}>{alternative}", allele.position)
}

impl Labels {
    /// Reads labels and the columns of `by`.
    ///
    /// # Errors
    /// The file cannot be read or understood, a label is not known, or there is none.
    pub fn read(path: &Path, label: &str, classes: &Classes, by: &[String]) -> Result<Self> {
        let mut reader = Reader::new(input::open(path)?, EXPECTED)?;
        reader.select(&[label])?;
        reader.select(by)?;
        let name = reader.name().to_owned();
        let mut all = Self { name, labels: Vec::new(), places: HashMap::new() };
        let mut others: BTreeMap<String, u64> = BTreeMap::new();
        let (mut alleles, mut rows, mut missing) = (Vec::new(), 0_u64, 0_u64);
        let mut seen = vec![false; by.len()];
        let mut met: BTreeSet<String> = BTreeSet::new();
        while reader.read(&mut alleles)? {
            for mut allele in alleles.drain(..) {
                rows += 1;
                let groups = allele.values.split_off(1);
                seen.iter_mut().zip(&groups).for_each(|(seen, value)| *seen |= value.is_some());
                let Some(value) = allele.values.pop().flatten() else {
                    missing += 1;
                    continue;
                };
                met.insert(value.clone());
                let positive = match classes.say(&value) {
                    Said::Positive => true,
                    Said::Negative => false,
                    Said::Other => {
                        *others.entry(value).or_default() += 1;
                        continue;
                    }
                    Said::Unknown => {
                        let problem = format!(
                            "{label} is {}, expected 1 or 0, true or false, positive or negative; name the values of both classes with --positive and --negative",
                            excerpt(value.as_bytes())
                        );
                        return Err(all.error(allele.line, problem).into());
                    }
                };
                all.add(&allele, positive, groups)?;
            }
        }
        if rows == 0 {
            bail!("{}: no allele follows the header; expected {EXPECTED}", all.name);
        }
        if rows == missing {
            return Err(reader.no_field(label).into());
        }
        if let Some(unseen) = seen.iter().position(|seen| !seen) {
            return Err(reader.no_field(&by[unseen]).into());
        }
        all.report(label, &others, missing)?;
        let named = classes.positive.iter().chain(&classes.negative);
        let unmet: Vec<&str> =
            named.filter(|value| !met.contains(*value)).map(String::as_str).collect();
        if !unmet.is_empty() {
            log::warn!("{}: no allele has the label {}", all.name, unmet.join(", "));
        }
        Ok(all)
    }

    fn add(
        &mut self,
        allele: &Allele,
        positive: bool,
        groups: Vec<Option<String>>,
    ) -> Result<(), InputError> {
        let kind = Kind::of(&allele.reference, &allele.alternative);
        match self.places.entry(key(allele)) {
            Entry::Vacant(place) => {
                place.insert(self.labels.len());
                self.labels.push(Label { positive, kind, groups, line: allele.line });
            }
            Entry::Occupied(place) => {
                let before = &self.labels[*place.get()];
                if before.positive != positive {
                    let class = |positive| if positive { "positive" } else { "negative" };
                    let problem = format!(
                        "{} is {} here but {} in line {}; leave one of them out",
                        shortened(place.key()),
                        class(positive),
                        class(before.positive),
                        before.line
                    );
                    return Err(self.error(allele.line, problem));
                }
            }
        }
        Ok(())
    }

    fn error(&self, line: u64, problem: String) -> InputError {
        InputError::Line { path: self.name.clone(), line, problem }
    }

    /// Says what was found; without a single label of either class that is an error.
    fn report(&self, label: &str, others: &BTreeMap<String, u64>, missing: u64) -> Result<()> {
        const SHOWN: usize = 8;
        let mut others: Vec<(&String, &u64)> = others.iter().collect();
        others.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let shown: Vec<String> =
            others.iter().take(SHOWN).map(|(value, count)| format!("{value} ({count})")).collect();
        let more = if others.len() > SHOWN { ", …" } else { "" };
        let shown = format!("{}{more}", shown.join(", "));
        if self.labels.is_empty() {
            bail!(
                "{}: no value of {label} is named by --positive or --negative; it has {shown}",
                self.name
            );
        }
        let positives = self.labels.iter().filter(|label| label.positive).count();
        let negatives = self.labels.len() - positives;
        if positives == 0 || negatives == 0 {
            let (class, option) = match positives {
                0 => ("positive", "--positive"),
                _ => ("negative", "--negative"),
            };
            let others = if shown.is_empty() { "" } else { "; other labels are " };
            bail!(
                "{}: no allele is {class} by {label}, so there is nothing to tell apart; {option} names the values of that class{others}{shown}",
                self.name
            );
        }
        log::info!("{}: {positives} positive, {negatives} negative", self.name);
        if !others.is_empty() {
            log::info!("{}: left out are the labels {shown}", self.name);
        }
        if missing > 0 {
            log::info!("{}: alleles without a label: {missing}", self.name);
        }
        Ok(())
    }

    /// The place of an allele among the labels.
    pub fn find(&self, key: &str) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// The first alleles of some places, for a message.
    pub fn examples(&self, of: impl Fn(usize) -> bool) -> String {
        const SHOWN: usize = 3;
        let mut places: Vec<(usize, &String)> =
            self.places.iter().map(|(key, &place)| (place, key)).filter(|p| of(p.0)).collect();
        places.sort_unstable();
        let shown: Vec<String> = places.iter().take(SHOWN).map(|(_, key)| shortened(key)).collect();
        shown.join(", ")
    }
}

/// The key of an allele for a message, where alleles may have thousands of bases.
pub fn shortened(key: &str) -> String {
    const LONGEST: usize = 50;
    let mut text: String = key.chars().take(LONGEST).collect();
    if text.len() < key.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_need_no_explanation() {
        let classes = Classes::new(&[], &[]).unwrap();
        for (value, said) in [
            ("1", Said::Positive),
            ("TRUE", Said::Positive),
            ("negative", Said::Negative),
            ("0", Said::Negative),
            ("NaN", Said::Unknown),
            ("1.0", Said::Unknown),
        ] {
            assert_eq!(classes.say(value), said, "{value}");
        }
    }

    #[test]
    fn values_that_are_named_are_exact() {
        let words = |words: &[&str]| words.iter().map(|&w| w.to_owned()).collect::<Vec<_>>();
        let classes = Classes::new(&words(&["bad"]), &words(&["good", "ok"])).unwrap();
        assert_eq!(classes.say("ok"), Said::Negative);
        assert_eq!(classes.say("bad"), Said::Positive);
        assert_eq!(classes.say("Bad"), Said::Other);
        assert_eq!(classes.say("1"), Said::Other);
        assert!(Classes::new(&words(&["a", "b"]), &words(&["b"])).is_err());
    }
}

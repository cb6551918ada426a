//! Labels of alleles.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, hash_map::Entry},
    path::Path,
};

use anyhow::{Result, bail};

use crate::{
    formats::{
        error::{InputError, excerpt},
        input,
        variants::alleles::{Allele, Reader},
    },
    genome::{
        contig::{self, AmbiguousName, ContigIndex},
        variant::Kind,
    },
    process::exit::Usage,
};

/// Description of a valid file of labels, for messages.
const EXPECTED: &str =
    "a table with the columns CHROM, POS, REF, ALT and a label, or a VCF or BCF file";

/// Values of an option, as one argument with commas between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueList(Vec<String>);

impl ValueList {
    /// The values, without the backslashes of the argument.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl std::str::FromStr for ValueList {
    type Err = String;

    /// Splits at commas. `\,` is a comma of a value, and `\\` a backslash.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut values = vec![String::new()];
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let value = values.last_mut().expect("there is at least one value");
            match letter {
                ',' => values.push(String::new()),
                '\\' => match letters.next() {
                    Some(escaped @ (',' | '\\')) => value.push(escaped),
                    _ => return Err("a backslash stands before a comma or another one".into()),
                },
                _ => value.push(letter),
            }
        }
        if values.iter().any(String::is_empty) {
            return Err("a value is empty".into());
        }
        Ok(Self(values))
    }
}

/// Values of a label that stand for each class.
#[derive(Debug)]
pub struct Classes {
    positive: Vec<String>,
    negative: Vec<String>,
}

/// Meaning of a value.
#[derive(Debug, PartialEq)]
enum Meaning {
    Positive,
    Negative,
    /// A value that neither option names.
    Other,
    /// A value without a known meaning.
    Unknown,
}

impl Classes {
    /// The values of both classes; without any, 1 and 0, true and false, positive and negative.
    ///
    /// # Errors
    /// A value stands for both classes.
    pub fn new(positive: &[ValueList], negative: &[ValueList]) -> Result<Self, Usage> {
        let [positive, negative] = [positive, negative].map(|lists| {
            lists.iter().flat_map(|ValueList(values)| values.clone()).collect::<Vec<_>>()
        });
        if let Some(both) = positive.iter().find(|value| negative.contains(value)) {
            let problem = format!("{both} is named by --positive and by --negative");
            return Err(Usage(problem));
        }
        Ok(Self { positive, negative })
    }

    fn meaning(&self, value: &str) -> Meaning {
        let is_in = |values: &[String]| values.iter().any(|named| named == value);
        let is_like = |values: &[&str]| values.iter().any(|v| v.eq_ignore_ascii_case(value));
        if self.positive.is_empty() {
            return match value {
                _ if is_like(&["1", "true", "positive"]) => Meaning::Positive,
                _ if is_like(&["0", "false", "negative"]) => Meaning::Negative,
                _ => Meaning::Unknown,
            };
        }
        match value {
            _ if is_in(&self.positive) => Meaning::Positive,
            _ if is_in(&self.negative) => Meaning::Negative,
            _ => Meaning::Other,
        }
    }
}

/// A labelled allele.
#[derive(Debug)]
pub struct Label {
    /// True if its class is the positive one.
    pub positive: bool,
    /// Kind of the variant.
    pub kind: Kind,
    /// Values of the columns of `--by`.
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
    /// Numbers of the contigs.
    contigs: ContigIndex,
    repeats: Repeats,
}

/// Alleles that occur again with the same class; the first counts.
#[derive(Debug, Default)]
struct Repeats {
    /// Those with the same values of `--by`.
    same: u64,
    /// Those with other values.
    regrouped: u64,
    /// Descriptions of the first of these.
    examples: Vec<String>,
}

impl Repeats {
    /// Counts an allele that occurs again on another line.
    fn add(
        &mut self,
        key: &str,
        first: &Label,
        (line, groups): (u64, &[Option<String>]),
        by: &[String],
    ) {
        const SHOWN: usize = 3;
        let mut pairs = by.iter().zip(first.groups.iter().zip(groups));
        let Some((name, (before, now))) = pairs.find(|(_, (before, now))| before != now) else {
            self.same += 1;
            return;
        };
        self.regrouped += 1;
        if self.examples.len() < SHOWN {
            let [before, now] = [before, now].map(|value| value.as_deref().unwrap_or("."));
            let key = shortened(key);
            let first = first.line;
            self.examples.push(format!(
                "{key} has {name} {before} in line {first} and {now} in line {line}"
            ));
        }
    }

    fn report(&self, file: &str) {
        if self.same > 0 {
            log::info!(
                "{file}: repeated alleles of the same class, which count once: {}",
                self.same
            );
        }
        if self.regrouped > 0 {
            log::warn!(
                "{file}: repeated alleles with other values of --by, of which the first line counts: {} ({}); give each allele one line",
                self.regrouped,
                self.examples.join("; ")
            );
        }
    }
}

/// Name of an allele with a name of its contig: `MT:235 A>G`.
fn key(contig: &str, allele: &Allele) -> String {
    let [reference, alternative] =
        [&allele.reference, &allele.alternative].map(|bases| String::from_utf8_lossy(bases));
    format!("{contig}:{} {reference}>{alternative}", allele.position)
}

/// A label that an allele of another file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundLabel {
    /// Its index among the labels.
    pub label: usize,
    /// Number of its contig.
    pub contig: usize,
    /// True if both files write the name of the contig in the same way.
    pub is_exact: bool,
}

impl Labels {
    /// Reads labels and the columns of `by`.
    ///
    /// # Errors
    /// The file cannot be read or is malformed, a label is not known, or no allele has one.
    pub fn read(path: &Path, label: &str, classes: &Classes, by: &[String]) -> Result<Self> {
        let mut reader = Reader::new(input::open(path)?, EXPECTED)?;
        reader.select(&[label])?;
        reader.select(by)?;
        let name = reader.name().to_owned();
        let mut all = Self {
            name,
            labels: Vec::new(),
            places: HashMap::new(),
            contigs: ContigIndex::default(),
            repeats: Repeats::default(),
        };
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
                let positive = match classes.meaning(&value) {
                    Meaning::Positive => true,
                    Meaning::Negative => false,
                    Meaning::Other => {
                        *others.entry(value).or_default() += 1;
                        continue;
                    }
                    Meaning::Unknown => {
                        let problem = format!(
                            "{label} is {}, expected 1 or 0, true or false, positive or negative; name the values of both classes with --positive and --negative",
                            excerpt(value.as_bytes())
                        );
                        return Err(all.error(allele.line, problem).into());
                    }
                };
                all.add(&allele, positive, groups, by)?;
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
        by: &[String],
    ) -> Result<(), InputError> {
        let kind = Kind::of(&allele.reference, &allele.alternative);
        self.contigs.add(&allele.contig);
        match self.places.entry(key(&allele.contig, allele)) {
            Entry::Vacant(place) => {
                place.insert(self.labels.len());
                self.labels.push(Label { positive, kind, groups, line: allele.line });
            }
            Entry::Occupied(place) => {
                let before = &self.labels[*place.get()];
                if before.positive != positive {
                    return Err(conflict(&self.name, place.key(), before, (allele.line, positive)));
                }
                self.repeats.add(place.key(), before, (allele.line, &groups), by);
            }
        }
        Ok(())
    }

    /// Checks alleles that have a label on `chr1` and on `1`: unless the scores have both contigs, the two
    /// are one. `exact` has the numbers of the contigs whose names the scores have.
    ///
    /// # Errors
    /// Such an allele has labels of both classes.
    pub fn check_styles(&self, exact: &HashSet<usize>) -> Result<(), InputError> {
        let is_one = |names: &Vec<&str>| {
            names.len() > 1
                && names.iter().any(|name| self.contig(name).is_none_or(|n| !exact.contains(&n)))
        };
        let mut styles: HashMap<&str, Vec<&str>> = HashMap::new();
        for name in self.contigs.names() {
            styles.entry(contig::canonical(name)).or_default().push(name);
        }
        styles.retain(|_, names| is_one(names));
        if styles.is_empty() {
            return Ok(());
        }
        let mut keys: Vec<(usize, &String)> =
            self.places.iter().map(|(key, &p)| (p, key)).collect();
        keys.sort_unstable();
        let mut first: HashMap<(&str, &str), &Label> = HashMap::new();
        for (place, key) in keys {
            let of = |name: &&str| key.strip_prefix(*name).filter(|rest| rest.starts_with(':'));
            let found = styles.iter().find_map(|(canonical, names)| {
                names.iter().find_map(of).map(|rest| (*canonical, rest))
            });
            let Some(allele) = found else { continue };
            let label = &self.labels[place];
            let before = *first.entry(allele).or_insert(label);
            if before.positive != label.positive {
                return Err(conflict(&self.name, key, before, (label.line, label.positive)));
            }
        }
        Ok(())
    }

    fn error(&self, line: u64, problem: String) -> InputError {
        InputError::Line { path: self.name.clone(), line, problem }
    }

    /// Logs the counts of the labels.
    ///
    /// # Errors
    /// A class has no allele.
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
                "{}: --positive and --negative name no value of {label}; its values are {shown}",
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
                "{}: no allele is {class} by {label}; name the values of that class with {option}{others}{shown}",
                self.name
            );
        }
        log::info!("{}: {positives} positive, {negatives} negative", self.name);
        if !others.is_empty() {
            log::info!("{}: skipped labels: {shown}", self.name);
        }
        if missing > 0 {
            log::info!("{}: alleles without a label: {missing}", self.name);
        }
        self.repeats.report(&self.name);
        Ok(())
    }

    /// The number of the contig of exactly this name.
    pub fn contig(&self, name: &str) -> Option<usize> {
        self.contigs.get(name)
    }

    /// The label of an allele of another file, on the contig of the same name or, if there is none, on
    /// that of another style.
    ///
    /// # Errors
    /// The allele has a label on two contigs of other styles.
    pub fn find(&self, allele: &Allele) -> Result<Option<FoundLabel>, AmbiguousName> {
        let place = |name: &str| self.places.get(&key(name, allele)).copied();
        let found = self.contigs.find_by(&allele.contig, |name| place(name).is_some())?;
        Ok(found.and_then(|(own, contig)| {
            Some(FoundLabel { label: place(own)?, contig, is_exact: own == allele.contig })
        }))
    }

    /// The first of the alleles with these indices, for a message.
    pub fn examples(&self, of: impl Fn(usize) -> bool) -> String {
        const SHOWN: usize = 3;
        let mut places: Vec<(usize, &String)> =
            self.places.iter().map(|(key, &place)| (place, key)).filter(|p| of(p.0)).collect();
        places.sort_unstable();
        let shown: Vec<String> = places.iter().take(SHOWN).map(|(_, key)| shortened(key)).collect();
        shown.join(", ")
    }
}

/// The error of an allele that has labels of both classes.
fn conflict(path: &str, key: &str, first: &Label, (line, positive): (u64, bool)) -> InputError {
    let class = |positive| if positive { "positive" } else { "negative" };
    let problem = format!(
        "{} is {} here but {} in line {}; remove one of them",
        shortened(key),
        class(positive),
        class(first.positive),
        first.line
    );
    InputError::Line { path: path.to_owned(), line, problem }
}

/// An allele for a message.
pub fn described(allele: &Allele) -> String {
    shortened(&key(&allele.contig, allele))
}

/// The key of an allele, shortened for a message: alleles may have thousands of bases.
fn shortened(key: &str) -> String {
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
        for (value, meaning) in [
            ("1", Meaning::Positive),
            ("TRUE", Meaning::Positive),
            ("negative", Meaning::Negative),
            ("0", Meaning::Negative),
            ("NaN", Meaning::Unknown),
            ("1.0", Meaning::Unknown),
        ] {
            assert_eq!(classes.meaning(value), meaning, "{value}");
        }
    }

    fn lists(texts: &[&str]) -> Vec<ValueList> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn values_may_have_commas() {
        let classes =
            Classes::new(&lists(&[r"Pathogenic,A\\B", r"Pathogenic\,_low_penetrance"]), &[])
                .unwrap();
        assert_eq!(classes.positive, ["Pathogenic", r"A\B", "Pathogenic,_low_penetrance"]);
        for wrong in ["", "a,", ",a", "a,,b", r"a\", r"a\b"] {
            assert!(wrong.parse::<ValueList>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_that_are_named_are_exact() {
        let classes = Classes::new(&lists(&["bad"]), &lists(&["good,ok"])).unwrap();
        assert_eq!(classes.meaning("ok"), Meaning::Negative);
        assert_eq!(classes.meaning("bad"), Meaning::Positive);
        assert_eq!(classes.meaning("Bad"), Meaning::Other);
        assert_eq!(classes.meaning("1"), Meaning::Other);
        assert!(Classes::new(&lists(&["a,b"]), &lists(&["b"])).is_err());
    }
}

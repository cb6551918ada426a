//! Scores of labelled alleles.

use std::{collections::HashSet, path::Path};

use anyhow::{Context, Result, bail};

use super::labels::{FoundLabel, Labels, described};
use crate::formats::{
    error::{InputError, excerpt},
    input,
    variants::alleles::Reader,
};

/// Description of a valid file of scores, for messages.
const EXPECTED: &str =
    "the table that score-variants writes (with its header), or a VCF or BCF file with scores";

/// Columns of `score-variants` and of VCF that are not scores.
const NO_SCORES: [&str; 8] =
    ["ID", "QUAL", "FILTER", "INFO", "STATUS", "haplotype", "phased_alleles", "jsd_max_distance"];

/// Scores of the alleles that have a label.
#[derive(Debug)]
pub struct ScoreTable {
    /// Names of the scores.
    pub names: Vec<String>,
    /// Each labelled allele once.
    pub alleles: Vec<LabelledScores>,
}

/// An allele with a label and scores.
#[derive(Debug)]
pub struct LabelledScores {
    /// Its index among the labels.
    pub label: usize,
    /// In the order of the names; NaN for missing scores.
    pub values: Vec<f64>,
}

/// Contents of a column.
#[derive(Debug, Default)]
struct ColumnContent {
    numbers: u64,
    /// The first value that is not a number, and its line.
    text: Option<(u64, String)>,
    /// The first number that is NaN or infinite, and its line.
    not_finite: Option<(u64, String)>,
}

impl ColumnContent {
    fn take(&mut self, line: u64, value: Option<&str>) -> f64 {
        let Some(value) = value else { return f64::NAN };
        let found = || Some((line, value.to_owned()));
        match value.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.numbers += 1;
                return number;
            }
            Ok(_) if self.not_finite.is_none() => self.not_finite = found(),
            Err(_) if self.text.is_none() => self.text = found(),
            _ => {}
        }
        f64::NAN
    }
}

/// Counts of the alleles with scores.
#[derive(Debug, Default)]
struct MatchCounts {
    alleles: u64,
    unlabelled: u64,
    again: u64,
    example: Option<String>,
}

/// Alleles with scores by their labels. Where a contig has its exact name in both files, alleles whose
/// contig only has the name in another style are not on it.
struct Matches {
    /// The first allele of each label, with its scores.
    of_labels: Vec<Option<(FoundLabel, Vec<f64>)>>,
    /// Labels in the order of the scores.
    order: Vec<usize>,
    /// Numbers of contigs that have their exact name in both files.
    exact: HashSet<usize>,
    unlabelled: u64,
    again: u64,
}

impl Matches {
    fn new(labels: &Labels) -> Self {
        let of_labels = labels.labels.iter().map(|_| None).collect();
        Self { of_labels, order: Vec::new(), exact: HashSet::new(), unlabelled: 0, again: 0 }
    }

    fn take(&mut self, found: FoundLabel, values: Vec<f64>) {
        match &mut self.of_labels[found.label] {
            Some((before, of_label)) if found.is_exact && !before.is_exact => {
                (*before, *of_label) = (found, values);
                self.unlabelled += 1;
            }
            Some((before, _)) if before.is_exact && !found.is_exact => self.unlabelled += 1,
            Some(_) => self.again += 1,
            free => {
                *free = Some((found, values));
                self.order.push(found.label);
            }
        }
    }

    /// The scores in their order, and whether each label has some.
    fn into_scores(mut self, tally: &mut MatchCounts) -> (Vec<LabelledScores>, Vec<bool>) {
        let mut scored = Vec::with_capacity(self.order.len());
        let mut matched = vec![false; self.of_labels.len()];
        for label in self.order {
            let Some((found, values)) = self.of_labels[label].take() else { continue };
            if !found.is_exact && self.exact.contains(&found.contig) {
                self.unlabelled += 1;
                continue;
            }
            matched[label] = true;
            scored.push(LabelledScores { label, values });
        }
        (tally.unlabelled, tally.again) = (self.unlabelled, self.again);
        (scored, matched)
    }
}

impl ScoreTable {
    /// Reads the scores called `chosen`, or all scores, of the alleles that have a label.
    ///
    /// # Errors
    /// The file cannot be read or is malformed, a contig may be either of two of the labels, or no
    /// allele has a label.
    pub fn read(path: &Path, chosen: &[String], labels: &Labels) -> Result<Self> {
        let mut reader = Reader::new(input::open(path)?, EXPECTED)?;
        let names = candidates(&reader, chosen)?;
        reader.select(&names)?;
        let mut columns: Vec<ColumnContent> =
            names.iter().map(|_| ColumnContent::default()).collect();
        let mut tally = MatchCounts::default();
        let mut matches = Matches::new(labels);
        let mut alleles = Vec::new();
        while reader.read(&mut alleles)? {
            for allele in &alleles {
                tally.alleles += 1;
                let take = |(column, value): (&mut ColumnContent, &Option<String>)| {
                    column.take(allele.line, value.as_deref())
                };
                let values = columns.iter_mut().zip(&allele.values).map(take).collect();
                let found = labels.find(allele);
                let found = found.with_context(|| {
                    format!("{}, line {}, contigs of {}", reader.name(), allele.line, labels.name)
                })?;
                matches.exact.extend(labels.contig(&allele.contig));
                match found {
                    Some(found) => matches.take(found, values),
                    None => matches.unlabelled += 1,
                }
                tally.example.get_or_insert_with(|| described(allele));
            }
        }
        labels.check_styles(&matches.exact)?;
        let (scored, matched) = matches.into_scores(&mut tally);
        let all = Self { names, alleles: scored };
        tally.report(reader.name(), labels, &matched)?;
        all.keep(&columns, &reader, !chosen.is_empty())
    }

    /// Removes the columns that are not scores.
    fn keep(mut self, columns: &[ColumnContent], reader: &Reader, chosen: bool) -> Result<Self> {
        let at = |(line, value): &(u64, String), name: &str| InputError::Line {
            path: reader.name().to_owned(),
            line: *line,
            problem: format!(
                "{name} is {}, expected a finite number, or . for none",
                excerpt(value.as_bytes())
            ),
        };
        let mut kept = Vec::new();
        for (i, (name, column)) in self.names.iter().zip(columns).enumerate() {
            match column {
                ColumnContent { text: Some(text), .. } if chosen => {
                    return Err(at(text, name).into());
                }
                ColumnContent { text: Some((line, value)), numbers: 1.., .. } => {
                    let value = excerpt(value.as_bytes());
                    log::warn!("{name} is skipped: {value} in line {line} is not a number");
                }
                ColumnContent { text: Some(_), .. } => {}
                ColumnContent { not_finite: Some(number), .. } => {
                    return Err(at(number, name).into());
                }
                ColumnContent { numbers: 0, .. } if chosen => {
                    let others: Vec<&str> = reader.fields.iter().map(|f| f.name.as_str()).collect();
                    let noun = reader.noun();
                    bail!(
                        "{}: {name} has no number in any labelled allele; {noun}s are: {}",
                        reader.name(),
                        others.join(", ")
                    )
                }
                ColumnContent { numbers: 0, .. } => {
                    log::info!("{name} is skipped: it has no numbers")
                }
                _ => kept.push(i),
            }
        }
        if kept.is_empty() {
            let names = self.names.join(", ");
            bail!(
                "{}: no {} is a score: {names}; expected {EXPECTED}",
                reader.name(),
                reader.noun()
            );
        }
        self.names = kept.iter().map(|&i| self.names[i].clone()).collect();
        for allele in &mut self.alleles {
            allele.values = kept.iter().map(|&i| allele.values[i]).collect();
        }
        let without = |allele: &&LabelledScores| allele.values.iter().all(|value| value.is_nan());
        let without = self.alleles.iter().filter(without).count();
        if without > 0 {
            log::warn!("labelled alleles without a score: {without}");
        }
        Ok(self)
    }
}

/// Names of columns that may be scores.
fn candidates(reader: &Reader, chosen: &[String]) -> Result<Vec<String>> {
    if !chosen.is_empty() {
        let is_first = |(i, name): &(usize, &String)| !chosen[..*i].contains(name);
        let names = chosen.iter().enumerate().filter(is_first);
        return Ok(names.map(|(_, name)| name.clone()).collect());
    }
    let is_vcf = reader.noun() != "column";
    let may_be = |name: &str| !NO_SCORES.iter().any(|other| other.eq_ignore_ascii_case(name));
    let fields = reader.fields.iter().filter(|f| if is_vcf { f.is_score } else { may_be(&f.name) });
    let names: Vec<String> = fields.map(|field| field.name.clone()).collect();
    if names.is_empty() {
        let (name, noun) = (reader.name(), reader.noun());
        bail!(
            "{name} has no {noun} with scores of score-variants; expected {EXPECTED}; name other scores with --scores"
        );
    }
    Ok(names)
}

impl MatchCounts {
    /// Logs the counts.
    ///
    /// # Errors
    /// The file has no alleles, or none has a label.
    fn report(&self, name: &str, labels: &Labels, matched: &[bool]) -> Result<()> {
        let Some(example) = &self.example else {
            bail!("{name}: no allele follows the header; expected {EXPECTED}");
        };
        let found = matched.iter().filter(|&&matched| matched).count();
        if found == 0 {
            bail!(
                "no allele of {name} (such as {example}) has a label in {} (such as {}); contig, POS, REF and ALT must be the same",
                labels.name,
                labels.examples(|_| true)
            );
        }
        log::info!("labelled alleles with scores: {found} of {} in {name}", self.alleles);
        if self.unlabelled > 0 {
            log::info!("scored alleles without a label of either class: {}", self.unlabelled);
        }
        if self.again > 0 {
            log::warn!("{name}: repeated alleles, of which the first counts: {}", self.again);
        }
        if found < matched.len() {
            log::warn!(
                "labels that match no score: {} of {} (such as {})",
                matched.len() - found,
                matched.len(),
                labels.examples(|place| !matched[place])
            );
        }
        Ok(())
    }
}

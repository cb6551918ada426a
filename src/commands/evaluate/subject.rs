//! Scores to evaluate, and classes of alleles.

use std::collections::BTreeMap;

use clap::ValueEnum;

use super::{labels::Labels, scores::ScoreTable};
use crate::statistics::Ranking;

/// A score as it is ranked.
#[derive(Debug)]
pub struct RankedScore {
    /// Its name in the output.
    pub name: String,
    /// True if positives are expected at its low end, so that its negative is ranked.
    pub negated: bool,
    column: usize,
    magnitude: Magnitude,
}

/// Values of a score to rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Magnitude {
    Signed,
    Absolute,
}

/// A class of alleles.
#[derive(Debug)]
pub struct Stratum {
    /// Column that the class is a value of.
    pub by: String,
    /// Its name.
    pub class: String,
    /// Indices among the alleles with scores.
    pub members: Vec<usize>,
}

impl RankedScore {
    /// Ranks the alleles that have a score.
    pub fn ranking(
        &self,
        scores: &ScoreTable,
        labels: &Labels,
        alleles: impl Iterator<Item = usize>,
    ) -> Ranking {
        Ranking::new(alleles.filter_map(|place| {
            let allele = &scores.alleles[place];
            let value = allele.values[self.column];
            let value = match self.magnitude {
                Magnitude::Signed => value,
                Magnitude::Absolute => value.abs(),
            };
            let ranked = if self.negated { -value } else { value };
            (!value.is_nan()).then(|| (ranked, labels.labels[allele.label].positive))
        }))
    }
}

/// Each score; scores with negative values also by absolute value.
pub fn subjects(scores: &ScoreTable, labels: &Labels, sign: Sign) -> Vec<RankedScore> {
    let mut subjects = Vec::new();
    for (column, name) in scores.names.iter().enumerate() {
        let has_sign = scores.alleles.iter().any(|allele| allele.values[column] < 0.0);
        for magnitude in [Magnitude::Signed, Magnitude::Absolute] {
            let absolute = magnitude == Magnitude::Absolute;
            if absolute && !has_sign {
                continue;
            }
            let mut subject = RankedScore {
                name: if absolute { format!("|{name}|") } else { name.clone() },
                negated: false,
                column,
                magnitude,
            };
            subject.negated = match sign {
                Sign::Plus => false,
                Sign::Minus => true,
                Sign::Expected => !absolute && is_ratio(name),
                Sign::Auto => {
                    let ranking = subject.ranking(scores, labels, 0..scores.alleles.len());
                    ranking.figures().is_some_and(|figures| figures.auroc < 0.5)
                }
            };
            subjects.push(subject);
        }
    }
    report(&subjects, sign);
    subjects
}

fn report(subjects: &[RankedScore], sign: Sign) {
    let negated: Vec<&str> =
        subjects.iter().filter(|subject| subject.negated).map(|s| s.name.as_str()).collect();
    let names = negated.join(", ");
    match sign {
        Sign::Auto => log::warn!(
            "the signs follow from these labels (-: {}), so that no AUROC is below 0.5",
            if negated.is_empty() { "none" } else { &names }
        ),
        Sign::Expected if !negated.is_empty() => log::info!(
            "{names}: the negative is ranked (sign -), because positives should be unlikely to the model; --sign + ranks the score itself"
        ),
        _ => {}
    }
}

/// True if the name of a score is that of a log-likelihood ratio, which is low for harmful alleles.
fn is_ratio(name: &str) -> bool {
    const MADE_OF_IT: [&str; 4] = ["_fwd", "_rev", "_percentile", "_length_corrected"];
    let name = name.to_ascii_lowercase();
    let bare = MADE_OF_IT.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(&name);
    ["llr", "site", "downstream"].iter().any(|ratio| {
        bare.strip_suffix(ratio).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('_'))
    })
}

/// All alleles, each kind of variant, and each value of the columns `by`.
pub fn groups(scores: &ScoreTable, labels: &Labels, by: &[String]) -> Vec<Stratum> {
    let all = "all".to_owned();
    let members = (0..scores.alleles.len()).collect();
    let mut groups = vec![Stratum { by: all.clone(), class: all, members }];
    let label = |place: usize| &labels.labels[scores.alleles[place].label];
    let kinds = collect(scores, |place| label(place).kind);
    groups.extend(kinds.into_iter().map(|(kind, members)| Stratum {
        by: "kind".to_owned(),
        class: kind.name().to_owned(),
        members,
    }));
    for (column, by) in by.iter().enumerate() {
        let values = collect(scores, |place| label(place).groups[column].as_deref());
        groups.extend(values.into_iter().map(|(value, members)| Stratum {
            by: by.clone(),
            class: value.unwrap_or(".").to_owned(),
            members,
        }));
    }
    groups
}

fn collect<K: Ord>(scores: &ScoreTable, key: impl Fn(usize) -> K) -> BTreeMap<K, Vec<usize>> {
    let mut members: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for place in 0..scores.alleles.len() {
        members.entry(key(place)).or_default().push(place);
    }
    members
}

/// End of a score at which positives are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sign {
    /// The low end of log-likelihood ratios (llr, …_LLR, …), the high end of all others
    Expected,
    /// The high end of all scores
    #[value(name = "+")]
    Plus,
    /// The low end of all scores
    #[value(name = "-")]
    Minus,
    /// The end with an AUROC above 0.5 over all alleles, which flatters weak scores
    Auto,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_known_by_name() {
        for name in [
            "llr",
            "llr_fwd",
            "LLR_rev",
            "HYENADNA_LLR",
            "MY_LLR_FWD",
            "site",
            "downstream_rev",
            "llr_percentile",
            "X_LLR_LENGTH_CORRECTED",
        ] {
            assert!(is_ratio(name), "{name}");
        }
        for name in
            ["embedding_l2", "HYENADNA_COS", "jsd_percentile", "website", "xllr", "llr2", "_fwd"]
        {
            assert!(!is_ratio(name), "{name}");
        }
    }
}

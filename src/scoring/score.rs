//! Named scores: columns of tables and INFO fields of VCF.

use super::comparison::{Comparison, Scores};

/// A set of scores that are selected together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ScoreSet {
    /// All scores
    All,
    /// Log-likelihood ratio of the windows: llr, llr_fwd, llr_rev
    Llr,
    /// The part of llr that comes from the alleles themselves: site, site_fwd, site_rev
    Site,
    /// The rest of llr: downstream, downstream_fwd, downstream_rev
    Downstream,
    /// Mean final hidden states: embedding_l2, embedding_cosine, embedding_inner
    Embedding,
    /// Changes of the predictions after the variant: jsd, jsd_max, jsd_max_distance
    Jsd,
    /// Certainty of the predictions: entropy, entropy_change
    Entropy,
}

/// A score of an allele.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    /// Name of the column.
    pub name: &'static str,
    /// Name of the INFO field, without its prefix.
    pub info: &'static str,
    /// The set that selects it.
    pub group: ScoreSet,
    /// Description with its unit, for the header of a VCF.
    pub description: &'static str,
    /// True for a whole number of bases.
    pub is_place: bool,
    /// True if it gets a percentile among null variants. Scores of one strand and distances do not.
    pub is_ranked: bool,
    /// Value of the score; `None` if missing.
    pub value: fn(&Scores) -> Option<f64>,
}

/// End of the description of a percentile, after the name of its score.
pub const OF_NULL_VARIANTS: &str = " among null variants of the same class, 0 to 100";

/// End of the description of a score that is corrected for length, after its name.
pub const OF_LENGTH: &str = " less what the length of an indel explains, in nats";

/// All scores, in the order of the columns.
pub const SCORES: [Score; 17] = [
    Score {
        name: "llr",
        info: "LLR",
        group: ScoreSet::Llr,
        description: "log P(ALT window) - log P(REF window) in nats, mean of the strands read; positive: the model prefers ALT",
        is_place: false,
        is_ranked: true,
        value: |scores| scores.mean(|c| Some(c.llr)),
    },
    Score {
        name: "llr_fwd",
        info: "LLR_FWD",
        group: ScoreSet::Llr,
        description: "log-likelihood ratio of the forward strand, in nats",
        is_place: false,
        is_ranked: false,
        value: |scores| Some(scores.forward?.llr),
    },
    Score {
        name: "llr_rev",
        info: "LLR_REV",
        group: ScoreSet::Llr,
        description: "log-likelihood ratio of the reverse strand, in nats",
        is_place: false,
        is_ranked: false,
        value: |scores| Some(scores.reverse?.llr),
    },
    Score {
        name: "site",
        info: "SITE",
        group: ScoreSet::Site,
        description: "log P(ALT | bases before) - log P(REF | bases before) in nats, over as many bases as the longer allele has; mean of the strands read",
        is_place: false,
        is_ranked: true,
        value: |scores| scores.mean(|c| Some(c.site)),
    },
    Score {
        name: "site_fwd",
        info: "SITE_FWD",
        group: ScoreSet::Site,
        description: "site score of the forward strand, in nats",
        is_place: false,
        is_ranked: false,
        value: |scores| Some(scores.forward?.site),
    },
    Score {
        name: "site_rev",
        info: "SITE_REV",
        group: ScoreSet::Site,
        description: "site score of the reverse strand, in nats",
        is_place: false,
        is_ranked: false,
        value: |scores| Some(scores.reverse?.site),
    },
    Score {
        name: "downstream",
        info: "DOWNSTREAM",
        group: ScoreSet::Downstream,
        description: "log-likelihood ratio less the site score, in nats, mean of the strands read",
        is_place: false,
        is_ranked: true,
        value: |scores| scores.mean(|c| Some(c.downstream())),
    },
    Score {
        name: "downstream_fwd",
        info: "DOWNSTREAM_FWD",
        group: ScoreSet::Downstream,
        description: "downstream score of the forward strand, in nats",
        is_place: false,
        is_ranked: false,
        value: |scores| scores.forward.as_ref().map(Comparison::downstream),
    },
    Score {
        name: "downstream_rev",
        info: "DOWNSTREAM_REV",
        group: ScoreSet::Downstream,
        description: "downstream score of the reverse strand, in nats",
        is_place: false,
        is_ranked: false,
        value: |scores| scores.reverse.as_ref().map(Comparison::downstream),
    },
    Score {
        name: "embedding_l2",
        info: "L2",
        group: ScoreSet::Embedding,
        description: "Euclidean distance of the mean final hidden states of REF and ALT window",
        is_place: false,
        is_ranked: true,
        value: |scores| scores.mean(|c| Some(c.embedding?.l2)),
    },
    Score {
        name: "embedding_cosine",
        info: "COS",
        group: ScoreSet::Embedding,
        description: "1 - cosine similarity of the mean final hidden states of REF and ALT window",
        is_place: false,
        is_ranked: true,
        value: |scores| scores.mean(|c| Some(c.embedding?.cosine)),
    },
    Score {
        name: "embedding_inner",
        info: "INNER",
        group: ScoreSet::Embedding,
        description: "inner product of the mean final hidden states of REF and ALT window",
        is_place: false,
        is_ranked: true,
        value: |scores| scores.mean(|c| Some(c.embedding?.inner)),
    },
    Score {
        name: "jsd",
        info: "JSD",
        group: ScoreSet::Jsd,
        description: "sum of the Jensen-Shannon divergences of the predictions of each base after the variant, in nats, mean of the strands read",
        is_place: false,
        is_ranked: true,
        value: |scores| scores.mean(|c| Some(c.shift?.sum)),
    },
    Score {
        name: "jsd_max",
        info: "JSD_MAX",
        group: ScoreSet::Jsd,
        description: "largest Jensen-Shannon divergence of the predictions of one base after the variant on any strand, in nats",
        is_place: false,
        is_ranked: true,
        value: |scores| Some(scores.largest_shift()?.0),
    },
    Score {
        name: "jsd_max_distance",
        info: "JSD_MAX_DISTANCE",
        group: ScoreSet::Jsd,
        description: "place of that base, in bases after the variant (1: the next one); negative: before it, seen on the reverse strand",
        is_place: true,
        is_ranked: false,
        value: |scores| Some(scores.largest_shift()?.1 as f64),
    },
    Score {
        name: "entropy",
        info: "ENTROPY",
        group: ScoreSet::Entropy,
        description: "entropy of the prediction of the variant's first base, in nats, mean of the strands read",
        is_place: false,
        is_ranked: true,
        value: |scores| scores.mean(|c| c.certainty?.site),
    },
    Score {
        name: "entropy_change",
        info: "ENTROPY_CHANGE",
        group: ScoreSet::Entropy,
        description: "sum over the bases after the variant of the entropy of their prediction with ALT less that with REF, in nats, mean of the strands read",
        is_place: false,
        is_ranked: true,
        value: |scores| scores.mean(|c| Some(c.certainty?.change)),
    },
];

/// Scores that are written by default.
pub const DEFAULT: [&str; 5] = ["llr", "llr_fwd", "llr_rev", "embedding_l2", "embedding_cosine"];

/// Selects the scores of some sets, each once; without sets the [`DEFAULT`] ones.
pub fn chosen(groups: &[ScoreSet]) -> Vec<&'static Score> {
    let is_chosen = |score: &&Score| match groups {
        [] => DEFAULT.contains(&score.name),
        groups => groups.iter().any(|group| [ScoreSet::All, score.group].contains(group)),
    };
    SCORES.iter().filter(is_chosen).collect()
}

/// True if the selected scores include one of a set.
pub fn wanted(scores: &[&Score], group: ScoreSet) -> bool {
    scores.iter().any(|score| score.group == group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selected_scores_have_one_order() {
        let names = |groups: &[ScoreSet]| -> Vec<&str> {
            chosen(groups).iter().map(|score| score.name).collect()
        };
        assert_eq!(names(&[]), DEFAULT);
        assert_eq!(names(&[ScoreSet::All]).len(), SCORES.len());
        assert_eq!(
            names(&[ScoreSet::Site, ScoreSet::Llr, ScoreSet::Site]),
            ["llr", "llr_fwd", "llr_rev", "site", "site_fwd", "site_rev"]
        );
        assert!(wanted(&chosen(&[ScoreSet::Jsd]), ScoreSet::Jsd));
        assert!(!wanted(&chosen(&[]), ScoreSet::Jsd));
    }

    #[test]
    fn names_are_unique_and_safe_in_a_header() {
        for (i, score) in SCORES.iter().enumerate() {
            assert!(!score.description.contains(['"', '\\']), "{}", score.name);
            let others = &SCORES[i + 1..];
            assert!(others.iter().all(|o| o.name != score.name && o.info != score.info));
        }
    }
}

//! Measures of columns, as pictures name them.

use crate::plot::saturation::{EffectKind, Measure};

/// The measure of a column.
pub fn measure(column: &str) -> Measure<'_> {
    let strandless = ["_fwd", "_rev"].iter().find_map(|strand| column.strip_suffix(strand));
    let nats = Some("nats");
    let (name, unit, kind) = match strandless.unwrap_or(column) {
        "llr" => ("log-likelihood ratio", nats, EffectKind::Ratio),
        "site" => ("site score", nats, EffectKind::Ratio),
        "downstream" => ("downstream score", nats, EffectKind::Ratio),
        "embedding_l2" => ("Euclidean distance", None, EffectKind::Amount),
        "embedding_cosine" => ("cosine distance", None, EffectKind::Amount),
        "embedding_inner" => ("inner product", None, EffectKind::Change),
        "jsd" | "jsd_max" => ("Jensen\u{2013}Shannon divergence", nats, EffectKind::Amount),
        "jsd_max_distance" => ("distance", Some("bases"), EffectKind::Change),
        "entropy" => ("entropy", nats, EffectKind::Amount),
        "entropy_change" => ("change of entropy", nats, EffectKind::Change),
        _ => (column, None, EffectKind::Change),
    };
    Measure { name, unit, kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::SCORES;

    #[test]
    fn every_score_has_words_and_the_unit_of_its_description() {
        for score in &SCORES {
            let Measure { name, unit, .. } = measure(score.name);
            assert_eq!(
                unit == Some("nats"),
                score.description.contains("in nats"),
                "{}",
                score.name
            );
            assert!(name == "entropy" || name != score.name, "{}", score.name);
        }
        assert_eq!(measure("llr_rev"), measure("llr"));
        assert_eq!(measure("site_fwd").name, "site score");
    }
}

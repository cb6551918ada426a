//! The name that a user may have meant.

/// Least similarity (Jaro and Winkler, 0 to 1) of a name that is suggested.
const SIMILAR: f64 = 0.8;

/// The name most like `typed`: the shortest that contains it, else the most similar one if it is
/// similar at all.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let names: Vec<&str> = names.into_iter().collect();
    let contains = names.iter().filter(|name| typed.len() > 3 && name.contains(typed));
    if let Some(name) = contains.min_by_key(|name| name.len()) {
        return Some(name);
    }
    let similarity = |name: &str| strsim::jaro_winkler(typed, name);
    let scored = names.iter().map(|name| (similarity(name), *name));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 >= SIMILAR).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::released::RELEASED;

    #[test]
    fn the_most_similar_name_is_suggested() {
        let suggest = |typed| nearest(typed, RELEASED.iter().map(|model| model.name));
        for (typed, meant) in [
            ("hyenadna-small-32k", "hyenadna-small-32k-seqlen"),
            ("small-32k", "hyenadna-small-32k-seqlen"),
            ("tiny-1k", "hyenadna-tiny-1k-seqlen"),
            ("hyenadna-tiny-1k-d256", "hyenadna-tiny-1k-seqlen-d256"),
            ("hyenadna-larg-1m-seqlen", "hyenadna-large-1m-seqlen"),
            ("hyenadna_medium-160k-seqlen", "hyenadna-medium-160k-seqlen"),
        ] {
            assert_eq!(suggest(typed), Some(meant), "{typed}");
        }
        for typed in ["", "x", "bert-base", "variants.vcf"] {
            assert_eq!(suggest(typed), None, "{typed}");
        }
    }
}

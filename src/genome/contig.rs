//! Names of contigs: `chr1` and `1` are the same contig, and so are `chrM` and `MT`.

/// Alternative names of a contig, the likeliest first.
pub fn aliases(name: &str) -> Vec<String> {
    let bare = name.strip_prefix("chr").unwrap_or(name);
    let mut names: Vec<String> = match bare {
        "M" | "MT" => ["chrM", "MT", "M", "chrMT"].map(str::to_owned).into(),
        _ => vec![format!("chr{bare}"), bare.to_owned()],
    };
    names.retain(|alias| alias != name && !alias.is_empty());
    names
}

/// The canonical name of a contig, the same for all its [`aliases`].
pub fn canonical(name: &str) -> &str {
    match name.strip_prefix("chr").unwrap_or(name) {
        "M" => "MT",
        "" => name,
        bare => bare,
    }
}

/// A list of names for an error message: the first few, and the number of further ones.
pub fn summary<S: AsRef<str>>(names: impl ExactSizeIterator<Item = S>) -> String {
    const SHOWN: usize = 8;
    let total = names.len();
    let shown: Vec<String> = names.take(SHOWN).map(|name| name.as_ref().to_owned()).collect();
    match total {
        0 => "none".to_owned(),
        _ if total > SHOWN => format!("{} and {} more", shown.join(", "), total - SHOWN),
        _ => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naming_styles_are_aliases() {
        assert_eq!(aliases("1"), ["chr1"]);
        assert_eq!(aliases("chrX"), ["X"]);
        assert_eq!(aliases("MT"), ["chrM", "M", "chrMT"]);
        assert_eq!(aliases("chrM"), ["MT", "M", "chrMT"]);
        assert!(aliases("chr").is_empty());
    }

    #[test]
    fn aliases_share_one_canonical_name() {
        for name in ["1", "chrX", "M", "chrMT", "chr", "chrUn_1"] {
            for alias in aliases(name) {
                assert_eq!(canonical(&alias), canonical(name), "{name}");
            }
        }
        assert_eq!(canonical("chrM"), "MT");
        assert_ne!(canonical("chr1"), canonical("chr11"));
    }

    #[test]
    fn long_lists_are_shortened() {
        assert_eq!(summary(["a", "b"].iter()), "a, b");
        assert_eq!(summary((0..10).map(|i| i.to_string())), "0, 1, 2, 3, 4, 5, 6, 7 and 2 more");
    }
}

//! Names of contigs. `chr1` may also be written `1`, and `chrM` `MT`: an exact name comes first.

use std::collections::HashMap;

use thiserror::Error;

/// Contigs by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContigIndex {
    numbers: HashMap<String, usize>,
}

/// A name that may mean either of two contigs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "contig {name} may be {first} or {second}, and both are there; write the name of the one that is meant"
)]
pub struct AmbiguousName {
    /// The name.
    pub name: String,
    /// A contig that it may mean.
    pub first: String,
    /// Another one.
    pub second: String,
}

impl ContigIndex {
    /// Adds a contig. Returns the number of an earlier one with the same name, which is replaced.
    pub fn insert(&mut self, name: &str, number: usize) -> Option<usize> {
        self.numbers.insert(name.to_owned(), number)
    }

    /// The names, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.numbers.keys().map(String::as_str)
    }

    /// Adds a contig with the next number, unless it is there.
    pub fn add(&mut self, name: &str) {
        if !self.numbers.contains_key(name) {
            self.numbers.insert(name.to_owned(), self.numbers.len());
        }
    }

    /// The contig that a name means, with its own name: the one of exactly this name, else the one
    /// of another style.
    ///
    /// # Errors
    /// Several contigs have the name in another style.
    pub fn find(&self, name: &str) -> Result<Option<(&str, usize)>, AmbiguousName> {
        self.find_by(name, |_| true)
    }

    /// The number of the contig of exactly this name.
    pub fn get(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// As [`find`](Self::find), among the contigs that `is_there` accepts.
    ///
    /// # Errors
    /// Several of them have the name in another style.
    pub fn find_by(
        &self,
        name: &str,
        is_there: impl Fn(&str) -> bool,
    ) -> Result<Option<(&str, usize)>, AmbiguousName> {
        let exact = |name: &str| self.numbers.get_key_value(name).filter(|(own, _)| is_there(own));
        let found = match exact(name) {
            Some(found) => Some(found),
            None => {
                let aliases = aliases(name);
                let mut found = aliases.iter().filter_map(|alias| exact(alias));
                let first = found.next();
                if let (Some((first, _)), Some((second, _))) = (first, found.next()) {
                    let [name, first, second] = [name, first, second].map(str::to_owned);
                    return Err(AmbiguousName { name, first, second });
                }
                first
            }
        };
        Ok(found.map(|(name, &number)| (name.as_str(), number)))
    }
}

/// Names of a contig in other styles.
fn aliases(name: &str) -> Vec<String> {
    let bare = name.strip_prefix("chr").unwrap_or(name);
    let mut names: Vec<String> = match bare {
        "M" | "MT" => ["chrM", "MT", "M", "chrMT"].map(str::to_owned).into(),
        _ => vec![format!("chr{bare}"), bare.to_owned()],
    };
    names.retain(|alias| alias != name && !alias.is_empty());
    names
}

/// True if two names are equal, or one in the two styles.
pub fn same(a: &str, b: &str) -> bool {
    canonical(a) == canonical(b)
}

/// The canonical name of a contig, the same for all its styles.
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
    fn an_exact_name_comes_first() {
        let index = |names: &[&str]| {
            let mut index = ContigIndex::default();
            names.iter().enumerate().for_each(|(i, name)| assert_eq!(index.insert(name, i), None));
            index
        };
        let both = index(&["chr1", "1", "chrM", "chrMT"]);
        assert_eq!(both.find("1"), Ok(Some(("1", 1))));
        assert_eq!(both.find("chr1"), Ok(Some(("chr1", 0))));
        assert_eq!(both.find("chrMT"), Ok(Some(("chrMT", 3))));
        let ambiguous = both.find("MT").unwrap_err();
        assert_eq!((ambiguous.first.as_str(), ambiguous.second.as_str()), ("chrM", "chrMT"));
        assert_eq!(index(&["chrMT", "2"]).find("MT"), Ok(Some(("chrMT", 0))));
        assert_eq!(index(&["chrMT", "2"]).find("chr2"), Ok(Some(("2", 1))));
        assert_eq!(index(&["chr2"]).find("chr3"), Ok(None));
        assert_eq!(index(&["a"]).clone().insert("a", 7), Some(0));
    }

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

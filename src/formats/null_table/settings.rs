//! Settings that the scores of a null depend on.

use std::fmt;

/// Keys and values, in the order of writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    pairs: Vec<(String, String)>,
}

impl Settings {
    /// Adds a setting, or replaces the one of the same key. Line ends in the value become spaces;
    /// white space around it is trimmed.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl AsRef<str>) -> Self {
        let value = value.as_ref().replace(['\n', '\r'], " ").trim().to_owned();
        match self.pairs.iter_mut().find(|(own, _)| own == key) {
            Some((_, old)) => *old = value,
            None => self.pairs.push((key.to_owned(), value)),
        }
        self
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(own, _)| *own == key).map(|(_, value)| value)
    }

    /// All keys with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// A setting that differs between a file and a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Name of the setting.
    pub key: String,
    /// Value in the file, if set.
    pub saved: Option<String>,
    /// Value of the run, if set.
    pub wanted: Option<String>,
}

/// Settings that differ between a file and a run, in the order of the run; those of only the file
/// come last.
pub fn differences(saved: &Settings, wanted: &Settings) -> Vec<Difference> {
    let only_saved = saved.iter().filter(|(key, _)| wanted.get(key).is_none());
    let keys = wanted.iter().chain(only_saved).map(|(key, _)| key);
    keys.filter(|key| saved.get(key) != wanted.get(key))
        .map(|key| Difference {
            key: key.to_owned(),
            saved: saved.get(key).map(str::to_owned),
            wanted: wanted.get(key).map(str::to_owned),
        })
        .collect()
}

impl fmt::Display for Difference {
    /// Writes for example `context is 1024 in the file and 32768 here`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        let (saved, wanted) = (value(&self.saved), value(&self.wanted));
        write!(f, "{} is {saved} in the file and {wanted} here", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_both_values() {
        let saved = Settings::default().with("seed", "1").with("context", "1024").with("old", "x");
        let wanted = Settings::default().with("context", "32768").with("seed", "1").with("new", "");
        let found: Vec<String> =
            differences(&saved, &wanted).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "context is 1024 in the file and 32768 here",
                "new is not set in the file and  here",
                "old is x in the file and not set here"
            ]
        );
        assert_eq!(differences(&saved, &saved.clone()), []);
    }

    #[test]
    fn a_setting_occurs_once_and_on_one_line() {
        let settings = Settings::default().with("a", "1").with("b", " x\r\ny\n").with("a", "2");
        assert_eq!(settings.iter().collect::<Vec<_>>(), [("a", "2"), ("b", "x  y")]);
        assert_eq!((settings.get("a"), settings.get("c")), (Some("2"), None));
    }
}

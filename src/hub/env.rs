//! Settings from an environment that is passed as a function.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// An environment; tests pass their own instead of that of the process.
pub(super) struct Env<F>(pub(super) F);

impl<F: Fn(&str) -> Option<OsString>> Env<F> {
    /// Name and value of the first variable that is set; an empty one counts as not set.
    pub(super) fn first<'k>(&self, keys: &[&'k str]) -> Option<(&'k str, OsString)> {
        keys.iter().find_map(|&key| {
            let value = (self.0)(key).filter(|value| !value.is_empty())?;
            Some((key, value))
        })
    }

    /// Like [`first`](Self::first), as trimmed text.
    pub(super) fn text<'k>(&self, keys: &[&'k str]) -> Option<(&'k str, String)> {
        let (key, value) = self.first(keys)?;
        let text = value.to_string_lossy().trim().to_owned();
        (!text.is_empty()).then_some((key, text))
    }

    /// Like [`first`](Self::first), as a path with `~`, `$NAME` and `${NAME}` expanded, as in
    /// Python: variables set in a job script are often quoted.
    pub(super) fn path(&self, keys: &[&str]) -> Option<PathBuf> {
        let (_, value) = self.first(keys)?;
        let Some(text) = value.to_str() else {
            return Some(value.into()); // not UTF-8: unchanged
        };
        let expanded = self.expand(text);
        let rest = match expanded.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
            _ => return Some(expanded.into()),
        };
        let home = self.first(&["HOME"])?.1;
        Some(Path::new(&home).join(rest.trim_start_matches('/')))
    }

    /// True if the first variable that is set is `1`, `on`, `yes` or `true` in any case, as in
    /// Python.
    pub(super) fn flag(&self, keys: &[&str]) -> bool {
        self.text(keys).is_some_and(|(_, text)| {
            ["1", "on", "yes", "true"].contains(&text.to_ascii_lowercase().as_str())
        })
    }

    /// Expands variables; one that is not set stays unchanged.
    fn expand(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let (whole, name) = reference(rest);
            match self.first(&[name]) {
                Some((_, value)) => out.push_str(&value.to_string_lossy()),
                None => out.push_str(whole),
            }
            rest = &rest[whole.len()..];
        }
        out + rest
    }
}

/// The reference at the start of a text that starts with `$`, and the name in it.
fn reference(text: &str) -> (&str, &str) {
    if let Some(inner) = text.strip_prefix("${")
        && let Some(end) = inner.find('}')
    {
        return (&text[..end + 3], &inner[..end]);
    }
    let name = text[1..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = name.into_iter().next().unwrap_or("");
    (&text[..=name.len()], name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(key: &str) -> Option<OsString> {
        let value = match key {
            "HOME" => "/home/me",
            "SCRATCH" => "/scratch/me",
            "A" => "~/x",
            "B" => "$SCRATCH/${HOME}s/$NONE/${NONE}/$",
            "C" => "~other/x",
            "EMPTY" => "",
            "YES" => " True ",
            "NO" => "0",
            _ => return None,
        };
        Some(value.into())
    }

    #[test]
    fn home_and_variables_are_replaced() {
        let path = |key| Env(env).path(&["EMPTY", key]).unwrap();
        assert_eq!(path("A"), Path::new("/home/me/x"));
        assert_eq!(path("B"), Path::new("/scratch/me//home/mes/$NONE/${NONE}/$"));
        assert_eq!(path("C"), Path::new("~other/x"));
        assert_eq!(Env(env).path(&["EMPTY"]), None);
    }

    #[test]
    fn flags_take_the_first_variable_that_is_set() {
        assert!(Env(env).flag(&["EMPTY", "YES", "NO"]));
        assert!(!Env(env).flag(&["NO", "YES"]));
        assert!(!Env(env).flag(&["UNSET"]));
    }
}

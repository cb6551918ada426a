//! Names of models, resolved to the repositories that they may mean.

use std::fmt;

use super::error::HubError;
use crate::hub::released::ORGANISATION;

/// Name of the configuration file in every flavour.
pub(super) const CONFIG: &str = "config.json";
const SAFETENSORS: &str = "model.safetensors";
const LIGHTNING: &str = "weights.ckpt";
const PYTORCH: &str = "pytorch_model.bin";

/// A repository and the weights files to look for in it, the preferred one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// `organisation/repository`.
    pub repo: String,
    /// File names; the first that the repository has is used. Never empty.
    pub weights: &'static [&'static str],
}

/// The name of a model on the Hub, resolved to the repositories that it may mean.
///
/// | typed | repositories |
/// |---|---|
/// | `hyenadna-x`, a released name | `LongSafari/hyenadna-x-hf`, then `LongSafari/hyenadna-x` |
/// | `hyenadna-x-hf` | `LongSafari/hyenadna-x-hf` |
/// | `LongSafari/hyenadna-x[-hf]` | exactly that one |
/// | `org/repo` | that one, with safetensors, else `weights.ckpt`, else `pytorch_model.bin` |
///
/// `@revision` may follow: a branch, a tag or a commit; without it `main`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelId {
    typed: String,
    revision: String,
    candidates: Vec<Candidate>,
}

impl ModelId {
    /// Parses a name, without any look-up.
    ///
    /// # Errors
    /// [`HubError::BadName`] if the text cannot be the name of a repository.
    pub fn parse(typed: &str) -> Result<Self, HubError> {
        let bad = || HubError::BadName(typed.to_owned());
        let (name, revision) = typed.split_once('@').unwrap_or((typed, "main"));
        if !is_plain(revision) {
            return Err(bad());
        }
        let candidates = match name.split_once('/') {
            Some((organisation, repo)) if is_plain(organisation) && is_plain(repo) => {
                vec![exact(organisation, repo)]
            }
            None if is_plain(name) && is_hyenadna(name) => bare(name),
            _ => return Err(bad()),
        };
        // The Hub's own limit.
        if candidates.iter().any(|candidate| candidate.repo.len() > 96) {
            return Err(bad());
        }
        Ok(Self { typed: typed.to_owned(), revision: revision.to_owned(), candidates })
    }

    /// Repositories that the name may mean, the preferred one first; never empty.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Branch, tag or commit after the `@`; `main` without one.
    pub fn revision(&self) -> &str {
        &self.revision
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

fn is_hyenadna(name: &str) -> bool {
    name.starts_with("hyenadna-")
}

/// True if a text is a valid part of a repository name, or a revision. The rules of the Hub also
/// make it safe as a folder name: it cannot leave the cache, and `--` separates the parts there.
fn is_plain(part: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric() || c == '_';
    part.chars().all(|c| edge(c) || c == '-' || c == '.')
        && part.starts_with(edge)
        && part.ends_with(edge)
        && !part.contains("--")
        && !part.contains("..")
        && !part.ends_with(".git")
}

fn bare(name: &str) -> Vec<Candidate> {
    let mut candidates = vec![exact(ORGANISATION, name)];
    if !name.ends_with("-hf") {
        candidates.insert(0, exact(ORGANISATION, &format!("{name}-hf")));
    }
    candidates
}

fn exact(organisation: &str, repo: &str) -> Candidate {
    let weights: &[&str] = if organisation != ORGANISATION || !is_hyenadna(repo) {
        &[SAFETENSORS, LIGHTNING, PYTORCH]
    } else if repo.ends_with("-hf") {
        &[SAFETENSORS]
    } else {
        &[LIGHTNING]
    };
    Candidate { repo: format!("{organisation}/{repo}"), weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(typed: &str) -> Vec<(String, &'static [&'static str])> {
        let id = ModelId::parse(typed).unwrap();
        let pairs = id.candidates().iter().map(|c| (c.repo.clone(), c.weights));
        pairs.collect()
    }

    #[test]
    fn a_bare_name_prefers_the_safetensors_flavour() {
        let hf: (String, &[&str]) = ("LongSafari/hyenadna-x-hf".into(), &[SAFETENSORS]);
        let lightning: (String, &[&str]) = ("LongSafari/hyenadna-x".into(), &[LIGHTNING]);
        assert_eq!(resolved("hyenadna-x"), [hf.clone(), lightning.clone()]);
        for name in ["hyenadna-x-hf", "LongSafari/hyenadna-x-hf"] {
            assert_eq!(resolved(name), [hf.clone()].to_vec());
        }
        assert_eq!(resolved("LongSafari/hyenadna-x"), [lightning]);
    }

    #[test]
    fn any_other_repository_may_have_any_file() {
        let all: &[&str] = &[SAFETENSORS, LIGHTNING, PYTORCH];
        for name in ["me/my_model.v2", "me/hyenadna-x", "LongSafari/evo"] {
            assert_eq!(resolved(name), [(name.to_owned(), all)]);
        }
    }

    #[test]
    fn a_revision_follows_an_at_sign() {
        assert_eq!(ModelId::parse("me/x").unwrap().revision(), "main");
        let id = ModelId::parse("me/x@v1.0").unwrap();
        assert_eq!((id.revision(), id.to_string()), ("v1.0", "me/x@v1.0".into()));
        assert_eq!(id.candidates()[0].repo, "me/x");
    }

    #[test]
    fn invalid_names_are_refused() {
        let long = format!("me/{}", "x".repeat(94));
        for name in [
            "",
            "/",
            "me/",
            "/x",
            "a/b/c",
            "./x",
            "../x",
            "me/..",
            "me/.x",
            "me/x-",
            "me/a--b",
            "me/a..b",
            "me/x.git",
            "me/x y",
            "bert",
            "hyenadna-",
            "me/x@",
            "me/x@a/b",
            "me/ü",
            long.as_str(),
        ] {
            assert!(
                matches!(ModelId::parse(name), Err(HubError::BadName(n)) if n == name),
                "{name:?}"
            );
        }
    }
}

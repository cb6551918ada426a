//! Results of models that others computed: what a sound copy of the weights must give.

use serde::Deserialize;

use crate::hub::released;

use super::weights::source::BUILTIN;

/// Files of recorded results, by the name of the model.
const FILES: [(&str, &str); 5] = [
    (BUILTIN, include_str!("../../models/recorded/human-1k.json")),
    ("hyenadna-tiny-1k-seqlen", include_str!("../../models/recorded/hyenadna-tiny-1k-seqlen.json")),
    (
        "hyenadna-small-32k-seqlen",
        include_str!("../../models/recorded/hyenadna-small-32k-seqlen.json"),
    ),
    (
        "hyenadna-medium-160k-seqlen",
        include_str!("../../models/recorded/hyenadna-medium-160k-seqlen.json"),
    ),
    (
        "hyenadna-large-1m-seqlen",
        include_str!("../../models/recorded/hyenadna-large-1m-seqlen.json"),
    ),
];

/// Recorded results of a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Recorded {
    /// Name of the model.
    pub model: String,
    /// Program that computed them, and the record.
    pub source: String,
    /// SHA-256 of the weights file that was measured, if it is known.
    pub sha256: Option<String>,
    /// Shift of the filters.
    pub shift: f64,
    /// Mean hidden states.
    pub hidden: Vec<Hidden>,
    /// Losses.
    pub losses: Vec<Loss>,
}

/// Mean over all bases of the hidden states after the last norm; N is token 11.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Hidden {
    /// Bases that were read.
    pub bases: String,
    /// A number for each channel.
    pub mean: Vec<f32>,
}

/// Mean loss of all bases but the first.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Loss {
    /// Bases that were read; else `region` has them.
    pub bases: Option<String>,
    /// Bases of hg38 that were read.
    pub region: Option<Place>,
    /// Nats per base, over all tokens.
    pub nats_per_base: f64,
    /// The same over A, C, G and T alone.
    pub acgt_nats_per_base: Option<f64>,
}

/// A region of a genome.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// Name of the contig.
    pub contig: String,
    /// First base, 0-based.
    pub start: u64,
    /// Base after the last.
    pub end: u64,
}

impl std::fmt::Display for Place {
    /// As samtools writes it: 1-based, both ends included.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}-{}", self.contig, self.start + 1, self.end)
    }
}

/// Facts that a model of some name must agree with.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Name of the model.
    pub name: &'static str,
    /// SHA-256 of `model.safetensors`, in hexadecimal; `None` without a pin.
    pub sha256: Option<String>,
    /// Number of weights, and context in bases; `None` for the built-in model.
    pub shape: Option<(u64, usize)>,
    /// Recorded results, if there are any.
    pub recorded: Option<Recorded>,
}

/// Finds the facts of the built-in model (`human-1k`), or of a released one by any of its names,
/// `@REVISION` included.
///
/// # Errors
/// A file that the binary carries is not valid: none in a binary whose tests passed.
pub fn find(name: &str) -> Result<Option<Expected>, serde_json::Error> {
    let bare = name.split_once('@').map_or(name, |(bare, _)| bare);
    let recorded = |name: &str| {
        let file = FILES.iter().find(|(model, _)| *model == name);
        file.map(|(_, text)| serde_json::from_str::<Recorded>(text)).transpose()
    };
    if bare == "builtin" || bare.strip_prefix("builtin:").unwrap_or(bare) == BUILTIN {
        let recorded = recorded(BUILTIN)?;
        let sha256 = recorded.as_ref().and_then(|recorded| recorded.sha256.clone());
        return Ok(Some(Expected { name: BUILTIN, sha256, shape: None, recorded }));
    }
    let Some(model) = released::find(bare) else { return Ok(None) };
    Ok(Some(Expected {
        name: model.name,
        sha256: model.sha256.map(str::to_owned),
        shape: Some((model.parameters, model.context())),
        recorded: recorded(model.name)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_valid_and_names_its_model() {
        for (name, _) in FILES {
            let found = find(name).unwrap().unwrap();
            let recorded = found.recorded.unwrap();
            assert_eq!((recorded.model.as_str(), found.name), (name, name));
            assert!(!recorded.hidden.is_empty() || !recorded.losses.is_empty(), "{name}");
            assert!(recorded.hidden.iter().all(|hidden| hidden.mean.len() >= 128), "{name}");
            for loss in &recorded.losses {
                assert!(loss.bases.is_some() != loss.region.is_some(), "{name}");
                assert!((0.5..1.5).contains(&loss.nats_per_base), "{name}");
            }
        }
    }

    #[test]
    fn names_of_all_flavours_are_found() {
        let found = find("LongSafari/hyenadna-medium-450k-seqlen-hf@abc").unwrap().unwrap();
        assert_eq!((found.name, found.sha256), ("hyenadna-medium-450k-seqlen", None));
        assert_eq!((found.shape, found.recorded), (Some((6_550_528, 450_000)), None));
        for name in ["builtin", "human-1k", "builtin:human-1k"] {
            let builtin = find(name).unwrap().unwrap();
            assert!(builtin.sha256.is_some_and(|sha256| sha256.len() == 64), "{name}");
        }
        assert_eq!(find("my-model").unwrap(), None);
        let place = Place { contig: "chr1".to_owned(), start: 100, end: 200 };
        assert_eq!(place.to_string(), "chr1:101-200");
    }
}

//! Several runs: a grid of settings, and several seeds.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::config::FinetuneConfig;
use crate::{
    formats::{output::write_file, whole},
    process::exit::Usage,
};

/// Name of its description in the folder of the runs.
pub const FILE: &str = "grid.toml";

/// Folder of the runs.
pub const RUNS: &str = "runs";

/// Settings that can be varied, by option, with their keys in `config.toml`.
const KEYS: [(&str, &[&str]); 19] = [
    ("lr", &["optimization", "learning_rate"]),
    ("filter-lr", &["optimization", "filter_learning_rate"]),
    ("last-lr", &["optimization", "last_rate"]),
    ("warmup", &["optimization", "warmup"]),
    ("weight-decay", &["optimization", "adamw", "weight_decay"]),
    ("clip", &["optimization", "adamw", "clip"]),
    ("dropout", &["optimization", "dropout"]),
    ("batch", &["optimization", "batch"]),
    ("plateau", &["plateau"]),
    ("shots", &["shots"]),
    ("steps", &["optimization", "steps"]),
    ("epochs", &["learning", "epochs"]),
    ("method", &["learning", "method"]),
    ("class-weights", &["learning", "class_weights"]),
    ("label-smoothing", &["learning", "label_smoothing"]),
    ("reverse-complement", &["learning", "reverse_complement"]),
    ("pool", &["head", "pool"]),
    ("strand", &["head", "strand"]),
    ("head-layers", &["head", "layers"]),
];

/// A setting with the values to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Varied {
    /// Option without dashes.
    pub key: String,
    /// Values.
    pub values: Vec<String>,
}

impl std::str::FromStr for Varied {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected OPTION=VALUE,VALUE,… such as lr=1e-4,3e-4".to_owned();
        let (key, values) = text.split_once('=').ok_or_else(expected)?;
        if !KEYS.iter().any(|(known, _)| *known == key) {
            let names = KEYS.map(|(name, _)| name).join(", ");
            return Err(format!("{key} cannot be varied; expected one of {names}"));
        }
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        if values.iter().any(String::is_empty) {
            return Err(expected());
        }
        if let Some(twice) = (1..values.len()).find(|&i| values[..i].contains(&values[i])) {
            return Err(format!("{} is given twice", values[twice]));
        }
        Ok(Self { key: key.to_owned(), values })
    }
}

impl TryFrom<String> for Varied {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Varied> for String {
    fn from(varied: Varied) -> Self {
        format!("{}={}", varied.key, varied.values.join(","))
    }
}

/// Several runs of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Settings that are varied.
    pub sweep: Vec<Varied>,
    /// Number of seeds of the best settings.
    pub seeds: u64,
}

/// Values of the varied settings, in the order of the grid.
pub type Point = Vec<String>;

impl Grid {
    /// A grid; `None` for a single run.
    ///
    /// # Errors
    /// A setting is varied twice.
    pub fn new(sweep: &[Varied], seeds: u64) -> Result<Option<Self>, Usage> {
        for (i, varied) in sweep.iter().enumerate() {
            if sweep[..i].iter().any(|before| before.key == varied.key) {
                return Err(Usage(format!("--sweep varies {} twice; join the values", varied.key)));
            }
        }
        let is_single = sweep.is_empty() && seeds <= 1;
        Ok((!is_single).then(|| Self { sweep: sweep.to_vec(), seeds: seeds.max(1) }))
    }

    /// The grid of a folder; `None` if it has a single run.
    ///
    /// # Errors
    /// The file cannot be read or is malformed.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        if !path.exists() {
            if folder.join(RUNS).exists() {
                bail!(
                    "{} has the runs of a grid, but no {FILE}; put it back, or begin anew in another folder",
                    folder.display()
                );
            }
            return Ok(None);
        }
        let text =
            whole::settings(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).map(Some).with_context(|| path.display().to_string())
    }

    /// Writes its description.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        Ok(write_file(&path, toml::to_string(self)?.as_bytes())?)
    }

    /// All combinations of values; the last setting varies fastest.
    pub fn points(&self) -> Vec<Point> {
        self.sweep.iter().fold(vec![Vec::new()], |points, varied| {
            let with =
                |point: &Point, value: &String| [&point[..], std::slice::from_ref(value)].concat();
            let each = points.iter();
            each.flat_map(|point| varied.values.iter().map(move |value| with(point, value)))
                .collect()
        })
    }

    /// The configuration at a point.
    ///
    /// # Errors
    /// A value is not one of its setting.
    pub fn configure(&self, base: &FinetuneConfig, point: &Point) -> Result<FinetuneConfig> {
        let mut table = toml::Table::try_from(base)?;
        for (varied, text) in self.sweep.iter().zip(point) {
            let keys = KEYS.iter().find(|(key, _)| *key == varied.key).map_or(&[][..], |(_, k)| k);
            let literal = format!("value = {text}").parse::<toml::Table>();
            let value = literal.ok().and_then(|mut table| table.remove("value"));
            let value = value.unwrap_or_else(|| toml::Value::String(text.clone()));
            let value = match varied.key.as_str() {
                "head-layers" => toml::Value::Array(vec![value]),
                _ => value,
            };
            let [parents @ .., last] = keys else { continue };
            let mut inner = &mut table;
            for parent in parents {
                inner = inner
                    .get_mut(*parent)
                    .and_then(toml::Value::as_table_mut)
                    .with_context(|| format!("the configuration has no {parent}"))?;
            }
            inner.insert((*last).to_owned(), value);
            table.clone().try_into::<FinetuneConfig>().map_err(|error| {
                Usage(format!("--sweep {}={text}: {}", varied.key, error.message()))
            })?;
        }
        Ok(table.try_into()?)
    }

    /// Name of the folder of a run.
    pub fn name(&self, point: &Point, seed: u64) -> String {
        let settings = self.sweep.iter().zip(point);
        let settings = settings.map(|(varied, value)| format!("{}={value}", varied.key));
        settings.chain([format!("seed={seed}")]).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn varied(text: &str) -> Varied {
        text.parse().unwrap()
    }

    #[test]
    fn points_are_all_combinations() {
        let sweep = [varied("lr=1e-4,3e-4"), varied("pool=mean,bins:4")];
        let grid = Grid::new(&sweep, 1).unwrap().unwrap();
        let points = grid.points();
        let names: Vec<String> = points.iter().map(|point| grid.name(point, 7)).collect();
        assert_eq!(
            names,
            [
                "lr=1e-4,pool=mean,seed=7",
                "lr=1e-4,pool=bins:4,seed=7",
                "lr=3e-4,pool=mean,seed=7",
                "lr=3e-4,pool=bins:4,seed=7"
            ]
        );
        let seeds = Grid::new(&[], 3).unwrap().unwrap();
        assert_eq!(seeds.points(), [Point::new()]);
        assert_eq!(Grid::new(&[], 1).unwrap(), None);
        assert!(Grid::new(&[varied("lr=1"), varied("lr=2")], 1).is_err());
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("lr", "OPTION=VALUE"),
            ("lr=", "OPTION=VALUE"),
            ("lr=1,,2", "OPTION=VALUE"),
            ("seed=1,2", "seed cannot be varied"),
            ("lr=1,1", "1 is given twice"),
        ] {
            let error = text.parse::<Varied>().unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}

//! Arguments about vectors, shared by commands: pooling and layers.

use std::{ffi::OsStr, fmt, str::FromStr};

use anyhow::{Result, bail};
use clap::{
    Arg, Command, Error,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};

use crate::{
    formats::number::counted,
    model::pool::{self, Pool},
    model::weights::source::Named,
};

/// Parser of `--pool`, with its values for help and completion.
#[derive(Debug, Clone, Copy)]
pub struct PoolParser;

impl TypedValueParser for PoolParser {
    type Value = Pool;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Pool, Error> {
        let parser = StringValueParser::new().try_map(|text| text.parse::<Pool>());
        parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let value = |(name, help)| PossibleValue::new(name).help(help);
        Some(Box::new(pool::CHOICES.into_iter().map(value)))
    }
}

/// A layer of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Number(usize),
    Last,
}

/// Value of `--layer`: one or several layers, each named once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers(Vec<Layer>);

impl FromStr for Layers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut layers = Vec::new();
        for name in text.split(',') {
            let layer = match name {
                "last" => Layer::Last,
                number => Layer::Number(number.parse().map_err(|_| {
                    "expected a number or last, or several with commas, such as 1,last".to_owned()
                })?),
            };
            if layers.contains(&layer) {
                return Err(format!("layer {name} is named twice"));
            }
            layers.push(layer);
        }
        Ok(Self(layers))
    }
}

impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, layer) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match layer {
                Layer::Number(number) => write!(f, "{comma}{number}")?,
                Layer::Last => write!(f, "{comma}last")?,
            }
        }
        Ok(())
    }
}

impl Layers {
    /// The layers of a model: after so many blocks, or `None` for the one after the final norm.
    ///
    /// # Errors
    /// The model has fewer layers.
    pub fn of(&self, named: &Named) -> Result<Vec<Option<usize>>> {
        let count = named.weights.config.n_layer;
        let layer = |layer: &Layer| match *layer {
            Layer::Last => Ok(None),
            Layer::Number(n) if i64::try_from(n).is_ok_and(|n| n <= count) => Ok(Some(n)),
            Layer::Number(n) => {
                bail!("--layer {n}: {} has {}", named.name, counted(count, "layer"))
            }
        };
        self.0.iter().map(layer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_parsed_and_printed() {
        for text in ["last", "0", "1,2", "last,0,1"] {
            assert_eq!(text.parse::<Layers>().unwrap().to_string(), text);
        }
        for wrong in ["", "1,", ",1", "first", "-1", "1, 2", "1-2"] {
            let error = wrong.parse::<Layers>().unwrap_err();
            assert!(error.contains("a number or last"), "{wrong}: {error}");
        }
        for twice in ["1,2,1", "last,last", "1,01"] {
            assert!(twice.parse::<Layers>().unwrap_err().contains("twice"), "{twice}");
        }
    }
}

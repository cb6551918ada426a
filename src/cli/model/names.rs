//! Names of models, as shells complete them.

use std::ffi::OsStr;

use clap::{
    Arg, Command, Error,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};

use crate::{hub::released::RELEASED, model::weights::source::BUILTIN};

/// Name of the built-in model in arguments; [`BUILTIN`] is its full name.
pub const BUILTIN_ARGUMENT: &str = "builtin";

/// Parser of a name or path of a model: any text, since a model may be a file or on the Hub. The
/// known names are possible values, so that shells complete them.
#[derive(Debug, Clone, Copy)]
pub struct ModelSpec;

impl TypedValueParser for ModelSpec {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(known().map(PossibleValue::new)))
    }
}

/// Names of the built-in and the released models.
pub fn known() -> impl Iterator<Item = &'static str> {
    [BUILTIN_ARGUMENT, BUILTIN].into_iter().chain(RELEASED.iter().map(|released| released.name))
}

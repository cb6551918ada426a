//! Labels as in their files.

use crate::formats::error::excerpt;

/// Label of a sequence as in its file.
#[derive(Debug, Clone, PartialEq)]
pub enum Label {
    /// The text of one column, without blanks around it; not empty.
    Text(String),
    /// Several columns that hold 0 or 1.
    Flags(Vec<bool>),
    /// Several columns of finite numbers, not all 0 or 1.
    Numbers(Vec<f64>),
    /// A class of each base, as in [`Target::BaseClasses`](super::example::Target::BaseClasses).
    BaseClasses(Vec<u8>),
    /// Labels of each base, as in [`Target::BaseLabels`](super::example::Target::BaseLabels).
    BaseLabels(Vec<u64>),
}

impl Label {
    /// The label in the fields of one column or several, which have these names.
    ///
    /// # Errors
    /// A field is empty, NaN or infinite, or one of several is not a number.
    pub fn of_fields<S: AsRef<str>>(
        fields: impl IntoIterator<Item = S>,
        names: &[String],
    ) -> Result<Self, String> {
        let mut fields = fields.into_iter();
        if let [_] = names {
            return Self::of_text(fields.next().as_ref().map_or("", S::as_ref));
        }
        let value = |(name, field): (&String, S)| {
            let field = field.as_ref().trim();
            match field {
                "true" | "True" | "TRUE" => Ok(1.0),
                "false" | "False" | "FALSE" => Ok(0.0),
                _ => field.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| {
                    format!(
                        "column {name} is {}; with several label columns each must hold 0 and 1, or finite numbers",
                        excerpt(field.as_bytes())
                    )
                }),
            }
        };
        let numbers = names.iter().zip(fields).map(value).collect::<Result<Vec<f64>, _>>()?;
        let are_flags = numbers.iter().all(|number| matches!(number, 0.0 | 1.0));
        Ok(match are_flags {
            true => Self::Flags(numbers.iter().map(|number| *number == 1.0).collect()),
            false => Self::Numbers(numbers),
        })
    }

    /// The label in one text.
    ///
    /// # Errors
    /// It is empty, NaN or infinite.
    pub fn of_text(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("the label is empty; give it one, or remove the sequence".into());
        }
        if text.parse::<f64>().is_ok_and(|number| !number.is_finite()) {
            return Err(format!(
                "the label is {text}, expected a class or a finite number; remove the sequence"
            ));
        }
        Ok(Self::Text(text.to_owned()))
    }

    /// Its text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&str]) -> Result<Label, String> {
        let names: Vec<String> = (0..fields.len()).map(|i| format!("y{i}")).collect();
        Label::of_fields(fields, &names)
    }

    #[test]
    fn fields_are_text_flags_or_numbers() {
        assert_eq!(of(&[" a "]), Ok(Label::Text("a".into())));
        assert_eq!(of(&["1", "0.0", "True"]), Ok(Label::Flags(vec![true, false, true])));
        assert_eq!(of(&["1", "-2.5"]), Ok(Label::Numbers(vec![1.0, -2.5])));
        for (fields, phrase) in [
            (&["1", ""][..], "column y1 is \"\""),
            (&["NaN", "1"], "column y0 is \"NaN\""),
            (&["1", "x"], "finite numbers"),
            (&[""], "the label is empty"),
            (&["inf"], "the label is inf"),
        ] {
            let error = of(fields).unwrap_err();
            assert!(error.contains(phrase), "{error}");
        }
    }
}

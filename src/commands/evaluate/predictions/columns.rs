//! Selected columns of a table.

use std::{fmt::Display, path::Path};

use crate::formats::{
    delimited::{self, Reader, Row},
    error::{InputError, excerpt},
    input,
};

/// A column of text; every row has a value.
#[derive(Debug, Clone)]
pub struct TextColumn {
    /// Name of the file, for messages.
    pub file: String,
    /// Name of the column.
    pub name: String,
    /// Line of each row, 1-based.
    pub lines: Vec<u64>,
    /// Value of each row.
    pub values: Vec<String>,
}

/// Columns of the same table.
#[derive(Debug)]
pub struct Columns {
    pub texts: Vec<TextColumn>,
    /// Rows × columns of numbers; all are finite.
    pub numbers: Vec<f64>,
}

impl TextColumn {
    /// Error of the value of a row; `expected` names valid ones.
    pub fn error(&self, row: usize, expected: impl Display) -> InputError {
        let value = self.values[row].as_bytes();
        unexpected((&self.file, self.lines[row]), &self.name, value, expected)
    }

    /// Keeps these rows, in this order.
    pub fn keep(&mut self, rows: &[usize]) {
        self.lines = rows.iter().map(|&row| self.lines[row]).collect();
        self.values = rows.iter().map(|&row| self.values[row].clone()).collect();
    }
}

/// Reads columns of text and columns of numbers. Case of names is ignored unless a column has exactly
/// the name.
///
/// # Errors
/// The file cannot be read, has no such column or no row, a value is missing (empty, `.`, `NA` or
/// `NaN`), or a number is not finite.
pub fn read(path: &Path, texts: &[&str], numbers: &[&str]) -> Result<Columns, InputError> {
    let mut reader = Reader::new(input::open(path)?)?;
    let file = reader.name().to_owned();
    let places = |names: &[&str]| {
        names.iter().map(|name| place(&reader, name)).collect::<Result<Vec<usize>, _>>()
    };
    let (text_places, number_places) = (places(texts)?, places(numbers)?);
    let column = |name: &&str| TextColumn {
        file: file.clone(),
        name: (*name).to_owned(),
        lines: Vec::new(),
        values: Vec::new(),
    };
    let mut columns = Columns { texts: texts.iter().map(column).collect(), numbers: Vec::new() };
    let mut rows = 0_u64;
    while let Some(Row { line, fields }) = reader.read()? {
        rows += 1;
        for (column, &place) in columns.texts.iter_mut().zip(&text_places) {
            let value = delimited::text(&fields[place], &file, line)?;
            if is_missing(value) {
                let problem = "a value; give it one, or remove the row";
                return Err(unexpected((&file, line), &column.name, value.as_bytes(), problem));
            }
            column.lines.push(line);
            column.values.push(value.to_owned());
        }
        for (name, &place) in numbers.iter().zip(&number_places) {
            let value = &fields[place];
            let number = std::str::from_utf8(value).ok().and_then(|text| finite(text.trim()));
            columns.numbers.push(
                number.ok_or_else(|| unexpected((&file, line), name, value, "a finite number"))?,
            );
        }
    }
    if rows == 0 {
        let problem =
            "no row follows the column names; did the step that wrote it fail?".to_owned();
        return Err(InputError::Kind { path: file, problem });
    }
    Ok(columns)
}

/// A finite number.
pub fn finite(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn is_missing(value: &str) -> bool {
    matches!(value, "" | "." | "NA") || value.eq_ignore_ascii_case("nan")
}

fn unexpected(
    (file, line): (&str, u64),
    column: &str,
    value: &[u8],
    expected: impl Display,
) -> InputError {
    let problem = format!("{column} is {}, expected {expected}", excerpt(value));
    InputError::Line { path: file.to_owned(), line, problem }
}

/// Index of a column.
fn place(reader: &Reader, wanted: &str) -> Result<usize, InputError> {
    let find = |is: &dyn Fn(&str) -> bool| {
        let all = reader.columns.iter().enumerate();
        all.filter(|(_, name)| is(name)).map(|(place, _)| place).collect::<Vec<_>>()
    };
    let exact = find(&|name| name == wanted);
    let places =
        if exact.is_empty() { find(&|name| name.eq_ignore_ascii_case(wanted)) } else { exact };
    let problem = match places[..] {
        [place] => return Ok(place),
        [] => format!("has no column {wanted}; it has: {}", reader.columns.join(", ")),
        _ => format!("has {} columns {wanted}; give each its own name", places.len()),
    };
    Err(InputError::Kind { path: reader.name().to_owned(), problem })
}

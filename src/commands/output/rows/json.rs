//! Rows as a JSON array of objects.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use serde_json::{Value, json};

use super::row::{Cell, Head, Row, RowWriter};
use crate::{
    formats::output::{Complete, Output, OutputError, Sink},
    genome::name,
};

/// Writes objects, whose keys are the names of the columns.
pub struct JsonRows {
    sink: Sink,
    path: PathBuf,
    keys: Vec<Value>,
    is_empty: bool,
}

impl JsonRows {
    /// Begins the array.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn new(output: Output, path: PathBuf, head: Head<'_>) -> Result<Self, OutputError> {
        let mut sink = Sink::new(output);
        sink.write_all(b"[").map_err(|source| OutputError::write(&path, source))?;
        let names = head.columns.iter().map(|column| json!(column.name));
        let keys = names.chain((0..head.values).map(|i| json!(format!("e{i}")))).collect();
        Ok(Self { sink, path, keys, is_empty: true })
    }

    fn write(&mut self, row: Row<'_>) -> io::Result<()> {
        let values = row.cells.iter().map(value).chain(row.values.iter().map(|&x| json!(x)));
        let pairs = self.keys.iter().zip(values);
        let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key}: {value}")).collect();
        let separator = if self.is_empty { "" } else { "," };
        self.is_empty = false;
        write!(self.sink, "{separator}\n  {{{}}}", pairs.join(", "))
    }
}

fn value(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Text(text) => json!(name::shown(&name::decode(text))),
        Cell::Integer(value) => json!(value),
        Cell::Number(value) => json!(value),
        Cell::Missing => Value::Null,
    }
}

impl RowWriter for JsonRows {
    fn row(&mut self, row: Row<'_>) -> Result<(), OutputError> {
        self.write(row).map_err(|source| OutputError::write(&self.path, source))
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.sink.flush().map_err(|source| OutputError::write(&self.path, source))
    }

    fn complete(self: Box<Self>) -> Result<Vec<Complete>, OutputError> {
        let Self { mut sink, path, .. } = *self;
        let output = writeln!(sink, "\n]").and_then(|()| sink.complete());
        let output = output.map_err(|source| OutputError::write(&path, source))?;
        Ok(vec![output.complete()?])
    }
}

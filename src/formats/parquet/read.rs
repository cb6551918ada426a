//! Columns of a Parquet file as text.

use std::{fs::File, path::Path};

use ::parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::{Field, Row},
};

use crate::formats::error::InputError;

/// Reads the rows of a table.
pub struct Reader {
    /// Name of the file, for messages.
    pub name: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    rows: ::parquet::record::reader::RowIter<'static>,
    /// Number of the last row read, 1-based; 0 before the first.
    pub number: u64,
}

/// True if a file begins as Parquet does; false if it cannot be read.
pub fn is_parquet(path: &Path) -> bool {
    let mut head = [0; 5];
    let read =
        File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head));
    // a text may begin with PAR1 too
    read.is_ok() && head.starts_with(b"PAR1") && !head[4].is_ascii_graphic() && head[4] != b'\t'
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be opened or is not Parquet.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        let name = path.display().to_string();
        let file =
            File::open(path).map_err(|source| InputError::Open { path: name.clone(), source })?;
        let problem = |error| kind(&name, &error);
        let reader = SerializedFileReader::new(file).map_err(problem)?;
        let schema = reader.metadata().file_metadata().schema();
        let columns = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
        let rows = ::parquet::record::reader::RowIter::from_file_into(Box::new(reader));
        Ok(Self { name, columns, rows, number: 0 })
    }

    /// Reads the next row: text and numbers in its columns as text, a missing value as no text. `None`
    /// after the last.
    ///
    /// # Errors
    /// The file is damaged or compressed in an unknown way.
    pub fn read(&mut self) -> Result<Option<Vec<String>>, InputError> {
        let row = self.rows.next().transpose().map_err(|error| kind(&self.name, &error))?;
        self.number += u64::from(row.is_some());
        Ok(row.as_ref().map(fields))
    }
}

fn kind(name: &str, error: &::parquet::errors::ParquetError) -> InputError {
    InputError::Kind {
        path: name.to_owned(),
        problem: format!(
            "cannot be read as Parquet: {error}; write it again without compression or with snappy"
        ),
    }
}

fn fields(row: &Row) -> Vec<String> {
    let text = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        other => other.to_string(),
    };
    row.get_column_iter().map(|(_, field)| text(field)).collect()
}

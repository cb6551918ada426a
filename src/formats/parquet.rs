//! Parquet: columns of text and numbers, then one f32 column for each value of a row.

pub mod read;

use std::{borrow::Cow, io, sync::Arc};

use ::parquet::{
    basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DoubleType, FloatType, Int64Type},
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};

use super::output::Output;
use crate::genome::name;

/// Most values of a row group: 32 MiB of f32.
const GROUP_VALUES: usize = 8 << 20;

/// Size of a field of a leading column, in values.
const FIELD_VALUES: usize = 8;

/// The kind of a leading column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// UTF-8 text.
    Text,
    /// A whole number.
    Integer,
    /// A number (f64), or null.
    Number,
}

/// A field of a leading column.
#[derive(Debug, Clone, PartialEq)]
pub enum Field<'a> {
    /// Text; of a column of whole numbers, one in decimal digits.
    Text(Cow<'a, [u8]>),
    /// A number, or null.
    Number(Option<f64>),
}

/// A leading column and its fields in the current row group.
struct Column {
    kind: ColumnKind,
    texts: Vec<ByteArray>,
    integers: Vec<i64>,
    numbers: Vec<f64>,
    /// For each number or null, 1 or 0.
    present: Vec<i16>,
}

/// Writes a table in row groups of bounded size.
pub struct Writer {
    file: SerializedFileWriter<Output>,
    columns: Vec<Column>,
    floats: usize,
    values: Vec<f32>,
    rows: usize,
}

impl Column {
    fn push(&mut self, field: Field<'_>) -> io::Result<()> {
        match (self.kind, field) {
            (ColumnKind::Number, Field::Number(value)) => {
                self.present.push(i16::from(value.is_some()));
                self.numbers.extend(value);
            }
            (ColumnKind::Text, Field::Text(text)) => {
                // texts of Parquet are UTF-8
                self.texts.push(ByteArray::from(&*name::shown(&name::decode(&text))));
            }
            (ColumnKind::Integer, Field::Text(text)) => {
                let text = String::from_utf8_lossy(&text);
                self.integers.push(text.parse().map_err(|_| invalid(&text, "a whole number"))?);
            }
            (ColumnKind::Number, Field::Text(text)) => {
                return Err(invalid(&String::from_utf8_lossy(&text), "a number"));
            }
            (_, Field::Number(value)) => return Err(invalid(&format!("{value:?}"), "text")),
        }
        Ok(())
    }
}

fn invalid(found: &str, expected: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{found} is not {expected}"))
}

impl Writer {
    /// Starts a table with the named leading columns and then `floats` columns `e0`, `e1`, …;
    /// `metadata` goes into the footer.
    pub fn new(
        output: Output,
        columns: &[(String, ColumnKind)],
        floats: usize,
        metadata: &[(String, String)],
    ) -> io::Result<Self> {
        let leading = columns.iter().map(|(name, kind)| field(name, *kind));
        let values = (0..floats).map(|i| {
            Type::primitive_type_builder(&format!("e{i}"), Physical::FLOAT)
                .with_repetition(Repetition::REQUIRED)
                .build()
        });
        let fields = leading.chain(values).map(|f| f.map(Arc::new)).collect::<Result<_, _>>();
        let schema = fields
            .and_then(|fields| Type::group_type_builder("schema").with_fields(fields).build())
            .map_err(into_io)?;
        let metadata =
            metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_dictionary_enabled(false) // floats hardly ever repeat
            .set_created_by(format!("hyenadna version {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(metadata.collect()))
            .build();
        let file = SerializedFileWriter::new(output, Arc::new(schema), Arc::new(properties));
        let empty = |kind| Column {
            kind,
            texts: Vec::new(),
            integers: Vec::new(),
            numbers: Vec::new(),
            present: Vec::new(),
        };
        Ok(Self {
            file: file.map_err(into_io)?,
            columns: columns.iter().map(|(_, kind)| empty(*kind)).collect(),
            floats,
            values: Vec::new(),
            rows: 0,
        })
    }

    /// Appends one row: the fields of the leading columns, then the values.
    ///
    /// # Errors
    /// Writing fails, or a field is not of the kind of its column.
    pub fn row<'f>(
        &mut self,
        fields: impl IntoIterator<Item = Field<'f>>,
        values: &[f32],
    ) -> io::Result<()> {
        let mut most = self.values.len() + values.len();
        for (column, field) in self.columns.iter_mut().zip(fields) {
            column.push(field)?;
            most = most.max(column.texts.len().max(column.present.len()) * FIELD_VALUES);
        }
        self.values.extend_from_slice(values);
        self.rows += 1;
        if most >= GROUP_VALUES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        self.write_group().map_err(into_io)?;
        self.values.clear();
        self.rows = 0;
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            let mut writer = next_column(&mut group)?;
            match column.kind {
                ColumnKind::Text => {
                    writer.typed::<ByteArrayType>().write_batch(&column.texts, None, None)?
                }
                ColumnKind::Integer => {
                    writer.typed::<Int64Type>().write_batch(&column.integers, None, None)?
                }
                ColumnKind::Number => writer.typed::<DoubleType>().write_batch(
                    &column.numbers,
                    Some(&column.present),
                    None,
                )?,
            };
            writer.close()?;
            column.texts.clear();
            column.integers.clear();
            column.numbers.clear();
            column.present.clear();
        }
        for i in 0..self.floats {
            let values: Vec<f32> =
                self.values.iter().skip(i).step_by(self.floats).copied().collect();
            let mut writer = next_column(&mut group)?;
            writer.typed::<FloatType>().write_batch(&values, None, None)?;
            writer.close()?;
        }
        group.close()?;
        Ok(())
    }

    /// Writes the footer and gives the output back, which has no name yet.
    pub fn complete(mut self) -> io::Result<Output> {
        self.flush()?;
        self.file.into_inner().map_err(into_io)
    }
}

fn next_column<'a>(
    group: &'a mut ::parquet::file::writer::SerializedRowGroupWriter<'_, Output>,
) -> Result<::parquet::file::writer::SerializedColumnWriter<'a>, ParquetError> {
    group
        .next_column()?
        .ok_or_else(|| ParquetError::General("fewer columns than the schema has".into()))
}

fn field(name: &str, kind: ColumnKind) -> Result<Type, ParquetError> {
    let repetition = match kind {
        ColumnKind::Text | ColumnKind::Integer => Repetition::REQUIRED,
        ColumnKind::Number => Repetition::OPTIONAL,
    };
    let builder = match kind {
        ColumnKind::Number => Type::primitive_type_builder(name, Physical::DOUBLE),
        ColumnKind::Text => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_logical_type(Some(LogicalType::String))
            .with_converted_type(ConvertedType::UTF8),
        ColumnKind::Integer => Type::primitive_type_builder(name, Physical::INT64),
    };
    builder.with_repetition(repetition).build()
}

/// Unwraps an I/O error from parquet, so that a closed pipe is recognised.
fn into_io(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::RowAccessor,
    };

    fn text(text: &str) -> Field<'_> {
        Field::Text(text.as_bytes().into())
    }

    #[test]
    fn a_written_table_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let columns = [
            ("chrom".to_owned(), ColumnKind::Text),
            ("chromStart".to_owned(), ColumnKind::Integer),
            ("llr".to_owned(), ColumnKind::Number),
        ];
        let meta = [("model".to_owned(), "m".to_owned())];
        let mut writer = Writer::new(Output::create(&path).unwrap(), &columns, 2, &meta).unwrap();
        let row = |name: &'static str, start: &'static str, llr| {
            [text(name), text(start), Field::Number(llr)]
        };
        writer.row(row("chr1", "7", Some(0.1)), &[1.0, 2.0]).unwrap();
        writer.row(row("chr2", "9", None), &[3.0, 4.0]).unwrap();
        writer.complete().unwrap().finish().unwrap();
        let file = std::fs::File::open(&path).unwrap();
        let rows: Vec<_> = SerializedFileReader::new(file)
            .unwrap()
            .get_row_iter(None)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1].get_string(0).unwrap(), "chr2");
        assert_eq!((rows[1].get_long(1).unwrap(), rows[1].get_float(4).unwrap()), (9, 4.0));
        assert_eq!(rows[0].get_double(2).unwrap(), 0.1);
        assert!(rows[1].get_double(2).is_err());
    }

    #[test]
    fn fields_are_read_as_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let columns = [
            ("sequence".to_owned(), ColumnKind::Text),
            ("label".to_owned(), ColumnKind::Integer),
            ("value".to_owned(), ColumnKind::Number),
        ];
        let mut writer = Writer::new(Output::create(&path).unwrap(), &columns, 0, &[]).unwrap();
        writer.row([text("AC"), text("7"), Field::Number(Some(0.5))], &[]).unwrap();
        writer.row([text("GT"), text("-1"), Field::Number(None)], &[]).unwrap();
        writer.complete().unwrap().finish().unwrap();
        assert!(read::is_parquet(&path));
        let mut reader = read::Reader::open(&path).unwrap();
        assert_eq!(reader.columns, ["sequence", "label", "value"]);
        assert_eq!(reader.read().unwrap().unwrap(), ["AC", "7", "0.5"]);
        assert_eq!(reader.read().unwrap().unwrap(), ["GT", "-1", ""]);
        assert_eq!((reader.read().unwrap(), reader.number), (None, 2));
        std::fs::write(&path, b"PAR1\0rest").unwrap();
        assert!(read::is_parquet(&path) && read::Reader::open(&path).is_err());
        std::fs::write(&path, b"PAR1\tname").unwrap();
        assert!(!read::is_parquet(&path));
    }

    #[test]
    fn text_in_a_column_of_numbers_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let output = Output::create(&folder.path().join("t.parquet")).unwrap();
        let mut writer =
            Writer::new(output, &[("n".to_owned(), ColumnKind::Integer)], 1, &[]).unwrap();
        assert!(writer.row([text("x")], &[0.0]).is_err());
        assert!(writer.row([Field::Number(None)], &[0.0]).is_err());
    }

    #[test]
    fn a_table_without_rows_is_valid() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let writer = Writer::new(Output::create(&path).unwrap(), &[], 1, &[]).unwrap();
        writer.complete().unwrap().finish().unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }
}

//! Rows of text that describe rows elsewhere: a table with a header (TSV, CSV), or BED.

use std::path::Path;

use super::{bed, delimited, error::InputError, input, kind::TextKind, lines::Lines};

/// Reads rows of text.
pub struct Reader {
    /// Names of the columns.
    pub columns: Vec<String>,
    source: Source,
    /// The first row of BED, which the names of the columns follow from.
    first: Option<bed::Record>,
}

enum Source {
    Table(delimited::Reader),
    Bed(bed::Reader),
}

/// A row with its line, 1-based.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number of the line.
    pub line: u64,
    /// A field for each column.
    pub fields: Vec<String>,
}

impl Reader {
    /// Opens a file; `-` is stdin. BED is detected from its first line.
    ///
    /// # Errors
    /// The file cannot be read, is empty or of another kind.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        let mut input = input::open(path)?;
        let read = |source| InputError::Open { path: path.display().to_string(), source };
        let head = input.reader.fill_buf().map_err(read)?;
        // the table of `embed` has its names in a comment
        let is_named = head.starts_with(b"##hyenadna") || head.starts_with(b"#chrom\t");
        if is_named || TextKind::of(head) != Some(TextKind::Bed) {
            let reader = delimited::Reader::new(input)?;
            let columns = reader.columns.clone();
            return Ok(Self { columns, source: Source::Table(reader), first: None });
        }
        let mut reader = bed::Reader::new(Lines::new(input));
        let first = reader.read()?;
        let count = first.as_ref().map_or(0, |record| record.columns.len());
        let columns = bed::column_names(reader.name(), count);
        Ok(Self { columns, source: Source::Bed(reader), first })
    }

    /// Name of the file, for messages.
    pub fn name(&self) -> &str {
        match &self.source {
            Source::Table(reader) => reader.name(),
            Source::Bed(reader) => reader.name(),
        }
    }

    /// Reads the next row. `None` after the last.
    ///
    /// # Errors
    /// The row has another number of fields or is not UTF-8, or reading fails.
    pub fn read(&mut self) -> Result<Option<Row>, InputError> {
        let name = self.name().to_owned();
        let text = |fields: &[Vec<u8>], line| {
            let text = |field: &Vec<u8>| Ok(delimited::text(field, &name, line)?.to_owned());
            fields.iter().map(text).collect::<Result<_, InputError>>()
        };
        match &mut self.source {
            Source::Table(reader) => {
                let Some(delimited::Row { line, fields }) = reader.read()? else {
                    return Ok(None);
                };
                Ok(Some(Row { line, fields: text(fields, line)? }))
            }
            Source::Bed(reader) => {
                let next = match self.first.take() {
                    Some(first) => Some(first),
                    None => reader.read()?,
                };
                let Some(bed::Record { columns, line, .. }) = next else { return Ok(None) };
                Ok(Some(Row { line, fields: text(&columns, line)? }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Vec<String>, Vec<Row>), String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut reader = Reader::open(file.path()).map_err(|error| error.to_string())?;
        let mut rows = Vec::new();
        while let Some(row) = reader.read().map_err(|error| error.to_string())? {
            rows.push(row);
        }
        Ok((reader.columns, rows))
    }

    #[test]
    fn tables_and_bed_are_read() {
        let row = |line, fields: &[&str]| Row {
            line,
            fields: fields.iter().map(|&field| field.to_owned()).collect(),
        };
        let (columns, rows) = read("name,label\na,\"x,y\"\n\nb,z\n").unwrap();
        assert_eq!(columns, ["name", "label"]);
        assert_eq!(rows, [row(2, &["a", "x,y"]), row(4, &["b", "z"])]);
        let (columns, rows) = read("# a comment\nc\t1\t5\tx\nc\t7\t9\ty\n").unwrap();
        assert_eq!(columns, ["chrom", "chromStart", "chromEnd", "name"]);
        assert_eq!(rows, [row(2, &["c", "1", "5", "x"]), row(3, &["c", "7", "9", "y"])]);
        for header in ["#chrom\tchromStart\tchromEnd\n", "##hyenadna_x=1\n#chrom\ts\te\n"] {
            let (columns, rows) = read(&format!("{header}c\t1\t5\n")).unwrap();
            assert_eq!((columns.len(), rows.len(), &columns[0][..]), (3, 1, "chrom"));
        }
        assert!(read("").unwrap_err().contains("empty"));
        assert!(read("c\t1\t5\nc\t9\t2\n").unwrap_err().contains("line 2"));
    }
}

//! Tables of text: columns separated by tabs or commas.

use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

/// The header of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Header {
    /// ## lines with version, command and settings, then the column names after a #
    Full,
    /// The column names alone, without a #
    Names,
    /// No header
    None,
}

/// Separator and quotes of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Tabs; nothing is quoted, as bioinformatics tools expect.
    Tabs,
    /// Commas, with quotes where a field needs them.
    Commas,
}

/// Writes rows of fields.
pub struct Table<W: Write> {
    writer: Writer<W>,
}

impl<W: Write> Table<W> {
    /// Starts a table on `inner` with the lines of `preamble`, unchanged.
    pub fn new(mut inner: W, preamble: &[String], dialect: Dialect) -> io::Result<Self> {
        let (delimiter, quotes) = match dialect {
            Dialect::Tabs => (b'\t', QuoteStyle::Never),
            Dialect::Commas => (b',', QuoteStyle::Necessary),
        };
        for line in preamble {
            writeln!(inner, "{line}")?;
        }
        let writer = WriterBuilder::new()
            .delimiter(delimiter)
            .quote_style(quotes)
            .terminator(Terminator::Any(b'\n'))
            .flexible(true)
            .from_writer(inner);
        Ok(Self { writer })
    }

    /// Flushes the rows written so far.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// The inner writer, which lacks the rows that are not flushed.
    pub fn get_ref(&self) -> &W {
        self.writer.get_ref()
    }

    /// Writes one row.
    pub fn row<I, F>(&mut self, fields: I) -> io::Result<()>
    where
        I: IntoIterator<Item = F>,
        F: AsRef<[u8]>,
    {
        self.writer.write_record(fields).map_err(into_io)
    }

    /// Flushes the table and returns the inner writer.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|e| e.into_error())
    }
}

fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_as_they_are() {
        let mut table = Table::new(Vec::new(), &["##version=1".to_owned()], Dialect::Tabs).unwrap();
        table.row(["#a", "b"]).unwrap();
        table.row([&b"\"x y\""[..], b"\xff,", b""]).unwrap();
        assert_eq!(table.finish().unwrap(), b"##version=1\n#a\tb\n\"x y\"\t\xff,\t\n");
    }
}

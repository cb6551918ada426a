//! Tab-separated tables.

use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

/// Writes rows of tab-separated fields; nothing is quoted, as bioinformatics tools expect.
pub struct Table<W: Write> {
    writer: Writer<W>,
}

impl<W: Write> Table<W> {
    /// Starts a table on `inner` with the lines of `preamble`, unchanged.
    pub fn new(mut inner: W, preamble: &[String]) -> io::Result<Self> {
        for line in preamble {
            writeln!(inner, "{line}")?;
        }
        let writer = WriterBuilder::new()
            .delimiter(b'\t')
            .quote_style(QuoteStyle::Never)
            .terminator(Terminator::Any(b'\n'))
            .flexible(true)
            .from_writer(inner);
        Ok(Self { writer })
    }

    /// Flushes the rows written so far.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
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
        let mut table = Table::new(Vec::new(), &["##version=1".to_owned()]).unwrap();
        table.row(["#a", "b"]).unwrap();
        table.row([&b"\"x y\""[..], b"\xff,", b""]).unwrap();
        assert_eq!(table.finish().unwrap(), b"##version=1\n#a\tb\n\"x y\"\t\xff,\t\n");
    }
}

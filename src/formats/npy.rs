//! NumPy's array format. Written is version 1.0: a `[rows, columns]` matrix of little-endian f32 in C order,
//! whose number of rows is known only at the end.

mod reader;

use std::io::{self, Seek, SeekFrom, Write};

pub use self::reader::{MAGIC, Rows, Stored, read};
use super::{error::temporary, output::Output};

/// Length of the header in bytes, with room for the row count, which is filled in at the end.
const HEADER: usize = 128;

/// Writes the rows of a matrix. An output that cannot be rewound goes through a temporary file,
/// because the number of rows stands at the start.
pub struct Writer {
    body: io::BufWriter<Body>,
    columns: usize,
    values: u64,
}

enum Body {
    Direct(Output),
    Spooled(std::fs::File, Output),
}

impl Writer {
    /// Starts a matrix of `columns` columns.
    pub fn new(output: Output, columns: usize) -> io::Result<Self> {
        let body = if output.is_seekable() {
            Body::Direct(output)
        } else {
            Body::Spooled(tempfile::tempfile().map_err(temporary)?, output)
        };
        let mut body = io::BufWriter::with_capacity(1 << 16, body);
        body.write_all(&[0; HEADER])?;
        Ok(Self { body, columns, values: 0 })
    }

    /// Appends whole rows: `[n, columns]`, flat.
    pub fn rows(&mut self, values: &[f32]) -> io::Result<()> {
        debug_assert_eq!(values.len() % self.columns.max(1), 0);
        self.values += values.len() as u64;
        values.iter().try_for_each(|value| self.body.write_all(&value.to_le_bytes()))
    }

    /// Fills in the header and returns the output, which has no name yet: see [`Output::finish`].
    pub fn complete(self) -> io::Result<Output> {
        let rows = self.values / self.columns.max(1) as u64;
        let header = header(rows, self.columns);
        match self.body.into_inner().map_err(|e| e.into_error())? {
            Body::Direct(mut output) => {
                output.seek(SeekFrom::Start(0))?;
                output.write_all(&header)?;
                output.flush()?;
                Ok(output)
            }
            Body::Spooled(mut file, mut output) => {
                output.write_all(&header)?;
                file.seek(SeekFrom::Start(HEADER as u64))?;
                io::copy(&mut file, &mut output)?;
                Ok(output)
            }
        }
    }
}

impl Write for Body {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Direct(output) => output.write(bytes),
            Self::Spooled(file, _) => file.write(bytes).map_err(temporary),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn header(rows: u64, columns: usize) -> [u8; HEADER] {
    let mut header = [b' '; HEADER];
    header[..8].copy_from_slice(b"\x93NUMPY\x01\x00");
    header[8..10].copy_from_slice(&((HEADER - 10) as u16).to_le_bytes());
    let text =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    header[10..10 + text.len()].copy_from_slice(text.as_bytes());
    header[HEADER - 1] = b'\n';
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_with_its_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.npy");
        let mut writer = Writer::new(Output::create(&path).unwrap(), 2).unwrap();
        writer.rows(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        writer.rows(&[5.0, -6.0]).unwrap();
        writer.complete().unwrap().finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), HEADER + 24);
        assert!(bytes.starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4'"));
        assert!(bytes[..HEADER].windows(6).any(|w| w == b"(3, 2)"));
        assert_eq!(bytes[HEADER + 20..], (-6.0_f32).to_le_bytes());
    }

    #[test]
    fn the_largest_header_fits() {
        assert_eq!(header(u64::MAX, usize::MAX)[HEADER - 1], b'\n');
    }
}

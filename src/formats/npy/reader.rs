//! Reading of matrices.

use std::{
    io::{BufRead, Read},
    path::Path,
};

use crate::formats::{
    error::InputError,
    input::{self, Input},
};

/// Description of a valid file, for messages.
const EXPECTED: &str = "expected a .npy matrix, as `embed` writes it";

/// First bytes of a file.
pub const MAGIC: &[u8] = b"\x93NUMPY";

/// Rows of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Row-major values.
    pub values: Vec<f32>,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns; above 0.
    pub columns: usize,
}

/// Reads a matrix of little-endian f32 or f64 in C order.
///
/// # Errors
/// The file cannot be read, is not such a matrix, or ends early.
pub fn read(path: &Path) -> Result<Stored, InputError> {
    let mut reader = Rows::new(input::open(path)?)?;
    let (mut values, mut row) = (Vec::new(), Vec::new());
    while reader.read(&mut row)? {
        values.append(&mut row);
    }
    Ok(Stored { values, rows: reader.rows, columns: reader.columns })
}

/// Reads a matrix row by row.
pub struct Rows {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns; above 0.
    pub columns: usize,
    /// Bytes of a number: 4 or 8.
    size: usize,
    name: String,
    reader: Box<dyn BufRead + Send>,
    /// Number of rows read.
    done: usize,
}

impl Rows {
    /// Reads the header of a matrix of little-endian f32 or f64 in C order.
    ///
    /// # Errors
    /// The file cannot be read or is not such a matrix.
    pub fn new(input: Input) -> Result<Self, InputError> {
        let Input { name, mut reader, .. } = input;
        let mut bytes = |count: usize| -> Result<Vec<u8>, InputError> {
            let found = take(&mut *reader, count, &name)?;
            if found.len() < count {
                return Err(kind(&name, format!("ends within its header; {EXPECTED}")));
            }
            Ok(found)
        };
        if !matches!(bytes(MAGIC.len()), Ok(start) if start == MAGIC) {
            return Err(kind(&name, format!("is not in NumPy's format; {EXPECTED}")));
        }
        let version = bytes(2)?;
        let length = bytes(if version[0] == 1 { 2 } else { 4 })?;
        let length = length.iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte));
        let header = String::from_utf8_lossy(&bytes(length)?).replace(' ', "");
        let problem = |problem: String| kind(&name, problem);
        let size = match &header {
            header if header.contains("'descr':'<f4'") => 4,
            header if header.contains("'descr':'<f8'") => 8,
            _ => {
                let found = format!("has numbers that are neither float32 nor float64: {header}");
                return Err(problem(found));
            }
        };
        if !header.contains("'fortran_order':False") {
            let order = "is in Fortran order; save it with numpy.ascontiguousarray";
            return Err(problem(order.into()));
        }
        let shape = header.split("'shape':(").nth(1).and_then(|rest| rest.split(')').next());
        let numbers: Vec<&str> =
            shape.unwrap_or_default().split(',').filter(|number| !number.is_empty()).collect();
        let shape: Vec<usize> = numbers.iter().filter_map(|number| number.parse().ok()).collect();
        let [rows, columns @ 1..=usize::MAX] = shape[..] else {
            let found = numbers.join(", ");
            return Err(problem(format!("has the shape ({found}); expected rows and columns")));
        };
        Ok(Self { rows, columns, size, name, reader, done: 0 })
    }

    /// Name of the file, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Replaces `row` by the next one. Returns false after the last.
    ///
    /// # Errors
    /// The file ends before its last row or goes on after it, or reading fails.
    pub fn read(&mut self, row: &mut Vec<f32>) -> Result<bool, InputError> {
        row.clear();
        let Self { rows, columns, .. } = *self;
        let shape = || format!("a shape of {rows} rows and {columns} columns; is it truncated?");
        if self.done == rows {
            if !take(&mut *self.reader, 1, &self.name)?.is_empty() {
                return Err(kind(
                    &self.name,
                    format!("has numbers after its end, and {}", shape()),
                ));
            }
            return Ok(false);
        }
        let count = columns.saturating_mul(self.size);
        let bytes = take(&mut *self.reader, count, &self.name)?;
        if bytes.len() < count {
            let row = self.done + 1;
            return Err(kind(&self.name, format!("ends within row {row}, and has {}", shape())));
        }
        match self.size {
            4 => row.extend(bytes.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value))),
            _ => {
                let value = |value: &[u8; 8]| f64::from_le_bytes(*value) as f32;
                row.extend(bytes.as_chunks().0.iter().map(value));
            }
        }
        self.done += 1;
        Ok(true)
    }
}

/// Reads `count` bytes, or fewer at the end.
fn take(reader: &mut dyn BufRead, count: usize, name: &str) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    let read = reader.take(count as u64).read_to_end(&mut bytes);
    read.map_err(|source| InputError::Open { path: name.to_owned(), source })?;
    Ok(bytes)
}

fn kind(name: &str, problem: String) -> InputError {
    InputError::Kind { path: name.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Stored, String> {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&path, bytes).unwrap();
        read(path.path()).map_err(|error| error.to_string())
    }

    /// A file of NumPy: `numpy.save("x.npy", numpy.array(VALUES, TYPE))`, version 1.0.
    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{header}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn matrices_of_both_types_are_read() {
        let expected = Stored { values: vec![1.5, -2.0], rows: 2, columns: 1 };
        let of = |kind: &str| {
            format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': (2, 1), }}")
        };
        let four = [1.5_f32, -2.0].map(f32::to_le_bytes).concat();
        assert_eq!(parse(&file(&of("<f4"), &four)).unwrap(), expected);
        let eight = [1.5_f64, -2.0].map(f64::to_le_bytes).concat();
        assert_eq!(parse(&file(&of("<f8"), &eight)).unwrap(), expected);
        for (bytes, problem) in [
            (b"name\tx\n".to_vec(), "not in NumPy's format"),
            (b"\x93NUMPY\x01\x00\xff\xff".to_vec(), "within its header"),
            (file(&of("<i8"), &eight), "neither float32 nor float64"),
            (file(&of("<f4").replace("False", "True"), &four), "Fortran"),
            (file(&of("<f4").replace("(2, 1)", "(2,)"), &four), "the shape (2)"),
            (file(&of("<f4").replace("(2, 1)", "(2, 0)"), &[]), "rows and columns"),
            (file(&of("<f4"), &four[1..]), "ends within row 2"),
            (file(&of("<f4"), &[]), "truncated"),
            (file(&of("<f4"), &eight), "numbers after its end"),
            (file(&of("<f4").replace("(2, 1)", "(1, 99999999999999999)"), &four), "within row 1"),
        ] {
            let error = parse(&bytes).unwrap_err();
            assert!(error.contains(problem), "{problem}: {error}");
        }
    }
}

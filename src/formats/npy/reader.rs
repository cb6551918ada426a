//! Reading of matrices.

use std::path::Path;

use crate::formats::error::InputError;

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
    let name = path.display().to_string();
    let failed = |source| InputError::Open { path: name.clone(), source };
    let bytes = std::fs::read(path).map_err(failed)?;
    parse(&bytes).map_err(|problem| InputError::Kind { path: name.clone(), problem })
}

/// Parses a file.
fn parse(bytes: &[u8]) -> Result<Stored, String> {
    const EXPECTED: &str = "expected a .npy matrix, as `embed` writes it";
    if !bytes.starts_with(b"\x93NUMPY") {
        return Err(format!("is not in NumPy's format; {EXPECTED}"));
    }
    let short = || format!("ends within its header; {EXPECTED}");
    let field = |from: usize, to: usize| bytes.get(from..to).ok_or_else(short);
    let (length, start) = match field(6, 7)? {
        [1] => (field(8, 10)?.iter().rev().fold(0, |n, b| n << 8 | usize::from(*b)), 10),
        _ => (field(8, 12)?.iter().rev().fold(0, |n, b| n << 8 | usize::from(*b)), 12),
    };
    let header = String::from_utf8_lossy(field(start, start + length)?).replace(' ', "");
    let size = match &header {
        header if header.contains("'descr':'<f4'") => 4,
        header if header.contains("'descr':'<f8'") => 8,
        _ => return Err(format!("has numbers that are neither float32 nor float64: {header}")),
    };
    if !header.contains("'fortran_order':False") {
        return Err("is in Fortran order; save it with numpy.ascontiguousarray".into());
    }
    let shape = header.split("'shape':(").nth(1).and_then(|rest| rest.split(')').next());
    let numbers: Vec<&str> =
        shape.unwrap_or_default().split(',').filter(|number| !number.is_empty()).collect();
    let shape: Vec<usize> = numbers.iter().filter_map(|number| number.parse().ok()).collect();
    let [rows, columns @ 1..=usize::MAX] = shape[..] else {
        return Err(format!("has the shape ({}); expected rows and columns", numbers.join(", ")));
    };
    let data = &bytes[start + length..];
    let expected = rows.checked_mul(columns).and_then(|count| count.checked_mul(size));
    if expected != Some(data.len()) {
        return Err(format!(
            "has {} bytes of numbers, and a shape of {rows} rows and {columns} columns; is it truncated?",
            data.len()
        ));
    }
    let values = match size {
        4 => data.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value)).collect(),
        _ => {
            data.as_chunks::<8>().0.iter().map(|value| f64::from_le_bytes(*value) as f32).collect()
        }
    };
    Ok(Stored { values, rows, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (file(&of("<f4"), &four[1..]), "truncated"),
        ] {
            let error = parse(&bytes).unwrap_err();
            assert!(error.contains(problem), "{problem}: {error}");
        }
    }
}

//! Reading what the program writes, and comparing numbers.

use std::fs::{self, File};

use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};

/// A table as text.
#[derive(Debug, PartialEq)]
pub struct Table {
    /// The `##` lines.
    pub comments: Vec<String>,
    /// Names of the columns, the `#` taken off; empty if there is no such line.
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn parse(text: &str) -> Self {
        let mut table = Self { comments: Vec::new(), header: Vec::new(), rows: Vec::new() };
        for line in text.lines() {
            let fields = |line: &str| line.split('\t').map(str::to_owned).collect();
            if line.starts_with("##") {
                table.comments.push(line.to_owned());
            } else if let Some(names) = line.strip_prefix('#') {
                table.header = fields(names);
            } else {
                table.rows.push(fields(line));
            }
        }
        table
    }

    /// The numbers of a column; none where there is `.`.
    pub fn numbers(&self, name: &str) -> Vec<Option<f64>> {
        let number = |text: &str| (text != ".").then(|| text.parse().unwrap());
        self.column(name).into_iter().map(number).collect()
    }

    /// The values of columns `e0`, `e1`, …
    pub fn embeddings(&self) -> Vec<Vec<f64>> {
        let first = self.header.iter().position(|name| name == "e0").unwrap();
        let values = |row: &Vec<String>| row[first..].iter().map(|v| v.parse().unwrap()).collect();
        self.rows.iter().map(values).collect()
    }

    /// The values of a column.
    pub fn column(&self, name: &str) -> Vec<&str> {
        let i = self.header.iter().position(|n| n == name).unwrap();
        self.rows.iter().map(|row| row[i].as_str()).collect()
    }
}

/// Text without the line that tells the command line, which differs between equal runs.
pub fn without_command(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with("##hyenadna_command=")).collect()
}

/// Rows of a float32 matrix in NumPy's format.
pub fn npy(bytes: &[u8]) -> Vec<Vec<f64>> {
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!(start % 64, 0, "NumPy aligns its data");
    let header = std::str::from_utf8(&bytes[10..start]).unwrap();
    assert!(header.contains("'<f4'") && header.contains("'fortran_order': False"));
    let shape = header.split(['(', ')']).nth(1).unwrap();
    let shape: Vec<usize> = shape.split(", ").map(|n| n.parse().unwrap()).collect();
    let values: Vec<f64> = bytes[start..]
        .chunks_exact(4)
        .map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap())))
        .collect();
    assert_eq!(values.len(), shape[0] * shape[1]);
    values.chunks(shape[1]).map(<[f64]>::to_vec).collect()
}

/// Rows of a matrix in a file.
pub fn npy_file(path: &str) -> Vec<Vec<f64>> {
    npy(&fs::read(path).unwrap())
}

/// The leading columns, as text, and the values of a Parquet file.
pub fn parquet_file(path: &str) -> (Vec<Vec<String>>, Vec<Vec<f64>>) {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
    rows.map(|row| {
        let mut fields = Vec::new();
        let mut values = Vec::new();
        for (_, field) in row.get_column_iter() {
            match field {
                Field::Float(value) => values.push(f64::from(*value)),
                Field::Str(text) => fields.push(text.clone()),
                Field::Long(number) => fields.push(number.to_string()),
                Field::Double(number) => fields.push(number.to_string()),
                Field::Null => fields.push("null".to_owned()),
                other => panic!("a field of an unexpected kind: {other}"),
            }
        }
        (fields, values)
    })
    .unzip()
}

/// Matrices are equal within `tolerance`, relative to 1 or to the value, whichever is larger.
pub fn assert_close(got: &[Vec<f64>], want: &[Vec<f64>], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "number of rows");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert_eq!(got.len(), want.len(), "number of columns");
        for (j, (got, want)) in got.iter().zip(want).enumerate() {
            assert!(
                (got - want).abs() <= tolerance * want.abs().max(1.0)
                    || got.is_nan() && want.is_nan(),
                "row {i}, column {j}: {got}, expected {want}"
            );
        }
    }
}

/// These columns of two tables hold the same numbers within `tolerance`, relative to 1 or to the
/// value, whichever is larger.
pub fn assert_same_numbers(got: &Table, want: &Table, columns: &[&str], tolerance: f64) {
    assert!(!want.rows.is_empty(), "there is nothing to compare");
    for name in columns {
        let values = |table: &Table| -> Vec<Vec<f64>> {
            table.numbers(name).into_iter().map(|value| vec![value.unwrap_or(f64::NAN)]).collect()
        };
        println!("{name}");
        assert_close(&values(got), &values(want), tolerance);
    }
}

/// Largest difference between two matrices of the same shape.
pub fn distance(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    let pairs = a.iter().flatten().zip(b.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Mean of rows.
pub fn mean(rows: &[Vec<f64>]) -> Vec<f64> {
    let sum = |i: usize| rows.iter().map(|row| row[i]).sum::<f64>();
    (0..rows[0].len()).map(|i| sum(i) / rows.len() as f64).collect()
}

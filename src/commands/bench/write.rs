//! Rows as a table or as JSON; each is out as soon as it is measured.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::{Value, json};
use tch::Device;

use super::{
    estimate,
    subject::{BenchSubject, Mixer, Pass},
};
use crate::{
    formats::number::push_six_digits, inference::memory, model::network::leaves::Precision,
    process::provenance::Provenance,
};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table
    Tsv,
    /// An array of objects
    Json,
}

/// Names of the columns, and keys of the objects.
pub const KEYS: [&str; 14] = [
    "mixer",
    "layers",
    "width",
    "length",
    "batch",
    "pass",
    "dtype",
    "device",
    "threads",
    "seconds",
    "tokens_per_second",
    "peak_bytes",
    "tflop",
    "flops_fraction",
];

/// Values in the order of [`KEYS`]; null where one is not known.
pub type Row = [Value; KEYS.len()];

/// The row of a length that took this many seconds, where dense products alone reach `products` operations a second.
pub fn row(subject: &BenchSubject, length: u64, seconds: f64, products: f64) -> Row {
    let flop = estimate::flop(subject, length);
    let dtype = match subject.precision {
        Precision::Fp32 => "fp32",
        Precision::Tf32 => "tf32",
        Precision::Bf16 => "bf16",
    };
    let device = match subject.device {
        Device::Cuda(number) => format!("cuda:{number}"),
        _ => "cpu".to_owned(),
    };
    [
        json!(match subject.mixer {
            Mixer::Hyena => "hyena",
            Mixer::Attention => "attention",
        }),
        json!(subject.layers),
        json!(subject.width),
        json!(length),
        json!(subject.batch),
        json!(match subject.pass {
            Pass::Forward => "forward",
            Pass::Step => "step",
        }),
        json!(dtype),
        json!(device),
        json!(subject.threads),
        json!(seconds),
        json!((subject.batch * length) as f64 / seconds),
        json!(memory::peak()),
        json!(flop / 1e12),
        json!(flop / seconds / products),
    ]
}

/// Writes rows.
pub struct Writer<W: Write> {
    inner: W,
    format: Format,
    rows: usize,
}

impl<W: Write> Writer<W> {
    /// With `provenance`, a table has a header; JSON has keys in any case.
    ///
    /// # Errors
    /// Writing fails.
    pub fn new(mut inner: W, format: Format, provenance: Option<&Provenance>) -> io::Result<Self> {
        match (format, provenance) {
            (Format::Tsv, Some(provenance)) => {
                for line in provenance.lines() {
                    writeln!(inner, "{line}")?;
                }
                writeln!(inner, "#{}", KEYS.join("\t"))?;
            }
            (Format::Tsv, None) => {}
            (Format::Json, _) => write!(inner, "[")?,
        }
        Ok(Self { inner, format, rows: 0 })
    }

    /// Writes a row out.
    ///
    /// # Errors
    /// Writing fails.
    pub fn row(&mut self, row: &Row) -> io::Result<()> {
        match self.format {
            Format::Tsv => {
                let fields: Vec<String> = row.iter().map(field).collect();
                writeln!(self.inner, "{}", fields.join("\t"))?;
            }
            Format::Json => {
                let pair = |(key, value): (&&str, &Value)| format!("\"{key}\": {value}");
                let pairs: Vec<String> = KEYS.iter().zip(row).map(pair).collect();
                let separator = if self.rows == 0 { "" } else { "," };
                write!(self.inner, "{separator}\n  {{{}}}", pairs.join(", "))?;
            }
        }
        self.rows += 1;
        self.inner.flush()
    }

    /// Ends the document and gives the inner writer back.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        if self.format == Format::Json {
            writeln!(self.inner, "\n]")?;
        }
        Ok(self.inner)
    }
}

/// A value in a table.
fn field(value: &Value) -> String {
    match value {
        Value::Null => ".".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            let mut text = String::new();
            push_six_digits(&mut text, number.as_f64().unwrap_or(f64::NAN));
            text
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(format: Format, provenance: Option<&Provenance>, rows: &[Row]) -> String {
        let mut writer = Writer::new(Vec::new(), format, provenance).unwrap();
        for row in rows {
            writer.row(row).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    fn row() -> Row {
        let mut row = std::array::from_fn(|i| json!(i));
        (row[0], row[9], row[11]) = (json!("hyena"), json!(0.123_456_789), Value::Null);
        row
    }

    #[test]
    fn a_table_has_a_header_or_not() {
        let text = written(Format::Tsv, None, &[row()]);
        assert_eq!(text, "hyena\t1\t2\t3\t4\t5\t6\t7\t8\t0.123457\t10\t.\t12\t13\n");
        let headed = written(Format::Tsv, Some(&Provenance::default()), &[row()]);
        assert_eq!(headed, format!("#{}\n{text}", KEYS.join("\t")));
    }

    #[test]
    fn json_is_an_array_of_objects() {
        let read = |text: &str| serde_json::from_str::<Vec<Value>>(text).unwrap();
        assert!(read(&written(Format::Json, None, &[])).is_empty());
        let rows = read(&written(Format::Json, None, &[row(), row()]));
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0], rows[1]);
        assert_eq!(rows[0].as_object().unwrap().len(), KEYS.len());
        assert_eq!(
            (&rows[0]["seconds"], &rows[0]["peak_bytes"]),
            (&json!(0.123_456_789), &Value::Null)
        );
    }
}

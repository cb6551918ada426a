//! Labelled sequences from files of any format.

use std::{
    io::BufRead,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    example::{At, Labelled, Part, Place},
    folder,
};
use crate::{
    formats::{
        delimited,
        error::{InputError, excerpt},
        input,
        lines::Lines,
        parquet::read as parquet_file,
        sequences::{Content, Reader, Sequence},
    },
    genome::dna,
};

/// Files of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, or a folder in which the parts are found by name.
    Data(PathBuf),
    /// A file for each part.
    Parts(Vec<(Part, PathBuf)>),
    /// A FASTA file for each class.
    Classes(Vec<(String, PathBuf)>),
}

/// Names of the columns of tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Column of the sequences; `sequence` or `seq` without it.
    pub sequence: Option<String>,
    /// Column of the labels; `label` without it.
    pub label: Option<String>,
    /// Column with the part of each row; all rows have the part of their file without it.
    pub part: Option<String>,
}

/// Labelled sequences, and the number of their IUPAC letters that were read as N.
#[derive(Debug, Default)]
pub struct Read {
    /// The sequences, in the order of the files.
    pub examples: Vec<Labelled>,
    /// Letters other than A, C, G, T and N.
    pub ambiguous: u64,
}

/// Reads a data set.
///
/// # Errors
/// A file cannot be read or is malformed, a column is missing, a label is missing or not finite, or a
/// sequence is empty or has a letter that is not a nucleotide.
pub fn read(source: &Source, columns: &Columns) -> Result<Read, InputError> {
    let mut read = Read::default();
    match source {
        Source::Data(path) if path.is_dir() => match folder::find(path)? {
            folder::Found::Parts(parts) => {
                for (part, path) in parts {
                    read.file(&path, columns, Some(part), None)?;
                }
            }
            folder::Found::Texts(texts) => {
                for text in texts {
                    read.text(&text.path, &text.class, text.part)?;
                }
            }
        },
        Source::Data(path) => read.file(path, columns, None, None)?,
        Source::Parts(parts) => {
            for (part, path) in parts {
                read.file(path, columns, Some(*part), None)?;
            }
        }
        Source::Classes(classes) => {
            for (class, path) in classes {
                read.file(path, columns, None, Some(class))?;
            }
        }
    }
    Ok(read)
}

/// Description of a valid file, for messages.
const EXPECTED: &str = "CSV or TSV with the columns sequence and label, FASTA with the label after the last | of each name, or Parquet";

impl Read {
    fn file(
        &mut self,
        path: &Path,
        columns: &Columns,
        part: Option<Part>,
        class: Option<&str>,
    ) -> Result<(), InputError> {
        if parquet_file::is_parquet(path) && class.is_none() {
            return self.parquet(path, columns, part);
        }
        let mut input = input::open(path)?;
        let name: Arc<str> = input.name.as_str().into();
        let head = input.reader.fill_buf().map_err(|source| InputError::Read {
            path: name.to_string(),
            line: 0,
            source,
        })?;
        if head.is_empty() {
            return Err(InputError::Empty { path: name.to_string(), expected: EXPECTED });
        }
        let is_fasta = head.trim_ascii_start().starts_with(b">");
        match (is_fasta, class) {
            (true, _) => self.fasta(Lines::new(input), &name, part, class),
            (false, Some(class)) => Err(InputError::Kind {
                path: name.to_string(),
                problem: format!(
                    "starts with {}, expected FASTA with the sequences of class {class}",
                    excerpt(&head[..head.len().min(20)])
                ),
            }),
            (false, None) => self.table(delimited::Reader::new(input)?, &name, columns, part),
        }
    }

    fn fasta(
        &mut self,
        lines: Lines,
        name: &Arc<str>,
        part: Option<Part>,
        class: Option<&str>,
    ) -> Result<(), InputError> {
        let mut reader = Reader::new(lines, Content::Fasta);
        let mut record = Sequence::default();
        while reader.read(&mut record)? {
            let place = Place { path: Arc::clone(name), at: At::Line(record.line) };
            let own = || record.name.rsplit_once('|').map(|(_, label)| label);
            let label = class.or_else(own).ok_or_else(|| {
                place.error(format!(
                    "the name {} has no |, after which its label is expected; or name a file for each class: --class NAME=FILE",
                    excerpt(record.name.as_bytes())
                ))
            })?;
            self.add(std::mem::take(&mut record.bases), label, part, place)?;
        }
        self.ambiguous += reader.ambiguous;
        Ok(())
    }

    fn table(
        &mut self,
        mut reader: delimited::Reader,
        name: &Arc<str>,
        columns: &Columns,
        part: Option<Part>,
    ) -> Result<(), InputError> {
        let found = Found::new(&reader.columns, columns, name)?;
        while let Some(delimited::Row { line, fields }) = reader.read()? {
            let place = Place { path: Arc::clone(name), at: At::Line(line) };
            let text = |i: usize| delimited::text(&fields[i], name, line);
            let own = found.part.map(text).transpose()?;
            self.row(text(found.sequence)?, text(found.label)?, own, part, place)?;
        }
        Ok(())
    }

    fn parquet(
        &mut self,
        path: &Path,
        columns: &Columns,
        part: Option<Part>,
    ) -> Result<(), InputError> {
        let mut reader = parquet_file::Reader::open(path)?;
        let name: Arc<str> = reader.name.as_str().into();
        let found = Found::new(&reader.columns, columns, &name)?;
        while let Some(row) = reader.read()? {
            let place = Place { path: Arc::clone(&name), at: At::Row(reader.number) };
            let own = found.part.map(|i| row[i].as_str());
            self.row(&row[found.sequence], &row[found.label], own, part, place)?;
        }
        Ok(())
    }

    /// Adds a row of a table. `own` is its own part, in place of that of its file.
    fn row(
        &mut self,
        sequence: &str,
        label: &str,
        own: Option<&str>,
        part: Option<Part>,
        place: Place,
    ) -> Result<(), InputError> {
        let unknown = |name| {
            place.error(format!(
                "part {}, expected train, valid (or validation, dev) or test",
                excerpt(str::as_bytes(name))
            ))
        };
        let own = own.map(|name| Part::named(name.trim()).ok_or_else(|| unknown(name)));
        let part = own.transpose()?.or(part);
        let mut bases = sequence.trim().as_bytes().to_vec();
        self.ambiguous +=
            dna::normalise(&mut bases).map_err(|error| place.error(error.to_string()))?;
        self.add(bases, label, part, place)
    }

    /// Adds the sequence of a file of text.
    fn text(&mut self, path: &Path, class: &str, part: Part) -> Result<(), InputError> {
        let input = input::open(path)?;
        let place = Place { path: input.name.as_str().into(), at: At::Whole };
        let (mut lines, mut line, mut bases) = (Lines::new(input), Vec::new(), Vec::new());
        while lines.read(&mut line)? {
            bases.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
        }
        self.ambiguous +=
            dna::normalise(&mut bases).map_err(|error| place.error(error.to_string()))?;
        self.add(bases, class, Some(part), place)
    }

    fn add(
        &mut self,
        bases: Vec<u8>,
        label: &str,
        part: Option<Part>,
        place: Place,
    ) -> Result<(), InputError> {
        let label = label.trim();
        if bases.is_empty() {
            return Err(place.error("the sequence has no bases; remove it"));
        }
        if label.is_empty() {
            return Err(place.error("the label is empty; give it one, or remove the sequence"));
        }
        if label.parse::<f64>().is_ok_and(|number| !number.is_finite()) {
            return Err(place.error(format!(
                "the label is {label}, expected a class or a finite number; remove the sequence"
            )));
        }
        self.examples.push(Labelled { bases, label: label.to_owned(), part, place });
        Ok(())
    }
}

/// Indices of the columns of a table.
struct Found {
    sequence: usize,
    label: usize,
    part: Option<usize>,
}

impl Found {
    fn new(header: &[String], columns: &Columns, name: &str) -> Result<Self, InputError> {
        let find = |named: &Option<String>, usual: &[&str], option: &str| {
            let is_it = |column: &String| match named {
                Some(named) => column == named,
                None => usual.iter().any(|usual| column.eq_ignore_ascii_case(usual)),
            };
            header.iter().position(is_it).ok_or_else(|| InputError::Line {
                path: name.to_owned(),
                line: 1,
                problem: format!(
                    "no column {}; the columns are {}; name one with {option}",
                    named.clone().unwrap_or_else(|| usual.join(" or ")),
                    excerpt(header.join(", ").as_bytes())
                ),
            })
        };
        let part = || find(&columns.part, &[], "--split-column");
        Ok(Self {
            sequence: find(&columns.sequence, &["sequence", "seq"], "--sequence-column")?,
            label: find(&columns.label, &["label"], "--label-column")?,
            part: columns.part.is_some().then(part).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_file(text: &str, columns: &Columns) -> Result<Vec<Labelled>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, text).unwrap();
        let read = read(&Source::Data(path), columns).map_err(|error| error.to_string())?;
        Ok(read.examples)
    }

    fn short(examples: &[Labelled]) -> Vec<(&str, &str, Option<Part>, At)> {
        let bases = |e| std::str::from_utf8(&Labelled::clone(e).bases).unwrap().to_owned().leak();
        examples.iter().map(|e| (&*bases(e), &*e.label, e.part, e.place.at)).collect()
    }

    #[test]
    fn every_format_gives_the_same_examples() {
        let expected = [("ACGT", "0", None, At::Line(2)), ("NTTT", "1", None, At::Line(3))];
        for text in
            ["sequence,label\nacgt,0\nRTTU, 1\n", "name\tLabel\tSEQ\nx\t0\tACGT\ny\t1\tNTTT\n"]
        {
            let examples = read_file(text, &Columns::default()).unwrap();
            assert_eq!(short(&examples), expected);
        }
        let examples = read_file(">a|x|0\nAC\nGT\n>b|1 more\nNTTT\n", &Columns::default()).unwrap();
        assert_eq!(short(&examples)[0], ("ACGT", "0", None, At::Line(1)));
        assert_eq!(short(&examples)[1], ("NTTT", "1", None, At::Line(4)));
    }

    #[test]
    fn parquet_is_read() {
        use crate::formats::{
            output::Output,
            parquet::{ColumnKind, Field, Writer},
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.parquet");
        let columns = [
            ("name", ColumnKind::Text),
            ("sequence", ColumnKind::Text),
            ("label", ColumnKind::Integer),
        ]
        .map(|(name, kind)| (name.to_owned(), kind));
        let mut writer = Writer::new(Output::create(&path).unwrap(), &columns, 0, &[]).unwrap();
        for (sequence, label) in [("acgt", "0"), ("NTTT", "1"), ("", "1")] {
            let field = |text: &'static str| Field::Text(text.as_bytes().into());
            writer.row([field("x"), field(sequence), field(label)], &[]).unwrap();
        }
        writer.complete().unwrap().finish().unwrap();
        let error = read(&Source::Data(path.clone()), &Columns::default()).unwrap_err().to_string();
        assert!(error.contains("record 3: the sequence has no bases"), "{error}");
        let label = Columns { label: Some("name".into()), ..Columns::default() };
        assert!(read(&Source::Data(path), &label).is_err());
    }

    #[test]
    fn columns_can_be_named() {
        let named = |name: &str| Some(name.to_owned());
        let columns = Columns { sequence: named("dna"), label: named("y"), part: named("set") };
        let text = "dna,y,set,label\nA,p,dev,q\nC,p,Train,q\nG,p,test,q\n";
        let examples = read_file(text, &columns).unwrap();
        let parts = [Part::Valid, Part::Train, Part::Test].map(Some);
        assert!(examples.iter().map(|e| e.part).eq(parts));
        assert!(examples.iter().all(|e| e.label == "p"));
        let error = read_file("dna,y,set\nA,p,later\n", &columns).unwrap_err();
        assert!(error.contains("line 2: part \"later\", expected train"), "{error}");
    }

    #[test]
    fn broken_files_are_refused_with_their_line() {
        for (text, phrase) in [
            ("sequence,label\nACGT,0\n,1\n", "line 3: the sequence has no bases"),
            ("sequence,label\nACGT,\n", "line 2: the label is empty"),
            ("sequence,label\nACGT,NaN\n", "line 2: the label is NaN"),
            ("sequence,label\nACGT,0\nMKLV,1\n", "line 3: 'L' at base 3 is not a nucleotide"),
            (
                "dna,label\nACGT,0\n",
                "line 1: no column sequence or seq; the columns are \"dna, label\"",
            ),
            ("sequence,class\nACGT,0\n", "--label-column"),
            (">a|0\nACGT\n>b\nACGT\n", "line 3: the name \"b\" has no |"),
            (">a|0\n>b|0\nACGT\n", "line 1: the sequence has no bases"),
            ("", "is empty"),
        ] {
            let error = read_file(text, &Columns::default()).unwrap_err();
            assert!(error.contains(phrase), "{text:?}: {error}");
        }
    }
}

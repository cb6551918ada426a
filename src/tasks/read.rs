//! Labelled sequences from files of any format.

mod table;

use std::{
    io::BufRead,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    collect::{Read, Shared},
    columns::Columns,
    example::{At, Part, Place},
    folder,
    label::Label,
};
use crate::formats::{
    delimited,
    error::{InputError, excerpt},
    input,
    lines::Lines,
    parquet::read as parquet_file,
    sequences::{Content, Reader, Sequence},
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
                    file(&mut read, &path, columns, Some(part), None)?;
                }
            }
            folder::Found::Texts(texts) => {
                for text in texts {
                    whole(&mut read, &text.path, &text.class, text.part)?;
                }
            }
        },
        Source::Data(path) => file(&mut read, path, columns, None, None)?,
        Source::Parts(parts) => {
            for (part, path) in parts {
                file(&mut read, path, columns, Some(*part), None)?;
            }
        }
        Source::Classes(classes) => {
            for (class, path) in classes {
                file(&mut read, path, columns, None, Some(class))?;
            }
        }
    }
    Ok(read)
}

/// Description of a valid file, for messages.
const EXPECTED: &str = "CSV or TSV with the columns sequence and label, FASTA with the label after the last | of each name, or Parquet";

/// Reads a file of examples.
fn file(
    read: &mut Read,
    path: &Path,
    columns: &Columns,
    part: Option<Part>,
    class: Option<&str>,
) -> Result<(), InputError> {
    if parquet_file::is_parquet(path) {
        let shared = Shared { name: path.display().to_string().into(), part, class };
        return table::parquet(path, columns, &shared, read);
    }
    let mut input = input::open(path)?;
    let name: Arc<str> = input.name.as_str().into();
    let shared = Shared { name: name.clone(), part, class };
    let head = input.reader.fill_buf().map_err(|source| InputError::Read {
        path: name.to_string(),
        line: 0,
        source,
    })?;
    if head.is_empty() {
        return Err(InputError::Empty { path: name.to_string(), expected: EXPECTED });
    }
    match head.trim_ascii_start().starts_with(b">") {
        true => fasta(Lines::new(input), &shared, read),
        false => table::text(delimited::Reader::new(input)?, columns, &shared, read),
    }
}

fn fasta(lines: Lines, shared: &Shared<'_>, read: &mut Read) -> Result<(), InputError> {
    let mut reader = Reader::new(lines, Content::Fasta);
    let mut record = Sequence::default();
    read.labels(vec!["label".to_owned()], &shared.name)?;
    while reader.read(&mut record)? {
        let place = Place { path: shared.name.clone(), at: At::Line(record.line) };
        let own = || record.name.rsplit_once('|').map(|(_, label)| label);
        let label = shared.class.or_else(own).ok_or_else(|| {
            place.error(format!(
                "the name {} has no |, after which its label is expected; or name a file for each class: --class NAME=FILE",
                excerpt(record.name.as_bytes())
            ))
        })?;
        let label = Label::of_text(label).map_err(|problem| place.error(problem))?;
        read.sequence(std::mem::take(&mut record.bases), label, shared.part, place)?;
    }
    read.ambiguous += reader.ambiguous;
    Ok(())
}

/// Reads a file of text that is one sequence.
fn whole(read: &mut Read, path: &Path, class: &str, part: Part) -> Result<(), InputError> {
    let input = input::open(path)?;
    let place = Place { path: input.name.as_str().into(), at: At::Whole };
    let (mut lines, mut line, mut bases) = (Lines::new(input), Vec::new(), Vec::new());
    while lines.read(&mut line)? {
        bases.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
    }
    read.labels(vec!["label".to_owned()], &place.path)?;
    read.sequence(bases, Label::Text(class.to_owned()), Some(part), place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::example::Labelled;

    fn read_file(text: &str, columns: &Columns) -> Result<Vec<Labelled>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, text).unwrap();
        let read = read(&Source::Data(path), columns).map_err(|error| error.to_string())?;
        Ok(read.examples)
    }

    fn short(examples: &[Labelled]) -> Vec<(&str, &str, Option<Part>, At)> {
        let bases = |e| std::str::from_utf8(&Labelled::clone(e).bases).unwrap().to_owned().leak();
        examples.iter().map(|e| (&*bases(e), e.label.text().unwrap(), e.part, e.place.at)).collect()
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
        assert!(examples.iter().all(|e| e.label.text() == Some("p")));
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

//! Labelled sequences from files of any format.

mod regions;
mod table;
mod variants;

use std::{
    io::BufRead,
    path::{Path, PathBuf},
    sync::Arc,
};

use self::regions::Coordinates;
use super::{
    collect::{Read, Shared},
    columns::{self, Columns},
    error::DataError,
    example::{At, Labelled, Part, Place},
    folder::{self, ClassFile},
    genome::Lazy,
    label::Label,
    options::ReadOptions,
    tracks::Tracks,
};
use crate::formats::{
    delimited,
    error::{InputError, excerpt},
    input::{self, Input},
    kind::TextKind,
    lines::Lines,
    parquet::read as parquet_file,
    sequences::{Content, Reader, Sequence},
    variants::bcf,
};

/// Files of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, or a folder in which the parts are found by name.
    Data(PathBuf),
    /// A file for each part.
    Parts(Vec<(Part, PathBuf)>),
    /// A file for each class.
    Classes(Vec<(String, PathBuf)>),
}

/// Reads a data set.
///
/// # Errors
/// A file cannot be read or is malformed, a column is missing, a label is missing or not finite, a
/// sequence is empty or has a letter that is not a nucleotide, or a region or variant does not fit the
/// reference.
pub fn read(source: &Source, options: &ReadOptions) -> Result<Read, DataError> {
    let mut reader = FileReader {
        options,
        genome: Lazy::new(options.reference.as_deref(), options.save_index),
        tracks: options.tracks.as_ref().map(Tracks::read).transpose()?,
        read: Read::default(),
    };
    match source {
        Source::Data(path) if path.is_dir() => match folder::find(path)? {
            folder::Found::Parts(parts) => {
                for (part, path) in parts {
                    reader.file(&path, Some(part), None)?;
                }
            }
            folder::Found::Classes(files) => {
                for ClassFile { path, class, part } in files {
                    reader.file(&path, Some(part), Some(&class))?;
                }
            }
            folder::Found::Texts(texts) => {
                for ClassFile { path, class, part } in texts {
                    whole(&mut reader.read, &path, &class, part)?;
                }
            }
        },
        Source::Data(path) => reader.file(path, None, None)?,
        Source::Parts(parts) => {
            for (part, path) in parts {
                reader.file(path, Some(*part), None)?;
            }
        }
        Source::Classes(classes) => {
            for (class, path) in classes {
                reader.file(path, None, Some(class))?;
            }
        }
    }
    let FileReader { genome, tracks, mut read, .. } = reader;
    if let Some(tracks) = tracks {
        tracks.check(&source.name())?;
    }
    read.ambiguous += genome.ambiguous();
    Ok(read)
}

impl Source {
    /// Its name, for messages.
    pub fn name(&self) -> String {
        let list = |paths: &mut dyn Iterator<Item = &PathBuf>| {
            paths.map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Data(path) => path.display().to_string(),
            Self::Parts(files) => list(&mut files.iter().map(|(_, path)| path)),
            Self::Classes(files) => list(&mut files.iter().map(|(_, path)| path)),
        }
    }
}

/// Description of a valid file, for messages.
const EXPECTED: &str = "CSV or TSV with the columns sequence and label, FASTA with the label after the last | of each name, Parquet, BED or VCF";

/// Kind of a file, by its content.
enum Kind {
    Fasta,
    Bed,
    Variants,
    Table,
}

/// Reads files of examples.
struct FileReader<'a> {
    options: &'a ReadOptions,
    genome: Lazy<'a>,
    tracks: Option<Tracks>,
    read: Read,
}

impl FileReader<'_> {
    /// Reads a file of examples.
    ///
    /// # Errors
    /// It is malformed, or has no examples.
    fn file(
        &mut self,
        path: &Path,
        part: Option<Part>,
        class: Option<&str>,
    ) -> Result<(), DataError> {
        let before = self.read.examples.len();
        self.add(path, part, class)?;
        if self.read.examples.len() > before {
            return Ok(());
        }
        let remedy = match (part, class) {
            (Some(Part::Valid | Part::Test), None) => "; leave it out to do without this part",
            _ => "",
        };
        let problem = format!("has no rows; expected sequences{remedy}");
        Err(InputError::Kind { path: path.display().to_string(), problem }.into())
    }

    /// Adds the examples of a file.
    fn add(
        &mut self,
        path: &Path,
        part: Option<Part>,
        class: Option<&str>,
    ) -> Result<(), DataError> {
        let Self { options, genome, tracks, read } = self;
        let columns = &options.columns;
        let no_track = |name: &str| {
            InputError::Kind {
            path: name.to_owned(),
            problem: "labels of --track belong to the bases of FASTA, or of BED and a reference; this is another kind of file".into(),
        }
        };
        if parquet_file::is_parquet(path) {
            let shared = Shared { name: path.display().to_string().into(), part, class };
            if tracks.is_some() {
                return Err(no_track(&shared.name).into());
            }
            return Ok(table::parquet(path, columns, &shared, read)?);
        }
        let mut input = input::open(path)?;
        let name: Arc<str> = input.name.as_str().into();
        let shared = Shared { name: name.clone(), part, class };
        match (kind(&mut input, columns)?, tracks) {
            (Kind::Fasta, tracks) => fasta(Lines::new(input), &shared, tracks.as_mut(), read)?,
            (Kind::Bed, tracks) => {
                let genome = genome.open(&name)?;
                regions::bed(Lines::new(input), options, &shared, (genome, tracks.as_mut()), read)?;
            }
            (Kind::Variants | Kind::Table, Some(_)) => {
                return Err(no_track(&name).into());
            }
            (Kind::Variants, None) => {
                variants::vcf(input, options, &shared, genome.open(&name)?, read)?;
            }
            (Kind::Table, None) => {
                let reader = delimited::Reader::new(input)?;
                match Coordinates::find(&reader.columns, columns, &shared)? {
                    Some(columns) => {
                        let genome = genome.open(&name)?;
                        regions::table(reader, &columns, options.window, &shared, (genome, read))?;
                    }
                    None => table::text(reader, columns, &shared, read)?,
                }
            }
        }
        Ok(())
    }
}

/// Detects the kind of a file.
fn kind(input: &mut Input, columns: &Columns) -> Result<Kind, InputError> {
    if bcf::is_bcf(input)? {
        return Ok(Kind::Variants);
    }
    let path = input.name.clone();
    let head = input.reader.fill_buf();
    let head = head.map_err(|source| InputError::Read { path: path.clone(), line: 0, source })?;
    if head.is_empty() {
        return Err(InputError::Empty { path, expected: EXPECTED });
    }
    let problem = match TextKind::of(head) {
        Some(TextKind::Fasta) => return Ok(Kind::Fasta),
        // a row after a header with # may look like a region
        Some(TextKind::Bed) if !names_sequences(head, columns) => return Ok(Kind::Bed),
        Some(TextKind::Vcf) => return Ok(Kind::Variants),
        Some(TextKind::Fastq) => {
            Some("this is FASTQ; convert it (`seqkit fq2fa`), with the label after the last | of each name".to_owned())
        }
        Some(kind @ (TextKind::Gff | TextKind::IntervalList)) => kind.for_regions(),
        _ => None,
    };
    match problem {
        Some(problem) => Err(InputError::Kind { path, problem }),
        None => Ok(Kind::Table),
    }
}

/// True if the first line without `##` starts with `#` and names a column of sequences.
fn names_sequences(head: &[u8], columns: &Columns) -> bool {
    let line = head.split(|&b| b == b'\n').find(|line| !line.starts_with(b"##"));
    let Some(header) = line.and_then(|line| line.strip_prefix(b"#")) else { return false };
    let header = String::from_utf8_lossy(header);
    let names: Vec<String> = header.split('\t').map(|name| name.trim().to_owned()).collect();
    let usual = columns::usual(&names, &["sequence", "seq"]).is_some();
    usual || columns.sequence.as_ref().is_some_and(|named| names.contains(named))
}

/// Reads FASTA: the label is in the name, or comes from tracks.
fn fasta(
    lines: Lines,
    shared: &Shared<'_>,
    mut tracks: Option<&mut Tracks>,
    read: &mut Read,
) -> Result<(), InputError> {
    let mut reader = Reader::new(lines, Content::Fasta);
    let mut record = Sequence::default();
    let names = tracks.as_ref().map_or_else(|| vec!["label".to_owned()], |t| t.names.clone());
    read.labels(names, &shared.name)?;
    while reader.read(&mut record)? {
        let place = Place { path: shared.name.clone(), at: At::Line(record.line) };
        let bases = std::mem::take(&mut record.bases);
        if let Some(tracks) = &mut tracks {
            let length = bases.len() as u64;
            tracks.see(&record.name, length)?;
            let label = tracks.label(&record.name, 0..length)?;
            let contig = Some(Arc::from(record.name.as_str()));
            read.add(Labelled { bases, label, part: shared.part, contig, place })?;
            continue;
        }
        let own = || record.name.rsplit_once('|').map(|(_, label)| label);
        let label = shared.class.or_else(own).ok_or_else(|| {
            place.error(format!(
                "the name {} has no |, after which its label is expected; or name a file for each class: --class NAME=FILE",
                excerpt(record.name.as_bytes())
            ))
        })?;
        let label = Label::of_text(label).map_err(|problem| place.error(problem))?;
        read.sequence(bases, label, shared.part, place)?;
    }
    read.kinds.sequences = true;
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
mod tests;

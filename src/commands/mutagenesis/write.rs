//! Effects as a long table and a matrix, with pictures of the entries.

use std::path::Path;

use anyhow::Result;

use super::{
    compute::Mutated,
    picture::{DrawnBase, Pictures},
    read::{Deletions, EntryHead, Part},
};
use crate::{
    commands::output::{
        format::Format,
        pictures::Prefix,
        resume::{Resume, named_counts},
        rows::{self, Beside, Cell, Head, OpenOutput, Row, RowWriter},
        summary::Counts,
    },
    formats::output::{Complete, OutputError},
    inference::predict::LETTERS,
    process::progress::Progress,
};

/// Paths of the outputs.
pub struct Paths<'a> {
    /// The long table.
    pub table: &'a Path,
    /// The matrix.
    pub matrix: Option<&'a Path>,
    /// The start of the names of pictures.
    pub plot: Option<Prefix>,
    /// Inputs, which are never overwritten.
    pub inputs: Vec<&'a Path>,
}

/// Columns of the outputs.
pub struct TableLayout<'a> {
    /// Names of the numbers of a change.
    pub numbers: Vec<&'a str>,
    /// Index of the number of the matrix and the pictures.
    pub main: usize,
    pub entries: EntryKind,
    pub deletions: Deletions,
    /// Model and strands, as the pictures name them.
    pub origin: String,
}

/// Kind of the entries of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Regions, which have names of their own.
    Region,
    Sequence,
}

/// Names of the counts of a run that goes on.
const COUNTS: [&str; 4] = ["entries", "unscored", "bases", "unknown"];

/// Counts of an input.
#[derive(Debug, Clone, Copy, Default)]
pub struct EffectCounts {
    /// Regions or sequences.
    pub entries: u64,
    /// Regions or sequences without a scored change: empty, or only N.
    pub unscored: u64,
    /// Bases.
    pub bases: u64,
    /// Bases that are N and have no effects.
    pub unknown: u64,
}

/// The end of the pipeline.
pub struct Writer {
    table: Box<dyn RowWriter>,
    matrix: Option<Box<dyn RowWriter>>,
    pictures: Option<Pictures>,
    progress: Progress,
    /// Index of the number of the matrix and the pictures.
    main: usize,
    /// Columns of the matrix.
    width: usize,
    entry: Option<OpenEntry>,
    tally: EffectCounts,
}

struct OpenEntry {
    head: EntryHead,
    position: u64,
    /// True if a change of it has a row.
    is_scored: bool,
    /// Its bases; kept for a picture only.
    drawn: Vec<DrawnBase>,
}

impl Writer {
    /// Begins `output`, the table, and opens the other outputs. `head` has the provenance and the kind of header.
    ///
    /// # Errors
    /// An output cannot be written.
    pub fn create(
        output: OpenOutput,
        paths: Paths<'_>,
        shape: &TableLayout<'_>,
        head: Head<'_>,
        progress: Progress,
    ) -> Result<Self> {
        let place = match shape.entries {
            EntryKind::Region => rows::columns(&["chrom", "chromStart", "chromEnd", "name"]),
            EntryKind::Sequence => rows::columns(&["id", "start", "end"]),
        };
        let place = [place, rows::columns(&["ref"])].concat();
        let columns =
            [place.clone(), rows::columns(&["alt"]), rows::columns(&shape.numbers)].concat();
        let width = LETTERS.len() + usize::from(shape.deletions == Deletions::Scored);
        let taken: Vec<&Path> = paths.inputs.iter().copied().chain([paths.table]).collect();
        let head = Head { columns: &columns, ..head };
        let beside = Beside { suffix: "rows.tsv", taken: &taken };
        let of_matrix = Head { columns: &place, values: width, beside, ..head };
        let score = shape.numbers.get(shape.main).copied().unwrap_or_default();
        Ok(Self {
            table: output.begin(head)?,
            matrix: (paths.matrix)
                .map(|path| rows::create(Format::Npy, path, of_matrix))
                .transpose()?,
            pictures: (paths.plot)
                .map(|prefix| Pictures::new(prefix, &shape.origin, score, shape.deletions)),
            progress,
            main: shape.main,
            width,
            entry: None,
            tally: EffectCounts::default(),
        })
    }

    /// Takes over the counts of an earlier run, right after the header was written.
    ///
    /// # Errors
    /// The header is not that of the earlier run.
    pub fn begin(&mut self, resume: &mut Resume) -> Result<()> {
        resume.begin(&mut *self.table)?;
        let [entries, unscored, bases, unknown] = resume.counts_of(COUNTS);
        self.tally = EffectCounts { entries, unscored, bases, unknown };
        Ok(())
    }

    /// Writes bases, and draws the entries that are complete; the parts end at `position` in the input. Saves how far the run
    /// came after an entry.
    ///
    /// # Errors
    /// An output cannot be written.
    pub fn take(
        &mut self,
        parts: Vec<Part<Vec<Mutated>>>,
        position: u64,
        resume: &mut Resume,
    ) -> Result<(), OutputError> {
        for part in parts {
            match part {
                Part::Start(head) => {
                    let position = head.start;
                    let (is_scored, drawn) = (false, Vec::new());
                    self.entry = Some(OpenEntry { head, position, is_scored, drawn });
                    self.tally.entries += 1;
                }
                Part::Bases(mutated) => {
                    self.progress.add(mutated.len() as u64);
                    let Some(mut entry) = self.entry.take() else { continue };
                    for mutated in mutated {
                        self.base(&mut entry, &mutated)?;
                    }
                    self.entry = Some(entry);
                }
                Part::End => {
                    let Some(entry) = self.entry.take() else { continue };
                    self.tally.unscored += u64::from(!entry.is_scored);
                    if let (Some(pictures), false) = (&mut self.pictures, entry.drawn.is_empty()) {
                        pictures.draw(self.tally.entries, &entry.head, &entry.drawn)?;
                    }
                    resume.add(1);
                    let EffectCounts { entries, unscored, bases, unknown } = self.tally;
                    let counts = [entries, unscored, bases, unknown];
                    resume.save(&mut *self.table, || named_counts(COUNTS, counts))?;
                }
            }
        }
        self.progress.reach(position);
        Ok(())
    }

    /// Writes the changes of the base at the entry's position, and advances to the next.
    fn base(&mut self, entry: &mut OpenEntry, mutated: &Mutated) -> Result<(), OutputError> {
        let OpenEntry { head, position, is_scored, drawn } = entry;
        let base = [mutated.base];
        let contig: Cell<'_> = head.contig[..].into();
        let mut place = vec![contig, (*position).into(), (*position + 1).into()];
        place.extend(head.name.as_deref().map(Cell::from));
        place.push(base[..].into());
        self.tally.bases += 1;
        self.tally.unknown += u64::from(mutated.base == b'N');
        *is_scored |= mutated.effects.iter().any(|numbers| !numbers.is_empty());
        for (change, numbers) in mutated.effects.iter().enumerate() {
            if numbers.is_empty() {
                continue;
            }
            let alternative = [LETTERS.get(change).copied().unwrap_or(b'-')];
            let numbers = numbers.iter().map(|&value| value.into());
            let cells = place.iter().cloned().chain([alternative[..].into()]).chain(numbers);
            self.table.row(cells.collect::<Vec<Cell<'_>>>()[..].into())?;
        }
        if let Some(matrix) = &mut self.matrix {
            let value = |change: usize| match mutated.value(change, self.main) {
                Some(value) => value as f32,
                None if LETTERS.get(change) == Some(&mutated.base) => 0.0,
                None => f32::NAN,
            };
            let values: Vec<f32> = (0..self.width).map(value).collect();
            matrix.row(Row { cells: &place, values: &values })?;
        }
        if self.pictures.is_some() {
            let value = |change| mutated.value(change, self.main);
            drawn.push((mutated.base, std::array::from_fn(value)));
        }
        *position += 1;
        Ok(())
    }

    /// Counts so far.
    pub fn counts(&self) -> Counts {
        let EffectCounts { entries, unscored, bases, unknown } = self.tally;
        Counts::default()
            .total("records", entries)
            .total("bases", bases)
            .total("unknown_bases", unknown)
            .status("ok", entries - unscored)
            .status("unscored", unscored)
    }

    /// Completes the outputs: all of them before any gets its name, the table after pictures and matrix.
    ///
    /// # Errors
    /// The last bytes cannot be written, or a file cannot be renamed.
    pub fn finish(self, summary: Option<Complete>) -> Result<EffectCounts, OutputError> {
        let Self { table, matrix, pictures, .. } = self;
        let mut others = pictures.map(Pictures::complete).unwrap_or_default();
        if let Some(matrix) = matrix {
            others.extend(matrix.complete()?);
        }
        others.extend(summary);
        rows::finish(table, others)?;
        self.progress.finish();
        Ok(self.tally)
    }
}

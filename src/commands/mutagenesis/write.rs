//! Effects as a long table and as a matrix; pictures are drawn as entries end.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::{
    compute::Mutated,
    picture::{DrawnBase, Pictures},
    read::{EntryHead, Part},
};
use crate::{
    commands::output::{matrix::Matrix, pictures::Prefix, table},
    formats::{
        number::number,
        output::{Complete, OutputError, Sink},
        table::Table,
    },
    inference::predict::LETTERS,
    process::{progress::Progress, provenance::Provenance},
};

/// Where results go.
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

/// What columns there are.
pub struct TableLayout<'a> {
    /// Names of the numbers of a change.
    pub numbers: Vec<&'a str>,
    /// Which of them is that of matrix and pictures.
    pub main: usize,
    /// Whether entries are regions, which have a name of their own.
    pub regions: bool,
    /// Whether bases are taken out too.
    pub deletions: bool,
}

/// What there was.
#[derive(Debug, Clone, Copy, Default)]
pub struct EffectCounts {
    /// Regions or sequences.
    pub entries: u64,
    /// Those of which no change was scored: empty sequences, or nothing but N.
    pub unscored: u64,
    /// Bases that are N and have no effects.
    pub unknown: u64,
}

/// The end of the pipeline.
pub struct Writer {
    table: Table<Sink>,
    path: PathBuf,
    matrix: Option<Matrix>,
    pictures: Option<Pictures>,
    progress: Progress,
    /// Which number is that of matrix and pictures.
    main: usize,
    /// Columns of the matrix.
    width: usize,
    entry: Option<OpenEntry>,
    tally: EffectCounts,
}

struct OpenEntry {
    head: EntryHead,
    position: u64,
    /// Whether a change of it has a row.
    is_scored: bool,
    /// Its bases; kept for a picture only.
    drawn: Vec<DrawnBase>,
}

impl Writer {
    /// Opens the outputs; without `provenance` tables have no header.
    ///
    /// # Errors
    /// An output cannot be written.
    pub fn create(
        paths: Paths<'_>,
        shape: &TableLayout<'_>,
        provenance: Option<&Provenance>,
        progress: Progress,
    ) -> Result<Self> {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let place = own(match shape.regions {
            true => &["chrom", "chromStart", "chromEnd", "name"],
            false => &["id", "start", "end"],
        });
        let columns = [place.clone(), own(&["ref", "alt"]), own(&shape.numbers)].concat();
        let width = LETTERS.len() + usize::from(shape.deletions);
        let rows = [place, own(&["ref"])].concat();
        let taken: Vec<&Path> = paths.inputs.iter().copied().chain([paths.table]).collect();
        let matrix = |path| Matrix::create(path, width, "rows.tsv", &rows, provenance, &taken);
        let score = shape.numbers.get(shape.main).copied().unwrap_or_default();
        Ok(Self {
            table: table(paths.table, &columns, provenance)?,
            path: paths.table.to_owned(),
            matrix: paths.matrix.map(matrix).transpose()?,
            pictures: paths.plot.map(|prefix| Pictures::new(prefix, score, shape.deletions)),
            progress,
            main: shape.main,
            width,
            entry: None,
            tally: EffectCounts::default(),
        })
    }

    /// Writes what is complete.
    ///
    /// # Errors
    /// Writing fails.
    pub fn take(&mut self, parts: Vec<Part<Vec<Mutated>>>) -> Result<(), OutputError> {
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
                }
            }
        }
        Ok(())
    }

    /// Writes the changes of the base at the entry's position, and goes on to the next.
    fn base(&mut self, entry: &mut OpenEntry, mutated: &Mutated) -> Result<(), OutputError> {
        let OpenEntry { head, position, is_scored, drawn } = entry;
        let text = |number: u64| number.to_string().into_bytes();
        let mut place = vec![head.contig.clone(), text(*position), text(*position + 1)];
        place.extend(head.name.clone());
        place.push(vec![mutated.base]);
        self.tally.unknown += u64::from(mutated.base == b'N');
        *is_scored |= mutated.effects.iter().any(|numbers| !numbers.is_empty());
        let Self { table, path, .. } = self;
        rows(table, &place, mutated).map_err(|source| OutputError::write(path, source))?;
        if let Some(matrix) = &mut self.matrix {
            let value = |change: usize| match mutated.value(change, self.main) {
                Some(value) => value as f32,
                None if LETTERS.get(change) == Some(&mutated.base) => 0.0,
                None => f32::NAN,
            };
            matrix.row(&place, &(0..self.width).map(value).collect::<Vec<_>>())?;
        }
        if self.pictures.is_some() {
            let value = |change| mutated.value(change, self.main);
            drawn.push((mutated.base, std::array::from_fn(value)));
        }
        *position += 1;
        Ok(())
    }

    /// Completes the outputs: all of them before any gets its name, and the table as the last one.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> Result<EffectCounts, OutputError> {
        let Self { table, path, matrix, pictures, .. } = self;
        let mut complete = pictures.map(Pictures::complete).unwrap_or_default();
        if let Some(matrix) = matrix {
            complete.extend(matrix.complete()?);
        }
        let sink = table.finish().and_then(Sink::complete);
        complete.push(sink.map_err(|source| OutputError::write(&path, source))?.complete()?);
        complete.into_iter().try_for_each(Complete::publish)?;
        self.progress.finish();
        Ok(self.tally)
    }
}

/// Writes a row for each change of a base.
fn rows(table: &mut Table<Sink>, place: &[Vec<u8>], mutated: &Mutated) -> io::Result<()> {
    let effects = mutated.effects.iter().enumerate();
    for (change, numbers) in effects.filter(|(_, numbers)| !numbers.is_empty()) {
        let letter = LETTERS.get(change).copied().unwrap_or(b'-');
        let numbers = numbers.iter().map(|&value| number(value).into_bytes());
        table.row(place.iter().cloned().chain([vec![letter]]).chain(numbers))?;
    }
    Ok(())
}

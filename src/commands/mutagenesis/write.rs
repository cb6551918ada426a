//! Effects as a long table, as a matrix, and as pictures.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::{
    compute::Mutated,
    read::{CHANGES, Head, LETTERS, Part},
};
use crate::{
    commands::{matrix::Matrix, table},
    formats::{
        number::push_six_digits,
        output::{OutputError, Sink, write_file},
        table::Table,
    },
    plot::{
        png,
        saturation::{self, Saturation},
        svg,
    },
    progress::Progress,
    provenance::Provenance,
};

/// Where results go.
pub struct Paths<'a> {
    /// The long table.
    pub table: &'a Path,
    /// The matrix.
    pub matrix: Option<&'a Path>,
    /// The start of the names of pictures.
    pub plot: Option<&'a Path>,
    /// Inputs, which are never overwritten.
    pub inputs: Vec<&'a Path>,
}

/// What columns there are.
pub struct Shape<'a> {
    /// Names of the numbers of a change.
    pub numbers: Vec<&'a str>,
    /// Which of them is that of matrix and pictures.
    pub main: usize,
    /// Whether entries are regions, which have a name of their own.
    pub regions: bool,
    /// Whether bases are taken out too.
    pub deletions: bool,
}

/// The end of the pipeline.
pub struct Writer {
    table: Table<Sink>,
    matrix: Option<Matrix>,
    plot: Option<PathBuf>,
    progress: Progress,
    /// The name of the number of matrix and pictures, and which it is.
    score: String,
    main: usize,
    deletions: bool,
    width: usize,
    entry: Option<Entry>,
    entries: u64,
    /// Bases that are N and have no effects.
    pub unknown: u64,
}

struct Entry {
    head: Head,
    position: u64,
    /// Its bases, and the number of each of their changes that is drawn; kept for a picture only.
    drawn: Vec<(u8, [Option<f64>; CHANGES])>,
}

impl Writer {
    /// Opens the outputs; without `provenance` tables have no header.
    ///
    /// # Errors
    /// An output cannot be written.
    pub fn create(
        paths: &Paths<'_>,
        shape: &Shape<'_>,
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
        Ok(Self {
            table: table(paths.table, &columns, provenance)?,
            matrix: paths.matrix.map(matrix).transpose()?,
            plot: paths.plot.map(Path::to_owned),
            progress,
            score: shape.numbers.get(shape.main).copied().unwrap_or_default().to_owned(),
            main: shape.main,
            deletions: shape.deletions,
            width,
            entry: None,
            entries: 0,
            unknown: 0,
        })
    }

    /// Writes what is complete.
    ///
    /// # Errors
    /// Writing fails.
    pub fn take(&mut self, parts: Vec<Part<Vec<Mutated>>>) -> Result<()> {
        for part in parts {
            match part {
                Part::Start(head) => {
                    let position = head.start;
                    self.entry = Some(Entry { head, position, drawn: Vec::new() });
                    self.entries += 1;
                }
                Part::Bases(mutated) => {
                    self.progress.add(mutated.len() as u64);
                    let Some(mut entry) = self.entry.take() else { continue };
                    for mutated in mutated {
                        self.base(&entry, &mutated)?;
                        entry.position += 1;
                        if self.plot.is_some() {
                            let values =
                                std::array::from_fn(|change| mutated.value(change, self.main));
                            entry.drawn.push((mutated.base, values));
                        }
                    }
                    self.entry = Some(entry);
                }
                Part::End => {
                    if let (Some(entry), Some(prefix)) = (self.entry.take(), &self.plot) {
                        let shape = (&*self.score, self.deletions);
                        picture(prefix, self.entries, &entry, shape)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn base(&mut self, entry: &Entry, mutated: &Mutated) -> io::Result<()> {
        let Entry { head, position, .. } = entry;
        let mut place = vec![head.contig.clone(), text(*position), text(position + 1)];
        place.extend(head.name.clone());
        place.push(vec![mutated.base]);
        self.unknown += u64::from(mutated.base == b'N');
        for (change, numbers) in mutated.effects.iter().enumerate() {
            if numbers.is_empty() {
                continue;
            }
            let letter = LETTERS.get(change).copied().unwrap_or(b'-');
            let numbers = numbers.iter().map(|&value| number(value));
            self.table.row(place.iter().cloned().chain([vec![letter]]).chain(numbers))?;
        }
        if let Some(matrix) = &mut self.matrix {
            let value = |change: usize| match mutated.value(change, self.main) {
                Some(value) => value as f32,
                None if LETTERS.get(change) == Some(&mutated.base) => 0.0,
                None => f32::NAN,
            };
            matrix.row(&place, &(0..self.width).map(value).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Completes the outputs.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> io::Result<()> {
        let table = self.table.finish()?;
        if let Some(matrix) = self.matrix {
            matrix.finish()?;
        }
        table.finish()?;
        self.progress.finish();
        Ok(())
    }
}

fn text(number: u64) -> Vec<u8> {
    number.to_string().into_bytes()
}

fn number(value: Option<f64>) -> Vec<u8> {
    let mut text = String::new();
    match value {
        Some(value) => push_six_digits(&mut text, value),
        None => text.push('.'),
    }
    text.into_bytes()
}

/// Draws an entry as `PREFIX.NUMBER.svg` and `PREFIX.NUMBER.png`.
fn picture(prefix: &Path, number: u64, entry: &Entry, shape: (&str, bool)) -> Result<()> {
    let Entry { head, drawn, .. } = entry;
    let (score, with_deletions) = shape;
    let bases: Vec<u8> = drawn.iter().map(|(base, _)| *base).collect();
    let effects: Vec<[Option<f64>; LETTERS.len()]> =
        drawn.iter().map(|(_, values)| std::array::from_fn(|change| values[change])).collect();
    let deletions: Vec<Option<f64>> =
        drawn.iter().map(|(_, values)| values[LETTERS.len()]).collect();
    let contig = String::from_utf8_lossy(&head.contig);
    let end = head.start + bases.len() as u64;
    let place = format!("{contig}:{}-{end}", head.start + 1);
    let name = head.name.as_deref().filter(|name| *name != b".").map(String::from_utf8_lossy);
    let title = match name {
        Some(name) => format!("{name}  {place}, {score}"),
        None => format!("{place}, {score}"),
    };
    let chart = saturation::chart(&Saturation {
        title: &title,
        name: &contig,
        start: head.start,
        bases: &bases,
        effects: &effects,
        deletions: with_deletions.then_some(&deletions[..]),
    });
    let path = |kind: &str| {
        let mut name = OsString::from(prefix);
        name.push(format!(".{number}.{kind}"));
        PathBuf::from(name)
    };
    write_file(&path("svg"), svg(&chart).as_bytes())?;
    let raster = path("png");
    let bytes = png(&chart).map_err(|error| OutputError::write(&raster, error))?;
    write_file(&raster, &bytes)?;
    Ok(())
}

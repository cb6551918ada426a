//! Regions of a reference: BED, and tables with columns of coordinates.

use std::sync::Arc;

use super::table;
use crate::{
    formats::{bed, delimited, error::InputError, error::excerpt, lines::Lines},
    genome::region::{Region, Strand},
    tasks::{
        collect::{self, Read, Shared},
        columns::{self, Columns},
        example::{At, Labelled, Place},
        genome::{Genome, directed},
        label::Label,
        options::ReadOptions,
        tracks::Tracks,
    },
};

/// Reads BED: the labels are columns, or come from tracks.
///
/// # Errors
/// A line is malformed, its region is not in the reference, or a column is missing.
pub fn bed(
    lines: Lines,
    options: &ReadOptions,
    shared: &Shared<'_>,
    (genome, tracks): (&mut Genome, Option<&mut Tracks>),
    read: &mut Read,
) -> Result<(), InputError> {
    let mut reader = bed::Reader::new(lines);
    let mut tracks = tracks;
    if let Some(tracks) = &mut tracks {
        tracks.put_on(genome)?;
        read.labels(tracks.names.clone(), &shared.name)?;
    }
    let mut found: Option<(Vec<usize>, Option<usize>)> = None;
    while let Some(record) = reader.read()? {
        let place = Place { path: shared.name.clone(), at: At::Line(record.line) };
        let problem = |problem| place.error(problem);
        let (labels, part) = match &found {
            Some(found) => found,
            None => {
                let header = bed::column_names(&shared.name, record.columns.len());
                let labels = match (&tracks, shared.class) {
                    (None, None) => table::labels(&header, &options.columns, "name"),
                    _ => Ok(Vec::new()),
                };
                let labels = labels.map_err(problem)?;
                let part = options.columns.part.as_ref();
                let part = part.map(|part| columns::one(&header, part, "--split-column"));
                if tracks.is_none() {
                    read.labels(table::names(&header, &labels), &shared.name)?;
                }
                found.insert((labels, part.transpose().map_err(problem)?))
            }
        };
        let field = |column: usize| {
            std::str::from_utf8(&record.columns[column]).map_err(|_| {
                let found = excerpt(&record.columns[column]);
                place.error(format!("column {} is {found}, which is not UTF-8", column + 1))
            })
        };
        let part = match part {
            Some(column) => Some(collect::part(field(*column)?).map_err(problem)?),
            None => shared.part,
        };
        let (bases, label) = match (&mut tracks, shared.class) {
            (Some(tracks), _) => {
                let number = genome.locate(&record.region, &place)?;
                let range = record.region.start..record.region.end;
                let label = tracks.label(genome.of(number).0, range.clone())?;
                let label = match record.strand {
                    Some(Strand::Reverse) => reversed(label),
                    Some(Strand::Forward) | None => label,
                };
                (directed(genome.fetch(number, range)?, record.strand), label)
            }
            (None, class) => {
                let bases = genome.bases(&record.region, record.strand, options.window, &place)?;
                let label = match class {
                    Some(class) => Label::Text(class.to_owned()),
                    None => {
                        let fields: Vec<&str> =
                            labels.iter().map(|i| field(*i)).collect::<Result<_, _>>()?;
                        Label::of_fields(fields, &read.names).map_err(problem)?
                    }
                };
                (bases, label)
            }
        };
        read.kinds.regions = true;
        let contig = Some(Arc::from(record.region.contig.as_str()));
        read.add(Labelled { bases, label, part, contig, place })?;
    }
    Ok(())
}

/// The label of the reverse complement.
fn reversed(label: Label) -> Label {
    match label {
        Label::BaseClasses(mut classes) => {
            classes.reverse();
            Label::BaseClasses(classes)
        }
        Label::BaseLabels(mut labels) => {
            labels.reverse();
            Label::BaseLabels(labels)
        }
        label => label,
    }
}

/// Columns of a table of regions.
pub struct Coordinates {
    contig: usize,
    start: usize,
    end: usize,
    strand: Option<usize>,
    labels: Vec<usize>,
    part: Option<usize>,
}

impl Coordinates {
    /// The columns of a table that has coordinates and no sequences: the contig in `region`, `chrom`,
    /// `chr`, `chromosome`, `contig` or `seqname`, then `start`, `end`, and perhaps `strand`. Such tables
    /// are those of GenomicBenchmarks. `None` for other tables.
    ///
    /// # Errors
    /// It has no column of labels, and the file has no class.
    pub fn find(
        header: &[String],
        named: &Columns,
        shared: &Shared<'_>,
    ) -> Result<Option<Self>, InputError> {
        let usual = |names: &[&str]| columns::usual(header, names);
        let contig = usual(&["region", "chrom", "chr", "chromosome", "contig", "seqname"]);
        let (start, end) = (usual(&["start", "chromStart"]), usual(&["end", "chromEnd"]));
        let has_sequences = named.sequence.is_some() || usual(&["sequence", "seq"]).is_some();
        let (Some(contig), Some(start), Some(end), false) = (contig, start, end, has_sequences)
        else {
            return Ok(None);
        };
        let first = Place { path: shared.name.clone(), at: At::Line(1) };
        let problem = |problem| first.error(problem);
        let labels = match shared.class {
            Some(_) => Vec::new(),
            None => table::labels(header, named, "label").map_err(problem)?,
        };
        let part = named.part.as_ref();
        let part = part.map(|part| columns::one(header, part, "--split-column"));
        let part = part.transpose().map_err(problem)?;
        Ok(Some(Self { contig, start, end, strand: usual(&["strand"]), labels, part }))
    }
}

/// Reads the rows of a table of regions, 0-based and half-open.
///
/// # Errors
/// A row is malformed, or its region is not in the reference.
pub fn table(
    mut reader: delimited::Reader,
    columns: &Coordinates,
    window: Option<u64>,
    shared: &Shared<'_>,
    (genome, read): (&mut Genome, &mut Read),
) -> Result<(), InputError> {
    read.labels(table::names(&reader.columns, &columns.labels), &shared.name)?;
    while let Some(delimited::Row { line, fields }) = reader.read()? {
        let place = Place { path: shared.name.clone(), at: At::Line(line) };
        let problem = |problem| place.error(problem);
        let field = |i: usize| delimited::text(&fields[i], &shared.name, line);
        let number = |i: usize, what: &str| {
            let text = field(i)?;
            text.parse::<u64>().map_err(|_| {
                let found = excerpt(text.as_bytes());
                place.error(format!("{what} is {found}, expected a whole number, 0 or more"))
            })
        };
        let (start, end) = (number(columns.start, "start")?, number(columns.end, "end")?);
        if start > end {
            return Err(place.error(format!(
                "start {start} is greater than end {end}; regions are 0-based and half-open"
            )));
        }
        let strand = match columns.strand.map(field).transpose()? {
            Some("-") => Some(Strand::Reverse),
            Some("+") => Some(Strand::Forward),
            None | Some("." | "") => None,
            Some(other) => {
                let found = excerpt(other.as_bytes());
                return Err(place.error(format!("strand is {found}, expected '+', '-' or '.'")));
            }
        };
        let contig = field(columns.contig)?;
        let region = Region { contig: contig.to_owned(), start, end };
        let bases = genome.bases(&region, strand, window, &place)?;
        let label = match shared.class {
            Some(class) => Label::Text(class.to_owned()),
            None => {
                let fields: Vec<&str> =
                    columns.labels.iter().map(|i| field(*i)).collect::<Result<_, _>>()?;
                Label::of_fields(fields, &read.names).map_err(problem)?
            }
        };
        let part = match columns.part {
            Some(column) => Some(collect::part(field(column)?).map_err(problem)?),
            None => shared.part,
        };
        read.kinds.regions = true;
        let contig = Some(Arc::from(contig));
        read.add(Labelled { bases, label, part, contig, place })?;
    }
    Ok(())
}

//! `hyenadna project`: vectors in few dimensions.

mod args;
mod listing;
mod method;
mod picture;
mod rows;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

pub use self::args::ProjectArgs;
use self::{
    listing::{Listed, Listing},
    rows::Rows,
};
use super::output::{
    format::Format,
    paths::{apart, one_stdin},
    pictures::Prefix,
    rows::{Cell, Column, Head, OpenOutput},
    summary::{self, Counts, Summary},
};
use crate::{
    formats::{number::counted, output::publish},
    process::{exit::Outcome, logging::Display, provenance::Provenance},
};

/// Runs the command.
///
/// # Errors
/// An input cannot be read, rows and labels do not fit, or an output cannot be written.
pub fn run(args: &ProjectArgs, display: &Display) -> Result<i32> {
    let inputs = args.inputs();
    one_stdin(&inputs)?;
    args.check()?;
    let plot = check_outputs(args)?;
    let summary = Summary::create(&args.summary, "project")?;
    let output = OpenOutput::create(Format::Tsv, &args.output.output)?;
    let mut rows = Rows::open(args)?;
    method::check_width(args, rows.file(), rows.width())?;
    let (listing, mut vectors) = listing::read(&mut rows)?;
    let all = listing.rows.len();
    let missing = all - vectors.rows();
    if vectors.rows() < 2 {
        bail!(
            "{}: {} of {} {} finite values; a projection needs 2 or more",
            rows.file(),
            vectors.rows(),
            counted(all as u64, "row"),
            if vectors.rows() == 1 { "has" } else { "have" }
        );
    }
    let placed = method::place(args, &mut vectors, (rows.file(), rows.width()), display)?;
    report(args, &listing, &rows, missing);
    let mut complete = match &plot {
        Some(prefix) => {
            let chart = picture::draw(args.method, &listing, &placed);
            Vec::from(prefix.draw(args.method.name(), &chart)?)
        }
        None => Vec::new(),
    };
    let provenance = placed.facts.iter().fold(
        Provenance::of_this_run().with("method", args.method.name()),
        |provenance, (key, fact)| provenance.with(key, fact),
    );
    let columns: Vec<Column> = [Column::text("name"), Column::text("label")]
        .into_iter()
        .chain(placed.columns.iter().map(Column::number))
        .chain([Column::text("status")])
        .collect();
    let mut table = output.begin(Head {
        columns: &columns,
        provenance: Some(&provenance),
        header: args.output.header(),
        ..Head::default()
    })?;
    let width = placed.columns.len();
    let missing_place = vec![Cell::Missing; width];
    for Listed { name, label, place } in &listing.rows {
        let label = label.map_or(Cell::Missing, |label| listing.labels[label].0.as_str().into());
        let mut cells = vec![name.as_str().into(), label];
        match place {
            Some(place) => {
                let place = &placed.places[place * width..(place + 1) * width];
                cells.extend(place.iter().map(|x| Cell::Number(*x)));
                cells.push("ok".into());
            }
            None => {
                cells.extend_from_slice(&missing_place);
                cells.push("nan".into());
            }
        }
        table.row(cells[..].into())?;
    }
    complete.extend(table.complete()?);
    let counts = Counts::default()
        .total("rows", all as u64)
        .status("ok", vectors.rows() as u64)
        .status("nan", missing as u64);
    complete.extend(summary.complete(&provenance, counts)?);
    publish(complete)?;
    let outcome = if missing > 0 { Outcome::Incomplete } else { Outcome::Done };
    Ok(outcome.code(args.strict.strict))
}

/// Logs rows without a place, and rows without a label.
fn report(args: &ProjectArgs, listing: &Listing, rows: &Rows, missing: usize) {
    if missing > 0 {
        log::warn!(
            "rows with a value that is NaN, infinite or missing, which have no place: {missing}"
        );
    }
    let unlabelled = listing.rows.iter().filter(|row| row.label.is_none()).count();
    if args.label_column.is_some() {
        log::info!("{}", counted(listing.labels.len() as u64, "label"));
        if rows.unmatched > 0 {
            log::warn!("rows whose value to match by is not in the labels: {}", rows.unmatched);
        }
        if unlabelled > 0 {
            log::warn!("rows without a label: {unlabelled}");
        }
    }
}

/// Refuses outputs that are the same file as another one or as an input, and pictures that cannot be
/// written. Returns the start of the names of the pictures.
fn check_outputs(args: &ProjectArgs) -> Result<Option<Prefix>> {
    let name = args.method.name();
    let plot = args.plot.as_deref().map(|path| Prefix::new(path, name)).transpose()?;
    let pictures: Vec<PathBuf> = plot.iter().flat_map(|prefix| prefix.paths(name)).collect();
    let mut outputs = summary::outputs(&args.output.output, &args.summary);
    outputs.extend(pictures.iter().map(|path| ("--plot", path.as_path())));
    let beside = rows::beside(&args.vectors);
    let inputs: Vec<&Path> = args.inputs().into_iter().chain(beside.as_deref()).collect();
    apart(&outputs, &inputs)?;
    Ok(plot)
}

//! Predictions of regions and sequences.

use std::path::Path;

use anyhow::{Result, bail};

use super::{
    plan::Plan,
    read::{self, Item, ReadOptions, Unit},
    sink::ItemSink,
    values::values,
    write::{self, Writer},
};
use crate::{
    cli::{Global, io::EntryInput},
    commands::{
        input::{entries::Entries, lengths, order::EntryOrder},
        output::{
            format::Format,
            of_shard,
            resume::Resume,
            rows::{self, Beside, Head},
            summary::Summary,
        },
    },
    inference::{
        pipeline::{self, Chunks},
        runner::Runner,
    },
    model::{head, pool::Pool},
    process::{
        exit::{Outcome, Usage},
        logging::Display,
        progress::Progress,
    },
    windows::{pieces::Long, strands::Strands},
};

/// Bases to read ahead, so that regions of similar length share batches.
const LOOK_AHEAD: usize = 1 << 20;

/// Predicts every region or sequence of an input with its size in bytes, if known; completes the outputs and logs what has no values.
///
/// # Errors
/// An input cannot be read, a region does not fit, or an output cannot be written.
pub fn run(
    plan: &Plan<'_>,
    (mut entries, size): (Entries, Option<u64>),
    inputs: &[&Path],
    summary: Summary,
    (global, display): (&Global, &Display),
) -> Result<Outcome> {
    let args = plan.args;
    let options = plan.reading()?;
    if entries.are_sequences() && matches!(options.unit, Unit::Centre(_)) {
        bail!(Usage(format!(
            "--window is for regions, --stride, variants and heads of each base, but {} has sequences, which are read as a whole",
            entries.name()
        )));
    }
    if let (EntryInput::File(path), Unit::Entry(Long::Error)) = (args.entries.input(), options.unit)
    {
        lengths::check(path, &entries, options.context, 0)?;
    }
    let order = match plan.format {
        Format::Bigwig => Some(EntryOrder::of_bigwig(entries.contigs())?),
        Format::Bedgraph => Some(EntryOrder::of_bedgraph()),
        _ => None,
    };
    // the number of columns follows from the first entry
    let first = entries.next()?;
    let of_entry = entries.columns(first.as_ref().map(|entry| entry.fields.len()));
    let provenance = plan.provenance(entries.reference_name(), options.unit);
    let provenance = of_shard(provenance, entries.section());
    let mut runners = args.model.runners_of_head(&plan.model, &plan.head, global)?;
    let output = (plan.format, &*args.output.output);
    let (mut resume, output) = Resume::open(&args.resume, output, inputs, &provenance)?;
    let mut rows = output.indexed(plan.index.clone()).begin(Head {
        columns: &write::columns(plan.layout, options.unit, &plan.report, &of_entry),
        values: plan.layout.values(&plan.report),
        provenance: Some(&provenance),
        header: args.output.header(),
        contigs: entries.contigs(),
        beside: Beside { suffix: "tsv", taken: inputs },
        ..Head::default()
    })?;
    resume.begin(&mut *rows)?;
    let writer = Writer::new(rows, plan.layout, options.unit, plan.report.clone());
    let progress = Progress::new(display, "region", size);
    let mut sink = ItemSink::new(writer, progress, plan.head.config.length);
    sink.take_over(&resume);
    let done = resume.items();
    let budget = budget(plan, global);
    let read = pipeline::run(
        move |feeder| read::read(first, entries, options, order, Chunks::new(feeder, budget), done),
        &mut runners,
        |runner, items| compute(items, runner, &plan.head),
        |items, position| Ok(sink.take(items, position, &mut resume)?),
    )?;
    let summary = summary.complete(&provenance, sink.counts())?;
    let ItemSink { writer, progress, short, empty, longer, .. } = sink;
    rows::finish(writer.rows, summary)?;
    resume.finish();
    progress.finish();
    report(&read, options, [short, empty, longer], plan);
    Ok(if short + empty > 0 { Outcome::Incomplete } else { Outcome::Done })
}

/// Bases of a chunk.
fn budget(plan: &Plan<'_>, global: &Global) -> usize {
    let tokens = plan.args.model.chunk_tokens(&plan.model, global);
    match plan.head.config.pool {
        Pool::None => tokens,
        _ => LOOK_AHEAD.max(tokens),
    }
}

/// The values of the items of a chunk; those of bases are of the counted ones.
fn compute(
    items: Vec<Item>,
    runner: &mut Runner,
    head: &head::Head,
) -> Result<Vec<(Item, Vec<f64>)>> {
    let read: Vec<(&[u8], Strands)> = items
        .iter()
        .filter(|item| !item.bases.is_empty())
        .map(|item| (&item.bases[..], item.strands))
        .collect();
    let mut computed = values(runner, head, &read)?.into_iter();
    let width = head.config.outputs.len();
    let with_values = items.into_iter().map(|item| {
        let mut values =
            if item.bases.is_empty() { Vec::new() } else { computed.next().unwrap_or_default() };
        if head.config.task.is_per_base() && !values.is_empty() {
            values.truncate(item.counted.end * width);
            values.drain(..item.counted.start * width);
        }
        (item, values)
    });
    Ok(with_values.collect())
}

/// Logs regions and sequences without values, and those that were cut or are unlike the training data.
fn report(read: &read::Read, options: ReadOptions, counts: [u64; 3], plan: &Plan<'_>) {
    let [short, empty, longer] = counts;
    read.entries.report();
    if read.truncated > 0 {
        log::warn!(
            "{}s cut to the {} bases of the model's context (--long truncate): {}",
            read.entries.noun(),
            options.context,
            read.truncated
        );
    }
    if empty > 0 {
        log::warn!("regions or sequences without a base, whose values are missing: {empty}");
    }
    if short > 0 {
        log::warn!(
            "regions or sequences with fewer bases than the {} parts of the head, whose values are missing: {short}",
            plan.head.config.pool.parts()
        );
    }
    if longer > 0 {
        let whole = matches!(options.unit, Unit::Entry(_) | Unit::Centre(_));
        log::warn!(
            "{} longer than the {} bases of the longest training sequence: {longer}",
            if whole { "regions or sequences" } else { "windows" },
            plan.head.config.length
        );
    }
}

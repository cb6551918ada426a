//! `hyenadna icl`: in-context learning, from demonstrations before each query.

mod args;
mod cells;
mod picture;
mod probed;
mod shown;
mod tune;
mod write;

use anyhow::{Result, bail};

pub use self::args::IclArgs;
use self::{
    cells::{Cell, Grid},
    probed::Probed,
    shown::Shown,
    tune::Tuning,
    write::{Method, Row},
};
use super::output::{
    format::Format,
    paths::{apart, apart_from, one_stdin},
    pictures::Prefix,
    rows::{self, Head, OpenOutput},
    summary::{self, Counts, Summary},
};
use crate::{
    cli::{
        Global,
        tasks::{TaskData, letters::Letters},
    },
    formats::output::publish,
    model::weights::{buffers, source::Named},
    process::{
        exit::{self, Usage},
        logging::Display,
        progress::Progress,
        provenance::Provenance,
    },
    tasks::{example::Part, labels::Task},
    training::optimizer::AdamW,
};

/// Runs the command.
///
/// # Errors
/// The data or the model cannot be read or do not fit, or an output cannot be written.
pub fn run(args: &IclArgs, global: &Global, display: &Display) -> Result<i32> {
    let inputs = args.task.inputs();
    let plot = args.plot.as_deref().map(|path| Prefix::new(path, picture::NAME)).transpose()?;
    let pictures = plot.as_ref().map(|prefix| prefix.paths(picture::NAME));
    let mut outputs = summary::outputs(&args.output.output, &args.summary);
    outputs.extend(pictures.iter().flatten().map(|path| ("--plot", path.as_path())));
    apart(&outputs, &inputs)?;
    apart_from(&args.model, &outputs)?;
    one_stdin(&inputs)?;
    args.check()?;
    let summary = Summary::create(&args.summary, "icl")?;
    let output = OpenOutput::create(Format::Tsv, &args.output.output)?;
    let mut data = args.task.read()?;
    let names = classes(&data)?;
    let letters = Letters::choose(&args.label_tokens, &names)?;
    if let Some(most) = args.truncate {
        truncate(&mut data, most);
    }
    let mut named = args.model.load(display)?;
    named.weights.drop_task_head();
    buffers::drop_regenerable(&mut named.weights)?;
    letters
        .warn((&named.name.to_string(), &named.weights), args.shots.iter().any(|&shots| shots > 0));
    let grid = Grid::new(args);
    let shown = Shown::draw(&data.dataset, &names, &grid)?;
    shown.check_lengths(&data.dataset, &grid, named.weights.config.context().max(1) as usize)?;
    let rows = measure(args, (&data, &letters), (&named, &shown, &grid), global, display)?;

    let provenance = provenance(args, &named, &letters);
    let mut complete = match &plot {
        Some(prefix) => prefix.draw(picture::NAME, &picture::draw(&rows, &grid))?.into(),
        None => Vec::new(),
    };
    let columns = rows::columns(&write::COLUMNS);
    let mut table = output.begin(Head {
        columns: &columns,
        provenance: Some(&provenance),
        header: args.output.header(),
        ..Head::default()
    })?;
    rows.iter().try_for_each(|row| table.row(write::cells(row)[..].into()))?;
    let counts = Counts::default()
        .total("records", Part::ALL.iter().map(|&part| data.dataset.part(part).len() as u64).sum())
        .total("rows", rows.len() as u64)
        .status("train", data.dataset.train.len() as u64)
        .status("valid", data.dataset.valid.len() as u64)
        .status("test", data.dataset.test.len() as u64);
    complete.extend(table.complete()?);
    complete.extend(summary.complete(&provenance, counts)?);
    publish(complete)?;
    Ok(exit::SUCCESS)
}

/// The names of the classes.
///
/// # Errors
/// The task is another one, or the test part has no members.
fn classes(data: &TaskData) -> Result<Vec<String>> {
    let Task::Classes(names) = &data.dataset.task else {
        let kind = data.dataset.task.kind().name();
        bail!(Usage(format!("icl names one class of each sequence; this is a {kind} task")));
    };
    if !data.dataset.valid.is_empty() {
        log::info!("the validation part is not used: icl chooses nothing by it");
    }
    if data.dataset.test.is_empty() {
        bail!(
            "the test part has no members; give --test-fraction 0.2 to draw it from train, --split-column NAME, or --train FILE --test FILE"
        );
    }
    Ok(names.clone())
}

/// Keeps the first bases of each sequence.
fn truncate(data: &mut TaskData, most: usize) {
    let dataset = &mut data.dataset;
    for examples in [&mut dataset.train, &mut dataset.valid, &mut dataset.test] {
        examples.iter_mut().for_each(|example| example.bases.truncate(most));
    }
}

/// Computes the rows: the majority class, then for each cell of the grid the model and the probe, each with
/// their means over seeds.
fn measure(
    args: &IclArgs,
    (data, letters): (&TaskData, &Letters),
    (named, shown, grid): (&Named, &Shown, &Grid),
    global: &Global,
    display: &Display,
) -> Result<Vec<Row>> {
    let test = &data.dataset.test;
    let tuning = match grid.most_tuned() {
        0 => None,
        _ => Some(Tuning::plan(args, (named, shown, grid), &data.dataset.train, global)?),
    };
    let mut runner = args.model.runner(named, global)?;
    let probed = match shown.all().is_empty() {
        true => None,
        false => Some(Probed::embed(data, shown, &mut runner)?),
    };
    let mut rows = vec![write::majority(&data.dataset)];
    let cells = grid.cells();
    let work = |cell: &Cell| shown.work(*cell, &data.dataset);
    let total = grid.seeds * cells.iter().map(work).sum::<u64>();
    let (mut progress, mut done) = (Progress::new(display, "cell", Some(total)), 0);
    for cell in &cells {
        let (mut learned, mut fitted): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
        for place in 0..grid.seeds as usize {
            let context = shown.context(place, *cell, &data.dataset.train, letters);
            let row = match (&tuning, learned.first()) {
                // nothing is drawn, so that all seeds are alike
                (_, Some(first)) if *cell == Cell::NOTHING => first.figures,
                (Some(tuning), _) if cell.tuned > 0 => {
                    // each cell begins with the weights of the model
                    let weights = tuning.tune(place, *cell, letters)?;
                    let tuned = Named { weights, ..named.clone() };
                    let mut engine = args.model.engine(&tuned, global)?;
                    cells::measure(&mut engine, &context, test, letters)?
                }
                _ => cells::measure(runner.engine(), &context, test, letters)?,
            };
            let of = |method| write::Of { method, cell: *cell, seed: grid.seed(place) };
            learned.push(Row::of_seed(of(Method::Icl), row));
            let learned_by_probe = shown.learned(place, *cell);
            let figures = probed
                .as_ref()
                .and_then(|probed| probed.figures(learned_by_probe, grid.seed(place)));
            if let Some(figures) = figures {
                fitted.push(Row::of_seed(of(Method::Probe), figures));
            }
            progress.add(1);
            done += work(cell);
            progress.reach(done);
        }
        for of_method in [learned, fitted].into_iter().filter(|rows| !rows.is_empty()) {
            let mean = Row::mean(&of_method);
            rows.extend(of_method);
            rows.push(mean);
        }
    }
    progress.finish();
    Ok(rows)
}

fn provenance(args: &IclArgs, named: &Named, letters: &Letters) -> Provenance {
    let provenance = Provenance::of_this_run()
        .with("model", format!("{} identity:{}", named.name, named.identity))
        .with("n_token", args.model.n_token(named).name())
        .with("context", named.weights.config.context().to_string())
        .with("label_tokens", letters.to_string())
        .with("seed", args.task.seed.to_string());
    match args.tune.is_empty() {
        true => provenance,
        false => {
            let AdamW { weight_decay, clip, .. } = AdamW::default();
            let words = format!(
                "one epoch, lr {}, batch {}, weight decay {weight_decay}, clip {clip}",
                args.lr, args.batch
            );
            provenance.with("tuning", words)
        }
    }
}

//! `hyenadna recall`: the advantage of an earlier copy, as a measure of the use of context.

mod args;
mod design;
mod draw;
mod measure;
mod picture;
mod results;
mod write;

use anyhow::{Result, bail};

pub use self::args::RecallArgs;
use self::{design::Design, draw::Windows, results::Results};
use super::output::{
    format::Format,
    paths::{apart, apart_from, one_stdin},
    pictures::Prefix,
    rows::{self, Head, OpenOutput},
    summary::{self, Counts, Summary},
};
use crate::{
    cli::{Global, genomes::log_ambiguous, model::ModelArgs},
    model::weights::source::Named,
    process::{
        exit::{self, Usage},
        logging::Display,
        progress::Progress,
        provenance::Provenance,
    },
    sampling::{Genome, Interval},
};

/// A model with its figures.
struct Subject {
    name: String,
    /// Facts for the provenance.
    identity: String,
    n_token: &'static str,
    design: Design,
    results: Results,
}

/// Runs the command.
///
/// # Errors
/// A genome or a model cannot be read or has no room for the windows, or an output cannot be written.
pub fn run(args: &RecallArgs, global: &Global, display: &Display) -> Result<i32> {
    args.check()?;
    let prefix = check_files(args)?;
    let summary = Summary::create(&args.summary, "recall")?;
    let output = OpenOutput::create(Format::Tsv, &args.output.output)?;
    let (mut genomes, intervals) = args.genomes.open()?;
    let mut subjects: Vec<Subject> = Vec::new();
    let mut planned = Vec::new();
    for model in args.model.each() {
        let named = model.load(display)?;
        let context = named.weights.config.context().max(1) as usize;
        let design = args.design(context, &named.name)?;
        Windows::new(&mut genomes, &intervals, design.layout.window)?;
        planned.push((model, named, design));
    }
    for (model, named, design) in planned {
        let results =
            measure(&model, &named, &design, (&mut genomes, &intervals), (global, display))?;
        log_left_out(&named.name, &design, &results);
        log::info!("{}: {}", named.name, results.verdict());
        subjects.push(Subject {
            identity: format!("{} identity:{}", named.name, named.identity),
            n_token: model.n_token(&named).name(),
            name: named.name,
            design,
            results,
        });
    }
    log_ambiguous(&genomes);
    let provenance = provenance(args, &subjects);
    let columns = rows::columns(&write::COLUMNS);
    let mut table = output.begin(Head {
        columns: &columns,
        provenance: Some(&provenance),
        header: args.output.header(),
        ..Head::default()
    })?;
    let (mut rows, mut bases) = (0, 0);
    for Subject { name, design, results, .. } in &subjects {
        write::write(&mut *table, name, results)?;
        rows += (results.copies.len() + results.positions.len()) as u64;
        bases += design.replicates * design.layout.window as u64;
    }
    let mut pictures = Vec::new();
    if let Some(prefix) = &prefix {
        for (subject, name) in subjects.iter().zip(picture_names(&subjects)) {
            pictures.extend(prefix.draw(&name, &picture::draw(&subject.name, &subject.results))?);
        }
    }
    let counts = Counts::default()
        .total("records", intervals.len() as u64)
        .total("rows", rows)
        .total("bases", bases)
        .status("ok", intervals.len() as u64);
    let summary = summary.complete(&provenance, counts)?;
    rows::finish(table, pictures.into_iter().chain(summary))?;
    Ok(exit::SUCCESS)
}

/// Refuses outputs that are the same file as an input or as each other.
///
/// # Errors
/// Some are, or the pictures cannot be written.
fn check_files(args: &RecallArgs) -> Result<Option<Prefix>> {
    let inputs = args.genomes.inputs();
    let outputs = summary::outputs(&args.output.output, &args.summary);
    apart(&outputs, &inputs)?;
    apart_from(&args.model, &outputs)?;
    one_stdin(&inputs)?;
    let Some(path) = &args.plot else { return Ok(None) };
    let prefix = Prefix::new(path, "human-1k")?;
    for path in outputs.iter().map(|(_, path)| path).chain(&inputs) {
        if prefix.name_at(path).is_some() {
            bail!(Usage(format!(
                "{} may be the name of a picture of --plot; choose another prefix",
                path.display()
            )));
        }
    }
    Ok(Some(prefix))
}

/// Measures a model on all trials.
///
/// # Errors
/// A window cannot be drawn or computed, or all controls are their copies.
fn measure(
    model: &ModelArgs,
    named: &Named,
    design: &Design,
    (genomes, intervals): (&mut [Genome], &[Interval]),
    (global, display): (&Global, &Display),
) -> Result<Results> {
    let mut windows = Windows::new(genomes, intervals, design.layout.window)?;
    let mut engine = model.engine(named, global)?;
    let chunk = model.chunk_tokens(named, global);
    let mut progress = Progress::new(display, "replicate", Some(design.replicates));
    let (mut measured, mut cases, mut waiting) = (Vec::new(), Vec::new(), 0);
    let mut done = 0;
    for trial in 0..design.replicates {
        let of_trial = design.cases(trial, windows.draw(design.seed, trial)?);
        let branches = of_trial.iter().flat_map(|case| &case.branches);
        waiting += branches.map(|(_, bases)| bases.len()).sum::<usize>();
        cases.extend(of_trial);
        if waiting >= chunk || trial + 1 == design.replicates {
            measured.extend(measure::measure(&mut engine, design, &cases)?);
            cases.clear();
            waiting = 0;
            progress.add(trial + 1 - done);
            done = trial + 1;
            progress.reach(trial + 1);
        }
    }
    progress.finish();
    Results::new(design, &measured)
}

/// Logs the number of trials whose control is the copy.
fn log_left_out(name: &str, design: &Design, results: &Results) {
    let all = design.replicates as usize * results.copies.len();
    let used: usize = results.copies.iter().map(|copy| copy.advantage.count).sum();
    if used < all {
        log::warn!(
            "{name}: {} of {all} pairs of a copy and a control are left out, as the shuffle is equal to the copy",
            all - used
        );
    }
}

/// Facts about the run; those of several models are separated by commas.
fn provenance(args: &RecallArgs, subjects: &[Subject]) -> Provenance {
    let joined =
        |of: &dyn Fn(&Subject) -> String| subjects.iter().map(of).collect::<Vec<_>>().join(", ");
    let verdicts: Vec<String> = subjects
        .iter()
        .map(|subject| format!("{}: {}", subject.name, subject.results.verdict()))
        .collect();
    Provenance::of_this_run()
        .with("model", joined(&|subject| subject.identity.clone()))
        .with("n_token", joined(&|subject| subject.n_token.to_owned()))
        .with("window", joined(&|subject| subject.design.layout.window.to_string()))
        .with("segment", joined(&|subject| subject.design.layout.segment.to_string()))
        .with("mutate", joined(&|subject| subject.design.layout.rate.to_string()))
        .with("control", "dinucleotide-preserving shuffle of the copy")
        .with("seed", args.seed.to_string())
        .with("verdict", verdicts.join(" | "))
}

/// Names of the pictures of the models: letters, digits, `.`, `_` and `-`; equal ones are numbered.
fn picture_names(subjects: &[Subject]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for Subject { name, .. } in subjects {
        let bare = name.strip_prefix("builtin:").unwrap_or(name);
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
        let bare: String = bare.chars().map(plain).collect();
        let numbered = (2..).map(|number| format!("{bare}-{number}"));
        let mut free = std::iter::once(bare.clone()).chain(numbered);
        names.extend(free.find(|name| !names.contains(name)));
    }
    names
}

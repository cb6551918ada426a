//! `hyenadna mutagenesis`: effects of every change of one base.

mod circles;
mod compute;
mod measure;
mod picture;
mod read;
mod write;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use self::{
    circles::Circles,
    compute::{FAST, compute},
    read::{Deletions, MutagenesisOptions, Passes, Reader},
    write::{EffectCounts, EntryKind, Paths, TableLayout, Writer},
};
use super::{
    cutter::{WindowCutter, cutter},
    input::entries::{self, Entries},
    output::{
        format::{Format, OfferedFormats, suffix},
        index::Index,
        of_shard,
        paths::{apart, apart_from, one_stdin},
        pictures::Prefix,
        provenance,
        resume::{self, Resume},
        rows::Head,
        summary::{self, Summary},
    },
};
use crate::{
    cli::{
        Global,
        io::{EntryArgs, IndexArgs, OutputArgs, ResumeArgs, StrictArgs, SummaryArgs},
        model::ModelArgs,
        windows::WindowArgs,
    },
    inference::{
        compare::CompareOptions,
        pipeline::{self, Chunks},
    },
    process::{
        exit::{Outcome, Usage},
        logging::Display,
        progress::Progress,
    },
    scoring::{self, Score, ScoreSet},
    windows::strands::WindowChoice,
};

/// Formats of the table.
static FORMATS: OfferedFormats =
    OfferedFormats { formats: &[(Format::Tsv, "A table")], aliases: &[("bed", Format::Tsv)] };

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Every substitution in the regions, as a table and a matrix:
    hyenadna mutagenesis regions.bed genome.fa --fast --matrix x.npy -o x.tsv
  A picture of each sequence: effects.1.svg, effects.1.png, …:
    hyenadna mutagenesis sequences.fa --fast --plot effects -o effects.tsv";

/// Score every change of one base in regions or sequences: saturation mutagenesis
///
/// INPUT is BED (3 to 12 columns; needs REFERENCE), FASTA or FASTQ, detected from its content. Each
/// base is replaced by the three others, and each change has a row with the scores that
/// `score-variants` would give it. --fast takes the site scores of all changes from one pass for
/// each strand.
///
/// REF and ALT are always of the forward strand. The strand in a BED line (column 6) is ignored;
/// --strand selects the strands to read.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct MutagenesisArgs {
    #[command(flatten)]
    entries: EntryArgs,
    /// Score the changes only by the model's predictions of the changed base (--scores site), in the
    /// windows of --window tiled
    #[arg(long, conflicts_with_all = ["deletions", "downstream", "window"])]
    fast: bool,
    /// Also delete each base (ALT is -)
    #[arg(long)]
    deletions: bool,
    /// Scores to write; --matrix and --plot show the first [default: llr]
    #[arg(long, value_name = "SCORE,…", value_delimiter = ',')]
    scores: Vec<ScoreSet>,
    /// Also write a float32 matrix: a row for each base, and a column each for A, C, G, T (and, with
    /// --deletions, for the deletion); 0 for the base itself, NaN for N. A table beside it names its
    /// rows: effects.rows.tsv for effects.npy
    #[arg(long, value_name = "FILE.npy")]
    matrix: Option<PathBuf>,
    /// Draw each region or sequence as a heat map and a sequence logo: PREFIX.1.svg, PREFIX.1.png, …
    #[arg(long, value_name = "PREFIX")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    reading: WindowArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    index: IndexArgs,
    #[command(flatten)]
    resume: ResumeArgs,
    #[command(flatten)]
    summary: SummaryArgs,
    #[command(flatten)]
    strict: StrictArgs,
}

/// Runs the command.
///
/// # Errors
/// An input cannot be read, a region does not fit, or an output cannot be written.
pub fn run(args: &MutagenesisArgs, global: &Global, display: &Display) -> Result<i32> {
    let inputs = inputs(args)?;
    let (plot, index) = check_outputs(args, &inputs)?;
    resume::check(&args.resume, (Format::Tsv, &args.output.output), &inputs)?;
    if args.fast && args.scores.iter().any(|&set| set != ScoreSet::Site) {
        bail!(Usage("--fast has no scores but site; leave out --scores, or --fast".into()));
    }
    if args.entries.shard.shard.is_some() && (args.plot.is_some() || args.matrix.is_some()) {
        bail!(Usage(
            "--plot and --matrix cannot be combined with --shard, as merge joins tables only; name them in a run of the regions that are to be drawn".into()
        ));
    }
    if args.resume.resume.is_some() && (args.plot.is_some() || args.matrix.is_some()) {
        bail!(Usage(
            "--plot and --matrix cannot be combined with --resume, which goes on with a table only; name them in a run of the regions that are to be drawn".into()
        ));
    }
    let summary = Summary::create(&args.summary, "mutagenesis")?;
    let named = args.model.load(display)?;
    let groups =
        if args.fast || args.scores.is_empty() { vec![ScoreSet::Llr] } else { args.scores.clone() };
    let scores = scoring::chosen(&groups);
    let mut reading = args.reading.options(&named, &scores)?;
    if args.fast {
        reading.window = WindowChoice::Tiled;
    }
    let (mut entries, size) = Entries::open(&args.entries)?;
    let cutter = match entries.reference_name() {
        Some(name) => cutter(&args.reading, reading, name, entries.contigs())?,
        // the sequences that follow are not known yet
        None => WindowCutter::new(reading, &args.reading)?,
    };
    let first = entries.next()?;
    let provenance =
        args.reading.describe(&reading, provenance(&args.model, &named, entries.reference_name()));
    let provenance = of_shard(provenance, entries.section());
    let compare_options = CompareOptions::of(&scores, reading.downstream);
    let mut runners = args.model.runners(&named, global)?;
    let passes = if args.fast { Passes::Fast } else { Passes::Exact };
    let deletions = if args.deletions { Deletions::Scored } else { Deletions::Skipped };
    let shape = TableLayout {
        numbers: match passes {
            Passes::Fast => FAST.to_vec(),
            Passes::Exact => scores.iter().map(|score| score.name).collect(),
        },
        main: main(&groups, &scores),
        entries: match entries.are_sequences() {
            true => EntryKind::Sequence,
            false => EntryKind::Region,
        },
        deletions,
        origin: picture::origin(&named.name, args.reading.strand),
    };
    let table = &*args.output.output;
    let output = (Format::Tsv, table);
    let (mut resume, output) = Resume::open(&args.resume, output, &inputs, &provenance)?;
    let paths = Paths { table, matrix: args.matrix.as_deref(), plot, inputs };
    let header = args.output.header();
    let head = Head { provenance: Some(&provenance), header, ..Head::default() };
    let progress = Progress::new(display, "base", size);
    let mut writer = Writer::create(output.indexed(index), paths, &shape, head, progress)?;
    writer.begin(&mut resume)?;
    let done = resume.items();
    let circles = match entries.are_sequences() {
        true => Circles::new(&args.reading.circular),
        false => Circles::new(&[]), // the cutter knows the contigs
    };
    let reader =
        Reader { entries, cutter, circles, options: MutagenesisOptions { passes, deletions } };
    let budget = args.model.chunk_tokens(&named, global);
    let reader = pipeline::run(
        move |feeder| reader.read(first, Chunks::new(feeder, budget), done),
        &mut runners,
        |runner, chunk| Ok(compute(chunk, runner, &scores, compare_options)?),
        |parts, position| Ok(writer.take(parts, position, &mut resume)?),
    )?;
    let summary = summary.complete(&provenance, writer.counts())?;
    let tally = writer.finish(summary)?;
    resume.finish();
    reader.report();
    report(&tally);
    let outcome = if tally.unscored > 0 { Outcome::Incomplete } else { Outcome::Done };
    Ok(outcome.code(args.strict.strict))
}

fn report(tally: &EffectCounts) {
    let EffectCounts { unscored, unknown, .. } = *tally;
    if unknown > 0 {
        log::warn!("bases that are N, whose changes are not scored: {unknown}");
    }
    if unscored > 0 {
        log::warn!("regions or sequences without a base that can be changed: {unscored}");
    }
}

/// Index of the score of the matrix and the pictures: the first score of the group that was named
/// first.
fn main(groups: &[ScoreSet], scores: &[&Score]) -> usize {
    let named = scores.iter().position(|score| groups.first() == Some(&score.group));
    named.unwrap_or_default()
}

/// The inputs that the arguments name.
///
/// # Errors
/// Two of them are stdin.
fn inputs(args: &MutagenesisArgs) -> Result<Vec<&Path>> {
    let mut inputs = entries::inputs(&args.entries)?;
    inputs.extend(args.reading.genes.as_deref());
    one_stdin(&inputs)?;
    Ok(inputs)
}

/// Refuses outputs that cannot be written, would overwrite each other or an input, or have a suffix
/// of another format. Returns the start of the names of pictures, and the index of the table.
fn check_outputs(
    args: &MutagenesisArgs,
    inputs: &[&Path],
) -> Result<(Option<Prefix>, Option<Index>)> {
    let table = args.output.output.as_path();
    match suffix(table).as_deref() {
        Some("npy") => bail!(Usage("-o is for the table; --matrix writes a .npy".into())),
        Some("svg" | "png") => bail!(Usage("-o is for the table; --plot draws pictures".into())),
        _ => FORMATS.choose(None, table)?,
    };
    let index = Index::of(&args.index, table)?;
    let matrix = args.matrix.as_deref().map(|path| ("--matrix", path));
    let outputs = summary::outputs(table, &args.summary);
    let outputs: Vec<_> =
        outputs.into_iter().chain(matrix).chain(index.as_ref().map(Index::named)).collect();
    apart(&outputs, inputs)?;
    apart_from(&args.model, &outputs)?;
    resume::apart(&args.resume, table, &outputs, inputs)?;
    let Some(prefix) = &args.plot else { return Ok((None, index)) };
    let prefix = Prefix::new(prefix, "1")?;
    for path in outputs.iter().map(|(_, path)| path).chain(inputs) {
        let is_number = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
        if prefix.name_at(path).filter(is_number).is_some() {
            bail!(Usage(format!(
                "{} is the name of a picture of --plot; choose another prefix",
                path.display()
            )));
        }
    }
    Ok((Some(prefix), index))
}

//! `hyenadna mutagenesis`: what every change of one base does.

mod compute;
mod read;
mod write;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use self::{
    compute::{FAST, compute},
    read::{Options, Reader},
    write::{Paths, Shape, Writer},
};
use super::{
    entries::{self, Entries},
    matrix::is_same,
    name_output,
    windows::{Cutter, cutter},
};
use crate::{
    cli::{
        Global,
        io::{OutputArgs, ReferenceArgs, suffix},
        model::ModelArgs,
        reading::ReadingArgs,
    },
    exit::{self, Usage},
    formats::input::is_dash,
    inference::{compare::Asked, pipeline},
    logging::Display,
    model::source::Named,
    progress::Progress,
    provenance::Provenance,
    reading::{Reading, WindowChoice},
    scoring::{self, Group, Score},
};

/// Score every change of one base in regions or sequences: saturation mutagenesis
///
/// INPUT is BED (3 to 12 columns; needs REFERENCE), FASTA or FASTQ, told by content. Each base is
/// replaced by the three others, and each change has a row with the scores that `score-variants`
/// would give it. --fast takes the site scores of all changes from one pass for each strand.
#[derive(Debug, Args)]
pub struct MutagenesisArgs {
    /// Regions (BED) or sequences (FASTA, FASTQ), compressed or not; `-` is stdin
    input: PathBuf,
    #[command(flatten)]
    reference: ReferenceArgs,
    /// Score the changes by the model's predictions of the changed base alone (site), in the
    /// windows of --window tiled
    #[arg(long, conflicts_with_all = ["deletions", "scores", "downstream", "window"])]
    fast: bool,
    /// Take each base out, too (ALT is -)
    #[arg(long)]
    deletions: bool,
    /// Which scores to write; the first is that of --matrix and --plot [default: llr]
    #[arg(long, value_name = "SCORE,…", value_delimiter = ',')]
    scores: Vec<Group>,
    /// Also write a float32 matrix: a row for each base, a column each for A, C, G, T (and, with
    /// --deletions, nothing); 0 for the base itself, NaN for N. FILE.rows.tsv says what rows are
    #[arg(long, value_name = "FILE.npy")]
    matrix: Option<PathBuf>,
    /// Draw each region or sequence as heat map and sequence logo: PREFIX.1.svg, PREFIX.1.png, …
    #[arg(long, value_name = "PREFIX")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
///
/// # Errors
/// Inputs that cannot be read, regions that do not fit, an output that cannot be written.
pub fn run(args: &MutagenesisArgs, global: &Global, display: &Display) -> Result<i32> {
    let inputs = entries::inputs(&args.input, &args.reference)?;
    check_outputs(args)?;
    let named = args.model.load(display)?;
    let mut reading = args.reading.reading(&named)?;
    if args.fast {
        reading.window = WindowChoice::Tiled;
    }
    let (mut entries, meter) = Entries::open(&args.input, &args.reference)?;
    let cutter = match entries.reference_name() {
        Some(name) => cutter(&args.reading, reading, (name, entries.contigs()))?,
        // which sequences follow is not known yet
        None => Cutter::new(reading, &args.reading)?,
    };
    let first = entries.next()?;
    let provenance = provenance(args, &reading, &named, entries.reference_name());
    let groups = if args.scores.is_empty() { vec![Group::Llr] } else { args.scores.clone() };
    let scores = scoring::chosen(&groups);
    let asked = Asked::of(&scores, reading.downstream);
    let mut runner = args.model.runner(&named, global)?;
    let shape = Shape {
        numbers: match args.fast {
            true => FAST.to_vec(),
            false => scores.iter().map(|score| score.name).collect(),
        },
        main: main(&groups, &scores),
        regions: !entries.are_sequences(),
        deletions: args.deletions,
    };
    let paths = Paths {
        table: &args.output.output,
        matrix: args.matrix.as_deref(),
        plot: args.plot.as_deref(),
        inputs,
    };
    let provenance = (!args.output.no_header).then_some(&provenance);
    let progress = Progress::new(display, "bases", meter);
    let mut writer = Writer::create(&paths, &shape, provenance, progress)?;
    let reader = Reader {
        entries,
        cutter,
        options: Options { fast: args.fast, deletions: args.deletions },
        budget: args.model.chunk_tokens(&named, global),
    };
    let read = pipeline::run(
        move |feeder| reader.read(first, &feeder),
        |chunk| Ok(compute(chunk, &mut runner, &scores, asked)?),
        |parts| writer.take(parts),
    );
    let (entries, cutter) = read.map_err(|error| name_output(error, &args.output.output))?;
    let unknown = writer.unknown;
    writer.finish().map_err(|error| name_output(error.into(), &args.output.output))?;
    cutter.report();
    entries.report();
    if unknown > 0 {
        log::warn!("bases that are N, of which no change is scored: {unknown}");
    }
    Ok(exit::SUCCESS)
}

/// Which of these scores is that of the matrix and of pictures: the first of the group that was named
/// first.
fn main(groups: &[Group], scores: &[&Score]) -> usize {
    let named = scores.iter().position(|score| groups.first() == Some(&score.group));
    named.unwrap_or_default()
}

/// Refuses outputs that would be lost, mixed, or not what their name says.
fn check_outputs(args: &MutagenesisArgs) -> Result<()> {
    match suffix(&args.output.output).as_deref() {
        None | Some("tsv" | "txt" | "bed") => {}
        Some("npy") => bail!(Usage("-o is for the table; --matrix writes a .npy".into())),
        Some("svg" | "png") => bail!(Usage("-o is for the table; --plot draws".into())),
        Some(other) => bail!(Usage(format!(
            "the suffix .{other} of {} says no format; the table is .tsv",
            args.output.output.display()
        ))),
    }
    let Some(matrix) = &args.matrix else { return Ok(()) };
    let table = &args.output.output;
    if is_dash(matrix) && is_dash(table) {
        bail!(Usage("the table and --matrix cannot both go to stdout; give -o a file".into()));
    }
    if is_same(matrix, table) {
        bail!(Usage("-o and --matrix are the same file; give each its own".into()));
    }
    Ok(())
}

fn provenance(
    args: &MutagenesisArgs,
    reading: &Reading,
    named: &Named,
    reference: Option<&str>,
) -> Provenance {
    let provenance =
        Provenance::of_this_run().with("model", format!("{} sha256:{}", named.name, named.sha256));
    let provenance = match reference {
        Some(reference) => provenance.with("reference", reference),
        None => provenance,
    };
    args.reading.describe(reading, provenance)
}

//! `hyenadna bench`: speed of the network on this machine, and of attention in its place.

pub mod attention;
mod estimate;
mod hyena;
mod passes;
mod subject;
mod write;

use std::num::NonZero;

use anyhow::{Context, Result};
use clap::Args;
use tch::Device;

use self::{
    passes::Bench,
    subject::{BenchSubject, Mixer, Pass},
    write::row,
};
use super::output::{
    format::{Format, OfferedFormats},
    rows::{self, Head, OpenOutput},
};
use crate::{
    cli::{Global, io::OutputArgs},
    inference::memory,
    model::{libtorch, network::leaves::Precision, weights::LONGEST},
    process::{exit, provenance::Provenance},
};

/// Formats of the output.
static FORMATS: OfferedFormats = OfferedFormats {
    formats: &[(Format::Tsv, "A table"), (Format::Json, "An array of objects")],
    aliases: &[],
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Forward pass of 1,024 bases:
    hyenadna bench --lengths 1024
  Training step with attention, as JSON:
    hyenadna bench --mixer attention --step --lengths 256,512 -o bench.json";

/// Measure the speed of the network at several lengths
///
/// Draws random weights and bases, and times the forward pass (to the hidden states) or a training
/// step. Each length has one row: the median of several runs, after a first run that is not
/// counted. `tflop` counts the dense products only; `flops_fraction` is their rate as a share of the
/// rate of dense products alone on this device. `peak_bytes` is the peak memory of the process so
/// far, without that of a GPU.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct BenchArgs {
    /// Number of blocks
    #[arg(long, value_name = "N", default_value_t = 2)]
    layers: u32,
    /// Width of the residual stream
    #[arg(long, value_name = "N", default_value_t = 128)]
    width: u32,
    /// Lengths of the sequences, in bases; measured from the shortest to the longest
    #[arg(long, value_name = "L,…", value_delimiter = ',', default_value = "1024,8192,32768")]
    #[arg(value_parser = length)]
    lengths: Vec<u64>,
    /// Sequences in a pass
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    batch: u64,
    /// Operator that mixes the positions
    #[arg(long, value_name = "MIXER", default_value = "hyena")]
    mixer: Mixer,
    /// Time the loss and its gradient instead of the forward pass
    #[arg(long)]
    step: bool,
    /// Type of the matrix products
    #[arg(long, value_name = "TYPE", default_value = "fp32")]
    dtype: Precision,
    /// Number of runs to take the median of
    #[arg(long, value_name = "N", default_value = "5")]
    repeats: NonZero<u16>,
    #[command(flatten)]
    output: OutputArgs,
    /// Output format [default: that of the output file's suffix, else tsv]
    #[arg(long, value_name = "FORMAT", value_parser = FORMATS.parser())]
    format: Option<Format>,
}

/// A length from the command line.
fn length(text: &str) -> Result<u64, String> {
    let longest = (LONGEST - 2) as u64;
    let found = text.trim().parse().ok().filter(|n| (1..=longest).contains(n));
    found.ok_or_else(|| format!("expected a number of bases from 1 to {longest}"))
}

/// Runs the command.
///
/// # Errors
/// The network is impossible or does not fit into memory, or the output cannot be written.
pub fn run(args: &BenchArgs, global: &Global) -> Result<i32> {
    let format = FORMATS.choose(args.format, &args.output.output)?;
    let mut lengths = args.lengths.clone();
    lengths.sort_unstable();
    lengths.dedup();
    let longest = *lengths.last().context("clap demands a length")?;
    let mut subject = BenchSubject {
        mixer: args.mixer,
        pass: if args.step { Pass::Step } else { Pass::Forward },
        layers: args.layers.into(),
        width: args.width.into(),
        batch: args.batch,
        precision: args.dtype,
        device: Device::Cpu,
        threads: global.threads(),
    };
    subject.check(longest)?;
    libtorch::set_threads(subject.threads);
    subject.device = libtorch::devices::device(&global.device)?;
    let free = match subject.device {
        Device::Cuda(number) => libtorch::free_gpu_memory(number),
        _ => memory::free(),
    };
    libtorch::devices::use_tf32(subject.precision == Precision::Tf32, subject.device)?;
    estimate::check(&subject, longest, free)?;
    let output = OpenOutput::create(format, &args.output.output)?;
    measure(&subject, &lengths, free, args, output)?;
    Ok(exit::SUCCESS)
}

/// Times each length and writes its row.
fn measure(
    subject: &BenchSubject,
    lengths: &[u64],
    free: Option<usize>,
    args: &BenchArgs,
    output: OpenOutput,
) -> Result<()> {
    let products = passes::product_rate(subject).context("measuring matrix products")?;
    log::info!("matrix products alone: {:.3} TFLOP/s", products / 1e12);
    let longest = lengths.last().copied().unwrap_or(1);
    let bench = Bench::new(subject, longest, free).context("making the network")?;
    let provenance = Provenance::of_this_run();
    let (provenance, header) = (Some(&provenance), args.output.header());
    let columns = rows::columns(&write::KEYS);
    let mut rows =
        output.begin(Head { columns: &columns, provenance, header, ..Head::default() })?;
    for &length in lengths {
        log::info!("{}", estimate::in_words(subject, length, free));
        let seconds = bench
            .time(length, args.repeats.get().into())
            .with_context(|| format!("a pass over {} × {length} bases failed", subject.batch))?;
        rows.row(row(subject, length, seconds, products)[..].into())?;
        rows.flush()?;
    }
    rows::finish(rows, [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::output::rows::Cell;

    /// A forward pass of the paper's network on one thread.
    pub(super) fn subject() -> BenchSubject {
        BenchSubject {
            mixer: Mixer::Hyena,
            pass: Pass::Forward,
            layers: 2,
            width: 128,
            batch: 1,
            precision: Precision::Fp32,
            device: Device::Cpu,
            threads: 1,
        }
    }

    #[test]
    fn rates_follow_from_seconds() {
        let paper = BenchSubject { batch: 4, ..subject() };
        let row = row(&paper, 1000, 0.5, 1e12);
        let value = |key: &str| &row[write::KEYS.iter().position(|&k| k == key).unwrap()];
        let flop = estimate::flop(&paper, 1000);
        assert_eq!(*value("tokens_per_second"), Cell::Number(8000.0));
        assert_eq!(*value("tflop"), Cell::Number(flop / 1e12));
        assert_eq!(*value("flops_fraction"), Cell::Number(flop / 0.5 / 1e12));
        assert!(matches!(value("peak_bytes"), Cell::Integer(bytes) if *bytes > 1 << 20));
    }

    #[test]
    fn lengths_are_bases() {
        assert_eq!(length("1024"), Ok(1024));
        assert_eq!(length("16777214"), Ok(16_777_214));
        for wrong in ["0", "-1", "x", "", "1k", "16777215"] {
            assert!(length(wrong).unwrap_err().contains("from 1 to"), "{wrong}");
        }
    }
}

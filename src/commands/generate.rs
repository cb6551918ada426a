//! `hyenadna generate`: DNA that continues prompts.

mod prompts;
mod write;

use std::{
    num::NonZero,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use clap::Args;

use self::{
    prompts::{Prompt, Room},
    write::{Layout, Records, Title},
};
use super::{
    input::entries,
    output::{
        self,
        paths::{apart, apart_from},
        summary::{self, Counts, Summary},
    },
};
use crate::{
    cli::{
        Global,
        io::{EntryArgs, ReferenceArgs, SummaryArgs},
        model::ModelArgs,
        windows::name,
    },
    formats::{output::publish, sequences::fasta_writer::FastaWriter},
    inference::{
        draw::Draw,
        generation::{Generator, Settings, Start},
    },
    model::{libtorch::devices::DeviceChoice, weights::source::Named},
    process::{
        exit::{self, Usage},
        logging::Display,
        progress::Progress,
        provenance::Provenance,
    },
};

/// Examples in the help and on the manual page.
const EXAMPLES: &str = "\
Examples:
  Ten sequences of 500 bases without a prompt:
    hyenadna generate --length 500 --count 10 > generated.fa
  100 bases after a region, from the likelier bases:
    hyenadna generate genome.fa -r chr1:4001-4100 --length 100 --top-p 0.9 -o after.fa";

/// Generate DNA that continues a prompt
///
/// PROMPTS is FASTA or FASTQ, each sequence a prompt, or BED (needs REFERENCE), each region one, on the
/// strand in its column 6. Without PROMPTS, sequences begin from nothing. Each base is A, C, G or T, drawn from the model's prediction after
/// all bases before it. Writes FASTA: the new bases, with their log-likelihood and the settings in the
/// title. Computes on the CPU.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct GenerateArgs {
    /// Prompts: sequences (FASTA, FASTQ) or regions (BED), compressed or not; `-` is stdin. With --region
    /// the reference
    #[arg(id = "PROMPTS")]
    prompts: Option<PathBuf>,
    #[command(flatten)]
    reference: ReferenceArgs,
    /// Region of the reference as a prompt: chr1:101-200 (1-based, both ends included), chr1:101- or
    /// chr1; may be given several times
    #[arg(short = 'r', long, value_name = "REGION")]
    region: Vec<String>,
    /// Bases to generate after each prompt
    #[arg(short = 'n', long, value_name = "N")]
    length: NonZero<usize>,
    /// Sequences to generate after each prompt
    #[arg(long, value_name = "N", default_value = "1")]
    count: NonZero<u32>,
    /// Divisor of log-probabilities before the draw: below 1 likely bases are drawn more often
    #[arg(long, value_name = "T", default_value = "1", value_parser = temperature)]
    #[arg(allow_negative_numbers = true)]
    temperature: f64,
    /// Draw from the K most likely bases, 1 to 4; 1 takes the most likely base
    #[arg(long, value_name = "K", default_value = "4", value_parser = top_k)]
    #[arg(allow_negative_numbers = true)]
    top_k: usize,
    /// Draw from the fewest bases, the most likely first, whose probabilities add up to P, above 0 and at
    /// most 1
    #[arg(long, value_name = "P", default_value = "1", value_parser = top_p)]
    #[arg(allow_negative_numbers = true)]
    top_p: f64,
    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Write the prompt before the new bases
    #[arg(long)]
    with_prompt: bool,
    /// Write each line as soon as its bases are drawn; the log reports the log-likelihood, titles do not
    #[arg(long)]
    stream: bool,
    #[command(flatten)]
    model: ModelArgs,
    /// Output file (FASTA), which appears only when complete; the suffix .gz compresses it with bgzip
    /// [default: stdout]
    #[arg(short, long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    #[arg(help_heading = "Output")]
    output: PathBuf,
    #[command(flatten)]
    summary: SummaryArgs,
}

impl GenerateArgs {
    /// The prompts, if there are any.
    fn entries(&self) -> Option<EntryArgs> {
        if self.prompts.is_none() && self.region.is_empty() {
            return None;
        }
        let (reference, region) = (self.reference.clone(), self.region.clone());
        Some(EntryArgs::new(self.prompts.clone(), reference, region))
    }

    fn settings(&self) -> Settings {
        let &Self { temperature, top_k, top_p, seed, .. } = self;
        let draw = Draw { temperature, top_k, top_p };
        Settings { length: self.length.get(), draw, seed }
    }

    fn layout(&self) -> Layout {
        Layout { stream: self.stream, with_prompt: self.with_prompt }
    }
}

fn parsed(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "expected a number".to_owned())
}

fn temperature(text: &str) -> Result<f64, String> {
    match parsed(text)? {
        0.0 => Err("expected a number above 0; --top-k 1 takes the most likely base".into()),
        t if t > 0.0 && t.is_finite() => Ok(t),
        _ => Err("expected a finite number above 0".into()),
    }
}

fn top_k(text: &str) -> Result<usize, String> {
    let found = text.parse().ok().filter(|k| (1..=4).contains(k));
    found.ok_or_else(|| "expected 1 to 4, as there are four bases".into())
}

fn top_p(text: &str) -> Result<f64, String> {
    let found = Some(parsed(text)?).filter(|&p| p > 0.0 && p <= 1.0);
    found.ok_or_else(|| "expected a number above 0 and at most 1".into())
}

/// Runs the command.
///
/// # Errors
/// A prompt cannot be read or does not fit, the device is a GPU, or the output cannot be written.
pub fn run(args: &GenerateArgs, global: &Global, display: &Display) -> Result<i32> {
    let global = on_cpu(global)?;
    let entries = args.entries();
    if entries.is_none() && args.reference.named().is_some() {
        bail!(Usage(
            "a reference is for prompts that are regions, but there are none; name them by --region or as the first argument"
                .into()
        ));
    }
    if args.model.batch_tokens.is_some() {
        bail!(Usage(
            "generate computes a base of each sequence at once: --batch-tokens has no effect; leave it out"
                .into()
        ));
    }
    let inputs: Vec<&Path> = entries.as_ref().map_or(Ok(Vec::new()), entries::inputs)?;
    let outputs = summary::outputs(&args.output, &args.summary);
    apart(&outputs, &inputs)?;
    apart_from(&args.model, &outputs)?;
    let summary = Summary::create(&args.summary, "generate")?;
    let writer = FastaWriter::create(&args.output)?;
    let named = args.model.load(display)?;
    let settings = args.settings();
    let room =
        Room { context: named.weights.config.context().max(0) as usize, length: settings.length };
    let (prompts, reference) = match &entries {
        Some(entries) => prompts::read(entries, &room)?,
        None => (vec![Prompt::none(&room)?], None),
    };
    let provenance = provenance(args, &named, reference.as_deref());
    let engine = args.model.engine(&named, &global)?;
    let lengths: Vec<usize> = prompts.iter().map(|prompt| prompt.bases.len()).collect();
    let Some(generator) = Generator::new(&engine, settings, &lengths)? else { bail!(no_gpu()) };
    let at_once = generator.at_once();
    let count = u64::from(args.count.get());
    let total = prompts.len() as u64 * count * settings.length as u64;
    let progress = Progress::of_units(display, "base", total);
    let title = write::settings(&settings, &named, &args.model);
    let mut records = Records::new(writer, title, args.layout(), progress);
    let mut copies = (0..).zip(&prompts).flat_map(|(of, prompt)| {
        (0..count).map(move |copy| {
            let start = Start { prompt: &prompt.bases, number: of << 32 | copy };
            (Title { prompt, copy }, start)
        })
    });
    loop {
        let (titles, starts): (Vec<_>, Vec<_>) = copies.by_ref().take(at_once).unzip();
        if starts.is_empty() {
            break;
        }
        let mut batch = generator.start(&starts)?;
        records.take(&titles, &batch)?;
        while !batch.is_complete() {
            batch.advance(records.room())?;
            records.take(&titles, &batch)?;
        }
    }
    let counts = Counts::default()
        .total("records", entries.as_ref().map_or(0, |_| prompts.len() as u64))
        .total("bases", total)
        .status("ok", prompts.len() as u64 * count);
    let summary = summary.complete(&provenance, counts)?;
    publish([records.finish()?].into_iter().chain(summary))?;
    Ok(exit::SUCCESS)
}

/// The options of every command with the CPU as the device.
fn on_cpu(global: &Global) -> Result<Global, Usage> {
    match global.device {
        DeviceChoice::Auto | DeviceChoice::Cpu => {
            Ok(Global { device: DeviceChoice::Cpu, ..global.clone() })
        }
        _ => Err(no_gpu()),
    }
}

fn no_gpu() -> Usage {
    Usage("generate computes on the CPU only; use --device cpu, or leave --device out".into())
}

fn provenance(args: &GenerateArgs, named: &Named, reference: Option<&str>) -> Provenance {
    let Settings { length, draw, seed } = args.settings();
    output::provenance(&args.model, named, reference)
        .with("length", length.to_string())
        .with("count", args.count.to_string())
        .with("temperature", draw.temperature.to_string())
        .with("top_k", draw.top_k.to_string())
        .with("top_p", draw.top_p.to_string())
        .with("seed", seed.to_string())
        .with("dtype", name(args.model.dtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_refused() {
        assert_eq!((temperature("0.5"), top_k("4"), top_p("1")), (Ok(0.5), Ok(4), Ok(1.0)));
        for text in ["0", "0.0", "-0", "-1", "NaN", "inf", "x", ""] {
            assert!(temperature(text).is_err(), "{text}");
        }
        assert!(temperature("0").unwrap_err().contains("--top-k 1"));
        for text in ["0", "5", "-1", "1.5", ""] {
            assert!(top_k(text).is_err(), "{text}");
        }
        for text in ["0", "-0.5", "1.001", "NaN", "inf", ""] {
            assert!(top_p(text).is_err(), "{text}");
        }
    }
}

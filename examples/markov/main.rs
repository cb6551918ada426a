//! A yardstick for language models of DNA: how well the few bases before predict the next one.
//!
//! ```sh
//! cargo run --release --example markov -- --train a.fa.gz --train b.fa.gz \
//!     --intervals split.bed --order 10 > markov.tsv
//! ```
//!
//! Counts the train intervals on both strands for every context of up to `--order` bases, and
//! mixes the orders (see `smoothing`). Then predicts the valid intervals in windows that do not
//! overlap, with no context from before the window, as a model that is given the window would. The
//! first base of a window has no context and is not counted; neither is N.
//!
//! The table on stdout has a line for each order and stretch of the window: bits a base, where a
//! model that knows nothing has 2.

mod counts;
mod evaluate;
mod smoothing;

use std::{collections::HashSet, io::Write, path::PathBuf};

use anyhow::{Context, ensure};
use clap::Parser;
use hyenadna::{
    formats::reference::Cache,
    genome::region::Strand,
    model::tokenizer::Tokenizer,
    sampling::{Genome, GenomeFile, Interval, Rest, SplitBy, Splits, Tiles, fetch},
};

use counts::Counts;

/// Bases of a block of the train intervals; contexts do not reach from one into the next.
const BLOCK: u64 = 100_000;
/// Every so many blocks one is kept apart at first, to choose how the orders are mixed.
const KEPT_APART: usize = 10;

#[derive(Parser)]
struct Args {
    /// FASTA file; contigs that the BED files do not name are trained on as a whole
    #[arg(long, required = true)]
    train: Vec<PathBuf>,
    /// BED file with train, valid or test in column 4
    #[arg(long, required = true)]
    intervals: Vec<PathBuf>,
    /// The longest context, in bases
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=13))]
    order: u8,
    /// How often the shorter context counts as seen, the same for every order; without it the best
    /// for each is found on blocks that are left out of the counts
    #[arg(long)]
    pseudocount: Option<f64>,
    /// Bases of a window
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u64).range(2..))]
    window: u64,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    ensure!(
        args.pseudocount.is_none_or(|a| a.is_finite() && a > 0.0),
        "--pseudocount must be above 0"
    );
    let order = usize::from(args.order);
    let files: Vec<_> =
        args.train.into_iter().map(|path| GenomeFile { path, weight: None }).collect();
    let mut genomes = Genome::open(&files, false, Cache::default())?;
    let mut splits =
        Splits::new(&mut genomes, &SplitBy::Bed { paths: args.intervals, in_turn: false })?;
    let others = unnamed(&genomes, &splits);
    splits.train.extend(others);
    ensure!(!splits.valid.is_empty(), "no line of the BED files says valid");

    let (mut fitted, mut apart) = (Counts::new(order), Counts::new(order));
    let mut held_out = Vec::new();
    for (number, block) in splits.train.iter().flat_map(blocks).enumerate() {
        let forward = tokens(&mut genomes, &block, Strand::Forward)?;
        let keep = number % KEPT_APART == KEPT_APART - 1;
        let counts = if keep { &mut apart } else { &mut fitted };
        counts.add(&forward);
        counts.add(&tokens(&mut genomes, &block, Strand::Reverse)?);
        if keep {
            held_out.push(forward);
        }
    }
    fitted.complete();
    let smoothing = match args.pseudocount {
        Some(a) => vec![a; order + 1],
        None => smoothing::choose(&fitted, &held_out),
    };
    eprintln!("pseudocounts of orders 0 to {order}: {smoothing:?}");
    apart.complete();
    fitted.merge(&apart);

    let mut table = evaluate::Table::new(order, args.window);
    for window in Tiles::new(&splits.valid, args.window, None, Rest::Skipped) {
        let window = tokens(&mut genomes, &window, Strand::Forward)?;
        table.add(&window, &fitted, &smoothing);
    }
    let mut output = std::io::stdout().lock();
    table.write(&mut output).and_then(|()| output.flush()).context("cannot write to stdout")
}

/// Contigs of which no interval is named, as a whole.
fn unnamed(genomes: &[Genome], splits: &Splits) -> Vec<Interval> {
    let named: HashSet<_> = [&splits.train, &splits.valid, &splits.test]
        .into_iter()
        .flatten()
        .map(|interval| (interval.genome, interval.contig))
        .collect();
    let contigs = genomes.iter().enumerate().flat_map(|(genome, opened)| {
        let contigs = opened.reference.contigs().iter().enumerate();
        contigs.map(move |(contig, found)| Interval { genome, contig, range: 0..found.length })
    });
    contigs.filter(|all| !named.contains(&(all.genome, all.contig)) && !all.is_empty()).collect()
}

fn blocks(interval: &Interval) -> impl Iterator<Item = Interval> {
    let (interval, end) = (interval.clone(), interval.range.end);
    interval.range.clone().step_by(BLOCK as usize).map(move |start| {
        let range = start..end.min(start + BLOCK);
        Interval { range, ..interval.clone() }
    })
}

fn tokens(genomes: &mut [Genome], interval: &Interval, strand: Strand) -> anyhow::Result<Vec<u8>> {
    let mut bases = Vec::new();
    fetch::append(genomes, interval, strand, &mut bases)?;
    let tokenizer = Tokenizer::default();
    Ok(bases.into_iter().map(|base| tokenizer.token(base)).collect())
}

//! Three ways to generate a sequence, side by side: `relaxed`, that of `hyenadna generate`; `direct`, a
//! sum over the whole history for each base, whose cost is n²; and `naive`, a whole forward pass for each
//! base.
//!
//! `cargo run --release --example generation -- LAYERS WIDTH COUNT SCHEME LENGTH…`: for each length of
//! COUNT sequences without a prompt, by a model of random weights, the seconds with all filters, the bases
//! a second of all sequences, and the slope: the logarithm of the seconds by that of the length, from the
//! length before. Threads are those of RAYON_NUM_THREADS.
#![allow(clippy::print_stdout, reason = "a program whose output is its table")]

use std::{error::Error, time::Instant};

use hyenadna::{
    chance::{Purpose, RandomStream},
    inference::{
        computed::Limits,
        draw::Draw,
        engine::Engine,
        family::Family,
        generation::{Generator, Settings, Start},
        predict::LETTERS,
    },
    model::{
        config::Config,
        cpu::{Depth, relaxed::BLOCK},
        libtorch,
        network::{HyenaDna, leaves::Precision},
        tokenizer::{Tokenizer, log_probability},
        weights::{Weights, source},
    },
};
use tch::Device;

const USAGE: &str = "LAYERS WIDTH COUNT relaxed|direct|naive LENGTH…";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [layers, width, count, scheme, lengths @ ..] = &arguments[..] else {
        return Err(USAGE.into());
    };
    let [layers, width, count] = [layers, width, count].map(|text| text.parse::<usize>());
    let [layers, width, count] = [layers?, width?, count?];
    let lengths: Vec<usize> = lengths.iter().map(|n| n.parse()).collect::<Result<_, _>>()?;
    let longest = lengths.iter().max().ok_or(USAGE)?;
    libtorch::keep_freed_memory();
    let mut engine = engine(layers as i64, width as i64, *longest as i64)?;
    println!("#layers\twidth\tcount\tthreads\tscheme\tlength\tseconds\tbases_per_second\tslope");
    let mut before: Option<(f64, f64)> = None;
    for length in lengths {
        let started = Instant::now();
        match scheme.as_str() {
            "relaxed" => by_steps(&engine, count, length, BLOCK)?,
            "direct" => by_steps(&engine, count, length, length.next_power_of_two())?,
            "naive" => {
                for number in 0..count {
                    by_passes(&mut engine, length, number as u64)?;
                }
            }
            _ => return Err(USAGE.into()),
        }
        let (seconds, n) = (started.elapsed().as_secs_f64(), length as f64);
        let slope = before.map_or(".".to_owned(), |(time, length)| {
            format!("{:.2}", (seconds / time).ln() / (n / length).ln())
        });
        let rate = count as f64 * n / seconds;
        let threads = engine.threads();
        println!(
            "{layers}\t{width}\t{count}\t{threads}\t{scheme}\t{length}\t{seconds:.3}\t{rate:.0}\t{slope}"
        );
        before = Some((seconds, n));
    }
    Ok(())
}

/// A model of random weights.
fn engine(n_layer: i64, width: i64, longest: i64) -> Result<Engine, Box<dyn Error>> {
    let base = source::builtin()?.weights.config;
    let l_max = longest + 2;
    let config =
        Config { d_model: width, d_inner: 4 * width, n_layer: n_layer as _, l_max, ..base };
    let network = HyenaDna::new(&Weights::initial(&config, 0), Device::Cpu)?;
    let (threads, precision) = (rayon::current_num_threads(), Precision::Fp32);
    let limits = Limits { batch_tokens: 2048, threads, cache_bytes: 1 << 30, precision };
    Ok(Engine::new(network, Device::Cpu, Tokenizer::default(), limits)?)
}

/// Generates sequences step by step, in blocks of `block` positions.
fn by_steps(
    engine: &Engine,
    count: usize,
    length: usize,
    block: usize,
) -> Result<(), Box<dyn Error>> {
    let settings = Settings { length, draw: ALL, seed: 0 };
    let generator = Generator::with_block(engine, settings, &[0], block)?.ok_or("no CPU")?;
    let starts: Vec<Start<'_>> =
        (0..count as u64).map(|number| Start { prompt: &[], number }).collect();
    let mut batch = generator.start(&starts)?;
    batch.advance(length)?;
    Ok(())
}

const ALL: Draw = Draw { temperature: 1.0, top_k: 4, top_p: 1.0 };

/// Generates a sequence by a whole pass for each base.
fn by_passes(engine: &mut Engine, length: usize, number: u64) -> Result<(), Box<dyn Error>> {
    let mut chance = RandomStream::new(0, Purpose::Generation, number);
    let mut bases = vec![LETTERS[ALL.base([0.0; 4], &mut chance)]];
    while bases.len() < length {
        let last = bases.len() - 1..bases.len();
        let families = [Family::alone(&bases)];
        let rows = engine.each_family(&families, Depth::Predictions, |_, computed| {
            let row = computed.predictions(0, last.clone());
            LETTERS.map(|base| log_probability(row, base).unwrap_or(f64::NEG_INFINITY))
        })?;
        bases.push(LETTERS[ALL.base(rows[0], &mut chance)]);
    }
    Ok(())
}

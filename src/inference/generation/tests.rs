use tch::Device;

use super::*;
use crate::{
    inference::{computed::Limits, family::Family},
    model::{
        config::Config,
        cpu::Depth,
        libtorch,
        network::{HyenaDna, leaves::Precision},
        tokenizer::NToken,
        weights::{Weights, host::HostTensor, source},
    },
};

const ALL: Draw = Draw { temperature: 1.0, top_k: 4, top_p: 1.0 };

/// An engine of random weights, of which every one counts.
fn engine(width: i64, threads: usize, precision: Precision) -> Engine {
    let base = source::builtin().unwrap().weights.config;
    let config = Config { d_model: width, d_inner: 4 * width, n_layer: 2, l_max: 502, ..base };
    let mut weights = Weights::initial(&config, 7);
    for (i, tensor) in weights.tensors.values_mut().enumerate() {
        for (j, x) in tensor.data.iter_mut().enumerate() {
            *x += ((i * 37 + j * 101) % 17) as f32 / 170.0 - 0.05;
        }
    }
    of(&weights, threads, precision)
}

fn of(weights: &Weights, threads: usize, precision: Precision) -> Engine {
    let network = HyenaDna::new(weights, Device::Cpu).unwrap();
    let limits = Limits { batch_tokens: 256, threads, cache_bytes: 1 << 24, precision };
    Engine::new(network, Device::Cpu, Tokenizer::new(NToken::N), limits).unwrap()
}

fn dna(length: usize) -> Vec<u8> {
    (0..length).map(|i| b"ACGTN"[i * i * 7 % 11 % 5]).collect()
}

/// What one loop over whole passes generates: bases, and log P of A, C, G and T before each.
fn naive(engine: &mut Engine, start: Start<'_>, settings: Settings) -> (Vec<u8>, Vec<[f64; 4]>) {
    let mut chance = RandomStream::new(settings.seed, Purpose::Generation, start.number);
    let (mut bases, mut rows) = (start.prompt.to_vec(), Vec::new());
    if bases.is_empty() {
        bases.push(LETTERS[ALL.base([0.0; 4], &mut chance)]);
    }
    while bases.len() < start.prompt.len() + settings.length {
        let families = [Family::alone(&bases)];
        let row = engine.each_family(&families, Depth::Predictions, |_, computed| {
            let row = computed.predictions(0, bases.len() - 1..bases.len());
            LETTERS.map(|base| tokenizer::log_probability(row, base).unwrap())
        });
        let row = row.unwrap().remove(0);
        bases.push(LETTERS[settings.draw.base(row, &mut chance)]);
        rows.push(row);
    }
    (bases.split_off(start.prompt.len()), rows)
}

/// Generates in pieces of `piece` bases.
fn generate(
    engine: &Engine,
    starts: &[Start<'_>],
    settings: Settings,
    block: usize,
    piece: usize,
) -> Vec<(Vec<u8>, f64)> {
    let prompts: Vec<usize> = starts.iter().map(|start| start.prompt.len()).collect();
    let generator = Generator::with_block(engine, settings, &prompts, block).unwrap().unwrap();
    let mut batch = generator.start(starts).unwrap();
    for _ in 0..settings.length.div_ceil(piece) {
        batch.advance(piece).unwrap();
    }
    batch.sequences().map(|made| (made.bases.clone(), made.log_likelihood)).collect()
}

/// The same bases as one loop over whole passes, whatever the settings, the prompt and the block are.
#[test]
fn equals_the_naive_loop() {
    let cases = [
        (dna(0), 300, ALL, 32),
        (dna(1), 100, ALL, 2),
        (dna(2), 65, Draw { temperature: 0.7, ..ALL }, 16),
        (dna(33), 129, Draw { top_k: 2, ..ALL }, 512),
        (dna(200), 300, Draw { top_p: 0.8, ..ALL }, 32),
        (dna(7), 1, ALL, 32),
        (dna(0), 1, ALL, 32),
        (dna(499), 1, ALL, 32),
        (dna(0), 64, Draw { top_k: 1, ..ALL }, 4),
    ];
    for width in [40, 128] {
        let mut engine = engine(width, 1, Precision::Fp32);
        for (number, (prompt, length, draw, block)) in cases.iter().enumerate() {
            let settings = Settings { length: *length, draw: *draw, seed: 5 };
            let start = Start { prompt, number: number as u64 };
            let (want, rows) = naive(&mut engine, start, settings);
            let made = generate(&engine, &[start], settings, *block, 50).remove(0);
            assert_eq!(made.0.len(), *length);
            assert!(made.0 == want, "width {width}, case {number}: other bases");
            let first = usize::from(prompt.is_empty());
            let base = |base: &u8| LETTERS.iter().position(|letter| letter == base).unwrap();
            let want: f64 = want[first..].iter().zip(&rows).map(|(b, row)| row[base(b)]).sum();
            let error = (made.1 - want).abs();
            assert!(error < 1e-5 * *length as f64, "case {number}: {} {want}", made.1);
        }
    }
}

/// A sequence does not depend on those beside it, on threads, or on the pieces in which it is made.
#[test]
fn sequences_do_not_depend_on_each_other() {
    let (one, two) = (dna(20), dna(45));
    let starts: Vec<Start<'_>> = (0..37)
        .map(|number| Start { prompt: [&one, &two, &[][..]][number as usize / 13], number })
        .collect();
    let settings = Settings { length: 80, draw: ALL, seed: 1 };
    for (width, threads, precision) in
        [(32, 2, Precision::Fp32), (64, 2, Precision::Bf16), (256, 4, Precision::Fp32)]
    {
        let engine_of = |threads| engine(width, threads, precision);
        // as a command does, before it makes an engine
        libtorch::set_threads(threads);
        let all = generate(&engine_of(threads), &starts, settings, BLOCK, 7);
        libtorch::set_threads(1);
        let single = engine_of(1);
        for number in [0, 12, 13, 25, 26, 36] {
            let alone = generate(&single, &starts[number..=number], settings, BLOCK, 80);
            assert_eq!(alone[0], all[number], "width {width}, {precision:?}, {number}");
        }
        let mut different: Vec<&Vec<u8>> = all.iter().map(|(bases, _)| bases).collect();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), all.len(), "each has random numbers of its own");
        let other = generate(&single, &starts[..1], Settings { seed: 2, ..settings }, BLOCK, 80);
        assert_ne!(other[0].0, all[0].0);
    }
}

/// Bases follow the vectors and the demonstrations of a head, which predict the first base too.
#[test]
fn bases_follow_the_prompt_of_a_head() {
    let base = source::builtin().unwrap().weights;
    let width = base.config.d_model as usize;
    let data = (0..5 * width).map(|i| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0).collect();
    let prompt = HostTensor { shape: vec![5, width], data };
    let network = HyenaDna::new(&base, Device::Cpu).unwrap().with_prompt(&prompt).unwrap();
    let limits =
        Limits { batch_tokens: 256, threads: 1, cache_bytes: 0, precision: Precision::Fp32 };
    let mut engine = Engine::new(network, Device::Cpu, Tokenizer::default(), limits).unwrap();
    let settings = Settings { length: 60, draw: ALL, seed: 5 };
    let bases = dna(9);
    let start = Start { prompt: &bases, number: 0 };
    let (want, _) = naive(&mut engine, start, settings);
    assert!(generate(&engine, &[start], settings, 16, 60)[0].0 == want);
    let alone = Start { prompt: &[], number: 1 };
    let generator = Generator::new(&engine, settings, &[0]).unwrap().unwrap();
    let batch = generator.start(&[alone]).unwrap();
    assert_eq!(batch.sequences().next().unwrap().predicted, 1);
}

/// Products of type bf16 are those of a pass of that type.
#[test]
fn bf16_equals_its_naive_loop() {
    let mut half = engine(64, 1, Precision::Bf16);
    let prompt = dna(30);
    let settings = Settings { length: 70, draw: Draw { top_k: 2, ..ALL }, seed: 3 };
    let start = Start { prompt: &prompt, number: 0 };
    let (want, _) = naive(&mut half, start, settings);
    let made = generate(&half, &[start], settings, BLOCK, 70).remove(0);
    let same = made.0.iter().zip(&want).take_while(|(a, b)| a == b).count();
    assert!(same >= 20, "only the first {same} bases are the same");
}

/// The built-in model up to its whole context.
#[test]
fn the_built_in_model_fills_its_context() {
    let weights = source::builtin().unwrap().weights;
    let engine = of(&weights, 2, Precision::Fp32);
    let settings = Settings { length: 1004, draw: ALL, seed: 0 };
    let prompt = dna(20);
    let starts = [0, 1].map(|number| Start { prompt: &prompt, number });
    let relaxed = generate(&engine, &starts, settings, BLOCK, 1004);
    let direct = generate(&engine, &starts, settings, 1024, 1004);
    for (relaxed, direct) in relaxed.iter().zip(&direct) {
        assert!(relaxed.0 == direct.0, "transforms and sums give the same bases");
        assert!((relaxed.1 - direct.1).abs() < 1e-2, "{} {}", relaxed.1, direct.1);
    }
    let generator = Generator::new(&engine, settings, &[20]).unwrap().unwrap();
    assert!((1..=32).contains(&generator.at_once()));
    let long = dna(21);
    let error = generator.start(&[Start { prompt: &long, number: 0 }]).err().unwrap();
    assert!(matches!(error, EngineError::TooLong { length: 1025, limit: 1024 }), "{error}");
}

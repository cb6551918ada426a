//! The code for GPUs, run on the CPU, against the engine for CPUs.

use std::num::NonZeroUsize;

use proptest::prelude::*;

use super::*;
use crate::{
    inference::{
        compare::{CompareOptions, Comparisons, WindowGroup},
        computed::Computed,
        embedding::EmbeddingJob,
        engine::Engine,
        family::Branch,
        predict::{PredictionJob, predict},
        reduction::{
            AllRows,
            bases::{ReadBase, ReadBases},
            pools::Pools,
        },
    },
    model::{
        config::Config,
        libtorch::memory::watched,
        network::leaves::Precision,
        pool::{Pool, Stretch},
        weights::{Weights, host::HostTensor, source},
    },
    scoring::Comparison,
    windows::placement::{Alternative, Site},
};

const LIMITS: Limits =
    Limits { batch_tokens: 512, threads: 2, cache_bytes: 1 << 20, precision: Precision::Fp32 };

fn builtin() -> HyenaDna {
    HyenaDna::new(&source::builtin().unwrap().weights, Device::Cpu).unwrap()
}

fn gpu(model: HyenaDna) -> Gpu {
    Gpu::new(model, Device::Cpu, LIMITS)
}

fn cpu(model: HyenaDna) -> Engine {
    Engine::new(model, Device::Cpu, Tokenizer::default(), LIMITS).unwrap()
}

/// What a reduction takes of families at some depths, on both.
fn both<R: Reduction>(
    model: &HyenaDna,
    families: &[Family<'_>],
    depths: &[Depth],
    reduction: &R,
) -> [Vec<Vec<R::Output>>; 2] {
    let _no_grad = tch::no_grad_guard();
    let found = gpu(model.clone()).each_depth(families, Tokenizer::default(), depths, reduction);
    let wanted = cpu(model.clone()).reduce(families, depths, reduction);
    let both = [found.unwrap(), wanted.unwrap()];
    for of_families in &both {
        assert_eq!(of_families.len(), families.len());
        assert!(of_families.iter().all(|of_depths| of_depths.len() == depths.len()));
    }
    both
}

fn bases(length: usize, seed: usize) -> Vec<u8> {
    (0..length).map(|i| b"ACGTN"[(i * i * 7 + seed * 13 + i * seed) % 11 % 5]).collect()
}

fn close(got: f64, want: f64, tolerance: f64) -> bool {
    (got - want).abs() <= tolerance * (1.0 + want.abs()) || (got.is_nan() && want.is_nan())
}

#[test]
fn all_rows_equal_those_of_the_cpu() {
    let value = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
    let prompt = HostTensor { shape: vec![37, 128], data: (0..37 * 128).map(value).collect() };
    let (without, with) = (all_rows(builtin()), all_rows(builtin().with_prompt(&prompt).unwrap()));
    assert_eq!(without.len(), with.len());
    assert!(without != with);
}

/// Compares all rows of some families, and gives them.
fn all_rows(model: HyenaDna) -> Vec<f32> {
    let bases = bases(400, 1);
    let families = [
        Family::alone(&bases[..33]),
        Family {
            bases: &bases,
            branches: vec![
                Branch { from: 200, bases: &bases[..200] },
                Branch { from: 0, bases: &bases[7..90] },
                Branch { from: 400, bases: &[] },
            ],
        },
        Family::alone(&[]),
    ];
    let depths = [Depth::Blocks(1), Depth::Predictions];
    // everything that both compute, position by position
    let take = |number: usize, depth: usize, computed: &Computed<'_>| {
        let branches = &families[number].branches;
        let ranges = std::iter::once(0..families[number].bases.len())
            .chain(branches.iter().map(|b| b.from..b.from + b.bases.len()));
        let of = |(i, positions): (usize, std::ops::Range<usize>)| {
            let hidden = computed.hidden(i, positions.clone());
            match depths[depth] {
                Depth::Predictions => [hidden, computed.predictions(i, positions)].concat(),
                _ => hidden.to_vec(),
            }
        };
        ranges.enumerate().map(of).collect::<Vec<_>>()
    };
    let [found, wanted] = both(&model, &families, &depths, &AllRows::new(take, 128, 16));
    assert_eq!(found.len(), 3);
    for (found, wanted) in found.iter().flatten().flatten().zip(wanted.iter().flatten().flatten()) {
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(close((*found).into(), (*wanted).into(), 1e-4), "{found} {wanted}");
        }
    }
    assert_eq!(found[2], [[Vec::<f32>::new()], [Vec::new()]]);
    assert!(wanted[1][1][0].len() > wanted[1][0][0].len(), "block 1 has no predictions");
    found.into_iter().flatten().flatten().flatten().collect()
}

/// An alternative of a window of so many bases.
fn alternative(length: usize) -> impl Strategy<Value = Alternative> {
    (0..=length, 0_usize..6, 0_usize..6, 0_usize..4, any::<u8>()).prop_flat_map(
        move |(from, removed, added, before, seed)| {
            (0..=length - from).prop_map(move |count| Alternative {
                from,
                bases: bases(count, seed.into()),
                site: Site {
                    reference: (from + before).min(length),
                    removed,
                    alternative: from + before.min(count),
                    added,
                },
            })
        },
    )
}

fn numbers(comparison: &Comparison) -> Vec<f64> {
    let Comparison { llr, site, embedding, shift, certainty } = comparison;
    let mut numbers = vec![*llr, *site];
    numbers.extend(embedding.iter().flat_map(|e| [e.l2, e.cosine, e.inner]));
    numbers.extend(shift.iter().flat_map(|s| [s.sum, s.largest.map_or(-1.0, |l| l.divergence)]));
    numbers.extend(certainty.iter().flat_map(|c| [c.site.unwrap_or(-1.0), c.change]));
    numbers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn comparisons_equal_those_of_the_cpu(
        windows in prop::collection::vec(
            (1_usize..150).prop_flat_map(|n| (Just(n), prop::collection::vec(alternative(n), 0..4))),
            1..4,
        ),
        downstream in prop::option::of(0_u64..40),
        shift in any::<bool>(),
        certainty in any::<bool>(),
    ) {
        let sequences: Vec<Vec<u8>> =
            windows.iter().enumerate().map(|(i, (length, _))| bases(*length, i)).collect();
        let groups: Vec<WindowGroup<'_>> = sequences.iter().zip(&windows).map(|(bases, window)| {
            WindowGroup { bases, alternatives: window.1.iter().collect() }
        }).collect();
        let families: Vec<Family<'_>> = groups.iter().map(WindowGroup::family).collect();
        let options = CompareOptions { downstream, shift, certainty };
        let reduction = Comparisons { groups: &groups, options };
        let [found, wanted] = both(&builtin(), &families, &[Depth::Predictions], &reduction);
        for (found, wanted) in found.iter().flatten().zip(wanted.iter().flatten()) {
            prop_assert_eq!(found.len(), wanted.len());
            for (found, wanted) in found.iter().zip(wanted) {
                prop_assert_eq!(numbers(found).len(), numbers(wanted).len());
                for (got, want) in numbers(found).into_iter().zip(numbers(wanted)) {
                    prop_assert!(close(got, want, 2e-4), "{found:?} {wanted:?}");
                }
                let largest = |c: &Comparison| c.shift.and_then(|shift| shift.largest);
                if let (Some(got), Some(want)) = (largest(found), largest(wanted))
                    && want.divergence > 1e-3
                {
                    prop_assert_eq!(got.distance, want.distance);
                }
            }
        }
    }

    #[test]
    fn pooled_rows_equal_those_of_the_cpu(
        jobs in prop::collection::vec((1_usize..300, 0_usize..300, 1_usize..300, 0_usize..50), 1..6),
        bins in 1_usize..9,
    ) {
        let jobs: Vec<EmbeddingJob> = jobs.into_iter().enumerate().map(|(i, (n, start, count, before))| {
            let start = start.min(n - 1);
            let pooled = start..(start + count).min(n);
            let whole = before + pooled.len() + i;
            EmbeddingJob { bases: bases(n, i), pooled, stretch: Stretch { before, whole } }
        }).collect();
        let families: Vec<Family<'_>> = jobs.iter().map(|job| Family::alone(&job.bases)).collect();
        let bins = Pool::Bins(NonZeroUsize::new(bins).unwrap());
        let pools = [Pool::Mean, Pool::Max, Pool::First, Pool::Last, bins, Pool::None];
        let reduction = Pools { jobs: &jobs, pools: &pools, width: 128 };
        let depths = [Depth::Blocks(0), Depth::Blocks(1), Depth::Hidden];
        let [found, wanted] = both(&builtin(), &families, &depths, &reduction);
        for (found, wanted) in found.iter().flatten().zip(wanted.iter().flatten()) {
            prop_assert_eq!((found.len(), wanted.len()), (pools.len(), pools.len()));
        }
        for (found, wanted) in found.iter().flatten().flatten().zip(wanted.iter().flatten().flatten()) {
            prop_assert_eq!(&found.bases, &wanted.bases);
            prop_assert_eq!(found.values.len(), wanted.values.len());
            for (&got, &want) in found.values.iter().zip(&wanted.values) {
                prop_assert!(close(got.into(), want.into(), 1e-4), "{got} {want}");
            }
        }
    }
}

#[test]
fn predictions_of_bases_equal_those_of_the_cpu() {
    let jobs: Vec<PredictionJob> = [(300, 0..300), (1, 0..1), (64, 10..20), (90, 0..90)]
        .into_iter()
        .enumerate()
        .map(|(i, (length, counted))| PredictionJob { bases: bases(length, i), counted })
        .collect();
    let tokenizer = Tokenizer::default();
    let mut on_gpu = Engine::by_operators(builtin(), Device::Cpu, tokenizer, LIMITS).unwrap();
    let found = predict(&mut on_gpu, &jobs).unwrap();
    let wanted = predict(&mut cpu(builtin()), &jobs).unwrap();
    let lengths = |of: &[Vec<_>]| of.iter().map(Vec::len).collect::<Vec<usize>>();
    assert_eq!((lengths(&found), lengths(&wanted)), (vec![300, 1, 10, 90], vec![300, 1, 10, 90]));
    for (found, wanted) in found.iter().flatten().zip(wanted.iter().flatten()) {
        assert_eq!(found.is_some(), wanted.is_some());
        let (Some(found), Some(wanted)) = (found, wanted) else { continue };
        assert!(close(found.log_probability, wanted.log_probability, 1e-4));
        assert!(close(found.entropy, wanted.entropy, 1e-4));
        for (got, want) in found.probabilities.iter().zip(wanted.probabilities) {
            assert!(close(*got, want, 1e-4));
        }
    }
}

#[test]
fn log_probabilities_equal_those_of_the_cpu() {
    let sequence = bases(200, 3);
    let other = bases(60, 4);
    let branches = vec![Branch { from: 120, bases: &other }];
    let families = [Family::alone(&sequence[..50]), Family { bases: &sequence, branches }];
    let of = |number: usize| {
        let known = |member: usize, first: usize, bases: &[u8]| {
            let read = |(i, &base): (usize, &u8)| ReadBase { member, position: first + i, base };
            bases.iter().enumerate().map(read).filter(|r| r.base != b'N').collect::<Vec<_>>()
        };
        match number {
            0 => known(0, 1, &sequence[1..50]),
            _ => [known(0, 1, &sequence[1..]), known(1, 121, &other[1..])].concat(),
        }
    };
    let reduction = ReadBases { of, tokenizer: Tokenizer::default() };
    let [found, wanted] = both(&builtin(), &families, &[Depth::Predictions], &reduction);
    assert_eq!(found[1][0].len(), wanted[1][0].len());
    for (got, want) in found.iter().flatten().flatten().zip(wanted.iter().flatten().flatten()) {
        assert!(close(*got, *want, 1e-4), "{got} {want}");
    }
}

/// Hidden states after a prompt are those of a text whose tokens have the same vectors.
#[test]
fn a_prompt_of_known_vectors_equals_their_bases() {
    let weights = source::builtin().unwrap().weights;
    let embedding = &weights.tensors[crate::model::weights::names::EMBEDDING];
    let bases: Vec<u8> = (0..90_usize).map(|i| b"ACGT"[i * i * 7 % 11 % 4]).collect();
    let (start, rest) = bases.split_at(20);
    let row = |base: &u8| {
        let first = 128 * usize::from(Tokenizer::default().token(*base));
        &embedding.data[first..first + 128]
    };
    let data = start.iter().flat_map(row).copied().collect();
    let prompt = HostTensor { shape: vec![20, 128], data };
    let hidden = |model: HyenaDna, bases: &[u8], from: usize| {
        let mut engine = cpu(model);
        let room = engine.longest();
        let take =
            |_: usize, computed: &Computed<'_>| computed.hidden(0, from..bases.len()).to_vec();
        let found = engine.each_family(&[Family::alone(bases)], Depth::Hidden, take).unwrap();
        (found[0].clone(), room)
    };
    let (want, whole) = hidden(builtin(), &bases, 20);
    let (got, room) = hidden(builtin().with_prompt(&prompt).unwrap(), rest, 0);
    assert_eq!((whole, room), (1024, 1004));
    assert!(got.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-4) && got.len() == want.len());
}

/// Where memory is short, passes and their parts are smaller, and the numbers are the same.
#[test]
fn less_memory_gives_the_same_numbers() {
    let _no_grad = tch::no_grad_guard();
    let sequences: Vec<Vec<u8>> = (0..6).map(|i| bases(300 + 40 * i, i)).collect();
    let families: Vec<Family<'_>> = sequences.iter().map(|bases| Family::alone(bases)).collect();
    let take = |_: usize, _: usize, computed: &Computed<'_>| computed.hidden(0, 0..300).to_vec();
    let reduction = AllRows::new(take, 128, 16);
    let compute = |allowed: Option<usize>| {
        let limits = Limits { batch_tokens: 1 << 16, cache_bytes: 0, ..LIMITS };
        let mut gpu = Gpu::new(builtin(), Device::Cpu, limits);
        gpu.allowed = allowed;
        let found = gpu.each_depth(&families, Tokenizer::default(), &[Depth::Hidden], &reduction);
        (found, gpu.network.chunks)
    };
    let (whole, chunks) = compute(None);
    let whole = whole.unwrap();
    let least = Chunks { rows: 1 << 10, convolved: 1 << 10 };
    let config = builtin().config;
    let one = pass::on_device(&config, least, [500, 500], 0);
    let (smaller, fewer) = compute(Some(one));
    assert_eq!(chunks, Chunks::default());
    assert!(fewer.rows < chunks.rows && fewer.convolved < chunks.convolved, "{fewer:?}");
    let [smaller, whole] = [smaller.unwrap(), whole].map(|found| found.concat().concat());
    assert_eq!((smaller.len(), whole.len()), (6 * 300 * 128, 6 * 300 * 128));
    assert!(smaller.iter().zip(&whole).all(|(a, b)| close((*a).into(), (*b).into(), 1e-5)));
    let error = compute(Some(one / 10)).0.unwrap_err();
    assert!(matches!(error, EngineError::TooLarge(_)), "{error}");
}

/// The estimate is not below what libtorch takes, nor far above.
#[test]
fn the_estimate_covers_the_tensors() {
    let _no_grad = tch::no_grad_guard();
    let base = source::builtin().unwrap().weights.config.clone();
    for (width, length, count, chunks, cache) in [
        (64, 20_000, 1, Chunks { rows: 1 << 11, convolved: 1 << 18 }, 0),
        (64, 20_000, 1, Chunks { rows: 1 << 11, convolved: 1 << 18 }, 1 << 30),
        // spectra of one layer and a half, of which none is kept
        (64, 20_000, 1, Chunks { rows: 1 << 11, convolved: 1 << 18 }, 16 << 20),
        (32, 1_000, 16, Chunks::default(), 1 << 30),
        (128, 3_000, 2, Chunks { rows: 1 << 10, convolved: 1 << 20 }, 1 << 30),
    ] {
        let config = Config { d_model: width, d_inner: 4 * width, l_max: 20_002, ..base.clone() };
        let model = HyenaDna::new(&Weights::initial(&config, 1), Device::Cpu).unwrap();
        let limits = Limits { batch_tokens: 1 << 20, cache_bytes: cache, ..LIMITS };
        let mut gpu = Gpu::new(model, Device::Cpu, limits);
        (gpu.network.chunks, gpu.most) = (chunks, chunks);
        let sequences: Vec<Vec<u8>> = (0..count).map(|i| bases(length, i)).collect();
        let families: Vec<Family<'_>> =
            sequences.iter().map(|bases| Family::alone(bases)).collect();
        let jobs: Vec<EmbeddingJob> =
            sequences.iter().map(|bases| EmbeddingJob::whole(bases.clone(), 0..1)).collect();
        let reduction = Pools { jobs: &jobs, pools: &[Pool::First], width: width as usize };
        let depths = [Depth::Hidden];
        let (found, most) =
            watched(|| gpu.each_depth(&families, Tokenizer::default(), &depths, &reduction));
        found.unwrap();
        let estimate = pass::on_device(&config, chunks, [length * count, length], cache);
        let ratio = most as f64 / estimate as f64;
        assert!((0.4..=1.0).contains(&ratio), "{width} {length} {count}: {most} of {estimate}");
    }
}

/// 8 layers of width 256 at a million bases.
#[test]
fn a_million_bases_fit_into_eight_gigabytes() {
    let base = source::builtin().unwrap().weights.config.clone();
    let config = Config { d_model: 256, d_inner: 1024, n_layer: 8, l_max: 1_000_002, ..base };
    let rows = [1_000_000, 1_000_000];
    let bytes = pass::on_device(&config, Chunks::default(), rows, 1 << 30);
    assert_eq!(Bytes(bytes).to_string(), "5.0 GB", "the table of docs/gpu.md");
}

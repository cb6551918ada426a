use std::num::NonZeroUsize;

use super::*;
use crate::inference::memory::step::Recompute;
use crate::{
    genome::dna,
    inference::{computed::Limits, engine::Engine, runner::Runner},
    model::{
        head::Head,
        network::{HyenaDna, leaves::Precision},
        tokenizer::Tokenizer,
        weights::{Weights, initial, source},
    },
    training::{
        dropout::Dropout,
        engine::{GradientEngine, StepPlan},
        parameters::{Parameters, Trained},
        task::{
            predict,
            testing::{example, settings},
        },
    },
};

const BASES: [&[u8]; 5] =
    [b"A", b"ACGTN", b"GGATTACA", b"ACGTTGCAACGTAGGT", b"TTTTGACCAGATGACAGATTACAGG"];

/// The step of these examples.
fn step(settings: TaskSettings, targets: &[Target]) -> TaskStep {
    let tokenizer = Tokenizer::default();
    let ids = |bases: &[u8]| bases.iter().map(|&base| tokenizer.token(base)).collect::<Vec<_>>();
    let both = settings.head.strands.count() == 2;
    let start = BASES.len() - targets.len();
    let rows = BASES[start..].iter().flat_map(|bases| {
        let reverse = both.then(|| ids(&dna::reverse_complement(bases)));
        [Some(ids(bases)), reverse].into_iter().flatten()
    });
    let rows = rows.collect();
    TaskStep::new(Arc::new(settings), rows, targets.to_vec(), None)
}

fn weights(settings: &TaskSettings) -> Weights {
    let mut weights = source::builtin().unwrap().weights;
    let mut head = initial::head(&settings.head, 128, 3);
    // larger than the first weights of a run, so that outputs differ
    head.values_mut().for_each(|tensor| tensor.data.iter_mut().for_each(|x| *x *= 10.0));
    weights.tensors.extend(head);
    weights.head = Some(settings.head.clone());
    weights
}

fn plan(batch_tokens: u64, recompute: Recompute) -> StepPlan {
    StepPlan { threads: 2, batch_tokens, recompute, precision: Precision::Fp32 }
}

/// Loss and gradient of a step.
fn gradient(step: &TaskStep, plan: StepPlan, trained: Trained) -> (f64, Tensor, Parameters) {
    let parameters = Parameters::partly(weights(&step.settings), trained, Device::Cpu).unwrap();
    let engine = GradientEngine::new(&parameters, plan).unwrap();
    let dropout = Dropout { rate: 0.0, seed: 0, first_sample: 0 };
    let found = engine.gradient(&parameters, step, &dropout).unwrap();
    (found.loss, found.flat, parameters)
}

/// The loss of the same head by the engine of inference.
fn expected_loss(step: &TaskStep) -> f64 {
    let weights = weights(&step.settings);
    let head: Head = weights.task_head().unwrap();
    let network = HyenaDna::new(&weights, Device::Cpu).unwrap();
    let network = network.for_head(&head).unwrap();
    let precision = Precision::Fp32;
    let limits = Limits { batch_tokens: 64, threads: 1, cache_bytes: 1 << 20, precision };
    let engine = Engine::new(network, Device::Cpu, Tokenizer::default(), limits).unwrap();
    let start = BASES.len() - step.targets.len();
    let examples: Vec<_> = BASES[start..]
        .iter()
        .zip(&step.targets)
        .map(|(bases, target)| example(bases, target.clone()))
        .collect();
    predict(&mut Runner::new(engine), &head, &examples, || false).unwrap().unwrap().loss()
}

fn with(task: HeadTask, pool: Pool, strands: HeadStrands) -> TaskSettings {
    let mut settings = settings();
    settings.head.hidden = vec![16];
    (settings.head.task, settings.head.pool, settings.head.strands) = (task, pool, strands);
    settings
}

fn targets(task: HeadTask) -> Vec<Target> {
    let of = |(i, bases): (usize, &&[u8])| match task {
        HeadTask::SingleLabel => Target::Class(i % 2),
        HeadTask::MultiLabel => Target::Labels(vec![i % 2 == 0, i % 3 == 0]),
        HeadTask::Regression => Target::Numbers(vec![i as f64, -1.5 * i as f64]),
        HeadTask::BaseClasses => {
            let class = |j: usize| if (i + j) % 5 == 4 { MASKED } else { (j % 2) as u8 };
            Target::BaseClasses((0..bases.len()).map(class).collect())
        }
        HeadTask::BaseLabels => {
            let labels = |j: usize| if (i + j) % 5 == 4 { MASKED_LABELS } else { j as u64 % 4 };
            Target::BaseLabels((0..bases.len()).map(labels).collect())
        }
    };
    BASES.iter().enumerate().map(of).collect()
}

/// The loss of training is that of inference, for every task, pooling and strand, however many
/// sequences are padded together, and its gradient does not depend on that.
#[test]
fn padding_and_batches_change_nothing() {
    let bins = Pool::Bins(NonZeroUsize::MIN.saturating_add(2));
    let strands = [HeadStrands::Forward, HeadStrands::Both, HeadStrands::Concat];
    let pools = [Pool::Mean, Pool::Max, Pool::First, Pool::Last, bins];
    let mut cases: Vec<(HeadTask, Pool, HeadStrands)> = Vec::new();
    for strands in strands {
        cases.extend(pools.map(|pool| (HeadTask::SingleLabel, pool, strands)));
        cases.push((HeadTask::MultiLabel, Pool::Mean, strands));
        cases.push((HeadTask::Regression, Pool::Mean, strands));
        cases.push((HeadTask::BaseClasses, Pool::None, strands));
        cases.push((HeadTask::BaseLabels, Pool::None, strands));
    }
    for (task, pool, strands) in cases {
        let all = targets(task);
        // bins need a base each
        let targets = if pool == bins { &all[1..] } else { &all };
        let step = step(with(task, pool, strands), targets);
        let (together, flat, _) = gradient(&step, plan(1 << 20, Recompute::None), Trained::All);
        let (apart, by_one, _) = gradient(&step, plan(1, Recompute::Block), Trained::All);
        let want = expected_loss(&step);
        let name = format!("{task:?} {pool} {strands:?}");
        assert!((together / want - 1.0).abs() < 1e-4, "{name}: {together} {want}");
        assert!((apart / want - 1.0).abs() < 1e-4, "{name}: {apart} {want}");
        let difference = (&flat - &by_one).norm().double_value(&[]);
        let norm = flat.norm().double_value(&[]);
        assert!(norm > 0.0 && difference < 1e-4 * norm, "{name}: {difference} of {norm}");
    }
}

/// Finite differences of the loss along the gradient.
#[test]
fn the_gradient_is_that_of_the_loss() {
    for task in [HeadTask::SingleLabel, HeadTask::BaseLabels, HeadTask::Regression] {
        let pool = if task.is_per_base() { Pool::None } else { Pool::Mean };
        let mut settings = with(task, pool, HeadStrands::Concat);
        settings.head.hidden.clear(); // max(0, x) has no slope at 0
        settings.weights = if task == HeadTask::Regression { vec![] } else { vec![0.5, 2.0] };
        settings.label_smoothing = if task == HeadTask::SingleLabel { 0.1 } else { 0.0 };
        check_slope(&step(settings, &targets(task)), Trained::All, 1e-4);
    }
}

/// Compares the slope of the loss along its gradient, from differences over `length`, with the gradient.
fn check_slope(step: &TaskStep, trained: Trained, length: f64) {
    let plan = plan(1 << 20, Recompute::None);
    let (_, flat, parameters) = gradient(step, plan, trained);
    let engine = GradientEngine::new(&parameters, plan).unwrap();
    let dropout = Dropout { rate: 0.0, seed: 0, first_sample: 0 };
    let norm = flat.norm().double_value(&[]);
    let distance = length / norm;
    let loss_at = |distance: f64| {
        let _ = tch::no_grad(|| parameters.flat.shallow_clone().f_add_(&(&flat * distance)));
        let loss = engine.gradient(&parameters, step, &dropout).unwrap().loss;
        let _ = tch::no_grad(|| parameters.flat.shallow_clone().f_sub_(&(&flat * distance)));
        loss
    };
    let slope = (loss_at(distance) - loss_at(-distance)) / (2.0 * distance);
    let want = norm * norm;
    let task = step.settings.head.task;
    assert!((slope / want - 1.0).abs() < 2e-2, "{task:?} {trained:?}: {slope} {want}");
}

/// The loss after a prompt is that of inference, for every pooling and strand and however many sequences
/// are padded together; the network is frozen, and the gradient of the prompt passes through it.
#[test]
fn a_prompt_is_learned_before_a_frozen_network() {
    let bins = Pool::Bins(NonZeroUsize::MIN.saturating_add(1));
    for (task, pool, strands, demonstrations) in [
        (HeadTask::SingleLabel, Pool::Mean, HeadStrands::Forward, ""),
        (HeadTask::SingleLabel, Pool::First, HeadStrands::Concat, ""),
        (HeadTask::Regression, Pool::Max, HeadStrands::Forward, ""),
        (HeadTask::MultiLabel, bins, HeadStrands::Both, ""),
        (HeadTask::BaseClasses, Pool::None, HeadStrands::Concat, ""),
        (HeadTask::SingleLabel, Pool::Last, HeadStrands::Forward, "ACGTA|GGNC|"),
        (HeadTask::SingleLabel, bins, HeadStrands::Concat, "C|"),
    ] {
        let mut settings = with(task, pool, strands);
        settings.head.prompt = 3;
        settings.head.demonstrations = demonstrations.into();
        settings.head.hidden.clear(); // max(0, x) has no slope at 0
        let step = step(settings, &targets(task)[1..]);
        let trained = Trained::Prompt(3);
        let (together, flat, parameters) = gradient(&step, plan(1 << 20, Recompute::None), trained);
        let want = expected_loss(&step);
        let name = format!("{task:?} {pool} {strands:?}");
        assert!((together / want - 1.0).abs() < 1e-4, "{name}: {together} {want}");
        for recompute in [Recompute::Mixer, Recompute::Block] {
            let (apart, by_one, _) = gradient(&step, plan(1, recompute), trained);
            assert!((apart / want - 1.0).abs() < 1e-4, "{name}: {apart} {want}");
            let difference = (&flat - &by_one).norm().double_value(&[]);
            assert!(difference < 1e-4 * flat.norm().double_value(&[]), "{name}: {difference}");
        }
        let of = parameters.named(&flat).unwrap();
        let names: Vec<&str> = of.keys().map(String::as_str).collect();
        assert_eq!(names, ["head.0.bias", "head.0.weight", "head.prompt"]);
        // each of the vectors matters
        let rows = of["head.prompt"].data.chunks(128);
        assert!(rows.clone().all(|row| row.iter().any(|x| x.abs() > 1e-7)) && rows.len() == 3);
        if pool != Pool::Max {
            check_slope(&step, trained, 1e-2);
        }
    }
}

/// Demonstrations alone are read before each sequence, and change the loss; a prompt alone is trained
/// with the gradient that it has next to a head.
#[test]
fn demonstrations_and_a_frozen_head() {
    let mut settings = with(HeadTask::SingleLabel, Pool::Last, HeadStrands::Forward);
    let all = targets(HeadTask::SingleLabel);
    let plain = expected_loss(&step(settings.clone(), &all));
    settings.head.demonstrations = "ACGTA|GGCATC|".into();
    let shown = step(settings.clone(), &all);
    let want = expected_loss(&shown);
    assert!((want / plain - 1.0).abs() > 1e-4, "{want} {plain}");
    for (tokens, recompute) in [(1 << 20, Recompute::None), (1, Recompute::Block)] {
        let (loss, ..) = gradient(&shown, plan(tokens, recompute), Trained::All);
        assert!((loss / want - 1.0).abs() < 1e-4, "{loss} {want}");
    }
    settings.head.prompt = 3;
    let step = step(settings, &all);
    let of = |trained| {
        let (_, flat, parameters) = gradient(&step, plan(1 << 20, Recompute::None), trained);
        parameters.named(&flat).unwrap()
    };
    let (alone, with_head) = (of(Trained::PromptAlone(3)), of(Trained::Prompt(3)));
    assert_eq!(alone.keys().collect::<Vec<_>>(), ["head.prompt"]);
    assert_eq!(alone["head.prompt"], with_head["head.prompt"]);
}

/// What is frozen has no gradient; what is trained has the same as if all were.
#[test]
fn frozen_weights_have_no_gradient() {
    let step = step(
        with(HeadTask::SingleLabel, Pool::Mean, HeadStrands::Forward),
        &targets(HeadTask::SingleLabel),
    );
    let (_, all, whole) = gradient(&step, plan(1 << 20, Recompute::None), Trained::All);
    let all = whole.named(&all).unwrap();
    for (trained, first, recompute) in [
        (Trained::Blocks(1), 1, Recompute::None),
        (Trained::Blocks(1), 1, Recompute::Mixer),
        (Trained::Head, 2, Recompute::None),
        (Trained::Head, 2, Recompute::Block),
    ] {
        let (_, flat, parameters) = gradient(&step, plan(64, recompute), trained);
        assert_eq!(parameters.first_trained_block(), first);
        let part = parameters.named(&flat).unwrap();
        assert!(part.contains_key("head.1.weight"));
        assert_eq!(part.contains_key("backbone.ln_f.weight"), trained != Trained::Head);
        assert_eq!(part.contains_key("backbone.layers.1.norm1.bias"), trained != Trained::Head);
        assert!(part.keys().all(|name| !name.contains("layers.0.") && !name.contains("embed")));
        for (name, got) in &part {
            let scale: f32 = all[name].data.iter().map(|x| x.abs()).fold(0.0, f32::max);
            for (a, b) in got.data.iter().zip(&all[name].data) {
                assert!((a - b).abs() <= 1e-4 * scale, "{trained:?} {name}: {a} {b}");
            }
        }
    }
}

/// Known features give the loss and gradient of the head alone.
#[test]
fn known_features_replace_the_network() {
    let settings = with(HeadTask::SingleLabel, Pool::Mean, HeadStrands::Concat);
    let step = step(settings.clone(), &targets(HeadTask::SingleLabel));
    let (loss, flat, _) = gradient(&step, plan(1 << 20, Recompute::None), Trained::Head);
    let weights = weights(&settings);
    let network = HyenaDna::new(&weights, Device::Cpu).unwrap();
    let precision = Precision::Fp32;
    let limits = Limits { batch_tokens: 64, threads: 1, cache_bytes: 1 << 20, precision };
    let engine = Engine::new(network, Device::Cpu, Tokenizer::default(), limits).unwrap();
    let features =
        crate::inference::outputs::features(&mut Runner::new(engine), &settings.head, &BASES);
    let none = vec![Vec::new(); step.rows.len()];
    let known = TaskStep { rows: none, features: Some(features.unwrap()), ..step };
    let (got, of_features, _) = gradient(&known, plan(1, Recompute::None), Trained::Head);
    assert!((got / loss - 1.0).abs() < 1e-5, "{got} {loss}");
    let difference = (&flat - &of_features).norm().double_value(&[]);
    assert!(difference < 1e-4 * flat.norm().double_value(&[]), "{difference}");
}

//! The examples of each step: every one once an epoch, in random order.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use super::{batch::TaskStep, settings::TaskSettings};
use crate::{
    chance::{Purpose, RandomStream},
    genome::dna,
    model::tokenizer::Tokenizer,
    sampling::{DataError, Turn},
    tasks::{
        example::{Example, Target},
        genomes::Windows,
    },
    training::loader::{Draw, Request},
};

/// Features of the examples by a frozen network.
#[derive(Debug, Clone, Default)]
pub struct KnownFeatures {
    /// Of each example.
    pub forward: Vec<Vec<f32>>,
    /// Of each reverse complement; empty if samples are not reverse-complemented.
    pub reverse: Vec<Vec<f32>>,
}

/// Draws the examples of a step; each sample is a function of the seed and its index alone.
pub struct TaskSampler {
    settings: Arc<TaskSettings>,
    examples: Arc<Vec<Example>>,
    known: Option<Arc<KnownFeatures>>,
    /// The examples of later epochs; the same ones without it.
    windows: Option<Arc<Mutex<Windows>>>,
    turn: Turn,
}

impl TaskSampler {
    /// A sampler of these examples, of which there is one at least, and of `windows` after the first epoch.
    pub fn new(
        settings: Arc<TaskSettings>,
        examples: Arc<Vec<Example>>,
        known: Option<Arc<KnownFeatures>>,
        windows: Option<Arc<Mutex<Windows>>>,
    ) -> Self {
        let turn = Turn::new(settings.seed, examples.len());
        Self { settings, examples, known, windows, turn }
    }

    /// The bases of a window of a later epoch; `None` in the first one, and if all epochs are alike.
    fn later(&self, index: u64, number: usize) -> Result<Option<Vec<u8>>, DataError> {
        let count = self.examples.len() as u64;
        let epoch = index / count;
        let Some(windows) = self.windows.as_ref().filter(|_| epoch > 0) else { return Ok(None) };
        let mut windows = windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.bases(epoch * count + number as u64).map(Some)
    }

    /// The rows, target and features of a sample, cut to its first `length` bases.
    fn sample(&mut self, index: u64, length: usize) -> Result<Sample, DataError> {
        let number = self.turn.at(index);
        let example = &self.examples[number];
        let later = self.later(index, number)?;
        let bases = later.as_ref().unwrap_or(&example.bases);
        let end = bases.len().min(length);
        let mut chance = RandomStream::new(self.settings.seed, Purpose::Sample, index);
        let reverse = self.settings.reverse_complement && chance.coin();
        let target = oriented(&example.target, end, reverse);
        if let Some(known) = &self.known {
            let of_strand = if reverse { &known.reverse } else { &known.forward };
            let none = vec![Vec::new(); self.settings.head.strands.count()];
            return Ok((none, target, of_strand[number].clone()));
        }
        let forward = &bases[..end];
        let bases = if reverse { dna::reverse_complement(forward) } else { forward.to_vec() };
        let tokenizer = Tokenizer::default();
        let ids = |bases: &[u8]| bases.iter().map(|&base| tokenizer.token(base)).collect();
        let mut rows = vec![ids(&bases)];
        if self.settings.head.strands.count() == 2 {
            rows.push(ids(&dna::reverse_complement(&bases)));
        }
        Ok((rows, target, Vec::new()))
    }
}

/// Rows of token ids, target, and features where they are known.
type Sample = (Vec<Vec<u8>>, Target, Vec<f32>);

impl Draw for TaskSampler {
    type Batch = TaskStep;

    fn draw_batch(
        &mut self,
        request: Request,
        stop: &AtomicBool,
    ) -> Result<Option<TaskStep>, DataError> {
        let mut samples = Vec::with_capacity(request.rows);
        // all of them, as the share of a process is by their lengths
        for index in request.first..request.first + request.rows as u64 {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            samples.push(self.sample(index, request.length as usize)?);
        }
        samples.sort_by_key(|(rows, ..)| rows[0].len());
        let settings = self.settings.clone();
        let is_known = self.known.is_some();
        let (mut rows, mut targets, mut features) = (Vec::new(), Vec::new(), Vec::new());
        for (of_sample, target, of_network) in samples {
            rows.extend(of_sample);
            targets.push(target);
            features.push(of_network);
        }
        let features = is_known.then_some(features);
        Ok(Some(TaskStep::new(settings, rows, targets, features).share(request.share)))
    }
}

/// The target of the first `length` bases of an example, of the reverse complement if `reverse`.
fn oriented(target: &Target, length: usize, reverse: bool) -> Target {
    let mut target = target.slice(0..length);
    match &mut target {
        Target::BaseClasses(classes) if reverse => classes.reverse(),
        Target::BaseLabels(labels) if reverse => labels.reverse(),
        _ => {}
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        sampling::{
            Shares,
            testing::{Files, bases},
        },
        tasks::genomes::{self, GenomeOptions},
        training::{
            loader::Share,
            task::testing::{example, settings},
        },
    };

    #[test]
    fn an_epoch_has_each_example_once() {
        let examples = [b"ACG".as_slice(), b"AC", b"ACGTA", b"A"];
        let examples: Vec<Example> =
            examples.iter().enumerate().map(|(i, b)| example(b, Target::Class(i))).collect();
        let settings = Arc::new(TaskSettings { reverse_complement: false, ..settings() });
        let mut sampler = TaskSampler::new(settings, Arc::new(examples), None, None);
        let mut draw = |first, rows, length| {
            let request = Request { first, rows, length, share: Share::WHOLE };
            sampler.draw_batch(request, &AtomicBool::new(false)).unwrap().unwrap()
        };
        let step = draw(0, 4, 100);
        let lengths: Vec<usize> = step.rows.iter().map(Vec::len).collect();
        assert_eq!(lengths, [1, 2, 3, 5]);
        let classes = [3, 1, 0, 2].map(Target::Class);
        assert_eq!(step.targets, classes);
        assert_eq!(step.rows[2], [7, 8, 9]);
        let cut = draw(4, 4, 2);
        assert!(cut.rows.iter().all(|row| row.len() <= 2) && cut.targets.len() == 4);
        let halves: Vec<Target> =
            [draw(8, 2, 9), draw(10, 2, 9)].into_iter().flat_map(|step| step.targets).collect();
        assert!(classes.iter().all(|class| halves.contains(class)));
    }

    /// The labels of bases turn with them, and the second strand is the other one.
    #[test]
    fn strands_and_targets_turn_together() {
        let target = Target::BaseClasses(vec![0, 1, 1]);
        let examples = Arc::new(vec![example(b"AAC", target)]);
        let mut settings = settings();
        settings.head.strands = crate::model::head::HeadStrands::Concat;
        let mut sampler = TaskSampler::new(Arc::new(settings), examples, None, None);
        let mut seen = [false; 2];
        for index in 0..40 {
            let (rows, target, _) = sampler.sample(index, 3).unwrap();
            let reverse = rows[0] == [9, 10, 10];
            let other = if reverse { vec![7, 7, 8] } else { vec![9, 10, 10] };
            assert_eq!(rows[1], other);
            let expected = if reverse { vec![1, 1, 0] } else { vec![0, 1, 1] };
            assert_eq!(target, Target::BaseClasses(expected));
            seen[usize::from(reverse)] = true;
        }
        assert_eq!(seen, [true, true]);
    }

    /// Each epoch has windows of its own, with the classes of the first, and an index is a window.
    #[test]
    fn later_epochs_have_other_windows() {
        let files = Files::new(&[
            &format!(">a\n{}\n", bases(4000)),
            &format!(">b\n{}\n", "ACCGTTTGCA".repeat(300)),
        ]);
        let path = |name: &str| files.path(name);
        let options = GenomeOptions {
            genomes: vec![("x".into(), path("0.fa")), ("y".into(), path("1.fa"))],
            length: 30,
            windows: [5, 1, 1],
            valid_contigs: Vec::new(),
            test_contigs: Vec::new(),
            shares: Shares::default(),
            save_index: false,
            seed: 1,
        };
        let (dataset, windows) = genomes::read(&options).unwrap();
        let settings = Arc::new(TaskSettings { reverse_complement: false, ..settings() });
        let windows = Some(Arc::new(Mutex::new(windows)));
        let mut sampler = TaskSampler::new(settings, Arc::new(dataset.train), None, windows);
        let mut epoch = |number: u64| -> Vec<(Vec<Vec<u8>>, Target)> {
            let sample = |index| sampler.sample(index, 30).unwrap();
            let samples = (number * 10..(number + 1) * 10).map(sample);
            samples.map(|(rows, target, _)| (rows, target)).collect()
        };
        let (first, second) = (epoch(0), epoch(1));
        let is_x = |sample: &&(Vec<Vec<u8>>, Target)| sample.1 == Target::Class(0);
        assert!(second.iter().filter(is_x).all(|sample| !first.contains(sample)));
        let of_x = |epoch: &[(Vec<Vec<u8>>, Target)]| epoch.iter().filter(is_x).count();
        assert_eq!([of_x(&first), of_x(&second)], [5, 5]);
        // windows of y repeat words of ten bases
        let repeats = |row: &[u8]| row[..10] == row[10..20];
        assert!(
            second.iter().all(|(rows, target)| repeats(&rows[0]) == (*target == Target::Class(1)))
        );
        assert_eq!(epoch(1), second);
    }
}

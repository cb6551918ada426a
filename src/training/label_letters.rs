//! Learning to name the class of a sequence: texts of demonstrations and a sample, of which only the
//! letters of the classes have a loss.

use std::ops::Range;

use tch::{Device, Kind, Reduction, TchError, Tensor};

use super::{
    loader::Request,
    objective::{Objective, Steps, Validated},
    step::{Batch, OutputLayers, Step},
    validation::ValidationError,
    workers::Workers,
};
use crate::{
    inference::{computed::EngineError, engine::Engine, in_context::demonstrations},
    model::{
        head::Head,
        libtorch::transfer::upload,
        tokenizer::{PAD, Tokenizer},
    },
    sampling::Turn,
};

/// Target of a position that has no loss.
const IGNORED: i64 = -100;

/// A text, and the letters in it and after it that are learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledText {
    /// Bases, letters and separators that the network reads.
    pub text: Vec<u8>,
    /// Letters that are learned, each with the position in the text that predicts it, 0-based: the one
    /// before the letter.
    pub letters: Vec<(usize, u8)>,
}

impl LabelledText {
    /// The text of sequences with the letters of their classes, in the order in which they are shown, of
    /// which all letters are learned. The last one is not read.
    pub fn new(shown: &[(&[u8], u8)]) -> Self {
        let mut text = demonstrations(shown.iter().copied());
        let mut end = 0;
        let letters = shown.iter().map(|(bases, letter)| {
            let position = end + bases.len() - 1;
            end = position + 3;
            (position, *letter)
        });
        let letters = letters.collect();
        text.truncate(text.len().saturating_sub(2));
        Self { text, letters }
    }
}

/// Texts, each of which is read once, in an order that the seed decides.
pub struct LabelLetters {
    texts: Vec<LabelledText>,
    tokenizer: Tokenizer,
    seed: u64,
}

impl LabelLetters {
    /// Takes the texts to learn from, one at least, with a letter at least in each.
    pub fn new(texts: Vec<LabelledText>, tokenizer: Tokenizer, seed: u64) -> Self {
        Self { texts, tokenizer, seed }
    }
}

impl Objective for LabelLetters {
    /// A run without a folder is never compared with its checkpoints.
    fn identity(&self) -> &str {
        ""
    }

    fn steps(&mut self, requests: Box<dyn Iterator<Item = Request> + Send>) -> Steps {
        let (texts, tokenizer) = (self.texts.clone(), self.tokenizer);
        let mut turn = Turn::new(self.seed, texts.len());
        Box::new(requests.map(move |request| {
            // the last step of an epoch has what is left
            let end = (request.first + request.rows as u64).min(texts.len() as u64);
            let texts = (request.first..end).map(|index| texts[turn.at(index)].clone()).collect();
            Ok(Box::new(LetterStep { texts, tokenizer }) as Box<dyn Step>)
        }))
    }

    fn holds_out(&self) -> bool {
        false
    }

    fn validate(
        &mut self,
        _: &dyn Fn() -> Result<Engine, EngineError>,
        _: Option<&Head>,
        _: bool,
        _: &Workers,
    ) -> Result<Option<Validated>, ValidationError> {
        Ok(None)
    }

    fn is_better(&self, score: f64, best: f64) -> bool {
        score < best
    }

    fn ends_with_best(&self) -> bool {
        false
    }
}

/// The texts of a step.
struct LetterStep {
    texts: Vec<LabelledText>,
    tokenizer: Tokenizer,
}

impl Step for LetterStep {
    fn length(&self) -> u64 {
        self.texts.iter().map(|text| text.text.len() as u64).max().unwrap_or(0)
    }

    fn batches(&self, tokens: u64) -> Vec<Range<usize>> {
        let rows = (tokens / self.length().max(1)).max(1) as usize;
        let starts = (0..self.texts.len()).step_by(rows);
        starts.map(|start| start..self.texts.len().min(start + rows)).collect()
    }

    fn weight(&self) -> f64 {
        self.targets() as f64
    }

    fn targets(&self) -> u64 {
        self.texts.iter().map(|text| text.letters.len() as u64).sum()
    }

    fn tokens(&self) -> u64 {
        self.texts.iter().map(|text| text.text.len() as u64).sum()
    }

    fn skipped(&self) -> u64 {
        0
    }

    fn batch(&self, rows: Range<usize>, device: Device) -> Result<Box<dyn Batch>, TchError> {
        let texts = &self.texts[rows];
        let width = texts.iter().map(|text| text.text.len()).max().unwrap_or(0);
        let size = [texts.len() as i64, width as i64];
        let mut ids = Vec::with_capacity(texts.len() * width);
        let mut targets = vec![IGNORED; texts.len() * width];
        for LabelledText { text, letters } in texts {
            let start = ids.len();
            ids.extend(text.iter().map(|&byte| i64::from(self.tokenizer.token(byte))));
            ids.resize(start + width, i64::from(PAD));
            for &(position, letter) in letters {
                // a letter is predicted as itself, whatever stands for N among the bases
                targets[start + position] = i64::from(Tokenizer::default().token(letter));
            }
        }
        let on_device =
            |values: &[i64]| upload(&Tensor::f_from_slice(values)?.f_view(size)?, device);
        Ok(Box::new(LetterBatch { inputs: on_device(&ids)?, targets: on_device(&targets)? }))
    }
}

/// Texts of a step on their device.
struct LetterBatch {
    /// Token ids (B, L).
    inputs: Tensor,
    /// The token that each position predicts (B, L), or [`IGNORED`].
    targets: Tensor,
}

impl Batch for LetterBatch {
    fn inputs(&self) -> &Tensor {
        &self.inputs
    }

    /// The sum of the cross-entropies of the letters among all tokens, in nats.
    fn loss(&self, outputs: &OutputLayers<'_>, hidden: &Tensor) -> Result<Tensor, TchError> {
        let targets = self.targets.f_view([-1])?;
        let places = targets.f_ne(IGNORED)?.f_nonzero()?.f_view([-1])?;
        let hidden = hidden.f_flatten(0, 1)?.f_index_select(0, &places)?;
        let logits = outputs.network.logits(&hidden)?.f_to_kind(Kind::Float)?;
        let targets = targets.f_index_select(0, &places)?;
        logits.f_cross_entropy_loss(&targets, None::<&Tensor>, Reduction::Sum, IGNORED, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        inference::{computed::Limits, in_context::after_queries, memory::step::Recompute},
        model::{
            network::{HyenaDna, leaves::Precision},
            weights::source,
        },
        training::{
            engine::StepPlan,
            loader::Share,
            parameters::Trained,
            recipe::{Compute, Optimization, Output, Recipe},
            schedule::{Stage, Stages},
            trainer::{RunEnding, Trainer},
        },
    };

    fn texts() -> Vec<LabelledText> {
        vec![
            LabelledText::new(&[(b"ACGT", b'A'), (b"CCGT", b'C')]),
            LabelledText::new(&[(b"GGATTC", b'C')]),
            LabelledText::new(&[(b"TTTT", b'A')]),
        ]
    }

    #[test]
    fn letters_are_predicted_by_the_base_before_them() {
        let [first, second, _] = &texts()[..] else { panic!("three texts") };
        assert_eq!(first.text, b"ACGTA|CCGT");
        assert_eq!(first.letters, [(3, b'A'), (9, b'C')]);
        assert_eq!((&second.text[..], &second.letters[..]), (&b"GGATTC"[..], &[(5, b'C')][..]));
    }

    /// The loss is that of the predictions of inference at the letters, whatever the padding.
    #[test]
    fn only_letters_have_a_loss() {
        let weights = source::builtin().unwrap().weights;
        let network = HyenaDna::new(&weights, Device::Cpu).unwrap();
        let (precision, tokenizer) = (Precision::Fp32, Tokenizer::default());
        let limits = Limits { batch_tokens: 64, threads: 1, cache_bytes: 0, precision };
        let mut engine = Engine::new(network.clone(), Device::Cpu, tokenizer, limits).unwrap();
        let mut wanted = 0.0;
        for text in texts() {
            for (position, letter) in text.letters {
                let row = after_queries(&mut engine, b"", &[&text.text[..=position]]).unwrap();
                wanted -= f64::from(row[0][usize::from(tokenizer.token(letter))]);
            }
        }
        let step = LetterStep { texts: texts(), tokenizer };
        assert_eq!((step.targets(), step.tokens(), step.length()), (4, 20, 10));
        let outputs = OutputLayers { network: &network, head: &[] };
        let mut found = 0.0;
        for rows in step.batches(20) {
            let batch = step.batch(rows, Device::Cpu).unwrap();
            let mut cache = crate::model::network::fft::SpectrumCache::new(0);
            let hidden = network.hidden(batch.inputs(), None, &mut cache).unwrap();
            found += batch.loss(&outputs, &hidden).unwrap().double_value(&[]);
        }
        assert!((found - wanted).abs() < 1e-4 * wanted, "{found} {wanted}");
    }

    #[test]
    fn an_epoch_reads_each_text_once() {
        let mut objective = LabelLetters::new(texts(), Tokenizer::default(), 5);
        let request = |first| Request { first, rows: 2, length: 10, share: Share::WHOLE };
        let steps = objective.steps(Box::new([0, 2].into_iter().map(request)));
        let tokens: Vec<u64> = steps.map(|step| step.unwrap().tokens()).collect();
        assert_eq!((tokens.len(), tokens.iter().sum::<u64>()), (2, 20));
    }

    /// The loop needs no folder, leaves the weights that it began with as they are, and repeats itself.
    #[test]
    fn a_run_without_a_folder_learns_the_letters() {
        let weights = source::builtin().unwrap().weights;
        let stage = Stage { length: 10, batch: 2, steps: 2 };
        let optimization =
            Optimization { steps: 2, batch: 2, dropout: 0.0, ..Optimization::default() };
        let recipe = Recipe {
            seed: 1,
            stages: Stages::new(&[], stage),
            rows_per_sample: 1,
            before: 0,
            plateau: 1.0,
            optimization,
            compute: Compute::default(),
            output: Output::default(),
            patience: 0,
        };
        let (recompute, precision) = (Recompute::None, Precision::Fp32);
        let plan = StepPlan { threads: 1, batch_tokens: 1024, recompute, precision };
        let tune = || {
            let mut objective = LabelLetters::new(texts(), Tokenizer::default(), 1);
            let start = (weights.clone(), Trained::All);
            let at = (Device::Cpu, plan);
            let workers = Workers::alone();
            let what = (&mut objective as &mut dyn Objective, &workers);
            let mut trainer = Trainer::new(&recipe, what, None, start, at).unwrap();
            assert_eq!(trainer.run(None).unwrap(), RunEnding::Complete);
            trainer.weights().unwrap().tensors
        };
        let tuned = tune();
        assert!(tuned != weights.tensors && tune() == tuned);
        assert_eq!(source::builtin().unwrap().weights.tensors, weights.tensors);
    }
}

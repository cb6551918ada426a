//! The examples of a step, and the loss of a head on the network's hidden states for them.

use std::{ops::Range, sync::Arc};

use tch::{Device, Kind, Reduction, TchError, Tensor};

use super::settings::TaskSettings;
use crate::{
    model::{
        head::{HeadStrands, HeadTask},
        libtorch::transfer::upload,
        pool::{self, Pool},
        tokenizer::PAD,
    },
    tasks::example::{MASKED, MASKED_LABELS, Target},
    training::{
        loader::Share,
        step::{Batch, OutputLayers, Step},
    },
};

/// Target of a base that counts for nothing.
const IGNORED: i64 = -100;

/// Row lengths are multiples of this where sequences differ in length: each shape costs time once.
const LENGTHS: usize = 16;

/// The examples of a step, or a share of them, shortest first. A row is a strand of an example.
#[derive(Debug, Clone)]
pub struct TaskStep {
    /// Settings of the task.
    pub settings: Arc<TaskSettings>,
    /// Token ids of each row, without padding; the strands of an example follow each other.
    pub rows: Vec<Vec<u8>>,
    /// Values to predict, one for each example.
    pub targets: Vec<Target>,
    /// Features of each example, if the network is frozen and they are known; rows have no ids then.
    pub features: Option<Vec<Vec<f32>>>,
    /// Place of the first example among those of the whole step.
    pub first: usize,
    /// Sum of the weights of the targets of the whole step.
    pub weight_of_step: f64,
}

impl TaskStep {
    /// A whole step.
    pub fn new(
        settings: Arc<TaskSettings>,
        rows: Vec<Vec<u8>>,
        targets: Vec<Target>,
        features: Option<Vec<Vec<f32>>>,
    ) -> Self {
        let step = Self { settings, rows, targets, features, first: 0, weight_of_step: 0.0 };
        Self { weight_of_step: step.weight(), ..step }
    }

    /// The share of a process, which has about as many bases as those of others.
    pub fn share(mut self, share: Share) -> Self {
        if share == Share::WHOLE {
            return self;
        }
        let strands = self.strands();
        let work: Vec<usize> =
            self.rows.chunks_exact(strands).map(|rows| rows[0].len().max(1)).collect();
        let examples = share.of_work(&work);
        self.rows = self.rows.drain(examples.start * strands..examples.end * strands).collect();
        self.targets = self.targets.drain(examples.clone()).collect();
        self.features = self.features.map(|mut of| of.drain(examples.clone()).collect());
        self.first = examples.start;
        self
    }

    /// Rows of an example.
    fn strands(&self) -> usize {
        self.settings.head.strands.count()
    }

    /// Length of the rows in some batch of rows, padding included.
    fn width(&self, rows: Range<usize>) -> usize {
        let longest = self.rows[rows].iter().map(Vec::len).max().unwrap_or(0);
        let first = self.rows.first().map_or(0, Vec::len);
        let equal = self.rows.iter().all(|row| row.len() == first);
        let limit = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        if equal { longest } else { longest.next_multiple_of(LENGTHS).min(limit) }
    }

    fn weight_of(&self, class: usize) -> f64 {
        self.settings.weights.get(class).copied().unwrap_or(1.0)
    }
}

impl Step for TaskStep {
    fn length(&self) -> u64 {
        self.rows.iter().map(Vec::len).max().unwrap_or(0) as u64
    }

    fn batches(&self, tokens: u64) -> Vec<Range<usize>> {
        let strands = self.strands();
        if self.features.is_some() && !self.targets.is_empty() {
            return std::iter::once(0..self.targets.len() * strands).collect();
        }
        let mut batches = Vec::new();
        let mut start = 0;
        for end in (strands..=self.rows.len()).step_by(strands) {
            // rows ascend in length, so that the last is the longest
            let larger = (end + strands).min(self.rows.len());
            let longest = self.settings.head.before() + self.rows[larger - 1].len();
            let needed = (larger - start) as u64 * longest as u64;
            if end == self.rows.len() || needed > tokens {
                batches.push(start..end);
                start = end;
            }
        }
        batches
    }

    fn weight(&self) -> f64 {
        let of = |target: &Target| match target {
            Target::Class(class) => self.weight_of(*class),
            Target::Labels(_) | Target::Numbers(_) | Target::BaseLabels(_) => target.known() as f64,
            Target::BaseClasses(classes) => {
                let known = classes.iter().filter(|class| **class != MASKED);
                known.map(|class| self.weight_of(usize::from(*class))).sum()
            }
        };
        self.targets.iter().map(of).sum()
    }

    fn weight_of_step(&self) -> f64 {
        self.weight_of_step
    }

    fn first_row(&self) -> usize {
        self.first * self.strands()
    }

    fn targets(&self) -> u64 {
        self.targets.iter().map(|target| target.known() as u64).sum()
    }

    fn tokens(&self) -> u64 {
        let before = if self.features.is_some() { 0 } else { self.settings.head.before() };
        self.rows.iter().map(|row| (before + row.len()) as u64).sum()
    }

    fn skipped(&self) -> u64 {
        0
    }

    fn batch(&self, rows: Range<usize>, device: Device) -> Result<Box<dyn Batch>, TchError> {
        let strands = self.strands();
        let examples = rows.start / strands..rows.end / strands;
        let targets = self.targets[examples.clone()].to_vec();
        if let Some(features) = &self.features {
            let features = &features[examples.clone()];
            let size = [examples.len() as i64, features.first().map_or(0, Vec::len) as i64];
            let known = Tensor::f_from_slice(&features.concat())?.f_view(size)?;
            let (known, settings) = (Some(upload(&known, device)?), self.settings.clone());
            let empty = Tensor::f_zeros([rows.len() as i64, 0], (Kind::Int64, device))?;
            let (inputs, lengths) = (empty, Vec::new());
            return Ok(Box::new(TaskBatch { settings, inputs, lengths, targets, known }));
        }
        let width = self.width(rows.clone());
        let mut ids = Vec::with_capacity(rows.len() * width);
        for row in &self.rows[rows.clone()] {
            ids.extend(row.iter().map(|&id| i64::from(id)));
            ids.resize(ids.len() + width - row.len(), i64::from(PAD));
        }
        let inputs = Tensor::f_from_slice(&ids)?.f_view([rows.len() as i64, width as i64])?;
        let inputs = upload(&inputs, device)?;
        let lengths = self.rows[rows].iter().map(Vec::len).collect();
        Ok(Box::new(TaskBatch {
            settings: self.settings.clone(),
            inputs,
            lengths,
            targets,
            known: None,
        }))
    }
}

/// Rows of a step on their device.
struct TaskBatch {
    settings: Arc<TaskSettings>,
    inputs: Tensor,
    /// Number of bases of each row.
    lengths: Vec<usize>,
    targets: Vec<Target>,
    known: Option<Tensor>,
}

impl Batch for TaskBatch {
    fn inputs(&self) -> &Tensor {
        &self.inputs
    }

    fn known(&self) -> Option<&Tensor> {
        self.known.as_ref()
    }

    fn loss(&self, outputs: &OutputLayers<'_>, hidden: &Tensor) -> Result<Tensor, TchError> {
        let mut x = match &self.known {
            Some(_) => hidden.shallow_clone(),
            None => self.features(hidden)?,
        };
        for (number, [weight, bias]) in outputs.head.iter().enumerate() {
            x = x.f_linear(weight, Some(bias))?;
            if number + 1 < outputs.head.len() {
                x = x.f_relu()?;
            }
        }
        self.compare(&x)
    }
}

impl TaskBatch {
    /// Features (examples, F) of hidden states (rows, L, D), or (examples, L, F) for a head of each
    /// base.
    fn features(&self, hidden: &Tensor) -> Result<Tensor, TchError> {
        let head = &self.settings.head;
        let pooled = match head.pool {
            Pool::None => self.aligned(hidden)?,
            Pool::Max => {
                let padding = self.padding(hidden.size()[1], hidden.device())?;
                hidden.f_masked_fill(&padding, f64::NEG_INFINITY)?.f_amax([1], false)?
            }
            pool => {
                let means = self.means(pool, hidden.size()[1] as usize, hidden.device())?;
                means.f_bmm(hidden)?.f_flatten(1, 2)?
            }
        };
        if head.strands == HeadStrands::Forward {
            return Ok(pooled);
        }
        let size = pooled.size();
        let mut of_strands = vec![size[0] / 2, 2];
        of_strands.extend(&size[1..]);
        let of_strands = pooled.f_view(of_strands.as_slice())?;
        if head.strands == HeadStrands::Both {
            return of_strands.f_mean_dim([1_i64].as_slice(), false, Kind::Float);
        }
        let strand = |number| of_strands.f_select(1, number);
        Tensor::f_cat(&[strand(0)?, strand(1)?], -1)
    }

    /// True (rows, L, 1) for padding.
    fn padding(&self, width: i64, device: Device) -> Result<Tensor, TchError> {
        let is_padding = self
            .lengths
            .iter()
            .flat_map(|&length| (0..width as usize).map(move |position| position >= length));
        let values: Vec<bool> = is_padding.collect();
        let padding =
            Tensor::f_from_slice(&values)?.f_view([self.lengths.len() as i64, width, 1])?;
        upload(&padding, device)
    }

    /// Factors (rows, parts, L) that give the means of the parts of each row.
    fn means(&self, pool: Pool, width: usize, device: Device) -> Result<Tensor, TchError> {
        let parts = pool.parts();
        let mut factors = vec![0.0_f32; self.lengths.len() * parts * width];
        for (row, &length) in self.lengths.iter().enumerate() {
            for part in 0..parts {
                let bases = match pool {
                    Pool::First => 0..1,
                    Pool::Last => length - 1..length,
                    _ => pool::part(part, parts, length),
                };
                let (start, factor) = ((row * parts + part) * width, 1.0 / bases.len() as f32);
                factors[start + bases.start..start + bases.end].fill(factor);
            }
        }
        let size = [self.lengths.len() as i64, parts as i64, width as i64];
        upload(&Tensor::f_from_slice(&factors)?.f_view(size)?, device)
    }

    /// Hidden states (rows, L, D) with those of reverse strands in the order of the forward strand.
    fn aligned(&self, hidden: &Tensor) -> Result<Tensor, TchError> {
        if self.settings.head.strands == HeadStrands::Forward {
            return Ok(hidden.shallow_clone());
        }
        let size = hidden.size();
        let width = size[1] as usize;
        let mut order = Vec::with_capacity(self.lengths.len() * width);
        for (row, &length) in self.lengths.iter().enumerate() {
            let start = row * width;
            let position = |i: usize| if row % 2 == 1 && i < length { length - 1 - i } else { i };
            order.extend((0..width).map(|i| (start + position(i)) as i64));
        }
        let order = upload(&Tensor::f_from_slice(&order)?, hidden.device())?;
        hidden.f_flatten(0, 1)?.f_index_select(0, &order)?.f_view(size.as_slice())
    }

    /// The sum of the losses of outputs (examples, O), or (examples, L, O) for a head of each base.
    fn compare(&self, outputs: &Tensor) -> Result<Tensor, TchError> {
        let device = outputs.device();
        let settings = &self.settings;
        let count = *outputs.size().last().unwrap_or(&1);
        let outputs = outputs.f_reshape([-1, count])?;
        let width = outputs.size()[0] as usize / self.targets.len().max(1);
        let weights = match settings.weights.as_slice() {
            [] => None,
            weights => {
                let weights = Tensor::f_from_slice(weights)?.f_to_kind(Kind::Float)?;
                Some(upload(&weights, device)?)
            }
        };
        match settings.head.task {
            HeadTask::SingleLabel | HeadTask::BaseClasses => {
                let targets = upload(&Tensor::f_from_slice(&self.classes(width))?, device)?;
                let smoothing = settings.label_smoothing;
                outputs.f_cross_entropy_loss(
                    &targets,
                    weights.as_ref(),
                    Reduction::Sum,
                    IGNORED,
                    smoothing,
                )
            }
            HeadTask::MultiLabel | HeadTask::BaseLabels => {
                let (values, known) = self.labels(width, count as usize);
                let on_device = |values: &[f32]| upload(&Tensor::f_from_slice(values)?, device);
                let targets = on_device(&values)?.f_view([-1, count])?;
                let known = on_device(&known)?.f_view([-1, 1])?;
                let sum = outputs.f_binary_cross_entropy_with_logits(
                    &targets,
                    Some(&known),
                    weights.as_ref(),
                    Reduction::Sum,
                )?;
                sum.f_div_scalar(count as f64)
            }
            HeadTask::Regression => {
                let scale = &settings.head.scale;
                let values = self.targets.iter().flat_map(|target| match target {
                    Target::Numbers(numbers) => numbers.as_slice(),
                    _ => &[],
                });
                let scaled = values.zip(scale.iter().cycle());
                let scaled: Vec<f32> =
                    scaled.map(|(x, [mean, deviation])| ((x - mean) / deviation) as f32).collect();
                let targets = upload(&Tensor::f_from_slice(&scaled)?, device)?;
                let targets = targets.f_view([-1, count])?;
                outputs.f_mse_loss(&targets, Reduction::Sum)?.f_div_scalar(count as f64)
            }
        }
    }

    /// The class of each example or of each base in rows of `width`.
    fn classes(&self, width: usize) -> Vec<i64> {
        let mut classes = Vec::with_capacity(self.targets.len() * width);
        for target in &self.targets {
            match target {
                Target::Class(class) => classes.push(*class as i64),
                Target::BaseClasses(of) => {
                    let known = |&class: &u8| if class == MASKED { IGNORED } else { class.into() };
                    classes.extend(of.iter().map(known));
                    classes.resize(classes.len() + width - of.len(), IGNORED);
                }
                _ => {}
            }
        }
        classes
    }

    /// The labels, as 0 or 1, of each example or of each base in rows of `width`, and 1 for each
    /// example or base whose labels are known.
    fn labels(&self, width: usize, count: usize) -> (Vec<f32>, Vec<f32>) {
        let (mut values, mut known) = (Vec::new(), Vec::new());
        let number = |is: bool| if is { 1.0 } else { 0.0 };
        for target in &self.targets {
            match target {
                Target::Labels(labels) => {
                    values.extend(labels.iter().map(|&label| number(label)));
                    known.push(1.0);
                }
                Target::BaseLabels(bases) => {
                    for &labels in bases {
                        values.extend((0..count).map(|label| number(labels >> label & 1 == 1)));
                        known.push(number(labels != MASKED_LABELS));
                    }
                    let padding = width - bases.len();
                    values.resize(values.len() + padding * count, 0.0);
                    known.resize(known.len() + padding, 0.0);
                }
                _ => {}
            }
        }
        (values, known)
    }
}

#[cfg(test)]
mod tests;

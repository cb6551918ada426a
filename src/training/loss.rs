//! Next-token cross-entropy over the bases that are known.

use std::ops::{Range, RangeInclusive};

use tch::{Device, Kind, Reduction, TchError, Tensor};

use super::{
    loader::Drawn,
    step::{Batch, OutputLayers, Step},
};
use crate::model::libtorch::transfer::upload;

/// Ids of A, C, G and T: the only targets. N, padding and what lies beyond a contig are masked.
pub const TARGETS: RangeInclusive<u8> = 7..=10;

/// Target that counts for nothing.
const MASKED: i64 = -100;

/// Rows of token ids cut into what the network reads and what it shall predict.
#[derive(Debug)]
pub struct Examples {
    /// Ids (B, L).
    pub inputs: Tensor,
    /// Ids of the following base (B, L), `MASKED` where it is not known.
    targets: Tensor,
}

impl Examples {
    /// From `rows` rows of L + 1 ids.
    pub fn new(tokens: &[u8], rows: usize, device: Device) -> Result<Self, TchError> {
        let width = tokens.len() / rows.max(1);
        let ids: Vec<i64> = tokens.iter().map(|&id| i64::from(id)).collect();
        let target = |&id: &u8| if TARGETS.contains(&id) { i64::from(id) } else { MASKED };
        let targets: Vec<i64> = tokens.iter().map(target).collect();
        let columns = |values: &[i64], from: i64| {
            let all = Tensor::f_from_slice(values)?.f_view([rows as i64, width as i64])?;
            upload(&all.f_narrow(1, from, width as i64 - 1)?.f_contiguous()?, device)
        };
        Ok(Self { inputs: columns(&ids, 0)?, targets: columns(&targets, 1)? })
    }

    /// The sum of the losses in nats.
    pub fn sum(&self, logits: &Tensor) -> Result<Tensor, TchError> {
        let vocabulary = *logits.size().last().unwrap_or(&0);
        let logits = logits.f_to_kind(Kind::Float)?.f_reshape([-1, vocabulary])?;
        let (targets, none) = (self.targets.f_reshape(-1)?, None::<&Tensor>);
        logits.f_cross_entropy_loss(&targets, none, Reduction::Sum, MASKED, 0.0)
    }
}

impl Batch for Examples {
    fn inputs(&self) -> &Tensor {
        &self.inputs
    }

    fn loss(&self, outputs: &OutputLayers<'_>, hidden: &Tensor) -> Result<Tensor, TchError> {
        self.sum(&outputs.network.logits(hidden)?)
    }
}

/// Every base but the first of a row is predicted from those before it.
impl Step for Drawn {
    fn length(&self) -> u64 {
        if self.rows == 0 { 0 } else { self.length - 1 }
    }

    fn batches(&self, tokens: u64) -> Vec<Range<usize>> {
        let at_once = (tokens / self.length().max(1)).max(1) as usize;
        (0..self.rows).step_by(at_once).map(|i| i..self.rows.min(i + at_once)).collect()
    }

    fn weight(&self) -> f64 {
        self.targets() as f64
    }

    fn weight_of_step(&self) -> f64 {
        (self.of_step as u64 * (self.length - 1)) as f64
    }

    fn first_row(&self) -> usize {
        self.first_row
    }

    fn targets(&self) -> u64 {
        targets(&self.tokens, self.length as usize)
    }

    fn tokens(&self) -> u64 {
        self.rows as u64 * self.length()
    }

    fn skipped(&self) -> u64 {
        self.skipped
    }

    fn batch(&self, rows: Range<usize>, device: Device) -> Result<Box<dyn Batch>, TchError> {
        let width = self.length as usize;
        let tokens = &self.tokens[rows.start * width..rows.end * width];
        Ok(Box::new(Examples::new(tokens, rows.len(), device)?))
    }
}

/// Targets in rows of `width` ids: what losses are divided by.
pub fn targets(tokens: &[u8], width: usize) -> u64 {
    let known = |row: &[u8]| row[1..].iter().filter(|id| TARGETS.contains(id)).count() as u64;
    tokens.chunks_exact(width).map(known).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_bases_are_masked() {
        let tokens = [7, 8, 11, 10, 4, 9, 9, 9];
        assert_eq!(targets(&tokens, 4), 5);
        let examples = Examples::new(&tokens, 2, Device::Cpu).unwrap();
        assert_eq!(Vec::<Vec<i64>>::try_from(&examples.inputs).unwrap(), [[7, 8, 11], [4, 9, 9]]);
        let logits = Tensor::zeros([2, 3, 16], (Kind::Float, Device::Cpu));
        let sum = examples.sum(&logits).unwrap().double_value(&[]);
        assert!((sum - 5.0 * 16_f64.ln()).abs() < 1e-5);
    }
}

//! AdamW on one flat tensor (Loshchilov & Hutter, arXiv 1711.05101), with clipping by the global
//! norm.

use serde::{Deserialize, Serialize};
use tch::{TchError, Tensor};

use super::parameters::{GROUPS, ParameterGroup, Parameters};

/// Constants of the optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdamW {
    /// Decay of the mean of the gradient.
    pub beta1: f64,
    /// Decay of the mean of its square.
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub epsilon: f64,
    /// Decay of the weights of [`ParameterGroup::Decayed`], times the learning rate a step.
    pub weight_decay: f64,
    /// Norm that gradients are scaled down to; 0 switches clipping off.
    pub clip: f64,
}

impl Default for AdamW {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.1, clip: 1.0 }
    }
}

/// Running means of the gradient, in the layout of the weights.
#[derive(Debug)]
pub struct Moments {
    /// Of the gradient.
    pub mean: Tensor,
    /// Of its square.
    pub square: Tensor,
    /// Steps taken.
    pub steps: u64,
}

impl Moments {
    /// Before the first step.
    pub fn new(parameters: &Parameters) -> Result<Self, TchError> {
        let [mean, square] = [(); 2].map(|()| parameters.flat.f_zeros_like());
        Ok(Self { mean: mean?, square: square?, steps: 0 })
    }
}

impl AdamW {
    /// Scales `gradient` down to the norm that is allowed.
    pub fn clip(&self, gradient: &mut Tensor, norm: f64) -> Result<(), TchError> {
        if self.clip > 0.0 && norm > self.clip {
            let _ = gradient.f_mul_scalar_(self.clip / (norm + 1e-6))?;
        }
        Ok(())
    }

    /// Moves the weights against a gradient of their layout. `rate` gives the learning rate of a
    /// group.
    pub fn step(
        &self,
        parameters: &Parameters,
        gradient: &Tensor,
        moments: &mut Moments,
        rate: impl Fn(ParameterGroup) -> f64,
    ) -> Result<(), TchError> {
        let _no_grad = tch::no_grad_guard();
        moments.steps += 1;
        let _ = moments.mean.f_lerp_(gradient, 1.0 - self.beta1)?;
        let _ = moments.square.f_lerp_(&gradient.f_square()?, 1.0 - self.beta2)?;
        let correction = |beta: f64| 1.0 - beta.powf(moments.steps as f64);
        let (first, second) = (correction(self.beta1), correction(self.beta2));
        for group in GROUPS {
            let range = parameters.range(group);
            let part = |flat: &Tensor| flat.f_narrow(0, range.start as i64, range.len() as i64);
            let rate = rate(group);
            let mut weights = part(&parameters.flat)?;
            if group == ParameterGroup::Decayed {
                let _ = weights.f_mul_scalar_(1.0 - rate * self.weight_decay)?;
            }
            let root = part(&moments.square)?.f_sqrt()?.f_div_scalar(second.sqrt())?;
            let scale = root.f_add_scalar(self.epsilon)?;
            let mut change = part(&moments.mean)?.f_div(&scale)?;
            let _ = weights.f_sub_(&change.f_mul_scalar_(rate / first)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::source;

    #[test]
    fn groups_have_rates_of_their_own_and_one_decays() {
        let weights = source::builtin().unwrap().weights;
        let parameters = Parameters::new(weights, tch::Device::Cpu).unwrap();
        let _ = tch::no_grad(|| parameters.flat.shallow_clone().fill_(2.0));
        let optimizer = AdamW { weight_decay: 0.5, ..AdamW::default() };
        let rate = |group| match group {
            ParameterGroup::Decayed => 0.1,
            ParameterGroup::Plain => 0.3,
            ParameterGroup::Filter => 0.4,
        };
        let mut moments = Moments::new(&parameters).unwrap();
        let gradient = parameters.flat.full_like(7.0);
        optimizer.step(&parameters, &gradient, &mut moments, rate).unwrap();
        // whatever the size of the gradient, the first step is as long as the rate
        for (group, want) in [
            (ParameterGroup::Decayed, 2.0 * (1.0 - 0.1 * 0.5) - 0.1),
            (ParameterGroup::Plain, 2.0 - 0.3),
            (ParameterGroup::Filter, 2.0 - 0.4),
        ] {
            let range = parameters.range(group);
            let part = parameters.flat.narrow(0, range.start as i64, range.len() as i64);
            let error = (part - want).abs().max().double_value(&[]);
            assert!(error < 1e-5, "{group:?}: {error}");
        }
    }

    #[test]
    fn gradients_are_scaled_down_only() {
        let clipped = |clip: f64| {
            let mut gradient = Tensor::from_slice(&[3.0_f32, 4.0]);
            AdamW { clip, ..AdamW::default() }.clip(&mut gradient, 5.0).unwrap();
            gradient.norm().double_value(&[])
        };
        for (clip, norm) in [(1.0, 1.0), (4.9, 4.9), (10.0, 5.0), (0.0, 5.0)] {
            assert!((clipped(clip) - norm).abs() < 1e-5, "{clip}");
        }
    }
}

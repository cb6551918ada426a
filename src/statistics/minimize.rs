//! Minimum of a smooth convex function by L-BFGS (Nocedal and Wright, algorithms 7.4 and 7.5).

use std::collections::VecDeque;

/// Number of past steps that shape a direction.
const HISTORY: usize = 10;

/// Most halvings of a step.
const HALVINGS: usize = 40;

/// A point found by [`minimize`].
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum {
    /// The point.
    pub point: Vec<f64>,
    /// True if the gradient is as small there as was requested.
    pub converged: bool,
}

/// A step: the change of the point, that of the gradient, and their inner product.
struct Step {
    point: Vec<f64>,
    gradient: Vec<f64>,
    curvature: f64,
}

/// Minimises `function`, which gives the value and the gradient of a point. Starts at `start` and ends
/// when no partial derivative is above `tolerance`, or after `most` steps.
pub fn minimize(
    start: Vec<f64>,
    function: impl Fn(&[f64]) -> (f64, Vec<f64>),
    tolerance: f64,
    most: usize,
) -> Minimum {
    let mut point = start;
    let (mut value, mut gradient) = function(&point);
    let mut history: VecDeque<Step> = VecDeque::new();
    for _ in 0..most {
        if gradient.iter().all(|x| x.abs() <= tolerance) {
            return Minimum { point, converged: true };
        }
        let mut direction = direction(&gradient, &history);
        let mut slope = dot(&gradient, &direction);
        if slope >= 0.0 {
            history.clear();
            direction = gradient.iter().map(|x| -x).collect();
            slope = -dot(&gradient, &gradient);
        }
        // the first step has no scale yet
        let mut length =
            if history.is_empty() { 1.0 / dot(&gradient, &gradient).sqrt() } else { 1.0 };
        let mut accepted = None;
        for _ in 0..HALVINGS {
            let next: Vec<f64> =
                point.iter().zip(&direction).map(|(x, d)| x + length * d).collect();
            let (next_value, next_gradient) = function(&next);
            if next_value <= value + 1e-4 * length * slope {
                accepted = Some((next, next_value, next_gradient));
                break;
            }
            length /= 2.0;
        }
        // no descent is left within the rounding of the value
        let Some((next, next_value, next_gradient)) = accepted else { break };
        let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        let step: Vec<f64> = difference(&next, &point);
        let change: Vec<f64> = difference(&next_gradient, &gradient);
        let curvature = dot(&step, &change);
        if curvature > 1e-12 * dot(&change, &change) {
            history.push_back(Step { point: step, gradient: change, curvature });
            if history.len() > HISTORY {
                history.pop_front();
            }
        }
        (point, value, gradient) = (next, next_value, next_gradient);
    }
    let converged = gradient.iter().all(|x| x.abs() <= tolerance);
    Minimum { point, converged }
}

/// The direction of descent: minus the gradient times the inverse Hessian as the history shows it.
fn direction(gradient: &[f64], history: &VecDeque<Step>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|x| -x).collect();
    let mut shares = Vec::with_capacity(history.len());
    for step in history.iter().rev() {
        let share = dot(&step.point, &direction) / step.curvature;
        add(&mut direction, -share, &step.gradient);
        shares.push(share);
    }
    if let Some(last) = history.back() {
        let scale = last.curvature / dot(&last.gradient, &last.gradient);
        direction.iter_mut().for_each(|x| *x *= scale);
    }
    for (step, share) in history.iter().zip(shares.into_iter().rev()) {
        let other = dot(&step.gradient, &direction) / step.curvature;
        add(&mut direction, share - other, &step.point);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], times: f64, of: &[f64]) {
    to.iter_mut().zip(of).for_each(|(x, y)| *x += times * y);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_of_an_uneven_bowl_is_found() {
        let scales: Vec<f64> = (0..30).map(|i| 1.3_f64.powi(i)).collect();
        let bowl = |x: &[f64]| {
            let terms = x.iter().zip(&scales);
            let value = terms.clone().map(|(x, s)| s * (x - 1.0).powi(2) / 2.0).sum();
            (value, terms.map(|(x, s)| s * (x - 1.0)).collect())
        };
        let found = minimize(vec![0.0; 30], bowl, 1e-8, 500);
        assert!(found.converged);
        assert!(found.point.iter().all(|x| (x - 1.0).abs() < 1e-7), "{:?}", found.point);
        assert!(!minimize(vec![0.0; 30], bowl, 1e-8, 3).converged);
    }

    #[test]
    fn a_start_at_the_minimum_stays() {
        let found =
            minimize(vec![2.0], |x| ((x[0] - 2.0).powi(2), vec![2.0 * (x[0] - 2.0)]), 0.0, 9);
        assert_eq!(found, Minimum { point: vec![2.0], converged: true });
    }
}

//! Examples for tests.

use super::{metric::Metric, settings::TaskSettings};
use crate::{
    model::{
        head::{HeadConfig, HeadStrands, HeadTask},
        pool::Pool,
    },
    tasks::example::{At, Example, Place, Target},
};

/// An example.
pub fn example(bases: &[u8], target: Target) -> Example {
    let place = Place { path: "x.csv".into(), at: At::Line(2) };
    Example { bases: bases.to_vec(), target, place }
}

/// Settings of a task of two classes.
pub fn settings() -> TaskSettings {
    TaskSettings {
        head: HeadConfig {
            task: HeadTask::SingleLabel,
            outputs: vec!["a".into(), "b".into()],
            pool: Pool::Mean,
            strands: HeadStrands::Forward,
            hidden: Vec::new(),
            length: 100,
            prompt: 0,
            demonstrations: String::new(),
            scale: vec![[0.0, 1.0], [0.0, 1.0]],
        },
        seed: 5,
        reverse_complement: true,
        weights: Vec::new(),
        label_smoothing: 0.0,
        metric: Metric::Mcc,
    }
}

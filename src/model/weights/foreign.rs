//! Heads of checkpoints that others fine-tuned: a linear layer on pooled hidden states becomes a head for
//! a task.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{
    Weights,
    host::{HostTensor, listed},
};
use crate::model::{
    head::{HeadConfig, HeadStrands, HeadTask, PREFIX},
    pool::Pool,
};

/// A head that cannot be taken over.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ForeignHeadError {
    /// The model has a head for a task.
    #[error("the model has a head for a task already, with its pooling and classes in config.json")]
    Own,
    /// The file has no head.
    #[error("the file has no head for another task, such as score.weight or classifier.weight")]
    Missing,
    /// The head is not one linear layer.
    #[error(
        "expected one linear layer on {features} values ({pool} of {width} channels): a weight of shape [classes, {features}] and perhaps a bias of shape [classes]; found {found}"
    )]
    NotLinear {
        /// Values that the layer would read.
        features: usize,
        /// Pooling.
        pool: Pool,
        /// Channels of the hidden states.
        width: i64,
        /// Tensors of the head.
        found: String,
    },
    /// Names of classes that do not fit the head.
    #[error("{named} classes are named, but the head has {outputs} outputs")]
    Classes {
        /// Number of names.
        named: usize,
        /// Number of outputs.
        outputs: usize,
    },
    /// A class that is named twice.
    #[error("the class {0} is named twice")]
    Twice(String),
}

/// Makes the head among the tensors that were `left_out` the head of the model, for the forward strand.
/// Without `classes` the outputs are named by their numbers, from 0. Without `task` it is one class of
/// several, or for a single output a regression.
///
/// # Errors
/// See [`ForeignHeadError`].
pub fn adopt(
    weights: &mut Weights,
    left_out: &BTreeMap<String, HostTensor>,
    pool: Pool,
    task: Option<HeadTask>,
    classes: &[String],
) -> Result<(), ForeignHeadError> {
    if weights.head.is_some() {
        return Err(ForeignHeadError::Own);
    }
    if left_out.is_empty() {
        return Err(ForeignHeadError::Missing);
    }
    let mut config = HeadConfig {
        task: task.unwrap_or(HeadTask::SingleLabel),
        outputs: Vec::new(),
        pool,
        strands: HeadStrands::Forward,
        hidden: Vec::new(),
        length: usize::try_from(weights.config.context()).unwrap_or(1).max(1),
        prompt: 0,
        demonstrations: String::new(),
        scale: Vec::new(),
    };
    let width = weights.config.d_model;
    let features = config.features(width);
    let not_linear =
        || ForeignHeadError::NotLinear { features, pool, width, found: listed(left_out) };
    let (weight, bias) = linear(left_out, features).ok_or_else(not_linear)?;
    let outputs = weight.shape[0];
    config.outputs = match classes {
        [] => (0..outputs).map(|number| number.to_string()).collect(),
        _ => classes.to_vec(),
    };
    if config.outputs.len() != outputs {
        return Err(ForeignHeadError::Classes { named: classes.len(), outputs });
    }
    if let Some(i) = (1..outputs).find(|&i| config.outputs[..i].contains(&config.outputs[i])) {
        return Err(ForeignHeadError::Twice(config.outputs[i].clone()));
    }
    if task.is_none() && outputs == 1 {
        config.task = HeadTask::Regression;
    }
    weights.tensors.insert(format!("{PREFIX}0.weight"), weight);
    weights.tensors.insert(format!("{PREFIX}0.bias"), bias);
    weights.head = Some(config);
    Ok(())
}

/// Weight and bias of the only layer, which reads so many features; a bias that is not there is 0.
fn linear(
    tensors: &BTreeMap<String, HostTensor>,
    features: usize,
) -> Option<(HostTensor, HostTensor)> {
    let end = |end: &'static str| move |entry: &(&String, &HostTensor)| entry.0.ends_with(end);
    let (name, weight) = tensors.iter().find(end(".weight"))?;
    let &[outputs, columns] = weight.shape.as_slice() else { return None };
    let bias = tensors.get(&format!("{}.bias", name.strip_suffix(".weight")?));
    if columns != features || outputs == 0 || tensors.len() != 1 + usize::from(bias.is_some()) {
        return None;
    }
    let shape = vec![outputs];
    let zero = HostTensor { data: vec![0.0; outputs], shape };
    let bias = bias.cloned().unwrap_or(zero);
    (bias.shape == [outputs]).then(|| (weight.clone(), bias))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::source;

    fn tensors(shapes: &[(&str, &[usize])]) -> BTreeMap<String, HostTensor> {
        let tensor = |(name, shape): &(&str, &[usize])| {
            let data = (0..shape.iter().product::<usize>()).map(|i| i as f32).collect();
            ((*name).to_owned(), HostTensor { shape: shape.to_vec(), data })
        };
        shapes.iter().map(tensor).collect()
    }

    fn adopted(
        shapes: &[(&str, &[usize])],
        pool: Pool,
        classes: &[&str],
    ) -> Result<HeadConfig, ForeignHeadError> {
        let mut weights = source::builtin().unwrap().weights;
        let classes: Vec<String> = classes.iter().map(|&class| class.to_owned()).collect();
        adopt(&mut weights, &tensors(shapes), pool, None, &classes)?;
        let head = weights.task_head().unwrap();
        let width = head.config.features(128);
        let bias = shapes.len() > 1;
        let outputs = head.apply(&vec![1.0; width]);
        for (row, output) in outputs.into_iter().enumerate() {
            let sum: f64 = (row * width..(row + 1) * width).map(|i| i as f64).sum();
            assert_eq!(f64::from(output), sum + if bias { row as f64 } else { 0.0 });
        }
        Ok(head.config)
    }

    #[test]
    fn a_linear_layer_becomes_a_head() {
        let score = adopted(&[("score.weight", &[2, 128])], Pool::Last, &[]).unwrap();
        assert_eq!((score.task, score.pool), (HeadTask::SingleLabel, Pool::Last));
        assert_eq!(score.outputs, ["0", "1"]);
        assert_eq!(score.length, 1024);
        let with_bias: [(&str, &[usize]); 2] =
            [("m.classifier.bias", &[3]), ("m.classifier.weight", &[3, 256])];
        let bins = "bins:2".parse().unwrap();
        let named = adopted(&with_bias, bins, &["a", "b", "c"]).unwrap();
        assert_eq!(named.outputs, ["a", "b", "c"]);
        let one = adopted(&[("head.weight", &[1, 128])], Pool::Mean, &["x"]).unwrap();
        assert_eq!(one.task, HeadTask::Regression);
    }

    #[test]
    fn other_heads_are_refused() {
        let layers: [(&str, &[usize]); 2] =
            [("head.0.weight", &[8, 128]), ("head.2.weight", &[2, 8])];
        let misshapen: [(&str, &[usize]); 2] = [("score.bias", &[3]), ("score.weight", &[2, 128])];
        for shapes in
            [&layers[..], &misshapen, &[("score.weight", &[2, 64])], &[("head.bias", &[])]]
        {
            let error = adopted(shapes, Pool::Mean, &[]).unwrap_err().to_string();
            let found = shapes[0].0;
            assert!(error.contains("[classes, 128]") && error.contains(found), "{error}");
        }
        let score: [(&str, &[usize]); 1] = [("score.weight", &[2, 128])];
        let refused = |classes: &[&str]| adopted(&score, Pool::Mean, classes).unwrap_err();
        assert_eq!(refused(&["a"]), ForeignHeadError::Classes { named: 1, outputs: 2 });
        assert_eq!(refused(&["a", "a"]), ForeignHeadError::Twice("a".into()));
        assert_eq!(adopted(&[], Pool::Mean, &[]).unwrap_err(), ForeignHeadError::Missing);
        let mut weights = source::builtin().unwrap().weights;
        adopt(&mut weights, &tensors(&score), Pool::Mean, None, &[]).unwrap();
        let again = adopt(&mut weights, &tensors(&score), Pool::Mean, None, &[]);
        assert_eq!(again.unwrap_err(), ForeignHeadError::Own);
    }
}

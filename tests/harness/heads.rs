//! Models with a head for a task, as `finetune` makes them: the built-in model, and a head with weights
//! that are drawn.

use std::fs;

pub use hyenadna::model::head::HeadConfig;
use hyenadna::model::{
    head::{HeadStrands, HeadTask},
    pool::Pool,
    weights::{convert, initial, source},
};

use super::Scratch;

/// A head of these outputs, for the mean of the forward strand.
pub fn config(task: HeadTask, outputs: &[&str]) -> HeadConfig {
    HeadConfig {
        task,
        outputs: outputs.iter().map(|&output| output.to_owned()).collect(),
        pool: if task.is_per_base() { Pool::None } else { Pool::Mean },
        strands: HeadStrands::Forward,
        hidden: Vec::new(),
        length: 64,
        prompt: 0,
        demonstrations: String::new(),
        scale: Vec::new(),
    }
}

/// A folder with a model that has a head.
pub fn model(scratch: &Scratch, name: &str, config: &HeadConfig) -> String {
    let folder = scratch.path(name);
    write(&folder, config);
    folder
}

/// Writes the built-in model with a head, whose weights are large enough that values differ from sequence
/// to sequence, into a new folder.
pub fn write(folder: &str, config: &HeadConfig) {
    let mut weights = source::builtin().unwrap().weights;
    let mut tensors = initial::head(config, weights.config.d_model, 7);
    tensors.values_mut().flat_map(|tensor| &mut tensor.data).for_each(|x| *x *= 30.0);
    weights.tensors.extend(tensors);
    weights.head = Some(config.clone());
    fs::create_dir(folder).unwrap();
    convert::write_hub_layout(&weights, folder.as_ref()).unwrap();
}

/// A head of three classes.
pub fn classes() -> HeadConfig {
    config(HeadTask::SingleLabel, &["exon", "intron", "none"])
}

/// A head of two classes.
pub fn two_classes() -> HeadConfig {
    config(HeadTask::SingleLabel, &["other", "promoter"])
}

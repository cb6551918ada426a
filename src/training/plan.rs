//! Choice of how the steps of a run are computed, from its configuration and the free memory.

use tch::Device;

use super::{
    engine::{ALONE, StepPlan, default_tokens},
    memory::choose,
    recipe::Recipe,
    schedule::Stage,
};
use crate::{
    inference::memory::{self, Advice, Bytes, TooLarge},
    model::{config::Config, libtorch},
};

/// Plans the steps of a run on a device with `threads` threads, and logs what they need.
///
/// # Errors
/// A step, or the sequences that are read ahead, do not fit into the free memory, whatever is recomputed.
pub fn plan(
    recipe: &Recipe,
    architecture: &Config,
    device: Device,
    threads: usize,
) -> Result<StepPlan, TooLarge> {
    let batch_tokens = match recipe.compute.batch_tokens {
        0 => {
            let each = |stage: &Stage| stage.batch.saturating_mul(recipe.before + stage.length);
            let fewest = recipe.stages.all().iter().map(each).min().unwrap_or(1);
            default_tokens(device, fewest * recipe.rows_per_sample)
        }
        tokens => tokens,
    };
    let samples = Bytes::estimated(recipe.bytes_of_samples());
    if let Some(host) = memory::free()
        && !samples.fit(host)
    {
        let work = "reading the sequences of a step, and of those after it, ahead".to_owned();
        let advice = Advice::remedy("lower --batch, or the batch of the stages");
        return Err(TooLarge { work, needed: samples, free: Bytes(host), advice });
    }
    let free = match device {
        Device::Cpu => memory::free().map(|bytes| bytes.saturating_sub(samples.0)),
        Device::Cuda(number) => libtorch::free_gpu_memory(number),
        _ => None,
    };
    let choice = choose(recipe, architecture, threads, batch_tokens, free)?;
    log::info!(
        "a step needs about {:.2}{}, with {} recomputed",
        choice.bytes,
        free.map_or_else(String::new, |bytes| format!(" of {} free", Bytes(bytes))),
        choice.recompute.part().unwrap_or("nothing")
    );
    if device == Device::Cpu && recipe.before + recipe.stages.longest() > ALONE {
        log::info!(
            "sequences of more than {ALONE} bases: the last bits of the results depend on the number of threads, here {threads} (-t)"
        );
    }
    let (recompute, precision) = (choice.recompute, recipe.compute.dtype);
    Ok(StepPlan { threads, batch_tokens, recompute, precision })
}

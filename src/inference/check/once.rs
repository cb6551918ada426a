//! The check of a device: at its first use with a model, and on request.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use tch::Device;

use crate::{
    formats::number::hex,
    hub,
    inference::{
        check::{Differences, check},
        computed::Limits,
        engine::Engine,
        runner::Runner,
    },
    model::{
        network::{HyenaDna, leaves::Precision},
        tokenizer::Tokenizer,
        weights::source::Named,
    },
};

/// Compares a device with the CPU, unless that was done before and is not requested. A CPU is compared on request only: the code
/// for GPUs, run there, with that for CPUs.
///
/// # Errors
/// The device computes other numbers, or fails.
pub fn check_once(named: &Named, device: Device, limits: Limits, is_requested: bool) -> Result<()> {
    let mark = mark(named, device, limits.precision);
    let is_new = device != Device::Cpu && !mark.as_ref().is_some_and(|mark| mark.exists());
    if !is_requested && !is_new {
        return Ok(());
    }
    let place = || format!("model {} on {device:?}", named.name);
    let Differences { log_probability, hidden, scores } =
        compare(named, device, limits).with_context(place)?;
    log::info!(
        "{}, compared with the CPU: log-probabilities differ by up to {log_probability:.1e} nats, hidden states by {hidden:.1e}, scores of a variant by {scores:.1e}",
        place()
    );
    if let (Some(mark), true) = (mark, device != Device::Cpu)
        && let Err(error) = fs::create_dir_all(mark.parent().unwrap_or(Path::new(".")))
            .and_then(|()| fs::write(&mark, b""))
    {
        log::debug!("{}: {error}; the device is compared again in the next run", mark.display());
    }
    Ok(())
}

fn compare(named: &Named, device: Device, limits: Limits) -> Result<Differences> {
    let tokenizer = Tokenizer::default();
    let network = |device| HyenaDna::new(&named.weights, device);
    let on_device = Engine::by_operators(network(device)?, device, tokenizer, limits)?;
    let of_cpu = Limits { precision: Precision::Fp32, ..limits };
    let cpu = Engine::new(network(Device::Cpu)?, Device::Cpu, tokenizer, of_cpu)?;
    let (mut on_device, mut cpu) = (Runner::new(on_device), Runner::new(cpu));
    Ok(check(&mut on_device, &mut cpu, limits.precision)?)
}

/// The empty file that says that a device was compared: its name stands for program, driver, GPUs, model and type. `None` where
/// the driver does not name its GPUs.
fn mark(named: &Named, device: Device, precision: Precision) -> Option<PathBuf> {
    let mut digest = Sha256::new();
    let facts = [
        env!("CARGO_PKG_VERSION").to_owned(),
        format!("{device:?} {precision:?}"),
        named.identity.to_string(),
        fs::read_to_string("/proc/driver/nvidia/version").unwrap_or_default(),
        // which GPU of the machine is the first
        ["CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"]
            .map(|name| format!("{:?}", env::var_os(name)))
            .concat(),
    ];
    let gpus = fs::read_dir("/proc/driver/nvidia/gpus").into_iter().flatten().flatten();
    let gpu = |gpu: fs::DirEntry| fs::read_to_string(gpu.path().join("information")).ok();
    let mut gpus: Vec<String> = gpus.filter_map(gpu).collect();
    if gpus.is_empty() {
        return None; // nothing tells one GPU from another
    }
    gpus.sort_unstable();
    for fact in facts.iter().chain(&gpus) {
        digest.update(fact.len().to_le_bytes());
        digest.update(fact);
    }
    let cache = hub::own_cache()?;
    Some(cache.join("hyenadna/devices").join(hex(&digest.finalize())))
}

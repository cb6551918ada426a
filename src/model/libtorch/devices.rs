//! Devices: their names on the command line, whether they can be used, and the CUDA half of libtorch.

use std::{
    ffi::{CStr, CString},
    path::{Path, PathBuf},
};

use tch::{Cuda, Device};
use thiserror::Error;

use crate::formats::number::counted;

/// A device that cannot be used.
#[derive(Debug, Error)]
pub enum DeviceError {
    /// The CUDA half of libtorch is not installed or does not load.
    #[error(
        "CUDA was requested, but libtorch_cuda.so cannot be loaded ({0}); run scripts/get-libtorch --cuda and build again, or use --device cpu"
    )]
    NoLibrary(String),
    /// libtorch loads but sees no GPU.
    #[error(
        "CUDA was requested, but libtorch finds no usable GPU; check nvidia-smi and the driver's version, or use --device cpu"
    )]
    NoGpu,
    /// A CPU has no such products.
    #[error("--dtype tf32 is a type of NVIDIA's GPUs; on a CPU use fp32 or bf16")]
    NoTf32,
    /// There are fewer GPUs.
    #[error("cuda:{requested} was requested, but this machine has {} (the first is cuda:0)", counted(*found, "GPU"))]
    NoSuchGpu {
        /// Number of the requested GPU.
        requested: usize,
        /// Number of GPUs.
        found: usize,
    },
    /// Several devices were named for work that one does.
    #[error("several devices were named, but this computes on one; name one with --device")]
    Several,
}

/// Value of `--device`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A GPU if there is one that works, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU: the first one, or of processes that train together that of their number on the machine.
    Gpu,
    /// The GPU of this number.
    Cuda(usize),
    /// The CPU for so many models, two or more, which share its threads.
    Cpus(usize),
    /// The GPUs of these numbers, two or more.
    Gpus(Vec<usize>),
    /// Every GPU of the machine.
    AllGpus,
}

impl DeviceChoice {
    /// True if it was written as a list of devices.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::Cpus(_) | Self::Gpus(_) | Self::AllGpus)
    }

    /// Number of devices that were named.
    pub fn named(&self) -> usize {
        match self {
            Self::Cpus(count) => *count,
            Self::Gpus(numbers) => numbers.len(),
            Self::Auto | Self::Cpu | Self::Gpu | Self::Cuda(_) | Self::AllGpus => 1,
        }
    }
}

impl std::str::FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected auto, cpu, cuda, cuda:N, cuda:N,N,… or cuda:all";
        match text {
            "auto" => return Ok(Self::Auto),
            "cuda" => return Ok(Self::Gpu),
            "cuda:all" => return Ok(Self::AllGpus),
            _ => {}
        }
        let (mut cpus, mut gpus) = (0, Vec::new());
        for name in text.split(',') {
            let number = match name {
                "cpu" => {
                    cpus += 1;
                    continue;
                }
                "cuda" => Some(0),
                // cuda:0,1 is short for cuda:0,cuda:1
                bare if !gpus.is_empty() && bare.starts_with(|c: char| c.is_ascii_digit()) => {
                    bare.parse().ok()
                }
                other => other.strip_prefix("cuda:").and_then(|number| number.parse().ok()),
            };
            let number: usize = number.ok_or(EXPECTED)?;
            if gpus.contains(&number) {
                return Err(format!("cuda:{number} is named twice"));
            }
            gpus.push(number);
        }
        match (cpus, &gpus[..]) {
            (1, []) => Ok(Self::Cpu),
            (_, []) => Ok(Self::Cpus(cpus)),
            (0, [number]) => Ok(Self::Cuda(*number)),
            (0, _) => Ok(Self::Gpus(gpus)),
            _ => Err("cpu and GPUs cannot be combined; name devices of one kind".to_owned()),
        }
    }
}

/// Resolves a choice of one device. libtorch's CUDA half, most of a gigabyte, is loaded only when a GPU is
/// requested or a driver is present.
///
/// # Errors
/// A GPU that was requested cannot be used; `auto` falls back to the CPU with a warning. The choice is a list.
pub fn device(choice: &DeviceChoice) -> Result<Device, DeviceError> {
    device_of(choice, 0)
}

/// The same for the process of number `local` on this machine, of several that train together: each has a
/// GPU of its own.
///
/// # Errors
/// See [`device`].
pub fn device_of(choice: &DeviceChoice, local: usize) -> Result<Device, DeviceError> {
    match choice {
        DeviceChoice::Cpu => Ok(Device::Cpu),
        DeviceChoice::Gpu => cuda(local),
        DeviceChoice::Cuda(number) => cuda(*number),
        DeviceChoice::Auto if !driver_present() => Ok(Device::Cpu),
        DeviceChoice::Auto => Ok(cuda(local).unwrap_or_else(|error| {
            log::warn!("a GPU driver is present but not used: {error}");
            Device::Cpu
        })),
        DeviceChoice::Cpus(_) | DeviceChoice::Gpus(_) | DeviceChoice::AllGpus => {
            Err(DeviceError::Several)
        }
    }
}

/// Resolves a choice of one device or several, in the order in which they are named.
///
/// # Errors
/// See [`device`].
pub fn devices(choice: &DeviceChoice) -> Result<Vec<Device>, DeviceError> {
    match choice {
        DeviceChoice::Cpus(count) => Ok(vec![Device::Cpu; *count]),
        DeviceChoice::Gpus(numbers) => numbers.iter().map(|&number| cuda(number)).collect(),
        DeviceChoice::AllGpus => (0..gpus()?).map(cuda).collect(),
        one => Ok(vec![device(one)?]),
    }
}

fn driver_present() -> bool {
    Path::new("/dev/nvidiactl").exists()
}

/// Number of GPUs, one or more.
fn gpus() -> Result<usize, DeviceError> {
    load_cuda()?;
    usize::try_from(Cuda::device_count()).ok().filter(|&found| found > 0).ok_or(DeviceError::NoGpu)
}

fn cuda(number: usize) -> Result<Device, DeviceError> {
    let found = gpus()?;
    if number >= found {
        return Err(DeviceError::NoSuchGpu { requested: number, found });
    }
    Ok(Device::Cuda(number))
}

/// Loads `libtorch_cuda.so` from `cuda/` beside the libtorch that is in use, else from wherever
/// the dynamic linker finds it. It registers itself with libtorch.
fn load_cuda() -> Result<(), DeviceError> {
    let mut error = String::new();
    for candidate in [torch_folder().map(|f| f.join("cuda")), torch_folder()]
        .into_iter()
        .flatten()
        .map(|folder| folder.join("libtorch_cuda.so"))
        .filter(|path| path.exists())
        .chain([PathBuf::from("libtorch_cuda.so")])
    {
        match open_library(&candidate) {
            Ok(()) => return Ok(()),
            // the first names what is missing, the last only that the search failed
            Err(reason) if error.is_empty() => error = reason,
            Err(_) => {}
        }
    }
    Err(DeviceError::NoLibrary(error))
}

/// The folder of the `libtorch_cpu.so` that this process runs with.
fn torch_folder() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps.lines().find(|line| line.ends_with("/libtorch_cpu.so"))?;
    Path::new(&line[line.find('/')?..]).parent().map(Path::to_owned)
}

fn open_library(path: &Path) -> Result<(), String> {
    let name = CString::new(path.as_os_str().as_encoded_bytes())
        .map_err(|_| "its path holds a NUL byte".to_owned())?;
    // SAFETY: `name` is a C string; the library is never closed; dlerror's text is copied at once
    // and no other thread of ours loads libraries.
    unsafe {
        if !libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL).is_null() {
            return Ok(());
        }
        let reason = libc::dlerror();
        if reason.is_null() {
            return Err("unknown reason".to_owned());
        }
        Err(CStr::from_ptr(reason).to_string_lossy().into_owned())
    }
}

unsafe extern "C" {
    fn hyenadna_allow_tf32(allow: bool) -> bool;
}

/// Allows GPUs to round the inputs of fp32 products to 10 bits, or forbids it.
///
/// # Errors
/// `device` is a CPU, which has no such products.
pub fn use_tf32(allow: bool, device: Device) -> Result<(), DeviceError> {
    if allow && device == Device::Cpu {
        return Err(DeviceError::NoTf32);
    }
    // SAFETY: sets a switch of libtorch's, of which it reports no failure.
    unsafe { hyenadna_allow_tf32(allow) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_parsed() {
        for (text, expected) in [
            ("auto", DeviceChoice::Auto),
            ("cpu", DeviceChoice::Cpu),
            ("cpu,cpu", DeviceChoice::Cpus(2)),
            ("cuda", DeviceChoice::Gpu),
            ("cuda:3", DeviceChoice::Cuda(3)),
            ("cuda:2,0", DeviceChoice::Gpus(vec![2, 0])),
            ("cuda,cuda:1,5", DeviceChoice::Gpus(vec![0, 1, 5])),
            ("cuda:all", DeviceChoice::AllGpus),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn lists_that_mean_nothing_are_refused() {
        for (text, expected) in [
            ("cuda:1,1", "cuda:1 is named twice"),
            ("cuda,cuda:0", "cuda:0 is named twice"),
            ("cpu,cuda:0", "cannot be combined"),
            ("cuda:0,cpu", "cannot be combined"),
            ("gpu", "expected auto"),
            ("", "expected auto"),
            ("cuda:", "expected auto"),
            ("cuda:0,", "expected auto"),
            ("0,1", "expected auto"),
            ("cpu,1", "expected auto"),
            ("cuda:0,-1", "expected auto"),
            ("cuda:0,+1", "expected auto"),
            ("cuda:all,0", "expected auto"),
            ("cuda:0,all", "expected auto"),
            ("auto,cpu", "expected auto"),
        ] {
            let error = text.parse::<DeviceChoice>().unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn one_device_is_not_chosen_of_several() {
        let several = DeviceChoice::Cpus(3);
        assert!(several.is_list() && several.named() == 3);
        assert_eq!(devices(&several).unwrap(), [Device::Cpu; 3]);
        assert!(matches!(device(&several), Err(DeviceError::Several)));
        assert_eq!(devices(&DeviceChoice::Cpu).unwrap(), [Device::Cpu]);
    }

    #[test]
    fn tf32_is_for_gpus() {
        assert!(matches!(use_tf32(true, Device::Cpu), Err(DeviceError::NoTf32)));
        assert!(use_tf32(false, Device::Cpu).is_ok());
    }

    #[test]
    fn the_folder_of_libtorch_is_found() {
        let _ = tch::get_num_threads();
        assert!(torch_folder().unwrap().join("libtorch_cpu.so").exists());
    }
}

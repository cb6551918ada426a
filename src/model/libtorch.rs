//! Border to libtorch as a library: devices, threads, memory, and the operators
//! of shim/.

pub mod forward;
pub mod operators;
pub mod waiting;

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
        found: i64,
    },
}

/// Value of `--device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A GPU if there is one that works, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The GPU of this number.
    Cuda(usize),
}

impl std::str::FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|n| n.parse().ok())
                .map(Self::Cuda)
                .ok_or_else(|| "expected auto, cpu, cuda or cuda:N".to_owned()),
        }
    }
}

/// Resolves a choice. libtorch's CUDA half, most of a gigabyte, is loaded only when a GPU is
/// requested or a driver is present.
///
/// # Errors
/// A GPU that was requested cannot be used; `auto` falls back to the CPU with a warning.
pub fn device(choice: DeviceChoice) -> Result<Device, DeviceError> {
    match choice {
        DeviceChoice::Cpu => Ok(Device::Cpu),
        DeviceChoice::Cuda(n) => cuda(n),
        DeviceChoice::Auto if !driver_present() => Ok(Device::Cpu),
        DeviceChoice::Auto => Ok(cuda(0).unwrap_or_else(|error| {
            log::warn!("a GPU driver is present but not used: {error}");
            Device::Cpu
        })),
    }
}

fn driver_present() -> bool {
    Path::new("/dev/nvidiactl").exists()
}

fn cuda(n: usize) -> Result<Device, DeviceError> {
    load_cuda()?;
    let found = Cuda::device_count();
    match found {
        0 => Err(DeviceError::NoGpu),
        _ if n as i64 >= found => Err(DeviceError::NoSuchGpu { requested: n, found }),
        _ => Ok(Device::Cuda(n)),
    }
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

/// Free memory of GPU `number` in bytes, according to the CUDA runtime that libtorch loaded.
pub fn free_gpu_memory(number: usize) -> Option<usize> {
    type SetDevice = unsafe extern "C" fn(i32) -> i32;
    type GetInfo = unsafe extern "C" fn(*mut usize, *mut usize) -> i32;
    let (mut free, mut total) = (0, 0);
    // SAFETY: the types are those of the CUDA runtime's functions of these names.
    unsafe {
        let set = libc::dlsym(libc::RTLD_DEFAULT, c"cudaSetDevice".as_ptr());
        let get = libc::dlsym(libc::RTLD_DEFAULT, c"cudaMemGetInfo".as_ptr());
        if set.is_null() || get.is_null() {
            return None;
        }
        let set = std::mem::transmute::<*mut libc::c_void, SetDevice>(set);
        let get = std::mem::transmute::<*mut libc::c_void, GetInfo>(get);
        (set(i32::try_from(number).ok()?) == 0 && get(&raw mut free, &raw mut total) == 0)
            .then_some(free)
    }
}

/// Sets the number of threads of libtorch's operators.
pub fn set_threads(threads: usize) {
    tch::set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX));
}

/// From now on libtorch's operators on the calling thread use no other: for threads of rayon's
/// pool that work side by side. Operators that share threads wait for each other at their end, for
/// long where another program takes one of the cores.
pub fn alone() {
    set_threads(1);
}

/// Makes glibc's allocator keep memory that libtorch frees: large tensors would otherwise be
/// mapped, zeroed page by page and unmapped in each operator, which halves the speed.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt only sets parameters of the allocator.
    unsafe {
        // a threshold for mmap would be refused: 32 MB is the largest that mallopt takes
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
    }
}

/// Makes glibc's allocator share one arena among all threads: each of its own would reserve 64 MB of
/// address space. For processes whose address space is limited, in place of [`keep_freed_memory`].
pub fn save_address_space() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: as above.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_parsed() {
        assert_eq!("auto".parse(), Ok(DeviceChoice::Auto));
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        assert_eq!("cuda:3".parse(), Ok(DeviceChoice::Cuda(3)));
        assert!("gpu".parse::<DeviceChoice>().is_err());
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

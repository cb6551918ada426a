//! Border to libtorch as a library: devices, threads, memory, and the operators
//! of shim/.

pub mod c10d;
pub mod devices;
pub mod forward;
pub mod memory;
pub mod operators;
pub mod transfer;
pub mod waiting;

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

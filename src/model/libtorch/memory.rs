//! What libtorch's allocators hold.

unsafe extern "C" {
    fn hyenadna_gpu_memory(number: i8, into: *mut i64) -> bool;
    fn hyenadna_watch_begin();
    fn hyenadna_watch_end() -> i64;
}

/// Bytes of a GPU that libtorch has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GpuMemory {
    /// Those of tensors.
    pub tensors: usize,
    /// Those of tensors, and those that are kept for tensors.
    pub reserved: usize,
    /// The most that tensors had at once.
    pub peak: usize,
}

impl GpuMemory {
    /// Bytes that are kept for tensors.
    pub fn kept(self) -> usize {
        self.reserved.saturating_sub(self.tensors)
    }
}

/// What libtorch has of GPU `number`; `None` if it does not tell.
pub fn of_gpu(number: usize) -> Option<GpuMemory> {
    let mut found = [0_i64; 3];
    // SAFETY: there is room for three numbers.
    let told = unsafe { hyenadna_gpu_memory(i8::try_from(number).ok()?, found.as_mut_ptr()) };
    let [tensors, reserved, peak] = found.map(|bytes| usize::try_from(bytes).unwrap_or(0));
    told.then_some(GpuMemory { tensors, reserved, peak })
}

/// Number of GPUs that libtorch sees; 0 unless its CUDA half was loaded.
pub fn gpus() -> usize {
    usize::try_from(tch::Cuda::device_count()).unwrap_or(0)
}

/// The most bytes that tensors had at once on a GPU of this process; `None` if it has none.
pub fn gpu_peak() -> Option<u64> {
    let peaks = (0..gpus()).filter_map(of_gpu).map(|memory| memory.peak as u64);
    peaks.max().filter(|&peak| peak > 0)
}

/// What `work` returns, and the most bytes of tensors on the CPU that it had at once on this thread.
pub fn watched<T>(work: impl FnOnce() -> T) -> (T, usize) {
    // SAFETY: they count, and nothing else of this thread does.
    unsafe { hyenadna_watch_begin() };
    let made = work();
    // SAFETY: as above.
    let most = unsafe { hyenadna_watch_end() };
    (made, usize::try_from(most).unwrap_or(0))
}

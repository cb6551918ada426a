//! Memory for many numbers, in large pages where the system has them.

use std::{
    io,
    ops::{Deref, DerefMut},
    ptr::NonNull,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A fixed number of floats, zero at first, aligned to pages. Pages are taken from the system when
/// they are first written.
#[derive(Debug)]
pub struct Buffer {
    start: NonNull<f32>,
    len: usize,
}

// SAFETY: it owns its memory.
unsafe impl Send for Buffer {}
// SAFETY: shared references only read.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// # Errors
    /// The system has no address space left.
    pub fn new(len: usize) -> io::Result<Self> {
        if len == 0 {
            return Ok(Self { start: NonNull::dangling(), len });
        }
        let bytes = len.checked_mul(size_of::<f32>()).ok_or(io::ErrorKind::OutOfMemory)?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: asks for fresh memory at any address.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, kind, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        #[cfg(all(target_os = "linux", not(miri)))]
        // SAFETY: the range was mapped above; this is a hint, and its failure does no harm.
        unsafe {
            libc::madvise(start, bytes, libc::MADV_HUGEPAGE);
        }
        NonNull::new(start.cast()).map(|start| Self { start, len }).ok_or_else(|| {
            io::Error::new(io::ErrorKind::OutOfMemory, "memory was mapped at address 0")
        })
    }

    /// Makes room for `len` floats; what was there is lost when it grows.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    pub fn at_least(&mut self, len: usize) -> io::Result<&mut [f32]> {
        if self.len < len {
            *self = Self::default(); // first give back what there is
            *self = Self::new(len)?;
        }
        Ok(&mut self[..len])
    }

    /// Bytes of it.
    pub fn bytes(&self) -> usize {
        self.len * size_of::<f32>()
    }
}

/// Buffers that threads use in turn.
#[derive(Debug, Default)]
pub struct Reused(Mutex<Vec<Buffer>>);

impl Reused {
    /// Calls `body` with a buffer of any length, the longest that is free. What it has is undefined.
    pub fn with<T>(&self, body: impl FnOnce(&mut Buffer) -> T) -> T {
        let mut buffer = {
            let mut free = self.lock();
            let longest = (0..free.len()).max_by_key(|&number| free[number].len);
            longest.map(|number| free.swap_remove(number)).unwrap_or_default()
        };
        let made = body(&mut buffer);
        self.lock().push(buffer);
        made
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Buffer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self { start: NonNull::dangling(), len: 0 }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: `len` floats are mapped at `start`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: mapped by `new` with this length.
            unsafe { libc::munmap(self.start.as_ptr().cast(), self.bytes()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_free_buffer_is_used_again() {
        let buffers = Reused::default();
        buffers.with(|long| {
            long.at_least(100).unwrap()[99] = 1.0;
            buffers.with(|short| assert_eq!(short.at_least(10).unwrap().len(), 10));
        });
        buffers.with(|long| {
            assert_eq!((long.len(), long[99]), (100, 1.0));
            buffers.with(|short| assert_eq!(short.len(), 10));
        });
    }

    #[test]
    fn grows_and_is_zero_at_first() {
        let mut buffer = Buffer::default();
        assert!(buffer.is_empty());
        let room = buffer.at_least(1000).unwrap();
        assert!(room.iter().all(|&x| x == 0.0));
        room[999] = 1.0;
        assert_eq!(buffer.at_least(10).unwrap().len(), 10);
        assert_eq!((buffer[999], buffer.len()), (1.0, 1000));
        assert_eq!(buffer.at_least(2000).unwrap()[999], 0.0);
    }
}

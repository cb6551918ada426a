//! Files, headers and records of htslib, freed when dropped.

use std::{
    ffi::CStr,
    io,
    os::fd::{IntoRawFd, OwnedFd},
    ptr,
};

use rust_htslib::htslib as hts;

/// Direction of an htslib file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Read,
    Write,
}

impl Mode {
    /// Mode in the notation of htslib.
    fn flags(self) -> &'static CStr {
        match self {
            Self::Read => c"r",
            Self::Write => c"wb",
        }
    }
}

/// An htslib file. Closed when dropped, unless it is being written.
pub struct File {
    pub inner: *mut hts::htsFile,
    mode: Mode,
}

// SAFETY: an htsFile may move between threads as long as only one uses it at a time.
unsafe impl Send for File {}

impl File {
    /// Passes a file descriptor to htslib.
    pub fn open(descriptor: OwnedFd, mode: Mode) -> io::Result<Self> {
        let (name, flags) = (c"-", mode.flags());
        // SAFETY: both calls take C strings; the descriptor's ownership goes to the hFILE, and the
        // hFILE's to the htsFile. A failed call leaves at most a descriptor open.
        let file = unsafe {
            hts::hts_set_log_level(hts::htsLogLevel_HTS_LOG_OFF);
            let stream = hts::hdopen(descriptor.into_raw_fd(), flags.as_ptr());
            if stream.is_null() {
                return Err(io::Error::last_os_error());
            }
            hts::hts_hopen(stream, name.as_ptr(), flags.as_ptr())
        };
        if file.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { inner: file, mode })
    }

    /// Flushes and closes the file; dropping it would lose errors.
    pub fn close(mut self) -> io::Result<()> {
        let file = std::mem::replace(&mut self.inner, ptr::null_mut());
        // SAFETY: the pointer came from hts_hopen and is not used again.
        if unsafe { hts::hts_close(file) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // closing an aborted output would end it as if it were complete: it stays open, so that
        // readers see a truncated file
        if !self.inner.is_null() && self.mode == Mode::Read {
            // SAFETY: as in close.
            unsafe { hts::hts_close(self.inner) };
        }
    }
}

/// A BCF header of htslib, which is not null.
pub struct BcfHeader(ptr::NonNull<hts::bcf_hdr_t>);

// SAFETY: as for File.
unsafe impl Send for BcfHeader {}

impl BcfHeader {
    /// An empty header that is to be written.
    ///
    /// # Errors
    /// Memory ran out.
    pub fn empty() -> io::Result<Self> {
        // SAFETY: htslib returns a new header or null; the caller owns it.
        unsafe { Self::owned(hts::bcf_hdr_init(c"r".as_ptr())) }.ok_or_else(out_of_memory)
    }

    /// Takes what htslib returned; `None` if it is null.
    ///
    /// # Safety
    /// Nothing else frees or changes the header.
    pub unsafe fn owned(header: *mut hts::bcf_hdr_t) -> Option<Self> {
        ptr::NonNull::new(header).map(Self)
    }

    /// The header, for calls of htslib.
    pub fn raw(&self) -> *mut hts::bcf_hdr_t {
        self.0.as_ptr()
    }
}

fn out_of_memory() -> io::Error {
    io::ErrorKind::OutOfMemory.into()
}

impl Drop for BcfHeader {
    fn drop(&mut self) {
        // SAFETY: the pointer came from htslib and is freed once.
        unsafe { hts::bcf_hdr_destroy(self.raw()) };
    }
}

/// A record of htslib and the string that it is formatted into.
pub struct LineBuffer {
    pub record: *mut hts::bcf1_t,
    pub text: hts::kstring_t,
}

// SAFETY: as for File.
unsafe impl Send for LineBuffer {}

impl LineBuffer {
    /// # Errors
    /// Memory ran out.
    pub fn new() -> io::Result<Self> {
        // SAFETY: allocates an empty record, or returns null.
        let record = unsafe { hts::bcf_init() };
        if record.is_null() {
            return Err(out_of_memory());
        }
        Ok(Self { record, text: hts::kstring_t { l: 0, m: 0, s: ptr::null_mut() } })
    }

    /// Replaces the string, in memory of the C allocator, as htslib may reallocate it.
    ///
    /// # Errors
    /// Memory ran out.
    pub fn set(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = bytes.len() + 1;
        // SAFETY: the string is null or from malloc; `room` bytes are there before they are
        // written, and the last is a NUL.
        unsafe {
            if self.text.m < room {
                let grown = libc::realloc(self.text.s.cast(), room);
                if grown.is_null() {
                    return Err(out_of_memory());
                }
                self.text.s = grown.cast();
                self.text.m = room;
            }
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.text.s.cast(), bytes.len());
            *self.text.s.add(bytes.len()) = 0;
        }
        self.text.l = bytes.len();
        Ok(())
    }

    pub fn bytes(&self) -> &[u8] {
        if self.text.s.is_null() {
            return &[];
        }
        // SAFETY: a kstring holds `l` initialised bytes at `s`.
        unsafe { std::slice::from_raw_parts(self.text.s.cast::<u8>(), self.text.l) }
    }
}

impl Drop for LineBuffer {
    fn drop(&mut self) {
        // SAFETY: both were allocated by htslib (malloc) and are freed once; free takes null.
        unsafe {
            hts::bcf_destroy(self.record);
            libc::free(self.text.s.cast());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_htslib_could_not_allocate_is_not_used() {
        // SAFETY: nothing else has it.
        assert!(unsafe { BcfHeader::owned(ptr::null_mut()) }.is_none());
        assert!(!BcfHeader::empty().unwrap().raw().is_null());
        assert_eq!(out_of_memory().kind(), io::ErrorKind::OutOfMemory);
    }
}

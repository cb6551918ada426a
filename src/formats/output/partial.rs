//! Outputs of which the complete part is kept when their run is killed, so that the same run can go on.
//!
//! The bytes of `out.tsv` are written to `out.tsv.partial`. From time to time the run writes down in
//! `out.tsv.partial.state` how far it came: a line of JSON, and the bytes that are not in the partial file yet
//! because their bgzip block is not full. When the output is complete, the partial file gets its name, and the state is removed.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Seek, SeekFrom},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::{destination::target_of, error::OutputError, temporary, unfinished::old_mode};

/// How far an output came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// Bytes of the partial file that are final.
    pub bytes: u64,
    /// Bytes that follow, before compression, and are not in the file yet.
    pub rest: Vec<u8>,
    /// Bytes that were written so far by this run, before compression.
    pub written: u64,
}

/// What is there already of an output that goes on.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Bytes of the file that are there.
    pub bytes: u64,
    /// Bytes that follow, before compression.
    pub rest: Vec<u8>,
    /// Bytes of the header, before compression, which are there already.
    pub header: u64,
}

/// The partial file of an output, locked.
#[derive(Debug)]
pub struct Partial {
    file: File,
    /// True if it was not there before.
    pub is_new: bool,
}

impl Partial {
    /// Opens and locks the partial file of `path`.
    ///
    /// # Errors
    /// It cannot be opened, or another run writes it.
    pub fn lock(path: &Path) -> Result<Self, OutputError> {
        let partial = partial_path(path);
        let failed = |source| OutputError::Create { path: partial.clone(), source };
        let mode = old_mode(&target_of(path)).unwrap_or(0o666); // less the umask
        loop {
            let mut options = OpenOptions::new();
            options.read(true).write(true).mode(mode);
            let (file, is_new) = match options.create_new(true).open(&partial) {
                Ok(file) => (file, true),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    (options.create_new(false).open(&partial).map_err(failed)?, false)
                }
                Err(error) => return Err(failed(error)),
            };
            if !temporary::lock(&file).map_err(failed)? {
                let problem = "another run writes it; wait for that one, or end it first";
                return Err(failed(io::Error::other(problem)));
            }
            // another run may have given the file its final name before it was locked
            let place = |data: Metadata| (data.dev(), data.ino());
            let now = fs::metadata(&partial).ok().map(place);
            if now == Some(place(file.metadata().map_err(failed)?)) {
                return Ok(Self { file, is_new });
            }
        }
    }

    /// Its length in bytes.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// The file with its first `bytes` bytes, at their end.
    pub(super) fn at(mut self, bytes: u64) -> io::Result<File> {
        let length = self.bytes()?;
        if length < bytes {
            return Err(io::Error::other(format!(
                "it has {length} bytes, but {bytes} had been written; remove it to begin anew"
            )));
        }
        self.file.set_len(bytes)?;
        self.file.seek(SeekFrom::End(0))?;
        Ok(self.file)
    }
}

/// Path of the partial file of an output.
pub fn partial_path(path: &Path) -> PathBuf {
    with_suffix(path, ".partial")
}

/// Path of the state of an output.
pub fn state_path(path: &Path) -> PathBuf {
    with_suffix(path, ".partial.state")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = target_of(path).into();
    name.push(suffix);
    name.into()
}

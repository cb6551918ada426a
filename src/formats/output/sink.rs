//! Text outputs, compressed with bgzip if their name requests it.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use noodles::bgzf;

use super::{error::OutputError, file::Output, partial::Reached, resumable::Resumable};

/// A writer of an output, compressed with bgzip or not.
pub enum Sink {
    /// Uncompressed.
    Plain(BufWriter<Output>),
    /// Compressed with bgzip, on other threads.
    Bgzip(bgzf::io::MultithreadedWriter<Output>, BgzipState),
    /// One that can go on after its run was killed.
    Resumable(Box<Resumable>),
}

/// State of a bgzip writer, which panics if it is given more after a failed write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BgzipState {
    /// Every write so far succeeded.
    Writing,
    /// A write failed: no more may follow.
    Failed,
}

impl BgzipState {
    fn after<T>(result: &io::Result<T>) -> Self {
        if result.is_ok() { Self::Writing } else { Self::Failed }
    }
}

impl Sink {
    /// Opens a path, and compresses if it ends in `.gz`, `.bgz` or `.bgzf`.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        Output::create(path).map(Self::new)
    }

    /// Compresses an opened output if its name ends in `.gz`, `.bgz` or `.bgzf`.
    pub fn new(mut output: Output) -> Self {
        let is_compressed = is_compressed_name(output.path());
        if let Some(kept) = output.take_kept() {
            Self::Resumable(Box::new(Resumable::new(output, kept, is_compressed)))
        } else if is_compressed {
            Self::Bgzip(bgzf::io::MultithreadedWriter::new(output), BgzipState::Writing)
        } else {
            Self::Plain(BufWriter::with_capacity(1 << 16, output))
        }
    }

    /// Writes the bytes so far to disk, and tells how far an output came that can go on; `None` for others.
    ///
    /// # Errors
    /// The bytes cannot be written.
    pub fn reached(&self) -> io::Result<Option<Reached>> {
        match self {
            Self::Resumable(writer) => writer.reached().map(Some),
            Self::Plain(_) | Self::Bgzip(..) => Ok(None),
        }
    }

    /// Flushes the bytes and returns the output, which has no name yet.
    pub fn complete(self) -> io::Result<Output> {
        let mut output = match self {
            Self::Plain(writer) => writer.into_inner().map_err(|e| e.into_error())?,
            Self::Bgzip(_, BgzipState::Failed) => return Err(failed_before()),
            Self::Bgzip(mut writer, BgzipState::Writing) => writer.finish()?,
            Self::Resumable(writer) => writer.complete()?,
        };
        output.flush()?;
        Ok(output)
    }
}

fn failed_before() -> io::Error {
    io::Error::other("an earlier write failed")
}

/// True if a name ends in `.gz`, `.bgz` or `.bgzf`, which requests bgzip.
pub fn is_compressed_name(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["gz", "bgz", "bgzf"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(writer) => writer.write(bytes),
            Self::Resumable(writer) => writer.write(bytes),
            Self::Bgzip(_, BgzipState::Failed) => Err(failed_before()),
            Self::Bgzip(writer, state) => {
                let result = writer.write(bytes);
                *state = BgzipState::after(&result);
                result
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(writer) => writer.flush(),
            Self::Resumable(writer) => writer.flush(),
            Self::Bgzip(_, BgzipState::Failed) => Err(failed_before()),
            Self::Bgzip(writer, state) => {
                let result = writer.flush();
                *state = BgzipState::after(&result);
                result
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input::{Compression, detect};
    use std::fs;

    #[test]
    fn a_file_appears_only_when_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.tsv");
        let mut sink = Sink::create(&path).unwrap();
        sink.write_all(b"half").unwrap();
        sink.flush().unwrap();
        assert!(!path.exists());
        drop(sink);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut sink = Sink::create(&path).unwrap();
        sink.write_all(b"whole").unwrap();
        sink.complete().unwrap().finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_name_requests_bgzip() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.tsv.gz");
        let mut sink = Sink::create(&path).unwrap();
        sink.write_all(b"text").unwrap();
        sink.complete().unwrap().finish().unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_eq!(detect(&bytes), Compression::Bgzip);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = Sink::create(Path::new("/nonexistent/x.tsv")).err().unwrap().to_string();
        assert!(error.contains("/nonexistent/x.tsv"), "{error}");
    }
}

//! Destinations of an output: stdout, a pipe or device, or a file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::FileTypeExt,
    },
    path::{Path, PathBuf},
};

use super::{stdout, unfinished::UnfinishedFile};
use crate::formats::input::is_dash;

/// Target of the bytes of an output.
#[derive(Debug)]
pub(super) enum Destination {
    /// Standard output.
    Stdout(io::Stdout),
    /// A named pipe or a device, written in place.
    Special(File),
    /// A file with a temporary name.
    File(File, UnfinishedFile),
}

impl Destination {
    /// Opens `path`; `-` is stdout.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if is_dash(path) {
            return stdout::open().map(Self::Stdout);
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(metadata) if is_special(&metadata) => {
                stdout::check_path(path)?;
                OpenOptions::new().write(true).open(path).map(Self::Special)
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidFilename => Err(error),
            _ => {
                let (file, unfinished) = UnfinishedFile::create(&target_of(path))?;
                Ok(Self::File(file, unfinished))
            }
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::Special(file) | Self::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::Special(file) | Self::File(file, _) => file.flush(),
        }
    }
}

impl Seek for Destination {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file, _) => file.seek(position),
            _ => Err(io::Error::from(io::ErrorKind::NotSeekable)),
        }
    }
}

impl AsFd for Destination {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stdout(stdout) => stdout.as_fd(),
            Self::Special(file) | Self::File(file, _) => file.as_fd(),
        }
    }
}

/// Follows symbolic links to the file to be written, which need not exist yet.
pub fn target_of(path: &Path) -> PathBuf {
    const LINKS: usize = 16; // a circle of links is cut here; opening it reports the error
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => break,
        }
    }
    path
}

/// True if a path is a named pipe, a socket or a device, which is written in place; false for `-`.
pub fn is_special_path(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| is_special(&metadata))
}

fn is_special(metadata: &fs::Metadata) -> bool {
    let kind = metadata.file_type();
    kind.is_fifo() || kind.is_char_device() || kind.is_block_device() || kind.is_socket()
}

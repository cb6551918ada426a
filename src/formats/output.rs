//! Outputs: stdout for `-`, else a file that gets its name only when it is complete.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions, Permissions},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::{FileTypeExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use noodles::bgzf;
use tempfile::{NamedTempFile, TempPath};
use thiserror::Error;

use super::{folder::parent, input::is_dash};

/// An output that cannot be written.
#[derive(Debug, Error)]
pub enum OutputError {
    /// The file cannot be created.
    #[error(
        "cannot write {path}: {source}; check that the folder exists, is writable and has space"
    )]
    Create { path: PathBuf, source: io::Error },
    /// Writing failed midway.
    #[error("writing {path} failed: {source}; nothing was left under that name")]
    Write { path: PathBuf, source: io::Error },
    /// A file that grows while others read it cannot be added to.
    #[error("cannot add to {path}: {source}; check that the disk has space")]
    Append { path: PathBuf, source: io::Error },
    /// Writing to stdout failed midway.
    #[error("writing to stdout failed: {source}")]
    Stdout { source: io::Error },
}

impl OutputError {
    /// The error of a write to `path`.
    pub fn write(path: &Path, source: io::Error) -> Self {
        if is_dash(path) {
            Self::Stdout { source }
        } else {
            Self::Write { path: path.to_owned(), source }
        }
    }
}

/// Where bytes go.
#[derive(Debug)]
enum Destination {
    Stdout(io::Stdout),
    /// A pipe or device that has a name: written as it is.
    Special(File),
    File(File, Pending),
}

/// An opened output. What is written becomes visible under the path with [`Output::finish`];
/// dropped before, it leaves nothing.
#[derive(Debug)]
pub struct Output {
    target: Destination,
    path: PathBuf,
}

impl Output {
    /// Opens `path`; `-` is stdout.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        let failed = |source| OutputError::Create { path: path.to_owned(), source };
        if is_dash(path) {
            return Ok(Self { target: Destination::Stdout(io::stdout()), path: "<stdout>".into() });
        }
        let target = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
            }
            Ok(metadata) if is_special(&metadata) => {
                Destination::Special(OpenOptions::new().write(true).open(path).map_err(failed)?)
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidFilename => {
                return Err(failed(error));
            }
            _ => {
                let (file, pending) = Pending::create(&target_of(path)).map_err(failed)?;
                Destination::File(file, pending)
            }
        };
        Ok(Self { target, path: path.to_owned() })
    }

    /// The path as it was given, or `<stdout>`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether one can go back in it and write again.
    pub fn is_seekable(&self) -> bool {
        matches!(self.target, Destination::File(..))
    }

    /// Makes the file appear under its name.
    ///
    /// # Errors
    /// The last bytes cannot be written, or the file cannot be renamed.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self.target {
            Destination::File(_, pending) => pending.persist(),
            Destination::Stdout(_) | Destination::Special(_) => Ok(()),
        }
    }

    /// Closes the file, which gets its name later, together with others.
    ///
    /// # Errors
    /// The last bytes cannot be written.
    pub fn complete(mut self) -> Result<Complete, OutputError> {
        match (self.flush(), self.target) {
            (Ok(()), Destination::File(_, pending)) => Ok(Complete(Some((pending, self.path)))),
            (Ok(()), Destination::Stdout(_) | Destination::Special(_)) => Ok(Complete(None)),
            (Err(source), Destination::Stdout(_)) => Err(OutputError::Stdout { source }),
            (Err(source), _) => Err(OutputError::Write { path: self.path, source }),
        }
    }
}

/// An output that is complete but for its name; dropped before it has that, it leaves nothing. No
/// file is open for it, so that there may be thousands.
#[derive(Debug)]
#[must_use]
pub struct Complete(Option<(Pending, PathBuf)>);

impl Complete {
    /// Makes the file appear under its name.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub fn publish(self) -> Result<(), OutputError> {
        let Some((pending, path)) = self.0 else { return Ok(()) };
        pending.persist().map_err(|source| OutputError::Write { path, source })
    }
}

/// Writes a file that is complete or not there at all.
///
/// # Errors
/// It cannot be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    complete_file(path, bytes)?.publish()
}

/// Writes a file that gets its name later, together with others.
///
/// # Errors
/// It cannot be written.
pub fn complete_file(path: &Path, bytes: &[u8]) -> Result<Complete, OutputError> {
    let mut output = Output::create(path)?;
    output.write_all(bytes).map_err(|source| OutputError::write(path, source))?;
    output.complete()
}

/// What a path means in the end, so that a link is written through; also where it is a link to a
/// file that does not exist yet.
pub fn target_of(path: &Path) -> PathBuf {
    const LINKS: usize = 16; // a circle of links ends, and opening it then says what is wrong
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => break,
        }
    }
    path
}

/// Whether a path is a pipe or a device, where one cannot go back; `-` is not a path.
pub fn is_special_path(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| is_special(&metadata))
}

fn is_special(metadata: &fs::Metadata) -> bool {
    let kind = metadata.file_type();
    kind.is_fifo() || kind.is_char_device() || kind.is_block_device() || kind.is_socket()
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Destination::Stdout(stdout) => stdout.write(bytes),
            Destination::Special(file) | Destination::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Destination::Stdout(stdout) => stdout.flush(),
            Destination::Special(file) | Destination::File(file, _) => file.flush(),
        }
    }
}

impl Seek for Output {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match &mut self.target {
            Destination::File(file, _) => file.seek(position),
            _ => Err(io::Error::from(io::ErrorKind::NotSeekable)),
        }
    }
}

impl AsFd for Output {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.target {
            Destination::Stdout(stdout) => stdout.as_fd(),
            Destination::Special(file) | Destination::File(file, _) => file.as_fd(),
        }
    }
}

/// Files that are being written and have no name yet. Signals end the process without unwinding,
/// so whoever handles them must be able to remove these.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Removes every unfinished output. For the handler of signals, right before the process ends.
pub fn remove_unfinished() {
    for path in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _ = fs::remove_file(path); // nothing is left to be done about a failure
    }
}

/// A file beside its later name.
#[derive(Debug)]
struct Pending {
    /// Taken when it gets its name.
    temporary: Option<TempPath>,
    path: PathBuf,
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            Self::registry().remove(&temporary.to_path_buf());
        }
    }
}

impl Pending {
    fn create(path: &Path) -> io::Result<(File, Self)> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        // names may have 255 bytes, of which this leaves some to what is added
        let start: String = name.to_string_lossy().chars().take(50).collect();
        let prefix = format!(".{start}.");
        // an error about the folder names no temporary file
        fs::metadata(parent(path))?;
        // a signal that comes now waits until the file is known
        let mut registry = Self::registry();
        let file: NamedTempFile = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(".tmp")
            .permissions(Permissions::from_mode(0o666)) // the umask takes away what it should
            .tempfile_in(parent(path))?;
        let (file, temporary) = file.into_parts();
        registry.insert(temporary.to_path_buf());
        drop(registry);
        Ok((file, Self { temporary: Some(temporary), path: path.to_owned() }))
    }

    fn persist(mut self) -> io::Result<()> {
        let Some(temporary) = self.temporary.take() else {
            return Ok(());
        };
        let registered = temporary.to_path_buf();
        if let Ok(old) = fs::metadata(&self.path) {
            fs::set_permissions(&temporary, old.permissions())?;
        }
        let result = temporary.persist(&self.path).map_err(|e| e.error);
        Self::registry().remove(&registered);
        result
    }

    fn registry() -> std::sync::MutexGuard<'static, BTreeSet<PathBuf>> {
        UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes on their way to an output, compressed with bgzip or not.
pub enum Sink {
    /// As they are.
    Plain(BufWriter<Output>),
    /// In blocks; compressed on other threads. After a failed write the writer takes no more, and
    /// would panic if it were given more: the flag says that it failed.
    Bgzip(bgzf::io::MultithreadedWriter<Output>, bool),
}

impl Sink {
    /// Compresses if the path ends in `.gz`, `.bgz` or `.bgzf`.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &Path) -> Result<Self, OutputError> {
        Output::create(path).map(Self::new)
    }

    /// Compresses an opened output if its name ends in `.gz`, `.bgz` or `.bgzf`.
    pub fn new(output: Output) -> Self {
        if is_compressed_name(output.path()) {
            Self::Bgzip(bgzf::io::MultithreadedWriter::new(output), false)
        } else {
            Self::Plain(BufWriter::with_capacity(1 << 16, output))
        }
    }

    /// Writes the last bytes and gives the output back, which has no name yet.
    ///
    /// # Errors
    /// The last bytes cannot be written.
    pub fn complete(self) -> io::Result<Output> {
        let mut output = match self {
            Self::Plain(writer) => writer.into_inner().map_err(|e| e.into_error())?,
            Self::Bgzip(_, true) => return Err(failed_before()),
            Self::Bgzip(mut writer, false) => writer.finish()?,
        };
        output.flush()?;
        Ok(output)
    }

    /// Completes the output.
    ///
    /// # Errors
    /// The last bytes cannot be written, or the file cannot be renamed.
    pub fn finish(self) -> io::Result<()> {
        self.complete()?.finish()
    }
}

fn failed_before() -> io::Error {
    io::Error::other("an earlier write failed")
}

/// Whether a name asks for bgzip.
pub fn is_compressed_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    matches!(extension.to_ascii_lowercase().as_str(), "gz" | "bgz" | "bgzf")
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(writer) => writer.write(bytes),
            Self::Bgzip(_, true) => Err(failed_before()),
            Self::Bgzip(writer, failed) => {
                let result = writer.write(bytes);
                *failed = result.is_err();
                result
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(writer) => writer.flush(),
            Self::Bgzip(_, true) => Err(failed_before()),
            Self::Bgzip(writer, failed) => {
                let result = writer.flush();
                *failed = result.is_err();
                result
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        sink.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn complete_files_get_their_names_together() {
        let folder = tempfile::tempdir().unwrap();
        let files = || fs::read_dir(folder.path()).unwrap().count();
        let open = || fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        let path = |i: usize| folder.path().join(format!("{i}.svg"));
        let before = open();
        let complete: Vec<Complete> =
            (0..400).map(|i| complete_file(&path(i), b"picture").unwrap()).collect();
        // other tests open files too
        assert!(open() < before + 200, "none of them is open");
        assert!(files() == 400 && (0..400).all(|i| !path(i).exists()));
        let registered = |path: &&PathBuf| path.starts_with(folder.path());
        assert_eq!(Pending::registry().iter().filter(registered).count(), 400);
        drop(complete);
        assert_eq!(files(), 0);
        complete_file(&path(7), b"picture").unwrap().publish().unwrap();
        assert_eq!((fs::read(path(7)).unwrap(), files()), (b"picture".to_vec(), 1));
    }

    #[test]
    fn names_ask_for_bgzip() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.tsv.gz");
        let mut sink = Sink::create(&path).unwrap();
        sink.write_all(b"text").unwrap();
        sink.finish().unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_eq!(
            crate::formats::input::detect(&bytes),
            crate::formats::input::Compression::Bgzip
        );
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = Sink::create(Path::new("/nonexistent/x.tsv")).err().unwrap().to_string();
        assert!(error.contains("/nonexistent/x.tsv"), "{error}");
    }
}

//! How far a run came whose output goes on: see [`partial_path`](super::partial_path).

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{
    error::OutputError,
    file::write_file,
    partial::{Kept, Reached, partial_path, state_path},
};
use crate::formats::{error::InputError, whole};

/// How far a run came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Lines that tell this run from another one.
    pub run: Vec<String>,
    /// Items of the input whose rows are in the output.
    pub items: u64,
    /// Counts so far, by name.
    pub counts: BTreeMap<String, u64>,
    /// Bytes of the header of the output, before compression.
    pub header: u64,
    /// Bytes of the partial file that are final.
    bytes: u64,
    /// Their CRC-32C, and that of the rest.
    sums: [u32; 2],
    #[serde(skip)]
    rest: Vec<u8>,
}

impl State {
    /// That of a run that begins.
    pub fn new(run: Vec<String>) -> Self {
        Self { run, ..Self::default() }
    }

    /// The state of an earlier run of the output `path`, if there is one that was not completed.
    ///
    /// # Errors
    /// The file of the state cannot be read, or is not one.
    pub fn read(path: &Path) -> Result<Option<Self>, InputError> {
        let state = state_path(path);
        if !state.exists() {
            return Ok(None);
        }
        let name = state.display().to_string();
        let bytes = whole::read(&state, whole::SETTINGS).map_err(|source| InputError::Read {
            path: name.clone(),
            line: 0,
            source,
        })?;
        let line = bytes.iter().position(|&byte| byte == b'\n');
        let parsed = line.and_then(|end| {
            let state: Self = serde_json::from_slice(&bytes[..end]).ok()?;
            Some(Self { rest: bytes[end + 1..].to_vec(), ..state })
        });
        parsed.map(Some).ok_or_else(|| InputError::Kind {
            path: name,
            problem: format!(
                "it does not say how far a run came; remove it and {} to begin anew",
                partial_path(path).display()
            ),
        })
    }

    /// Writes the state down, complete or not at all. The output is `path`.
    ///
    /// # Errors
    /// The file cannot be written, or the partial file not read.
    pub fn write(&mut self, path: &Path, reached: Reached) -> Result<(), OutputError> {
        let Reached { bytes, rest, .. } = reached;
        let partial = partial_path(path);
        let sum = sum_of(&partial, self.bytes..bytes, self.sums[0])
            .map_err(|source| OutputError::write(&partial, source))?;
        self.sums = [sum, crc32c::crc32c(&rest)];
        (self.bytes, self.rest) = (bytes, rest);
        let mut text = serde_json::to_vec(self).expect("keys are text");
        text.push(b'\n');
        text.extend_from_slice(&self.rest);
        write_file(&state_path(path), &text)
    }

    /// Refuses a partial file, or a rest, that is not what was written.
    ///
    /// # Errors
    /// It is another, or cannot be read.
    pub fn check(&self, path: &Path) -> Result<(), InputError> {
        let partial = partial_path(path);
        let name = partial.display().to_string();
        let sum = match sum_of(&partial, 0..self.bytes, 0) {
            Ok(sum) => Some(sum),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(source) => return Err(InputError::Read { path: name, line: 0, source }),
        };
        if sum == Some(self.sums[0]) && crc32c::crc32c(&self.rest) == self.sums[1] {
            return Ok(());
        }
        let state = state_path(path);
        Err(InputError::Kind {
            path: name,
            problem: format!(
                "its first {} bytes, or the rows in {}, are not those that were written; remove both files to begin anew",
                self.bytes,
                state.display()
            ),
        })
    }

    /// What is there already of the output.
    pub fn kept(&self) -> Kept {
        Kept { bytes: self.bytes, rest: self.rest.clone(), header: self.header }
    }
}

/// The CRC-32C of a file up to the end of `bytes`, where `sum` is that of what is before.
fn sum_of(path: &Path, bytes: Range<u64>, mut sum: u32) -> io::Result<u32> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(bytes.start))?;
    let mut left = bytes.end.saturating_sub(bytes.start);
    let mut buffer = vec![0; 1 << 16];
    while left > 0 {
        let length = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let part = &mut buffer[..length];
        file.read_exact(part)?;
        sum = crc32c::crc32c_append(sum, part);
        left -= length as u64;
    }
    Ok(sum)
}

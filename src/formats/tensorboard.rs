//! TensorBoard's event files: one curve for each tag, as TFRecords of Protocol Buffers.
//!
//! The formats are those of TensorFlow's `tsl/lib/io/record_writer.h` and `event.proto`. Only the
//! fields of a scalar are written.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::output::OutputError;

/// Written in place of the host name that TensorBoard expects, for privacy.
const HOST: &str = "hyenadna";

/// Most files that may begin in the same second, each with a name of its own.
const SAME_SECOND: u32 = 10_000;

/// Writes scalars to a new event file. TensorBoard reads all files of a folder as one run.
#[derive(Debug)]
pub struct EventWriter {
    file: File,
    path: PathBuf,
}

impl EventWriter {
    /// Creates a file in `folder`, and the folder if it is missing. `wall_time` is the start of the
    /// run, or of its resumption.
    pub fn create(folder: &Path, wall_time: SystemTime) -> Result<Self, OutputError> {
        // ten digits, as TensorBoard reads the files in the order of their names
        let seconds = since_epoch(wall_time).as_secs();
        let path = folder.join(format!("events.out.tfevents.{seconds:010}.{HOST}"));
        let failed = |source| OutputError::Create { path: path.clone(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let (file, path) = create_new(&path).map_err(failed)?;
        let mut writer = Self { file, path };
        let mut event = Vec::new();
        double(&mut event, WALL_TIME, since_epoch(wall_time).as_secs_f64());
        bytes(&mut event, FILE_VERSION, b"brain.Event:2");
        writer.record(&event)?;
        Ok(writer)
    }

    /// Path of the event file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a point, tag and value, to each curve. Readers see the points at once.
    pub fn scalars(
        &mut self,
        step: u64,
        wall_time: SystemTime,
        values: &[(&str, f64)],
    ) -> Result<(), OutputError> {
        let mut summary = Vec::new();
        for &(tag, scalar) in values {
            let mut value = Vec::new();
            bytes(&mut value, TAG, tag.as_bytes());
            float(&mut value, SIMPLE_VALUE, scalar as f32);
            bytes(&mut summary, VALUE, &value);
        }
        let mut event = Vec::new();
        double(&mut event, WALL_TIME, since_epoch(wall_time).as_secs_f64());
        key(&mut event, STEP, VARINT);
        varint(&mut event, step);
        bytes(&mut event, SUMMARY, &summary);
        self.record(&event)
    }

    /// Records that the run was resumed after `step`: readers discard later points of other files.
    pub fn restart(&mut self, step: u64, wall_time: SystemTime) -> Result<(), OutputError> {
        let mut session = Vec::new();
        key(&mut session, STATUS, VARINT);
        varint(&mut session, START);
        let mut event = Vec::new();
        double(&mut event, WALL_TIME, since_epoch(wall_time).as_secs_f64());
        key(&mut event, STEP, VARINT);
        varint(&mut event, step + 1);
        bytes(&mut event, SESSION_LOG, &session);
        self.record(&event)
    }

    /// Writes length, its checksum, the bytes and their checksum in one call, so that no reader
    /// sees half a record.
    fn record(&mut self, event: &[u8]) -> Result<(), OutputError> {
        let length = (event.len() as u64).to_le_bytes();
        let mut record = length.to_vec();
        record.extend(masked_crc(&length).to_le_bytes());
        record.extend(event);
        record.extend(masked_crc(event).to_le_bytes());
        let written = self.file.write_all(&record).and_then(|()| self.file.flush());
        written.map_err(|source| OutputError::Append { path: self.path.clone(), source })
    }
}

/// Creates a new file at `path`, or at `path` with a number if that exists.
fn create_new(path: &Path) -> io::Result<(File, PathBuf)> {
    let new = |path: PathBuf| Ok((File::create_new(&path)?, path));
    let mut result: io::Result<_> = new(path.to_owned());
    for count in 1..SAME_SECOND {
        match result {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                result = new(path.with_added_extension(format!("{count:04}")));
            }
            _ => break,
        }
    }
    result
}

/// Time since 1970; zero for a clock before that.
fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Masked CRC-32C: rotated and offset, as bytes that contain checksums weaken a plain one.
fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

// Fields of `Event`, `Summary`, `Summary.Value` and `SessionLog`.
const WALL_TIME: u8 = 1;
const STEP: u8 = 2;
const FILE_VERSION: u8 = 3;
const SUMMARY: u8 = 5;
const SESSION_LOG: u8 = 7;
const VALUE: u8 = 1;
const TAG: u8 = 1;
const SIMPLE_VALUE: u8 = 2;
const STATUS: u8 = 1;

/// `SessionLog.SessionStatus.START`
const START: u64 = 1;

// Wire types of Protocol Buffers.
const VARINT: u8 = 0;
const I64: u8 = 1;
const LEN: u8 = 2;
const I32: u8 = 5;

fn key(message: &mut Vec<u8>, field: u8, wire_type: u8) {
    message.push(field << 3 | wire_type);
}

fn varint(message: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        message.push(value as u8 | 0x80); // the low seven bits; more follow
        value >>= 7;
    }
    message.push(value as u8);
}

fn bytes(message: &mut Vec<u8>, field: u8, value: &[u8]) {
    key(message, field, LEN);
    varint(message, value.len() as u64);
    message.extend(value);
}

fn double(message: &mut Vec<u8>, field: u8, value: f64) {
    key(message, field, I64);
    message.extend(value.to_le_bytes());
}

fn float(message: &mut Vec<u8>, field: u8, value: f32) {
    key(message, field, I32);
    message.extend(value.to_le_bytes());
}

#[cfg(test)]
mod tests;

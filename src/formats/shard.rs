//! Shards: parts of a file of about the same size in bytes, each of whole records.
//!
//! A file of S bytes is cut at S·k/N, for k from 1 to N − 1; in a bgzip file, at the first block that begins
//! there or later. A record belongs to the shard between whose cuts it begins. So the shards of a file depend on its bytes
//! and N alone, every record is in one of them, and a shard reads only its own part. Lines before the first
//! record that begin with `#` belong to all.

mod bounds;
mod places;

use std::{
    fmt,
    fs::{self, File},
    io::{self, Cursor},
    os::unix::fs::FileExt,
    path::Path,
    str::FromStr,
};

use sha2::{Digest, Sha256};

use self::{bounds::Bounded, places::Places};
use super::{
    error::InputError,
    input::{self, Compression, Input},
    kind,
    meter::Meter,
    number::hex,
    sequences::Content,
};

/// Most bytes of the lines that belong to all shards.
const LONGEST_HEADER: usize = 1 << 28;
/// Bytes of each sample of a file that its digest covers.
const SAMPLE: u64 = 1 << 12;

/// Most shards of a file.
const MOST: u32 = 1_000_000;

/// One of the shards of a file: `2/7` is the second of seven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Number of the shard, 1-based.
    pub number: u32,
    /// Count of shards, at least `number`.
    pub of: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected I/N, such as 2/7, with I from 1 to N, and N up to 1,000,000";
        let (number, of) = text.split_once('/').ok_or(expected)?;
        let count = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse().ok().filter(|count| (1..=MOST).contains(count)),
            false => None,
        };
        match (count(number), count(of)) {
            (Some(number), Some(of)) if number <= of => Ok(Self { number, of }),
            (Some(_), Some(of)) => Err(format!("there are {of} shards; {expected}")),
            _ => Err(expected.to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// What a shard covers, for its output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The shard.
    pub shard: Shard,
    /// Places of its first byte and after its last one: where a shard ends, the next one starts. A place is a
    /// position in bytes, or a virtual position of a bgzip file.
    pub places: (u64, u64),
    /// SHA-256 of samples of the file, and its size in bytes: the same for all shards of the same file.
    pub input: (String, u64),
    /// FASTA, FASTQ, or text whose lines are the records.
    pub content: Content,
}

/// Opens a shard of a file as [`input::open`] does the whole.
///
/// # Errors
/// The file is not a regular file, is BCF or plain gzip, or cannot be read.
pub fn open(path: &Path, shard: Shard) -> Result<(Input, Section), InputError> {
    let name = path.display().to_string();
    let refused = |problem: &str| InputError::Kind {
        path: name.clone(),
        problem: format!("{problem}, so --shard cannot read a part of it"),
    };
    let (file, size) = regular_file(path)?;
    let read = |source| InputError::Read { path: name.clone(), line: 0, source };
    let mut head = vec![0; size.min(1 << 16) as usize];
    file.read_exact_at(&mut head, 0).map_err(read)?;
    kind::refuse_binary(&name, &head)?;
    let compression = input::detect(&head);
    if compression == Compression::Gzip {
        return Err(refused(
            "it is plain gzip, which is read from its start only (compress it with bgzip)",
        ));
    }
    let digest = digest(&file, size, shard.of).map_err(read)?;
    let mut places = Places::new(file, size, compression).map_err(read)?;
    let head = places.fill().map_err(read)?;
    kind::refuse_binary(&name, head)?;
    if head.starts_with(b"BCF\x02") {
        return Err(refused(
            "it is BCF, in whose middle no record can be found (convert it with `bcftools view -Oz`)",
        ));
    }
    let header = header(&mut places).map_err(read)?;
    let first = places.here();
    while matches!(places.fill().map_err(read)?.first(), Some(b'\n' | b'\r')) {
        places.skip_line().map_err(read)?;
    }
    let content = match (places.fill().map_err(read)?.first(), header.is_empty()) {
        (Some(b'>'), _) => Content::Fasta,
        (Some(b'@'), true) => Content::Fastq,
        _ => Content::Bed,
    };
    let start =
        place_of(&mut places, content, first, (shard.number - 1, shard.of)).map_err(read)?;
    let end = place_of(&mut places, content, first, (shard.number, shard.of)).map_err(read)?;
    places.go(start).map_err(read)?;
    let meter = Meter::of(Some(places.bytes_before(end) - places.bytes_before(start)));
    let body = Bounded::new(places, end, meter.clone());
    let input = Input {
        // the suffix of the file stays at the end
        name: format!("shard {shard} of {name}"),
        reader: Box::new(io::Read::chain(Cursor::new(header), body)),
        compression,
        meter,
    };
    Ok((input, Section { shard, places: (start, end), input: (digest, size), content }))
}

/// A shard of `total` units that a file names, such as the bases of its regions: the places are units.
///
/// # Errors
/// See [`regular_file`], or the file cannot be read.
pub fn of_units(path: &Path, shard: Shard, total: u64) -> Result<Section, InputError> {
    let (file, size) = regular_file(path)?;
    let name = path.display().to_string();
    let read = |source| InputError::Read { path: name.clone(), line: 0, source };
    let digest = digest(&file, size, shard.of).map_err(read)?;
    let end = |number: u32| part_end(total, number, shard.of);
    let places = (end(shard.number - 1), end(shard.number));
    Ok(Section { shard, places, input: (digest, size), content: Content::Bed })
}

/// A regular file, and its size in bytes.
///
/// # Errors
/// It is a stream or a folder, or cannot be opened.
pub fn regular_file(path: &Path) -> Result<(File, u64), InputError> {
    let name = path.display().to_string();
    let failed = |source| InputError::Open { path: name.clone(), source };
    if input::is_dash(path) || !fs::metadata(path).map_err(failed)?.is_file() {
        let problem = "--shard reads a part of a file, not of a stream or a folder; write the input to a file first";
        return Err(InputError::Kind { path: name, problem: problem.into() });
    }
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    Ok((file, size))
}

/// Where the first `number` of `of` parts of a whole end.
fn part_end(whole: u64, number: u32, of: u32) -> u64 {
    (u128::from(whole) * u128::from(number) / u128::from(of)) as u64
}

/// Place of the first record that begins after a cut. `first`: that of the first record of the file.
fn place_of(places: &mut Places, content: Content, first: u64, cut: (u32, u32)) -> io::Result<u64> {
    let (number, of) = cut;
    if number == 0 {
        return Ok(first);
    }
    if number == of {
        return Ok(places.end());
    }
    let at = places.cut(part_end(places.size(), number, of))?;
    if at <= first {
        return Ok(first);
    }
    places.go(at)?;
    // the line that goes over the cut, or begins at it, is of the shard before
    places.skip_line()?;
    match content {
        Content::Bed => {}
        Content::Fasta => {
            while places.fill()?.first().is_some_and(|&byte| byte != b'>') {
                places.skip_line()?;
            }
        }
        Content::Fastq => return read_start(places),
    }
    Ok(places.here())
}

/// Place of the next read in FASTQ: a title has its `+` two lines on, which a line of qualities that starts with
/// `@` has not.
fn read_start(places: &mut Places) -> io::Result<u64> {
    let mut lines: [(u64, Option<u8>); 2] = [(0, None); 2];
    loop {
        let line = (places.here(), places.fill()?.first().copied());
        match (lines[0].1, line.1) {
            (Some(b'@'), Some(b'+')) => return Ok(lines[0].0),
            (_, None) => return Ok(places.end()),
            _ => lines = [lines[1], line],
        }
        places.skip_line()?;
    }
}

/// The lines at the start that begin with `#`.
fn header(places: &mut Places) -> io::Result<Vec<u8>> {
    let mut header = Vec::new();
    while places.fill()?.first() == Some(&b'#') {
        places.line(|piece| header.extend_from_slice(piece))?;
        if header.len() > LONGEST_HEADER {
            let problem =
                "the lines that start with # have more than 256 MiB; is the file damaged?";
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
    }
    Ok(header)
}

/// SHA-256 of samples of the file: at every cut, and at both ends.
fn digest(file: &File, size: u64, of: u32) -> io::Result<String> {
    let mut digest = Sha256::new();
    digest.update(size.to_le_bytes());
    let mut sample = [0; SAMPLE as usize];
    for number in 0..=of {
        let at = part_end(size, number, of).min(size.saturating_sub(SAMPLE));
        let length = (size - at).min(SAMPLE) as usize;
        file.read_exact_at(&mut sample[..length], at)?;
        digest.update(&sample[..length]);
    }
    Ok(hex(&digest.finalize()))
}

#[cfg(test)]
mod tests;

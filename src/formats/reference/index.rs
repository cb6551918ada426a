//! Indexes of FASTA files: stored beside the file and verified, or made in memory.

use std::{
    io::{self, BufRead, Read, Seek, Write},
    path::{Path, PathBuf},
};

use noodles::{
    bgzf::gzi,
    fasta::{self, fai},
};

use super::stretch::Stretches;
use crate::formats::output::Output;

/// Text with random access: a plain file, or a bgzip file with the offsets of its blocks.
pub trait Text: BufRead + Seek + Send {}
impl<T: BufRead + Seek + Send> Text for T {}

/// `genome.fa` → `genome.fa.fai`
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The index beside a FASTA file, if it exists and describes `text`, which is `length` bytes long.
pub fn stored(path: &Path, text: &mut dyn Text, length: u64) -> Option<fai::Index> {
    let index_path = beside(path, ".fai");
    if !index_path.exists() {
        return None;
    }
    let reason = match fai::fs::read(&index_path) {
        Ok(index) => match describes(&index, text, length) {
            Ok(true) => return Some(index),
            Ok(false) => "does not match the file; was it made from another version?".to_owned(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    log::warn!(
        "{}: {reason}; using an index made in memory; write it anew with `samtools faidx {}`",
        index_path.display(),
        path.display()
    );
    None
}

/// Most bytes between two contigs: a title line, possibly a blank one. An index is made of files with no longer
/// ones only.
const LONGEST_TITLE: u64 = 1 << 16;

/// True if each contig starts right after its title, the title where the contig before ends, and
/// the file ends with the last contig. An outdated index would silently give wrong bases.
fn describes(index: &fai::Index, text: &mut dyn Text, length: u64) -> io::Result<bool> {
    let mut text = Stretches::new(text);
    let mut records: Vec<&fai::Record> = index.as_ref().iter().collect();
    records.sort_by_key(|record| record.position());
    let mut end = 0;
    for record in &records {
        if !is_title(&between(&mut text, end, record.position())?, record.name()) {
            return Ok(false);
        }
        end = match end_of(record) {
            Some(end) => end.min(length), // the last line may lack its line end
            None => return Ok(false),
        };
    }
    let rest = between(&mut text, end, length)?;
    Ok(!records.is_empty() && rest.is_some_and(|rest| rest.iter().all(u8::is_ascii_whitespace)))
}

/// Offset one past the last byte of a contig, its line end included.
fn end_of(record: &fai::Record) -> Option<u64> {
    let (bases, width) = (record.line_base_count().get(), record.line_width().get());
    let line_end = width.checked_sub(bases).filter(|n| *n <= 2)?;
    let whole = (record.length() / bases).checked_mul(width)?;
    let rest = record.length() % bases;
    let rest = if rest == 0 { 0 } else { rest + line_end };
    record.position().checked_add(whole)?.checked_add(rest)
}

/// The bytes from `start` to `end`; `None` for more than [`LONGEST_TITLE`] or fewer than 0.
fn between(
    text: &mut Stretches<&mut dyn Text>,
    start: u64,
    end: u64,
) -> io::Result<Option<Vec<u8>>> {
    let Some(count) = end.checked_sub(start).filter(|n| *n <= LONGEST_TITLE) else {
        return Ok(None);
    };
    let bytes = text.bytes(start, count)?;
    Ok((bytes.len() as u64 == count).then_some(bytes))
}

fn is_title(bytes: &Option<Vec<u8>>, name: &[u8]) -> bool {
    let Some(bytes) = bytes else {
        return false;
    };
    let Some(title) =
        bytes.trim_ascii_start().strip_prefix(b">").and_then(|t| t.strip_suffix(b"\n"))
    else {
        return false;
    };
    let word = title.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    word == name && !title.contains(&b'\n')
}

/// Makes an index from the text of a FASTA file.
///
/// # Errors
/// Lines within a contig differ in length, there are blanks among the bases, or reading fails.
pub fn make(text: impl BufRead) -> io::Result<fai::Index> {
    let mut indexer = fasta::io::Indexer::new(Watched::new(text));
    let mut records = Vec::new();
    while let Some(record) = indexer.index_record()? {
        records.push(record);
    }
    Ok(fai::Index::from(records))
}

/// Passes text through and fails at a blank or a byte 0 among the bases, which the indexer would count as
/// bases, and at a title that is too long to be held in memory.
struct Watched<R> {
    inner: R,
    /// Bytes of the title so far; `None` in a line of bases.
    title: Option<u64>,
    at_start: bool,
    problem: Option<&'static str>,
}

impl<R> Watched<R> {
    fn new(inner: R) -> Self {
        Self { inner, title: None, at_start: true, problem: None }
    }

    fn watch(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|&b| b == b'\n') {
            if self.at_start {
                self.title = part.starts_with(b">").then_some(0);
            }
            match &mut self.title {
                Some(length) => {
                    *length += part.len() as u64;
                    if *length > LONGEST_TITLE {
                        self.problem = Some("a title is too long");
                    }
                }
                None if part.iter().any(|b| matches!(b, b' ' | b'\t' | 0)) => {
                    self.problem = Some("blanks among the bases");
                }
                None => {}
            }
            self.at_start = part.ends_with(b"\n");
        }
    }
}

impl<R: BufRead> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buffer)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Watched<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Some(problem) = self.problem {
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        // the consumed bytes are in the buffer already, so nothing is read and nothing can fail
        let bytes = self.inner.fill_buf().map(|buffer| buffer[..n].to_vec()).unwrap_or_default();
        self.watch(&bytes);
        self.inner.consume(n);
    }
}

/// Saves indexes beside the FASTA file.
pub fn save(path: &Path, index: &fai::Index, blocks: Option<&gzi::Index>) -> io::Result<()> {
    let mut writer = fai::io::Writer::new(Vec::new());
    writer.write_index(index)?;
    save_beside(path, ".fai", writer.get_ref())?;
    if let Some(blocks) = blocks {
        let mut writer = gzi::io::Writer::new(Vec::new());
        writer.write_index(blocks)?;
        save_beside(path, ".gzi", writer.get_ref())?;
    }
    Ok(())
}

fn save_beside(path: &Path, suffix: &str, bytes: &[u8]) -> io::Result<()> {
    let mut output = Output::create(&beside(path, suffix)).map_err(io::Error::other)?;
    output.write_all(bytes)?;
    output.finish().map_err(io::Error::other)
}

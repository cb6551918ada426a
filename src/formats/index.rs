//! Indexes of FASTA files: read from beside the file, or made in memory.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use noodles::{
    bgzf::{self, gzi},
    fasta::{self, fai},
};

use super::output::Output;

/// `genome.fa` → `genome.fa.fai`
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The index that lies beside a plain FASTA file, if it is there and fits the file.
pub fn stored(path: &Path) -> Option<fai::Index> {
    let index = fai::fs::read(beside(path, ".fai")).ok()?;
    match fits(path, &index) {
        Ok(true) => Some(index),
        _ => {
            log::warn!(
                "{} does not fit {} (made from an older version?); an index is made in memory instead, `samtools faidx` makes it anew",
                beside(path, ".fai").display(),
                path.display()
            );
            None
        }
    }
}

/// Whether the file ends where the index says that the last contig ends.
fn fits(path: &Path, index: &fai::Index) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let Some(last) = index.as_ref().iter().max_by_key(|record| record.position()) else {
        return Ok(length == 0);
    };
    let (bases, width) = (last.line_base_count().get(), last.line_width().get());
    let end = last.position() + last.length() / bases * width + last.length() % bases;
    if length + (width - bases) < end || length > end + 1024 {
        return Ok(false);
    }
    let mut rest = Vec::new();
    file.seek(SeekFrom::Start(end.min(length)))?;
    file.read_to_end(&mut rest)?;
    Ok(rest.iter().all(u8::is_ascii_whitespace))
}

/// Makes an index from the text of a FASTA file.
///
/// # Errors
/// Lines of differing lengths within a contig, or reading fails.
pub fn make(text: impl io::BufRead) -> io::Result<fai::Index> {
    let mut indexer = fasta::io::Indexer::new(text);
    let mut records = Vec::new();
    while let Some(record) = indexer.index_record()? {
        records.push(record);
    }
    Ok(fai::Index::from(records))
}

/// The places of the blocks of a bgzip file: stored beside it, or found by reading their headers.
///
/// # Errors
/// The file is no complete bgzip file.
pub fn blocks(path: &Path) -> io::Result<gzi::Index> {
    if let Ok(index) = gzi::fs::read(beside(path, ".gzi")) {
        return Ok(index);
    }
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let length = file.get_ref().metadata()?.len();
    let (mut compressed, mut uncompressed) = (0_u64, 0_u64);
    let mut places = Vec::new();
    let mut last_size = u32::MAX;
    while compressed < length {
        if compressed > 0 {
            places.push((compressed, uncompressed));
        }
        let (size, inflated) = block(&mut file)?;
        compressed += size;
        uncompressed += u64::from(inflated);
        last_size = inflated;
    }
    if last_size != 0 {
        return Err(truncated());
    }
    places.pop(); // the empty block at the end
    Ok(gzi::Index::from(places))
}

fn truncated() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the bgzip file is truncated; copy or make it again")
}

/// Passes over one block; its size on disk and the size of its content, in bytes.
fn block(file: &mut BufReader<File>) -> io::Result<(u64, u32)> {
    const HEADER: usize = 18;
    let mut header = [0; HEADER];
    let cut = |_| truncated();
    file.read_exact(&mut header).map_err(cut)?;
    if header[..4] != [0x1f, 0x8b, 8, 4] || header[12..14] != *b"BC" {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "damaged: a block does not start as bgzip writes it; `bgzip -t` checks the file",
        ));
    }
    let size = u64::from(u16::from_le_bytes([header[16], header[17]])) + 1;
    let rest = size.checked_sub(HEADER as u64 + 4).ok_or_else(truncated)?;
    file.seek_relative(rest as i64)?;
    let mut inflated = [0; 4];
    file.read_exact(&mut inflated).map_err(cut)?;
    Ok((size, u32::from_le_bytes(inflated)))
}

/// Text of a bgzip file from its start.
///
/// # Errors
/// The file cannot be opened.
pub fn bgzip_text(path: &Path) -> io::Result<impl io::BufRead> {
    Ok(bgzf::io::Reader::new(BufReader::new(File::open(path)?)))
}

/// Saves indexes beside the FASTA file.
///
/// # Errors
/// The folder is not writable.
pub fn save(path: &Path, index: &fai::Index, blocks: Option<&gzi::Index>) -> io::Result<()> {
    let create = |suffix| Output::create(&beside(path, suffix)).map_err(io::Error::other);
    let mut output = create(".fai")?;
    let mut writer = fai::io::Writer::new(Vec::new());
    writer.write_index(index)?;
    output.write_all(writer.get_ref())?;
    output.finish()?;
    if let Some(blocks) = blocks {
        let mut writer = gzi::io::Writer::new(Vec::new());
        writer.write_index(blocks)?;
        let mut output = create(".gzi")?;
        output.write_all(writer.get_ref())?;
        output.finish()?;
    }
    Ok(())
}

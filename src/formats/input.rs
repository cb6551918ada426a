//! Opening inputs: `-` is stdin; compression is detected from the content, never from the name.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    os::unix::fs::FileExt,
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use super::{
    error::InputError,
    kind,
    meter::{Consumed, Decompressed, Meter},
};

/// Compression of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Uncompressed.
    None,
    /// Plain gzip: one stream without random access.
    Gzip,
    /// bgzip: gzip in blocks, with random access.
    Bgzip,
}

/// An opened input, decompressed.
pub struct Input {
    /// Name for messages: the path, or `<stdin>`.
    pub name: String,
    /// The decompressed bytes.
    pub reader: Box<dyn BufRead + Send>,
    /// Compression of the file.
    pub compression: Compression,
    /// Position of reading.
    pub meter: Meter,
}

/// True if a path is `-`: stdin or stdout.
pub fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a file, or stdin for `-`.
///
/// # Errors
/// The file cannot be opened, is a folder or of a kind that no command reads, or its first bytes cannot
/// be read.
pub fn open(path: &Path) -> Result<Input, InputError> {
    if is_dash(path) {
        return from_reader("<stdin>".into(), io::stdin(), None);
    }
    let name = path.display().to_string();
    let failed = |source| InputError::Open { path: name.clone(), source };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a folder, expected a file",
        )));
    }
    let size = metadata.is_file().then_some(metadata.len());
    from_reader(name, file, size)
}

/// Wraps a reader as [`open`] does a file. `size` is its length in bytes, if known.
pub fn from_reader(
    name: String,
    reader: impl Read + Send + 'static,
    size: Option<u64>,
) -> Result<Input, InputError> {
    let meter = Meter::of(size);
    let tailed = Tailed { inner: reader, tail: VecDeque::new() };
    let mut buffered = BufReader::with_capacity(1 << 17, tailed);
    let head = buffered.fill_buf().map_err(|source| InputError::Read {
        path: name.clone(),
        line: 0,
        source,
    })?;
    kind::refuse_binary(&name, head)?;
    let compression = detect(head);
    let mut reader: Box<dyn BufRead + Send> = match compression {
        Compression::None => Box::new(Consumed::new(buffered, meter.clone())),
        Compression::Gzip | Compression::Bgzip => {
            let compressed = Meter::default();
            let decoder = MultiGzDecoder::new(Consumed::new(buffered, compressed.clone()));
            let gunzip = Gunzip { decoder, bgzip: compression == Compression::Bgzip };
            let buffered = BufReader::with_capacity(1 << 17, gunzip);
            Box::new(Decompressed::new(buffered, compressed, meter.clone()))
        }
    };
    if compression != Compression::None {
        // a header that is damaged is reported once, and then the end of the file
        let head = reader.fill_buf().map_err(|source| InputError::Read {
            path: name.clone(),
            line: 0,
            source,
        })?;
        kind::refuse_binary(&name, head)?;
    }
    Ok(Input { name, reader, compression, meter })
}

/// Detects compression from the first bytes: bgzip is gzip with a `BC` field in its header.
pub fn detect(head: &[u8]) -> Compression {
    match head {
        [0x1f, 0x8b, 8, flags, ..] if flags & 4 != 0 && head.get(12..14) == Some(b"BC") => {
            Compression::Bgzip
        }
        [0x1f, 0x8b, ..] => Compression::Gzip,
        _ => Compression::None,
    }
}

/// The empty block that ends every complete bgzip file (SAM specification, section 4.1.2).
const BGZIP_END: [u8; 28] = [
    0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    0, 0,
];

/// Fails if the last bytes of a bgzip file are not the block that ends one.
fn check_end<'a>(tail: impl IntoIterator<Item = &'a u8>) -> io::Result<()> {
    if tail.into_iter().eq(&BGZIP_END) {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "the bgzip file is truncated: its end-of-file block is missing; copy or make it again; if you know that it is complete, repair it with `bgzip -dc FILE | bgzip > NEW`",
    ))
}

/// Fails if a bgzip file of `size` bytes is truncated.
///
/// # Errors
/// Its last block is not the one that ends a file, or it cannot be read.
pub fn check_bgzip_end(file: &File, size: u64) -> io::Result<()> {
    let length = size.min(BGZIP_END.len() as u64);
    let mut tail = vec![0; length as usize];
    file.read_exact_at(&mut tail, size - length)?;
    check_end(&tail)
}

/// Keeps the last bytes.
struct Tailed<R> {
    inner: R,
    tail: VecDeque<u8>,
}

impl<R: Read> Read for Tailed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.tail.extend(&buffer[n.saturating_sub(BGZIP_END.len())..n]);
        let surplus = self.tail.len().saturating_sub(BGZIP_END.len());
        self.tail.drain(..surplus);
        Ok(n)
    }
}

/// Decompresses, and reports a truncated file.
struct Gunzip<R> {
    decoder: MultiGzDecoder<Consumed<BufReader<Tailed<R>>>>,
    bgzip: bool,
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.decoder.read(buffer).map_err(|error| {
            let truncated = error.kind() == io::ErrorKind::UnexpectedEof;
            let what =
                if truncated { "the gzip file is truncated" } else { "the gzip data are damaged" };
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{what} ({error}); copy or make it again (`gzip -t` checks it)"),
            )
        })?;
        if n == 0 && !buffer.is_empty() && self.bgzip {
            check_end(&self.decoder.get_ref().inner().get_ref().tail)?;
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    fn read(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let input = from_reader("test".into(), Cursor::new(bytes), None);
        let mut input = input.map_err(|error| match error {
            InputError::Read { source, .. } => source,
            other => panic!("{other}"),
        })?;
        let mut text = Vec::new();
        input.reader.read_to_end(&mut text).map(|_| text)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bgzip(text: &[u8]) -> Vec<u8> {
        let mut writer = noodles::bgzf::io::Writer::new(Vec::new());
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn compression_is_detected_from_the_content() {
        let text = b"ACGT\n".repeat(50_000);
        assert_eq!(detect(&gzip(&text)), Compression::Gzip);
        assert_eq!(detect(&bgzip(&text)), Compression::Bgzip);
        for bytes in
            [text.clone(), gzip(&text), bgzip(&text), [gzip(&text[..5]), gzip(&text[5..])].concat()]
        {
            assert!(read(bytes).unwrap() == text);
        }
        assert!(read(Vec::new()).unwrap().is_empty());
    }

    #[test]
    fn damage_of_a_header_is_an_error() {
        let whole = gzip(b"ACGT\n");
        for cut in 2..whole.len() {
            assert!(read(whole[..cut].to_vec()).is_err(), "{cut}");
        }
        // method and reserved flags
        for (place, byte) in [(2, 9), (3, 0xe0)] {
            let mut damaged = whole.clone();
            damaged[place] = byte;
            assert!(read(damaged).is_err(), "{place}");
        }
    }

    #[test]
    fn truncation_is_an_error_at_any_place() {
        let text: Vec<u8> = (0..200_000_u32)
            .map(|i| b"ACGT"[(i.wrapping_mul(2_654_435_761) >> 30) as usize])
            .collect();
        for whole in [gzip(&text), bgzip(&text)] {
            for cut in [whole.len() - 28, whole.len() - 1, whole.len() / 2, 20] {
                let error = read(whole[..cut].to_vec()).unwrap_err();
                assert!(error.to_string().contains("truncated"), "{cut}: {error}");
            }
        }
    }

    #[test]
    fn the_position_follows_the_lines_that_were_taken() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(|i| format!("{i}\n").into_bytes()).collect();
        for bytes in [text.clone(), gzip(&text), bgzip(&text)] {
            let size = bytes.len() as u64;
            let mut input = from_reader("test".into(), Cursor::new(bytes), Some(size)).unwrap();
            let (mut line, mut taken, mut before) = (Vec::new(), 0, 0);
            while input.reader.read_until(b'\n', &mut line).unwrap() > 0 {
                taken += line.len() as u64;
                line.clear();
                let position = input.meter.position();
                assert!((before..=size).contains(&position));
                before = position;
                // compressed text is not equally dense everywhere
                let share = position as f64 / size as f64 - taken as f64 / text.len() as f64;
                assert!(share.abs() < 0.05, "{position} of {size} after {taken}");
            }
            assert_eq!(input.meter.position(), size);
        }
    }
}

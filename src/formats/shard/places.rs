//! Places in a file, plain or bgzip, to go to.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    os::unix::fs::FileExt,
};

use noodles::bgzf::{self, VirtualPosition};

use crate::formats::input::{self, Compression};

/// A file with places: positions in bytes, or virtual positions of a bgzip file (SAM specification,
/// section 4.1.1), which are in the order of the bytes too.
pub struct Places {
    size: u64,
    source: Source,
}

enum Source {
    Plain(BufReader<File>, u64),
    Bgzip(Box<bgzf::io::Reader<BufReader<File>>>, File),
}

impl Places {
    /// The start of a file of `size` bytes.
    ///
    /// # Errors
    /// A bgzip file has no block that ends it.
    pub fn new(file: File, size: u64, compression: Compression) -> io::Result<Self> {
        let source = match compression {
            Compression::Bgzip => {
                input::check_bgzip_end(&file, size)?;
                let blocks = file.try_clone()?;
                let buffered = BufReader::with_capacity(1 << 17, file);
                Source::Bgzip(Box::new(bgzf::io::Reader::new(buffered)), blocks)
            }
            _ => Source::Plain(BufReader::with_capacity(1 << 17, file), 0),
        };
        Ok(Self { size, source })
    }

    /// Size of the file in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The place after the last byte.
    pub fn end(&self) -> u64 {
        match self.source {
            Source::Plain(..) => self.size,
            Source::Bgzip(..) => self.size << 16,
        }
    }

    /// Place of the next byte.
    pub fn here(&self) -> u64 {
        match &self.source {
            Source::Plain(_, place) => *place,
            Source::Bgzip(reader, _) => reader.virtual_position().into(),
        }
    }

    /// Bytes of the file before a place.
    pub fn bytes_before(&self, place: u64) -> u64 {
        match self.source {
            Source::Plain(..) => place,
            Source::Bgzip(..) => place >> 16,
        }
    }

    /// Goes to a place.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn go(&mut self, place: u64) -> io::Result<()> {
        match &mut self.source {
            Source::Plain(reader, here) => {
                reader.seek(SeekFrom::Start(place))?;
                *here = place;
            }
            Source::Bgzip(reader, _) => {
                reader.seek(VirtualPosition::from(place))?;
            }
        }
        Ok(())
    }

    /// The first place at or after this many bytes where reading can begin: that of a block in a bgzip file.
    ///
    /// # Errors
    /// The file cannot be read, or the header of a block is damaged.
    pub fn cut(&self, bytes: u64) -> io::Result<u64> {
        let Source::Bgzip(_, file) = &self.source else { return Ok(bytes.min(self.size)) };
        let mut block = 0;
        while block < bytes && block < self.size {
            block += block_size(file, block)?;
        }
        Ok(block << 16)
    }

    /// The next bytes, as far as they are in memory; empty at the end.
    ///
    /// # Errors
    /// The file cannot be read, or a block is damaged.
    pub fn fill(&mut self) -> io::Result<&[u8]> {
        match &mut self.source {
            Source::Plain(reader, _) => reader.fill_buf(),
            Source::Bgzip(reader, _) => reader.fill_buf().map_err(|error| {
                let problem =
                    format!("the bgzip data are damaged ({error}); copy or make it again");
                io::Error::new(io::ErrorKind::InvalidData, problem)
            }),
        }
    }

    /// The next bytes before a place.
    ///
    /// # Errors
    /// See [`fill`](Self::fill).
    pub fn fill_before(&mut self, end: u64) -> io::Result<&[u8]> {
        self.fill()?;
        // the place within the block that is read now
        let here = self.here();
        let left = match self.source {
            Source::Bgzip(..) if here >> 16 < end >> 16 => u64::MAX,
            _ => end.saturating_sub(here),
        };
        let available = self.fill()?;
        Ok(&available[..available.len().min(usize::try_from(left).unwrap_or(usize::MAX))])
    }

    /// Goes on by bytes that [`fill`](Self::fill) gave.
    pub fn consume(&mut self, bytes: usize) {
        match &mut self.source {
            Source::Plain(reader, place) => {
                reader.consume(bytes);
                *place += bytes as u64;
            }
            Source::Bgzip(reader, _) => reader.consume(bytes),
        }
    }

    /// Goes to the start of the next line, or to the end.
    ///
    /// # Errors
    /// See [`fill`](Self::fill).
    pub fn skip_line(&mut self) -> io::Result<()> {
        self.line(|_| ())
    }

    /// Hands the rest of the line to `each`, in pieces, with its end.
    ///
    /// # Errors
    /// See [`fill`](Self::fill).
    pub fn line(&mut self, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        loop {
            let available = self.fill()?;
            let end = available.iter().position(|&byte| byte == b'\n').map(|end| end + 1);
            let length = end.unwrap_or(available.len());
            each(&available[..length]);
            self.consume(length);
            if end.is_some() || length == 0 {
                return Ok(());
            }
        }
    }
}

/// Size in bytes of the block that begins here: the `BC` field of its header (SAM specification, section 4.1).
fn block_size(file: &File, at: u64) -> io::Result<u64> {
    let damaged = || {
        let problem = format!("no block of bgzip begins at byte {at}; copy or make the file again");
        io::Error::new(io::ErrorKind::InvalidData, problem)
    };
    let mut head = [0; 12];
    file.read_exact_at(&mut head, at).map_err(|_| damaged())?;
    if !head.starts_with(&[0x1f, 0x8b, 8]) || head[3] & 4 == 0 {
        return Err(damaged());
    }
    let mut fields = vec![0; usize::from(u16::from_le_bytes([head[10], head[11]]))];
    file.read_exact_at(&mut fields, at + 12).map_err(|_| damaged())?;
    let mut rest = &fields[..];
    while let [first, second, low, high, ..] = *rest {
        let length = usize::from(u16::from_le_bytes([low, high]));
        if (first, second, length) == (b'B', b'C', 2) && rest.len() >= 6 {
            return Ok(u64::from(u16::from_le_bytes([rest[4], rest[5]])) + 1);
        }
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    Err(damaged())
}

//! The zip archive around a checkpoint: finds its entries and reads them within bounds.

use std::io::{self, Read, Seek, SeekFrom};

use thiserror::Error;
use zip::read::ZipReadOptions;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::pickle::shown;

/// Errors of reading the archive.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The file ends before the archive's directory, which comes last.
    #[error(
        "the file is truncated: a zip archive ends with a directory of its entries, and none is in \
         its {0} bytes; download the file again"
    )]
    Truncated(u64),
    /// The archive's directory cannot be read.
    #[error("the zip archive is damaged or truncated ({0}); download the file again")]
    Damaged(ZipError),
    /// The archive is of another kind.
    #[error(
        "this zip archive has no data.pkl, so torch.save did not write it; \
         check that it is the right file"
    )]
    NoPickle,
    /// It is unclear which pickle is meant.
    #[error("this zip archive has several data.pkl, where torch.save writes one; refused")]
    SeveralPickles,
    /// A storage that the pickle names is not there.
    #[error("the pickle needs the entry \"{0}\", which is missing; download the file again")]
    MissingEntry(String),
    /// An entry is compressed, which could hide any size.
    #[error(
        "the entry \"{0}\" is compressed or encrypted, while torch.save stores entries as they \
         are; save the checkpoint again with torch.save"
    )]
    Compressed(String),
    /// An entry claims more bytes than it can have.
    #[error(
        "the entry \"{name}\" claims {size} bytes, where at most {limit} are possible; refused"
    )]
    TooLarge {
        /// Name of the entry.
        name: String,
        /// Size that it claims.
        size: u64,
        /// The most that it may have.
        limit: u64,
    },
    /// The bytes of an entry cannot be read or have another checksum.
    #[error("the entry \"{name}\" cannot be read ({source}); download the file again")]
    Entry {
        /// Name of the entry.
        name: String,
        /// The error.
        source: io::Error,
    },
    /// The numbers are in the other byte order.
    #[error(
        "the checkpoint's byte order is {0:?}, but only \"little\" is read; \
         save it again on a little-endian machine"
    )]
    ByteOrder(String),
}

/// A checkpoint's archive, opened.
pub struct Archive<R> {
    zip: ZipArchive<R>,
    /// The folder of `data.pkl` in the archive, with its slash; other entries lie beside it.
    root: String,
    len: u64,
}

/// First bytes of the record that ends an archive.
const END: &[u8] = b"PK\x05\x06";
/// Length of that record with its longest comment.
const END_LENGTH: u64 = 22 + 0xffff;

/// True if the end of an archive is in the last bytes of a file of `len` bytes.
fn has_end(reader: &mut (impl Read + Seek), len: u64) -> io::Result<bool> {
    reader.seek(SeekFrom::Start(len.saturating_sub(END_LENGTH)))?;
    let mut tail = Vec::new();
    reader.take(END_LENGTH).read_to_end(&mut tail)?;
    Ok(tail.windows(END.len()).any(|bytes| bytes == END))
}

impl<R: Read + Seek> Archive<R> {
    /// Opens the archive in a file of `len` bytes.
    pub fn open(mut reader: R, len: u64) -> Result<Self, ArchiveError> {
        if !has_end(&mut reader, len).map_err(|e| ArchiveError::Damaged(ZipError::Io(e)))? {
            return Err(ArchiveError::Truncated(len));
        }
        let zip = ZipArchive::new(reader).map_err(ArchiveError::Damaged)?;
        let mut roots = zip
            .file_names_raw()
            .filter_map(|name| str::from_utf8(name).ok()?.strip_suffix("data.pkl"))
            .filter(|root| root.is_empty() || root.ends_with('/'));
        let root = roots.next().ok_or(ArchiveError::NoPickle)?.to_owned();
        if roots.next().is_some() {
            return Err(ArchiveError::SeveralPickles);
        }
        drop(roots);
        let mut archive = Self { zip, root, len };
        archive.check_byte_order()?;
        Ok(archive)
    }

    /// Length of the whole file: no sound set of entries can hold more.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Size in bytes of an entry beside `data.pkl`, checked against the file's own length.
    pub fn size(&mut self, entry: &str) -> Result<u64, ArchiveError> {
        self.locate(entry).map(|(_, size, _)| size)
    }

    /// Reads an entry of at most `limit` bytes.
    pub fn read(&mut self, entry: &str, limit: u64) -> Result<Vec<u8>, ArchiveError> {
        let (index, size, crc32) = self.locate(entry)?;
        let name = shown(&format!("{}{entry}", self.root));
        if size > limit {
            return Err(ArchiveError::TooLarge { name, size, limit });
        }
        // torch.save writes a checksum of 0 where it computes none.
        let options = ZipReadOptions::new().ignore_crc32(crc32 == 0);
        let mut file =
            self.zip.by_index_with_options(index, options).map_err(ArchiveError::Damaged)?;
        let mut bytes = Vec::with_capacity(size as usize);
        let read = file.read_to_end(&mut bytes);
        match read {
            Ok(count) if count as u64 == size => Ok(bytes),
            Ok(_) => Err(ArchiveError::Entry { name, source: io::ErrorKind::UnexpectedEof.into() }),
            Err(source) => Err(ArchiveError::Entry { name, source }),
        }
    }

    /// Index, size and checksum of an entry, refused unless its bytes are stored plainly
    /// and can lie within the file.
    fn locate(&mut self, entry: &str) -> Result<(usize, u64, u32), ArchiveError> {
        let name = format!("{}{entry}", self.root);
        let Some(index) = self.zip.index_for_name_raw(name.as_bytes()) else {
            return Err(ArchiveError::MissingEntry(shown(&name)));
        };
        let name = shown(&name);
        let file = self.zip.by_index_raw(index).map_err(ArchiveError::Damaged)?;
        let (size, stored) = (file.size(), file.compressed_size());
        if file.compression() != CompressionMethod::Stored || file.encrypted() || size != stored {
            return Err(ArchiveError::Compressed(name));
        }
        let limit = self.len;
        if size > limit {
            return Err(ArchiveError::TooLarge { name, size, limit });
        }
        Ok((index, size, file.crc32()))
    }

    fn check_byte_order(&mut self) -> Result<(), ArchiveError> {
        match self.read("byteorder", 16) {
            Ok(order) if order == b"little" => Ok(()),
            Ok(order) => Err(ArchiveError::ByteOrder(String::from_utf8_lossy(&order).into_owned())),
            // Before PyTorch 2.1 there was no such entry, and little was meant.
            Err(ArchiveError::MissingEntry(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

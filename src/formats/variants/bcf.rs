//! BCF through htslib, as VCF lines in both directions.
//!
//! Calls the functions of htslib instead of the types of rust-htslib, which ignore errors of the
//! last write and cannot read text that is not UTF-8.

mod handles;

use std::{
    ffi::{CString, c_int},
    io::{self, BufRead, PipeReader, Write},
    os::fd::{AsFd, OwnedFd},
    thread::{Builder, JoinHandle},
};

use rust_htslib::htslib as hts;

use self::handles::{BcfHeader, File, LineBuffer, Mode};
use crate::formats::{error::InputError, input::Input, meter::Meter, output::Output};

/// True if the decompressed input starts with the magic bytes of BCF.
pub fn is_bcf(input: &mut Input) -> Result<bool, InputError> {
    let head = input.reader.fill_buf().map_err(|source| InputError::Read {
        path: input.name.clone(),
        line: 0,
        source,
    })?;
    Ok(head.starts_with(b"BCF\x02"))
}

/// Reads BCF as VCF lines.
pub struct Reader {
    name: String,
    file: Option<File>,
    header: BcfHeader,
    buffer: LineBuffer,
    number: u64,
    meter: Meter,
    feeder: Option<JoinHandle<io::Result<()>>>,
}

impl Reader {
    /// Reads the header of a BCF input: see [`is_bcf`].
    ///
    /// # Errors
    /// The header is damaged.
    pub fn new(input: Input) -> Result<Self, InputError> {
        let Input { name, mut reader, meter, .. } = input;
        let failed = |source| InputError::Read { path: name.clone(), line: 0, source };
        // htslib needs a file descriptor: a pipe provides one for stdin and files alike, and keeps
        // decompression, with its check for truncation, in one place
        let (output, mut pipe) = io::pipe().map_err(failed)?;
        let handed = meter.clone();
        let feeder = Builder::new().spawn(move || copy(&mut reader, &mut pipe, &handed));
        let feeder = feeder.map_err(failed)?;
        let file = open_for_reading(output).map_err(failed)?;
        // SAFETY: the file is open for reading; the header is owned from here on.
        let header = unsafe { BcfHeader::owned(hts::bcf_hdr_read(file.inner)) };
        let Some(header) = header else {
            drop(file);
            return Err(match join(feeder) {
                Err(source) => failed(source),
                Ok(()) => InputError::Kind {
                    path: name,
                    problem: "the header of this BCF file is damaged; make it again (`bcftools view` checks it)".into(),
                },
            });
        };
        let buffer = LineBuffer::new().map_err(failed)?;
        Ok(Self { name, file: Some(file), header, buffer, number: 0, meter, feeder: Some(feeder) })
    }

    /// Name of the input, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Position in the file after the last record, in bytes.
    pub fn position(&self) -> u64 {
        self.meter.position()
    }

    /// Number of the last record read, 1-based; 0 before the first.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Header as VCF lines, `#CHROM` last.
    ///
    /// # Errors
    /// htslib cannot format it.
    pub fn header(&mut self) -> Result<Vec<Vec<u8>>, InputError> {
        self.buffer.text.l = 0;
        // SAFETY: header and string are valid.
        if unsafe { hts::bcf_hdr_format(self.header.raw(), 0, &raw mut self.buffer.text) } != 0 {
            return Err(self.damaged());
        }
        let text = self.buffer.bytes();
        self.meter.take_back(text.len() as u64);
        let lines = text.split(|&b| b == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(<[u8]>::to_vec).collect())
    }

    /// Replaces `line` with the next record. Returns false after the last one.
    ///
    /// # Errors
    /// A record is damaged, or the file is truncated.
    pub fn read(&mut self, line: &mut Vec<u8>) -> Result<bool, InputError> {
        line.clear();
        let Some(file) = &self.file else {
            return Ok(false);
        };
        // SAFETY: file, header and record are valid and belong together.
        let code = unsafe { hts::bcf_read(file.inner, self.header.raw(), self.buffer.record) };
        if code != 0 {
            self.file = None; // closes our end of the pipe, so that the feeder ends
            // after damage the feeder may be waiting for more input
            let feeder = self.feeder.take().filter(|feeder| code == -1 || feeder.is_finished());
            if let Some(Err(source)) = feeder.map(join) {
                return Err(InputError::Read {
                    path: self.name.clone(),
                    line: self.number,
                    source,
                });
            }
            return if code == -1 { Ok(false) } else { Err(self.damaged()) };
        }
        self.number += 1;
        // SAFETY: the record was just read.
        let (shared, individual) =
            unsafe { ((*self.buffer.record).shared.l, (*self.buffer.record).indiv.l) };
        self.meter.take_back((FIXED_BYTES + shared + individual) as u64);
        self.buffer.text.l = 0;
        // SAFETY: as above; vcf_format appends to the string.
        let code = unsafe {
            hts::vcf_format(self.header.raw(), self.buffer.record, &raw mut self.buffer.text)
        };
        if code != 0 {
            return Err(self.damaged());
        }
        let text = self.buffer.bytes();
        line.extend_from_slice(text.strip_suffix(b"\n").unwrap_or(text));
        Ok(true)
    }

    fn damaged(&self) -> InputError {
        InputError::Record {
            path: self.name.clone(),
            record: (self.number + 1).to_string(),
            problem: "the BCF data are damaged or truncated; make the file again (`bcftools view` checks it)".into(),
        }
    }
}

fn open_for_reading(pipe: PipeReader) -> io::Result<File> {
    File::open(OwnedFd::from(pipe), Mode::Read)
}

fn join(feeder: JoinHandle<io::Result<()>>) -> io::Result<()> {
    feeder.join().unwrap_or_else(|_| Err(io::Error::other("the reading thread failed")))
}

/// Bytes of a record before its INFO and genotypes: two lengths and six numbers.
const FIXED_BYTES: usize = 32;

/// Copies until the input ends or htslib closes the pipe.
fn copy(
    reader: &mut (dyn BufRead + Send),
    pipe: &mut impl Write,
    handed: &Meter,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = reader.read(&mut buffer)?;
        if n == 0 {
            return Ok(());
        }
        handed.hand(n as u64);
        match pipe.write_all(&buffer[..n]) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            result => result?,
        }
    }
}

/// Last position of a contig that a record can hold, 1-based.
const LAST: i64 = i32::MAX as i64;

/// Writes VCF lines as BCF.
pub struct Writer {
    output: Output,
    file: File,
    header: BcfHeader,
    buffer: LineBuffer,
}

impl Writer {
    /// Writes the header: VCF lines, `#CHROM` last, each without its line end.
    ///
    /// # Errors
    /// htslib cannot parse the header, or writing fails.
    pub fn new(output: Output, header: &[Vec<u8>]) -> io::Result<Self> {
        let mut text = header.join(&b'\n');
        text.push(b'\n');
        let text = CString::new(text).map_err(|_| invalid("the header has a NUL byte"))?;
        let file = File::open(output.as_fd().try_clone_to_owned()?, Mode::Write)?;
        let header = BcfHeader::empty()?;
        let raw = text.into_raw();
        // SAFETY: the header is filled from a C string, which bcf_hdr_parse only changes within its
        // length and does not keep.
        let is_parsed = unsafe {
            let code = hts::bcf_hdr_parse(header.raw(), raw);
            drop(CString::from_raw(raw));
            code >= 0 && hts::bcf_hdr_sync(header.raw()) >= 0
        };
        if !is_parsed {
            return Err(invalid(
                "htslib cannot parse the header of this VCF; fix the header, or write VCF instead of BCF",
            ));
        }
        // SAFETY: both are valid.
        if unsafe { hts::bcf_hdr_write(file.inner, header.raw()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { output, file, header, buffer: LineBuffer::new()? })
    }

    /// Writes one record, a VCF line.
    ///
    /// # Errors
    /// The line has a contig or field that the header does not declare, or writing fails.
    pub fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let line = line.trim_ascii_end();
        if line.contains(&0) {
            return Err(invalid("a record has a NUL byte"));
        }
        let contig = line.split(|&b| b == b'\t').next().unwrap_or_default();
        let name = CString::new(contig).map_err(|_| invalid("a record has a NUL byte"))?;
        self.buffer.set(line)?;
        let dictionary = hts::BCF_DT_CTG as c_int;
        // SAFETY: strings are NUL-terminated; vcf_parse may change and reallocate the buffer's.
        let code = unsafe {
            if hts::bcf_hdr_id2int(self.header.raw(), dictionary, name.as_ptr()) < 0 {
                return Err(invalid(&format!(
                    "the header does not declare contig {}, as BCF requires; add ##contig=<ID=…> (`bcftools reheader --fai`), or write VCF",
                    String::from_utf8_lossy(contig)
                )));
            }
            hts::vcf_parse(&raw mut self.buffer.text, self.header.raw(), self.buffer.record)
        };
        let place = || {
            let columns: Vec<&[u8]> = line.splitn(3, |&b| b == b'\t').take(2).collect();
            String::from_utf8_lossy(&columns.join(&b':')).into_owned()
        };
        // SAFETY: the record is valid.
        let (start, length) = unsafe { ((*self.buffer.record).pos, (*self.buffer.record).rlen) };
        if code == 0 && start.saturating_add(length) > LAST {
            return Err(invalid(&format!(
                "record {} ends beyond position {LAST}, the last that BCF can hold; write VCF (-o FILE.vcf.gz) and index it with CSI (`tabix -C -p vcf`)",
                place()
            )));
        }
        // SAFETY: the record is valid.
        let problems = unsafe { (*self.buffer.record).errcode };
        if code != 0 || problems != 0 {
            return Err(invalid(&format!(
                "the record {} does not match the header, as BCF requires: an INFO, FORMAT or FILTER is not declared, or a value is malformed; fix the header, or write VCF",
                crate::formats::error::excerpt(line)
            )));
        }
        // SAFETY: errno belongs to this thread; file, header and record are valid and belong together.
        let code = unsafe {
            *libc::__errno_location() = 0;
            hts::bcf_write(self.file.inner, self.header.raw(), self.buffer.record)
        };
        if code != 0 {
            let error = io::Error::last_os_error();
            return Err(match error.raw_os_error() {
                Some(1..) => error,
                // htslib refused the record, and nothing was written
                _ => invalid(&format!("htslib cannot write record {}; write VCF", place())),
            });
        }
        Ok(())
    }

    /// Writes the last bytes and gives the output back, which has no name yet.
    ///
    /// # Errors
    /// The last bytes cannot be written.
    pub fn complete(self) -> io::Result<Output> {
        self.file.close()?;
        Ok(self.output)
    }
}

fn invalid(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;

    fn header() -> Vec<Vec<u8>> {
        [
            "##fileformat=VCFv4.3",
            "##contig=<ID=1>",
            "##INFO=<ID=AC,Number=A,Type=Integer,Description=\"x\">",
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
        ]
        .iter()
        .map(|l| l.as_bytes().to_vec())
        .collect()
    }

    #[test]
    fn a_written_record_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.bcf");
        let mut writer = Writer::new(Output::create(&path).unwrap(), &header()).unwrap();
        writer.write(b"1\t5\trs1\tA\tC,G\t.\tPASS\tAC=1,2\n").unwrap();
        assert!(
            writer.write(b"2\t5\t.\tA\tC\t.\t.\t.\n").unwrap_err().to_string().contains("contig 2")
        );
        assert!(
            writer
                .write(b"1\t5\t.\tA\tC\t.\t.\tZZ=1\n")
                .unwrap_err()
                .to_string()
                .contains("header")
        );
        writer.write(b"1\t2147483647\t.\tA\tC\t.\t.\t.\n").unwrap();
        for line in
            [&b"1\t2147483648\t.\tA\tC\t.\t.\t.\n"[..], b"1\t2147483647\t.\tAT\tC\t.\t.\t.\n"]
        {
            let error = writer.write(line).unwrap_err().to_string();
            assert!(
                error.contains("record 1:214748364") && error.contains("2147483647"),
                "{error}"
            );
        }
        writer.complete().unwrap().finish().unwrap();
        let mut input = input::open(&path).unwrap();
        assert!(is_bcf(&mut input).unwrap());
        let mut reader = Reader::new(input).unwrap();
        assert!(reader.header().unwrap().last().unwrap().starts_with(b"#CHROM\tPOS"));
        let mut line = Vec::new();
        assert!(reader.read(&mut line).unwrap());
        assert_eq!(line, b"1\t5\trs1\tA\tC,G\t.\tPASS\tAC=1,2");
        assert!(reader.read(&mut line).unwrap() && line.starts_with(b"1\t2147483647\t"));
        assert!(!reader.read(&mut line).unwrap());
    }

    #[test]
    fn truncation_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.bcf");
        let mut writer = Writer::new(Output::create(&path).unwrap(), &header()).unwrap();
        for i in 1..5000 {
            writer.write(format!("1\t{i}\trs{i}\tA\tC\t.\t.\tAC={i}").as_bytes()).unwrap();
        }
        writer.complete().unwrap().finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for cut in [bytes.len() / 2, bytes.len() - 28] {
            let cut = io::Cursor::new(bytes[..cut].to_vec());
            let input = input::from_reader("x.bcf".into(), cut, None).unwrap();
            let mut line = Vec::new();
            let result = Reader::new(input).and_then(|mut reader| {
                while reader.read(&mut line)? {}
                Ok(())
            });
            assert!(result.unwrap_err().to_string().contains("truncated"));
        }
    }
}

//! A writer that can go on where an earlier run was killed.

use std::io::{self, BufWriter, Write};

use noodles::bgzf;

use super::{
    file::Output,
    partial::{Kept, Reached},
};

/// Writes an output of which a part may be there already. The bytes are those that a [`Sink`](super::Sink) writes.
pub struct Resumable {
    writer: Writer,
    /// Bytes of the file before the first one that is written.
    before: u64,
    /// Bytes that were given, before compression.
    written: u64,
    /// The first bytes that are given: the header, which is there already.
    header: u64,
}

enum Writer {
    Plain(BufWriter<Output>),
    /// On one thread, so that it is known which bytes are in the file, and those that are not.
    Bgzip(bgzf::io::Writer<Output>, Vec<u8>),
}

impl Resumable {
    /// A writer after what is kept.
    pub(super) fn new(output: Output, kept: Kept, is_compressed: bool) -> Self {
        let writer = match is_compressed {
            false => Writer::Plain(BufWriter::with_capacity(1 << 16, output)),
            true => Writer::Bgzip(bgzf::io::Writer::new(output), Vec::new()),
        };
        let mut resumable = Self { writer, before: kept.bytes, written: 0, header: kept.header };
        // less than a block, which stays in memory
        resumable.writer.write_all(&kept.rest).expect("memory takes it");
        resumable
    }

    /// How far the file came, once its bytes are on the disk.
    ///
    /// # Errors
    /// The bytes cannot be written.
    pub fn reached(&self) -> io::Result<Reached> {
        let (output, bytes, rest) = match &self.writer {
            Writer::Plain(writer) => {
                let in_file = self.written.saturating_sub(self.header);
                debug_assert!(writer.buffer().is_empty(), "flushed before");
                (writer.get_ref(), in_file, Vec::new())
            }
            Writer::Bgzip(writer, rest) => (writer.get_ref(), writer.position(), rest.clone()),
        };
        output.sync()?;
        Ok(Reached { bytes: self.before + bytes, rest, written: self.written })
    }

    /// Writes all bytes and returns the output, which has no name yet.
    ///
    /// # Errors
    /// The bytes cannot be written.
    pub fn complete(self) -> io::Result<Output> {
        match self.writer {
            Writer::Plain(writer) => writer.into_inner().map_err(|error| error.into_error()),
            Writer::Bgzip(writer, _) => writer.finish(),
        }
    }
}

impl Write for Resumable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let of_header = self.header.saturating_sub(self.written).min(bytes.len() as u64) as usize;
        let written = match of_header {
            0 => self.writer.write(bytes)?,
            there => there,
        };
        self.written += written as u64;
        Ok(written)
    }

    /// Writes what is final: a block of bgzip that is not full stays in memory, so that blocks are the same however
    /// often this is called.
    fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Writer::Plain(writer) => writer.flush(),
            Writer::Bgzip(..) => Ok(()),
        }
    }
}

impl Writer {
    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            bytes = &bytes[self.write(bytes)?..];
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(writer) => writer.write(bytes),
            Self::Bgzip(writer, rest) => {
                let before = writer.position();
                let written = writer.write(bytes)?;
                rest.extend_from_slice(&bytes[..written]);
                // a block is written when it is full
                if writer.position() > before {
                    rest.clear();
                }
                Ok(written)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use proptest::prelude::*;

    use super::*;
    use crate::formats::output::{OutputError, Partial, Sink, State, partial_path, state_path};

    /// Lines that hardly compress.
    fn line(number: u64) -> String {
        let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let words = (0..number % 7).map(|_| {
            mixed = mixed.wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left(17);
            format!("{mixed:x}")
        });
        format!("{number}\t{}\n", words.collect::<Vec<_>>().join("\t"))
    }

    fn write(sink: &mut Sink, lines: std::ops::Range<u64>) {
        for number in lines {
            sink.write_all(line(number).as_bytes()).unwrap();
        }
    }

    fn whole(path: &Path, lines: u64) -> Vec<u8> {
        let mut sink = Sink::create(path).unwrap();
        sink.write_all(b"#header\n").unwrap();
        write(&mut sink, 0..lines);
        sink.complete().unwrap().finish().unwrap();
        fs::read(path).unwrap()
    }

    fn resume(path: &Path, state: Option<&State>) -> Result<Output, OutputError> {
        Output::resume(path, Partial::lock(path)?, state.map(State::kept).unwrap_or_default())
    }

    /// Begins, or goes on, as far as `until`; writes further lines that are lost if the run does not end.
    fn run(path: &Path, until: u64, lines: u64) {
        let state = State::read(path).unwrap();
        let output = resume(path, state.as_ref()).unwrap();
        let mut sink = Sink::new(output);
        sink.write_all(b"#header\n").unwrap();
        sink.flush().unwrap();
        let header = sink.reached().unwrap().unwrap().written;
        let mut state = state.unwrap_or_default();
        state.header = header;
        write(&mut sink, state.items..until);
        if until == lines {
            sink.complete().unwrap().finish().unwrap();
            return;
        }
        sink.flush().unwrap();
        state.items = until;
        let reached = sink.reached().unwrap().unwrap();
        state.write(path, reached).unwrap();
        write(&mut sink, until..lines.min(until + 2000));
        drop(sink);
        assert!(!path.exists() && partial_path(path).exists());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_run_that_goes_on_writes_the_same_bytes(
            name in prop_oneof![Just("out.tsv"), Just("out.tsv.gz")],
            lines in 1_u64..9000,
            mut stops in prop::collection::vec(0_u64..9000, 0..4),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let expected = whole(&folder.path().join(name).with_file_name(format!("whole.{name}")), lines);
            let path = folder.path().join(name);
            stops.retain(|&stop| stop < lines);
            stops.sort_unstable();
            for stop in stops {
                run(&path, stop, lines);
            }
            run(&path, lines, lines);
            prop_assert!(fs::read(&path).unwrap() == expected);
            prop_assert!(!partial_path(&path).exists() && !state_path(&path).exists());
        }
    }

    #[test]
    fn a_partial_file_has_one_writer_and_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.tsv");
        run(&path, 10, 100);
        let state = State::read(&path).unwrap();
        let first = resume(&path, state.as_ref()).unwrap();
        let error = resume(&path, state.as_ref()).unwrap_err().to_string();
        assert!(error.contains("another run writes it"), "{error}");
        drop(first);
        fs::write(partial_path(&path), "#hea").unwrap();
        let error = resume(&path, state.as_ref()).unwrap_err().to_string();
        assert!(error.contains("it has 4 bytes"), "{error}");
        fs::write(state_path(&path), "{}\n").unwrap();
        let error = State::read(&path).unwrap_err().to_string();
        assert!(error.contains("to begin anew"), "{error}");
        fs::remove_file(state_path(&path)).unwrap();
        assert_eq!(State::read(&path).unwrap(), None);
        assert!(!Partial::lock(&path).unwrap().is_new);
        fs::remove_file(partial_path(&path)).unwrap();
        assert!(Partial::lock(&path).unwrap().is_new);
    }
}

//! A part: its header, which says what it is, and its rows.

use std::{
    io::BufRead,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};

use crate::{
    formats::{
        error::InputError,
        input::{self, Input},
        number::counted,
        output::OutputError,
        shard::Shard,
        tabix::Positions,
    },
    genome::name,
};

/// Lines of the header that differ between shards.
const COMMAND: &[u8] = b"##hyenadna_command=";
const SHARD: &[u8] = b"##hyenadna_shard=";
const PLACES: &[u8] = b"##hyenadna_shard_places=";
/// Most bytes of a header.
const LONGEST: usize = 1 << 28;

/// A file that has the rows of a shard.
pub struct Part {
    pub path: PathBuf,
    pub head: Head,
    /// True if there is at least one row.
    pub has_rows: bool,
}

/// The header of a part.
#[derive(PartialEq, Eq)]
pub struct Head {
    /// Number of the shard, 1-based, and of all shards.
    pub number: u32,
    pub of: u32,
    /// Places of the input where it starts and ends.
    pub places: (u64, u64),
    /// Lines, with their ends.
    lines: Vec<Vec<u8>>,
}

impl Part {
    /// Reads the header.
    ///
    /// # Errors
    /// The file cannot be read, or does not say which shard it is.
    pub fn open(path: &Path) -> Result<Self> {
        let mut input = input::open(path)?;
        let head = Head::read(&mut input)?;
        let has_rows = !fill(&mut input)?.is_empty();
        Ok(Self { path: path.to_owned(), head, has_rows })
    }

    /// Hands all bytes after the header to `each`.
    ///
    /// # Errors
    /// The file cannot be read or was changed meanwhile, a row has not as many columns as the header names, or those of `each`.
    pub fn copy_rows(&self, each: &mut dyn FnMut(&[u8]) -> Result<(), OutputError>) -> Result<()> {
        let mut input = input::open(&self.path)?;
        if Head::read(&mut input)? != self.head {
            bail!("{} was changed while it was read; merge again", self.path.display());
        }
        let mut last = b'\n';
        let mut rows = Rows { head: &self.head, line: self.head.lines.len(), tabs: 0 };
        loop {
            let bytes = fill(&mut input)?;
            let Some(&end) = bytes.last() else { break };
            rows.check(bytes).map_err(|problem| anyhow!("{}, {problem}", self.path.display()))?;
            each(bytes)?;
            last = end;
            let length = bytes.len();
            input.reader.consume(length);
        }
        if last != b'\n' {
            bail!(
                "{} ends within a line, so it is truncated; run its shard again",
                self.path.display()
            );
        }
        Ok(())
    }
}

/// The rows of a part, of which some were read.
struct Rows<'a> {
    head: &'a Head,
    /// Number of the last whole line, 1-based.
    line: usize,
    /// Tabs of the line that was begun.
    tabs: usize,
}

impl Rows<'_> {
    /// Reads the next bytes.
    ///
    /// # Errors
    /// A row has not as many columns as the header names; a record of VCF has fewer than eight, as it may have some that no
    /// line names.
    fn check(&mut self, bytes: &[u8]) -> Result<(), String> {
        let tabs = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\t').count();
        let Some(names) = self.head.columns() else { return Ok(()) };
        let expected =
            if self.head.is_vcf() { 7..usize::MAX } else { tabs(names)..tabs(names) + 1 };
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.tabs += tabs(piece);
            if !piece.ends_with(b"\n") {
                continue;
            }
            self.line += 1;
            if !expected.contains(&self.tabs) {
                return Err(format!(
                    "line {}: the row has {}, but the header {}; the file is damaged, or is two in one; run its shard again",
                    self.line,
                    counted(self.tabs as u64 + 1, "column"),
                    tabs(names) + 1
                ));
            }
            self.tabs = 0;
        }
        Ok(())
    }
}

impl Head {
    /// Reads the lines that start with `##`, and the one after them that starts with `#` and names the columns. Names
    /// of rows may start so too.
    fn read(input: &mut Input) -> Result<Self> {
        let name = input.name.clone();
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let mut bytes = 0;
        while fill(input)?.first() == Some(&b'#')
            && lines.last().is_none_or(|line| line.starts_with(b"##"))
            && bytes <= LONGEST
        {
            let mut line = Vec::new();
            let read = input.reader.read_until(b'\n', &mut line);
            let read = read.map_err(|source| failed(&name, lines.len(), source))?;
            bytes += read;
            lines.push(line);
        }
        let value = |prefix: &[u8]| {
            // a VCF that was read may have such lines of its own, before
            let line = lines.iter().rev().find_map(|line| line.strip_prefix(prefix))?;
            Some(String::from_utf8_lossy(line.trim_ascii_end()).into_owned())
        };
        let Some(shard) = value(SHARD) else {
            bail!(
                "{name} does not say which shard it is: expected a line ##hyenadna_shard=I/N in its header; merge reads TSV, BED, bedGraph and VCF that were written with --shard and their full header"
            );
        };
        let damaged =
            || format!("{name}: the line ##hyenadna_shard or ##hyenadna_shard_places is damaged");
        let shard: Shard = shard.parse().map_err(anyhow::Error::msg).with_context(damaged)?;
        let places = value(PLACES).unwrap_or_default();
        let places = places
            .split_once('-')
            .and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
        let places = places.with_context(damaged)?;
        Ok(Self { number: shard.number, of: shard.of, places, lines })
    }

    /// True if rows are records of VCF.
    pub fn is_vcf(&self) -> bool {
        Positions::of(&self.lines) == Some(Positions::Vcf)
    }

    /// Its lines, with their ends.
    pub fn lines(&self) -> &[Vec<u8>] {
        &self.lines
    }

    /// Lines that all parts have in common: not those of one shard, and not the names of columns.
    fn shared(&self) -> impl Iterator<Item = &[u8]> {
        let own = [COMMAND, SHARD, PLACES];
        let is_shared = move |line: &&[u8]| {
            line.starts_with(b"##") && !own.iter().any(|prefix| line.starts_with(prefix))
        };
        self.lines.iter().map(Vec::as_slice).filter(is_shared)
    }

    /// The line that names the columns.
    pub fn columns(&self) -> Option<&[u8]> {
        self.lines.last().filter(|line| !line.starts_with(b"##")).map(|line| line.trim_ascii_end())
    }

    /// The first lines that two headers should share but do not, for messages.
    pub fn difference(&self, other: &Self) -> Option<(String, String)> {
        let [ours, theirs] = [self, other].map(|head| head.shared().collect::<Vec<_>>());
        let first = (0..ours.len().max(theirs.len())).find(|&i| ours.get(i) != theirs.get(i))?;
        let (mut one, mut two) = (ours.get(first), theirs.get(first));
        // a line more or less moves those after it
        match (
            one.is_some_and(|one| !theirs.contains(one)),
            two.is_some_and(|two| !ours.contains(two)),
        ) {
            (true, false) => two = None,
            (false, true) => one = None,
            _ => {}
        }
        let shown = |line: Option<&&[u8]>| {
            let Some(line) = line else { return "no such line".to_owned() };
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            name::shown(&name::decode(text)).into_owned()
        };
        let found = (shown(one), shown(two));
        if found.0 != found.1 {
            return Some(found);
        }
        let (unix, dos) = ("\\n at the ends of lines".to_owned(), "\\r\\n".to_owned());
        let is_dos = one.is_some_and(|line| line.ends_with(b"\r\n"));
        Some(if is_dos { (dos, unix) } else { (unix, dos) })
    }

    /// The header of all parts together. The command is that of the first part.
    pub fn merged(&self, parts: usize) -> Vec<u8> {
        let mut merged = Vec::new();
        let last = |prefix: &[u8]| self.lines.iter().rposition(|line| line.starts_with(prefix));
        let (shard, places) = (last(SHARD), last(PLACES));
        for (number, line) in self.lines.iter().enumerate() {
            if Some(number) == shard {
                let end: &[u8] = if line.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
                merged.extend_from_slice(format!("##hyenadna_shards={parts}").as_bytes());
                merged.extend_from_slice(end);
            } else if Some(number) != places {
                merged.extend_from_slice(line);
            }
        }
        merged
    }
}

fn fill(input: &mut Input) -> Result<&[u8], InputError> {
    let Input { name, reader, .. } = input;
    reader.fill_buf().map_err(|source| failed(name, 0, source))
}

fn failed(path: &str, line: usize, source: std::io::Error) -> InputError {
    InputError::Read { path: path.to_owned(), line: line as u64, source }
}

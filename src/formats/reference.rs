//! The reference genome: any range of any contig, by index, in bounded memory.

pub mod blocks;
mod cache;
pub mod index;
mod spool;
mod stretch;
mod watch;

use std::{collections::HashSet, fs::File, io::BufReader, ops::Range, path::Path, sync::Arc};

use noodles::{bgzf, fasta::fai};

use super::{
    error::InputError,
    input::{self, Compression, Input, is_dash},
};
use crate::genome::{contig::ContigIndex, dna, name};
use index::Text;

pub use cache::Cache;
use cache::{BlockCache, BlockKey};
use stretch::Stretches;
use watch::Watch;

/// A contig of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contig {
    /// Name: the first word of its title.
    pub name: String,
    /// Length in bases.
    pub length: u64,
}

/// An opened reference.
pub struct Reference {
    name: String,
    contigs: Vec<Contig>,
    by_name: ContigIndex,
    index: Vec<fai::Record>,
    text: Stretches<Box<dyn Text>>,
    block_bases: u64,
    blocks: BlockCache,
    aliased: HashSet<String>,
    /// Blocks whose ambiguous letters were counted; a block may be read more than once.
    counted: HashSet<BlockKey>,
    ambiguous: u64,
    /// The file, unless it is a pipe or a device.
    watch: Option<Watch>,
}

impl Reference {
    /// Opens a FASTA file. A plain or bgzip file with lines of one length is read by index, stored
    /// beside the file or made now; anything else (plain gzip, stdin, uneven lines) is first
    /// decompressed to a temporary file.
    ///
    /// # Errors
    /// The file is empty, not FASTA, damaged, or names a contig twice.
    pub fn open(path: &Path, save_index: bool) -> Result<Self, InputError> {
        Self::open_with(path, save_index, Cache::default())
    }

    /// Opens a FASTA file as [`open`](Self::open) does, with another cache.
    pub fn open_with(path: &Path, save_index: bool, cache: Cache) -> Result<Self, InputError> {
        let watch = if is_dash(path) { None } else { Watch::new(path).ok().flatten() };
        let input = input::open(path)?;
        let reference = match watch {
            None => Self::spooled(input, "it is not a regular file", cache)?,
            Some(watch) => {
                let reference = Self::of_file(input, path, save_index, cache)?;
                Self { watch: Some(watch), ..reference }
            }
        };
        reference.check_unchanged()?;
        Ok(reference)
    }

    fn of_file(
        input: Input,
        path: &Path,
        save_index: bool,
        cache: Cache,
    ) -> Result<Self, InputError> {
        let name = input.name.clone();
        let failed = |source| InputError::Read { path: name.clone(), line: 0, source };
        let file = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
        let (mut text, length, blocks): (Box<dyn Text>, u64, _) = match input.compression {
            Compression::Gzip => {
                return Self::spooled(
                    input,
                    "gzip has no random access; compress it with `bgzip` instead",
                    cache,
                );
            }
            Compression::None => (Box::new(file), input.meter.total.unwrap_or(0), None),
            Compression::Bgzip => {
                let (blocks, length) = blocks::find(path).map_err(failed)?;
                let reader = bgzf::io::IndexedReader::new(file, blocks.clone());
                (Box::new(reader), length, Some(blocks))
            }
        };
        let index = match index::stored(path, &mut *text, length) {
            Some(index) => Ok(index),
            None => index::make(input.reader),
        };
        match index {
            Ok(index) if !index.as_ref().is_empty() => {
                if save_index && let Err(error) = index::save(path, &index, blocks.as_ref()) {
                    log::warn!("cannot save the index of {name}: {error}");
                }
                Self::new(name, index, text, cache)
            }
            // no index can describe this file, or it is not FASTA: reading it line by line works,
            // or reports the error with its line
            Ok(_) => Self::spooled(input::open(path)?, "no index can be made", cache),
            Err(error) => {
                Self::spooled(input::open(path)?, &format!("no index can be made ({error})"), cache)
            }
        }
    }

    /// Copies an input to a temporary file, one line for each contig.
    fn spooled(input: Input, why: &str, cache: Cache) -> Result<Self, InputError> {
        let name = input.name.clone();
        let (index, file) = spool::copy(input, why)?;
        Self::new(name, index, Box::new(BufReader::new(file)), cache)
    }

    fn check_unchanged(&self) -> Result<(), InputError> {
        self.watch.as_ref().map_or(Ok(()), Watch::check)
    }

    fn new(
        name: String,
        index: fai::Index,
        text: Box<dyn Text>,
        cache: Cache,
    ) -> Result<Self, InputError> {
        let index: Vec<fai::Record> = index.into();
        let contigs: Vec<Contig> = index
            .iter()
            .map(|record| Contig { name: name::decode(record.name()), length: record.length() })
            .collect();
        if contigs.is_empty() {
            return Err(InputError::Kind {
                path: name,
                problem: "has no sequence; expected FASTA".into(),
            });
        }
        let mut by_name = ContigIndex::default();
        for (i, contig) in contigs.iter().enumerate() {
            if by_name.insert(&contig.name, i).is_some() {
                return Err(InputError::Record {
                    path: name,
                    record: contig.name.clone(),
                    problem: "two contigs have this name, so positions are ambiguous; rename or remove one (`seqkit rename`, `seqkit rmdup`)".into(),
                });
            }
        }
        Ok(Self {
            name,
            contigs,
            by_name,
            index,
            text: Stretches::new(text),
            block_bases: cache.block_bases.max(1),
            blocks: BlockCache::new(cache.blocks),
            aliased: HashSet::new(),
            counted: HashSet::new(),
            ambiguous: 0,
            watch: None,
        })
    }

    /// Path of the file, or `<stdin>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Contigs, in the order of the file.
    pub fn contigs(&self) -> &[Contig] {
        &self.contigs
    }

    /// IUPAC letters other than A, C, G, T and N read so far; they count as N.
    pub fn ambiguous(&self) -> u64 {
        self.ambiguous
    }

    /// A contig, by its name or in the other style; `None` if there is none, or more than one.
    pub fn contig(&self, name: &str) -> Option<&Contig> {
        let (_, number) = self.by_name.find(name).ok()??;
        Some(&self.contigs[number])
    }

    /// Number of a contig, by its name or in the other style (`chr1` for `1`), which is logged once.
    ///
    /// # Errors
    /// Only other styles of the name are there, and more than one.
    pub fn find(&mut self, name: &str) -> Result<Option<usize>, InputError> {
        let found = self.by_name.find(name).map_err(|ambiguous| InputError::Kind {
            path: self.name.clone(),
            problem: ambiguous.to_string(),
        })?;
        let Some((own, number)) = found else { return Ok(None) };
        if own != name && self.aliased.insert(name.to_owned()) {
            log::info!("contig {name} of the input is {own} in {}", self.name);
        }
        Ok(Some(number))
    }

    /// Normalised bases of a range of a contig, 0-based and half-open; it must lie within the
    /// contig.
    ///
    /// # Errors
    /// A byte is not a nucleotide, or reading fails.
    pub fn fetch(&mut self, contig: usize, range: Range<u64>) -> Result<Vec<u8>, InputError> {
        let mut bases = Vec::with_capacity((range.end - range.start) as usize);
        self.fetch_into(contig, range, &mut bases)?;
        Ok(bases)
    }

    /// Appends the bases of [`fetch`](Self::fetch) to `bases`.
    ///
    /// # Errors
    /// As for [`fetch`](Self::fetch); bases appended before the error stay.
    pub fn fetch_into(
        &mut self,
        contig: usize,
        range: Range<u64>,
        bases: &mut Vec<u8>,
    ) -> Result<(), InputError> {
        let mut at = range.start;
        while at < range.end {
            let number = at / self.block_bases;
            let block = self.block(contig, number)?;
            let first = number * self.block_bases;
            let to = (range.end - first).min(block.len() as u64);
            bases.extend_from_slice(&block[(at - first) as usize..to as usize]);
            at = first + to;
        }
        Ok(())
    }

    fn block(&mut self, contig: usize, number: u64) -> Result<Arc<[u8]>, InputError> {
        let key = (contig, number);
        if let Some(block) = self.blocks.get(key) {
            return Ok(block);
        }
        let block = self.read_block(contig, number)?;
        self.blocks.insert(key, block.clone());
        Ok(block)
    }

    fn read_block(&mut self, contig: usize, number: u64) -> Result<Arc<[u8]>, InputError> {
        let start = number * self.block_bases;
        let length = (self.contigs[contig].length - start).min(self.block_bases) as usize;
        let problem = |problem: String| InputError::Record {
            path: self.name.clone(),
            record: self.contigs[contig].name.clone(),
            problem,
        };
        let bases =
            self.text.read(&self.index[contig], start, length).map_err(|e| problem(e.to_string()));
        // a change explains an error too
        self.check_unchanged()?;
        let mut bases = bases?;
        let ambiguous = dna::normalise(&mut bases).map_err(|mut error| {
            error.position += start;
            problem(error.to_string())
        })?;
        if self.counted.insert((contig, number)) {
            self.ambiguous += ambiguous;
        }
        Ok(bases.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Write, path::PathBuf};

    const TEXT: &str = ">chr1 first\nACGTA\nCGTAC\nGT\n>2\nNNrt\n";

    fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn check(path: &Path) {
        let mut reference = Reference::open(path, false).unwrap();
        let names: Vec<_> =
            reference.contigs().iter().map(|c| (c.name.as_str(), c.length)).collect();
        assert_eq!(names, [("chr1", 12), ("2", 4)]);
        let first = reference.find("1").unwrap().unwrap();
        assert_eq!(reference.fetch(first, 3..11).unwrap(), b"TACGTACG");
        let second = reference.find("chr2").unwrap().unwrap();
        assert_eq!(reference.fetch(second, 0..4).unwrap(), b"NNNT");
        assert_eq!((reference.ambiguous(), reference.find("3").unwrap()), (1, None));
    }

    #[test]
    fn every_kind_of_file_gives_the_same_bases() {
        let folder = tempfile::tempdir().unwrap();
        let gzip = |text: &str| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        let mut bgzip = bgzf::io::Writer::new(Vec::new());
        bgzip.write_all(&TEXT.as_bytes()[..10]).unwrap();
        bgzip.flush().unwrap();
        bgzip.write_all(&TEXT.as_bytes()[10..]).unwrap();
        check(&write(folder.path(), "a.fa", TEXT.as_bytes()));
        check(&write(folder.path(), "crlf.fa", TEXT.replace('\n', "\r\n").as_bytes()));
        check(&write(folder.path(), "open.fa", TEXT.trim_end().as_bytes()));
        check(&write(folder.path(), "a.fa.gz", &gzip(TEXT)));
        check(&write(folder.path(), "b.fa.gz", &bgzip.finish().unwrap()));
        check(&write(folder.path(), "ragged.fa", b"\n>chr1\nACG\nTACGTAC\n\nGT\n>2\nNNrt\n"));
    }

    #[test]
    fn saved_indexes_are_used_and_old_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "a.fa", TEXT.as_bytes());
        Reference::open(&path, true).unwrap();
        assert!(folder.path().join("a.fa.fai").exists());
        check(&path);
        std::fs::write(&path, format!(">chr1\nACGTACGTACGT\n{}", &TEXT[27..])).unwrap();
        check(&path);
    }

    #[test]
    fn errors_name_the_problem() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, part) in [
            ("empty.fa", "", "empty"),
            ("twice.fa", ">a\nAC\n>a\nAC\n", "two contigs"),
            ("text.fa", "hello\n", "line 1"),
        ] {
            let error = Reference::open(&write(folder.path(), name, text.as_bytes()), false).err();
            let error = error.unwrap().to_string();
            assert!(error.contains(part), "{error}");
        }
        let path = write(folder.path(), "protein.fa", b">p\nACDEF\n");
        let error = Reference::open(&path, false).unwrap().fetch(0, 0..5).unwrap_err().to_string();
        assert!(error.contains("record p") && error.contains("base 4"), "{error}");
    }

    #[test]
    fn long_stretches_cross_blocks_of_any_size() {
        let folder = tempfile::tempdir().unwrap();
        let length = 600_077;
        let bases: Vec<u8> = (0..length).map(|i| b"ACGT"[i * i % 7 % 4]).collect();
        let lines: Vec<&str> =
            bases.chunks(61).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let text = format!(">a\n{}\n", lines.join("\n"));
        let mut bgzip = bgzf::io::Writer::new(Vec::new());
        bgzip.write_all(text.as_bytes()).unwrap();
        let plain = write(folder.path(), "long.fa", text.as_bytes());
        let packed = write(folder.path(), "long.fa.gz", &bgzip.finish().unwrap());
        for (path, cache) in [
            (&plain, Cache::default()),
            (&packed, Cache::default()),
            (&packed, Cache::ANYWHERE),
            (&plain, Cache { block_bases: 1000, blocks: 3 }),
            (&packed, Cache { block_bases: 1000, blocks: 3 }),
        ] {
            let mut reference = Reference::open_with(path, false, cache).unwrap();
            for (start, end) in
                [(262_141, 524_293), (0, 10), (599_000, 600_077), (5, 70_000), (69_000, 71_000)]
            {
                let got = reference.fetch(0, start as u64..end as u64).unwrap();
                assert!(got == bases[start..end], "{path:?} {cache:?} {start}-{end}");
            }
        }
    }
}

//! Every record is in one shard, whatever their number.

use std::{fs, io::Write, path::PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// A file with these bytes, compressed with bgzip in blocks of so many bytes.
struct Sample {
    _folder: TempDir,
    path: PathBuf,
}

impl Sample {
    fn new(bytes: &[u8], block: Option<usize>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let content = match block {
            None => bytes.to_vec(),
            Some(block) => {
                let mut writer = noodles::bgzf::io::Writer::new(Vec::new());
                for part in bytes.chunks(block) {
                    writer.write_all(part).unwrap();
                    writer.flush().unwrap();
                }
                writer.finish().unwrap()
            }
        };
        fs::write(&path, content).unwrap();
        Self { _folder: folder, path }
    }

    fn read(&self, number: u32, of: u32) -> (Vec<u8>, Section) {
        let (mut input, section) = open(&self.path, Shard { number, of }).unwrap();
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut input.reader, &mut bytes).unwrap();
        assert!(input.meter.position() <= input.meter.total.unwrap());
        (bytes, section)
    }

    /// The texts of all shards without the header, after checks that each is as `is_start` wants.
    fn joined(&self, of: u32, header: &[u8], is_start: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let mut joined = Vec::new();
        let mut before: Option<Section> = None;
        for number in 1..=of {
            let (bytes, section) = self.read(number, of);
            let own = bytes.strip_prefix(header).unwrap();
            assert!(own.is_empty() || is_start(own), "{}", own.escape_ascii());
            if let Some(before) = before {
                assert_eq!((before.places.1, &before.input), (section.places.0, &section.input));
            }
            joined.extend_from_slice(own);
            before = Some(section);
        }
        joined
    }
}

#[test]
fn shards_are_named_as_parts_of_a_whole() {
    assert_eq!("2/7".parse(), Ok(Shard { number: 2, of: 7 }));
    assert_eq!(Shard { number: 2, of: 7 }.to_string(), "2/7");
    for text in [
        "",
        "2",
        "0/7",
        "8/7",
        "1/0",
        "-1/7",
        "+1/7",
        "1/7/9",
        "1.5/2",
        "a/b",
        "1/1000001",
        "1/99999999999",
    ] {
        assert!(text.parse::<Shard>().unwrap_err().contains("expected I/N"), "{text}");
    }
}

proptest! {
    #[test]
    fn lines_are_in_one_shard(
        lines in prop::collection::vec("[a-z]{0,9}", 0..40),
        header in prop::collection::vec("#[a-z]{0,20}", 0..5),
        of in 1_u32..12,
        block in prop::option::of(1_usize..50),
        is_complete in any::<bool>(),
    ) {
        let header: String = header.iter().map(|line| format!("{line}\n")).collect();
        let mut text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        if is_complete {
            text.pop();
        }
        let sample = Sample::new(format!("{header}{text}").as_bytes(), block);
        prop_assert_eq!(sample.joined(of, header.as_bytes(), |_| true), text.as_bytes());
    }

    #[test]
    fn sequences_are_in_one_shard(
        blank in "\n{0,2}",
        records in prop::collection::vec(("[a-z>]{1,5}", prop::collection::vec("[ACGT]{0,12}", 0..5)), 1..12),
        of in 1_u32..9,
        block in prop::option::of(1_usize..40),
    ) {
        let text: String = records
            .iter()
            .map(|(name, lines)| format!(">{name}\n{}\n", lines.join("\n")))
            .collect();
        let text = blank + &text;
        let sample = Sample::new(text.as_bytes(), block);
        prop_assert_eq!(sample.joined(of, b"", |own| own.trim_ascii_start().first().is_none_or(|&byte| byte == b'>')), text.as_bytes());
    }

    #[test]
    fn reads_are_in_one_shard(
        records in prop::collection::vec(("[a-z]{1,5}", "[ACGT]{1,8}", "[@+I]{8}"), 1..12),
        of in 1_u32..9,
        block in prop::option::of(1_usize..40),
    ) {
        let text: String = records
            .iter()
            .map(|(name, bases, qualities)| {
                format!("@{name}\n{bases}\n+\n{}\n", &qualities[..bases.len()])
            })
            .collect();
        let sample = Sample::new(text.as_bytes(), block);
        let is_title = |own: &[u8]| own.split(|&byte| byte == b'\n').nth(2).unwrap().starts_with(b"+");
        prop_assert_eq!(sample.joined(of, b"", is_title), text.as_bytes());
    }
}

#[test]
fn a_shard_is_near_its_part_of_the_file() {
    let text: String = (0..10_000).map(|number| format!("line {number:05}\n")).collect();
    for block in [None, Some(1000)] {
        let sample = Sample::new(text.as_bytes(), block);
        for number in 1..=4 {
            let length = sample.read(number, 4).0.len();
            assert!(length.abs_diff(text.len() / 4) < 2000, "{length}");
        }
    }
}

#[test]
fn what_cannot_be_read_in_parts_is_refused() {
    let error = |path: &Path| open(path, Shard { number: 1, of: 2 }).err().unwrap().to_string();
    assert!(error(Path::new("-")).contains("not of a stream"));
    assert!(error(Path::new("/dev/null")).contains("not of a stream"));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"chr1\t1\t2\n").unwrap();
    assert!(error(&Sample::new(&gzip.finish().unwrap(), None).path).contains("plain gzip"));
    let bcf = Sample::new(b"BCF\x02\x02", Some(5));
    assert!(error(&bcf.path).contains("bcftools view -Oz"));
    let whole = fs::read(Sample::new(&b"a\n".repeat(100), Some(10)).path).unwrap();
    let cut = Sample::new(&whole[..whole.len() - 28], None);
    assert!(error(&cut.path).contains("is truncated"));
    let mut damaged = whole;
    damaged[30] ^= 0xff; // the header or the data of the first block
    let damaged = Sample::new(&damaged, None);
    let read = open(&damaged.path, Shard { number: 1, of: 1 })
        .map(|(mut input, _)| io::Read::read_to_end(&mut input.reader, &mut Vec::new()));
    assert!(!matches!(read, Ok(Ok(_))));
}

//! Damaged bytes never make a reader panic, and a VCF that is read comes back line for line.

use std::{fs, io::Cursor, path::Path};

use hyenadna::formats::{
    bed,
    error::InputError,
    input::{self, Input},
    lines::Lines,
    output::Output,
    reference::Reference,
    sequences,
    variants::{bcf, vcf},
};
use proptest::{prelude::*, sample::Index};

use crate::harness::data;

fn demo(name: &str) -> Vec<u8> {
    fs::read(data(&format!("demo/{name}"))).unwrap()
}

/// `cases`, or as many as PROPTEST_CASES says.
fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: asked.and_then(|n| n.parse().ok()).unwrap_or(cases),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// One thing that goes wrong with a file.
#[derive(Debug, Clone)]
enum Damage {
    Replace(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Cut(Index),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |index: &Index, bytes: &[u8]| index.index(bytes.len() + 1);
        match self {
            Self::Replace(index, byte) => {
                let at = place(index, bytes);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Self::Insert(index, new) => {
                let at = place(index, bytes);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(index, n) => {
                let at = place(index, bytes);
                bytes.drain(at..(at + n).min(bytes.len()));
            }
            Self::Repeat(index, n) => {
                let at = place(index, bytes);
                let piece = bytes[at..(at + n).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            Self::Cut(index) => bytes.truncate(place(index, bytes)),
        }
    }
}

/// Bytes that mean something to one of the formats come up more often than others.
fn byte() -> impl Strategy<Value = u8> {
    let special = b"\t\n\r >@+#.,;:=<>[]*-09AacgtNZ\"\0\xff\x1f".to_vec();
    prop_oneof![3 => proptest::sample::select(special), 1 => any::<u8>()]
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<Index>(), byte()).prop_map(|(i, b)| Damage::Replace(i, b)),
        2 => (any::<Index>(), prop::collection::vec(byte(), 1..8)).prop_map(|(i, b)| Damage::Insert(i, b)),
        2 => (any::<Index>(), 1_usize..40).prop_map(|(i, n)| Damage::Remove(i, n)),
        1 => (any::<Index>(), 1_usize..200).prop_map(|(i, n)| Damage::Repeat(i, n)),
        1 => any::<Index>().prop_map(Damage::Cut),
    ]
}

fn damaged(whole: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(damage(), 0..6).prop_map(move |all| {
        let mut bytes = whole.clone();
        all.iter().for_each(|damage| damage.apply(&mut bytes));
        bytes
    })
}

fn open(bytes: &[u8]) -> Result<Input, InputError> {
    input::from_reader("input".into(), Cursor::new(bytes.to_vec()), None)
}

fn read_vcf(bytes: &[u8]) -> Result<(Vec<Vec<u8>>, Vec<vcf::Record>), InputError> {
    let mut reader = vcf::Reader::new(open(bytes)?)?;
    let mut records = Vec::new();
    while let Some(record) = reader.read()? {
        records.push(record);
    }
    Ok((reader.header.clone(), records))
}

fn read_regions(bytes: &[u8]) -> Result<usize, InputError> {
    let mut reader = bed::Reader::new(Lines::new(open(bytes)?));
    let mut count = 0;
    while let Some(record) = reader.read()? {
        assert!(record.region.start <= record.region.end);
        count += 1;
    }
    Ok(count)
}

fn read_sequences(bytes: &[u8]) -> Result<usize, InputError> {
    let mut lines = Lines::new(open(bytes)?);
    let Some(content) = sequences::content(&mut lines)? else { return Ok(0) };
    let mut reader = sequences::Reader::new(lines, content);
    let mut record = sequences::Sequence::default();
    let mut count = 0;
    while reader.read(&mut record)? {
        assert!(record.bases.iter().all(|b| b"ACGTN".contains(b)));
        count += 1;
    }
    Ok(count)
}

/// Every contig of a reference, from its start to its end.
fn read_reference(path: &Path) -> Result<Vec<Vec<u8>>, InputError> {
    let mut reference = Reference::open(path, false)?;
    let lengths: Vec<u64> = reference.contigs().iter().map(|c| c.length).collect();
    let contigs = lengths.iter().enumerate();
    contigs.map(|(i, length)| reference.fetch(i, 0..*length)).collect()
}

/// The demo variants as uncompressed BCF.
fn demo_bcf() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.bcf");
    let (header, records) = read_vcf(&demo("variants.vcf")).unwrap();
    let mut writer = bcf::Writer::new(Output::create(&path).unwrap(), &header).unwrap();
    for record in records {
        let mut line = record.line.clone();
        line.push(b'\n');
        writer.write(&line).unwrap();
    }
    writer.complete().unwrap().finish().unwrap();
    let mut bytes = Vec::new();
    let mut input = input::open(&path).unwrap();
    std::io::Read::read_to_end(&mut input.reader, &mut bytes).unwrap();
    bytes
}

fn small_fasta() -> Vec<u8> {
    b">one first\nACGTACGTAC\nGGGTTTAAAC\nACG\n>two\nNNNNacgtRY\nACGTACGTAC\n>three\nA\n".to_vec()
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn damaged_vcf_comes_back_line_for_line_or_is_refused(bytes in damaged(demo("variants.vcf"))) {
        let Ok((header, records)) = read_vcf(&bytes) else { return Ok(()) };
        let mut again = Vec::new();
        for line in &header {
            again.extend_from_slice(line);
            again.extend_from_slice(b"\n");
        }
        for record in &records {
            let added = record.with_info("NEW=1");
            let text = [record.line.as_slice(), if record.carriage_return { b"\r\n" } else { b"\n" }].concat();
            // taking the addition out again gives the line
            let at = added.windows(5).rposition(|w| w == b"NEW=1").unwrap();
            let (before, after) = (&added[..at], &added[at + 5..]);
            let info = record.field(7);
            let old = if info.is_empty() || info == b"." {
                [before, info, after].concat()
            } else if info.ends_with(b";") {
                [before, after].concat()
            } else {
                [before.strip_suffix(b";").unwrap(), after].concat()
            };
            prop_assert_eq!(&old, &text);
            again.extend_from_slice(&text);
        }
        // but for blank lines, the last line's end and the header's
        let plain = |bytes: &[u8]| -> Vec<Vec<u8>> {
            let lines = bytes.split(|&b| b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l).to_vec());
            lines.filter(|l| !l.is_empty()).collect()
        };
        prop_assert_eq!(plain(&again), plain(&bytes));
    }

    #[test]
    fn damaged_bed_is_read_or_refused(bytes in damaged(demo("regions.bed"))) {
        if let Err(error) = read_regions(&bytes) {
            prop_assert!(error.to_string().contains("input"));
        }
    }

    #[test]
    fn damaged_sequences_are_read_or_refused(
        fasta in damaged(demo("sequences.fa")),
        fastq in damaged(demo("reads.fq")),
    ) {
        for bytes in [fasta, fastq] {
            if let Err(error) = read_sequences(&bytes) {
                prop_assert!(error.to_string().contains("input"));
            }
        }
    }

    /// Looking up by index and reading line by line find the same contigs and bases.
    #[test]
    fn a_damaged_reference_has_the_bases_that_a_stream_has(bytes in damaged(small_fasta())) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input.fa");
        fs::write(&path, &bytes).unwrap();
        let looked_up = read_reference(&path);
        let mut streamed = Vec::new();
        if let Ok(input) = open(&bytes) {
            let mut reader = sequences::Reader::new(Lines::new(input), sequences::Content::Fasta);
            let mut record = sequences::Sequence::default();
            while let Ok(true) = reader.read(&mut record) {
                streamed.push(record.bases.clone());
            }
        }
        if let Ok(contigs) = looked_up {
            prop_assert_eq!(contigs, streamed);
        }
    }

    #[test]
    fn damaged_compression_is_read_or_refused(
        bytes in damaged(demo("genome.fa.gz")).prop_filter("small", |b| b.len() < 1 << 17),
    ) {
        let _ = read_sequences(&bytes);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input.fa.gz");
        fs::write(&path, &bytes).unwrap();
        let _ = read_reference(&path);
    }

    #[test]
    fn damaged_indexes_are_passed_over_or_refused(
        index in damaged(b"one\t23\t11\t10\t11\ntwo\t20\t42\t10\t11\nthree\t1\t71\t1\t2\n".to_vec()),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input.fa");
        fs::write(&path, small_fasta()).unwrap();
        fs::write(folder.path().join("input.fa.fai"), index).unwrap();
        let _ = read_reference(&path);
    }
}

proptest! {
    #![proptest_config(config(300))]

    /// htslib must refuse what it does not understand, not fall over it.
    #[test]
    fn damaged_bcf_is_read_or_refused(bytes in damaged(demo_bcf())) {
        let _ = read_vcf(&bytes);
    }

    #[test]
    fn damaged_vcf_is_written_as_bcf_or_refused(bytes in damaged(demo("variants.vcf"))) {
        let Ok((header, records)) = read_vcf(&bytes) else { return Ok(()) };
        let output = Output::create(Path::new("/dev/null")).unwrap();
        let Ok(mut writer) = bcf::Writer::new(output, &header) else { return Ok(()) };
        for record in records {
            let _ = writer.write(&record.with_info("X=1"));
        }
        let _ = writer.complete().map(|output| output.finish());
    }
}

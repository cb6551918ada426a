//! Parsers of the program on any bytes, as they read files. A target may refuse bytes, but neither panic nor
//! take memory or time without end.

use std::{
    fs,
    io::{Cursor, Read, Write},
    path::Path,
};

use hyenadna::{
    formats::{
        annotations, bed,
        error::InputError,
        genes::Genes,
        input::{self, Input},
        lines::Lines,
        npy, null_table, parquet,
        reference::Reference,
        score_table,
        sequences::{self, Content, Sequence},
        variants::{alleles, bcf, vcf},
    },
    model::{
        config::Stated,
        weights::{pytorch, safetensors_file},
    },
    training::{config::RunConfig, run_state},
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A parser, by the name of its format.
pub struct Target {
    /// Name, and folder of its inputs in `test-data/fuzz`.
    pub name: &'static str,
    /// Runs the parser.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 16] = [
    Target { name: "vcf", run: vcf },
    Target { name: "alleles", run: alleles },
    Target { name: "bcf", run: bcf },
    Target { name: "bed", run: bed },
    Target { name: "sequences", run: sequences },
    Target { name: "reference", run: reference },
    Target { name: "fai", run: fai },
    Target { name: "genes", run: genes },
    Target { name: "pickle", run: pickle },
    Target { name: "safetensors", run: safetensors },
    Target { name: "config", run: config },
    Target { name: "train", run: train },
    Target { name: "null-table", run: null_table },
    Target { name: "score-table", run: score_table },
    Target { name: "state", run: state },
    Target { name: "arrays", run: arrays },
];

/// Most records that are read of an input.
const RECORDS: usize = 10_000;

fn opened(bytes: &[u8]) -> Option<Input> {
    let size = Some(bytes.len() as u64);
    input::from_reader("input".into(), Cursor::new(bytes.to_vec()), size).ok()
}

/// The same bytes as a file of this name in a new folder.
fn file<T>(name: &str, bytes: &[u8], read: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    read(&path)
}

fn vcf(bytes: &[u8]) {
    let Some(mut reader) = opened(bytes).and_then(|input| vcf::Reader::new(input).ok()) else {
        return;
    };
    for _ in 0..RECORDS {
        let Ok(Some(record)) = reader.read() else { break };
        let _ = (record.contig(), record.position, record.reference().len());
        assert!(record.alternatives().count() < bytes.len());
        assert!(record.with_info("X=1").len() >= record.reference().len());
    }
}

fn alleles(bytes: &[u8]) {
    let reader = opened(bytes).and_then(|input| alleles::Reader::new(input, "alleles").ok());
    let Some(mut reader) = reader else { return };
    let mut alleles = Vec::new();
    for _ in 0..RECORDS {
        if !matches!(reader.read(&mut alleles), Ok(true)) {
            break;
        }
    }
}

fn bcf(bytes: &[u8]) {
    let Some(mut reader) = opened(bytes).and_then(|input| bcf::Reader::new(input).ok()) else {
        return;
    };
    if reader.header().is_err() {
        return;
    }
    let mut line = Vec::new();
    for _ in 0..RECORDS {
        if !matches!(reader.read(&mut line), Ok(true)) {
            break;
        }
    }
}

fn bed(bytes: &[u8]) {
    let Some(input) = opened(bytes) else { return };
    let mut reader = bed::Reader::new(Lines::new(input));
    for _ in 0..RECORDS {
        let Ok(Some(record)) = reader.read() else { break };
        assert!(record.region.start <= record.region.end);
    }
}

fn sequences(bytes: &[u8]) {
    let Some(input) = opened(bytes) else { return };
    let mut lines = Lines::new(input);
    let content = match sequences::content(&mut lines) {
        Ok(Some(content)) if content != Content::Bed => content,
        _ => return,
    };
    let mut reader = sequences::Reader::new(lines, content);
    let mut record = Sequence::default();
    for _ in 0..RECORDS {
        if !matches!(reader.read(&mut record), Ok(true)) {
            break;
        }
        assert!(record.bases.iter().all(|base| b"ACGTN".contains(base)));
    }
}

/// Every contig of a reference has as many bases as it claims, or reading says why not.
fn read_reference(path: &Path) {
    let Ok(mut reference) = Reference::open(path, false) else { return };
    let lengths: Vec<u64> = reference.contigs().iter().map(|contig| contig.length).collect();
    for (contig, length) in lengths.into_iter().enumerate().take(100) {
        let end = length.min(1 << 16);
        if let Ok(bases) = reference.fetch(contig, 0..end) {
            assert_eq!(bases.len() as u64, end);
        }
    }
}

fn reference(bytes: &[u8]) {
    file("x.fa", bytes, read_reference);
}

/// An index of a reference that is as it should be.
fn fai(bytes: &[u8]) {
    let text = ">a x\nACGTACGTAC\nACGTACGTAC\nACG\n>b\nTTTTTTTTTT\nTT\n";
    file("x.fa", text.as_bytes(), |path| {
        fs::write(path.with_extension("fa.fai"), bytes).unwrap();
        read_reference(path);
    });
}

fn genes(bytes: &[u8]) {
    let Some(genes) = opened(bytes).and_then(|input| Genes::from_input(input).ok()) else {
        return;
    };
    for contig in genes.contigs() {
        assert!(genes.end(contig).is_some());
        let _ = genes.strands(contig, 0, u64::MAX);
    }
}

/// Bytes of the pickle in a checkpoint whose tensors are as they should be.
fn pickle(bytes: &[u8]) {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(CHECKPOINT)) else { return };
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).unwrap();
        let (mut content, name) = (Vec::new(), entry.name().unwrap().into_owned());
        entry.read_to_end(&mut content).unwrap();
        let is_pickle = name.ends_with("data.pkl");
        writer.start_file(name, stored).unwrap();
        writer.write_all(if is_pickle { bytes } else { &content }).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let _ = pytorch::parse(Path::new("x.ckpt"), &bytes);
    // and the whole as any bytes
    let _ = pytorch::parse(Path::new("x.ckpt"), &bytes[..bytes.len() / 2]);
}

/// A small checkpoint.
pub const CHECKPOINT: &[u8] =
    include_bytes!("../../test-data/golden/mini-checkpointed/lightning/weights.ckpt");

fn safetensors(bytes: &[u8]) {
    if let Ok(tensors) = safetensors_file::parse(Path::new("x.safetensors"), bytes) {
        for tensor in tensors.values() {
            assert_eq!(tensor.shape.iter().product::<usize>(), tensor.data.len());
            assert!(tensor.data.len() <= bytes.len());
        }
    }
}

fn config(bytes: &[u8]) {
    let _ = Stated::parse(bytes);
}

fn train(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(config) = RunConfig::parse(text) {
        assert!(config.to_toml().is_ok());
    }
}

fn null_table(bytes: &[u8]) {
    file("null.tsv", bytes, |path| drop(null_table::load(path)));
}

fn score_table(bytes: &[u8]) {
    let [columns, fields] = [["llr", "status"], ["H_LLR", "H_STATUS"]];
    let [columns, fields] = [columns, fields].map(|names| names.map(str::to_owned));
    let names = score_table::ValueNames { columns: &columns, fields: &fields, prefix: "H" };
    let reader = opened(bytes).and_then(|input| score_table::Reader::new(input, names).ok());
    let Some(mut reader) = reader else { return };
    for _ in 0..RECORDS {
        let take = |allele: score_table::ScoredAllele<'_>, line| {
            assert!(line > 0 && allele.values.len() == 2);
            Ok::<_, InputError>(())
        };
        if !reader.read(take).is_ok_and(|more| more) {
            break;
        }
    }
}

fn state(bytes: &[u8]) {
    file("state.json", bytes, |path| {
        let _ = run_state::state_within(path.parent().unwrap(), 100);
    });
}

/// Arrays and tables of other programs: npy, Parquet, tables of labels.
fn arrays(bytes: &[u8]) {
    file("x.npy", bytes, |path| drop(npy::read(path)));
    file("x.parquet", bytes, |path| {
        let Ok(mut reader) = parquet::read::Reader::open(path) else { return };
        for _ in 0..RECORDS {
            if !matches!(reader.read(), Ok(Some(_))) {
                break;
            }
        }
    });
    file("x.tsv", bytes, |path| {
        let Ok(mut reader) = annotations::Reader::open(path) else { return };
        for _ in 0..RECORDS {
            if !matches!(reader.read(), Ok(Some(_))) {
                break;
            }
        }
    });
}

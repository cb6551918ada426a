//! Files that parsers read, of which mutations are made.

use std::{
    fs,
    io::{Cursor, Read},
    path::{Path, PathBuf},
};

use hyenadna::{
    formats::{
        genes::Genes,
        input, npy,
        output::Output,
        parquet::{self, ColumnKind, Field},
        reference::Reference,
        variants::{bcf, vcf},
    },
    model::{
        config::Stated,
        weights::{pytorch, safetensors_file},
    },
    training::{config::RunConfig, preset::Preset, run_state::State},
};
use zip::ZipArchive;

use crate::targets::CHECKPOINT;

fn data(name: &str) -> PathBuf {
    // tests and scripts/fuzz run in the root of the repository
    Path::new("test-data").join(name)
}

/// The odd files with these ends of their names.
fn odd(ends: &[&str]) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(data("odd")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let is_wanted = |path: &PathBuf| ends.iter().any(|end| path.to_string_lossy().ends_with(end));
    paths.into_iter().filter(is_wanted).map(|path| fs::read(path).unwrap()).collect()
}

const GTF: &str = "#!x\nchr1\tx\tgene\t11\t20\t.\t+\t.\tgene_id \"a\"; gene_name \"b\";\n\
    chr1\tx\texon\t11\t20\t.\t-\t0\tgene_id \"a\";\n";
const GFF: &str = "##gff-version 3\n##sequence-region chr1 1 100\n\
    chr1\tx\tgene\t90\t120\t.\t-\t.\tID=a;Name=b%20c\nchr1\tx\tmRNA\t1\t9\t.\t?\t.\tParent=a\n";
const SCORES: &str = "##hyenadna_version=0.1.0\n##hyenadna_model=m identity:1\n\
    #CHROM\tPOS\tID\tREF\tALT\tllr\tstatus\n1\t7\t.\tA\tC\t-0.5\tok\n1\t8\t.\tA\t.\t.\tno_alt\n";
const SCORED: &str = "##fileformat=VCFv4.2\n##hyenadna_version=0.1.0\n##INFO=<ID=H_LLR,Number=A>\n\
    ##INFO=<ID=H_STATUS,Number=A>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
    1\t7\t.\tA\tC,G\t.\t.\tDP=3;H_LLR=-0.5,.;H_STATUS=ok,too_long\n1\t9\t.\tA\tC\t.\t.\tDP=3\n";
const INDEX: &str = "a\t23\t5\t10\t11\nb\t12\t35\t10\t11\n";

/// The pickle of the small checkpoint.
fn pickle() -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(CHECKPOINT)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let name = names.iter().find(|name| name.ends_with("data.pkl")).unwrap();
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// BCF of the variants of the demo.
fn variants() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.bcf");
    let mut reader = vcf::Reader::new(input::open(&data("demo/variants.vcf")).unwrap()).unwrap();
    let header = reader.header.clone();
    let mut writer = bcf::Writer::new(Output::create(&path).unwrap(), &header).unwrap();
    for _ in 0..20 {
        let Some(record) = reader.read().unwrap() else { break };
        writer.write(&record.line).unwrap();
    }
    writer.complete().unwrap().complete().unwrap().publish().unwrap();
    fs::read(path).unwrap()
}

fn safetensors() -> Vec<u8> {
    let header = br#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"F16","shape":[2],"data_offsets":[16,20]},"__metadata__":{"x":"y"}}"#;
    [&(header.len() as u64).to_le_bytes()[..], header, &[0; 20]].concat()
}

fn array() -> Vec<u8> {
    let header =
        format!("{:<117}\n", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &[0; 24]].concat()
}

/// Parquet of two rows.
fn table() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let columns = [("name".to_owned(), ColumnKind::Text), ("value".to_owned(), ColumnKind::Number)];
    let mut writer =
        parquet::Writer::new(Output::create(&path).unwrap(), &columns, 1, &[]).unwrap();
    for (name, value) in [("a", Some(0.5)), ("b", None)] {
        let fields = [Field::Text(name.as_bytes().into()), Field::Number(value)];
        writer.row(fields, &[1.0]).unwrap();
    }
    writer.complete().unwrap().finish().unwrap();
    fs::read(path).unwrap()
}

/// Files of a target.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "vcf" | "alleles" => odd(&[".vcf", ".vcf.gz"]),
        "bcf" => vec![variants()],
        "bed" => odd(&[".bed", ".bed.gz"]),
        "sequences" => odd(&[".fa", ".fq"]),
        "reference" => odd(&[".fa", ".fa.gz"]),
        "fai" => vec![INDEX.into()],
        "genes" => [odd(&["strand.bed"]), vec![GTF.into(), GFF.into()]].concat(),
        "pickle" => vec![pickle()],
        "safetensors" => vec![safetensors()],
        "config" => ["hf/config.json", "lightning/config.json"]
            .map(|name| fs::read(data("golden/mini-checkpointed").join(name)).unwrap())
            .to_vec(),
        "train" => vec![RunConfig::of(Preset::Tiny1k).to_toml().unwrap().into_bytes()],
        "score-table" => vec![SCORES.into(), SCORED.into()],
        "state" => vec![serde_json::to_vec(&State::default()).unwrap()],
        "arrays" => vec![array(), table(), b"sequence\tlabel\nACGT\t1\n".to_vec()],
        _ => Vec::new(),
    }
}

/// Files of formats with a first check are read to their end.
pub fn check() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let mut reader = bcf::Reader::new(input::open(&file("x.bcf", &variants())).unwrap()).unwrap();
    let mut line = Vec::new();
    assert!(reader.read(&mut line).unwrap());
    assert!(pytorch::parse(Path::new("x"), CHECKPOINT).is_ok());
    assert!(!pickle().is_empty());
    assert_eq!(safetensors_file::parse(Path::new("x"), &safetensors()).unwrap().len(), 2);
    assert!(of("config").iter().all(|json| Stated::parse(json).is_ok()));
    assert!(RunConfig::parse(std::str::from_utf8(&of("train")[0]).unwrap()).is_ok());
    for genes in [GTF, GFF] {
        assert_eq!(Genes::read(&file("genes", genes.as_bytes())).unwrap().len(), 1);
    }
    assert!(npy::read(&file("x.npy", &array())).is_ok());
    let mut table = parquet::read::Reader::open(&file("x.parquet", &table())).unwrap();
    assert!(table.read().unwrap().is_some());
    let text = ">a x\nACGTACGTAC\nACGTACGTAC\nACG\n>b\nTTTTTTTTTT\nTT\n";
    let path = file("x.fa", text.as_bytes());
    file("x.fa.fai", INDEX.as_bytes());
    assert_eq!(Reference::open(&path, false).unwrap().contigs().len(), 2);
}

//! Files in the forms in which users have them: compressed, binary.

use std::io::{Read, Write};

use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use noodles::bgzf;
use rust_htslib::bcf::{self, Read as _};

/// The empty block that ends every complete bgzip file.
pub const BGZIP_END: [u8; 28] = [
    0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    0, 0,
];

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn bgzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = bgzf::io::Writer::new(Vec::new());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    text
}

/// Writes a VCF file again as BCF, as bcftools would.
pub fn vcf_to_bcf(vcf: &str, bcf: &str) {
    let mut reader = bcf::Reader::from_path(vcf).unwrap();
    let header = bcf::Header::from_template(reader.header());
    let mut writer = bcf::Writer::from_path(bcf, &header, false, bcf::Format::Bcf).unwrap();
    for record in reader.records() {
        let mut record = record.unwrap();
        writer.translate(&mut record);
        writer.write(&record).unwrap();
    }
}

/// Header and record bytes of a BCF file; the header is text.
pub fn split_bcf(bytes: &[u8]) -> (String, Vec<u8>) {
    let plain = gunzip(bytes);
    assert_eq!(&plain[..5], b"BCF\x02\x02");
    let length = u32::from_le_bytes(plain[5..9].try_into().unwrap()) as usize;
    let (header, records) = plain[9..].split_at(length);
    let header = header.strip_suffix(b"\0").unwrap().to_vec();
    (String::from_utf8(header).unwrap(), records.to_vec())
}

/// The records of a VCF or BCF file as htslib writes them as text.
pub fn records(path: &str) -> Vec<String> {
    let mut reader = bcf::Reader::from_path(path).unwrap();
    let records = reader.records();
    records.map(|record| record.unwrap().to_vcf_string().unwrap()).collect()
}

//! Small genomes and variants, written by the tests themselves, and tools that may be missing.

use std::process::{Command, Stdio};

use super::{Scratch, data, read, skip};

/// Bases without a pattern, the same on every run.
pub fn bases(n: usize, seed: u64) -> String {
    let mut state = seed;
    let next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"ACGT"[(state >> 62) as usize])
    };
    std::iter::repeat_with(next).skip(8).take(n).collect()
}

/// The bases of a contig of a FASTA file of `test-data`, as they stand there.
pub fn contig(file: &str, name: &str) -> String {
    let text = read(&data(file));
    let record = text.split('>').find(|record| record.split_whitespace().next() == Some(name));
    record.unwrap().lines().skip(1).collect()
}

/// The reverse complement of bases in either case, as far as the tests' genomes need it.
pub fn turned(bases: &str) -> String {
    let complement = |base| match base {
        'A' => 'T',
        'C' => 'G',
        'G' => 'C',
        'T' => 'A',
        'a' => 't',
        'c' => 'g',
        'g' => 'c',
        't' => 'a',
        'R' => 'Y',
        'y' => 'r',
        other => other,
    };
    bases.chars().rev().map(complement).collect()
}

/// Another base than this one.
pub fn other(base: &str) -> &'static str {
    match base {
        "A" => "G",
        "C" => "T",
        "G" => "C",
        _ => "A",
    }
}

/// Writes contigs as FASTA in lines of 60 bases.
pub fn fasta(scratch: &Scratch, name: &str, contigs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, bases) in contigs {
        text += &format!(">{name}\n");
        for line in bases.as_bytes().chunks(60) {
            text += std::str::from_utf8(line).unwrap();
            text.push('\n');
        }
    }
    scratch.file(name, text)
}

/// Writes records of CHROM, POS, REF and ALT as VCF.
pub fn vcf(
    scratch: &Scratch,
    name: &str,
    records: &[(impl AsRef<str>, usize, impl AsRef<str>, impl AsRef<str>)],
) -> String {
    let mut text =
        "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n".to_owned();
    for (contig, position, reference, alternative) in records {
        let [contig, reference, alternative] =
            [contig.as_ref(), reference.as_ref(), alternative.as_ref()];
        text += &format!("{contig}\t{position}\t.\t{reference}\t{alternative}\t.\t.\t.\n");
    }
    scratch.file(name, text)
}

/// True if all of these programs are on PATH; names the one that is missing.
pub fn are_there(tools: &[&str]) -> bool {
    let is_missing = |tool: &&&str| {
        let found = Command::new("sh")
            .args(["-c", &format!("command -v {tool}")])
            .stdout(Stdio::null())
            .status();
        !found.is_ok_and(|status| status.success())
    };
    let missing = tools.iter().find(is_missing);
    if let Some(tool) = missing {
        skip(&format!("{tool} is missing"));
    }
    missing.is_none()
}

/// stdout of a line of shell in a folder, which must end with 0.
pub fn shell(script: &str, folder: &Scratch) -> String {
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {log}");
    String::from_utf8(output.stdout).unwrap()
}

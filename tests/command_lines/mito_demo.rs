//! `scripts/mito-demo`: a small demo from copies of a sequence and of ClinVar.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::harness::{
    Scratch,
    genome::{are_there, bases, fasta, other},
    ok, read, skip, text,
};

/// Length of the human mitochondrion.
const LENGTH: usize = 16_569;

fn mito_demo(paths: &[&str]) -> Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/mito-demo");
    Command::new("python3").arg(script).args(paths).output().unwrap()
}

/// A VCF like ClinVar's: many SNVs of both classes, few indels, and alleles that do not fit.
fn clinvar(scratch: &Scratch, genome: &str) -> String {
    let at = |position: usize| &genome[position - 1..position];
    let mut text =
        "##fileformat=VCFv4.1\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t1\tA\tC\t.\t.\tCLNSIG=Benign\n"
            .to_owned();
    let mut record = |position: usize, reference: &str, alternative: &str, info: &str| {
        text += &format!("MT\t{position}\t7\t{reference}\t{alternative}\t.\t.\t{info}\n");
    };
    for position in (100..8000).step_by(100) {
        let class = if position % 200 == 0 { "Benign" } else { "Likely_pathogenic" };
        record(position, at(position), other(at(position)), &format!("AF=0.1;CLNSIG={class}"));
    }
    record(9000, at(9000), &format!("{}AC", at(9000)), "CLNSIG=Pathogenic");
    record(9100, &genome[9099..9103], at(9100), "CLNSIG=Benign");
    record(9200, at(9200), other(at(9200)), "CLNSIG=Benign");
    record(9200, at(9200), &format!("{}T", at(9200)), "CLNSIG=Pathogenic");
    record(9300, other(at(9300)), at(9300), "CLNSIG=Pathogenic");
    record(9400, at(9400), other(at(9400)), "CLNSIG=Uncertain_significance");
    record(9500, at(9500), "<DEL>", "CLNSIG=Pathogenic");
    scratch.file("clinvar.vcf", text)
}

#[test]
fn a_demo_of_all_kinds_is_made() {
    if !are_there(&["python3"]) {
        return;
    }
    let scratch = Scratch::new();
    let genome = bases(LENGTH, 7);
    let reference = fasta(&scratch, "r.fa", &[("1", "ACGT"), ("MT", &genome)]);
    let variants = clinvar(&scratch, &genome);
    let folder = scratch.path("mito");
    let made = mito_demo(&[&reference, &variants, &folder]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let [genome, variants, regions] =
        ["genome.fa", "variants.vcf", "regions.bed"].map(|name| format!("{folder}/{name}"));
    let vcf = read(&variants);
    let positions: Vec<&str> = vcf
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').nth(1).unwrap())
        .collect();
    // ten SNVs of each class, and the indels; the last SNV shares a record with an insertion
    assert_eq!((positions.len(), positions[0]), (22, "100"));
    assert_eq!(positions[19..], ["9000", "9100", "9200"]);
    assert!(vcf.contains("CLNSIG=Benign,Pathogenic\n"), "{vcf}");
    let scores = text("-q score-variants --context 64", &[&variants, &genome]);
    let rows: Vec<&str> = scores.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rows.len(), 23);
    assert!(rows.iter().all(|row| row.ends_with("\tok")), "{scores}");
    ok("-q embed", &[&regions, &genome]);
}

#[test]
fn what_cannot_be_used_is_named() {
    if !are_there(&["python3"]) {
        return;
    }
    let scratch = Scratch::new();
    let genome = bases(LENGTH, 7);
    let good = fasta(&scratch, "r.fa", &[("MT", &genome)]);
    let short = fasta(&scratch, "short.fa", &[("MT", "ACGT")]);
    let nuclear = fasta(&scratch, "n.fa", &[("1", "ACGT"), ("2", "ACGT")]);
    let variants = clinvar(&scratch, &genome);
    let other = clinvar(&scratch, &bases(LENGTH, 8));
    let folder = scratch.path("mito");
    for (paths, phrase) in [
        ([short.as_str(), &variants, &folder], "has 4 bases; NC_012920.1 has 16569"),
        ([&nuclear, &variants, &folder], "has no sequence MT, chrM"),
        ([&variants, &variants, &folder], "is not a FASTA"),
        (["/nonexistent", &variants, &folder], "/nonexistent cannot be read"),
        ([&good, &good, &folder], "has no pathogenic or benign allele"),
    ] {
        let output = mito_demo(&paths);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && message.contains(phrase), "{message}");
        assert!(!Path::new(&folder).exists());
    }
    assert_eq!(mito_demo(&[&good, &other]).status.code(), Some(2));
}

/// The real files, if they are there.
#[test]
fn the_human_mitochondrion_is_scored() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/mito");
    if !data.exists() {
        skip("../shared/data/mito is not here");
        return;
    }
    if !are_there(&["python3"]) {
        return;
    }
    let scratch = Scratch::new();
    let [fasta, vcf] = ["rCRS.fa", "clinvar.MT.vcf"].map(|name| data.join(name));
    let folder = scratch.path("mito");
    let made = mito_demo(&[fasta.to_str().unwrap(), vcf.to_str().unwrap(), &folder]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let [genome, variants] = ["genome.fa", "variants.vcf"].map(|name| format!("{folder}/{name}"));
    let scores = text("-q score-variants --circular MT", &[&variants, &genome]);
    let rows: Vec<&str> = scores.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(rows.len() >= 20 && rows.iter().all(|row| row.ends_with("\tok")), "{scores}");
}

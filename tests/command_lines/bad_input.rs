//! Inputs that are bad in ways that no small file can be: long, many, or cut off on the way.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::harness::{
    Outcome, files::gzip, genome::bases, hyenadna, run_on, run_within, test_data,
};

/// Seconds of processor time that a run may take.
const LIMIT: u64 = 60;
const HEAD: &str = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

/// Small windows, one strand: these tests are about bytes, not scores.
const FAST: [&str; 4] = ["--context", "16", "--strand", "forward"];

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

fn score(folder: &Path, vcf: &str, genome: &str, more: &[&str]) -> Outcome {
    let vcf = write(folder, "in.vcf", vcf);
    let genome = write(folder, "genome.fa", genome);
    let mut command = hyenadna(&["score-variants"]);
    run_within(command.arg(vcf).arg(genome).args(FAST).args(more), LIMIT)
}

fn embed(folder: &Path, name: &str, content: impl AsRef<[u8]>, more: &[&str]) -> Outcome {
    let path = write(folder, name, content);
    run_within(hyenadna(&["embed"]).arg(path).args(more), LIMIT)
}

fn column(row: &str, i: usize) -> &str {
    row.split('\t').nth(i).unwrap()
}

#[test]
fn five_thousand_alleles_all_get_rows() {
    let folder = tempfile::tempdir().unwrap();
    let genome = bases(200, 1);
    let reference = &genome[99..100];
    let inserted = bases(5_006, 1);
    let alternatives: Vec<String> =
        (0..5_000).map(|i| format!("{reference}{}", &inserted[i..i + 1 + i % 6])).collect();
    let vcf = format!("{HEAD}1\t100\tmany\t{reference}\t{}\t.\t.\t.\n", alternatives.join(","));
    let genome = format!(">1\n{genome}\n");
    let rows = score(folder.path(), &vcf, &genome, &[]).assert_ok();
    assert_eq!(rows.len(), 5_000);
    for (row, alternative) in rows.iter().zip(&alternatives) {
        assert_eq!((column(row, 4), column(row, 10)), (alternative.as_str(), "ok"));
    }
    let lines = score(folder.path(), &vcf, &genome, &["--format", "vcf"]).assert_ok();
    let [line] = lines.as_slice() else { panic!("one record") };
    assert_eq!(column(line, 4), alternatives.join(","));
    let status = column(line, 7).rsplit_once("HYENADNA_STATUS=").unwrap().1;
    assert_eq!(status.split(',').count(), 5_000);
}

#[test]
fn a_reference_allele_of_a_million_bases_is_too_long_or_differs() {
    let folder = tempfile::tempdir().unwrap();
    let genome = bases(1_100_000, 1);
    let right = &genome[1_000..1_001_000];
    let wrong = right.replacen("GATC", "GTTC", 1);
    let vcf = format!("{HEAD}1\t1001\t.\t{right}\tA\t.\t.\t.\n1\t1001\t.\t{wrong}\tA\t.\t.\t.\n");
    let rows = score(folder.path(), &vcf, &format!(">1\n{genome}\n"), &[]).assert_ok();
    let status: Vec<&str> = rows.iter().map(|row| column(row, 10)).collect();
    assert_eq!(status, ["too_long", "ref_mismatch"]);
    assert!(rows.iter().all(|row| column(row, 3).len() == 1_000_000));
}

/// Positions at the end of what 64 bits hold, in every format of output.
#[test]
fn the_largest_position_is_no_overflow() {
    let folder = tempfile::tempdir().unwrap();
    let vcf = format!("{HEAD}1\t{}\t.\tACGT\tA\t.\t.\t.\n", u64::MAX);
    let genome = format!(">1\n{}\n", bases(100, 1));
    for format in ["tsv", "vcf"] {
        let rows = score(folder.path(), &vcf, &genome, &["--format", format]).assert_ok();
        assert!(rows[0].contains("ref_mismatch"), "{rows:?}");
    }
    let bed = format!("1\t0\t{}\n", u64::MAX);
    let genome = folder.path().join("genome.fa");
    let genome = genome.to_str().unwrap();
    embed(folder.path(), "in.bed", bed, &[genome]).assert_refused(&["line 1", "100 bases"]);
    let flank = u64::MAX.to_string();
    let whole = embed(folder.path(), "in.bed", "1\t40\t50\n", &[genome, "--flank", &flank]);
    assert_eq!(whole.assert_ok().len(), 1);
}

#[test]
fn the_largest_position_as_bed_is_no_overflow() {
    let folder = tempfile::tempdir().unwrap();
    let vcf = format!("{HEAD}1\t{}\t.\tACGT\tA\t.\t.\t.\n", u64::MAX);
    let genome = format!(">1\n{}\n", bases(100, 1));
    let rows = score(folder.path(), &vcf, &genome, &["--format", "bed"]).assert_ok();
    assert!(rows[0].contains("ref_mismatch"), "{rows:?}");
}

/// Twenty million bytes and no line end: an error, and not one of twenty million bytes.
#[test]
fn a_line_without_an_end_is_refused_in_a_short_message() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let long = "A".repeat(20_000_000);
    let genome = format!(">1\n{}\n", bases(100, 1));
    let path = write(folder, "small.fa", &genome);
    let reference = [path.to_str().unwrap()];
    for (ran, parts) in [
        (score(folder, &long, &genome, &[]), ["in.vcf, line 1", "##fileformat"]),
        (
            score(folder, &format!("{HEAD}1\t5\t.\tA\tC,{long}"), &genome, &[]),
            ["in.vcf, line 3", "5 columns"],
        ),
        (embed(folder, "in.bed", &long, &reference), ["in.bed, line 1", "1 column"]),
        (
            embed(folder, "in.bed", format!("1\t{}", "9".repeat(20_000_000)), &reference),
            ["in.bed, line 1", "2 columns"],
        ),
        (embed(folder, "in.fq", format!("@r\n{long}"), &[]), ["in.fq, line 2", "truncated"]),
        (embed(folder, "in.fa", format!(">{long}\nACGE\n"), &[]), ["in.fa", "nucleotide"]),
    ] {
        ran.assert_refused(&parts);
        assert!(ran.stderr.len() < 4_000, "a message of {} bytes", ran.stderr.len());
    }
}

#[test]
fn a_name_without_an_end_is_cut_in_the_message() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let long = "A".repeat(20_000_000);
    let genome = format!(">1\n{}\n", bases(100, 1));
    let path = write(folder, "small.fa", &genome);
    let reference = [path.to_str().unwrap()];
    for (ran, part) in [
        (embed(folder, "in.bed", format!("{long}\t1\t2\n"), &reference), "is not in"),
        (embed(folder, "in.fa", format!(">{long}\n{}", bases(2_000, 1)), &[]), "--long chunk"),
        (embed(folder, "in.fq", format!("@{long}\nACGT\n"), &[]), "truncated"),
        (
            score(folder, &format!("{HEAD}{long}\t5\t.\tA\tC\t.\t.\t.\n"), &genome, &[]),
            "no contig of",
        ),
    ] {
        ran.assert_refused(&[part]);
        assert!(ran.stderr.len() < 4_000, "a message of {} bytes", ran.stderr.len());
    }
}

#[test]
fn a_sequence_of_one_long_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = format!(">1\n{}\n", bases(5_000_000, 1));
    embed(folder, "long.fa", &text, &[]).assert_refused(&[
        "long.fa, record 1",
        "5000000 bases",
        "--long chunk",
    ]);
    let truncated = embed(folder, "long.fa", &text, &["--long", "truncate"]).assert_ok();
    assert_eq!((truncated.len(), column(&truncated[0], 1)), (1, "5000000"));
    let reference = folder.join("long.fa");
    let regions = "1\t4999000\t5000000\n1\t0\t3\n";
    let rows = embed(folder, "in.bed", regions, &[reference.to_str().unwrap()]).assert_ok();
    assert_eq!(rows.len(), 2);
}

/// Names need not be unique: rows are told apart by their order.
#[test]
fn regions_and_reads_may_be_named_twice() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let genome = write(folder, "genome.fa", format!(">1\n{}\n", bases(100, 1)));
    let region = "1\t10\t20\tx\t0\t+\n";
    let rows = embed(folder, "in.bed", region.repeat(3), &[genome.to_str().unwrap()]).assert_ok();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| *row == rows[0]));
    let reads = "@r\nACGT\n+\nIIII\n".repeat(2);
    assert_eq!(embed(folder, "in.fq", reads, &[]).assert_ok().len(), 2);
}

#[test]
fn a_stdin_that_ends_early_is_noticed() {
    let odd = test_data("odd");
    let genome = odd.join("genome.fa");
    let genome = genome.to_str().unwrap();
    for (arguments, file) in [
        (["score-variants", "-", genome], "variants.vcf"),
        (["embed", "-", genome], "regions.bed"),
        (["likelihood", "-", genome], "regions.bed"),
    ] {
        let text = fs::read(odd.join(file)).unwrap();
        let whole = gzip(&text);
        let compressed = run_on(&mut hyenadna(&arguments), &whole, LIMIT).assert_ok();
        assert_eq!(compressed, run_on(&mut hyenadna(&arguments), &text, LIMIT).assert_ok());
        for cut in [whole.len() - 1, whole.len() / 2] {
            let ran = run_on(&mut hyenadna(&arguments), &whole[..cut], LIMIT);
            ran.assert_refused(&["<stdin>", "truncated"]);
        }
        let nothing = run_on(&mut hyenadna(&arguments), b"", LIMIT);
        match arguments[0] {
            // no regions, as in a part of a scattered run
            "embed" | "likelihood" => {
                assert_eq!(nothing.code, Some(0), "{}", nothing.stderr);
                assert!(nothing.stderr.contains("<stdin> has no region"), "{}", nothing.stderr);
            }
            _ => nothing.assert_refused(&["<stdin> is empty"]),
        }
    }
    let both = run_on(&mut hyenadna(&["score-variants", "-", "-"]), b"x", LIMIT);
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    assert!(both.stderr.contains("only one input can be stdin"), "{}", both.stderr);
}

/// A header that promises more than the file holds.
#[test]
fn a_truncated_bcf_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let odd = test_data("odd");
    let genome = odd.join("genome.fa");
    let bcf = folder.join("x.bcf");
    let made = run_within(
        hyenadna(&["score-variants"])
            .arg(odd.join("variants.vcf"))
            .arg(&genome)
            .args(FAST)
            .arg("--output")
            .arg(&bcf),
        LIMIT,
    );
    made.assert_ok();
    let mut raw = Vec::new();
    let compressed = fs::read(&bcf).unwrap();
    std::io::copy(&mut flate2::read::MultiGzDecoder::new(compressed.as_slice()), &mut raw).unwrap();
    let mut greedy = raw.clone();
    greedy[5..9].copy_from_slice(&u32::MAX.to_le_bytes());
    for (name, bytes) in [
        ("record.bcf", &raw[..raw.len() - 5]),
        ("header.bcf", &raw[..50]),
        ("magic.bcf", &raw[..5]),
        ("greedy.bcf", &greedy[..]),
        ("compressed.bcf", &compressed[..compressed.len() - 60]),
    ] {
        let path = write(folder, name, bytes);
        let mut command = hyenadna(&["score-variants"]);
        let ran = run_within(
            command.arg(path).arg(&genome).args(["--info-prefix", "AGAIN"]).args(FAST),
            LIMIT,
        );
        ran.assert_refused(&[name]);
    }
}

/// A thousand contigs that are not there: the message names a few.
#[test]
fn names_in_messages_are_few() {
    let folder = tempfile::tempdir().unwrap();
    let mut vcf = HEAD.to_owned();
    for i in 0..1_000 {
        writeln!(vcf, "scaffold_{i}\t5\t.\tA\tC\t.\t.\t.").unwrap();
    }
    let ran = score(folder.path(), &vcf, &format!(">1\n{}\n", bases(100, 1)), &[]);
    ran.assert_refused(&["scaffold_0", "more"]);
    assert!(ran.stderr.len() < 2_000, "{}", ran.stderr);
}

//! Files of other kinds than expected: each is named, with the remedy, wherever it is read.

use crate::harness::{
    Scratch, command, fails,
    files::{bgzip, gzip},
    genome::{bases, fasta},
    run, run_with,
};

const VCF: &str = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

/// A genome of one contig, and regions of it.
fn genome(scratch: &Scratch) -> [String; 2] {
    let genome = fasta(scratch, "g.fa", &[("chr1", &bases(3000, 1))]);
    [genome, scratch.file("r.bed", "chr1\t100\t200\n")]
}

/// Commands whose arguments are an input and a reference.
const COMMANDS: [&str; 5] =
    ["score-variants", "score-variants --all-snvs", "embed", "likelihood", "mutagenesis"];

#[test]
fn binary_kinds_are_named_by_every_command() {
    let scratch = Scratch::new();
    let [genome, regions] = genome(&scratch);
    let rest = [0_u8; 32];
    for (name, magic, phrases) in [
        ("in.vcf.xz", &b"\xfd7zXZ\0"[..], ["compressed with xz", "xz -dc"]),
        ("in.vcf.bz2", b"BZh91AY&SY", ["compressed with bzip2", "bzip2 -dc"]),
        ("in.vcf.zst", b"\x28\xb5\x2f\xfd", ["compressed with zstd", "zstd -dc"]),
        ("in.cram", b"CRAM\x03", ["is CRAM", "samtools fasta"]),
        ("g.2bit", b"\x43\x27\x41\x1a", [".2bit genome", "twoBitToFa"]),
        ("in.vcf.gz.tbi", b"TBI\x01", ["an index", "belongs to"]),
    ] {
        let file = scratch.file(name, [magic, &rest].concat());
        for command in COMMANDS {
            fails(command, &[&file, &genome], 1, &[&[name][..], &phrases].concat());
        }
        fails("embed", &[&regions, &file], 1, &[&[name][..], &phrases].concat());
        fails("perplexity", &[&file], 1, &[&[name][..], &phrases].concat());
    }
    // compressed by bgzip themselves
    let bam = scratch.file("in.bam", bgzip(b"BAM\x01\0\0\0\0"));
    fails("embed", &[&bam, &genome], 1, &["in.bam", "is BAM", "samtools fasta"]);
    fails("score-variants", &[&bam, &genome], 1, &["is BAM", "bcftools call"]);
}

#[test]
fn texts_of_another_kind_are_named() {
    let scratch = Scratch::new();
    let [genome, regions] = genome(&scratch);
    let sam = "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:3000\n";
    let intervals = format!("{sam}chr1\t101\t200\t+\tx\n");
    let gff = "##gff-version 3\nchr1\tx\tgene\t1\t9\t.\t+\t.\tID=a\n";
    for (text, phrases) in [
        (VCF.to_owned(), ["this is VCF", "score-variants"]),
        (gff.to_owned(), ["this is GFF or GTF", "awk"]),
        (intervals.clone(), ["this is an interval_list", "IntervalListToBed"]),
        (sam.to_owned(), ["header of SAM or of an interval_list", "samtools fasta"]),
        ("<!DOCTYPE html>\n".to_owned(), ["a web page", "fetch the file again"]),
        ("\"chr1\"\t100\t200\n".to_owned(), ["quotation marks", "quote = FALSE"]),
        ("chrom\tstart\tend\nchr1\t1\t2\n".to_owned(), ["line 1", "column names"]),
    ] {
        for text in [text.clone().into_bytes(), gzip(text.as_bytes())] {
            let file = scratch.file("odd.bed", text);
            for command in &COMMANDS[1..] {
                fails(command, &[&file, &genome], 1, &[&["odd.bed"][..], &phrases].concat());
            }
        }
        let file = scratch.file("odd.bed", &text);
        let words = "perplexity --intervals";
        fails(words, &[&file, &genome], 1, &[&["odd.bed"][..], &phrases].concat());
        let words = "score-variants --null 10 --null-regions";
        let vcf = scratch.file("in.vcf", VCF);
        fails(words, &[&file, &vcf, &genome], 1, &[&["odd.bed"][..], &phrases].concat());
    }
    for (text, phrases) in [
        ("chr1\t5\t9\n".to_owned(), ["this is BED", "--all-snvs"]),
        (gff.to_owned(), ["this is GFF or GTF", "--genes"]),
        (intervals.clone(), ["interval_list", "expected VCF"]),
        (sam.to_owned(), ["SAM", "expected VCF"]),
    ] {
        let file = scratch.file("odd.vcf", text);
        fails("score-variants", &[&file, &genome], 1, &phrases);
    }
    for (text, phrases) in [
        (VCF.to_owned(), ["this is VCF", "variants come first"]),
        ("chr1\t5\t9\n".to_owned(), ["this is BED", "regions come first"]),
        (gff.to_owned(), ["this is GFF", "FASTA"]),
        (intervals, ["interval_list", "FASTA"]),
        ("@r\nACGT\n+\n!!!!\n".to_owned(), ["this is FASTQ", "seqkit fq2fa"]),
    ] {
        let file = scratch.file("odd.fa", text);
        fails("embed", &[&regions, &file], 1, &phrases);
    }
    let names = scratch.file("x.vcf", VCF);
    fails("score-variants --all-snvs", &[&genome, &genome], 1, &["this is FASTA", "expected BED"]);
    fails("likelihood", &[&names, &genome], 1, &["this is VCF"]);
}

#[test]
fn a_bed_without_a_line_of_the_split_is_named() {
    let scratch = Scratch::new();
    let [genome, _] = genome(&scratch);
    let bed = scratch.file("split.bed", "chr1\t0\t900\ttrain\n");
    let words = "perplexity --intervals";
    fails(words, &[&bed, &genome], 1, &["split.bed", "no line has valid", "--split"]);
}

#[test]
fn an_empty_bed_has_no_rows_everywhere() {
    let scratch = Scratch::new();
    let [genome, _] = genome(&scratch);
    let comment = b"track name=x\n".to_vec();
    for (name, text) in [
        ("empty.bed", Vec::new()),
        ("empty.bed.gz", gzip(b"")),
        ("bgzip.bed.gz", bgzip(b"")),
        ("comment.bed", comment),
    ] {
        let file = scratch.file(name, &text);
        for words in &COMMANDS[1..] {
            let outcome = run(&mut command(words, &[&file, &genome]));
            assert_eq!(outcome.code, Some(0), "{words} {name}: {}", outcome.stderr);
            let warning = format!("{name} has no region");
            assert_eq!(outcome.stderr.matches(&warning).count(), 1, "{words}: {}", outcome.stderr);
            let rows = String::from_utf8(outcome.stdout).unwrap();
            assert!(rows.lines().all(|line| line.starts_with('#')), "{words}: {rows}");
        }
        let outcome = run_with(&mut command("embed -", &[&genome]), &text);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("<stdin> has no region"), "{}", outcome.stderr);
    }
}

#[test]
fn a_temporary_folder_that_is_missing_or_full_is_named() {
    let scratch = Scratch::new();
    let [genome, regions] = genome(&scratch);
    let packed = scratch.file("g.fa.gz", gzip(&std::fs::read(genome).unwrap()));
    let missing = scratch.path("missing");
    let outcome = run(command("embed", &[&regions, &packed]).env("TMPDIR", &missing));
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    for part in ["g.fa.gz: a temporary file in", &missing, "No such file", "set TMPDIR to a folder"]
    {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
    // a full one: no file may have more than 512 or 1024 bytes
    let embed = command("embed", &[&regions, &packed]);
    let outcome = run(crate::harness::in_shell("ulimit -f 1; exec \"$@\"", &embed)
        .env("TMPDIR", scratch.path("")));
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    for part in ["g.fa.gz: a temporary file in", "File too large", "set TMPDIR to a folder"] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
}

/// The standard library opens /dev/null in place of a closed stdout.
#[test]
fn a_closed_stdout_is_an_error() {
    let scratch = Scratch::new();
    let [genome, regions] = genome(&scratch);
    let config = scratch.path("run");
    let file = scratch.path("x.tsv");
    for (words, paths, code) in [
        ("embed", &[regions.as_str(), &genome][..], 1),
        ("embed --format parquet", &[&regions, &genome], 1),
        ("models list", &[], 1),
        ("completions bash", &[], 1),
        ("--threads 2 train --print-config --reference", &[&genome], 1),
        ("embed -o", &[&file, &regions, &genome], 0),
        (
            "train --layers 1 --width 16 --context 64 --batch 1 --steps 1 -o",
            &[&config, "--reference", &genome],
            0,
        ),
    ] {
        let outcome = run(&mut crate::harness::in_shell("exec \"$@\" >&-", &command(words, paths)));
        assert_eq!(outcome.code, Some(code), "{words}: {}", outcome.stderr);
        let said = outcome.stderr.contains("writing to stdout failed: it is closed");
        assert_eq!(said, code == 1, "{words}: {}", outcome.stderr);
    }
}

#[test]
fn columns_of_peaks_keep_their_names() {
    let scratch = Scratch::new();
    let [genome, _] = genome(&scratch);
    let peak = "chr1\t100\t200\tp\t1432\t.\t12.5\t8.1\t5.33\t50\n";
    for (name, expected) in [
        ("x.narrowPeak", "strand\tsignalValue\tpValue\tqValue\tpeak\te0"),
        ("x.narrowPeak.gz", "strand\tsignalValue\tpValue\tqValue\tpeak\te0"),
        ("x.bed", "strand\tthickStart\tthickEnd\titemRgb\tblockCount\te0"),
    ] {
        let text = if name.ends_with("gz") { gzip(peak.as_bytes()) } else { peak.into() };
        let file = scratch.file(name, text);
        let out = String::from_utf8(crate::harness::ok("embed", &[&file, &genome])).unwrap();
        assert!(out.contains(expected), "{name}: {out}");
    }
}

#[test]
fn a_position_beyond_bcf_is_named() {
    let scratch = Scratch::new();
    let [genome, _] = genome(&scratch);
    let head = VCF.replace("#CHROM", "##contig=<ID=chr1>\n#CHROM");
    let vcf = scratch.file("in.vcf", format!("{head}chr1\t2147483700\t.\tA\tC\t.\t.\t.\n"));
    let bcf = scratch.path("o.bcf");
    fails(
        "score-variants",
        &[&vcf, &genome, "-o", &bcf],
        1,
        &["o.bcf", "record chr1:2147483700", "2147483647", "vcf.gz", "CSI"],
    );
}

//! `score-variants --all-snvs`: a table of every SNV of regions, for others to look scores up in.

use std::fs;

use crate::harness::{
    Scratch, command,
    demo::genome,
    fails, files,
    genome::{are_there, bases, contig, fasta, shell, vcf},
    ok, read, run,
    table::{Table, assert_same_numbers, without_command},
    text,
};

const WORDS: &str = "-q score-variants --context 64 --all-snvs";

/// The three other bases of each base of a region, as records of a VCF.
fn by_hand(
    name: &str,
    bases: &str,
    start: usize,
    end: usize,
) -> Vec<(String, usize, String, String)> {
    let mut records = Vec::new();
    for position in start + 1..=end {
        let own = bases[position - 1..position].to_ascii_uppercase();
        if !"ACGT".contains(&own) {
            continue;
        }
        for other in ["A", "C", "G", "T"].into_iter().filter(|other| *other != own) {
            records.push((name.to_owned(), position, own.clone(), other.to_owned()));
        }
    }
    records
}

#[test]
fn every_base_has_its_three_alternatives() {
    let scratch = Scratch::new();
    // N at the start of a contig, the start of a run of N, both ends of a contig
    let regions = [("chr1", 38, 46), ("chr1", 8_980, 9_010), ("chr3", 0, 5), ("chr3", 600, 607)];
    let lines: String =
        regions.map(|(name, start, end)| format!("{name}\t{start}\t{end}\n")).concat();
    let bed = scratch.file("r.bed", lines);
    let mut records = Vec::new();
    for (name, start, end) in regions {
        records.extend(by_hand(name, &contig("demo/genome.fa", name), start, end));
    }
    let all: usize = regions.iter().map(|(_, start, end)| 3 * (end - start)).sum();
    assert!(records.len() < all && records.len() > all / 2, "some bases are N");
    let by_hand = vcf(&scratch, "hand.vcf", &records);
    for options in ["", "--window tiled --scores site", "--downstream 8 --strand reverse"] {
        let got = Table::parse(&text(&format!("{WORDS} {bed} {options}"), &[&genome()]));
        let words = format!("-q score-variants --context 64 {options}");
        let want = Table::parse(&text(&words, &[&by_hand, &genome()]));
        assert_eq!(got.header, want.header);
        let places = |table: &Table| -> Vec<Vec<String>> {
            table.rows.iter().map(|row| row[..5].to_vec()).collect()
        };
        assert_eq!(places(&got), places(&want));
        assert_eq!(got.column("status"), want.column("status"));
        let names: Vec<&str> =
            want.header[5..want.header.len() - 1].iter().map(String::as_str).collect();
        let names: Vec<&str> = names
            .into_iter()
            .filter(|name| !(options.contains("reverse") && name.ends_with("_fwd")))
            .collect();
        assert_same_numbers(&got, &want, &names, 1e-5);
    }
    let words = format!("score-variants --context 64 -o /dev/null --all-snvs {bed}");
    let unknown = (all - records.len()) / 3;
    fails(&words, &[&genome()], 0, &[&format!("N and have no SNV: {unknown}")]);
}

#[test]
fn the_reference_may_come_from_the_environment() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "1\t100\t104\nchrM\t0\t3\n");
    let named = text(&format!("{WORDS} {bed}"), &[&genome()]);
    let mut command = command(&format!("{WORDS} {bed}"), &[]);
    let outcome = run(command.env("HYENADNA_REFERENCE", genome()));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let got = String::from_utf8(outcome.stdout).unwrap();
    assert_eq!(without_command(&got), without_command(&named));
    // contigs are called as the reference calls them, for whatever reads its coordinates
    assert_eq!(Table::parse(&got).column("CHROM")[0], "chr1");
    // one that is named is stronger
    let mut command = self::command(&format!("{WORDS} {bed}"), &[&genome()]);
    let outcome = run(command.env("HYENADNA_REFERENCE", "no-such-file"));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    fails(&format!("{WORDS} {bed}"), &[], 2, &["reference", "HYENADNA_REFERENCE"]);
    fails(&format!("{WORDS} -"), &["-"], 2, &["stdin"]);
    fails(&format!("{WORDS} {bed}"), &["v.vcf", &genome()], 2, &["v.vcf", "only argument"]);
    fails(&format!("{WORDS} {bed} --phase"), &[&genome()], 2, &["--phase", "--all-snvs"]);
}

#[test]
fn regions_that_cannot_be_a_table_are_refused() {
    let scratch = Scratch::new();
    let output = scratch.path("out.tsv");
    for (lines, line, phrases) in [
        ("chr2\t10\t20\nchr2\t15\t30\n", "line 2", ["chr2", "do not overlap"]),
        ("chr2\t10\t20\nchr2\t19\t20\n", "line 2", ["base 20", "bedtools merge"]),
        ("chr2\t10\t20\nchr2\t5\t8\n", "line 2", ["chr2", "sorted"]),
        ("chr2\t1\t2\nchr1\t1\t2\nchr2\t5\t6\n", "line 3", ["chr2", "sort -k1,1 -k2,2n"]),
        ("chr2\t10\t20\nchr2\t30\t30\n", "line 2", ["chr2 30 30", "is empty"]),
        ("chr2\t10\t20\nchr2\t8000\t8004\n", "line 2", ["chr2", "8003 bases"]),
        ("chr2\t10\t20\nchr9\t1\t2\n", "line 2", ["chr9", "chr1, chr2, chr3, chrM"]),
        ("chr2\t10\t20\nchr2\t40\t30\n", "line 2", ["40", "30"]),
    ] {
        let bed = scratch.file("r.bed", lines);
        let error = fails(&format!("{WORDS} {bed} -o {output}"), &[&genome()], 1, &[&bed, line]);
        assert!(phrases.iter().all(|phrase| error.contains(phrase)), "{phrases:?}: {error}");
        assert_eq!(scratch.names(), ["r.bed"], "{lines}");
    }
    // side by side, and names of either style, is no overlap
    let bed = scratch.file("r.bed", "chr2\t10\t20\n2\t20\t22\nchr2\t22\t23\n");
    let table = Table::parse(&text(&format!("{WORDS} {bed}"), &[&genome()]));
    let positions: Vec<usize> = table.column("POS").iter().map(|p| p.parse().unwrap()).collect();
    assert_eq!(positions, (11..=23).flat_map(|p| [p; 3]).collect::<Vec<_>>());
}

#[test]
fn a_region_of_any_length_is_cut_in_parts() {
    let scratch = Scratch::new();
    let bases = bases(2_600, 6);
    let genome = fasta(&scratch, "g.fa", &[("c", &bases)]);
    let bed = scratch.file("r.bed", "c\t20\t2580\n");
    let words = "-q score-variants --context 8 --downstream 0 --strand forward --scores site";
    let got = Table::parse(&text(&format!("{words} --all-snvs {bed}"), &[&genome]));
    let want: Vec<Vec<String>> = by_hand("c", &bases, 20, 2_580)
        .into_iter()
        .map(|(c, p, own, alt)| vec![c, p.to_string(), ".".to_owned(), own, alt])
        .collect();
    let got: Vec<Vec<String>> = got.rows.iter().map(|row| row[..5].to_vec()).collect();
    assert_eq!(got, want);
}

#[test]
fn no_region_is_an_empty_table() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "# nothing\n");
    let words = "score-variants --context 64 --all-snvs";
    fails(words, &[&bed, &genome(), "-o", "/dev/null"], 0, &["no record"]);
    let table = Table::parse(&text(&format!("{WORDS} {bed}"), &[&genome()]));
    assert!(table.rows.is_empty() && table.header[0] == "CHROM");
}

#[test]
fn vcf_and_bcf_can_be_read_by_htslib() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t100\t110\nchrM\t0\t3\n");
    let table = Table::parse(&text(&format!("{WORDS} {bed}"), &[&genome()]));
    let written = |name: &str| {
        let output = scratch.path(name);
        ok(&format!("{WORDS} {bed} -o"), &[&output, &genome()]);
        files::records(&output)
    };
    let records = written("out.vcf");
    assert_eq!(records, written("out.bcf"));
    assert_eq!(records, written("out.vcf.gz"));
    assert_eq!(records.len(), 39);
    for (record, row) in records.iter().zip(&table.rows) {
        let columns: Vec<&str> = record.trim_end().split('\t').collect();
        assert_eq!(columns[..5], row[..5]);
        assert_eq!(columns[5..7], [".", "."]);
        assert!(columns[7].contains(&format!("HYENADNA_LLR={};", row[5])), "{record} {row:?}");
    }
    let header = read(&scratch.path("out.vcf"));
    let reference = format!("##reference=file://{}\n", genome());
    let start = format!("##fileformat=VCFv4.3\n{reference}##contig=<ID=chr1,length=20011>\n");
    assert!(header.starts_with(&start), "{header}");
    assert!(fs::read(scratch.path("out.vcf.gz")).unwrap().ends_with(&files::BGZIP_END));
}

/// What the manual page says one can do with a table.
#[test]
fn bcftools_looks_scores_up() {
    if !are_there(&["bcftools", "tabix", "bgzip"]) {
        return;
    }
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t100\t140\nchr2\t50\t60\n");
    for name in ["table.vcf.gz", "table.tsv.gz"] {
        ok(&format!("{WORDS} {bed} -o"), &[&scratch.path(name), &genome()]);
    }
    let table = Table::parse(&text(&format!("{WORDS} {bed}"), &[&genome()]));
    let looked_up: Vec<&Vec<String>> = [&table.rows[7], &table.rows[8], &table.rows[130]].into();
    let mut target = "##fileformat=VCFv4.3\n##contig=<ID=chr1>\n##contig=<ID=chr2>\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        .to_owned();
    for row in &looked_up {
        target += &format!("{}\t{}\tx\t{}\t{}\t.\t.\t.\n", row[0], row[1], row[3], row[4]);
    }
    target += "chr2\t1000\tx\tA\tC\t.\t.\t.\n";
    scratch.file("target.vcf", target);
    scratch.file("header", "##INFO=<ID=X,Number=1,Type=Float,Description=\"LLR\">\n");
    let want: Vec<&str> = looked_up.iter().map(|row| row[5].as_str()).chain(["."]).collect();
    let found = |script: &str| {
        let out = shell(script, &scratch);
        let values: Vec<String> = out.lines().map(str::to_owned).collect();
        assert_eq!(values, want, "{script}");
    };
    found(
        "bgzip -k target.vcf; tabix -p vcf target.vcf.gz; tabix -p vcf table.vcf.gz; \
         bcftools annotate -a table.vcf.gz -c INFO/HYENADNA_LLR target.vcf.gz \
         | bcftools query -f '%HYENADNA_LLR\\n'",
    );
    found(
        "tabix -s1 -b2 -e2 table.tsv.gz; \
         bcftools annotate -a table.tsv.gz -c CHROM,POS,-,REF,ALT,INFO/X -h header target.vcf \
         | bcftools query -f '%X\\n'",
    );
    let count = shell("bcftools view -H table.vcf.gz | wc -l", &scratch);
    assert_eq!(count.trim(), table.rows.len().to_string());
    let near = shell("tabix table.tsv.gz chr1:105-106", &scratch);
    assert_eq!(near.lines().count(), 6);
    // the REF of every record is right; the copy gets an index
    fs::copy(genome(), scratch.path("genome.fa")).unwrap();
    shell("bcftools norm -c e -f genome.fa table.vcf.gz > /dev/null", &scratch);
}

//! `score-variants --known`: scores of an earlier run are carried over, and the output is that of a whole run.

use std::fs;

use crate::harness::{
    Scratch, command, data, fails,
    files::{bgzip, gzip},
    ok, read, run, text,
};

const WORDS: &str = "score-variants --context 64";

/// The lines that have records or name columns, and how they were made but for the command.
fn rows(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with("##hyenadna_command=")).collect()
}

/// Panics unless both have the same lines.
#[track_caller]
fn assert_same(got: &str, want: &str) {
    assert_eq!(rows(got), rows(want));
}

/// The demo's variants but one, whose divergence is nothing but rounding and has its largest value anywhere.
fn variants() -> String {
    let text = read(&data("demo/variants.vcf"));
    text.lines()
        .filter(|line| !line.contains("del_to_end"))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The header and every other record, from the first or the second on.
fn half(vcf: &str, first: usize) -> String {
    let (header, records): (Vec<&str>, Vec<&str>) =
        vcf.lines().partition(|line| line.starts_with('#'));
    let half = records.into_iter().skip(first).step_by(2);
    header.into_iter().chain(half).map(|line| format!("{line}\n")).collect()
}

/// Number of a count of a summary.
fn count(summary: &str, unit: &str) -> u64 {
    let summary: serde_json::Value = serde_json::from_str(&read(summary)).unwrap();
    summary[unit].as_u64().unwrap()
}

/// The output with a table, of which some alleles are carried over.
fn carried(scratch: &Scratch, words: &str, paths: &[&str]) -> String {
    let summary = scratch.path("summary.json");
    let (command, options) = words.split_once(' ').unwrap();
    let output = text(&format!("{command} --summary {summary} {options}"), paths);
    assert!(count(&summary, "known_alleles") > 0, "{words}");
    output
}

/// A table of half of the variants, in a format.
fn table(scratch: &Scratch, name: &str, options: &str) -> String {
    let half = scratch.file("half.vcf", half(&variants(), 0));
    let path = scratch.path(name);
    ok(&format!("{WORDS} {options} -o {path}"), &[&half, &data("demo/genome.fa")]);
    path
}

#[test]
fn a_run_with_known_scores_is_a_whole_run() {
    let scratch = Scratch::new();
    let genome = data("demo/genome.fa");
    let variants = scratch.file("variants.vcf", variants());
    for scores in ["", "--scores all", "--scores site --on-ref-mismatch swap"] {
        let tables = ["known.tsv", "known.vcf.gz"].map(|name| table(&scratch, name, scores));
        for (number, format) in ["tsv", "vcf", "bed", "csv"].into_iter().enumerate() {
            let words = format!("{WORDS} {scores} --format {format}");
            let whole = text(&words, &[&variants, &genome]);
            // each table for every other format, and both for that of the values as they are
            let tables = tables.iter().enumerate().filter(|(i, _)| number == 0 || number % 2 == *i);
            for (_, table) in tables {
                let summary = scratch.path("summary.json");
                let words = format!("{words} --summary {summary} --known {table}");
                let outcome = run(&mut command(&words, &[&variants, &genome]));
                outcome.assert_ok();
                let carried = String::from_utf8(outcome.stdout).unwrap();
                assert_same(&carried, &whole);
                if format == "tsv" && table.ends_with("tsv") {
                    // what the table has is carried over to the last digit
                    let table = read(table);
                    let known: Vec<&str> = table.lines().filter(|l| l.ends_with("\tok")).collect();
                    assert!(known.iter().all(|row| carried.lines().any(|line| line == *row)));
                }
                let (known, all) = (count(&summary, "known_alleles"), count(&summary, "alleles"));
                assert!(0 < known && known < all, "{known} of {all}");
                let line = format!("alleles whose scores were carried over (--known): {known}");
                assert!(outcome.stderr.contains(&line), "{}", outcome.stderr);
            }
        }
    }
}

/// Values come from the table, not from the model: those that were changed there are in the output.
#[test]
fn values_are_those_of_the_table() {
    let scratch = Scratch::new();
    let genome = data("demo/genome.fa");
    let path = scratch.path("all.tsv");
    ok(&format!("{WORDS} -o {path}"), &[&data("demo/variants.vcf"), &genome]);
    let changed: Vec<String> = read(&path)
        .lines()
        .map(|line| match line.strip_suffix("\tok") {
            Some(row) => {
                let fields: Vec<&str> = row.split('\t').collect();
                // spelt as this program would not
                format!("{}\t1.50e0\t+2\t.\t-0.0\t7\tok", fields[..5].join("\t"))
            }
            None => line.to_owned(),
        })
        .collect();
    assert!(changed.iter().filter(|line| line.ends_with("\t+2\t.\t-0.0\t7\tok")).count() > 20);
    let changed = changed.join("\n") + "\n";
    for bytes in [changed.clone().into_bytes(), gzip(changed.as_bytes()), bgzip(changed.as_bytes())]
    {
        let table = scratch.file("changed", bytes);
        let carried =
            text(&format!("{WORDS} --known {table}"), &[&data("demo/variants.vcf"), &genome]);
        assert!(rows(&carried) == rows(&changed));
    }
}

/// Of alleles without a score nothing is carried over; those with other spellings of contig and bases are found.
#[test]
fn alleles_are_those_of_the_reference() {
    let scratch = Scratch::new();
    let genome = scratch.file("g.fa", ">chr1\nACGTTGCAAGCTTACGGATCACGT\n");
    let head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
    let first = scratch.file(
        "first.vcf",
        format!("{head}1\t3\t.\tg\ta,T\t.\t.\t.\n1\t4\t.\tC\tA\t.\t.\t.\n2\t4\t.\tC\tA\t.\t.\t.\n"),
    );
    let table = scratch.path("first.tsv");
    ok(&format!("score-variants --context 8 -o {table}"), &[&first, &genome]);
    // the line of chr1:4 differs from the reference and has no score; 2 is not there
    let second = scratch.file(
        "second.vcf",
        format!("{head}chr1\t3\tx\tG\tT\t.\t.\t.\nchr1\t3\t.\tG\tC,A\t.\t.\t.\n1\t4\t.\tC\tA\t.\t.\t.\n2\t4\t.\tC\tA\t.\t.\t.\n"),
    );
    let words = "score-variants --context 8";
    let whole = text(words, &[&second, &genome]);
    let summary = scratch.path("s.json");
    let words = format!("{words} --summary {summary} --known {table}");
    assert_same(&text(&words, &[&second, &genome]), &whole);
    assert_eq!(count(&summary, "known_alleles"), 2);
    // the status of the earlier run counts only if it is that of this one: here REF has become the reference's base
    let other = scratch.file("swapped.vcf", format!("{head}1\t3\t.\tT\tG\t.\t.\t.\n"));
    let swap = "score-variants --context 8 --on-ref-mismatch swap";
    let table = scratch.path("swapped.tsv");
    ok(&format!("{swap} -o {table}"), &[&other, &genome]);
    let words = format!("{swap} --summary {summary} --known {table}");
    text(&words, &[&other, &genome]);
    assert_eq!(count(&summary, "known_alleles"), 1);
    scratch.file("g.fa", ">chr1\nACTTTGCAAGCTTACGGATCACGT\n");
    let whole = text(swap, &[&other, &genome]);
    assert_same(&text(&words, &[&other, &genome]), &whole);
    assert_eq!(count(&summary, "known_alleles"), 0);
}

#[test]
fn shards_and_tables_of_shards() {
    let scratch = Scratch::new();
    let (variants, genome) = (data("demo/variants.vcf"), data("demo/genome.fa"));
    let whole = text(WORDS, &[&variants, &genome]);
    let shard = |shard: &str, options: &str| {
        let path = scratch.path(&format!("part{}.tsv", shard.replace('/', "of")));
        ok(&format!("{WORDS} {options} --shard {shard} -o {path}"), &[&variants, &genome]);
        path
    };
    // a shard as the table, and then shards with a table
    let first = shard("1/2", "");
    let of_first = carried(&scratch, &format!("{WORDS} --known {first}"), &[&variants, &genome]);
    assert_same(&of_first, &whole);
    let parts = ["1/3", "2/3", "3/3"].map(|part| shard(part, &format!("--known {first}")));
    let merged = scratch.path("merged.tsv");
    ok(&format!("merge -o {merged}"), &parts.each_ref().map(String::as_str));
    let known = carried(&scratch, &format!("{WORDS} --known {merged}"), &[&variants, &genome]);
    assert_same(&known, &whole);
}

#[test]
fn named_variants_and_snvs_of_regions() {
    let scratch = Scratch::new();
    let genome = data("demo/genome.fa");
    let regions = scratch.file("r.bed", "chr1\t100\t110\n");
    let wider = scratch.file("w.bed", "chr1\t95\t120\n");
    let table = scratch.path("t.vcf");
    ok(&format!("{WORDS} -o {table} --all-snvs"), &[&regions, &genome]);
    let whole = text(&format!("{WORDS} --all-snvs"), &[&wider, &genome]);
    let words = format!("{WORDS} --known {table}");
    let of_table = carried(&scratch, &format!("{words} --all-snvs"), &[&wider, &genome]);
    assert_same(&of_table, &whole);
    let row = whole.lines().find(|line| line.starts_with("chr1\t105\t")).unwrap();
    let fields: Vec<&str> = row.split('\t').collect();
    let variant = [fields[0], fields[1], fields[3], fields[4]].join(":");
    let one = carried(&scratch, &format!("{words} --variant {variant}"), &[&genome]);
    let known = format!("{}\t", fields[..5].join("\t"));
    let row = of_table.lines().find(|line| line.starts_with(&known));
    assert_eq!(one.lines().last(), row);
}

#[test]
fn tables_of_other_settings_are_refused() {
    let scratch = Scratch::new();
    let (variants, genome) = (data("demo/variants.vcf"), data("demo/genome.fa"));
    let known = table(&scratch, "known.tsv", "");
    let other = scratch.file("other.fa", read(&genome));
    let refused = |options: &str, genome: &str, parts: &[&str]| {
        let words = format!("{options} --known {known}");
        let all = [&[known.as_str(), "leave out --known"], parts].concat();
        run(&mut command(&words, &[&variants, genome])).assert_refused(&all);
    };
    for (options, parts) in [
        ("score-variants --context 32", ["found ##hyenadna_context=64", "expected 32"]),
        ("score-variants --context 64 --strand forward", ["##hyenadna_strand=both", "forward"]),
        ("score-variants --context 64 --window tiled", ["##hyenadna_window=", "expected tiled"]),
        ("score-variants --context 64 --downstream 5", ["no line ##hyenadna_downstream", "5"]),
        ("score-variants --context 64 --normalize", ["no line ##hyenadna_normalize", "left"]),
        ("score-variants --context 64 --n-token pad", ["##hyenadna_n_token=", "expected pad"]),
        ("score-variants --context 64 --dtype bf16", ["no line ##hyenadna_dtype", "bf16"]),
    ] {
        refused(options, &genome, &parts);
    }
    refused(WORDS, &other, &["found ##hyenadna_reference=", "other.fa"]);
    // by another path it is the same file
    let around = genome.replace("/demo/", "/demo/../demo/");
    ok(&format!("{WORDS} --known {known}"), &[&variants, &around]);
    let text = read(&known);
    for (line, other, expected) in [
        (" identity:", " identity:0", "##hyenadna_model="),
        ("##hyenadna_version=", "##hyenadna_version=7.", "other versions may score differently"),
        ("##hyenadna_context=64\n", "##hyenadna_context=64\n##hyenadna_x=1\n", "no such line"),
    ] {
        let known = scratch.file("edited.tsv", text.replace(line, other));
        let words = format!("{WORDS} --known {known}");
        run(&mut command(&words, &[&variants, &genome])).assert_refused(&[expected]);
    }
}

/// A row with another value in its first column of scores.
fn with_first_value(row: &str, value: &str) -> String {
    let mut fields: Vec<&str> = row.split('\t').collect();
    fields[5] = value;
    fields.join("\t")
}

#[test]
fn files_that_are_no_tables_are_refused() {
    let scratch = Scratch::new();
    let (variants, genome) = (data("demo/variants.vcf"), data("demo/genome.fa"));
    let known = table(&scratch, "known.tsv", "");
    let text = read(&known);
    let head: String =
        text.lines().filter(|l| l.starts_with('#')).map(|l| format!("{l}\n")).collect();
    let row = text.lines().find(|line| line.ends_with("\tok")).unwrap();
    let count = text.lines().count();
    let changed = row.replacen("\tok", "1\tok", 1);
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let of = |options: &str, name: &str| fs::read(table(&scratch, name, options)).unwrap();
    for (name, bytes, parts) in [
        ("empty.tsv", Vec::new(), ["is empty", "score-variants"]),
        ("names.tsv", of("--header names", "n.tsv"), ["line 1", "how the file was made"]),
        ("scores.bed", of("", "n.bed"), ["expected the columns", "#CHROM POS"]),
        ("scores.bcf", of("", "n.bcf"), ["is BCF", "VCF"]),
        ("input.vcf", variants_bytes(), ["how the file was made", "##hyenadna_"]),
        ("site.tsv", of("--scores site", "s.tsv"), ["has the columns site", "writes llr"]),
        ("p.vcf", of("--info-prefix P", "p.vcf"), ["INFO fields of no score", "HYENADNA_LLR"]),
        ("short.tsv", text[..text.len() - 5].into(), [&format!("line {count}"), "truncated"]),
        ("short.gz", cut(gzip(text.as_bytes())), ["short.gz", "after line"]),
        ("short.bgz", cut(bgzip(text.as_bytes())), ["short.bgz", "after line"]),
        (
            "twice.tsv",
            format!("{text}{changed}\n").into(),
            [&format!("line {}", count + 1), "with other values"],
        ),
        ("columns.tsv", format!("{head}{row}\t7\n").into(), ["found 12 columns", "expected 11"]),
        (
            "number.tsv",
            (head.clone() + &row.replace("\tok", "x\tok") + "\n").into(),
            ["line", "expected a number"],
        ),
        (
            "nan.tsv",
            (head.clone() + &with_first_value(row, "nan") + "\n").into(),
            ["found \"nan\"", "expected a number"],
        ),
    ] {
        let path = scratch.file(name, bytes);
        let words = format!("{WORDS} --known {path}");
        run(&mut command(&words, &[&variants, &genome]))
            .assert_refused(&[&[name], &parts[..]].concat());
    }
    // the same values again do no harm
    let path = scratch.file("same.tsv", format!("{text}{row}\n"));
    ok(&format!("{WORDS} --known {path}"), &[&variants, &genome]);
}

fn variants_bytes() -> Vec<u8> {
    variants().into_bytes()
}

#[test]
fn options_that_exclude_known_scores() {
    let scratch = Scratch::new();
    let (variants, genome) = (data("demo/variants.vcf"), data("demo/genome.fa"));
    let known = table(&scratch, "known.tsv", "");
    for (options, parts) in [
        ("--null 10", ["--known cannot be combined with null variants", "percentile"]),
        ("--use-null x.tsv", ["--known cannot be combined with null variants", "percentile"]),
        ("--phase", ["--known cannot be combined with --phase", "haplotype"]),
        ("--format parquet -o x.parquet", ["--known cannot be combined with Parquet", "six"]),
        (&format!("-o {known}"), ["known.tsv", "overwrite"]),
    ] {
        let words = format!("{WORDS} --known {known} {options}");
        fails(&words, &[&variants, &genome], 2, &parts);
    }
    fails(&format!("{WORDS} --known -"), &["-", &genome], 2, &["stdin"]);
    fails(
        &format!("{WORDS} --known {}", scratch.path("no.tsv")),
        &[&variants, &genome],
        1,
        &["no.tsv"],
    );
}

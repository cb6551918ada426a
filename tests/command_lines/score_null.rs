//! `score-variants --null`: percentiles among null variants, and the correction of length.

use std::{collections::HashMap, fs};

use crate::harness::{
    Scratch, fails,
    golden::{genome, variants},
    ok, read,
    table::Table,
    text,
};

const WORDS: &str = "-q score-variants --context 16";

/// Contigs of a FASTA file, upper-case.
fn contigs(path: &str) -> HashMap<String, Vec<u8>> {
    let text = read(path);
    let records = text.split('>').skip(1).map(|record| {
        let (title, lines) = record.split_once('\n').unwrap();
        let name = title.split_whitespace().next().unwrap().to_owned();
        (name, lines.replace('\n', "").to_ascii_uppercase().into_bytes())
    });
    records.collect()
}

fn complement(base: u8) -> u8 {
    *b"TGCA".get(b"ACGT".iter().position(|&b| b == base).unwrap()).unwrap()
}

/// `A[C>T]G` of a trinucleotide and an alternative, with a pyrimidine in the middle.
fn class(three: &[u8], alternative: u8) -> Option<String> {
    if !three.iter().all(|base| b"ACGT".contains(base)) {
        return None;
    }
    let [before, base, after] = *three else { return None };
    let [before, base, after, alternative] = match base {
        b'C' | b'T' => [before, base, after, alternative],
        _ => [after, base, before, alternative].map(complement),
    }
    .map(char::from);
    Some(format!("{before}[{base}>{alternative}]{after}"))
}

struct Saved {
    null: Table,
    scored: Table,
    path: String,
    _scratch: Scratch,
}

fn saved(options: &str) -> Saved {
    let scratch = Scratch::new();
    let path = scratch.path("null.tsv");
    let words = format!("{WORDS} --null 11 {options} --save-null");
    let scored = Table::parse(&text(&words, &[&path, &variants(), &genome()]));
    let null = Table::parse(&read(&path));
    Saved { null, scored, path, _scratch: scratch }
}

fn number(value: &str) -> f64 {
    value.parse().unwrap()
}

#[test]
fn null_variants_are_of_their_class() {
    let contigs = contigs(&genome());
    let Saved { null, .. } = saved("");
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for row in &null.rows {
        let [name, contig, position, length, ..] = &row[..] else { panic!("{row:?}") };
        *counts.entry(name).or_default() += 1;
        let at = position.parse::<usize>().unwrap() - 1;
        let length: i64 = length.parse().unwrap();
        match name.as_str() {
            // a quarter of the context at most
            "insertion" => assert!((1..=4).contains(&length)),
            "deletion" => assert!((-4..=-1).contains(&length)),
            _ => {
                let three = &contigs[contig.as_str()][at - 1..at + 2];
                let alternatives = b"ACGT".iter().filter(|&&other| other != three[1]);
                let classes: Vec<String> =
                    alternatives.filter_map(|&other| class(three, other)).collect();
                assert!(classes.contains(name), "{name} {contig} {position}");
            }
        }
    }
    assert_eq!(counts.len(), 98);
    assert!(counts.values().all(|&count| count == 11), "{counts:?}");
}

#[test]
fn percentiles_are_counted_among_the_class() {
    let contigs = contigs(&genome());
    let Saved { null, scored, .. } = saved("");
    let mut checked = 0;
    for row in &scored.rows {
        let [contig, position, _, reference, alternative, ..] = &row[..] else { panic!() };
        let value = |name: &str| &row[scored.header.iter().position(|n| n == name).unwrap()];
        let at = position.parse::<usize>().unwrap();
        let is_snv = reference.len() == 1 && alternative.len() == 1 && value("status") == "ok";
        let Some(bases) = contigs.get(contig.as_str()).filter(|_| is_snv && at > 1) else {
            continue;
        };
        let three = bases.get(at - 2..at + 1).unwrap_or_default();
        let alternative = alternative.to_ascii_uppercase().as_bytes()[0];
        let Some(class) = class(three, alternative) else {
            assert_eq!(value("llr_percentile"), ".", "{row:?}");
            continue;
        };
        for score in ["llr", "embedding_l2", "embedding_cosine"] {
            let column = null.header.iter().position(|name| name == score).unwrap();
            let others = null.rows.iter().filter(|other| {
                let itself = other[1] == *contig && other[2] == *position;
                other[0] == class && !itself
            });
            let others: Vec<f64> = others.map(|other| number(&other[column])).collect();
            let own = number(value(score));
            let below = others.iter().filter(|&&other| other < own).count();
            let want = 100.0 * below as f64 / others.len() as f64;
            let got = number(value(&format!("{score}_percentile")));
            assert!((got - want).abs() < 1e-3, "{row:?}: {want}");
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
}

#[test]
fn a_saved_null_serves_again() {
    let saved = saved("--length-correct");
    let Saved { scored, path, .. } = &saved;
    let again =
        |words: &str| text(&format!("{WORDS} {words} --use-null"), &[path, &variants(), &genome()]);
    assert_eq!(Table::parse(&again("--length-correct")).rows, scored.rows);
    for (words, part) in [
        ("--context 20", "context is 16 in the file and 20 here"),
        ("--context 16 --strand forward", "strand is both in the file and forward here"),
        ("--context 16 --window tiled", "window is centered in the file and tiled here"),
        ("--context 16 --scores site", "has no site; it has llr, embedding_l2"),
    ] {
        let words = format!("-q score-variants {words} --use-null");
        fails(&words, &[path, &variants(), &genome()], 1, &[part, path]);
    }
}

#[test]
fn a_class_is_drawn_alike_whatever_else_there_is() {
    let scratch = Scratch::new();
    let part = scratch.path("part.vcf");
    let all = read(&variants());
    let lines: Vec<&str> = all.lines().collect();
    let records = lines.iter().filter(|line| !line.starts_with('#')).skip(7).step_by(3);
    let header = lines.iter().filter(|line| line.starts_with('#'));
    let text_of_part: String = header.chain(records).map(|line| format!("{line}\n")).collect();
    fs::write(&part, text_of_part).unwrap();
    let words = format!("{WORDS} --null 10 --seed 3");
    let all = Table::parse(&text(&words, &[&variants(), &genome()]));
    let part = Table::parse(&text(&words, &[&part, &genome()]));
    assert!(part.rows.len() > 10);
    assert!(part.rows.iter().all(|row| all.rows.contains(row)));
    let other = Table::parse(&text(&format!("{WORDS} --null 10"), &[&variants(), &genome()]));
    assert_ne!(all.column("llr_percentile"), other.column("llr_percentile"));
    assert_eq!(all.column("llr"), other.column("llr"));
    // drawing all classes for a file changes nothing
    let null = scratch.path("null.tsv");
    let words = format!("{words} --save-null");
    let saving = Table::parse(&text(&words, &[&null, &variants(), &genome()]));
    assert_eq!(saving.rows, all.rows);
}

#[test]
fn regions_and_strands_of_the_null() {
    let scratch = Scratch::new();
    let (bed, null) = (scratch.path("r.bed"), scratch.path("null.tsv.gz"));
    fs::write(&bed, "1\t100\t700\nchr1\t600\t1200\n").unwrap();
    let words = format!("{WORDS} --strand forward --null 10 --null-regions {bed} --save-null");
    let _table = ok(&words, &[&null, &variants(), &genome()]);
    let mut unpacked = String::new();
    let file = fs::File::open(&null).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(file), &mut unpacked)
        .unwrap();
    let table = Table::parse(&unpacked);
    for row in &table.rows {
        assert_eq!(row[1], "chr1");
        assert!((101..=1200).contains(&row[2].parse::<u64>().unwrap()), "{row:?}");
    }
    // of one strand a class does not stand for its reverse complement
    let classes: std::collections::BTreeSet<&str> = table.column("class").into_iter().collect();
    assert!(classes.len() > 98 && classes.iter().any(|name| name.contains("[G>")), "{classes:?}");
    fs::write(&bed, "chr1\t5\t5\n").unwrap();
    let words = format!("{WORDS} --null 10 --null-regions");
    fails(&words, &[&bed, &variants(), &genome()], 1, &["the regions are empty", &bed]);
    fs::write(&bed, "chr1\t5\t900000\n").unwrap();
    fails(&words, &[&bed, &variants(), &genome()], 1, &["ends beyond", "line 1", &bed]);
}

#[test]
fn length_is_taken_out_of_indels() {
    let Saved { null, scored, .. } = saved("--length-correct");
    let fit = |kind: &str| -> Vec<f64> {
        let start = format!("##hyenadna_null_length_fit={kind}\tllr\t");
        let line = null.comments.iter().find_map(|line| line.strip_prefix(&start)).unwrap();
        line.split('\t').map(number).collect()
    };
    let (insertion, deletion) = (fit("insertion"), fit("deletion"));
    let mut checked = [0; 2];
    for row in scored.rows.iter().filter(|row| row.last().unwrap() == "ok") {
        let value = |name: &str| &row[scored.header.iter().position(|n| n == name).unwrap()];
        let (llr, corrected) = (number(value("llr")), number(value("llr_length_corrected")));
        let change = row[4].len() as i64 - row[3].len() as i64;
        let fit = if change > 0 { &insertion } else { &deletion };
        // coefficients, count, R², residual, longest
        let n = (change.unsigned_abs() as f64).min(fit[6]);
        let expected = match change {
            0 => 0.0,
            _ => fit[0] + fit[1] * n.ln() + fit[2] * n,
        };
        assert!((llr - expected - corrected).abs() < 1e-3, "{row:?} {expected}");
        checked[usize::from(change != 0)] += 1;
    }
    assert!(checked.iter().all(|&count| count > 5), "{checked:?}");
}

#[test]
fn columns_in_vcf() {
    let words = format!("{WORDS} --null 10 --length-correct --format vcf");
    let vcf = text(&words, &[&variants(), &genome()]);
    for name in
        ["HYENADNA_LLR_PERCENTILE", "HYENADNA_L2_PERCENTILE", "HYENADNA_LLR_LENGTH_CORRECTED"]
    {
        assert!(vcf.contains(&format!("##INFO=<ID={name},Number=A,Type=Float")), "{name}");
        assert!(
            vcf.lines().any(|line| !line.starts_with('#') && line.contains(&format!(";{name}=")))
        );
    }
}

#[test]
fn what_does_not_go_together() {
    for (words, part) in [
        ("--length-correct", "--null N"),
        ("--save-null x.tsv", "--null"),
        ("--null-regions x.bed", "--null"),
        ("--null 10 --use-null x.tsv", "--use-null"),
        ("--null 9", "9 is not in 10.."),
        ("--seed 3", "--null"),
        (
            "--strand gene --genes x.bed --null 10",
            "--strand gene cannot be combined with null variants",
        ),
        ("--phase --on-ref-mismatch swap", "--phase with --on-ref-mismatch swap"),
        ("--null 10 --length-correct --scores site", "add it to --scores"),
    ] {
        fails(&format!("{WORDS} {words}"), &[&variants(), &genome()], 2, &[part]);
    }
    let scratch = Scratch::new();
    let (null, output) = (scratch.path("null.tsv"), scratch.path("out.tsv"));
    // the null variants never replace an input or the output, and come with it or not at all
    let saving = format!("{WORDS} --null 10 -o {output} --save-null");
    fails(&saving, &[&output, &variants(), &genome()], 2, &["--save-null", "same file"]);
    fails(&saving, &[&variants(), &variants(), &genome()], 2, &["same file"]);
    fails(&saving, &["/nowhere/null.tsv", &variants(), &genome()], 1, &["/nowhere/null.tsv"]);
    let full = format!("{WORDS} --null 10 -o /dev/full --save-null");
    fails(&full, &[&null, &variants(), &genome()], 1, &["/dev/full"]);
    fails(
        &format!("{WORDS} --genes - --strand gene -"),
        &[&genome()],
        2,
        &["only one input can be stdin"],
    );
    assert!(scratch.names().is_empty());
    fs::write(&null, "class\tcontig\n").unwrap();
    let words = format!("{WORDS} -o {output} --use-null");
    fails(&words, &[&null, &variants(), &genome()], 1, &[&null]);
    assert_eq!(scratch.names(), ["null.tsv"]);
}

/// The draw is repeatable from the output alone.
#[test]
fn the_provenance_names_the_draw_or_its_file() {
    let scratch = Scratch::new();
    let vcf = scratch
        .file("in.vcf", "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
    let bed = scratch.file("r.bed", "chr1\t10\t900\n");
    let saved = scratch.path("null.tsv");
    let lines = |words: &str, paths: &[&str]| {
        let out = text(&format!("{WORDS} {words}"), paths);
        out.lines().filter(|line| line.starts_with("##")).collect::<Vec<_>>().join("\n")
    };
    let demo = crate::harness::data("demo/genome.fa");
    let drawn = ["--save-null", &saved, "--null-regions", &bed, &vcf, &demo];
    let found = lines("--null 12 --seed 7", &drawn);
    for line in ["##hyenadna_null=12", "##hyenadna_seed=7", &format!("##hyenadna_regions={bed}")] {
        assert!(found.lines().any(|other| other == line), "{line}: {found}");
    }
    let found = lines("--use-null", &[&saved, &vcf, &demo]);
    assert!(found.contains(&format!("##hyenadna_use_null={saved}")), "{found}");
    assert!(!found.contains("hyenadna_seed"), "{found}");
}

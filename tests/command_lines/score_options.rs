//! Options of `score-variants`, and what it refuses.

use crate::harness::{
    Scratch, command, data, fails,
    golden::{genome, variants},
    read, run,
    table::{Table, parquet_file, without_command},
    text,
};

const WORDS: &str = "-q score-variants --context 16";

fn scored(options: &str) -> Table {
    let words = format!("{WORDS} {options}");
    Table::parse(&text(&words, &[&variants(), &genome()]))
}

fn numbers(column: &[&str]) -> Vec<Option<f64>> {
    column.iter().map(|value| value.parse().ok()).collect()
}

#[test]
fn strands() {
    let (both, forward, reverse) =
        (scored(""), scored("--strand forward"), scored("--strand reverse"));
    for (table, read, other) in [(&forward, "llr_fwd", "llr_rev"), (&reverse, "llr_rev", "llr_fwd")]
    {
        assert_eq!(table.column("llr"), both.column(read));
        assert_eq!(table.column("llr"), table.column(read));
        assert!(table.column(other).iter().all(|value| *value == "."));
        assert_eq!(table.column("status"), both.column("status"));
    }
    let mut scored = 0;
    for name in ["llr", "embedding_l2", "embedding_cosine"] {
        let both = numbers(&both.column(name));
        let pairs = numbers(&forward.column(name)).into_iter().zip(numbers(&reverse.column(name)));
        for (both, pair) in both.into_iter().zip(pairs) {
            let (Some(both), (Some(a), Some(b))) = (both, pair) else {
                assert_eq!((both, pair), (None, (None, None)));
                continue;
            };
            scored += 1;
            let mean = (a + b) / 2.0;
            assert!((both - mean).abs() <= 2e-5 * (a.abs() + b.abs()), "{name}: {both} {a} {b}");
        }
    }
    assert_eq!(scored, 3 * 54);
    assert_ne!(forward.column("llr"), reverse.column("llr"));
}

#[test]
fn records_that_do_not_fit_the_reference() {
    let all = scored("");
    for (option, status) in
        [("--on-ref-mismatch", "ref_mismatch"), ("--on-missing-contig", "missing_contig")]
    {
        let report = scored(&format!("{option} report"));
        assert_eq!(report.rows, all.rows);
        let skip = scored(&format!("{option} skip"));
        let kept = all.rows.iter().filter(|row| row[10] != status);
        assert_eq!(skip.rows, kept.cloned().collect::<Vec<_>>());
        assert_eq!(skip.rows.len() + 1, all.rows.len());
        let scratch = Scratch::new();
        let output = scratch.path("out.tsv");
        let words = format!("{WORDS} {option} fail -o");
        let (vcf, genome) = (variants(), genome());
        let error = fails(&words, &[&output, &vcf, &genome], 1, &[&vcf, "line", option, &genome]);
        let place = if status == "ref_mismatch" { "chr1:740" } else { "chrMissing:5" };
        assert!(error.contains(place), "{error}");
        assert!(scratch.names().is_empty());
    }
    // a record that is left out is left out of VCF too, and counted
    let words = "score-variants --context 16 --on-ref-mismatch skip --format vcf -o /dev/null";
    fails(
        words,
        &[&variants(), &genome()],
        0,
        &["records skipped by --on-missing-contig or --on-ref-mismatch: 1"],
    );
}

#[test]
fn counts_are_told_by_default() {
    let words = "score-variants --context 16 -o /dev/null";
    fails(
        words,
        &[&variants(), &genome()],
        0,
        &["54 ok", "1 too_long", "2 symbolic", "1 ref_mismatch", "1 missing_contig"],
    );
}

#[test]
fn no_header() {
    let with = text(WORDS, &[&variants(), &genome()]);
    let without = text(&format!("{WORDS} --no-header"), &[&variants(), &genome()]);
    let rows: String = with.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect();
    assert_eq!(without, rows);
    let bed = text(&format!("{WORDS} --no-header --format bed"), &[&variants(), &genome()]);
    assert!(!bed.contains('#'));
    assert_eq!(bed.lines().count(), rows.lines().count());
}

#[test]
fn headers_of_tables() {
    let paths = [&variants(), &genome()];
    let paths = paths.map(String::as_str);
    let rows = text(&format!("{WORDS} --header none"), &paths);
    let names = text(&format!("{WORDS} --header names"), &paths);
    assert_eq!(names.split_once('\n').unwrap().1, rows);
    assert!(names.starts_with("CHROM\tPOS\tID\tREF\tALT\tllr\t"), "{names}");
    assert_eq!(text(&format!("{WORDS} --no-header"), &paths), rows);
    assert!(text(&format!("{WORDS} --header full"), &paths).starts_with("##hyenadna_version"));
    fails(&format!("{WORDS} --header names --no-header"), &paths, 2, &["--no-header"]);
    // CSV: what TSV has, with commas, and nothing where nothing is known
    let csv = text(&format!("{WORDS} --format csv"), &paths);
    let (head, lines) = csv.split_once('\n').unwrap();
    assert!(head.starts_with("CHROM,POS,ID,REF,ALT,llr,"), "{head}");
    assert_eq!(lines.lines().count(), rows.lines().count());
    let fields = |line: &str, by: char| line.split(by).map(str::to_owned).collect::<Vec<_>>();
    for (csv, tsv) in lines.lines().zip(rows.lines()) {
        let mut tsv = fields(tsv, '\t');
        tsv[5..].iter_mut().filter(|value| *value == ".").for_each(String::clear);
        assert_eq!(fields(csv, ','), tsv);
    }
}

#[test]
fn parquet_has_numbers_and_nulls() {
    let scratch = Scratch::new();
    let path = scratch.path("scores.parquet");
    text(&format!("{WORDS} -o {path}"), &[&variants(), &genome()]);
    let (cells, _) = parquet_file(&path);
    let table = scored("");
    assert_eq!(cells.len(), table.rows.len());
    for (cells, row) in cells.iter().zip(&table.rows) {
        assert_eq!((&cells[..5], &cells[10]), (&row[..5], &row[10]));
        for (cell, text) in cells[5..10].iter().zip(&row[5..10]) {
            match (cell.parse::<f64>(), text.parse::<f64>()) {
                (Ok(cell), Ok(text)) => assert!((cell - text).abs() <= 1e-5 * text.abs() + 1e-9),
                _ => assert_eq!((cell.as_str(), text.as_str()), ("null", ".")),
            }
        }
    }
}

#[test]
fn numbers_as_ids_are_told() {
    let scratch = Scratch::new();
    let lines = read(&variants());
    let (before, line) = lines.split_at(lines.find("\nchr").unwrap());
    let (place, rest) = line.split_at(line.match_indices('\t').nth(1).unwrap().0);
    let rest = &rest[1 + rest[1..].find('\t').unwrap()..];
    let numbered = format!("{before}{place}\t12345{rest}");
    let path = scratch.file("v.vcf", &numbered);
    let words = "score-variants --context 16 -o /dev/null";
    fails(words, &[&path, &genome()], 0, &["12345", "bedtools", "--format bed"]);
    let outcome = run(&mut command(words, &[&variants(), &genome()]));
    assert!(!outcome.stderr.contains("bedtools"), "{outcome:?}");
}

#[test]
fn info_prefix_and_annotating_twice() {
    let scratch = Scratch::new();
    let words = format!("{WORDS} --format vcf");
    let once = text(&words, &[&variants(), &genome()]);
    let path = scratch.file("once.vcf", &once);
    let all = "INFO/HYENADNA_LLR,INFO/HYENADNA_LLR_FWD,INFO/HYENADNA_LLR_REV,INFO/HYENADNA_L2,";
    fails(&words, &[&path, &genome()], 1, &[all, "--info-prefix", "bcftools annotate -x INFO/"]);
    // declared or not
    let kept = once.split_inclusive('\n').filter(|line| !line.starts_with("##INFO=<ID=HYENADNA_"));
    let undeclared = scratch.file("undeclared.vcf", kept.collect::<String>());
    fails(&words, &[&undeclared, &genome()], 1, &[all, "line", "does not declare them"]);
    let words = format!("{WORDS} --format vcf --info-prefix Second.1");
    let twice = text(&words, &[&path, &genome()]);
    assert!(twice.contains("##INFO=<ID=Second.1_LLR,Number=A,Type=Float,"));
    for line in twice.lines().filter(|line| !line.starts_with('#')) {
        let info = line.split('\t').nth(7).unwrap();
        let (old, new) = info.split_once(";Second.1").unwrap();
        assert_eq!(old, format!("Second.1{new}").replace("Second.1_", "HYENADNA_"));
    }
    // a table needs no names
    text(&format!("{WORDS} --format tsv"), &[&path, &genome()]);
    for bad in ["1x", "a;b", "a=b"] {
        let words = format!("{WORDS} --format vcf --info-prefix {bad}");
        fails(&words, &[&variants(), &genome()], 1, &["--info-prefix"]);
    }
}

#[test]
fn context() {
    let words = "-q score-variants --context 1025";
    fails(
        words,
        &[&variants(), &genome()],
        1,
        &["1025", "1024", "--context", "hyenadna models list"],
    );
    fails("score-variants --context 0", &[&variants(), &genome()], 2, &["--context"]);
    let words = "-q score-variants --context 17";
    let other = Table::parse(&text(words, &[&variants(), &genome()]));
    assert_ne!(scored("").rows, other.rows);
}

/// Numbers of a column that both tables have, as pairs.
fn both(a: &Table, b: &Table, column: &str) -> Vec<(f64, f64)> {
    let pairs = numbers(&a.column(column)).into_iter().zip(numbers(&b.column(column)));
    pairs.filter_map(|(a, b)| Some((a?, b?))).collect()
}

fn assert_all_close(a: &Table, b: &Table, columns: &[&str]) {
    for column in columns {
        let pairs = both(a, b, column);
        assert!(pairs.len() > 20, "{column}: {} pairs", pairs.len());
        for (a, b) in pairs {
            assert!((a - b).abs() <= 1e-4 * (1.0 + a.abs()), "{column}: {a} {b}");
        }
    }
}

#[test]
fn tiled_windows_depend_on_the_variant_alone() {
    let scratch = Scratch::new();
    let all = scored("--window tiled");
    assert_ne!(all.column("llr"), scored("").column("llr"));
    // each record by itself has the scores that it has among all
    let text_of_all = read(&variants());
    let (header, records): (Vec<&str>, Vec<&str>) =
        text_of_all.lines().partition(|line| line.starts_with('#'));
    let mut rows = Vec::new();
    for (i, record) in records.iter().enumerate().step_by(7) {
        let one = scratch.file(&format!("{i}.vcf"), format!("{}\n{record}\n", header.join("\n")));
        let words = format!("{WORDS} --window tiled");
        let done = run(&mut command(&words, &[&one, &genome()]));
        // a record of a contig that is nowhere is an error by itself
        if done.code == Some(0) {
            rows.extend(Table::parse(str::from_utf8(&done.stdout).unwrap()).rows);
        }
    }
    assert!(rows.len() > 5);
    for row in rows {
        assert!(all.rows.contains(&row), "{row:?}");
    }
}

#[test]
fn downstream_counts_what_follows_the_variant() {
    // read forwards, all that follows is what differs between the whole windows, too
    for window in ["centered", "tiled"] {
        let whole = scored(&format!("--window {window} --strand forward"));
        let part = scored(&format!("--window {window} --strand forward --downstream 100000"));
        assert_all_close(&whole, &part, &["llr", "llr_fwd"]);
        assert_ne!(whole.column("embedding_l2"), part.column("embedding_l2"));
        // with a limit, windows begin on both strands where those of REF begin: an insertion
        // that is longer than half of one fits into none
        let [whole, part] = [&whole, &part].map(|table| table.column("status"));
        let differing = whole.iter().zip(&part).filter(|(whole, part)| whole != part);
        let differing: Vec<_> = differing.collect();
        let longest = if window == "centered" { 2 } else { 0 };
        assert_eq!(differing, vec![(&"ok", &"too_long"); longest]);
    }
    let (none, some) = (scored("--downstream 0"), scored("--downstream 3"));
    assert_ne!(none.column("llr"), some.column("llr"));
    let words = "score-variants --context 16 --downstream=-1";
    fails(words, &[&variants(), &genome()], 2, &["--downstream", "-1"]);
}

#[test]
fn types_of_products() {
    let (fp32, bf16) = (scored(""), scored("--dtype bf16"));
    assert_ne!(fp32.column("llr"), bf16.column("llr"));
    let pairs = both(&fp32, &bf16, "llr");
    let mean = pairs.iter().map(|(a, b)| (a - b).abs()).sum::<f64>() / pairs.len() as f64;
    assert!(mean > 0.0 && mean < 0.1, "{mean}");
    let words = "score-variants --device cpu --dtype tf32";
    fails(words, &[&variants(), &genome()], 1, &["tf32", "GPU", "bf16"]);
    fails("score-variants --dtype fp16", &[&variants(), &genome()], 2, &["fp16", "bf16"]);
}

#[test]
fn a_cache_of_filters_changes_nothing() {
    assert_all_close(&scored(""), &scored("--cache-bytes 0"), &["llr", "embedding_l2"]);
    fails("score-variants --cache-bytes 4GB", &[&variants(), &genome()], 2, &["4GB", "512M"]);
}

#[test]
fn contigs_of_another_assembly() {
    let scratch = Scratch::new();
    let other = scratch.file("other.vcf", read(&variants()).replace("chr", "scaffold"));
    let output = scratch.path("out.tsv");
    fails(
        &format!("{WORDS} -o"),
        &[&output, &other, &genome()],
        1,
        &["scaffold1", "chr1, chr2, chr3", "assembly"],
    );
    assert_eq!(scratch.names(), ["other.vcf"]);
}

#[test]
fn either_style_of_contig_names() {
    let scratch = Scratch::new();
    let (vcf, genome) = (data("demo/variants.vcf"), data("demo/genome.fa"));
    let want = Table::parse(&text(WORDS, &[&vcf, &genome]));
    assert!(want.column("CHROM").contains(&"chrM"));
    let bare = read(&vcf).replace("chrM", "MT").replace("chr", "");
    let bare = scratch.file("bare.vcf", bare);
    let got = Table::parse(&text(WORDS, &[&bare, &genome]));
    for name in ["POS", "llr", "embedding_cosine", "status"] {
        assert_eq!(got.column(name), want.column(name), "{name}");
    }
    let names: Vec<String> = want
        .column("CHROM")
        .iter()
        .map(|name| match *name {
            "chrM" => "MT".to_owned(),
            name => name.replace("chr", ""),
        })
        .collect();
    assert_eq!(got.column("CHROM"), names, "as the input has them");
    let words = "score-variants --context 16 -o /dev/null";
    fails(words, &[&bare, &genome], 0, &["chrM", "MT"]);
}

#[test]
fn suffixes_name_formats_and_others_are_refused() {
    let scratch = Scratch::new();
    for (name, start) in [
        ("a.tsv", "##hyenadna"),
        ("a.txt", "##hyenadna"),
        ("a.bed", "##hyenadna"),
        ("a.vcf", "##fileformat"),
    ] {
        let output = scratch.path(name);
        text(&format!("{WORDS} -o"), &[&output, &variants(), &genome()]);
        assert!(read(&output).starts_with(start), "{name}");
    }
    let output = scratch.path("a.xlsx");
    fails(&format!("{WORDS} -o"), &[&output, &variants(), &genome()], 2, &[".xlsx", "--format"]);
    // --format is stronger than the suffix
    let output = scratch.path("b.tsv");
    text(&format!("{WORDS} --format vcf -o"), &[&output, &variants(), &genome()]);
    assert!(read(&output).starts_with("##fileformat"));
}

#[test]
fn a_gzipped_reference_works_and_bgzip_is_recommended() {
    let scratch = Scratch::new();
    let plain = text(WORDS, &[&variants(), &genome()]);
    let bytes = std::fs::read(genome()).unwrap();
    for (name, bytes, warning) in [
        ("g.fa.gz", crate::harness::files::gzip(&bytes), true),
        ("b.fa.gz", crate::harness::files::bgzip(&bytes), false),
    ] {
        let path = scratch.file(name, bytes);
        let got = text(WORDS, &[&variants(), &path]);
        let rows = |text: &str| Table::parse(&without_command(text)).rows;
        assert_eq!(rows(&got), rows(&plain));
        let words = "score-variants --context 16 -o /dev/null";
        let log = fails(words, &[&variants(), &path], 0, &[]);
        assert_eq!(log.contains("bgzip"), warning, "{log}");
    }
    assert_eq!(scratch.names(), ["b.fa.gz", "g.fa.gz"], "no index unless asked");
}

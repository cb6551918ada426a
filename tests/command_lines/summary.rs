//! `--summary`: counts of a run as JSON.

use serde_json::{Value, json};

use crate::harness::{
    Scratch, command, data, fails,
    genome::{bases, fasta, vcf},
    heads, ok, read, run, run_with,
};

/// A genome, variants, regions, labels and splits in a folder.
fn inputs(scratch: &Scratch) -> [String; 4] {
    let contig = format!("{}{}", bases(400, 1), "N".repeat(60));
    let at = |position: usize| contig[position - 1..position].to_owned();
    let genome = fasta(scratch, "genome.fa", &[("chr1", &contig)]);
    let variants = vcf(
        scratch,
        "in.vcf",
        &[
            ("chr1", 100, at(100), format!("{},{}A", "<DEL>", at(100))),
            ("chr1", 200, at(200), ".".to_owned()),
            ("chr9", 10, "A".to_owned(), "C".to_owned()),
        ],
    );
    let regions = scratch.file("r.bed", "chr1\t10\t30\nchr1\t50\t60\nchr1\t420\t430\n");
    let labels = "#CHROM\tPOS\tREF\tALT\tlabel\n".to_owned();
    let labels = scratch.file(
        "labels.tsv",
        format!("{labels}chr1\t100\t{0}\t{0}A\t1\nchr1\t101\t{1}\t{1}A\t0\n", at(100), at(101)),
    );
    [genome, variants, regions, labels]
}

/// The summary of a run that succeeds. The last argument is its path.
fn summary(scratch: &Scratch, words: &str, paths: &[&str]) -> Value {
    let path = scratch.path("summary.json");
    let words = format!("{words} -o {} --summary {path}", scratch.path("out"));
    ok(&words, paths);
    let summary: Value = serde_json::from_str(&read(&path)).unwrap();
    assert_eq!(summary["command"], *words.split(' ').next().unwrap());
    assert_eq!(summary["version"], env!("CARGO_PKG_VERSION"));
    assert!(summary["command_line"].as_str().unwrap().starts_with("hyenadna "));
    assert!(summary["seconds"].as_f64().unwrap() >= 0.0);
    std::fs::remove_file(path).unwrap();
    summary
}

/// The counts of a summary.
fn counts(summary: &Value) -> Value {
    let keys = ["records", "alleles", "rows", "bases", "unknown_bases", "statuses"];
    let pair = |key: &&str| Some(((*key).to_owned(), summary.get(*key)?.clone()));
    Value::Object(keys.iter().filter_map(pair).collect())
}

#[test]
fn every_command_counts() {
    let scratch = Scratch::new();
    let [genome, variants, regions, _] = inputs(&scratch);
    let of = |words: &str, paths: &[&str]| summary(&scratch, words, paths);

    let found = of("score-variants", &[&variants, &genome]);
    let of_alleles = json!({"ok": 1, "symbolic": 1, "no_alt": 1, "missing_contig": 1});
    assert_eq!(counts(&found), json!({"records": 3, "alleles": 4, "statuses": of_alleles}));
    assert_eq!(found["reference"], *genome);
    assert!(found["model"].as_str().unwrap().starts_with("builtin:human-1k identity:"));
    assert_eq!([&found["strand"], &found["context"]], ["both", "1024"]);

    let found = of("embed --no-header", &[&regions, &genome]);
    assert_eq!(counts(&found), json!({"records": 3, "rows": 3, "statuses": {"ok": 3}}));
    let sequences = scratch.file("s.fa", ">a\nACGT\n>b\n");
    let found = of("embed", &[&sequences]);
    let expected = json!({"records": 2, "rows": 2, "statuses": {"ok": 1, "empty": 1}});
    assert_eq!(counts(&found), expected);
    assert_eq!(found.get("reference"), None);
    let found = of("embed --pool none", &[&regions, &genome]);
    assert_eq!(counts(&found)["rows"], 40);

    let found = of("likelihood", &[&regions, &genome]);
    let statuses = json!({"ok": 2, "unpredicted": 1});
    assert_eq!(counts(&found), json!({"records": 3, "bases": 30, "statuses": statuses}));

    let found = of("generate --length 9 --count 2", &[&regions, &genome]);
    assert_eq!(counts(&found), json!({"records": 3, "bases": 54, "statuses": {"ok": 6}}));
    assert_eq!([&found["length"], &found["top_p"]], ["9", "1"]);

    let found = of("mutagenesis --fast", &[&regions, &genome]);
    let statuses = json!({"ok": 2, "unscored": 1});
    let expected = json!({"records": 3, "bases": 40, "unknown_bases": 10, "statuses": statuses});
    assert_eq!(counts(&found), expected);

    let model = heads::model(&scratch, "m", &heads::two_classes());
    let predict = format!("predict -m {model}");
    let found = of(&predict, &[&regions, &genome]);
    assert_eq!(counts(&found), json!({"records": 3, "rows": 3, "statuses": {"ok": 3}}));
    assert_eq!(found["head"], "single-label mean forward other,promoter");
    let found = of(&predict, &[&sequences]);
    assert_eq!(counts(&found), json!({"records": 2, "rows": 2, "statuses": {"ok": 1, "empty": 1}}));
    let found = of(&format!("{predict} --stride 5"), &[&regions, &genome]);
    assert_eq!(counts(&found)["rows"], 8);
    let found = of(&predict, &[&variants, &genome]);
    assert_eq!(counts(&found), json!({"records": 3, "alleles": 4, "statuses": of_alleles}));

    let found = of("perplexity", &[&genome]);
    let expected = json!({"records": 1, "bases": 399, "statuses": {"ok": 1}});
    assert_eq!(counts(&found), expected);

    let words =
        "recall --window 64 --segment 12 --copies exact --backgrounds native --replicates 5";
    let found = of(words, &[&genome]);
    let expected = json!({"records": 1, "rows": 4, "bases": 320, "statuses": {"ok": 1}});
    assert_eq!(counts(&found), expected);

    let found = of("probe --baselines none", &[&data("tasks/motif")]);
    let statuses = json!({"train": 80, "valid": 30, "test": 40});
    assert_eq!(counts(&found), json!({"records": 150, "rows": 1, "statuses": statuses}));
    let found = of("icl --seeds 1 -k 0", &[&data("tasks/motif")]);
    assert_eq!(counts(&found), json!({"records": 150, "rows": 3, "statuses": statuses}));

    let vectors = scratch.file("v.tsv", "id\te0\te1\na\t1\t2\nb\tNaN\t0\nc\t3\t1\nd\t0\t5\n");
    let found = of("project", &[&vectors]);
    assert_eq!(counts(&found), json!({"rows": 4, "statuses": {"ok": 3, "nan": 1}}));
    assert_eq!(found["method"], "pca");
}

#[test]
fn labelled_alleles_are_counted() {
    let scratch = Scratch::new();
    let labels = inputs(&scratch)[3].clone();
    let rows = read(&labels).lines().skip(1).map(|line| format!("{line}\n")).collect::<String>();
    let scores = scratch.file("scores.tsv", format!("#CHROM\tPOS\tREF\tALT\tx\n{rows}"));
    let found = summary(&scratch, "evaluate", &[&scores, &labels]);
    let rows = read(&scratch.path("out")).lines().filter(|line| !line.starts_with('#')).count();
    let statuses = json!({"positive": 1, "negative": 1});
    assert_eq!(counts(&found), json!({"alleles": 2, "rows": rows, "statuses": statuses}));
    assert_eq!(found.get("model"), None);
}

/// A summary appears with the other outputs, or not at all.
#[test]
fn a_run_that_fails_has_no_summary() {
    let scratch = Scratch::new();
    let [genome, variants, regions, _] = inputs(&scratch);
    let model = heads::model(&scratch, "m", &heads::two_classes());
    let predict = format!("predict -m {model}");
    let before = scratch.names();
    let new = scratch.path("new.tsv");
    for (words, input) in [
        ("score-variants", &variants),
        ("embed", &regions),
        ("likelihood", &regions),
        ("generate --length 9", &regions),
        ("mutagenesis --fast", &regions),
        (&predict, &regions),
    ] {
        let paths = [input.as_str(), &genome];
        let full = format!("{words} -o /dev/full --summary {new}");
        fails(&full, &paths, 1, &["No space left"]);
        let nowhere = format!("{words} -o {} --summary", scratch.path("out"));
        let missing = scratch.path("no/folder.json");
        let all = [missing.as_str(), input, &genome];
        fails(&nowhere, &all, 1, &["cannot write", "no/folder.json"]);
        let same = format!("{words} -o {new} --summary {new}");
        fails(&same, &paths, 2, &["-o and --summary are the same file"]);
        let taken = format!("{words} --summary {genome}");
        fails(&taken, &paths, 2, &["--summary", "same file as the input"]);
    }
    assert_eq!(scratch.names(), before);
}

#[test]
fn a_summary_may_go_to_stdout() {
    let scratch = Scratch::new();
    let [genome, variants, ..] = inputs(&scratch);
    let words = format!("-q score-variants -o {} --summary -", scratch.path("out"));
    let out = run(&mut command(&words, &[&variants, &genome]));
    let summary: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(summary["records"], 3);
    // the reference of a VCF that we make is named unless it came from a pipe
    let regions = scratch.file("one.bed", "chr1\t10\t11\n");
    let words = format!("-q score-variants --all-snvs {regions} --format vcf -");
    let piped = run_with(&mut command(&words, &[]), read(&genome).as_bytes());
    let header = String::from_utf8(piped.stdout).unwrap();
    assert!(header.contains("##contig=<ID=chr1") && !header.contains("##reference"), "{header}");
}

//! `hyenadna evaluate` from the command line: figures, signs, classes, what is said, errors.

use crate::harness::{
    Outcome, Scratch, command, data, fails, files, read, run, run_with,
    table::{Table, without_command},
    text,
};

/// Six alleles of which the lowest ratios are positive, all but one.
const SCORES: &str = "##hyenadna_version=0\n\
    #CHROM\tPOS\tID\tREF\tALT\tllr\tembedding_l2\tstatus\n\
    chr1\t10\t.\tA\tC\t-3\t0.5\tok\n\
    chr1\t20\t.\tA\tG\t-2\t0.5\tok\n\
    chr1\t30\trs1\tA\tAT\t-1\t0.1\tok\n\
    chrM\t40\t.\tAC\tA\t1\t0.5\tok\n\
    chrM\t50\t.\tA\tT\t1\t0.2\tok\n\
    chrM\t60\t.\tG\tT\t2\t0.3\tok\n\
    chr2\t60\t.\tG\tT\t.\t.\tref_mismatch\n";

/// Not sorted, other names of contigs, lower case.
const LABELS: &str = "pos\tchrom\tRef\tALT\tlabel\tregion\n\
    60\tMT\tG\tT\t0\tD\n\
    10\t1\ta\tc\t1\tD\n\
    30\t1\tA\tAT\tfalse\tD\n\
    20\t1\tA\tG\tTrue\tC\n\
    40\tMT\tAC\tA\tPOSITIVE\tC\n\
    50\tMT\tA\tT\tnegative\t.\n";

fn both(scratch: &Scratch) -> [String; 2] {
    [scratch.file("scores.tsv", SCORES), scratch.file("labels.tsv", LABELS)]
}

fn evaluate(scores: &str, labels: &str, options: &str) -> (Table, String) {
    let out = run(&mut command(&format!("evaluate {options}"), &[scores, labels]));
    assert_eq!(out.code, Some(0), "{options}: {}", out.stderr);
    (Table::parse(std::str::from_utf8(&out.stdout).unwrap()), out.stderr)
}

/// The row of a class and a score.
fn row<'a>(table: &'a Table, by: &str, class: &str, score: &str) -> &'a [String] {
    let found = table.rows.iter().find(|row| row[..3] == [by, class, score]);
    found.unwrap_or_else(|| panic!("no row {by} {class} {score} in {table:?}"))
}

/// `python3 -c 'from sklearn.metrics import *; from scipy.stats import spearmanr
/// for l, s in (([1,1,0,1,0,0], [3,2,1,-1,-1,-2]), ([1,1,0,1,0,0], [.5,.5,.1,.5,.2,.3])):
///     print(roc_auc_score(l, s), average_precision_score(l, s), spearmanr(l, s).statistic)'`
#[test]
fn figures_are_those_of_scikit_learn() {
    let scratch = Scratch::new();
    let [scores, labels] = both(&scratch);
    let (table, log) = evaluate(&scores, &labels, "--by region");
    assert!(table.comments[0].starts_with("##hyenadna_version="));
    let found = row(&table, "all", "all", "llr");
    assert_eq!(found[3..8], ["-", "6", "3", "3", "0.5"]);
    assert_eq!([&*found[8], &*found[11], &*found[14]], ["0.833333", "0.866667", "0.594089"]);
    // from -2 down all are positive, and one positive is left
    assert_eq!([&*found[17], &*found[20]], ["0.707107", "-2"]);
    let found = row(&table, "all", "all", "embedding_l2");
    assert_eq!(found[3], "+");
    assert_eq!([&*found[8], &*found[11], &*found[14]], ["1", "1", "0.933257"]);
    assert_eq!([&*found[17], &*found[20]], ["1", "0.5"]);
    assert_eq!(row(&table, "all", "all", "|llr|")[3], "+");
    assert!(log.contains("llr: the negative is ranked"), "{log}");
    let classes: Vec<String> =
        table.rows.iter().map(|row| format!("{} {}", row[0], row[1])).collect();
    let mut classes: Vec<&str> = classes.iter().map(String::as_str).collect();
    classes.dedup();
    assert_eq!(classes, ["all all", "kind SNV", "kind indel", "region .", "region C", "region D"]);
    let n = |by, class| row(&table, by, class, "llr")[4..7].join(" ");
    assert_eq!(n("kind", "SNV"), "4 2 2");
    assert_eq!(n("kind", "indel"), "2 1 1");
    assert_eq!(n("region", "."), "1 0 1");
    assert!(table.rows.iter().all(|row| row.len() == table.header.len()));
}

#[test]
fn intervals_hold_the_figure_and_follow_the_seed() {
    let [scores, labels] = [data("evaluate/labels.tsv"), data("evaluate/labels.tsv")];
    let (table, _) = evaluate(&scores, &labels, "--scores AF");
    let all = row(&table, "all", "all", "AF");
    for first in [8, 11, 14] {
        let [value, low, high] = [0, 1, 2].map(|i| all[first + i].parse::<f64>().unwrap());
        assert!(low < value && value < high, "{all:?}");
    }
    let again = evaluate(&scores, &labels, "--scores AF --threads 2").0;
    assert_eq!(again.rows, table.rows);
    let other = evaluate(&scores, &labels, "--scores AF --seed 1").0;
    assert_ne!(other.rows, table.rows);
    assert_eq!(row(&other, "all", "all", "AF")[8], all[8]);
    let (without, log) = evaluate(&scores, &labels, "--scores AF --bootstrap 0");
    assert_eq!(without.column("auroc_low")[0], ".");
    assert_eq!(without.column("auroc"), table.column("auroc"));
    assert!(!log.contains("no intervals"), "{log}");
}

#[test]
fn a_sign_turns_a_score_round_and_says_so() {
    let scratch = Scratch::new();
    let [scores, labels] = both(&scratch);
    let value = |table: &Table, score, column: &str| {
        let i = table.header.iter().position(|name| name == column).unwrap();
        row(table, "all", "all", score)[i].clone()
    };
    let number = |table: &Table, score| value(table, score, "auroc").parse::<f64>().unwrap();
    let signs = ["expected", "+", "-", "auto"];
    let [expected, plus, minus, auto] =
        signs.map(|sign| evaluate(&scores, &labels, &format!("--bootstrap 0 --sign {sign}")));
    for (table, llr, l2) in
        [(&expected.0, "-", "+"), (&plus.0, "+", "+"), (&minus.0, "-", "-"), (&auto.0, "-", "+")]
    {
        assert_eq!(value(table, "llr", "sign"), llr);
        assert_eq!(value(table, "embedding_l2", "sign"), l2);
    }
    for score in ["llr", "|llr|", "embedding_l2"] {
        let sum = number(&plus.0, score) + number(&minus.0, score);
        assert!((sum - 1.0).abs() < 2e-6, "{score}: {sum}");
        assert!(number(&auto.0, score) >= 0.5);
    }
    assert!(auto.1.contains("the signs follow from these labels"), "{}", auto.1);
    assert!(!plus.1.contains("the negative is ranked"), "{}", plus.1);
}

#[test]
fn what_has_no_counterpart_is_counted() {
    let scratch = Scratch::new();
    let scores = scratch.file("scores.tsv", format!("{SCORES}chr1\t10\t.\tA\tC\t9\t9\tok\n"));
    let more = "60\t2\tG\tT\t1\tD\n99\tchrUn\tG\tT\t1\tD\n20\t1\tA\tG\t1\tC\n7\t1\tG\tT\t.\tD\n";
    let labels = scratch.file("labels.tsv", format!("{LABELS}{more}"));
    let (table, log) = evaluate(&scores, &labels, "");
    assert_eq!(row(&table, "all", "all", "llr")[4], "6");
    for phrase in [
        "labels.tsv: 5 positive, 3 negative",
        "alleles without a label: 1",
        "labelled alleles with scores: 7 of 8",
        "labels that match no score: 1 of 8 (such as chrUn:99 G>T)",
        "labelled alleles without a score: 1",
        "repeated alleles, of which the first counts: 1",
    ] {
        assert!(log.contains(phrase), "{phrase}: {log}");
    }
    let shorter = scratch.file("few.tsv", LABELS.lines().take(3).collect::<Vec<_>>().join("\n"));
    let (_, log) = evaluate(&scores, &shorter, "");
    assert!(log.contains("scored alleles without a label of either class: 5"), "{log}");
}

/// As ClinVar has one allele under two numbers, with two genes.
#[test]
fn alleles_that_are_labelled_again_are_counted_and_other_groups_are_named() {
    let scratch = Scratch::new();
    let scores = scratch.file("scores.tsv", SCORES);
    let again = "10\t1\tA\tC\t1\tD\n10\t1\tA\tC\ttrue\tE\n20\t1\tA\tG\t1\t.\n";
    let labels = scratch.file("labels.tsv", format!("{LABELS}{again}"));
    let (table, log) = evaluate(&scores, &labels, "--by region");
    assert_eq!(row(&table, "region", "D", "llr")[4], "3");
    for phrase in [
        "[info] ",
        "labels.tsv: repeated alleles of the same class, which count once: 1",
        "[warn] ",
        "repeated alleles with other values of --by, of which the first line counts: 2",
        "1:10 A>C has region D in line 3 and E in line 9",
        "1:20 A>G has region C in line 5 and . in line 10",
    ] {
        assert!(log.contains(phrase), "{phrase}: {log}");
    }
    let (_, log) = evaluate(&scores, &labels, "");
    assert!(log.contains("of the same class, which count once: 3"), "{log}");
    assert!(!log.contains("--by"), "{log}");
}

/// Values of ClinVar's CLNSIG have commas.
#[test]
fn a_label_may_have_a_comma() {
    let scratch = Scratch::new();
    let scores = scratch.file("scores.tsv", SCORES);
    let low = "Pathogenic,_low_penetrance";
    let named = LABELS.replace("True", low).replace("POSITIVE", low);
    let labels = scratch.file("labels.tsv", named);
    let options =
        r"--positive 1 --positive Pathogenic\,_low_penetrance --negative 0,false,negative";
    let (table, log) = evaluate(&scores, &labels, options);
    assert_eq!(row(&table, "all", "all", "llr")[5..7], ["3", "3"]);
    assert!(!log.contains("no allele has the label"), "{log}");
    let (table, log) = evaluate(&scores, &labels, &format!("--positive 1,{low} --negative 0"));
    assert_eq!(row(&table, "all", "all", "llr")[5..7], ["1", "1"]);
    assert!(log.contains("no allele has the label Pathogenic, _low_penetrance"), "{log}");
}

#[test]
fn a_class_without_both_labels_has_no_figures() {
    let scratch = Scratch::new();
    let scores = scratch.file("scores.tsv", SCORES);
    let labels = LABELS.lines().filter(|line| !line.starts_with("30")).collect::<Vec<_>>();
    let labels = scratch.file("labels.tsv", labels.join("\n"));
    let (table, log) = evaluate(&scores, &labels, "");
    let indel = row(&table, "kind", "indel", "llr");
    assert_eq!(indel[4..8], ["1", "1", "0", "1"]);
    assert!(indel[8..].iter().all(|value| value == "."), "{indel:?}");
    let warning = "kind indel: 1 positive, 0 negative: no figures, which need both";
    assert_eq!(log.matches(warning).count(), 1, "{log}");
    for (options, part) in [
        ("--negative nothing --positive 1,True", "no allele is negative by label"),
        ("--negative 0 --positive nothing", "no allele is positive by label"),
    ] {
        let words = format!("evaluate {options}");
        fails(&words, &[&scores, &labels], 1, &[part, "other labels are", &labels]);
    }
    let (table, _) = evaluate(&scores, &labels, "--scores llr,llr");
    let rows = table.rows.iter().filter(|row| row[..3] == ["all", "all", "llr"]);
    assert_eq!(rows.count(), 1);
}

/// Labels of a VCF, scores of a VCF, and both from one file, plain and binary.
#[test]
fn vcf_serves_for_both() {
    let scratch = Scratch::new();
    let vcf = "##fileformat=VCFv4.3\n\
        ##contig=<ID=chr1,length=100>\n\
        ##INFO=<ID=HYENADNA_LLR,Number=A,Type=Float,Description=\"x\">\n\
        ##INFO=<ID=AF,Number=A,Type=Float,Description=\"x\">\n\
        ##INFO=<ID=SIG,Number=1,Type=String,Description=\"x\">\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
        chr1\t1\t.\tA\tC,G\t.\t.\tHYENADNA_LLR=-2,-1.5;AF=0.5,0.1;SIG=Bad\n\
        chr1\t2\t.\tA\tC\t.\t.\tHYENADNA_LLR=-1.75;SIG=Good\n\
        chr1\t3\t.\tA\tC\t.\t.\tHYENADNA_LLR=.;SIG=Good\n\
        chr1\t4\t.\tA\tC\t.\t.\tHYENADNA_LLR=1;AF=0.7;SIG=Unclear\n\
        chr1\t5\t.\tA\tC\t.\t.\tHYENADNA_LLR=2;AF=0.25;SIG=Likely_good\n";
    let vcf = scratch.file("scored.vcf", vcf);
    let bcf = scratch.path("scored.bcf");
    files::vcf_to_bcf(&vcf, &bcf);
    let options = "--label SIG --positive Bad --negative Good,Likely_good";
    let (table, log) = evaluate(&vcf, &vcf, options);
    assert_eq!(table.column("score")[..2], ["HYENADNA_LLR", "|HYENADNA_LLR|"]);
    let found = row(&table, "all", "all", "HYENADNA_LLR");
    assert_eq!(found[3..7], ["-", "4", "2", "2"]);
    assert_eq!(found[8], "0.75");
    assert!(log.contains("skipped labels: Unclear (1)"), "{log}");
    let (binary, _) = evaluate(&bcf, &bcf, options);
    assert_eq!(binary.rows, table.rows);
    let (chosen, _) = evaluate(&vcf, &vcf, &format!("{options} --scores AF --by SIG"));
    assert_eq!(row(&chosen, "all", "all", "AF")[4..7], ["3", "2", "1"]);
    assert_eq!(row(&chosen, "SIG", "Likely_good", "AF")[4..7], ["1", "0", "1"]);
}

#[test]
fn scores_come_straight_from_score_variants() {
    let scratch = Scratch::new();
    let [variants, genome] = ["demo/variants.vcf", "demo/genome.fa"].map(data);
    let labels = data("evaluate/labels.tsv");
    let score = "score-variants --context 16";
    let [table, vcf] = ["scores.tsv", "scores.vcf.gz"].map(|name| scratch.path(name));
    for path in [&table, &vcf] {
        text(&format!("{score} -o {path}"), &[&variants, &genome]);
    }
    let from = |path: &str| evaluate(path, &labels, "--bootstrap 10").0;
    let (tsv, vcf) = (from(&table), from(&vcf));
    let names = ["llr", "|llr|", "llr_fwd", "|llr_fwd|", "llr_rev", "|llr_rev|"];
    assert_eq!(
        tsv.column("score")[..8],
        [&names[..], &["embedding_l2", "embedding_cosine"]].concat()
    );
    let figures =
        |table: &Table| table.rows.iter().map(|row| row[3..].to_vec()).collect::<Vec<_>>();
    assert_eq!(figures(&tsv), figures(&vcf));
}

#[test]
fn outputs_go_where_they_should() {
    let scratch = Scratch::new();
    let [scores, labels] = both(&scratch);
    let path = scratch.path("out.tsv");
    let whole = text("-q evaluate", &[&scores, &labels]);
    text("-q evaluate -o", &[&path, &scores, &labels]);
    assert_eq!(without_command(&read(&path)), without_command(&whole));
    let rows = text("-q evaluate --no-header", &[&scores, &labels]);
    assert!(!rows.contains('#') && whole.ends_with(&rows));
    let Outcome { code, stdout, stderr, .. } =
        run_with(&mut command("-q evaluate --no-header", &[&scores, "-"]), LABELS.as_bytes());
    assert_eq!((code, &*stderr), (Some(0), ""));
    assert_eq!(String::from_utf8(stdout).unwrap(), rows);
}

#[test]
fn what_is_wrong_is_named() {
    let scratch = Scratch::new();
    let [scores, labels] = both(&scratch);
    let head = "#CHROM\tPOS\tREF\tALT\tllr\tname\n";
    let table = |rows: &str| format!("{head}{rows}");
    let labelled = |rows: &str| format!("CHROM\tPOS\tREF\tALT\tlabel\n{rows}");
    for (text, options, phrases) in [
        (String::new(), "", &["bad.tsv is empty", "score-variants"][..]),
        (table(""), "", &["bad.tsv", "no allele follows the header"]),
        ("chr1\t10\t.\tA\tC\t-3\n".into(), "", &["bad.tsv, line 1", "found \"chr1", "expected"]),
        (table("1\t10\tA\tC\tNaN\tx\n"), "", &["line 2: llr is \"NaN\"", "finite number"]),
        (table("1\t10\tA\tC\tx\tx\n"), "", &["no column is a score: llr, name"]),
        (table("1\t10\tA\tC\tx\tx\n"), "--scores llr", &["line 2: llr is \"x\""]),
        (table("1\t10\tA\tC\t.\tx\n"), "--scores LLR", &["bad.tsv: LLR has no number"]),
        (table("1\t10\tA\tC\t1\tx\n"), "--scores l2", &["no column l2; it has: llr, name"]),
        (
            table("1\t11\tA\tC\t1\tx\n"),
            "",
            &["(such as 1:11 A>C)", "(such as MT:60 G>T", "must be the same"],
        ),
        (table("1\t11\tA\tC\t1\n"), "", &["line 2: found 5 columns", "expected 6"]),
        (table("1\t-1\tA\tC\t1\tx\n"), "", &["line 2: POS is \"-1\""]),
    ] {
        let path = scratch.file("bad.tsv", text);
        fails(&format!("evaluate {options}"), &[&path, &labels], 1, phrases);
    }
    let named = "--positive a --negative b";
    for (text, options, phrases) in [
        (String::new(), "", &["bad.tsv is empty", "expected a table"][..]),
        (labelled(""), "", &["no allele follows the header"]),
        (labelled("1\t10\tA\tC\tVUS\n"), "", &["line 2: label is \"VUS\"", "--positive"]),
        (labelled("1\t10\tA\tC\tNaN\n"), "", &["line 2: label is \"NaN\"", "expected 1 or 0"]),
        (labelled("1\t10\tA\tC\t.\n"), "", &["has no column label"]),
        (
            labelled("1\t10\tA\tC\t1\n1\t11\tA\tC\t0\n1\t10\ta\tC\t0\n"),
            "",
            &["line 4: 1:10 A>C is negative here but positive in line 2"],
        ),
        (labelled("1\t10\tA\tC\tc\n"), named, &["name no value of label", "c (1)"]),
        (labelled("1\t10\tA\tC\t1\n"), "--label x", &["no column x; it has: label"]),
        (labelled("1\t10\tA\tC\t1\n"), "--by x", &["no column x; it has: label"]),
    ] {
        let path = scratch.file("bad.tsv", text);
        fails(&format!("evaluate {options}"), &[&scores, &path], 1, phrases);
    }
    for (options, phrases) in [
        ("--positive a", &["--negative"][..]),
        ("--positive a,b --negative b", &["b is named by --positive and by --negative"]),
        (r"--positive a\b --negative c", &["backslash", "--positive"]),
        ("--positive a,,b --negative c", &["a value is empty"]),
        ("--sign up", &["up", "expected, +, -, auto"]),
        ("--bootstrap x", &["--bootstrap"]),
    ] {
        fails(&format!("evaluate {options}"), &[&scores, &labels], 2, phrases);
    }
    fails("evaluate - -", &[], 2, &["cannot both be stdin"]);
    let vcf = data("demo/variants.vcf");
    fails("evaluate", &[&vcf, &labels], 1, &["no INFO field with scores", "--scores"]);
    fails("evaluate --label SIG", &[&scores, &vcf], 1, &["no INFO field SIG; it has: "]);
    let genome = data("demo/genome.fa");
    fails("evaluate", &[&genome, &labels], 1, &["genome.fa, line 1: found \">chr1"]);
    fails("evaluate", &["/nonexistent", &labels], 1, &["cannot open /nonexistent"]);
}

#[test]
fn curves_are_drawn() {
    let scratch = Scratch::new();
    let [scores, labels] = both(&scratch);
    let prefix = scratch.path("curves.of.mine");
    let table = text("-q evaluate --plot", &[&prefix, &scores, &labels]);
    assert_eq!(without_command(&table), without_command(&text("-q evaluate", &[&scores, &labels])));
    let names = ["pr.png", "pr.svg", "roc.png", "roc.svg"];
    let expected = names.map(|name| format!("curves.of.mine.{name}"));
    assert_eq!(scratch.names()[..4], expected);
    for (name, phrases) in [
        ("roc", ["ROC curves", ">\u{2212}llr<", ">AUROC 0.833 [", ">embedding_l2<", ">n = "]),
        (
            "pr",
            [
                "Precision-recall",
                ">|llr|<",
                ">average precision 0.867 [",
                ", base rate 0.",
                "[ ]: 95",
            ],
        ),
    ] {
        let svg = read(&format!("{prefix}.{name}.svg"));
        for phrase in phrases {
            assert!(svg.contains(phrase), "{phrase}: {svg}");
        }
        let png = std::fs::read(format!("{prefix}.{name}.png")).unwrap();
        assert!(png.starts_with(b"\x89PNG"));
    }
    // of both classes there are labels, but of one there are scores
    let lines: Vec<&str> = SCORES.lines().collect();
    let first = lines.iter().position(|line| !line.starts_with('#')).unwrap();
    let one = scratch.file("one.tsv", lines[..=first].join("\n"));
    let (_, log) = evaluate(&one, &labels, &format!("--plot {}", scratch.path("none")));
    assert!(log.contains("nothing is drawn"), "{log}");
    assert!(!scratch.names().iter().any(|name| name.starts_with("none")));
    let nowhere = scratch.path("nowhere/x");
    fails("evaluate --plot", &[&nowhere, &scores, &labels], 1, &["cannot write", "x.roc.svg"]);
    // without the table there are no curves either
    let before = scratch.names();
    let plot = scratch.path("new");
    let full = ["/dev/full", "No space left"];
    fails("evaluate -o /dev/full --plot", &[&plot, &scores, &labels], 1, &full);
    fails("evaluate --plot", &[&scratch.path(""), &scores, &labels], 2, &["start of a name"]);
    let taken = scratch.path("new.pr.svg");
    fails("evaluate --plot", &[&plot, &scores, &labels, "-o", &taken], 2, &["the same file"]);
    fails("evaluate -o", &[&labels, &scores, &labels], 2, &["the same file", &labels]);
    assert_eq!(scratch.names(), before);
}

/// Four curves are drawn, and the log names the others; --curves chooses.
#[test]
fn curves_are_chosen() {
    let scratch = Scratch::new();
    let [scores, labels] = both(&scratch);
    let more = |line: &str| match line {
        _ if line.starts_with("##") => line.to_owned(),
        _ if line.starts_with('#') => format!("{line}\tx1\tx2\tx3"),
        _ => format!("{line}\t1\t2\t3"),
    };
    let many: Vec<String> = read(&scores).lines().map(more).collect();
    let many = scratch.file("many.tsv", many.join("\n"));
    let prefix = scratch.path("curves");
    let svg = || read(&format!("{prefix}.roc.svg"));
    let (_, log) = evaluate(&many, &labels, &format!("--plot {prefix}"));
    assert!(
        log.contains("--plot draws 4 scores and leaves out x2, x3; choose with --curves"),
        "{log}"
    );
    assert!(svg().contains(">x1<") && !svg().contains(">x2<"));
    let (_, log) = evaluate(&many, &labels, &format!("--curves x3,|llr| --plot {prefix}"));
    assert!(!log.contains("leaves out"), "{log}");
    let svg = svg();
    assert!(svg.find(">x3<").unwrap() < svg.find(">|llr|<").unwrap() && !svg.contains(">x1<"));
    for (curves, phrases) in [
        ("llr,none", ["--curves none: no such score", "llr, |llr|, embedding_l2, x1"]),
        ("a,b,c,d,e,f,g,h", ["--curves takes 7 scores at most", "colours"]),
    ] {
        let words = format!("evaluate --curves {curves} --plot");
        fails(&words, &[&scratch.path("new"), &many, &labels], 2, &phrases);
    }
    fails("evaluate --curves llr", &[&many, &labels], 2, &["--plot"]);
    assert!(!scratch.names().iter().any(|name| name.starts_with("new")));
}

//! `predict` on variants: values of the windows with REF and with ALT.

use hyenadna::model::head::{HeadStrands, HeadTask};

use crate::harness::{
    Scratch, command, fails,
    genome::{bases, fasta, other, vcf},
    heads::{self, classes},
    ok, read, run,
    table::{Table, assert_close},
    text,
};

/// A genome with variants: an SNV, a deletion, an insertion, and alleles without values.
fn inputs(scratch: &Scratch) -> (String, String, String) {
    let contig = bases(400, 3);
    let at = |from: usize, to: usize| contig[from - 1..to].to_owned();
    let genome = fasta(scratch, "g.fa", &[("chr1", &contig)]);
    let variants = vcf(
        scratch,
        "v.vcf",
        &[
            ("chr1", 100, at(100, 100), format!("{},<DEL>", other(&at(100, 100)))),
            ("chr1", 150, at(150, 153), at(150, 150)),
            ("chr1", 200, at(200, 200), format!("{}GATTACA", at(200, 200))),
            ("chr1", 250, other(&at(250, 250)).to_owned(), at(250, 250)),
            ("chr9", 5, "A".to_owned(), "C".to_owned()),
        ],
    );
    (contig, genome, variants)
}

/// Windows of `length` bases with REF and with ALT of the first three variants, as sequences.
fn windows(scratch: &Scratch, contig: &str, length: usize) -> String {
    let other = other(&contig[99..100]);
    let window = |start: usize, with: &str| format!("{}{with}", &contig[start..]);
    let edited = |start: usize, position: usize, added: &str, removed: usize| {
        format!("{}{added}{}", &contig[start..position], &contig[position + removed..])
    };
    let half = length / 2;
    let pairs = [
        (window(99 - half, ""), edited(99 - half, 99, other, 1)),
        (window(150 - half, ""), edited(150 - half, 150, "", 3)),
        (window(200 - half, ""), edited(200 - half, 200, "GATTACA", 0)),
    ];
    let records = pairs.iter().flat_map(|(r, a)| [r, a]).enumerate();
    let records: String =
        records.map(|(i, bases)| format!(">{i}\n{}\n", &bases[..length])).collect();
    scratch.file("w.fa", records)
}

fn columns(table: &Table, names: &[String]) -> Vec<Vec<f64>> {
    let columns: Vec<Vec<&str>> = names.iter().map(|name| table.column(name)).collect();
    let row = |i: usize| columns.iter().map(|column| column[i].parse().unwrap()).collect();
    (0..table.rows.len()).map(row).collect()
}

#[test]
fn values_are_those_of_the_windows() {
    let scratch = Scratch::new();
    let (contig, genome, variants) = inputs(&scratch);
    let names = ["exon", "intron", "none"];
    let concat = heads::config(HeadTask::SingleLabel, &names);
    let concat = heads::HeadConfig { strands: HeadStrands::Concat, ..concat };
    for (name, config) in [("forward", classes()), ("concat", concat)] {
        let model = heads::model(&scratch, name, &config);
        // windows of the length of the training sequences, 64 bases, and of another
        for (strand, length, option) in
            [("auto", 64, ""), ("both", 64, ""), ("reverse", 32, "--window 32")]
        {
            let sequences = windows(&scratch, &contig, length);
            let words = format!("-q predict --strand {strand} -m");
            let of_windows = Table::parse(&text(&words, &[&model, &sequences]));
            let words = format!("-q predict --strand {strand} {option} -m");
            let want = columns(&of_windows, &names.map(|name| format!("p_{name}")));
            let mut got = Table::parse(&text(&words, &[&model, &variants, &genome]));
            assert_eq!(
                got.column("status"),
                ["ok", "symbolic", "ok", "ok", "ref_mismatch", "missing_contig"]
            );
            assert_eq!(got.column("p_exon_ref")[1], ".");
            assert_eq!(got.column("predicted_alt")[4], ".");
            got.rows = [0, 2, 3].map(|i| got.rows[i].clone()).into();
            let of = |end: &str| columns(&got, &names.map(|name| format!("p_{name}_{end}")));
            let every = |first: usize| want[first..].iter().step_by(2).cloned().collect::<Vec<_>>();
            assert_close(&of("ref"), &every(0), 1e-5);
            assert_close(&of("alt"), &every(1), 1e-5);
            for ((r, a), d) in of("ref").iter().zip(of("alt")).zip(of("diff")) {
                (0..3).for_each(|i| assert!((a[i] - r[i] - d[i]).abs() < 1e-5));
                assert!(d.iter().any(|d| d.abs() > 1e-4), "{d:?}");
            }
            let predicted = of_windows.column("predicted");
            assert_eq!(got.column("predicted_ref"), [predicted[0], predicted[2], predicted[4]]);
            assert_eq!(got.column("predicted_alt"), [predicted[1], predicted[3], predicted[5]]);
        }
    }
}

#[test]
fn a_swapped_allele_has_its_own_windows() {
    let scratch = Scratch::new();
    let (_, genome, variants) = inputs(&scratch);
    let model = heads::model(&scratch, "m", &classes());
    let words = "-q predict --on-ref-mismatch swap --format csv -m";
    let rows = text(words, &[&model, &variants, &genome]);
    let swapped: Vec<&str> =
        rows.lines().find(|line| line.ends_with("swapped")).unwrap().split(',').collect();
    // the same change, the other way round
    let contig = bases(400, 3);
    let reference = contig[249..250].to_owned();
    let other = other(&reference).to_owned();
    let turned = vcf(&scratch, "t.vcf", &[("chr1", 250, reference, other)]);
    let rows = text("-q predict --format csv --no-header -m", &[&model, &turned, &genome]);
    let straight: Vec<&str> = rows.trim_end().split(',').collect();
    assert_eq!((swapped[5], swapped[6]), (straight[6], straight[5]));
}

#[test]
fn vcf_has_fields_for_each_allele() {
    let scratch = Scratch::new();
    let (_, genome, variants) = inputs(&scratch);
    let labels = heads::config(HeadTask::MultiLabel, &["H3 K4", "a,b"]);
    let model = heads::model(&scratch, "m", &labels);
    let paths = [&model, &variants, &genome].map(String::as_str);
    let tsv = Table::parse(&text("-q predict --threshold 0 -m", &paths));
    let out = text("-q predict --threshold 0 --format vcf -m", &paths);
    assert!(out.contains("##INFO=<ID=HYENADNA_P_H3_K4_DIFF,Number=A,Type=Float,Description=\"probability of H3 K4 of the ALT window minus that of the REF window\">"), "{out}");
    let record = out.lines().find(|line| line.starts_with("chr1\t100\t")).unwrap();
    let field = |name: &str| {
        let info = record.split('\t').nth(7).unwrap();
        let value = info.split(';').find_map(|field| field.strip_prefix(&format!("{name}=")));
        value.unwrap_or_else(|| panic!("{name}: {record}")).to_owned()
    };
    let first = |name: &str| format!("{},.", tsv.column(name)[0]);
    assert_eq!(field("HYENADNA_P_H3_K4_REF"), first("p_H3 K4_ref"));
    assert_eq!(field("HYENADNA_P_a_b_ALT"), first("p_a,b_alt"));
    assert_eq!(field("HYENADNA_PREDICTED_REF"), "H3_K4|a_b,.");
    assert_eq!(tsv.column("predicted_ref")[0], "H3 K4,a,b");
    assert_eq!(field("HYENADNA_STATUS"), "ok,symbolic");
    // again, under the same names
    let again = scratch.file("again.vcf", &out);
    let paths = [&model, &again, &genome].map(String::as_str);
    fails("predict --format vcf -m", &paths, 1, &["INFO/HYENADNA_P_H3_K4_REF", "--info-prefix"]);
    let out = text("-q predict --format vcf --info-prefix MINE -m", &paths);
    assert!(out.contains("MINE_P_a_b_DIFF=") && out.contains(";HYENADNA_STATUS="), "{out}");
    // BCF in, BCF out
    let contig = "##contig=<ID=chr1>\n##contig=<ID=chr9>\n#CHROM";
    let again = scratch.file("contigs.vcf", read(&again).replacen("#CHROM", contig, 1));
    let bcf = scratch.path("v.bcf");
    let paths = [&model, &again, &genome].map(String::as_str);
    ok(&format!("-q predict --info-prefix B -o {bcf} -m"), &paths);
    let words = "-q predict -m";
    let got = Table::parse(&text(words, &[&model, &bcf, &genome]));
    assert_eq!(got.column("p_a,b_alt"), tsv.column("p_a,b_alt"));
    // two labels that cannot be told apart in INFO
    let alike = heads::config(HeadTask::MultiLabel, &["a b", "a,b"]);
    let alike = heads::model(&scratch, "alike", &alike);
    let paths = [&alike, &variants, &genome].map(String::as_str);
    fails("predict --format vcf -m", &paths, 2, &["same name in INFO", "P_a_b_REF", "tsv"]);
    assert_eq!(run(&mut command("-q predict -m", &paths)).code, Some(0));
}

/// Policies and circles are those of score-variants.
#[test]
fn policies_and_circles_are_kept() {
    let scratch = Scratch::new();
    let (contig, genome, variants) = inputs(&scratch);
    let model = heads::model(&scratch, "m", &classes());
    let status = |options: &str| {
        let words = format!("-q predict {options} -m");
        let table = Table::parse(&text(&words, &[&model, &variants, &genome]));
        table.column("status").iter().map(|status| (*status).to_owned()).collect::<Vec<_>>()
    };
    let ok = ["ok", "symbolic", "ok", "ok"];
    assert_eq!(status("--on-missing-contig skip"), [&ok[..], &["ref_mismatch"]].concat());
    assert_eq!(status("--on-ref-mismatch skip"), [&ok[..], &["missing_contig"]].concat());
    let paths = [&model, &variants, &genome].map(String::as_str);
    fails("predict --on-missing-contig fail -m", &paths, 1, &["chr9"]);
    fails("predict --on-ref-mismatch fail -m", &paths, 1, &["250"]);
    // the window of base 3 of a circle begins near its end
    let alternative = other(&contig[2..3]).to_owned();
    let near = [("chr1", 3, contig[2..3].to_owned(), alternative.clone())];
    let near = vcf(&scratch, "near.vcf", &near);
    let got = Table::parse(&text("-q predict --circular chr1 -m", &[&model, &near, &genome]));
    let turned = format!("{}{}", &contig[300..], &contig[..300]);
    let turned = fasta(&scratch, "t.fa", &[("chr1", &turned)]);
    let middle = vcf(&scratch, "mid.vcf", &[("chr1", 103, contig[2..3].to_owned(), alternative)]);
    let want = Table::parse(&text("-q predict -m", &[&model, &middle, &turned]));
    let linear = Table::parse(&text("-q predict -m", &[&model, &near, &genome]));
    for name in ["p_exon_ref", "p_exon_alt", "p_none_diff"] {
        assert_eq!(got.column(name), want.column(name), "{name}");
    }
    assert_ne!(got.column("p_exon_ref"), linear.column("p_exon_ref"));
}

#[test]
fn what_variants_lack_is_said() {
    let scratch = Scratch::new();
    let (contig, genome, variants) = inputs(&scratch);
    let model = heads::model(&scratch, "m", &classes());
    let per_base = heads::config(HeadTask::BaseClasses, &["gene", "other"]);
    let per_base = heads::model(&scratch, "b", &per_base);
    let paths = [&model, &variants, &genome].map(String::as_str);
    for (words, phrases) in [
        ("--stride 5", ["--stride is for regions", "window of its own"]),
        ("--long chunk", ["--long is for regions", "window of its own"]),
        ("--top 1", ["--top is for regions", "every class"]),
        ("--format npy", ["predicted variants are written as", "vcf or bcf"]),
        ("--info-prefix X", ["--info-prefix is for --format vcf", "tables"]),
        ("--window 1", ["2 bases or more", "--window"]),
        ("--window 1025", ["--window 1025", "1024 bases"]),
    ] {
        fails(&format!("predict {words} -m"), &paths, 2, &phrases);
    }
    let per_base = [&per_base, &variants, &genome].map(String::as_str);
    fails("predict -m", &per_base, 2, &["values for each base", "whole sequences"]);
    fails("predict -m", &paths[..2], 2, &["variants need a reference genome"]);
    let regions = scratch.file("r.bed", "chr1\t10\t90\n");
    let paths = [&model, &regions, &genome].map(String::as_str);
    for (words, phrases) in [
        ("--format vcf", ["formats of predicted variants", "--format tsv"]),
        ("--on-ref-mismatch skip", ["--on-ref-mismatch is for variants", "regions"]),
        ("--circular chr1", ["--circular is for variants", "regions"]),
        ("--info-prefix X", ["--info-prefix is for variants", "regions"]),
    ] {
        fails(&format!("predict {words} -m"), &paths, 2, &phrases);
    }
    // a contig with fewer bases than the head has parts
    let bins = heads::config(HeadTask::SingleLabel, &["a", "b"]);
    let bins = heads::HeadConfig { pool: "bins:9".parse().unwrap(), ..bins };
    let bins = heads::model(&scratch, "bins", &bins);
    let small = fasta(&scratch, "s.fa", &[("chr1", &contig[..6])]);
    let other = other(&contig[2..3]).to_owned();
    let variants = vcf(&scratch, "s.vcf", &[("chr1", 3, contig[2..3].to_owned(), other)]);
    let outcome = run(&mut command("predict --strict -m", &[&bins, &variants, &small]));
    assert_eq!(outcome.code, Some(3));
    let got = Table::parse(&String::from_utf8(outcome.stdout).unwrap());
    assert_eq!((got.column("status"), got.column("p_a_ref")), (vec!["short"], vec!["."]));
    let summary = scratch.path("summary.json");
    ok(&format!("-q predict --summary {summary} -m"), &[&bins, &variants, &small]);
    assert!(read(&summary).contains("\"short\": 1"), "{}", read(&summary));
}

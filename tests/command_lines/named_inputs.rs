//! Regions, variants and references that the command line names one by one.

use crate::harness::{
    Scratch, command, fails,
    genome::{bases, fasta, other, vcf},
    run,
    table::{Table, without_command},
    text,
};

#[test]
fn regions_are_those_of_a_bed() {
    let scratch = Scratch::new();
    let contigs = [("chr1", bases(90, 61)), ("HLA-A*01:01", bases(50, 62))];
    let contigs = contigs.each_ref().map(|(name, bases)| (*name, bases.as_str()));
    let genome = fasta(&scratch, "g.fa", &contigs);
    let named = "-r chr1:11-20 --region 1:81- --region HLA-A*01:01 --region HLA-A*01:01:2-1,0";
    let bed = "chr1\t10\t20\n1\t80\t90\nHLA-A*01:01\t0\t50\nHLA-A*01:01\t1\t10\n";
    let bed = scratch.file("r.bed", bed);
    for words in ["embed", "likelihood --per-base", "mutagenesis"] {
        let of_bed = text(&format!("-q {words}"), &[&bed, &genome]);
        for reference in ["", "--reference"] {
            let got = text(&format!("-q {words} {named} {reference}"), &[&genome]);
            assert_eq!(without_command(&got), without_command(&of_bed), "{words}");
        }
    }
    for (region, code, phrase) in [
        ("chr1:0-5", 2, "1-based"),
        ("chr1:x", 2, "CHROM:START-END"),
        ("chr1:9-8", 2, "start is after the end"),
        ("chr9", 2, "expected a contig"),
        ("chr9:1-2", 1, "chr9 is not in"),
        ("chr1:1-91", 1, "ends beyond"),
    ] {
        let words = format!("embed --region {region}");
        fails(&words, &[&genome], code, &["--region", phrase]);
    }
    fails("embed --region chr1", &[&bed, &genome], 2, &["the only argument", &bed, &genome]);
    fails("embed --region chr1", &[], 2, &["--region needs a reference"]);
}

#[test]
fn a_reference_is_an_argument_or_an_option() {
    let scratch = Scratch::new();
    let own = bases(90, 63);
    let genome = fasta(&scratch, "g.fa", &[("c", &own)]);
    let variants = vcf(&scratch, "v.vcf", &[("c", 40, &own[39..40], other(&own[39..40]))]);
    let words = "-q score-variants --context 32";
    let want = text(words, &[&variants, &genome]);
    let got = text(&format!("{words} --reference {genome}"), &[&variants]);
    assert_eq!(without_command(&got), without_command(&want));
    let twice = format!("{words} --reference {genome}");
    fails(&twice, &[&variants, &genome], 2, &["named twice", "--reference"]);
    let bed = scratch.file("r.bed", "c\t3\t9\n");
    let snvs = text(&format!("{words} --all-snvs {bed}"), &[&genome]);
    let by_option = text(&format!("{words} --all-snvs {bed} --reference {genome}"), &[]);
    assert_eq!(without_command(&by_option), without_command(&snvs));
    let perplexity = text("-q perplexity --window 16", &[&genome]);
    let by_option = text("-q perplexity --window 16 --reference", &[&genome]);
    assert_eq!(without_command(&by_option), without_command(&perplexity));
}

#[test]
fn variants_are_those_of_a_vcf() {
    let scratch = Scratch::new();
    let own = bases(90, 64);
    let genome = fasta(&scratch, "g.fa", &[("c", &own)]);
    let (snv, deleted) = (&own[39..40], &own[59..63]);
    let records =
        [("c", 40, snv, other(snv)), ("c", 60, deleted, &deleted[..1]), ("d", 1, "A", "C")];
    let variants = vcf(&scratch, "v.vcf", &records);
    let words = "-q score-variants --context 32";
    let named: Vec<String> = records
        .iter()
        .map(|(contig, at, reference, alternative)| {
            format!("--variant {contig}:{at}:{reference}:{alternative}")
        })
        .collect();
    let want = Table::parse(&text(words, &[&variants, &genome]));
    let got = Table::parse(&text(&format!("{words} {}", named.join(" ")), &[&genome]));
    let without_id = |table: &Table| {
        let fields = |row: &Vec<String>| [&row[..2], &row[3..]].concat();
        table.rows.iter().map(fields).collect::<Vec<_>>()
    };
    assert_eq!(without_id(&got), without_id(&want));
    assert_eq!(got.column("status"), ["ok", "ok", "missing_contig"]);
    let output = scratch.path("o.vcf");
    text(&format!("{words} --variant c-40-{snv}-N -o {output}"), &[&genome]);
    fails(&format!("{words} --variant c:40:A"), &[&genome], 2, &["CHROM:POS:REF:ALT"]);
    let both = format!("{words} --variant c:40:A:C");
    fails(&both, &[&variants, &genome], 2, &["with --variant the reference is the only argument"]);
}

/// One deletion, written at every place where it makes the same sequence.
#[test]
fn normalized_indels_have_one_score() {
    let scratch = Scratch::new();
    let flank = [bases(60, 65), bases(60, 66)];
    let own = format!("{}GAAAAAAAAC{}", flank[0], flank[1]);
    let genome = fasta(&scratch, "g.fa", &[("c", &own)]);
    // G is base 61, followed by eight A
    let deletions = [(61, "GA", "G"), (64, "AA", "A"), (68, "AA", "A"), (61, "GAA", "GA")];
    let insertions = [(61, "G", "GA"), (65, "A", "AA"), (69, "A", "AA")];
    let records = deletions.iter().chain(&insertions);
    let records: Vec<_> = records.map(|&(at, from, to)| ("c", at, from, to)).collect();
    let variants = vcf(&scratch, "v.vcf", &records);
    let words = "-q score-variants --context 64 --scores llr,site";
    let plain = Table::parse(&text(words, &[&variants, &genome]));
    let normal = Table::parse(&text(&format!("{words} --normalize"), &[&variants, &genome]));
    for name in ["llr", "site", "site_rev"] {
        let [plain, normal] = [&plain, &normal].map(|table| table.numbers(name));
        assert!(normal[..4].iter().all(|score| *score == plain[0]), "{name} {normal:?}");
        assert!(normal[4..].iter().all(|score| *score == plain[4]), "{name} {normal:?}");
        assert_ne!(plain[0], plain[2], "{name}");
    }
    let places = |table: &Table| table.rows.iter().map(|row| row[..5].to_vec()).collect::<Vec<_>>();
    assert_eq!(places(&plain), places(&normal));
    assert!(normal.comments.contains(&"##hyenadna_normalize=left".to_owned()));
    fails(&format!("{words} --normalize --phase"), &[&variants, &genome], 2, &["--phase"]);
}

#[test]
fn options_of_bcftools_are_known_or_have_a_tip() {
    for option in ["-O z", "-Oz", "--output-type z"] {
        let words = format!("score-variants {option} v.vcf g.fa");
        fails(&words, &[], 2, &["-o out.vcf.gz"]);
    }
    for option in ["-W", "-W=csi", "--write-index"] {
        fails(&format!("score-variants {option} v.vcf g.fa"), &[], 2, &["ends in .gz"]);
    }
}

#[test]
fn names_are_taken_as_they_are() {
    let scratch = Scratch::new();
    let own = bases(60, 67);
    let genome = fasta(&scratch, "g.fa", &[("track", &own), ("chrM", &own)]);
    // a contig may be called like a line of a browser
    for words in ["-q likelihood -r track", "-q likelihood --region track:1-60"] {
        assert_eq!(Table::parse(&text(words, &[&genome])).rows.len(), 1);
    }
    let bed = scratch.file("r.bed", "track name=x\ntrack\t0\t60\n");
    assert_eq!(Table::parse(&text("-q likelihood", &[&bed, &genome])).rows.len(), 1);
    // the reference's name of the contig, which a header declares
    let variant = format!("MT:9:{}:{}", &own[8..9], other(&own[8..9]));
    for name in ["o.bcf", "o.vcf"] {
        let words = format!("-q score-variants --context 32 --variant {variant} --variant x:1:A:C");
        text(&format!("{words} -o {}", scratch.path(name)), &[&genome]);
    }
    let written = std::fs::read_to_string(scratch.path("o.vcf")).unwrap();
    assert!(written.contains("\nchrM\t9\t") && written.contains("##contig=<ID=x>\n"), "{written}");
    // an argument that equals the variable is an argument
    let mut twice = command("-q likelihood", &[&genome, &genome]);
    assert_eq!(run(twice.env("HYENADNA_REFERENCE", &genome)).code, Some(2));
}

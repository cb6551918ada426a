//! Windows of indels at the ends of contigs and on contigs that are shorter than the context: REF and
//! ALT always have the same number of bases.

use crate::harness::{
    Scratch,
    genome::{bases, fasta, turned, vcf},
    table::Table,
    text,
};

const CONTEXT: usize = 128;

/// In a random sequence a deletion makes no other base more likely: where the ALT window lacked
/// bases, each of them was worth 1.4 nats.
#[test]
fn deletions_of_any_length_have_no_bias_anywhere() {
    const LENGTHS: [usize; 3] = [1, 4, 12];
    let scratch = Scratch::new();
    let (long, short) = (bases(1000, 21), bases(100, 22));
    let reference = fasta(&scratch, "g.fa", &[("long", &long), ("short", &short)]);
    let near = |at: usize| (0..16).map(move |i| at + 2 * i);
    let groups = [
        ("long", &long, near(2)),
        ("long", &long, near(480)),
        ("long", &long, near(1000 - 13 - 30)),
        ("short", &short, near(30)),
    ];
    // (group, length of the deletion), and the records in the same order
    let mut kinds = Vec::new();
    let mut records = Vec::new();
    for (group, (name, bases, places)) in groups.into_iter().enumerate() {
        for at in places {
            for length in LENGTHS {
                let removed = &bases[at - 1..at + length];
                kinds.push((group, length));
                records.push((name, at, removed, &removed[..1]));
            }
        }
    }
    let variants = vcf(&scratch, "v.vcf", &records);
    for options in ["", "--window tiled", "--downstream 30"] {
        let words = format!("-q score-variants --context {CONTEXT} {options}");
        let table = Table::parse(&text(&words, &[&variants, &reference]));
        let scores: Vec<f64> = table.numbers("llr").into_iter().flatten().collect();
        assert_eq!(scores.len(), kinds.len(), "{options}");
        let mean = |kind: (usize, usize)| {
            let of: Vec<f64> =
                kinds.iter().zip(&scores).filter(|(k, _)| **k == kind).map(|(_, s)| *s).collect();
            of.iter().sum::<f64>() / of.len() as f64
        };
        for group in 0..4 {
            let means = LENGTHS.map(|length| mean((group, length)));
            assert!(means.iter().all(|mean| mean.abs() < 2.5), "{options} {group}: {means:?}");
        }
    }
}

#[test]
fn deletions_of_single_bases_have_no_bias_in_mutagenesis() {
    let scratch = Scratch::new();
    let sequence = fasta(&scratch, "s.fa", &[("s", &bases(100, 23))]);
    let words = format!("-q mutagenesis --deletions --context {CONTEXT}");
    let table = Table::parse(&text(&words, &[&sequence]));
    let scores = table.numbers("llr");
    let of_deletions = table.column("alt").into_iter().zip(&scores).filter(|(alt, _)| *alt == "-");
    let of_deletions: Vec<f64> = of_deletions.filter_map(|(_, score)| *score).collect();
    assert_eq!(of_deletions.len(), 100);
    let mean = of_deletions.iter().sum::<f64>() / 100.0;
    assert!(mean.abs() < 0.5, "{mean}");
}

/// At the ends of a contig and of its reverse complement the same bases are read.
#[test]
fn a_short_contig_and_its_reverse_complement_agree() {
    let scratch = Scratch::new();
    let own = bases(100, 24);
    let reverse = turned(&own);
    let reference = fasta(&scratch, "g.fa", &[("own", &own), ("reverse", &reverse)]);
    // a deletion of the bases 40..50 (0-based), anchored by the base before on either strand
    let of_own = (40, &own[39..50]);
    let of_reverse = (50, &reverse[49..60]);
    let variants = vcf(
        &scratch,
        "v.vcf",
        &[
            ("own", of_own.0, of_own.1, &of_own.1[..1]),
            ("reverse", of_reverse.0, of_reverse.1, &of_reverse.1[..1]),
        ],
    );
    // tiled windows are anchored where reading starts, on each strand
    let words = format!("-q score-variants --context {CONTEXT} --window tiled");
    let table = Table::parse(&text(&words, &[&variants, &reference]));
    let [forward, backward] = ["llr_fwd", "llr_rev"].map(|name| table.numbers(name));
    for (a, b) in [(forward[0], backward[1]), (backward[0], forward[1])] {
        let (Some(a), Some(b)) = (a, b) else { panic!("{table:?}") };
        assert!((a - b).abs() < 1e-3, "{a} {b}");
    }
}

#[test]
fn insertions_at_the_ends_are_scored() {
    let scratch = Scratch::new();
    let own = bases(300, 25);
    let reference = fasta(&scratch, "g.fa", &[("c", &own)]);
    let inserted = |at: usize| format!("{}GATTACAGATTACA", &own[at - 1..at]);
    let alleles: Vec<(usize, String)> = [1, 5, 150, 290, 299].map(|at| (at, inserted(at))).into();
    let records: Vec<_> = alleles
        .iter()
        .map(|(at, alternative)| ("c", *at, &own[at - 1..*at], alternative.as_str()))
        .collect();
    let variants = vcf(&scratch, "v.vcf", &records);
    for options in ["", "--window tiled", "--downstream 20"] {
        let words = format!("-q score-variants --context {CONTEXT} {options}");
        let table = Table::parse(&text(&words, &[&variants, &reference]));
        assert!(table.column("status").iter().all(|status| *status == "ok"), "{table:?}");
        // as many bases of both: an insertion costs what it changes, not what it adds
        let scores: Vec<f64> = table.numbers("llr").into_iter().flatten().collect();
        assert!(scores.iter().all(|score| score.abs() < 12.0), "{options}: {scores:?}");
    }
}

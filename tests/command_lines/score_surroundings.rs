//! What `score-variants` reads around an allele on request: round a circle, on the strand of its
//! gene, among the other alleles of its haplotype.

use proptest::prelude::*;

use crate::harness::{
    Scratch, fails,
    genome::{bases, fasta, other, vcf},
    table::{Table, assert_same_numbers},
    text,
};

const WORDS: &str = "-q score-variants --context 64";
const SCORES: [&str; 5] = ["llr", "llr_fwd", "llr_rev", "site", "embedding_l2"];

fn scored(options: &str, paths: &[&str]) -> Table {
    Table::parse(&text(&format!("{WORDS} --scores all {options}"), paths))
}

/// Contig and rotated copy, in which base 1 stands behind `by` others.
struct Circle {
    bases: String,
    by: usize,
}

impl Circle {
    fn new(length: usize, by: usize) -> Self {
        Self { bases: bases(length, 3), by }
    }

    fn rotated(&self) -> String {
        let (end, start) = self.bases.split_at(self.bases.len() - self.by);
        start.to_owned() + end
    }

    /// Where a base of the contig is in the copy; positions are 1-based.
    fn place(&self, position: usize) -> usize {
        (position - 1 + self.by) % self.bases.len() + 1
    }

    /// `n` bases from a position on, round the circle.
    fn at(&self, position: usize, n: usize) -> String {
        let twice = self.bases.repeat(2);
        twice[position - 1..position - 1 + n].to_owned()
    }
}

#[test]
fn the_ends_of_a_circle_are_joined() {
    let scratch = Scratch::new();
    let circle = Circle::new(200, 100);
    let (first, last) = (circle.at(1, 1), circle.at(200, 1));
    let (one, two, over) = (circle.at(1, 2), circle.at(198, 3), circle.at(199, 4));
    let inserted = format!("{last}GATT");
    let records = [
        (1, first.as_str(), other(&first)),
        (200, last.as_str(), other(&last)),
        (1, one.as_str(), &one[..1]),
        (198, two.as_str(), &two[..1]),
        (200, last.as_str(), inserted.as_str()),
        // REF goes on at base 1
        (199, over.as_str(), &over[..1]),
        (20, "N", "A"),
    ];
    let here: Vec<_> = records[..6].iter().map(|&(p, own, alt)| ("plasmid", p, own, alt)).collect();
    let there: Vec<_> =
        here.iter().map(|&(c, p, own, alt)| (c, circle.place(p), own, alt)).collect();
    let genome = fasta(&scratch, "g.fa", &[("plasmid", &circle.bases), ("line", &circle.bases)]);
    let rotated = fasta(&scratch, "r.fa", &[("plasmid", &circle.rotated())]);
    let here = vcf(&scratch, "here.vcf", &here);
    let there = vcf(&scratch, "there.vcf", &there);
    for options in ["", "--window tiled --context 16", "--downstream 10", "--strand reverse"] {
        let words = format!("{WORDS} --scores llr,site,embedding,jsd {options}");
        let words =
            if options.contains("--context") { words.replace("--context 64 ", "") } else { words };
        let scored = |words: &str, paths: &[&str]| Table::parse(&text(words, paths));
        let round = scored(&format!("{words} --circular plasmid"), &[&here, &genome]);
        assert!(round.column("status").iter().all(|status| *status == "ok"), "{round:?}");
        if !options.contains("tiled") {
            let middle = scored(&words, &[&there, &rotated]);
            let names = ["llr", "site", "embedding_l2", "jsd", "jsd_max_distance"];
            assert_same_numbers(&round, &middle, &names, 1e-5);
        }
        // as a line it is another matter, and REF ends with it
        let line = scored(&words, &[&here, &genome]);
        assert_eq!(line.column("status")[5], "ref_mismatch");
        for i in 0..5 {
            assert_ne!(line.numbers("llr")[i], round.numbers("llr")[i], "{options}: {i}");
        }
        assert!(round.comments.contains(&"##hyenadna_circular=plasmid".to_owned()));
    }
    // other contigs stay lines
    let on = |contig: &str| {
        let record = [(contig, 1, first.as_str(), other(&first))];
        let path = vcf(&scratch, "one.vcf", &record);
        scored("--circular plasmid", &[&path, &genome]).numbers("llr")
    };
    assert_ne!(on("line"), on("plasmid"));
}

#[test]
fn a_circle_may_be_named_as_others_name_it() {
    let scratch = Scratch::new();
    let circle = Circle::new(150, 0);
    let first = circle.at(1, 1);
    let score = |contig: &str, genome: &str, circular: &str| {
        let path = vcf(&scratch, "v.vcf", &[(contig, 1, first.as_str(), other(&first))]);
        scored(circular, &[&path, genome]).numbers("llr")
    };
    let mitochondrion = fasta(&scratch, "m.fa", &[("chrM", &circle.bases), ("chr1", "ACGTACGT")]);
    let want = score("chrM", &mitochondrion, "--circular chrM");
    for name in ["MT", "M", "chrMT", "chr1,MT"] {
        assert_eq!(score("chrM", &mitochondrion, &format!("--circular {name}")), want, "{name}");
        assert_eq!(score("MT", &mitochondrion, &format!("--circular {name}")), want, "{name}");
    }
    let bare = fasta(&scratch, "b.fa", &[("MT", &circle.bases)]);
    assert_eq!(score("MT", &bare, "--circular chrM"), want);
    assert_ne!(score("MT", &bare, ""), want);
    let path = vcf(&scratch, "v.vcf", &[("chrM", 1, first.as_str(), other(&first))]);
    let output = scratch.path("out.tsv");
    fails(
        &format!("{WORDS} --circular pBR322 -o"),
        &[&output, &path, &mitochondrion],
        1,
        &["--circular pBR322", "chrM, chr1", &mitochondrion],
    );
    assert!(!scratch.names().contains(&"out.tsv".to_owned()));
}

/// A circle that is shorter than the context is read once round, with the variant in its middle.
#[test]
fn a_small_circle_is_read_once_round() {
    let scratch = Scratch::new();
    for length in [1, 2, 40, 63, 64, 65] {
        let circle = Circle::new(length, length / 2);
        let first = circle.at(1, 1);
        let here = vcf(&scratch, "h.vcf", &[("c", 1, first.as_str(), other(&first))]);
        let genome = fasta(&scratch, "g.fa", &[("c", &circle.bases)]);
        let rotated = fasta(&scratch, "r.fa", &[("c", &circle.rotated())]);
        let place = circle.place(1);
        let there = vcf(&scratch, "t.vcf", &[("c", place, first.as_str(), other(&first))]);
        let round = scored("--circular c", &[&here, &genome]);
        assert_same_numbers(&round, &scored("", &[&there, &rotated]), &SCORES, 1e-5);
    }
}

/// Every tenth base of a contig, changed.
fn snvs(bases: &str) -> Vec<(&'static str, usize, String, &'static str)> {
    let base = |position: usize| bases[position - 1..position].to_owned();
    (1..bases.len() / 10).map(|i| ("chr7", 10 * i, base(10 * i), other(&base(10 * i)))).collect()
}

#[test]
fn the_strand_of_a_gene_is_read() {
    let scratch = Scratch::new();
    let chromosome = bases(500, 4);
    let genome = fasta(&scratch, "g.fa", &[("chr7", &chromosome)]);
    let records = snvs(&chromosome);
    let records: Vec<_> =
        records.iter().map(|(c, p, own, other)| (*c, *p, own.as_str(), *other)).collect();
    let variants = vcf(&scratch, "v.vcf", &records);
    // 1-based: + from 101 to 200, - from 180 to 300, one without a strand
    let bed = "7\t100\t200\tg1\t0\t+\n7\t179\t300\tg2\t0\t-\n7\t400\t450\tg3\t0\t.\n";
    let gff = |attributes: fn(&str) -> String| {
        [("101\t200", "+", "g1"), ("180\t300", "-", "g2"), ("401\t450", ".", "g3")]
            .map(|(place, strand, name)| {
                let name = attributes(name);
                let rest = format!(".\t{strand}\t.\t{name}\n");
                format!("7\tx\tgene\t{place}\t{rest}7\tx\texon\t301\t400\t{rest}")
            })
            .concat()
    };
    let [forward, reverse, both] = ["forward", "reverse", "both"]
        .map(|strand| scored(&format!("--strand {strand}"), &[&variants, &genome]));
    for (name, text) in [
        ("genes.bed", bed.to_owned()),
        ("genes.gtf", gff(|name| format!("gene_id \"{name}\";"))),
        ("genes.gff3", format!("##gff-version 3\n{}", gff(|name| format!("ID={name}")))),
    ] {
        let genes = scratch.file(name, text);
        let options = format!("--strand gene --genes {genes}");
        let table = scored(&options, &[&variants, &genome]);
        for (i, row) in table.rows.iter().enumerate() {
            let want = match records[i].1 {
                101..180 => &forward,
                201..=300 => &reverse,
                _ => &both,
            };
            let numbers = |table: &Table| -> Vec<Vec<f64>> {
                let value = |name| table.numbers(name)[i].unwrap_or(f64::NAN);
                vec![SCORES.iter().map(|name| value(name)).collect()]
            };
            println!("{name}: {row:?}");
            crate::harness::table::assert_close(&numbers(&table), &numbers(want), 1e-5);
        }
        assert!(table.column("llr_fwd").contains(&".") && table.column("llr_rev").contains(&"."));
        let line = format!("##hyenadna_genes={genes}");
        assert!(table.comments.contains(&line), "{:?}", table.comments);
    }
}

#[test]
fn genes_and_their_strand_go_together() {
    let scratch = Scratch::new();
    let chromosome = bases(100, 4);
    let genome = fasta(&scratch, "g.fa", &[("chr7", &chromosome)]);
    let variants = vcf(&scratch, "v.vcf", &[("chr7", 50, &chromosome[49..50], "N")]);
    let genes = scratch.file("genes.bed", "chr7\t0\t60\tg1\t0\t+\n");
    let unstranded = scratch.file("unstranded.bed", "chr7\t0\t60\n");
    let elsewhere = scratch.file("elsewhere.bed", "scaffold9\t0\t60\tg1\t0\t+\n");
    let words = |options: &str| format!("score-variants --context 64 {options}");
    let paths: &[&str] = &[&variants, &genome];
    fails(&words("--strand gene"), paths, 2, &["--genes"]);
    fails(&words(&format!("--genes {genes}")), paths, 2, &["--strand gene"]);
    fails(&words(&format!("--strand forward --genes {genes}")), paths, 2, &["--strand gene"]);
    let missing = scratch.path("missing.bed");
    fails(&words(&format!("--strand gene --genes {missing}")), paths, 1, &[&missing]);
    let named = format!("--strand gene --genes {unstranded}");
    fails(&words(&named), paths, 1, &[&unstranded, "strand"]);
    let named = format!("--strand gene --genes {elsewhere} -o /dev/null");
    fails(&words(&named), paths, 0, &["no change lies in a gene", "scaffold9"]);
}

const HEAD: &str = "##fileformat=VCFv4.3\n\
    ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
    ##FORMAT=<ID=PS,Number=1,Type=Integer,Description=\"Phase set\">\n\
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT";

/// A VCF with records of POS, REF, ALT and genotypes.
fn genotypes(samples: &str, records: &[(usize, &str, &str, &str)]) -> String {
    let line = |(position, own, alternative, calls): &(usize, &str, &str, &str)| {
        format!("\nc\t{position}\t.\t{own}\t{alternative}\t.\t.\t.\tGT\t{calls}")
    };
    format!("{HEAD}\t{samples}{}\n", records.iter().map(line).collect::<String>())
}

/// Bases with one allele in the place of another.
fn applied(bases: &str, position: usize, own: &str, alternative: &str) -> String {
    let (before, rest) = bases.split_at(position - 1);
    format!("{before}{alternative}{}", rest.strip_prefix(own).unwrap())
}

#[test]
fn an_allele_is_scored_among_those_of_its_haplotype() {
    let scratch = Scratch::new();
    let chromosome = bases(300, 5);
    let genome = fasta(&scratch, "g.fa", &[("c", &chromosome)]);
    let base = |position: usize| &chromosome[position - 1..position];
    let (a, b) = ((150, base(150), other(base(150))), (160, base(160), other(base(160))));
    let inserted = format!("{}GATTACA", base(160));
    let deleted = &chromosome[159..165];
    let records = |(p, own, alt): (usize, &str, &str),
                   second: (usize, &str, &str),
                   calls: [&str; 2]| {
        let text =
            genotypes("S", &[(p, own, alt, calls[0]), (second.0, second.1, second.2, calls[1])]);
        scratch.file("v.vcf", text)
    };
    // a neighbour behind of any kind, on the first haplotype, the second, and both
    for neighbour in [b, (160, base(160), &inserted), (160, deleted, &deleted[..1])] {
        let changed = applied(&chromosome, neighbour.0, neighbour.1, neighbour.2);
        let changed = fasta(&scratch, "changed.fa", &[("c", &changed)]);
        let alone = vcf(&scratch, "alone.vcf", &[("c", a.0, a.1, a.2)]);
        let want = scored("", &[&alone, &changed]);
        let without = scored("", &[&alone, &genome]);
        for (calls, haplotype) in [
            (["1|0", "1|0"], "1"),
            (["0|1", "0|1"], "2"),
            (["1|1", "1|1"], "1"),
            (["0|1", "1/1"], "2"),
            (["1", "1"], "1"),
        ] {
            let path = records(a, neighbour, calls);
            let mut got = scored("--phase", &[&path, &genome]);
            got.rows.truncate(1);
            assert_eq!(got.column("haplotype"), [haplotype], "{calls:?}");
            assert_eq!(got.column("phased_alleles"), ["1"], "{calls:?}");
            assert_same_numbers(&got, &want, &SCORES, 1e-5);
            assert_ne!(got.column("llr"), without.column("llr"));
        }
        // not on one haplotype, or nobody knows
        for (calls, haplotype) in [
            (["0|1", "1|0"], "2"),
            (["1|0", "0|0"], "1"),
            (["0|1", "0/1"], "2"),
            (["0/1", "0|1"], "."),
            (["0/1", "0/1"], "."),
            (["0|0", "1|1"], "."),
            ([".|.", "1|1"], "."),
        ] {
            let path = records(a, neighbour, calls);
            let mut got = scored("--phase", &[&path, &genome]);
            got.rows.truncate(1);
            assert_eq!(got.column("haplotype"), [haplotype], "{calls:?}");
            assert_eq!(got.column("phased_alleles"), ["0"], "{calls:?}");
            assert_same_numbers(&got, &without, &SCORES, 1e-5);
        }
    }
    // one before counts like one behind, and both sides at once
    let third = (141, base(141), other(base(141)));
    let text = genotypes(
        "S",
        &[(third.0, third.1, third.2, "0|1"), (a.0, a.1, a.2, "0|1"), (b.0, b.1, b.2, "0|1")],
    );
    let path = scratch.file("three.vcf", text);
    let got = scored("--phase", &[&path, &genome]);
    assert_eq!(got.column("phased_alleles"), ["2"; 3]);
    let changed = applied(&applied(&chromosome, b.0, b.1, b.2), third.0, third.1, third.2);
    let changed = fasta(&scratch, "both.fa", &[("c", &changed)]);
    let want = scored("", &[&vcf(&scratch, "alone.vcf", &[("c", a.0, a.1, a.2)]), &changed]);
    assert!((got.numbers("llr")[1].unwrap() - want.numbers("llr")[0].unwrap()).abs() < 1e-4);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// Alleles of every kind, each on a genome in which the other two were applied by hand. They
    /// are so near each other that all stand in each window.
    #[test]
    fn a_haplotype_is_a_genome_with_its_alleles(
        alleles in prop::collection::vec((0..3usize, 1..5usize, "[ACGT]{1,5}"), 3),
    ) {
        let scratch = Scratch::new();
        let chromosome = bases(300, 5);
        let genome = fasta(&scratch, "g.fa", &[("c", &chromosome)]);
        let alleles: Vec<(usize, String, String)> = (138..)
            .step_by(10)
            .zip(alleles)
            .map(|(start, (by, n, alternative))| {
                let position = start + by;
                (position, chromosome[position - 1..position - 1 + n].to_owned(), alternative)
            })
            .collect();
        prop_assume!(alleles.iter().all(|(_, own, alternative)| own != alternative));
        let records: Vec<(usize, &str, &str, &str)> =
            alleles.iter().map(|(p, own, alt)| (*p, own.as_str(), alt.as_str(), "0|1")).collect();
        let phased = scratch.file("v.vcf", genotypes("S", &records));
        let got = scored("--phase", &[&phased, &genome]);
        prop_assert_eq!(got.column("phased_alleles"), ["2"; 3]);
        for (i, &(position, own, alternative, _)) in records.iter().enumerate() {
            let mut changed = chromosome.clone();
            let mut moved = position;
            for (k, &(p, own, alternative, _)) in records.iter().enumerate().rev() {
                if k != i {
                    changed = applied(&changed, p, own, alternative);
                }
                if k < i {
                    moved = moved + alternative.len() - own.len();
                }
            }
            let changed = fasta(&scratch, "changed.fa", &[("c", &changed)]);
            let alone = vcf(&scratch, "alone.vcf", &[("c", moved, own, alternative)]);
            let want = scored("", &[&alone, &changed]);
            let row = Table { rows: vec![got.rows[i].clone()], header: got.header.clone(), comments: Vec::new() };
            assert_same_numbers(&row, &want, &SCORES, 1e-5);
        }
    }
}

/// What stands outside of the window changes nothing, and is not counted.
#[test]
fn alleles_beyond_the_window_are_not_counted() {
    let scratch = Scratch::new();
    let chromosome = bases(300, 5);
    let genome = fasta(&scratch, "g.fa", &[("c", &chromosome)]);
    let base = |position: usize| &chromosome[position - 1..position];
    let record = |position: usize| (position, base(position), other(base(position)), "0|1");
    // the window of base 150 is 118 to 181
    let path = scratch.file(
        "v.vcf",
        genotypes(
            "S",
            &[
                record(100),
                record(117),
                record(118),
                record(150),
                record(181),
                record(182),
                record(200),
            ],
        ),
    );
    let got = scored("--phase", &[&path, &genome]);
    let alone = scratch.file("a.vcf", genotypes("S", &[record(118), record(150), record(181)]));
    let want = scored("--phase", &[&alone, &genome]);
    let close = |a: Option<f64>, b: Option<f64>| (a.unwrap() - b.unwrap()).abs() < 1e-4;
    assert!(close(got.numbers("llr")[3], want.numbers("llr")[1]));
    assert_eq!(want.column("phased_alleles")[1], "2");
    assert_eq!(got.column("phased_alleles")[3], "2");
}

#[test]
fn haplotypes_stand_in_every_format() {
    let scratch = Scratch::new();
    let chromosome = bases(300, 5);
    let genome = fasta(&scratch, "g.fa", &[("c", &chromosome)]);
    let base = |position: usize| &chromosome[position - 1..position];
    let alternatives = ["A", "C", "G", "T"].map(str::to_owned);
    let two: Vec<String> = alternatives.into_iter().filter(|b| b != base(160)).take(2).collect();
    let text = genotypes(
        "S",
        &[
            (150, base(150), other(base(150)), "0|1"),
            (160, base(160), &two.join(","), "1|2"),
            (170, base(170), other(base(170)), "0/1"),
            (180, base(180), "<DEL>", "0|1"),
        ],
    );
    let text = text.replacen("##FORMAT", "##contig=<ID=c,length=300>\n##FORMAT", 1);
    let path = scratch.file("v.vcf", text);
    let table = scored("--phase", &[&path, &genome]);
    assert_eq!(table.header[table.header.len() - 3..], ["haplotype", "phased_alleles", "status"]);
    assert_eq!(table.column("haplotype").join(" "), "2 1 2 . .");
    assert_eq!(table.column("phased_alleles").join(" "), "1 0 1 0 .");
    assert!(table.comments.iter().any(|line| line.starts_with("##hyenadna_phase=")));
    let bed = Table::parse(&crate::harness::text(
        &format!("{WORDS} --phase --format bed"),
        &[&path, &genome],
    ));
    assert_eq!(bed.column("phased_alleles"), table.column("phased_alleles"));
    let lines = crate::harness::text(&format!("{WORDS} --phase --format vcf"), &[&path, &genome]);
    assert!(lines.contains("##INFO=<ID=HYENADNA_HAPLOTYPE,Number=A,Type=Integer,"));
    assert!(lines.contains("##INFO=<ID=HYENADNA_PHASED_ALLELES,Number=A,Type=Integer,"));
    assert!(lines.contains(";HYENADNA_HAPLOTYPE=1,2;HYENADNA_PHASED_ALLELES=0,1;"), "{lines}");
    let output = scratch.path("out.bcf");
    crate::harness::ok(&format!("{WORDS} --phase -o"), &[&output, &path, &genome]);
    let records = crate::harness::files::records(&output);
    assert!(records[1].contains(";HYENADNA_HAPLOTYPE=1,2;HYENADNA_PHASED_ALLELES=0,1;"));
    assert!(records[2].contains(";HYENADNA_PHASED_ALLELES=0;"), "{}", records[2]);
}

#[test]
fn the_sample_may_be_named() {
    let scratch = Scratch::new();
    let chromosome = bases(300, 5);
    let genome = fasta(&scratch, "g.fa", &[("c", &chromosome)]);
    let base = |position: usize| &chromosome[position - 1..position];
    let record = |position: usize, calls| (position, base(position), other(base(position)), calls);
    let several = genotypes("ann\tbob", &[record(150, "0|1\t1|0"), record(160, "0|1\t0|1")]);
    let several = scratch.file("several.vcf", several);
    let paths: &[&str] = &[&several, &genome];
    let counts = |options: &str| {
        let table = scored(options, paths);
        table.column("phased_alleles").join(" ") + "; " + &table.column("haplotype").join(" ")
    };
    assert_eq!(counts("--phase --sample ann"), "1 1; 2 2");
    assert_eq!(counts("--phase --sample bob"), "0 0; 1 2");
    let table = scored("--phase --sample bob", paths);
    assert!(table.comments.contains(&"##hyenadna_phase=bob".to_owned()), "{:?}", table.comments);
    let output = scratch.path("out.tsv");
    let refused = |options: &str, paths: &[&str], code, phrases: &[&str]| {
        let paths = [&[output.as_str()], paths].concat();
        fails(&format!("{WORDS} {options} -o"), &paths, code, phrases);
        assert!(!scratch.names().contains(&"out.tsv".to_owned()));
    };
    refused("--phase", paths, 1, &[&several, "2 samples", "ann, bob"]);
    refused("--phase --sample eve", paths, 1, &[&several, "no sample eve", "ann, bob"]);
    refused("--sample ann", paths, 2, &["--phase"]);
    refused("--phase --sample ann --window tiled", paths, 2, &["--window centered"]);
    refused("--phase --sample ann --circular c", paths, 2, &["--circular"]);
    let none = vcf(&scratch, "none.vcf", &[("c", 150, base(150), other(base(150)))]);
    refused("--phase", &[&none, &genome], 1, &[&none, "no genotypes"]);
    let bad = scratch.file("bad.vcf", genotypes("ann", &[record(150, "0|7")]));
    refused("--phase", &[&bad, &genome], 1, &[&bad, "line 5", "0|7"]);
    let unsorted = genotypes("ann", &[record(160, "0|1"), record(150, "0|1")]);
    let unsorted = scratch.file("unsorted.vcf", unsorted);
    refused("--phase", &[&unsorted, &genome], 1, &[&unsorted, "line 6", "150", "160", "sort"]);
    // without haplotypes the order does not matter
    scored("", &[&unsorted, &genome]);
}

/// Alleles of a haplotype that overlap cannot both be there; the log says so.
#[test]
fn overlapping_alleles_are_left_out() {
    let scratch = Scratch::new();
    let chromosome = bases(300, 5);
    let genome = fasta(&scratch, "g.fa", &[("c", &chromosome)]);
    let base = |position: usize| &chromosome[position - 1..position];
    let deleted = &chromosome[147..155];
    let records = [(148, deleted, &deleted[..1], "0|1"), (150, base(150), other(base(150)), "0|1")];
    let path = scratch.file("v.vcf", genotypes("S", &records));
    let output = scratch.path("out.tsv");
    let words = "score-variants --context 64 --scores all --phase -o";
    fails(
        words,
        &[&output, &path, &genome],
        0,
        &["alleles of a haplotype that were skipped", ": 2"],
    );
    let got = Table::parse(&crate::harness::read(&output));
    assert_eq!(got.column("phased_alleles"), ["0", "0"]);
    assert_same_numbers(&got, &scored("", &[&path, &genome]), &SCORES, 1e-5);
}

//! References and inputs that may not belong together: names of contigs, assemblies, swapped
//! arguments.

use crate::harness::{
    Scratch, command, fails,
    genome::{bases, fasta, other, vcf},
    run,
    table::Table,
    text,
};

const WORDS: &str = "-q score-variants --context 32";

/// `chr1`, `1`, `chrM` and `chrMT` of other bases.
fn mixed(scratch: &Scratch) -> (String, Vec<String>) {
    let contigs: Vec<String> = (0..4).map(|seed| bases(100, 40 + seed)).collect();
    let names = ["chr1", "1", "chrM", "chrMT"];
    let records: Vec<_> = names.into_iter().zip(&contigs).map(|(n, b)| (n, b.as_str())).collect();
    (fasta(scratch, "g.fa", &records), contigs)
}

#[test]
fn an_exact_name_comes_before_another_style() {
    let scratch = Scratch::new();
    let (reference, contigs) = mixed(&scratch);
    let snv = |number: usize| {
        let own = &contigs[number][49..50];
        (50, own, other(own))
    };
    let names = ["chr1", "1", "chrM", "chrMT"];
    let records: Vec<_> = (0..4)
        .map(|i| {
            let (at, own, alternative) = snv(i);
            (names[i], at, own, alternative)
        })
        .collect();
    let variants = vcf(&scratch, "v.vcf", &records);
    let table = Table::parse(&text(WORDS, &[&variants, &reference]));
    assert_eq!(table.column("status"), ["ok"; 4]);
    // MT may be either of two
    let (at, own, alternative) = snv(3);
    let variants = vcf(&scratch, "mt.vcf", &[("MT", at, own, alternative)]);
    fails(WORDS, &[&variants, &reference], 1, &["mt.vcf, line", "MT", "chrM", "chrMT"]);
    let regions = scratch.file("mt.bed", "MT\t0\t9\n");
    for words in ["likelihood", "embed", "mutagenesis"] {
        fails(words, &[&regions, &reference], 1, &["mt.bed, line 1", "MT", "chrM", "chrMT"]);
    }
    let circular = format!("{WORDS} --circular MT");
    fails(&circular, &[&variants, &reference], 1, &["--circular", "chrM", "chrMT"]);
}

#[test]
fn genes_lie_on_the_contig_that_they_name() {
    let scratch = Scratch::new();
    let (reference, contigs) = mixed(&scratch);
    let genes = scratch.file("g.bed", "chr1\t0\t100\ta\t0\t+\n1\t0\t100\tb\t0\t-\n");
    let own = [&contigs[0][49..50], &contigs[1][49..50]];
    let variants = vcf(
        &scratch,
        "v.vcf",
        &[("chr1", 50, own[0], other(own[0])), ("1", 50, own[1], other(own[1]))],
    );
    let words = format!("{WORDS} --strand gene --genes");
    let table = Table::parse(&text(&words, &[&genes, &variants, &reference]));
    let read = |name| table.column(name).iter().map(|value| *value != ".").collect::<Vec<_>>();
    assert_eq!((read("llr_fwd"), read("llr_rev")), (vec![true, false], vec![false, true]));
}

#[test]
fn a_gene_over_the_origin() {
    let scratch = Scratch::new();
    let circle = bases(1000, 44);
    let reference = fasta(&scratch, "g.fa", &[("chrM", &circle)]);
    let row = "chrM\tx\tgene\t951\t1050\t.\t-\t.\tID=a\n";
    let genes = scratch.file("g.gff3", format!("##gff-version 3\n{row}"));
    let at = [20, 960, 500];
    let records: Vec<_> = at
        .iter()
        .map(|&at| ("chrM", at, &circle[at - 1..at], other(&circle[at - 1..at])))
        .collect();
    let variants = vcf(&scratch, "v.vcf", &records);
    let words = format!("{WORDS} --strand gene --genes {genes} --circular chrM");
    let table = Table::parse(&text(&words, &[&variants, &reference]));
    let forward: Vec<bool> = table.column("llr_fwd").iter().map(|value| *value != ".").collect();
    assert_eq!(forward, [false, false, true]);
    // on a line the gene ends beyond the contig
    let line = format!("score-variants --context 32 --strand gene --genes {genes}");
    fails(&line, &[&variants, &reference], 0, &["ends at 1050", "--circular chrM"]);
}

/// A VCF with `n` SNVs of which the first `wrong` have another REF than the reference.
fn snvs(scratch: &Scratch, bases: &str, n: usize, wrong: usize) -> String {
    let records: Vec<_> = (1..=n)
        .map(|at| {
            let own = &bases[at - 1..at];
            let reference = if at <= wrong { other(own) } else { own };
            ("c", at, reference, other(reference))
        })
        .collect();
    vcf(scratch, "v.vcf", &records)
}

#[test]
fn another_assembly_is_an_error() {
    let scratch = Scratch::new();
    let own = bases(60, 45);
    let reference = fasta(&scratch, "g.fa", &[("c", &own)]);
    let variants = snvs(&scratch, &own, 40, 21);
    let output = scratch.path("out.tsv");
    let words = format!("{WORDS} -o {output}");
    let phrases = ["21 of the first 40 records", "c:1", "assembly", "--on-ref-mismatch report"];
    fails(&words, &[&variants, &reference], 1, &phrases);
    assert!(!scratch.names().contains(&"out.tsv".to_owned()));
    for policy in ["report", "skip", "swap"] {
        let words = format!("{WORDS} --on-ref-mismatch {policy}");
        let rows = Table::parse(&text(&words, &[&variants, &reference])).rows.len();
        assert_eq!(rows, if policy == "skip" { 19 } else { 40 });
    }
    let half = snvs(&scratch, &own, 40, 20);
    text(WORDS, &[&half, &reference]);
    // a few records are no sample
    let few = snvs(&scratch, &own, 9, 9);
    text(WORDS, &[&few, &reference]);
}

#[test]
fn other_lengths_of_contigs_are_told_even_if_quiet() {
    let scratch = Scratch::new();
    let own = bases(60, 46);
    let reference = fasta(&scratch, "g.fa", &[("chr1", &own)]);
    let header = "##fileformat=VCFv4.3\n##contig=<ID=1,length=61>\n";
    let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
    let variants = scratch.file("v.vcf", format!("{header}{columns}"));
    fails(WORDS, &[&variants, &reference], 0, &["1 (61 and 60)", "assembly"]);
    let right = scratch.file("r.vcf", format!("{header}{columns}").replace("61", "60"));
    let outcome = run(&mut command(WORDS, &[&right, &reference]));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
}

#[test]
fn an_argument_that_nobody_reads_is_refused() {
    let scratch = Scratch::new();
    let sequences = fasta(&scratch, "s.fa", &[("c", &bases(60, 47))]);
    let regions = scratch.file("r.bed", "c\t0\t9\n");
    let missing = scratch.path("nothere.fa");
    for words in ["embed", "likelihood", "mutagenesis"] {
        for second in [&regions, &missing] {
            fails(words, &[&sequences, second], 2, &["did you swap them?", second]);
        }
        // a variable is no argument
        let mut command = command(&format!("-q {words}"), &[&sequences]);
        assert_eq!(run(command.env("HYENADNA_REFERENCE", &missing)).code, Some(0));
    }
}

#[test]
fn labels_are_of_the_contig_that_they_name() {
    let scratch = Scratch::new();
    let header = "#CHROM\tPOS\tREF\tALT\t";
    let rows = |names: [&str; 2], values: [&str; 8]| -> String {
        let places = names.into_iter().flat_map(|name| (1..5).map(move |at| (name, at)));
        places.zip(values).map(|((n, at), v)| format!("{n}\t{at}\tA\tC\t{v}\n")).collect()
    };
    let scores = ["0.1", "0.2", "0.3", "0.4", "0.9", "0.8", "0.7", "0.6"];
    let scores = scratch.file("s.tsv", format!("{header}llr\n{}", rows(["chr1", "1"], scores)));
    let labels = ["1", "1", "0", "0", "1", "1", "0", "0"];
    let both = scratch.file("l.tsv", format!("{header}label\n{}", rows(["chr1", "1"], labels)));
    let words = "-q evaluate --bootstrap 0 --scores llr";
    let of = |labels: &str| {
        let table = Table::parse(&text(words, &[&scores, labels]));
        (table.column("n")[0].to_owned(), table.column("auroc")[0].to_owned())
    };
    // positives rank first where llr is low: the first two of chr1, but not those of 1
    assert_eq!(of(&both).0, "8");
    let one = rows(["chr1", "1"], labels).replace("chr1\t", "x\t");
    let one = scratch.file("one.tsv", format!("{header}label\n{one}"));
    assert_eq!(of(&one), ("4".to_owned(), "0".to_owned()));
    // where the scores have one of both, the two are one
    let conflict = "chr2\t1\tA\tC\t1\n2\t1\tA\tC\t0\n2\t3\tA\tC\t0\n";
    let conflict = scratch.file("conflict.tsv", format!("{header}label\n{conflict}"));
    let of_one = scratch.file("two.tsv", format!("{header}llr\n2\t1\tA\tC\t1\n2\t3\tA\tC\t2\n"));
    let phrase = "conflict.tsv, line 3: ";
    let error = fails(
        words,
        &[&of_one, &conflict],
        1,
        &[phrase, "1 A>C is negative here but positive in line 2"],
    );
    assert!(!error.contains("panicked"));
    let unmixed = scratch.file("c.tsv", format!("{header}label\n{}", rows(["chr1", "2"], labels)));
    assert_eq!(of(&unmixed), ("4".to_owned(), "1".to_owned()));
}

//! What `embed` reads and pools: strands, flanks, long sequences.

use crate::harness::{
    Scratch, command, data,
    demo::genome,
    fails,
    genome::{contig, turned},
    ok, run, run_with,
    table::{Table, assert_close, distance, mean, npy},
    text,
};

fn rows(options: &str, paths: &[&str]) -> Vec<Vec<f64>> {
    npy(&ok(&format!("-q embed --format npy {options}"), paths))
}

/// The mean of two matrices.
fn halfway(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| a.iter().zip(b).map(|(a, b)| (a + b) / 2.0).collect()).collect()
}

#[test]
fn pools_are_those_of_the_rows() {
    let scratch = Scratch::new();
    let lengths = [60, 33];
    for (strand, sign) in [("forward", '+'), ("reverse", '-')] {
        let bed = format!("chr1\t4000\t4060\ta\t0\t{sign}\nchr2\t100\t133\tb\t0\t{sign}\n");
        let bed = scratch.file("r.bed", bed);
        let paths: &[&str] = &[&bed, &genome()];
        let all = rows("--pool none", paths);
        let (a, b) = all.split_at(lengths[0]);
        assert_eq!(b.len(), lengths[1]);
        let pooled = |pool: &dyn Fn(&[Vec<f64>]) -> Vec<f64>| [a, b].map(pool).to_vec();
        let largest = |rows: &[Vec<f64>]| -> Vec<f64> {
            let column = |i: usize| rows.iter().map(|row| row[i]).fold(f64::MIN, f64::max);
            (0..rows[0].len()).map(column).collect()
        };
        // rows of bases are in the order of the reference, `first` is in reading direction
        let (start, end) =
            (pooled(&|rows| rows[0].clone()), pooled(&|rows| rows[rows.len() - 1].clone()));
        let (first, last) = if sign == '+' { (start, end) } else { (end, start) };
        for (pool, want) in
            [("mean", pooled(&mean)), ("max", pooled(&largest)), ("first", first), ("last", last)]
        {
            let got = rows(&format!("--pool {pool}"), paths);
            assert_close(&got, &want, 1e-5);
            // the strand of the BED line is what is meant by its name
            let named = rows(&format!("--pool {pool} --strand {strand}"), paths);
            assert_close(&named, &got, 0.0);
        }
        assert!(distance(a, &vec![mean(a); a.len()]) > 1e-3);
    }
}

#[test]
fn both_strands_are_the_mean_of_the_two() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t12300\t12400\ta\t0\t-\nchrM\t100\t131\tb\t0\t+\n");
    for pool in ["mean", "max", "first", "last", "none"] {
        let read = |strand: &str| {
            let options = format!("--pool {pool} --strand {strand}");
            rows(&options, &[&bed, &genome()])
        };
        let (forward, reverse) = (read("forward"), read("reverse"));
        assert!(distance(&forward, &reverse) > 1e-3);
        assert_close(&read("both"), &halfway(&forward, &reverse), 1e-6);
    }
}

#[test]
fn the_minus_strand_is_the_reverse_complement() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t12300\t12400\ta\t0\t-\nchr2\t2200\t2260\tb\t0\t-\n");
    let a = turned(&contig("demo/genome.fa", "chr1")[12300..12400]);
    let b = turned(&contig("demo/genome.fa", "chr2")[2200..2260]);
    let fasta = scratch.file("s.fa", format!(">a\n{a}\n>b\n{b}\n"));
    for pool in ["mean", "first", "last"] {
        let options = format!("--pool {pool}");
        let (regions, sequences) = (rows(&options, &[&bed, &genome()]), rows(&options, &[&fasta]));
        assert_close(&regions, &sequences, 1e-6);
    }
    let mut turned = rows("--pool none", &[&fasta]);
    turned[..100].reverse();
    turned[100..].reverse();
    assert_close(&rows("--pool none", &[&bed, &genome()]), &turned, 1e-6);
    // and the reverse of the turned sequence is the sequence
    let plain = rows("--strand forward", &[&bed, &genome()]);
    assert_close(&rows("--strand reverse", &[&fasta]), &plain, 1e-6);
}

/// A run that fails at its last region has computed for nothing.
#[test]
fn lengths_of_a_file_are_checked_before_the_first_row() {
    let scratch = Scratch::new();
    let text = "chr1\t0\t500\nchr1\t100\t1500\nchr1\t200\t1300\nchr1\t0\t9\n";
    let bed = scratch.file("long.bed", text);
    let parts = [
        "long.bed: longer than the model's context of 1024 bases",
        "2 of 4 regions, the first in line 2 with 1400 bases",
        "--long truncate",
    ];
    let outcome = run(&mut command("embed", &[&bed, &genome()]));
    outcome.assert_refused(&parts);
    assert!(outcome.stdout.is_empty(), "{:?}", outcome.stdout);
    let outcome = run(&mut command("embed --long truncate", &[&bed, &genome()]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let warning = "regions cut to the 1024 bases of the model's context, flanks included (--long truncate): 2";
    assert!(outcome.stderr.contains(warning), "{}", outcome.stderr);
    // with flanks more are too long; those of a contig's end are shorter
    let words = "embed --flank 300";
    fails(words, &[&bed, &genome()], 1, &["2 of 4 regions", "line 2 with 1800 bases"]);
    let words = "embed --flank 900";
    fails(words, &[&bed, &genome()], 1, &["3 of 4 regions", "line 1 with 1400 bases"]);
    // a pipe is read once
    let outcome = run_with(&mut command("embed -", &[&genome()]), text.as_bytes());
    assert!(outcome.stderr.contains("<stdin>, line 2"), "{}", outcome.stderr);
}

#[test]
fn flanks_are_read_but_not_pooled() {
    let scratch = Scratch::new();
    let genome = genome();
    for sign in ['+', '-'] {
        // the second one has only 10 bases before it, the third none after it
        let narrow = format!(
            "chr1\t5000\t5040\ta\t0\t{sign}\nchr1\t10\t30\tb\t0\t{sign}\nchr3\t587\t607\tc\t0\t{sign}\n"
        );
        let wide = format!(
            "chr1\t4950\t5090\ta\t0\t{sign}\nchr1\t0\t80\tb\t0\t{sign}\nchr3\t537\t607\tc\t0\t{sign}\n"
        );
        let (narrow, wide) = (scratch.file("n.bed", narrow), scratch.file("w.bed", wide));
        let all = rows("--pool none", &[&wide, &genome]);
        let cores = [&all[50..90], &all[150..170], &all[270..290]];
        let got = rows("--pool none --flank 50", &[&narrow, &genome]);
        assert_close(&got, &cores.concat(), 1e-5);
        let pooled: Vec<Vec<f64>> = cores.iter().map(|rows| mean(rows)).collect();
        let got = rows("--flank 50", &[&narrow, &genome]);
        assert_close(&got, &pooled, 1e-5);
        let without = rows("", &[&narrow, &genome]);
        assert!(distance(&got, &without) > 1e-3, "flanks have no effect");
        let table = Table::parse(&text("-q embed --pool none --flank 50", &[&narrow, &genome]));
        assert_eq!(table.column("position")[40], "10");
    }
    let fasta = data("demo/sequences.fa");
    fails("embed --flank 1", &[&fasta], 1, &["--flank", "reference"]);
    let long = scratch.file("l.bed", "chr1\t3000\t4000\n");
    fails("embed --flank 13", &[&long, &genome], 1, &["1026", "1024", "line 1"]);
    ok("-q embed --flank 12", &[&long, &genome]);
}

/// 2,500 bases, read in pieces of 1,024.
#[test]
fn long_sequences() {
    let scratch = Scratch::new();
    let bases = &contig("demo/genome.fa", "chr1")[4100..6600];
    let long = scratch.file("long.fa", format!(">long\n{bases}\n"));
    fails(
        "embed",
        &[&long],
        1,
        &["2500", "1024", "--long chunk", "--long truncate", "long (line 1)"],
    );
    let pieces = [&bases[..1024], &bases[1024..2048], &bases[2048..]];
    let pieces = pieces.map(|piece| format!(">p\n{piece}\n"));
    let pieces = scratch.file("pieces.fa", pieces.concat());
    let all = rows("--pool none", &[&pieces]);
    assert_eq!(all.len(), 2500);
    assert_close(&rows("--pool none --long chunk", &[&long]), &all, 1e-6);
    assert_close(&rows("--pool none --long truncate", &[&long]), &all[..1024], 1e-6);
    assert_close(&rows("--long chunk", &[&long]), &[mean(&all)], 1e-5);
    assert_close(&rows("--long truncate", &[&long]), &[mean(&all[..1024])], 1e-5);
    let last = all[2499..].to_vec();
    assert_close(&rows("--long chunk --pool last", &[&long]), &last, 1e-6);
    // a region is the same as its sequence
    let bed = scratch.file("long.bed", "chr1\t4100\t6600\n");
    let region = rows("--long chunk", &[&bed, &genome()]);
    assert_close(&region, &[mean(&all)], 1e-5);
    let table = Table::parse(&text("-q embed --pool none --long truncate", &[&bed, &genome()]));
    assert_eq!(table.column("position").last(), Some(&"5123"));
}

/// In reading direction the minus strand starts at the region's end: the rows that are written are
/// those of the last bases, and must say so.
#[test]
fn truncated_rows_of_the_minus_strand_have_their_positions() {
    let scratch = Scratch::new();
    let bed = scratch.file("long.bed", "chr1\t4100\t6600\tx\t0\t-\n");
    let words = "-q embed --pool none --long truncate";
    let got = Table::parse(&text(words, &[&bed, &genome()]));
    let end = scratch.file("end.bed", "chr1\t5576\t6600\tx\t0\t-\n");
    let want = Table::parse(&text("-q embed --pool none", &[&end, &genome()]));
    assert_close(&got.embeddings(), &want.embeddings(), 1e-5);
    assert_eq!(got.column("position")[0], "5576");
    assert!(got.column("position") == want.column("position"));
}

/// Where both strands are asked for, both read the same bases: the first of the region.
#[test]
fn truncated_rows_of_both_strands_are_of_the_same_bases() {
    let scratch = Scratch::new();
    let bed = scratch.file("long.bed", "chr1\t4100\t6600\n");
    let got = rows("--pool none --long truncate --strand both", &[&bed, &genome()]);
    let start = scratch.file("start.bed", "chr1\t4100\t5124\n");
    let want = rows("--pool none --strand both", &[&start, &genome()]);
    assert_close(&got, &want, 1e-5);
}

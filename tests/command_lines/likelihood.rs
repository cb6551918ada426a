//! `likelihood` against golden log-probabilities, and its outputs against each other.

use std::{collections::HashMap, fs};

use bigtools::BigWigRead;
use hyenadna::{genome::dna, model::weights::safetensors_file};

use crate::harness::{
    Scratch, data,
    demo::{genome, regions},
    fails,
    genome::turned,
    ok, read,
    table::{Table, assert_close},
    text,
};

const WORDS: &str = "-q likelihood";
const EACH: &str = "-q likelihood --per-base";
const NUMBERS: [&str; 6] = ["log_probability", "entropy", "p_A", "p_C", "p_G", "p_T"];

/// Normalised sequences of a FASTA file of `test-data`.
fn sequences(name: &str) -> HashMap<String, String> {
    let text = read(&data(name));
    let records = text.split('>').skip(1).map(|record| {
        let (title, bases) = record.split_once('\n').unwrap();
        let mut bases = bases.replace('\n', "").into_bytes();
        dna::normalise(&mut bases).unwrap();
        let id = title.split_whitespace().next().unwrap();
        (id.to_owned(), String::from_utf8(bases).unwrap())
    });
    records.collect()
}

/// The rows of one sequence, base by base: NaN where there is no number.
fn rows(table: &Table, id: &str) -> Vec<Vec<f64>> {
    let columns = NUMBERS.map(|name| table.column(name));
    let of_id = |&i: &usize| table.rows[i][0] == id;
    let number = |text: &str| if text == "." { f64::NAN } else { text.parse().unwrap() };
    let row = |i: usize| columns.iter().map(|column| number(column[i])).collect();
    (0..table.rows.len()).filter(of_id).map(row).collect()
}

/// The rows of one sequence that is a file of its own.
fn each(options: &str, bases: &str) -> Vec<Vec<f64>> {
    let scratch = Scratch::new();
    let input = scratch.file("s.fa", format!(">s\n{bases}\n"));
    rows(&Table::parse(&text(&format!("{EACH} {options}"), &[&input])), "s")
}

/// The rows of one region of the demo genome.
fn region(options: &str, contig: &str, start: usize, end: usize) -> Vec<Vec<f64>> {
    let scratch = Scratch::new();
    let input = scratch.file("r.bed", format!("{contig}\t{start}\t{end}\n"));
    let table = Table::parse(&text(&format!("{EACH} {options}"), &[&input, &genome()]));
    rows(&table, contig)
}

#[test]
fn log_probabilities_are_the_golden_ones() {
    let input = data("golden/tiny-d128/inputs.fa");
    let path = data("golden/tiny-d128/expected.safetensors");
    let golden = safetensors_file::parse(path.as_ref(), &fs::read(&path).unwrap()).unwrap();
    let bases = sequences("golden/tiny-d128/inputs.fa");
    for flavour in ["hf", "lightning"] {
        let model = data(&format!("golden/tiny-d128/{flavour}"));
        let table = Table::parse(&text(&format!("{EACH} --model"), &[&model, &input]));
        for i in 0..3 {
            let rows = rows(&table, &format!("seq{i}"));
            let want = &golden[&format!("seq{i}.next_token_logprob")].data;
            assert_eq!(rows.len(), want.len() + 1);
            assert!(rows[0][0].is_nan(), "the first base has no prediction");
            let letters = bases[&format!("seq{i}")].as_bytes();
            for (position, want) in (1..).zip(want) {
                let got = rows[position][0];
                match letters[position] {
                    b'N' => assert!(got.is_nan()),
                    _ => assert!((got - f64::from(*want)).abs() < 1e-4, "{position}: {got} {want}"),
                }
            }
        }
    }
}

#[test]
fn the_numbers_of_a_base_fit_together() {
    let input = data("demo/sequences.fa");
    let table = Table::parse(&text(EACH, &[&input]));
    let names = ["id", "start", "end", "base"].into_iter().chain(NUMBERS);
    assert_eq!(table.header, names.collect::<Vec<_>>());
    let sequences = sequences("demo/sequences.fa");
    let total: usize = sequences.values().map(String::len).sum();
    assert_eq!(table.rows.len(), total);
    for row in &table.rows {
        let position: usize = row[1].parse().unwrap();
        assert_eq!(row[2], (position + 1).to_string());
        assert_eq!(row[3], sequences[&row[0]][position..=position]);
        if position == 0 || row[3] == "N" {
            assert!(row[4..].iter().all(|field| field == "."), "{row:?}");
            continue;
        }
        let value = |i: usize| row[i].parse::<f64>().unwrap();
        let base = "ACGT".find(&row[3]).unwrap();
        assert!((value(4).exp() - value(6 + base)).abs() < 1e-5, "{row:?}");
        let sum: f64 = (6..10).map(value).sum();
        assert!(sum > 0.9 && sum < 1.0001, "{row:?}");
        let of_four: f64 = (6..10).map(|i| -value(i) * value(i).log2()).sum();
        assert!(value(5) >= of_four - 1e-4 && value(5) < 4.0, "{row:?}");
    }
}

#[test]
fn the_reverse_strand_is_the_mirror_of_the_forward_one() {
    // several windows, and one
    let sequences = sequences("demo/genome.fa");
    for (options, bases) in
        [("--context 100", &sequences["chr2"][..900]), ("", &sequences["chr3"]), ("", "A")]
    {
        let reverse = each(&format!("{options} --strand reverse"), bases);
        let mut forward = each(options, &turned(bases));
        forward.reverse();
        for row in &mut forward {
            row[2..].reverse();
        }
        assert_close(&reverse, &forward, 1e-5);
    }
    // with the flanks of regions too
    let turn = |table: Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        let row = |row: &Vec<f64>| [&row[..2], &[row[5], row[4], row[3], row[2]]].concat();
        table.iter().rev().map(row).collect()
    };
    let reverse = region("--context 64 --min-context 20 --strand reverse", "chr3", 480, 600);
    let scratch = Scratch::new();
    let fasta = scratch.file("rc.fa", format!(">chr3\n{}\n", turned(&sequences["chr3"])));
    let bed = scratch.file("r.bed", "chr3\t7\t127\n");
    let words = format!("{EACH} --context 64 --min-context 20");
    let forward = rows(&Table::parse(&text(&words, &[&bed, &fasta])), "chr3");
    assert_close(&reverse, &turn(forward), 1e-5);
}

#[test]
fn both_is_the_mean_of_the_strands() {
    let bases = &sequences("demo/genome.fa")["chr2"][..500];
    let strand = |strand: &str| each(&format!("--context 128 --strand {strand}"), bases);
    let (forward, reverse, both) = (strand("forward"), strand("reverse"), strand("both"));
    let mean = |(a, b): (&Vec<f64>, &Vec<f64>)| -> Vec<f64> {
        let mean = |(&a, &b): (&f64, &f64)| match (a.is_nan(), b.is_nan()) {
            (true, _) => b,
            (_, true) => a,
            _ => f64::midpoint(a, b),
        };
        a.iter().zip(b).map(mean).collect()
    };
    let means: Vec<Vec<f64>> = forward.iter().zip(&reverse).map(mean).collect();
    assert_close(&both, &means, 2e-5);
    // each strand leaves out the base that it starts with
    assert!(forward[0][0].is_nan() && reverse[499][0].is_nan());
    assert!(!both[0][0].is_nan() && !both[499][0].is_nan());
}

#[test]
fn rows_of_entries_are_the_sums_of_bases() {
    for strand in ["forward", "reverse", "both"] {
        let options = format!("--strand {strand} --context 256");
        let input = data("demo/sequences.fa");
        let sums = Table::parse(&text(&format!("{WORDS} {options}"), &[&input]));
        assert_eq!(
            sums.header.join(" "),
            "id length bases log_likelihood bits_per_base perplexity"
        );
        let bases = Table::parse(&text(&format!("{EACH} {options}"), &[&input]));
        for row in &sums.rows {
            let rows = rows(&bases, &row[0]);
            assert_eq!(row[1], rows.len().to_string());
            let known: Vec<f64> = rows.iter().map(|row| row[0]).filter(|x| !x.is_nan()).collect();
            assert_eq!(row[2], known.len().to_string(), "{row:?}");
            if known.is_empty() {
                assert_eq!(row[3..].join(" "), ". . .");
                continue;
            }
            let sum: f64 = known.iter().sum();
            let nats = -sum / known.len() as f64;
            let want = [sum, nats / std::f64::consts::LN_2, nats.exp()];
            let got: Vec<f64> = row[3..].iter().map(|field| field.parse().unwrap()).collect();
            assert_close(&[got], &[want.to_vec()], 1e-4);
        }
    }
}

#[test]
fn windows_of_a_long_sequence_are_those_of_pieces() {
    let bases = &sequences("demo/genome.fa")["chr2"][..1000];
    let options = "--context 300 --min-context 100";
    let whole = each(options, bases);
    // 0-300, then 200 more at a time, of which 100 were read before
    for (read, counted) in
        [(0..300, 0..300), (200..500, 300..500), (400..700, 500..700), (800..1000, 900..1000)]
    {
        let piece = each("", &bases[read.clone()]);
        assert_close(&whole[counted.clone()], &piece[counted.start - read.start..], 1e-4);
    }
    // what fits is read in one window
    assert_close(&each("--context 300", &bases[..300]), &each("", &bases[..300]), 1e-4);
    // more bases before change what follows
    let other = each("--context 300 --min-context 250", bases);
    assert_close(&whole[..300], &other[..300], 1e-4);
    assert!((0..6).any(|i| (whole[320][i] - other[320][i]).abs() > 1e-6));
}

#[test]
fn regions_are_read_with_what_stands_before_them() {
    let chr2 = &sequences("demo/genome.fa")["chr2"];
    let options = "--context 200 --min-context 50";
    // behind 50 bases of flank
    let rows = region(options, "chr2", 1000, 1040);
    assert_close(&rows, &each("", &chr2[950..1040])[50..], 1e-4);
    // near the start of the contig there are fewer
    let rows = region(options, "chr2", 5, 30);
    assert_close(&rows, &each("", &chr2[..30])[5..], 1e-4);
    // a region longer than the context
    let rows = region(options, "chr2", 1000, 1300);
    assert_close(&rows[150..300], &each("", &chr2[1100..1300])[50..], 1e-4);
    // alone
    let rows = region(&format!("{options} --no-flank"), "chr2", 1000, 1040);
    assert_close(&rows, &each("", &chr2[1000..1040]), 1e-4);
    assert!(rows[0][0].is_nan());
}

#[test]
fn columns_of_regions_come_back_as_they_came() {
    let table = Table::parse(&text(WORDS, &[&regions(), &genome()]));
    let names =
        "chrom chromStart chromEnd name score strand bases log_likelihood bits_per_base perplexity";
    assert_eq!(table.header.join(" "), names);
    let bed = read(&regions());
    let lines: Vec<&str> = bed.lines().filter(|line| line.starts_with("chr")).collect();
    let got: Vec<String> = table.rows.iter().map(|row| row[..6].join("\t")).collect();
    assert_eq!(got, lines);
    let all_n = table.rows.iter().find(|row| row[3] == "all_N").unwrap();
    assert_eq!(all_n[6..].join(" "), "0 . . .");
    let last = table.rows.iter().find(|row| row[3] == "chr2_last_base").unwrap();
    assert_eq!(last[6], "1");
    for key in ["model", "context=1024", "min_context=512", "strand=forward", "reference"] {
        let key = format!("##hyenadna_{key}");
        assert!(table.comments.iter().any(|line| line.starts_with(&key)), "{key}");
    }
    fails("-q likelihood --strict", &[&regions(), &genome()], 3, &[]);
    let plain = text("-q likelihood --no-header", &[&regions(), &genome()]);
    assert_eq!(plain.lines().count(), lines.len());
}

#[test]
fn bedgraphs_hold_a_line_for_each_known_base() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t8940\t9020\nchrM\t0\t30\n");
    let table = Table::parse(&text(EACH, &[&bed, &genome()]));
    assert!(table.column("base").contains(&"N"));
    for track in NUMBERS {
        let output = scratch.path("o.bedgraph");
        let words = format!("{WORDS} --track {track} -o");
        assert!(ok(&words, &[&output, &bed, &genome()]).is_empty());
        let graph = Table::parse(&read(&output));
        assert_eq!(graph.header.join(" "), format!("chrom chromStart chromEnd {track}"));
        let column = table.header.iter().position(|name| name == track).unwrap();
        let known = table.rows.iter().filter(|row| row[column] != ".");
        let want: Vec<String> =
            known.map(|row| format!("{}\t{}", row[..3].join("\t"), row[column])).collect();
        let got: Vec<String> = graph.rows.iter().map(|row| row.join("\t")).collect();
        assert!(got.len() < table.rows.len());
        assert_eq!(got, want);
    }
    let plain = text("-q likelihood --format bedgraph --no-header", &[&bed, &genome()]);
    let default = Table::parse(&plain);
    assert_eq!(default.rows[0][3], table.column("log_probability")[0]);
}

/// Contigs of a bigWig and their lengths, by name.
fn contigs(path: &str) -> Vec<(String, u32)> {
    let file = BigWigRead::open_file(path).unwrap();
    file.chroms().iter().map(|chrom| (chrom.name.clone(), chrom.length)).collect()
}

/// The lines that a bedGraph of the same values would have, contigs in the order given.
fn lines(path: &str, contigs: &[&str]) -> Vec<(String, u32, u32, f32)> {
    let mut file = BigWigRead::open_file(path).unwrap();
    let mut lines = Vec::new();
    for &contig in contigs {
        let values = file.get_interval(contig, 0, u32::MAX).unwrap().map(Result::unwrap);
        lines.extend(values.map(|v| (contig.to_owned(), v.start, v.end, v.value)));
    }
    lines
}

#[test]
fn bigwigs_hold_what_bedgraphs_hold() {
    let scratch = Scratch::new();
    // gaps within a contig, N, contigs in another order than the reference's
    let regions = "chr2\t10\t2000\nchr2\t2500\t2501\nchrM\t0\t70\nchr1\t8940\t9020\n";
    let bed = scratch.file("r.bed", regions);
    let (bed, fasta) = ([bed, genome()], [data("demo/sequences.fa")]);
    let ids = |text: &str| -> Vec<String> {
        let titles = text.lines().filter_map(|line| line.strip_prefix('>'));
        titles.map(|title| title.split_whitespace().next().unwrap().to_owned()).collect()
    };
    let sequences = sequences("demo/sequences.fa");
    let genome = self::sequences("demo/genome.fa");
    for (input, of, order) in [
        (&bed[..], &genome, ["chr2", "chrM", "chr1"].map(str::to_owned).to_vec()),
        (&fasta[..], &sequences, ids(&read(&fasta[0]))),
    ] {
        let (graph, wig) = (scratch.path("o.bedgraph"), scratch.path("o.bw"));
        for options in ["", "--track entropy --strand both --context 64", "--track p_G"] {
            for output in [&graph, &wig] {
                let paths =
                    [&[output.as_str()][..], &input.iter().map(|x| &**x).collect::<Vec<_>>()];
                assert!(ok(&format!("{WORDS} {options} -o"), &paths.concat()).is_empty());
            }
            let rows = Table::parse(&read(&graph)).rows;
            let order: Vec<&str> = order.iter().map(String::as_str).collect();
            let found = lines(&wig, &order);
            assert_eq!(found.len(), rows.len(), "{options}");
            for ((contig, start, end, value), row) in found.into_iter().zip(&rows) {
                assert_eq!(row[..3].join(" "), format!("{contig} {start} {end}"));
                let want: f32 = row[3].parse().unwrap();
                assert!((value - want).abs() <= 1e-5 * want.abs(), "{value} {row:?}");
            }
            // all of the reference's, those without a region too
            let mut want: Vec<(String, u32)> =
                of.iter().map(|(name, bases)| (name.clone(), bases.len() as u32)).collect();
            want.sort();
            assert_eq!(contigs(&wig), want);
        }
    }
    assert_eq!(scratch.names(), ["o.bedgraph", "o.bw", "r.bed"]);
}

#[test]
fn bigwigs_name_contigs_as_the_reference_does() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "1\t100\t120\nchr1\t120\t140\nMT\t0\t9\n");
    let output = scratch.path("o.bigWig");
    ok(&format!("{WORDS} -o"), &[&output, &bed, &genome()]);
    assert_eq!(lines(&output, &["chr1"]).len(), 40);
    assert_eq!(lines(&output, &["chrM"]).len(), 8);
    // in one contig, under two names
    let bed = scratch.file("r.bed", "1\t100\t120\nchr1\t110\t140\n");
    fails(&format!("{WORDS} -o"), &[&output, &bed, &genome()], 1, &["line 2", "overlaps"]);
}

#[test]
fn a_bigwig_without_values_is_valid() {
    let scratch = Scratch::new();
    let input = scratch.file("s.fa", ">a\nA\n>empty\n\n>b\nNNNN\n");
    let output = scratch.path("o");
    let words = format!("{WORDS} --format bigwig -o");
    ok(&words, &[&output, &input]);
    assert_eq!(contigs(&output), [("a".to_owned(), 1), ("b".to_owned(), 4)]);
    assert!(lines(&output, &["a", "b"]).is_empty());
}

#[test]
fn what_a_bigwig_cannot_hold_is_said() {
    let scratch = Scratch::new();
    let output = scratch.path("o.bw");
    let words = format!("{WORDS} -o");
    for (regions, phrases) in [
        ("chr2\t50\t90\nchr2\t20\t30\n", ["line 2", "chr2:21-30", "chr2:51-90", "sort -k1,1"]),
        ("chr2\t50\t90\nchr2\t80\t99\n", ["line 2", "chr2:81-99", "overlaps", "bedtools merge"]),
        (
            "chr2\t5\t9\nchrM\t1\t3\nchr2\t20\t30\n",
            ["line 3", "chr2:21-30", "comes back", "sort -k1,1"],
        ),
    ] {
        let bed = scratch.file("r.bed", regions);
        fails(&words, &[&output, &bed, &genome()], 1, &phrases);
        assert_eq!(scratch.names(), ["r.bed"], "nothing is left");
        ok(&format!("{WORDS} --format bedgraph"), &[&bed, &genome()]);
    }
    let twice = scratch.file("r.bed", ">a\nACGT\n>b\nACGT\n>a\nACGTA\n");
    fails(&words, &[&output, &twice], 1, &["record a (line 5)", "two sequences", "rename"]);
    assert_eq!(scratch.names(), ["r.bed"]);

    let (bed, genome) = (regions(), genome());
    fails(&format!("{WORDS} --format bigwig"), &[&bed, &genome], 2, &["stdout", "-o FILE.bw"]);
    fails(&format!("{WORDS} --format bigwig -o -"), &[&bed, &genome], 2, &["stdout"]);
    fails(&words, &["x.bw.gz", &bed, &genome], 2, &["x.bw.gz", "leave out the suffix"]);
    for format in ["bigwig", "bigwig --track p_A"] {
        let words = format!("{WORDS} --format {format} -o /dev/null");
        fails(&words, &[&bed, &genome], 2, &["/dev/null", "device"]);
    }
}

#[test]
fn what_does_not_go_together_is_said() {
    let scratch = Scratch::new();
    let (bed, genome) = (regions(), genome());
    let usage = |options: &str, phrases: &[&str]| {
        fails(&format!("{WORDS} {options}"), &[&bed, &genome], 2, phrases);
    };
    usage("--min-context 1024", &["--min-context 1024", "1024"]);
    usage("--context 10 --min-context 10", &["smaller than the context"]);
    usage("--min-context 0", &["--min-context"]);
    usage("--context 1", &["--context", "2 or more"]);
    usage("--track entropy", &["--track", "bedgraph"]);
    usage("--track p_X", &["p_X"]);
    usage("-o out.npy", &[".npy", ".bedgraph"]);
    fails("-q likelihood --context 1025", &[&bed, &genome], 1, &["1025", "1024"]);
    fails(WORDS, &["-", "-"], 2, &["stdin"]);
    fails(WORDS, &[&bed], 2, &["reference"]);
    let output = scratch.path("out.tsv");
    for (line, phrases) in [
        ("chr2\t8000\t8004\n", &["ends beyond chr2", "8003", "line 2"]),
        ("chr2\t70\t70\n", &["chr2 70 70", "is empty", "line 2"]),
        ("chr9\t0\t7\n", &["chr9", "assembly", "line 2"]),
    ] {
        let bed = scratch.file("bad.bed", format!("chrM\t0\t50\n{line}"));
        for options in ["", "--per-base"] {
            let words = format!("{WORDS} {options} -o");
            fails(&words, &[&output, &bed, &genome], 1, phrases);
            assert_eq!(scratch.names(), ["bad.bed"], "nothing is left");
        }
    }
}

/// What is written does not depend on how much is computed at once.
#[test]
fn chunks_do_not_show() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr2\t10\t2000\nchrM\t0\t400\nchr2\t0\t1\n");
    let words = format!("{EACH} --no-header --context 64 --strand both");
    let one = text(&format!("{words} --batch-tokens 1"), &[&bed, &genome()]);
    let two = text(&format!("{words} --threads 2"), &[&bed, &genome()]);
    let numbers = |text: &str| -> Vec<Vec<f64>> {
        let rows = Table::parse(text).rows;
        let number = |field: &String| field.parse().unwrap_or(f64::NAN);
        rows.iter().map(|row| row[4..].iter().map(number).collect()).collect()
    };
    assert_eq!(one.lines().count(), 2391);
    assert_close(&numbers(&one), &numbers(&two), 1e-4);
    let positions: Vec<u64> = one
        .lines()
        .take(1990)
        .map(|line| line.split('\t').nth(1).unwrap().parse().unwrap())
        .collect();
    assert_eq!(positions, (10..2000).collect::<Vec<_>>());
}

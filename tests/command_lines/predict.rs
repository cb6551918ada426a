//! `predict`: values of a head are those of the embeddings, in every format.

use std::fs;

use bigtools::BigWigRead;
use hyenadna::model::{
    head::{Head, HeadConfig, HeadStrands, HeadTask},
    pool::Pool,
    weights::source,
};

use crate::harness::{
    Scratch, command, data,
    demo::{genome, regions},
    fails, files,
    genome::{bases, fasta},
    heads::{self, classes},
    ok, read, run, run_with,
    table::{Table, assert_close, npy, npy_file, parquet_file},
    text,
};

const WORDS: &str = "-q predict -m";

/// The head of a model's folder.
fn head(model: &str) -> Head {
    source::load_folder(model.as_ref()).unwrap().weights.task_head().unwrap()
}

/// The values of a head for rows that `embed` gives.
fn expected(model: &str, options: &str, paths: &[&str]) -> Vec<Vec<f64>> {
    let words = format!("-q embed --format npy {options} -m");
    let head = head(model);
    let rows = npy(&ok(&words, &[&[model], paths].concat()));
    let narrow = |row: &Vec<f64>| row.iter().map(|&x| x as f32).collect::<Vec<f32>>();
    rows.iter().map(|row| head.values(&head.apply(&narrow(row)))).collect()
}

/// The columns of a table that hold values.
fn values(table: &Table) -> Vec<Vec<f64>> {
    let is_value = |name: &String| name.starts_with("p_") || name.starts_with("predicted_");
    let columns: Vec<usize> =
        (0..table.header.len()).filter(|&i| is_value(&table.header[i])).collect();
    let row = |row: &Vec<String>| columns.iter().map(|&i| row[i].parse().unwrap()).collect();
    table.rows.iter().map(row).collect()
}

fn table(words: &str, paths: &[&str]) -> Table {
    Table::parse(&text(words, paths))
}

fn config(task: HeadTask, outputs: &[&str], pool: Pool, strands: HeadStrands) -> HeadConfig {
    HeadConfig { pool, strands, ..heads::config(task, outputs) }
}

#[test]
fn values_are_those_of_the_embeddings() {
    let scratch = Scratch::new();
    let (genome, regions) = (genome(), regions());
    let bins = "bins:3".parse().unwrap();
    use HeadStrands::{Both, Concat, Forward};
    use HeadTask::{MultiLabel, Regression, SingleLabel};
    let names = ["a", "b", "c"];
    for (number, (task, pool, strands, embed, strand)) in [
        (SingleLabel, Pool::Mean, Forward, "--strand auto", "auto"),
        (SingleLabel, Pool::Max, Forward, "--strand reverse", "reverse"),
        (MultiLabel, Pool::Last, Concat, "--strand concat", "forward"),
        (Regression, Pool::First, Both, "--strand both", "both"),
        (SingleLabel, bins, Forward, "--pool bins:3 --strand forward", "forward"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut config = config(task, &names, pool, strands);
        if task == Regression {
            config.scale = vec![[5.0, 2.0]; 3];
        }
        let model = heads::model(&scratch, &format!("m{number}"), &config);
        // three parts need three bases
        let length = |line: &&str| {
            let mut columns = line.split('\t').skip(1).map(|text| text.parse::<u64>().unwrap());
            columns.next().zip(columns.next()).is_some_and(|(start, end)| end >= start + 3)
        };
        let bed = read(&regions);
        let bed: Vec<&str> = bed.lines().filter(length).collect();
        let bed = scratch.file("r.bed", bed.join("\n"));
        let pool = if embed.contains("--pool") { String::new() } else { format!("--pool {pool}") };
        let want = expected(&model, &format!("{pool} {embed} --long chunk"), &[&bed, &genome]);
        let words = format!("-q predict --long chunk --strand {strand} -m");
        let got = table(&words, &[&model, &bed, &genome]);
        assert_close(&values(&got), &want, 1e-4);
        assert!(got.column("status").iter().all(|&status| status == "ok"));
        assert_eq!(got.header[..4], ["chrom", "chromStart", "chromEnd", "name"]);
        if task == SingleLabel {
            let largest = |row: &Vec<f64>| {
                let i = (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
                names[i]
            };
            let predicted: Vec<&str> = want.iter().map(largest).collect();
            assert_eq!(got.column("predicted"), predicted);
            let spread = |i: usize| want.iter().filter(|row| row[i] > 0.1).count();
            assert!((0..3).any(|i| spread(i) > 0 && spread(i) < want.len()), "{want:?}");
        }
    }
}

#[test]
fn both_strands_are_averaged() {
    let scratch = Scratch::new();
    let model = heads::model(&scratch, "m", &classes());
    let input = data("demo/reads.fq");
    let of = |strand: &str| {
        values(&table(&format!("-q predict --strand {strand} -m"), &[&model, &input]))
    };
    let (forward, reverse) = (of("forward"), of("reverse"));
    assert_ne!(forward, reverse);
    let mean = |(a, b): (&Vec<f64>, &Vec<f64>)| -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| (a + b) / 2.0).collect()
    };
    let want: Vec<Vec<f64>> = forward.iter().zip(&reverse).map(mean).collect();
    assert_close(&of("both"), &want, 1e-5);
    assert_eq!(of("auto"), forward);
}

#[test]
fn formats_hold_the_same() {
    let scratch = Scratch::new();
    let model = heads::model(&scratch, "m", &classes());
    let (regions, genome) = (regions(), genome());
    let inputs = [&model, &regions, &genome].map(String::as_str);
    let words = "-q predict --long chunk -m";
    let tsv = table(words, &inputs);
    let csv = text("-q predict --long chunk --format csv -m", &inputs);
    let fields: Vec<String> = tsv.rows.iter().map(|row| row.join(",")).collect();
    assert_eq!(csv.lines().skip(1).collect::<Vec<_>>(), fields);
    let to = |name: &str| {
        let path = scratch.path(name);
        ok(&format!("-q predict --long chunk -o {path} -m"), &inputs);
        path
    };
    let matrix = to("x.npy");
    assert_close(&npy_file(&matrix), &values(&tsv), 1e-5);
    let beside = Table::parse(&read(&scratch.path("x.tsv")));
    assert_eq!(beside.column("predicted"), tsv.column("predicted"));
    assert_eq!(beside.column("name"), tsv.column("name"));
    let (rows, _) = parquet_file(&to("x.parquet"));
    assert_eq!(rows.len(), tsv.rows.len());
    let bed = Table::parse(&read(&to("x.bed")));
    assert_eq!(bed.header[..6], ["chrom", "chromStart", "chromEnd", "name", "score", "strand"]);
    assert_eq!(bed.column("name"), tsv.column("predicted"));
    assert_eq!(bed.column("strand"), tsv.column("strand"));
    assert_eq!(values(&bed), values(&tsv));
    let score = |(row, score): (&Vec<f64>, Option<f64>)| {
        assert_eq!(Some(row.iter().copied().fold(0.0, f64::max)), score);
    };
    values(&tsv).iter().zip(bed.numbers("score")).for_each(score);
}

#[test]
fn top_and_threshold() {
    let scratch = Scratch::new();
    let input = data("demo/reads.fq");
    let model = heads::model(&scratch, "m", &classes());
    let all = table(WORDS, &[&model, &input]);
    let top = table("-q predict --top 2 -m", &[&model, &input]);
    assert_eq!(
        top.header,
        ["id", "length", "class_1", "p_1", "class_2", "p_2", "predicted", "status"]
    );
    assert_eq!(top.column("class_1"), all.column("predicted"));
    let largest = |row: &Vec<f64>| row.iter().copied().reduce(f64::max);
    let largest: Vec<Option<f64>> = values(&all).iter().map(largest).collect();
    assert_eq!(top.numbers("p_1"), largest);
    let sure = table("-q predict --threshold 0.9 -m", &[&model, &input]);
    let predicted = all.column("predicted");
    let want: Vec<&str> = predicted
        .iter()
        .zip(&largest)
        .map(|(class, p)| if p.unwrap() >= 0.9 { class } else { "." })
        .collect();
    assert_eq!(sure.column("predicted"), want);
    assert!(want.contains(&"."), "{want:?}");
}

#[test]
fn what_has_no_values_has_a_status() {
    let scratch = Scratch::new();
    let bins =
        config(HeadTask::SingleLabel, &["a", "b"], "bins:4".parse().unwrap(), HeadStrands::Concat);
    let model = heads::model(&scratch, "m", &bins);
    let input = scratch.file("s.fa", ">empty\n>short\nACG\n>n\nNNNNNN\n>long\nACGTAC\n");
    let outcome = run(&mut command("predict --strict -m", &[&model, &input]));
    assert_eq!(outcome.code, Some(3));
    let got = Table::parse(&String::from_utf8(outcome.stdout).unwrap());
    assert_eq!(got.column("status"), ["empty", "short", "ok", "ok"]);
    assert_eq!(got.column("p_a")[..2], [".", "."]);
    assert_eq!(got.column("predicted")[..2], [".", "."]);
    for line in ["fewer bases than the 4 parts", "without a base, whose values are missing: 1"] {
        assert!(outcome.stderr.contains(line), "{}", outcome.stderr);
    }
    assert_eq!(run(&mut command(WORDS, &[&model, &input])).code, Some(0));
    let matrix = npy(&ok("-q predict --format npy -m", &[&model, &input]));
    assert!(matrix[0][0].is_nan() && !matrix[3][0].is_nan());
}

#[test]
fn tiles_are_read_in_windows_around_them() {
    let scratch = Scratch::new();
    let model = heads::model(&scratch, "m", &classes());
    let contig = bases(1000, 5);
    let genome = fasta(&scratch, "g.fa", &[("chr1", &contig), ("chr2", &contig[300..390])]);
    let words = "-q predict --stride 40 --window 100 -m";
    let tiles = table(words, &[&model, &genome]);
    assert_eq!(tiles.header[..3], ["id", "start", "end"]);
    assert_eq!(tiles.rows.len(), 25 + 3);
    assert_eq!(tiles.rows[27][..3], ["chr2", "80", "90"]);
    // the windows themselves as regions
    let windows: String = tiles
        .rows
        .iter()
        .map(|row| {
            let [start, end] = [1, 2].map(|i| row[i].parse::<usize>().unwrap());
            let length: usize = if row[0] == "chr1" { 1000 } else { 90 };
            let middle = start + (end - start) / 2;
            let first = middle.saturating_sub(50).min(length.saturating_sub(100));
            format!("{}\t{first}\t{}\n", row[0], (first + 100).min(length))
        })
        .collect();
    let windows = scratch.file("w.bed", windows);
    let want = table("-q predict -m", &[&model, &windows, &genome]);
    assert_close(&values(&tiles), &values(&want), 1e-5);
    // of regions too, whose windows go on beyond them
    let region = scratch.file("r.bed", "chr1\t120\t200\n");
    let part = table(words, &[&model, &region, &genome]);
    assert_eq!(part.rows[..], {
        let mut rows = tiles.rows[3..5].to_vec();
        rows.iter_mut().for_each(|row| row[0] = "chr1".to_owned());
        rows
    });
    // one class as tracks
    let track = |more: &str| format!("-q predict --stride 40 --window 100 {more} -m");
    let shown = text(&track("--format bedgraph --output-class intron"), &[&model, &genome]);
    let shown = Table::parse(&shown);
    assert_eq!(shown.header, ["id", "start", "end", "p_intron"]);
    assert_eq!(shown.column("p_intron"), tiles.column("p_intron"));
    let path = scratch.path("x.bw");
    ok(&track(&format!("--output-class intron -o {path}")), &[&model, &genome]);
    let mut bigwig = BigWigRead::open_file(&path).unwrap();
    let got: Vec<f32> =
        bigwig.get_interval("chr1", 0, 1000).unwrap().map(|v| v.unwrap().value).collect();
    assert_eq!(got.len(), 1000);
    for (i, want) in shown.numbers("p_intron")[..25].iter().enumerate() {
        assert!((f64::from(got[40 * i + 7]) - want.unwrap()).abs() < 1e-5, "{i}");
    }
}

#[test]
fn regions_have_windows_around_their_centres_if_requested() {
    let scratch = Scratch::new();
    let model = heads::model(&scratch, "m", &classes());
    let contig = bases(1500, 5);
    let genome = fasta(&scratch, "g.fa", &[("chr1", &contig)]);
    let regions = scratch.file("r.bed", "chr1\t5\t6\tx\t0\t-\nchr1\t200\t1400\ty\t0\t+\n");
    let windows = scratch.file("w.bed", "chr1\t0\t64\tx\t0\t-\nchr1\t768\t832\ty\t0\t+\n");
    let got = table("-q predict --window 64 -m", &[&model, &regions, &genome]);
    let want = table(WORDS, &[&model, &windows, &genome]);
    assert_eq!(values(&got), values(&want));
    assert_eq!(got.column("chromEnd"), ["6", "1400"]);
    // regions as a track, and in place of a file
    let shown = |words: &str, paths: &[&str]| {
        let words = format!("-q predict --window 64 --output-class exon {words} -m");
        table(&words, &[&[model.as_str()], paths].concat())
    };
    let track = shown("--format bedgraph", &[&regions, &genome]);
    assert_eq!(track.rows[1][..3], ["chr1", "200", "1400"]);
    assert_eq!(track.column("p_exon"), want.column("p_exon"));
    let words = "--region chr1:201-1400 --format bedgraph";
    assert_eq!(shown(words, &[&genome]).rows, track.rows[1..]);
    // a bigWig needs regions that do not overlap
    let overlap = scratch.file("o.bed", "chr1\t5\t60\nchr1\t50\t90\n");
    let output = scratch.path("x.bw");
    let words = format!("predict --output-class exon -o {output} -m");
    fails(&words, &[&model, &overlap, &genome], 1, &["line 2", "overlaps"]);
    assert!(!fs::exists(output).unwrap());
}

#[test]
fn bases_have_values_of_their_own() {
    let scratch = Scratch::new();
    let contig = bases(700, 5);
    let genome = fasta(&scratch, "g.fa", &[("chr1", &contig), ("chr2", &contig[300..390])]);
    for (number, (strands, task, embed)) in [
        (HeadStrands::Forward, HeadTask::BaseClasses, "forward"),
        (HeadStrands::Concat, HeadTask::BaseLabels, "concat"),
        (HeadStrands::Both, HeadTask::BaseClasses, "both"),
    ]
    .into_iter()
    .enumerate()
    {
        let config = config(task, &["a", "b", "c"], Pool::None, strands);
        let model = heads::model(&scratch, &format!("m{number}"), &config);
        // one window holds all of a sequence
        let whole = table("-q predict --window 1000 -m", &[&model, &genome]);
        let words = format!("--pool none --strand {embed}");
        let want = expected(&model, &words, &[&genome]);
        assert_close(&values(&whole), &want, 1e-4);
        assert_eq!(whole.rows[701][..3], ["chr2", "1", "2"]);
        // windows of 64 bases, the length of the training sequences
        let parts = table(WORDS, &[&model, &genome]);
        assert_eq!(parts.rows.len(), 790);
        // the tile of bases 128 to 160 in its window
        let (region, first) = match strands {
            HeadStrands::Forward => ("chr1\t96\t160\n", 32),
            _ => ("chr1\t112\t176\n", 16),
        };
        let region = scratch.file("r.bed", region);
        let window = expected(&model, &words, &[&region, &genome]);
        assert_close(&values(&parts)[128..160], &window[first..first + 32], 1e-4);
        // windows that overlap by 48 bases: the tile of bases 128 to 144 in its window
        let parts = table("-q predict --overlap 48 -m", &[&model, &genome]);
        let (region, first) = match strands {
            HeadStrands::Forward => ("chr1\t80\t144\n", 48),
            _ => ("chr1\t104\t168\n", 24),
        };
        let region = scratch.file("r.bed", region);
        let window = expected(&model, &words, &[&region, &genome]);
        assert_close(&values(&parts)[128..144], &window[first..first + 16], 1e-4);
        let parts = table(WORDS, &[&model, &genome]);
        // runs of the same class
        let bed = Table::parse(&text("-q predict --format bed -m", &[&model, &genome]));
        assert_eq!(bed.header, ["chrom", "chromStart", "chromEnd", "name", "score", "strand"]);
        let mut predicted = vec!["."; 790];
        for row in &bed.rows {
            let [start, end] = [1, 2].map(|i| row[i].parse::<usize>().unwrap());
            let offset = if row[0] == "chr1" { 0 } else { 700 };
            predicted[offset + start..offset + end].fill(&row[3]);
        }
        assert_eq!(predicted, parts.column("predicted"));
        assert!(bed.rows.len() < 790);
        // one class as tracks
        let shown = text("-q predict --format bedgraph --output-class c -m", &[&model, &genome]);
        assert_eq!(Table::parse(&shown).column("p_c"), parts.column("p_c"));
        let path = scratch.path("x.bw");
        ok(&format!("-q predict --output-class c -o {path} -m"), &[&model, &genome]);
        let mut bigwig = BigWigRead::open_file(&path).unwrap();
        let got = bigwig.get_interval("chr2", 0, 90).unwrap().map(|v| v.unwrap().value);
        let want = parts.numbers("p_c");
        for (i, got) in got.enumerate() {
            assert!((f64::from(got) - want[700 + i].unwrap()).abs() < 1e-5, "{i}");
        }
        fs::remove_file(path).unwrap();
    }
}

/// Inputs without records, that end early, or in the wrong order.
#[test]
fn odd_inputs() {
    let scratch = Scratch::new();
    let model = heads::model(&scratch, "m", &classes());
    let (genome, regions) = (genome(), regions());
    let of = |input: &[u8], paths: &[&str]| {
        run_with(
            &mut command("predict --long chunk -m", &[&[model.as_str()], paths].concat()),
            input,
        )
    };
    let nothing = of(b"", &["-", &genome]);
    assert_eq!(nothing.code, Some(0), "{}", nothing.stderr);
    assert!(nothing.stderr.contains("<stdin> has no region"), "{}", nothing.stderr);
    let table = Table::parse(&String::from_utf8(nothing.stdout).unwrap());
    assert_eq!(table.header[3..], ["p_exon", "p_intron", "p_none", "predicted", "status"]);
    of(b"", &["-"]).assert_refused(&["<stdin> is empty"]);
    let whole = files::gzip(read(&regions).as_bytes());
    of(&whole[..whole.len() / 2], &["-", &genome]).assert_refused(&["<stdin>", "truncated"]);
    let sequences = data("demo/reads.fq");
    let words = "predict -m";
    fails(words, &[&model, &sequences, &regions], 2, &["did you swap them?"]);
    fails(words, &[&model, &regions], 2, &["needs a reference genome"]);
    fails(words, &[&model, "-", "-"], 2, &["only one input can be stdin"]);
    let outside = scratch.file("o.bed", "chr1\t10\t99999999\n");
    fails(words, &[&model, &outside, &genome], 1, &["o.bed, line 1", "ends beyond"]);
    let unfinished = scratch.path("unfinished");
    fs::create_dir(&unfinished).unwrap();
    fails(words, &[&unfinished, &sequences], 1, &["unfinished holds no model"]);
}

#[test]
fn what_does_not_fit_the_head_is_said() {
    let scratch = Scratch::new();
    let input = data("demo/reads.fq");
    let numbers = heads::config(HeadTask::Regression, &["strength", "width"]);
    let bases = heads::config(HeadTask::BaseClasses, &["gene", "other"]);
    let [classes, numbers, bases] = [("c", classes()), ("n", numbers), ("b", bases)]
        .map(|(name, config)| heads::model(&scratch, name, &config));
    fails("predict", &[&input], 1, &["builtin:human-1k has no head for a task", "finetune"]);
    for (words, model, phrases) in [
        ("--threshold 0.5", &numbers, ["predicts numbers", "strength, width"]),
        ("--top 2", &numbers, ["--top is for classes", "strength"]),
        ("--format bedgraph", &numbers, ["--output-class", "strength, width"]),
        ("--format bedgraph", &classes, ["--output-class", "exon, intron, none"]),
        ("--format bedgraph --output-class x", &classes, ["--output-class x", "exon, intron"]),
        ("--output-class exon", &classes, ["bedgraph or bigwig", "all classes"]),
        ("--format npy --top 1", &classes, ["--top is for tables", "matrix"]),
        ("--format npy --threshold 1", &classes, ["--threshold is for tables", "matrix"]),
        (
            "--format bedgraph --output-class exon --threshold 1",
            &classes,
            ["--threshold is for tables", "track"],
        ),
        ("--overlap 3", &classes, ["--overlap is for a head of each base", "--stride"]),
        ("--window 30", &classes, ["--window is for regions, --stride", "as a whole"]),
        ("--window 30 --long chunk", &classes, ["--window", "cannot be used with"]),
        ("--stride 3 --window 2000", &classes, ["--window 2000", "1024 bases"]),
        ("--stride 3", &bases, ["--stride is for a head of whole sequences", "each base"]),
        ("--long chunk", &bases, ["--long is for a head of whole", "overlapping windows"]),
        ("--overlap 64", &bases, ["--overlap 64", "window of 64"]),
        ("--format bed --top 1", &bases, ["--top is for rows", "runs"]),
    ] {
        let error = fails(&format!("predict {words} -m"), &[model, &input], 2, &phrases);
        assert!(!error.contains("panicked"), "{error}");
    }
    fails("predict --threshold 2 -m", &[&classes, &input], 2, &["probability from 0 to 1"]);
    let protein = scratch.file("p.fa", ">p\nMKLV\n");
    fails(WORDS, &[&classes, &protein], 1, &["p.fa", "nucleotide"]);
    let long = scratch.file("l.fa", format!(">l\n{}\n", "A".repeat(2000)));
    fails(WORDS, &[&classes, &long], 1, &["record l", "--long chunk"]);
    let output = scratch.path("out.tsv");
    fails(&format!("{WORDS} {classes} -o"), &[&output, &long], 1, &["--long chunk"]);
    assert!(!fs::exists(output).unwrap());
}

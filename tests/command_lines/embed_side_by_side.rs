//! Vectors of `embed` side by side: layers, strands and parts.

use std::ops::Range;

use serde_json::json;

use crate::harness::{
    Scratch, command, data,
    demo::genome,
    fails,
    genome::contig,
    ok, read, run,
    table::{Table, assert_close, distance, mean, npy, npy_file, parquet_file},
    text,
};

fn rows(options: &str, paths: &[&str]) -> Vec<Vec<f64>> {
    npy(&ok(&format!("-q embed --format npy {options}"), paths))
}

/// The rows of matrices, one after the other.
fn beside(matrices: &[Vec<Vec<f64>>]) -> Vec<Vec<f64>> {
    let row = |i: usize| matrices.iter().flat_map(|matrix| matrix[i].clone()).collect();
    (0..matrices[0].len()).map(row).collect()
}

/// Regions of both strands, at the end of a contig too.
fn some_regions(scratch: &Scratch) -> String {
    let lines = ["chr1\t4000\t4061\ta\t0\t-", "chr2\t100\t133\tb\t0\t+", "chrM\t0\t12\tc\t0\t."];
    scratch.file("r.bed", lines.join("\n") + "\n")
}

/// The columns are in the order of layer, strand, part and channel.
#[test]
fn side_by_side_is_what_single_runs_give() {
    let scratch = Scratch::new();
    let bed = some_regions(&scratch);
    let genome = genome();
    let paths: &[&str] = &[&bed, &genome];
    for options in ["", "--pool last", "--pool none", "--pool bins:5 --flank 40"] {
        let read = |strand: &str, layer: &str| {
            rows(&format!("{options} --strand {strand} --layer {layer}"), paths)
        };
        let single = |layer| [read("forward", layer), read("reverse", layer)];
        let ([a, b], [c, d]) = (single("1"), single("last"));
        assert!(distance(&a, &b) > 1e-3 && distance(&a, &c) > 1e-3);
        assert_close(&read("concat", "1"), &beside(&[a.clone(), b.clone()]), 1e-6);
        assert_close(&read("forward", "last,1"), &beside(&[c.clone(), a.clone()]), 1e-6);
        assert_close(&read("concat", "1,last"), &beside(&[a, b, c, d]), 1e-6);
    }
}

/// The mean of both strands is that of the two halves of `concat`.
#[test]
fn both_strands_are_the_mean_of_the_halves() {
    let scratch = Scratch::new();
    let bed = some_regions(&scratch);
    let read = |strand: &str| {
        rows(&format!("--strand {strand} --pool bins:3 --layer 1,2"), &[&bed, &genome()])
    };
    let (both, concat) = (read("both"), read("concat"));
    let bins = 3 * 128;
    let halves = |row: &Vec<f64>| -> Vec<f64> {
        let layers = row.chunks(2 * bins).map(|layer| layer.split_at(bins));
        let mean = |(a, b): (&[f64], &[f64])| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| (a + b) / 2.0).collect()
        };
        layers.flat_map(mean).collect()
    };
    assert_close(&both, &concat.iter().map(halves).collect::<Vec<_>>(), 1e-6);
}

/// Bounds of `numpy.array_split`: of a remainder the first parts have one base more.
fn parts(length: usize, parts: usize) -> Vec<Range<usize>> {
    let mut end = 0;
    let part = |i: usize| {
        let start = end;
        end += length / parts + usize::from(i < length % parts);
        start..end
    };
    (0..parts).map(part).collect()
}

/// Parts are in reading direction, of which the rows of bases know nothing.
#[test]
fn parts_are_means_of_the_rows() {
    let scratch = Scratch::new();
    let genome = genome();
    let lengths = [61, 33, 12];
    let bed = some_regions(&scratch);
    for (strand, turned) in [("forward", false), ("reverse", true)] {
        let read = |pool: &str| rows(&format!("--strand {strand} --pool {pool}"), &[&bed, &genome]);
        let mut all = read("none").into_iter();
        for (i, length) in lengths.into_iter().enumerate() {
            let mut bases: Vec<_> = all.by_ref().take(length).collect();
            if turned {
                bases.reverse();
            }
            for count in [1, 4, 12] {
                let got = read(&format!("bins:{count}"))[i].clone();
                let means = parts(length, count).into_iter().flat_map(|part| mean(&bases[part]));
                assert_close(&[got], &[means.collect::<Vec<_>>()], 1e-5);
            }
        }
    }
    // one part is the mean
    let paths: &[&str] = &[&bed, &genome];
    assert_close(&rows("--pool bins:1", paths), &rows("", paths), 0.0);
}

/// Parts are those of the whole sequence, wherever it is split to be read.
#[test]
fn parts_of_long_sequences() {
    let scratch = Scratch::new();
    let bases = &contig("demo/genome.fa", "chr1")[4100..6600];
    let long = scratch.file("long.fa", format!(">long\n{bases}\n"));
    for (strand, turned) in [("forward", false), ("reverse", true)] {
        let read = |long_as: &str, pool: &str| {
            let options = format!("--long {long_as} --strand {strand} --pool {pool}");
            let mut rows = rows(&options, &[&long]);
            if turned && pool == "none" {
                rows.reverse();
            }
            rows
        };
        let all = read("chunk", "none");
        let means: Vec<f64> =
            parts(2500, 7).into_iter().flat_map(|part| mean(&all[part])).collect();
        assert_close(&read("chunk", "bins:7"), &[means], 1e-5);
        // parts of the bases that are read
        let kept = read("truncate", "none");
        assert_eq!(kept.len(), 1024);
        let means: Vec<f64> =
            parts(1024, 7).into_iter().flat_map(|part| mean(&kept[part])).collect();
        assert_close(&read("truncate", "bins:7"), &[means], 1e-5);
    }
    let words = "embed --pool bins:2";
    fails(words, &[&long], 1, &["2500", "1024", "--long chunk", "long (line 1)"]);
}

/// A sequence with fewer bases than parts has NaN at the end, and says so.
#[test]
fn a_part_without_a_base_is_missing() {
    let scratch = Scratch::new();
    let fasta = scratch.file("s.fa", ">two\nAC\n>none\n\n>four\nACGT\n");
    let words = "embed --pool bins:4 --strand concat --layer 0,last --format npy -o";
    let (output, summary) = (scratch.path("x.npy"), scratch.path("summary.json"));
    let options = format!("--strict --summary {summary} {words}");
    let words = options.replace("embed ", "");
    let outcome = run(&mut command(&format!("embed {words}"), &[&output, &fasta]));
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    for warning in ["fewer bases than the parts of --pool bins:4", "without a base"] {
        assert!(outcome.stderr.contains(warning), "{}", outcome.stderr);
    }
    let matrix = npy_file(&output);
    let missing = |row: &[f64]| row.iter().filter(|x| x.is_nan()).count();
    assert_eq!(matrix.iter().map(|row| row.len()).collect::<Vec<_>>(), [2048; 3]);
    assert_eq!(matrix.iter().map(|row| missing(row)).collect::<Vec<_>>(), [1024, 2048, 0]);
    // the last two of four parts, of each strand of each layer
    for vectors in matrix[0].chunks(4 * 128) {
        assert_eq!((missing(&vectors[..256]), missing(&vectors[256..])), (0, 256));
    }
    let summary: serde_json::Value = serde_json::from_str(&read(&summary)).unwrap();
    assert_eq!(summary["statuses"], json!({ "ok": 1, "short": 1, "empty": 1 }));
    let table = text("-q embed --pool bins:4 --header none", &[&fasta]);
    let second: Vec<&str> = table.lines().next().unwrap().split('\t').collect();
    assert_eq!((second.len(), second[2 + 255] != "NaN", second[2 + 256]), (514, true, "NaN"));
}

#[test]
fn formats_and_batches_agree() {
    let scratch = Scratch::new();
    let bed = some_regions(&scratch);
    let genome = genome();
    for (pool, width, count) in [("bins:3", 1536, 3), ("none", 512, 106)] {
        let options = format!("--pool {pool} --strand concat --layer last,1");
        let [tsv, npy, parquet] = ["o.tsv", "n.npy", "o.parquet"].map(|name| scratch.path(name));
        for output in [&tsv, &npy, &parquet] {
            ok(&format!("-q embed {options} -o"), &[output, &bed, &genome]);
        }
        let table = Table::parse(&read(&tsv));
        let matrix = npy_file(&npy);
        assert_eq!((matrix.len(), matrix[0].len()), (count, width));
        assert_close(&parquet_file(&parquet).1, &matrix, 0.0);
        assert_close(&table.embeddings(), &matrix, 1e-5);
        assert_eq!(table.header.last().unwrap(), &format!("e{}", width - 1));
        let provenance = format!("##hyenadna_pool={pool}\n##hyenadna_layer=last,1\n");
        assert!(read(&tsv).contains(&provenance), "{}", &read(&tsv)[..600]);
        for batch in ["--batch-tokens 1", "--batch-tokens 90", "--threads 2"] {
            let got = rows(&format!("{options} {batch}"), &[&bed, &genome]);
            assert_close(&got, &matrix, 1e-5);
        }
    }
}

#[test]
fn odd_values_are_refused() {
    let input = data("demo/sequences.fa");
    for (option, parts) in [
        ("--pool bins", ["--pool", "bins:K"]),
        ("--pool bins:0", ["--pool", "from 1 to 4096"]),
        ("--pool bins:9999", ["--pool", "from 1 to 4096"]),
        ("--pool middle", ["--pool", "mean, max"]),
        ("--layer 1,1", ["--layer", "twice"]),
        ("--layer 1,", ["--layer", "1,last"]),
    ] {
        fails(&format!("embed {option}"), &[&input], 2, &parts);
    }
    fails("embed --layer 1,3", &[&input], 1, &["--layer 3", "2 layers"]);
}

//! `recall`: rows, draws, charts, and options that do not fit.

use std::path::Path;

use hyenadna::statistics::Estimate;

use crate::harness::{
    Scratch, command, data, fails,
    genome::{bases, fasta},
    ok, read, run,
    table::Table,
    text,
};

const FEW: &str = "-q recall --window 128 --segment 16 --replicates 5";

#[test]
fn rows_are_copies_by_background_and_distance_then_positions() {
    let genome = data("demo/genome.fa");
    let found = text(FEW, &[&genome]);
    let table = Table::parse(&found);
    let keys: Vec<String> = table.rows.iter().map(|row| row[1..7].join(" ")).collect();
    let mut expected = Vec::new();
    for background in ["native", "shuffled"] {
        for distance in [16, 32, 64] {
            for copy in ["exact", "mutated", "reverse-complement"] {
                expected.push(format!("copy {background} {copy} {distance} . 5"));
            }
        }
    }
    expected.extend(["1-16", "17-64", "65-127"].map(|n| format!("position native . . {n} 5")));
    assert_eq!(keys, expected);
    for row in &table.rows {
        let number = |column: &str| {
            let place = table.header.iter().position(|name| name == column).unwrap();
            row[place].parse::<f64>().ok()
        };
        let [nats, bits] = ["nats_per_base", "bits_per_base"].map(|c| number(c).unwrap());
        assert!((nats / std::f64::consts::LN_2 - bits).abs() < 1e-4);
        let [low, high, se] = ["low", "high", "se"].map(|c| number(c).unwrap());
        // 97.5th percentile of Student's t with four degrees of freedom
        assert!((high - low - 2.0 * 2.776 * se).abs() < 1e-4);
        let middle = match row[1].as_str() {
            "copy" => {
                let advantage = number("advantage").unwrap();
                let gap = number("control_nats_per_base").unwrap() - nats;
                assert!((advantage - gap).abs() < 1e-4);
                let share = advantage / number("control_nats_per_base").unwrap();
                let estimate = Estimate { mean: advantage, error: Some(se), count: 5 };
                let recalls = match estimate.is_above(18) {
                    true if share >= 0.01 => "yes",
                    true => "trace",
                    false => "no",
                };
                assert_eq!(row[14], recalls);
                advantage
            }
            _ => nats,
        };
        assert!((f64::midpoint(low, high) - middle).abs() < 1e-4);
    }
    assert!(found.contains("##hyenadna_verdict=builtin:human-1k: "), "{found}");
    assert!(found.contains("##hyenadna_seed=0\n"), "{found}");
}

#[test]
fn draws_depend_on_the_seed_alone() {
    let genome = data("demo/genome.fa");
    let rows = |options: &str| Table::parse(&text(&format!("{FEW} {options}"), &[&genome])).rows;
    let all = rows("");
    assert_ne!(all, rows("--seed 1"));
    let of = |copy: &str, distance: &str| {
        let wanted = |row: &&Vec<String>| row[3] == copy && row[4] == distance;
        all.iter().filter(wanted).cloned().collect::<Vec<_>>()
    };
    let few = rows("--copies mutated --distances 32");
    assert_eq!(few[..2], of("mutated", "32"));
    assert_eq!(few[2..], all[18..], "positions");
    // a mutated copy without mutations is an exact one, with a control of its own
    let exact = rows("--copies exact,mutated --mutate 0 --distances 64 --backgrounds native");
    assert_eq!(exact[0][7], exact[1][7]);
}

/// With several models, each has its rows and its chart.
#[test]
fn several_models_and_charts() {
    let scratch = Scratch::new();
    let genome = data("demo/genome.fa");
    let other = data("golden/tiny-d128/hf");
    let prefix = scratch.path("plot");
    let words = format!("{FEW} --copies exact --plot {prefix} -m builtin,{other}");
    let table = Table::parse(&text(&words, &[&genome]));
    let models: Vec<&str> = table.rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(models[..9], ["builtin:human-1k"; 9]);
    assert_eq!(models[9..], ["hf"; 9]);
    assert_eq!(
        scratch.names(),
        ["plot.hf.png", "plot.hf.svg", "plot.human-1k.png", "plot.human-1k.svg"]
    );
    let svg = read(&scratch.path("plot.human-1k.svg"));
    for part in ["builtin:human-1k", "copy advantage", "shuffled DNA", "bits per base"] {
        assert!(svg.contains(part), "{part}");
    }
    assert!(std::fs::read(scratch.path("plot.hf.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn intervals_choose_the_windows() {
    let scratch = Scratch::new();
    let contig = format!("{}{}{}", bases(200, 1), "N".repeat(100), bases(200, 2));
    let genome = fasta(&scratch, "genome.fa", &[("chr1", &contig)]);
    let whole = fasta(&scratch, "second.fa", &[("chr1", &contig[300..])]);
    let bed = scratch.file("test.bed", "chr1\t300\t500\ttest\n");
    let rows = |paths: &[&str]| Table::parse(&text(FEW, paths)).rows;
    let found = rows(&["--split", "test", "--intervals", &bed, &genome]);
    assert_eq!(found, rows(&[&whole]));
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let genome = data("demo/genome.fa");
    for (options, parts) in [
        ("--window 2000", vec!["--window is 2000", "1024"]),
        ("--window 40", vec!["no room for a segment of 32", "--window of 64"]),
        ("--distances 64,1000", vec!["--distances 1000", "at most 992 bases"]),
        ("--distances 20", vec!["overlap the segment of 32"]),
        ("--distances 64,64", vec!["--distances has 64 twice"]),
        ("--copies exact,exact", vec!["--copies has exact twice"]),
        ("--mutate 1.5", vec!["from 0 to 1"]),
        ("--mutate NaN", vec!["from 0 to 1"]),
        ("--mutate 0.2 --copies exact", vec!["--mutate has no effect"]),
        ("--segment 11", vec!["--segment", "12"]),
        ("--replicates 4", vec!["--replicates", "5"]),
    ] {
        fails(&format!("recall {options}"), &[&genome], 2, &parts);
    }
    fails("recall -m no-such-model", &[&genome], 1, &["no model \"no-such-model\""]);
}

/// A control that is its copy shows nothing, and the second model is checked before the first is measured.
#[test]
fn trials_without_a_control_and_models_without_room_are_refused() {
    let scratch = Scratch::new();
    let alike = fasta(&scratch, "alike.fa", &[("chr1", &"A".repeat(300))]);
    let parts = ["exact copies in native DNA: 0 of 5 replicates", "--segment"];
    fails(FEW, &[&alike], 1, &parts);
    // half of the windows end in a stretch of one base
    let contig = format!("{}{}", bases(136, 4), "A".repeat(8));
    let some = fasta(&scratch, "some.fa", &[("chr1", &format!("{contig}{}", "A".repeat(16)))]);
    let words = "recall --window 128 --segment 16 --replicates 40 --copies exact --distances 64 --backgrounds native";
    let outcome = run(&mut command(words, &[&some]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("of 40 pairs of a copy and a control are left out"));
    let table = Table::parse(std::str::from_utf8(&outcome.stdout).unwrap());
    let used: usize = table.rows[0][6].parse().unwrap();
    assert!((2..40).contains(&used), "{used}");
    assert!(outcome.stderr.contains(&format!(" {} of 40 pairs", 40 - used)), "{}", outcome.stderr);

    let genome = data("demo/genome.fa");
    let outcome = run(&mut command("recall -m builtin,no-such-model", &[&genome]));
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("no model \"no-such-model\""), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("replicates"), "nothing is measured: {}", outcome.stderr);
}

#[test]
fn genomes_without_windows_are_refused() {
    let scratch = Scratch::new();
    let short = fasta(&scratch, "short.fa", &[("chr1", &bases(100, 1)), ("chr2", &bases(120, 2))]);
    fails(FEW, &[&short], 1, &["short.fa", "no window of 128 bases fits", "has 120"]);
    let only_n = fasta(&scratch, "n.fa", &[("chr1", &"N".repeat(500))]);
    fails(FEW, &[&only_n], 1, &["n.fa", "has an N", "--intervals"]);
    let output = scratch.path("out.tsv");
    let plot = scratch.path("plot");
    fails(&format!("{FEW} -o {output} --plot {plot}"), &[&short], 1, &["fits"]);
    assert!(!Path::new(&output).exists());
    let taken = scratch.path("plot.human-1k.svg");
    let words = format!("{FEW} -o {taken} --plot {plot}");
    fails(&words, &[&only_n], 2, &["name of a picture", "choose another prefix"]);
    let genome = scratch.file("plot.genome.png", ">chr1\nACGT\n");
    fails(&format!("{FEW} --plot {plot}"), &[&genome], 2, &["name of a picture"]);
    assert!(ok("recall --help", &[]).starts_with(b"Measure if a model uses its context"));
}

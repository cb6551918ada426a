//! `--device` with several devices: the same bytes as with one, and what is refused.

use std::fs;

use crate::harness::{Scratch, command, data, fails, heads, ok, run};

/// Sequences that fill several chunks: long ones in overlapping windows, short ones, and an empty one.
fn sequences() -> String {
    let bases = |n: usize, step: usize| -> String {
        (0..n).map(|i| char::from(b"ACGTN"[i * i * step % 11 % 5])).collect()
    };
    let long = (0..3).map(|i| format!(">long{i}\n{}\n", bases(900 + i, 7 + i)));
    let short = (0..60).map(|i| format!(">short{i}\n{}\n", bases(i * 3 % 71, 3 + i % 5)));
    long.chain(short).collect()
}

/// Command lines whose inputs are several chunks, with their paths.
fn cases(scratch: &Scratch) -> Vec<(String, Vec<String>)> {
    let head = scratch.path("head");
    heads::write(&head, &heads::two_classes());
    let genome = data("demo/genome.fa");
    let sequences = scratch.file("sequences.fa", sequences());
    let regions = scratch.file("regions.bed", "chr1\t100\t170\nchr1\t4000\t4040\nchr2\t5\t35\n");
    let few = scratch.file("few.bed", "chr1\t500\t514\n");
    let variants = data("demo/variants.vcf");
    let phased = phased(scratch, &regions, &genome);
    let null = "--null 15 --length-correct";
    // the first argument of --all-snvs is the regions
    let snvs = "score-variants --context 16 --scores all --all-snvs";
    let case = |words: &str, paths: &[&String]| {
        (words.to_owned(), paths.iter().map(|&path| path.clone()).collect())
    };
    vec![
        case(snvs, &[&regions, &genome]),
        case(
            &format!("score-variants --context 16 {null} --scores all --all-snvs"),
            &[&few, &genome],
        ),
        case(&format!("score-variants --context 16 --format vcf {null}"), &[&variants, &genome]),
        case("score-variants --context 16 --phase --sample S1", &[&phased, &genome]),
        case("embed --pool none --strand both", &[&regions, &genome]),
        case("embed --long chunk", &[&sequences]),
        case("likelihood --context 200 --per-base", &[&sequences]),
        case("likelihood --context 100 --min-context 70 --format bedgraph", &[&regions, &genome]),
        case("mutagenesis --context 40 --deletions", &[&regions, &genome]),
        case("mutagenesis --fast", &[&sequences]),
        case(&format!("predict --stride 13 --model {head}"), &[&sequences]),
        case(&format!("predict --model {head}"), &[&variants, &genome]),
    ]
}

/// One SNV for each base of some regions, with phased genotypes of a sample.
fn phased(scratch: &Scratch, regions: &str, genome: &str) -> String {
    let words = "score-variants --context 16 --format vcf --info-prefix FIRST --all-snvs";
    let text = String::from_utf8(ok(words, &[regions, genome])).unwrap();
    let (meta, rows): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with("##"));
    let with = |(number, line): (usize, &&str)| {
        let added = match (line.starts_with('#'), number % 4) {
            (true, _) => "FORMAT\tS1",
            (_, 0) => "GT\t1|1",
            (_, 1) => "GT\t0|1",
            _ => "GT\t1|0",
        };
        format!("{line}\t{added}")
    };
    // the names of the columns, and the first SNV of each base
    let rows = rows.iter().take(1).chain(rows.iter().skip(1).step_by(3)).enumerate().map(with);
    let lines: Vec<String> = meta.into_iter().map(str::to_owned).chain(rows).collect();
    scratch.file("phased.vcf", lines.join("\n") + "\n")
}

/// All bytes but the line with the command.
fn rows(output: &[u8]) -> Vec<&[u8]> {
    let lines = output.split(|&byte| byte == b'\n');
    lines.filter(|line| !line.starts_with(b"##hyenadna_command=")).collect()
}

#[test]
fn several_devices_give_the_bytes_of_one() {
    let scratch = Scratch::new();
    for (words, paths) in cases(&scratch) {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let (command, rest) = words.split_once(' ').unwrap();
        let on = |devices: &str| {
            ok(&format!("{command} --device {devices} --batch-tokens 32 {rest}"), &paths)
        };
        // the size of a chunk follows from the number of threads
        for (devices, threads) in [("cpu,cpu", 1), ("cpu,cpu,cpu", 2)] {
            let one = on(&format!("cpu --threads {threads}"));
            assert!(one.len() > 1000, "{words}");
            let several = on(&format!("{devices} --threads {threads}"));
            assert!(rows(&several) == rows(&one), "{words} --device {devices}");
        }
    }
}

#[test]
fn the_log_names_several_devices() {
    let scratch = Scratch::new();
    let input = scratch.file("s.fa", ">s\nACGT\n");
    let outcome = run(&mut command("--device cpu,cpu likelihood", &[&input]));
    outcome.assert_ok();
    assert!(outcome.stderr.contains("models side by side: 2, on Cpu, Cpu"), "{}", outcome.stderr);
    let outcome = run(&mut command("--device cpu likelihood", &[&input]));
    assert!(!outcome.stderr.contains("side by side"), "{}", outcome.stderr);
}

#[test]
fn a_bad_record_stops_all_and_leaves_no_output() {
    let scratch = Scratch::new();
    let bad = scratch.file("bad.fa", format!("{}>bad\nAC!GT\n", sequences()));
    let output = scratch.path("out.tsv");
    let words = format!("--device cpu,cpu likelihood --batch-tokens 32 -o {output}");
    run(&mut command(&words, &[&bad])).assert_refused(&["bad.fa", "line"]);
    assert!(!fs::exists(&output).unwrap());
}

#[test]
fn lists_of_devices_are_checked() {
    let scratch = Scratch::new();
    let input = scratch.file("s.fa", ">s\nACGT\n");
    for (devices, code, parts) in [
        ("cuda:0,1", 1, &["CUDA was requested"][..]),
        ("cuda:0,cuda:1", 1, &["CUDA was requested"]),
        ("cuda:all", 1, &["CUDA was requested"]),
        ("cuda:1,1", 2, &["--device", "cuda:1 is named twice"]),
        ("cpu,cuda:0", 2, &["--device", "cpu and GPUs cannot be combined"]),
        ("cuda:0,x", 2, &["--device", "expected auto, cpu, cuda"]),
    ] {
        if code == 1 && fs::exists("/dev/nvidiactl").unwrap() {
            continue; // there may be GPUs
        }
        fails(&format!("--device {devices} likelihood"), &[&input], code, parts);
    }
}

#[test]
fn commands_of_one_device_refuse_a_list() {
    for (name, words) in [
        ("train", "train -o run --reference x.fa"),
        ("finetune", "finetune data -o run"),
        ("perplexity", "perplexity x.fa"),
        ("probe", "probe data"),
        ("icl", "icl data"),
        ("recall", "recall x.fa"),
        ("generate", "generate --length 5"),
        ("bench", "bench"),
        ("models", "models verify builtin"),
        ("models", "models info builtin --diagnose x.fa"),
    ] {
        let problem = format!("{name} computes on one device, but --device names several");
        for devices in ["cpu,cpu", "cuda:0,1", "cuda:all"] {
            fails(&format!("--device {devices} {words}"), &[], 2, &[&problem]);
        }
    }
    let unused = "--device has no effect"; // without a model
    let listed = run(&mut command("--device cpu,cpu models list", &[]));
    assert!(!listed.assert_ok().is_empty() && listed.stderr.contains(unused), "{listed:?}");
}

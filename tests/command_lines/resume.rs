//! `--resume`: a run that is killed goes on, and its output is that of one run, byte for byte.

use std::{fs, process::Command};

use crate::harness::{
    Scratch, calls::signal_at, command, data, demo::genome, fails, files::gunzip, heads, ok, read,
    run,
};

/// Kills a command each time it has saved how far it came, until it ends. Returns how often it was killed, or `None`
/// if this machine cannot do so.
fn kill_until_done(run_again: impl Fn() -> Command) -> Option<usize> {
    for kills in 0..1000 {
        let mut command = run_again();
        if !signal_at(&mut command, "rename .partial.state", libc::SIGKILL) {
            return None;
        }
        let ended = run(&mut command);
        match (ended.code, ended.signal) {
            (Some(0), _) => return Some(kills),
            (_, Some(libc::SIGKILL)) => {}
            _ => panic!("{}", ended.stderr),
        }
    }
    panic!("the run does not get further");
}

#[test]
fn a_run_that_is_killed_again_and_again_writes_the_same_bytes() {
    let scratch = Scratch::new();
    let head = scratch.path("head");
    heads::write(&head, &heads::two_classes());
    let (genome, variants) = (genome(), data("demo/variants.vcf"));
    let (regions, sequences) = (data("demo/regions.bed"), data("demo/sequences.fa"));
    let spans = scratch.file("spans.bed", "chr1\t100\t131\nchr1\t4000\t4007\nchr2\t5\t40\n");
    let short: String =
        (0..9).map(|i| format!(">s{i}\n{}\n", "ACGTTGCA".repeat(1 + i % 3))).collect();
    let short = scratch.file("short.fa", short);
    let of_variants = [&*variants, &*genome];
    let predict = format!("predict --batch-tokens 4096 --model {head}");
    let tiled = format!("{predict} --stride 30");
    for (words, paths, name, fewest) in [
        ("score-variants --batch-tokens 4096 --context 64", &of_variants[..], "a.tsv", 2),
        ("score-variants --batch-tokens 4096 --context 64", &of_variants[..], "a.vcf.gz", 2),
        ("score-variants --batch-tokens 4096 --context 64", &of_variants[..], "a.bed.gz", 2),
        (
            "score-variants --batch-tokens 4096 --context 64 --header names",
            &of_variants[..],
            "a.csv",
            2,
        ),
        (
            "score-variants --batch-tokens 4096 --context 64 --shard 2/3",
            &of_variants[..],
            "a.vcf",
            1,
        ),
        (
            "score-variants --batch-tokens 4096 --context 64 --all-snvs",
            &[&*spans, &*genome],
            "b.vcf.gz",
            5,
        ),
        (
            "embed --batch-tokens 64 --pool none --long truncate",
            &[&*regions, &*genome],
            "c.tsv.gz",
            2,
        ),
        ("embed --batch-tokens 64", &[&*sequences], "d.tsv", 1),
        ("likelihood --batch-tokens 64", &[&*sequences], "e.tsv", 2),
        ("likelihood --batch-tokens 64 --strand both", &[&*sequences], "e.bedgraph.gz", 2),
        ("mutagenesis --batch-tokens 64 --fast", &[&*sequences], "f.tsv", 2),
        ("mutagenesis --batch-tokens 64 --context 16", &[&*short], "f.tsv.gz", 4),
        (&predict, &of_variants[..], "g.vcf.gz", 1),
        (&tiled, &[&*sequences], "h.bed", 1),
    ] {
        let output = scratch.path(name);
        let summary = scratch.path("summary.json");
        let (first, others) = words.split_once(' ').unwrap_or((words, ""));
        let with =
            |options: &str| command(&format!("{first} -t 1 -o {output} {options} {others}"), paths);
        let counted = || {
            let text = read(&summary);
            text.lines().filter(|line| !line.contains("seconds")).collect::<Vec<_>>().join("\n")
        };
        let options = format!("--resume=0 --summary {summary}");
        assert_eq!(run(&mut with(&options)).code, Some(0));
        let (whole, counts) = (fs::read(&output).unwrap(), counted());
        fs::remove_file(&output).unwrap();
        let Some(kills) = kill_until_done(|| with(&options)) else { return };
        assert!(kills >= fewest, "{words} -o {name}: killed {kills} times");
        assert!(fs::read(&output).unwrap() == whole, "{words} -o {name}");
        assert_eq!(counted(), counts, "{words}");
        // a run without --resume has the same rows
        assert_eq!(run(&mut with("")).code, Some(0));
        let rows = |bytes: &[u8]| {
            let bytes = if name.ends_with("gz") { gunzip(bytes) } else { bytes.to_vec() };
            let text = String::from_utf8(bytes).unwrap();
            let lines = text.lines().filter(|line| !line.starts_with("##hyenadna_command"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(rows(&fs::read(&output).unwrap()) == rows(&whole), "{words} -o {name}");
        fs::remove_file(&output).unwrap();
        let left: Vec<String> = scratch.names();
        assert!(!left.iter().any(|name| name.contains("partial")), "{left:?}");
    }
}

/// Every command that offers an index writes one.
#[test]
fn indexes_are_written_by_every_command() {
    let scratch = Scratch::new();
    let head = scratch.path("head");
    heads::write(&head, &heads::two_classes());
    let (genome, variants) = (genome(), data("demo/variants.vcf"));
    let regions = scratch.file("in.bed", "chr1\t100\t109\nchr1\t200\t209\n");
    let vcf = scratch.file("in.vcf", sorted(&read(&variants)));
    for (words, input, name) in [
        ("score-variants --context 64 --on-ref-mismatch report", &vcf, "a.vcf.gz"),
        ("score-variants --context 64 --on-ref-mismatch report", &vcf, "b.tsv.gz"),
        ("embed", &regions, "c.tsv.gz"),
        ("likelihood", &regions, "d.bedgraph.gz"),
        ("mutagenesis --fast", &regions, "e.tsv.gz"),
        (&format!("predict --model {head}"), &regions, "f.bed.gz"),
    ] {
        let output = scratch.path(name);
        ok(&format!("{words} --write-index=csi -o {output}"), &[input, &genome]);
        let index = fs::read(format!("{output}.csi")).unwrap();
        assert!(gunzip(&index).starts_with(b"CSI\x01"), "{words}");
    }
    // an output that cannot be indexed is complete
    let turned = scratch.file("turned.bed", "chr1\t200\t209\nchr1\t100\t109\n");
    let output = scratch.path("g.tsv.gz");
    let words = format!("embed --write-index -o {output}");
    fails(&words, &[&turned, &genome], 1, &["is complete", "comes after", "sort the input"]);
    assert!(gunzip(&fs::read(&output).unwrap()).ends_with(b"\n"));
    let words = format!("embed --write-index -o {}", scratch.path("h.tsv.gz"));
    fails(&words, &[&data("demo/sequences.fa")], 2, &["without positions"]);
    fails("embed --write-index", &[&regions, &genome], 2, &["ends in .gz"]);
}

/// The records of a VCF in the order of contigs and positions.
fn sorted(vcf: &str) -> String {
    let (header, mut records): (Vec<&str>, Vec<&str>) =
        vcf.lines().partition(|line| line.starts_with('#'));
    let place = |line: &&str| {
        let mut fields = line.split('\t');
        let contig = fields.next().unwrap().to_owned();
        (contig, fields.next().unwrap().parse::<u64>().unwrap())
    };
    records.sort_by_key(place);
    [header, records].concat().join("\n") + "\n"
}

/// A run that was killed after its first chunk, and its output.
fn killed(scratch: &Scratch, variants: &str) -> Option<String> {
    let output = scratch.path("out.vcf");
    let words = words(&output);
    let mut command = command(&words, &[variants, &genome()]);
    if !signal_at(&mut command, "rename .partial.state", libc::SIGKILL) {
        return None;
    }
    assert_eq!(run(&mut command).signal, Some(libc::SIGKILL));
    Some(output)
}

fn words(output: &str) -> String {
    format!("score-variants --context 64 --batch-tokens 64 -t 1 --resume=0 -o {output}")
}

#[test]
fn another_run_does_not_go_on() {
    let scratch = Scratch::new();
    let variants = scratch.file("in.vcf", read(&data("demo/variants.vcf")));
    let Some(output) = killed(&scratch, &variants) else { return };
    let partial = format!("{output}.partial");
    let before = fs::read(&partial).unwrap();
    let words = words(&output);
    let other = words.replace("--context 64", "--context 65");
    let anew = "to begin anew, remove";
    fails(&other, &[&variants, &genome()], 1, &["--context 64", "--context 65", anew]);
    scratch.file("in.vcf", read(&data("demo/variants.vcf")) + "chr1\t9\t.\tA\tC\t.\t.\t.\n");
    fails(&words, &[&variants, &genome()], 1, &["in.vcf was changed", anew]);
    assert_eq!(fs::read(&partial).unwrap(), before, "nothing is lost");
    fs::remove_file(&variants).unwrap();
    fails(&words, &[&variants, &genome()], 1, &["in.vcf"]);
}

#[test]
fn a_state_that_is_damaged_is_refused() {
    let scratch = Scratch::new();
    let variants = data("demo/variants.vcf");
    let Some(output) = killed(&scratch, &variants) else { return };
    let (words, paths) = (words(&output), [&*variants, &*genome()]);
    let (partial, state) = (format!("{output}.partial"), format!("{output}.partial.state"));
    let (bytes, saved) = (fs::read(&partial).unwrap(), fs::read(&state).unwrap());
    let mut changed = bytes.clone();
    changed[9] ^= 1;
    for damaged in [&bytes[..bytes.len() / 2], &changed, b""] {
        fs::write(&partial, damaged).unwrap();
        fails(&words, &paths, 1, &[&partial, "those that were written", "to begin anew"]);
        assert_eq!(fs::read(&partial).unwrap(), damaged);
    }
    fs::write(&partial, &bytes).unwrap();
    for damaged in [&saved[..saved.len() / 2], b"{}\n", b"\xff\xfe", b""] {
        fs::write(&state, damaged).unwrap();
        fails(&words, &paths, 1, &[&state, "to begin anew"]);
    }
    // without its partial file a state is worth nothing, but what is none is another's
    fs::remove_file(&partial).unwrap();
    fails(&words, &paths, 1, &[&state, "to begin anew"]);
    fs::write(&state, &saved).unwrap();
    let ended = run(&mut command(&words, &paths));
    assert_eq!((ended.code, ended.stderr.contains("beginning anew")), (Some(0), true));
    assert!(!scratch.names().iter().any(|name| name.contains("partial")));
}

/// Rows that are not in the partial file yet, because their block is not full, are with the state.
#[test]
fn rows_beside_a_state_are_whole() {
    let scratch = Scratch::new();
    let (variants, output) = (data("demo/variants.vcf"), scratch.path("out.vcf.gz"));
    let paths = [&*variants, &*genome()];
    let mut first = command(&words(&output), &paths);
    if !signal_at(&mut first, "rename .partial.state", libc::SIGKILL) {
        return;
    }
    assert_eq!(run(&mut first).signal, Some(libc::SIGKILL));
    let state = format!("{output}.partial.state");
    let saved = fs::read(&state).unwrap();
    let line = saved.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    assert!(saved.len() > line + 100);
    for length in [line, line + 50, saved.len() - 1] {
        fs::write(&state, &saved[..length]).unwrap();
        fails(&words(&output), &paths, 1, &[&state, "those that were written", "to begin anew"]);
    }
    fs::write(&state, &saved).unwrap();
    ok(&words(&output), &paths);
}

#[test]
fn outputs_and_inputs_that_cannot_go_on_are_refused() {
    let scratch = Scratch::new();
    let (variants, genome) = (data("demo/variants.vcf"), genome());
    let regions = data("demo/regions.bed");
    let named = scratch.file("x.tsv.partial", "chr1\t100\t109\n");
    for (words, paths, phrase) in [
        ("score-variants --resume", [&*variants, &*genome], "name one with -o"),
        ("score-variants --resume -o x.bcf", [&variants, &genome], "lines of text only"),
        ("embed --resume -o x.npy", [&regions, &genome], "lines of text only"),
        ("embed --resume -o x.parquet", [&regions, &genome], "lines of text only"),
        ("score-variants --resume -o x.tsv", ["-", &genome], "stdin"),
        ("score-variants --resume --null 10 -o x.tsv", [&variants, &genome], "--save-null"),
        ("mutagenesis --resume --plot p -o x.tsv", [&regions, &genome], "--plot"),
        ("embed --resume -o x.tsv", [&*named, &genome], "has the name of a file"),
        ("score-variants --resume=soon -o x.tsv", [&variants, &genome], "soon"),
        (
            "embed --resume -o x.tsv --summary x.tsv.partial",
            [&regions, &genome],
            "has the name of a file that --resume writes",
        ),
        (
            "score-variants --resume -o x.tsv --summary x.tsv.partial.state",
            [&variants, &genome],
            "has the name of a file that --resume writes",
        ),
    ] {
        let words = words.replace(" x.", &format!(" {}.", scratch.path("x")));
        fails(&words, &paths, 2, &[phrase]);
    }
    // a file that is no part of the output is not overwritten
    let words = format!("embed --resume -o {}", scratch.path("x.tsv"));
    fails(&words, &[&regions, &genome], 1, &["x.tsv.partial is there", "remove it"]);
    assert_eq!(read(&named), "chr1\t100\t109\n");
    assert_eq!(scratch.names(), ["x.tsv.partial"]);
}

/// An error keeps what is complete, and says so.
#[test]
fn an_error_keeps_the_rows_so_far() {
    let scratch = Scratch::new();
    let text = read(&data("demo/variants.vcf"));
    let variants = scratch.file("in.vcf", text.clone() + "chr1\tx\t.\tA\tC\t.\t.\t.\n");
    let output = scratch.path("out.tsv");
    let log = fails(&words(&output), &[&variants, &genome()], 1, &["is kept in", "goes on"]);
    assert!(log.contains("in.vcf, line"), "{log}");
    assert!(!scratch.names().contains(&"out.tsv".to_owned()));
    let kept = read(&format!("{output}.partial"));
    assert!(kept.lines().filter(|line| !line.starts_with('#')).count() > 5, "{kept}");
}

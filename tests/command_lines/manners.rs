//! Manners of a command-line tool: exit codes, what goes where, outputs that are whole or not there.

use std::{
    fs,
    io::Write,
    os::unix::fs::{PermissionsExt, symlink},
    process::{Child, Command, Stdio},
};

use crate::harness::{
    Outcome, Scratch, command,
    demo::{genome, regions},
    end, fails,
    golden::{genome as golden, variants},
    heed_signals, in_shell, ok, read, run, send_signal, skip,
    table::{Table, without_command},
    text, wait_until,
};

const SCORE: &str = "score-variants --context 16";

#[test]
fn stdout_is_data_and_quiet_is_quiet() {
    let (words, paths): (_, &[&str]) = (SCORE, &[&variants(), &golden()]);
    let loud = run(&mut command(&format!("{words} -v"), paths));
    let quiet = run(&mut command(&format!("{words} -q"), paths));
    assert_eq!((loud.code, quiet.code), (Some(0), Some(0)));
    assert!(loud.stderr.contains("[warn]") && loud.stderr.contains("[info]"));
    assert_eq!(quiet.stderr, "");
    let [loud, quiet] = [loud, quiet].map(|out| String::from_utf8(out.stdout).unwrap());
    assert_eq!(without_command(&loud), without_command(&quiet));
    let table = Table::parse(&loud);
    assert_eq!(table.rows.len(), 62);
    assert!(table.rows.iter().all(|row| row.len() == table.header.len()));
    fails("embed -q -v", &[&regions()], 2, &["--quiet", "--verbose"]);
    let errors = fails("embed -q", &["no-such-file", &genome()], 1, &["no-such-file"]);
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

#[test]
fn help_and_version() {
    let version = text("--version", &[]);
    assert_eq!(version, format!("hyenadna {}\n", env!("CARGO_PKG_VERSION")));
    for words in [
        "--help",
        "-h",
        "embed --help",
        "score-variants --help",
        "mutagenesis --help",
        "models convert -h",
    ] {
        let help = text(words, &[]);
        assert!(help.contains("Usage: hyenadna"), "{words}: {help}");
    }
    assert!(text("help embed", &[]).contains("--pool"));
    assert!(text("--help", &[]).contains("Exit codes"));
}

#[test]
fn wrong_usage_is_2() {
    for (words, phrase) in [
        ("", "Usage"),
        ("no-such-command", "no-such-command"),
        ("embed", "<INPUT>"),
        ("score-variants", "<VCF>"),
        ("score-variants --scores x x.vcf x.fa", "possible values: all, llr"),
        ("score-variants --on-missing-contig swap x.vcf x.fa", "--on-missing-contig"),
        ("mutagenesis", "<INPUT>"),
        ("mutagenesis --context 0 x.bed", "--context"),
        ("mutagenesis --phase x.bed", "--phase"),
        ("models", "Usage"),
        ("embed --pool median x.bed", "expected mean, max"),
        ("embed --no-such-option x.bed", "--no-such-option"),
        ("embed --flank -1 x.bed", "-1"),
        ("embed --threads 0 x.bed", "--threads"),
        ("embed --batch-tokens 0 x.bed", "--batch-tokens"),
        ("embed --device tpu x.bed", "--device"),
        ("score-variants --strand auto x.vcf x.fa", "--strand"),
        ("completions tcsh", "tcsh"),
    ] {
        fails(words, &[], 2, &[phrase]);
    }
}

#[test]
fn errors_are_1_or_2_and_name_the_file() {
    let scratch = Scratch::new();
    let missing = scratch.path("missing");
    let empty = scratch.file("empty", "");
    let folder = scratch.path("");
    fails("embed", &[&missing, &genome()], 1, &[&missing]);
    fails("embed", &[&regions(), &missing], 1, &[&missing]);
    fails("embed", &[&regions()], 2, &["reference", "HYENADNA_REFERENCE"]);
    fails("embed", &[&empty], 1, &[&empty, "empty"]);
    fails("embed", &[&folder, &genome()], 1, &["folder"]);
    fails("embed", &["-", "-"], 2, &["stdin"]);
    fails(SCORE, &[&missing, &golden()], 1, &[&missing]);
    fails(SCORE, &[&variants(), &empty], 1, &[&empty, "empty"]);
    fails(SCORE, &[&variants()], 2, &["reference", "HYENADNA_REFERENCE"]);
    fails(SCORE, &["-", "-"], 2, &["stdin"]);
    fails("embed --model", &[&folder, &regions(), &genome()], 1, &["model.safetensors"]);
    fails("embed --model", &["no model", &regions(), &genome()], 1, &["hyenadna-tiny-1k-seqlen"]);
    fails("man", &[&missing], 1, &[&missing]);
}

#[test]
fn strict_is_3_when_something_could_not_be_scored() {
    let scratch = Scratch::new();
    let words = format!("{SCORE} --strict");
    let output = scratch.path("out.tsv");
    fails(&format!("{words} -o"), &[&output, &variants(), &golden()], 3, &["[warn]"]);
    let table = Table::parse(&read(&output));
    assert_eq!(table.rows.len(), 62, "the output is complete all the same");
    let good: String = read(&variants())
        .split_inclusive('\n')
        .filter(|line| line.starts_with('#') || line.contains("rs") || line.contains("noalt"))
        .collect();
    let good = scratch.file("good.vcf", good);
    assert!(ok(&format!("{words} -q"), &[&good, &golden()]).len() > 500);
    let bed = scratch.file("r.bed", "chr1\t5\t5\nchr1\t5\t9\n");
    let words = "embed --strict --output";
    fails(words, &[&output, &bed, &genome()], 3, &["without a base"]);
    assert_eq!(Table::parse(&read(&output)).rows.len(), 2);
    fails("embed --output", &[&output, &bed, &genome()], 0, &["without a base"]);
    ok("-q embed --strict", &[&regions(), &genome()]);
    let sequences = scratch.file("s.fa", ">none\n>one\nAC\n");
    let words = "mutagenesis --strict --output";
    fails(words, &[&output, &sequences], 3, &["without a base"]);
    assert_eq!(Table::parse(&read(&output)).rows.len(), 6);
    // which has no records
    fails("perplexity --strict", &[&genome()], 2, &["--strict"]);
}

/// Starts a command that waits for more on stdin, and returns once its output is begun.
fn start_and_wait_for_output(words: &str, paths: &[&str], head: &str, scratch: &Scratch) -> Child {
    begin(&mut command(words, paths), head, scratch)
}

fn begin(command: &mut Command, head: &str, scratch: &Scratch) -> Child {
    let before = scratch.names().len();
    let command = heed_signals(command);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.as_mut().unwrap();
    stdin.write_all(head.as_bytes()).unwrap();
    stdin.flush().unwrap();
    wait_until(&mut child, || scratch.names().len() != before);
    child
}

#[test]
fn signals_leave_nothing_behind() {
    let head: String = read(&variants()).split_inclusive('\n').take(12).collect();
    for (signal, code, format) in [
        (libc::SIGINT, 130, "tsv"),
        (libc::SIGTERM, 143, "vcf"),
        (libc::SIGTERM, 143, "bcf"),
        (libc::SIGINT, 130, "tsv.gz"),
    ] {
        let scratch = Scratch::new();
        let output = scratch.path(&format!("out.{format}"));
        let words = format!("{SCORE} -o {output}");
        let mut child = start_and_wait_for_output(&words, &["-", &golden()], &head, &scratch);
        send_signal(child.id(), signal);
        let stdin = child.stdin.take(); // stays open: the signal ends the run, not its input
        let ended = end(child);
        drop(stdin);
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(scratch.names().is_empty(), "{:?}", scratch.names());
    }
}

/// Of several outputs none is left either.
#[test]
fn a_signal_leaves_neither_table_nor_matrix_nor_pictures() {
    let scratch = Scratch::new();
    let (table, matrix) = (scratch.path("out.tsv"), scratch.path("m.npy"));
    let plot = scratch.path("p");
    let words = format!("mutagenesis --context 16 -o {table} --matrix {matrix} --plot {plot}");
    let head = "chr1\t100\t109\nchr1\t100\t109\n";
    let mut child = start_and_wait_for_output(&words, &["-", &genome()], head, &scratch);
    send_signal(child.id(), libc::SIGTERM);
    let stdin = child.stdin.take();
    assert_eq!(end(child).code, Some(143));
    drop(stdin);
    assert!(scratch.names().is_empty(), "{:?}", scratch.names());
}

/// What `nohup` asks for: a run whose caller ignores SIGHUP goes on.
#[test]
fn an_ignored_signal_stays_ignored() {
    let head: String = read(&variants()).split_inclusive('\n').take(12).collect();
    let scratch = Scratch::new();
    let output = scratch.path("out.tsv");
    let bare = command(&format!("{SCORE} -o {output}"), &["-", &golden()]);
    let mut shell = in_shell("trap '' HUP; exec \"$@\"", &bare);
    let mut child = begin(&mut shell, &head, &scratch);
    send_signal(child.id(), libc::SIGHUP);
    drop(child.stdin.take());
    let ended = end(child);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(scratch.names(), ["out.tsv"]);
}

#[test]
fn signals_leave_old_outputs_as_they_were() {
    for name in ["old.tsv", "old.npy", "old.parquet"] {
        let scratch = Scratch::new();
        let output = scratch.file(name, "old");
        scratch.file("old.tsv", "old");
        let words = format!("embed -o {output}");
        let (bed, before) = ("chr1\t0\t9\n".repeat(3), scratch.names());
        let mut child = start_and_wait_for_output(&words, &["-", &genome()], &bed, &scratch);
        // the first region is read before the output is opened
        send_signal(child.id(), libc::SIGINT);
        let stdin = child.stdin.take();
        assert_eq!(end(child).code, Some(130));
        drop(stdin);
        assert_eq!(scratch.names(), before);
        assert!(before.iter().all(|name| read(&scratch.path(name)) == "old"));
    }
}

#[test]
fn a_failed_run_leaves_the_old_output() {
    let scratch = Scratch::new();
    let bad_vcf = format!("{}chr1\tx\t.\tA\tC\t.\t.\t.\n", read(&variants()));
    let vcf = scratch.file("bad.vcf", bad_vcf);
    let bed = scratch.file("bad.bed", "chr1\t0\t5\nchr1\t9\t5\n");
    for (words, input, genome, name) in [
        (SCORE, &vcf, golden(), "a.tsv"),
        (SCORE, &vcf, golden(), "a.tsv.gz"),
        (SCORE, &vcf, golden(), "a.vcf"),
        (SCORE, &vcf, golden(), "a.bcf"),
        ("embed", &bed, genome(), "b.tsv"),
        ("embed", &bed, genome(), "c.npy"),
        ("embed", &bed, genome(), "d.parquet"),
        ("likelihood", &bed, genome(), "e.bw"),
        ("mutagenesis", &bed, genome(), "f.tsv.gz"),
    ] {
        let output = scratch.file(name, "old");
        let before = scratch.names();
        let words = format!("{words} --output");
        fails(&words, &[&output, input, &genome], 1, &["line"]);
        assert_eq!(read(&output), "old", "{name}");
        assert_eq!(scratch.names(), before, "{name}");
    }
}

#[test]
fn an_output_that_cannot_be_written() {
    let scratch = Scratch::new();
    let file = scratch.file("file", "x");
    for output in [scratch.path("no/folder/x.tsv"), format!("{file}/x.tsv")] {
        let words = format!("{SCORE} --output");
        fails(&words, &[&output, &variants(), &golden()], 1, &[&output, "cannot write"]);
        fails("embed --output", &[&output, &regions(), &genome()], 1, &[&output]);
    }
    fs::create_dir(scratch.path("x.tsv")).unwrap();
    let folder = scratch.path("x.tsv");
    fails("embed --output", &[&folder, &regions(), &genome()], 1, &[&folder]);
    let locked = scratch.path("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(format!("{locked}/probe"), "").is_err() {
        let output = format!("{locked}/x.tsv");
        fails("embed --output", &[&output, &regions(), &genome()], 1, &[&output]);
    } else {
        skip("permissions do not stop this user");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    for (words, paths) in [
        (SCORE.to_owned(), [variants(), golden()]),
        (format!("{SCORE} --format vcf"), [variants(), golden()]),
        (format!("{SCORE} --format bcf"), [variants(), golden()]),
        ("embed".to_owned(), [regions(), genome()]),
        ("embed --format parquet".to_owned(), [regions(), genome()]),
    ] {
        let format = if words.contains("--format") { "" } else { "--format tsv" };
        let named = format!("{words} {format} -o /dev/full");
        let phrases = ["/dev/full", "No space left"];
        fails(&named, &[&paths[0], &paths[1]], 1, &phrases);
    }
    for (words, paths) in [
        (SCORE, vec![variants(), golden()]),
        ("mutagenesis --fast", vec![regions(), genome()]),
        ("embed --format npy", vec![regions(), genome()]),
        ("completions", vec!["bash".to_owned()]),
        ("models list", vec![]),
    ] {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let child = command(words, &paths)
            .stdin(Stdio::null())
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let Outcome { code, stderr: log, .. } = end(child);
        assert_eq!(code, Some(1), "{words}: {log}");
        assert!(log.contains("No space left"), "{words}: {log}");
    }
}

#[test]
fn links_and_modes() {
    let scratch = Scratch::new();
    let target = scratch.file("target.tsv", "old");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    let link = scratch.path("link.tsv");
    symlink("target.tsv", &link).unwrap();
    ok("-q embed -o", &[&link, &regions(), &genome()]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(Table::parse(&read(&target)).rows.len(), 27);
    let mode = fs::metadata(&target).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "the mode of a file that is replaced");
    assert_eq!(scratch.names(), ["link.tsv", "target.tsv"]);
}

/// A link whose target is not there yet is written through as well, as the shell's `>` does.
#[test]
fn a_link_to_nothing_is_written_through() {
    let scratch = Scratch::new();
    let link = scratch.path("link.tsv");
    symlink("target.tsv", &link).unwrap();
    ok("-q embed -o", &[&link, &regions(), &genome()]);
    assert_eq!(scratch.names(), ["link.tsv", "target.tsv"]);
}

#[test]
fn a_message_says_a_thing_once() {
    let scratch = Scratch::new();
    let missing = scratch.path("missing.bed");
    let output = scratch.path("no/x.tsv");
    for log in [
        fails("embed", &[&missing, &genome()], 1, &[&missing]),
        fails("embed -o", &[&output, &regions(), &genome()], 1, &[&output]),
    ] {
        assert_eq!(log.matches("No such file or directory").count(), 1, "{log}");
    }
}

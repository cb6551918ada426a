//! References that change, whose index is of another version, or that have no end.

use std::{
    fs::{self, File},
    io::Write,
    process::Stdio,
    time::{Duration, SystemTime},
};

use crate::harness::{
    Scratch, command, end,
    files::{bgzip, gzip},
    heed_signals, in_shell, run, wait_until,
};

/// Two contigs of 100 bases.
fn genome(first: &str, second: &str) -> String {
    format!(">chr1\n{}\n>chr2\n{}\n", first.repeat(25), second.repeat(25))
}

/// A run has read the first contig when its reference changes.
#[test]
fn a_reference_that_changes_is_an_error() {
    for packed in [false, true] {
        for in_place in [true, false] {
            let scratch = Scratch::new();
            let pack =
                |text: String| if packed { bgzip(text.as_bytes()) } else { text.into_bytes() };
            let path = scratch.file("g.fa", pack(genome("ACGT", "ACGG")));
            let past = SystemTime::now() - Duration::from_secs(60);
            File::options().write(true).open(&path).unwrap().set_modified(past).unwrap();
            let output = scratch.path("out.tsv");
            let mut command = command("embed -o", &[&output, "-", &path]);
            let command = heed_signals(&mut command).stdin(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(b"chr1\t0\t9\n").unwrap();
            // the first region is read before the output is opened
            wait_until(&mut child, || scratch.names().len() > 1);
            let other = pack(genome("TTTT", "GGGG"));
            if in_place {
                fs::write(&path, other).unwrap();
            } else {
                fs::rename(scratch.file("new", other), &path).unwrap();
            }
            stdin.write_all(b"chr2\t0\t9\n").unwrap();
            drop(stdin);
            end(child).assert_refused(&["g.fa", "changed or replaced while it was read"]);
            assert_eq!(scratch.names(), ["g.fa"]);
        }
    }
}

/// More contigs than were once looked at, two of which are exchanged.
#[test]
fn an_old_index_of_many_contigs_is_not_used() {
    let scratch = Scratch::new();
    let name = |i: usize| format!("c{i:04}");
    let text = |names: &[String]| {
        let contig = |(i, name): (usize, &String)| {
            format!(">{name}\n{}\n", ["ACGTACGTAC", "GGGGGGGGGG", "TTTTTTTTTT"][i % 3])
        };
        names.iter().enumerate().map(contig).collect::<String>()
    };
    let mut names: Vec<String> = (0..3500).map(name).collect();
    for packed in [false, true] {
        let path = scratch.path(if packed { "g.fa.gz" } else { "g.fa" });
        let write = |names: &[String]| {
            let text = text(names).into_bytes();
            fs::write(&path, if packed { bgzip(&text) } else { text }).unwrap();
        };
        write(&names);
        let bed = scratch.file("r.bed", "c1001\t0\t10\nc1003\t0\t10\n");
        let saved = run(&mut command("embed --save-index", &[&bed, &path])).assert_ok();
        names.swap(1001, 1003);
        write(&names);
        let outcome = run(&mut command("embed", &[&bed, &path]));
        let swapped = outcome.assert_ok();
        let vector = |row: &String| row.split_once("\t10\t").unwrap().1.to_owned();
        let [first, second] = [&saved, &swapped].map(|rows| rows.iter().map(vector));
        assert!(first.rev().eq(second), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("does not match the file"), "{}", outcome.stderr);
    }
}

/// A stream without end, as the last argument of a command, that is closed when the program ends.
#[test]
fn zeros_without_end_are_refused() {
    let scratch = Scratch::new();
    let bed = scratch.file("r.bed", "chr1\t0\t10\n");
    run(&mut command("embed", &[&bed, "/dev/zero"])).assert_refused(&["/dev/zero", "byte 0x00"]);
    let bare = command("embed", &[&bed, "-"]);
    let script = "(printf '>chr1\\nACGT\\n'; cat /dev/zero) | \"$@\"";
    let ended = run(&mut in_shell(script, &bare));
    ended.assert_refused(&["<stdin>, line 3: byte 0x00"]);
}

/// A line of so many MiB that takes a thousandth of that in a file.
fn long_line(start: &str, length: usize) -> Vec<u8> {
    let piece = gzip(&vec![b'A'; 1 << 20]);
    [gzip(start.as_bytes()), piece.repeat(length)].concat()
}

#[test]
fn lines_that_are_too_long_are_refused() {
    let scratch = Scratch::new();
    let title = scratch.file("title.fa.gz", long_line(">chr1 ", 257));
    let bed = scratch.file("long.bed.gz", long_line("chr1\t0\t10\t", 257));
    let small = scratch.file("g.fa", genome("ACGT", "ACGG"));
    let region = scratch.file("r.bed", "chr1\t0\t10\n");
    for (input, genome, place) in
        [(&region, &title, "title.fa.gz, line 1"), (&bed, &small, "long.bed.gz, line 1")]
    {
        let ended = run(&mut command("embed", &[input, genome]));
        ended.assert_refused(&[place, "the line has more than", "and begins with"]);
    }
}

/// The most memory that a command had at once, in kB.
#[expect(clippy::zombie_processes, reason = "wait4 waits for it")]
fn peak(words: &str, paths: &[&str]) -> i64 {
    let child = command(words, paths).stdout(Stdio::null()).spawn().unwrap();
    let id = i32::try_from(child.id()).unwrap();
    let mut status = 0;
    // SAFETY: wait4 fills in the structure, for which all zeroes are a valid start; the child is ours.
    let (ended, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(id, &raw mut status, 0, &raw mut usage), usage)
    };
    assert!(ended == id && status == 0);
    usage.ru_maxrss
}

/// A whole chromosome may stand on one line; its copy does not go through memory.
#[test]
fn a_long_line_of_bases_is_copied_in_pieces() {
    let scratch = Scratch::new();
    let small = scratch.file("small.fa.gz", long_line(">chr1\n", 1));
    let large = scratch.file("large.fa.gz", long_line(">chr1\n", 64));
    let bed = scratch.file("r.bed", "chr1\t1000000\t1000010\n");
    // the memory of this process counts, as it was when the command was started, and may have grown later
    let [large, small] = [large, small].map(|genome| peak("-q embed", &[&bed, &genome]));
    assert!(large < small + 40_000, "{small} and {large} kB");
}

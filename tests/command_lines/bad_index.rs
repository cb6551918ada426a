//! Indexes beside a reference that are older than it, or broken: the bases must be right anyway.

use std::{fs, io::Write as _, path::Path};

use crate::harness::{hyenadna, run_within, test_data};

/// Seconds of processor time that a run may take.
const LIMIT: u64 = 60;

/// Rows of the plain regions with a copy of `genome` that has `indexes` (suffix, content) beside it.
fn check(genome: &str, indexes: &[(&str, &[u8])]) {
    let odd = test_data("odd");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(genome);
    fs::copy(odd.join(genome), &copy).unwrap();
    for (suffix, content) in indexes {
        fs::write(folder.path().join(format!("{genome}{suffix}")), content).unwrap();
    }
    let embed = |reference: &Path| {
        let mut command = hyenadna(&["embed", "regions.bed"]);
        run_within(command.arg(reference).current_dir(&odd), LIMIT)
    };
    let ran = embed(&copy);
    assert_eq!(ran.disaster(), None, "{genome} {indexes:?}");
    if ran.code == Some(1) && ran.stderr.contains("index") {
        return; // an error that blames the index is as good
    }
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let right = embed(&odd.join("genome.fa")).rows();
    assert!(ran.rows() == right, "{genome} {indexes:?}: other bases, silently");
}

/// genome.fa: chr1 of 300 and chr2 of 120 bases in lines of 60.
const RIGHT: &[u8] = b"chr1\t300\t6\t60\t61\nchr2\t120\t317\t60\t61\n";

#[test]
fn a_right_index_is_used() {
    check("genome.fa", &[(".fai", RIGHT)]);
}

#[test]
fn broken_indexes_of_a_plain_file_do_no_harm() {
    for index in [
        &b""[..],
        b"garbage\n",
        b"\x00\xff\xfe",
        b"chr1\t300\t6\t60\t61\n",
        b"chr1\t300\t6\t0\t0\nchr2\t120\t317\t60\t61\n",
    ] {
        check("genome.fa", &[(".fai", index)]);
    }
}

#[test]
fn absurd_indexes_of_a_plain_file_do_no_harm() {
    for index in [
        b"chr1\t18446744073709551615\t6\t60\t61\nchr2\t120\t317\t60\t61\n".as_slice(),
        b"chr1\t300\t18446744073709551615\t60\t61\nchr2\t120\t317\t60\t61\n",
        b"chr1\t300\t6\t60\t18446744073709551615\nchr2\t120\t317\t60\t61\n",
        b"chr1\t300\t6\t61\t60\nchr2\t120\t317\t61\t60\n",
    ] {
        check("genome.fa", &[(".fai", index)]);
    }
}

/// An older version of the file of the same size: contigs renamed, or in another order.
#[test]
fn an_old_index_of_a_plain_file_of_the_same_size() {
    check("genome.fa", &[(".fai", b"chr2\t300\t6\t60\t61\nchr1\t120\t317\t60\t61\n")]);
    check("genome.fa", &[(".fai", b"chr1\t120\t6\t60\t61\nchr2\t300\t134\t60\t61\n")]);
}

#[test]
fn an_old_index_of_a_bgzip_file() {
    check("bgzip.fa.gz", &[(".fai", RIGHT)]);
    check("bgzip.fa.gz", &[(".fai", b"chr1\t300\t3\t60\t61\nchr2\t120\t317\t60\t61\n")]);
}

#[test]
fn a_broken_block_index_of_a_bgzip_file() {
    let mut far = 1_u64.to_le_bytes().to_vec();
    far.extend(u64::MAX.to_le_bytes());
    far.extend(100_u64.to_le_bytes());
    let none = 0_u64.to_le_bytes();
    let mut wrong = 1_u64.to_le_bytes().to_vec();
    wrong.extend(171_u64.to_le_bytes());
    wrong.extend(100_u64.to_le_bytes());
    for blocks in [&b""[..], b"garbage", &u64::MAX.to_le_bytes(), &none, &far, &wrong] {
        check("bgzip.fa.gz", &[(".gzi", blocks)]);
    }
}

/// The title of chr1 has become shorter since: every base is taken from six places too far on, and
/// far from the ends of a contig nothing tells.
#[test]
fn an_old_index_of_a_bgzip_file_gives_wrong_bases() {
    let folder = tempfile::tempdir().unwrap();
    let genome = folder.path().join("genome.fa.gz");
    let bases: String = (0..900_000_usize).map(|i| char::from(b"ACGT"[i * i % 7919 % 4])).collect();
    let mut writer = noodles::bgzf::io::Writer::new(Vec::new());
    write!(writer, ">chr1\n{bases}\n").unwrap();
    fs::write(&genome, writer.finish().unwrap()).unwrap();
    fs::write(folder.path().join("in.bed"), "chr1\t400000\t400500\n").unwrap();
    let embed = || {
        let mut command = hyenadna(&["embed", "in.bed", "genome.fa.gz"]);
        run_within(command.current_dir(folder.path()), LIMIT)
    };
    let right = embed().assert_ok();
    fs::write(folder.path().join("genome.fa.gz.fai"), "chr1\t900000\t12\t900000\t900001\n")
        .unwrap();
    let ran = embed();
    assert!(ran.code == Some(1) || ran.rows() == right, "other bases, silently");
}

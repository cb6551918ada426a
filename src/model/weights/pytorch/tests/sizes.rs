//! Files that claim more than they have.

use super::forge::{
    call, dict, f32s, int, lightning, pickle, rebuild, sample, storage, tuple, vector, zip,
};
use super::{assert_refused, read};

const HUGE: i64 = 2_600_000_000;

#[track_caller]
fn refuse_tensor(tensor: Vec<u8>, words: &[&str]) {
    let file = zip(&lightning(&[("evil", tensor)]), &[("0", &f32s(&[1.0, 2.0]))]);
    assert!(file.len() < 1500);
    assert_refused(file, words);
}

#[test]
fn tensors_larger_than_their_storage_are_refused() {
    let float = || storage("FloatStorage", "0", 2);
    for (offset, shape, stride) in [
        (0, &[HUGE][..], &[1][..]),
        (0, &[3], &[1]),
        (1, &[2], &[1]),
        (3, &[0], &[1]),
        (0, &[2, 2], &[1]),
        (i64::MAX, &[2], &[i64::MAX]),
        (0, &[i64::MAX, i64::MAX], &[0, 0]),
        (0, &[2], &[i64::MAX]),
    ] {
        refuse_tensor(rebuild(float(), offset, shape, stride), &["\"evil\"", "does not fit"]);
    }
    for (offset, shape, stride) in [(-1, 2, 1), (0, -2, 1), (0, 2, -1)] {
        let tensor = rebuild(float(), offset, &[shape], &[stride]);
        refuse_tensor(tensor, &["\"evil\"", "not negative"]);
    }
    refuse_tensor(rebuild(float(), 0, &[1; 17], &[1; 17]), &["a tuple of 17"]);
}

#[test]
fn storages_larger_than_their_entry_are_refused() {
    let words = ["has 8 bytes in the archive", "2600000000 elements"];
    let whole = rebuild(storage("FloatStorage", "0", HUGE), 0, &[HUGE], &[1]);
    refuse_tensor(whole, &["possible attack"]);
    refuse_tensor(rebuild(storage("FloatStorage", "0", HUGE), 0, &[1], &[1]), &words);
    let overflow = storage("DoubleStorage", "0", i64::MAX);
    refuse_tensor(rebuild(overflow, 0, &[1], &[1]), &["has 8 bytes"]);
    let negative = storage("FloatStorage", "0", -2);
    refuse_tensor(rebuild(negative, 0, &[1], &[1]), &["storage's size", "the number -2"]);
    let wide = b"\x8a\x09\0\0\0\0\0\0\0\0\x01".to_vec();
    let args = [storage("FloatStorage", "0", 2), wide, int(0), int(0), int(0), int(0)];
    let tensor = call("torch._utils", "_rebuild_tensor_v2", &tuple(&args));
    refuse_tensor(tensor, &["offset", "type int"]);
}

#[test]
fn expanded_tensors_are_bounded_by_the_file() {
    let expanded = rebuild(storage("FloatStorage", "0", 2), 0, &[HUGE], &[0]);
    refuse_tensor(expanded, &["\"evil\"", "possible attack"]);
    // Many that are each within the bound.
    let part = rebuild(storage("FloatStorage", "0", 2), 0, &[2000], &[0]);
    let names: Vec<_> = (0..400).map(|name| name.to_string()).collect();
    let parts: Vec<_> = names.iter().map(|name| (&name[..], part.clone())).collect();
    let file = zip(&lightning(&parts), &[("0", &[0; 8])]);
    assert_refused(file, &["possible attack"]);
}

#[test]
fn lengths_in_the_pickle_are_checked_against_its_end() {
    for claim in [
        &b"X\xff\xff\xff\xff"[..],
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x8d\0\0\0\x80\x02\0\0\0",
        b"\x8e\0\0\0\x80\x02\0\0\0",
        b"\x96\0\0\0\x80\x02\0\0\0",
        b"\x8b\xff\xff\xff\xff",
        b"\x8a\xff",
        b"T\xff\xff\xff\x7f",
        b"B\xff\xff\xff\x7f",
        b"\x95\0\0\0\x80\x02\0\0\0",
    ] {
        assert_refused(zip(&pickle(claim), &[]), &["the pickle claims", "follow"]);
    }
    // A memo index is a name, not a size.
    let file = zip(&pickle(b"}r\xff\xff\xff\xff0j\xff\xff\xff\xff"), &[]);
    assert_refused(file, &["is empty"]);
}

/// Overwrites the sizes of all entries, or the one at `only`, in directory and headers.
fn claim_sizes(file: &mut [u8], size: u32, name: &str) {
    for at in 0..file.len() - 46 {
        let (sizes, names) = match &file[at..at + 4] {
            b"PK\x01\x02" => (at + 20, at + 46),
            b"PK\x03\x04" => (at + 18, at + 30),
            _ => continue,
        };
        if file[names..].starts_with(name.as_bytes()) {
            file[sizes..sizes + 4].copy_from_slice(&size.to_le_bytes());
            file[sizes + 4..sizes + 8].copy_from_slice(&size.to_le_bytes());
        }
    }
}

#[test]
fn sizes_in_the_archive_are_checked_against_the_file() {
    for entry in ["weights/data.pkl", "weights/data/0"] {
        let mut file = sample();
        claim_sizes(&mut file, 0xffff_fff0, entry);
        assert_refused(file, &[entry, "4294967280 bytes"]);
    }
}

#[test]
fn entries_on_top_of_each_other_are_refused() {
    let numbers = vec![0; 4000];
    let names = ["a", "b", "c"];
    let tensors = names.map(|name| (name, vector(name, 1000)));
    let storages = names.map(|name| (name, if name == "a" { &numbers[..] } else { &[] }));
    let mut file = zip(&pickle(&dict(&tensors)), &storages);
    let first = file.windows(18).position(|bytes| bytes.ends_with(b"weights/data/a"));
    let first = u32::try_from(first.unwrap() + 4 - 30).unwrap();
    for name in ["weights/data/b", "weights/data/c"] {
        claim_sizes(&mut file, 4000, name);
        let at = file.windows(14).rposition(|bytes| bytes == name.as_bytes());
        let header = at.unwrap() - 46;
        file[header + 16..header + 20].fill(0); // no checksum
        file[header + 42..header + 46].copy_from_slice(&first.to_le_bytes());
    }
    assert_refused(file, &["more bytes than the whole file"]);
}

#[test]
fn directories_that_claim_many_entries_are_refused() {
    let mut file = sample();
    let end = file.len() - 22;
    file[end + 8..end + 12].fill(0xff);
    assert!(read(file).is_err());
    let mut file = sample();
    let end = file.len() - 22;
    file[end + 12..end + 20].fill(0xff);
    assert!(read(file).is_err());
}

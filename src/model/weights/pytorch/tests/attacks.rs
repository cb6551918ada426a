//! Files that must be refused, each with words that the message must have.

use std::time::Duration;

use super::forge::{
    call, dict, f32s, int, lightning, pickle, rebuild, sample, storage, text, tuple, vector,
    with_items, without_checksums, zip,
};
use super::{assert_refused, read};

fn refuse_entry(entry: Vec<u8>, words: &[&str]) {
    let file = zip(&lightning(&[("evil", entry)]), &[("0", &f32s(&[1.0, 2.0]))]);
    assert_refused(file, words);
}

fn refuse_pickle(root: &[u8], words: &[&str]) {
    assert_refused(zip(&pickle(root), &[]), words);
}

#[test]
fn calls_that_run_something_are_refused_wherever_they_are() {
    for (module, name) in [
        ("os", "system"),
        ("posix", "system"),
        ("nt", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("__builtin__", "exec"),
        ("builtins", "getattr"),
        ("builtins", "open"),
        ("builtins", "__import__"),
        ("importlib", "import_module"),
        ("runpy", "run_path"),
        ("_pickle", "loads"),
        ("functools", "partial"),
        ("operator", "attrgetter"),
        ("torch.serialization", "os.system"),
        ("numpy.testing._private.utils", "runstring"),
        ("commands", "getoutput"),
        ("torch.hub", "load"),
        ("torch.utils.cpp_extension", "load_inline"),
    ] {
        let function = format!("call {module}.{name};");
        let words = [&function, "refused, and nothing was executed"];
        let global = format!("c{module}\n{name}\n");
        let args = tuple(&[text("touch pwned")]);
        for call in [
            [global.as_bytes(), &args, b"R"].concat(),
            [global.as_bytes(), &args, b"\x81"].concat(),
            [global.as_bytes(), &args, b"}\x92"].concat(),
            [b"(", &text("touch pwned")[..], b"i", &global.as_bytes()[1..]].concat(),
            [b"(", global.as_bytes(), &text("touch pwned"), b"o"].concat(),
            [&text(module)[..], &text(name), b"\x93)R"].concat(),
            [global.as_bytes(), b"q\x000h\x00)R"].concat(),
        ] {
            refuse_entry(call.clone(), &words);
            // Thrown away at once, so that nothing in the result would show it.
            refuse_pickle(&[&call[..], b"0}"].concat(), &words);
        }
    }
}

#[test]
fn entries_that_depend_on_unknown_objects_are_refused() {
    refuse_entry(call("foo", "Bar", b")"), &["\"evil\"", "foo.Bar"]);
    let unknown = call("torch._utils", "_rebuild_sparse_tensor", b")");
    refuse_entry(unknown, &["torch._utils._rebuild_sparse_tensor"]);
    let args = tuple(&[call("foo", "Bar", b")"), int(0), int(0)]);
    let parameter = call("torch._utils", "_rebuild_parameter", &args);
    refuse_entry(parameter, &["\"evil\"", "_rebuild_parameter"]);
    let tensor = rebuild(call("foo", "Storage", b")"), 0, &[2], &[1]);
    refuse_entry(tensor, &["storage is", "foo.Storage"]);
    let tensor = rebuild(storage("ComplexFloatStorage", "0", 1), 0, &[1], &[1]);
    refuse_entry(tensor, &["torch.ComplexFloatStorage"]);
    refuse_pickle(&dict(&[("state_dict", call("foo", "Bar", b")"))]), &["foo.Bar"]);
    refuse_pickle(&call("net", "Model", b")"), &["net.Model", "model.state_dict()"]);
    refuse_pickle(&dict(&[("epoch", int(1))]), &["no state_dict", "epoch"]);
    refuse_pickle(&dict(&[("state_dict", b"}".to_vec())]), &["is empty"]);
    refuse_pickle(b"}", &["is empty"]);
    let escape = call("foo\u{1b}[31m", "Bar", b")");
    refuse_entry(escape, &["foo\\u{1b}[31m.Bar"]);
}

#[test]
fn negated_tensors_are_refused_not_read_with_the_wrong_sign() {
    let mut tensor = vector("0", 2);
    let end = tensor.split_off(tensor.len() - 2);
    let tensor = [tensor, dict(&[("neg", b"\x88".to_vec())]), end].concat();
    refuse_entry(tensor, &["metadata"]);
}

#[test]
fn cycles_are_errors() {
    let words = ["\"self\"", "a dictionary of 1"];
    let cycle = with_items(b"}q\x01", &[("self", b"h\x01".to_vec())]);
    refuse_pickle(&dict(&[("state_dict", cycle.clone())]), &words);
    let root = with_items(b"}q\x01", &[("state_dict", b"h\x01".to_vec())]);
    refuse_pickle(&root, &["\"state_dict\"", "a dictionary of 1"]);
    refuse_entry(b"]q\x01h\x01a".to_vec(), &["a list of 1"]);
    let own_argument = b"ctorch._utils\n_rebuild_parameter\n]q\x01(h\x01h\x01eR";
    refuse_entry(own_argument.to_vec(), &["\"evil\"", "_rebuild_parameter"]);
}

/// Processor time of this thread, which other threads and programs do not add to.
fn processor_time() -> Duration {
    // SAFETY: clock_gettime fills in the structure, for which all zeroes are a valid start.
    let time = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        assert_eq!(libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time), 0);
        time
    };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[test]
fn deep_nesting_takes_no_stack() {
    let start = processor_time();
    let deep = [&b")"[..], &b"\x85".repeat(900_000)].concat();
    refuse_entry(deep, &["a tuple of 1"]);
    let deep = b"](".repeat(100_000);
    let deep = [&deep[..], &b"e".repeat(100_000)].concat();
    refuse_entry(deep, &["a list of 1"]);
    let deep = b"cC\nC\n".repeat(100_000);
    let deep = [&deep[..], b")", &b"R".repeat(100_000)].concat();
    refuse_entry(deep, &["an unknown object"]);
    assert!(processor_time() - start < Duration::from_secs(30));
}

#[test]
fn pickles_that_build_without_end_are_refused() {
    refuse_pickle(&b")".repeat(1_000_001), &["more than 1000000 values"]);
    refuse_pickle(&b"(".repeat(1_000_001), &["more than 1000000 values"]);
    // A list of 1000 pairs as the argument of 1000 calls.
    let pairs = b"K\x01K\x01\x86".repeat(1000);
    let list = [&b"]("[..], &pairs, b"e\x85q\x010"].concat();
    let calls = b"ccollections\nOrderedDict\nh\x01R0".repeat(1000);
    refuse_pickle(&[list, calls].concat(), &["more than 1000000 values"]);
}

#[test]
fn malformed_pickles_are_refused() {
    for (root, words) in [
        (&b""[..], "value is missing"),
        (b"R", "value is missing"),
        (b"(R", "value is missing"),
        (b"t", "mark is missing"),
        (b"(o", "class is missing"),
        (b"K\x01K\x02a", "not a list"),
        (b"K\x01K\x02K\x03s", "not a dict"),
        (b"}(K\x01u", "lacks its value"),
        (b"h\x07", "never stored"),
        (b"gx\n", "not a number"),
        (b"K\x01K\x02\x93", "not a text"),
        (b"\x80\x06N", "newer than 5"),
        (b"\x82\x01", "unknown opcode 0x82"),
        (b"\xff", "unknown opcode 0xff"),
        (b"c\xff\n\n", "not UTF-8"),
    ] {
        refuse_pickle(root, &[words]);
    }
}

#[test]
fn truncated_checkpoints_are_errors_at_every_length() {
    let file = sample();
    assert!(read(file.clone()).is_ok());
    for len in 0..file.len() {
        assert!(read(file[..len].to_vec()).is_err(), "{len} bytes were read");
    }
    assert_refused(file[..file.len() / 2].to_vec(), &["truncated", "download"]);
}

#[test]
fn damaged_bytes_are_told_from_their_checksum() {
    let numbers = f32s(&[1.0, 2.0]);
    let mut file = zip(&lightning(&[("w", vector("0", 2))]), &[("0", &numbers)]);
    let at = file.windows(8).position(|bytes| bytes == numbers).unwrap();
    file[at] ^= 1;
    assert_refused(file, &["data/0", "checksum", "download"]);
}

#[test]
fn other_archives_are_refused() {
    let plain = lightning(&[("w", vector("0", 2))]);
    // The crate writes no compressed entries here, so the method is patched in: 8, deflate.
    let mut file = zip(&plain, &[("0", &[0; 8])]);
    for at in 0..file.len() - 46 {
        if file[at..].starts_with(b"PK\x01\x02") {
            file[at + 10] = 8;
        }
    }
    assert_refused(file, &["is compressed or encrypted", "torch.save"]);

    let missing = zip(&plain, &[]);
    assert_refused(missing, &["weights/data/0", "missing"]);

    let mut other = zip(&plain, &[]);
    for at in 0..other.len() - 8 {
        if other[at..].starts_with(b"data.pkl") {
            other[at] = b'D';
        }
    }
    assert_refused(other, &["no data.pkl"]);

    let mut big = sample();
    for at in 0..big.len() - 6 {
        if big[at..].starts_with(b"little") {
            big[at..at + 6].copy_from_slice(b"big   ");
        }
    }
    without_checksums(&mut big);
    assert_refused(big, &["byte order is \"big   \"", "little-endian machine"]);
}

#[test]
fn files_of_other_formats_are_named() {
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let magic = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.";
    for old in [tar, magic.to_vec(), pickle(b"}")] {
        assert_refused(old, &["before PyTorch 1.6", "torch.save(torch.load("]);
    }
    assert_refused(Vec::new(), &["an empty file"]);
    let safetensors = b"\x80\0\0\0\0\0\0\0{\"w\":{}}".to_vec();
    assert_refused(safetensors, &["a safetensors file", ".safetensors"]);
    let pointer = b"version https://git-lfs.github.com/spec/v1\n".to_vec();
    assert_refused(pointer, &["Git LFS", "git lfs pull"]);
    assert_refused(b"\n<!DOCTYPE html>".to_vec(), &["a web page", "download"]);
    assert_refused(b"weights".to_vec(), &["unknown format"]);
}

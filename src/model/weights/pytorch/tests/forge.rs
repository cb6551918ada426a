//! Puts pickles and checkpoints together from opcodes, sound or not.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub fn text(text: &str) -> Vec<u8> {
    let count = (text.len() as u32).to_le_bytes();
    [b"X", &count[..], text.as_bytes()].concat()
}

pub fn int(number: i64) -> Vec<u8> {
    [b"\x8a\x08", &number.to_le_bytes()[..]].concat()
}

pub fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    [b"(", &items.concat()[..], b"t"].concat()
}

pub fn ints(numbers: &[i64]) -> Vec<u8> {
    tuple(&numbers.iter().map(|&number| int(number)).collect::<Vec<_>>())
}

/// Sets items of the dictionary that `dict` pushes.
pub fn with_items(dict: &[u8], items: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let items = items.iter().flat_map(|(key, value)| [text(key), value.clone()]);
    [dict, b"(", &items.collect::<Vec<_>>().concat(), b"u"].concat()
}

pub fn dict(items: &[(&str, Vec<u8>)]) -> Vec<u8> {
    with_items(b"}", items)
}

pub fn call(module: &str, name: &str, args: &[u8]) -> Vec<u8> {
    let function = format!("c{module}\n{name}\n");
    [function.as_bytes(), args, b"R"].concat()
}

/// A storage of `class` under `key` with `len` elements.
pub fn storage(class: &str, key: &str, len: i64) -> Vec<u8> {
    let class = format!("ctorch\n{class}\n").into_bytes();
    let id = [text("storage"), class, text(key), text("cpu"), int(len)];
    [tuple(&id), b"Q".to_vec()].concat()
}

pub fn rebuild(storage: Vec<u8>, offset: i64, shape: &[i64], stride: &[i64]) -> Vec<u8> {
    let hooks = call("collections", "OrderedDict", b")");
    let (shape, stride) = (ints(shape), ints(stride));
    let args = [storage, int(offset), shape, stride, b"\x89".to_vec(), hooks];
    call("torch._utils", "_rebuild_tensor_v2", &tuple(&args))
}

/// A whole storage of f32 as a vector.
pub fn vector(key: &str, len: i64) -> Vec<u8> {
    rebuild(storage("FloatStorage", key, len), 0, &[len], &[1])
}

pub fn pickle(root: &[u8]) -> Vec<u8> {
    [b"\x80\x02", root, b"."].concat()
}

/// The pickle of a checkpoint with these tensors.
pub fn lightning(tensors: &[(&str, Vec<u8>)]) -> Vec<u8> {
    pickle(&dict(&[("epoch", int(3)), ("state_dict", dict(tensors))]))
}

/// An archive with this pickle and these storages.
pub fn zip(pickle: &[u8], storages: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| {
        zip.start_file(format!("weights/{name}"), options).unwrap();
        zip.write_all(bytes).unwrap();
    };
    add("data.pkl", pickle);
    add("byteorder", b"little");
    for (key, bytes) in storages {
        add(&format!("data/{key}"), bytes);
    }
    add("version", b"3\n");
    zip.finish().unwrap().into_inner()
}

pub fn f32s(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Sets all checksums to 0, as `torch.save` does where it computes none.
pub fn without_checksums(file: &mut [u8]) {
    for at in 0..file.len() - 20 {
        if file[at..].starts_with(b"PK\x01\x02") {
            file[at + 16..at + 20].fill(0);
        }
    }
}

/// A sound checkpoint with most of what real ones have.
pub fn sample() -> Vec<u8> {
    let float = || storage("FloatStorage", "0", 6);
    let config = [
        b"comegaconf.dictconfig\nDictConfig\n)\x81".to_vec(),
        dict(&[("lr", b"G\x3f\xf0\0\0\0\0\0\0".to_vec())]),
        b"b".to_vec(),
    ];
    let tensors = [
        ("a", rebuild(float(), 0, &[2, 3], &[3, 1])),
        ("b", rebuild(float(), 0, &[3, 2], &[1, 3])),
        ("c", rebuild(storage("HalfStorage", "1", 2), 1, &[1], &[1])),
        ("d", rebuild(storage("BFloat16Storage", "1", 2), 0, &[], &[])),
    ];
    let root = dict(&[
        ("hyper_parameters", config.concat()),
        ("state_dict", with_items(&call("collections", "OrderedDict", b")"), &tensors)),
        ("optimizer_states", dict(&[("exp_avg", vector("2", 1))])),
    ]);
    let numbers = f32s(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let halves = [0x80, 0x3f, 0x00, 0xc0]; // bf16 1.0, f16 -2.0
    let storages = [("0", &numbers[..]), ("1", &halves), ("2", &numbers[..4])];
    zip(&pickle(&root), &storages)
}

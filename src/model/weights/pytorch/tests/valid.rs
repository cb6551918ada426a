//! Checkpoints that must be read, and what must come out.

use super::forge::{
    call, dict, f32s, int, lightning, pickle, rebuild, sample, storage, text, tuple, vector,
    with_items, without_checksums, zip,
};
use super::{imports, read, refusal};

/// Reads a file with the tensor `w` alone and returns its elements.
#[track_caller]
fn only_w(file: Vec<u8>) -> Vec<f32> {
    let mut tensors = read(file).unwrap();
    let w = tensors.remove("w").unwrap();
    assert!(tensors.is_empty(), "{tensors:?}");
    w.data
}

fn two_floats(root: &[u8]) -> Vec<u8> {
    zip(&pickle(root), &[("0", &f32s(&[1.5, -2.0]))])
}

#[test]
fn reads_views_halves_and_shared_storages() {
    let tensors = read(sample()).unwrap();
    let found: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| (&name[..], &tensor.shape[..], &tensor.data[..]))
        .collect();
    let expected: &[(&str, &[usize], &[f32])] = &[
        ("a", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ("b", &[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]),
        ("c", &[1], &[-2.0]),
        ("d", &[], &[1.0]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn reads_every_element_type() {
    let cases: &[(&str, &[u8], f32)] = &[
        ("DoubleStorage", &0.5_f64.to_le_bytes(), 0.5),
        ("FloatStorage", &0.25_f32.to_le_bytes(), 0.25),
        ("HalfStorage", &[0x00, 0x3c], 1.0),
        ("BFloat16Storage", &[0x40, 0xc0], -3.0),
        ("LongStorage", &(-9_i64).to_le_bytes(), -9.0),
        ("IntStorage", &70_000_i32.to_le_bytes(), 70_000.0),
        ("ShortStorage", &(-300_i16).to_le_bytes(), -300.0),
        ("CharStorage", &[0xff], -1.0),
        ("ByteStorage", &[0xff], 255.0),
        ("BoolStorage", &[1], 1.0),
    ];
    for (class, bytes, expected) in cases {
        let tensor = rebuild(storage(class, "0", 1), 0, &[1], &[1]);
        let file = zip(&lightning(&[("w", tensor)]), &[("0", bytes)]);
        assert_eq!(only_w(file), [*expected], "{class}");
    }
}

#[test]
fn reads_odd_views() {
    type Case<'a> = (i64, &'a [i64], &'a [i64], &'a [f32]);
    let cases: &[Case<'_>] = &[
        (1, &[2, 2], &[2, 3], &[1.0, 4.0, 3.0, 6.0]),
        (3, &[3], &[0], &[3.0, 3.0, 3.0]),
        (7, &[1, 1], &[99, 5], &[7.0]),
        (8, &[0, 4], &[4, 1], &[]),
        (0, &[2, 2, 2], &[1, 4, 2], &[0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0]),
    ];
    let numbers: Vec<f32> = (0..8).map(|number| number as f32).collect();
    for (offset, shape, stride, expected) in cases {
        let tensor = rebuild(storage("FloatStorage", "0", 8), *offset, shape, stride);
        let file = zip(&lightning(&[("w", tensor)]), &[("0", &f32s(&numbers))]);
        assert_eq!(only_w(file), *expected, "{shape:?} by {stride:?}");
    }
}

#[test]
fn skips_objects_that_it_does_not_know() {
    let objects: &[&[u8]] = &[
        b"comegaconf.dictconfig\nDictConfig\n)\x81}X\x01\0\0\0aNsb",
        b"cargparse\nNamespace\n)R}X\x02\0\0\0lrK\x01sb",
        b"ccollections\ndefaultdict\nc__builtin__\nlist\n\x85R(NK\x01u",
        b"ccollections\ndeque\n)R(K\x01K\x02e",
        b"ctorch\ndevice\nX\x03\0\0\0cpu\x85R",
        b"cnumpy.core.multiarray\nscalar\nC\x01\0\x85R",
        b"c__builtin__\nset\n](K\x01K\x02e\x85R",
        b"cbuiltins\nKeyboardInterrupt\n)R",
        b"ctyping\nAny\n",
        b"(ipytorch_lightning.callbacks\nModelCheckpoint\n",
        b"(cpytorch_lightning.callbacks\nModelCheckpoint\no",
        b"cpathlib\nPosixPath\n(X\x01\0\0\0/tR",
        b"cm\nC\n)}\x92", // NEWOBJ_EX
    ];
    for object in objects {
        let state_dict = dict(&[("w", vector("0", 2))]);
        let root = dict(&[("other", object.to_vec()), ("state_dict", state_dict)]);
        let shown = String::from_utf8_lossy(object);
        assert_eq!(only_w(two_floats(&root)), [1.5, -2.0], "{shown}");
    }
}

#[test]
fn skips_tensors_outside_of_the_state_dict() {
    let callback = [b"cema\nEma\n)\x81".to_vec(), dict(&[("w", vector("9", 5))])];
    let root = dict(&[
        ("callbacks", [&callback.concat()[..], b"b"].concat()),
        ("state_dict", dict(&[("w", vector("0", 2))])),
    ]);
    assert_eq!(only_w(two_floats(&root)), [1.5, -2.0]);
}

#[test]
fn attributes_of_the_state_dict_are_no_tensors() {
    let ordered = call("collections", "OrderedDict", b")");
    let state_dict = [
        with_items(&ordered, &[("w", vector("0", 2))]),
        dict(&[("_metadata", vector("0", 2))]),
        b"b".to_vec(),
    ];
    let root = dict(&[("state_dict", state_dict.concat())]);
    assert_eq!(only_w(two_floats(&root)), [1.5, -2.0]);
}

#[test]
fn a_dictionary_under_two_names_is_one() {
    // Memoized empty and filled afterwards, as pickle does with every dictionary.
    let shared = with_items(b"}q\x01", &[("w", vector("0", 2))]);
    let root = dict(&[("model", shared), ("state_dict", b"h\x01".to_vec())]);
    assert_eq!(only_w(two_floats(&root)), [1.5, -2.0]);
}

#[test]
fn reads_a_bare_state_dict_and_parameters() {
    let args = tuple(&[vector("0", 2), b"\x88".to_vec(), b"}".to_vec()]);
    let parameter = call("torch._utils", "_rebuild_parameter", &args);
    let root = dict(&[("w", parameter)]);
    assert_eq!(only_w(two_floats(&root)), [1.5, -2.0]);
}

#[test]
fn reads_ordered_dicts_made_from_pairs() {
    let pairs = [b"](".to_vec(), tuple(&[text("w"), vector("0", 2)]), b"e\x85".to_vec()];
    let root = dict(&[("state_dict", call("collections", "OrderedDict", &pairs.concat()))]);
    assert_eq!(only_w(two_floats(&root)), [1.5, -2.0]);
}

#[test]
fn reads_protocol_4() {
    let v2 = b"\x8c\x0ctorch._utils\x94\x8c\x12_rebuild_tensor_v2\x93";
    let float = b"\x8c\x05torch\x8c\x0cFloatStorage\x93";
    let id = [&b"(\x8c\x07storage"[..], float, b"\x8c\x010\x8c\x03cpuK\x02tQ"].concat();
    let tensor = [&v2[..], b"(", &id, b"K\x00K\x02\x85K\x01\x85\x89}tR"].concat();
    let root = [b"\x95\x10\0\0\0\0\0\0\0}\x94\x8c\x01w", &tensor[..], b"s"].concat();
    assert_eq!(only_w(two_floats(&root)), [1.5, -2.0]);
}

#[test]
fn the_last_of_equal_keys_counts() {
    let earlier = dict(&[("v", vector("0", 2))]);
    let later = dict(&[("w", int(1)), ("w", vector("0", 2))]);
    let root = dict(&[("state_dict", earlier), ("state_dict", later)]);
    // An unreadable entry is an error even where a later one hides it.
    assert!(refusal(two_floats(&root)).contains("the number 1"));
    let later = dict(&[("w", vector("0", 2)), ("w", vector("0", 2))]);
    let root = dict(&[("state_dict", int(1)), ("state_dict", later)]);
    assert_eq!(only_w(two_floats(&root)), [1.5, -2.0]);
}

#[test]
fn reads_archives_without_checksums() {
    let mut file = two_floats(&dict(&[("w", vector("0", 2))]));
    without_checksums(&mut file);
    assert_eq!(only_w(file), [1.5, -2.0]);
}

/// Classes that this program passes over may run code in Python.
#[test]
fn what_python_would_import_is_listed() {
    let with = |object: &[u8]| {
        let root =
            dict(&[("other", object.to_vec()), ("state_dict", dict(&[("w", vector("0", 2))]))]);
        imports(two_floats(&root))
    };
    for (object, expected) in [
        (&b"cargparse\nNamespace\n)R"[..], &["argparse.Namespace"][..]),
        (b"(ishop.tools\nget\n", &["shop.tools.get"]),
        (b"\x8c\x06webmod\x8c\x01f\x93", &["webmod.f"]), // not even called: importing runs it
        (b"(ca.b\nC\nca.b\nC\nca\nD\nt", &["a.D", "a.b.C"]),
        (b"ctorch\nload\n", &["torch.load"]),
        (b"ctorch\nhub.x\n", &["torch.hub.x"]),
        (b"ccollections\ndefaultdict\nc__builtin__\nlist\n\x85R", &[]),
        (b"c_codecs\nencode\n", &[]),
    ] {
        assert_eq!(with(object), expected, "{}", String::from_utf8_lossy(object));
    }
    assert_eq!(imports(sample()), ["omegaconf.dictconfig.DictConfig"]);
}

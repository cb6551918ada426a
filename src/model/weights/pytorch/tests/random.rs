//! Random bytes and random damage: any error will do, but no panic and no endless work.

use proptest::{collection::vec, prelude::*};

use super::{
    forge::{lightning, sample, vector, zip},
    read,
};
use crate::model::weights::pytorch::{load::MAX_GROWTH, pickle};

/// Reads a file; what it yields must be consistent and within the bound of its size.
fn survive(file: Vec<u8>) {
    let limit = file.len() * MAX_GROWTH as usize;
    let Ok(tensors) = read(file) else { return };
    let mut bytes = 0;
    for tensor in tensors.values() {
        assert_eq!(tensor.shape.iter().product::<usize>(), tensor.data.len());
        bytes += 4 * tensor.data.len();
    }
    assert!(bytes <= limit);
}

fn damage(mut bytes: Vec<u8>, changes: &[(usize, u8)], cut: usize) -> Vec<u8> {
    for &(at, byte) in changes {
        let at = at % bytes.len();
        bytes[at] = byte;
    }
    if cut < bytes.len() {
        bytes.truncate(cut);
    }
    bytes
}

/// Opcodes are seldom hit by bytes drawn evenly.
fn opcode() -> impl Strategy<Value = u8> {
    let opcodes = b"N\x88IJKM\x8aFGSVUXC().012pqrg\x94hj\x85\x86\x87t]l\x8faed}su\x90\x91cRi\
        \x81\x92\x93obPQ\x80\x95\n\x00\x01\x02";
    prop_oneof![3 => prop::sample::select(&opcodes[..]), 1 => any::<u8>()]
}

proptest! {
    #[test]
    fn random_pickles(bytes in vec(opcode(), 0..400)) {
        let _ = pickle::parse(&bytes, 1000);
    }

    #[test]
    fn random_files(mut bytes in vec(any::<u8>(), 0..600), magic in any::<bool>()) {
        if magic {
            bytes.splice(0..0, *b"PK\x03\x04");
        }
        survive(bytes);
    }

    #[test]
    fn damaged_files(
        changes in vec((any::<usize>(), any::<u8>()), 0..8),
        cut in 0..4000_usize,
    ) {
        survive(damage(sample(), &changes, cut));
    }

    #[test]
    fn damaged_pickles(
        changes in vec((any::<usize>(), opcode()), 1..6),
        cut in 200..2000_usize,
    ) {
        let sound = lightning(&[("a", vector("0", 2)), ("b", vector("0", 2))]);
        let pickle = damage(sound, &changes, cut);
        survive(zip(&pickle, &[("0", &[0; 8])]));
    }
}

//! Changes of files, drawn from a seed.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// Most bytes of a mutated file.
pub const LONGEST: usize = 1 << 16;

/// Words that matter to some format.
const WORDS: [&[u8]; 24] = [
    b"\t",
    b"\n",
    b"\r\n",
    b">",
    b"@",
    b"+",
    b"-1",
    b"0",
    b"9223372036854775807",
    b"9223372036854775808",
    b"18446744073709551615",
    b"1e400",
    b"NaN",
    b"chr1",
    b"##",
    b"#CHROM",
    b"<DEL>",
    b"*",
    b".",
    b"\xff\xfe",
    b"\0",
    b"{\"a\":[",
    b"\x80\x02}q\x00",
    b"ctorch._utils\n_rebuild_tensor_v2\n",
];

/// Draws mutated files.
pub struct Mutator(ChaCha8Rng);

impl Mutator {
    /// The mutations of a target.
    pub fn new(target: &str) -> Self {
        let seed = target.bytes().fold(7_u64, |seed, byte| seed * 31 + u64::from(byte));
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// One of the files after one to eight changes.
    pub fn mutated(&mut self, files: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = files[self.below(files.len())].clone();
        for _ in 0..=self.below(8) {
            let other = self.below(files.len());
            self.change(&mut bytes, &files[other]);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn below(&mut self, end: usize) -> usize {
        self.0.next_u64() as usize % end.max(1)
    }

    /// A part of so many bytes, most of them short.
    fn part(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = (length - start).min(1 << self.below(10));
        start..start + self.below(most + 1)
    }

    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len());
        match self.below(9) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = self.below(256) as u8,
            2 => {
                let part = self.part(bytes.len());
                bytes.drain(part);
            }
            3 => {
                let part = self.part(bytes.len());
                let copy = bytes[part].to_vec();
                bytes.splice(at..at, copy);
            }
            4 => {
                let word = WORDS[self.below(WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            5 => {
                let part = self.part(other.len());
                let into = self.part(bytes.len());
                bytes.splice(into, other[part].iter().copied());
            }
            6 => {
                // a length or a count in binary
                let number = [0, 1, 0x7fff_ffff, 0xffff_ffff, u64::MAX, 1 << 40][self.below(6)];
                let width = [2, 4, 8][self.below(3)];
                let end = (at + width).min(bytes.len());
                bytes.splice(at.min(end)..end, number.to_le_bytes()[..width].iter().copied());
            }
            7 => {
                // the number at or after this place
                let Some(start) = bytes[at.min(bytes.len())..].iter().position(u8::is_ascii_digit)
                else {
                    return;
                };
                let start = at + start;
                let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                let word = WORDS[6 + self.below(7)];
                bytes.splice(start..start + digits, word.iter().copied());
            }
            _ => bytes.truncate(at),
        }
    }
}

//! DNA letters: normalisation of input to `A C G T N`, and the reverse complement.

use thiserror::Error;

/// A byte that is not a nucleotide letter.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("{} at base {position} is not a nucleotide{}", show(*byte), hint(*byte))]
pub struct InvalidBase {
    /// The byte in the input.
    pub byte: u8,
    /// 1-based position within the sequence that was normalised.
    pub position: u64,
}

fn show(byte: u8) -> String {
    if byte.is_ascii_graphic() {
        format!("'{}'", char::from(byte))
    } else {
        format!("byte 0x{byte:02x}")
    }
}

fn hint(byte: u8) -> &'static str {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'*' => {
            ": is this a protein sequence? DNA with IUPAC letters is expected"
        }
        b'-' | b'.' => ": gaps of an alignment must be removed first (for example `seqkit seq -g`)",
        _ => ": DNA with IUPAC letters is expected",
    }
}

/// Normalised letter of each byte: `A C G T N`, or 0 if the byte is not a nucleotide letter.
const NORMAL: [u8; 256] = {
    let mut table = [0; 256];
    let pairs: &[(&[u8], u8)] = &[
        (b"Aa", b'A'),
        (b"Cc", b'C'),
        (b"Gg", b'G'),
        (b"TtUu", b'T'),
        (b"NnRrYySsWwKkMmBbDdHhVvXx", b'N'),
    ];
    let mut i = 0;
    while i < pairs.len() {
        let mut j = 0;
        while j < pairs[i].0.len() {
            table[pairs[i].0[j] as usize] = pairs[i].1;
            j += 1;
        }
        i += 1;
    }
    table
};

/// Normalises a sequence to upper-case `A C G T N` in place: `U` becomes `T`; the other IUPAC
/// letters and `X` become `N`. Returns the number of ambiguous letters, `N` itself excluded.
///
/// # Errors
/// Reports the first byte that is not a nucleotide letter, with its 1-based position.
pub fn normalise(bases: &mut [u8]) -> Result<u64, InvalidBase> {
    let mut ambiguous = 0;
    for (i, base) in bases.iter_mut().enumerate() {
        let normal = NORMAL[usize::from(*base)];
        if normal == 0 {
            return Err(InvalidBase { byte: *base, position: i as u64 + 1 });
        }
        ambiguous += u64::from(normal == b'N' && !matches!(*base, b'N' | b'n'));
        *base = normal;
    }
    Ok(ambiguous)
}

/// The reverse complement of normalised bases; any other letter becomes `N`.
pub fn reverse_complement(bases: &[u8]) -> Vec<u8> {
    bases
        .iter()
        .rev()
        .map(|base| match base {
            b'A' => b'T',
            b'C' => b'G',
            b'G' => b'C',
            b'T' => b'A',
            _ => b'N',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn normalises_case_rna_and_iupac() {
        let mut bases = b"acgtunRyX".to_vec();
        assert_eq!(normalise(&mut bases), Ok(3));
        assert_eq!(bases, b"ACGTTNNNN");
    }

    #[test]
    fn reports_the_first_byte_that_is_not_a_nucleotide() {
        let error = normalise(&mut b"ACGE".to_vec()).unwrap_err();
        assert_eq!((error.byte, error.position), (b'E', 4));
        assert!(error.to_string().contains("protein"), "{error}");
        assert!(normalise(&mut b"AC-".to_vec()).unwrap_err().to_string().contains("gaps"));
        assert!(normalise(&mut b"\0".to_vec()).unwrap_err().to_string().contains("0x00"));
    }

    proptest! {
        #[test]
        fn reverse_complement_twice_is_the_sequence(bases in "[ACGTN]{0,50}") {
            let once = reverse_complement(bases.as_bytes());
            prop_assert_eq!(reverse_complement(&once), bases.as_bytes());
        }

        #[test]
        fn normalising_is_idempotent(bases in "[a-zA-Z]{0,50}") {
            let mut once = bases.into_bytes();
            if normalise(&mut once).is_ok() {
                let mut twice = once.clone();
                prop_assert_eq!(normalise(&mut twice), Ok(0));
                prop_assert_eq!(once, twice);
            }
        }
    }
}

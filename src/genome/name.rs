//! Names of contigs, sequences and samples as text. Files give them as bytes, which need not be UTF-8: each
//! byte that is not becomes a character of its own, so that different names stay different, and outputs have the bytes of
//! the input.

use std::borrow::Cow;

/// Stands for byte 0. The characters that follow, up to the last one of Unicode, stand for the other bytes.
const FIRST: u32 = 0x0010_ff00;
/// First byte of these characters in UTF-8. Text without it has none of them.
const LEAD: u8 = 0xf4;

/// The byte that a character stands for.
fn byte(character: char) -> Option<u8> {
    u8::try_from(u32::from(character).checked_sub(FIRST)?).ok()
}

/// The name that these bytes are. Bytes that are not UTF-8 become characters that stand for them, and so do
/// the bytes of those characters.
pub fn decode(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !bytes.contains(&LEAD)
    {
        return text.to_owned();
    }
    let mut name = String::with_capacity(bytes.len());
    let escape = |byte: &u8| char::from_u32(FIRST + u32::from(*byte));
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match byte(character) {
                None => name.push(character),
                Some(_) => name.extend(character.to_string().as_bytes().iter().filter_map(escape)),
            }
        }
        name.extend(chunk.invalid().iter().filter_map(escape));
    }
    name
}

/// The bytes of a name, for outputs.
pub fn encode(name: &str) -> Cow<'_, [u8]> {
    replaced(name, |bytes, byte| bytes.push(byte))
}

/// A text with names in it, for messages: bytes that are not UTF-8 as `\xfe`.
pub fn shown(text: &str) -> Cow<'_, str> {
    let escaped = replaced(text, |bytes, byte| bytes.extend(byte.escape_ascii()));
    match escaped {
        Cow::Borrowed(_) => Cow::Borrowed(text), // nothing was replaced
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}

/// The bytes of a text, with those that characters stand for added by `add`.
fn replaced(text: &str, add: impl Fn(&mut Vec<u8>, u8)) -> Cow<'_, [u8]> {
    if !text.as_bytes().contains(&LEAD) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match byte(character) {
            Some(byte) => add(&mut bytes, byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_that_are_not_text_are_told_apart() {
        assert_eq!(decode("chré".as_bytes()), "chré");
        assert_ne!(decode(b"chr\xfe"), decode(b"chr\xff"));
        assert_eq!(*encode(&decode(b"chr\xfe")), *b"chr\xfe");
        assert_eq!(shown(&format!("contig {} is", decode(b"chr\xfe"))), r"contig chr\xfe is");
        assert!(matches!(encode("chr1"), Cow::Borrowed(_)));
        let stand_in = "\u{10fffe}".as_bytes();
        assert_ne!(decode(stand_in), decode(b"\xfe"));
        assert_eq!(*encode(&decode(stand_in)), *stand_in);
    }

    proptest! {
        #[test]
        fn no_byte_is_lost(bytes in proptest::collection::vec(any::<u8>(), 0..20), text in "\\PC{0,9}") {
            for bytes in [&bytes[..], text.as_bytes()] {
                let name = decode(bytes);
                prop_assert_eq!(&*encode(&name), bytes);
            }
        }
    }
}

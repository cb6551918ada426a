//! Entity tags of the Hub: the name of a blob in the cache, and the hash of its content.

use std::io::{self, Read};

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::formats::number::hex;

/// A tag that is safe as a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Etag(String);

impl Etag {
    /// Parses the header, weak or strong. `None` if the tag is not safe as a file name: the server
    /// could otherwise choose the path that is written.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let tag = header.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let usable =
            !tag.is_empty() && tag.len() <= 128 && !tag.starts_with('.') && tag.chars().all(plain);
        usable.then(|| Self(tag.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// True if a hash is that of this tag.
    pub(super) fn is(&self, hash: &str) -> bool {
        self.0.eq_ignore_ascii_case(hash)
    }

    /// Hash of the content, of the same kind as this tag: SHA-256 for a large file (64 digits), the
    /// blob hash of git for a small one (40). `None` for a tag of another kind, which some mirrors
    /// send and which cannot be compared. `bytes` is the length of the content.
    pub(super) fn hash_like(&self, content: impl Read, bytes: u64) -> io::Result<Option<String>> {
        let hexadecimal = self.0.bytes().all(|b| b.is_ascii_hexdigit());
        match self.0.len() {
            64 if hexadecimal => hash(Sha256::new(), content).map(Some),
            40 if hexadecimal => {
                hash(Sha1::new_with_prefix(format!("blob {bytes}\0")), content).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn hash(mut hasher: impl Digest, mut content: impl Read) -> io::Result<String> {
    let mut buffer = vec![0; 1 << 18];
    loop {
        match content.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => hasher.update(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hex(&hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_and_quoted_tags_are_stripped() {
        for header in ["\"abc-1\"", "W/\"abc-1\"", "abc-1", " \"abc-1\" "] {
            assert_eq!(Etag::parse(header).unwrap().as_str(), "abc-1");
        }
    }

    #[test]
    fn a_tag_cannot_leave_the_folder() {
        for header in ["", "\"\"", "../x", "a/b", "\"..\"", ".x", "a\\b", &"x".repeat(200)] {
            assert_eq!(Etag::parse(header), None, "{header}");
        }
    }

    #[test]
    fn both_kinds_of_hash() {
        // `git hash-object` of a file with "hello\n", and its sha256sum.
        let git = Etag::parse("ce013625030ba8dba906f756967f9e9ca394464a").unwrap();
        let lfs = Etag::parse("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
        for tag in [git, lfs.unwrap()] {
            let found = tag.hash_like(&b"hello\n"[..], 6).unwrap();
            assert_eq!(found.as_deref(), Some(tag.as_str()));
        }
        let other = Etag::parse("d41d8cd98f-2").unwrap();
        assert_eq!(other.hash_like(&b""[..], 0).unwrap(), None);
    }
}

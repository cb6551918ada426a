//! Identifies a file that was given as a checkpoint but is not a zip archive.

use std::fmt;

/// Number of bytes of the file that [`identify`] needs: a tar header's magic ends there.
pub const HEAD: usize = 262;

/// A kind of file that is mistaken for a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// No bytes at all.
    Empty,
    /// A checkpoint of PyTorch before 1.6: a bare pickle, or a tar archive.
    OldTorch,
    /// A safetensors file.
    Safetensors,
    /// The text that stands for a file which Git LFS has not fetched.
    GitLfs,
    /// A web page, mostly one that says why the download failed.
    Html,
    /// Something else.
    Unknown,
}

/// Identifies a file by its first bytes; `None` for a zip archive.
pub fn identify(head: &[u8]) -> Option<Foreign> {
    let text = head.trim_ascii_start();
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        None
    } else if head.is_empty() {
        Some(Foreign::Empty)
    } else if head.get(8) == Some(&b'{') && head[4..8] == [0; 4] {
        // The length of the JSON header may look like a pickle's first byte: test it first.
        Some(Foreign::Safetensors)
    } else if head[0] == 0x80 || head.get(257..262) == Some(b"ustar") {
        Some(Foreign::OldTorch)
    } else if head.starts_with(b"version https://git-lfs") {
        Some(Foreign::GitLfs)
    } else if text.starts_with(b"<") {
        Some(Foreign::Html)
    } else {
        Some(Foreign::Unknown)
    }
}

impl Foreign {
    /// Advice to the user.
    pub fn advice(self) -> &'static str {
        match self {
            Self::OldTorch => {
                "if you trust the file (torch.load may run code in it), save it again with a \
                 recent PyTorch: torch.save(torch.load(OLD, map_location='cpu'), NEW)"
            }
            Self::Safetensors => "give it a name that ends in .safetensors",
            Self::GitLfs => "fetch the file itself with `git lfs pull`",
            Self::Empty | Self::Html | Self::Unknown => {
                "download the file again, or check that it is the right one"
            }
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty file",
            Self::OldTorch => "a checkpoint in the format before PyTorch 1.6 (or a bare pickle)",
            Self::Safetensors => "a safetensors file",
            Self::GitLfs => "a Git LFS pointer",
            Self::Html => "a web page",
            Self::Unknown => "a file of an unknown format",
        })
    }
}

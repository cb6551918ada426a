//! Copies of references that cannot be read by index: one line for each contig, in an unnamed temporary file.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    num::NonZero,
    os::fd::AsRawFd,
};

use noodles::fasta::fai;

use crate::{
    formats::{
        error::{InputError, TemporaryError},
        input::Input,
        kind::{self, TextKind},
        lines::Lines,
        sequences::{Sequence, fasta},
    },
    genome::name,
};

/// Description of a valid file, for messages.
const EXPECTED: &str = "a reference in FASTA format";

/// Bytes that are left to others in the folder of temporary files.
const LEFT: u64 = 1 << 28;
/// Bytes between two looks at the room that is left.
const STEP: u64 = 1 << 26;

/// Copies an input, and gives its index with the copy. Memory does not grow with its lines.
///
/// # Errors
/// The input is empty, not FASTA or damaged, or the temporary file cannot be written or leaves no room.
pub(super) fn copy(input: Input, why: &str) -> Result<(fai::Index, File), InputError> {
    let path = input.name.clone();
    let mut lines = Lines::new(input);
    let first = lines.peek()?;
    if first.is_none() {
        return Err(InputError::Empty { path, expected: EXPECTED });
    }
    kind::must_be_text(&path, first, EXPECTED)?;
    if let Some(problem) = TextKind::of(lines.ahead()?).and_then(TextKind::for_reference) {
        return Err(InputError::Kind { path, problem });
    }
    log::warn!("{path} is copied to a temporary file first: {why}");
    let failed =
        |source| InputError::Temporary { path: path.clone(), source: TemporaryError(source) };
    let mut reader = fasta::Reader::new(lines);
    let mut record = Sequence::default();
    let mut records = Vec::new();
    let file = tempfile::tempfile().map_err(failed)?;
    let mut writer = BufWriter::with_capacity(1 << 18, file);
    let (mut offset, mut looked) = (0, 0);
    let mut bases = Vec::new();
    while reader.title(&mut record)? {
        let start = offset;
        reader.bases(|piece| {
            bases.clear();
            bases.extend(piece.iter().filter(|base| !base.is_ascii_whitespace()));
            offset += bases.len() as u64;
            if offset - looked >= STEP {
                looked = offset;
                check_room(writer.get_ref(), LEFT).map_err(failed)?;
            }
            writer.write_all(&bases).map_err(failed)
        })?;
        let length = offset - start;
        let width = NonZero::new(length).unwrap_or(NonZero::<u64>::MIN);
        records.push(fai::Record::new(&*name::encode(&record.name), length, start, width, width));
    }
    let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
    Ok((fai::Index::from(records), file))
}

/// Fails where a file system has fewer bytes left than these: the input may have no end.
fn check_room(file: &File, least: u64) -> io::Result<()> {
    // SAFETY: fstatvfs fills in the structure, for which all zeroes are a valid start.
    let (result, space) = unsafe {
        let mut space: libc::statvfs = std::mem::zeroed();
        (libc::fstatvfs(file.as_raw_fd(), &raw mut space), space)
    };
    if result == 0 && space.f_bavail.saturating_mul(space.f_frsize) < least {
        let least = least >> 20;
        let problem =
            format!("less than {least} MiB would be left in it; does the input have an end?");
        return Err(io::Error::new(io::ErrorKind::StorageFull, problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_left_to_others() {
        let file = tempfile::tempfile().unwrap();
        assert!(check_room(&file, 0).is_ok());
        let error = check_room(&file, u64::MAX).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(error.to_string().contains("does the input have an end?"));
    }
}

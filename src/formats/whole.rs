//! Files that are held in memory as a whole: weights and settings. A device or a pipe may have no end.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileTypeExt,
    path::Path,
};

/// Most bytes of weights: a billion parameters in f32. The largest released model has 0.03 billion.
pub const WEIGHTS: u64 = 4 << 30;
/// Most bytes of a file of settings.
pub const SETTINGS: u64 = 16 << 20;

/// The content of a file of at most so many bytes.
///
/// # Errors
/// The file cannot be read, or is larger.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    let data = file.metadata()?;
    // /dev/zero has no end, which is seen sooner
    let most = if data.file_type().is_char_device() { most.min(SETTINGS) } else { most };
    bytes.reserve_exact(data.len().min(most) as usize);
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let problem = format!("it has more than {most} bytes; is it the right file?");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// Settings in a file of text.
///
/// # Errors
/// The file cannot be read, is larger than [`SETTINGS`], or is not UTF-8.
pub fn settings(path: &Path) -> io::Result<String> {
    let problem = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    String::from_utf8(read(path, SETTINGS)?).map_err(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_end_are_refused() {
        for (most, named) in [(1000, 1000), (WEIGHTS, SETTINGS)] {
            let error = read(Path::new("/dev/zero"), most).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
            assert!(error.to_string().contains(&format!("more than {named} bytes")));
        }
        assert!(settings(Path::new("/dev/zero")).is_err());
    }

    #[test]
    fn a_file_of_the_largest_size_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "seven\nµ").unwrap();
        assert_eq!(read(file.path(), 8).unwrap().len(), 8);
        assert_eq!(settings(file.path()).unwrap(), "seven\nµ");
        assert!(read(file.path(), 7).is_err());
        std::fs::write(file.path(), [0xff]).unwrap();
        assert_eq!(settings(file.path()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}

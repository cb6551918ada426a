//! Rows of numbers that wait in an unnamed temporary file, to be read several times.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
};

use super::error::temporary;

/// Rows of `width` numbers.
pub struct SpooledRows {
    file: BufWriter<File>,
    width: usize,
    rows: usize,
}

impl SpooledRows {
    /// Starts without rows.
    ///
    /// # Errors
    /// The temporary file cannot be created.
    pub fn new(width: usize) -> io::Result<Self> {
        let file = tempfile::tempfile().map_err(temporary)?;
        Ok(Self { file: BufWriter::with_capacity(1 << 17, file), width, rows: 0 })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Appends a row.
    ///
    /// # Errors
    /// The temporary file cannot be written.
    pub fn push(&mut self, row: &[f32]) -> io::Result<()> {
        debug_assert_eq!(row.len(), self.width);
        self.rows += 1;
        row.iter().try_for_each(|x| self.file.write_all(&x.to_ne_bytes())).map_err(temporary)
    }

    /// Reads all rows from the first on, in blocks of whole rows.
    ///
    /// # Errors
    /// The temporary file cannot be written or read.
    pub fn blocks(&mut self, mut each: impl FnMut(&[f32])) -> io::Result<()> {
        /// Numbers of a block, about.
        const BLOCK: usize = 1 << 18;
        self.file.flush().map_err(temporary)?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0)).map_err(temporary)?;
        let rows = (BLOCK / self.width).max(1);
        let mut rest = self.rows;
        while rest > 0 {
            let count = rest.min(rows);
            let mut bytes = vec![0; count * self.width * size_of::<f32>()];
            file.read_exact(&mut bytes).map_err(temporary)?;
            let values: Vec<f32> =
                bytes.as_chunks().0.iter().map(|x| f32::from_ne_bytes(*x)).collect();
            each(&values);
            rest -= count;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_again_and_again() {
        let width = 1 << 17;
        let mut rows = SpooledRows::new(width).unwrap();
        let first = |i: usize| i as f32;
        for i in 0..5 {
            rows.push(&vec![first(i); width]).unwrap();
        }
        for _ in 0..2 {
            let mut found = Vec::new();
            let mut blocks = 0;
            rows.blocks(|block| {
                blocks += 1;
                found.extend(block.chunks(width).map(|row| row[width - 1]));
            })
            .unwrap();
            assert_eq!((blocks, found), (3, (0..5).map(first).collect::<Vec<_>>()));
        }
        let mut none = SpooledRows::new(3).unwrap();
        none.blocks(|_| panic!("there are no rows")).unwrap();
    }
}

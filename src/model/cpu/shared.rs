//! Memory that threads share, each with rows of its own.

use std::ops::Range;

/// Start of numbers that threads share.
#[derive(Clone, Copy)]
pub struct Shared(*mut f32);

// SAFETY: only a pointer; its user makes sure that no other thread writes through it.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl From<*mut f32> for Shared {
    fn from(start: *mut f32) -> Self {
        Self(start)
    }
}

impl Shared {
    /// Shares numbers, which must not be used otherwise as long as threads use them.
    pub fn new(values: &mut [f32]) -> Self {
        Self(values.as_mut_ptr())
    }

    /// Start of the numbers.
    pub fn pointer(self) -> *mut f32 {
        self.0
    }
}

/// Some rows, each of `width` numbers, of those from `start` on.
///
/// # Safety
/// They exist, and nothing else uses them.
pub unsafe fn rows_of<'a>(start: *mut f32, rows: &Range<usize>, width: usize) -> &'a mut [f32] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts_mut(start.add(rows.start * width), rows.len() * width) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_write_rows_side_by_side() {
        const WIDTH: usize = 3;
        let mut values = vec![0.0; 10 * WIDTH];
        let shared = Shared::new(&mut values);
        std::thread::scope(|scope| {
            for (number, rows) in [0..4, 4..4, 4..5, 5..10].into_iter().enumerate() {
                scope.spawn(move || {
                    // SAFETY: the rows exist, and those of two threads do not overlap.
                    unsafe { rows_of(shared.pointer(), &rows, WIDTH) }.fill(number as f32);
                });
            }
        });
        let of_row = |row: usize| values[row * WIDTH..][..WIDTH].iter().sum::<f32>() / 3.0;
        assert_eq!([0, 3, 4, 5, 9].map(of_row), [0.0, 0.0, 2.0, 3.0, 3.0]);
    }
}

//! Threads that work on a pass on a CPU.

use rayon::prelude::*;
use tch::TchError;

use super::libtorch;

/// Threads that work on a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// The calling one.
    Calling,
    /// All of rayon's.
    All,
}

impl Threads {
    /// Does something to each item.
    ///
    /// # Errors
    /// That of an item.
    pub fn each<T: Sync>(
        self,
        items: &[T],
        work: impl Fn(&T) -> Result<(), TchError> + Sync,
    ) -> Result<(), TchError> {
        self.map(items, work).map(drop)
    }

    /// Makes something of each item.
    ///
    /// # Errors
    /// That of an item.
    pub fn map<T: Sync, Made: Send>(
        self,
        items: &[T],
        work: impl Fn(&T) -> Result<Made, TchError> + Sync,
    ) -> Result<Vec<Made>, TchError> {
        let alone = |item| {
            libtorch::alone();
            work(item)
        };
        match self {
            Self::Calling => items.iter().map(alone).collect(),
            Self::All => items.par_iter().map(alone).collect(),
        }
    }

    /// Does something to each part of `size` numbers, the last one perhaps shorter; `work` gets its
    /// number too.
    ///
    /// # Errors
    /// That of a part.
    pub fn each_part(
        self,
        values: &mut [f32],
        size: usize,
        work: impl Fn(usize, &mut [f32]) -> Result<(), TchError> + Sync,
    ) -> Result<(), TchError> {
        let alone = |(number, part): (usize, &mut [f32])| {
            libtorch::alone();
            work(number, part)
        };
        match self {
            Self::Calling => values.chunks_mut(size).enumerate().try_for_each(alone),
            Self::All => values.par_chunks_mut(size).enumerate().try_for_each(alone),
        }
    }

    /// Changes each number of `into` by that of `from` in its place.
    pub fn combine(self, into: &mut [f32], from: &[f32], change: impl Fn(&mut f32, f32) + Sync) {
        const PART: usize = 1 << 16;
        assert_eq!(into.len(), from.len());
        let both = |(into, from): (&mut [f32], &[f32])| {
            into.iter_mut().zip(from).for_each(|(x, y)| change(x, *y));
        };
        match self {
            Self::Calling => both((into, from)),
            Self::All => into.par_chunks_mut(PART).zip(from.par_chunks(PART)).for_each(both),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_share_numbers() {
        for threads in [Threads::Calling, Threads::All] {
            let mut values = vec![0.0; 1_000_003];
            let number = |number: usize, part: &mut [f32]| {
                part.fill(number as f32);
                if number == 4 { Err(TchError::Kind("the fifth".to_owned())) } else { Ok(()) }
            };
            threads.each_part(&mut values[..401], 100, number).unwrap_err();
            threads.each_part(&mut values[..301], 100, number).unwrap();
            assert_eq!([values[0], values[299], values[300]], [0.0, 2.0, 3.0]);
            let more: Vec<f32> = (0..values.len()).map(|i| i as f32).collect();
            values.fill(1.0);
            threads.combine(&mut values, &more, |x, y| *x -= y);
            assert!(values.iter().zip(&more).all(|(x, y)| *x == 1.0 - y));
        }
    }
}

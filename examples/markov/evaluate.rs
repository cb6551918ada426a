//! Bits a base, by order and by how much of the window stands before.

use std::io::{self, Write};

use crate::{
    counts::{Counts, places},
    smoothing::mix,
};

/// First numbers of bases before, of each stretch of the window.
const STRETCHES: [usize; 5] = [1, 17, 65, 257, 513];

/// Sums over windows.
pub struct Table {
    window: usize,
    /// Bases in each stretch.
    bases: [u64; STRETCHES.len()],
    /// Bits in each stretch, for each order.
    bits: Vec<[f64; STRETCHES.len()]>,
}

impl Table {
    /// Nothing is summed yet.
    pub fn new(order: usize, window: u64) -> Self {
        let bits = vec![[0.0; STRETCHES.len()]; order + 1];
        Self { window: window as usize, bases: [0; STRETCHES.len()], bits }
    }

    /// Predicts each base of a window but the first.
    pub fn add(&mut self, tokens: &[u8], counts: &Counts, smoothing: &[f64]) {
        for (at, place) in places(tokens, counts.order()).filter(|(at, _)| *at > 0) {
            let stretch = STRETCHES.partition_point(|first| *first <= at) - 1;
            self.bases[stretch] += 1;
            let mut p = 0.25;
            for (k, bits) in self.bits.iter_mut().enumerate() {
                // a shorter context than asked for says what it can
                if k <= place.known {
                    p = mix(counts, place, k, smoothing[k], p);
                }
                bits[stretch] -= p.log2();
            }
        }
    }

    /// Writes a line for each order and stretch, and one for all bases of an order.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        writeln!(output, "order\tfrom\tto\tbases\tbits_per_base")?;
        for (order, bits) in self.bits.iter().enumerate() {
            let ends = STRETCHES[1..].iter().copied().chain([self.window]);
            let stretches = STRETCHES.into_iter().zip(ends).map(|(from, end)| (from, end - 1));
            for (i, (from, to)) in stretches.enumerate() {
                if self.bases[i] > 0 {
                    let mean = bits[i] / self.bases[i] as f64;
                    let to = to.min(self.window - 1);
                    writeln!(output, "{order}\t{from}\t{to}\t{}\t{mean:.4}", self.bases[i])?;
                }
            }
            let all: u64 = self.bases.iter().sum();
            let mean = bits.iter().sum::<f64>() / all as f64;
            writeln!(output, "{order}\t1\t{}\t{all}\t{mean:.4}", self.window - 1)?;
        }
        Ok(())
    }
}

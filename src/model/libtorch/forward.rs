//! The functions of shim/forward.cpp: one thread's part of a forward pass on a CPU.

use std::{ffi::c_void, ptr::NonNull};

use rayon::prelude::*;
use tch::{TchError, Tensor};
use torch_sys::C_tensor;

use super::operators::last_error;
use crate::model::{
    rows::{Tile, Unit},
    threads::Threads,
};

/// Channels of a panel.
pub const PANEL: usize = 32;

#[repr(C)]
struct RawBlock([u8; 0]);
#[repr(C)]
struct RawReadout([u8; 0]);
#[repr(C)]
struct RawPlan([u8; 0]);

unsafe extern "C" {
    fn hyenadna_block_new(
        tensors: *const *const C_tensor,
        epsilon: f64,
        bf16: bool,
    ) -> *mut RawBlock;
    fn hyenadna_block_free(block: *mut RawBlock);
    fn hyenadna_block_project(
        block: *const RawBlock,
        x: *const f32,
        units: *const Unit,
        count: i64,
        before: *const i64,
        borders: *mut f32,
        panels: *mut f32,
        stride: i64,
    ) -> bool;
    fn hyenadna_block_finish(
        block: *const RawBlock,
        panels: *const f32,
        stride: i64,
        borders: *const f32,
        units: *const Unit,
        count: i64,
        before: *const i64,
        x: *mut f32,
    ) -> bool;
    fn hyenadna_block_remember(
        block: *const RawBlock,
        x: *const f32,
        rows: i64,
        recent: *mut f32,
    ) -> bool;
    fn hyenadna_block_step(
        block: *const RawBlock,
        x: *const f32,
        rows: i64,
        recent: *mut f32,
        panels: *mut f32,
        stride: i64,
    ) -> bool;
    fn hyenadna_block_finish_step(
        block: *const RawBlock,
        panels: *const f32,
        stride: i64,
        recent: *const f32,
        rows: i64,
        x: *mut f32,
    ) -> bool;
    fn hyenadna_rounded_rows(rows: i64) -> i64;
    fn hyenadna_add_products(values: *const f32, taps: *const f32, count: i64, into: *mut f32);
    fn hyenadna_readout_new(
        weight: *const C_tensor,
        bias: *const C_tensor,
        epsilon: f64,
        head: *const C_tensor,
    ) -> *mut RawReadout;
    fn hyenadna_readout_free(readout: *mut RawReadout);
    fn hyenadna_readout_normalize(readout: *const RawReadout, rows: i64, x: *mut f32) -> bool;
    fn hyenadna_readout_predict(
        readout: *const RawReadout,
        x: *const f32,
        rows: i64,
        into: *mut f32,
    ) -> bool;
    fn hyenadna_plan_new(n: i64) -> *mut RawPlan;
    fn hyenadna_plan_free(plan: *mut RawPlan);
    fn hyenadna_plan_spectrum(
        plan: *const RawPlan,
        taps: *mut f32,
        count: i64,
        work: *mut f32,
        share: Option<Share>,
    );
    fn hyenadna_plan_convolve(
        plan: *const RawPlan,
        rows: *mut f32,
        count: i64,
        spectrum: *const f32,
        work: *mut f32,
        share: Option<Share>,
    );
}

/// Does one part of some work.
type Part = extern "C" fn(context: *const c_void, number: i64);

/// Does so many parts on threads that share them.
type Share = extern "C" fn(count: i64, part: Part, context: *const c_void);

extern "C" fn share(count: i64, part: Part, context: *const c_void) {
    let context = context.expose_provenance(); // threads cannot send pointers to each other
    (0..count as usize)
        .into_par_iter()
        .with_max_len(1)
        .for_each(|number| part(std::ptr::with_exposed_provenance(context), number as i64));
}

/// Memory that lives through a layer, for `rows` rows of D channels: threads share it, and each
/// writes rows or panels of its own.
#[derive(Debug, Clone, Copy)]
pub struct Planes {
    /// The residual stream (rows, D).
    pub x: *mut f32,
    /// Input, then output of the long convolution: ⌈D/32⌉ panels (rows, 32).
    pub panels: *mut f32,
    /// Rows of the residual stream before each unit of rows, which its neighbours overwrite
    /// (units, taps of the short filter − 1, D).
    pub borders: *mut f32,
    /// Rows in all.
    pub rows: usize,
}

// SAFETY: only pointers; the functions that write through them say what no other thread may touch.
unsafe impl Send for Planes {}
// SAFETY: as above.
unsafe impl Sync for Planes {}

impl Planes {
    fn stride(&self) -> i64 {
        (self.rows * PANEL) as i64
    }

    /// Start of the residual stream.
    pub fn x(&self) -> *mut f32 {
        self.x
    }

    /// Start of the rows of panel `number`.
    pub fn panel(&self, number: usize) -> *mut f32 {
        self.panels.wrapping_add(number * self.rows * PANEL)
    }
}

/// Rows of the smallest product: fewer are filled up with zeros, and cost as much.
pub fn rows_of_product() -> usize {
    // SAFETY: a function of numbers.
    usize::try_from(unsafe { hyenadna_rounded_rows(1) }).unwrap_or(1)
}

/// A block's weights, laid out for the products.
#[derive(Debug)]
pub struct PackedBlock {
    raw: NonNull<RawBlock>,
    halo: usize,
    width: usize,
}

// SAFETY: nothing in it changes after it is made.
unsafe impl Send for PackedBlock {}
// SAFETY: as above.
unsafe impl Sync for PackedBlock {}

impl PackedBlock {
    /// `tensors`: weight and bias of norm1, norm2, in_proj, out_proj, fc1, fc2 and short_filter.
    ///
    /// # Errors
    /// Their shapes do not fit each other, or memory ran out.
    pub fn new(tensors: [[&Tensor; 2]; 7], epsilon: f64, bf16: bool) -> Result<Self, TchError> {
        let [[norm, _], .., [short_filter, _]] = tensors;
        let pointers = tensors.map(|pair| pair.map(Tensor::as_ptr));
        // SAFETY: the tensors live through the call.
        let raw = unsafe { hyenadna_block_new(pointers.as_flattened().as_ptr(), epsilon, bf16) };
        let raw = NonNull::new(raw).ok_or_else(last_error)?;
        let (taps, width) = (short_filter.size()[2], norm.size()[0]); // the shapes were checked
        Ok(Self { raw, halo: taps as usize - 1, width: width as usize })
    }

    /// The first half of the block up to the long convolution, for the units of a tile.
    ///
    /// # Safety
    /// The rows exist, no thread writes to `x`, and no other thread uses the units' rows of panels and borders.
    pub unsafe fn project(&self, planes: Planes, tile: &Tile) -> Result<(), TchError> {
        // SAFETY: the caller's promise.
        let done = unsafe {
            hyenadna_block_project(
                self.raw.as_ptr(),
                planes.x,
                tile.units.as_ptr(),
                tile.units.len() as i64,
                self.before(tile).as_ptr(),
                self.borders(planes, tile),
                planes.panels,
                planes.stride(),
            )
        };
        if done { Ok(()) } else { Err(last_error()) }
    }

    /// The rest of the block, from the long convolution on, for a tile whose first half was computed.
    ///
    /// # Safety
    /// The rows exist, no thread writes to panels and borders, and no other thread uses the tile's rows of `x`.
    pub unsafe fn finish(&self, planes: Planes, tile: &Tile) -> Result<(), TchError> {
        // SAFETY: the caller's promise.
        let done = unsafe {
            hyenadna_block_finish(
                self.raw.as_ptr(),
                planes.panels,
                planes.stride(),
                self.borders(planes, tile),
                tile.units.as_ptr(),
                tile.units.len() as i64,
                self.before(tile).as_ptr(),
                planes.x,
            )
        };
        if done { Ok(()) } else { Err(last_error()) }
    }

    /// The rows before each unit, one less than the short filter has taps.
    fn before<'a>(&self, tile: &'a Tile) -> &'a [i64] {
        assert!(!tile.units.is_empty() && tile.before.len() == tile.units.len() * self.halo);
        &tile.before
    }

    /// Where these rows are copied to.
    fn borders(&self, planes: Planes, tile: &Tile) -> *mut f32 {
        planes.borders.wrapping_add(tile.first_unit * self.halo * self.width)
    }

    /// Floats that hold the last projections of a sequence, (taps of the short filter, 3·D); zeros stand
    /// for positions before its start. Projections of type bf16 fill the first half.
    pub fn recent_len(&self) -> usize {
        (self.halo + 1) * 3 * self.width
    }

    /// Writes the projections of the last rows of a sequence `x` (rows, D), fewer than the short filter
    /// has taps, to the end of `recent`, for [`step`](Self::step).
    pub fn remember(&self, x: &[f32], recent: &mut [f32]) -> Result<(), TchError> {
        assert_eq!(recent.len(), self.recent_len());
        let rows = (x.len() / self.width) as i64;
        // SAFETY: there are as many rows, and `recent` has room for those of the short filter.
        let done = unsafe {
            hyenadna_block_remember(self.raw.as_ptr(), x.as_ptr(), rows, recent.as_mut_ptr())
        };
        if done { Ok(()) } else { Err(last_error()) }
    }

    /// [`project`](Self::project) for the next position of each of `rows` sequences, from row 0 of the
    /// planes on. `recent` has the last projections of each, and moves on by one position.
    ///
    /// # Safety
    /// The rows exist, and no other thread uses the planes.
    pub unsafe fn step(
        &self,
        planes: Planes,
        rows: usize,
        recent: &mut [f32],
    ) -> Result<(), TchError> {
        assert!(rows <= planes.rows && recent.len() == rows * self.recent_len());
        // SAFETY: the caller's promise; the size of `recent` is checked.
        let done = unsafe {
            hyenadna_block_step(
                self.raw.as_ptr(),
                planes.x,
                rows as i64,
                recent.as_mut_ptr(),
                planes.panels,
                planes.stride(),
            )
        };
        if done { Ok(()) } else { Err(last_error()) }
    }

    /// The rest of the block after [`step`](Self::step), from the long convolution on.
    ///
    /// # Safety
    /// The rows exist, and no other thread uses the planes.
    pub unsafe fn finish_step(
        &self,
        planes: Planes,
        rows: usize,
        recent: &[f32],
    ) -> Result<(), TchError> {
        assert!(rows <= planes.rows && recent.len() == rows * self.recent_len());
        // SAFETY: the caller's promise; the size of `recent` is checked.
        let done = unsafe {
            hyenadna_block_finish_step(
                self.raw.as_ptr(),
                planes.panels,
                planes.stride(),
                recent.as_ptr(),
                rows as i64,
                planes.x,
            )
        };
        if done { Ok(()) } else { Err(last_error()) }
    }
}

impl Drop for PackedBlock {
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed once.
        unsafe { hyenadna_block_free(self.raw.as_ptr()) }
    }
}

/// Adds to each channel of `into` (32) the products of rows of a panel with as many taps, the last row
/// with the first tap: a causal convolution at one position.
pub fn add_products(values: &[f32], taps: &[f32], into: &mut [f32]) {
    assert!(values.len().is_multiple_of(PANEL) && taps.len() >= values.len());
    assert_eq!(into.len(), PANEL);
    let count = (values.len() / PANEL) as i64;
    // SAFETY: there are as many rows of values and taps, and one of the result.
    unsafe { hyenadna_add_products(values.as_ptr(), taps.as_ptr(), count, into.as_mut_ptr()) }
}

/// The final norm and the head.
#[derive(Debug)]
pub struct Readout {
    raw: NonNull<RawReadout>,
    width: usize,
    /// Size of the vocabulary.
    pub vocabulary: usize,
}

// SAFETY: nothing in it changes after it is made.
unsafe impl Send for Readout {}
// SAFETY: as above.
unsafe impl Sync for Readout {}

impl Readout {
    /// Weight and bias of the final norm (D), and the head (vocabulary, D).
    ///
    /// # Errors
    /// Their shapes do not fit each other, or memory ran out.
    pub fn new(norm: [&Tensor; 2], epsilon: f64, head: &Tensor) -> Result<Self, TchError> {
        let [weight, bias] = norm.map(Tensor::as_ptr);
        // SAFETY: the tensors live through the call.
        let raw = unsafe { hyenadna_readout_new(weight, bias, epsilon, head.as_ptr()) };
        let raw = NonNull::new(raw).ok_or_else(last_error)?;
        let (vocabulary, width) = (head.size()[0] as usize, head.size()[1] as usize);
        Ok(Self { raw, width, vocabulary })
    }

    /// The final norm of rows of D numbers, in place.
    pub fn normalize(&self, x: &mut [f32]) -> Result<(), TchError> {
        let rows = (x.len() / self.width) as i64;
        // SAFETY: there are as many rows.
        let done = unsafe { hyenadna_readout_normalize(self.raw.as_ptr(), rows, x.as_mut_ptr()) };
        if done { Ok(()) } else { Err(last_error()) }
    }

    /// For each normalised row the logarithms (nats) of the probabilities of what follows it.
    pub fn predict(&self, x: &[f32], into: &mut [f32]) -> Result<(), TchError> {
        let rows = x.len() / self.width;
        assert_eq!(into.len(), rows * self.vocabulary);
        // SAFETY: there are as many rows, and `into` has room for their predictions.
        let done = unsafe {
            hyenadna_readout_predict(self.raw.as_ptr(), x.as_ptr(), rows as i64, into.as_mut_ptr())
        };
        if done { Ok(()) } else { Err(last_error()) }
    }
}

impl Drop for Readout {
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed once.
        unsafe { hyenadna_readout_free(self.raw.as_ptr()) }
    }
}

/// Constants of the Fourier transform of one size.
#[derive(Debug)]
pub struct TransformPlan {
    raw: NonNull<RawPlan>,
    /// The size.
    pub n: usize,
}

// SAFETY: nothing in it changes after it is made.
unsafe impl Send for TransformPlan {}
// SAFETY: as above.
unsafe impl Sync for TransformPlan {}

impl TransformPlan {
    /// A plan for `n` points; 4·2^a·3^b·5^c of them.
    pub fn new(n: usize) -> Result<Self, TchError> {
        // SAFETY: takes a number and returns an object or null.
        let raw = unsafe { hyenadna_plan_new(n as i64) };
        NonNull::new(raw).map(|raw| Self { raw, n }).ok_or_else(last_error)
    }

    /// Floats of the spectrum of a panel.
    pub fn spectrum_len(&self) -> usize {
        (self.n / 2 + 1) * 2 * PANEL
    }

    /// Floats that a transform works in.
    pub fn work_len(&self) -> usize {
        self.n * PANEL
    }

    /// Replaces the first `count` ≤ n rows of `taps` by their spectrum, scaled for
    /// [`convolve`](Self::convolve). The numbers do not depend on `threads`.
    pub fn spectrum(&self, taps: &mut [f32], count: usize, work: &mut [f32], threads: Threads) {
        assert!(taps.len() >= self.spectrum_len() && count <= self.n);
        assert!(work.len() >= self.work_len() && is_aligned(work) && is_aligned(taps));
        // SAFETY: sizes and alignment are checked.
        unsafe {
            hyenadna_plan_spectrum(
                self.raw.as_ptr(),
                taps.as_mut_ptr(),
                count as i64,
                work.as_mut_ptr(),
                (threads == Threads::All).then_some(share),
            );
        }
    }

    /// Convolves at most n/2 rows in place with the taps whose spectrum is `spectrum`: causally with at
    /// most n/2 of them, else cyclically, as if tap n − 1 came before tap 0. The numbers do not depend
    /// on `threads`.
    pub fn convolve(&self, rows: &mut [f32], spectrum: &[f32], work: &mut [f32], threads: Threads) {
        self.check(rows, work);
        assert!(spectrum.len() >= self.spectrum_len() && is_aligned(spectrum));
        // SAFETY: sizes and alignment are checked.
        unsafe {
            hyenadna_plan_convolve(
                self.raw.as_ptr(),
                rows.as_mut_ptr(),
                (rows.len() / PANEL) as i64,
                spectrum.as_ptr(),
                work.as_mut_ptr(),
                (threads == Threads::All).then_some(share),
            );
        }
    }

    fn check(&self, rows: &[f32], work: &[f32]) {
        assert!(rows.len() <= self.n / 2 * PANEL && rows.len().is_multiple_of(PANEL));
        assert!(work.len() >= self.work_len() && is_aligned(work) && is_aligned(rows));
    }
}

impl Drop for TransformPlan {
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed once.
        unsafe { hyenadna_plan_free(self.raw.as_ptr()) }
    }
}

/// True if vector instructions may be used on a slice.
fn is_aligned(values: &[f32]) -> bool {
    values.as_ptr().addr().is_multiple_of(64)
}

#[cfg(test)]
mod tests;

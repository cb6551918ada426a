//! The operators of shim/: parts of the network for CPUs, recorded for gradients like libtorch's own.

use std::ffi::{CStr, c_char};

use tch::{TchError, Tensor};
use torch_sys::C_tensor;

unsafe extern "C" {
    fn hyenadna_backward(
        output: *const C_tensor,
        gradient: *const C_tensor,
        inputs: *const *const C_tensor,
        count: i64,
        into: *mut *mut C_tensor,
    ) -> bool;
    fn hyenadna_last_error() -> *const c_char;
    fn hyenadna_linear(
        x: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        bf16: bool,
    ) -> *mut C_tensor;
    fn hyenadna_mlp(
        x: *const C_tensor,
        weight1: *const C_tensor,
        bias1: *const C_tensor,
        weight2: *const C_tensor,
        bias2: *const C_tensor,
        bf16: bool,
        keep: bool,
    ) -> *mut C_tensor;
    fn hyenadna_mix(
        u: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        taps: *const C_tensor,
        n: i64,
    ) -> *mut C_tensor;
}

/// x·Wᵀ + b over the last dimension; with `bf16` the product and its result are in bf16.
pub fn linear(x: &Tensor, weight: &Tensor, bias: &Tensor, bf16: bool) -> Result<Tensor, TchError> {
    // SAFETY: the tensors live through the call, and what comes back is owned or null.
    take(unsafe { hyenadna_linear(x.as_ptr(), weight.as_ptr(), bias.as_ptr(), bf16) })
}

/// Fate of the activations inside an operator after its forward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activations {
    /// Kept for a gradient.
    Kept,
    /// Dropped: the pass has no gradient.
    Dropped,
}

/// fc2(gelu(fc1(x))) with the GELU in its tanh form.
pub fn mlp(
    x: &Tensor,
    [weight1, bias1]: [&Tensor; 2],
    [weight2, bias2]: [&Tensor; 2],
    bf16: bool,
    activations: Activations,
) -> Result<Tensor, TchError> {
    // SAFETY: as above.
    take(unsafe {
        hyenadna_mlp(
            x.as_ptr(),
            weight1.as_ptr(),
            bias1.as_ptr(),
            weight2.as_ptr(),
            bias2.as_ptr(),
            bf16,
            activations == Activations::Kept,
        )
    })
}

/// From the projected input `u` (B, L, 3·D) of a Hyena operator to what its output projection
/// takes (B, L, D), with gradients. `taps` (D, L) are the long filter's, and `n` is the size of
/// the transform.
pub fn mix(
    u: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    taps: &Tensor,
    n: i64,
) -> Result<Tensor, TchError> {
    // SAFETY: as above.
    take(unsafe { hyenadna_mix(u.as_ptr(), weight.as_ptr(), bias.as_ptr(), taps.as_ptr(), n) })
}

/// The gradients of `inputs` where that of `output` is `gradient`; `None` for an input that
/// `output` does not depend on. Frees the graph of `output`. Runs on the calling thread where
/// all is on the CPU.
pub fn backward(
    output: &Tensor,
    gradient: &Tensor,
    inputs: &[&Tensor],
) -> Result<Vec<Option<Tensor>>, TchError> {
    let pointers: Vec<*const C_tensor> = inputs.iter().map(|tensor| tensor.as_ptr()).collect();
    let mut found = vec![std::ptr::null_mut(); inputs.len()];
    // SAFETY: both lists have `count` entries, and the tensors that they point to live through the call.
    let worked = unsafe {
        hyenadna_backward(
            output.as_ptr(),
            gradient.as_ptr(),
            pointers.as_ptr(),
            inputs.len() as i64,
            found.as_mut_ptr(),
        )
    };
    if !worked {
        return take(std::ptr::null_mut()).map(|_| Vec::new());
    }
    // SAFETY: each is null or owned by us alone.
    let own =
        |tensor: *mut C_tensor| (!tensor.is_null()).then(|| unsafe { Tensor::from_ptr(tensor) });
    Ok(found.into_iter().map(own).collect())
}

/// Error of the last call on this thread that failed.
pub(super) fn last_error() -> TchError {
    // SAFETY: the text belongs to this thread and is copied at once.
    let text = unsafe { CStr::from_ptr(hyenadna_last_error()) };
    TchError::Torch(text.to_string_lossy().into_owned())
}

/// Owns what the shim returned; null is an error.
fn take(tensor: *mut C_tensor) -> Result<Tensor, TchError> {
    if tensor.is_null() {
        return Err(last_error());
    }
    // SAFETY: it is not null, and nobody else owns it.
    Ok(unsafe { Tensor::from_ptr(tensor) })
}

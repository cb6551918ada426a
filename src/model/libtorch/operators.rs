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
///
/// # Errors
/// The shapes do not fit each other, or a tensor is not on the CPU.
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
///
/// # Errors
/// See [`linear`].
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
/// takes (B, L, D), with gradients. `taps` (D, L) are the long filter's, and `n` ≥ 2L − 1 is the size
/// of the transform.
///
/// # Errors
/// The shapes do not fit each other, a tensor is not on the CPU, or `u` is in neither fp32 nor bf16 or
/// another tensor not in fp32.
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

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    fn zeros(shape: &[i64]) -> Tensor {
        Tensor::zeros(shape, (Kind::Float, Device::Cpu))
    }

    /// Tensors of a Hyena operator: two sequences of 70 bases, 20 channels, 3 taps.
    fn core() -> [Tensor; 4] {
        [&[2, 70, 60][..], &[60, 1, 3], &[60], &[20, 70]].map(zeros)
    }

    fn mixed([u, weight, bias, taps]: &[Tensor; 4], n: i64) -> Result<Tensor, TchError> {
        mix(u, weight, bias, taps, n)
    }

    #[test]
    fn tensors_that_do_not_fit_a_hyena_operator_are_refused() {
        assert_eq!(mixed(&core(), 144).unwrap().size(), [2, 70, 20]);
        for (number, shape) in [
            (0, &[2, 69, 60][..]),
            (0, &[2, 71, 60]),
            (0, &[2, 70, 57]),
            (0, &[2, 70, 63]),
            (0, &[70, 60]),
            (1, &[57, 1, 3]),
            (1, &[60, 3]),
            (1, &[60, 2, 3]),
            (1, &[60, 1, 0]),
            (2, &[57]),
            (2, &[60, 1]),
            (3, &[19, 70]),
            (3, &[21, 70]),
            (3, &[1, 70]),
            (3, &[20, 69]),
            (3, &[20, 71]),
            (3, &[20]),
            (3, &[0, 0]),
        ] {
            let mut tensors = core();
            tensors[number] = zeros(shape);
            assert!(mixed(&tensors, 144).is_err(), "tensor {number}: {shape:?}");
        }
        for n in [-1, 0, 1, 16, 69, 70, 138] {
            assert!(mixed(&core(), n).is_err(), "a transform of {n} points");
        }
        for number in 0..4 {
            for kind in [Kind::Double, Kind::Int64, Kind::Half] {
                let mut tensors = core();
                tensors[number] = tensors[number].to_kind(kind);
                assert!(mixed(&tensors, 144).is_err(), "tensor {number}: {kind:?}");
            }
            let mut tensors = core();
            tensors[number] = tensors[number].to_sparse(None, None::<i64>, None);
            assert!(mixed(&tensors, 144).is_err(), "tensor {number}: sparse");
        }
        // what is not contiguous is copied or refused
        let mut tensors = core();
        tensors[0] = zeros(&[70, 2, 60]).transpose(0, 1);
        tensors[3] = zeros(&[70, 20]).transpose(0, 1);
        assert_eq!(mixed(&tensors, 144).unwrap().size(), [2, 70, 20]);
        tensors[1] = zeros(&[3, 1, 60]).transpose(0, 2);
        assert!(mixed(&tensors, 144).is_err());
    }

    #[test]
    fn tensors_that_do_not_fit_a_linear_map_are_refused() {
        let shapes = [&[5, 8][..], &[12, 8], &[12], &[8, 12], &[8]];
        let made = |wrong: Option<(usize, &[i64])>| {
            let tensors = std::array::from_fn::<_, 5, _>(|i| match wrong {
                Some((number, shape)) if number == i => zeros(shape),
                _ => zeros(shapes[i]),
            });
            let [x, w1, b1, w2, b2] = &tensors;
            (
                linear(x, w1, b1, false),
                mlp(x, [w1, b1], [w2, b2], false, Activations::Kept),
                mlp(x, [w1, b1], [w2, b2], true, Activations::Dropped),
            )
        };
        let (map, kept, dropped) = made(None);
        assert_eq!(map.unwrap().size(), [5, 12]);
        assert_eq!(kept.unwrap().size(), dropped.unwrap().size());
        for (number, shape) in [
            (0, &[5, 7][..]),
            (0, &[]),
            (1, &[12, 9]),
            (1, &[12]),
            (1, &[11, 8]),
            (2, &[11]),
            (2, &[1]),
            (2, &[13]),
            (3, &[8, 11]),
            (3, &[7, 12]),
            (4, &[7]),
            (4, &[1]),
        ] {
            let (map, kept, dropped) = made(Some((number, shape)));
            assert!(number > 2 || map.is_err(), "tensor {number}: {shape:?}");
            assert!(kept.is_err() && dropped.is_err(), "tensor {number}: {shape:?}");
        }
    }
}

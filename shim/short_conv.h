// The loops round the long convolution of a Hyena operator: the short convolution, the gates, and
// the change between (B, L, channels), which the projections work on, and (B, channels, L), which
// the Fourier transform works on. One pass over memory each. CPU only.
#pragma once

#include <ATen/core/Tensor.h>

namespace hyenadna {

// Sizes of an operator: u is (B, L, 3D), w (3D, 1, taps), b (3D). Channels 0…D−1 of u give x0,
// D…2D−1 x1, and 2D…3D−1 v, each convolved causally with its own taps.
struct Sizes {
  int64_t batch, length, width, taps;
};

// x1·v as (B, D, n) with zeros behind the first L.
at::Tensor gated_input(const at::Tensor& u, const at::Tensor& w, const at::Tensor& b, int64_t n);

// conv·x0 as (B, L, D) in the type of u, where conv is (B, D, n). With `kept` defined, the first L
// of conv are copied to it, (B, D, L).
at::Tensor gated_output(const at::Tensor& u, const at::Tensor& w, const at::Tensor& b,
                        const at::Tensor& conv, const at::Tensor& kept);

// From the gradient g (B, L, D) of the output: that of conv as (B, D, n) with zeros behind the
// first L, and that of x0, which replaces `conv` (B, D, L).
at::Tensor gated_output_backward(const at::Tensor& u, const at::Tensor& w, const at::Tensor& b,
                                 const at::Tensor& g, at::Tensor& conv, int64_t n);

// From the gradients of x1·v (B, D, n) and of x0 (B, D, L): those of u, w and b.
std::tuple<at::Tensor, at::Tensor, at::Tensor> gated_input_backward(const at::Tensor& u,
                                                                    const at::Tensor& w,
                                                                    const at::Tensor& b,
                                                                    const at::Tensor& g,
                                                                    const at::Tensor& g0);

}  // namespace hyenadna

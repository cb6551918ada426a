// The inside of a Hyena operator on a CPU, from the input projection to the output projection:
// short convolutions, gate, long convolution, gate.

#include <ATen/ops/empty.h>
#include <ATen/ops/fft_irfft.h>
#include <ATen/ops/fft_rfft.h>
#include <torch/csrc/autograd/custom_function.h>

#include "checks.h"
#include "guard.h"
#include "short_conv.h"

namespace hyenadna {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor forward_transform(const at::Tensor& x, int64_t n) { return at::fft_rfft(x, n, -1); }

// Without the division by n, which the spectrum of the filter holds already.
at::Tensor backward_transform(const at::Tensor& x, int64_t n) {
  return at::fft_irfft(x, n, -1, "forward");
}

// Fails unless the shapes and types are those of hyenadna_mix.
void check(const at::Tensor& u, const at::Tensor& w, const at::Tensor& b, const at::Tensor& taps,
           int64_t n) {
  check_floats("the long filter", taps, {-1, -1});
  const int64_t width = taps.size(0), length = taps.size(1);
  check_shape("the input of a Hyena operator", u, {-1, length, 3 * width});
  TORCH_CHECK(u.scalar_type() == at::kFloat || u.scalar_type() == at::kBFloat16,
              "the input of a Hyena operator is of the type ", u.scalar_type(),
              ", expected fp32 or bf16");
  check_floats("the short filter", w, {3 * width, 1, -1});
  check_floats("the bias of the short filter", b, {3 * width});
  TORCH_CHECK(width >= 1 && length >= 1 && w.size(2) >= 1, "an empty filter");
  // smaller ones would wrap the end of the convolution round to its start
  TORCH_CHECK(n >= 2 * length - 1, "a transform of ", n, " points for ", length, " positions");
}

struct Core : torch::autograd::Function<Core> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& u, const at::Tensor& w,
                            const at::Tensor& b, const at::Tensor& taps, int64_t n) {
    check(u, w, b, taps, n);
    const auto input = u.contiguous();
    const auto k = at::fft_rfft(taps, n, -1, "forward");
    const auto x = forward_transform(gated_input(input, w, b, n), n);
    const auto conv = backward_transform(x.mul(k), n);
    const auto kept = at::empty({u.size(0), taps.size(0), u.size(1)}, w.options());
    context->saved_data["n"] = n;
    context->save_for_backward({input, w, b, k, x, kept});
    return gated_output(input, w, b, conv, kept);
  }

  // The gradients of y = x∗k are correlations: of g with k for x, of g with x for k.
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &u = saved[0], &w = saved[1], &b = saved[2], &k = saved[3], &x = saved[4];
    const int64_t n = context->saved_data["n"].toInt(), length = u.size(1);
    auto conv = saved[5].clone();  // the graph may be walked again
    const auto g = gated_output_backward(u, w, b, gradients[0].contiguous(), conv, n);
    const auto spectrum = forward_transform(g, n);
    at::Tensor taps;
    if (context->needs_input_grad(3)) {
      taps = at::fft_irfft(spectrum.mul(x.conj()).sum(0), n, -1).narrow(1, 0, length);
    }
    const auto gx = backward_transform(spectrum.mul(k.conj()), n);
    auto [gu, gw, gb] = gated_input_backward(u, w, b, gx, conv);
    return {gu, gw, gb, taps, {}};
  }
};

}  // namespace

}  // namespace hyenadna

// u (B, L, 3D), w (3D, 1, taps), b (3D), taps (D, L) of the long filter → (B, L, D); n is the size
// of the transform, at least 2L − 1. u is in fp32 or bf16, all else in fp32.
extern "C" at::Tensor* hyenadna_mix(const at::Tensor* u, const at::Tensor* w, const at::Tensor* b,
                                    const at::Tensor* taps, int64_t n) {
  return hyenadna::guarded([&] { return hyenadna::Core::apply(*u, *w, *b, *taps, n); });
}

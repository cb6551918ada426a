// The operators with gradients: the Hyena core with its short convolutions, and the MLP.

#include <ATen/Parallel.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/randn.h>

#include "checks.h"

extern "C" {
at::Tensor* hyenadna_mix(const at::Tensor* u, const at::Tensor* w, const at::Tensor* b,
                         const at::Tensor* taps, int64_t n);
at::Tensor* hyenadna_mlp(const at::Tensor* x, const at::Tensor* w1, const at::Tensor* b1,
                         const at::Tensor* w2, const at::Tensor* b2, bool bf16, bool keep);
at::Tensor* hyenadna_linear(const at::Tensor* x, const at::Tensor* w, const at::Tensor* b,
                            bool bf16);
bool hyenadna_backward(const at::Tensor* output, const at::Tensor* gradient,
                       const at::Tensor* const* inputs, int64_t count, at::Tensor** into);
const char* hyenadna_last_error();
}

namespace {

at::Tensor leaf(at::IntArrayRef shape) { return at::randn(shape).requires_grad_(); }

// Takes the output of an operator, and computes the gradients of its inputs, which are finite.
void check_backward(at::Tensor* output, std::vector<const at::Tensor*> inputs) {
  EXPECT(output != nullptr, "%s", hyenadna_last_error());
  const auto gradient = at::ones_like(*output);
  std::vector<at::Tensor*> found(inputs.size(), nullptr);
  const bool done =
      hyenadna_backward(output, &gradient, inputs.data(), int64_t(inputs.size()), found.data());
  EXPECT(done, "%s", hyenadna_last_error());
  for (size_t i = 0; i < inputs.size(); ++i) {
    EXPECT(found[i] != nullptr, "input %zu has no gradient", i);
    EXPECT(found[i]->sizes() == inputs[i]->sizes(), "input %zu", i);
    EXPECT(found[i]->isfinite().all().item<bool>(), "input %zu", i);
    delete found[i];
  }
  delete output;
}

void check_core(int64_t batch, int64_t length, int64_t width, int64_t taps, int64_t n, bool bf16) {
  const auto u = leaf({batch, length, 3 * width}), w = leaf({3 * width, 1, taps});
  const auto b = leaf({3 * width}), filter = leaf({width, length});
  const auto input = bf16 ? u.to(at::kBFloat16) : u;
  check_backward(hyenadna_mix(&input, &w, &b, &filter, n), {&u, &w, &b, &filter});
}

void check_refusals() {
  const auto u = leaf({2, 70, 60}), w = leaf({60, 1, 3}), b = leaf({60}), filter = leaf({20, 70});
  const auto wide = leaf({21, 70}), narrow = leaf({19, 70}), longer = leaf({20, 71});
  const auto single = leaf({1, 70});  // would be taken for a row of each channel
  EXPECT(hyenadna_mix(&u, &w, &b, &wide, 144) == nullptr, "a row of taps too many");
  EXPECT(hyenadna_mix(&u, &w, &b, &narrow, 144) == nullptr, "a row of taps too few");
  EXPECT(hyenadna_mix(&u, &w, &b, &single, 144) == nullptr, "a single row of taps");
  EXPECT(hyenadna_mix(&u, &w, &b, &longer, 144) == nullptr, "taps of another length");
  for (const int64_t n : {-1, 0, 1, 16, 69, 70, 138}) {
    EXPECT(hyenadna_mix(&u, &w, &b, &filter, n) == nullptr, "a transform of %ld points", long(n));
  }
  const auto tall = leaf({60, 1, 0}), other = leaf({57, 1, 3}), empty = at::Tensor();
  EXPECT(hyenadna_mix(&u, &tall, &b, &filter, 144) == nullptr, "no taps");
  EXPECT(hyenadna_mix(&u, &other, &b, &filter, 144) == nullptr, "taps of other channels");
  EXPECT(hyenadna_mix(&u, &w, &empty, &filter, 144) == nullptr, "no bias");
}

}  // namespace

void check_short_convolutions() {
  at::set_num_threads(2);
  // tiles have 64 positions and 16 channels
  for (const int64_t length : {1, 2, 63, 64, 65, 128, 129, 200}) {
    for (const int64_t width : {1, 15, 16, 17, 33}) {
      for (const int64_t taps : {1, 2, 3, 4, 16, 70}) {
        check_core(2, length, width, taps, 2 * length - 1 + taps % 3, taps == 4);
      }
    }
  }
  check_core(1, 129, 17, 3, 512, true);
  check_refusals();
  for (const int64_t rows : {1, 5, 17}) {
    for (const bool bf16 : {false, true}) {
      const auto x = leaf({rows, 9}), w1 = leaf({35, 9}), b1 = leaf({35});
      const auto w2 = leaf({9, 35}), b2 = leaf({9});
      check_backward(hyenadna_mlp(&x, &w1, &b1, &w2, &b2, bf16, true), {&x, &w1, &b1, &w2, &b2});
      check_backward(hyenadna_linear(&x, &w1, &b1, bf16), {&x, &w1, &b1});
      EXPECT(hyenadna_linear(&x, &w2, &b2, bf16) == nullptr, "a weight of other inputs");
      EXPECT(hyenadna_mlp(&x, &w1, &b1, &w1, &b1, bf16, true) == nullptr, "weights of other sizes");
    }
  }
}

// The MLP of a block: two linear maps with a GELU in its tanh form between them. One operator, so
// that of the wide hidden layer only the values before the GELU are kept for the gradient.

#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "checks.h"
#include "dense.h"
#include "gelu.h"
#include "guard.h"
#include "simd.h"

namespace hyenadna {

namespace {

constexpr float LINEAR = 0.79788456f;  // √(2/π)
constexpr float CUBIC = 0.044715f;

// gelu(x) = x·σ(2u) with u = √(2/π)·(x + 0.044715·x³), equal to x/2·(1 + tanh u).
HYENADNA_INLINE float gate(float x) {
  const float u = LINEAR * (x + CUBIC * x * x * x);
  return 1.0f / (1.0f + exponential(-2.0f * u));
}

// The same for many numbers: x/(1 + 2ᵗ) with t = −2u·log₂e. The power is that of the nearest
// integer times a polynomial (Taylor's of degree 6; |r| ≤ ½, relative error 2e-8).
template <int W>
HYENADNA_INLINE Lanes<W> gelu_of_lanes(const Lanes<W>& x) {
  typedef Lanes<W> Numbers;
  constexpr float LOG2E = 1.44269504f, MAGIC = 12582912.0f;  // 1.5·2²³ rounds to an integer
  constexpr float A = -2.0f * LINEAR * LOG2E, B = A * CUBIC, MOST = 126.0f;
  const Numbers most = Numbers{} + MOST, least = Numbers{} - MOST;
  Numbers t = x * (A + B * (x * x));
  t = t < most ? t : most;
  t = t > least ? t : least;
  const Numbers shifted = t + MAGIC;
  const Numbers r = t - (shifted - MAGIC);
  Numbers p = Numbers{} + 1.54035304e-4f;
  p = p * r + 1.33335581e-3f;
  p = p * r + 9.61812911e-3f;
  p = p * r + 5.55041087e-2f;
  p = p * r + 2.40226507e-1f;
  p = p * r + 6.93147181e-1f;
  p = p * r + 1.0f;
  typedef Lanes<W, uint32_t> Words;
  const Words power = (same_bits<Words>(shifted) << 23) + same_bits<Words>(p);
  return x / (1.0f + same_bits<Numbers>(power));
}

template <int W, typename T>
HYENADNA_INLINE void gelu_loop(const T* h, T* a, int64_t n) {
  const int64_t whole = n / W * W;
  for (int64_t i = 0; i < whole; i += W) write(gelu_of_lanes<W>(read<W>(h + i)), a + i);
  if (whole == n) return;
  // by the same formula: where a row lies changes no digit
  T rest[W] = {};
  std::copy(h + whole, h + n, rest);
  write(gelu_of_lanes<W>(read<W>(rest)), rest);
  std::copy(rest, rest + (n - whole), a + whole);
}

// From h and the gradient of gelu(h): gelu(h) again, and the gradient of h (in place of g).
template <typename T>
HYENADNA_INLINE void gelu_backward_loop(const T* h, T* g, T* a, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const float x = widen(h[i]);
    const float s = gate(x);
    const float slope = 2.0f * LINEAR * (1.0f + 3.0f * CUBIC * x * x);
    const float gradient = widen(g[i]) * (s + x * s * (1.0f - s) * slope);
    narrow(x * s, a[i]);
    narrow(gradient, g[i]);
  }
}

}  // namespace

void gelu(const float* h, float* a, int64_t n) {
  on_processor([&](auto width) HYENADNA_COMPILED { gelu_loop<width.value>(h, a, n); });
}
void gelu(const c10::BFloat16* h, c10::BFloat16* a, int64_t n) {
  on_processor([&](auto width) HYENADNA_COMPILED { gelu_loop<width.value>(h, a, n); });
}

namespace {

constexpr int64_t GRAIN = 1 << 14;  // elements that are worth a thread

template <typename T>
void gelu_of(const at::Tensor& h, at::Tensor& a) {
  const T* from = h.const_data_ptr<T>();
  T* to = a.data_ptr<T>();
  at::parallel_for(0, h.numel(), GRAIN,
                   [&](int64_t i, int64_t end) { gelu(from + i, to + i, end - i); });
}

template <typename T>
void gelu_backward(const at::Tensor& h, at::Tensor& g, at::Tensor& a) {
  const T* from = h.const_data_ptr<T>();
  T *gradient = g.data_ptr<T>(), *to = a.data_ptr<T>();
  at::parallel_for(0, h.numel(), GRAIN, [&](int64_t i, int64_t end) {
    on_processor([&](auto) HYENADNA_COMPILED {
      gelu_backward_loop(from + i, gradient + i, to + i, end - i);
    });
  });
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Mlp : torch::autograd::Function<Mlp> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w1,
                            const at::Tensor& b1, const at::Tensor& w2, const at::Tensor& b2,
                            bool bf16, bool keep) {
    check_linear(x, w1, b1);
    check_shape("the second weight of an MLP", w2, {-1, w1.size(0)});
    check_shape("the second bias of an MLP", b2, {w2.size(0)});
    const auto type = bf16 ? at::kBFloat16 : at::kFloat;
    const auto input = x.to(type), first = w1.to(type), second = w2.to(type);
    const auto h = dense(input, first, b1.to(type)).contiguous();
    auto a = keep ? at::empty_like(h) : h;
    bf16 ? gelu_of<c10::BFloat16>(h, a) : gelu_of<float>(h, a);
    if (keep) context->save_for_backward({input, first, second, h});
    context->saved_data["type"] = x.scalar_type();
    return dense(a, second, b2.to(type));
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &w1 = saved[1], &w2 = saved[2], &h = saved[3];
    const auto g = gradients[0].contiguous();
    auto gh = dense(g, w2.t(), {}).contiguous();
    auto a = at::empty_like(h);
    h.scalar_type() == at::kBFloat16 ? gelu_backward<c10::BFloat16>(h, gh, a)
                                     : gelu_backward<float>(h, gh, a);
    at::Tensor gx;
    if (context->needs_input_grad(0)) {
      gx = dense(gh, w1.t(), {}).to(context->saved_data["type"].toScalarType());
    }
    return {gx,
            weight_gradient(gh, x),
            bias_gradient(gh),
            weight_gradient(g, a),
            bias_gradient(g),
            at::Tensor(),
            at::Tensor()};
  }
};

}  // namespace

}  // namespace hyenadna

extern "C" at::Tensor* hyenadna_mlp(const at::Tensor* x, const at::Tensor* w1, const at::Tensor* b1,
                                    const at::Tensor* w2, const at::Tensor* b2, bool bf16,
                                    bool keep) {
  return hyenadna::guarded(
      [&] { return hyenadna::Mlp::apply(*x, *w1, *b1, *w2, *b2, bf16, keep); });
}

#include "dense.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <torch/csrc/autograd/custom_function.h>

#include "checks.h"
#include "guard.h"
#include "simd.h"

namespace hyenadna {

// libtorch's own access to oneDNN; absent from builds without it.
const std::optional<c10::OperatorHandle>& onednn_linear() {
  static const auto found =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  return found;
}

bool knows_avx512() {
#if defined(__x86_64__)
  static const int version = processor_version();
  return version == 4;
#else
  return true;
#endif
}

at::Tensor multiplied(const at::Tensor& x) {
  const bool is_unknown =
      x.scalar_type() == at::kBFloat16 && x.device().is_cpu() && !knows_avx512();
  return is_unknown ? x.to(at::kFloat) : x;
}

at::Tensor onednn(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
  torch::jit::Stack stack{x,
                          w,
                          b.defined() ? c10::IValue(b) : c10::IValue(),
                          "none",
                          c10::List<std::optional<at::Scalar>>(),
                          ""};
  onednn_linear()->callBoxed(stack);
  return stack.back().toTensor();
}

namespace {

at::Tensor rows(const at::Tensor& x) { return x.reshape({-1, x.size(-1)}); }

}  // namespace

at::Tensor dense(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
  const auto factor = multiplied(x);
  if (factor.scalar_type() != x.scalar_type()) {
    const auto bias = b.defined() ? multiplied(b) : b;
    return dense(factor, multiplied(w), bias).to(x.scalar_type());
  }
  // for bf16 libtorch asks oneDNN itself
  if (!onednn_linear() || !x.device().is_cpu() || x.scalar_type() != at::kFloat) {
    return at::linear(x, w, b.defined() ? std::optional(b) : std::nullopt);
  }
  return onednn(x, w, b);
}

at::Tensor weight_gradient(const at::Tensor& g, const at::Tensor& x) {
  const auto left = multiplied(rows(g).t()), right = multiplied(rows(x));
  const auto product =
      left.scalar_type() == at::kFloat ? dense(left, right.t(), {}) : at::mm(left, right);
  return product.scalar_type() == at::kBFloat16 ? product.to(at::kFloat) : product;
}

at::Tensor bias_gradient(const at::Tensor& g) {
  const auto type = g.scalar_type() == at::kBFloat16 ? at::kFloat : g.scalar_type();
  return rows(g).sum(0, false, type);
}

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Linear : torch::autograd::Function<Linear> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w,
                            const at::Tensor& b, bool bf16) {
    check_linear(x, w, b);
    const auto type = bf16 ? at::kBFloat16 : x.scalar_type();
    const auto input = x.to(type), weight = w.to(type);
    context->save_for_backward({input, weight});
    context->saved_data["type"] = x.scalar_type();
    return dense(input, weight, b.to(type));
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &w = saved[1];
    const auto g = gradients[0].contiguous();
    at::Tensor gx, gw, gb;
    if (context->needs_input_grad(0)) {
      gx = dense(g, w.t(), {}).to(context->saved_data["type"].toScalarType());
    }
    if (context->needs_input_grad(1)) gw = weight_gradient(g, x);
    if (context->needs_input_grad(2)) gb = bias_gradient(g);
    return {gx, gw, gb, at::Tensor()};
  }
};

}  // namespace

}  // namespace hyenadna

extern "C" at::Tensor* hyenadna_linear(const at::Tensor* x, const at::Tensor* w,
                                       const at::Tensor* b, bool bf16) {
  return hyenadna::guarded([&] { return hyenadna::Linear::apply(*x, *w, *b, bf16); });
}

#include "packed.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include "dense.h"

namespace hyenadna {

Packed::Packed(const at::Tensor& w, const at::Tensor& b, at::ScalarType type)
    : weight_(w.to(type).contiguous()), packed_(false) {
  if (b.defined()) bias_ = b.to(type).contiguous();
  // absent from builds of libtorch without oneDNN
  const auto op = c10::Dispatcher::singleton().findSchema({"mkldnn::_reorder_linear_weight", ""});
  if (!op || !onednn_linear()) return;
  constexpr int64_t ROWS = 1024;  // what the layout is made for; it is good for other numbers too
  torch::jit::Stack stack{weight_, std::optional<int64_t>(ROWS)};
  op->callBoxed(stack);
  weight_ = stack.back().toTensor();
  packed_ = true;
}

at::Tensor Packed::apply(const at::Tensor& x) const {
  return packed_ ? onednn(x, weight_, bias_) : dense(x, weight_, bias_);
}

}  // namespace hyenadna

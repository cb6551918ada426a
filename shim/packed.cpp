#include "packed.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include "dense.h"

namespace hyenadna {

Packed::Packed(const at::Tensor& w, const at::Tensor& b, at::ScalarType type)
    : weight_(multiplied(w.to(type)).contiguous()), packed_(false) {
  if (b.defined()) bias_ = multiplied(b.to(type)).contiguous();
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
  if (!packed_) return dense(x, weight_, bias_);
  return onednn(multiplied(x), weight_, bias_).to(x.scalar_type());
}

int64_t Packed::rounded(int64_t rows) {
  // Without AVX-512, oneDNN multiplies six rows at a time, and halves what is longer than a block;
  // one to three rows that remain are added up in another order.
  const int64_t step = knows_avx512() ? 16 : 12;
  return (rows + step - 1) / step * step;
}

}  // namespace hyenadna

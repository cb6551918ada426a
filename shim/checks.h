// Checks of tensors that come from Rust: the loops of this folder read and write through plain
// pointers, and rely on what is checked here.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

namespace hyenadna {

// Fails unless `t` is a dense tensor of this shape in the memory of the host; −1 stands for any
// size.
inline void check_shape(const char* name, const at::Tensor& t, at::IntArrayRef shape) {
  TORCH_CHECK(t.defined(), name, " is not defined");
  TORCH_CHECK(t.is_cpu() && t.layout() == at::kStrided, name, " is not a dense tensor on the CPU");
  bool fits = t.dim() == int64_t(shape.size());
  for (size_t i = 0; fits && i < shape.size(); ++i) fits = shape[i] < 0 || shape[i] == t.size(i);
  TORCH_CHECK(fits, name, " has the shape ", t.sizes(), ", expected ", shape);
}

// The same of fp32 numbers.
inline void check_floats(const char* name, const at::Tensor& t, at::IntArrayRef shape) {
  check_shape(name, t, shape);
  TORCH_CHECK(t.scalar_type() == at::kFloat, name, " is of the type ", t.scalar_type(),
              ", expected fp32");
}

// Fails unless w (out, in) and b (out) map the last dimension of x, on the CPU.
inline void check_linear(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
  check_shape("the weight of a linear map", w, {-1, -1});
  check_shape("the bias of a linear map", b, {w.size(0)});
  TORCH_CHECK(x.defined() && x.is_cpu() && x.layout() == at::kStrided && x.dim() > 0 &&
                  x.size(-1) == w.size(1),
              "the input ", x.sizes(), " does not fit the weight ", w.sizes());
  TORCH_CHECK(x.is_floating_point() && w.is_floating_point() && b.is_floating_point(),
              "a linear map of numbers that are not floating-point");
}

}  // namespace hyenadna

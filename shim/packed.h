// A linear map whose weights are laid out for oneDNN once, and its products.
#pragma once

#include <ATen/core/Tensor.h>

namespace hyenadna {

class Packed {
 public:
  // w (out, in), b (out) or undefined; `type` is that of the products, fp32 or bf16.
  Packed(const at::Tensor& w, const at::Tensor& b, at::ScalarType type);

  // x·wᵀ + b for x (rows, in) of the type of the products.
  at::Tensor apply(const at::Tensor& x) const;

  // `rows`, rounded up to a number of rows whose products are those of each row alone, to the last
  // digit, on one thread. oneDNN makes a program for each number of rows that it meets, and keeps
  // many of them: rounded numbers are also fewer.
  static int64_t rounded(int64_t rows);

 private:
  at::Tensor weight_, bias_;
  bool packed_;
};

}  // namespace hyenadna

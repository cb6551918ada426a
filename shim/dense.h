// Matrix products with oneDNN, which on processors of AMD is more than twice as fast at fp32 as the
// library that libtorch uses for them.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace hyenadna {

// oneDNN's product as libtorch offers it, if it does.
const std::optional<c10::OperatorHandle>& onednn_linear();

// x·wᵀ + b by that operator, which there must be; w may be laid out for it.
at::Tensor onednn(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b);

// True on processors with AVX-512, which oneDNN wants for products in bf16, and on others than x86.
bool knows_avx512();

// A factor of a product: x, or where the processor has no products in bf16, its values in fp32.
// Sums are fp32 in both.
at::Tensor multiplied(const at::Tensor& x);

// x·wᵀ + b over the last dimension of x, in the type of x. `b` may be undefined. Not recorded for
// gradients.
at::Tensor dense(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b);

// The gradient of the weight: gᵀ·x summed over all but the last dimension, in fp32.
at::Tensor weight_gradient(const at::Tensor& g, const at::Tensor& x);

// The gradient of the bias: the sum of g over all but the last dimension, in fp32.
at::Tensor bias_gradient(const at::Tensor& g);

}  // namespace hyenadna

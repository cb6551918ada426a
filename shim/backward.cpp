// The backward pass of a piece of the network.

#include <torch/csrc/autograd/autograd.h>

#include "guard.h"

// The gradients of `inputs` where that of `output` is `gradient`; the graph behind `output` is
// freed. `into` takes `count` owned tensors; an input that `output` does not depend on has null.
// Returns whether it worked.
extern "C" bool hyenadna_backward(const at::Tensor* output, const at::Tensor* gradient,
                                  const at::Tensor* const* inputs, int64_t count,
                                  at::Tensor** into) {
  return hyenadna::attempted([&] {
    torch::autograd::variable_list wanted;
    for (int64_t i = 0; i < count; ++i) wanted.push_back(*inputs[i]);
    auto found = torch::autograd::grad({*output}, wanted, {*gradient}, /*retain_graph=*/false,
                                       /*create_graph=*/false, /*allow_unused=*/true);
    for (int64_t i = 0; i < count; ++i) {
      if (found[i].defined()) into[i] = new at::Tensor(std::move(found[i]));
    }
  });
}

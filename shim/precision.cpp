// How exactly libtorch computes fp32 products on a GPU.

#include <ATen/Context.h>

#include "guard.h"

extern "C" bool hyenadna_allow_tf32(bool allow) {
  return hyenadna::attempted([&] { at::globalContext().setAllowTF32CuBLAS(allow); });
}

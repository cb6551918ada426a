// The Gaussian error linear unit in its tanh form.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

namespace hyenadna {

// a = gelu(h), of n numbers; a may be h.
void gelu(const float* h, float* a, int64_t n);
void gelu(const c10::BFloat16* h, c10::BFloat16* a, int64_t n);

}  // namespace hyenadna

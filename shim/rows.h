// What happens to rows of channels between the matrix products of a forward pass on a CPU: one pass
// over memory each, on the calling thread. T is float or c10::BFloat16, the type of the products.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

#include "fft.h"

namespace hyenadna {

// Weights of a layer norm over `width` channels.
struct Norm {
  const float *weight, *bias;
  float epsilon;
  int64_t width;
};

constexpr int64_t MOST_TAPS = 16;

// The depthwise convolution of 3·width channels, x0, x1 and v: `weight` is
// (taps, 3·width), of at most MOST_TAPS taps.
struct ShortFilter {
  const float *weight, *bias;
  int64_t taps, width;
};

// Where the gated input of the long convolution lies: panels of 32 channels, each a (rows, 32) of
// its own, `stride` floats from one to the next.
struct Panels {
  float* values;
  int64_t stride;

  HYENADNA_INLINE float* at(int64_t row, int64_t channel) const {
    return values + channel / PANEL * stride + row * PANEL + channel % PANEL;
  }
};

// into = norm(x), of one row.
void normalize(const Norm& norm, const float* x, float* into);
void normalize(const Norm& norm, const float* x, c10::BFloat16* into);

// x += added; into = norm(x), of `rows` rows.
void add_normalize(const Norm& norm, const float* added, int64_t rows, float* x, float* into);
void add_normalize(const Norm& norm, const c10::BFloat16* added, int64_t rows, float* x,
                   c10::BFloat16* into);

// x += added, of `count` numbers.
void add(const float* added, int64_t count, float* x);
void add(const c10::BFloat16* added, int64_t count, float* x);

// Projections of rows that follow each other, `stride` numbers from one to the next: first the taps
// − 1 rows before them, of which the first `missing` are not there and count as zero.
template <typename T>
struct Projections {
  const T* values;
  int64_t stride, missing;
};

// The short convolution of x1 and v (2·width channels of projections) for `rows` rows; x1·v goes to
// the panels from row `row` on.
void gate_input(const ShortFilter& filter, const Projections<float>& u, int64_t row, int64_t rows,
                const Panels& panels);
void gate_input(const ShortFilter& filter, const Projections<c10::BFloat16>& u, int64_t row,
                int64_t rows, const Panels& panels);

// The short convolution of x0 (width channels of projections) for `rows` rows, times what is in the
// panels from row `row` on, goes to `into` (rows, width).
void gate_output(const ShortFilter& filter, const Projections<float>& u, const Panels& panels,
                 int64_t row, int64_t rows, float* into);
void gate_output(const ShortFilter& filter, const Projections<c10::BFloat16>& u,
                 const Panels& panels, int64_t row, int64_t rows, c10::BFloat16* into);

// into += Σ values[i] · taps[count − 1 − i], of `count` ≥ 0 rows of a panel.
void add_products(const float* values, const float* taps, int64_t count, float* into);

// The logarithms of the softmax of `count` numbers, in place.
void log_softmax(float* x, int64_t count);

}  // namespace hyenadna

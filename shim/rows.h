// What happens to rows of channels between the matrix products of a forward pass on a CPU: one pass
// over memory each, on the calling thread. T is float or c10::BFloat16, the type of the products.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

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

// The short convolution of `rows` rows, of whose projections `u` (taps − 1 + rows, 3·width) holds
// the taps − 1 rows before them too; the first `missing` of these are not there and count as zero.
// x0 goes to `gate`, x1·v to the panels from row `row` on.
void gate_input(const ShortFilter& filter, const float* u, int64_t missing, int64_t rows,
                float* gate, int64_t row, const Panels& panels);
void gate_input(const ShortFilter& filter, const c10::BFloat16* u, int64_t missing, int64_t rows,
                float* gate, int64_t row, const Panels& panels);

// into = gate · convolution, for `rows` rows of `width` channels from row `row` of the panels on.
void gate_output(const Panels& panels, int64_t row, int64_t rows, int64_t width, const float* gate,
                 float* into);
void gate_output(const Panels& panels, int64_t row, int64_t rows, int64_t width, const float* gate,
                 c10::BFloat16* into);

// into += Σ values[i] · taps[count − 1 − i], of `count` ≥ 0 rows of a panel.
void add_products(const float* values, const float* taps, int64_t count, float* into);

// The logarithms of the softmax of `count` numbers, in place.
void log_softmax(float* x, int64_t count);

}  // namespace hyenadna

#include "rows.h"

#include <algorithm>
#include <cmath>

#include "fft.h"
#include "simd.h"

namespace hyenadna {

namespace {

HYENADNA_INLINE float total(const Vector& v) {
  float sums[LANES];
  std::memcpy(sums, &v, sizeof v);
  for (int64_t half = LANES / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) sums[i] += sums[i + half];
  }
  return sums[0];
}

template <typename T>
HYENADNA_INLINE void normalize_row(const Norm& norm, const float* x, T* into) {
  const int64_t width = norm.width, whole = width / LANES * LANES;
  Vector sums = {};
  for (int64_t c = 0; c < whole; c += LANES) sums += read(x + c);
  float sum = total(sums);
  for (int64_t c = whole; c < width; ++c) sum += x[c];
  const float mean = sum / float(width);
  Vector squares = {};
  for (int64_t c = 0; c < whole; c += LANES) {
    const Vector d = read(x + c) - mean;
    squares += d * d;
  }
  float square = total(squares);
  for (int64_t c = whole; c < width; ++c) square += (x[c] - mean) * (x[c] - mean);
  const float scale = 1.0f / std::sqrt(square / float(width) + norm.epsilon);
  for (int64_t c = 0; c < whole; c += LANES) {
    write((read(x + c) - mean) * scale * read(norm.weight + c) + read(norm.bias + c), into + c);
  }
  for (int64_t c = whole; c < width; ++c) {
    narrow((x[c] - mean) * scale * norm.weight[c] + norm.bias[c], into[c]);
  }
}

template <typename T>
HYENADNA_INLINE void add_row(const T* added, int64_t count, float* x) {
  const int64_t whole = count / LANES * LANES;
  for (int64_t i = 0; i < whole; i += LANES) write(read(x + i) + read(added + i), x + i);
  for (int64_t i = whole; i < count; ++i) x[i] += widen(added[i]);
}

template <typename T>
HYENADNA_INLINE void add_normalize_rows(const Norm& norm, const T* added, int64_t rows, float* x,
                                        T* into) {
  for (int64_t i = 0; i < rows; ++i) {
    add_row(added, norm.width, x);
    normalize_row(norm, x, into);
    added += norm.width;
    x += norm.width;
    into += norm.width;
  }
}

// Channels that are worked on together, and how they are read and written.
struct Whole {
  static constexpr int64_t count = LANES;
  template <typename T>
  HYENADNA_INLINE Vector load(const T* from) const {
    return read(from);
  }
  HYENADNA_INLINE void store(const Vector& v, float* to) const { write(v, to); }
};

// The last channels of a width that is no multiple of LANES.
struct Part {
  int64_t count;
  template <typename T>
  HYENADNA_INLINE Vector load(const T* from) const {
    Vector v = {};
    for (int64_t i = 0; i < count; ++i) v[i] = widen(from[i]);
    return v;
  }
  HYENADNA_INLINE void store(const Vector& v, float* to) const {
    for (int64_t i = 0; i < count; ++i) to[i] = v[i];
  }
};

// Some channels of all rows, one of x0, x1 and v each. TAPS is 0 where the compiler does not know
// it.
template <int TAPS, typename Channels, typename T>
HYENADNA_INLINE void gate_input_channels(const ShortFilter& f, const Channels& channels,
                                         int64_t first, const T* u, int64_t missing, int64_t rows,
                                         float* gate, float* to) {
  constexpr int64_t MOST = TAPS ? TAPS : MOST_TAPS;
  const int64_t taps = TAPS ? TAPS : f.taps, stride = 3 * f.width;
  Vector weight[3][MOST], bias[3], window[3][MOST];
  for (int64_t part = 0; part < 3; ++part) {
    const int64_t channel = part * f.width + first;
    bias[part] = channels.load(f.bias + channel);
    for (int64_t j = 0; j < taps; ++j)
      weight[part][j] = channels.load(f.weight + j * stride + channel);
    for (int64_t j = 0; j + 1 < taps; ++j) {
      window[part][j] = j < missing ? Vector{} : channels.load(u + j * stride + channel);
    }
  }
  u += (taps - 1) * stride + first;
  for (int64_t i = 0; i < rows; ++i, u += stride) {
    Vector sums[3];
    for (int64_t part = 0; part < 3; ++part) {
      window[part][taps - 1] = channels.load(u + part * f.width);
      sums[part] = bias[part];
      for (int64_t j = 0; j < taps; ++j) sums[part] += weight[part][j] * window[part][j];
      for (int64_t j = 0; j + 1 < taps; ++j) window[part][j] = window[part][j + 1];
    }
    channels.store(sums[0], gate + i * f.width + first);
    write(sums[1] * sums[2], to + i * PANEL);
  }
}

template <int TAPS, typename T>
HYENADNA_INLINE void gate_input_rows(const ShortFilter& f, const T* u, int64_t missing,
                                     int64_t rows, float* gate, int64_t row, const Panels& panels) {
  const int64_t padded = (f.width + PANEL - 1) / PANEL * PANEL;
  for (int64_t channel = 0; channel < padded; channel += LANES) {
    float* to = panels.values + channel / PANEL * panels.stride + row * PANEL + channel % PANEL;
    const int64_t count = std::max<int64_t>(f.width - channel, 0);
    if (count >= LANES) {
      gate_input_channels<TAPS>(f, Whole{}, channel, u, missing, rows, gate, to);
    } else {
      gate_input_channels<TAPS>(f, Part{count}, channel, u, missing, rows, gate, to);
    }
  }
}

template <typename T>
HYENADNA_INLINE void gate_input_any(const ShortFilter& f, const T* u, int64_t missing, int64_t rows,
                                    float* gate, int64_t row, const Panels& panels) {
  if (f.taps == 3) return gate_input_rows<3>(f, u, missing, rows, gate, row, panels);
  gate_input_rows<0>(f, u, missing, rows, gate, row, panels);
}

template <typename T>
HYENADNA_INLINE void gate_output_rows(const Panels& panels, int64_t row, int64_t rows,
                                      int64_t width, const float* gate, T* into) {
  for (int64_t i = 0; i < rows; ++i) {
    const float* from = panels.values + (row + i) * PANEL;
    for (int64_t channel = 0; channel < width; channel += PANEL, from += panels.stride) {
      const int64_t count = std::min(PANEL, width - channel), whole = count / LANES * LANES;
      const float* by = gate + i * width + channel;
      T* to = into + i * width + channel;
      for (int64_t c = 0; c < whole; c += LANES) write(read(from + c) * read(by + c), to + c);
      for (int64_t c = whole; c < count; ++c) narrow(from[c] * by[c], to[c]);
    }
  }
}

}  // namespace

using c10::BFloat16;

HYENADNA_CLONES void normalize(const Norm& norm, const float* x, float* into) {
  normalize_row(norm, x, into);
}
HYENADNA_CLONES void normalize(const Norm& norm, const float* x, BFloat16* into) {
  normalize_row(norm, x, into);
}
HYENADNA_CLONES void add_normalize(const Norm& norm, const float* added, int64_t rows, float* x,
                                   float* into) {
  add_normalize_rows(norm, added, rows, x, into);
}
HYENADNA_CLONES void add_normalize(const Norm& norm, const BFloat16* added, int64_t rows, float* x,
                                   BFloat16* into) {
  add_normalize_rows(norm, added, rows, x, into);
}
HYENADNA_CLONES void add(const float* added, int64_t count, float* x) { add_row(added, count, x); }
HYENADNA_CLONES void add(const BFloat16* added, int64_t count, float* x) {
  add_row(added, count, x);
}
HYENADNA_CLONES void gate_input(const ShortFilter& filter, const float* u, int64_t missing,
                                int64_t rows, float* gate, int64_t row, const Panels& panels) {
  gate_input_any(filter, u, missing, rows, gate, row, panels);
}
HYENADNA_CLONES void gate_input(const ShortFilter& filter, const BFloat16* u, int64_t missing,
                                int64_t rows, float* gate, int64_t row, const Panels& panels) {
  gate_input_any(filter, u, missing, rows, gate, row, panels);
}
HYENADNA_CLONES void gate_output(const Panels& panels, int64_t row, int64_t rows, int64_t width,
                                 const float* gate, float* into) {
  gate_output_rows(panels, row, rows, width, gate, into);
}
HYENADNA_CLONES void gate_output(const Panels& panels, int64_t row, int64_t rows, int64_t width,
                                 const float* gate, BFloat16* into) {
  gate_output_rows(panels, row, rows, width, gate, into);
}

HYENADNA_CLONES void add_products(const float* values, const float* taps, int64_t count,
                                  float* into) {
  if (count == 0) return;
  Vector sums[4] = {read(into), read(into + LANES), {}, {}};
  taps += (count - 1) * PANEL;
  int64_t i = 0;
  for (; i + 1 < count; i += 2, values += 2 * PANEL, taps -= 2 * PANEL) {
    sums[0] += read(values) * read(taps);
    sums[1] += read(values + LANES) * read(taps + LANES);
    sums[2] += read(values + PANEL) * read(taps - PANEL);
    sums[3] += read(values + PANEL + LANES) * read(taps - PANEL + LANES);
  }
  if (i < count) {
    sums[0] += read(values) * read(taps);
    sums[1] += read(values + LANES) * read(taps + LANES);
  }
  write(sums[0] + sums[2], into);
  write(sums[1] + sums[3], into + LANES);
}

HYENADNA_CLONES void log_softmax(float* x, int64_t count) {
  float most = x[0];
  for (int64_t i = 1; i < count; ++i) most = std::max(most, x[i]);
  float sum = 0.0f;
  for (int64_t i = 0; i < count; ++i) sum += exponential(x[i] - most);
  const float shift = most + std::log(sum);
  for (int64_t i = 0; i < count; ++i) x[i] -= shift;
}

}  // namespace hyenadna

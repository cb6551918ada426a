#include "rows.h"

#include <algorithm>
#include <cmath>

#include "simd.h"

namespace hyenadna {

namespace {

// The sum of the LANES sums of a row: in the same order for every width of registers.
template <int W>
HYENADNA_INLINE float total(const Lanes<W>* parts) {
  float sums[LANES];
  std::memcpy(sums, parts, sizeof sums);
  for (int64_t half = LANES / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) sums[i] += sums[i + half];
  }
  return sums[0];
}

template <int W, typename T>
HYENADNA_INLINE void normalize_row(const Norm& norm, const float* x, T* into) {
  constexpr int PARTS = LANES / W;
  const int64_t width = norm.width, whole = width / LANES * LANES;
  Lanes<W> sums[PARTS] = {}, squares[PARTS] = {};
  for (int64_t c = 0; c < whole; c += LANES) {
    for (int p = 0; p < PARTS; ++p) sums[p] += read<W>(x + c + p * W);
  }
  float sum = total<W>(sums);
  for (int64_t c = whole; c < width; ++c) sum += x[c];
  const float mean = sum / float(width);
  for (int64_t c = 0; c < whole; c += LANES) {
    for (int p = 0; p < PARTS; ++p) {
      const Lanes<W> d = read<W>(x + c + p * W) - mean;
      squares[p] += d * d;
    }
  }
  float square = total<W>(squares);
  for (int64_t c = whole; c < width; ++c) square += (x[c] - mean) * (x[c] - mean);
  const float scale = 1.0f / std::sqrt(square / float(width) + norm.epsilon);
  for (int64_t c = 0; c < whole; c += W) {
    const Lanes<W> normal = (read<W>(x + c) - mean) * scale;
    write(normal * read<W>(norm.weight + c) + read<W>(norm.bias + c), into + c);
  }
  for (int64_t c = whole; c < width; ++c) {
    narrow((x[c] - mean) * scale * norm.weight[c] + norm.bias[c], into[c]);
  }
}

template <int W, typename T>
HYENADNA_INLINE void add_row(const T* added, int64_t count, float* x) {
  const int64_t whole = count / W * W;
  for (int64_t i = 0; i < whole; i += W) write(read<W>(x + i) + read<W>(added + i), x + i);
  for (int64_t i = whole; i < count; ++i) x[i] += widen(added[i]);
}

template <int W, typename T>
HYENADNA_INLINE void add_normalize_rows(const Norm& norm, const T* added, int64_t rows, float* x,
                                        T* into) {
  for (int64_t i = 0; i < rows; ++i) {
    add_row<W>(added, norm.width, x);
    normalize_row<W>(norm, x, into);
    added += norm.width;
    x += norm.width;
    into += norm.width;
  }
}

// W channels, and how they are read and written.
template <int W>
struct Whole {
  typedef Lanes<W> Numbers;
  template <typename T>
  HYENADNA_INLINE Numbers load(const T* from) const {
    return read<W>(from);
  }
  template <typename T>
  HYENADNA_INLINE void store(const Numbers& v, T* to) const {
    write(v, to);
  }
};

// The last channels of a width that is no multiple of W.
template <int W>
struct Part {
  typedef Lanes<W> Numbers;
  int64_t count;
  template <typename T>
  HYENADNA_INLINE Numbers load(const T* from) const {
    Numbers v = {};
    for (int64_t i = 0; i < count; ++i) v[i] = widen(from[i]);
    return v;
  }
  template <typename T>
  HYENADNA_INLINE void store(const Numbers& v, T* to) const {
    for (int64_t i = 0; i < count; ++i) narrow(v[i], to[i]);
  }
};

// x1·v goes to the panels.
struct Input {
  static constexpr int64_t FIRST = 1, PARTS = 2;
  Panels panels;
  int64_t row;

  template <typename Channels, typename V>
  HYENADNA_INLINE void take(const Channels&, const V* sums, int64_t i, int64_t channel) const {
    write(V(sums[0] * sums[1]), panels.at(row + i, channel));
  }
};

// x0 times what is in the panels.
template <typename T>
struct Output {
  static constexpr int64_t FIRST = 0, PARTS = 1;
  Panels panels;
  int64_t row, width;
  T* into;

  template <typename Channels, typename V>
  HYENADNA_INLINE void take(const Channels& channels, const V* sums, int64_t i,
                            int64_t channel) const {
    constexpr int W = sizeof(V) / sizeof(float);
    channels.store(read<W>(panels.at(row + i, channel)) * sums[0], into + i * width + channel);
  }
};

// The short convolution of some channels of all rows, of the parts of x0, x1 and v that `gate`
// takes. TAPS is 0 where the compiler does not know it.
template <int TAPS, typename Channels, typename T, typename Gate>
HYENADNA_INLINE void convolve_channels(const ShortFilter& f, const Channels& channels,
                                       int64_t first, const Projections<T>& projections,
                                       int64_t rows, const Gate& gate) {
  constexpr int64_t MOST = TAPS ? TAPS : MOST_TAPS, PARTS = Gate::PARTS;
  const int64_t taps = TAPS ? TAPS : f.taps, stride = projections.stride;
  const T* u = projections.values + first;
  typedef typename Channels::Numbers Numbers;
  Numbers weight[PARTS][MOST], bias[PARTS], window[PARTS][MOST];
  for (int64_t part = 0; part < PARTS; ++part) {
    const int64_t channel = (Gate::FIRST + part) * f.width + first;
    bias[part] = channels.load(f.bias + channel);
    for (int64_t j = 0; j < taps; ++j)
      weight[part][j] = channels.load(f.weight + j * 3 * f.width + channel);
    for (int64_t j = 0; j + 1 < taps; ++j) {
      window[part][j] =
          j < projections.missing ? Numbers{} : channels.load(u + j * stride + part * f.width);
    }
  }
  u += (taps - 1) * stride;
  for (int64_t i = 0; i < rows; ++i, u += stride) {
    Numbers sums[PARTS];
    for (int64_t part = 0; part < PARTS; ++part) {
      window[part][taps - 1] = channels.load(u + part * f.width);
      sums[part] = bias[part];
      for (int64_t j = 0; j < taps; ++j) sums[part] += weight[part][j] * window[part][j];
      for (int64_t j = 0; j + 1 < taps; ++j) window[part][j] = window[part][j + 1];
    }
    gate.take(channels, sums, i, first);
  }
}

template <int TAPS, int W, typename T, typename Gate>
HYENADNA_INLINE void convolve_rows(const ShortFilter& f, const Projections<T>& u, int64_t rows,
                                   const Gate& gate) {
  const int64_t padded = (f.width + PANEL - 1) / PANEL * PANEL;
  for (int64_t channel = 0; channel < padded; channel += W) {
    const int64_t count = std::max<int64_t>(f.width - channel, 0);
    if (count >= W) {
      convolve_channels<TAPS>(f, Whole<W>{}, channel, u, rows, gate);
    } else {
      convolve_channels<TAPS>(f, Part<W>{count}, channel, u, rows, gate);
    }
  }
}

template <int W, typename T, typename Gate>
HYENADNA_INLINE void convolve_any(const ShortFilter& f, const Projections<T>& u, int64_t rows,
                                  const Gate& gate) {
  if (f.taps == 3) return convolve_rows<3, W>(f, u, rows, gate);
  convolve_rows<0, W>(f, u, rows, gate);
}

HYENADNA_INLINE void log_softmax_of(float* x, int64_t count) {
  float most = x[0];
  for (int64_t i = 1; i < count; ++i) most = std::max(most, x[i]);
  float sum = 0.0f;
  for (int64_t i = 0; i < count; ++i) sum += exponential(x[i] - most);
  const float shift = most + std::log(sum);
  for (int64_t i = 0; i < count; ++i) x[i] -= shift;
}

// Of W of the channels of a panel.
template <int W>
HYENADNA_INLINE void add_products_of(const float* values, const float* taps, int64_t count,
                                     float* into) {
  Lanes<W> even = read<W>(into), odd = {};
  taps += (count - 1) * PANEL;
  int64_t i = 0;
  for (; i + 1 < count; i += 2, values += 2 * PANEL, taps -= 2 * PANEL) {
    even += read<W>(values) * read<W>(taps);
    odd += read<W>(values + PANEL) * read<W>(taps - PANEL);
  }
  if (i < count) even += read<W>(values) * read<W>(taps);
  write(even + odd, into);
}

}  // namespace

using c10::BFloat16;

void normalize(const Norm& norm, const float* x, float* into) {
  on_processor([&](auto width) HYENADNA_COMPILED { normalize_row<width.value>(norm, x, into); });
}
void normalize(const Norm& norm, const float* x, BFloat16* into) {
  on_processor([&](auto width) HYENADNA_COMPILED { normalize_row<width.value>(norm, x, into); });
}
void add_normalize(const Norm& norm, const float* added, int64_t rows, float* x, float* into) {
  on_processor([&](auto width) HYENADNA_COMPILED {
    add_normalize_rows<width.value>(norm, added, rows, x, into);
  });
}
void add_normalize(const Norm& norm, const BFloat16* added, int64_t rows, float* x,
                   BFloat16* into) {
  on_processor([&](auto width) HYENADNA_COMPILED {
    add_normalize_rows<width.value>(norm, added, rows, x, into);
  });
}
void add(const float* added, int64_t count, float* x) {
  on_processor([&](auto width) HYENADNA_COMPILED { add_row<width.value>(added, count, x); });
}
void add(const BFloat16* added, int64_t count, float* x) {
  on_processor([&](auto width) HYENADNA_COMPILED { add_row<width.value>(added, count, x); });
}

void gate_input(const ShortFilter& filter, const Projections<float>& u, int64_t row, int64_t rows,
                const Panels& panels) {
  on_processor([&](auto width) HYENADNA_COMPILED {
    convolve_any<width.value>(filter, u, rows, Input{panels, row});
  });
}
void gate_input(const ShortFilter& filter, const Projections<BFloat16>& u, int64_t row,
                int64_t rows, const Panels& panels) {
  on_processor([&](auto width) HYENADNA_COMPILED {
    convolve_any<width.value>(filter, u, rows, Input{panels, row});
  });
}
void gate_output(const ShortFilter& filter, const Projections<float>& u, const Panels& panels,
                 int64_t row, int64_t rows, float* into) {
  on_processor([&](auto width) HYENADNA_COMPILED {
    convolve_any<width.value>(filter, u, rows, Output<float>{panels, row, filter.width, into});
  });
}
void gate_output(const ShortFilter& filter, const Projections<BFloat16>& u, const Panels& panels,
                 int64_t row, int64_t rows, BFloat16* into) {
  on_processor([&](auto width) HYENADNA_COMPILED {
    convolve_any<width.value>(filter, u, rows, Output<BFloat16>{panels, row, filter.width, into});
  });
}

void add_products(const float* values, const float* taps, int64_t count, float* into) {
  if (count == 0) return;
  on_processor([&](auto width) HYENADNA_COMPILED {
    constexpr int W = width.value;
    for (int64_t c = 0; c < PANEL; c += W)
      add_products_of<W>(values + c, taps + c, count, into + c);
  });
}

void log_softmax(float* x, int64_t count) {
  on_processor([&](auto) HYENADNA_COMPILED { log_softmax_of(x, count); });
}

}  // namespace hyenadna

#include "short_conv.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

#include "simd.h"

namespace hyenadna {

namespace {

constexpr int64_t WIDTH = 16;      // channels that are worked on at once: one vector register
constexpr int64_t POSITIONS = 64;  // positions of a tile, which stays in the fastest cache

enum Part { X0 = 0, X1 = 1, V = 2 };

// Sizes, after a check of what the loops rely on.
Sizes sizes_of(const at::Tensor& u, const at::Tensor& w, const at::Tensor& b) {
  TORCH_CHECK(u.dim() == 3 && w.dim() == 3 && u.size(2) == w.size(0) && b.numel() == w.size(0),
              "u ", u.sizes(), " does not fit a short filter ", w.sizes());
  TORCH_CHECK(u.is_contiguous() && w.is_contiguous() && b.is_contiguous(), "not contiguous");
  return {u.size(0), u.size(1), u.size(2) / 3, w.size(2)};
}

// A few channels of one sequence.
struct Strip {
  Sizes sizes;
  int64_t sequence, channel, channels;  // `channels` ≤ WIDTH of them, from `channel` on
};

// Runs `body` for every strip, on libtorch's threads.
template <typename Body>
void each_strip(const Sizes& sizes, const Body& body) {
  const int64_t strips = (sizes.width + WIDTH - 1) / WIDTH;
  at::parallel_for(0, sizes.batch * strips, 1, [&](int64_t i, int64_t end) {
    for (; i < end; ++i) {
      const int64_t channel = i % strips * WIDTH;
      body(Strip{sizes, i / strips, channel, std::min(WIDTH, sizes.width - channel)});
    }
  });
}

// Weights of one part of a strip: taps × WIDTH, and the bias.
struct Filter {
  std::vector<float> taps;
  float bias[WIDTH] = {};

  Filter(const Strip& s, Part part, const float* w, const float* b)
      : taps(s.sizes.taps * WIDTH, 0.0f) {
    for (int64_t c = 0; c < s.channels; ++c) {
      const int64_t row = part * s.sizes.width + s.channel + c;
      bias[c] = b[row];
      for (int64_t j = 0; j < s.sizes.taps; ++j) taps[j * WIDTH + c] = w[row * s.sizes.taps + j];
    }
  }
};

// Positions from…to of (B, L, rows of `row` channels) as floats, WIDTH to a position; zeros where
// there is nothing.
template <typename T>
HYENADNA_INLINE void load(const Strip& s, const T* x, int64_t row, int64_t offset, int64_t from,
                          int64_t to, float* into) {
  for (int64_t t = from; t < to; ++t, into += WIDTH) {
    if (t < 0 || t >= s.sizes.length) {
      std::fill(into, into + WIDTH, 0.0f);
      continue;
    }
    const T* source = x + (s.sequence * s.sizes.length + t) * row + offset;
    if (s.channels == WIDTH) {
      for (int64_t c = 0; c < WIDTH; ++c) into[c] = widen(source[c]);
    } else {
      for (int64_t c = 0; c < WIDTH; ++c) into[c] = c < s.channels ? widen(source[c]) : 0.0f;
    }
  }
}

// The same of (B, D, n).
HYENADNA_INLINE void load_channels(const Strip& s, const float* x, int64_t n, int64_t from,
                                   int64_t to, float* into) {
  const int64_t end = std::min(to, s.sizes.length) - from;
  if (s.channels < WIDTH || end < to - from) std::fill(into, into + (to - from) * WIDTH, 0.0f);
  for (int64_t c = 0; c < s.channels; ++c) {
    const float* source = x + (s.sequence * s.sizes.width + s.channel + c) * n + from;
    for (int64_t t = 0; t < end; ++t) into[t * WIDTH + c] = source[t];
  }
}

// Writes `count` positions to (B, D, n).
HYENADNA_INLINE void store_channels(const Strip& s, const float* tile, int64_t from, int64_t count,
                                    float* x, int64_t n) {
  for (int64_t c = 0; c < s.channels; ++c) {
    float* target = x + (s.sequence * s.sizes.width + s.channel + c) * n + from;
    for (int64_t t = 0; t < count; ++t) target[t] = tile[t * WIDTH + c];
  }
}

// Writes `count` positions to (B, L, rows of `row` channels).
template <typename T>
HYENADNA_INLINE void store(const Strip& s, const float* tile, int64_t row, int64_t offset,
                           int64_t from, int64_t count, T* x) {
  for (int64_t t = 0; t < count; ++t, tile += WIDTH) {
    T* target = x + (s.sequence * s.sizes.length + from + t) * row + offset;
    if (s.channels == WIDTH) {
      for (int64_t c = 0; c < WIDTH; ++c) narrow(tile[c], target[c]);
    } else {
      for (int64_t c = 0; c < s.channels; ++c) narrow(tile[c], target[c]);
    }
  }
}

// Zeros behind the first L of (B, D, n).
HYENADNA_INLINE void clear_tail(const Strip& s, float* x, int64_t n) {
  for (int64_t c = 0; c < s.channels; ++c) {
    float* row = x + (s.sequence * s.sizes.width + s.channel + c) * n;
    std::fill(row + s.sizes.length, row + n, 0.0f);
  }
}

// The short convolution of `count` positions; `in` starts taps − 1 positions earlier. With TAPS
// known, as in every published model, the weights stay in registers.
template <int64_t TAPS>
HYENADNA_INLINE void convolve_fixed(const Filter& filter, const float* in, int64_t count,
                                    float* out) {
  float w[TAPS][WIDTH], bias[WIDTH];
  std::copy(filter.bias, filter.bias + WIDTH, bias);
  std::copy(filter.taps.begin(), filter.taps.end(), &w[0][0]);
  for (int64_t t = 0; t < count; ++t) {
    for (int64_t c = 0; c < WIDTH; ++c) {
      float sum = bias[c];
      for (int64_t j = 0; j < TAPS; ++j) sum += w[j][c] * in[(t + j) * WIDTH + c];
      out[t * WIDTH + c] = sum;
    }
  }
}

HYENADNA_INLINE void convolve(const Filter& filter, int64_t taps, const float* in, int64_t count,
                              float* out) {
  if (taps == 3) return convolve_fixed<3>(filter, in, count, out);
  for (int64_t t = 0; t < count; ++t) {
    float sum[WIDTH];
    for (int64_t c = 0; c < WIDTH; ++c) sum[c] = filter.bias[c];
    for (int64_t j = 0; j < taps; ++j) {
      const float *w = &filter.taps[j * WIDTH], *x = in + (t + j) * WIDTH;
      for (int64_t c = 0; c < WIDTH; ++c) sum[c] += w[c] * x[c];
    }
    for (int64_t c = 0; c < WIDTH; ++c) out[t * WIDTH + c] = sum[c];
  }
}

// One part of u after its short convolution, at positions from…to.
template <typename T>
HYENADNA_INLINE void part(const Strip& s, Part which, const Filter& filter, const T* u,
                          int64_t from, int64_t to, float* scratch, float* out) {
  const int64_t width = s.sizes.width, taps = s.sizes.taps;
  load(s, u, 3 * width, which * width + s.channel, from - (taps - 1), to, scratch);
  convolve(filter, taps, scratch, to - from, out);
}

template <typename T>
HYENADNA_INLINE void input_strip(const Strip& s, const T* u, const float* w, const float* b,
                                 float* out, int64_t n) {
  const Filter first(s, X1, w, b), second(s, V, w, b);
  std::vector<float> scratch((POSITIONS + s.sizes.taps) * WIDTH), x1(POSITIONS * WIDTH), v(x1);
  for (int64_t from = 0; from < s.sizes.length; from += POSITIONS) {
    const int64_t to = std::min(from + POSITIONS, s.sizes.length);
    part(s, X1, first, u, from, to, scratch.data(), x1.data());
    part(s, V, second, u, from, to, scratch.data(), v.data());
    for (int64_t i = 0; i < (to - from) * WIDTH; ++i) v[i] *= x1[i];
    store_channels(s, v.data(), from, to - from, out, n);
  }
  clear_tail(s, out, n);
}

template <typename T>
HYENADNA_INLINE void output_strip(const Strip& s, const T* u, const float* w, const float* b,
                                  const float* conv, int64_t n, float* kept, T* out) {
  const Filter filter(s, X0, w, b);
  std::vector<float> scratch((POSITIONS + s.sizes.taps) * WIDTH), x0(POSITIONS * WIDTH), y(x0);
  for (int64_t from = 0; from < s.sizes.length; from += POSITIONS) {
    const int64_t to = std::min(from + POSITIONS, s.sizes.length);
    part(s, X0, filter, u, from, to, scratch.data(), x0.data());
    load_channels(s, conv, n, from, to, y.data());
    if (kept) store_channels(s, y.data(), from, to - from, kept, s.sizes.length);
    for (int64_t i = 0; i < (to - from) * WIDTH; ++i) y[i] *= x0[i];
    store(s, y.data(), s.sizes.width, s.channel, from, to - from, out);
  }
}

template <typename T>
HYENADNA_INLINE void output_backward_strip(const Strip& s, const T* u, const float* w,
                                           const float* b, const T* g, float* conv, float* out,
                                           int64_t n) {
  const Filter filter(s, X0, w, b);
  const int64_t length = s.sizes.length;
  std::vector<float> scratch((POSITIONS + s.sizes.taps) * WIDTH), x0(POSITIONS * WIDTH), y(x0),
      gy(x0);
  for (int64_t from = 0; from < length; from += POSITIONS) {
    const int64_t to = std::min(from + POSITIONS, length);
    part(s, X0, filter, u, from, to, scratch.data(), x0.data());
    load_channels(s, conv, length, from, to, y.data());
    load(s, g, s.sizes.width, s.channel, from, to, gy.data());
    for (int64_t i = 0; i < (to - from) * WIDTH; ++i) {
      y[i] *= gy[i];
      x0[i] *= gy[i];
    }
    store_channels(s, y.data(), from, to - from, conv, length);
    store_channels(s, x0.data(), from, to - from, out, n);
  }
  clear_tail(s, out, n);
}

// Gradients of one part at `count` positions: `gs`, of its values after the convolution, starts at
// the first of them; `in`, u before it, taps − 1 positions earlier. Those of the weights are added.
template <int64_t TAPS>
HYENADNA_INLINE void convolve_backward_fixed(const Filter& filter, const float* in, const float* gs,
                                             int64_t count, float* gu, float* gw, float* gb) {
  float w[TAPS][WIDTH], sums[TAPS][WIDTH], total[WIDTH];
  std::copy(filter.taps.begin(), filter.taps.end(), &w[0][0]);
  std::copy(gw, gw + TAPS * WIDTH, &sums[0][0]);
  std::copy(gb, gb + WIDTH, total);
  for (int64_t t = 0; t < count; ++t) {
    for (int64_t c = 0; c < WIDTH; ++c) {
      const float here = gs[t * WIDTH + c];
      float sum = 0.0f;
      for (int64_t j = 0; j < TAPS; ++j) {
        sum += w[j][c] * gs[(t + TAPS - 1 - j) * WIDTH + c];
        sums[j][c] += here * in[(t + j) * WIDTH + c];
      }
      gu[t * WIDTH + c] = sum;
      total[c] += here;
    }
  }
  std::copy(&sums[0][0], &sums[0][0] + TAPS * WIDTH, gw);
  std::copy(total, total + WIDTH, gb);
}

HYENADNA_INLINE void convolve_backward(const Filter& filter, int64_t taps, const float* in,
                                       const float* gs, int64_t count, float* gu, float* gw,
                                       float* gb) {
  if (taps == 3) return convolve_backward_fixed<3>(filter, in, gs, count, gu, gw, gb);
  for (int64_t t = 0; t < count; ++t) {
    float sum[WIDTH] = {};
    for (int64_t j = 0; j < taps; ++j) {
      const float *w = &filter.taps[j * WIDTH], *later = gs + (t + taps - 1 - j) * WIDTH;
      const float *here = gs + t * WIDTH, *x = in + (t + j) * WIDTH;
      for (int64_t c = 0; c < WIDTH; ++c) {
        sum[c] += w[c] * later[c];
        gw[j * WIDTH + c] += here[c] * x[c];
      }
    }
    for (int64_t c = 0; c < WIDTH; ++c) {
      gu[t * WIDTH + c] = sum[c];
      gb[c] += gs[t * WIDTH + c];
    }
  }
}

template <typename T>
HYENADNA_INLINE void input_backward_strip(const Strip& s, const T* u, const float* w,
                                          const float* b, const float* g, int64_t n,
                                          const float* g0, T* gu, float* gw, float* gb) {
  const auto [batch, length, width, taps] = s.sizes;
  const Filter filters[3] = {{s, X0, w, b}, {s, X1, w, b}, {s, V, w, b}};
  // a gradient of u at one position needs those of the values up to taps − 1 positions later
  const int64_t most = POSITIONS + taps - 1;
  std::vector<float> in[3], values[3], gradients[3], sums((taps + 1) * WIDTH);
  std::vector<double> totals[3];  // a sum over a million positions has no digits left in fp32
  for (int p = 0; p < 3; ++p) {
    in[p].resize((most + taps) * WIDTH);
    values[p].resize(most * WIDTH);
    gradients[p].resize(most * WIDTH);
    totals[p].assign((taps + 1) * WIDTH, 0.0);
  }
  std::vector<float> out(POSITIONS * WIDTH);
  for (int64_t from = 0; from < length; from += POSITIONS) {
    const int64_t to = std::min(from + POSITIONS, length), end = to + taps - 1;
    for (int p = 0; p < 3; ++p) {
      load(s, u, 3 * width, p * width + s.channel, from - (taps - 1), end, in[p].data());
      if (p != X0) convolve(filters[p], taps, in[p].data(), end - from, values[p].data());
    }
    load_channels(s, g0, length, from, end, gradients[X0].data());
    load_channels(s, g, n, from, end, gradients[X1].data());
    for (int64_t i = 0; i < (end - from) * WIDTH; ++i) {
      gradients[V][i] = gradients[X1][i] * values[X1][i];
      gradients[X1][i] *= values[V][i];
    }
    for (int p = 0; p < 3; ++p) {
      std::fill(sums.begin(), sums.end(), 0.0f);
      convolve_backward(filters[p], taps, in[p].data(), gradients[p].data(), to - from, out.data(),
                        sums.data(), sums.data() + taps * WIDTH);
      for (size_t i = 0; i < sums.size(); ++i) totals[p][i] += sums[i];
      store(s, out.data(), 3 * width, p * width + s.channel, from, to - from, gu);
    }
  }
  for (int p = 0; p < 3; ++p) {
    for (int64_t c = 0; c < s.channels; ++c) {
      const int64_t row = s.sequence * 3 * width + p * width + s.channel + c;
      gb[row] = float(totals[p][taps * WIDTH + c]);
      for (int64_t j = 0; j < taps; ++j) gw[row * taps + j] = float(totals[p][j * WIDTH + c]);
    }
  }
}

// Calls `body` with a null pointer of the element type of `u`.
template <typename Body>
void with_type(const at::Tensor& u, const Body& body) {
  if (u.scalar_type() == at::kBFloat16) {
    body(static_cast<c10::BFloat16*>(nullptr));
  } else {
    body(static_cast<float*>(nullptr));
  }
}

template <typename P>
using Element = std::remove_pointer_t<P>;

}  // namespace

at::Tensor gated_input(const at::Tensor& u, const at::Tensor& w, const at::Tensor& b, int64_t n) {
  const auto sizes = sizes_of(u, w, b);
  auto out = at::empty({sizes.batch, sizes.width, n}, w.options());
  with_type(u, [&](auto type) {
    using T = Element<decltype(type)>;
    each_strip(sizes, [&](const Strip& s) {
      on_processor([&](auto) HYENADNA_COMPILED {
        input_strip(s, u.const_data_ptr<T>(), w.const_data_ptr<float>(), b.const_data_ptr<float>(),
                    out.data_ptr<float>(), n);
      });
    });
  });
  return out;
}

at::Tensor gated_output(const at::Tensor& u, const at::Tensor& w, const at::Tensor& b,
                        const at::Tensor& conv, const at::Tensor& kept) {
  const auto sizes = sizes_of(u, w, b);
  auto out = at::empty({sizes.batch, sizes.length, sizes.width}, u.options());
  float* copy = kept.defined() ? kept.data_ptr<float>() : nullptr;
  with_type(u, [&](auto type) {
    using T = Element<decltype(type)>;
    each_strip(sizes, [&](const Strip& s) {
      on_processor([&](auto) HYENADNA_COMPILED {
        output_strip(s, u.const_data_ptr<T>(), w.const_data_ptr<float>(), b.const_data_ptr<float>(),
                     conv.const_data_ptr<float>(), conv.size(2), copy, out.data_ptr<T>());
      });
    });
  });
  return out;
}

at::Tensor gated_output_backward(const at::Tensor& u, const at::Tensor& w, const at::Tensor& b,
                                 const at::Tensor& g, at::Tensor& conv, int64_t n) {
  const auto sizes = sizes_of(u, w, b);
  auto out = at::empty({sizes.batch, sizes.width, n}, w.options());
  with_type(u, [&](auto type) {
    using T = Element<decltype(type)>;
    each_strip(sizes, [&](const Strip& s) {
      on_processor([&](auto) HYENADNA_COMPILED {
        output_backward_strip(s, u.const_data_ptr<T>(), w.const_data_ptr<float>(),
                              b.const_data_ptr<float>(), g.const_data_ptr<T>(),
                              conv.data_ptr<float>(), out.data_ptr<float>(), n);
      });
    });
  });
  return out;
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> gated_input_backward(const at::Tensor& u,
                                                                    const at::Tensor& w,
                                                                    const at::Tensor& b,
                                                                    const at::Tensor& g,
                                                                    const at::Tensor& g0) {
  const auto sizes = sizes_of(u, w, b);
  auto gu = at::empty_like(u);
  // a sum for each sequence, so that the total does not depend on the threads
  auto gw = at::empty({sizes.batch, w.size(0), 1, sizes.taps}, w.options());
  auto gb = at::empty({sizes.batch, b.size(0)}, w.options());
  with_type(u, [&](auto type) {
    using T = Element<decltype(type)>;
    each_strip(sizes, [&](const Strip& s) {
      on_processor([&](auto) HYENADNA_COMPILED {
        input_backward_strip(s, u.const_data_ptr<T>(), w.const_data_ptr<float>(),
                             b.const_data_ptr<float>(), g.const_data_ptr<float>(), g.size(2),
                             g0.const_data_ptr<float>(), gu.data_ptr<T>(), gw.data_ptr<float>(),
                             gb.data_ptr<float>());
      });
    });
  });
  return {gu, gw.sum(0), gb.sum(0)};
}

}  // namespace hyenadna

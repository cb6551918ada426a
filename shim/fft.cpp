#include "fft.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>

namespace hyenadna {

namespace {

// Points that stay in a core's second-level cache (128 bytes each).
constexpr int64_t IN_CACHE = 4096;
// Parts of a loop that threads share.
constexpr int64_t PARTS = 64;

struct Range {
  int64_t from, to;
};

// Calls `body` with each of 0 … count − 1.
template <typename Body>
void each(Share share, int64_t count, const Body& body) {
  if (share) {
    const auto part = [](const void* body, int64_t i) { (*static_cast<const Body*>(body))(i); };
    return share(count, part, &body);
  }
  for (int64_t i = 0; i < count; ++i) body(i);
}

// Calls `body` with ranges that are 0 … size − 1 together.
template <typename Body>
void in_parts(Share share, int64_t size, const Body& body) {
  const int64_t parts = share ? PARTS : 1;
  each(share, parts, [&](int64_t i) { body(Range{size * i / parts, size * (i + 1) / parts}); });
}

// Numbers of W of the channels of a `Complex`, as many as a register of the processor holds.
template <int W>
struct Part {
  Lanes<W> re, im;
};

template <int W>
HYENADNA_INLINE Part<W> part_of(const Complex& z, int number) {
  return {read<W>(reinterpret_cast<const float*>(&z.re) + number * W),
          read<W>(reinterpret_cast<const float*>(&z.im) + number * W)};
}

template <int W>
HYENADNA_INLINE void put(const Part<W>& part, int number, Complex& z) {
  write(part.re, reinterpret_cast<float*>(&z.re) + number * W);
  write(part.im, reinterpret_cast<float*>(&z.im) + number * W);
}

template <int W>
HYENADNA_INLINE Part<W> operator+(const Part<W>& a, const Part<W>& b) {
  return {a.re + b.re, a.im + b.im};
}
template <int W>
HYENADNA_INLINE Part<W> operator-(const Part<W>& a, const Part<W>& b) {
  return {a.re - b.re, a.im - b.im};
}
template <int W>
HYENADNA_INLINE Part<W> scaled(const Part<W>& a, float by) {
  return {a.re * by, a.im * by};
}
// −i·a
template <int W>
HYENADNA_INLINE Part<W> turned(const Part<W>& a) {
  return {a.im, -a.re};
}
template <int W>
HYENADNA_INLINE Part<W> swapped(const Part<W>& a) {
  return {a.im, a.re};
}
template <int W>
HYENADNA_INLINE Part<W> rotated(const Part<W>& a, const float* w) {
  return {a.re * w[0] - a.im * w[1], a.re * w[1] + a.im * w[0]};
}

// The discrete Fourier transform of R = 2, 3, 4, 5 or 8 values, in place.
template <int R, int W>
HYENADNA_INLINE void dft(Part<W>* a) {
  if constexpr (R == 2) {
    const auto sum = a[0] + a[1];
    a[1] = a[0] - a[1];
    a[0] = sum;
  } else if constexpr (R == 3) {
    constexpr float SIN = 0.866025403784438647f;
    const auto sum = a[1] + a[2], difference = turned(scaled(a[1] - a[2], SIN));
    const auto middle = a[0] - scaled(sum, 0.5f);
    a[0] = a[0] + sum;
    a[1] = middle + difference;
    a[2] = middle - difference;
  } else if constexpr (R == 4) {
    const auto s = a[0] + a[2], d = a[0] - a[2], t = a[1] + a[3], e = turned(a[1] - a[3]);
    a[0] = s + t;
    a[1] = d + e;
    a[2] = s - t;
    a[3] = d - e;
  } else if constexpr (R == 5) {
    constexpr float C1 = 0.309016994374947424f, C2 = -0.809016994374947424f;
    constexpr float S1 = 0.951056516295153572f, S2 = 0.587785252292473129f;
    const auto s = a[1] + a[4], t = a[2] + a[3], d = a[1] - a[4], e = a[2] - a[3];
    const auto p = a[0] + scaled(s, C1) + scaled(t, C2), q = a[0] + scaled(s, C2) + scaled(t, C1);
    const auto u = turned(scaled(d, S1) + scaled(e, S2)), v = turned(scaled(d, S2) - scaled(e, S1));
    a[0] = a[0] + s + t;
    a[1] = p + u;
    a[2] = q + v;
    a[3] = q - v;
    a[4] = p - u;
  } else {
    static_assert(R == 8);
    constexpr float H = 0.707106781186547524f;
    Part<W> even[4] = {a[0], a[2], a[4], a[6]}, odd[4] = {a[1], a[3], a[5], a[7]};
    dft<4>(even);
    dft<4>(odd);
    const auto t1 = odd[1], t3 = odd[3];
    odd[1] = scaled(t1 + turned(t1), H);  // · e^(−πi/4)
    odd[2] = turned(odd[2]);
    odd[3] = scaled(turned(t3) - t3, H);  // · e^(−3πi/4)
    for (int i = 0; i < 4; ++i) {
      a[i] = even[i] + odd[i];
      a[i + 4] = even[i] - odd[i];
    }
  }
}

// One level of blocks that follow each other, forwards: transform, then turn. Of the size/R
// butterflies of each block those of a range.
template <int R, int W>
HYENADNA_INLINE void down(const Plan::Level& level, Complex* x, int64_t blocks, Range range) {
  const int64_t size = level.size, q = size / R;
  for (int64_t block = 0; block < blocks; ++block, x += size) {
    const float* w = level.twiddles.data() + range.from * 2 * (R - 1);
    for (int64_t j = range.from; j < range.to; ++j, w += 2 * (R - 1)) {
      for (int part = 0; part < LANES / W; ++part) {
        Part<W> a[R];
        for (int p = 0; p < R; ++p) a[p] = part_of<W>(x[j + p * q], part);
        dft<R>(a);
        put(a[0], part, x[j]);
        for (int p = 1; p < R; ++p) put(rotated(a[p], w + 2 * (p - 1)), part, x[j + p * q]);
      }
    }
  }
}

// And back: turn, then transform. Real and imaginary part are swapped on the way in and out, which
// makes the inverse of a transform out of the transform.
template <int R, int W>
HYENADNA_INLINE void up(const Plan::Level& level, Complex* x, int64_t blocks, Range range) {
  const int64_t size = level.size, q = size / R;
  for (int64_t block = 0; block < blocks; ++block, x += size) {
    const float* w = level.twiddles.data() + range.from * 2 * (R - 1);
    for (int64_t j = range.from; j < range.to; ++j, w += 2 * (R - 1)) {
      for (int part = 0; part < LANES / W; ++part) {
        Part<W> a[R];
        for (int p = 0; p < R; ++p) {
          a[p] = swapped(part_of<W>(x[j + p * q], part));
          if (p > 0) a[p] = rotated(a[p], w + 2 * (p - 1));
        }
        dft<R>(a);
        for (int p = 0; p < R; ++p) put(swapped(a[p]), part, x[j + p * q]);
      }
    }
  }
}

// Calls `body` with a radix that the compiler knows.
template <typename Body>
HYENADNA_INLINE void with_radix(int radix, const Body& body) {
  switch (radix) {
    case 2: return body(std::integral_constant<int, 2>{});
    case 3: return body(std::integral_constant<int, 3>{});
    case 4: return body(std::integral_constant<int, 4>{});
    case 5: return body(std::integral_constant<int, 5>{});
    default: return body(std::integral_constant<int, 8>{});
  }
}

void down_level(const Plan::Level& level, Complex* x, int64_t blocks, Range range) {
  on_processor([&](auto width) HYENADNA_COMPILED {
    with_radix(level.radix, [&](auto radix) HYENADNA_COMPILED {
      down<radix.value, width.value>(level, x, blocks, range);
    });
  });
}

void up_level(const Plan::Level& level, Complex* x, int64_t blocks, Range range) {
  on_processor([&](auto width) HYENADNA_COMPILED {
    with_radix(level.radix, [&](auto radix) HYENADNA_COMPILED {
      up<radix.value, width.value>(level, x, blocks, range);
    });
  });
}

// The first level, of radix 4, which takes the rows and the zeros behind them: of the four inputs
// of a butterfly the last two are zero.
template <int W>
HYENADNA_INLINE void first_of(const Plan::Level& level, const Complex* rows, int64_t count,
                              Complex* x, Range range) {
  const int64_t q = level.size / 4;
  const float* w = level.twiddles.data() + range.from * 6;
  for (int64_t j = range.from; j < range.to; ++j, w += 6) {
    for (int part = 0; part < LANES / W; ++part) {
      const auto a = j < count ? part_of<W>(rows[j], part) : Part<W>{};
      const auto b = j + q < count ? part_of<W>(rows[j + q], part) : Part<W>{};
      const auto c = turned(b);
      put(a + b, part, x[j]);
      put(rotated(a + c, w), part, x[j + q]);
      put(rotated(a - b, w + 2), part, x[j + 2 * q]);
      put(rotated(a - c, w + 4), part, x[j + 3 * q]);
    }
  }
}

void first_level(const Plan::Level& level, const Complex* rows, int64_t count, Complex* x,
                 Range range) {
  on_processor([&](auto width)
                   HYENADNA_COMPILED { first_of<width.value>(level, rows, count, x, range); });
}

// The last one on the way back, of which only the first `count` rows are wanted.
template <int W>
HYENADNA_INLINE void last_of(const Plan::Level& level, const Complex* x, int64_t count,
                             Complex* rows, Range range) {
  const int64_t q = level.size / 4;
  const float* w = level.twiddles.data() + range.from * 6;
  for (int64_t j = range.from; j < std::min(range.to, count); ++j, w += 6) {
    for (int part = 0; part < LANES / W; ++part) {
      Part<W> a[4];
      for (int p = 0; p < 4; ++p) {
        a[p] = swapped(part_of<W>(x[j + p * q], part));
        if (p > 0) a[p] = rotated(a[p], w + 2 * (p - 1));
      }
      const auto s = a[0] + a[2], d = a[0] - a[2], t = a[1] + a[3], e = turned(a[1] - a[3]);
      put(swapped(s + t), part, rows[j]);
      if (j + q < count) put(swapped(d + e), part, rows[j + q]);
    }
  }
}

void last_level(const Plan::Level& level, const Complex* x, int64_t count, Complex* rows,
                Range range) {
  on_processor([&](auto width)
                   HYENADNA_COMPILED { last_of<width.value>(level, x, count, rows, range); });
}

Range whole(const Plan::Level& level) { return {0, level.size / level.radix}; }

// All levels from `i` on, of one block of level i: depth first where a block is larger than the
// cache, so that each part stays in it until it is done.
void descend(const Plan& plan, size_t i, Complex* x, int64_t points) {
  if (i == plan.levels.size()) return;
  const auto& level = plan.levels[i];
  down_level(level, x, points / level.size, whole(level));
  if (level.size <= IN_CACHE) return descend(plan, i + 1, x, points);
  const int64_t part = level.size / level.radix;
  for (int p = 0; p < level.radix; ++p) descend(plan, i + 1, x + p * part, part);
}

void ascend(const Plan& plan, size_t i, Complex* x, int64_t points) {
  if (i == plan.levels.size()) return;
  const auto& level = plan.levels[i];
  if (level.size <= IN_CACHE) {
    ascend(plan, i + 1, x, points);
  } else {
    const int64_t part = level.size / level.radix;
    for (int p = 0; p < level.radix; ++p) ascend(plan, i + 1, x + p * part, part);
  }
  up_level(level, x, points / level.size, whole(level));
}

// True if threads share the second level of the four blocks of the first too, block by block, and
// then take its blocks.
bool shares_second(const Plan& plan, Share share) { return share && plan.n / 4 > IN_CACHE; }

void forward(const Plan& plan, const Complex* rows, int64_t count, Complex* x, Share share) {
  if (count > plan.n / 2) {
    std::copy(rows, rows + count, x);
    std::fill(x + count, x + plan.n, Complex{});
    return descend(plan, 0, x, plan.n);
  }
  const int64_t part = plan.n / 4;
  in_parts(share, part, [&](Range range) { first_level(plan.levels[0], rows, count, x, range); });
  if (!shares_second(plan, share)) {
    return each(share, 4, [&](int64_t p) { descend(plan, 1, x + p * part, part); });
  }
  const auto& second = plan.levels[1];
  in_parts(share, part / second.radix, [&](Range range) {
    for (int p = 0; p < 4; ++p) down_level(second, x + p * part, 1, range);
  });
  const int64_t block = part / second.radix;
  each(share, plan.n / block, [&](int64_t p) { descend(plan, 2, x + p * block, block); });
}

void backward(const Plan& plan, Complex* x, int64_t count, Complex* rows, Share share) {
  const int64_t part = plan.n / 4;
  if (!shares_second(plan, share)) {
    each(share, 4, [&](int64_t p) { ascend(plan, 1, x + p * part, part); });
  } else {
    const auto& second = plan.levels[1];
    const int64_t block = part / second.radix;
    each(share, plan.n / block, [&](int64_t p) { ascend(plan, 2, x + p * block, block); });
    in_parts(share, block, [&](Range range) {
      for (int p = 0; p < 4; ++p) up_level(second, x + p * part, 1, range);
    });
  }
  in_parts(share, part, [&](Range range) { last_level(plan.levels[0], x, count, rows, range); });
}

// Twice the spectra of the two halves of the channels at the frequency of `z`, where `y` is at the
// opposite frequency: of the real part of what was transformed, and of its imaginary part.
template <int W>
HYENADNA_INLINE Part<W> of_real(const Part<W>& z, const Part<W>& y) {
  return {z.re + y.re, z.im - y.im};
}
template <int W>
HYENADNA_INLINE Part<W> of_imaginary(const Part<W>& z, const Part<W>& y) {
  return {z.im + y.im, y.re - z.re};
}

template <int W>
HYENADNA_INLINE Part<W> product(const Part<W>& a, const Part<W>& b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

template <int W>
HYENADNA_INLINE void separate_pairs(const Plan& plan, const Complex* x, Complex* into,
                                    Range range) {
  const float scale = 0.25f / float(plan.n);  // two halves, here and in multiply
  into += range.from * 2;
  for (int64_t i = range.from; i < range.to; ++i, into += 2) {
    const auto [first, second] = plan.pairs[i];
    for (int part = 0; part < LANES / W; ++part) {
      const auto z = part_of<W>(x[first], part), y = part_of<W>(x[second], part);
      put(scaled(of_real(z, y), scale), part, into[0]);
      put(scaled(of_imaginary(z, y), scale), part, into[1]);
    }
  }
}

void separate(const Plan& plan, const Complex* x, Complex* into, Range range) {
  on_processor([&](auto width)
                   HYENADNA_COMPILED { separate_pairs<width.value>(plan, x, into, range); });
}

template <int W>
HYENADNA_INLINE void multiply_pairs(const Plan& plan, Complex* x, const Complex* k, Range range) {
  k += range.from * 2;
  for (int64_t i = range.from; i < range.to; ++i, k += 2) {
    const auto [first, second] = plan.pairs[i];
    for (int part = 0; part < LANES / W; ++part) {
      const auto z = part_of<W>(x[first], part), y = part_of<W>(x[second], part);
      const auto u = product(of_real(z, y), part_of<W>(k[0], part));
      const auto v = product(of_imaginary(z, y), part_of<W>(k[1], part));
      put(Part<W>{u.re + v.im, v.re - u.im}, part, x[second]);
      put(Part<W>{u.re - v.im, u.im + v.re}, part, x[first]);
    }
  }
}

void multiply(const Plan& plan, Complex* x, const Complex* k, Range range) {
  on_processor([&](auto width)
                   HYENADNA_COMPILED { multiply_pairs<width.value>(plan, x, k, range); });
}

// The radices of a size, without the first 4.
std::vector<int> radices(int64_t n) {
  std::vector<int> found;
  for (int p : {5, 3}) {
    for (; n % p == 0; n /= p) found.push_back(p);
  }
  int twos = 0;
  for (; n % 2 == 0; n /= 2) ++twos;
  if (n != 1) throw std::invalid_argument("no transform of this size");
  // 8 at a time; what is left over as 4s rather than 2s
  int fours = twos % 3 == 2 ? 1 : twos % 3 == 1 && twos >= 4 ? 2 : 0;
  const int single = twos % 3 == 1 && twos < 4;
  for (int i = 0; i < (twos - 2 * fours - single) / 3; ++i) found.push_back(8);
  for (; fours > 0; --fours) found.push_back(4);
  if (single) found.push_back(2);
  return found;
}

}  // namespace

Plan::Plan(int64_t n) : n(n) {
  if (n < 4 || n % 4 != 0 || n > INT32_MAX)
    throw std::invalid_argument("no transform of this size");
  auto rest = radices(n / 4);
  rest.insert(rest.begin(), 4);
  int64_t size = n;
  for (const int radix : rest) {
    Level level = {size, radix, {}};
    for (int64_t j = 0; j < size / radix; ++j) {
      for (int p = 1; p < radix; ++p) {
        const double angle = -2.0 * M_PI * double(j * p % size) / double(size);
        level.twiddles.push_back(float(std::cos(angle)));
        level.twiddles.push_back(float(std::sin(angle)));
      }
    }
    levels.push_back(std::move(level));
    size /= radix;
  }
  // the frequency at each position: its digits, in the radices of the levels, the other way round
  std::vector<int32_t> frequency = {0};
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    std::vector<int32_t> larger;
    larger.reserve(frequency.size() * level->radix);
    for (int p = 0; p < level->radix; ++p) {
      for (const int32_t k : frequency) larger.push_back(int32_t(k * level->radix + p));
    }
    frequency = std::move(larger);
  }
  std::vector<int32_t> position(n);
  for (int64_t i = 0; i < n; ++i) position[frequency[i]] = int32_t(i);
  for (int64_t i = 0; i < n; ++i) {
    const int32_t other = position[(n - frequency[i]) % n];
    if (i <= other) pairs.push_back({int32_t(i), other});
  }
}

void spectrum(const Plan& plan, Vector* taps, int64_t count, Complex* work, Share share) {
  auto* rows = reinterpret_cast<Complex*>(taps);
  forward(plan, rows, count, work, share);
  in_parts(share, plan.pairs.size(), [&](Range range) { separate(plan, work, rows, range); });
}

void convolve(const Plan& plan, Complex* rows, int64_t count, const Vector* spectrum, Complex* work,
              Share share) {
  forward(plan, rows, count, work, share);
  const auto* k = reinterpret_cast<const Complex*>(spectrum);
  in_parts(share, plan.pairs.size(), [&](Range range) { multiply(plan, work, k, range); });
  backward(plan, work, count, rows, share);
}

}  // namespace hyenadna

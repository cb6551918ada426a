#include "fft.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace hyenadna {

namespace {

// Points that stay in a core's second-level cache (128 bytes each).
constexpr int64_t IN_CACHE = 4096;

HYENADNA_INLINE Complex operator+(const Complex& a, const Complex& b) {
  return {a.re + b.re, a.im + b.im};
}
HYENADNA_INLINE Complex operator-(const Complex& a, const Complex& b) {
  return {a.re - b.re, a.im - b.im};
}
HYENADNA_INLINE Complex scaled(const Complex& a, float by) { return {a.re * by, a.im * by}; }
// −i·a
HYENADNA_INLINE Complex turned(const Complex& a) { return {a.im, -a.re}; }
HYENADNA_INLINE Complex rotated(const Complex& a, const float* w) {
  return {a.re * w[0] - a.im * w[1], a.re * w[1] + a.im * w[0]};
}

// Discrete Fourier transforms of 2, 3, 4, 5 and 8 values in place.
template <int R>
HYENADNA_INLINE void dft(Complex* a);

template <>
HYENADNA_INLINE void dft<2>(Complex* a) {
  const Complex sum = a[0] + a[1];
  a[1] = a[0] - a[1];
  a[0] = sum;
}

template <>
HYENADNA_INLINE void dft<3>(Complex* a) {
  constexpr float SIN = 0.866025403784438647f;
  const Complex sum = a[1] + a[2], difference = turned(scaled(a[1] - a[2], SIN));
  const Complex middle = a[0] - scaled(sum, 0.5f);
  a[0] = a[0] + sum;
  a[1] = middle + difference;
  a[2] = middle - difference;
}

template <>
HYENADNA_INLINE void dft<4>(Complex* a) {
  const Complex s = a[0] + a[2], d = a[0] - a[2], t = a[1] + a[3], e = turned(a[1] - a[3]);
  a[0] = s + t;
  a[1] = d + e;
  a[2] = s - t;
  a[3] = d - e;
}

template <>
HYENADNA_INLINE void dft<5>(Complex* a) {
  constexpr float C1 = 0.309016994374947424f, C2 = -0.809016994374947424f;
  constexpr float S1 = 0.951056516295153572f, S2 = 0.587785252292473129f;
  const Complex s = a[1] + a[4], t = a[2] + a[3], d = a[1] - a[4], e = a[2] - a[3];
  const Complex p = a[0] + scaled(s, C1) + scaled(t, C2), q = a[0] + scaled(s, C2) + scaled(t, C1);
  const Complex u = turned(scaled(d, S1) + scaled(e, S2)),
                v = turned(scaled(d, S2) - scaled(e, S1));
  a[0] = a[0] + s + t;
  a[1] = p + u;
  a[2] = q + v;
  a[3] = q - v;
  a[4] = p - u;
}

template <>
HYENADNA_INLINE void dft<8>(Complex* a) {
  constexpr float H = 0.707106781186547524f;
  Complex even[4] = {a[0], a[2], a[4], a[6]}, odd[4] = {a[1], a[3], a[5], a[7]};
  dft<4>(even);
  dft<4>(odd);
  const Complex t1 = odd[1], t3 = odd[3];
  odd[1] = scaled(t1 + turned(t1), H);  // · e^(−πi/4)
  odd[2] = turned(odd[2]);
  odd[3] = scaled(turned(t3) - t3, H);  // · e^(−3πi/4)
  for (int i = 0; i < 4; ++i) {
    a[i] = even[i] + odd[i];
    a[i + 4] = even[i] - odd[i];
  }
}

// One level of one block forwards: transform, then turn.
template <int R>
HYENADNA_INLINE void down(Complex* x, int64_t size, const float* w) {
  const int64_t q = size / R;
  for (int64_t j = 0; j < q; ++j, w += 2 * (R - 1)) {
    Complex a[R];
    for (int p = 0; p < R; ++p) a[p] = x[j + p * q];
    dft<R>(a);
    x[j] = a[0];
    for (int p = 1; p < R; ++p) x[j + p * q] = rotated(a[p], w + 2 * (p - 1));
  }
}

// And back: turn, then transform. Real and imaginary part are swapped on the way in and out, which
// makes the inverse of a transform out of the transform.
template <int R>
HYENADNA_INLINE void up(Complex* x, int64_t size, const float* w) {
  const int64_t q = size / R;
  for (int64_t j = 0; j < q; ++j, w += 2 * (R - 1)) {
    Complex a[R];
    for (int p = 0; p < R; ++p) {
      const Complex z = x[j + p * q];
      a[p] = {z.im, z.re};
      if (p > 0) a[p] = rotated(a[p], w + 2 * (p - 1));
    }
    dft<R>(a);
    for (int p = 0; p < R; ++p) x[j + p * q] = {a[p].im, a[p].re};
  }
}

#define EACH_RADIX(PASS)                      \
  switch (level.radix) {                      \
    case 2: PASS<2>(x, level.size, w); break; \
    case 3: PASS<3>(x, level.size, w); break; \
    case 4: PASS<4>(x, level.size, w); break; \
    case 5: PASS<5>(x, level.size, w); break; \
    default: PASS<8>(x, level.size, w);       \
  }

HYENADNA_CLONES void down_level(const Plan::Level& level, Complex* x, int64_t blocks) {
  const float* w = level.twiddles.data();
  for (int64_t i = 0; i < blocks; ++i, x += level.size) EACH_RADIX(down)
}

HYENADNA_CLONES void up_level(const Plan::Level& level, Complex* x, int64_t blocks) {
  const float* w = level.twiddles.data();
  for (int64_t i = 0; i < blocks; ++i, x += level.size) EACH_RADIX(up)
}

#undef EACH_RADIX

// The first level, of radix 4, which takes the rows and the zeros behind them: of the four inputs
// of a butterfly the last two are zero.
HYENADNA_CLONES void first_level(const Plan::Level& level, const Complex* rows, int64_t count,
                                 Complex* x) {
  const int64_t q = level.size / 4;
  const float* w = level.twiddles.data();
  const Complex zero = {};
  for (int64_t j = 0; j < q; ++j, w += 6) {
    const Complex a = j < count ? rows[j] : zero, b = j + q < count ? rows[j + q] : zero;
    const Complex c = turned(b);
    x[j] = a + b;
    x[j + q] = rotated(a + c, w);
    x[j + 2 * q] = rotated(a - b, w + 2);
    x[j + 3 * q] = rotated(a - c, w + 4);
  }
}

// The last one on the way back, of which only the first `count` rows are wanted.
HYENADNA_CLONES void last_level(const Plan::Level& level, const Complex* x, int64_t count,
                                Complex* rows) {
  const int64_t q = level.size / 4;
  const float* w = level.twiddles.data();
  for (int64_t j = 0; j < std::min(q, count); ++j, w += 6) {
    Complex a[4];
    for (int p = 0; p < 4; ++p) {
      const Complex z = x[j + p * q];
      a[p] = {z.im, z.re};
      if (p > 0) a[p] = rotated(a[p], w + 2 * (p - 1));
    }
    const Complex s = a[0] + a[2], d = a[0] - a[2], t = a[1] + a[3], e = turned(a[1] - a[3]);
    const Complex first = s + t, second = d + e;
    rows[j] = {first.im, first.re};
    if (j + q < count) rows[j + q] = {second.im, second.re};
  }
}

// All levels from `i` on, of one block of level i: depth first where a block is larger than the
// cache, so that each part stays in it until it is done.
void descend(const Plan& plan, size_t i, Complex* x, int64_t points) {
  if (i == plan.levels.size()) return;
  const auto& level = plan.levels[i];
  down_level(level, x, points / level.size);
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
  up_level(level, x, points / level.size);
}

void forward(const Plan& plan, const Complex* rows, int64_t count, Complex* x) {
  if (count > plan.n / 2) {
    std::copy(rows, rows + count, x);
    std::fill(x + count, x + plan.n, Complex{});
    return descend(plan, 0, x, plan.n);
  }
  first_level(plan.levels[0], rows, count, x);
  const int64_t part = plan.n / 4;
  for (int p = 0; p < 4; ++p) descend(plan, 1, x + p * part, part);
}

void backward(const Plan& plan, Complex* x, int64_t count, Complex* rows) {
  const int64_t part = plan.n / 4;
  for (int p = 0; p < 4; ++p) ascend(plan, 1, x + p * part, part);
  last_level(plan.levels[0], x, count, rows);
}

// Twice the spectra of the two halves of the channels at the frequency of `z`, where `y` is at the
// opposite frequency: of the real part of what was transformed, and of its imaginary part.
HYENADNA_INLINE Complex of_real(const Complex& z, const Complex& y) {
  return {z.re + y.re, z.im - y.im};
}
HYENADNA_INLINE Complex of_imaginary(const Complex& z, const Complex& y) {
  return {z.im + y.im, y.re - z.re};
}

HYENADNA_CLONES void separate(const Plan& plan, const Complex* x, Vector* into) {
  const float scale = 0.25f / float(plan.n);  // two halves, here and in multiply
  for (const auto [first, second] : plan.pairs) {
    const Complex a = scaled(of_real(x[first], x[second]), scale);
    const Complex b = scaled(of_imaginary(x[first], x[second]), scale);
    into[0] = a.re;
    into[1] = a.im;
    into[2] = b.re;
    into[3] = b.im;
    into += 4;
  }
}

HYENADNA_CLONES void multiply(const Plan& plan, Complex* x, const Vector* k) {
  for (const auto [first, second] : plan.pairs) {
    const Complex a = of_real(x[first], x[second]), b = of_imaginary(x[first], x[second]);
    const Complex u = {a.re * k[0] - a.im * k[1], a.re * k[1] + a.im * k[0]};
    const Complex v = {b.re * k[2] - b.im * k[3], b.re * k[3] + b.im * k[2]};
    x[second] = {u.re + v.im, v.re - u.im};
    x[first] = {u.re - v.im, u.im + v.re};
    k += 4;
  }
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

void spectrum(const Plan& plan, Vector* taps, int64_t count, Complex* work) {
  forward(plan, reinterpret_cast<const Complex*>(taps), count, work);
  separate(plan, work, taps);
}

void convolve(const Plan& plan, Complex* rows, int64_t count, const Vector* spectrum,
              Complex* work) {
  forward(plan, rows, count, work);
  multiply(plan, work, spectrum);
  backward(plan, work, count, rows);
}

}  // namespace hyenadna

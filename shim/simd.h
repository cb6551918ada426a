// Element types and loops that the compiler turns into vector instructions.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

// What `on_processor` calls must become part of its versions, or it is compiled for the oldest
// processor.
#define HYENADNA_INLINE inline __attribute__((always_inline))

namespace hyenadna {

#if defined(__x86_64__)
// The x86-64-v… that the processor is, from 3 on. GCC 11 does not know these names.
inline int processor_version() {
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                  __builtin_cpu_supports("f16c") && __builtin_cpu_supports("lzcnt") &&
                  __builtin_cpu_supports("movbe");
  const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  return v3 ? (v4 ? 4 : 3) : 1;
}
#endif

// Calls `body` with the number of floats in a register, a constant: compiled for the processors
// below, of which the best that is present runs. GCC keeps vectors that are wider than a register
// in memory.
//
//   on_processor([&](auto width) HYENADNA_COMPILED { add_row<width.value>(added, count, x); });
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(HYENADNA_ONE_PROCESSOR)
#define HYENADNA_COMPILED __attribute__((always_inline))
template <typename Body>
__attribute__((target("arch=x86-64-v4"))) void on_v4(const Body& body) {
  body(std::integral_constant<int, 16>{});
}
template <typename Body>
__attribute__((target("arch=x86-64-v3"))) void on_v3(const Body& body) {
  body(std::integral_constant<int, 8>{});
}
template <typename Body>
void on_processor(const Body& body) {
  static const int version = processor_version();
  if (version == 4) return on_v4(body);
  if (version == 3) return on_v3(body);
  body(std::integral_constant<int, 4>{});
}
#else
#define HYENADNA_COMPILED
template <typename Body>
void on_processor(const Body& body) {
  body(std::integral_constant<int, 4>{});
}
#endif

HYENADNA_INLINE float bits_to_float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

HYENADNA_INLINE uint32_t float_to_bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

constexpr int64_t LANES = 16;  // numbers that are worked on together: the widest register

// N numbers.
template <int N, typename T>
struct LanesOf {
  typedef T Type __attribute__((vector_size(N * sizeof(T))));
};
template <int N, typename T = float>
using Lanes = typename LanesOf<N, T>::Type;

typedef Lanes<LANES> Vector;

template <typename To, typename From>
HYENADNA_INLINE To same_bits(const From& from) {
  static_assert(sizeof(To) == sizeof(From), "not the same number of bits");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

template <int N>
HYENADNA_INLINE Lanes<N> read(const float* from) {
  Lanes<N> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <int N>
HYENADNA_INLINE Lanes<N> read(const c10::BFloat16* from) {
  Lanes<N, uint16_t> halves;
  std::memcpy(&halves, from, sizeof halves);
  return same_bits<Lanes<N>>(__builtin_convertvector(halves, Lanes<N, uint32_t>) << 16);
}

template <typename V>
HYENADNA_INLINE void write(const V& v, float* to) {
  std::memcpy(to, &v, sizeof v);
}
// Rounds to the nearest, ties to even; what is no number stays none.
template <typename V>
HYENADNA_INLINE void write(const V& v, c10::BFloat16* to) {
  constexpr int N = sizeof(V) / sizeof(float);
  typedef Lanes<N, uint32_t> Words;
  const auto bits = same_bits<Words>(v);
  const Words rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const Words kept = v == v ? rounded : Words{} + 0x7fc0u;
  const auto halves = __builtin_convertvector(kept, Lanes<N, uint16_t>);
  std::memcpy(to, &halves, sizeof halves);
}

HYENADNA_INLINE float widen(float value) { return value; }
HYENADNA_INLINE float widen(c10::BFloat16 value) { return bits_to_float(uint32_t(value.x) << 16); }

HYENADNA_INLINE void narrow(float value, float& to) { to = value; }
// Rounds to the nearest, ties to even; what is no number stays none.
HYENADNA_INLINE void narrow(float value, c10::BFloat16& to) {
  const uint32_t bits = float_to_bits(value);
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  to.x = value == value ? uint16_t(rounded) : uint16_t(0x7fc0);
}

// eˣ for −87 ≤ x ≤ 88, to 2 units in the last place: 2ⁿ times a polynomial (Cephes' expf).
HYENADNA_INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shifted = x * 1.44269504f + 12582912.0f;  // 1.5·2²³ rounds to the nearest integer
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const uint32_t power = uint32_t(int32_t(n) + 127) << 23;
  return p * bits_to_float(power);
}

}  // namespace hyenadna

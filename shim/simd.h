// Element types and loops that the compiler turns into vector instructions.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstring>

// A function compiled for several processors, of which the best that is present runs.
#ifndef HYENADNA_CLONES
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define HYENADNA_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define HYENADNA_CLONES
#endif
#endif

// What those functions call must become part of them, or it is compiled for the oldest processor.
#define HYENADNA_INLINE inline __attribute__((always_inline))

namespace hyenadna {

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

constexpr int64_t LANES = 16;  // numbers that are worked on together: a vector register

typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));
typedef uint32_t Words __attribute__((vector_size(LANES * sizeof(uint32_t))));
typedef uint16_t Halves __attribute__((vector_size(LANES * sizeof(uint16_t))));

template <typename To, typename From>
HYENADNA_INLINE To same_bits(const From& from) {
  static_assert(sizeof(To) == sizeof(From), "not the same number of bits");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

HYENADNA_INLINE Vector read(const float* from) {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
HYENADNA_INLINE Vector read(const c10::BFloat16* from) {
  Halves halves;
  std::memcpy(&halves, from, sizeof halves);
  return same_bits<Vector>(__builtin_convertvector(halves, Words) << 16);
}

HYENADNA_INLINE void write(const Vector& v, float* to) { std::memcpy(to, &v, sizeof v); }
// Rounds to the nearest, ties to even; what is no number stays none.
HYENADNA_INLINE void write(const Vector& v, c10::BFloat16* to) {
  const Words bits = same_bits<Words>(v);
  const Words rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const auto halves = __builtin_convertvector(v == v ? rounded : Words{} + 0x7fc0u, Halves);
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

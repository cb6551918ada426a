// Fourier transforms of 32 real channels at once, for long convolutions on a CPU.
//
// A panel holds 32 channels side by side, position after position: what the matrix products read
// and write, so nothing is ever transposed, and every instruction works on as many channels as a
// register holds. The first 16 are the real and the others the imaginary part of one complex
// transform.
#pragma once

#include <cstdint>
#include <vector>

#include "simd.h"

namespace hyenadna {

constexpr int64_t PANEL = 2 * LANES;  // channels of a panel

// One position of a panel.
struct Complex {
  Vector re, im;
};

// What a transform of one size needs to know. Sizes are 4·2^a·3^b·5^c.
//
// Frequencies come out in the order in which decimation leaves them, and the way back takes them in
// that order: sorting them would be one more pass.
class Plan {
 public:
  explicit Plan(int64_t n);

  // Positions of the frequencies k and n − k.
  struct Pair {
    int32_t first, second;
  };

  // One level: blocks of `size` points are cut into `radix` parts.
  struct Level {
    int64_t size;
    int radix;
    std::vector<float> twiddles;  // for j < size/radix and 0 < p < radix: e^(−2πi·j·p/size)
  };

  int64_t n;
  std::vector<Level> levels;
  std::vector<Pair> pairs;  // n/2 + 1 of them, each frequency in one
};

// Calls `part` with `context` and each of 0 … count − 1, on threads that share the work, and
// returns when all are done.
typedef void (*Share)(int64_t count, void (*part)(const void* context, int64_t i),
                      const void* context);

// Replaces a panel of taps (`count` ≤ n rows of two vectors) by its spectrum, for convolve: for
// each pair the real and imaginary parts of both halves of the channels, n/2 + 1 times 4 vectors.
// `work` holds n points. The numbers do not depend on `share`, which is null for one thread.
void spectrum(const Plan& plan, Vector* taps, int64_t count, Complex* work, Share share);

// Convolves a panel of `count` ≤ n/2 rows in place with the taps that `spectrum` was made of. The
// convolution is cyclic if there are more than n/2 taps.
void convolve(const Plan& plan, Complex* rows, int64_t count, const Vector* spectrum, Complex* work,
              Share share);

}  // namespace hyenadna

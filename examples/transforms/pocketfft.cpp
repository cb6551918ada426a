// Real transforms by pocketfft, whose header is not part of this repository; pocketfft.rs compiles
// this file and loads it.
#define POCKETFFT_CACHE_SIZE 16  // plans that are kept
#define POCKETFFT_NO_MULTITHREADING
#include <pocketfft_hdronly.h>

#include <complex>
#include <cstddef>

#define EXPORT extern "C" __attribute__((visibility("default")))

// `row` holds n points, `spectrum` n/2 + 1 frequencies.
EXPORT void transforms_forward(std::size_t n, const float* row, std::complex<float>* spectrum) {
  pocketfft::r2c({n}, {sizeof *row}, {sizeof *spectrum}, 0, pocketfft::FORWARD, row, spectrum,
                 1.0f);
}

EXPORT void transforms_backward(std::size_t n, const std::complex<float>* spectrum, float* row) {
  pocketfft::c2r({n}, {sizeof *spectrum}, {sizeof *row}, 0, pocketfft::BACKWARD, spectrum, row,
                 1.0f);
}

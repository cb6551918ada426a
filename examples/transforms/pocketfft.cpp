// Real transforms of some channels at once by pocketfft, whose header is not part of this
// repository; pocketfft.rs compiles this file and loads it.
#define POCKETFFT_CACHE_SIZE 16  // plans that are kept
#define POCKETFFT_NO_MULTITHREADING
#include <pocketfft_hdronly.h>

#include <complex>
#include <cstddef>

namespace {

pocketfft::stride_t strides(std::size_t row, std::size_t element) {
  return {std::ptrdiff_t(row * element), std::ptrdiff_t(element)};
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

// `rows` holds `channels` times n points, `spectra` as many times n/2 + 1 frequencies.
EXPORT void transforms_forward(std::size_t channels, std::size_t n, const float* rows,
                               std::complex<float>* spectra) {
  pocketfft::r2c({channels, n}, strides(n, sizeof *rows), strides(n / 2 + 1, sizeof *spectra), 1,
                 pocketfft::FORWARD, rows, spectra, 1.0f);
}

EXPORT void transforms_backward(std::size_t channels, std::size_t n,
                                const std::complex<float>* spectra, float* rows) {
  pocketfft::c2r({channels, n}, strides(n / 2 + 1, sizeof *spectra), strides(n, sizeof *rows), 1,
                 pocketfft::BACKWARD, spectra, rows, 1.0f);
}

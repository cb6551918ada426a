#include "../../shim/fft.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "checks.h"

using namespace hyenadna;

namespace {

// Shares no work: the last parts come first.
void backwards(int64_t count, void (*part)(const void* context, int64_t i), const void* context) {
  for (int64_t i = count - 1; i >= 0; --i) part(context, i);
}

// Convolves `count` rows with `taps` taps, and compares some rows with sums in f64.
void check_convolution(const Plan& plan, int64_t count, int64_t taps, Share share) {
  const int64_t n = plan.n;
  Exact<float> filter((n / 2 + 1) * 2 * PANEL), rows(count * PANEL), work(n * PANEL);
  fill(filter, 1), fill(rows, 2);
  std::vector<float> k(filter.data(), filter.data() + taps * PANEL);
  std::vector<float> x(rows.data(), rows.data() + rows.size());
  auto* points = reinterpret_cast<Complex*>(work.data());
  spectrum(plan, reinterpret_cast<Vector*>(filter.data()), taps, points, share);
  convolve(plan, reinterpret_cast<Complex*>(rows.data()), count,
           reinterpret_cast<const Vector*>(filter.data()), points, share);
  for (const int64_t i : {int64_t(0), count / 2, count - 1}) {
    for (const int64_t c : {0, 15, 16, 31}) {
      double want = 0;
      for (int64_t j = 0; j < count; ++j) {
        const int64_t tap = (i - j + n) % n;
        if (tap < taps) want += double(x[j * PANEL + c]) * double(k[tap * PANEL + c]);
      }
      const double error = std::abs(double(rows[i * PANEL + c]) - want);
      EXPECT(error < 1e-5 * std::sqrt(double(n)), "n = %ld, row %ld of %ld, %ld taps: %g", long(n),
             long(i), long(count), long(taps), error);
    }
  }
}

}  // namespace

void check_transforms() {
  // all radices, and blocks that are cut depth first
  for (const int64_t n :
       {4, 8, 12, 16, 20, 24, 32, 36, 40, 60, 64, 100, 128, 256, 480, 8192, 16384}) {
    const Plan plan(n);
    std::vector<int64_t> counts = {1, n / 4 - 1, n / 4, n / 4 + 1, n / 2 - 1, n / 2};
    for (const int64_t count : counts) {
      if (count < 1) continue;
      for (const int64_t taps : {int64_t(1), n / 2, n / 2 + 1, n})
        for (const Share share : {Share(nullptr), Share(backwards)})
          check_convolution(plan, count, taps, share);
    }
  }
  for (const int64_t n : {-4, 0, 2, 6, 28, 44}) {
    bool refused = false;
    try {
      Plan{n};
    } catch (const std::invalid_argument&) {
      refused = true;
    }
    EXPECT(refused, "n = %ld", long(n));
  }
}

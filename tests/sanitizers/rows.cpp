#include "../../shim/rows.h"

#include <algorithm>
#include <cmath>

#include "checks.h"

using namespace hyenadna;

namespace {

constexpr int64_t WIDTHS[] = {1, 2, 15, 16, 17, 31, 32, 33, 40, 48, 63, 64, 65, 100};

template <typename T>
void check_norms(int64_t width) {
  constexpr int64_t ROWS = 3;
  Exact<float> weight(width), bias(width), x(ROWS * width);
  Exact<T> added(ROWS * width), into(ROWS * width);
  fill(weight, 1), fill(bias, 2), fill(x, 3), fill(added, 4);
  const Norm norm = {weight.data(), bias.data(), 1e-5f, width};
  for (int64_t i = 0; i < ROWS; ++i) {
    normalize(norm, x.data() + i * width, into.data() + i * width);
  }
  add_normalize(norm, added.data(), ROWS, x.data(), into.data());
  add(added.data(), ROWS * width, x.data());
  for (int64_t i = 0; i < ROWS * width; ++i) {
    EXPECT(std::isfinite(float(into[i])), "width %ld", long(width));
  }
}

template <typename T>
void check_gates(int64_t width, int64_t taps, int64_t rows) {
  const int64_t panels = (width + PANEL - 1) / PANEL, before = 2, after = 1;
  const int64_t all = before + rows + after;
  Exact<float> weight(taps * 3 * width), bias(3 * width), values(panels * all * PANEL);
  Exact<T> gates((taps - 1 + rows) * width), u((taps - 1 + rows) * 2 * width), into(rows * width);
  fill(weight, 1), fill(bias, 2), fill(u, 3), fill(gates, 4);
  const ShortFilter filter = {weight.data(), bias.data(), taps, width};
  const Panels place = {values.data(), all * PANEL};
  for (int64_t missing = 0; missing < taps; ++missing) {
    gate_input(filter, Projections<T>{u.data(), 2 * width, missing}, before, rows, place);
    gate_output(filter, Projections<T>{gates.data(), width, missing}, place, before, rows,
                into.data());
  }
  for (int64_t panel = 0; panel < panels; ++panel) {
    for (int64_t row : {int64_t(0), int64_t(1), all - 1}) {
      for (int64_t c = 0; c < PANEL; ++c) {
        EXPECT(values[(panel * all + row) * PANEL + c] == 0.0f, "row %ld is another's", long(row));
      }
    }
  }
  // the last row by itself: of all taps the first is of the oldest position
  const int64_t last = rows - 1;
  for (int64_t c = 0; c < width; ++c) {
    double x[3];
    for (int64_t part = 0; part < 3; ++part) {
      const int64_t channel = part * width + c;
      x[part] = bias[channel];
      for (int64_t j = 0; j < taps; ++j) {
        if (last + j < taps - 1) continue;  // the last call had none of the rows before
        const int64_t row = last + j;
        const T value = part == 0 ? gates[row * width + c] : u[row * 2 * width + channel - width];
        x[part] += double(weight[j * 3 * width + channel]) * double(value);
      }
    }
    const float got = values[(c / PANEL * all + before + last) * PANEL + c % PANEL];
    EXPECT(std::abs(got - x[1] * x[2]) < 1e-4, "width %ld, %ld taps", long(width), long(taps));
    const double want = x[0] * x[1] * x[2], rounding = std::is_same_v<T, float> ? 1e-4 : 5e-3;
    EXPECT(std::abs(double(into[last * width + c]) - want) < rounding * (1 + std::abs(want)),
           "width %ld, %ld taps", long(width), long(taps));
  }
}

}  // namespace

void check_rows() {
  for (const int64_t width : WIDTHS) {
    check_norms<float>(width);
    check_norms<c10::BFloat16>(width);
    for (const int64_t taps : {1, 2, 3, 4, 15, 16}) {
      for (const int64_t rows : {1, 2, 5, 17}) {
        check_gates<float>(width, taps, rows);
        check_gates<c10::BFloat16>(width, taps, rows);
      }
    }
  }
  for (int64_t count = 0; count < 6; ++count) {
    Exact<float> values(count * PANEL), taps(count * PANEL), into(PANEL);
    fill(values, 1), fill(taps, 2);
    add_products(values.data(), taps.data(), count, into.data());
  }
  for (int64_t count = 1; count < 36; ++count) {
    Exact<float> x(count);
    fill(x, 1);
    log_softmax(x.data(), count);
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += std::exp(double(x[i]));
    EXPECT(std::abs(sum - 1) < 1e-5, "%ld numbers", long(count));
  }
}

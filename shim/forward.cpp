// The forward pass of a network on a CPU, for one thread at a time: whoever calls decides which
// rows and which panels a thread works on, and owns the memory that lives through a layer.
//
// Between the projections of a layer only two numbers a channel and position are kept: the residual
// stream, and the gated input of the long convolution, which its result replaces. The second gate
// is projected after the convolution. Everything wider lives as long as its rows are worked on.

#include <ATen/ops/empty.h>

#include <algorithm>
#include <vector>

#include "checks.h"
#include "fft.h"
#include "gelu.h"
#include "guard.h"
#include "packed.h"
#include "rows.h"

namespace hyenadna {

namespace {

// Rows of one sequence that are projected together.
struct Unit {
  int64_t row;    // the first
  int64_t count;  // how many follow each other
};

// Units that follow each other, and the rows before each, oldest first: one less than the short
// filter has taps, −1 where there is none.
struct Units {
  const Unit* units;
  int64_t count;
  const int64_t* before;
};

// Rows (rows, width) that are written to next, and the few after them that make a round number,
// which are zero.
template <typename T>
at::Tensor rows_for_products(int64_t rows, int64_t width, at::ScalarType type) {
  const int64_t rounded = Packed::rounded(rows);
  auto made = at::empty({rounded, width}, type);
  T* values = made.data_ptr<T>();
  std::fill(values + rows * width, values + rounded * width, T(0.0f));
  return made;
}

std::vector<float> floats(const at::Tensor& t) {
  const auto flat = t.to(at::kFloat).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

struct OwnedNorm {
  std::vector<float> weight, bias;
  float epsilon;

  OwnedNorm(const at::Tensor& w, const at::Tensor& b, double epsilon)
      : weight(floats(w)), bias(floats(b)), epsilon(float(epsilon)) {}

  Norm view() const { return {weight.data(), bias.data(), epsilon, int64_t(weight.size())}; }
};

// Fails unless the weights of a block fit each other; see hyenadna_block_new.
const at::Tensor* const* checked(const at::Tensor* const* t) {
  check_shape("norm1.weight", *t[0], {-1});
  const int64_t width = t[0]->size(0);
  TORCH_CHECK(width >= 1, "a block of no channels");
  check_shape("norm1.bias", *t[1], {width});
  check_shape("norm2.weight", *t[2], {width});
  check_shape("norm2.bias", *t[3], {width});
  check_shape("in_proj.weight", *t[4], {3 * width, width});
  check_shape("in_proj.bias", *t[5], {3 * width});
  check_shape("out_proj.weight", *t[6], {width, width});
  check_shape("out_proj.bias", *t[7], {width});
  check_shape("fc1.weight", *t[8], {-1, width});
  const int64_t inner = t[8]->size(0);
  check_shape("fc1.bias", *t[9], {inner});
  check_shape("fc2.weight", *t[10], {width, inner});
  check_shape("fc2.bias", *t[11], {width});
  check_shape("short_filter.weight", *t[12], {3 * width, 1, -1});
  check_shape("short_filter.bias", *t[13], {3 * width});
  const int64_t taps = t[12]->size(2);
  TORCH_CHECK(taps >= 1 && taps <= MOST_TAPS, "a short filter of ", taps, " taps");
  return t;
}

// The weights of one block, as the kernels want them.
class Block {
 public:
  Block(const at::Tensor* const* t, double epsilon, at::ScalarType type)
      : norm1_(*checked(t)[0], *t[1], epsilon),
        norm2_(*t[2], *t[3], epsilon),
        gate_(t[4]->narrow(0, 0, t[0]->size(0)), t[5]->narrow(0, 0, t[0]->size(0)), type),
        in_(t[4]->narrow(0, t[0]->size(0), 2 * t[0]->size(0)),
            t[5]->narrow(0, t[0]->size(0), 2 * t[0]->size(0)), type),
        out_(*t[6], *t[7], type),
        fc1_(*t[8], *t[9], type),
        fc2_(*t[10], *t[11], type),
        short_weight_(floats(t[12]->squeeze(1).t())),
        short_bias_(floats(*t[13])),
        taps_(t[12]->size(2)),
        type_(type) {}

  void project(const float* x, const Units& units, float* borders, const Panels& panels) const {
    type_ == at::kFloat ? project_as<float>(x, units, borders, panels)
                        : project_as<c10::BFloat16>(x, units, borders, panels);
  }

  void finish(const Panels& panels, const float* borders, const Units& units, float* x) const {
    type_ == at::kFloat ? finish_as<float>(panels, borders, units, x)
                        : finish_as<c10::BFloat16>(panels, borders, units, x);
  }

  void remember(const float* x, int64_t rows, void* recent) const {
    type_ == at::kFloat ? remember_as<float>(x, rows, recent)
                        : remember_as<c10::BFloat16>(x, rows, recent);
  }

  void step(const float* x, int64_t rows, void* recent, const Panels& panels) const {
    type_ == at::kFloat ? step_as<float>(x, rows, recent, panels)
                        : step_as<c10::BFloat16>(x, rows, recent, panels);
  }

  void finish_step(const Panels& panels, const void* recent, int64_t rows, float* x) const {
    type_ == at::kFloat ? finish_step_as<float>(panels, recent, rows, x)
                        : finish_step_as<c10::BFloat16>(panels, recent, rows, x);
  }

 private:
  int64_t width() const { return int64_t(norm1_.weight.size()); }

  ShortFilter filter() const { return {short_weight_.data(), short_bias_.data(), taps_, width()}; }

  template <typename T>
  void project_as(const float* x, const Units& units, float* borders, const Panels& panels) const {
    const int64_t width = this->width();
    for (int64_t i = 0; i < units.count * (taps_ - 1); ++i) {
      std::copy_n(x + std::max<int64_t>(units.before[i], 0) * width, width, borders + i * width);
    }
    const auto u = in_.apply(normalized<T>(x, borders, units));
    each_unit<T>(units, u, 2 * width, [&](const Unit& unit, const Projections<T>& own) {
      gate_input(filter(), own, unit.row, unit.count, panels);
    });
  }

  template <typename T>
  void finish_as(const Panels& panels, const float* borders, const Units& units, float* x) const {
    const int64_t width = this->width();
    int64_t rows = 0;
    for (int64_t i = 0; i < units.count; ++i) rows += units.units[i].count;
    at::Tensor h = rows_for_products<T>(rows, width, type_);
    T* to = h.data_ptr<T>();
    const auto u = gate_.apply(normalized<T>(x, borders, units));
    each_unit<T>(units, u, width, [&](const Unit& unit, const Projections<T>& own) {
      gate_output(filter(), own, panels, unit.row, unit.count, to);
      to += unit.count * width;
    });
    finish_rows<T>(h, rows, x + units.units[0].row * width);
  }

  // The norm of the rows of each unit, behind those before it.
  template <typename T>
  at::Tensor normalized(const float* x, const float* borders, const Units& units) const {
    const int64_t width = this->width(), halo = taps_ - 1;
    int64_t rows = 0;
    for (int64_t i = 0; i < units.count; ++i) rows += halo + units.units[i].count;
    at::Tensor h = rows_for_products<T>(rows, width, type_);
    T* to = h.data_ptr<T>();
    for (int64_t i = 0; i < units.count; ++i, borders += halo * width) {
      to = normalize_rows(borders, halo, to);
      to = normalize_rows(x + units.units[i].row * width, units.units[i].count, to);
    }
    return h;
  }

  // Calls `body` with each unit and its rows of the projections `u` (rows, channels).
  template <typename T, typename Body>
  void each_unit(const Units& units, const at::Tensor& u, int64_t channels, Body body) const {
    const int64_t halo = taps_ - 1;
    const T* from = u.const_data_ptr<T>();
    for (int64_t i = 0; i < units.count; ++i) {
      const int64_t* before = units.before + i * halo;
      const auto missing =
          std::count_if(before, before + halo, [](int64_t row) { return row < 0; });
      body(units.units[i], Projections<T>{from, channels, missing});
      from += (halo + units.units[i].count) * channels;
    }
  }

  // The norm of `rows` rows of x. Returns the place after them.
  template <typename T>
  T* normalize_rows(const float* x, int64_t rows, T* to) const {
    const auto norm = norm1_.view();
    for (int64_t i = 0; i < rows; ++i, x += norm.width, to += norm.width) normalize(norm, x, to);
    return to;
  }

  // The projections of `rows` rows, x0, x1 and v, each to a row of `to`, which are `stride` apart.
  template <typename T>
  void project_rows(const float* x, int64_t rows, T* to, int64_t stride) const {
    const int64_t width = this->width();
    at::Tensor h = rows_for_products<T>(rows, width, type_);
    normalize_rows(x, rows, h.data_ptr<T>());
    const at::Tensor gate = gate_.apply(h), u = in_.apply(h);
    for (int64_t i = 0; i < rows; ++i, to += stride) {
      std::copy_n(gate.const_data_ptr<T>() + i * width, width, to);
      std::copy_n(u.const_data_ptr<T>() + i * 2 * width, 2 * width, to + width);
    }
  }

  template <typename T>
  void remember_as(const float* x, int64_t rows, void* recent) const {
    TORCH_CHECK(rows < taps_, rows, " rows before a short filter of ", taps_, " taps");
    const int64_t size = 3 * width();
    project_rows(x, rows, static_cast<T*>(recent) + (taps_ - rows) * size, size);
  }

  // The recent projections of a sequence, which has room for floats, whatever its numbers are.
  template <typename T>
  T* recent_of(const void* recent, int64_t number) const {
    const float* own = static_cast<const float*>(recent) + number * taps_ * 3 * width();
    return const_cast<T*>(reinterpret_cast<const T*>(own));
  }

  template <typename T>
  void step_as(const float* x, int64_t rows, void* recent, const Panels& panels) const {
    const int64_t width = this->width(), size = 3 * width;
    for (int64_t i = 0; i < rows; ++i) {
      T* own = recent_of<T>(recent, i);
      std::copy(own + size, own + taps_ * size, own);
    }
    T* last = recent_of<T>(recent, 0) + (taps_ - 1) * size;
    project_rows(x, rows, last, recent_of<T>(recent, 1) - recent_of<T>(recent, 0));
    for (int64_t i = 0; i < rows; ++i) {
      gate_input(filter(), Projections<T>{recent_of<T>(recent, i) + width, size, 0}, i, 1, panels);
    }
  }

  template <typename T>
  void finish_step_as(const Panels& panels, const void* recent, int64_t rows, float* x) const {
    const int64_t width = this->width();
    at::Tensor h = rows_for_products<T>(rows, width, type_);
    for (int64_t i = 0; i < rows; ++i) {
      gate_output(filter(), Projections<T>{recent_of<T>(recent, i), 3 * width, 0}, panels, i, 1,
                  h.data_ptr<T>() + i * width);
    }
    finish_rows<T>(h, rows, x);
  }

  // The rest of a block, from the gated output of the convolution `h` (rows, D) on.
  template <typename T>
  void finish_rows(at::Tensor& h, int64_t rows, float* x) const {
    const auto mixed = out_.apply(h);
    add_normalize(norm2_.view(), mixed.const_data_ptr<T>(), rows, x, h.data_ptr<T>());
    auto a = fc1_.apply(h);
    gelu(a.const_data_ptr<T>(), a.data_ptr<T>(), a.numel());
    const auto made = fc2_.apply(a);
    add(made.const_data_ptr<T>(), rows * width(), x);
  }

  OwnedNorm norm1_, norm2_;
  Packed gate_, in_, out_, fc1_, fc2_;            // gate_: x0 of in_proj; in_: x1 and v
  std::vector<float> short_weight_, short_bias_;  // (taps, 3D), (3D)
  int64_t taps_;
  at::ScalarType type_;
};

// The final norm and the head.
class Readout {
 public:
  Readout(const at::Tensor& weight, const at::Tensor& bias, double epsilon, const at::Tensor& head)
      : norm_(weight, bias, epsilon), head_(head, {}, at::kFloat) {
    check_shape("the head", head, {-1, -1});
    TORCH_CHECK(head.size(0) >= 1 && head.size(1) >= 1, "an empty head");
    check_shape("the weight of the final norm", weight, {head.size(1)});
    check_shape("the bias of the final norm", bias, {head.size(1)});
  }

  void normalize_rows(int64_t rows, float* x) const {
    const auto norm = norm_.view();
    for (int64_t i = 0; i < rows; ++i, x += norm.width) normalize(norm, x, x);
  }

  void predict(const float* x, int64_t rows, float* into) const {
    const auto width = int64_t(norm_.weight.size());
    auto input = rows_for_products<float>(rows, width, at::kFloat);
    std::copy_n(x, rows * width, input.data_ptr<float>());
    const auto logits = head_.apply(input);
    const int64_t vocabulary = logits.size(1);
    const float* from = logits.const_data_ptr<float>();
    std::copy(from, from + rows * vocabulary, into);
    for (int64_t i = 0; i < rows; ++i, into += vocabulary) log_softmax(into, vocabulary);
  }

 private:
  OwnedNorm norm_;
  Packed head_;
};

// Makes an object on the heap; null after an exception.
template <typename T, typename... Arguments>
T* made(const Arguments&... arguments) {
  T* object = nullptr;
  attempted([&] { object = new T(arguments...); });
  return object;
}

}  // namespace

}  // namespace hyenadna

using namespace hyenadna;

extern "C" {

// `tensors`: weight and bias of norm1, norm2, in_proj, out_proj, fc1, fc2 and short_filter.
Block* hyenadna_block_new(const at::Tensor* const* tensors, double epsilon, bool bf16) {
  return made<Block>(tensors, epsilon, bf16 ? at::kBFloat16 : at::kFloat);
}

void hyenadna_block_free(Block* block) { delete block; }

// The first half of a block up to the long convolution, for some units of rows of x (rows, D). For
// each unit `before` names the rows before it, oldest first, one less than the short filter has
// taps, or −1 where there is none. Writes the units' rows of `panels`, and to `borders` the rows
// before each unit (units, taps − 1, D).
bool hyenadna_block_project(const Block* block, const float* x, const Unit* units, int64_t count,
                            const int64_t* before, float* borders, float* panels, int64_t stride) {
  return attempted([&] { block->project(x, {units, count, before}, borders, {panels, stride}); });
}

// The rest of a block, from the long convolution on, for the same units of x. `borders` has the
// rows before each as they were; x may have been overwritten there.
bool hyenadna_block_finish(const Block* block, const float* panels, int64_t stride,
                           const float* borders, const Unit* units, int64_t count,
                           const int64_t* before, float* x) {
  return attempted([&] {
    block->finish({const_cast<float*>(panels), stride}, borders, {units, count, before}, x);
  });
}

// Writes the projections of the last `rows` positions of a sequence to the end of `recent` (taps,
// 3D). `x` (rows, D) has these positions; there are fewer than taps of the short filter. The
// numbers of `recent` are of the type of the products, but it has room for taps · 3D floats.
bool hyenadna_block_remember(const Block* block, const float* x, int64_t rows, float* recent) {
  return attempted([&] { block->remember(x, rows, recent); });
}

// The first half of a block for the next position of each of `rows` sequences; `x` (rows, D) has
// these positions. `recent` has the last projections of each sequence, zero before its start, in
// the form of hyenadna_block_remember: sequences are taps · 3D floats apart, whatever the type of
// the products is. Moves them on by one position. Writes the rows of `panels`.
bool hyenadna_block_step(const Block* block, const float* x, int64_t rows, float* recent,
                         float* panels, int64_t stride) {
  return attempted([&] { block->step(x, rows, recent, {panels, stride}); });
}

// The rest of a block for that position, from the long convolution on.
bool hyenadna_block_finish_step(const Block* block, const float* panels, int64_t stride,
                                const float* recent, int64_t rows, float* x) {
  return attempted(
      [&] { block->finish_step({const_cast<float*>(panels), stride}, recent, rows, x); });
}

// See Packed::rounded.
int64_t hyenadna_rounded_rows(int64_t rows) { return Packed::rounded(rows); }

// See rows.h.
void hyenadna_add_products(const float* values, const float* taps, int64_t count, float* into) {
  add_products(values, taps, count, into);
}

Readout* hyenadna_readout_new(const at::Tensor* weight, const at::Tensor* bias, double epsilon,
                              const at::Tensor* head) {
  return made<Readout>(*weight, *bias, epsilon, *head);
}

void hyenadna_readout_free(Readout* readout) { delete readout; }

// The final norm of `rows` rows, in place.
bool hyenadna_readout_normalize(const Readout* readout, int64_t rows, float* x) {
  return attempted([&] { readout->normalize_rows(rows, x); });
}

// The logarithms of the probabilities of what follows each of `rows` normalised rows.
bool hyenadna_readout_predict(const Readout* readout, const float* x, int64_t rows, float* into) {
  return attempted([&] { readout->predict(x, rows, into); });
}

Plan* hyenadna_plan_new(int64_t n) { return made<Plan>(n); }

void hyenadna_plan_free(Plan* plan) { delete plan; }

// See fft.h. Memory must be aligned to 64 bytes.
void hyenadna_plan_spectrum(const Plan* plan, float* taps, int64_t count, float* work,
                            Share share) {
  spectrum(*plan, reinterpret_cast<Vector*>(taps), count, reinterpret_cast<Complex*>(work), share);
}

void hyenadna_plan_convolve(const Plan* plan, float* rows, int64_t count, const float* spectrum,
                            float* work, Share share) {
  convolve(*plan, reinterpret_cast<Complex*>(rows), count,
           reinterpret_cast<const Vector*>(spectrum), reinterpret_cast<Complex*>(work), share);
}

}  // extern "C"

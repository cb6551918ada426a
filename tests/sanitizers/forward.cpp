// The forward pass of a block and the readout, in tiles of rows as threads work on them.

#include <ATen/Parallel.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "checks.h"

struct Block;
struct Readout;
struct Unit {
  int64_t row, count;
};

extern "C" {
Block* hyenadna_block_new(const at::Tensor* const* tensors, double epsilon, bool bf16);
void hyenadna_block_free(Block* block);
bool hyenadna_block_project(const Block* block, const float* x, const Unit* units, int64_t count,
                            const int64_t* before, float* borders, float* panels, int64_t stride);
bool hyenadna_block_remember(const Block* block, const float* x, int64_t rows, float* recent);
bool hyenadna_block_step(const Block* block, const float* x, int64_t rows, float* recent,
                         float* panels, int64_t stride);
bool hyenadna_block_finish(const Block* block, const float* panels, int64_t stride,
                           const float* borders, const Unit* units, int64_t count,
                           const int64_t* before, float* x);
bool hyenadna_block_finish_step(const Block* block, const float* panels, int64_t stride,
                                const float* recent, int64_t rows, float* x);
Readout* hyenadna_readout_new(const at::Tensor* weight, const at::Tensor* bias, double epsilon,
                              const at::Tensor* head);
void hyenadna_readout_free(Readout* readout);
bool hyenadna_readout_normalize(const Readout* readout, int64_t rows, float* x);
bool hyenadna_readout_predict(const Readout* readout, const float* x, int64_t rows, float* into);
const char* hyenadna_last_error();
}

namespace {

constexpr int64_t PANEL = 32;

std::vector<at::Tensor> weights(int64_t width, int64_t taps) {
  const std::vector<std::vector<int64_t>> shapes = {{width},
                                                    {width},
                                                    {width},
                                                    {width},
                                                    {3 * width, width},
                                                    {3 * width},
                                                    {width, width},
                                                    {width},
                                                    {4 * width, width},
                                                    {4 * width},
                                                    {width, 4 * width},
                                                    {width},
                                                    {3 * width, 1, taps},
                                                    {3 * width}};
  std::vector<at::Tensor> made;
  for (const auto& shape : shapes) made.push_back(at::randn(shape).mul(0.3));
  return made;
}

Block* block_of(const std::vector<at::Tensor>& tensors, bool bf16) {
  std::vector<const at::Tensor*> pointers;
  for (const auto& tensor : tensors) pointers.push_back(&tensor);
  return hyenadna_block_new(pointers.data(), 1e-5, bf16);
}

// Rows that are worked on together, with the rows before each unit, as they were.
struct Tile {
  std::vector<Unit> units;
  std::vector<int64_t> before;
  std::vector<float> borders;
};

// Tiles of `limit` of the rows of two sequences, of which the second begins at row `start`.
std::vector<Tile> tiles(int64_t rows, int64_t start, int64_t limit, int64_t width, int64_t taps) {
  std::vector<Tile> made;
  for (int64_t first = 0; first < rows; first += limit) {
    const int64_t end = std::min(first + limit, rows);
    Tile tile;
    for (int64_t row = first; row < end;) {
      const int64_t sequence = row < start ? 0 : start;
      const int64_t stop = row < start ? std::min(start, end) : end;
      tile.units.push_back({row, stop - row});
      for (int64_t back = taps - 1; back > 0; --back) {
        tile.before.push_back(row - back >= sequence ? row - back : -1);
      }
      row = stop;
    }
    tile.borders.resize(tile.before.size() * size_t(width));
    made.push_back(std::move(tile));
  }
  return made;
}

// The residual stream after a block without its long convolution.
std::vector<float> pass(const Block* block, std::vector<Tile> tiles, int64_t rows, int64_t width) {
  const int64_t panels = (width + PANEL - 1) / PANEL;
  Exact<float> x(rows * width), values(panels * rows * PANEL);
  fill(x, 7);
  for (auto& [units, before, borders] : tiles) {
    EXPECT(hyenadna_block_project(block, x.data(), units.data(), int64_t(units.size()),
                                  before.data(), borders.data(), values.data(), rows * PANEL),
           "%s", hyenadna_last_error());
  }
  for (const auto& [units, before, borders] : tiles) {
    EXPECT(hyenadna_block_finish(block, values.data(), rows * PANEL, borders.data(), units.data(),
                                 int64_t(units.size()), before.data(), x.data()),
           "%s", hyenadna_last_error());
  }
  return {x.data(), x.data() + x.size()};
}

// The numbers of a row are the same, whatever rows are worked on with it.
void check_tiles(const Block* block, int64_t width, int64_t taps) {
  constexpr int64_t ROWS = 50, START = 19;
  const auto whole = pass(block, tiles(ROWS, START, ROWS, width, taps), ROWS, width);
  for (const int64_t limit : {1, 2, 15, 16, 17, 18, 19, 20, 49}) {
    const auto tiled = pass(block, tiles(ROWS, START, limit, width, taps), ROWS, width);
    EXPECT(tiled == whole, "width %ld, %ld taps, tiles of %ld rows", long(width), long(taps),
           long(limit));
  }
}

// Sequences that grow base by base, from the state after a prompt.
void check_steps(const Block* block, int64_t width, int64_t taps) {
  for (const int64_t rows : {1, 3, 16}) {
    const int64_t panels = (width + PANEL - 1) / PANEL, size = taps * 3 * width;
    Exact<float> recent(rows * size), x(rows * width), values(panels * rows * PANEL);
    fill(x, 5);
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t known = i % taps;  // fewer than taps
      Exact<float> prompt(known * width);
      fill(prompt, 6);
      EXPECT(hyenadna_block_remember(block, prompt.data(), known, recent.data() + i * size), "%s",
             hyenadna_last_error());
    }
    for (int64_t i = 0; i < taps + 1; ++i) {
      EXPECT(hyenadna_block_step(block, x.data(), rows, recent.data(), values.data(), rows * PANEL),
             "%s", hyenadna_last_error());
    }
    EXPECT(hyenadna_block_finish_step(block, values.data(), rows * PANEL, recent.data(), rows,
                                      x.data()),
           "%s", hyenadna_last_error());
    for (int64_t i = 0; i < x.size(); ++i) EXPECT(std::isfinite(x[i]), "width %ld", long(width));
  }
  Exact<float> prompt(taps * width), recent(taps * 3 * width);
  EXPECT(!hyenadna_block_remember(block, prompt.data(), taps, recent.data()), "too many rows");
}

void check_readout(int64_t width, int64_t vocabulary) {
  const auto weight = at::randn({width}), bias = at::randn({width});
  const auto head = at::randn({vocabulary, width});
  Readout* readout = hyenadna_readout_new(&weight, &bias, 1e-5, &head);
  EXPECT(readout != nullptr, "%s", hyenadna_last_error());
  for (const int64_t rows : {1, 15, 16, 17, 33}) {
    Exact<float> x(rows * width), into(rows * vocabulary);
    fill(x, 3);
    EXPECT(hyenadna_readout_normalize(readout, rows, x.data()), "%s", hyenadna_last_error());
    EXPECT(hyenadna_readout_predict(readout, x.data(), rows, into.data()), "%s",
           hyenadna_last_error());
    for (int64_t i = 0; i < rows; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < vocabulary; ++j) sum += std::exp(double(into[i * vocabulary + j]));
      EXPECT(std::abs(sum - 1) < 1e-4, "row %ld of %ld", long(i), long(rows));
    }
  }
  hyenadna_readout_free(readout);
  const auto other = at::randn({width + 1});
  EXPECT(hyenadna_readout_new(&other, &bias, 1e-5, &head) == nullptr, "a norm of other channels");
  EXPECT(hyenadna_readout_new(&weight, &other, 1e-5, &head) == nullptr, "a norm of other channels");
}

}  // namespace

void check_forward_passes() {
  at::set_num_threads(1);  // as the threads that work on tiles do
  for (const int64_t width : {1, 7, 16, 31, 32, 33, 40, 64, 100}) {
    for (const int64_t taps : {1, 2, 3, 16}) {
      for (const bool bf16 : {false, true}) {
        const auto tensors = weights(width, taps);
        Block* block = block_of(tensors, bf16);
        EXPECT(block != nullptr, "%s", hyenadna_last_error());
        check_tiles(block, width, taps);
        check_steps(block, width, taps);
        hyenadna_block_free(block);
      }
    }
    for (const int64_t vocabulary : {1, 5, 12, 16, 17}) check_readout(width, vocabulary);
  }
  for (size_t i = 0; i < 14; ++i) {
    auto tensors = weights(32, 3);
    const int64_t size = tensors[i].size(0);
    tensors[i] = tensors[i].narrow(0, 0, size - 1);
    EXPECT(block_of(tensors, false) == nullptr, "tensor %zu has a row too few", i);
  }
  EXPECT(block_of(weights(32, 17), false) == nullptr, "a tap too many");
}

// Shared by the files of this folder: they call the functions of shim/ on memory of exactly the
// size that each is documented to read and write, so that AddressSanitizer sees every other access.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <vector>

// Ends the program if `condition` is false.
#define EXPECT(condition, ...)                                             \
  do {                                                                     \
    if (!(condition)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
      std::fprintf(stderr, __VA_ARGS__);                                   \
      std::fprintf(stderr, "\n");                                          \
      std::exit(1);                                                        \
    }                                                                      \
  } while (false)

// Numbers aligned to 64 bytes, with nothing before or behind them.
template <typename T>
class Exact {
 public:
  explicit Exact(int64_t count) : count_(count) {
    void* start = nullptr;
    if (posix_memalign(&start, 64, size_t(count) * sizeof(T)) != 0) throw std::bad_alloc();
    start_ = static_cast<T*>(start);
    for (int64_t i = 0; i < count; ++i) start_[i] = T(0.0f);
  }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;
  ~Exact() { std::free(start_); }

  T* data() { return start_; }
  int64_t size() const { return count_; }
  T& operator[](int64_t i) { return start_[i]; }

 private:
  T* start_;
  int64_t count_;
};

// A number in −½…½, the same for the same arguments.
inline float noise(uint64_t seed, uint64_t i) {
  const uint64_t hash =
      ((i + 1) * 0x9E3779B97F4A7C15u ^ seed * 0xD6E8FEB86659FD93u) * 0xBF58476D1CE4E5B9u;
  return float(hash >> 40) / float(1 << 24) - 0.5f;
}

template <typename T>
void fill(Exact<T>& values, uint64_t seed) {
  for (int64_t i = 0; i < values.size(); ++i) values[i] = T(noise(seed, uint64_t(i)));
}

void check_rows();
void check_transforms();
void check_short_convolutions();
void check_forward_passes();

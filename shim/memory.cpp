// What libtorch's allocators hold.

#include <c10/core/Allocator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include "guard.h"

namespace {

// Bytes of tensors on the CPU that this thread made and did not free yet.
class Watch : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device device) override {
    if (!device.is_cpu()) return;
    now_ += size;
    most_ = std::max(most_, now_);
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t most() const { return most_; }

 private:
  int64_t now_ = 0, most_ = 0;
};

constexpr auto KIND = c10::DebugInfoKind::PROFILER_STATE;

}  // namespace

// Bytes of a GPU that tensors have, those that are kept for tensors, and the most that tensors had.
extern "C" bool hyenadna_gpu_memory(int8_t number, int64_t* into) {
  return hyenadna::attempted([&] {
    const auto stats = c10::getDeviceAllocator(c10::kCUDA)->getDeviceStats(number);
    const auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    into[0] = stats.allocated_bytes[all].current;
    into[1] = stats.reserved_bytes[all].current;
    into[2] = stats.allocated_bytes[all].peak;
  });
}

// Begins to count the bytes of tensors that this thread makes on the CPU.
extern "C" void hyenadna_watch_begin() {
  c10::ThreadLocalDebugInfo::_push(KIND, std::make_shared<Watch>());
}

// The most bytes that there were at once since then, and an end of counting.
extern "C" int64_t hyenadna_watch_end() {
  const auto info = c10::ThreadLocalDebugInfo::_pop(KIND);
  const auto* watch = dynamic_cast<const Watch*>(info.get());
  return watch ? watch->most() : -1;
}

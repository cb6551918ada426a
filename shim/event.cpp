// Waiting for one point of a GPU's queue, while what comes after it runs.

#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "guard.h"

// The point after all that the GPU of this number was told so far; null after an exception.
extern "C" void* hyenadna_event_record(int8_t number) {
  c10::Event* made = nullptr;
  hyenadna::attempted([&] {
    const c10::Device device(c10::kCUDA, number);
    const c10::impl::VirtualGuardImpl guard(c10::kCUDA);
    auto event = std::make_unique<c10::Event>(c10::kCUDA);
    event->record(guard.getStream(device));
    made = event.release();
  });
  return made;
}

// Waits until the GPU is there, and frees the point.
extern "C" bool hyenadna_event_wait(void* event) {
  const std::unique_ptr<c10::Event> owned(static_cast<c10::Event*>(event));
  return hyenadna::attempted([&] { owned->synchronize(); });
}

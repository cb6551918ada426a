// Processes that train one model: a store of keys that they meet in, and sums over them by Gloo.
//
// libtorch has both, but its header needs those of Gloo, which are declared in gloo/ (see its
// README).
#define USE_C10D_GLOO

#include <c10/util/Logging.h>

#include <cstdlib>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "checks.h"
#include "guard.h"

namespace hyenadna {
namespace {

using c10d::ProcessGroupGloo;

// libtorch 2.11 allocates as much itself (the operand of `operator new` in
// ProcessGroupGloo::split): its classes are laid out as the declarations in gloo/ say. To be looked
// up again for another libtorch.
#if defined(__x86_64__) && defined(__GLIBC__)
static_assert(sizeof(ProcessGroupGloo) == 0x1e8);
#endif

std::vector<uint8_t> bytes(const char* text) {
  const std::string value(text);
  return {value.begin(), value.end()};
}

// Keeps libtorch's own lines, with their stacks, off stderr: what fails is thrown too, and reported
// once. TORCH_CPP_LOG_LEVEL brings them back.
void quiet() {
  constexpr int fatal = 3;
  if (!std::getenv("TORCH_CPP_LOG_LEVEL")) FLAGS_caffe2_log_level = fatal;
}

// Options of a group that listens at the interface of an address, or at those of the environment.
c10::intrusive_ptr<ProcessGroupGloo::Options> options_at(const char* host,
                                                         std::chrono::milliseconds timeout) {
  if (!host) return ProcessGroupGloo::Options::create_default(timeout);
  auto options = ProcessGroupGloo::Options::create(timeout);
  options->devices.push_back(ProcessGroupGloo::createDeviceForHostname(host));
  return options;
}

void check_buffer(const at::Tensor& t) {
  TORCH_CHECK(t.defined() && t.is_cpu() && t.is_contiguous(),
              "a tensor to be exchanged is not contiguous in the memory of the host");
}

}  // namespace

// Keys of a run, and the server of them in the process of rank 0.
struct Store {
  c10::intrusive_ptr<c10d::TCPStore> server;
  c10::intrusive_ptr<c10d::Store> keys;
  std::string value;  // of the last get
};

struct Group {
  c10::intrusive_ptr<ProcessGroupGloo> gloo;
};

}  // namespace hyenadna

using hyenadna::attempted;
using hyenadna::Group;
using hyenadna::Store;

extern "C" {

// Joins the store at host:port, which this process serves if `serves`; null after an exception.
// Port 0 takes a free one.
Store* hyenadna_store_open(const char* host, uint16_t port, bool serves, const char* prefix,
                           int64_t timeout_ms) {
  Store* made = nullptr;
  attempted([&] {
    hyenadna::quiet();
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = serves;
    options.waitWorkers = false;
    options.timeout = std::chrono::milliseconds(timeout_ms);
    auto server = c10::make_intrusive<c10d::TCPStore>(host, options);
    // the store's own limit, which a get (after our wait) and Gloo use: a busy machine may be slow
    server->setTimeout(std::max(options.timeout, std::chrono::milliseconds(60000)));
    auto keys = c10::make_intrusive<c10d::PrefixStore>(prefix, server);
    made = new Store{std::move(server), std::move(keys), {}};
  });
  return made;
}

void hyenadna_store_close(Store* store) {
  attempted([&] { delete store; });
}

uint16_t hyenadna_store_port(const Store* store) { return store->server->getPort(); }

bool hyenadna_store_set(Store* store, const char* key, const char* value) {
  return attempted([&] { store->keys->set(key, hyenadna::bytes(value)); });
}

// Sets a key that has no value yet; else it keeps the one it has.
bool hyenadna_store_set_first(Store* store, const char* key, const char* value) {
  return attempted([&] { store->keys->compareSet(key, {}, hyenadna::bytes(value)); });
}

// Waits for a key; its value until the next call, or null after an exception.
const char* hyenadna_store_get(Store* store, const char* key, int64_t timeout_ms) {
  const bool found = attempted([&] {
    store->keys->wait({key}, std::chrono::milliseconds(timeout_ms));
    const auto value = store->keys->get(key);
    store->value.assign(value.begin(), value.end());
  });
  return found ? store->value.c_str() : nullptr;
}

// 1 if a key has a value, 0 if not, −1 after an exception.
int32_t hyenadna_store_has(Store* store, const char* key) {
  bool found = false;
  return attempted([&] { found = store->keys->check({key}); }) ? found : -1;
}

// The count of a key after `more` was added; −1 after an exception.
int64_t hyenadna_store_add(Store* store, const char* key, int64_t more) {
  int64_t sum = -1;
  attempted([&] { sum = store->keys->add(key, more); });
  return sum;
}

// Finds the interface that hyenadna_group_join listens at.
bool hyenadna_group_can_listen(const char* host) {
  return attempted([&] { hyenadna::options_at(host, std::chrono::milliseconds(0)); });
}

// Connects the `size` processes, of which this one is number `rank`, at the interface of the
// address `host`; if it is null, at those of GLOO_SOCKET_IFNAME or of this machine's name. Null
// after an exception.
Group* hyenadna_group_join(Store* store, const char* host, int32_t rank, int32_t size,
                           int64_t timeout_ms) {
  Group* made = nullptr;
  attempted([&] {
    using hyenadna::ProcessGroupGloo;
    auto options = hyenadna::options_at(host, std::chrono::milliseconds(timeout_ms));
    auto keys = c10::make_intrusive<c10d::PrefixStore>("gloo", store->keys);
    made = new Group{c10::make_intrusive<ProcessGroupGloo>(keys, rank, size, options)};
  });
  return made;
}

void hyenadna_group_leave(Group* group) {
  attempted([&] { delete group; });
}

// Replaces a tensor by its sum over all processes.
bool hyenadna_group_sum(Group* group, at::Tensor* tensor) {
  return attempted([&] {
    hyenadna::check_buffer(*tensor);
    std::vector<at::Tensor> tensors{tensor->detach()};
    group->gloo->allreduce(tensors)->wait();
  });
}

// Replaces a tensor by that of rank 0.
bool hyenadna_group_broadcast(Group* group, at::Tensor* tensor) {
  return attempted([&] {
    hyenadna::check_buffer(*tensor);
    std::vector<at::Tensor> tensors{tensor->detach()};
    group->gloo->broadcast(tensors)->wait();
  });
}

}  // extern "C"

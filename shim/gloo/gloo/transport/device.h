// See ../../README.
#pragma once

namespace gloo::transport {

class Device;

// only named in a unique_ptr that libtorch destroys
class UnboundBuffer {
 public:
  virtual ~UnboundBuffer();
};

}  // namespace gloo::transport

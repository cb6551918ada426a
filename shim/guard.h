// How the functions of this folder meet Rust: tensors go in by pointer and come out on the heap,
// and no exception leaves C++.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <string>

namespace hyenadna {

// Why the last call on this thread failed.
std::string& last_error();

// Runs `body` and hands its tensor over; null after an exception, whose text is kept.
template <typename Body>
at::Tensor* guarded(Body body) {
  try {
    return new at::Tensor(body());
  } catch (const c10::Error& error) {
    last_error() = error.what_without_backtrace();
  } catch (const std::exception& error) {
    last_error() = error.what();
  }
  return nullptr;
}

}  // namespace hyenadna

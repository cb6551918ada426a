// How the functions of this folder meet Rust: tensors go in by pointer and come out on the heap,
// and no exception leaves C++.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <string>

namespace hyenadna {

// Why the last call on this thread failed.
std::string& last_error();

// Runs `body`; false after an exception, whose text is kept.
template <typename Body>
bool attempted(Body body) noexcept {
  try {
    body();
    return true;
  } catch (const c10::Error& error) {
    last_error() = error.what_without_backtrace();
  } catch (const std::exception& error) {
    last_error() = error.what();
  } catch (...) {
    last_error() = "unknown exception";
  }
  return false;
}

// Runs `body` and hands its tensor over; null after an exception.
template <typename Body>
at::Tensor* guarded(Body body) noexcept {
  at::Tensor* made = nullptr;
  attempted([&] { made = new at::Tensor(body()); });
  return made;
}

}  // namespace hyenadna

#include "guard.h"

namespace hyenadna {

std::string& last_error() {
  thread_local std::string text;
  return text;
}

}  // namespace hyenadna

extern "C" const char* hyenadna_last_error() { return hyenadna::last_error().c_str(); }

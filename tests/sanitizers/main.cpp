// Runs the loops of shim/ over the borders of their tiles and vectors; scripts/sanitize compiles
// it.

#include "checks.h"

int main() {
  check_rows();
  check_transforms();
  check_short_convolutions();
  check_forward_passes();
  std::puts("no error was found");
}

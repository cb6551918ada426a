#!/bin/bash
# Builds with the libtorch of the environment, where the binary finds it: conda makes the path relative.
set -euo pipefail

export CARGO_HOME=$SRC_DIR/.cargo-home
export LIBTORCH=$PREFIX LIBCLANG_PATH=$BUILD_PREFIX/lib CLANG_PATH=$BUILD_PREFIX/bin/clang
scripts/licenses > crates.txt
make install PREFIX="$PREFIX" LIBTORCH="$PREFIX"

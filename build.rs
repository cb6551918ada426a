//! Tells the linker where our programs find libtorch when they run.
//!
//! The places end up as RUNPATH, which LD_LIBRARY_PATH overrides: first the one
//! beside an installed binary, then the libtorch of this build. `make` sets
//! HYENADNA_RELOCATABLE to leave the second one out, so that a binary which is
//! installed or shipped refers to no folder of the machine that built it.
//! `cuda` is where a later dlopen finds libtorch_cuda.so.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=HYENADNA_RELOCATABLE");

    let mut folders = vec![String::from("$ORIGIN/../lib/hyenadna")];
    if env::var_os("HYENADNA_RELOCATABLE").is_none() {
        // From torch-sys, which is a direct dependency for this reason only.
        folders.extend(env::var("DEP_TCH_LIBTORCH_LIB"));
    }
    println!("cargo::rustc-link-arg=-Wl,--enable-new-dtags");
    for folder in folders {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}:{folder}/cuda");
    }
}

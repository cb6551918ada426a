//! Compiles shim/ and tells the linker where our programs find libtorch when they run.
//!
//! The places end up as RUNPATH, which LD_LIBRARY_PATH overrides: first those of an installation, seen from
//! `lib/hyenadna/hyenadna-core` and from `bin/hyenadna` (or target/release, beside which `make` puts a link), then the
//! libtorch of this build. `make` sets HYENADNA_RELOCATABLE to leave the last one out, so that a binary which is
//! installed or shipped refers to no folder of the machine that built it.
//! `cuda` is where a later dlopen finds libtorch_cuda.so.

use std::{env, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=HYENADNA_RELOCATABLE");

    // From torch-sys, which is a direct dependency for this reason only.
    let libtorch = env::var("DEP_TCH_LIBTORCH_LIB").ok();
    if let Some(folder) = &libtorch {
        compile_shim(Path::new(folder));
    }

    let mut folders = vec![String::from("$ORIGIN"), String::from("$ORIGIN/../lib/hyenadna")];
    if env::var_os("HYENADNA_RELOCATABLE").is_none() {
        folders.extend(libtorch);
    }
    println!("cargo::rustc-link-arg=-Wl,--enable-new-dtags");
    for folder in folders {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}:{folder}/cuda");
    }
}

/// The C++ of shim/, always optimised: it is what a CPU spends its time in. The headers of libtorch
/// lie beside its libraries.
fn compile_shim(libraries: &Path) {
    println!("cargo::rerun-if-changed=shim");
    let include = libraries.with_file_name("include");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .opt_level(3)
        .debug(false)
        .flag("-fno-math-errno")
        .flag("-fno-trapping-math")
        .flag("-Wno-unused-parameter")
        .flag("-Wno-psabi") // vectors wider than the oldest processor's never leave their file
        .include(include.join("torch/csrc/api/include"))
        .include(include)
        .include("shim/gloo") // declarations for c10d.cpp alone
        .files(
            [
                "backward",
                "c10d",
                "dense",
                "event",
                "fft",
                "forward",
                "guard",
                "hyena",
                "memory",
                "mlp",
                "packed",
                "precision",
                "rows",
                "short_conv",
            ]
            .map(|name| format!("shim/{name}.cpp")),
        )
        .compile("hyenadna_shim");
}

//! pocketfft, if POCKETFFT_INCLUDE is the folder of its C++ header: `pocketfft.cpp` is compiled for
//! this processor and loaded.

use std::{env, error::Error, ffi::CString, path::Path, process::Command};

use hyenadna::model::fft;
use rayon::prelude::*;
use realfft::num_complex::Complex;

use crate::{CHANNELS, median};

/// Channels that are transformed at once: pocketfft fills a register with as many.
const GROUP: usize = 16;

type Forward = unsafe extern "C" fn(usize, usize, *const f32, *mut Complex<f32>);
type Backward = unsafe extern "C" fn(usize, usize, *const Complex<f32>, *mut f32);

/// The two functions of `pocketfft.cpp`.
pub struct Pocketfft {
    forward: Forward,
    backward: Backward,
}

impl Pocketfft {
    /// Compiles and loads the library; None if POCKETFFT_INCLUDE is not set.
    pub fn load() -> Result<Option<Self>, Box<dyn Error>> {
        let Some(include) = env::var_os("POCKETFFT_INCLUDE") else { return Ok(None) };
        let folder = tempfile::tempdir()?;
        let library = folder.path().join("pocketfft.so");
        let status = Command::new("sh")
            .args(["-c", r#"exec ${CXX:-g++} "$@""#, "sh"]) // may be `ccache g++`
            // its templates must not be mixed with those in libtorch
            .args("-std=c++17 -O3 -march=native -shared -fPIC -fvisibility=hidden".split(' '))
            .arg("-fno-gnu-unique")
            .arg("-I")
            .arg(include)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/transforms/pocketfft.cpp"))
            .arg("-o")
            .arg(&library)
            .status()?;
        if !status.success() {
            return Err("pocketfft.cpp cannot be compiled; is pocketfft_hdronly.h in the folder that POCKETFFT_INCLUDE names?".into());
        }
        let path = CString::new(library.into_os_string().into_encoded_bytes())?;
        // SAFETY: the library has no constructors that expect anything, and is never closed.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() {
            return Err("the compiled pocketfft.cpp cannot be loaded".into());
        }
        // SAFETY: the handle is valid; a function that is not found is null, and None.
        let found = |name: &std::ffi::CStr| unsafe { libc::dlsym(handle, name.as_ptr()) };
        let (forward, backward) = (found(c"transforms_forward"), found(c"transforms_backward"));
        if forward.is_null() || backward.is_null() {
            return Err("the compiled pocketfft.cpp lacks its functions".into());
        }
        // SAFETY: pocketfft.cpp declares them so.
        Ok(Some(unsafe {
            Self {
                forward: std::mem::transmute::<*mut libc::c_void, Forward>(forward),
                backward: std::mem::transmute::<*mut libc::c_void, Backward>(backward),
            }
        }))
    }

    /// Milliseconds of a convolution of all channels, and its result.
    pub fn convolve(&self, x: &[f32], taps: &[f32], length: usize) -> (f64, Vec<f32>) {
        let n = fft::transform_size(length as i64) as usize;
        let new = || (vec![0.0; GROUP * n], vec![Complex::new(0.0, 0.0); GROUP * (n / 2 + 1)]);
        let spectra: Vec<Vec<_>> = taps
            .chunks_exact(GROUP * length)
            .map(|taps| {
                let (mut rows, mut spectrum) = new();
                pad(taps, length, &mut rows);
                self.forward(n, &rows, &mut spectrum);
                spectrum.iter_mut().for_each(|z| *z /= n as f32);
                spectrum
            })
            .collect();
        let mut made = vec![0.0; CHANNELS * length];
        let mut once = || {
            let groups = x.par_chunks_exact(GROUP * length).zip(&spectra);
            groups.zip(made.par_chunks_exact_mut(GROUP * length)).for_each_init(
                new,
                |(rows, spectrum), ((x, filter), made)| {
                    pad(x, length, rows);
                    self.forward(n, rows, spectrum);
                    spectrum.iter_mut().zip(filter).for_each(|(z, k)| *z *= k);
                    self.backward(n, spectrum, rows);
                    for (made, row) in made.chunks_exact_mut(length).zip(rows.chunks_exact(n)) {
                        made.copy_from_slice(&row[..length]);
                    }
                },
            );
        };
        let time = median(&mut once);
        (time, made)
    }

    fn forward(&self, n: usize, rows: &[f32], spectrum: &mut [Complex<f32>]) {
        assert!(rows.len() == GROUP * n && spectrum.len() == GROUP * (n / 2 + 1));
        // SAFETY: both hold what the function reads and writes, as was just checked.
        unsafe { (self.forward)(GROUP, n, rows.as_ptr(), spectrum.as_mut_ptr()) }
    }

    fn backward(&self, n: usize, spectrum: &[Complex<f32>], rows: &mut [f32]) {
        assert!(rows.len() == GROUP * n && spectrum.len() == GROUP * (n / 2 + 1));
        // SAFETY: both hold what the function reads and writes, as was just checked.
        unsafe { (self.backward)(GROUP, n, spectrum.as_ptr(), rows.as_mut_ptr()) }
    }
}

/// Copies channels of `length` into rows that are longer, with zeros at the end.
fn pad(channels: &[f32], length: usize, rows: &mut [f32]) {
    let n = rows.len() / GROUP;
    for (row, channel) in rows.chunks_exact_mut(n).zip(channels.chunks_exact(length)) {
        row[..length].copy_from_slice(channel);
        row[length..].fill(0.0);
    }
}

//! pocketfft, if POCKETFFT_INCLUDE is the folder of its C++ header: `pocketfft.cpp` is compiled for
//! this processor and loaded. It transforms one channel at a time: 16 in a register are faster at
//! 1,024 points only, and slower from 2,048 on.

use std::{env, error::Error, ffi::CString, path::Path, process::Command};

use hyenadna::model::network::fft;
use rayon::prelude::*;
use realfft::num_complex::Complex;

use crate::median;

type Forward = unsafe extern "C" fn(usize, *const f32, *mut Complex<f32>);
type Backward = unsafe extern "C" fn(usize, *const Complex<f32>, *mut f32);

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
        let new = || (vec![0.0; n], vec![Complex::new(0.0, 0.0); n / 2 + 1]);
        let transformed = |taps: &[f32]| {
            let (mut row, mut spectrum) = new();
            row[..length].copy_from_slice(taps);
            self.forward(&row, &mut spectrum);
            spectrum.iter_mut().for_each(|z| *z /= n as f32);
            spectrum
        };
        let spectra: Vec<_> = taps.chunks_exact(length).map(transformed).collect();
        let mut made = vec![0.0; x.len()];
        let mut once = || {
            let channels = x.par_chunks_exact(length).zip(made.par_chunks_exact_mut(length));
            channels.zip(&spectra).for_each_init(new, |(row, spectrum), ((x, made), filter)| {
                row[..length].copy_from_slice(x);
                row[length..].fill(0.0);
                self.forward(row, spectrum);
                spectrum.iter_mut().zip(filter).for_each(|(z, k)| *z *= k);
                self.backward(spectrum, row);
                made.copy_from_slice(&row[..length]);
            });
        };
        let time = median(&mut once);
        (time, made)
    }

    fn forward(&self, row: &[f32], spectrum: &mut [Complex<f32>]) {
        assert_eq!(spectrum.len(), row.len() / 2 + 1);
        // SAFETY: both hold what the function reads and writes, as was just checked.
        unsafe { (self.forward)(row.len(), row.as_ptr(), spectrum.as_mut_ptr()) }
    }

    fn backward(&self, spectrum: &[Complex<f32>], row: &mut [f32]) {
        assert_eq!(spectrum.len(), row.len() / 2 + 1);
        // SAFETY: both hold what the function reads and writes, as was just checked.
        unsafe { (self.backward)(row.len(), spectrum.as_ptr(), row.as_mut_ptr()) }
    }
}

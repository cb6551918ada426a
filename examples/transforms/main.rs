//! Long convolutions by several libraries, side by side: libtorch's Fourier transform, realfft with
//! rayon, the transform of shim/fft.cpp, and pocketfft with rayon if POCKETFFT_INCLUDE is the folder
//! of `pocketfft_hdronly.h`.
//!
//! `cargo run --release --example transforms [-- LENGTH…]`: for each length the milliseconds of a
//! causal convolution of 128 channels with as many filters, whose spectra are known, on all threads;
//! the median of nine, and the largest difference from libtorch's result in units of its largest
//! value. realfft and pocketfft work on channels one after the other, as they want them; that the
//! network has positions one after the other, so that all others than ours have to transpose, is not
//! counted.
#![allow(clippy::print_stdout, reason = "a program whose output is its table")]

mod pocketfft;

use std::time::Instant;

use hyenadna::model::{
    cpu::{buffer::Buffer, transform_size},
    libtorch::forward::{PANEL, TransformPlan},
    network::fft,
    threads::Threads,
};
use pocketfft::Pocketfft;
use rayon::prelude::*;
use realfft::RealFftPlanner;
use tch::{Device, Kind, Tensor};

const CHANNELS: usize = 128;
const RUNS: usize = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lengths: Vec<usize> =
        std::env::args().skip(1).map(|n| n.parse()).collect::<Result<_, _>>()?;
    let lengths = if lengths.is_empty() { vec![512, 1024, 8192, 32_768, 160_000] } else { lengths };
    let threads = rayon::current_num_threads();
    tch::set_num_threads(threads as i32);
    let _no_grad = tch::no_grad_guard();
    let pocketfft = Pocketfft::load()?;
    let mut names = vec!["libtorch", "realfft", "ours"];
    names.extend(pocketfft.is_some().then_some("pocketfft"));
    println!("#length\t{}_ms\t{}_error", names.join("_ms\t"), names[1..].join("_error\t"));
    for length in lengths {
        tch::manual_seed(1);
        let shape = [CHANNELS as i64, length as i64];
        let [x, taps] = [(); 2].map(|()| Tensor::randn(shape, (Kind::Float, Device::Cpu)));
        let (time, want) = libtorch(&x, &taps)?;
        let (x, taps, want) = (values(&x), values(&taps), values(&want));
        let mut others = vec![realfft(&x, &taps, length), ours(&x, &taps, length)?];
        others.extend(pocketfft.as_ref().map(|library| library.convolve(&x, &taps, length)));
        let largest = want.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let error = |got: &[f32]| {
            let differences = got.iter().zip(&want).map(|(a, b)| (a - b).abs());
            differences.fold(0.0_f32, f32::max) / largest
        };
        let times = others.iter().map(|(time, _)| format!("\t{time:.3}"));
        let errors = others.iter().map(|(_, made)| format!("\t{:.1e}", error(made)));
        println!("{length}\t{time:.3}{}", times.chain(errors).collect::<String>());
    }
    Ok(())
}

/// Row-major values of a tensor.
fn values(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.contiguous().view(-1)).expect("a flat tensor of floats")
}

/// Milliseconds of the median run, after one that is not counted.
fn median(mut run: impl FnMut()) -> f64 {
    run();
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

fn libtorch(x: &Tensor, taps: &Tensor) -> Result<(f64, Tensor), tch::TchError> {
    let spectrum = fft::spectrum(taps)?;
    let x = x.unsqueeze(0);
    let made = fft::convolve(&x, &spectrum)?.squeeze_dim(0);
    let time = median(|| drop(fft::convolve(&x, &spectrum).expect("it worked once")));
    Ok((time, made))
}

fn realfft(x: &[f32], taps: &[f32], length: usize) -> (f64, Vec<f32>) {
    let n = fft::transform_size(length as i64) as usize;
    let mut planner = RealFftPlanner::<f32>::new();
    let (down, up) = (planner.plan_fft_forward(n), planner.plan_fft_inverse(n));
    let padded = |from: &[f32]| {
        let mut padded = vec![0.0; n];
        padded[..length].copy_from_slice(from);
        padded
    };
    let transformed = |from: &[f32]| {
        let mut spectrum = down.make_output_vec();
        down.process(&mut padded(from), &mut spectrum).expect("the sizes fit");
        spectrum.iter_mut().for_each(|z| *z /= n as f32);
        spectrum
    };
    let spectra: Vec<_> = taps.chunks_exact(length).map(transformed).collect();
    let mut made = vec![0.0; x.len()];
    let mut once = || {
        let channels = x.par_chunks_exact(length).zip(made.par_chunks_exact_mut(length));
        channels.zip(&spectra).for_each_init(
            || {
                (
                    vec![0.0; n],
                    down.make_output_vec(),
                    down.make_scratch_vec(),
                    up.make_scratch_vec(),
                )
            },
            |(work, spectrum, scratch, back), ((x, made), filter)| {
                work[..length].copy_from_slice(x);
                work[length..].fill(0.0);
                down.process_with_scratch(work, spectrum, scratch).expect("the sizes fit");
                spectrum.iter_mut().zip(filter).for_each(|(z, k)| *z *= k);
                (spectrum[0].im, spectrum[n / 2].im) = (0.0, 0.0);
                up.process_with_scratch(spectrum, work, back).expect("the sizes fit");
                made.copy_from_slice(&work[..length]);
            },
        );
    };
    let time = median(&mut once);
    (time, made)
}

fn ours(
    x: &[f32],
    taps: &[f32],
    length: usize,
) -> Result<(f64, Vec<f32>), Box<dyn std::error::Error>> {
    let plan = TransformPlan::new(transform_size(length))?;
    // a panel holds 32 channels, position after position
    let panel = |values: &[f32], number: usize, into: &mut [f32]| {
        for (position, row) in into.chunks_exact_mut(PANEL).take(length).enumerate() {
            for (c, x) in row.iter_mut().enumerate() {
                *x = values[(number * PANEL + c) * length + position];
            }
        }
    };
    let mut work = Buffer::new(plan.work_len())?;
    let mut spectra = Vec::new();
    for number in 0..CHANNELS / PANEL {
        let mut spectrum = Buffer::new(plan.spectrum_len())?;
        panel(taps, number, &mut spectrum);
        plan.spectrum(&mut spectrum, length, &mut work, Threads::Calling);
        spectra.push(spectrum);
    }
    let panels = || -> Result<Vec<Buffer>, std::io::Error> {
        let new = |number| {
            let mut rows = Buffer::new(length * PANEL)?;
            panel(x, number, &mut rows);
            Ok(rows)
        };
        (0..CHANNELS / PANEL).map(new).collect()
    };
    let mut rows = panels()?;
    let mut works =
        (0..rows.len()).map(|_| Buffer::new(plan.work_len())).collect::<Result<Vec<_>, _>>()?;
    let convolve = |rows: &mut [Buffer], works: &mut [Buffer]| {
        rows.par_iter_mut().zip(works).zip(&spectra).for_each(|((rows, work), spectrum)| {
            plan.convolve(rows, spectrum, work, Threads::Calling);
        });
    };
    convolve(&mut rows, &mut works);
    let mut made = vec![0.0; x.len()];
    for (number, rows) in rows.iter().enumerate() {
        for (position, row) in rows.chunks_exact(PANEL).enumerate() {
            for (c, x) in row.iter().enumerate() {
                made[(number * PANEL + c) * length + position] = *x;
            }
        }
    }
    let mut rows = panels()?;
    Ok((median(|| convolve(&mut rows, &mut works)), made))
}

use super::*;
use crate::model::cpu::buffer::Buffer;
use proptest::prelude::*;
use tch::{Device, Kind};

/// Numbers in −½…½, the same for the same arguments.
fn noise(seed: usize, floats: usize) -> Buffer {
    let mut buffer = Buffer::new(floats).unwrap();
    for (i, x) in buffer.iter_mut().enumerate() {
        let hash = (i + seed * 7919).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        *x = hash as f32 / (1 << 24) as f32 - 0.5;
    }
    buffer
}

/// A block of 32 channels reads and writes through plain pointers: weights that do not fit each
/// other are refused.
#[test]
fn weights_that_do_not_fit_each_other_are_refused() {
    const SHAPES: [&[i64]; 14] = [
        &[32],
        &[32],
        &[32],
        &[32],
        &[96, 32],
        &[96],
        &[32, 32],
        &[32],
        &[128, 32],
        &[128],
        &[32, 128],
        &[32],
        &[96, 1, 3],
        &[96],
    ];
    let zeros = |shape: &[i64]| Tensor::zeros(shape, (Kind::Float, Device::Cpu));
    let block = |shapes: &[Vec<i64>]| {
        let tensors: Vec<Tensor> = shapes.iter().map(|shape| zeros(shape)).collect();
        PackedBlock::new(
            std::array::from_fn(|i| [&tensors[2 * i], &tensors[2 * i + 1]]),
            1e-5,
            false,
        )
    };
    let right: Vec<Vec<i64>> = SHAPES.iter().map(|shape| shape.to_vec()).collect();
    assert_eq!(block(&right).unwrap().recent_len(), 3 * 96);
    for number in 0..right.len() {
        for dimension in 0..right[number].len() {
            // any number of taps up to 16, and of channels inside the MLP if all agree on it
            for size in [0, 31, 33] {
                let mut wrong = right.clone();
                wrong[number][dimension] = size;
                assert!(block(&wrong).is_err(), "{wrong:?}");
            }
        }
        let mut wrong = right.clone();
        wrong[number].push(1);
        assert!(block(&wrong).is_err(), "{wrong:?}");
        wrong[number].clear();
        assert!(block(&wrong).is_err(), "{wrong:?}");
    }
    let readout = |weight: &[i64], bias: &[i64], head: &[i64]| {
        Readout::new([&zeros(weight), &zeros(bias)], 1e-5, &zeros(head))
    };
    assert!(readout(&[32], &[32], &[16, 32]).is_ok());
    for [weight, bias, head] in [
        [&[31][..], &[32], &[16, 32]],
        [&[32], &[31], &[16, 32]],
        [&[32], &[32], &[16, 33]],
        [&[32], &[32], &[32]],
        [&[32], &[32], &[0, 32]],
        [&[0], &[0], &[16, 0]],
    ] {
        assert!(readout(weight, bias, head).is_err(), "{weight:?} {bias:?} {head:?}");
    }
}

fn check(n: usize, count: usize) {
    let plan = TransformPlan::new(n).unwrap();
    let (mut spectrum, mut rows) = (noise(1, plan.spectrum_len()), noise(2, count * PANEL));
    let (taps, input) = (spectrum.to_vec(), rows.to_vec());
    let mut work = Buffer::new(plan.work_len()).unwrap();
    plan.spectrum(&mut spectrum, n / 2, &mut work, Threads::Calling);
    plan.convolve(&mut rows, &spectrum, &mut work, Threads::Calling);
    for i in [0, 1, count / 3, count / 2, count - 1].into_iter().filter(|&i| i < count) {
        for c in [0, 5, 15, 16, 31] {
            let at = |values: &[f32], j: usize| f64::from(values[j * PANEL + c]);
            let want: f64 = (0..=i).map(|j| at(&input, j) * at(&taps, i - j)).sum();
            let error = (at(&rows, i) - want).abs();
            assert!(error < 2e-6 * (count as f64).sqrt(), "n={n} i={i} c={c}: {error}");
        }
    }
}

#[test]
fn more_taps_than_half_the_points_are_convolved_cyclically() {
    for n in [4, 8, 16, 64, 128, 1024, 8192] {
        let plan = TransformPlan::new(n).unwrap();
        let (mut spectrum, mut rows) = (noise(1, plan.spectrum_len()), noise(2, n / 2 * PANEL));
        let (taps, input) = (spectrum.to_vec(), rows.to_vec());
        let mut work = Buffer::new(plan.work_len()).unwrap();
        plan.spectrum(&mut spectrum, n, &mut work, Threads::Calling);
        plan.convolve(&mut rows, &spectrum, &mut work, Threads::Calling);
        for (i, c) in [(0, 0), (n / 4, 17), (n / 2 - 1, 31)] {
            let at = |values: &[f32], j: usize| f64::from(values[j * PANEL + c]);
            let want: f64 = (0..n / 2).map(|j| at(&input, j) * at(&taps, (n + i - j) % n)).sum();
            let error = (at(&rows, i) - want).abs();
            assert!(error < 4e-6 * (n as f64).sqrt(), "n={n} i={i} c={c}: {error}");
        }
    }
}

#[test]
fn products_end_with_the_first_tap() {
    for count in [0, 1, 2, 3, 16, 33] {
        let (values, taps) = (noise(1, count * PANEL), noise(2, count * PANEL));
        let mut sums = vec![1.0; PANEL];
        add_products(&values, &taps, &mut sums);
        for (c, got) in sums.into_iter().enumerate() {
            let product = |i| values[i * PANEL + c] * taps[(count - 1 - i) * PANEL + c];
            let want = 1.0 + (0..count).map(product).sum::<f32>();
            assert!((got - want).abs() < 1e-5, "{count} {c}: {got} {want}");
        }
    }
}

#[test]
fn convolves_with_every_radix() {
    for n in [4, 8, 12, 16, 20, 32, 36, 40, 60, 64, 100, 128, 256, 480, 512, 1024, 8192, 40960] {
        check(n, n / 2);
    }
    assert!(
        TransformPlan::new(28).is_err()
            && TransformPlan::new(2).is_err()
            && TransformPlan::new(6).is_err()
    );
}

/// Threads that share a transform compute what one computes, to the bit.
#[test]
fn shared_transforms_equal_those_of_one_thread() {
    for n in [4, 64, 1024, 16384, 20480, 24576, 32768, 40960, 131_072] {
        let plan = TransformPlan::new(n).unwrap();
        for (taps, count) in [(n / 2, n / 2), (n / 2, n / 3), (n, 1)] {
            let [alone, shared] = [Threads::Calling, Threads::All].map(|threads| {
                let mut spectrum = noise(1, plan.spectrum_len());
                let (mut rows, mut work) =
                    (noise(2, count * PANEL), Buffer::new(plan.work_len()).unwrap());
                plan.spectrum(&mut spectrum, taps, &mut work, threads);
                plan.convolve(&mut rows, &spectrum, &mut work, threads);
                [spectrum, rows].map(|made| made.iter().map(|x| x.to_bits()).collect::<Vec<_>>())
            });
            assert!(alone == shared, "{taps} taps, {count} rows of {n}");
        }
    }
}

proptest! {
    #[test]
    fn convolves_any_number_of_rows(count in 1usize..600, more in 0usize..3) {
        let n = crate::model::cpu::transform_size(count) << more;
        check(n, count);
    }
}

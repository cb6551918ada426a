//! Cost of a pass, in operations and in memory, before it is run.

use tch::Device;

use super::subject::{BenchSubject, Mixer, Pass};
use crate::{
    inference::memory::{
        self, Advice, Bytes, TooLarge,
        step::{self, Recompute},
    },
    model::network::leaves::Precision,
    training::engine,
};

/// Floating point operations of the dense products of a pass: projections (D → 3·D and D → D) and
/// MLP (D → 4·D → D), two for each weight and base, and twice that again for both gradients. The
/// head, the convolutions and the products within attention do not count.
pub fn flop(subject: &BenchSubject, length: u64) -> f64 {
    let BenchSubject { layers, width, batch, pass, .. } = *subject;
    let forward = 24.0 * (width as f64).powi(2) * layers as f64 * (batch * length) as f64;
    match pass {
        Pass::Forward => forward,
        Pass::Step => 3.0 * forward,
    }
}

/// Checks that sequences of `length` fit into `free` bytes.
///
/// # Errors
/// They do not; says what would.
pub fn check(subject: &BenchSubject, length: u64, free: Option<usize>) -> Result<(), TooLarge> {
    let BenchSubject { batch, pass, .. } = *subject;
    let Some(free) = free else {
        return Ok(());
    };
    let needed = least_bytes(subject, length);
    if needed.fit(free) {
        return Ok(());
    }
    let fits = |batch: u64, length: u64| {
        least_bytes(&BenchSubject { batch, ..subject.clone() }, length).fit(free)
    };
    // powers of two
    let smaller =
        |than: u64| (0..than.ilog2() + 1).rev().map(|n| 1 << n).filter(move |&n| n < than);
    let advice = if let Some(batch) = smaller(batch).find(|&batch| fits(batch, length)) {
        Advice::fits(format!("--batch {batch}"))
    } else if let Some(length) = smaller(length).find(|&length| fits(batch, length)) {
        Advice::fits(format!("--lengths up to {length}"))
    } else {
        Advice::remedy("no length of this model fits; lower --batch, --width or --layers")
    };
    let pass = match pass {
        Pass::Forward => "forward pass",
        Pass::Step => "step",
    };
    let work = format!("a {pass} over {batch} × {length} bases");
    Err(TooLarge { work, needed, free: Bytes(free), advice })
}

/// Recomputation of a step of the Hyena network: the least that fits, as in `train`.
pub fn recompute(subject: &BenchSubject, length: u64, free: Option<usize>) -> Recompute {
    let fits = |&recompute: &Recompute| {
        free.is_none_or(|free| bytes(subject, length, recompute).fit(free))
    };
    let less = [Recompute::None, Recompute::Mixer];
    less.into_iter().find(fits).unwrap_or(Recompute::Block)
}

/// Describes the memory of a pass as it will be run.
pub fn in_words(subject: &BenchSubject, length: u64, free: Option<usize>) -> String {
    let recompute = recompute(subject, length, free);
    let needed = bytes(subject, length, recompute);
    let of = free.map_or_else(String::new, |free| format!(" of {} that are free", Bytes(free)));
    let with = match (subject.mixer, subject.pass, recompute.part()) {
        (Mixer::Hyena, Pass::Step, Some(part)) => format!(", with {part} recomputed"),
        _ => String::new(),
    };
    format!("{length} bases need about {needed:.2}{of}{with}")
}

/// Memory in the most frugal way.
fn least_bytes(subject: &BenchSubject, length: u64) -> Bytes {
    bytes(subject, length, Recompute::Block)
}

/// Memory of a pass at its peak, weights included. `recompute` is about steps of the Hyena network.
fn bytes(subject: &BenchSubject, length: u64, recompute: Recompute) -> Bytes {
    let BenchSubject { mixer, pass, batch, threads, precision, device, .. } = *subject;
    let config = subject.architecture(length);
    let weights = memory::pass::weights(&config);
    let bases = (batch * length) as usize;
    match (mixer, pass) {
        (Mixer::Hyena, Pass::Forward) if device == Device::Cpu => {
            let rows = match batch {
                1 => length as usize,
                _ => (threads * memory::batch_tokens(&config, threads)).max(length as usize),
            };
            let cache = memory::cache_bytes();
            let pass = memory::pass::on_cpu(&config, threads, rows, length as usize, cache);
            Bytes(2 * weights + pass)
        }
        (Mixer::Hyena, Pass::Forward) => {
            let pass = memory::pass::by_operators(&config, bases, length as usize);
            Bytes(pass.saturating_add(2 * weights))
        }
        (Mixer::Hyena, Pass::Step) => {
            let at_once = engine::at_once(batch, length, subject.batch_tokens(), threads);
            step::bytes(&config, precision, recompute, at_once)
        }
        (Mixer::Attention, pass) => {
            let (layers, width) = (config.n_layer as f64, config.d_model as f64);
            let half = if precision == Precision::Bf16 { 0.5 } else { 1.0 };
            let (copies, floats) = match pass {
                // stream and norm; u, the rotated part twice, or the hidden layer twice
                Pass::Forward => (2, width * (4.0 + half * 9.0)),
                Pass::Step => {
                    // stream and norms; u, what is rotated, y, the hidden layer and its gelu
                    let kept = 4.0 + half * 15.0;
                    let working = 20.0;
                    let ends = width * 4.0 + 64.0;
                    (4, width * (layers * kept + working) + ends)
                }
            };
            let activations = memory::SLACK * 4.0 * bases as f64 * (floats + ROTARY);
            Bytes::estimated((copies * weights) as f64 + activations)
        }
    }
}

/// Floats for each base of cosines and sines, and of their angles while they are made.
const ROTARY: f64 = 256.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::bench::tests::subject;

    /// Every weight of the products is multiplied and added once for each base.
    #[test]
    fn operations_are_two_for_each_weight() {
        let forward = BenchSubject { layers: 3, width: 32, batch: 4, ..subject() };
        let shapes = [(32, 3 * 32), (32, 32), (32, 4 * 32), (4 * 32, 32)];
        let weights: u64 = shapes.iter().map(|(a, b)| a * b).sum();
        let want = (2 * weights * 3 * 4 * 1000) as f64;
        assert_eq!(flop(&forward, 1000), want);
        assert_eq!(flop(&BenchSubject { pass: Pass::Step, ..forward }, 1000), 3.0 * want);
        // 2 × 128 at a million bases, by hand: 24·128²·2·10⁶
        let paper = BenchSubject { layers: 2, width: 128, ..subject() };
        assert_eq!(flop(&paper, 1_000_000), 786_432_000_000.0);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let free = Some(4_000_000_000);
        for mixer in [Mixer::Hyena, Mixer::Attention] {
            for pass in [Pass::Forward, Pass::Step] {
                let long = BenchSubject { mixer, pass, ..subject() };
                assert_eq!(check(&long, 65_536, free), Ok(()), "{mixer:?} {pass:?}");
                assert_eq!(check(&long, 1 << 24, None), Ok(()));
                let error = check(&long, 1 << 24, free).unwrap_err().to_string();
                assert!(error.contains("1 × 16777216 bases"), "{error}");
                let length = error.split("--lengths up to ").nth(1).unwrap();
                let length = length.split(' ').next().unwrap().parse().unwrap();
                assert_eq!(check(&long, length, free), Ok(()));
                let wide = BenchSubject { batch: 4096, ..long };
                let error = check(&wide, 65_536, free).err().map(|error| error.to_string());
                assert!(error.is_none_or(|e| e.contains("--batch ") && e.contains("would fit")));
            }
        }
        let error = check(&subject(), 1024, Some(1000)).unwrap_err().to_string();
        assert!(error.contains("no length"), "{error}");
    }

    #[test]
    fn a_step_recomputes_what_it_must() {
        let step = BenchSubject { pass: Pass::Step, layers: 8, width: 256, ..subject() };
        assert_eq!(recompute(&step, 160_000, None), Recompute::None);
        assert_eq!(recompute(&step, 160_000, Some(1 << 40)), Recompute::None);
        assert_eq!(recompute(&step, 160_000, Some(16_000_000_000)), Recompute::Block);
    }
}

//! Losses of the segments, and of native windows by position.

use std::ops::Range;

use super::design::{Background, Case, Design};
use crate::{
    inference::{
        computed::EngineError,
        engine::Engine,
        family::{Branch, Family, passes},
        reduction::bases::{ReadBase, ReadBases},
    },
    model::{cpu::Depth, tokenizer::is_predicted},
    training::evaluation::{Bin, Evaluation},
};

/// Losses of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Background of the case.
    pub background: Background,
    /// Mean losses of the segment in nats per base, after a copy and after a control, for each of
    /// [`Design::places`]; `None` where the control is the copy.
    pub pairs: Vec<Option<[f64; 2]>>,
    /// Losses of a native window by the number of bases before; empty for others.
    pub positions: Vec<Bin>,
}

/// Some of the branches of a case, which are computed together with its window.
struct Part {
    case: usize,
    branches: Range<usize>,
}

/// Losses of a part.
struct PartLosses {
    positions: Vec<Bin>,
    segments: Vec<f64>,
}

/// Measures cases, in order.
///
/// # Errors
/// The model cannot compute a window.
pub fn measure(
    engine: &mut Engine,
    design: &Design,
    cases: &[Case],
) -> Result<Vec<Measured>, EngineError> {
    let parts: Vec<Part> = cases.iter().enumerate().flat_map(parts).collect();
    let families: Vec<Family<'_>> = parts.iter().map(|part| family(cases, part)).collect();
    let of = |number: usize| read(design, &cases[parts[number].case], &parts[number]);
    let wanted = ReadBases { of, tokenizer: engine.tokenizer() };
    let computed = engine.reduce_to(&families, Depth::Predictions, &wanted)?;
    let losses = |(part, found): (&Part, Vec<f64>)| losses(design, &cases[part.case], part, found);
    let computed = parts.iter().zip(computed).map(losses);
    let new = |case: &Case| Measured {
        background: case.background,
        pairs: Vec::new(),
        positions: Vec::new(),
    };
    let mut measured: Vec<Measured> = cases.iter().map(new).collect();
    for (part, losses) in parts.iter().zip(computed) {
        let PartLosses { positions, segments } = losses;
        let mut all = segments.iter().copied().chain(positions.iter().map(|bin| bin.loss));
        if !all.all(f64::is_finite) {
            return Err(EngineError::NotFinite { length: design.layout.window });
        }
        let of_case = &mut measured[part.case];
        of_case.positions.extend(positions);
        let branches = cases[part.case].branches[part.branches.clone()].chunks_exact(2);
        let pairs = branches.zip(segments.chunks_exact(2));
        let pair = |(windows, losses): (&[(usize, Vec<u8>)], &[f64])| {
            (windows[0] != windows[1]).then_some([losses[0], losses[1]])
        };
        of_case.pairs.extend(pairs.map(pair));
    }
    Ok(measured)
}

/// Divides the branches of a case, which bounds the memory of a pass. A copy and its control stay
/// together.
fn parts((case, of): (usize, &Case)) -> Vec<Part> {
    const LEAST: usize = 1 << 15;
    let rows: Vec<usize> = of.branches.chunks_exact(2).map(|pair| 2 * pair[0].1.len()).collect();
    let part = |pairs: Range<usize>| Part { case, branches: 2 * pairs.start..2 * pairs.end };
    match rows.is_empty() {
        true => vec![part(0..0)],
        false => passes(&rows, LEAST.max(2 * of.window.len())).into_iter().map(part).collect(),
    }
}

fn family<'a>(cases: &'a [Case], part: &Part) -> Family<'a> {
    let case = &cases[part.case];
    let branches = case.branches[part.branches.clone()].iter();
    let branches = branches.map(|(from, bases)| Branch { from: *from, bases }).collect();
    Family { bases: &case.window, branches }
}

/// True if the losses by position of a native window are those of this part.
fn has_positions(case: &Case, part: &Part) -> bool {
    case.background == Background::Native && part.branches.start == 0
}

/// The bases whose log P is wanted of a part: those of the window, if it has positions, and of the segment of each branch.
fn read(design: &Design, case: &Case, part: &Part) -> Vec<ReadBase> {
    let bases = &case.window;
    let window = if has_positions(case, part) { 1..bases.len() } else { 0..0 };
    let segment = design.layout.farthest()..bases.len();
    let all = [(0, window)]
        .into_iter()
        .chain((1..=part.branches.len()).map(|member| (member, segment.clone())));
    let of = |(member, positions): (usize, Range<usize>)| {
        positions.map(move |position| ReadBase { member, position, base: bases[position] })
    };
    all.flat_map(of).filter(|read| is_predicted(read.base)).collect()
}

/// Losses of a part, from log P of its bases: see [`read`].
fn losses(design: &Design, case: &Case, part: &Part, found: Vec<f64>) -> PartLosses {
    let bases = &case.window;
    let mut found = found.into_iter();
    let mut next = |base: u8| if is_predicted(base) { found.next() } else { None };
    let mut positions = Vec::new();
    if has_positions(case, part) {
        let mut evaluation = Evaluation::default();
        evaluation.add(bases[1..].iter().map(|&base| next(base)));
        positions = evaluation.bins();
    }
    let segment = &bases[design.layout.farthest()..];
    let mut loss = |_| {
        let sum: f64 = segment.iter().filter_map(|&base| next(base)).sum();
        -sum / segment.len() as f64
    };
    PartLosses { positions, segments: (1..=part.branches.len()).map(&mut loss).collect() }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::{
        inference::{
            computed::Limits,
            predict::{PredictionJob, predict},
        },
        model::{
            network::{HyenaDna, leaves::Precision},
            tokenizer::Tokenizer,
            weights::source,
        },
        windows::repeats::{Layout, Repeat},
    };

    fn engine() -> Engine {
        let named = source::builtin().unwrap();
        let network = HyenaDna::new(&named.weights, Device::Cpu).unwrap();
        let precision = Precision::Fp32;
        let limits = Limits { batch_tokens: 256, threads: 2, cache_bytes: 1 << 24, precision };
        Engine::new(network, Device::Cpu, Tokenizer::default(), limits).unwrap()
    }

    /// The losses are those of whole sequences, each computed alone.
    #[test]
    fn losses_are_those_of_whole_sequences() {
        let mut engine = engine();
        let design = Design {
            layout: Layout { window: 200, segment: 20, rate: 0.1 },
            distances: vec![20, 64, 180],
            repeats: vec![Repeat::Exact, Repeat::ReverseComplement],
            backgrounds: vec![Background::Native, Background::Shuffled],
            replicates: 2,
            seed: 1,
        };
        let native: Vec<u8> = (0..200_usize).map(|i| b"ACGT"[i * i * 7 % 13 % 4]).collect();
        let cases = design.cases(0, native);
        let found = measure(&mut engine, &design, &cases).unwrap();
        let mut alone = |bases: Vec<u8>, counted: Range<usize>| -> f64 {
            let count = counted.len() as f64;
            let predictions = predict(&mut engine, &[PredictionJob { bases, counted }]).unwrap();
            let sum: f64 = predictions[0].iter().map(|p| p.unwrap().log_probability).sum();
            -sum / count
        };
        for (case, found) in cases.iter().zip(&found) {
            assert_eq!((case.background, found.pairs.len()), (found.background, 6));
            let losses = found.pairs.iter().flatten().flatten();
            for ((from, bases), loss) in case.branches.iter().zip(losses) {
                let whole = [&case.window[..*from], bases].concat();
                let want = alone(whole, 180..200);
                assert!((loss - want).abs() < 1e-4, "{loss} {want}");
            }
        }
        let bounds: Vec<_> = found[0].positions.iter().map(|bin| (bin.from, bin.to)).collect();
        assert_eq!(bounds, [(1, 16), (17, 64), (65, 199)]);
        let want = alone(cases[0].window.clone(), 17..65);
        assert!((found[0].positions[1].loss - want).abs() < 1e-4);
        assert!(found[1].positions.is_empty());
    }
}

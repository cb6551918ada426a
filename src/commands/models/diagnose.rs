//! `hyenadna models info --diagnose`: shift, rows of the vocabulary and usable context, on data.

use std::{fmt::Write, path::PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueHint};

use crate::{
    cli::{
        Global,
        genomes::{GenomeArgs, log_ambiguous},
        model::ModelArgs,
    },
    formats::number::{counted, number},
    model::{
        tokenizer::TOKENS,
        weights::{names, padding_rows, source::Named},
    },
    process::{exit::Usage, logging::Display, progress::Progress},
    sampling::{Interval, Rest, Tiles},
    statistics::Estimate,
    training::{evaluation::Evaluation, validation::log_probabilities},
};

/// Shifts to try, beside that of the model.
const SHIFTS: [f64; 6] = [-0.02, 0.0, 0.01, 0.02, 0.05, 0.1];
/// Standard errors from which on a difference is one.
const CLEAR: f64 = 3.0;
/// Windows unless others are requested.
const WINDOWS: u64 = 200;

/// Data to diagnose a model with.
#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// Also measure on this genome (FASTA): the shift that fits it, rows of the vocabulary that were never
    /// trained, and the usable context
    #[arg(long, value_name = "FASTA", value_hint = ValueHint::FilePath)]
    diagnose: Option<PathBuf>,
    /// Length of a window, in bases [default: the model's context]
    #[arg(long, value_name = "L", requires = "diagnose")]
    window: Option<u64>,
    /// Largest number of windows, spread evenly [default: 200]
    #[arg(long, value_name = "N", requires = "diagnose", value_parser = clap::value_parser!(u64).range(2..))]
    most_windows: Option<u64>,
}

/// A row of the table.
#[derive(Debug, Default, Clone, PartialEq)]
struct Finding {
    check: &'static str,
    value: String,
    figure: Option<f64>,
    unit: &'static str,
    /// Change from the model's own shift, or from the range of positions before.
    change: Option<Estimate>,
    advice: String,
}

/// Measures a model. Returns the table; nothing without `--diagnose`.
///
/// # Errors
/// The genome cannot be read or has no window, or the model cannot compute.
pub fn table(
    args: &DiagnoseArgs,
    named: &Named,
    global: &Global,
    display: &Display,
) -> Result<String> {
    let Some(path) = &args.diagnose else { return Ok(String::new()) };
    let own = named.weights.config.shift;
    let windows = read(args, &GenomeArgs::whole(path), named)?;
    let mut shifts: Vec<f64> = SHIFTS.to_vec();
    if !shifts.contains(&own) {
        shifts.push(own);
    }
    shifts.sort_by(f64::total_cmp);
    let all = windows.len() as u64;
    let mut progress = Progress::new(display, "window", Some(all * shifts.len() as u64));
    let mut measured = Vec::new();
    for (number, &shift) in (1..).zip(&shifts) {
        let mut shifted = named.clone();
        shifted.weights.config.shift = shift;
        measured.push((shift, measure(&shifted, &windows, global)?));
        progress.add(all);
        progress.reach(all * number);
    }
    progress.finish();
    let at_own = measured.iter().find(|(shift, _)| *shift == own);
    let at_own = at_own.map(|(_, windows)| windows.as_slice()).unwrap_or_default();
    let mut findings = of_shifts(&measured, own, at_own);
    findings.extend(of_rows(named));
    findings.extend(of_positions(at_own));
    let mut table = "#check\tvalue\tfigure\tunit\tchange\tse\tadvice\n".to_owned();
    for Finding { check, value, figure, unit, change, advice } in &findings {
        let figure = number(*figure);
        let change = [change.map(|of| of.mean), change.and_then(|of| of.error)].map(number);
        let [change, se] = change;
        let advice = if advice.is_empty() { "." } else { advice };
        writeln!(table, "{check}\t{value}\t{figure}\t{unit}\t{change}\t{se}\t{advice}")?;
    }
    Ok(table)
}

/// The windows that have a base to predict.
///
/// # Errors
/// The genome cannot be read, or has fewer than two.
fn read(args: &DiagnoseArgs, genomes: &GenomeArgs, named: &Named) -> Result<Vec<Vec<u8>>> {
    let context = named.weights.config.context().max(1) as u64;
    let length = args.window.unwrap_or(context);
    if length < 2 || length > context {
        bail!(Usage(format!(
            "--window is {length}, expected 2 to {context}, the context of {}",
            named.name
        )));
    }
    let (mut genomes, intervals) = genomes.open()?;
    let long: Vec<Interval> =
        intervals.iter().filter(|interval| interval.len() >= length).cloned().collect();
    let name = genomes.first().map(|genome| genome.name().to_owned()).unwrap_or_default();
    let most = args.most_windows.unwrap_or(WINDOWS);
    let mut windows = Vec::new();
    for tile in Tiles::new(&long, length, Some(most), Rest::Skipped) {
        let mut bases = Vec::with_capacity(tile.len() as usize);
        let reference = &mut genomes[tile.genome].reference;
        reference.fetch_into(tile.contig, tile.range.clone(), &mut bases)?;
        if bases[1..].iter().any(|base| b"ACGT".contains(base)) {
            windows.push(bases);
        }
    }
    log_ambiguous(&genomes);
    if windows.len() < 2 {
        let longest = intervals.iter().map(Interval::len).max().unwrap_or(0);
        bail!(
            "{name}: {} of {length} bases with a base to predict, expected 2 or more (the longest sequence has {longest}); give a shorter --window or another genome",
            counted(windows.len(), "window")
        );
    }
    Ok(windows)
}

/// Losses of each window by position.
///
/// # Errors
/// The model cannot compute.
fn measure(named: &Named, windows: &[Vec<u8>], global: &Global) -> Result<Vec<Evaluation>> {
    let model = ModelArgs::automatic(&named.name);
    let mut engine = model.engine(named, global)?;
    let chunk = model.chunk_tokens(named, global).max(1);
    let mut measured = Vec::with_capacity(windows.len());
    for some in windows.chunks((chunk / windows[0].len()).max(1)) {
        for window in log_probabilities(&mut engine, some)? {
            let mut evaluation = Evaluation::default();
            evaluation.add(window.into_iter());
            measured.push(evaluation);
        }
    }
    Ok(measured)
}

/// Bits per base of a window.
fn bits(window: &Evaluation) -> f64 {
    window.loss() / std::f64::consts::LN_2
}

/// True if a change is below 0 by more than its error.
fn falls(change: &Estimate) -> bool {
    change.error.is_some_and(|error| change.mean < -CLEAR * error)
}

/// The change from one measurement of the windows to another, by pairs.
fn change(from: &[Evaluation], to: &[Evaluation]) -> Option<Estimate> {
    let changes = from.iter().zip(to).map(|(from, to)| bits(to) - bits(from));
    Estimate::of(&changes.collect::<Vec<_>>())
}

/// The shifts, by the change from the model's own.
fn of_shifts(measured: &[(f64, Vec<Evaluation>)], own: f64, at_own: &[Evaluation]) -> Vec<Finding> {
    let changes: Vec<Option<Estimate>> = measured
        .iter()
        .map(|(shift, windows)| change(at_own, windows).filter(|_| *shift != own))
        .collect();
    let lower = changes.iter().enumerate().filter_map(|(place, change)| Some((place, (*change)?)));
    let best = lower
        .filter(|(_, change)| falls(change))
        .min_by(|(_, a), (_, b)| a.mean.total_cmp(&b.mean))
        .map(|(place, _)| place);
    let advice = |place: usize, shift: f64, windows: &[Evaluation]| match best {
        Some(best) if best == place => format!("fits best: models convert --shift {shift}"),
        _ if shift == own && best.is_none() => {
            "the shift of the model; no other fits clearly better".to_owned()
        }
        _ if shift == own => "the shift of the model".to_owned(),
        Some(best) if !change(windows, &measured[best].1).is_some_and(|change| falls(&change)) => {
            "not clearly worse than the best".to_owned()
        }
        _ => String::new(),
    };
    let finding = |(place, (shift, windows)): (usize, &(f64, Vec<Evaluation>))| Finding {
        check: "shift",
        value: shift.to_string(),
        figure: Estimate::of(&windows.iter().map(bits).collect::<Vec<_>>()).map(|of| of.mean),
        unit: "bits_per_base",
        change: changes[place],
        advice: advice(place, *shift, windows),
    };
    measured.iter().enumerate().map(finding).collect()
}

/// Rows of the embedding, and of the head if it is another matrix, by their distance from the rows that no
/// token uses.
fn of_rows(named: &Named) -> Vec<Finding> {
    let untied = named.weights.untied_head().is_some();
    let matrices = [("embedding", names::EMBEDDING), ("head", names::HEAD)];
    let mut findings = Vec::new();
    for (what, name) in matrices.into_iter().take(if untied { 2 } else { 1 }) {
        let Some(distances) = padding_rows::distances(&named.weights, name) else {
            findings.push(Finding {
                check: "row",
                value: what.to_owned(),
                unit: "spreads",
                advice: "not known: the unused rows do not show what an untrained row looks like"
                    .to_owned(),
                ..Finding::default()
            });
            continue;
        };
        for (token, distance) in TOKENS.iter().zip(distances) {
            let is_trained = distance > padding_rows::NEAR;
            let advice = match (is_trained, *token) {
                (true, _) => "",
                (false, "N") => "untrained: leave --n-token at auto, which feeds zeros",
                (false, "A" | "C" | "G" | "T") => "untrained: not a model of DNA",
                (false, _) => "untrained",
            };
            findings.push(Finding {
                check: "row",
                value: format!("{what} {token}"),
                figure: Some(distance),
                unit: "spreads",
                advice: advice.to_owned(),
                ..Finding::default()
            });
        }
    }
    findings
}

/// Bits per base by the number of bases before, and the range from which on they fall no further.
fn of_positions(windows: &[Evaluation]) -> Vec<Finding> {
    let longest = windows.iter().max_by_key(|window| window.losses.len());
    let bins = longest.map(Evaluation::bins).unwrap_or_default();
    // of each range, the bits of each window; NaN where all of it is N
    let of_bin = |number: usize| -> Vec<f64> {
        let bits = |w: &Evaluation| {
            w.bin(bins[number].from, bins[number].to).loss / std::f64::consts::LN_2
        };
        windows.iter().map(bits).collect()
    };
    let all: Vec<Vec<f64>> = (0..bins.len()).map(of_bin).collect();
    let change = |from: usize, to: usize| {
        let pairs = all[from].iter().zip(&all[to]).map(|(from, to)| to - from);
        Estimate::of(&pairs.filter(|change| change.is_finite()).collect::<Vec<_>>())
    };
    let is_last = |&from: &usize| {
        (from + 1..bins.len()).all(|to| !change(from, to).is_some_and(|change| falls(&change)))
    };
    let last = (0..bins.len()).find(is_last);
    let finding = |number: usize| {
        let known: Vec<f64> = all[number].iter().copied().filter(|bits| bits.is_finite()).collect();
        let bin = &bins[number];
        let advice = match last {
            Some(last) if last == number && number + 1 == bins.len() => {
                format!("bits fall up to here: all {} bases are used", bin.to)
            }
            Some(last) if last == number => {
                format!("bits fall no further: usable context of about {} bases", bin.to)
            }
            _ => String::new(),
        };
        Finding {
            check: "position",
            value: format!("{}-{}", bin.from, bin.to),
            figure: Estimate::of(&known).map(|of| of.mean),
            unit: "bits_per_base",
            change: if number == 0 { None } else { change(number - 1, number) },
            advice,
        }
    };
    (0..bins.len()).map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::LN_2;

    /// A window of 300 targets whose bits are given by position.
    fn window(bits: impl Fn(usize) -> f64) -> Evaluation {
        let mut evaluation = Evaluation::default();
        evaluation.add((1..=300).map(|before| Some(-LN_2 * bits(before))));
        evaluation
    }

    #[test]
    fn the_best_shift_must_be_clearly_better() {
        let own: Vec<_> = (0..4).map(|i| window(|_| 1.8 + 0.1 * f64::from(i))).collect();
        let by = |changes: [f64; 4]| -> Vec<Evaluation> {
            changes.iter().zip(&own).map(|(change, own)| window(|_| bits(own) + change)).collect()
        };
        let clear = (0.0, by([-0.01, -0.012, -0.011, -0.009]));
        let alike = (0.01, by([-0.011, -0.009, -0.012, -0.008]));
        let noise = (0.1, by([0.02, 0.03, 0.02, 0.03]));
        let measured = [clear, alike, (0.05, own.clone()), noise.clone()];
        let advice: Vec<String> =
            of_shifts(&measured, 0.05, &own).into_iter().map(|finding| finding.advice).collect();
        let expected = [
            "fits best: models convert --shift 0",
            "not clearly worse than the best",
            "the shift of the model",
            "",
        ];
        assert_eq!(advice, expected);
        let found = of_shifts(&[(0.05, own.clone()), noise], 0.05, &own);
        assert_eq!(found[0].advice, "the shift of the model; no other fits clearly better");
        assert_eq!(found[0].change, None);
    }

    #[test]
    fn the_usable_context_ends_where_bits_stop_falling() {
        let noise = |i: u32| 0.01 * f64::from(i % 3);
        let of = |bits: fn(usize) -> f64| -> Vec<(String, String)> {
            let windows: Vec<_> =
                (0..6_u32).map(|i| window(|n| bits(n) + noise(i) * (n as f64).ln())).collect();
            let found = of_positions(&windows).into_iter();
            found.filter(|f| !f.advice.is_empty()).map(|f| (f.value, f.advice)).collect()
        };
        let until = |at: &str, advice: &str| vec![(at.to_owned(), advice.to_owned())];
        assert_eq!(
            of(|n| if n <= 16 { 1.9 } else { 1.5 }),
            until("17-64", "bits fall no further: usable context of about 64 bases")
        );
        assert_eq!(
            of(|n| 2.0 - 0.001 * n as f64 - 0.05 * (n as f64).ln()),
            until("257-300", "bits fall up to here: all 300 bases are used")
        );
    }
}

//! `hyenadna models info --diagnose`: shift, rows of the vocabulary and usable context, on data.

use std::{f64::consts::LN_2, fmt::Write, path::PathBuf};

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
    training::{
        evaluation::{Bin, Evaluation},
        validation::log_probabilities,
    },
};

/// Shifts to try, beside that of the model.
const SHIFTS: [f64; 6] = [-0.02, 0.0, 0.01, 0.02, 0.05, 0.1];
/// Smallest difference of shifts that is of use, in bits per base.
const USEFUL: f64 = 0.002;
/// Fewest windows for advice on the shift or on the context.
const ENOUGH: usize = 20;
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

/// Bits of a window.
#[derive(Debug, Clone, PartialEq)]
struct Window {
    /// Bits per base.
    bits: f64,
    /// Losses by the number of bases before; empty unless requested.
    bins: Vec<Bin>,
}

impl Window {
    fn new(losses: &Evaluation, with_bins: bool) -> Self {
        let bins = if with_bins { losses.bins() } else { Vec::new() };
        Self { bits: losses.loss() / LN_2, bins }
    }
}

/// The windows to measure.
struct Sample {
    /// Name of the genome.
    genome: String,
    /// Bases of each window, all of one length.
    windows: Vec<Vec<u8>>,
}

impl DiagnoseArgs {
    /// True with `--diagnose`.
    pub fn is_requested(&self) -> bool {
        self.diagnose.is_some()
    }
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
    let sample = read(args, &GenomeArgs::whole(path), named)?;
    let mut shifts: Vec<f64> = SHIFTS.to_vec();
    if !shifts.contains(&own) {
        shifts.push(own);
    }
    shifts.sort_by(f64::total_cmp);
    let all = sample.windows.len() as u64;
    let mut progress = Progress::new(display, "window", Some(all * shifts.len() as u64));
    let mut measured = Vec::new();
    for (number, &shift) in (1..).zip(&shifts) {
        let mut shifted = named.clone();
        shifted.weights.config.shift = shift;
        measured.push((shift, measure(&shifted, &sample.windows, shift == own, global)?));
        progress.add(all);
        progress.reach(all * number);
    }
    progress.finish();
    let at_own = measured.iter().find(|(shift, _)| *shift == own);
    let at_own = at_own.map(|(_, windows)| windows.as_slice()).unwrap_or_default();
    let mut findings = of_sample(&sample, named.weights.config.context().max(1) as usize);
    findings.extend(of_shifts(&measured, own, at_own));
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
fn read(args: &DiagnoseArgs, genomes: &GenomeArgs, named: &Named) -> Result<Sample> {
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
    let genome = genomes.first().map(|genome| genome.name().to_owned()).unwrap_or_default();
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
            "{genome}: {} of {length} bases with a base to predict, expected 2 or more (the longest sequence has {longest}); give a shorter --window or another genome",
            counted(windows.len(), "window")
        );
    }
    Ok(Sample { genome, windows })
}

/// Bits of each window, by position too if `with_bins`.
///
/// # Errors
/// The model cannot compute.
fn measure(
    named: &Named,
    windows: &[Vec<u8>],
    with_bins: bool,
    global: &Global,
) -> Result<Vec<Window>> {
    let model = ModelArgs::automatic(&named.name);
    let mut engine = model.engine(named, global)?;
    let chunk = model.chunk_tokens(named, global).max(1);
    let mut measured = Vec::with_capacity(windows.len());
    for some in windows.chunks((chunk / windows[0].len()).max(1)) {
        for window in log_probabilities(&mut engine, some)? {
            let mut losses = Evaluation::default();
            losses.add(window.into_iter());
            measured.push(Window::new(&losses, with_bins));
        }
    }
    Ok(measured)
}

/// The genome, and number and length of the windows.
fn of_sample(Sample { genome, windows }: &Sample, context: usize) -> Vec<Finding> {
    let length = windows.first().map_or(0, Vec::len);
    let count = windows.len();
    let few = format!("few: {ENOUGH} or more are needed for advice");
    let short = format!("shorter than the context of {context}: findings are for this length");
    let row = |value: &str, figure: usize, unit, advice: Option<String>| Finding {
        check: "data",
        value: value.to_owned(),
        figure: Some(figure as f64),
        unit,
        advice: advice.unwrap_or_default(),
        ..Finding::default()
    };
    vec![
        row(genome, count, "windows", (count < ENOUGH).then_some(few)),
        row("window", length, "bases", (length < context).then_some(short)),
    ]
}

/// The change from one measurement of the windows to another, by pairs.
fn change(from: &[Window], to: &[Window]) -> Option<Estimate> {
    let changes = from.iter().zip(to).map(|(from, to)| to.bits - from.bits);
    Estimate::of(&changes.collect::<Vec<_>>())
}

/// The shifts in ascending order, by the change from the model's own. One is better if the bits of enough
/// windows are clearly lower, and by a useful difference.
fn of_shifts(measured: &[(f64, Vec<Window>)], own: f64, at_own: &[Window]) -> Vec<Finding> {
    let comparisons = measured.len().saturating_sub(1);
    let is_better = |change: &Estimate| {
        change.count >= ENOUGH && change.mean <= -USEFUL && change.is_below(comparisons)
    };
    let changes: Vec<Option<Estimate>> = measured
        .iter()
        .map(|(shift, windows)| change(at_own, windows).filter(|_| *shift != own))
        .collect();
    let known = changes.iter().enumerate().filter_map(|(place, change)| Some((place, (*change)?)));
    let best = known
        .filter(|(_, change)| is_better(change))
        .min_by(|(_, a), (_, b)| a.mean.total_cmp(&b.mean))
        .map(|(place, _)| place);
    let advice = |place: usize, shift: f64, windows: &[Window]| match best {
        Some(best) if best == place && place == 0 => {
            "fits best, but is the lowest tried; lower ones may fit better".to_owned()
        }
        Some(best) if best == place && place + 1 == measured.len() => {
            "fits best, but is the highest tried; higher ones may fit better".to_owned()
        }
        Some(best) if best == place => format!("fits best: models convert --shift {shift}"),
        _ if shift == own && best.is_none() => {
            "the shift of the model; no other fits clearly better".to_owned()
        }
        _ if shift == own => "the shift of the model".to_owned(),
        Some(best)
            if !change(windows, &measured[best].1).is_some_and(|change| is_better(&change)) =>
        {
            "not clearly worse than the best".to_owned()
        }
        _ => String::new(),
    };
    let finding = |(place, (shift, windows)): (usize, &(f64, Vec<Window>))| Finding {
        check: "shift",
        value: shift.to_string(),
        figure: Estimate::of(&windows.iter().map(|window| window.bits).collect::<Vec<_>>())
            .map(|of| of.mean),
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
                (false, "N") if name == names::EMBEDDING => {
                    "untrained: leave --n-token at auto, which feeds zeros"
                }
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

/// Bits per base by the number of bases before, and the first range that no later one is clearly below.
fn of_positions(windows: &[Window]) -> Vec<Finding> {
    let bins = windows.first().map(|window| window.bins.as_slice()).unwrap_or_default();
    // of each range, the bits of each window; NaN where all of it is N
    let of_bin = |number: usize| -> Vec<f64> {
        windows.iter().map(|window| window.bins[number].loss / LN_2).collect()
    };
    let all: Vec<Vec<f64>> = (0..bins.len()).map(of_bin).collect();
    let change = |from: usize, to: usize| {
        let pairs = all[from].iter().zip(&all[to]).map(|(from, to)| to - from);
        Estimate::of(&pairs.filter(|change| change.is_finite()).collect::<Vec<_>>())
    };
    let comparisons = bins.len() * bins.len().saturating_sub(1) / 2;
    let is_last = |&from: &usize| {
        (from + 1..bins.len())
            .all(|to| !change(from, to).is_some_and(|change| change.is_below(comparisons)))
    };
    let last = (0..bins.len()).find(is_last).filter(|_| bins.len() > 1);
    let finding = |number: usize| {
        let known: Vec<f64> = all[number].iter().copied().filter(|bits| bits.is_finite()).collect();
        let bin = &bins[number];
        let advice = match last {
            Some(last) if last == number && number + 1 == bins.len() => {
                format!("bits fall up to here: all {} bases are used", bin.to)
            }
            Some(last) if last == number && windows.len() < ENOUGH => {
                "no later range is clearly lower, but windows are few".to_owned()
            }
            Some(last) if last == number => {
                format!("no later range is clearly lower: usable context of about {} bases", bin.to)
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

    /// A window of some targets whose bits are given by position.
    fn window(targets: usize, bits: impl Fn(usize) -> f64) -> Window {
        let mut losses = Evaluation::default();
        losses.add((1..=targets).map(|before| Some(-LN_2 * bits(before))));
        Window::new(&losses, true)
    }

    /// Windows of 300 targets.
    fn windows(count: usize) -> Vec<Window> {
        (0..count).map(|i| window(300, |_| 1.8 + 0.01 * (i % 7) as f64)).collect()
    }

    /// The windows with other bits, by their numbers.
    fn changed(of: &[Window], by: impl Fn(usize) -> f64) -> Vec<Window> {
        let one =
            |(i, window): (usize, &Window)| Window { bits: window.bits + by(i), ..window.clone() };
        of.iter().enumerate().map(one).collect()
    }

    fn advice(measured: &[(f64, Vec<Window>)], own: &[Window]) -> Vec<String> {
        of_shifts(measured, 0.05, own).into_iter().map(|finding| finding.advice).collect()
    }

    #[test]
    fn the_best_shift_must_be_clearly_better() {
        let own = windows(24);
        let spread = |i: usize| 0.001 * (i % 3) as f64;
        let noise = (0.1, changed(&own, |i| 0.02 + spread(i)));
        let lowest = (-0.02, changed(&own, |i| spread(i) - 0.009));
        let clear = (0.0, changed(&own, |i| spread(i) - 0.012));
        let alike = (0.01, changed(&own, |i| spread(i + 1) - 0.011));
        let measured = [lowest, clear.clone(), alike.clone(), (0.05, own.clone()), noise.clone()];
        let expected = [
            "",
            "fits best: models convert --shift 0",
            "not clearly worse than the best",
            "the shift of the model",
            "",
        ];
        assert_eq!(advice(&measured, &own), expected);
        // at the end of the grid, others may be better
        let measured = [clear, alike, (0.05, own.clone()), noise.clone()];
        let expected = "fits best, but is the lowest tried; lower ones may fit better";
        assert_eq!(advice(&measured, &own)[0], expected);
        let found = of_shifts(&[(0.05, own.clone()), noise], 0.05, &own);
        assert_eq!(found[0].advice, "the shift of the model; no other fits clearly better");
        assert_eq!(found[0].change, None);
    }

    /// Small differences, noisy ones and those of few windows are not advice.
    #[test]
    fn unclear_differences_of_shifts_are_not_advice() {
        let small = |i: usize| 0.0001 * (i % 3) as f64 - 0.0015;
        let noisy = |i: usize| if i.is_multiple_of(2) { 0.1 } else { -0.12 };
        let large = |i: usize| 0.001 * (i % 3) as f64 - 0.1;
        let of = |count: usize, by: &dyn Fn(usize) -> f64| {
            let own = windows(count);
            let other = |shift: f64| (shift, changed(&own, |_| 0.1 + shift));
            advice(&[other(0.0), (0.02, changed(&own, by)), (0.05, own.clone()), other(0.1)], &own)
        };
        let none = ["", "", "the shift of the model; no other fits clearly better", ""];
        assert_eq!(of(100, &small), none);
        assert_eq!(of(100, &noisy), none);
        assert_eq!(of(2, &large), none);
        assert_eq!(of(ENOUGH - 1, &large), none);
        assert_eq!(of(ENOUGH, &large)[1], "fits best: models convert --shift 0.02");
    }

    #[test]
    fn the_usable_context_ends_where_bits_stop_falling() {
        let noise = |i: usize| 0.01 * (i % 3) as f64;
        let of = |(count, targets): (usize, usize), bits: fn(usize) -> f64| {
            let window = |i| window(targets, |n| bits(n) + noise(i) * (n as f64).ln());
            let windows: Vec<_> = (0..count).map(window).collect();
            let found = of_positions(&windows).into_iter();
            found
                .filter(|f| !f.advice.is_empty())
                .map(|f| (f.value, f.advice))
                .collect::<Vec<(String, String)>>()
        };
        let until = |at: &str, advice: &str| vec![(at.to_owned(), advice.to_owned())];
        let falls_early = |n: usize| if n <= 16 { 1.9 } else { 1.5 };
        assert_eq!(
            of((24, 300), falls_early),
            until("17-64", "no later range is clearly lower: usable context of about 64 bases")
        );
        assert_eq!(
            of((6, 300), falls_early),
            until("17-64", "no later range is clearly lower, but windows are few")
        );
        assert_eq!(
            of((24, 300), |n| 2.0 - 0.001 * n as f64 - 0.05 * (n as f64).ln()),
            until("257-300", "bits fall up to here: all 300 bases are used")
        );
        assert!(of((24, 16), |_| 1.9).is_empty(), "one range has nothing to compare with");
    }

    #[test]
    fn few_and_short_windows_are_reported() {
        let sample =
            |count| Sample { genome: "g.fa".to_owned(), windows: vec![vec![b'A'; 64]; count] };
        let found = of_sample(&sample(2), 128);
        assert_eq!((found[0].value.as_str(), found[0].figure), ("g.fa", Some(2.0)));
        assert!(found[0].advice.starts_with("few: 20"), "{found:?}");
        assert!(found[1].advice.starts_with("shorter than the context of 128"), "{found:?}");
        assert!(of_sample(&sample(20), 64).iter().all(|row| row.advice.is_empty()));
    }
}

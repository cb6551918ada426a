//! `hyenadna models verify`: comparison of a model with its pin and with results of other programs.

use std::{
    fmt::Write as _,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use clap::{Args, ValueHint};

use crate::{
    cli::{
        Global,
        model::{
            ModelArgs,
            names::{BUILTIN_ARGUMENT, ModelSpec},
        },
    },
    formats::{
        number::{counted, number},
        reference::Reference,
    },
    hub::released,
    inference::{
        computed::EngineError,
        embedding::EmbeddingJob,
        predict::{PredictionJob, predict},
        runner::Runner,
    },
    model::{
        libtorch::{self, devices::DeviceChoice},
        pool::Pool,
        recorded::{self, Expected, Hidden, Loss, Place},
        weights::source::{BUILTIN, Named},
    },
    process::{
        exit::{self, Usage},
        logging::Display,
    },
};

/// Extension of the weights files that pins are of.
const PINNED: &str = "safetensors";
/// Largest relative error of a mean hidden state (Euclidean norms).
const HIDDEN: f64 = 1e-4;
/// Largest error of a mean loss, in nats per base: some were recorded on a GPU.
const LOSS: f64 = 1e-3;

/// Examples in the help and on the manual page.
pub const EXAMPLES: &str = "\
Examples:
  The built-in model on this machine:
    hyenadna models verify builtin
  A released model, with its recorded losses on regions of hg38:
    hyenadna models verify hyenadna-small-32k-seqlen --hg38 hg38.fa";

/// A model to check.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A released name, a folder, a file, or `builtin`
    #[arg(default_value = BUILTIN_ARGUMENT, value_parser = ModelSpec, hide_possible_values = true)]
    model: String,
    /// Model that a folder or file should be: a released name, or human-1k [default: that of its name]
    #[arg(long = "as", value_name = "NAME")]
    known_as: Option<String>,
    /// Human genome hg38 (FASTA), for losses that were recorded on regions of it
    #[arg(long, value_name = "FASTA", value_hint = ValueHint::FilePath)]
    hg38: Option<PathBuf>,
}

/// Outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ok,
    Failed,
    /// There is nothing to compare with.
    Skipped,
}

impl From<bool> for Status {
    fn from(good: bool) -> Self {
        if good { Self::Ok } else { Self::Failed }
    }
}

/// Object of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The bytes of the file.
    File,
    /// The size or a setting, which other weights may share.
    Architecture,
    /// A result on given bases.
    Result,
    /// A result on a region of hg38.
    Region,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
struct Check {
    kind: Kind,
    what: String,
    device: &'static str,
    expected: String,
    found: String,
    status: Status,
}

impl Check {
    /// A comparison of two texts.
    fn equal(kind: Kind, what: &str, expected: impl ToString, found: impl ToString) -> Self {
        let (expected, found) = (expected.to_string(), found.to_string());
        let status = (expected == found).into();
        Self { kind, what: what.to_owned(), device: ".", expected, found, status }
    }

    /// A value with nothing to compare with.
    fn skipped(kind: Kind, what: &str, expected: &str, found: &str) -> Self {
        let [what, expected, found] = [what, expected, found].map(str::to_owned);
        Self { kind, what, device: ".", expected, found, status: Status::Skipped }
    }

    /// A result that could not be computed; logs why.
    fn error(kind: Kind, what: &str, expected: String, error: &anyhow::Error) -> Self {
        log::error!("{what}: {error:#}");
        let found = "error".to_owned();
        Self { kind, what: what.to_owned(), device: ".", expected, found, status: Status::Failed }
    }
}

/// Checks a model, and writes the table.
///
/// # Errors
/// The model or hg38 cannot be loaded, or nothing is known of the model.
pub fn run(
    out: &mut impl Write,
    args: &VerifyArgs,
    global: &Global,
    display: &Display,
) -> Result<i32> {
    let mut hg38 = args.hg38.as_deref().map(|path| Reference::open(path, false)).transpose()?;
    let model = ModelArgs::exact(&args.model);
    let named = model.load(display)?;
    let expected = expected(&named, args.known_as.as_deref())?;
    let mut checks = of_file(&named, &expected);
    let cpu = Global { device: DeviceChoice::Cpu, ..global.clone() };
    let mut devices = vec![("cpu", &cpu)];
    if libtorch::devices::device(&global.device)?.is_cuda() {
        devices.push(("cuda", global));
    }
    for (device, global) in devices {
        match model.runner(&named, global) {
            Ok(mut runner) => {
                checks.extend(of_results(&mut runner, device, &expected, hg38.as_mut()));
            }
            Err(error) => {
                let check = Check::error(Kind::Result, "model", "no error".to_owned(), &error);
                checks.push(Check { device, ..check });
            }
        }
    }
    let mut table = "#check\tdevice\texpected\tfound\tstatus\n".to_owned();
    for Check { what, device, expected, found, status, .. } in &checks {
        let status = match status {
            Status::Ok => "ok",
            Status::Failed => "failed",
            Status::Skipped => "skipped",
        };
        writeln!(table, "{what}\t{device}\t{expected}\t{found}\t{status}")?;
    }
    out.write_all(table.as_bytes())?;
    Ok(conclude(&checks, &named.name, expected.name))
}

/// Logs the outcome of all checks. Returns the exit code.
fn conclude(checks: &[Check], name: &str, known_as: &str) -> i32 {
    let of = |status: Status| checks.iter().filter(move |check| check.status == status);
    let is_of_weights = |check: &&Check| check.kind != Kind::Architecture;
    let (good, failed) = (of(Status::Ok).count(), of(Status::Failed).count());
    if failed == 0 && !of(Status::Ok).any(|check| is_of_weights(&check)) {
        log::warn!(
            "{name}: nothing was compared with the weights, so they may be other ones than those of {known_as}"
        );
        return exit::FAILURE;
    }
    if failed == 0 {
        log::info!("{name}: {} ok", counted(good, "check"));
        return exit::SUCCESS;
    }
    let fail_only = |kind: Kind| of(Status::Failed).all(|check| check.kind == kind);
    let any_ok = |kinds: &[Kind]| of(Status::Ok).any(|check| kinds.contains(&check.kind));
    let meaning = if fail_only(Kind::File) && any_ok(&[Kind::Result, Kind::Region]) {
        format!(
            "the file is not that of {known_as}, but the other checks are ok: it may hold the same weights, written by another program"
        )
    } else if fail_only(Kind::Region) && any_ok(&[Kind::File]) {
        format!(
            "the file is that of {known_as}: the device computes wrongly, or --hg38 is another genome"
        )
    } else {
        format!("this is not {known_as}, or the device computes wrongly")
    };
    log::error!("{name}: {failed} of {} failed; {meaning}", counted(good + failed, "check"));
    exit::FAILURE
}

/// The facts of the model that a name means.
///
/// # Errors
/// Nothing is known under the name.
fn expected(named: &Named, known_as: Option<&str>) -> Result<Expected> {
    let name = known_as.unwrap_or(&named.name);
    if let Some(expected) = recorded::find(name)? {
        return Ok(expected);
    }
    let known = format!("{BUILTIN}, {}", released::names());
    bail!(Usage(match known_as {
        Some(name) => format!("--as {name}: not a known model, which are {known}"),
        None => format!(
            "{name} has no pin and no recorded results; if it is a copy of a known model, name that with --as: {known}"
        ),
    }))
}

/// Checks of the file and of the architecture.
fn of_file(named: &Named, expected: &Expected) -> Vec<Check> {
    let config = &named.weights.config;
    let file = named.path.as_deref().and_then(Path::file_name);
    let file = file.map_or_else(|| named.name.clone(), |file| file.to_string_lossy().into_owned());
    // an equal hash is proof under any name; other kinds of files have other bytes
    let is_pinned =
        named.path.as_deref().is_none_or(|path| path.extension().is_some_and(|e| e == PINNED));
    let mut checks = vec![match &expected.sha256 {
        Some(pin) if is_pinned || *pin == named.sha256 => {
            Check::equal(Kind::File, "sha256", pin, &named.sha256)
        }
        _ => {
            log::warn!(
                "{} has no pin for {file}: its SHA-256 is shown, but compared with nothing",
                expected.name
            );
            Check::skipped(Kind::File, "sha256", "no pin", &named.sha256)
        }
    }];
    if let Some((parameters, context)) = expected.shape {
        checks.push(Check::equal(
            Kind::Architecture,
            "parameters",
            parameters,
            named.weights.parameters(),
        ));
        checks.push(Check::equal(Kind::Architecture, "context", context, config.context()));
    }
    match &expected.recorded {
        Some(recorded) => {
            checks.push(Check::equal(Kind::Architecture, "shift", recorded.shift, config.shift))
        }
        None => log::warn!("{} has no recorded results", expected.name),
    }
    checks
}

/// Checks of recorded results on a device; one that cannot be computed fails.
fn of_results(
    runner: &mut Runner,
    device: &'static str,
    expected: &Expected,
    mut hg38: Option<&mut Reference>,
) -> Vec<Check> {
    let mut checks = Vec::new();
    let Some(recorded) = &expected.recorded else { return checks };
    for hidden in &recorded.hidden {
        let what = format!("mean hidden state, {}", bases_read(hidden.bases.len()));
        let check = of_hidden(runner, hidden, &what);
        let at_most = || format!("relative error at most {HIDDEN:e}");
        checks.push(
            check.unwrap_or_else(|error| {
                Check::error(Kind::Result, &what, at_most(), &error.into())
            }),
        );
    }
    let mut skipped = 0;
    for loss in &recorded.losses {
        let (kind, what, bases) = match (&loss.bases, &loss.region, &mut hg38) {
            (Some(bases), ..) => {
                (Kind::Result, bases_read(bases.len()), Ok(bases.clone().into_bytes()))
            }
            (_, Some(region), Some(hg38)) => {
                (Kind::Region, region.to_string(), fetch(hg38, region))
            }
            (_, region, _) => {
                skipped += 1;
                let what = region.as_ref().map(Place::to_string).unwrap_or_default();
                let what = format!("loss, {what}");
                let expected = number(Some(loss.nats_per_base));
                checks.push(Check::skipped(Kind::Region, &what, &expected, "."));
                continue;
            }
        };
        let found = bases.and_then(|bases| Ok(of_loss(runner, loss, kind, &what, bases)?));
        checks.extend(found.unwrap_or_else(|error| {
            let expected = number(Some(loss.nats_per_base));
            vec![Check::error(kind, &format!("loss, {what}"), expected, &error)]
        }));
    }
    if skipped > 0 {
        log::warn!("{skipped} recorded losses are of regions of hg38; give --hg38 to check them");
    }
    checks.into_iter().map(|check| Check { device, ..check }).collect()
}

/// Number of bases that a model read, in words.
fn bases_read(bases: usize) -> String {
    counted(bases, "base")
}

/// The mean hidden state of a sequence, by its relative error.
fn of_hidden(runner: &mut Runner, hidden: &Hidden, what: &str) -> Result<Check, EngineError> {
    let bases = hidden.bases.clone().into_bytes();
    let job = EmbeddingJob::whole(bases.clone(), 0..bases.len());
    let found = runner.embed(&[job], Pool::Mean, &[None])?;
    let found: Vec<f32> = found.into_iter().flatten().flat_map(|pooled| pooled.values).collect();
    if found.len() != hidden.mean.len() {
        let channels = |values: &[f32]| counted(values.len(), "channel");
        return Ok(Check::equal(Kind::Result, what, channels(&hidden.mean), channels(&found)));
    }
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let (want, got) = (wide(&hidden.mean), wide(&found));
    let difference = norm(&mut want.iter().zip(&got).map(|(a, b)| a - b));
    let error = difference / norm(&mut want.iter().copied());
    Ok(Check {
        kind: Kind::Result,
        what: what.to_owned(),
        device: ".",
        expected: format!("relative error at most {HIDDEN:e}"),
        found: format!("{error:.1e}"),
        status: (error <= HIDDEN).into(),
    })
}

/// The loss on a sequence, over all tokens and over A, C, G and T.
fn of_loss(
    runner: &mut Runner,
    loss: &Loss,
    kind: Kind,
    what: &str,
    bases: Vec<u8>,
) -> Result<Vec<Check>, EngineError> {
    let counted = 1..bases.len();
    let predictions = predict(runner.engine(), &[PredictionJob { bases, counted }])?.remove(0);
    let known: Vec<_> = predictions.into_iter().flatten().collect();
    let mean =
        |of: &dyn Fn(usize) -> f64| (0..known.len()).map(of).sum::<f64>() / known.len() as f64;
    let all = mean(&|i| -known[i].log_probability);
    let four =
        mean(&|i| known[i].probabilities.iter().sum::<f64>().ln() - known[i].log_probability);
    let check = |what: String, want: f64, got: f64| Check {
        kind,
        what,
        device: ".",
        expected: number(Some(want)),
        found: number(Some(got)),
        status: ((want - got).abs() <= LOSS).into(),
    };
    let mut checks = vec![check(format!("loss, {what}"), loss.nats_per_base, all)];
    let acgt = loss.acgt_nats_per_base;
    checks.extend(acgt.map(|want| check(format!("loss over ACGT, {what}"), want, four)));
    Ok(checks)
}

/// The bases of a region of hg38, or of a record that is this region alone.
///
/// # Errors
/// The file lacks the region, or cannot be read.
fn fetch(hg38: &mut Reference, place: &Place) -> Result<Vec<u8>> {
    let Place { contig, start, end } = place;
    let length = end - start;
    for name in [place.to_string(), format!("{contig}:{start}-{end}")] {
        let contigs = hg38.contigs();
        let alone = contigs.iter().position(|c| c.name == name && c.length == length);
        if let Some(number) = alone {
            return Ok(hg38.fetch(number, 0..length)?);
        }
    }
    let number = hg38.find(contig)?;
    match number.filter(|&number| hg38.contigs()[number].length >= *end) {
        Some(number) => Ok(hg38.fetch(number, *start..*end)?),
        None => bail!("{} has no {place}; give hg38, or a FASTA with this region", hg38.name()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::{recorded::Recorded, weights::source};

    fn runner() -> Runner {
        let global = Global {
            quiet: true,
            verbose: false,
            most_threads: std::num::NonZero::<usize>::MAX,
            threads: std::num::NonZero::new(1),
            device: DeviceChoice::Cpu,
        };
        ModelArgs::exact("builtin").runner(&source::builtin().unwrap(), &global).unwrap()
    }

    /// Losses on regions, whether they are read from a genome or from records of their own.
    #[test]
    fn losses_on_regions_are_checked() {
        let mut runner = runner();
        let bases: String =
            (0..300_usize).map(|i| char::from(b"ACGT"[i * i * 7 % 11 % 4])).collect();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            Reference::open(&path, false).unwrap()
        };
        let place = Place { contig: "chr1".to_owned(), start: 100, end: 200 };
        let mut genome = write("genome.fa", format!(">chr1\n{bases}\n"));
        let mut piece = write("piece.fa", format!(">chr1:101-200\n{}\n", &bases[100..200]));
        let mut other = write("other.fa", ">chr1\nACGT\n".to_owned());
        let want = fetch(&mut genome, &place).unwrap();
        assert_eq!(want, bases.as_bytes()[100..200]);
        assert_eq!(fetch(&mut piece, &place).unwrap(), want);
        let error = fetch(&mut other, &place).unwrap_err().to_string();
        assert!(error.contains("has no chr1:101-200"), "{error}");

        let job = PredictionJob { bases: want.clone(), counted: 1..100 };
        let known = predict(runner.engine(), &[job]).unwrap().remove(0);
        let sum: f64 = known.iter().map(|p| p.unwrap().log_probability).sum();
        let loss = |nats: f64| Loss {
            bases: None,
            region: Some(place.clone()),
            nats_per_base: nats,
            acgt_nats_per_base: Some(nats),
        };
        let expected = |nats| Expected {
            name: BUILTIN,
            sha256: None,
            shape: None,
            recorded: Some(Recorded {
                model: BUILTIN.to_owned(),
                source: String::new(),
                sha256: None,
                shift: 0.05,
                hidden: Vec::new(),
                losses: vec![loss(nats)],
            }),
        };
        let mut statuses = |nats, hg38: Option<&mut Reference>| -> Vec<Status> {
            let checks = of_results(&mut runner, "cpu", &expected(nats), hg38);
            checks.iter().map(|check| check.status).collect()
        };
        let right = -sum / 99.0;
        assert_eq!(statuses(right, Some(&mut genome)), [Status::Ok, Status::Ok]);
        assert_eq!(statuses(right + 0.01, Some(&mut genome)), [Status::Failed, Status::Failed]);
        assert_eq!(statuses(right, None), [Status::Skipped]);
        // a region that cannot be read is a failed row
        assert_eq!(statuses(right, Some(&mut other)), [Status::Failed]);
    }

    #[test]
    fn another_width_is_not_the_model() {
        let hidden = Hidden { bases: "ACGT".to_owned(), mean: vec![0.5; 256] };
        let check = of_hidden(&mut runner(), &hidden, "mean").unwrap();
        assert_eq!(
            (check.expected.as_str(), check.found.as_str()),
            ("256 channels", "128 channels")
        );
        assert_eq!(check.status, Status::Failed);
    }

    /// Only checks of the weights count: sizes and settings are those of other weights too.
    #[test]
    fn the_exit_code_is_0_only_if_weights_were_compared() {
        let check = |kind, status| Check { status, ..Check::skipped(kind, "", "", "") };
        let code = |checks: &[(Kind, Status)]| {
            let checks: Vec<Check> =
                checks.iter().map(|&(kind, status)| check(kind, status)).collect();
            conclude(&checks, "copy", BUILTIN)
        };
        let sizes = (Kind::Architecture, Status::Ok);
        assert_eq!(code(&[(Kind::File, Status::Skipped), sizes]), exit::FAILURE);
        assert_eq!(code(&[sizes, (Kind::Region, Status::Skipped)]), exit::FAILURE);
        for kind in [Kind::File, Kind::Result, Kind::Region] {
            assert_eq!(code(&[sizes, (kind, Status::Ok)]), exit::SUCCESS);
            assert_eq!(code(&[sizes, (kind, Status::Failed)]), exit::FAILURE);
        }
    }
}

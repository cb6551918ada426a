//! Arguments about the data of a task, shared by commands.

mod described;
pub mod genomes;
pub mod letters;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use anyhow::{Error, Result, bail};
use clap::{Args, Command, FromArgMatches, ValueEnum};
use serde::{Deserialize, Serialize};

use self::genomes::{GenomeClassArgs, WINDOWS, class};
use crate::{
    cli::io::ReferenceArgs,
    formats::number::counted,
    genome::contig,
    inference::memory::{self, Bytes},
    process::exit::Usage,
    sampling::Shares,
    tasks::{
        collect::Kinds,
        columns::Columns,
        dataset::{Dataset, Options},
        error::DataError,
        example::Part,
        genomes::{self as classes, GenomeOptions, Windows},
        labels::TaskKind,
        leaks::{Leak, Leaks, WORD},
        options::{AlleleChoice, ReadOptions, Track, TrackOptions, VariantOptions},
        read::Source,
    },
};

/// Labelled sequences.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskArgs {
    /// Labelled sequences: CSV, TSV or Parquet with the columns sequence and label, FASTA with the label
    /// after the last | of each name, BED or VCF with a reference, or a folder in which train, valid (or
    /// dev) and test are such files, or folders of CLASS.csv.gz or of CLASS/*.txt; `-` is stdin
    #[arg(value_name = "DATA")]
    data: Option<PathBuf>,
    /// File with the train part, in place of DATA
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "class"])]
    train: Option<PathBuf>,
    /// File with the validation part; with --train
    #[arg(long, value_name = "FILE", requires = "train")]
    valid: Option<PathBuf>,
    /// File with the test part; with --train
    #[arg(long, value_name = "FILE", requires = "train")]
    test: Option<PathBuf>,
    /// File with the sequences of a class (FASTA, BED, VCF or a table), in place of DATA; given once for
    /// each class
    #[arg(long, value_name = "NAME=FILE", conflicts_with = "data", value_parser = class)]
    class: Vec<(String, PathBuf)>,
    #[command(flatten)]
    #[serde(default)]
    genomes: GenomeClassArgs,
    /// Column of the sequences [default: sequence or seq]
    #[arg(long, value_name = "NAME")]
    sequence_column: Option<String>,
    /// Columns of the labels, by name or by number from 1, with commas between them or as a range of
    /// numbers, such as a,b or 4-922 [default: label; name (4) of BED]
    #[arg(long, value_name = "COLUMNS")]
    label_column: Option<String>,
    /// Column with train, valid (or dev) or test in each row
    #[arg(long, value_name = "NAME")]
    split_column: Option<String>,
    /// Contigs to validate with, with commas between them, for data with coordinates; with --genomes also
    /// of one class, as NAME:CONTIG
    #[arg(long, value_name = "CONTIGS", value_delimiter = ',')]
    valid_contigs: Vec<String>,
    /// Contigs to test with
    #[arg(long, value_name = "CONTIGS", value_delimiter = ',')]
    test_contigs: Vec<String>,
    /// Share of the train part to validate with, drawn from each class; of genomes, in blocks of 100 kb
    #[arg(long, value_name = "SHARE", value_parser = share)]
    valid_fraction: Option<f64>,
    /// Share of the train part to test with, drawn from each class
    #[arg(long, value_name = "SHARE", value_parser = share)]
    test_fraction: Option<f64>,
    #[command(flatten)]
    reference: ReferenceArgs,
    /// Length of a window, in bases: around the centre of a region in place of the region, around a
    /// variant, of genomes, or of the pieces that sequences with labels of bases are cut into
    #[arg(long, visible_alias = "length", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    window: Option<u64>,
    /// Bases between the starts of windows with labels of bases [default: that of --window]
    #[arg(long, value_name = "N", requires = "window", value_parser = clap::value_parser!(u64).range(1..))]
    step: Option<u64>,
    /// INFO field of a VCF with the labels; several with commas between them
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    label_info: Vec<String>,
    /// Allele in the window of a variant [default: alt]
    #[arg(long, value_name = "ALLELE")]
    allele: Option<AlleleChoice>,
    /// BED file of intervals whose bases have a label, NAME or else the name of each interval; DATA are
    /// FASTA, or BED and a reference; given once for each label
    #[arg(long, value_name = "[NAME=]BED", conflicts_with = "class", value_parser = track)]
    track: Vec<Track>,
    /// Leave bases in no interval of a track out of the task, in place of class other or no label
    #[arg(long, requires = "track")]
    mask_unlabelled: bool,
    /// Seed of the division into parts and folds
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Kind of the task [default: found from the labels]
    #[arg(long, value_name = "TASK")]
    task: Option<TaskKind>,
    /// Treatment of sequences for validation or test that are in an earlier part too
    #[arg(long, value_name = "HOW", default_value = "warn")]
    on_leak: OnLeak,
    /// Share of the 24-mers of a sequence that an earlier part must have for a leak; more than 1 for
    /// copies only
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = positive)]
    leak_share: f64,
}

/// Treatment of leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OnLeak {
    /// Keep them, log their number, and also measure on the clean part of the test
    Warn,
    /// Remove them from the later part
    Drop,
    /// Stop with an error
    Fail,
}

fn track(text: &str) -> Result<Track, String> {
    match text.split_once('=') {
        None if !text.is_empty() => Ok(Track { name: None, path: text.into() }),
        Some((name, file)) if !name.trim().is_empty() && !file.is_empty() => {
            Ok(Track { name: Some(name.trim().to_owned()), path: file.into() })
        }
        _ => Err("expected FILE.bed or NAME=FILE.bed, such as exon=exons.bed".into()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| 0.0 < *share && *share < 1.0);
    share.ok_or_else(|| "expected a number between 0 and 1, such as 0.2".into())
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite());
    number.ok_or_else(|| "expected a number above 0, such as 0.5".into())
}

/// The data of a task, and the leaks that are left in its test part.
#[derive(Debug)]
pub struct TaskData {
    /// Task and examples.
    pub dataset: Dataset,
    /// The leak of each example of the test part.
    pub leaks: Vec<Option<Leak>>,
    /// The train part of later epochs; `None` if all epochs have the same.
    pub windows: Option<Arc<Mutex<Windows>>>,
}

impl TaskArgs {
    /// The arguments of a command line without any.
    pub fn none() -> Self {
        let command = Self::augment_args(Command::new("none"));
        let matches = command.get_matches_from(["none"]);
        Self::from_arg_matches(&matches).expect("no argument is required")
    }

    /// Makes paths absolute, so that the data can be read again from any folder.
    ///
    /// # Errors
    /// The data come from stdin, or the current folder is gone.
    pub fn make_paths_absolute(&mut self) -> Result<()> {
        let files = [&mut self.data, &mut self.train, &mut self.valid, &mut self.test];
        let classes = self.class.iter_mut().map(|(_, path)| path);
        let tracks = self.track.iter_mut().map(|track| &mut track.path);
        let genomes = self.genomes.genomes.iter_mut().map(|(_, path)| path);
        self.reference.make_path_absolute()?;
        for path in files.into_iter().flatten().chain(classes).chain(tracks).chain(genomes) {
            if path == Path::new("-") {
                bail!(Usage(
                    "the data are read again when a run is resumed, which stdin cannot be; write them to a file"
                        .into()
                ));
            }
            *path = std::path::absolute(&*path)?;
        }
        Ok(())
    }

    /// Files and folders that are read.
    pub fn inputs(&self) -> Vec<&Path> {
        let files = [&self.data, &self.train, &self.valid, &self.test].into_iter().flatten();
        let classes = self.class.iter().map(|(_, path)| path);
        let tracks = self.track.iter().map(|track| &track.path);
        let genomes = self.genomes.genomes.iter().map(|(_, path)| path);
        let reference = self.reference.path().ok().flatten();
        let files = files.chain(classes).chain(tracks).chain(genomes);
        files.map(PathBuf::as_path).chain(reference).collect()
    }

    /// Reads the data, logs what they are, and treats leaks as requested.
    ///
    /// # Errors
    /// No data are named, a file is malformed, the labels do not describe a task, a part has no members,
    /// or there are leaks and --on-leak is fail.
    pub fn read(&self) -> Result<TaskData> {
        let (valid, test) = (self.valid_fraction, self.test_fraction);
        if valid.unwrap_or(0.0) + test.unwrap_or(0.0) >= 1.0 {
            bail!(Usage(
                "--valid-fraction and --test-fraction leave no train part; their sum must be below 1"
                    .into()
            ));
        }
        self.check_options()?;
        if !self.genomes.genomes.is_empty() {
            return self.read_genomes();
        }
        let source = self.source()?;
        let columns = Columns {
            sequence: self.sequence_column.clone(),
            label: self.label_column.clone(),
            part: self.split_column.clone(),
        };
        let options = Options {
            read: ReadOptions {
                columns,
                reference: self.reference.path()?.map(Path::to_owned),
                save_index: self.reference.save_index,
                window: self.window,
                variants: VariantOptions {
                    info: self.label_info.clone(),
                    allele: self.allele.unwrap_or_default(),
                },
                tracks: self.tracks()?,
            },
            task: self.task,
            valid,
            test,
            valid_contigs: self.valid_contigs.clone(),
            test_contigs: self.test_contigs.clone(),
            step: self.step,
            seed: self.seed,
        };
        let mut dataset = Dataset::read(&source, &options).map_err(|error| match error {
            DataError::Option { .. } => Error::from(Usage(error.to_string())),
            DataError::Input(error) => error.into(),
        })?;
        self.check_use(dataset.kinds, dataset.task.kind())?;
        described::log(&dataset);
        let mut left = Vec::new();
        for (part, leaks) in dataset.leaks(self.leak_share) {
            self.treat(&mut dataset, part, &leaks)?;
            left = if self.on_leak == OnLeak::Drop { Vec::new() } else { leaks.of };
        }
        left.resize(dataset.test.len(), None);
        Ok(TaskData { dataset, leaks: left, windows: None })
    }

    /// Draws windows of genomes. Their parts are different stretches, so copies between them are not looked
    /// for.
    fn read_genomes(&self) -> Result<TaskData> {
        let length = self.window.ok_or_else(|| {
            Usage("--genomes needs the length of the windows; give --window N".into())
        })?;
        let names = classes::names(&self.genomes.genomes);
        if let [name] = &names[..] {
            bail!(Usage(format!("--genomes {name} is the only class; a task needs two or more")));
        }
        if self.on_leak != OnLeak::Warn {
            bail!(Usage("--on-leak is for listed sequences; the parts of genomes are different stretches, so hold whole contigs out and leave it out".into()));
        }
        let kinds = Kinds { windows: true, ..Kinds::default() };
        self.check_use(kinds, TaskKind::SingleLabel)?;
        let each = self.genomes.windows.unwrap_or(WINDOWS);
        let bytes = each.iter().sum::<u64>().saturating_mul(length) as usize * names.len();
        if let Some(free) = memory::free().filter(|free| bytes > *free) {
            bail!(
                "--windows: {} of {length} bases of each of {} classes take {}, and {} are free; give fewer",
                each.iter().sum::<u64>(),
                names.len(),
                Bytes(bytes),
                Bytes(free)
            );
        }
        let (dataset, windows) = classes::read(&GenomeOptions {
            genomes: self.genomes.genomes.clone(),
            length,
            windows: each,
            valid_contigs: self.valid_contigs.clone(),
            test_contigs: self.test_contigs.clone(),
            shares: Shares { valid: self.valid_fraction, test: self.test_fraction },
            save_index: self.reference.save_index,
            seed: self.seed,
        })?;
        described::log(&dataset);
        let leaks = vec![None; dataset.test.len()];
        Ok(TaskData { dataset, leaks, windows: Some(Arc::new(Mutex::new(windows))) })
    }

    /// Labels of bases, if there are tracks.
    fn tracks(&self) -> Result<Option<TrackOptions>> {
        let named = self.track.iter().filter(|track| track.name.is_some()).count();
        let usual = match (self.track.len(), named) {
            (0, _) => return Ok(None),
            (1, _) => TaskKind::BaseClasses,
            (all, named) if all == named => TaskKind::BaseLabels,
            _ => bail!(Usage(
                "of several tracks each needs a name: --track NAME=FILE.bed; of one without a name, the names of its intervals are the labels"
                    .into()
            )),
        };
        let kind = self.task.unwrap_or(usual);
        if !matches!(kind, TaskKind::BaseClasses | TaskKind::BaseLabels) {
            bail!(Usage(format!(
                "--track gives labels to bases, not to sequences as --task {} needs; choose base-classes or base-labels",
                kind.name()
            )));
        }
        Ok(Some(TrackOptions { tracks: self.track.clone(), kind, mask: self.mask_unlabelled }))
    }

    /// # Errors
    /// Options contradict each other.
    fn check_options(&self) -> Result<()> {
        if let Some(both) = self
            .valid_contigs
            .iter()
            .find(|valid| self.test_contigs.iter().any(|test| contig::same(valid, test)))
        {
            bail!(Usage(format!(
                "{both} is in --valid-contigs and in --test-contigs; name it once"
            )));
        }
        if let (Some(window), Some(step)) = (self.window, self.step)
            && step > window
        {
            bail!(Usage(format!(
                "--step {step} is more than --window {window}, so bases between windows would be lost; give at most {window}"
            )));
        }
        let has_contigs = !self.valid_contigs.is_empty() || !self.test_contigs.is_empty();
        if has_contigs && self.split_column.is_some() {
            bail!(Usage("--split-column and contigs both divide the data; give one".into()));
        }
        Ok(())
    }

    /// # Errors
    /// An option was given that the data have no use for.
    fn check_use(&self, kinds: Kinds, task: TaskKind) -> Result<()> {
        let Kinds { tables, regions, variants, windows, .. } = kinds;
        let has_labels = !self.class.is_empty() || !self.track.is_empty();
        let of_bases = matches!(task, TaskKind::BaseClasses | TaskKind::BaseLabels);
        let is_of_classes = self.task.is_none_or(|task| task == TaskKind::SingleLabel);
        let unused = [
            ("--task", windows && !is_of_classes, "labels of other kinds than classes"),
            (
                "--reference",
                self.reference.named().is_some() && !regions && !variants,
                "regions or variants",
            ),
            (
                "--window",
                self.window.is_some() && !regions && !variants && !of_bases && !windows,
                "regions, variants, genomes or labels of bases",
            ),
            ("--step", self.step.is_some() && !of_bases, "labels of bases"),
            ("--label-info", !self.label_info.is_empty() && !variants, "variants (VCF)"),
            ("--allele", self.allele.is_some() && !variants, "variants (VCF)"),
            ("--sequence-column", self.sequence_column.is_some() && !tables, "tables"),
            (
                "--split-column",
                self.split_column.is_some() && !tables && !regions,
                "tables or regions",
            ),
            (
                "--label-column",
                self.label_column.is_some() && (!tables && !regions || has_labels),
                "tables or regions with labels of their own",
            ),
        ];
        match unused.iter().find(|(_, is_unused, _)| *is_unused) {
            Some((option, _, needed)) => bail!(Usage(format!(
                "{option} is for {needed}, which the data do not have; leave it out"
            ))),
            None => Ok(()),
        }
    }

    fn source(&self) -> Result<Source> {
        let part = |part, path: &Option<PathBuf>| path.clone().map(|path| (part, path));
        let parts =
            [(Part::Train, &self.train), (Part::Valid, &self.valid), (Part::Test, &self.test)];
        Ok(match (&self.data, &self.train, &self.class[..]) {
            (Some(data), ..) => Source::Data(data.clone()),
            (_, Some(_), _) => {
                Source::Parts(parts.iter().filter_map(|(of, path)| part(*of, path)).collect())
            }
            (.., []) => bail!(Usage(
                "no data: name a file or folder, --train FILE --test FILE, or --class NAME=FILE for each class"
                    .into()
            )),
            (.., [(name, _)]) => bail!(Usage(format!(
                "--class {name} is the only class; a task needs two or more"
            ))),
            (.., classes) => Source::Classes(classes.to_vec()),
        })
    }

    fn treat(&self, dataset: &mut Dataset, part: Part, leaks: &Leaks) -> Result<()> {
        let total = leaks.total();
        if total == 0 {
            return Ok(());
        }
        let earlier = match part {
            Part::Test if !dataset.valid.is_empty() => "train or valid",
            _ => "train",
        };
        let count = |leak| leaks.count(leak);
        let found = format!(
            "{}: {total} of {} are also in {earlier}: {} identical, {} reverse-complemented (of both, {} with another label), {} with {} or more of their {WORD}-mers",
            part.name(),
            counted(leaks.of.len() as u64, "sequence"),
            count(Leak::Identical),
            count(Leak::ReverseComplemented),
            leaks.conflicts,
            count(Leak::Similar),
            self.leak_share,
        );
        match self.on_leak {
            OnLeak::Warn => log::warn!("{found}; see --on-leak"),
            OnLeak::Fail => bail!("{found}; remove them, or give --on-leak drop or warn"),
            OnLeak::Drop => {
                log::warn!("{found}; removed (--on-leak drop)");
                dataset.remove(part, &leaks.of);
                if dataset.part(part).is_empty() {
                    bail!(
                        "the {} part has no members left, as all are in {earlier} too",
                        part.name()
                    );
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        task: TaskArgs,
    }

    #[test]
    fn a_run_can_read_its_data_again_from_any_folder() {
        let words = "x x.bed g.fa --track gene=t.bed --window 9 --label-info A,B --allele ref";
        let mut args = Line::try_parse_from(words.split(' ')).unwrap().task;
        args.make_paths_absolute().unwrap();
        let folder = std::env::current_dir().unwrap();
        let expected = ["x.bed", "t.bed", "g.fa"].map(|name| folder.join(name));
        assert_eq!(args.inputs(), expected);
        let text = serde_json::to_string(&args).unwrap();
        assert_eq!(serde_json::from_str::<TaskArgs>(&text).unwrap(), args);
        let mut stdin = Line::try_parse_from(["x", "-"]).unwrap().task;
        assert!(stdin.make_paths_absolute().unwrap_err().to_string().contains("stdin"));
    }
}

//! Scores ranked among those of null variants.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Result, bail};

use super::{compute::Scored, item::NullKey, null::LEAST};
use crate::{
    formats::{
        null_table::{self, NullTable, Settings},
        output::{Complete, OutputError, Sink},
    },
    genome::variant::Status,
    process::exit::Usage,
    scoring::{
        OF_LENGTH, OF_NULL_VARIANTS, Score,
        null::{Class, Distribution, LengthFit, Locus, NullEntry, NullScores},
    },
};

/// The score that is corrected for length.
const CORRECTED: &str = "llr";

/// Takes scores of null variants, and ranks others among them.
pub struct Calibration {
    scores: Vec<&'static Score>,
    null: NullScores,
    /// Place of each score among those of `null`.
    columns: Vec<usize>,
    /// Column of [`CORRECTED`] in `null` and its fit of length, if that is subtracted.
    correction: Option<(usize, LengthFit)>,
    distribution: Distribution,
    /// Classes that have grown since they were put into it.
    grown: BTreeSet<Class>,
    without_class: u64,
    without_null: u64,
}

impl Calibration {
    /// Ranks these scores; with `length_correct` after subtracting the effect of indel length.
    ///
    /// # Errors
    /// The score that is to be corrected is not among them.
    pub fn new(scores: &[&'static Score], length_correct: bool) -> Result<Self> {
        let scores: Vec<&'static Score> =
            scores.iter().copied().filter(|score| score.is_ranked).collect();
        let null = NullScores::new(scores.iter().map(|score| score.name));
        let corrected = null.column(CORRECTED);
        if length_correct && corrected.is_none() {
            bail!(Usage(format!("--length-correct applies to {CORRECTED}; add it to --scores")));
        }
        Ok(Self {
            columns: (0..scores.len()).collect(),
            scores,
            null,
            correction: corrected.filter(|_| length_correct).map(|i| (i, LengthFit::default())),
            distribution: Distribution::default(),
            grown: BTreeSet::new(),
            without_class: 0,
            without_null: 0,
        })
    }

    /// Ranks among the null variants of a file, which must have been scored as `settings` say.
    ///
    /// # Errors
    /// The file cannot be read, is of other settings, or lacks a score.
    pub fn load(mut self, path: &Path, settings: &Settings) -> Result<Self> {
        let NullTable { settings: saved, length_fits, null } = null_table::load(path)?;
        let differences = null_table::differences(&saved, settings);
        if !differences.is_empty() {
            let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
            bail!(
                "{}: these null variants were scored with other settings: {}; score with the same settings, or draw new ones (--null N --save-null FILE)",
                path.display(),
                differences.join("; ")
            );
        }
        let column = |score: &&Score| match null.column(score.name) {
            Some(column) => Ok(column),
            None => bail!(
                "{}: has no {}; it has {}: choose those with --scores, or draw new ones (--null N --save-null FILE)",
                path.display(),
                score.name,
                null.names.join(", ")
            ),
        };
        self.columns = self.scores.iter().map(column).collect::<Result<_>>()?;
        if let (Some((_, fit)), Some(column)) = (self.correction, null.column(CORRECTED)) {
            let saved = length_fits.get(column).copied();
            self.correction = Some((column, saved.unwrap_or(fit)));
        }
        self.grown = null.classes.keys().copied().collect();
        self.null = null;
        Ok(self)
    }

    /// Names, names in INFO, and descriptions of the added columns.
    pub fn columns(&self) -> Vec<[String; 3]> {
        let percentile = |score: &&Score| {
            [
                format!("{}_percentile", score.name),
                format!("{}_PERCENTILE", score.info),
                format!("percentile of {}{OF_NULL_VARIANTS}", score.name),
            ]
        };
        let corrected = [
            format!("{CORRECTED}_length_corrected"),
            "LLR_LENGTH_CORRECTED".to_owned(),
            format!("{CORRECTED}{OF_LENGTH}"),
        ];
        let corrected = self.correction.map(|_| corrected);
        self.scores.iter().map(percentile).chain(corrected).collect()
    }

    /// Takes the scores of a null variant, one for each of [`scores`](Self::scores).
    pub fn push(&mut self, class: Class, entry: NullEntry) {
        self.null.push(class, entry);
        self.grown.insert(class);
    }

    /// The scores that are ranked.
    pub fn scores(&self) -> &[&'static Score] {
        &self.scores
    }

    /// The values of an allele in the added columns.
    pub fn values(&mut self, scored: &Scored) -> Vec<Option<f64>> {
        self.prepare();
        let width = self.scores.len() + usize::from(self.correction.is_some());
        let Some(scores) = scored.scores.as_ref().filter(|_| scored.allele.status == Status::Ok)
        else {
            return vec![None; width];
        };
        let NullKey { class, contig, position, length } = &scored.allele.key;
        let value = |i: usize| {
            let value = (self.scores[i].value)(scores)?;
            match self.correction.filter(|(column, _)| *column == self.columns[i]) {
                Some((_, fit)) => fit.corrected(value, *length),
                None => Some(value),
            }
        };
        let own = Some(Locus { contig, position: *position });
        let null = class.and_then(|class| self.null.classes.get(&class));
        let few = null.map_or(0, Vec::len) < LEAST as usize;
        let percentile = |i: usize| {
            let class = class.filter(|_| !few)?;
            self.distribution.percentile(class, self.columns[i], value(i)?, own)
        };
        let mut values: Vec<Option<f64>> = (0..self.scores.len()).map(percentile).collect();
        if class.is_none() {
            self.without_class += 1;
        } else if few {
            self.without_null += 1;
        }
        if let Some((column, _)) = self.correction {
            let corrected = self.columns.iter().position(|own| *own == column);
            values.push(corrected.and_then(value));
        }
        values
    }

    /// Updates the distributions with the null variants that came in.
    fn prepare(&mut self) {
        let grown = std::mem::take(&mut self.grown);
        if let Some((column, fit)) = &mut self.correction {
            // null variants of a class all come before the first allele that needs them
            let of = |class: Class| match grown.contains(&class) {
                true => LengthFit::of(&self.null, *column),
                false => LengthFit::default(),
            };
            fit.insertion = fit.insertion.or_else(|| of(Class::Insertion).insertion);
            fit.deletion = fit.deletion.or_else(|| of(Class::Deletion).deletion);
        }
        for class in grown {
            let entries = self.null.classes.get(&class).cloned().unwrap_or_default();
            let entries = entries.into_iter().map(|entry| match &self.correction {
                Some((column, fit)) => entry.length_corrected(*column, fit),
                None => entry,
            });
            self.distribution.set(class, entries.collect());
        }
    }

    /// Logs alleles without a percentile, and the effect of length.
    pub fn report(&self) {
        if self.without_class > 0 {
            log::info!(
                "scored alleles without a percentile, because they are neither SNV nor indel or lie beside N: {}",
                self.without_class
            );
        }
        if self.without_null > 0 {
            log::warn!(
                "alleles without a percentile, because their class has fewer than {LEAST} null variants: {}",
                self.without_null
            );
        }
        let Some((_, LengthFit { insertion, deletion })) = self.correction else { return };
        let kinds =
            [("insertions", Class::Insertion, insertion), ("deletions", Class::Deletion, deletion)];
        for (kind, class, fit) in kinds {
            let Some(fit) = fit else {
                if self.null.classes.contains_key(&class) {
                    log::warn!(
                        "too few null {kind} to fit the effect of their length: none is corrected; draw more with --null"
                    );
                }
                continue;
            };
            let [constant, logarithm, linear] = fit.coefficients;
            log::info!(
                "{CORRECTED} of {kind} of n bases: {constant:.3} {logarithm:+.3} ln n {linear:+.4} n nats; R² {:.2}, residual sd {:.2}, {} null variants of up to {} bases",
                fit.r_squared,
                fit.residual_sd,
                fit.n,
                fit.longest
            );
        }
    }
}

/// The file of `--save-null`, open before anything is computed.
pub struct Saving<'a> {
    path: &'a Path,
    sink: Sink,
}

impl<'a> Saving<'a> {
    /// Opens the file.
    ///
    /// # Errors
    /// It cannot be created.
    pub fn create(path: &'a Path) -> Result<Self, OutputError> {
        Ok(Self { path, sink: Sink::create(path)? })
    }

    /// Writes the null variants.
    pub fn complete(
        self,
        calibration: &Calibration,
        settings: Settings,
        preamble: &[String],
    ) -> Result<Complete, OutputError> {
        let null = calibration.null.clone();
        let length_fits = null.length_fits();
        let table = NullTable { settings, length_fits, null };
        let written = null_table::write(self.sink, preamble, &table).and_then(Sink::complete);
        let complete = written.map_err(|error| OutputError::write(self.path, error))?.complete()?;
        log::info!("null variants saved: {} in {}", table.null.len(), self.path.display());
        Ok(complete)
    }
}

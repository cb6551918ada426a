//! Scores ranked among those of null variants.

use std::path::Path;

use anyhow::{Result, bail};

use super::{compute::Scored, item::Key};
use crate::{
    formats::null_table::{self, NullTable, Settings},
    null::{Class, Distribution, Entry, LengthFit, Null},
    scoring::Score,
    variant::Status,
};

/// The score that is corrected for length.
const CORRECTED: &str = "llr";

/// Takes scores of null variants, and ranks others among them.
pub struct Calibration {
    scores: Vec<&'static Score>,
    null: Null,
    /// Place of each score among those of `null`.
    columns: Vec<usize>,
    fits: Vec<LengthFit>,
    /// Made when it is needed; gone when the null has grown.
    distribution: Option<Distribution>,
    length_correct: bool,
    /// Whether the null and the fits are those of a file.
    is_loaded: bool,
    without_class: u64,
    without_null: u64,
}

impl Calibration {
    /// Ranks these scores; with `length_correct` after taking out what the length of indels explains.
    ///
    /// # Errors
    /// The score that is to be corrected is not among them.
    pub fn new(scores: &[&'static Score], length_correct: bool) -> Result<Self> {
        let scores: Vec<&'static Score> =
            scores.iter().copied().filter(|score| score.is_ranked).collect();
        let null = Null::new(scores.iter().map(|score| score.name));
        if length_correct && null.column(CORRECTED).is_none() {
            bail!(crate::exit::Usage(format!(
                "--length-correct is about {CORRECTED}; name it among --scores"
            )));
        }
        Ok(Self {
            columns: (0..scores.len()).collect(),
            scores,
            null,
            fits: Vec::new(),
            distribution: None,
            length_correct,
            is_loaded: false,
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
                "{}: these null variants were scored in another way: {}; score with the same settings, or draw new ones (--null N --save-null FILE)",
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
        self.fits = if length_fits.is_empty() { null.length_fits() } else { length_fits };
        self.null = null;
        self.is_loaded = true;
        Ok(self)
    }

    /// Names, descriptions and INFO names of the columns that are added.
    pub fn columns(scores: &[&'static Score], length_correct: bool) -> Vec<[String; 3]> {
        let percentile = |score: &&Score| {
            [
                format!("{}_percentile", score.name),
                format!("{}_PERCENTILE", score.info),
                format!(
                    "percentile of {} among null variants of the same class, 0 to 100",
                    score.name
                ),
            ]
        };
        let corrected = [
            format!("{CORRECTED}_length_corrected"),
            "LLR_LENGTH_CORRECTED".to_owned(),
            format!("{CORRECTED} less what the length of an indel explains, in nats"),
        ];
        let ranked = scores.iter().filter(|score| score.is_ranked);
        ranked.map(percentile).chain(length_correct.then_some(corrected)).collect()
    }

    /// Takes the scores of a null variant, one for each name of [`names`](Self::names).
    pub fn push(&mut self, class: Class, entry: Entry) {
        self.null.push(class, entry);
        self.distribution = None;
    }

    /// The scores that are ranked.
    pub fn scores(&self) -> &[&'static Score] {
        &self.scores
    }

    /// The values of an allele in the added columns.
    pub fn values(&mut self, allele: &Scored) -> Vec<Option<f64>> {
        self.prepare();
        let width = self.scores.len() + usize::from(self.length_correct);
        let Some(scores) = allele.scores.as_ref().filter(|_| allele.status == Status::Ok) else {
            return vec![None; width];
        };
        let Key { class, contig, position, length } = &allele.key;
        let fit = |column: usize| self.fits.get(column).filter(|_| self.length_correct);
        let corrected = |i: usize| {
            let value = (self.scores[i].value)(scores)?;
            match fit(self.columns[i]) {
                Some(fit) => fit.corrected(value, *length),
                None => Some(value),
            }
        };
        let Some(distribution) = &self.distribution else { return vec![None; width] };
        let percentile = |i: usize| {
            let place = Some((contig.as_str(), *position));
            distribution.percentile((*class)?, self.columns[i], corrected(i)?, place)
        };
        let mut values: Vec<Option<f64>> = (0..self.scores.len()).map(percentile).collect();
        match class {
            None => self.without_class += 1,
            Some(_) if values.iter().all(Option::is_none) => self.without_null += 1,
            Some(_) => {}
        }
        if self.length_correct {
            let llr = self.scores.iter().position(|score| score.name == CORRECTED);
            values.push(llr.and_then(corrected));
        }
        values
    }

    /// Makes what scores are ranked among, if it is not there.
    fn prepare(&mut self) {
        if self.distribution.is_some() {
            return;
        }
        if !self.is_loaded {
            self.fits = self.null.length_fits();
        }
        let null = match self.length_correct {
            true => self.null.length_corrected(&self.fits),
            false => self.null.clone(),
        };
        self.distribution = Some(Distribution::new(null));
    }

    /// Saves the null variants.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path, settings: Settings, preamble: &[String]) -> Result<()> {
        let null = self.null.clone();
        let length_fits = null.length_fits();
        null_table::save(path, preamble, &NullTable { settings, length_fits, null })?;
        log::info!("null variants saved: {} in {}", self.null.len(), path.display());
        Ok(())
    }

    /// Logs what has no percentile, and the effect of length.
    pub fn report(&self) {
        if self.without_class > 0 {
            log::info!(
                "scored alleles without a percentile, as they are neither SNV nor indel, or have N beside them: {}",
                self.without_class
            );
        }
        if self.without_null > 0 {
            log::warn!("alleles whose class has no null variant: {}", self.without_null);
        }
        let Some(column) = self.null.column(CORRECTED).filter(|_| self.length_correct) else {
            return;
        };
        let Some(LengthFit { insertion, deletion }) = self.fits.get(column) else { return };
        for (kind, fit) in [("insertions", insertion), ("deletions", deletion)] {
            let Some(fit) = fit else { continue };
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

//! Genomes as classes: each example is a random window of one.

use std::{fmt, path::PathBuf, sync::Arc};

use super::{
    collect::Kinds,
    dataset::Dataset,
    error::GenomesError,
    example::{At, Example, Part, Place, Target},
    labels::Task,
};
use crate::{
    chance::{Purpose, RandomStream},
    formats::{number::counted, reference::Cache},
    genome::contig,
    sampling::{
        DataError, Genome, GenomeFile, Interval, Sampler, SamplerOptions, Sampling, Shared, Shares,
        Split, SplitBy, Splits, splits,
    },
};

/// Genomes of classes, and the windows to draw from them.
#[derive(Debug, Clone, PartialEq)]
pub struct GenomeOptions {
    /// Name of a class with a FASTA file of it; a class may have several.
    pub genomes: Vec<(String, PathBuf)>,
    /// Length of a window, in bases.
    pub length: u64,
    /// Windows of each class: to train on in an epoch, to validate with, and to test with.
    pub windows: [u64; 3],
    /// Contigs for validation, of the classes that have them, or of one class as `CLASS:CONTIG`.
    pub valid_contigs: Vec<String>,
    /// Contigs for the test.
    pub test_contigs: Vec<String>,
    /// Shares of the other contigs, in blocks of 100 kb.
    pub shares: Shares,
    /// True to save the indexes beside the files.
    pub save_index: bool,
    /// Another seed draws other windows.
    pub seed: u64,
}

/// Windows to train on, of which each epoch has others.
pub struct Windows {
    samplers: Vec<Sampler>,
    length: u64,
}

impl Windows {
    /// The bases of a window, counted from 0 through all epochs. Classes take turns.
    ///
    /// # Errors
    /// A genome cannot be read, or is mostly N.
    pub fn bases(&mut self, number: u64) -> Result<Vec<u8>, DataError> {
        let count = self.samplers.len() as u64;
        let mut bases = Vec::with_capacity(self.length as usize);
        self.samplers[(number % count) as usize].draw(number / count, self.length, &mut bases)?;
        Ok(bases)
    }
}

impl fmt::Debug for Windows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { samplers, length } = self;
        formatter
            .debug_struct("Windows")
            .field("classes", &samplers.len())
            .field("length", length)
            .finish_non_exhaustive()
    }
}

/// Draws the windows of the first epoch, of validation and of the test; the second value draws those of later
/// epochs.
///
/// # Errors
/// A genome cannot be read or has no stretch for a part, or a contig is in none.
pub fn read(options: &GenomeOptions) -> Result<(Dataset, Windows), GenomesError> {
    let names = names(&options.genomes);
    let mut classes = Vec::new();
    for name in &names {
        classes.push(Class::open(name, options)?);
    }
    let valid = of_classes(&mut classes, &names, &options.valid_contigs)?;
    let test = of_classes(&mut classes, &names, &options.test_contigs)?;
    let (mut drawn, mut ambiguous) = (Part::ALL.map(|_| Vec::new()), 0);
    for ((class, valid), test) in classes.iter_mut().zip(valid).zip(test) {
        let splits = class.divide(valid, test, options)?;
        for ((split, drawn), number) in Split::ALL.into_iter().zip(&mut drawn).zip(0..) {
            if let Some(intervals) = class.intervals(&splits, split, options)? {
                let sampler = class.sampler(intervals, 3 * drawn.len() as u64 + number, options)?;
                drawn.push(sampler);
            }
        }
    }
    let [train, valid, test] = drawn.map(|samplers| Windows { samplers, length: options.length });
    let mut parts = [train, valid, test];
    let mut examples = Vec::new();
    for (windows, each) in parts.iter_mut().zip(options.windows) {
        examples.push(windows.examples(&names, each)?);
    }
    for class in &classes {
        let genomes = class.genomes.lock();
        ambiguous += genomes.iter().map(|genome| genome.reference.ambiguous()).sum::<u64>();
    }
    let (test, valid, train) = (examples.pop(), examples.pop(), examples.pop());
    let dataset = Dataset {
        task: Task::Classes(names),
        train: train.unwrap_or_default(),
        valid: valid.unwrap_or_default(),
        test: test.unwrap_or_default(),
        ambiguous,
        kinds: Kinds { windows: true, ..Kinds::default() },
        unlabelled: 0,
    };
    let [train, ..] = parts;
    Ok((dataset, train))
}

impl Windows {
    /// The first `each` windows of each class.
    fn examples(&mut self, names: &[String], each: u64) -> Result<Vec<Example>, GenomesError> {
        let mut examples = Vec::new();
        for number in 0..each * self.samplers.len() as u64 {
            let class = (number % names.len() as u64) as usize;
            let name = &names[class];
            let bases =
                self.bases(number).map_err(|source| GenomesError::of_class(name, source))?;
            let place = Place { path: Arc::from(name.as_str()), at: At::Whole };
            examples.push(Example { bases, target: Target::Class(class), place });
        }
        Ok(examples)
    }
}

/// Names of the classes, in the order of their first file.
pub fn names(genomes: &[(String, PathBuf)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in genomes {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// The genomes of a class.
struct Class {
    name: String,
    genomes: Shared,
}

impl Class {
    fn open(name: &str, options: &GenomeOptions) -> Result<Self, GenomesError> {
        let own = options.genomes.iter().filter(|(class, _)| class == name);
        let files: Vec<_> =
            own.map(|(_, path)| GenomeFile { path: path.clone(), weight: None }).collect();
        let genomes = Genome::open(&files, options.save_index, Cache::ANYWHERE)
            .map_err(|source| GenomesError::of_class(name, source))?;
        Ok(Self { name: name.to_owned(), genomes: Shared::new(genomes) })
    }

    /// The first of its contigs, and their number.
    fn contigs(&self) -> String {
        let genomes = self.genomes.lock();
        let contigs = genomes.iter().flat_map(|genome| genome.reference.contigs());
        let names: Vec<&String> = contigs.map(|contig| &contig.name).collect();
        contig::summary(names.iter())
    }

    fn divide(
        &self,
        valid: Vec<String>,
        test: Vec<String>,
        options: &GenomeOptions,
    ) -> Result<Splits, GenomesError> {
        let by = SplitBy::Held { valid, test, shares: options.shares, seed: options.seed };
        Splits::new(&mut self.genomes.lock(), &by)
            .map_err(|source| GenomesError::of_class(&self.name, source))
    }

    /// The intervals of a part that hold a window; `None` if no class has this part.
    fn intervals(
        &self,
        splits: &Splits,
        split: Split,
        options: &GenomeOptions,
    ) -> Result<Option<Vec<Interval>>, GenomesError> {
        let all = splits.of(split);
        let wanted = match split {
            Split::Train => true,
            Split::Valid => !options.valid_contigs.is_empty() || options.shares.valid.is_some(),
            Split::Test => !options.test_contigs.is_empty() || options.shares.test.is_some(),
        };
        if wanted && all.is_empty() && split == Split::Train {
            return Err(GenomesError::NoTrain { class: self.name.clone() });
        }
        if wanted && all.is_empty() {
            return Err(GenomesError::NoPart {
                class: self.name.clone(),
                part: split.name(),
                contigs: self.contigs(),
            });
        }
        // a shorter window would tell its class by its length
        let intervals: Vec<Interval> =
            all.iter().filter(|interval| interval.len() >= options.length).cloned().collect();
        if wanted && intervals.is_empty() {
            return Err(GenomesError::TooShort {
                class: self.name.clone(),
                part: split.name(),
                longest: all.iter().map(Interval::len).max().unwrap_or(0),
                length: options.length,
            });
        }
        let bases = |intervals: &[Interval]| intervals.iter().map(Interval::len).sum::<u64>();
        if wanted && intervals.len() < all.len() {
            log::info!(
                "class {}, {}: {} of stretches shorter than a window are left out",
                self.name,
                split.name(),
                counted(bases(all) - bases(&intervals), "base")
            );
        }
        Ok(wanted.then_some(intervals))
    }

    /// Draws windows of intervals; `number` distinguishes the parts and classes.
    fn sampler(
        &self,
        intervals: Vec<Interval>,
        number: u64,
        options: &GenomeOptions,
    ) -> Result<Sampler, GenomesError> {
        let options = SamplerOptions {
            seed: RandomStream::new(options.seed, Purpose::Class, number).bits(),
            sampling: Sampling::Windows,
            reverse_complement: false,
            ..SamplerOptions::default()
        };
        Sampler::sharing(self.genomes.clone(), intervals, options)
            .map_err(|source| GenomesError::of_class(&self.name, source))
    }
}

/// For each class, those of the contigs that it has: `CLASS:CONTIG` is of one class alone.
///
/// # Errors
/// A contig is in no class, or a genome has two contigs of that name.
fn of_classes(
    classes: &mut [Class],
    names: &[String],
    contigs: &[String],
) -> Result<Vec<Vec<String>>, GenomesError> {
    let mut found = vec![Vec::new(); classes.len()];
    for contig in contigs {
        let qualified =
            contig.split_once(':').filter(|(class, _)| names.iter().any(|n| n == class));
        let mut is_found = false;
        for (class, found) in classes.iter_mut().zip(&mut found) {
            let name = match qualified {
                Some((of, _)) if of != class.name => continue,
                Some((_, name)) => name,
                None => contig,
            };
            let places = splits::find(&mut class.genomes.lock(), name)
                .map_err(|error| GenomesError::of_class(&class.name, error.into()))?;
            if !places.is_empty() {
                found.push(name.to_owned());
                is_found = true;
            }
        }
        if !is_found {
            let has = |class: &Class| format!("{} has {}", class.name, class.contigs());
            let classes = classes.iter().map(has).collect::<Vec<_>>().join("; ");
            return Err(GenomesError::NoContig { contig: contig.clone(), classes });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Two genomes whose contigs have one letter each, so that a window says where it is from.
    fn options(folder: &std::path::Path) -> GenomeOptions {
        let file = |name: &str, contigs: &[(&str, &str, usize)]| {
            let text: String = contigs
                .iter()
                .map(|(name, base, length)| format!(">{name}\n{}\n", base.repeat(*length)))
                .collect();
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let one = file("one.fa", &[("chr1", "A", 900), ("chr2", "C", 400), ("chr3", "G", 300)]);
        let two = file("two.fa", &[("I", "T", 500), ("chr2", "N", 100)]);
        let more = file("more.fa", &[("II", "G", 50)]);
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        GenomeOptions {
            genomes: vec![("x".into(), one), ("y".into(), two), ("y".into(), more)],
            length: 20,
            windows: [30, 4, 5],
            valid_contigs: names(&["x:chr2", "y:II"]),
            test_contigs: Vec::new(),
            shares: Shares::default(),
            save_index: false,
            seed: 3,
        }
    }

    #[test]
    fn windows_are_of_their_class_and_part() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(folder.path());
        let (dataset, mut later) = read(&options).unwrap();
        assert_eq!(dataset.task, Task::Classes(vec!["x".into(), "y".into()]));
        let count = |examples: &[Example], class, bases: &[u8]| {
            let of = |example: &&Example| {
                example.target == Target::Class(class)
                    && example.bases.len() == 20
                    && bases.contains(&example.bases[0])
            };
            examples.iter().filter(of).count()
        };
        assert_eq!((dataset.train.len(), dataset.valid.len(), dataset.test.len()), (60, 8, 0));
        assert_eq!([count(&dataset.train, 0, b"AG"), count(&dataset.train, 1, b"T")], [30, 30]);
        assert_eq!([count(&dataset.valid, 0, b"C"), count(&dataset.valid, 1, b"G")], [4, 4]);
        // the first epoch is what was read, and a number is a window
        let first: Vec<_> = (0..60).map(|number| later.bases(number).unwrap()).collect();
        assert!(first.iter().eq(dataset.train.iter().map(|example| &example.bases)));
        let next: Vec<_> = (60..90).map(|number| later.bases(number).unwrap()).collect();
        assert_eq!(later.bases(60).unwrap(), next[0]);
        assert_eq!(later.bases(61).unwrap()[0], b'T');
    }

    #[test]
    fn another_seed_and_each_part_draw_other_windows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("g.fa");
        let bases = crate::sampling::testing::bases(5000);
        fs::write(&path, format!(">a\n{bases}\n>b\n{bases}\n>c\n{bases}\n")).unwrap();
        let options = GenomeOptions {
            genomes: vec![("x".into(), path.clone()), ("y".into(), path)],
            valid_contigs: vec!["b".into()],
            test_contigs: vec!["c".into()],
            windows: [6, 6, 6],
            ..options(folder.path())
        };
        let (one, _) = read(&options).unwrap();
        let (same, _) = read(&options).unwrap();
        assert_eq!(one, same);
        let (other, _) = read(&GenomeOptions { seed: 4, ..options }).unwrap();
        let bases = |examples: &[Example]| -> Vec<Vec<u8>> {
            examples.iter().map(|example| example.bases.clone()).collect()
        };
        assert_ne!(bases(&one.train), bases(&other.train));
        assert_ne!(bases(&one.valid), bases(&one.test));
        let class = |examples: &[Example], class| -> Vec<Vec<u8>> {
            let of = examples.iter().filter(|example| example.target == Target::Class(class));
            of.map(|example| example.bases.clone()).collect()
        };
        assert_ne!(class(&one.train, 0), class(&one.train, 1), "classes draw for themselves");
    }

    #[test]
    fn contigs_that_do_not_fit_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(folder.path());
        let error = |change: fn(&mut GenomeOptions)| {
            let mut options = options.clone();
            change(&mut options);
            read(&options).map(|_| ()).unwrap_err().to_string()
        };
        let found = error(|options| options.test_contigs = vec!["x:chr3".into()]);
        assert!(found.contains("y has no test") && found.contains("y:CONTIG"), "{found}");
        let found = error(|options| options.test_contigs = vec!["chr9".into()]);
        assert!(found.contains("chr9") && found.contains("x has chr1"), "{found}");
        let found = error(|options| options.test_contigs = vec!["x:I".into()]);
        assert!(found.contains("x:I"), "{found}");
        let found = error(|options| {
            options.valid_contigs.extend(["y:I", "y:chr2"].map(String::from));
        });
        assert!(found.contains("class y has nothing to train on"), "{found}");
    }
}

//! Labels of bases from intervals.

use std::{collections::HashMap, ops::Range, sync::Arc};

use super::{
    example::{At, MASKED, MASKED_LABELS, Place},
    genome::Genome,
    label::Label,
    labels::TaskKind,
    options::{Track, TrackOptions},
};
use crate::formats::{bed, error::InputError, input, lines::Lines, number::counted};

/// Name of the class of bases in no interval.
const OTHER: &str = "other";

/// Most labels of a base.
const MOST_LABELS: usize = MASKED_LABELS.trailing_zeros() as usize;

/// Intervals by sequence, and the labels of their bases.
pub struct Tracks {
    /// Names of the classes or labels.
    pub names: Vec<String>,
    kind: TaskKind,
    mask: bool,
    files: Vec<Arc<str>>,
    by_sequence: HashMap<String, Intervals>,
    /// True if sequences have the names of the reference's contigs.
    on_genome: bool,
}

/// The intervals of a sequence.
#[derive(Default)]
struct Intervals {
    /// In ascending order of their starts.
    all: Vec<Interval>,
    /// Length of the longest.
    longest: u64,
    /// True if the data have a sequence of this name.
    is_there: bool,
}

/// An interval whose bases have a label, 0-based and half-open.
#[derive(Debug, Clone, Copy)]
struct Interval {
    start: u64,
    end: u64,
    label: u8,
    /// Index of its file.
    file: u16,
    line: u64,
}

impl Tracks {
    /// Reads the intervals of all tracks. Strands are not regarded.
    ///
    /// # Errors
    /// A file is malformed or has no interval, or there are too many labels.
    pub fn read(options: &TrackOptions) -> Result<Self, InputError> {
        let TrackOptions { tracks, kind, mask } = options;
        let has_other = *kind == TaskKind::BaseClasses && !mask;
        let mut found = Self {
            names: if has_other { vec![OTHER.to_owned()] } else { Vec::new() },
            kind: *kind,
            mask: *mask,
            files: Vec::new(),
            by_sequence: HashMap::new(),
            on_genome: false,
        };
        for track in tracks {
            found.track(track)?;
        }
        for intervals in found.by_sequence.values_mut() {
            intervals.all.sort_by_key(|interval| (interval.start, interval.end));
            let lengths = intervals.all.iter().map(|interval| interval.end - interval.start);
            intervals.longest = lengths.max().unwrap_or(0);
        }
        Ok(found)
    }

    fn track(&mut self, track: &Track) -> Result<(), InputError> {
        let mut reader = bed::Reader::new(Lines::new(input::open(&track.path)?));
        let path: Arc<str> = reader.name().into();
        let file = u16::try_from(self.files.len()).unwrap_or(u16::MAX);
        self.files.push(path.clone());
        let mut count = 0_u64;
        while let Some(record) = reader.read()? {
            let place = Place { path: path.clone(), at: At::Line(record.line) };
            let name = match &track.name {
                Some(name) => name.clone(),
                None => {
                    let column = record.columns.get(3).map(|column| column.trim_ascii());
                    let column = column.filter(|column| !column.is_empty()).ok_or_else(|| {
                        place.error(
                            "the interval has no name (column 4), which is its label; or give all one label: --track NAME=FILE",
                        )
                    })?;
                    String::from_utf8_lossy(column).into_owned()
                }
            };
            let label = self.label_of(name).map_err(|problem| place.error(problem))?;
            let (start, end) = (record.region.start, record.region.end);
            let of = self.by_sequence.entry(record.region.contig).or_default();
            of.all.push(Interval { start, end, label, file, line: record.line });
            count += 1;
        }
        match count {
            0 => Err(InputError::Kind {
                path: path.to_string(),
                problem: "has no interval; expected BED with the bases of a label".into(),
            }),
            _ => Ok(()),
        }
    }

    /// The index of a label, which is added if it is new.
    fn label_of(&mut self, name: String) -> Result<u8, String> {
        let index = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        let most = match self.kind {
            TaskKind::BaseLabels => MOST_LABELS,
            _ => usize::from(MASKED),
        };
        match u8::try_from(index) {
            Ok(label) if index < most => Ok(label),
            _ => Err(format!(
                "there are more than {} different names (column 4), each of which is a label; give all one label: --track NAME=FILE",
                most - usize::from(self.names[0] == OTHER)
            )),
        }
    }

    /// Puts the intervals on the contigs of a reference, unless that was done.
    ///
    /// # Errors
    /// The reference lacks a contig, or an interval ends beyond it.
    pub fn put_on(&mut self, genome: &mut Genome) -> Result<(), InputError> {
        if std::mem::replace(&mut self.on_genome, true) {
            return Ok(());
        }
        let mut names: Vec<String> = self.by_sequence.keys().cloned().collect();
        names.sort_unstable();
        let mut placed: HashMap<String, Intervals> = HashMap::new();
        for name in names {
            let Some(found) = self.by_sequence.remove(&name) else { continue };
            let number = genome.contig(&name, &self.place(&found.all[0]))?;
            let (own, length) = genome.of(number);
            self.check_ends(&found, own, length)?;
            // one contig may have two names, 1 and chr1
            let all = placed.entry(own.to_owned()).or_default();
            all.all.extend(found.all);
            all.all.sort_by_key(|interval| (interval.start, interval.end));
            all.longest = all.longest.max(found.longest);
            all.is_there = true;
        }
        self.by_sequence = placed;
        Ok(())
    }

    /// Takes note of a sequence of the data.
    ///
    /// # Errors
    /// An interval ends beyond it.
    pub fn see(&mut self, name: &str, length: u64) -> Result<(), InputError> {
        if let Some(found) = self.by_sequence.get_mut(name) {
            found.is_there = true;
        }
        match self.by_sequence.get(name) {
            Some(found) => self.check_ends(found, name, length),
            None => Ok(()),
        }
    }

    /// # Errors
    /// An interval lies on a sequence that the data do not have.
    pub fn check(&self, data: &str) -> Result<(), InputError> {
        let unseen = self.by_sequence.iter().filter(|(_, found)| !found.is_there);
        let key = |interval: &Interval| (interval.file, interval.line);
        let first = unseen.flat_map(|(name, found)| found.all.iter().map(move |i| (name, i)));
        match first.min_by_key(|(_, interval)| key(interval)) {
            Some((name, interval)) => Err(self.place(interval).error(format!(
                "there is no sequence {name} in {data}; names must be equal: remove the interval, or add the sequence"
            ))),
            None => Ok(()),
        }
    }

    fn check_ends(&self, found: &Intervals, name: &str, length: u64) -> Result<(), InputError> {
        match found.all.iter().find(|interval| interval.end > length) {
            Some(interval) => Err(self.place(interval).error(format!(
                "the interval ends at {}, beyond {name}, which has {}; are intervals and sequences of the same assembly?",
                interval.end,
                counted(length, "base")
            ))),
            None => Ok(()),
        }
    }

    /// The labels of the bases of a range of a sequence, 0-based and half-open.
    ///
    /// # Errors
    /// A base has two classes.
    pub fn label(&self, name: &str, range: Range<u64>) -> Result<Label, InputError> {
        let count = (range.end - range.start) as usize;
        let own = self.by_sequence.get(name).into_iter().flat_map(|found| {
            let from = range.start.saturating_sub(found.longest);
            let first = found.all.partition_point(|interval| interval.start < from);
            let near = found.all[first..].iter();
            near.take_while(|interval| interval.start < range.end)
                .filter(|interval| interval.end > range.start)
        });
        let within = |interval: &Interval| {
            let start = interval.start.max(range.start) - range.start;
            let end = interval.end.min(range.end) - range.start;
            start as usize..end as usize
        };
        if self.kind == TaskKind::BaseLabels {
            let mut labels = vec![if self.mask { MASKED_LABELS } else { 0 }; count];
            for interval in own {
                for bits in &mut labels[within(interval)] {
                    *bits = *bits & !MASKED_LABELS | 1 << interval.label;
                }
            }
            return Ok(Label::BaseLabels(labels));
        }
        let none = if self.mask { MASKED } else { 0 };
        let mut classes = vec![none; count];
        for interval in own {
            for class in &mut classes[within(interval)] {
                if *class != none && *class != interval.label {
                    let [one, other] =
                        [*class, interval.label].map(|class| &self.names[usize::from(class)]);
                    return Err(self.place(interval).error(format!(
                        "the interval overlaps one of another class ({one} and {other}); give --task base-labels if a base may have both"
                    )));
                }
                *class = interval.label;
            }
        }
        Ok(Label::BaseClasses(classes))
    }

    fn place(&self, interval: &Interval) -> Place {
        Place { path: self.files[usize::from(interval.file)].clone(), at: At::Line(interval.line) }
    }
}

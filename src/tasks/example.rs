//! A sequence with its label.

use std::{fmt, ops::Range, sync::Arc};

use super::label::Label;
use crate::formats::error::InputError;

/// Part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Examples to learn from.
    Train,
    /// Examples to choose settings by.
    Valid,
    /// Examples to measure with, once.
    Test,
}

impl Part {
    /// All parts, in the order of use.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// Its name in files and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }

    /// The part that a name means, in any case.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "train" | "training" => Some(Self::Train),
            "valid" | "validation" | "val" | "dev" => Some(Self::Valid),
            "test" => Some(Self::Test),
            _ => None,
        }
    }
}

/// Place of an example in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the file.
    pub path: Arc<str>,
    /// Position in it.
    pub at: At,
}

/// Position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// A line, 1-based.
    Line(u64),
    /// A row of a file without lines, 1-based.
    Row(u64),
    /// The file has one example.
    Whole,
}

impl Place {
    /// An error at this place.
    pub fn error(&self, problem: impl Into<String>) -> InputError {
        let (path, problem) = (self.path.to_string(), problem.into());
        match self.at {
            At::Line(line) => InputError::Line { path, line, problem },
            At::Row(row) => InputError::Record { path, record: row.to_string(), problem },
            At::Whole => InputError::Kind { path, problem },
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            At::Line(line) => write!(formatter, "{}, line {line}", self.path),
            At::Row(row) => write!(formatter, "{}, record {row}", self.path),
            At::Whole => write!(formatter, "{}", self.path),
        }
    }
}

/// A sequence with its label as in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// Normalised bases; at least one.
    pub bases: Vec<u8>,
    /// Label.
    pub label: Label,
    /// Part that it belongs to; `None` if its file does not say.
    pub part: Option<Part>,
    /// Contig that it lies on, as in its file; `None` for a sequence without coordinates.
    pub contig: Option<Arc<str>>,
    /// Place in its file.
    pub place: Place,
}

/// Class of a base that has none in [`Target::BaseClasses`]: it counts in no loss and no figure. Classes
/// are from 0 to 254.
pub const MASKED: u8 = u8::MAX;

/// Value of a base without known labels in [`Target::BaseLabels`]: it counts in no loss and no figure.
/// Labels are the bits from 0 to 62.
pub const MASKED_LABELS: u64 = 1 << 63;

/// Value to predict. Its variant is that of the [`Task`](super::labels::Task), whose names it is in the
/// order of.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Index of a class, of a single-label task.
    Class(usize),
    /// For each label of a multi-label task, true if the sequence has it.
    Labels(Vec<bool>),
    /// For each target of a regression, its finite number.
    Numbers(Vec<f64>),
    /// For each base, the index of its class, or [`MASKED`].
    BaseClasses(Vec<u8>),
    /// For each base, a bit for each label that it has, the first label lowest, or [`MASKED_LABELS`].
    BaseLabels(Vec<u64>),
}

impl Target {
    /// The values of a range of bases, 0-based and half-open; those of a whole sequence stay.
    pub fn slice(&self, range: Range<usize>) -> Self {
        match self {
            Self::BaseClasses(classes) => Self::BaseClasses(classes[range].to_vec()),
            Self::BaseLabels(labels) => Self::BaseLabels(labels[range].to_vec()),
            Self::Class(_) | Self::Labels(_) | Self::Numbers(_) => self.clone(),
        }
    }

    /// Number of known values: 1 for a sequence, or the number of bases that are not masked.
    pub fn known(&self) -> usize {
        match self {
            Self::Class(_) | Self::Labels(_) | Self::Numbers(_) => 1,
            Self::BaseClasses(classes) => classes.iter().filter(|class| **class != MASKED).count(),
            Self::BaseLabels(labels) => {
                labels.iter().filter(|labels| **labels != MASKED_LABELS).count()
            }
        }
    }
}

/// A sequence with the value to predict from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Normalised bases; at least one.
    pub bases: Vec<u8>,
    /// Value to predict.
    pub target: Target,
    /// Place in its file.
    pub place: Place,
}

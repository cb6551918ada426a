//! The task that labels describe.

/// Kind of a task.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// One class of several
    SingleLabel,
    /// Any number of labels
    MultiLabel,
    /// One number or several
    Regression,
    /// One class of several for each base
    BaseClasses,
    /// Any number of labels for each base
    BaseLabels,
}

impl TaskKind {
    /// Its name on the command line and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::SingleLabel => "single-label",
            Self::MultiLabel => "multi-label",
            Self::Regression => "regression",
            Self::BaseClasses => "base-classes",
            Self::BaseLabels => "base-labels",
        }
    }
}

/// A task: the meaning of its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// The names of the classes: whole numbers in ascending order, other labels in the order found.
    Classes(Vec<String>),
    /// The names of the labels.
    MultiLabel(Vec<String>),
    /// The names of the targets; at least one.
    Regression(Vec<String>),
    /// The names of the classes of bases, at most 255.
    BaseClasses(Vec<String>),
    /// The names of the labels of bases, at most 63.
    BaseLabels(Vec<String>),
}

impl Task {
    /// Its kind.
    pub fn kind(&self) -> TaskKind {
        match self {
            Self::Classes(_) => TaskKind::SingleLabel,
            Self::MultiLabel(_) => TaskKind::MultiLabel,
            Self::Regression(_) => TaskKind::Regression,
            Self::BaseClasses(_) => TaskKind::BaseClasses,
            Self::BaseLabels(_) => TaskKind::BaseLabels,
        }
    }

    /// The names of its classes, labels or targets, in the order of the values of a [`Target`](super::example::Target).
    pub fn names(&self) -> &[String] {
        let (Self::Classes(names)
        | Self::MultiLabel(names)
        | Self::Regression(names)
        | Self::BaseClasses(names)
        | Self::BaseLabels(names)) = self;
        names
    }
}

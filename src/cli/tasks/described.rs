//! Log lines about a data set.

use crate::tasks::{dataset::Dataset, example::Part, labels::Task, summary};

/// Logs the task, the parts, and counts of what was read in another way or left out.
pub fn log(dataset: &Dataset) {
    let noun = match dataset.task {
        Task::Classes(_) | Task::BaseClasses(_) => "classes",
        Task::MultiLabel(_) | Task::BaseLabels(_) => "labels",
        Task::Regression(_) => "targets",
    };
    match (dataset.task.kind().name(), dataset.task.names().len()) {
        (kind, 1) => log::info!("task: {kind}"),
        (kind, count) => log::info!("task: {kind}, {count} {noun}"),
    }
    for part in Part::ALL {
        let examples = dataset.part(part);
        if !examples.is_empty() {
            log::info!("{}: {}", part.name(), summary::describe(examples, &dataset.task));
        }
    }
    if dataset.ambiguous > 0 {
        log::warn!("IUPAC letters read as N: {}", dataset.ambiguous);
    }
    if dataset.unlabelled > 0 {
        log::info!("windows left out, as no base has a label: {}", dataset.unlabelled);
    }
}

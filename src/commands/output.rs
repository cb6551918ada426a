//! Outputs that several commands share.

pub mod format;
pub mod paths;
pub mod pictures;
pub mod rows;
pub mod summary;

use crate::{model::weights::source::Named, process::provenance::Provenance};

/// Provenance of the outputs of a model: this run, the model, and the path of the reference if
/// there is one.
pub fn provenance(named: &Named, reference: Option<&str>) -> Provenance {
    let provenance =
        Provenance::of_this_run().with("model", format!("{} sha256:{}", named.name, named.sha256));
    match reference {
        Some(reference) => provenance.with("reference", reference),
        None => provenance,
    }
}

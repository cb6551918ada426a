//! Outputs that several commands share.

pub mod format;
pub mod index;
pub mod paths;
pub mod pictures;
pub mod resume;
pub mod rows;
pub mod summary;

use crate::{
    cli::model::ModelArgs, formats::shard::Section, model::weights::source::Named,
    process::provenance::Provenance,
};

/// Provenance of the outputs of a model: this run, the model with its identity, the input that stands
/// for N, and the path of the reference if there is one.
pub fn provenance(args: &ModelArgs, named: &Named, reference: Option<&str>) -> Provenance {
    let provenance = Provenance::of_this_run()
        .with("model", format!("{} identity:{}", named.name, named.identity))
        .with("n_token", args.n_token(named).name());
    match reference {
        Some(reference) => provenance.with("reference", reference),
        None => provenance,
    }
}

/// Adds what part of its input an output covers, by which `merge` joins parts.
pub fn of_shard(provenance: Provenance, section: Option<&Section>) -> Provenance {
    let Some(Section { shard, places: (start, end), input: (digest, size), .. }) = section else {
        return provenance;
    };
    provenance
        .with("shard", shard.to_string())
        .with("shard_places", format!("{start}-{end}"))
        .with("shard_input", format!("{digest} {size}"))
}

//! Command lines: what the program reads, writes and says, and how it ends.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "test code")]

#[path = "../harness/mod.rs"]
mod harness;

mod assemblies;
mod bad_index;
mod bad_input;
mod bad_model;
mod bad_output;
mod bench;
mod bounds;
mod completions;
mod contig_ends;
mod embed;
mod embed_reading;
mod embed_side_by_side;
mod evaluate;
mod evaluate_labels;
mod evaluate_predictions;
mod evaluate_report;
mod fine_tuned;
mod finetune;
mod finetune_genomes;
mod finetune_prompt;
mod generate;
mod help;
mod hub;
mod icl;
mod inputs_stay;
mod killed;
mod layers;
mod likelihood;
mod limits;
mod manners;
mod mito_demo;
mod model_identity;
mod models;
mod models_diagnose;
mod models_verify;
mod mutagenesis;
mod named_inputs;
mod names_as_bytes;
mod odd_files;
mod other_kinds;
mod packaging;
mod predict;
mod predict_variants;
mod probe;
mod probe_compared;
mod project;
mod published_odd_files;
mod readme;
mod recall;
mod references;
mod score_all_snvs;
mod score_effects;
mod score_null;
mod score_options;
mod score_surroundings;
mod score_variants;
mod streams;
mod summary;
mod task_data;
mod train;
mod train_kills;

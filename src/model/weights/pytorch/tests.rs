//! Checkpoints forged byte by byte: sound ones, attacks, and random damage.

mod attacks;
mod fine_tuned;
mod forge;
mod random;
mod released;
mod sizes;
mod valid;

use std::collections::BTreeMap;
use std::io::Cursor;

use super::{Problem, read_from};
use crate::model::weights::host::HostTensor;

fn read(file: Vec<u8>) -> Result<BTreeMap<String, HostTensor>, Problem> {
    read_from(Cursor::new(file)).map(|checkpoint| checkpoint.tensors)
}

/// What Python would import beyond the names of plain weights.
fn imports(file: Vec<u8>) -> Vec<String> {
    read_from(Cursor::new(file)).unwrap().imports
}

/// Message about a file that is not read.
fn refusal(file: Vec<u8>) -> String {
    let problem = read(file).expect_err("the file should be refused");
    problem.at("weights.ckpt".as_ref()).to_string()
}

#[track_caller]
fn assert_refused(file: Vec<u8>, words: &[&str]) {
    let message = refusal(file);
    for word in words.iter().chain(&["weights.ckpt"]) {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

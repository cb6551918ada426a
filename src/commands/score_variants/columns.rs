//! What is written of each allele: columns of tables, fields of INFO.

use super::compute::Scored;
use crate::{formats::number::push_six_digits, scoring::Score};

/// A column, or a field of INFO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in tables.
    pub name: String,
    /// Its name in INFO, behind the prefix.
    pub info: String,
    /// Its type in INFO.
    pub kind: &'static str,
    /// What it holds, with the unit.
    pub description: String,
}

/// The columns of a run, in their order; the last is the status.
#[derive(Debug, Clone)]
pub struct Columns {
    scores: Vec<&'static Score>,
    /// All of them.
    pub all: Vec<Column>,
}

impl Columns {
    /// Columns of these scores.
    pub fn new(scores: Vec<&'static Score>) -> Self {
        let of_score = |score: &&Score| Column {
            name: score.name.to_owned(),
            info: score.info.to_owned(),
            kind: "Float",
            description: score.description.to_owned(),
        };
        let status = Column {
            name: "status".to_owned(),
            info: "STATUS".to_owned(),
            kind: "String",
            description: "ok, or why the allele has no score".to_owned(),
        };
        let all = scores.iter().map(of_score).chain([status]).collect();
        Self { scores, all }
    }

    /// The values of an allele, `.` where there is none.
    pub fn values(&self, allele: &Scored) -> Vec<String> {
        let of_score = |score: &&Score| number(allele.scores.as_ref().and_then(score.value));
        let scores = self.scores.iter().map(of_score);
        scores.chain([allele.status.name().to_owned()]).collect()
    }
}

fn number(value: Option<f64>) -> String {
    let mut text = String::new();
    match value {
        Some(value) => push_six_digits(&mut text, value),
        None => text.push('.'),
    }
    text
}

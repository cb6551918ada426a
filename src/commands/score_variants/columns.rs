//! Columns of tables and fields of INFO.

use super::compute::Scored;
use crate::{
    commands::output::rows::{Cell, Column},
    scoring::Score,
};

/// A column, or a field of INFO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name in tables.
    pub name: String,
    /// Its name in INFO, after the prefix.
    pub info: String,
    /// Its type in INFO.
    pub kind: &'static str,
    /// Description with the unit.
    pub description: String,
}

impl OutputColumn {
    /// The column in tables.
    pub fn column(&self) -> Column {
        match self.kind {
            "String" => Column::text(&self.name),
            _ => Column::number(&self.name),
        }
    }

    /// Its name in INFO with the prefix.
    pub fn info_name(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.info)
    }

    /// The column of the status.
    pub fn status() -> Self {
        Self {
            name: "status".to_owned(),
            info: "STATUS".to_owned(),
            kind: "String",
            description: "ok, or why the allele has no score".to_owned(),
        }
    }
}

/// The columns of a run, in their order; the last is the status.
#[derive(Debug, Clone)]
pub struct OutputColumns {
    scores: Vec<&'static Score>,
    phase: bool,
    /// All of them.
    pub all: Vec<OutputColumn>,
}

impl OutputColumns {
    /// Columns of these scores, of calibration (name, name in INFO, description), and of haplotypes if
    /// those are followed.
    pub fn new(scores: Vec<&'static Score>, calibrated: Vec<[String; 3]>, phase: bool) -> Self {
        let of_score = |score: &&Score| OutputColumn {
            name: score.name.to_owned(),
            info: score.info.to_owned(),
            kind: if score.is_place { "Integer" } else { "Float" },
            description: score.description.to_owned(),
        };
        let of_phase = |name: &str, description: &str| OutputColumn {
            name: name.to_owned(),
            info: name.to_ascii_uppercase(),
            kind: "Integer",
            description: description.to_owned(),
        };
        let phases = [
            of_phase(
                "haplotype",
                "number of the sample's haplotype on which the allele was scored, from 1",
            ),
            of_phase(
                "phased_alleles",
                "number of other alleles of that haplotype in the window of REF",
            ),
        ];
        let phases = phases.into_iter().filter(|_| phase);
        let calibrated = calibrated.into_iter().map(|[name, info, description]| OutputColumn {
            name,
            info,
            kind: "Float",
            description,
        });
        let scored = scores.iter().map(of_score);
        let all = scored.chain(calibrated).chain(phases).chain([OutputColumn::status()]).collect();
        Self { scores, phase, all }
    }

    /// The values of an allele.
    pub fn values(&self, scored: &Scored) -> Vec<Cell<'static>> {
        if let Some(known) = &scored.allele.known {
            let cell = |value: &[u8]| match value {
                b"." => Cell::Missing,
                value => value.to_vec().into(),
            };
            return known.split(|&byte| byte == b'\t').map(cell).collect();
        }
        let of_score = |score: &&Score| scored.scores.as_ref().and_then(score.value).into();
        let mut values: Vec<Cell<'static>> = self.scores.iter().map(of_score).collect();
        values.extend(scored.calibrated.iter().map(|&value| Cell::from(value)));
        if self.phase {
            let of_phase =
                |value: Option<usize>| value.map_or(Cell::Missing, |n| Cell::Integer(n as u64));
            let haplotype = scored.allele.phase.and_then(|phase| phase.haplotype);
            values.push(of_phase(haplotype.map(usize::from)));
            values.push(of_phase(scored.allele.phase.map(|phase| phase.applied)));
        }
        values.push(scored.allele.status.name().into());
        values
    }
}

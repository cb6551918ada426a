//! Examples for tests.

use super::example::{At, Example, Labelled, Place, Target};
use super::label::Label;

pub fn place(line: u64) -> Place {
    Place { path: "t.csv".into(), at: At::Line(line) }
}

pub fn labelled(bases: &str, label: &str, line: u64) -> Labelled {
    Labelled {
        bases: bases.into(),
        label: Label::Text(label.to_owned()),
        part: None,
        contig: None,
        place: place(line),
    }
}

pub fn example(bases: &[u8], class: usize) -> Example {
    Example { bases: bases.to_vec(), target: Target::Class(class), place: place(1) }
}

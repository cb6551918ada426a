//! Pictures of effects, one for each entry.

use super::{
    measure::measure,
    read::{CHANGES, Deletions, EntryHead},
};
use crate::{
    cli::windows::StrandChoice,
    commands::output::pictures::Prefix,
    formats::output::{Complete, OutputError},
    genome::name,
    inference::predict::LETTERS,
    plot::saturation::{self, Saturation},
};

/// A base, and the number to draw for each of its changes.
pub type DrawnBase = (u8, [Option<f64>; CHANGES]);

/// Model and strands of the effects, in words.
pub fn origin(model: &str, strand: StrandChoice) -> String {
    let strands = match strand {
        StrandChoice::Both => "mean of both strands",
        StrandChoice::Forward => "forward strand",
        StrandChoice::Reverse => "reverse strand",
        StrandChoice::Gene => "strand of the gene, outside genes both",
    };
    format!("Model {model}, {strands}.")
}

/// Draws entries. The files get their names at the end, with the other outputs.
pub struct Pictures {
    prefix: Prefix,
    /// Model and strands, for the notes.
    origin: String,
    /// The column that is drawn.
    score: String,
    deletions: Deletions,
    complete: Vec<Complete>,
}

impl Pictures {
    /// Pictures of a column under names that start with `prefix`.
    pub fn new(prefix: Prefix, origin: &str, score: &str, deletions: Deletions) -> Self {
        let (origin, score) = (origin.to_owned(), score.to_owned());
        Self { prefix, origin, score, deletions, complete: Vec::new() }
    }

    /// Draws an entry as `PREFIX.NUMBER.svg` and `PREFIX.NUMBER.png`.
    ///
    /// # Errors
    /// The picture cannot be written.
    pub fn draw(
        &mut self,
        number: u64,
        head: &EntryHead,
        drawn: &[DrawnBase],
    ) -> Result<(), OutputError> {
        let bases: Vec<u8> = drawn.iter().map(|(base, _)| *base).collect();
        let effects: Vec<[Option<f64>; LETTERS.len()]> =
            drawn.iter().map(|(_, values)| std::array::from_fn(|change| values[change])).collect();
        let deletions: Vec<Option<f64>> =
            drawn.iter().map(|(_, values)| values[LETTERS.len()]).collect();
        let contig = name::decode(&head.contig);
        let chart = saturation::chart(&Saturation {
            title: &self.title(head, bases.len()),
            origin: &self.origin,
            name: &name::shown(&contig),
            measure: measure(&self.score),
            start: head.start,
            bases: &bases,
            effects: &effects,
            deletions: (self.deletions == Deletions::Scored).then_some(&deletions[..]),
        });
        self.complete.extend(self.prefix.draw(&number.to_string(), &chart)?);
        Ok(())
    }

    fn title(&self, head: &EntryHead, length: usize) -> String {
        let contig = name::decode(&head.contig);
        let end = head.start + length as u64;
        let place = format!("{contig}:{}-{end}, {}", head.start + 1, self.score);
        let own = head.name.as_deref().filter(|name| *name != b".");
        let title = match own.map(name::decode) {
            Some(name) => format!("{name}  {place}"),
            None => place,
        };
        name::shown(&title).into_owned()
    }

    /// All pictures, complete but for their names.
    pub fn complete(self) -> Vec<Complete> {
        self.complete
    }
}

//! One number for each predicted base, as bigWig.

use std::{io, path::Path};

use anyhow::Result;

use super::{read::EntryHead, track::Track};
use crate::{
    commands::output::name_output,
    formats::{bigwig::Writer, output::Output, reference::Contig},
    inference::predict::Prediction,
};

/// Writes a track; entries come in the order that [`Order`](crate::commands::input::order::Order) asks for.
pub struct Bigwig {
    writer: Writer,
    track: Track,
    /// Contigs of the reference, and which of them have regions.
    reference: Vec<(Contig, bool)>,
    /// What was begun, in this order.
    begun: Vec<Contig>,
    /// Number of the contig that the last region lies on.
    current: Option<usize>,
}

impl Bigwig {
    /// Opens the output. `contigs`: those of the reference, if there is one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create(path: &Path, track: Track, contigs: &[Contig]) -> Result<Self> {
        let writer = Writer::new(Output::create(path)?);
        let writer = writer.map_err(|error| name_output(error.into(), path))?;
        let reference = contigs.iter().map(|contig| (contig.clone(), false)).collect();
        Ok(Self { writer, track, reference, begun: Vec::new(), current: None })
    }

    /// Begins a contig where the entry is not on the one at hand. A region's contig gets the
    /// reference's name.
    ///
    /// # Errors
    /// Writing fails.
    pub fn start(&mut self, head: &EntryHead) -> io::Result<()> {
        let contig = match head.contig {
            Some(number) if self.current == Some(number) => return Ok(()),
            Some(number) => {
                let (contig, used) = &mut self.reference[number];
                *used = true;
                contig.clone()
            }
            None => {
                let name = String::from_utf8_lossy(&head.name).into_owned();
                Contig { name, length: head.length }
            }
        };
        self.current = head.contig;
        if contig.length > 0 {
            self.writer.contig()?;
            self.begun.push(contig);
        }
        Ok(())
    }

    /// Writes the number of a base, whose position is 0-based, if it has one.
    ///
    /// # Errors
    /// Writing fails.
    pub fn base(&mut self, position: u64, prediction: Option<&Prediction>) -> io::Result<()> {
        match prediction {
            Some(prediction) => self.writer.value(position, self.track.of(prediction) as f32),
            None => Ok(()),
        }
    }

    /// Completes the output, with all contigs of the reference.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(self) -> io::Result<()> {
        let others = self.reference.into_iter().filter(|(contig, used)| !used && contig.length > 0);
        let contigs: Vec<Contig> =
            self.begun.into_iter().chain(others.map(|(contig, _)| contig)).collect();
        self.writer.finish(&contigs)
    }
}

//! Cutting the windows of edits out of contigs: what `score-variants` and `mutagenesis` share.

use std::{ops::Range, sync::Arc};

use anyhow::{Result, bail};

use crate::{
    cli::reading::{ReadingArgs, StrandChoice},
    contig,
    formats::reference::{Contig, Reference},
    reading::{self, Course, Reading, Strands, Windows},
    variant::Edit,
};

/// A contig or a sequence that edits are about.
#[derive(Debug, Clone, Copy)]
pub struct On<'a> {
    /// A number that no other contig has.
    pub number: usize,
    /// Its name.
    pub name: &'a str,
    /// Its bases.
    pub length: u64,
}

/// Cuts windows as the options ask.
pub struct Cutter {
    reading: Reading,
    strand: StrandChoice,
    /// Canonical names of circular contigs.
    circular: Vec<String>,
    last: Option<(usize, Range<u64>, Arc<[u8]>)>,
}

impl Cutter {
    /// Cuts what `reading` asks for on those strands; `circular` names contigs that are circles.
    pub fn new(reading: Reading, strand: StrandChoice, circular: &[String]) -> Self {
        let circular = circular.iter().map(|name| contig::canonical(name).to_owned()).collect();
        Self { reading, strand, circular, last: None }
    }

    /// Whether the ends of a contig are joined.
    pub fn is_circular(&self, name: &str) -> bool {
        self.circular.iter().any(|circular| circular == contig::canonical(name))
    }

    /// The windows of an edit, whose bases `fetch` gives (0-based, half-open, on the contig);
    /// `None` if it does not fit one.
    ///
    /// # Errors
    /// Those of `fetch`.
    pub fn windows<E>(
        &mut self,
        on: On<'_>,
        edit: Edit<'_>,
        fetch: impl FnMut(Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Option<Windows>, E> {
        let course = Course { length: on.length, circular: self.is_circular(on.name) };
        let strands = self.strands();
        let Some(cut) = self.reading.cut(edit, course) else { return Ok(None) };
        let bases = self.bases(on, cut.span.clone(), fetch)?;
        let shared = match &self.last {
            Some((number, window, bases)) if (*number, window) == (on.number, &cut.window) => {
                Some(bases.clone())
            }
            _ => None,
        };
        let windows = cut.windows(&bases, shared, strands);
        if let Some(windows) = &windows {
            self.last = Some((on.number, cut.window, windows.reference.clone()));
        }
        Ok(windows)
    }

    /// The reference window in which an SNV at a 0-based position is read, and the index of the
    /// position in it.
    pub fn place(&self, on: On<'_>, position: u64) -> Option<(Range<u64>, usize)> {
        let course = Course { length: on.length, circular: self.is_circular(on.name) };
        let snv = Edit { start: position, removed: b"N", added: b"N" };
        let cut = self.reading.cut(snv, course)?;
        let before = cut.before();
        Some((cut.window, before))
    }

    /// The bases of a window of [`place`](Self::place).
    ///
    /// # Errors
    /// Those of `fetch`.
    pub fn bases<E>(
        &self,
        on: On<'_>,
        window: Range<u64>,
        mut fetch: impl FnMut(Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        match self.is_circular(on.name) {
            true => round(window, on.length, fetch),
            false => fetch(window),
        }
    }

    /// The strands that are read.
    pub fn strands(&self) -> Strands {
        Strands {
            forward: self.strand != StrandChoice::Reverse,
            reverse: self.strand != StrandChoice::Forward,
        }
    }
}

/// The windows that these arguments ask for, on contigs of a reference.
///
/// # Errors
/// A contig that is to be a circle is not there.
pub fn cutter(args: &ReadingArgs, reading: Reading, reference: &Reference) -> Result<Cutter> {
    let cutter = Cutter::new(reading, args.strand, &args.circular);
    let contigs = reference.contigs();
    for name in &args.circular {
        let is = |contig: &Contig| contig::canonical(&contig.name) == contig::canonical(name);
        if !contigs.iter().any(is) {
            bail!(
                "--circular {name}: {} has no such contig; it has {}",
                reference.name(),
                contig::summary(contigs.iter().map(|contig| &contig.name))
            );
        }
    }
    Ok(cutter)
}

/// The bases of a stretch of a circular contig, which may go on beyond its end.
///
/// # Errors
/// Those of `fetch`.
pub fn round<E>(
    span: Range<u64>,
    length: u64,
    mut fetch: impl FnMut(Range<u64>) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let mut bases = Vec::with_capacity((span.end - span.start) as usize);
    for part in reading::turns(span, length) {
        bases.extend(fetch(part)?);
    }
    Ok(bases)
}

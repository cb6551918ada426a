//! Windows of edits, cut out of contigs for `score-variants`, `predict` and `mutagenesis`.

use std::{ops::Range, sync::Arc};

use anyhow::{Context, Result, bail};

use crate::{
    cli::windows::{StrandChoice, WindowArgs},
    formats::{
        genes::{Genes, only},
        reference::Contig,
    },
    genome::{
        contig::{self, ContigIndex},
        region::Strand,
        variant::Edit,
    },
    windows::strands::{self, Strands, Topology, WindowOptions, Windows},
};

/// The contig or sequence that an edit changes.
#[derive(Debug, Clone, Copy)]
pub struct ContigRef<'a> {
    /// Number, unique to the contig.
    pub number: usize,
    /// Name.
    pub name: &'a str,
    /// Length in bases.
    pub length: u64,
}

/// Cuts windows by the options of the command line.
#[derive(Clone)]
pub struct WindowCutter {
    options: WindowOptions,
    strand: StrandChoice,
    genes: Option<Arc<Genes>>,
    /// Names of circular contigs.
    circular: Vec<String>,
    /// True if the names are those of a reference: no other style of a name counts.
    resolved: bool,
    /// True if insertions and deletions are moved to the left before their windows are placed.
    normalize: bool,
    /// Edits whose gene was looked up, and those within genes of one strand.
    looked_up: u64,
    in_genes: u64,
    last: Option<(usize, Range<u64>, Arc<[u8]>)>,
}

impl WindowCutter {
    /// A cutter for these options, with strands, genes and circular contigs of the arguments. Their
    /// names of contigs may have another style than those of the sequences.
    ///
    /// # Errors
    /// The genes cannot be read.
    pub fn new(options: WindowOptions, args: &WindowArgs) -> Result<Self> {
        Ok(Self {
            options,
            strand: args.strand,
            genes: args.genes()?.map(Arc::new),
            circular: args.circular.clone(),
            resolved: false,
            normalize: false,
            looked_up: 0,
            in_genes: 0,
            last: None,
        })
    }

    /// Moves insertions and deletions to the left as far as they can go, if `normalize` is true.
    #[must_use]
    pub fn with_normalization(mut self, normalize: bool) -> Self {
        self.normalize = normalize;
        self
    }

    /// True if the contig is circular.
    pub fn is_circular(&self, name: &str) -> bool {
        let is = |circular: &String| {
            circular == name || (!self.resolved && contig::same(circular, name))
        };
        self.circular.iter().any(is)
    }

    /// Warns if a gene ends beyond a contig that is not circular.
    pub fn check_genes(&self, contig: &str, length: u64) {
        let end = self.genes.as_ref().and_then(|genes| genes.end(contig));
        if let Some(end) = end.filter(|&end| end > length && !self.is_circular(contig)) {
            log::warn!(
                "a gene on {contig} ends at {end}, beyond the {length} bases of {contig}; if that is a circle, use --circular {contig}, else check that genes and reference are of the same assembly"
            );
        }
    }

    /// Windows of an edit. `fetch` gives the bases of a range of the contig (0-based, half-open).
    /// `None` if an allele is too long for a window.
    ///
    /// # Errors
    /// Those of `fetch`.
    pub fn windows<E>(
        &mut self,
        on: ContigRef<'_>,
        edit: Edit<'_>,
        mut fetch: impl FnMut(Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Option<Windows>, E> {
        const STRETCH: u64 = 64;
        let aligned = match self.normalize {
            true => edit.left_aligned(|end| fetch(end.saturating_sub(STRETCH)..end))?,
            false => None,
        };
        let edit = match &aligned {
            Some((start, bases)) if edit.added.is_empty() => {
                Edit { start: *start, removed: bases, ..edit }
            }
            Some((start, bases)) => Edit { start: *start, added: bases, ..edit },
            None => edit,
        };
        let topology = Topology { length: on.length, circular: self.is_circular(on.name) };
        let strands = self.strands(on, &edit);
        let Some(plan) = self.options.plan(edit, topology) else { return Ok(None) };
        let bases = self.bases(on, plan.span.clone(), fetch)?;
        let shared = match &self.last {
            Some((number, window, bases)) if (*number, window) == (on.number, &plan.window) => {
                Some(bases.clone())
            }
            _ => None,
        };
        let windows = plan.windows(&bases, shared, strands);
        self.last = Some((on.number, plan.window, windows.reference.clone()));
        Ok(Some(windows))
    }

    /// The reference window in which an SNV at a 0-based position is read, and the index of the
    /// position in it. `None` on a contig of one base, which has no window.
    pub fn place(&self, on: ContigRef<'_>, position: u64) -> Option<(Range<u64>, usize)> {
        let topology = Topology { length: on.length, circular: self.is_circular(on.name) };
        let snv = Edit { start: position, removed: b"N", added: b"N" };
        let plan = self.options.plan(snv, topology)?;
        let before = plan.before();
        Some((plan.window, before))
    }

    /// The bases of a window of [`place`](Self::place).
    ///
    /// # Errors
    /// Those of `fetch`.
    pub fn bases<E>(
        &self,
        on: ContigRef<'_>,
        window: Range<u64>,
        mut fetch: impl FnMut(Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        match self.is_circular(on.name) {
            true => fetch_wrapped(window, on.length, fetch),
            false => fetch(window),
        }
    }

    /// The windows of an edit on a haplotype: `bases` are a stretch of that, long enough for any
    /// window, and the edit starts at `site` in it. Named and placed is what the reference has. Also
    /// which part of the stretch the reference window is.
    pub fn windows_of_haplotype(
        &mut self,
        on: ContigRef<'_>,
        edit: Edit<'_>,
        (bases, site): (&[u8], usize),
    ) -> Option<(Windows, Range<usize>)> {
        let strands = self.strands(on, &edit);
        let topology = Topology { length: bases.len() as u64, circular: false };
        let plan = self.options.plan(Edit { start: site as u64, ..edit }, topology)?;
        let [span, window] =
            [&plan.span, &plan.window].map(|part| part.start as usize..part.end as usize);
        Some((plan.windows(&bases[span], None, strands), window))
    }

    /// Most bases of a window.
    pub fn context(&self) -> u64 {
        self.options.context
    }

    /// The strands on which an edit of a contig is read.
    pub fn strands(&mut self, on: ContigRef<'_>, edit: &Edit<'_>) -> Strands {
        let gene = match &self.genes {
            None => None,
            Some(genes) => {
                let at = edit.start..edit.end();
                let strand = strand_of_gene(genes, on, at, self.is_circular(on.name));
                self.looked_up += 1;
                self.in_genes += u64::from(strand.is_some());
                strand
            }
        };
        let only = match (self.strand, gene) {
            (StrandChoice::Forward, _) | (_, Some(Strand::Forward)) => Some(Strand::Forward),
            (StrandChoice::Reverse, _) | (_, Some(Strand::Reverse)) => Some(Strand::Reverse),
            (StrandChoice::Both | StrandChoice::Gene, None) => None,
        };
        Strands { forward: only != Some(Strand::Reverse), reverse: only != Some(Strand::Forward) }
    }

    /// Logs how many edits lie in genes.
    pub fn report(&self) {
        let Some(genes) = &self.genes else { return };
        let Self { looked_up, in_genes, .. } = self;
        if *looked_up > 0 && *in_genes == 0 {
            let contigs = contig::summary(genes.contigs());
            log::warn!(
                "no change lies in a gene of one strand, so both strands were read everywhere; the genes are on {contigs}"
            );
        } else {
            log::info!("in genes of one strand: {in_genes} of {looked_up} changes");
        }
    }
}

/// A cutter for the contigs of a reference.
///
/// # Errors
/// The genes cannot be read, the reference lacks a contig of --circular, or a name may mean either
/// of two contigs.
pub fn cutter(
    args: &WindowArgs,
    options: WindowOptions,
    reference: &str,
    contigs: &[Contig],
) -> Result<WindowCutter> {
    let mut by_name = ContigIndex::default();
    for (number, contig) in contigs.iter().enumerate() {
        by_name.insert(&contig.name, number);
    }
    let own_name = |name: &str| by_name.find(name).map(|own| own.map(|(own, _)| own.to_owned()));
    let mut cutter = WindowCutter::new(options, args)?;
    for name in &mut cutter.circular {
        let Some(own) = own_name(name).context("--circular")? else {
            bail!(
                "--circular {name}: {reference} has no such contig; it has {}",
                contig::summary(contigs.iter().map(|contig| &contig.name))
            );
        };
        *name = own;
    }
    let genes = cutter.genes.take().and_then(Arc::into_inner);
    let genes = genes.map(|genes| genes.resolve(own_name)).transpose();
    cutter.genes = genes.context("--genes")?.map(Arc::new);
    cutter.resolved = true;
    for Contig { name, length } in contigs {
        cutter.check_genes(name, *length);
    }
    Ok(cutter)
}

/// Strand of the genes at a stretch, which may wrap around the origin of a circular contig, as genes
/// may. None outside genes, and where genes of both strands overlap it.
fn strand_of_gene(
    genes: &Genes,
    on: ContigRef<'_>,
    at: Range<u64>,
    circular: bool,
) -> Option<Strand> {
    let over_origin = (at.end > on.length).then(|| 0..at.end - on.length);
    let first = at.start..at.end.min(on.length);
    let mut parts: Vec<Range<u64>> = [Some(first), over_origin].into_iter().flatten().collect();
    // a gene over the origin ends beyond the length of the contig
    if circular {
        let again = |part: &Range<u64>| part.start + on.length..part.end + on.length;
        parts.extend(parts.iter().map(again).collect::<Vec<_>>());
    }
    only(parts.into_iter().fold([false; 2], |[forward, reverse], part| {
        let [f, r] = genes.strands(on.name, part.start, part.end);
        [forward || f, reverse || r]
    }))
}

/// Bases of a stretch of a circular contig, which may wrap around the origin.
///
/// # Errors
/// Those of `fetch`.
pub fn fetch_wrapped<E>(
    span: Range<u64>,
    length: u64,
    mut fetch: impl FnMut(Range<u64>) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let mut bases = Vec::with_capacity((span.end - span.start) as usize);
    for part in strands::wrap(span, length) {
        bases.extend(fetch(part)?);
    }
    Ok(bases)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::input;

    #[test]
    fn genes_of_both_ends_of_a_circle_count() {
        let strand = |bed: &str, range| {
            let text = std::io::Cursor::new(bed.to_owned());
            let genes = Genes::from_input(input::from_reader("g.bed".into(), text, None).unwrap());
            let on = ContigRef { number: 0, name: "MT", length: 100 };
            strand_of_gene(&genes.unwrap(), on, range, true)
        };
        let end = "chrM\t90\t100\ta\t0\t-\n";
        assert_eq!(strand(end, 95..96), Some(Strand::Reverse));
        assert_eq!(strand(end, 10..11), None);
        // a deletion across the origin overlaps genes on both sides of it
        assert_eq!(strand(end, 95..105), Some(Strand::Reverse));
        assert_eq!(strand("chrM\t0\t9\ta\t0\t+\n", 95..105), Some(Strand::Forward));
        let both = format!("{end}chrM\t0\t9\tb\t0\t+\n");
        assert_eq!(strand(&both, 95..105), None);
        assert_eq!(strand(&both, 95..100), Some(Strand::Reverse));
        // genes of both strands on one side are not outvoted by one on the other
        let three = format!("{both}chrM\t90\t100\tc\t0\t+\n");
        assert_eq!(strand(&three, 95..105), None);
        // GFF3 writes a gene over the origin with an end beyond the contig's length
        for (at, in_gene) in [(89, false), (92, true), (4, true), (10, false)] {
            let found = strand("chrM\t90\t110\ta\t0\t-\n", at..at + 1);
            assert_eq!(found, in_gene.then_some(Strand::Reverse), "{at}");
        }
    }
}

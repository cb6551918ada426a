//! Null variants of a class, found among random places and indels.

use std::{collections::BTreeMap, ops::Range};

use super::{
    class::{Class, Spectrum, Substitution, is_called},
    draws::{Draws, Indel},
    entries::NullEntry,
};
use crate::genome::variant::Edit;

/// A random variant in the form of an [`Edit`]. Bases are upper-case A, C, G and T.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NullVariant {
    /// Index of the contig.
    pub contig: usize,
    /// First changed base, 0-based on the contig.
    pub start: u64,
    /// Removed bases of the reference.
    pub removed: Vec<u8>,
    /// Added bases.
    pub added: Vec<u8>,
}

impl NullVariant {
    /// The variant as an edit.
    pub fn edit(&self) -> Edit<'_> {
        Edit { start: self.start, removed: &self.removed, added: &self.added }
    }

    /// Change of length in bases: positive for an insertion, negative for a deletion.
    pub fn length(&self) -> i64 {
        self.added.len() as i64 - self.removed.len() as i64
    }

    /// The variant with its scores. `contig` is the name of its contig.
    pub fn entry(&self, contig: &str, scores: Vec<f64>) -> NullEntry {
        let (contig, position) = (contig.to_owned(), self.start + 1);
        NullEntry { contig, position, length: self.length(), scores }
    }
}

/// Draws tried per requested null variant. The rarest trinucleotides make up about a thousandth of
/// a genome.
const TRIES: u64 = 4096;

/// Finds null variants. Those of a class depend only on the draws, on the requested number and on
/// folding, not on earlier requests. A smaller number gives the first of a larger one.
pub struct Matcher {
    draws: Draws,
    wanted: usize,
    spectrum: Spectrum,
    /// Number of places for substitutions tried so far.
    seen: u64,
    /// First places of each trinucleotide, up to the requested number.
    places: BTreeMap<[u8; 3], Vec<FoundPlace>>,
}

/// Place of the middle base of a trinucleotide.
#[derive(Debug, Clone, Copy)]
struct FoundPlace {
    /// Number of the draw.
    number: u64,
    contig: usize,
    /// 0-based on the contig.
    position: u64,
}

impl Matcher {
    /// Makes a matcher of up to `wanted` variants per class. In a folded spectrum, a class
    /// includes its reverse complement.
    pub fn new(draws: Draws, wanted: usize, spectrum: Spectrum) -> Self {
        Self { draws, wanted, spectrum, seen: 0, places: BTreeMap::new() }
    }

    /// Finds the null variants of a class, in the order of their draws. `fetch` returns upper-case
    /// bases of a contig, given its index and a range (0-based, half-open, within the contig). A
    /// place may have variants of several classes, but not two of one class.
    ///
    /// There are fewer variants than requested if the regions have no more, or if 4096 draws per
    /// requested variant find no more.
    pub fn find<E>(
        &mut self,
        class: Class,
        mut fetch: impl FnMut(usize, Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<NullVariant>, E> {
        match class {
            Class::Substitution(substitution) => self.substitutions(substitution, &mut fetch),
            Class::Insertion => self.indels(
                |number| self.draws.insertion(number),
                |indel| self.inserted(indel, &mut fetch),
            ),
            Class::Deletion => self.indels(
                |number| self.draws.deletion(number),
                |indel| self.deleted(indel, &mut fetch),
            ),
        }
    }

    /// Most draws to try.
    fn most(&self) -> u64 {
        TRIES.saturating_mul(self.wanted as u64)
    }

    fn substitutions<E>(
        &mut self,
        substitution: Substitution,
        fetch: &mut impl FnMut(usize, Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<NullVariant>, E> {
        let complement =
            (self.spectrum == Spectrum::Folded).then(|| substitution.reverse_complement());
        let strands: Vec<Substitution> = [substitution].into_iter().chain(complement).collect();
        while self.count(&strands) < self.wanted && self.try_next(fetch)? {}
        let of = |strand: &Substitution| {
            let (bases, alternative) = (strand.trinucleotide(), strand.alternative());
            let found = self.places.get(&bases).into_iter().flatten();
            found.map(move |found| (found.number, found, bases[1], alternative)).collect::<Vec<_>>()
        };
        let mut all: Vec<_> = strands.iter().flat_map(of).collect();
        all.sort_unstable_by_key(|(number, ..)| *number);
        all.truncate(self.wanted);
        let variant = |(_, found, removed, added): (u64, &FoundPlace, u8, u8)| NullVariant {
            contig: found.contig,
            start: found.position,
            removed: vec![removed],
            added: vec![added],
        };
        Ok(all.into_iter().map(variant).collect())
    }

    /// Number of places found for any of these substitutions.
    fn count(&self, strands: &[Substitution]) -> usize {
        let count =
            |strand: &Substitution| self.places.get(&strand.trinucleotide()).map_or(0, Vec::len);
        strands.iter().map(count).sum()
    }

    /// Tries one more place. Returns false if there is none.
    fn try_next<E>(
        &mut self,
        fetch: &mut impl FnMut(usize, Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<bool, E> {
        if self.seen >= self.most() {
            return Ok(false);
        }
        let Some(place) = self.draws.place(self.seen) else { return Ok(false) };
        if let Some(range) = self.draws.regions().trinucleotide(&place)
            && let Ok(bases) = <[u8; 3]>::try_from(fetch(place.contig, range)?)
            && is_called(&bases)
        {
            let places = self.places.entry(bases).or_default();
            if places.len() < self.wanted {
                let (contig, position) = (place.contig, place.position);
                places.push(FoundPlace { number: self.seen, contig, position });
            }
        }
        self.seen += 1;
        Ok(true)
    }

    /// Null variants of the first draws for which `make` returns one.
    fn indels<E>(
        &self,
        draw: impl Fn(u64) -> Option<Indel>,
        mut make: impl FnMut(&Indel) -> Result<Option<NullVariant>, E>,
    ) -> Result<Vec<NullVariant>, E> {
        let mut variants = Vec::new();
        for number in 0..self.most() {
            let Some(indel) = draw(number) else { break };
            variants.extend(make(&indel)?);
            if variants.len() == self.wanted {
                break;
            }
        }
        Ok(variants)
    }

    /// Makes an insertion between two called bases. `None` if its source has uncalled bases or
    /// leaves its region.
    fn inserted<E>(
        &self,
        indel: &Indel,
        fetch: &mut impl FnMut(usize, Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Option<NullVariant>, E> {
        let start = indel.place.position;
        let stretch = |source| Some((source, self.draws.regions().stretch(source, indel.length)?));
        let (Some(before), Some((source, stretch))) =
            (start.checked_sub(1), indel.source.as_ref().and_then(stretch))
        else {
            return Ok(None);
        };
        if !is_called(&fetch(indel.place.contig, before..start + 1)?) {
            return Ok(None);
        }
        let added = fetch(source.contig, stretch)?;
        let contig = indel.place.contig;
        Ok(is_called(&added).then_some(NullVariant { contig, start, removed: Vec::new(), added }))
    }

    /// Makes a deletion of called bases after a called base. `None` if it leaves its region.
    fn deleted<E>(
        &self,
        indel: &Indel,
        fetch: &mut impl FnMut(usize, Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Option<NullVariant>, E> {
        let contig = indel.place.contig;
        let (Some(before), Some(Range { start, end })) = (
            indel.place.position.checked_sub(1),
            self.draws.regions().stretch(&indel.place, indel.length),
        ) else {
            return Ok(None);
        };
        let bases = fetch(contig, before..end)?;
        Ok(is_called(&bases).then(|| NullVariant {
            contig,
            start,
            removed: bases[1..].to_vec(),
            added: Vec::new(),
        }))
    }
}

#[cfg(test)]
mod tests;

//! Null variants of a class, out of one sequence of random places.

use std::{collections::BTreeMap, ops::Range};

use super::{
    class::{Class, Substitution, is_called},
    draws::{Draws, Indel},
    entries::NullEntry,
};
use crate::genome::variant::Edit;

/// A random variant, as [`Edit`] has them. Bases are upper-case A, C, G and T.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NullVariant {
    /// Number of the contig.
    pub contig: usize,
    /// First changed base, 0-based on the contig.
    pub start: u64,
    /// Bases of the reference that go.
    pub removed: Vec<u8>,
    /// Bases that come.
    pub added: Vec<u8>,
}

impl NullVariant {
    /// What is changed.
    pub fn edit(&self) -> Edit<'_> {
        Edit { start: self.start, removed: &self.removed, added: &self.added }
    }

    /// Change of length in bases: above 0 for an insertion, below for a deletion.
    pub fn length(&self) -> i64 {
        self.added.len() as i64 - self.removed.len() as i64
    }

    /// The variant with its scores, on the contig of this name.
    pub fn entry(&self, contig: &str, scores: Vec<f64>) -> NullEntry {
        let (contig, position) = (contig.to_owned(), self.start + 1);
        NullEntry { contig, position, length: self.length(), scores }
    }
}

/// Draws that are looked at for each null variant that is wanted. The rarest trinucleotides of a
/// genome make up a thousandth of it or so.
const TRIES: u64 = 4096;

/// Finds null variants. Those of a class depend on the draws, on how many are wanted and on whether
/// classes are folded; not on what was asked for before. The first of many are those of few.
pub struct Matcher {
    draws: Draws,
    wanted: usize,
    folded: bool,
    /// Places for substitutions that were looked at so far.
    seen: u64,
    /// Where each trinucleotide was found: its first places, up to the number that is wanted.
    places: BTreeMap<[u8; 3], Vec<FoundPlaces>>,
}

/// The middle base of a trinucleotide.
#[derive(Debug, Clone, Copy)]
struct FoundPlaces {
    /// Number of the draw.
    number: u64,
    contig: usize,
    /// 0-based.
    position: u64,
}

impl Matcher {
    /// Up to `wanted` variants a class. With `folded`, a class stands for its reverse complement too.
    pub fn new(draws: Draws, wanted: usize, folded: bool) -> Self {
        Self { draws, wanted, folded, seen: 0, places: BTreeMap::new() }
    }

    /// The null variants of a class, in the order of their draws. `fetch` gives bases of a contig
    /// (its number; 0-based and half-open, within it), upper-case. At a place there may be variants of
    /// several classes, but not two of one.
    ///
    /// They are fewer than wanted where the regions hold no more, or where 4096 draws for each that
    /// is wanted did not find more.
    ///
    /// # Errors
    /// What `fetch` returns.
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

    /// Draws that are looked at.
    fn most(&self) -> u64 {
        TRIES.saturating_mul(self.wanted as u64)
    }

    fn substitutions<E>(
        &mut self,
        substitution: Substitution,
        fetch: &mut impl FnMut(usize, Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<NullVariant>, E> {
        let turned = self.folded.then(|| substitution.reverse_complement());
        let strands: Vec<Substitution> = [substitution].into_iter().chain(turned).collect();
        while self.count(&strands) < self.wanted && self.look(fetch)? {}
        let of = |strand: &Substitution| {
            let (bases, alternative) = (strand.trinucleotide(), strand.alternative());
            let found = self.places.get(&bases).into_iter().flatten();
            found.map(move |found| (found.number, found, bases[1], alternative)).collect::<Vec<_>>()
        };
        let mut all: Vec<_> = strands.iter().flat_map(of).collect();
        all.sort_unstable_by_key(|(number, ..)| *number);
        all.truncate(self.wanted);
        let variant = |(_, found, removed, added): (u64, &FoundPlaces, u8, u8)| NullVariant {
            contig: found.contig,
            start: found.position,
            removed: vec![removed],
            added: vec![added],
        };
        Ok(all.into_iter().map(variant).collect())
    }

    /// How many places are there for any of these.
    fn count(&self, strands: &[Substitution]) -> usize {
        let count =
            |strand: &Substitution| self.places.get(&strand.trinucleotide()).map_or(0, Vec::len);
        strands.iter().map(count).sum()
    }

    /// Looks at one more place; false if there is none.
    fn look<E>(
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
                places.push(FoundPlaces { number: self.seen, contig, position });
            }
        }
        self.seen += 1;
        Ok(true)
    }

    /// What `make` makes of the first draws that give something.
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

    /// An insertion between two called bases; none where its source is not called throughout or
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

    /// A deletion of called bases behind a called base; none where it leaves its region.
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

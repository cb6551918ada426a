use std::{collections::BTreeSet, convert::Infallible};

use super::{super::regions::Regions, *};
use crate::genome::dna::reverse_complement;
use proptest::prelude::*;

/// Two contigs of pseudorandom bases, some of them N.
fn genome() -> Vec<Vec<u8>> {
    let mut state = 1_u64;
    let mut base = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let letter = b"ACGTACGTAATACGTN"[(state >> 60) as usize];
        if (state >> 40) & 15 == 0 { b'N' } else { letter }
    };
    [3000, 2000].map(|length| (0..length).map(|_| base()).collect()).to_vec()
}

fn matcher(wanted: usize, spectrum: Spectrum) -> Matcher {
    let regions = Regions::new([(0, 0..2500), (1, 0..2000)], &[3000, 2000]);
    Matcher::new(Draws::new(regions, 11, 6), wanted, spectrum)
}

fn found(matcher: &mut Matcher, class: &str) -> Vec<NullVariant> {
    let genome = genome();
    let fetch = |contig: usize, range: Range<u64>| {
        Ok::<_, Infallible>(genome[contig][range.start as usize..range.end as usize].to_vec())
    };
    matcher.find(class.parse().unwrap(), fetch).unwrap()
}

/// Class of a null variant, checked against the bases of the genome.
fn class_of(variant: &NullVariant, spectrum: Spectrum) -> String {
    let genome = genome();
    let contig = &genome[variant.contig];
    let edit = variant.edit();
    assert_eq!(&contig[edit.start as usize..edit.end() as usize], edit.removed);
    let before = edit.start.checked_sub(1).map(|at| contig[at as usize]);
    let after = contig.get(edit.end() as usize).copied();
    Class::of(&edit, before, after, spectrum).unwrap().name()
}

#[test]
fn variants_are_of_the_requested_class() {
    for (class, spectrum) in [
        ("A[C>T]G", Spectrum::Unfolded),
        ("A[C>T]G", Spectrum::Folded),
        ("T[G>A]C", Spectrum::Unfolded),
        ("insertion", Spectrum::Folded),
        ("deletion", Spectrum::Unfolded),
    ] {
        let variants = found(&mut matcher(20, spectrum), class);
        assert_eq!(variants.len(), 20, "{class}");
        let places: BTreeSet<_> = variants.iter().map(|v| (v.contig, v.start)).collect();
        assert_eq!(places.len(), 20, "{class}");
        for variant in &variants {
            assert_eq!(class_of(variant, spectrum), class, "{variant:?}");
            assert!(variant.contig == 1 || variant.start < 2500);
        }
    }
}

#[test]
fn an_entry_counts_positions_from_1() {
    let variant =
        NullVariant { contig: 0, start: 4, removed: b"ACG".to_vec(), added: b"T".to_vec() };
    let expected = NullEntry { contig: "chr1".into(), position: 5, length: -2, scores: vec![0.5] };
    assert_eq!(variant.entry("chr1", vec![0.5]), expected);
}

#[test]
fn a_folded_class_has_both_strands() {
    let variants = found(&mut matcher(40, Spectrum::Folded), "A[C>T]G");
    let reverse = variants.iter().filter(|v| v.removed == b"G").count();
    assert!((10..=30).contains(&reverse), "{reverse}");
    assert!(variants.iter().all(|v| {
        [(&b"C"[..], &b"T"[..]), (b"G", b"A")].contains(&(v.removed.as_slice(), v.added.as_slice()))
    }));
    // the two unfolded classes, merged in the order of their draws
    let own = found(&mut matcher(40, Spectrum::Unfolded), "A[C>T]G");
    let of_own: Vec<_> = variants.iter().filter(|v| v.removed == b"C").cloned().collect();
    assert_eq!(of_own, own[..of_own.len()]);
    let other = found(&mut matcher(40, Spectrum::Unfolded), "C[G>A]T");
    let of_other: Vec<_> = variants.iter().filter(|v| v.removed == b"G").cloned().collect();
    assert_eq!(of_other, other[..of_other.len()]);
}

#[test]
fn inserted_bases_are_a_stretch_of_the_regions() {
    let genome = genome();
    let variants = found(&mut matcher(60, Spectrum::Folded), "insertion");
    assert!(variants.iter().any(|v| v.length() > 3));
    for variant in variants {
        let is = |stretch: &[u8]| stretch == variant.added;
        let length = variant.length() as usize;
        let stretches = genome[0][..2500].windows(length).chain(genome[1].windows(length));
        assert!((1..=6).contains(&length) && stretches.into_iter().any(is), "{variant:?}");
    }
}

#[test]
fn classes_missing_from_the_regions_are_not_found() {
    let regions = || Regions::whole(&[5000]);
    let unknown = |_: usize, range: Range<u64>| {
        Ok::<_, Infallible>(vec![b'N'; (range.end - range.start) as usize])
    };
    for class in ["A[C>T]G", "insertion", "deletion"] {
        let mut matcher = Matcher::new(Draws::new(regions(), 0, 5), 3, Spectrum::Folded);
        assert_eq!(matcher.find(class.parse().unwrap(), unknown), Ok(Vec::new()), "{class}");
    }
    // all existing places, and no more
    let poly = |_: usize, range: Range<u64>| {
        Ok::<_, Infallible>(vec![b'A'; (range.end - range.start) as usize])
    };
    let mut matcher =
        Matcher::new(Draws::new(Regions::whole(&[10]), 0, 5), 100, Spectrum::Unfolded);
    assert_eq!(matcher.find("A[A>C]A".parse().unwrap(), poly).unwrap().len(), 8);
    assert_eq!(matcher.find("C[A>C]A".parse().unwrap(), poly), Ok(Vec::new()));
    // the search for a missing class ends
    let mut tried = 0_u64;
    let mut matcher =
        Matcher::new(Draws::new(Regions::whole(&[1 << 40]), 0, 5), 2, Spectrum::Unfolded);
    let counted = |_: usize, range: Range<u64>| {
        tried += 1;
        Ok::<_, Infallible>(vec![b'A'; (range.end - range.start) as usize])
    };
    assert_eq!(matcher.find("C[A>C]A".parse().unwrap(), counted), Ok(Vec::new()));
    assert_eq!(tried, 2 * TRIES);
    assert_eq!(matcher.places[b"AAA"].len(), 2);
}

#[test]
fn errors_are_returned_and_no_draw_is_skipped() {
    let mut matcher = matcher(5, Spectrum::Unfolded);
    let class = "A[C>T]G".parse().unwrap();
    assert_eq!(matcher.find(class, |_, _| Err("broken")), Err("broken"));
    assert_eq!(
        found(&mut matcher, "A[C>T]G"),
        found(&mut self::matcher(5, Spectrum::Unfolded), "A[C>T]G")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn earlier_requests_do_not_matter(
        before in prop::collection::vec("[ACGT]\\[[CT]>[AG]\\][ACGT]|insertion|deletion", 0..5),
        class in "[ACGT]\\[[CT]>[AG]\\][ACGT]|insertion|deletion",
        spectrum in prop::sample::select(vec![Spectrum::Folded, Spectrum::Unfolded]),
    ) {
        let mut used = matcher(7, spectrum);
        for class in &before {
            found(&mut used, class);
        }
        let expected = found(&mut matcher(7, spectrum), &class);
        prop_assert_eq!(&found(&mut used, &class), &expected);
        let more = found(&mut matcher(15, spectrum), &class);
        prop_assert_eq!(&more[..expected.len()], &expected[..]);
        if spectrum == Spectrum::Folded && let Class::Substitution(own) = class.parse().unwrap() {
            // either name of a folded class finds the same
            let complement = Class::Substitution(own.reverse_complement()).name();
            prop_assert_eq!(found(&mut used, &complement), expected);
        }
    }

    #[test]
    fn bases_of_a_found_place_are_those_of_its_strand(class in "[ACGT]\\[[CT]>[AG]\\][ACGT]") {
        let genome = genome();
        let Class::Substitution(own) = class.parse().unwrap() else { panic!() };
        for variant in found(&mut matcher(7, Spectrum::Folded), &class) {
            let at = variant.start as usize;
            let bases = &genome[variant.contig][at - 1..at + 2];
            let read = if variant.removed == [own.trinucleotide()[1]] {
                bases.to_vec()
            } else {
                reverse_complement(bases)
            };
            prop_assert_eq!(read, own.trinucleotide());
        }
    }
}

use proptest::prelude::*;

use super::*;
use crate::sampling::testing::{Files, bases};

const WINDOWS: SamplerOptions =
    SamplerOptions { seed: 7, sampling: Sampling::Windows, reverse_complement: false, most_n: 1.0 };
const INTERVALS: SamplerOptions = SamplerOptions { sampling: Sampling::Intervals, ..WINDOWS };

fn interval(genome: usize, range: std::ops::Range<u64>) -> Interval {
    Interval { genome, contig: 0, range }
}

fn draw(sampler: &mut Sampler, index: u64, length: u64) -> Vec<u8> {
    let mut bases = Vec::new();
    sampler.draw(index, length, &mut bases).unwrap();
    assert!(bases.len() as u64 <= length);
    bases
}

#[test]
fn an_index_gives_the_same_whatever_was_drawn_before() {
    let files = Files::new(&[&format!(">a\n{}\n", bases(2000))]);
    for options in [WINDOWS, INTERVALS] {
        let options = SamplerOptions { reverse_complement: true, ..options };
        let intervals = vec![interval(0, 0..700), interval(0, 800..900), interval(0, 1000..2000)];
        let new = || Sampler::new(files.open(), intervals.clone(), options).unwrap();
        let (mut one, mut other) = (new(), new());
        let forward: Vec<_> = (0..40).map(|i| draw(&mut one, i, 100)).collect();
        draw(&mut other, 3, 50); // another length between
        draw(&mut other, 3, 0);
        for i in (0..40).rev() {
            assert_eq!(draw(&mut other, i, 100), forward[i as usize], "sample {i}");
        }
        let options = SamplerOptions { seed: 8, ..options };
        let mut third = Sampler::new(files.open(), intervals.clone(), options).unwrap();
        assert!((0..40).any(|i| draw(&mut third, i, 100) != forward[i as usize]));
    }
}

#[test]
fn weights_are_shares_and_bases_are_the_default() {
    let text = |base: &str, length| format!(">{base}\n{}\n", base.repeat(length));
    let texts = [text("A", 300), text("C", 100), text("G", 50)];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // of the last genome nothing is trained on
    let intervals = vec![interval(0, 0..300), interval(1, 0..100)];
    for (files, expected) in [
        (Files::new(&texts), 0.75),
        (Files::new(&texts).weighted(&[1.0, 1.0, 5.0]), 0.5),
        (Files::new(&texts).weighted(&[0.2, 1.8, 5.0]), 0.1),
    ] {
        let mut sampler = Sampler::new(files.open(), intervals.clone(), WINDOWS).unwrap();
        let first = (0..4000).filter(|&i| draw(&mut sampler, i, 5)[0] == b'A').count();
        assert!((first as f64 / 4000.0 - expected).abs() < 0.03, "{first} of {expected}");
    }
}

#[test]
fn weights_are_shares_of_what_is_not_n() {
    let mostly_n = format!(">a\n{}{}\n", "N".repeat(300), "A".repeat(100));
    let full = format!(">c\n{}\n", "C".repeat(400));
    let texts = [mostly_n.as_str(), full.as_str()];
    let intervals = vec![interval(0, 0..400), interval(1, 0..400)];
    let options = SamplerOptions { most_n: 0.5, ..WINDOWS };
    for (files, expected) in
        [(Files::new(&texts), 0.2), (Files::new(&texts).weighted(&[1.0, 1.0]), 0.5)]
    {
        let mut sampler = Sampler::new(files.open(), intervals.clone(), options).unwrap();
        let first = (0..3000).filter(|&i| draw(&mut sampler, i, 5).contains(&b'A')).count();
        assert!((first as f64 / 3000.0 - expected).abs() < 0.03, "{first} of {expected}");
    }
}

#[test]
fn every_window_start_is_as_likely_as_any_other() {
    let files = Files::new(&[">a\nACGTNACGTNACGTNACGTN\n"]);
    let intervals = vec![interval(0, 0..6), interval(0, 8..10), interval(0, 12..16)];
    let mut sampler = Sampler::new(files.open(), intervals, WINDOWS).unwrap();
    let mut counts = std::collections::HashMap::<_, u32>::new();
    for index in 0..6000 {
        let mut chance = RandomStream::new(WINDOWS.seed, Purpose::Sample, index);
        *counts.entry(sampler.choose(index, 4, None, &mut chance).range).or_default() += 1;
    }
    assert_eq!(counts.len(), 5, "0-4, 1-5, 2-6, the short one, the one that fits");
    assert!(counts.values().all(|count| count.abs_diff(1200) < 150), "{counts:?}");
    assert!(counts.contains_key(&(8..10)));
}

#[test]
fn an_epoch_takes_the_start_of_each_interval_once() {
    let text = bases(900);
    let files = Files::new(&[&format!(">a\n{text}\n")]);
    let intervals: Vec<_> = (0..9).map(|i| interval(0, i * 100..i * 100 + 90)).collect();
    let mut sampler = Sampler::new(files.open(), intervals.clone(), INTERVALS).unwrap();
    let mut expected: Vec<_> =
        (0..9).map(|i| text.as_bytes()[i * 100..i * 100 + 30].to_vec()).collect::<Vec<Vec<u8>>>();
    expected.sort_unstable();
    for epoch in 0..3 {
        let mut got: Vec<_> =
            (epoch * 9..(epoch + 1) * 9).map(|i| draw(&mut sampler, i, 30)).collect();
        got.sort_unstable();
        assert_eq!(got, expected);
    }
}

#[test]
fn half_of_the_samples_are_of_the_reverse_strand() {
    let files = Files::new(&[">a\nAAAC\n"]);
    let options = SamplerOptions { reverse_complement: true, ..INTERVALS };
    let mut sampler = Sampler::new(files.open(), vec![interval(0, 0..4)], options).unwrap();
    let reverse = (0..400)
        .filter(|&i| match draw(&mut sampler, i, 6).as_slice() {
            b"AAAC" => false,
            b"GTTT" => true,
            other => panic!("{other:?}"),
        })
        .count();
    assert!((150..250).contains(&reverse), "{reverse}");
}

#[test]
fn windows_that_are_mostly_n_are_drawn_again_and_counted() {
    let files = Files::new(&[&format!(">a\n{}{}\n", "N".repeat(300), bases(100))]);
    let intervals: Vec<_> = (0..4).map(|i| interval(0, i * 100..(i + 1) * 100)).collect();
    for options in [WINDOWS, INTERVALS] {
        let options = SamplerOptions { most_n: 0.5, ..options };
        let mut sampler = Sampler::new(files.open(), intervals.clone(), options).unwrap();
        let mut drawn = Vec::new();
        let skipped: u64 = (0..100).map(|i| sampler.draw(i, 20, &mut drawn).unwrap()).sum();
        assert!((150..600).contains(&skipped), "about three of four: {skipped}");
        assert!(drawn.iter().all(|base| b"ACGT".contains(base)));
        let mut sampler = Sampler::new(files.open(), intervals[..3].to_vec(), options).unwrap();
        let error = sampler.draw(5, 20, &mut drawn).unwrap_err().to_string();
        assert!(error.contains("sample 5") && error.contains("mostly N"), "{error}");
        assert_eq!(drawn.len(), 2000, "as it was");
    }
}

#[test]
fn data_that_cannot_be_sampled_are_reported() {
    let files = Files::new(&[">a\nACGT\n", ">b\nACGT\n"]).weighted(&[1.0, 2.0]);
    let all = vec![interval(0, 0..4)];
    for (intervals, options, part) in [
        (vec![], WINDOWS, "no interval to train on"),
        (all.clone(), SamplerOptions { most_n: 1.5, ..WINDOWS }, "1.5"),
        (all.clone(), INTERVALS, "0.fa has a weight"),
    ] {
        let error = Sampler::new(files.open(), intervals, options).err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
    }
    let single = Files::new(&[">a\nACGT\n"]).weighted(&[3.0]);
    assert!(Sampler::new(single.open(), all, INTERVALS).is_ok(), "one genome, one share");
}

proptest! {
    #[test]
    fn windows_never_leave_their_interval(
        pieces in proptest::collection::vec((0_u64..150, 1_u64..50), 1..5),
        length in 1_u64..80,
        seed in any::<u64>(),
    ) {
        let files = Files::new(&[&format!(">a\n{}\n", bases(200))]);
        let intervals: Vec<_> =
            pieces.iter().map(|(start, bases)| interval(0, *start..start + bases)).collect();
        let options = SamplerOptions { seed, ..WINDOWS };
        let mut sampler = Sampler::new(files.open(), intervals.clone(), options).unwrap();
        for index in 0..20 {
            let mut chance = RandomStream::new(seed, Purpose::Sample, index);
            let window = sampler.choose(index, length, None, &mut chance);
            let owner = intervals.iter().any(|i| {
                i.range.start <= window.range.start
                    && window.range.end <= i.range.end
                    && window.len() == length.min(i.len())
            });
            prop_assert!(owner, "{window:?} of {intervals:?}");
            prop_assert_eq!(draw(&mut sampler, index, length).len() as u64, window.len());
        }
    }
}

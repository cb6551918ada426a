//! Files written here and read by another implementation.

use std::{collections::BTreeMap, io::Cursor, path::Path};

use bigtools::{BigWigRead, Value};
use proptest::prelude::*;

use super::*;

fn contig(name: impl Into<String>, length: u64) -> Contig {
    Contig { name: name.into(), length }
}

/// Writes the values of each contig; contigs after the last given have none.
fn write(path: &Path, contigs: &[Contig], values: &[Vec<(u64, f32)>]) {
    let mut writer = Writer::new(Output::create(path).unwrap()).unwrap();
    for values in values {
        writer.contig().unwrap();
        values.iter().for_each(|&(position, value)| writer.value(position, value).unwrap());
    }
    writer.complete(contigs).unwrap().finish().unwrap();
}

fn open(path: &Path) -> BigWigRead<Cursor<Vec<u8>>> {
    BigWigRead::open(Cursor::new(std::fs::read(path).unwrap())).unwrap()
}

fn read(file: &mut BigWigRead<Cursor<Vec<u8>>>, contig: &Contig) -> Vec<(u64, f32)> {
    let values = file.get_interval(&contig.name, 0, contig.length as u32).unwrap();
    let base = |value: Value| {
        assert_eq!(value.end, value.start + 1);
        (u64::from(value.start), value.value)
    };
    values.map(|value| base(value.unwrap())).collect()
}

#[test]
fn values_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.bw");
    let contigs =
        [contig("chr2", 300_000), contig("chr10", 9_000), contig("a", 7), contig("chr1", 50)];
    let value = |i: u64| (i as f32).sin() - 1.0;
    let whole = (0..300_000).map(|i| (i, value(i)));
    // runs, gaps within and between blocks, single bases
    let holes = (0..9_000).filter(|i| i % 7 > 1 && !(3_000..6_000).contains(i));
    let values = [whole.collect(), holes.map(|i| (i, value(i))).collect(), vec![(6, 0.5)]];
    write(&path, &contigs, &values);
    let mut file = open(&path);
    let mut want: Vec<_> = contigs.iter().map(|c| (&*c.name, c.length)).collect();
    want.sort_unstable();
    let chroms: Vec<_> = file.chroms().iter().map(|c| (&*c.name, u64::from(c.length))).collect();
    assert_eq!(chroms, want);
    for (contig, values) in contigs.iter().zip(values.iter().chain([&Vec::new()])) {
        assert!(read(&mut file, contig) == *values, "{}", contig.name);
    }
    let stretch = file.get_interval("chr2", 123_456, 123_458).unwrap();
    let stretch: Vec<f32> = stretch.map(|value| value.unwrap().value).collect();
    assert_eq!(stretch, [value(123_456), value(123_457)]);

    let all: Vec<f64> = values.iter().flatten().map(|value| f64::from(value.1)).collect();
    let summary = file.get_summary().unwrap();
    assert_eq!(summary.bases_covered, all.len() as u64);
    assert_eq!(summary.min_val, all.iter().copied().fold(0.0, f64::min));
    assert_eq!(summary.max_val, 0.5);
    assert!((summary.sum - all.iter().sum::<f64>()).abs() < 1e-6);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_values_come_back(
        values in prop::collection::vec(
            prop::collection::btree_map(0_u64..4_000, -10.0_f32..10.0, 0..2_500),
            0..4,
        ),
        more in 0_usize..3,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.bw");
        let contigs: Vec<_> =
            (0..values.len() + more).map(|i| contig(format!("c{}", 12 - i), 4_000)).collect();
        let values: Vec<Vec<_>> = values.into_iter().map(BTreeMap::into_iter).map(Iterator::collect).collect();
        write(&path, &contigs, &values);
        let mut file = open(&path);
        for (contig, values) in contigs.iter().zip(values.iter().chain(std::iter::repeat(&Vec::new()))) {
            prop_assert_eq!(&read(&mut file, contig), values);
        }
    }
}

#[test]
fn summaries_are_those_of_the_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.bw");
    let contigs = [contig("a", 100_000), contig("b", 2_000)];
    let value = |i: u64| (i % 1_000) as f32 / 1_000.0;
    let values =
        [100_000, 2_000].map(|n| (0..n).filter(|i| i % 90 < 50).map(|i| (i, value(i))).collect());
    write(&path, &contigs, &values);
    let mut file = open(&path);
    let levels: Vec<u32> = file.info().zoom_headers.iter().map(|z| z.reduction_level).collect();
    assert!(levels.len() > 3 && levels.is_sorted() && levels[0] == 40, "{levels:?}");
    for level in levels {
        for (contig, values) in contigs.iter().zip(&values) {
            let end = contig.length as u32;
            let records = file.get_zoom_interval(&contig.name, 0, end, level).unwrap();
            let records: Vec<_> = records.map(Result::unwrap).collect();
            assert!(records.is_sorted_by(|a, b| a.end <= b.start));
            let mut bases = 0;
            for record in records {
                assert!(record.end - record.start <= level);
                let range = u64::from(record.start)..u64::from(record.end);
                let of: Vec<f64> = values
                    .iter()
                    .filter(|value| range.contains(&value.0))
                    .map(|value| f64::from(value.1))
                    .collect();
                let summary = record.summary;
                assert_eq!(summary.bases_covered, of.len() as u64);
                let sum: f64 = of.iter().sum();
                assert!((summary.sum - sum).abs() < 1e-5 * sum.max(1.0));
                assert_eq!(summary.max_val, of.iter().copied().fold(0.0, f64::max));
                bases += of.len();
            }
            assert_eq!(bases, values.len(), "level {level}");
        }
    }
}

/// More contigs than fit into a node of their tree or a number of 16 bits.
#[test]
fn many_contigs_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.bw");
    let contigs: Vec<_> = (0..70_000).map(|i| contig(format!("read{i}"), 10)).collect();
    let values: Vec<_> = (0..3_000_u64).map(|i| vec![(i % 10, i as f32)]).collect();
    write(&path, &contigs, &values);
    let mut file = open(&path);
    assert_eq!(file.chroms().len(), contigs.len());
    for i in [0, 255, 256, 257, 2_999] {
        assert_eq!(read(&mut file, &contigs[i]), values[i]);
    }
    assert!(read(&mut file, &contigs[69_999]).is_empty());
}

#[test]
fn a_file_without_values_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.bw");
    for contigs in [vec![], vec![contig("chr1", 10)]] {
        write(&path, &contigs, &[]);
        let mut file = open(&path);
        assert_eq!(file.chroms().len(), contigs.len());
        assert_eq!(file.get_summary().unwrap().bases_covered, 0);
        for contig in &contigs {
            assert!(read(&mut file, contig).is_empty());
        }
    }
}

#[test]
fn values_outside_the_format_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.bw");
    let new = || Writer::new(Output::create(&path).unwrap()).unwrap();
    assert!(new().value(0, 1.0).is_err(), "there is no contig");
    let mut writer = new();
    writer.contig().unwrap();
    writer.value(5, 1.0).unwrap();
    assert!(writer.value(5, 1.0).is_err() && writer.value(LONGEST, 1.0).is_err());
    assert!(writer.complete(&[]).is_err());
    assert!(new().complete(&[contig("long", LONGEST + 1)]).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(Writer::new(Output::create("-".as_ref()).unwrap()).is_err());
}

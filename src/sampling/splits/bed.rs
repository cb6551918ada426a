//! Splits from BED files with a fourth column.

use std::path::PathBuf;

use super::{
    super::genome,
    overlap,
    parts::{Splits, find},
};
use crate::{
    formats::{
        bed::{Reader, Record},
        error::excerpt,
        input,
        lines::Lines,
        number::counted,
    },
    sampling::{
        error::DataError,
        genome::Genome,
        interval::{Interval, Split},
    },
};

/// Counts that are reported once, when all is read.
#[derive(Default)]
struct DroppedIntervals {
    clipped: u64,
    empty: u64,
}

/// The intervals of all files, in their order; those of one split that overlap are joined. Of train
/// intervals that are drawn in turn only repeats are left out, as each of them is a sample.
pub(super) fn read(
    genomes: &mut [Genome],
    paths: &[PathBuf],
    in_turn: bool,
) -> Result<Splits, DataError> {
    let mut splits = Splits::default();
    let mut tally = DroppedIntervals::default();
    for path in paths {
        let mut reader = Reader::new(Lines::new(input::open(path)?));
        while let Some(record) = reader.read()? {
            let split = split(reader.name(), &record)?;
            if record.region.is_empty() {
                tally.empty += 1;
                continue;
            }
            let interval = place(genomes, reader.name(), &record, &mut tally)?;
            splits.of_mut(split).push(interval);
        }
    }
    if tally.empty > 0 {
        log::info!("empty intervals that are left out: {}", tally.empty);
    }
    if tally.clipped > 0 {
        log::warn!(
            "intervals that end beyond their contig and are cut there: {}; was the BED file made for another assembly?",
            tally.clipped
        );
    }
    for split in [Split::Train, Split::Valid, Split::Test] {
        count_once(&mut splits, split, in_turn);
    }
    let leak = overlap::bases(&splits);
    if leak > 0 {
        log::warn!(
            "bases in train intervals and in valid or test intervals too: {leak}; losses measured there are of bases seen in training"
        );
    }
    Ok(splits)
}

/// Joins the intervals of a split that overlap, or leaves out its repeats, and reports that.
fn count_once(splits: &mut Splits, split: Split, in_turn: bool) {
    let intervals = splits.of_mut(split);
    let lines = intervals.len();
    let turned = in_turn && split == Split::Train;
    let bases = if turned { overlap::drop_repeats(intervals) } else { overlap::join(intervals) };
    if bases == 0 {
        return;
    }
    let (name, fewer) = (split.name(), lines - intervals.len());
    match turned {
        true => {
            log::warn!(
                "{name}: repeated intervals, which are drawn once: {fewer} ({})",
                counted(bases, "base")
            )
        }
        false => log::warn!(
            "{name}: {lines} intervals overlap or repeat and are merged into {}, so that each base counts once; bases that were repeats: {bases}",
            intervals.len()
        ),
    }
}

fn split(path: &str, record: &Record) -> Result<Split, DataError> {
    let Some(column) = record.columns.get(3) else {
        let (path, columns) = (path.to_owned(), record.columns.len());
        return Err(DataError::NoSplit { path, line: record.line, columns });
    };
    Split::parse(column).ok_or_else(|| DataError::UnknownSplit {
        path: path.to_owned(),
        line: record.line,
        found: excerpt(column),
    })
}

/// Finds the one genome that has the contig, and keeps the interval within it.
fn place(
    genomes: &mut [Genome],
    path: &str,
    record: &Record,
    tally: &mut DroppedIntervals,
) -> Result<Interval, DataError> {
    let (path, line, region) = (path.to_owned(), record.line, &record.region);
    let found = find(genomes, &region.contig)?;
    let &[(number, contig)] = found.as_slice() else {
        let name = region.contig.clone();
        if found.is_empty() {
            let genomes = genome::summary(genomes);
            return Err(DataError::UnknownContig { path, line, contig: name, genomes });
        }
        let names: Vec<&str> = found.iter().map(|&(number, _)| genomes[number].name()).collect();
        let genomes = names.join(" and in ");
        return Err(DataError::AmbiguousContig { path, line, contig: name, genomes });
    };
    let length = genomes[number].reference.contigs()[contig].length;
    if region.start >= length {
        return Err(DataError::BeyondContig {
            path,
            line,
            start: region.start,
            contig: region.contig.clone(),
            genome: genomes[number].name().to_owned(),
            length,
        });
    }
    tally.clipped += u64::from(region.end > length);
    Ok(Interval { genome: number, contig, range: region.start..region.end.min(length) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::testing::Files;

    fn files() -> Files {
        Files::new(&[">chr1\nACGTACGTAC\n>both\nA\n", ">chr2\nACGTA\n>both\nC\n>3\nA\n"])
    }

    #[test]
    fn files_are_joined_clipped_and_found_in_their_genome() {
        let files = files();
        let paths = [
            files.write("a.bed", "1\t2\t99\tTrain\nchr1\t4\t4\ttrain\nchr2\t0\t2\tVALIDATION\n"),
            files.write("b.bed", "#\nchr3\t0\t1\ttest\t.\nchr2\t2\t5\tval\t.\n"),
        ];
        let splits = read(&mut files.open(), &paths, false).unwrap();
        assert_eq!(splits.train, [Interval { genome: 0, contig: 0, range: 2..10 }]);
        let valid = [0..2, 2..5].map(|range| Interval { genome: 1, contig: 0, range });
        assert_eq!(splits.valid, valid);
        assert_eq!(splits.test, [Interval { genome: 1, contig: 2, range: 0..1 }]);
    }

    #[test]
    fn a_base_of_several_intervals_of_a_split_counts_once() {
        let files = files();
        let text = "chr1\t0\t5\ttrain\nchr1\t5\t7\tvalid\n1\t0\t5\ttrain\nchr1\t4\t6\ttrain\nchr1\t6\t9\tvalid\n";
        let paths = [files.write("twice.bed", text)];
        let interval = |range| Interval { genome: 0, contig: 0, range };
        let splits = read(&mut files.open(), &paths, false).unwrap();
        assert_eq!(splits.train, [interval(0..6)]);
        assert_eq!(splits.valid, [interval(5..9)]);
        let splits = read(&mut files.open(), &paths, true).unwrap();
        assert_eq!(splits.train, [0..5, 4..6].map(interval));
        assert_eq!(splits.valid, [interval(5..9)]);
    }

    #[test]
    fn every_problem_names_its_line() {
        let files = files();
        for (text, parts) in [
            ("chr1\t0\t5\n", &["line 1", "3 columns", "train, valid or test"][..]),
            ("chr1\t0\t5\ttrain\nchr1\t0\t5\tdev\n", &["line 2", "\"dev\"", "train, valid"]),
            ("chr9\t0\t5\ttrain\n", &["line 1", "chr9", "no genome", "chr2", "assembly"]),
            ("both\t0\t1\ttrain\n", &["line 1", "0.fa and in ", "1.fa", "distinct"]),
            ("chr1\t10\t12\ttrain\n", &["line 1", "10 (0-based)", "0.fa has only 10 bases"]),
            ("chr1\t5\t2\ttrain\n", &["line 1", "greater than end"]),
        ] {
            let path = files.write("bad.bed", text);
            let error = read(&mut files.open(), &[path], false).unwrap_err().to_string();
            for part in parts.iter().chain(&["bad.bed"]) {
                assert!(error.contains(part), "{text:?}: {error}");
            }
        }
    }
}

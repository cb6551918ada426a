use super::*;
use crate::formats::{input, output::Output, variants::bcf};
use proptest::prelude::*;
use std::io::Cursor;

const HEAD: &str = "##fileformat=VCFv4.3\n\
    ##contig=<ID=1>\n\
    ##contig=<ID=2>\n\
    ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"x\">\n\
    ##FORMAT=<ID=PS,Number=1,Type=Integer,Description=\"x\">\n\
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tX";

/// A VCF from lines of CHROM, POS, REF, ALT, GT and perhaps PS.
fn vcf(rows: &[&str]) -> String {
    let line = |row: &&str| {
        let fields: Vec<&str> = row.split_whitespace().collect();
        let [contig, position, reference, alternative, gt, ..] = fields[..] else { panic!() };
        let set = fields.get(5).unwrap_or(&".");
        format!("\n{contig}\t{position}\t.\t{reference}\t{alternative}\t.\t.\t.\tGT:PS\t{gt}:{set}")
    };
    HEAD.to_owned() + &rows.iter().map(line).collect::<String>() + "\n"
}

fn phased(text: String, reach: u64) -> Phased {
    let input = input::from_reader("t.vcf".into(), Cursor::new(text), None).unwrap();
    Phased::new(vcf::Reader::new(input).unwrap(), None, reach).unwrap()
}

/// For every allele its haplotype and its neighbours, like `1:9-1>A,12-0>TT`: 0-based start,
/// number of removed bases, added bases.
fn read(mut phased: Phased) -> Result<Vec<String>> {
    let mut all = Vec::new();
    while let Some((record, backgrounds)) = phased.read()? {
        assert_eq!(record.alternatives().count(), backgrounds.len());
        all.extend(backgrounds.iter().map(|background| {
            let changes: Vec<String> = background
                .neighbours
                .iter()
                .map(|Neighbour { change, .. }| {
                    let added = String::from_utf8_lossy(&change.added);
                    format!("{}-{}>{added}", change.start, change.removed)
                })
                .collect();
            let haplotype = background.haplotype.map_or("-".into(), |h| h.to_string());
            format!("{haplotype}:{}", changes.join(","))
        }));
    }
    Ok(all)
}

fn backgrounds(rows: &[&str], reach: u64) -> Vec<String> {
    read(phased(vcf(rows), reach)).unwrap()
}

#[test]
fn neighbours_are_on_the_same_haplotype_and_within_reach() {
    let rows = [
        "1 5 A C 0|1",
        "1 10 ca cAT 1|0",
        "1 15 A G,T 1|2",
        "1 20 A G 1|1",
        "1 21 A G 0/1",
        "1 22 A G 0|0",
        "2 20 A G 0|1",
    ];
    let expected = [
        "2:14-1>T",
        "1:14-1>G,19-1>G",
        "1:11-0>T,19-1>G",
        "2:4-1>C,19-1>G",
        "1:11-0>T,14-1>G",
        "-:",
        "-:",
        "2:",
    ];
    assert_eq!(backgrounds(&rows, 10), expected);
    assert_eq!(backgrounds(&rows[..3], 3), ["2:", "1:", "1:", "2:"]);
    // from the last base of a REF to the next POS
    assert_eq!(backgrounds(&rows[..3], 4), ["2:", "1:14-1>G", "1:11-0>T", "2:"]);
    let long = format!("1 10 {} A 1|1", "A".repeat(40));
    assert_eq!(backgrounds(&[&long, "1 50 A G 1|1", "1 52 A G 1|1"], 1)[1], "1:9-39>");
}

#[test]
fn records_at_one_position_are_neighbours() {
    let rows = ["1 5 A C 1|0", "1 5 A AG 1|0", "1 5 A T 0|1", "1 5 AC A 1|1"];
    let expected = ["1:5-0>G,5-1>", "1:4-1>C,5-1>", "2:5-1>", "1:4-1>C,5-0>G"];
    assert_eq!(backgrounds(&rows, 0), expected);
}

#[test]
fn phase_sets() {
    let rows = [
        "1 1 A C 1|0 7",
        "1 2 A C 1|0 9",
        "1 3 A C 1|0",
        "1 4 A C 1/1",
        "1 5 A C 1|0 7",
        "1 6 A C 1|0 7",
        "1 7 A C 1",
        "1 8 A C 1|1 9",
        "1 9 A C 1",
    ];
    let expected = [
        "1:3-1>C,4-1>C,5-1>C,6-1>C,7-1>C,8-1>C",
        "1:3-1>C,6-1>C,7-1>C,8-1>C",
        "1:3-1>C,6-1>C,7-1>C,8-1>C",
        // the one at 3 is as near as the one at 5, and before it
        "1:2-1>C,6-1>C,7-1>C,8-1>C",
        "1:0-1>C,3-1>C,5-1>C,6-1>C,7-1>C,8-1>C",
        "1:0-1>C,3-1>C,4-1>C,6-1>C,7-1>C,8-1>C",
        "1:0-1>C,3-1>C,4-1>C,5-1>C,7-1>C,8-1>C",
        "1:1-1>C,3-1>C,6-1>C,8-1>C",
        "1:0-1>C,3-1>C,4-1>C,5-1>C,6-1>C,7-1>C",
    ];
    assert_eq!(backgrounds(&rows, 100), expected);
}

#[test]
fn what_is_no_sequence_is_no_neighbour() {
    let rows = [
        "1 0 N T 1|1",
        "1 5 A <DEL> 1|1",
        "1 6 A * 1|1",
        "1 7 A A[2:1[ 1|1",
        "1 8 A R 1|1",
        "1 9 A a 1|1",
        "1 10 A . 0|0",
        "1 11 A C 1|1",
    ];
    let with = "1:10-1>C";
    assert_eq!(backgrounds(&rows, 100), [with, with, with, with, with, with, "-:", "1:"]);
}

#[test]
fn records_must_be_sorted() {
    for (rows, part) in [
        (&["1 5 A C 0|1", "1 4 A C 0|1"][..], "line 8: POS 4 comes after POS 5 of"),
        (&["1 5 A C 0|1", "2 4 A C 0|1", "1 6 A C 0|1"], "line 9: POS 6 of \"1\" comes after"),
        (&["1 5 A C 0|2"], "line 7: GT (column 10) is \"0|2\""),
    ] {
        let error = read(phased(vcf(rows), 1)).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
        assert!(error.contains("bcftools"), "{error}");
    }
}

#[test]
fn only_what_is_near_is_held() {
    let rows: Vec<String> = (1..2000).map(|i| format!("1 {i} A C 0|1")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let mut phased = phased(vcf(&rows), 10);
    while let Some((record, backgrounds)) = phased.read().unwrap() {
        assert!(phased.ahead.len() <= 11 && phased.returned.len() <= 11);
        let before = (record.position - 1).min(10);
        let after = (1999 - record.position).min(10);
        assert_eq!(backgrounds[0].neighbours.len() as u64, before + after);
    }
}

#[test]
fn bcf_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.bcf");
    let text = vcf(&["1 5 A C 0|1 3", "1 7 A C,G 2|1 3", "1 9 A C 1|1"]);
    let lines: Vec<Vec<u8>> = text.lines().map(|line| line.as_bytes().to_vec()).collect();
    let (header, records) = lines.split_at(HEAD.lines().count());
    let mut writer = bcf::Writer::new(Output::create(&path).unwrap(), header).unwrap();
    for record in records {
        writer.write(record).unwrap();
    }
    writer.complete().unwrap().finish().unwrap();
    let reader = vcf::Reader::new(input::open(&path).unwrap()).unwrap();
    let found = Phased::new(reader, Some("X"), 100).unwrap();
    assert_eq!(found.sample(), "X");
    let found = read(found).unwrap();
    assert_eq!(found, read(phased(text, 100)).unwrap());
    assert_eq!(found, ["2:6-1>C,8-1>C", "2:4-1>C,8-1>C", "1:8-1>C", "1:6-1>G"]);
}

proptest! {
    #[test]
    fn every_record_comes_once_and_in_order(
        steps in prop::collection::vec((0u64..4, 0usize..5, prop::bool::weighted(0.1)), 0..40),
        reach in 0u64..12,
    ) {
        let (mut contig, mut position) = (1, 1);
        let mut rows = Vec::new();
        for (step, call, next) in steps {
            if next && contig < 2 {
                (contig, position) = (2, 1);
            }
            position += step;
            let gt = ["0|1", "1|0", "1|1", "0|0", "0/1"][call];
            rows.push((contig, position, gt));
        }
        let lines: Vec<String> =
            rows.iter().map(|(contig, at, gt)| format!("{contig} {at} A C {gt}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut phased = phased(vcf(&lines), reach);
        for (i, &(contig, at, gt)) in rows.iter().enumerate() {
            let (record, backgrounds) = phased.read().unwrap().unwrap();
            prop_assert_eq!((record.contig(), record.position), (contig.to_string(), at));
            let haplotype = match gt {
                "1|0" | "1|1" => Some(0),
                "0|1" => Some(2),
                _ => None,
            };
            let mut starts = Vec::new();
            for (j, &(other, position, gt)) in rows.iter().enumerate() {
                let near = other == contig && at.abs_diff(position) <= reach && i != j;
                let carries = |h: usize| gt.contains('|') && gt[h..].starts_with('1');
                if near && haplotype.is_some_and(carries) {
                    starts.push(position - 1);
                }
            }
            let found: Vec<u64> = backgrounds[0].neighbours.iter().map(|n| n.change.start).collect();
            prop_assert_eq!(found, starts);
            let number = haplotype.map(|h| h as u8 / 2 + 1);
            prop_assert_eq!(backgrounds[0].haplotype, number);
        }
        prop_assert!(phased.read().unwrap().is_none());
    }
}

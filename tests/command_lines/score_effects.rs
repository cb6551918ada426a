//! What `score-variants` writes of each allele on request: all scores, and those of records whose
//! REF and ALT are exchanged; what must not change any of them.

use std::{collections::HashMap, f64::consts::LN_2};

use proptest::prelude::*;

use crate::harness::{
    Scratch, data, fails, files,
    genome::{bases, contig, fasta, other, turned, vcf},
    golden::{genome, variants},
    ok, read,
    table::{Table, assert_same_numbers},
    text,
};

const WORDS: &str = "-q score-variants --context 64";
/// The columns of `--scores all`.
const SCORES: &str = "llr llr_fwd llr_rev site site_fwd site_rev downstream downstream_fwd \
    downstream_rev embedding_l2 embedding_cosine embedding_inner jsd jsd_max jsd_max_distance \
    entropy entropy_change";
/// The INFO fields of the same.
const FIELDS: &str = "LLR LLR_FWD LLR_REV SITE SITE_FWD SITE_REV DOWNSTREAM DOWNSTREAM_FWD \
    DOWNSTREAM_REV L2 COS INNER JSD JSD_MAX JSD_MAX_DISTANCE ENTROPY ENTROPY_CHANGE STATUS";

fn scored(options: &str, paths: &[&str]) -> Table {
    Table::parse(&text(&format!("{WORDS} {options}"), paths))
}

fn golden(options: &str) -> Table {
    scored(options, &[&variants(), &genome()])
}

fn scores() -> Vec<&'static str> {
    SCORES.split_whitespace().collect()
}

/// Six digits of numbers of this size.
fn assert_six_digits(got: f64, want: f64, size: f64) {
    assert!((got - want).abs() <= 1e-5 * size.abs().max(1e-3), "{got}, expected {want}");
}

#[test]
fn the_default_columns_are_five_scores() {
    let table = golden("");
    assert_eq!(
        table.header.join(" "),
        "CHROM POS ID REF ALT llr llr_fwd llr_rev embedding_l2 embedding_cosine status"
    );
    // chosen by name they are the same, whatever else is computed
    let all = golden("--scores all");
    for name in &table.header {
        assert_eq!(table.column(name), all.column(name), "{name}");
    }
}

#[test]
fn columns_are_chosen_in_one_order() {
    let names = |scores: &str| {
        let header = golden(&format!("--scores {scores}")).header;
        header[5..header.len() - 1].join(" ")
    };
    assert_eq!(names("all"), scores().join(" "));
    assert_eq!(names("jsd,llr"), "llr llr_fwd llr_rev jsd jsd_max jsd_max_distance");
    assert_eq!(names("entropy,site"), "site site_fwd site_rev entropy entropy_change");
    assert_eq!(names("downstream"), "downstream downstream_fwd downstream_rev");
    assert_eq!(names("embedding"), "embedding_l2 embedding_cosine embedding_inner");
    let paths = [variants(), genome()];
    let paths = paths.each_ref().map(String::as_str);
    fails(&format!("{WORDS} --scores pathogenicity"), &paths, 2, &["--scores", "llr", "jsd"]);
}

#[test]
fn scores_fit_together() {
    for options in ["", "--window tiled", "--downstream 20"] {
        let table = golden(&format!("--scores all {options}"));
        let numbers: HashMap<&str, Vec<Option<f64>>> =
            scores().into_iter().map(|name| (name, table.numbers(name))).collect();
        let mut scored = 0;
        for (i, status) in table.column("status").into_iter().enumerate() {
            let value = |name: &str| numbers[name][i];
            if status != "ok" {
                assert!(scores().into_iter().all(|name| value(name).is_none()), "{status}");
                continue;
            }
            scored += 1;
            let value = |name: &str| value(name).unwrap_or_else(|| panic!("no {name}"));
            for strand in ["", "_fwd", "_rev"] {
                let part = |name: &str| value(&format!("{name}{strand}"));
                let (site, rest) = (part("site"), part("downstream"));
                assert_six_digits(part("llr"), site + rest, site.abs() + rest.abs());
            }
            for name in ["llr", "site", "downstream"] {
                let [a, b] = ["_fwd", "_rev"].map(|strand| value(&format!("{name}{strand}")));
                assert_six_digits(value(name), f64::midpoint(a, b), a.abs() + b.abs());
            }
            let (sum, largest) = (value("jsd"), value("jsd_max"));
            assert!((0.0..=LN_2 * 63.0).contains(&sum), "{sum}");
            assert!((0.0..=LN_2 + 1e-6).contains(&largest), "{largest}");
            // the largest of both strands, the mean of their sums
            assert!(largest <= 2.0 * sum + 1e-5, "{largest} {sum}");
            assert!((0.0..=16_f64.ln()).contains(&value("entropy")));
            assert!(value("entropy_change").abs() <= 16_f64.ln() * 63.0);
            assert!(value("embedding_inner").is_finite() && value("embedding_inner") != 0.0);
        }
        assert!(scored >= 50, "{scored}");
    }
}

/// On one strand the largest divergence is one of the sum, and lies behind the variant.
#[test]
fn the_largest_divergence_lies_behind_the_variant() {
    let placed = |strand: &str| {
        let table = golden(&format!("--scores jsd --strand {strand}"));
        let numbers = ["jsd", "jsd_max", "jsd_max_distance"].map(|name| table.numbers(name));
        let mut found = Vec::new();
        for (i, row) in table.rows.iter().enumerate() {
            let [sum, largest, distance] = numbers.each_ref().map(|column| column[i]);
            let (Some(sum), Some(largest)) = (sum, largest) else { continue };
            let strands = if strand == "both" { 2.0 } else { 1.0 };
            assert!(largest <= strands * sum + 1e-6, "{row:?}");
            let distance = distance.unwrap();
            let (position, length) = (row[1].parse::<f64>().unwrap(), row[3].len() as f64);
            let contig = [("chr1", 3000.0), ("chr2", 1500.0), ("chr3", 700.0)];
            let end = contig.iter().find(|(name, _)| *name == row[0]).unwrap().1;
            let place = if distance > 0.0 {
                position + length - 1.0 + distance
            } else {
                position + distance
            };
            assert!(distance.abs() <= 64.0 && (0.0..=end).contains(&place), "{row:?}");
            found.push(distance);
        }
        assert!(found.len() >= 48, "{}", found.len());
        found
    };
    assert!(placed("forward").into_iter().all(|distance| distance >= 1.0));
    assert!(placed("reverse").into_iter().all(|distance| distance <= -1.0));
    let both = placed("both");
    assert!(both.iter().any(|d| *d > 0.0) && both.iter().any(|d| *d < 0.0));
}

/// The site score of an SNV is what `likelihood` says of the base in the same window.
#[test]
fn the_site_score_is_a_difference_of_predictions() {
    let scratch = Scratch::new();
    let chromosome = contig("golden/score-variants/genome.fa", "chr3");
    let positions = [1, 2, 20, 33, 300, 301, 669, 690, 699, 700];
    let base = |position: usize| &chromosome[position - 1..position];
    let records: Vec<_> = positions.iter().map(|&p| ("chr3", p, base(p), other(base(p)))).collect();
    let variants = vcf(&scratch, "snvs.vcf", &records);
    let start = |position: usize| (position - 1).saturating_sub(32).min(chromosome.len() - 64);
    let windows: String = positions
        .iter()
        .map(|&p| format!(">{p}\n{}\n", &chromosome[start(p)..start(p) + 64]))
        .collect();
    let windows = scratch.file("windows.fa", windows);
    for model in [None, Some(data("golden/tiny-d128/hf"))] {
        let model = model.map_or(String::new(), |path| format!("--model {path}"));
        let table = scored(&format!("--scores site {model}"), &[&variants, &genome()]);
        for (strand, name) in [("forward", "site_fwd"), ("reverse", "site_rev")] {
            let words = format!("-q likelihood --per-base --strand {strand} {model}");
            let bases = Table::parse(&text(&words, &[&windows]));
            for (i, &(_, position, own, alternative)) in records.iter().enumerate() {
                let row = bases.rows.iter().position(|row| {
                    row[0] == position.to_string()
                        && row[1] == (position - 1 - start(position)).to_string()
                });
                let p = |base: &str| bases.numbers(&format!("p_{base}"))[row.unwrap()];
                let want = match (p(own), p(alternative)) {
                    (Some(own), Some(alternative)) => (alternative / own).ln(),
                    // what is read first has no prediction
                    _ => 0.0,
                };
                let got = table.numbers(name)[i].unwrap();
                assert!((got - want).abs() <= 1e-4, "{name} {position}: {got}, expected {want}");
            }
        }
        assert_eq!(table.numbers("site_fwd")[0], Some(0.0));
        assert_eq!(table.numbers("site_rev")[9], Some(0.0));
    }
}

/// INFO of each line: names in order, and a value for each allele.
fn info(lines: impl Iterator<Item = String>) -> Vec<HashMap<String, Vec<String>>> {
    let mut alleles = Vec::new();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.trim_end().split('\t').collect();
        let count = columns[4].split(',').count();
        let mut fields = HashMap::new();
        for field in columns[7].split(';').filter_map(|field| field.strip_prefix("HYENADNA_")) {
            let (name, values) = field.split_once('=').unwrap();
            let values: Vec<String> = values.split(',').map(str::to_owned).collect();
            assert_eq!(values.len(), count, "{line}");
            fields.insert(name.to_owned(), values);
        }
        alleles.push(fields);
    }
    alleles
}

#[test]
fn every_format_holds_all_scores() {
    let scratch = Scratch::new();
    let table = golden("--scores all");
    let names = scores();
    let fields: Vec<&str> = FIELDS.split_whitespace().collect();
    // BED has the first score as its score
    let bed = golden("--scores all --format bed");
    let want = ["chrom chromStart chromEnd name llr strand ref alt", &names[1..].join(" ")];
    assert_eq!(bed.header.join(" "), format!("{} status", want.join(" ")));
    for name in names.iter().chain(&["status"]) {
        assert_eq!(bed.column(name), table.column(name), "{name}");
    }
    let output = scratch.path("out.vcf");
    ok(&format!("{WORDS} --scores all -o"), &[&output, &variants(), &genome()]);
    let lines = read(&output);
    let declared: Vec<&str> = lines
        .lines()
        .filter_map(|line| line.strip_prefix("##INFO=<ID=HYENADNA_"))
        .map(|rest| {
            assert!(rest.contains(",Number=A,Type=") && rest.contains(",Description=\""), "{rest}");
            rest.split(',').next().unwrap()
        })
        .collect();
    assert_eq!(declared, fields);
    let bcf = scratch.path("out.bcf");
    ok(&format!("{WORDS} --scores all -o"), &[&bcf, &variants(), &genome()]);
    for (records, exact) in [
        (info(lines.lines().map(str::to_owned)), true),
        (info(files::records(&output).into_iter()), false),
        (info(files::records(&bcf).into_iter()), false),
    ] {
        let mut rows = table.rows.iter();
        for record in &records {
            let count = record["STATUS"].len();
            for number in 0..count {
                let row = rows.next().unwrap();
                for (field, want) in fields.iter().zip(&row[5..]) {
                    let got = record.get(*field).map_or(".", |values| &values[number]);
                    if exact || want == "." || *field == "STATUS" {
                        assert_eq!(got, want, "{field}");
                    } else {
                        let [got, want] = [got, want].map(|text| text.parse::<f64>().unwrap());
                        assert!((got - want).abs() <= 1e-5 * want.abs(), "{field}: {got} {want}");
                    }
                }
            }
        }
        assert!(rows.next().is_none());
    }
}

/// Records as they should be, and the same with REF and ALT exchanged.
fn exchanged(scratch: &Scratch) -> (String, String) {
    let chromosome = contig("golden/score-variants/genome.fa", "chr3");
    let base = |position: usize, n: usize| chromosome[position - 1..position - 1 + n].to_owned();
    let mut right = Vec::new();
    for position in [1, 150, 400, 650, 700] {
        let own = base(position, 1);
        right.push((position, own.clone(), other(&own).to_owned()));
    }
    let own = base(200, 3);
    right.push((200, own.clone(), own.chars().map(|b| other(&b.to_string())).collect()));
    right.sort();
    let write = |name: &str, swapped: bool| {
        let records: Vec<(&str, usize, &str, &str)> = right
            .iter()
            .map(|(position, own, alternative)| match swapped {
                false => ("chr3", *position, own.as_str(), alternative.as_str()),
                true => ("chr3", *position, alternative.as_str(), own.as_str()),
            })
            .collect();
        vcf(scratch, name, &records)
    };
    (write("right.vcf", false), write("swapped.vcf", true))
}

#[test]
fn exchanged_alleles_are_scored_the_right_way_round() {
    let scratch = Scratch::new();
    let (right, swapped) = exchanged(&scratch);
    let right = scored("--scores all", &[&right, &genome()]);
    assert!(right.column("status").iter().all(|status| *status == "ok"));
    let reported = scored("", &[&swapped, &genome()]);
    assert!(reported.column("status").iter().all(|status| *status == "ref_mismatch"));
    let got = scored("--scores all --on-ref-mismatch swap", &[&swapped, &genome()]);
    assert!(got.column("status").iter().all(|status| *status == "swapped"), "{got:?}");
    assert_eq!(got.column("REF"), right.column("ALT"), "as the input has them");
    for name in scores() {
        let change = ["llr", "site", "downstream", "entropy_change"];
        let sign = if change.iter().any(|start| name.starts_with(start)) { -1.0 } else { 1.0 };
        for (got, want) in got.numbers(name).into_iter().zip(right.numbers(name)) {
            assert_eq!(got.unwrap() + 0.0, sign * want.unwrap() + 0.0, "{name}");
        }
    }
}

#[test]
fn an_allele_that_nobody_has_is_still_a_mismatch() {
    let scratch = Scratch::new();
    let chromosome = contig("golden/score-variants/genome.fa", "chr3");
    let own = &chromosome[299..300];
    let first = other(own);
    let second = ["A", "C", "G", "T"].into_iter().find(|b| *b != own && *b != first).unwrap();
    let both = format!("{own},{second}");
    let reverse = format!("{second},{own},<DEL>");
    let deletion = format!("{own}{}GATTACA", other(&chromosome[300..301]));
    let records = [
        ("chr3", 300, first, second),
        ("chr3", 300, first, both.as_str()),
        ("chr3", 300, first, reverse.as_str()),
        // what fits the reference is not exchanged
        ("chr3", 300, own, first),
        // the reference has the base that both begin with, which says nothing
        ("chr3", 300, deletion.as_str(), own),
    ];
    let variants = vcf(&scratch, "v.vcf", &records);
    let table = scored("--on-ref-mismatch swap", &[&variants, &genome()]);
    assert_eq!(
        table.column("status").join(" "),
        "ref_mismatch swapped ref_mismatch ref_mismatch swapped symbolic ok ref_mismatch"
    );
    let llr = table.numbers("llr");
    assert!(llr[0].is_none() && llr[2].is_none() && llr[3].is_none());
    assert_eq!(llr[1], llr[4]);
    assert_eq!(llr[1], llr[6].map(|llr| -llr));
    let lines =
        text(&format!("{WORDS} --on-ref-mismatch swap --format vcf"), &[&variants, &genome()]);
    let records = info(lines.lines().map(str::to_owned));
    assert_eq!(records[1]["STATUS"], ["swapped", "ref_mismatch"]);
    assert_eq!(records[1]["LLR"][1], ".");
    assert_eq!(records[1]["LLR"][0].parse().ok(), llr[1]);
    // a swapped allele is scored, a mismatch is not
    let strict = "score-variants --context 64 --on-ref-mismatch swap --strict -o /dev/null";
    fails(strict, &[&variants, &genome()], 3, &["2 swapped", "4 ref_mismatch"]);
    let (right, swapped) = exchanged(&scratch);
    for path in [right, swapped] {
        fails(strict, &[&path, &genome()], 0, &[]);
    }
    // POS beyond the contig is no place to look for an ALT
    let beyond = vcf(&scratch, "b.vcf", &[("chr3", 701, "A", "C"), ("chr3", 0, "A", "C")]);
    let table = scored("--on-ref-mismatch swap", &[&beyond, &genome()]);
    assert_eq!(table.column("status"), ["ref_mismatch", "ref_mismatch"]);
}

#[test]
fn settings_are_told_in_the_header() {
    let table = golden("--scores site --window tiled --downstream 9 --strand reverse");
    for setting in ["window=tiled", "downstream=9", "strand=reverse", "context=64"] {
        let line = format!("##hyenadna_{setting}");
        assert!(table.comments.contains(&line), "{setting}: {:?}", table.comments);
    }
}

/// Records of all kinds on one contig, none at its very ends.
fn records(chromosome: &str) -> impl Strategy<Value = Vec<(usize, String, String)>> + use<> {
    let chromosome = chromosome.to_owned();
    let one = (40..chromosome.len() - 40, 1..6usize, "[ACGT]{1,6}");
    prop::collection::vec(one, 1..12).prop_map(move |records| {
        let record = |(position, n, alternative): (usize, usize, String)| {
            (position, chromosome[position - 1..position - 1 + n].to_owned(), alternative)
        };
        records.into_iter().map(record).filter(|(_, own, alternative)| own != alternative).collect()
    })
}

fn write(scratch: &Scratch, name: &str, records: &[(usize, String, String)]) -> String {
    let records: Vec<(&str, usize, &str, &str)> =
        records.iter().map(|(p, own, other)| ("c", *p, own.as_str(), other.as_str())).collect();
    vcf(scratch, name, &records)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing but an allele and its surroundings counts.
    #[test]
    fn the_order_of_records_does_not_matter(
        (records, shuffled) in records(&bases(400, 1)).prop_flat_map(|records| {
            (Just(records.clone()), Just(records).prop_shuffle())
        }),
        tiled in any::<bool>(),
    ) {
        let scratch = Scratch::new();
        let genome = fasta(&scratch, "g.fa", &[("c", &bases(400, 1))]);
        let options = format!("--scores all --window {}", if tiled { "tiled" } else { "centered" });
        let scored = |name: &str, records: &[_]| {
            let mut table = scored(&options, &[&write(&scratch, name, records), &genome]);
            table.rows.sort_by(|a, b| a[..5].cmp(&b[..5]));
            table
        };
        let (one, two) = (scored("a.vcf", &records), scored("b.vcf", &shuffled));
        if !records.is_empty() {
            let names: Vec<&str> = scores().into_iter().filter(|n| *n != "jsd_max_distance").collect();
            assert_same_numbers(&one, &two, &names, 1e-5);
        }
    }

    /// Read from the other side, a genome with its variants has the strands exchanged. An odd
    /// context has as many bases on either side of an SNV, which others are not centred on.
    #[test]
    fn turning_everything_round_exchanges_the_strands(records in records(&bases(400, 2))) {
        let scratch = Scratch::new();
        let chromosome = bases(400, 2);
        let records: Vec<_> = records
            .into_iter()
            .map(|(p, own, other)| (p, own[..1].to_owned(), other[..1].to_owned()))
            .filter(|(_, own, other)| own != other)
            .collect();
        prop_assume!(!records.is_empty());
        let mirrored: Vec<_> = records
            .iter()
            .map(|(p, own, other)| (chromosome.len() + 1 - p, turned(own), turned(other)))
            .collect();
        let table = |name: &str, bases: &str, records: &[_]| {
            let genome = fasta(&scratch, &format!("{name}.fa"), &[("c", bases)]);
            let variants = write(&scratch, &format!("{name}.vcf"), records);
            let words = "-q score-variants --context 63 --scores all";
            Table::parse(&text(words, &[&variants, &genome]))
        };
        let there = table("there", &chromosome, &records);
        let mut back = table("back", &turned(&chromosome), &mirrored);
        for name in &mut back.header {
            *name = match name.split_once('_') {
                Some((start, "fwd")) => format!("{start}_rev"),
                Some((start, "rev")) => format!("{start}_fwd"),
                _ => name.clone(),
            };
        }
        let names: Vec<&str> = scores().into_iter().filter(|n| *n != "jsd_max_distance").collect();
        assert_same_numbers(&there, &back, &names, 1e-5);
        let distances = there.numbers("jsd_max_distance").into_iter().zip(back.numbers("jsd_max_distance"));
        for (there, back) in distances {
            prop_assert_eq!(there.unwrap(), -back.unwrap());
        }
    }
}

/// Nothing behind the alleles is read where only site scores are asked for.
#[test]
fn site_scores_alone_are_the_same() {
    let variants = data("golden/score-variants/variants.vcf");
    for window in ["centered", "tiled"] {
        let table = |scores: &str| {
            let options = format!("--window {window} --scores {scores}");
            scored(&options, &[&variants, &genome()])
        };
        let (all, site) = (table("all"), table("site"));
        assert_eq!(site.column("status"), all.column("status"));
        let mut compared = 0;
        for name in ["site", "site_fwd", "site_rev"] {
            for (got, want) in site.numbers(name).into_iter().zip(all.numbers(name)) {
                assert_eq!(got.is_some(), want.is_some(), "{name}");
                if let (Some(got), Some(want)) = (got, want) {
                    assert!((got - want).abs() <= 2e-5 * (1.0 + want.abs()), "{name} {got} {want}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 100, "{compared}");
    }
}

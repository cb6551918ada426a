//! `models info --diagnose`: shift, untrained rows and usable context.

use crate::harness::{
    Scratch, data, fails,
    genome::{bases, fasta},
    ok,
    table::Table,
    text,
};

/// The table after the facts.
fn diagnose(words: &str, paths: &[&str]) -> Table {
    let text = text(&format!("-q --device cpu models info {words}"), paths);
    let start = text.find("#check").unwrap_or_else(|| panic!("no table: {text}"));
    assert!(text.starts_with("name\t"), "{text}");
    Table::parse(&text[start..])
}

#[test]
fn the_table_has_shifts_rows_and_positions() {
    let genome = data("demo/genome.fa");
    let options = "--window 256 --most-windows 12 --diagnose";
    let table = diagnose(&format!("builtin {options}"), &[&genome]);
    assert_eq!(table.header.join(" "), "check value figure unit change se advice");
    let of = |check: &str| -> Vec<&Vec<String>> {
        table.rows.iter().filter(|row| row[0] == check).collect()
    };
    let values = |check: &str| of(check).iter().map(|row| row[1].clone()).collect::<Vec<_>>();
    assert_eq!(values("shift"), ["-0.02", "0", "0.01", "0.02", "0.05", "0.1"]);
    let own = of("shift")[4];
    assert!(own[6].starts_with("the shift of the model") && own[4] == ".", "{own:?}");
    assert_eq!(of("row").len(), 12);
    let advice = |row: usize| of("row")[row][6].clone();
    assert_eq!([advice(0), advice(7), advice(11)], ["untrained", ".", "."], "CLS, A, N");
    assert_eq!(values("position"), ["1-16", "17-64", "65-255"]);
    // 12 windows are few: no advice on a shift, nor on the context
    let few = "few: 20 or more are needed for advice";
    assert_eq!(of("data")[0][1..4].join(" "), format!("{genome} 12 windows"));
    assert_eq!(of("data")[0][6], few);
    assert_eq!(of("data")[1][1..4].join(" "), "window 256 bases");
    assert!(of("data")[1][6].starts_with("shorter than the context of 1024"));
    assert_eq!(own[6], "the shift of the model; no other fits clearly better");
    let advised: Vec<_> = of("position").into_iter().filter(|row| row[6] != ".").collect();
    assert_eq!(advised.len(), 1, "{advised:?}");
    let is_last = advised[0][1] == "65-255";
    let expected = match is_last {
        true => "bits fall up to here: all 255 bases are used",
        false => "no later range is clearly lower, but windows are few",
    };
    assert_eq!(advised[0][6], expected);

    // the figures are those of `perplexity` with each shift
    let scratch = Scratch::new();
    let contig = bases(2560, 3);
    let genome = fasta(&scratch, "even.fa", &[("chr1", &contig)]);
    let shifted = scratch.path("shifted");
    ok("-q models convert --shift 0.1 builtin", &[&shifted]);
    let table = diagnose(&format!("builtin {options}"), &[&genome]);
    let words = format!("-q perplexity --window 256 -m {shifted}");
    let perplexity = Table::parse(&text(&words, &[&genome]));
    let all = perplexity.rows.last().unwrap();
    assert_eq!(all[0], "all");
    let bits = |text: &str| text.parse::<f64>().unwrap();
    assert!((bits(&table.rows[7][2]) - bits(&all[3])).abs() < 1e-4, "{table:?} {all:?}");
    // another shift of the model is in the grid once
    let own = diagnose(&format!("{shifted} {options}"), &[&genome]);
    assert!(own.rows[7][6].starts_with("the shift of the model"), "{own:?}");
}

#[test]
fn data_that_do_not_fit_are_refused_before_anything_is_written() {
    let scratch = Scratch::new();
    let short = fasta(&scratch, "short.fa", &[("chr1", &bases(300, 1))]);
    let only_n = fasta(&scratch, "n.fa", &[("chr1", &"N".repeat(5000))]);
    let info = "-q models info builtin --diagnose";
    for (words, path, code, parts) in [
        (info.to_owned(), &short, 1, ["short.fa", "0 windows of 1024 bases", "has 300"]),
        (info.to_owned(), &only_n, 1, ["n.fa", "0 windows of 1024 bases", "expected 2"]),
        (format!("{info} {short} --window"), &"2000".to_owned(), 2, ["2000", "2 to 1024", "human"]),
    ] {
        fails(&words, &[path], code, &parts);
    }
    fails("models info builtin --window 64", &[], 2, &["--diagnose"]);
    fails(info, &["no.fa"], 1, &["no.fa"]);
}

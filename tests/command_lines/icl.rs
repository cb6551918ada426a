//! `hyenadna icl` from the command line: the grid, its figures next to a naive computation, errors.

use std::{collections::BTreeMap, fs};

use hyenadna::{
    chance::{Purpose, RandomStream},
    model::{
        network::{HyenaDna, fft::SpectrumCache},
        tokenizer::{SEPARATOR, Tokenizer},
        weights::source,
    },
};
use tch::{Device, Kind, Tensor};

use crate::harness::{
    Outcome, Scratch, command, data, fails, run,
    table::{Table, without_command},
    text,
};

fn icl(options: &str, paths: &[&str]) -> (Table, String) {
    let Outcome { code, stdout, stderr, .. } = run(&mut command(&format!("icl {options}"), paths));
    assert_eq!(code, Some(0), "{options} {paths:?}: {stderr}");
    (Table::parse(std::str::from_utf8(&stdout).unwrap()), stderr)
}

/// Cells of the rows of a method, by the names of columns.
fn rows(table: &Table, method: &str) -> Vec<BTreeMap<String, String>> {
    let named = |row: &Vec<String>| table.header.iter().cloned().zip(row.iter().cloned()).collect();
    table.rows.iter().filter(|row| row[0] == method).map(named).collect()
}

/// Sequences and classes of a part of the motif data.
fn part(name: &str) -> Vec<(Vec<u8>, usize)> {
    let text = fs::read_to_string(data(&format!("tasks/motif/{name}.csv"))).unwrap();
    let row = |line: &str| {
        let (bases, class) = line.split_once(',').unwrap();
        (bases.as_bytes().to_vec(), class.parse().unwrap())
    };
    text.lines().skip(1).map(row).collect()
}

/// The draw of a seed, written down again: shuffled classes, one of each in turn.
fn drawn(train: &[(Vec<u8>, usize)], count: usize, seed: u64) -> Vec<usize> {
    let stream = |number| RandomStream::new(seed, Purpose::Demonstration, number);
    let mut members = [0, 1].map(|class| {
        let of = (0..train.len()).filter(|&i| train[i].1 == class);
        of.collect::<Vec<usize>>()
    });
    for (class, members) in members.iter_mut().enumerate() {
        stream(class as u64).shuffle(members);
    }
    let mut order = Vec::new();
    let [first, second] = &members;
    for (round, pair) in first.iter().zip(second).enumerate().take(count) {
        let mut classes = [*pair.0, *pair.1];
        stream(2 + round as u64).shuffle(&mut classes);
        order.extend(classes);
    }
    order.truncate(count);
    order
}

/// Every figure of zero-shot and few-shot cells, next to libtorch's operators on each whole text.
#[test]
fn cells_equal_a_naive_computation() {
    let (table, log) = icl("-k 0,3 --seeds 2 --seed 5 --label-tokens T,C", &[&data("tasks/motif")]);
    assert_eq!(
        table.header.join(" "),
        "method shots tuned seed n_test accuracy low high accuracy_all_tokens letter_share auroc mcc"
    );
    assert!(log.contains("classes and their letters: 0=T 1=C"), "{log}");
    let majority = &rows(&table, "majority")[0];
    assert_eq!(
        (&*majority["accuracy"], &*majority["shots"], &*majority["seed"]),
        ("0.5", ".", ".")
    );
    let cells = rows(&table, "icl");
    let seeds: Vec<&str> = cells.iter().map(|row| &*row["seed"]).collect();
    assert_eq!(seeds, ["5", "6", "mean", "5", "6", "mean"]);

    let (train, test) = (part("train"), part("test"));
    let weights = source::builtin().unwrap().weights;
    let network = HyenaDna::new(&weights, Device::Cpu).unwrap();
    let letters = *b"TC";
    for (shots, seed, row) in [(0, 5, &cells[0]), (3, 5, &cells[3]), (3, 6, &cells[4])] {
        let mut start = Vec::new();
        for i in drawn(&train, shots, seed) {
            start.extend_from_slice(&train[i].0);
            start.extend([letters[train[i].1], SEPARATOR]);
        }
        let (mut right, mut right_of_all, mut named) = (0, 0, 0);
        for (query, class) in &test {
            let text = [&start, &query[..]].concat();
            let ids = text.iter().map(|&byte| i64::from(Tokenizer::default().token(byte)));
            let ids = Tensor::from_slice(&ids.collect::<Vec<i64>>()).unsqueeze(0);
            let hidden = network.hidden(&ids, None, &mut SpectrumCache::new(0)).unwrap();
            let logits = network.logits(&hidden).unwrap().select(1, -1).view([-1]);
            let logits: Vec<f64> = logits.to_kind(Kind::Double).try_into().unwrap();
            let token = |class: usize| usize::from(Tokenizer::default().token(letters[class]));
            let best = (1..logits.len()).fold(0, |a, b| if logits[b] > logits[a] { b } else { a });
            right += usize::from((logits[token(1)] > logits[token(0)]) == (*class == 1));
            right_of_all += usize::from(best == token(*class));
            named += usize::from([token(0), token(1)].contains(&best));
        }
        let shares =
            [("accuracy", right), ("accuracy_all_tokens", right_of_all), ("letter_share", named)];
        for (name, count) in shares {
            let (found, wanted) =
                (row[name].parse::<f64>().unwrap(), count as f64 / test.len() as f64);
            assert!((found - wanted).abs() < 1e-6, "{shots} {seed} {name}: {found} {wanted}");
        }
    }
    let mean = |name: &str, rows: &[BTreeMap<String, String>]| -> f64 {
        rows.iter().map(|row| row[name].parse::<f64>().unwrap()).sum::<f64>() / rows.len() as f64
    };
    assert!((mean("auroc", &cells[3..5]) - cells[5]["auroc"].parse::<f64>().unwrap()).abs() < 1e-6);
    let [low, high] = ["low", "high"].map(|name| cells[5][name].parse::<f64>().unwrap());
    assert!(low <= mean("accuracy", &cells[3..5]) && mean("accuracy", &cells[3..5]) <= high);
    // the probe needs an example of each class
    let probed = rows(&table, "probe");
    assert!(probed.iter().all(|row| row["shots"] == "3" && row["accuracy_all_tokens"] == "."));
    assert_eq!(probed.len(), 3);
}

/// A cell of a larger grid equals that of a smaller one: no weights are left from the cell before.
#[test]
fn tuned_weights_stay_in_their_cell() {
    let folder = data("tasks/motif");
    let (all, log) = icl("-k 0,2 --tune 4,3 --seeds 2 --lr 1e-2", &[&folder]);
    assert!(log.contains("a step needs about"), "{log}");
    let tuned: Vec<_> = rows(&all, "icl").iter().map(|row| row["tuned"].clone()).collect();
    let expected = ["0", "4", "3"].map(|n| vec![n; 6]).concat();
    assert_eq!(tuned, expected);
    // demonstrations and tuning examples are the same, as the largest numbers of the grid are
    let of = |table: &Table, tuned: &str| -> Vec<Vec<String>> {
        let is = |row: &&Vec<String>| row[0] != "majority" && row[2] == tuned;
        table.rows.iter().filter(is).cloned().collect()
    };
    let (untuned, _) = icl("-k 0,2 --seeds 2", &[&folder]);
    assert_eq!(of(&untuned, "0"), of(&all, "0"));
    let (alone, _) = icl("-k 0,2 --tune 4 --seeds 2 --lr 1e-2", &[&folder]);
    assert_eq!(of(&alone, "4"), of(&all, "4"));
    // the last cells of the grid came after others that were tuned
    let (alone, _) = icl("-k 0,2 --tune 3 --seeds 2 --lr 1e-2", &[&folder]);
    assert_eq!(of(&alone, "3"), of(&all, "3"));
    let figures = |tuned: &str| -> Vec<Vec<String>> {
        rows(&all, "icl")
            .iter()
            .filter(|row| row["tuned"] == tuned)
            .map(|row| vec![row["auroc"].clone(), row["letter_share"].clone()])
            .collect()
    };
    assert!(figures("0") != figures("4") && figures("4") != figures("3"));
    // some hundred letters are learned: a letter follows each query
    let (learned, _) = icl("-k 0 --tune 60 --lr 1e-3 --seeds 1", &[&folder]);
    let row = &rows(&learned, "icl")[2];
    assert!(row["letter_share"].parse::<f64>().unwrap() > 0.9, "{row:?}");
}

#[test]
fn results_are_those_of_the_seed_and_the_first_bases() {
    let folder = data("tasks/motif");
    let once = |options: &str| without_command(&text(options, &[&folder]));
    let usual = once("-q icl --seeds 1 --tune 2");
    assert_eq!(usual, once("-q icl --seeds 1 --tune 2 --threads 2"));
    assert_ne!(usual, once("-q icl --seeds 1 --tune 2 --seed 1"));
    let scratch = Scratch::new();
    let cut = |name: &str| {
        let rows = part(name).into_iter().map(|(bases, class)| {
            format!("{},{class}\n", std::str::from_utf8(&bases[..20]).unwrap())
        });
        scratch.file(
            &format!("cut/{name}.csv"),
            format!("sequence,label\n{}", rows.collect::<String>()),
        )
    };
    fs::create_dir(scratch.path("cut")).unwrap();
    for name in ["train", "test"] {
        cut(name);
    }
    let options = "-q icl --seeds 1 --on-leak warn --leak-share 2";
    let short = without_command(&text(options, &[&scratch.path("cut")]));
    assert_eq!(short, once(&format!("{options} --truncate 20")));
}

#[test]
fn a_picture_and_a_summary_are_written() {
    let scratch = Scratch::new();
    let (prefix, summary) = (scratch.path("p"), scratch.path("s.json"));
    let options = format!("-q icl --seeds 2 --tune 2 --plot {prefix} --summary {summary} -o");
    text(&options, &[&scratch.path("icl.tsv"), &data("tasks/motif")]);
    let picture = fs::read_to_string(scratch.path("p.icl.svg")).unwrap();
    for phrase in ["icl, tuned on 2", "probe on the demonstrations", "majority class"] {
        assert!(picture.contains(phrase), "{phrase}");
    }
    assert!(fs::read(scratch.path("p.icl.png")).unwrap().starts_with(b"\x89PNG"));
    assert!(fs::read_to_string(&summary).unwrap().contains("label_tokens"));
}

#[test]
fn bad_input_is_refused() {
    let folder = data("tasks/motif");
    let scratch = Scratch::new();
    let train = data("tasks/motif/train.csv");
    let rows = |label: fn(usize) -> String, bases: usize| -> String {
        let row = |i: usize| format!("{},{}\n", &"ACGGT".repeat(bases)[i % 5..], label(i));
        (0..24).map(row).collect()
    };
    let file = |name: &str, rows: String| scratch.file(name, format!("sequence,label\n{rows}"));
    let six = file("six.csv", rows(|i| format!("c{}", i % 6), 4));
    let unlabelled = scratch.file("none.csv", "sequence\nACGT\nACGG\n");
    let numbers = file("numbers.csv", rows(|i| format!("{i}.5"), 4));
    let long = file("long.csv", rows(|i| format!("c{}", i % 2), 300));
    let options = "--test-fraction 0.25 --leak-share 2";
    for (words, path, code, phrases) in [
        (
            "-k 17".to_owned(),
            &folder,
            1,
            ["--shots 17: the demonstrations and the longest query", "fit: give --shots"],
        ),
        (
            "-k 90".to_owned(),
            &folder,
            1,
            ["up to 45 of each of 2 classes", "40 examples in the train part"],
        ),
        (
            "-k 0 --tune 90".to_owned(),
            &folder,
            1,
            ["90 examples in all", "lower --shots or --tune"],
        ),
        ("--tune 0".to_owned(), &folder, 2, ["without tuning is in the grid", "from 1 on"]),
        ("-k 2,2".to_owned(), &folder, 2, ["--shots has 2 twice", "once"]),
        ("--lr 1e-3".to_owned(), &folder, 2, ["--tune", "required"]),
        ("--label-tokens A,A".to_owned(), &folder, 2, ["--label-tokens has A twice", "of its own"]),
        ("--label-tokens A,X".to_owned(), &folder, 2, ["no such letter", "A, C, G, T, N"]),
        ("--label-tokens A".to_owned(), &folder, 2, ["has 1 letter,", "2 classes (0, 1)"]),
        ("--n-token zero --tune 2".to_owned(), &folder, 2, ["--tune reads N", "--n-token n"]),
        (
            "--dtype bf16 --tune 2".to_owned(),
            &folder,
            2,
            ["--tune computes gradients", "--dtype bf16"],
        ),
        (String::new(), &train, 1, ["the test part has no members", "--test-fraction"]),
        (options.to_owned(), &six, 2, ["6 classes", "use finetune or probe"]),
        (options.to_owned(), &unlabelled, 1, ["none.csv", "label"]),
        (options.to_owned(), &numbers, 2, ["icl names one class", "regression"]),
        (options.to_owned(), &long, 1, ["are more than the model's context of 1024", "--truncate"]),
    ] {
        fails(&format!("icl {words}"), &[path], code, &phrases);
    }
}

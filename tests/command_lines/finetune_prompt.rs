//! `hyenadna finetune --method prompt:N`: a prompt before a frozen network, its schedule, its predictions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hyenadna::model::weights::{convert, source};

use crate::{
    finetune::{SMALL, classes, column, exact_resume, finetune},
    harness::{Scratch, command, run},
};

#[test]
fn a_killed_run_of_a_prompt_goes_on_to_the_same_weights() {
    exact_resume("--method prompt:5 --strand concat --plateau 0.5", libc::SIGKILL, None);
}

/// The network is frozen, and predict reads the prompt before each sequence.
#[test]
fn a_prompt_and_a_head_are_trained_alone() {
    let scratch = Scratch::new();
    let folder = PathBuf::from(scratch.path("run"));
    let (task, output) = (classes(&scratch), folder.to_str().unwrap());
    let options = SMALL.replace("--epochs 2", "--epochs 6 --method prompt:8");
    let outcome = run(&mut command(&options, &["-o", output, &task]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let rates = column(&folder.join("metrics.tsv"), "learning_rate");
    assert!(rates.contains(&"0.001".to_owned()), "{rates:?}");
    let after = source::load_folder(&folder).unwrap().weights;
    let start = source::builtin().unwrap().weights;
    for (name, tensor) in after.tensors.iter().filter(|(name, _)| !name.starts_with("head.")) {
        assert!(*tensor == start.tensors[name], "{name}");
    }
    let prompt = &after.tensors["head.prompt"];
    assert_eq!((&prompt.shape[..], after.head.as_ref().unwrap().prompt), (&[8, 128][..], 8));
    let square = prompt.data.iter().map(|x| x * x).sum::<f32>() / prompt.data.len() as f32;
    assert!((0.015..0.1).contains(&square.sqrt()), "{square}");
    // sequences alone, and next to longer ones
    let rows = fs::read_to_string(scratch.path("task/test.csv")).unwrap();
    let records: Vec<String> = rows
        .lines()
        .skip(1)
        .enumerate()
        .map(|(i, row)| format!(">{i}\n{}\n", row.split(',').next().unwrap()))
        .collect();
    let predict = |model: &str, name: &str, text: &str| {
        let (fasta, table) = (scratch.path(&format!("{name}.fa")), scratch.path(name));
        fs::write(&fasta, text).unwrap();
        let outcome = run(&mut command("-q predict -m", &[model, &fasta, "-o", &table]));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let values = column(Path::new(&table), "p_yes");
        values.iter().map(|value| value.parse().unwrap()).collect::<Vec<f64>>()
    };
    let all = predict(output, "all", &records.concat());
    let one = predict(output, "one", &records[3]);
    assert!((all[3] - one[0]).abs() < 1e-5, "{all:?} {one:?}");
    // the report has the same probabilities
    let classes = rows.lines().skip(1).map(|row| row.ends_with("yes"));
    let right = all.iter().zip(classes).filter(|(p, class)| (**p > 0.5) == *class).count();
    let figures = column(&folder.join("report/metrics.tsv"), "figure");
    let values = column(&folder.join("report/metrics.tsv"), "value");
    let at = figures.iter().position(|figure| figure == "accuracy").unwrap();
    assert!((values[at].parse::<f64>().unwrap() - right as f64 / 16.0).abs() < 1e-5);
    // other vectors give other values, and commands without a head do without them
    let mut other = after.clone();
    other.tensors.get_mut("head.prompt").unwrap().data.iter_mut().for_each(|x| *x *= -3.0);
    let copy = scratch.path("other");
    fs::create_dir(&copy).unwrap();
    convert::write_hub_layout(&other, copy.as_ref()).unwrap();
    assert!(predict(&copy, "changed", &records.concat()) != all);
    let embed = |model: &str| {
        let outcome =
            run(&mut command("-q embed --no-header -m", &[model, &scratch.path("one.fa")]));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        outcome.stdout
    };
    assert_eq!(embed(output), embed(&copy));
}

/// Without a better figure the rate falls by the factor after each validation, and is constant otherwise.
#[test]
fn the_rate_falls_on_a_plateau() {
    let scratch = Scratch::new();
    let folder = PathBuf::from(scratch.path("run"));
    // at this rate no validation is better than the first
    let options =
        SMALL.replace("--epochs 2", "--epochs 4 --lr 1e-30 --metric loss --plateau 0.5 --warmup 0");
    finetune(&options, &[&classes(&scratch)], &folder);
    let metrics = folder.join("metrics.tsv");
    let rows = column(&metrics, "split").into_iter().zip(column(&metrics, "learning_rate"));
    let rates = rows.filter(|(split, _)| split == "train").map(|(_, rate)| rate.parse().unwrap());
    let rates: Vec<f64> = rates.collect();
    let expected = [1e-30, 1e-30, 5e-31, 2.5e-31].map(|rate| vec![rate; 4]).concat();
    assert_eq!(rates.len(), 16);
    assert!(rates.iter().zip(&expected).all(|(a, b)| (a / b - 1.0).abs() < 1e-6), "{rates:?}");
}

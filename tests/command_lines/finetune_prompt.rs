//! `hyenadna finetune --method prompt:N`: a prompt before a frozen network, its schedule, its predictions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hyenadna::model::weights::{convert, source};

use crate::{
    finetune::{SMALL, classes, column, exact_resume, finetune},
    harness::{Scratch, command, data, run},
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

#[test]
fn a_killed_run_with_demonstrations_goes_on_to_the_same_weights() {
    let options = "--method prompt:3 --shots 2 --label-tokens C,A --plateau 0.5";
    exact_resume(options, libc::SIGKILL, None);
}

/// With letters only the prompt is trained, and the head is that of the language model for these letters.
#[test]
fn letters_are_read_out_after_demonstrations() {
    let scratch = Scratch::new();
    let folder = PathBuf::from(scratch.path("run"));
    let (task, output) = (classes(&scratch), folder.to_str().unwrap());
    let method = "--epochs 2 --method prompt:4 --shots 3 --label-tokens G,T";
    let options = SMALL.replace("--epochs 2", method).replace("-q ", "");
    let outcome = run(&mut command(&options, &["-o", output, &task]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("training a prompt of 4 vectors\n"), "{}", outcome.stderr);
    let after = source::load_folder(&folder).unwrap().weights;
    let start = source::builtin().unwrap().weights;
    for (name, tensor) in after.tensors.iter().filter(|(name, _)| !name.starts_with("head.")) {
        assert!(*tensor == start.tensors[name], "{name}");
    }
    let embedding = &start.tensors["backbone.embeddings.word_embeddings.weight"].data;
    let tokens = [9, 10]; // G, T
    let rows = tokens.map(|token| &embedding[token * 128..][..128]).concat();
    assert_eq!(after.tensors["head.0.weight"].data, rows);
    assert!(after.tensors["head.0.bias"].data.iter().all(|bias| *bias == 0.0));
    // each demonstration is a sequence of the train part and the letter of its class
    let head = after.head.as_ref().unwrap();
    let rows = fs::read_to_string(scratch.path("task/train.csv")).unwrap();
    let shown: Vec<&str> = head.demonstrations.split_terminator('|').collect();
    assert_eq!(shown.len(), 3);
    for text in shown {
        let (bases, letter) = text.split_at(text.len() - 1);
        let class = if letter == "G" { "no" } else { "yes" };
        assert!(rows.contains(&format!("{bases},{class}")), "{text}");
    }
    // predict reads them as the report did
    let rows = fs::read_to_string(scratch.path("task/test.csv")).unwrap();
    let records = rows.lines().skip(1).enumerate();
    let fasta: String =
        records.map(|(i, row)| format!(">{i}\n{}\n", row.split(',').next().unwrap())).collect();
    let fasta = scratch.file("test.fa", fasta);
    let predict = |model: &str, name: &str| {
        let table = scratch.path(name);
        let outcome = run(&mut command("-q predict -m", &[model, &fasta, "-o", &table]));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        column(Path::new(&table), "p_yes")
    };
    let values = predict(output, "predicted.tsv");
    // other demonstrations give other values
    let mut other = after.clone();
    other.head.as_mut().unwrap().demonstrations = "ACGTG|".into();
    let copy = scratch.path("other");
    fs::create_dir(&copy).unwrap();
    convert::write_hub_layout(&other, copy.as_ref()).unwrap();
    let changed = predict(&copy, "changed.tsv");
    assert!(changed.iter().zip(&values).all(|(a, b)| a != b), "{changed:?}");
    let classes = rows.lines().skip(1).map(|row| row.ends_with("yes"));
    let is_right = |p: &str, class| (p.parse::<f64>().unwrap() > 0.5) == class;
    let right = values.iter().zip(classes).filter(|(p, class)| is_right(p, *class)).count();
    let figures = column(&folder.join("report/metrics.tsv"), "figure");
    let values = column(&folder.join("report/metrics.tsv"), "value");
    let at = figures.iter().position(|figure| figure == "accuracy").unwrap();
    assert!((values[at].parse::<f64>().unwrap() - right as f64 / 16.0).abs() < 1e-5);
    // pretraining goes on without them
    let pretrained = scratch.path("pretrained");
    let words = "-q train --steps 1 --batch 1 --length 64 --valid-windows 1 --valid-contigs chr2";
    let genome = data("demo/genome.fa");
    let names = ["--init", output, "--reference", &genome, "-o", &pretrained];
    let outcome = run(&mut command(words, &names));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(source::load_folder(Path::new(&pretrained)).unwrap().weights.head.is_none());
}

#[test]
fn letters_and_demonstrations_that_do_not_fit_are_refused() {
    let scratch = Scratch::new();
    let (task, output) = (classes(&scratch), scratch.path("run"));
    let long = scratch.file(
        "long.csv",
        format!(
            "sequence,label,split\n{0},0,train\nAC,0,train\nAC,1,train\nAC,1,train\n{0},1,test\n",
            "ACGT".repeat(200)
        ),
    );
    for (options, data, code, problem) in [
        ("--label-tokens A,C", &task, 2, "--label-tokens needs --method prompt:N"),
        ("--method prompt:2 --label-tokens A", &task, 2, "--label-tokens has 1 letter"),
        ("--method prompt:2 --label-tokens A,x", &task, 2, "no such letter"),
        ("--method prompt:2 --label-tokens A,C --pool mean", &task, 2, "--pool last"),
        ("--shots 63", &task, 2, "--shots 63 shows all examples of class"),
        ("--shots 1000", &task, 2, "--shots 1000 shows up to 500 examples of each class"),
        (
            "--method prompt:2 --shots 30",
            &task,
            1,
            "of demonstrations and a prompt of 2 vectors are more than the model's context of 1024; use --shots 1",
        ),
        ("--shots 1024 --long truncate", &task, 2, "leaves no room for a base"),
        // of the seeds one draws the long example, after which the long test sequence does not fit
        ("--shots 2 --seeds 8 --split-column split", &long, 1, "long.csv, line 6"),
    ] {
        let options = SMALL.replace("--epochs 2", &format!("--epochs 2 {options}"));
        let outcome = run(&mut command(&options, &["-o", &output, data]));
        assert_eq!(outcome.code, Some(code), "{options}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(problem), "{options}: {}", outcome.stderr);
        assert!(!Path::new(&output).exists(), "{options}");
    }
}

/// With `--long truncate`, demonstrations and sequences are cut to fit together.
#[test]
fn demonstrations_and_sequences_are_cut_to_fit() {
    let scratch = Scratch::new();
    let (task, output) = (classes(&scratch), scratch.path("run"));
    let words = "--epochs 1 --method head --shots 30 --long truncate --frozen-cache";
    let options = SMALL.replace("--epochs 2", words);
    let outcome = run(&mut command(&options, &["-o", &output, &task]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let head = source::load_folder(Path::new(&output)).unwrap().weights.head.unwrap();
    let pieces: Vec<&str> = head.demonstrations.split_terminator('|').collect();
    // (1024 - 60) / 31 bases, and a letter
    assert_eq!((pieces.len(), pieces.iter().map(|text| text.len()).max()), (30, Some(32)));
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

//! No command writes its output over one of its inputs.

use std::fs;

use crate::harness::{Scratch, data, fails, ok};

#[test]
fn an_input_is_never_overwritten() {
    let scratch = Scratch::new();
    let input = |name: &str, from: &str| {
        let path = scratch.path(name);
        fs::copy(data(from), &path).unwrap();
        path
    };
    let genome = input("genome.fa", "demo/genome.fa");
    let regions = input("regions.bed", "demo/regions.bed");
    let variants = input("variants.vcf", "demo/variants.vcf");
    let labels = input("labels.tsv", "evaluate/labels.tsv");
    let examples = input("train.csv", "tasks/motif/train.csv");
    let link = scratch.path("link.tsv");
    std::os::unix::fs::symlink(&genome, &link).unwrap();
    let before = |path: &str| fs::read(path).unwrap();
    let all = [&genome, &regions, &variants, &labels, &examples];
    let bytes = all.map(|path| before(path));
    for (words, output, inputs) in [
        ("score-variants --format tsv", &genome, vec![&variants, &genome]),
        ("score-variants", &variants, vec![&variants, &genome]),
        ("score-variants", &link, vec![&variants, &genome]),
        ("likelihood --format bedgraph", &regions, vec![&regions, &genome]),
        ("embed --format tsv", &regions, vec![&regions, &genome]),
        ("mutagenesis", &regions, vec![&regions, &genome]),
        ("generate --length 9", &genome, vec![&regions, &genome]),
        ("perplexity", &genome, vec![&genome]),
        ("recall", &genome, vec![&genome]),
        ("predict --format tsv", &regions, vec![&regions, &genome]),
        ("predict", &variants, vec![&variants, &genome]),
        ("evaluate", &labels, vec![&labels, &labels]),
        ("evaluate --truth label --predicted label", &labels, vec![&labels]),
        ("probe --test-fraction 0.25", &examples, vec![&examples]),
        ("probe --test-fraction 0.25", &genome, vec![&regions, &genome]),
        ("icl --test-fraction 0.25", &examples, vec![&examples]),
        ("project", &labels, vec![&labels]),
        ("merge", &labels, vec![&labels]),
    ] {
        let paths: Vec<&str> = [output].into_iter().chain(inputs).map(String::as_str).collect();
        fails(&format!("{words} -o"), &paths, 2, &["is the same file as the input"]);
    }
    assert_eq!(all.map(|path| before(path)), bytes);
}

/// Indexes and models are inputs that no argument names.
#[test]
fn indexes_and_models_are_never_overwritten() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path(name);
    let genome = scratch.file("g.fa", fs::read(data("demo/genome.fa")).unwrap());
    let variants = scratch.file("v.vcf", fs::read(data("demo/variants.vcf")).unwrap());
    let regions = scratch.file("r.bed", fs::read(data("demo/regions.bed")).unwrap());
    for (words, output, inputs) in [
        ("embed --format tsv", "g.fa.fai", [&regions, &genome]),
        ("score-variants --format tsv", "g.fa.gzi", [&variants, &genome]),
        ("score-variants --format vcf", "v.vcf.tbi", [&variants, &genome]),
        ("score-variants --format bcf", "v.vcf.csi", [&variants, &genome]),
    ] {
        let output = path(output);
        for content in [None, Some("old")] {
            if let Some(content) = content {
                fs::write(&output, content).unwrap();
            }
            let paths = [&output, inputs[0], inputs[1]].map(String::as_str);
            fails(&format!("{words} -o"), &paths, 2, &["the name of the index of the input"]);
            assert_eq!(fs::read_to_string(&output).ok().as_deref(), content);
        }
    }
    ok("models convert builtin", &[&path("model")]);
    let weights = path("model/model.safetensors");
    let before = fs::read(&weights).unwrap();
    for model in [path("model"), weights.clone()] {
        for (words, inputs) in [
            ("embed --format tsv", vec![&regions, &genome]),
            ("likelihood --format bedgraph", vec![&regions, &genome]),
            ("score-variants --format tsv", vec![&variants, &genome]),
            ("predict --format tsv", vec![&regions, &genome]),
            ("perplexity", vec![&genome]),
            ("recall", vec![&genome]),
            ("generate --length 9", vec![&regions, &genome]),
        ] {
            for output in [&weights, &path("model/config.json")] {
                let words = format!("{words} --model {model} -o {output}");
                let inputs: Vec<&str> = inputs.iter().map(|input| input.as_str()).collect();
                fails(&words, &inputs, 2, &["is a file of the model"]);
            }
        }
    }
    let words = format!("embed --model {} --summary", path("model"));
    fails(&words, &[&weights, &regions, &genome], 2, &["--summary", "is a file of the model"]);
    assert!(fs::read(&weights).unwrap() == before);
}

//! No command writes its output over one of its inputs.

use std::fs;

use crate::harness::{Scratch, data, fails};

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
    ] {
        let paths: Vec<&str> = [output].into_iter().chain(inputs).map(String::as_str).collect();
        fails(&format!("{words} -o"), &paths, 2, &["is the same file as the input"]);
    }
    assert_eq!(all.map(|path| before(path)), bytes);
}

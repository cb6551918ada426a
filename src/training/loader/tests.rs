use super::*;
use crate::sampling::{
    Interval, SamplerOptions,
    testing::{Files, bases},
};

fn sampler(text: &str, range: std::ops::Range<u64>) -> Sampler {
    let genomes = Files::new(&[text]).open();
    let intervals = vec![Interval { genome: 0, contig: 0, range }];
    Sampler::new(genomes, intervals, SamplerOptions::default()).unwrap()
}

#[test]
fn batches_are_what_the_sampler_draws() {
    let text = format!(">a\n{}{}\n", "N".repeat(300), bases(700));
    let plan = [
        Request::of_rank(0, 0, 2, 3, 50),
        Request::of_rank(0, 1, 2, 3, 50),
        Request { first: 6, stride: 1, rows: 2, length: 80 },
    ];
    let drawn: Vec<_> =
        Loader::spawn(sampler(&text, 0..1000), plan.into_iter()).map(Result::unwrap).collect();
    let mut direct = sampler(&text, 0..1000);
    let mut expect = |indices: &[u64], length| {
        let mut bases = Vec::new();
        let skipped = indices.iter().map(|&i| direct.draw(i, length, &mut bases).unwrap()).sum();
        let tokens = bases.into_iter().map(|base| Tokenizer::default().token(base)).collect();
        Drawn { tokens, rows: indices.len(), length, skipped }
    };
    let expected = [expect(&[0, 2, 4], 50), expect(&[1, 3, 5], 50), expect(&[6, 7], 80)];
    assert_eq!(drawn, expected);
}

#[test]
fn errors_come_in_order_and_end_it() {
    // the letters beyond the first block are not nucleotides
    let text = format!(">a\n{}{}\n", bases(64), "E".repeat(2000));
    let plan = [0, 1, 2].map(|first| Request { first, stride: 1, rows: 1, length: 10 });
    let mut loader = Loader::spawn(sampler(&text, 0..40), plan.into_iter());
    assert!(loader.by_ref().all(|drawn| drawn.is_ok()));
    assert!(loader.next().is_none());
    let mut loader = Loader::spawn(sampler(&text, 100..2000), plan.into_iter());
    let error = loader.next().unwrap().unwrap_err().to_string();
    assert!(error.contains("'E'"), "{error}");
    assert!(loader.next().is_none() && loader.next().is_none());
}

#[test]
fn dropped_early_it_ends() {
    let text = format!(">a\n{}\n", bases(1000));
    let plan = || (0..).map(|i| Request { first: i * 4, stride: 1, rows: 4, length: 100 });
    drop(Loader::spawn(sampler(&text, 0..1000), plan()));
    let mut loader = Loader::spawn(sampler(&text, 0..1000), plan());
    assert!(loader.next().unwrap().is_ok());
    drop(loader);
    let endless = Request { first: 0, stride: 1, rows: 1 << 40, length: 0 };
    drop(Loader::spawn(sampler(&text, 0..1000), std::iter::once(endless)));
}

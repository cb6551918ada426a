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
        Request { first: 0, rows: 7, length: 50, share: Share { rank: 0, size: 2 } },
        Request { first: 0, rows: 7, length: 50, share: Share { rank: 1, size: 2 } },
        Request { first: 7, rows: 2, length: 80, share: Share::WHOLE },
    ];
    let drawn: Vec<_> =
        Loader::spawn(sampler(&text, 0..1000), plan.into_iter()).map(Result::unwrap).collect();
    let mut direct = sampler(&text, 0..1000);
    let mut expect = |indices: &[u64], of_step, first_row, length| {
        let mut bases = Vec::new();
        let skipped = indices.iter().map(|&i| direct.draw(i, length, &mut bases).unwrap()).sum();
        let tokens = bases.into_iter().map(|base| Tokenizer::default().token(base)).collect();
        Drawn { tokens, rows: indices.len(), of_step, first_row, length, skipped }
    };
    let expected =
        [expect(&[0, 1, 2], 7, 0, 50), expect(&[3, 4, 5, 6], 7, 3, 50), expect(&[7, 8], 2, 0, 80)];
    assert_eq!(drawn, expected);
}

#[test]
fn errors_come_in_order_and_end_it() {
    // the letters beyond the first block are not nucleotides
    let text = format!(">a\n{}{}\n", bases(64), "E".repeat(2000));
    let plan = [0, 1, 2].map(|first| Request { first, rows: 1, length: 10, share: Share::WHOLE });
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
    let share = Share::WHOLE;
    let plan = move || (0..).map(move |i| Request { first: i * 4, rows: 4, length: 100, share });
    drop(Loader::spawn(sampler(&text, 0..1000), plan()));
    let mut loader = Loader::spawn(sampler(&text, 0..1000), plan());
    assert!(loader.next().unwrap().is_ok());
    drop(loader);
    let endless = Request { first: 0, rows: 1 << 40, length: 0, share };
    drop(Loader::spawn(sampler(&text, 0..1000), std::iter::once(endless)));
}

#[test]
fn every_sample_has_one_process() {
    for size in 1..6 {
        for samples in 0..14 {
            let work: Vec<usize> = (0..samples).map(|i| i * i % 7).collect();
            let shares = (0..size).map(|rank| Share { rank, size });
            let all = |of: &dyn Fn(Share) -> std::ops::Range<usize>| -> Vec<usize> {
                shares.clone().flat_map(of).collect()
            };
            let expected: Vec<usize> = (0..samples).collect();
            assert_eq!(all(&|share| share.of(samples)), expected);
            assert_eq!(all(&|share| share.of_work(&work)), expected, "{size} {work:?}");
        }
    }
    let third = Share { rank: 2, size: 3 };
    assert_eq!([third.of(8), third.of_work(&[5; 8])], [5..8, 5..8]);
    assert_eq!(Share { rank: 0, size: 2 }.of_work(&[1, 1, 1, 1, 4]), 0..4);
}

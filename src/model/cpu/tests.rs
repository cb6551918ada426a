use tch::{Kind, Tensor};

use super::{growth::Growth, relaxed::RelaxedFilters, *};
use crate::model::{
    libtorch::{self, forward::rows_of_product},
    network::fft::SpectrumCache,
    rows::Parent,
    testing::{ids, network, network_of, relative_error},
};

/// Hidden states (L, D) by libtorch's operators.
fn reference(network: &HyenaDna, ids: &[u8]) -> Tensor {
    let ids: Vec<i64> = ids.iter().map(|&id| id.into()).collect();
    let ids = Tensor::from_slice(&ids).unsqueeze(0);
    network.hidden(&ids, None, &mut SpectrumCache::default()).unwrap().squeeze_dim(0)
}

fn whole(rows: usize) -> Segment {
    Segment { row: 0, rows, parent: None }
}

/// Results of a pass, copied.
struct Pass {
    hidden: Vec<f32>,
    predictions: Vec<f32>,
}

/// A pass to one depth.
fn forward(
    network: &CpuNetwork,
    ids: &[u8],
    segments: &[Segment],
    depth: Depth,
    threads: Threads,
    workspace: &mut Workspace,
) -> Pass {
    let mut passes = through(network, ids, segments, &[depth], threads, workspace);
    assert_eq!(passes.len(), 1);
    passes.remove(0)
}

/// A pass that stops at several depths.
fn through(
    network: &CpuNetwork,
    ids: &[u8],
    segments: &[Segment],
    depths: &[Depth],
    threads: Threads,
    workspace: &mut Workspace,
) -> Vec<Pass> {
    let mut passes = Vec::new();
    let visit = |number, pass: ForwardPass<'_>| {
        assert_eq!(number, passes.len());
        let (hidden, predictions) = (pass.hidden.to_vec(), pass.predictions.to_vec());
        passes.push(Pass { hidden, predictions });
    };
    network.forward(ids, segments, depths, threads, workspace, visit).unwrap();
    passes
}

#[test]
fn equals_libtorchs_operators_at_the_borders_of_blocks() {
    for (width, most) in [(128, 1600), (256, 700), (40, 600), (7, 300)] {
        let slow = network(width, most);
        for cache_bytes in [0, 1 << 30] {
            let fast = CpuNetwork::new(&slow, Precision::Fp32, cache_bytes).unwrap();
            let mut workspace = Workspace::default();
            let block = fast.tile_rows;
            let lengths =
                [1, 2, 3, 31, 257, block - 1, block, block + 1, 2 * block + 1, 1009, 1597];
            for length in lengths.into_iter().filter(|&n| n <= most as usize) {
                let ids = ids(length, 1);
                fast.prepare(std::iter::once(length)).unwrap();
                let threads = [Threads::Calling, Threads::All][usize::from(length % 2 == 0)];
                let segments = [whole(length)];
                let depth = Depth::Predictions;
                let computed = forward(&fast, &ids, &segments, depth, threads, &mut workspace);
                let want = reference(&slow, &ids);
                let error = relative_error(&computed.hidden, &want);
                assert!(error < 5e-6, "{length}×{width}: {error}");
                let want = slow.logits(&want).unwrap().log_softmax(-1, Kind::Float);
                let error = relative_error(&computed.predictions, &want);
                assert!(error < 5e-6, "{length}×{width}: predictions {error}");
            }
        }
    }
}

/// What shards, `--resume` and `--known` rely on: rows beside a row, of which there are any number, change no digit.
#[test]
fn a_row_has_the_digits_that_it_has_alone() {
    libtorch::alone();
    let lengths = [1, 2, 3, 50, 131, 700, 17, 96, 12, 36, 1];
    let mut sizes = vec![[128, 512]];
    if rows_of_product() == 12 {
        // with AVX-512 nobody compared these yet
        sizes.extend([[32, 128], [256, 1024], [40, 7], [7, 9]]);
    }
    for (widths, precision) in
        sizes.into_iter().flat_map(|size| [(size, Precision::Fp32), (size, Precision::Bf16)])
    {
        let network = CpuNetwork::new(&network_of(widths, 700), precision, 1 << 30).unwrap();
        let mut workspace = Workspace::default();
        let mut pass = |ids: &[u8], segments: &[Segment]| {
            let depth = Depth::Predictions;
            forward(&network, ids, segments, depth, Threads::Calling, &mut workspace)
        };
        let (mut tokens, mut segments) = (Vec::new(), Vec::new());
        let mut alone = Pass { hidden: Vec::new(), predictions: Vec::new() };
        for (number, &length) in lengths.iter().enumerate() {
            let ids = ids(length, number);
            let Pass { hidden, predictions } = pass(&ids, &[whole(length)]);
            alone.hidden.extend(hidden);
            alone.predictions.extend(predictions);
            segments.push(Segment { row: tokens.len(), rows: length, parent: None });
            tokens.extend(ids);
        }
        let together = pass(&tokens, &segments);
        assert!(together.hidden == alone.hidden, "{widths:?} {precision:?}");
        assert!(together.predictions == alone.predictions, "{widths:?} {precision:?}");
    }
}

#[test]
fn a_branch_equals_the_whole_sequence() {
    let slow = network(32, 700);
    let fast = CpuNetwork::new(&slow, Precision::Fp32, 1 << 30).unwrap();
    let parent = ids(700, 2);
    for (from, rows) in
        [(0, 700), (1, 699), (2, 5), (350, 350), (511, 3), (512, 100), (699, 1), (30, 0)]
    {
        let mut other = parent[..from].to_vec();
        other.extend(ids(rows, 3));
        let before = ids(9, 5); // another sequence, before them
        let mut tokens = before.clone();
        tokens.extend(&parent);
        tokens.extend(&other[from..]);
        let segments = [
            whole(9),
            Segment { row: 9, rows: 700, parent: None },
            Segment { row: 709, rows, parent: Some(Parent { row: 9, from }) },
        ];
        for threads in [Threads::Calling, Threads::All] {
            let mut workspace = Workspace::default();
            let depth = Depth::Hidden;
            let computed = forward(&fast, &tokens, &segments, depth, threads, &mut workspace);
            let (all, branch) = computed.hidden.split_at(709 * 32);
            let (first, second) = all.split_at(9 * 32);
            assert!(relative_error(first, &reference(&slow, &before)) < 5e-6);
            assert!(relative_error(second, &reference(&slow, &parent)) < 5e-6);
            let want = reference(&slow, &other).narrow(0, from as i64, rows as i64);
            let error = relative_error(branch, &want);
            assert!(error < 5e-6, "from {from}, {rows} rows: {error}");
        }
    }
}

#[test]
fn depths_and_precision() {
    let slow = network(64, 300);
    let fast = CpuNetwork::new(&slow, Precision::Fp32, 1 << 30).unwrap();
    let half = CpuNetwork::new(&slow, Precision::Bf16, 1 << 30).unwrap();
    let tokens = ids(300, 4);
    let long: Vec<i64> = tokens.iter().map(|&id| id.into()).collect();
    let long = Tensor::from_slice(&long).unsqueeze(0);
    let mut workspace = Workspace::default();
    let segments = [whole(300)];
    for blocks in 0..=2 {
        let want = slow.hidden(&long, Some(blocks), &mut SpectrumCache::default()).unwrap();
        let depth = Depth::Blocks(blocks);
        let got = forward(&fast, &tokens, &segments, depth, Threads::All, &mut workspace);
        assert!(got.predictions.is_empty());
        assert!(relative_error(&got.hidden, &want.squeeze_dim(0)) < 5e-6);
    }
    let want = reference(&slow, &tokens);
    let depth = Depth::Hidden;
    let got = forward(&half, &tokens, &segments, depth, Threads::Calling, &mut workspace);
    let error = relative_error(&got.hidden, &want);
    assert!(error > 1e-4 && error < 3e-2, "{error}");
}

#[test]
fn a_token_without_input_is_a_vector_of_zeros_in_both_passes() {
    let whole_model = network(32, 100);
    let zeroed = whole_model.clone().with_zero_input(11).unwrap();
    let ids = ids(100, 3);
    assert!(ids.contains(&11) && ids.iter().any(|&id| id != 11));
    let rows = |model: &HyenaDna| {
        let ids: Vec<i64> = ids.iter().map(|&id| id.into()).collect();
        model.embed(&Tensor::from_slice(&ids)).unwrap()
    };
    let is_n = Tensor::from_slice(&ids.iter().map(|&id| id == 11).collect::<Vec<_>>());
    let expected = rows(&whole_model).masked_fill(&is_n.unsqueeze(-1), 0.0);
    assert_eq!(rows(&zeroed), expected);

    let want = reference(&zeroed, &ids);
    let fast = CpuNetwork::new(&zeroed, Precision::Fp32, 0).unwrap();
    fast.prepare(std::iter::once(ids.len())).unwrap();
    let mut workspace = Workspace::default();
    let segments = [whole(ids.len())];
    let depth = Depth::Hidden;
    let computed = forward(&fast, &ids, &segments, depth, Threads::Calling, &mut workspace);
    assert!(relative_error(&computed.hidden, &want) < 5e-6);
    assert!(relative_error(&computed.hidden, &reference(&whole_model, &ids)) > 1e-3);
    // N as a prediction is as before
    assert_eq!(zeroed.logits(&want).unwrap(), whole_model.logits(&want).unwrap());
}

/// One pass that stops at several depths has the numbers of a pass to each.
#[test]
fn depths_of_one_pass_are_those_of_several() {
    let fast = CpuNetwork::new(&network(32, 1024), Precision::Fp32, 1 << 24).unwrap();
    let ids = ids(700, 3);
    let segments = [
        Segment { row: 0, rows: 500, parent: None },
        Segment { row: 500, rows: 200, parent: Some(Parent { row: 0, from: 100 }) },
    ];
    let mut workspace = Workspace::default();
    for last in [Depth::Hidden, Depth::Predictions] {
        let depths = [Depth::Blocks(0), Depth::Blocks(1), Depth::Blocks(2), last];
        let all = through(&fast, &ids, &segments, &depths, Threads::All, &mut workspace);
        assert_eq!(all.len(), 4);
        for (depth, got) in depths.into_iter().zip(&all) {
            let want = forward(&fast, &ids, &segments, depth, Threads::All, &mut workspace);
            assert!(got.hidden == want.hidden && got.predictions == want.predictions, "{depth:?}");
        }
        assert_ne!(all[2].hidden, all[3].hidden);
    }
}

/// Predictions of sequences that grow are those of passes over the whole, whatever the block is.
#[test]
fn growth_equals_whole_passes() {
    let (single, half) = ((Precision::Fp32, 5e-6), (Precision::Bf16, 1e-2));
    for (width, block, (precision, tolerance), cache) in [
        (40, 2, single, 1 << 24),
        (32, 32, single, 0),
        (128, 8, single, 1 << 16),
        (7, 512, single, 1 << 24),
        (64, 32, half, 1 << 24),
    ] {
        let fast = CpuNetwork::new(&network(width, 400), precision, cache).unwrap();
        let filters = RelaxedFilters::new(&fast, 300, block).unwrap();
        let mut workspace = Workspace::default();
        let mut growth = Growth::new(&fast, &filters);
        let sequences = [(0, 1), (1, 2), (100, 3)].map(|(prompt, seed)| {
            let ids = ids(prompt + 300, seed);
            let read = fast.read_prefix(&ids[..prompt], 300, Threads::All, &mut workspace).unwrap();
            let last = read.predictions.clone();
            growth.push(read);
            let segments = [whole(ids.len())];
            let depth = Depth::Predictions;
            let want =
                forward(&fast, &ids, &segments, depth, Threads::Calling, &mut Workspace::default());
            let want = want.predictions;
            if let Some(last) = last {
                let (start, end) = ((prompt - 1) * last.len(), prompt * last.len());
                let error = relative_error(&last, &Tensor::from_slice(&want[start..end]));
                assert!(error < tolerance, "{error}");
            } else {
                assert_eq!(prompt, 0);
            }
            (prompt, ids, want)
        });
        for step in 0..300 {
            let next = sequences.each_ref().map(|(prompt, ids, _)| ids[prompt + step]);
            let got = growth.step(&next).unwrap();
            let vocabulary = fast.vocabulary();
            for ((prompt, _, want), got) in sequences.iter().zip(got.chunks_exact(vocabulary)) {
                let want = &want[(prompt + step) * vocabulary..][..vocabulary];
                let error = relative_error(got, &Tensor::from_slice(want));
                assert!(error < tolerance, "width {width}, block {block}, step {step}: {error}");
            }
        }
    }
}

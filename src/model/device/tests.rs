use proptest::prelude::*;

use super::*;
use crate::model::{
    cpu::{CpuNetwork, Threads, Workspace},
    rows::Parent,
    testing::{self, network, relative_error},
};

/// Sequences, each with the first positions and lengths of its branches.
type Families = Vec<(usize, Vec<(usize, usize)>)>;

fn families(most: usize) -> impl Strategy<Value = Families> {
    let branch =
        |length: usize| (0..=length).prop_flat_map(move |from| (Just(from), 0..=length - from));
    let family =
        (1..=most).prop_flat_map(move |n| (Just(n), prop::collection::vec(branch(n), 0..4)));
    prop::collection::vec(family, 1..5)
}

/// Tokens and segments of families.
fn pass(families: &Families) -> (Vec<u32>, Vec<Segment>) {
    let (mut ids, mut segments): (Vec<u32>, Vec<Segment>) = (Vec::new(), Vec::new());
    let mut add = |rows: usize, parent: Option<Parent>, seed: usize| {
        let row = ids.len();
        ids.extend(testing::ids(rows, seed).into_iter().map(u32::from));
        segments.push(Segment { row, rows, parent });
        row
    };
    for (number, (length, branches)) in families.iter().enumerate() {
        let row = add(*length, None, number);
        for &(from, rows) in branches {
            add(rows, Some(Parent { row, from }), 7 * number + from);
        }
    }
    (ids, segments)
}

/// The rows of a pass at several depths on both, compared.
fn compare(network: &HyenaDna, families: &Families, chunks: Chunks, cache: usize) {
    let (ids, segments) = pass(families);
    let depths = [Depth::Blocks(0), Depth::Blocks(1), Depth::Predictions];
    let fast = CpuNetwork::new(network, Precision::Fp32, 1 << 30).unwrap();
    let mut want: Vec<[Vec<f32>; 2]> = Vec::new();
    fast.prepare(segments.iter().map(|segment| segment.rows)).unwrap();
    fast.forward(
        &ids,
        &segments,
        &depths,
        Threads::Calling,
        &mut Workspace::default(),
        |_, pass| {
            want.push([pass.hidden.to_vec(), pass.predictions.to_vec()]);
        },
    )
    .unwrap();
    let mut device = DeviceNetwork::new(network.clone(), Device::Cpu, Precision::Fp32, cache);
    device.chunks = chunks;
    let mut seen = 0;
    let visit = |number: usize, pass: DevicePass<'_>| {
        let [hidden, predictions] = &want[number];
        let error = relative_error(hidden, pass.hidden);
        assert!(error < 5e-6, "depth {number}: {error}");
        if let Some(found) = &pass.predictions {
            let error = relative_error(predictions, found);
            assert!(error < 5e-6, "predictions: {error}");
        }
        assert_eq!(pass.predictions.is_some(), number == 2);
        seen += 1;
        Ok(())
    };
    device.forward(&ids, &segments, &depths, visit).unwrap();
    assert_eq!(seen, 3);
    // as many rows as on a CPU: those of branches from their first difference on
    assert_eq!(device.computed(), 2 * ids.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn families_equal_those_on_a_cpu(
        families in families(90),
        rows in 3_usize..80,
        convolved in 1_usize..4000,
        keeps in any::<bool>(),
    ) {
        let network = network(8, 96);
        compare(&network, &families, Chunks { rows, convolved }, if keeps { 1 << 20 } else { 0 });
    }
}

#[test]
fn long_sequences_equal_those_on_a_cpu() {
    let network = network(24, 3000);
    let families =
        vec![(3000, vec![(1500, 1500), (0, 3000), (2999, 1)]), (1024, vec![]), (1, vec![])];
    compare(&network, &families, Chunks::default(), 1 << 30);
    compare(&network, &families, Chunks { rows: 1000, convolved: 9000 }, 0);
}

/// In bf16 the residual stream, filters and transforms stay fp32.
#[test]
fn products_in_bf16_stay_close() {
    let network = network(32, 700);
    let (ids, segments) = pass(&vec![(700, vec![(300, 400)])]);
    let hidden = |precision| {
        let mut device = DeviceNetwork::new(network.clone(), Device::Cpu, precision, 1 << 20);
        let mut found = None;
        let visit = |_, pass: DevicePass<'_>| {
            assert_eq!(pass.hidden.kind(), Kind::Float);
            found = Some(pass.hidden.copy());
            Ok(())
        };
        device.forward(&ids, &segments, &[Depth::Hidden], visit).unwrap();
        Vec::<f32>::try_from(found.unwrap().flatten(0, -1)).unwrap()
    };
    let whole = hidden(Precision::Fp32);
    let half = hidden(Precision::Bf16);
    let error = relative_error(&half, &Tensor::from_slice(&whole));
    assert!((1e-5..2e-2).contains(&error), "{error}");
}

#[test]
fn a_prompt_of_hundreds_of_vectors_is_sent_whole() {
    let device = DeviceNetwork::new(network(8, 96), Device::Cpu, Precision::Fp32, 0);
    for ids in [vec![7, 11, 255], vec![7, 256, 1000]] {
        let sent = Vec::<i32>::try_from(device.upload_ids(&ids).unwrap()).unwrap();
        assert_eq!(sent, ids.iter().map(|&id| id as i32).collect::<Vec<_>>());
    }
}

#[test]
fn chunks_are_halved_to_a_limit() {
    let mut chunks = Some(Chunks::default());
    let mut count = 0;
    while let Some(found) = chunks {
        chunks = found.halved();
        count += 1;
        assert!(found.rows >= 1 << 10 && count < 30);
    }
    assert!(count > 10);
}

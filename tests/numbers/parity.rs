//! The model against golden vectors, which the published PyTorch code computed.

use std::{collections::BTreeMap, fs, path::PathBuf};

use hyenadna::{
    genome::dna,
    model::{
        cpu::{CpuNetwork, Depth, ForwardPass, Threads, Workspace},
        network::{HyenaDna, fft::SpectrumCache, leaves::Precision},
        rows::Segment,
        tokenizer::Tokenizer,
        weights::{host::HostTensor, safetensors_file, source},
    },
};
use tch::{Device, Kind, Tensor};

use crate::{
    error::{relative_error, tensor},
    harness::test_data,
};

/// The relative error that the issue of this project allows.
const TOLERANCE: f64 = 1e-5;

fn golden(case: &str) -> PathBuf {
    test_data("golden").join(case)
}

fn sequences(case: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(golden(case).join("inputs.fa")).unwrap();
    text.split('>')
        .skip(1)
        .map(|record| {
            let mut bases = record.lines().skip(1).collect::<String>().into_bytes();
            dna::normalise(&mut bases).unwrap();
            bases
        })
        .collect()
}

fn expected(case: &str) -> BTreeMap<String, HostTensor> {
    let path = golden(case).join("expected.safetensors");
    let bytes = fs::read(&path).unwrap();
    safetensors_file::parse(&path, &bytes).unwrap()
}

fn tokens(bases: &[u8]) -> Vec<u8> {
    bases.iter().map(|&base| Tokenizer::default().token(base)).collect()
}

fn ids(bases: &[u8]) -> Tensor {
    let tokens: Vec<i64> = tokens(bases).into_iter().map(i64::from).collect();
    Tensor::from_slice(&tokens).view([1, -1])
}

fn check(case: &str, weights: &str) {
    let _guard = tch::no_grad_guard();
    let path = golden(case).join(weights);
    let named = source::load(path.to_str().unwrap(), &mut |_| {}).unwrap();
    assert!(named.disagreements.is_empty(), "{:?}", named.disagreements);
    let model = HyenaDna::new(&named.weights, Device::Cpu).unwrap();
    let expected = expected(case);
    let mut cache = SpectrumCache::default();
    let cpu = CpuNetwork::new(&model, Precision::Fp32, 1 << 30).unwrap();
    let mut workspace = Workspace::default();
    let sequences = sequences(case);
    for (i, bases) in sequences.iter().enumerate() {
        let check = |what: &str, by: &str, got: &Tensor, want: &HostTensor| {
            let error = relative_error(got, want);
            println!("{case} {weights} seq{i}.{what} by {by} L={} error {error:.1e}", bases.len());
            assert!(error <= TOLERANCE, "{case} {weights} seq{i}.{what} by {by}: {error:e}");
        };
        // by libtorch's operators, as on a GPU, and by the CPU's own forward pass
        let hidden = model.hidden(&ids(bases), None, &mut cache).unwrap();
        let logits = model.logits(&hidden).unwrap().squeeze_dim(0);
        let want = |what: &str| &expected[&format!("seq{i}.{what}")];
        check("hidden", "operators", &hidden.squeeze_dim(0), want("hidden"));
        check("logits", "operators", &logits, want("logits"));
        let segment = Segment { row: 0, rows: bases.len(), parent: None };
        let visit = |_, computed: ForwardPass<'_>| {
            let shape = [bases.len() as i64, -1];
            let hidden = Tensor::from_slice(computed.hidden).view(shape);
            check("hidden", "rows", &hidden, want("hidden"));
            check("logits", "rows", &model.logits(&hidden).unwrap(), want("logits"));
            let predictions = Tensor::from_slice(computed.predictions).view(shape);
            let softmax = tensor(want("logits")).log_softmax(-1, Kind::Float);
            check("predictions", "rows", &predictions, &HostTensor::of(&softmax).unwrap());
        };
        let depths = [Depth::Predictions];
        cpu.forward(&tokens(bases), &[segment], &depths, Threads::All, &mut workspace, visit)
            .unwrap();
    }
    let want = &expected["layer0.filter"];
    let filter = model.filter(0, want.shape[0] as i64).unwrap();
    let error = relative_error(&filter, want);
    println!("{case} {weights} layer0.filter error {error:.1e}");
    assert!(error <= TOLERANCE, "{case} {weights} filter: {error:e}");
}

#[test]
fn hub_flavour() {
    check("tiny-d128", "hf");
}

#[test]
fn lightning_flavour() {
    check("tiny-d128", "lightning");
}

#[test]
fn hub_flavour_of_a_checkpointed_model() {
    check("mini-checkpointed", "hf");
}

#[test]
fn lightning_flavour_with_layer_in_its_names() {
    check("mini-checkpointed", "lightning");
}

/// Right padding and other sequences in the batch leave hidden states as they are.
#[test]
fn padding_on_the_right_changes_nothing() {
    let _guard = tch::no_grad_guard();
    let path = golden("tiny-d128").join("hf");
    let named = source::load(path.to_str().unwrap(), &mut |_| {}).unwrap();
    let model = HyenaDna::new(&named.weights, Device::Cpu).unwrap();
    let mut cache = SpectrumCache::default();
    let bases = &sequences("tiny-d128")[1];
    let alone = model.hidden(&ids(bases), None, &mut cache).unwrap();
    let n = bases.len() as i64;
    let padded = ids(bases).constant_pad_nd([0, 1024 - n]);
    let batch = Tensor::cat(&[padded, ids(&sequences("tiny-d128")[0])], 0);
    let hidden = model.hidden(&batch, None, &mut cache).unwrap();
    let first = hidden.narrow(0, 0, 1).narrow(1, 0, n);
    let error = ((&first - &alone).norm() / alone.norm()).double_value(&[]);
    assert!(error <= 1e-6, "{error:e}");
}

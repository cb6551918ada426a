//! How far computed tensors are from expected ones.

use hyenadna::model::weights::host::HostTensor;
use tch::{Kind, Tensor};

pub fn tensor(host: &HostTensor) -> Tensor {
    let shape: Vec<i64> = host.shape.iter().map(|&n| n as i64).collect();
    Tensor::from_slice(&host.data).view(shape.as_slice())
}

pub fn relative_error(got: &Tensor, want: &HostTensor) -> f64 {
    let want = tensor(want).to_kind(Kind::Double);
    let got = got.to_kind(Kind::Double);
    assert_eq!(got.size(), want.size());
    ((got - &want).norm() / want.norm()).double_value(&[])
}

//! The network with causal self-attention in place of the Hyena operator, for comparison in
//! `hyenadna bench`.
//!
//! The comparison is that of the HyenaDNA paper (Nguyen et al., arXiv 2306.15794: at a million bases,
//! with 2 layers of width 128, Hyena is 160 times as fast). Positions enter by rotary embeddings (Su
//! et al., "RoFormer", arXiv 2104.09864); libtorch's `scaled_dot_product_attention` is a
//! FlashAttention on CPUs, and on GPUs for bf16: its memory grows with L, its time with L².

use tch::{Device, Kind, TchError, Tensor};

use crate::model::network::{HyenaDna, block::Block, leaves::Precision};

/// Width of a head; a narrower network has one head.
pub const HEAD_WIDTH: i64 = 64;

/// Base of the rotary frequencies.
const BASE: f64 = 10_000.0;

/// Number of heads of a network of this width; `None` if the width does not divide into equal heads
/// with pairs of channels to rotate.
pub fn heads(width: i64) -> Option<i64> {
    match width {
        ..2 => None,
        2..HEAD_WIDTH => (width % 2 == 0).then_some(1),
        _ => (width % HEAD_WIDTH == 0).then_some(width / HEAD_WIDTH),
    }
}

/// Rotations of pairs of channels by angles that grow with the position: the product of a rotated
/// query and a rotated key depends only on their distance. Channel j of a head of W is paired with
/// j + W/2, and position m rotates the pair by m·10000^(−2j/W).
#[derive(Debug)]
pub struct Rotary {
    /// (L, 1, W/2)
    cos: Tensor,
    /// (L, 1, W/2)
    sin: Tensor,
}

impl Rotary {
    /// Rotations for `length` positions and heads of `width`. The angles are f64: in fp32 those of a
    /// million positions would be off by a thirtieth.
    pub fn new(length: i64, width: i64, options: (Kind, Device)) -> Result<Self, TchError> {
        let exact = (Kind::Double, Device::Cpu);
        let positions = Tensor::f_arange(length, exact)?.f_view([length, 1, 1])?;
        let exponents = Tensor::f_arange(width / 2, exact)? * (-2.0 / width as f64);
        let angles = positions.f_mul(&(exponents * BASE.ln()).f_exp()?)?;
        let table = |t: Tensor| t.f_to_kind(options.0)?.f_to_device(options.1);
        Ok(Self { cos: table(angles.f_cos()?)?, sin: table(angles.f_sin()?)? })
    }

    /// Rotates the heads `x` (B, L, H, W), each position by its own angles.
    pub fn rotate(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let Self { cos, sin } = self;
        let half = x.size()[3] / 2;
        let (a, b) = (x.f_narrow(3, 0, half)?, x.f_narrow(3, half, half)?);
        let first = a.f_mul(cos)?.f_sub(&b.f_mul(sin)?)?;
        let second = b.f_mul(cos)?.f_add(&a.f_mul(sin)?)?;
        Tensor::f_cat(&[first, second], 3)
    }
}

/// Attention from the projected input `u` (B, L, 3·D: queries, keys, values) to the input of the
/// output projection (B, L, D). Position i depends on positions ≤ i.
pub fn attend(u: &Tensor, heads: i64, rotary: &Rotary) -> Result<Tensor, TchError> {
    let &[batch, length, channels] = u.size().as_slice() else {
        return Err(TchError::Shape("attention takes (B, L, 3·D)".into()));
    };
    let (all, width) = (3 * heads, channels / (3 * heads));
    let u = u.f_view([batch, length, all, width])?;
    let rotated = rotary.rotate(&u.f_narrow(2, 0, 2 * heads)?)?; // queries and keys
    let part = |x: &Tensor, from: i64| x.f_narrow(2, from, heads)?.f_transpose(1, 2); // (B, H, L, W)
    let (q, k, v) = (part(&rotated, 0)?, part(&rotated, heads)?, part(&u, 2 * heads)?);
    let none = None::<&Tensor>;
    let y = Tensor::f_scaled_dot_product_attention(&q, &k, &v, none, 0.0, true, None, false)?;
    y.f_transpose(1, 2)?.f_reshape([batch, length, channels / 3])
}

/// A HyenaDNA whose operators are replaced by attention. The projections around them have the
/// shapes of attention's own (D → 3·D and D → D, with bias). Embedding, norms and MLP are unchanged,
/// and the filters are unused.
#[derive(Debug)]
pub struct AttentionDna {
    /// The rest of the network.
    pub network: HyenaDna,
    heads: i64,
}

impl AttentionDna {
    /// Replaces the operators of `network`.
    ///
    /// # Errors
    /// The width does not divide into equal heads.
    pub fn new(network: HyenaDna) -> Result<Self, TchError> {
        let width = network.config.d_model;
        let unequal = || TchError::Shape(format!("a width of {width} has no equal heads"));
        Ok(Self { heads: heads(width).ok_or_else(unequal)?, network })
    }

    /// The rotations for sequences of `length`, in the type of the products.
    pub fn rotary(&self, length: i64, device: Device) -> Result<Rotary, TchError> {
        let kind = match self.network.precision {
            Precision::Fp32 | Precision::Tf32 => Kind::Float,
            Precision::Bf16 => Kind::BFloat16,
        };
        Rotary::new(length, self.network.config.d_model / self.heads, (kind, device))
    }

    /// Hidden states (B, L, D) of token ids (B, L) after the final norm; `rotary` is for length L.
    pub fn hidden(&self, ids: &Tensor, rotary: &Rotary) -> Result<Tensor, TchError> {
        let mut x = self.network.embed(ids)?;
        for block in &self.network.layers {
            x = block.transform(&self.mix(block, &x, rotary)?, self.network.precision)?;
        }
        self.network.normalize(&x)
    }

    /// The first half of a block: x + Attention(LN1(x)).
    fn mix(&self, block: &Block, x: &Tensor, rotary: &Rotary) -> Result<Tensor, TchError> {
        let precision = self.network.precision;
        let u = block.mixer.in_proj.forward(&block.norm1.forward(x)?, precision)?; // (B, L, 3D)
        let y = attend(&u, self.heads, rotary)?;
        x.f_add(&block.mixer.out_proj.forward(&y, precision)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{testing::Normal, weights::Weights},
        training::config::Model,
    };

    const F64: (Kind, Device) = (Kind::Double, Device::Cpu);

    fn largest(x: &Tensor) -> f64 {
        x.abs().max().double_value(&[])
    }

    /// A network of two heads with random weights.
    fn network(layers: i64) -> AttentionDna {
        let model = Model { layers, width: 128, context: 64, ..Model::default() };
        let weights = Weights::initial(&model.architecture(), 1);
        AttentionDna::new(HyenaDna::new(&weights, Device::Cpu).unwrap()).unwrap()
    }

    #[test]
    fn heads_are_equal_and_even() {
        let found: Vec<Option<i64>> = [0, 1, 2, 32, 33, 64, 96, 128].map(heads).into();
        assert_eq!(found, [None, None, Some(1), Some(1), None, Some(1), None, Some(2)]);
    }

    /// The product of a query at m and a key at n depends on m − n, and on nothing else.
    #[test]
    fn rotated_products_depend_on_the_distance() {
        let (length, width) = (40, 64);
        let rotary = Rotary::new(length, width, F64).unwrap();
        let [q, k] = [1, 2].map(|seed| Normal::new(seed).tensor(&[width], Kind::Double));
        // the same vector at every position
        let rotated = |x: &Tensor| {
            let everywhere = x.view([1, 1, 1, width]).expand([1, length, 1, width], false);
            rotary.rotate(&everywhere).unwrap().view([length, width])
        };
        let products = rotated(&q).matmul(&rotated(&k).tr());
        let at = |m: i64, n: i64| products.double_value(&[m, n]);
        assert!((at(0, 0) - q.dot(&k).double_value(&[])).abs() < 1e-12);
        for distance in 0..length {
            for n in 0..length - distance {
                assert!((at(n + distance, n) - at(distance, 0)).abs() < 1e-11);
                assert!((at(n, n + distance) - at(0, distance)).abs() < 1e-11);
            }
        }
        assert!((at(1, 0) - at(0, 1)).abs() > 1e-3, "the direction counts");
        let norms = rotated(&q).square().sum_dim_intlist(1, false, None::<Kind>);
        assert!(largest(&(norms - q.square().sum(Kind::Double))) < 1e-11);
    }

    #[test]
    fn equals_the_softmax_of_products() {
        let (batch, length, heads, width) = (2, 13, 2, 8);
        let u = Normal::new(2).tensor(&[batch, length, 3 * heads * width], Kind::Double);
        let rotary = Rotary::new(length, width, F64).unwrap();
        let got = attend(&u, heads, &rotary).unwrap();
        let part = |i: i64| u.narrow(2, i * heads * width, heads * width);
        let split = |x: &Tensor| x.reshape([batch, length, heads, width]);
        let future = Tensor::ones([length, length], (Kind::Bool, Device::Cpu)).triu(1);
        let [q, k] = [0, 1].map(|i| rotary.rotate(&split(&part(i))).unwrap().transpose(1, 2));
        let v = split(&part(2)).transpose(1, 2);
        let scores = q.matmul(&k.transpose(2, 3)) / (width as f64).sqrt();
        let weights = scores.masked_fill(&future, f64::NEG_INFINITY).softmax(-1, Kind::Double);
        let want = weights.matmul(&v).transpose(1, 2).reshape([batch, length, heads * width]);
        assert!(largest(&(got - want)) < 1e-12);
    }

    #[test]
    fn what_follows_changes_nothing() {
        let network = network(2);
        let ids = |last: i64| Tensor::from_slice(&[7, 8, 9, 10, 7, 7, last]).view([1, 7]);
        let rotary = network.rotary(7, Device::Cpu).unwrap();
        let [a, b] = [8, 9].map(|last| network.hidden(&ids(last), &rotary).unwrap());
        assert_eq!(a.size(), [1, 7, 128]);
        let change = (a - b).abs();
        assert!(largest(&change.narrow(1, 0, 6)) < 1e-6);
        assert!(largest(&change.narrow(1, 6, 1)) > 1e-3);
    }

    /// One layer without positions would see the bases before the last as a set.
    #[test]
    fn the_order_counts() {
        let network = network(1);
        let rotary = network.rotary(5, Device::Cpu).unwrap();
        let last = |bases: [i64; 5]| {
            let ids = Tensor::from_slice(&bases).view([1, 5]);
            network.hidden(&ids, &rotary).unwrap().narrow(1, 4, 1)
        };
        assert!(largest(&(last([7, 8, 9, 10, 7]) - last([10, 9, 8, 7, 7]))) > 1e-5);
    }

    /// libtorch's choice, or the memory would grow with the square of the length.
    #[test]
    fn attention_on_a_cpu_is_flash_attention() {
        for kind in [Kind::Float, Kind::BFloat16] {
            let x = Normal::new(1).tensor(&[1, 2, 32, 64], kind).set_requires_grad(true);
            let none = None::<&Tensor>;
            let choice =
                Tensor::f_internal_fused_sdp_choice(&x, &x, &x, none, 0.0, true, None, false);
            assert_eq!(choice.unwrap(), 1, "{kind:?}");
        }
    }
}

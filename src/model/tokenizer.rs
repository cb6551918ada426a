//! One token a base: the vocabulary of HyenaDNA.
//!
//! Bare bases are fed, without `[CLS]` and `[SEP]`, as in pretraining. The vocabulary is
//! `[CLS] [SEP] [BOS] [MASK] [PAD] [RESERVED] [UNK] A C G T N` = 0…11, padded to 16 rows in the
//! weights.

/// Names of the tokens.
pub const TOKENS: [&str; VOCABULARY] =
    ["[CLS]", "[SEP]", "[BOS]", "[MASK]", "[PAD]", "[RESERVED]", "[UNK]", "A", "C", "G", "T", "N"];
/// `[PAD]`, which fills batches on the right; the model is causal, so it changes nothing before it.
pub const PAD: u8 = 4;
/// `[SEP]`, which ends a sequence where several follow each other.
pub const SEP: u8 = 1;
/// Byte that stands for `[SEP]` among bases; normalised bases never have it.
pub const SEPARATOR: u8 = b'|';
/// Token of `A`; `C`, `G` and `T` follow.
pub const A: u8 = 7;
/// Token of `T`, the last of the four bases.
pub const T: u8 = 10;
/// Token of `N`.
pub const N: u8 = 11;
/// Number of tokens; the rows of the embedding after them have no token.
pub const VOCABULARY: usize = 12;

/// Input that stands for `N`. The released models never saw token 11, and the first public data
/// loader replaced `N` by `[PAD]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NToken {
    /// Token 11.
    #[default]
    N,
    /// Token 4, `[PAD]`.
    Pad,
    /// Token 11 with a vector of zeros in place of its row of the embedding.
    Zero,
}

impl NToken {
    /// The name on the command line and in provenance.
    pub fn name(self) -> &'static str {
        match self {
            Self::N => "n",
            Self::Pad => "pad",
            Self::Zero => "zero",
        }
    }
}

/// Maps normalised bases to token ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tokenizer {
    n_token: NToken,
}

impl Tokenizer {
    /// A tokenizer that feeds `N` as `n_token` says.
    pub fn new(n_token: NToken) -> Self {
        Self { n_token }
    }

    /// The input that stands for `N`.
    pub fn n_token(&self) -> NToken {
        self.n_token
    }

    /// The token of one normalised base (`A C G T`, anything else is `N`), or of [`SEPARATOR`].
    pub fn token(&self, base: u8) -> u8 {
        match base {
            SEPARATOR => SEP,
            b'A' => A,
            b'C' => A + 1,
            b'G' => A + 2,
            b'T' => T,
            _ => match self.n_token {
                NToken::N | NToken::Zero => N,
                NToken::Pad => PAD,
            },
        }
    }
}

/// True for what is ever predicted: A, C, G and T.
pub fn is_predicted(base: u8) -> bool {
    matches!(base, b'A' | b'C' | b'G' | b'T')
}

/// log P of a base in a row of predictions of all tokens; `None` for what is never predicted.
pub fn log_probability(row: &[f32], base: u8) -> Option<f64> {
    let token = Tokenizer::default().token(base);
    is_predicted(base).then(|| f64::from(row[usize::from(token)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_bases_and_every_kind_of_n() {
        assert_eq!(b"ACGTN".map(|base| Tokenizer::default().token(base)), [7, 8, 9, 10, 11]);
        assert_eq!(b"A|".map(|base| Tokenizer::default().token(base)), [7, 1]);
        assert_eq!(b"NA".map(|base| Tokenizer::new(NToken::Pad).token(base)), [4, 7]);
        assert_eq!(b"NA".map(|base| Tokenizer::new(NToken::Zero).token(base)), [11, 7]);
    }

    #[test]
    fn only_bases_are_predicted() {
        let row: Vec<f32> = (0..16).map(|i| -(i as f32)).collect();
        assert_eq!(
            b"ACGT".map(|base| log_probability(&row, base)),
            [-7.0, -8.0, -9.0, -10.0].map(Some)
        );
        assert_eq!(log_probability(&row, b'N'), None);
    }
}

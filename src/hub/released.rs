//! Table of the checkpoints released by the authors of HyenaDNA.

/// The organisation on the Hugging Face Hub that holds every released checkpoint.
pub const ORGANISATION: &str = "LongSafari";

/// One released checkpoint. It exists twice on the Hub: `LongSafari/<name>` (`config.json` and
/// Lightning `weights.ckpt`) and `LongSafari/<name>-hf` (`config.json` and `model.safetensors`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// Name without organisation and without the `-hf` of the safetensors flavour.
    pub name: &'static str,
    /// Width of the residual stream, in channels.
    pub d_model: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Length that the filters were made for, in tokens.
    pub l_max: usize,
    /// Number of trained parameters: the tied head counts once, the stored `z`, `t` and `deltas`
    /// not at all.
    pub parameters: u64,
    /// SHA-256 of `model.safetensors` in `LongSafari/<name>-hf`, in hexadecimal; `None` where it is not
    /// known.
    pub sha256: Option<&'static str>,
}

impl Released {
    /// Context in bases: `l_max` less the two tokens that training reserved.
    pub const fn context(&self) -> usize {
        self.l_max - 2
    }

    const fn pinned(mut self, sha256: &'static str) -> Self {
        self.sha256 = Some(sha256);
        self
    }
}

/// All seven released checkpoints, from the shortest context to the longest. The shapes are those
/// of the published tensors, not of the `config.json` files, one of which was once wrong.
pub const RELEASED: [Released; 7] = [
    released("hyenadna-tiny-1k-seqlen", 128, 2, 1_026, 436_096)
        .pinned("5ce2146c21e9c4baa6bddc4998fd3d029903ae84a563bf80218644082194a12d"),
    released("hyenadna-tiny-1k-seqlen-d256", 256, 2, 1_026, 1_641_088)
        .pinned("81c15c4042d5fae646f00b429b76c65644cdbe88aa7e98b61aa781c84ff09031"),
    released("hyenadna-tiny-16k-seqlen-d128", 128, 2, 16_386, 436_096)
        .pinned("9b30dba3d2d801c305d96cc4ac6229f1d6ce61567871e0b58754633ad764bca8"),
    released("hyenadna-small-32k-seqlen", 256, 4, 32_770, 3_277_568)
        .pinned("b7a1c9479248edf27691b189bb6657256f1705e560cadc64d6431633932cafa1"),
    released("hyenadna-medium-160k-seqlen", 256, 8, 160_002, 6_550_528)
        .pinned("16685b36caf5d144da391f1b540ed47e89d79b3efd38899325492f174b8e852a"),
    released("hyenadna-medium-450k-seqlen", 256, 8, 450_002, 6_550_528),
    released("hyenadna-large-1m-seqlen", 256, 8, 1_000_002, 6_550_528)
        .pinned("deafb53209bfafb314d14bd81108546a34d473c07ed7ab7a355674376b56ad12"),
];

const fn released(
    name: &'static str,
    d_model: usize,
    layers: usize,
    l_max: usize,
    parameters: u64,
) -> Released {
    Released { name, d_model, layers, l_max, parameters, sha256: None }
}

/// Finds a released checkpoint by name, in either flavour: a leading `LongSafari/` and a trailing
/// `-hf` are ignored.
pub fn find(name: &str) -> Option<&'static Released> {
    let bare =
        name.strip_prefix(ORGANISATION).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    let bare = bare.strip_suffix("-hf").unwrap_or(bare);
    RELEASED.iter().find(|released| released.name == bare)
}

/// Names of the released checkpoints, separated by commas, for error messages.
pub fn names() -> String {
    RELEASED.map(|released| released.name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn find_ignores_organisation_and_flavour() {
        for name in [
            "hyenadna-small-32k-seqlen",
            "hyenadna-small-32k-seqlen-hf",
            "LongSafari/hyenadna-small-32k-seqlen",
            "LongSafari/hyenadna-small-32k-seqlen-hf",
        ] {
            assert_eq!(find(name).map(Released::context), Some(32_768), "{name}");
        }
        assert_eq!(find("someone/hyenadna-small-32k-seqlen"), None);
        assert_eq!(find("LongSafarihyenadna-small-32k-seqlen"), None);
        assert_eq!(find("hyenadna-huge"), None);
    }

    #[test]
    fn pins_are_hashes() {
        let pins: Vec<&str> = RELEASED.iter().filter_map(|model| model.sha256).collect();
        assert_eq!(pins.len(), 6, "that of medium-450k is not known");
        for (place, pin) in pins.iter().enumerate() {
            let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            assert!(pin.len() == 64 && pin.chars().all(is_digit), "{pin}");
            assert!(!pins[..place].contains(pin), "{pin}");
        }
    }

    /// Computes the parameters from the shapes, to check the table.
    #[test]
    fn parameter_counts_follow_from_the_shapes() {
        for model in &RELEASED {
            let d = model.d_model as u64;
            let linear = |inputs: u64, outputs: u64| inputs * outputs + outputs;
            let filter_mlp = linear(5, 64) + 2 * linear(64, 64) + 64 + 64 * d;
            let mixer = linear(d, 3 * d) + linear(d, d) + (3 * d * 3 + 3 * d) + d + filter_mlp;
            let block = mixer + linear(d, 4 * d) + linear(4 * d, d) + 2 * 2 * d;
            let total = 16 * d + model.layers as u64 * block + 2 * d;
            assert_eq!(model.parameters, total, "{}", model.name);
        }
    }
}

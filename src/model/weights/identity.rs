//! Identity of a model: a hash of all that its results depend on.

use sha2::{Digest, Sha256};
use tch::TchError;

use super::{Weights, buffers, names};
use crate::formats::number::hex;

/// SHA-256, in hexadecimal, of the weights and of the settings of `config.json` that results depend
/// on: length, ε of the norms and shift.
///
/// Two files have the same identity if they give the same results: a checkpoint and the folder that
/// `models convert` makes of it, a tied head that is stored or not, a type of 16 bits or the same
/// numbers in 32. Buffers count only if recomputing them gives other values.
///
/// # Errors
/// libtorch fails.
pub fn identity(weights: &Weights) -> Result<String, TchError> {
    let [regenerable, _] = buffers::stored(weights)?;
    let tied = weights.untied_head().is_none();
    let config = &weights.config;
    let mut hash = Sha256::new();
    hash.update(config.l_max.to_le_bytes());
    for number in [config.layer_norm_epsilon, config.shift] {
        hash.update((number + 0.0).to_le_bytes()); // −0 counts as 0
    }
    for (name, tensor) in &weights.tensors {
        if regenerable.contains(name) || (tied && name == names::HEAD) {
            continue;
        }
        let numbers = [name.len(), tensor.shape.len()];
        for number in numbers.iter().chain(&tensor.shape) {
            hash.update((*number as u64).to_le_bytes());
        }
        hash.update(name);
        let bytes: Vec<u8> = tensor.data.iter().flat_map(|x| x.to_le_bytes()).collect();
        hash.update(bytes);
    }
    Ok(hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::weights::{host::HostTensor, source};

    fn builtin() -> Weights {
        source::builtin().unwrap().weights
    }

    #[test]
    fn every_setting_and_weight_counts() {
        let original = identity(&builtin()).unwrap();
        let changes: [fn(&mut Weights); 5] = [
            |weights| weights.config.shift = 0.0,
            |weights| weights.config.layer_norm_epsilon = 1e-6,
            |weights| weights.config.l_max += 1,
            |weights| weights.tensors.get_mut(names::EMBEDDING).unwrap().data[11 * 128] += 1e-6,
            |weights| {
                let shape = vec![1, 1, 128];
                let deltas = HostTensor { data: vec![-1.0; 128], shape };
                let name = "backbone.layers.1.mixer.filter_fn.modulation.deltas";
                weights.tensors.insert(name.to_owned(), deltas);
            },
        ];
        let mut seen = vec![original];
        for change in changes {
            let mut changed = builtin();
            change(&mut changed);
            let changed = identity(&changed).unwrap();
            assert!(!seen.contains(&changed));
            seen.push(changed);
        }
    }

    #[test]
    fn the_way_of_storing_does_not_count() {
        let mut stored = builtin();
        let original = identity(&stored).unwrap();
        stored.config.activation_freq = 1.0; // only for training from scratch
        buffers::add_missing(&mut stored).unwrap();
        let deltas = "backbone.layers.1.mixer.filter_fn.modulation.deltas";
        stored.tensors.get_mut(deltas).unwrap().data[3] += 4e-7;
        assert_eq!(identity(&stored).unwrap(), original);
        assert!(stored.tensors.remove(names::HEAD).is_some());
        assert_eq!(identity(&stored).unwrap(), original);
        assert_eq!(buffers::drop_regenerable(&mut stored).unwrap().len(), 0);
        assert!(!stored.tensors.contains_key(deltas));
    }
}

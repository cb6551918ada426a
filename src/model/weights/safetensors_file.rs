//! Weights in the safetensors format, the Hub's.

use std::{collections::BTreeMap, path::Path};

use safetensors::{
    Dtype, SafeTensors,
    tensor::{TensorView, serialize},
};

use super::{WeightsError, host::HostTensor};

/// The tensors of a safetensors file in memory, as f32. `path` is for messages.
///
/// # Errors
/// A damaged file, or a tensor that is not of floats.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, HostTensor>, WeightsError> {
    let refuse = |reason: String| WeightsError::Safetensors { path: path.to_owned(), reason };
    let file = SafeTensors::deserialize(bytes).map_err(|e| refuse(e.to_string()))?;
    file.iter()
        .map(|(name, view)| {
            let data = floats(&view).ok_or_else(|| {
                refuse(format!("tensor {name} has type {:?}, expected a float type", view.dtype()))
            })?;
            Ok((name.to_owned(), HostTensor { shape: view.shape().to_vec(), data }))
        })
        .collect()
}

/// Writes tensors as f32 in the Hub layout.
pub fn write(path: &Path, tensors: &BTreeMap<String, HostTensor>) -> Result<(), WeightsError> {
    let refuse = |reason: String| WeightsError::Safetensors { path: path.to_owned(), reason };
    let bytes: Vec<(&String, Vec<u8>)> = tensors
        .iter()
        .map(|(name, t)| (name, t.data.iter().flat_map(|x| x.to_le_bytes()).collect()))
        .collect();
    let views = bytes
        .iter()
        .map(|(name, data)| {
            let shape = tensors[*name].shape.clone();
            TensorView::new(Dtype::F32, shape, data).map(|view| (*name, view))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| refuse(e.to_string()))?;
    let metadata = [("format".to_owned(), "pt".to_owned())].into();
    let bytes = serialize(views, Some(metadata)).map_err(|e| refuse(e.to_string()))?;
    std::fs::write(path, bytes)
        .map_err(|source| WeightsError::Write { path: path.to_owned(), source })
}

fn floats(view: &TensorView<'_>) -> Option<Vec<f32>> {
    let data = view.data();
    Some(match view.dtype() {
        Dtype::F32 => {
            data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
        }
        Dtype::F64 => data
            .chunks_exact(8)
            .map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32)
            .collect(),
        Dtype::BF16 => {
            data.chunks_exact(2).map(|b| half::bf16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
        }
        Dtype::F16 => {
            data.chunks_exact(2).map(|b| half::f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.safetensors");
        let tensor = HostTensor { shape: vec![2, 1], data: vec![1.5, -2.0] };
        let tensors = BTreeMap::from([("a".to_owned(), tensor)]);
        write(&path, &tensors).unwrap();
        assert_eq!(parse(&path, &std::fs::read(&path).unwrap()).unwrap(), tensors);
    }

    #[test]
    fn half_precision_is_widened() {
        let bytes: Vec<u8> = [half::bf16::from_f32(0.5), half::bf16::from_f32(-3.0)]
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        let view = TensorView::new(Dtype::BF16, vec![2], &bytes).unwrap();
        assert_eq!(floats(&view).unwrap(), [0.5, -3.0]);
        let view = TensorView::new(Dtype::F16, vec![1], &[0, 0x3c]).unwrap();
        assert_eq!(floats(&view).unwrap(), [1.0]);
    }

    #[test]
    fn damage_and_integers_are_refused() {
        assert!(parse(Path::new("x"), b"junk").is_err());
        let view = TensorView::new(Dtype::I64, vec![1], &[0; 8]).unwrap();
        let bytes = safetensors::serialize([("n", view)], None).unwrap();
        let error = parse(Path::new("x.safetensors"), &bytes).unwrap_err().to_string();
        assert!(error.contains("tensor n has type I64"), "{error}");
    }
}

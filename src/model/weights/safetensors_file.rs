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
    let file = SafeTensors::deserialize(bytes).map_err(|error| {
        refuse(match claimed_length(bytes) {
            Some(length) if length > bytes.len() as u64 => {
                format!("it is truncated: {} bytes of {length}", bytes.len())
            }
            _ => error.to_string(),
        })
    })?;
    file.iter()
        .map(|(name, view)| {
            let data = floats(&view).ok_or_else(|| {
                refuse(format!("tensor {name} has type {:?}, expected a float type", view.dtype()))
            })?;
            Ok((name.to_owned(), HostTensor { shape: view.shape().to_vec(), data }))
        })
        .collect()
}

/// Longest header that a file may have, in bytes.
const LONGEST_HEADER: u64 = 100_000_000;

/// Length of a file in bytes according to its first bytes: the length of the header, the header,
/// and the end of the last tensor in it. `None` if they are not those of a safetensors file.
fn claimed_length(bytes: &[u8]) -> Option<u64> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let length = u64::from_le_bytes(*length);
    if length > LONGEST_HEADER || !rest.starts_with(b"{") {
        return None;
    }
    let Some(header) = rest.get(..length as usize) else { return Some(8 + length) };
    let header: serde_json::Value = serde_json::from_slice(header).ok()?;
    let end = |tensor: &serde_json::Value| tensor.get("data_offsets")?.get(1)?.as_u64();
    let data = header.as_object()?.values().filter_map(end).max().unwrap_or(0);
    data.checked_add(8 + length)
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
    fn truncation_is_named() {
        let view = TensorView::new(Dtype::F32, vec![1], &[0; 4]).unwrap();
        let bytes = safetensors::serialize([("n", view)], None).unwrap();
        for length in [9, bytes.len() / 2, bytes.len() - 1] {
            let error = parse(Path::new("x"), &bytes[..length]).unwrap_err().to_string();
            assert!(error.contains("truncated"), "{length}: {error}");
        }
        let error = parse(Path::new("x"), &[&bytes[..], b"x"].concat()).unwrap_err().to_string();
        assert!(!error.contains("truncated"), "{error}");
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

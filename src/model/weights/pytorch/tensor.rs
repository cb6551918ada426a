//! Understands the calls that rebuild a tensor, and checks that it lies within its storage.
//!
//! As in `torch/_utils.py`: `_rebuild_tensor_v2(storage, offset, size, stride,
//! requires_grad, hooks[, metadata])` and `_rebuild_parameter(tensor, requires_grad, hooks)`.

use super::{
    elements::Element,
    error::TensorError,
    pickle::{Node, Pickle, Value, shown},
    view::{Storage, View},
};

/// Most axes of a tensor; PyTorch itself stops at 64, models at 5 or so.
const MAX_AXES: usize = 16;

/// The tensor that a value of the pickle stands for.
pub fn view<'a>(pickle: &Pickle<'a>, value: Value<'a>) -> Result<View<'a>, TensorError> {
    let not_a_tensor = || TensorError::NotATensor(pickle.describe(value));
    let (function, mut args) = torch_call(pickle, value).ok_or_else(not_a_tensor)?;
    if function == "_rebuild_parameter" {
        let inner = args.first().and_then(|&inner| torch_call(pickle, inner));
        args = match inner {
            Some(("_rebuild_tensor_v2", args)) => args,
            _ => return Err(not_a_tensor()),
        };
    }
    let &[storage, offset, shape, stride, _grad, _hooks, ref metadata @ ..] = args else {
        return Err(TensorError::Part {
            part: "call of _rebuild_tensor_v2",
            found: format!("one with {} arguments", args.len()),
            expected: "6 or 7 arguments",
        });
    };
    if let Some(&metadata) = metadata.first() {
        check_metadata(pickle, metadata)?;
    }
    View::new(
        storage_of(pickle, storage)?,
        count(pickle, offset, "offset")?,
        counts(pickle, shape, "shape")?,
        counts(pickle, stride, "strides")?,
    )
}

/// The function's name and arguments if the value is a call into `torch._utils` which
/// rebuilds a tensor or a parameter.
fn torch_call<'p, 'a>(
    pickle: &'p Pickle<'a>,
    value: Value<'a>,
) -> Option<(&'a str, &'p [Value<'a>])> {
    let Node::Call { function, args } = *pickle.node(value)? else {
        return None;
    };
    match *pickle.node(function)? {
        Node::Global {
            module: "torch._utils",
            name: name @ ("_rebuild_tensor_v2" | "_rebuild_parameter"),
        } => Some((name, pickle.tuple(args)?)),
        _ => None,
    }
}

/// `('storage', torch.FloatStorage, key, location, number of elements)`
fn storage_of<'a>(pickle: &Pickle<'a>, value: Value<'a>) -> Result<Storage<'a>, TensorError> {
    let part = |found| TensorError::Part {
        part: "storage",
        found,
        expected: "a storage of torch.save, of a float, half, bfloat16, integer or bool type",
    };
    let Some(&Node::Persistent(id)) = pickle.node(value) else {
        return Err(part(pickle.describe(value)));
    };
    let Some(&[Value::Text("storage"), class, Value::Text(key), _, len]) = pickle.tuple(id) else {
        return Err(part(format!("bare, with the id {}", pickle.describe(id))));
    };
    let element = match pickle.node(class) {
        Some(Node::Global { module: "torch", name }) => Element::of_storage(name),
        _ => None,
    };
    Ok(Storage {
        key,
        element: element.ok_or_else(|| part(pickle.describe(class)))?,
        len: count(pickle, len, "storage's size")?,
    })
}

fn count<'a>(
    pickle: &Pickle<'a>,
    value: Value<'a>,
    part: &'static str,
) -> Result<usize, TensorError> {
    let number = match value {
        Value::Int(number) => usize::try_from(number).ok(),
        _ => None,
    };
    number.ok_or_else(|| TensorError::Part {
        part,
        found: pickle.describe(value),
        expected: "a number that is not negative",
    })
}

fn counts<'a>(
    pickle: &Pickle<'a>,
    value: Value<'a>,
    part: &'static str,
) -> Result<Vec<usize>, TensorError> {
    match pickle.tuple(value) {
        Some(axes) if axes.len() <= MAX_AXES => {
            axes.iter().map(|&axis| count(pickle, axis, part)).collect()
        }
        _ => Err(TensorError::Part {
            part,
            found: pickle.describe(value),
            expected: "a tuple of at most 16 numbers",
        }),
    }
}

/// The metadata may say that all values are to be negated: no state_dict has been seen with
/// it, and to pass over it would turn the signs of the weights.
fn check_metadata<'a>(pickle: &Pickle<'a>, value: Value<'a>) -> Result<(), TensorError> {
    match (value, pickle.node(value)) {
        (Value::Other("NoneType"), _) => Ok(()),
        (_, Some(Node::Dict(items))) if items.is_empty() => Ok(()),
        _ => Err(TensorError::Part {
            part: "metadata",
            found: shown(&pickle.describe(value)),
            expected: "none, as this program does not apply any",
        }),
    }
}

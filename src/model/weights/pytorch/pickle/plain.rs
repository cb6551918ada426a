//! Names that plain weights are made of: those that `torch.load(weights_only=True)` accepts.

/// True if a name is one of a tensor, of its parts, or of plain data.
pub fn is_plain(module: &str, name: &str) -> bool {
    match module {
        "torch" => is_of_torch(name),
        "torch._utils" => REBUILD.contains(&name),
        "torch.storage" => matches!(name, "TypedStorage" | "UntypedStorage"),
        "torch.nn.parameter" => name == "Parameter",
        "collections" => matches!(name, "Counter" | "OrderedDict" | "defaultdict"),
        "_codecs" => name == "encode",
        "builtins" | "__builtin__" => is_builtin_type(name),
        _ => false,
    }
}

/// The functions that rebuild tensors.
const REBUILD: &[&str] = &[
    "_rebuild_parameter",
    "_rebuild_parameter_with_state",
    "_rebuild_tensor",
    "_rebuild_tensor_v2",
];

/// Names of PyTorch itself that are data: types, storages, shapes, devices.
fn is_of_torch(name: &str) -> bool {
    const TYPES: &[&str] = &[
        "Size",
        "Tensor",
        "bfloat16",
        "bool",
        "complex128",
        "complex64",
        "device",
        "double",
        "dtype",
        "float",
        "float16",
        "float32",
        "float64",
        "half",
        "int",
        "int16",
        "int32",
        "int64",
        "int8",
        "long",
        "short",
        "uint8",
    ];
    TYPES.contains(&name) || name.strip_suffix("Storage").is_some_and(|kind| !kind.contains('.'))
}

/// The built-in types that plain data is made of; every other built-in is refused.
const PLAIN: &[&str] = &[
    "Ellipsis",
    "NoneType",
    "bool",
    "bytearray",
    "bytes",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "long",
    "object",
    "range",
    "set",
    "slice",
    "str",
    "tuple",
    "type",
    "unicode",
    "xrange",
];

/// True if a name is that of a built-in type of plain data.
pub fn is_builtin_type(name: &str) -> bool {
    PLAIN.contains(&name)
}

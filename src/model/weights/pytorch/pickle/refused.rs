//! Calls that mark a file as an attack.
//!
//! Nothing is ever called, so this list is not needed for safety here: it warns a user
//! that the file would run commands in a program which does call. Classes of libraries
//! (omegaconf, Lightning, optimizers, numpy, `argparse.Namespace`, …) are simply unknown;
//! `models info` lists all that [`plain`] does not know.

use super::plain;

/// Modules whose functions run commands or code, open files or connections, or reach
/// others that do; without a leading underscore (`_pickle`, `_io`).
const MODULES: &[&str] = &[
    "asyncio",
    "bdb",
    "cPickle",
    "cffi",
    "cloudpickle",
    "codeop",
    "ctypes",
    "dill",
    "ftplib",
    "functools",
    "http",
    "imp",
    "importlib",
    "joblib",
    "marshal",
    "multiprocessing",
    "nt",
    "operator",
    "os",
    "pdb",
    "pickle",
    "pip",
    "pkgutil",
    "popen2",
    "posix",
    "posixsubprocess",
    "pty",
    "pydoc",
    "requests",
    "runpy",
    "shutil",
    "smtplib",
    "socket",
    "subprocess",
    "sys",
    "threading",
    "timeit",
    "urllib",
    "webbrowser",
    "zipimport",
];

/// Modules of the same kind whose names are those of parts of harmless modules too: refused only as they are
/// written here, with all below them.
const WHOLE_MODULES: &[&str] =
    &["code", "commands", "distutils", "torch.hub", "torch.utils.cpp_extension", "xmlrpc"];

/// Functions that are refused in any module.
const FUNCTIONS: &[&str] = &[
    "CodeType",
    "FunctionType",
    "__import__",
    "eval",
    "exec",
    "execfile",
    "getattr",
    "open",
    "popen",
    "runstring",
    "setattr",
    "system",
];

/// True if no weights file needs to call this function.
pub fn is_refused(module: &str, name: &str) -> bool {
    if matches!(module, "builtins" | "__builtin__") {
        return !plain::is_builtin_type(name) && !is_exception(name);
    }
    let full = format!("{module}.{name}");
    let below = |whole: &str| full.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
    if WHOLE_MODULES.iter().any(|whole| below(whole)) {
        return true;
    }
    // Names may have dots too: `torch.serialization` has an attribute `os.system`.
    let parts = || module.split('.').chain(name.split('.'));
    parts().any(|part| MODULES.contains(&part.trim_start_matches('_')))
        || parts().any(|part| FUNCTIONS.contains(&part) || part == "builtins")
}

/// Exceptions are data: a Lightning checkpoint may keep the one that ended the training.
fn is_exception(name: &str) -> bool {
    !name.contains('.') && (name.ends_with("Error") || name == "KeyboardInterrupt")
}

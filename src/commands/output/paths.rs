//! Paths of inputs and outputs that must not be the same file.

use std::{
    fs,
    path::{self, Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::{
    cli::model::ModelArgs,
    formats::{
        input::is_dash,
        output::{folder::parent, is_special_path, target_of},
        reference::index::beside,
    },
    process::exit::Usage,
};

/// True if two paths lead to the same file, which need not exist.
pub fn is_same(one: &Path, other: &Path) -> bool {
    one == other || real(one) == real(other)
}

/// The path without links. A file that does not exist yet is resolved by its folder.
pub fn real(path: &Path) -> PathBuf {
    let target = target_of(path);
    let there = fs::canonicalize(&target).ok();
    let new = || Some(fs::canonicalize(parent(&target)).ok()?.join(target.file_name()?));
    let absolute = || path::absolute(&target).unwrap_or(target.clone());
    there.or_else(new).unwrap_or_else(absolute)
}

/// Refuses an output that is the same file as another one, or as an input. Each output has the name
/// of its option.
///
/// # Errors
/// Two of them are the same file.
pub fn apart(outputs: &[(&str, &Path)], inputs: &[&Path]) -> Result<()> {
    for (number, &(name, path)) in outputs.iter().enumerate() {
        for &(other, its) in &outputs[..number] {
            if is_dash(path) && is_dash(its) {
                bail!(Usage(format!("{other} and {name} cannot both go to stdout; name a file")));
            }
            if is_same(path, its) {
                bail!(Usage(format!("{other} and {name} are the same file; give each its own")));
            }
        }
        // a terminal may be both
        if is_dash(path) || is_special_path(path) {
            continue;
        }
        let named = inputs.iter().filter(|input| !is_dash(input));
        for input in named {
            if is_same(input, path) {
                bail!(Usage(format!(
                    "{name} {} is the same file as the input {}, which it would overwrite; give it another name",
                    path.display(),
                    input.display()
                )));
            }
            if INDEXES.iter().any(|suffix| is_same(&beside(input, suffix), path)) {
                bail!(Usage(format!(
                    "{name} {} has the name of the index of the input {}; give it another name",
                    path.display(),
                    input.display()
                )));
            }
        }
    }
    Ok(())
}

/// Suffixes of the indexes of inputs.
const INDEXES: [&str; 4] = [".fai", ".gzi", ".tbi", ".csi"];

/// Refuses an output that is a file of a model.
///
/// # Errors
/// One is.
pub fn apart_from(model: &ModelArgs, outputs: &[(&str, &Path)]) -> Result<()> {
    let files = model.files();
    for (name, path) in outputs.iter().filter(|(_, path)| !is_dash(path)) {
        if files.iter().any(|file| is_same(file, path)) {
            bail!(Usage(format!(
                "{name} {} is a file of the model, which it would overwrite; give it another name",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Refuses more than one input from stdin.
///
/// # Errors
/// There is more than one.
pub fn one_stdin(inputs: &[&Path]) -> Result<()> {
    if inputs.iter().filter(|path| is_dash(path)).count() > 1 {
        bail!(Usage("only one input can be stdin; give the others as files".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("real")).unwrap();
        fs::write(path("real/old"), "old").unwrap();
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, path(name)).unwrap();
        link("real", "folder");
        link("real/old", "link");
        link("real/new", "dangling");
        for (one, other) in [
            ("real/old", "folder/old"),
            ("real/old", "link"),
            ("real/new", "folder/new"),
            ("real/new", "dangling"),
            ("none/new", "none/./new"),
        ] {
            assert!(is_same(&path(one), &path(other)), "{one} {other}");
        }
        assert!(!is_same(&path("real/old"), &path("real/new")));
    }

    #[test]
    fn streams_are_distinguished() {
        let [dash, null] = ["-", "/dev/null"].map(Path::new);
        assert!(apart(&[("-o", dash)], &[dash]).is_ok());
        assert!(apart(&[("-o", null)], &[null]).is_ok());
        assert!(apart(&[("-o", dash), ("--matrix", dash)], &[]).is_err());
        assert!(one_stdin(&[dash, null]).is_ok() && one_stdin(&[dash, null, dash]).is_err());
    }
}

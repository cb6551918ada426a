//! Pictures, each as SVG and PNG, whose names have the same start.

use std::{
    ffi::OsString,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use super::paths::real;
use crate::{
    formats::output::{
        Complete, Output, OutputError, complete_file, folder::parent, is_special_path,
    },
    plot::{png, scene::Chart, svg},
    process::exit::Usage,
};

/// The formats of a picture.
const KINDS: [&str; 2] = ["svg", "png"];

/// The start of the names of pictures: the value of `--plot`.
#[derive(Debug)]
pub struct Prefix(PathBuf);

impl Prefix {
    /// The start of the names of pictures, one of which is called `example`.
    ///
    /// # Errors
    /// It is a folder, or files cannot be written there.
    pub fn new(path: &Path, example: &str) -> Result<Self> {
        if path.as_os_str().as_bytes().ends_with(b"/") || path.file_name().is_none() {
            bail!(Usage(format!(
                "--plot {}: this is a folder, but pictures need the start of a name too, such as {}",
                path.display(),
                path.join("plot").display()
            )));
        }
        let prefix = Self(path.to_owned());
        for path in prefix.paths(example).iter().filter(|path| !is_special_path(path)) {
            Output::create(path)?; // dropped at once
        }
        Ok(prefix)
    }

    /// `PREFIX.NAME.svg` and `PREFIX.NAME.png`.
    pub fn paths(&self, name: &str) -> [PathBuf; 2] {
        KINDS.map(|kind| {
            let mut path = OsString::from(&self.0);
            path.push(format!(".{name}.{kind}"));
            PathBuf::from(path)
        })
    }

    /// Draws a picture, whose files get their names later.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn draw(&self, name: &str, chart: &Chart) -> Result<[Complete; 2], OutputError> {
        let [vector, raster] = self.paths(name);
        let bytes = png(chart).map_err(|error| OutputError::write(&raster, error))?;
        Ok([complete_file(&vector, svg(chart).as_bytes())?, complete_file(&raster, &bytes)?])
    }

    /// The name of the picture that would be the same file as this path, if there is one.
    pub fn name_at(&self, path: &Path) -> Option<String> {
        let folder = real(parent(&self.0));
        let start = self.0.file_name()?.as_bytes();
        // by its own name, and by that of the file it links to
        let names = [real(parent(path)).join(path.file_name()?), real(path)];
        names.iter().filter(|path| parent(path) == folder).find_map(|path| {
            let rest = path.file_name()?.as_bytes().strip_prefix(start)?.strip_prefix(b".")?;
            let suffix = |kind: &&str| rest.strip_suffix(kind.as_bytes())?.strip_suffix(b".");
            KINDS.iter().find_map(suffix).map(|name| String::from_utf8_lossy(name).into_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_know_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let prefix = Prefix::new(&path("a.b"), "1").unwrap();
        assert_eq!(prefix.paths("7"), [path("a.b.7.svg"), path("a.b.7.png")]);
        for (name, picture) in [
            ("a.b.7.svg", Some("7")),
            ("a.b.roc.png", Some("roc")),
            ("./a.b.12.png", Some("12")),
            ("a.b.svg", None),
            ("a.b.7.npy", None),
            ("b.7.svg", None),
            ("none/a.b.7.svg", None),
        ] {
            assert_eq!(prefix.name_at(&path(name)).as_deref(), picture, "{name}");
        }
        std::os::unix::fs::symlink(path("a.b.3.svg"), path("link")).unwrap();
        assert_eq!(prefix.name_at(&path("link")).as_deref(), Some("3"));
        assert_eq!(prefix.name_at(Path::new("-")), None);
        assert!(std::fs::read_dir(folder.path()).unwrap().count() == 1, "nothing was written");
        let folder = path("x/").display().to_string();
        for wrong in [folder.as_str(), "/", "..", "/no/such/folder/x"] {
            assert!(Prefix::new(Path::new(wrong), "1").is_err(), "{wrong}");
        }
    }
}

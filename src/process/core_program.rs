//! `hyenadna-core`, the program that computes, in place of the one that users start.

use std::{
    env, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use thiserror::Error;

use crate::formats::output;

/// Name of its file.
const NAME: &str = "hyenadna-core";

/// The program that computes is not there or does not start.
#[derive(Debug, Error)]
pub enum CoreError {
    /// This program's own folder is not known.
    #[error("{NAME} lies beside this program, but it is not known where that is")]
    NoPlace(#[source] io::Error),
    /// There is no such file.
    #[error(
        "there is neither {} nor {}, the part of hyenadna that computes; install hyenadna again",
        .0[0].display(), .0[1].display()
    )]
    Missing([PathBuf; 2]),
    /// The system cannot start it.
    #[error("cannot start {}", path.display())]
    Start {
        /// Its file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Puts `hyenadna-core` in the place of this program: the process, its arguments and its environment stay, but for a
/// variable that is added. Returns only if that fails.
pub fn become_core(variable: Option<(&str, &str)>) -> CoreError {
    let path = match find() {
        Ok(path) => path,
        Err(error) => return error,
    };
    let mut arguments = env::args_os();
    let mut command = Command::new(&path);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    output::leave_stdout_closed();
    let source = command.args(arguments).envs(variable).exec();
    CoreError::Start { path, source }
}

/// Gives this process the name of the program that users started, for `ps`, `top` and `pkill`.
pub fn take_name() {
    // SAFETY: the call copies the text, which ends with a null byte.
    unsafe { libc::prctl(libc::PR_SET_NAME, c"hyenadna".as_ptr()) };
}

/// The file: beside this program, as cargo puts it, or where `make install` does.
fn find() -> Result<PathBuf, CoreError> {
    let own = env::current_exe().map_err(CoreError::NoPlace)?;
    // the dynamic linker or an emulator may run this program, and be what the system names
    let called =
        env::args_os().next().map(PathBuf::from).filter(|name| name.components().count() > 1);
    let called = called.and_then(|name| name.canonicalize().ok());
    let places = places(&own);
    let more = called.iter().flat_map(|path| self::places(path));
    let found = places.clone().into_iter().chain(more).find(|path| path.is_file());
    found.ok_or(CoreError::Missing(places))
}

/// Places of the file for a place of this program, of which the first one is preferred.
fn places(own: &Path) -> [PathBuf; 2] {
    let folder = own.parent().unwrap_or(own);
    let installed = folder.parent().unwrap_or(folder).join("lib").join(env!("CARGO_PKG_NAME"));
    [folder.join(NAME), installed.join(NAME)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_lies_beside_or_below_lib() {
        let expected = ["/opt/h/bin/hyenadna-core", "/opt/h/lib/hyenadna/hyenadna-core"];
        assert_eq!(places(Path::new("/opt/h/bin/hyenadna")), expected.map(PathBuf::from));
        assert_eq!(places(Path::new("/hyenadna"))[0], Path::new("/hyenadna-core"));
    }
}

//! Standard output, which may be closed.

use std::{
    io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use super::error::OutputError;

/// True if the program was started without stdout (`>&-`).
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Runs before the standard library opens /dev/null in place of a closed stdout.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = {
    extern "C" fn look() {
        // SAFETY: fcntl only reads the flags of a descriptor, open or not.
        let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) };
        CLOSED.store(flags == -1, Relaxed);
    }
    look
};

/// Standard output.
///
/// # Errors
/// The program was started without it.
pub fn stdout() -> Result<io::Stdout, OutputError> {
    open().map_err(|source| OutputError::Stdout { source })
}

/// Closes stdout again if the program was started without it, so that a program which takes the place of this one
/// sees it. To be called right before that.
pub fn leave_closed() {
    if CLOSED.load(Relaxed) {
        // SAFETY: the descriptor is the /dev/null of the standard library, to which nothing of ours is written.
        unsafe { libc::close(libc::STDOUT_FILENO) };
    }
}

pub(super) fn open() -> io::Result<io::Stdout> {
    check().map(|()| io::stdout())
}

/// Fails if a path is another name of stdout, and the program was started without it.
pub(super) fn check_path(path: &Path) -> io::Result<()> {
    const NAMES: [&str; 3] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
    if NAMES.iter().any(|name| path == Path::new(name)) { check() } else { Ok(()) }
}

fn check() -> io::Result<()> {
    if CLOSED.load(Relaxed) {
        return Err(io::Error::other("it is closed; write to a file (-o), or open it"));
    }
    Ok(())
}

//! Limits of this process on address space (`ulimit -v`) and data (`ulimit -d`).

use std::fs;

/// Address space that may still be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// The limit as shells name it.
    pub name: &'static str,
    /// The limit, in bytes.
    pub limit: usize,
    /// Bytes of it that are left.
    pub left: usize,
}

/// The limit of address space or data of which less is left; `None` without a limit.
pub fn room() -> Option<Room> {
    let kinds = [
        ("ulimit -v", libc::RLIMIT_AS, Size::Mapped),
        ("ulimit -d", libc::RLIMIT_DATA, Size::Data),
    ];
    let rooms = kinds.into_iter().filter_map(|(name, kind, size)| {
        let limit = usize::try_from(limit(kind)?).ok()?;
        Some(Room { name, limit, left: limit.saturating_sub(size.bytes()?) })
    });
    rooms.min_by_key(|room| room.left)
}

/// Memory that this process holds, in bytes.
pub fn resident() -> Option<usize> {
    Size::Resident.bytes()
}

/// A size of this process: its place in `/proc/self/statm`.
#[derive(Clone, Copy)]
enum Size {
    Mapped = 0,
    Resident = 1,
    Data = 5,
}

impl Size {
    fn bytes(self) -> Option<usize> {
        let pages = fs::read_to_string("/proc/self/statm").ok()?;
        pages.split_whitespace().nth(self as usize)?.parse::<usize>().ok()?.checked_mul(page_size())
    }
}

/// A limit of this process; `None` if there is none.
pub fn limit(kind: libc::__rlimit_resource_t) -> Option<u64> {
    // SAFETY: getrlimit fills in the structure, for which all zeroes are a valid start.
    let limit = unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        (libc::getrlimit(kind, &raw mut limit) == 0).then_some(limit.rlim_cur)?
    };
    (limit != libc::RLIM_INFINITY).then_some(limit)
}

fn page_size() -> usize {
    // SAFETY: asks for a constant of the system.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

/// Address space of the stack of a thread that a library starts, in bytes.
pub fn stack() -> usize {
    const USUAL: usize = 8 << 20;
    let mut size = 0;
    // SAFETY: the attributes are initialised before they are read, and destroyed.
    let known = unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        libc::pthread_attr_init(&raw mut attributes) == 0
            && libc::pthread_attr_getstacksize(&raw const attributes, &raw mut size) == 0
            && libc::pthread_attr_destroy(&raw mut attributes) == 0
    };
    if known { size } else { USUAL }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_limits_are_known() {
        assert!(stack() >= 16 << 10);
        assert!(resident().is_some_and(|bytes| bytes > 1 << 20));
        assert!(Size::Mapped.bytes() > Size::Data.bytes());
        assert!(limit(libc::RLIMIT_NOFILE).is_some_and(|files| files > 2));
        assert!(room().is_none_or(|room| room.left < room.limit));
    }
}

//! Processes that train one model: the store of keys that they meet in, and sums over them (libtorch's
//! c10d, by shim/c10d.cpp).

use std::{
    ffi::{CStr, CString, c_char},
    ptr::{self, NonNull},
    time::Duration,
};

use tch::{TchError, Tensor};
use torch_sys::C_tensor;

use super::operators::last_error;

/// A store in C++.
#[repr(C)]
struct RawStore {
    _opaque: [u8; 0],
}

/// A group of processes in C++.
#[repr(C)]
struct RawGroup {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn hyenadna_store_open(
        host: *const c_char,
        port: u16,
        serves: bool,
        prefix: *const c_char,
        timeout_ms: i64,
    ) -> *mut RawStore;
    fn hyenadna_store_close(store: *mut RawStore);
    fn hyenadna_store_port(store: *const RawStore) -> u16;
    fn hyenadna_store_set(store: *mut RawStore, key: *const c_char, value: *const c_char) -> bool;
    fn hyenadna_store_set_first(
        store: *mut RawStore,
        key: *const c_char,
        value: *const c_char,
    ) -> bool;
    fn hyenadna_store_get(
        store: *mut RawStore,
        key: *const c_char,
        timeout_ms: i64,
    ) -> *const c_char;
    fn hyenadna_store_has(store: *mut RawStore, key: *const c_char) -> i32;
    fn hyenadna_store_add(store: *mut RawStore, key: *const c_char, more: i64) -> i64;
    fn hyenadna_group_can_listen(host: *const c_char) -> bool;
    fn hyenadna_group_join(
        store: *mut RawStore,
        host: *const c_char,
        rank: i32,
        size: i32,
        timeout_ms: i64,
    ) -> *mut RawGroup;
    fn hyenadna_group_leave(group: *mut RawGroup);
    fn hyenadna_group_sum(group: *mut RawGroup, tensor: *mut C_tensor) -> bool;
    fn hyenadna_group_broadcast(group: *mut RawGroup, tensor: *mut C_tensor) -> bool;
}

/// Text for C, up to a NUL.
fn c_text(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn checked(succeeded: bool) -> Result<(), TchError> {
    if succeeded { Ok(()) } else { Err(last_error()) }
}

/// Keys with values that several processes share (TCPStore).
#[derive(Debug)]
pub struct Store(NonNull<RawStore>);

impl Store {
    /// Opens the store at `host` and `port`, which this process serves or not; all keys begin with
    /// `prefix`. Who serves port 0 takes a free one.
    ///
    /// # Errors
    /// The port is in use, or nobody serves it within `timeout`.
    pub fn open(
        host: &str,
        port: u16,
        serves: bool,
        prefix: &str,
        timeout: Duration,
    ) -> Result<Self, TchError> {
        let (host, prefix) = (c_text(host), c_text(prefix));
        let timeout = milliseconds(timeout);
        // SAFETY: the texts live through the call, and what comes back is owned or null.
        let raw =
            unsafe { hyenadna_store_open(host.as_ptr(), port, serves, prefix.as_ptr(), timeout) };
        NonNull::new(raw).map(Self).ok_or_else(last_error)
    }

    /// The port that it is served at.
    pub fn port(&self) -> u16 {
        // SAFETY: the store is open.
        unsafe { hyenadna_store_port(self.0.as_ptr()) }
    }

    /// Sets a key.
    ///
    /// # Errors
    /// The store cannot be reached; so below.
    pub fn set(&self, key: &str, value: &str) -> Result<(), TchError> {
        let (key, value) = (c_text(key), c_text(value));
        // SAFETY: the store is open, and the texts live through the call; so below.
        checked(unsafe { hyenadna_store_set(self.0.as_ptr(), key.as_ptr(), value.as_ptr()) })
    }

    /// Sets a key that has no value yet.
    ///
    /// # Errors
    /// See [`set`](Self::set).
    pub fn set_first(&self, key: &str, value: &str) -> Result<(), TchError> {
        let (key, value) = (c_text(key), c_text(value));
        // SAFETY: as above.
        checked(unsafe { hyenadna_store_set_first(self.0.as_ptr(), key.as_ptr(), value.as_ptr()) })
    }

    /// The value of a key, which is waited for.
    ///
    /// # Errors
    /// It has none within `timeout`, or see [`set`](Self::set).
    pub fn get(&self, key: &str, timeout: Duration) -> Result<String, TchError> {
        let key = c_text(key);
        // SAFETY: as above; the value is copied before the next call.
        unsafe {
            let value = hyenadna_store_get(self.0.as_ptr(), key.as_ptr(), milliseconds(timeout));
            if value.is_null() {
                return Err(last_error());
            }
            Ok(CStr::from_ptr(value).to_string_lossy().into_owned())
        }
    }

    /// True if a key has a value.
    ///
    /// # Errors
    /// See [`set`](Self::set).
    pub fn has(&self, key: &str) -> Result<bool, TchError> {
        let key = c_text(key);
        // SAFETY: as above.
        match unsafe { hyenadna_store_has(self.0.as_ptr(), key.as_ptr()) } {
            found @ 0..=1 => Ok(found == 1),
            _ => Err(last_error()),
        }
    }

    /// Adds to a count, which begins with 0, and returns it.
    ///
    /// # Errors
    /// See [`set`](Self::set).
    pub fn add(&self, key: &str, more: u32) -> Result<u64, TchError> {
        let key = c_text(key);
        // SAFETY: as above.
        let count = unsafe { hyenadna_store_add(self.0.as_ptr(), key.as_ptr(), more.into()) };
        u64::try_from(count).map_err(|_| last_error())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: it is open, and not used again.
        unsafe { hyenadna_store_close(self.0.as_ptr()) }
    }
}

/// Processes that compute sums together (Gloo). All of them must call the same functions in the same
/// order.
///
/// One process has one group: libtorch 2.11 keeps a record of the calls of all groups, and changes its map
/// of groups without a lock (FlightRecorder). `TORCH_FR_BUFFER_SIZE=0`, read before the first call, turns it
/// off.
#[derive(Debug)]
pub struct Group(NonNull<RawGroup>);

impl Group {
    /// Finds the interface at which [`join`](Self::join) listens.
    ///
    /// # Errors
    /// There is none.
    pub fn can_listen(host: Option<&str>) -> Result<(), TchError> {
        let host = host.map(c_text);
        let host = host.as_ref().map_or(ptr::null(), |host| host.as_ptr());
        // SAFETY: the text lives through the call.
        checked(unsafe { hyenadna_group_can_listen(host) })
    }

    /// Connects `size` processes, of which this is number `rank`, that have the same store. They listen at
    /// the interface of `host`; without it at those of GLOO_SOCKET_IFNAME or of this machine's name.
    ///
    /// # Errors
    /// Not all are connected within `timeout`, which is also that of each exchange.
    pub fn join(
        store: &Store,
        host: Option<&str>,
        (rank, size): (usize, usize),
        timeout: Duration,
    ) -> Result<Self, TchError> {
        let host = host.map(c_text);
        let host = host.as_ref().map_or(ptr::null(), |host| host.as_ptr());
        let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let (rank, size, timeout) = (number(rank), number(size), milliseconds(timeout));
        // SAFETY: the store is open, and the text lives through the call; what comes back is owned or null.
        let raw = unsafe { hyenadna_group_join(store.0.as_ptr(), host, rank, size, timeout) };
        NonNull::new(raw).map(Self).ok_or_else(last_error)
    }

    /// Replaces a tensor in host memory by its sum over all processes.
    ///
    /// # Errors
    /// A process is gone or does not answer in time, or the tensor is not contiguous.
    pub fn sum(&self, tensor: &mut Tensor) -> Result<(), TchError> {
        // SAFETY: group and tensor live through the call, which ends when the tensor is written.
        checked(unsafe { hyenadna_group_sum(self.0.as_ptr(), tensor.as_mut_ptr()) })
    }

    /// Replaces a tensor in host memory by that of rank 0.
    ///
    /// # Errors
    /// See [`sum`](Self::sum).
    pub fn broadcast(&self, tensor: &mut Tensor) -> Result<(), TchError> {
        // SAFETY: as above.
        checked(unsafe { hyenadna_group_broadcast(self.0.as_ptr(), tensor.as_mut_ptr()) })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // SAFETY: it is not used again.
        unsafe { hyenadna_group_leave(self.0.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(60);

    /// Tests have several groups in one process (see [`Group`]). Runs before any thread reads the
    /// environment.
    #[used]
    #[unsafe(link_section = ".init_array")]
    static NO_RECORD: extern "C" fn() = {
        extern "C" fn set() {
            // SAFETY: no other thread has started, and the texts end with a null byte.
            unsafe { libc::setenv(c"TORCH_FR_BUFFER_SIZE".as_ptr(), c"0".as_ptr(), 1) };
        }
        set
    };

    #[test]
    fn keys_are_shared_by_their_prefix() {
        let server = Store::open("127.0.0.1", 0, true, "a", TIMEOUT).unwrap();
        let client = |prefix| Store::open("127.0.0.1", server.port(), false, prefix, TIMEOUT);
        let (same, other) = (client("a").unwrap(), client("b").unwrap());
        assert!(!same.has("key").unwrap());
        server.set_first("key", "first").unwrap();
        same.set_first("key", "second").unwrap();
        assert_eq!(server.get("key", TIMEOUT).unwrap(), "first");
        assert!(same.has("key").unwrap() && !other.has("key").unwrap());
        assert_eq!([same.add("n", 2).unwrap(), server.add("n", 1).unwrap()], [2, 3]);
        let error = other.get("key", Duration::from_millis(1)).unwrap_err();
        assert!(!error.to_string().is_empty());
        same.set("key", "third").unwrap();
        assert_eq!(server.get("key", TIMEOUT).unwrap(), "third");
    }

    /// Three groups in one process, on threads.
    #[test]
    fn sums_and_broadcasts() {
        let server = Store::open("127.0.0.1", 0, true, "", TIMEOUT).unwrap();
        let port = server.port();
        let work = |rank: usize| {
            let store = Store::open("127.0.0.1", port, false, "", TIMEOUT).unwrap();
            let group = Group::join(&store, Some("127.0.0.1"), (rank, 3), TIMEOUT).unwrap();
            let mut sum = Tensor::from_slice(&[1.0_f32 + rank as f32, 0.5]);
            group.sum(&mut sum).unwrap();
            let mut first = Tensor::from_slice(&[7_i64 + rank as i64]);
            group.broadcast(&mut first).unwrap();
            assert!(group.sum(&mut Tensor::zeros([2, 3], tch::kind::FLOAT_CPU).tr()).is_err());
            (Vec::<f32>::try_from(&sum).unwrap(), first.int64_value(&[0]))
        };
        std::thread::scope(|scope| {
            let ranks: Vec<_> = (0..3).map(|rank| scope.spawn(move || work(rank))).collect();
            for rank in ranks {
                assert_eq!(rank.join().unwrap(), (vec![6.0, 1.5], 7));
            }
        });
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Name look-up, TCP sockets, clock and random bytes of Zephyr.
//!
//! These are the functions of the C port layer, `zephyr/port/requests_port.h`. They are declared by
//! hand. They take and return fixed-width types only, so there is nothing that bindgen would have
//! to find out.

use core::ffi::c_char;
use core::mem::{align_of, offset_of};

/// The length of the longest host name in bytes: 253 characters (RFC 1035 §2.3.4, without its
/// length bytes) and a final dot.
pub const MAX_NAME: usize = 254;

/// `struct requests_port_address`: an IP address and a port.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Address {
    /// 4 for IPv4, 6 for IPv6.
    pub family: u8,
    /// The address in network byte order. IPv4 uses the first 4 bytes.
    pub ip: [u8; 16],
    /// The port in host byte order.
    pub port: u16,
    /// Index of the network interface of a link-local IPv6 address, otherwise 0.
    pub scope_id: u32,
}

// zephyr/port/misc.c asserts the same.
const _: () = {
    assert!(size_of::<Address>() == 24 && align_of::<Address>() == 4);
    assert!(offset_of!(Address, ip) == 1);
    assert!(offset_of!(Address, port) == 18);
    assert!(offset_of!(Address, scope_id) == 20);
};

/// `struct requests_port_wait`: how long to wait, and what ends the wait early.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// The longest time to wait, in milliseconds. 0 tries once, and a negative time has already
    /// passed.
    pub timeout_ms: i64,
    /// The handle of a [`Signal`], or [`Wait::NO_TOKEN`].
    pub token: i32,
}

impl Wait {
    /// No token: only the time ends the wait.
    pub const NO_TOKEN: i32 = -1;
}

// zephyr/port/misc.c asserts the same.
const _: () = assert!(size_of::<Wait>() == 16 && offset_of!(Wait, token) == 8);

unsafe extern "C" {
    fn requests_port_resolve(
        host: *const c_char,
        port: u16,
        addresses: *mut Address,
        max: usize,
        wait: &Wait,
    ) -> i32;
    safe fn requests_port_connect(address: &Address, wait: &Wait) -> i32;
    fn requests_port_send(sock: i32, bytes: *const u8, len: usize, wait: &Wait) -> i32;
    fn requests_port_receive(sock: i32, buffer: *mut u8, len: usize, wait: &Wait) -> i32;
    fn requests_port_wait_ready(sock: i32, wait: &Wait) -> i32;
    fn requests_port_close(sock: i32);
    safe fn requests_port_sleep(wait: &Wait) -> i32;
    safe fn requests_port_network_wait(wait: &Wait) -> i32;
    safe fn requests_port_token_open() -> i32;
    fn requests_port_token_cancel(token: i32);
    fn requests_port_token_is_cancelled(token: i32) -> i32;
    fn requests_port_token_reset(token: i32);
    fn requests_port_token_close(token: i32);
    safe fn requests_port_uptime_ms() -> i64;
    safe fn requests_port_unix_time() -> i64;
    fn requests_port_random(bytes: *mut u8, len: usize) -> i32;
    #[cfg(feature = "capi")]
    safe fn requests_port_panic() -> !;
    #[cfg(zephyr_log)]
    fn requests_port_log(level: i32, text: *const c_char);
    #[cfg(all(feature = "tls", not(tls_sockets)))]
    fn requests_port_credential(tag: u32, type_: i32, buffer: *mut u8, len: usize) -> i32;
    #[cfg(tls_sockets)]
    fn requests_port_connect_tls(
        address: &Address,
        host: *const c_char,
        tags: *const u32,
        tag_count: usize,
        verify: i32,
        wait: &Wait,
    ) -> i32;
}

/// Calls Zephyr's `k_panic()` for an error that must not happen.
#[cfg(feature = "capi")]
pub fn panic() -> ! {
    requests_port_panic()
}

/// Writes a record to Zephyr's log module.
#[cfg(zephyr_log)]
pub fn log(level: log::Level, text: &core::ffi::CStr) {
    // SAFETY: the text ends with NUL. It is read until the function returns.
    unsafe { requests_port_log(level as i32, text.as_ptr()) }
}

/// Makes this the logger of the program. `log.c` has this called once, while Zephyr starts.
#[cfg(zephyr_log)]
pub fn set_logger(logger: &'static dyn log::Log) {
    // SAFETY: nothing else uses the crate `log` yet: requests are made by threads of the application, which start
    // later. A second call changes nothing.
    let _ = unsafe { log::set_logger_racy(logger) };
}

/// A host name as a C string, ended by NUL.
// A type of its own, because `CStr` would link the code of `memchr`.
pub struct HostName {
    /// The last byte is always 0.
    bytes: [u8; MAX_NAME + 1],
}

impl HostName {
    /// The empty name.
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_NAME + 1] }
    }

    /// Sets the name. `None` if `name` is too long for a host name, or contains NUL.
    pub fn set(&mut self, name: &str) -> Option<()> {
        let (room, rest) = self.bytes.split_at_mut_checked(name.len())?;
        *rest.first_mut()? = 0;
        for (room, byte) in room.iter_mut().zip(name.bytes()) {
            *room = byte;
        }
        room.iter().all(|&byte| byte != 0).then_some(())
    }
}

/// `enum requests_port_error`: the kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The caller's time-out or that of TCP has passed.
    TimedOut,
    /// The peer refuses connections to this port.
    Refused,
    /// The peer has reset the connection.
    Reset,
    /// The connection was aborted on this side.
    Aborted,
    /// The socket is not connected, or not any more.
    NotConnected,
    /// This side of the connection is closed for sending.
    BrokenPipe,
    /// No memory, network buffer, socket or network context is free.
    OutOfMemory,
    /// There is no route to the address, or the interface is down.
    Unreachable,
    /// The operation is forbidden.
    Permission,
    /// This build cannot do it.
    Unsupported,
    /// The name server answered, but with no address that this build can use.
    NotFound,
    /// Anything else.
    Other,
    /// The token was cancelled.
    Interrupted,
}

/// Why a function of the port layer failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// The kind of failure.
    pub kind: Kind,
    /// Zephyr's own code: `errno` if positive, `DNS_EAI_…` if negative, 0 if there is none.
    pub code: i16,
}

impl Failure {
    /// Decodes a negative result. The upper half of its magnitude is the kind, the lower half is
    /// the code.
    fn from_result(result: i32) -> Self {
        let magnitude = result.unsigned_abs();
        let kind = match magnitude >> 16 {
            1 => Kind::TimedOut,
            2 => Kind::Refused,
            3 => Kind::Reset,
            4 => Kind::Aborted,
            5 => Kind::NotConnected,
            6 => Kind::BrokenPipe,
            7 => Kind::OutOfMemory,
            8 => Kind::Unreachable,
            9 => Kind::Permission,
            10 => Kind::Unsupported,
            11 => Kind::NotFound,
            13 => Kind::Interrupted,
            _ => Kind::Other,
        };
        let [low, high, ..] = magnitude.to_le_bytes();
        Self { kind, code: i16::from_le_bytes([low, high]) }
    }
}

/// Decodes a result that is 0 or a failure.
fn done(result: i32) -> Result<(), Failure> {
    count(result, 0).map(|_| ())
}

/// Decodes a result that is a count up to `max` or a failure.
fn count(result: i32, max: usize) -> Result<usize, Failure> {
    match usize::try_from(result) {
        Ok(count) if count <= max => Ok(count),
        // A driver must not claim to have done more than it was asked to do.
        Ok(_) => Err(Failure { kind: Kind::Other, code: 0 }),
        Err(_) => Err(Failure::from_result(result)),
    }
}

/// Milliseconds since the system booted.
pub fn uptime_ms() -> u64 {
    // The uptime is never negative.
    requests_port_uptime_ms().unsigned_abs()
}

/// Seconds since 1970-01-01 00:00 UTC, if the realtime clock has been set.
pub fn unix_time() -> Option<i64> {
    let seconds = requests_port_unix_time();
    (seconds >= 0).then_some(seconds)
}

/// Looks up the addresses of `host`. Stores as many as fit in `addresses`, and returns their
/// number, at least 1.
pub fn resolve(host: &HostName, port: u16, addresses: &mut [Address], wait: &Wait) -> Result<usize, Failure> {
    // SAFETY: `host` is terminated by NUL, and `addresses` is writable for as many elements as the function
    // is told. It keeps neither pointer beyond the call, and any bits make an `Address`.
    let result = unsafe {
        requests_port_resolve(host.bytes.as_ptr().cast(), port, addresses.as_mut_ptr(), addresses.len(), wait)
    };
    count(result, addresses.len())
}

/// Fills `bytes` with cryptographically secure random bytes.
pub fn fill_random(bytes: &mut [u8]) -> Result<(), Failure> {
    // SAFETY: `bytes` is writable for its length during the call.
    let result = unsafe { requests_port_random(bytes.as_mut_ptr(), bytes.len()) };
    done(result)
}

/// `enum requests_port_credential_type`: the kinds of credentials under a security tag.
#[cfg(all(feature = "tls", not(tls_sockets)))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// Certificates of authorities.
    Authorities = 1,
    /// The certificate of this device.
    OwnCertificate = 2,
    /// The private key for that certificate.
    PrivateKey = 3,
}

/// Returns the size of a registered credential in bytes. Copies it to the start of `buffer` if it
/// fits.
#[cfg(all(feature = "tls", not(tls_sockets)))]
pub fn credential(tag: u32, kind: CredentialKind, buffer: &mut [u8]) -> Result<usize, Failure> {
    // SAFETY: `buffer` is writable for its length during the call.
    let result = unsafe { requests_port_credential(tag, kind as i32, buffer.as_mut_ptr(), buffer.len()) };
    usize::try_from(result).map_err(|_| Failure::from_result(result))
}

/// A connected TCP socket, closed when it is dropped.
#[derive(Debug)]
pub struct Socket(i32);

impl Socket {
    /// Connects to `address`.
    pub fn connect(address: &Address, wait: &Wait) -> Result<Self, Failure> {
        Self::from_result(requests_port_connect(address, wait))
    }

    /// Connects to `address` by a secure socket, which also makes the TLS handshake with `host`.
    /// Verifies the server by the credentials under `tags`, unless `is_verified` is `false`.
    #[cfg(tls_sockets)]
    pub fn connect_tls(
        address: &Address,
        host: &HostName,
        tags: &[u32],
        is_verified: bool,
        wait: &Wait,
    ) -> Result<Self, Failure> {
        // SAFETY: `host` is terminated by NUL, and `tags` is readable for its length. The function keeps
        // neither pointer beyond the call.
        let result = unsafe {
            requests_port_connect_tls(
                address,
                host.bytes.as_ptr().cast(),
                tags.as_ptr(),
                tags.len(),
                i32::from(is_verified),
                wait,
            )
        };
        Self::from_result(result)
    }

    fn from_result(result: i32) -> Result<Self, Failure> {
        if result < 0 {
            return Err(Failure::from_result(result));
        }
        Ok(Self(result))
    }

    /// Sends at least one of `bytes`, which is not empty, and returns the number of bytes sent.
    pub fn send(&mut self, bytes: &[u8], wait: &Wait) -> Result<usize, Failure> {
        // SAFETY: `bytes` is readable for its length during the call. The socket is open: only `drop` closes
        // it.
        let result = unsafe { requests_port_send(self.0, bytes.as_ptr(), bytes.len(), wait) };
        count(result, bytes.len())
    }

    /// Receives at least one byte into `buffer`, which is not empty. 0 is the orderly end of the
    /// stream.
    pub fn receive(&mut self, buffer: &mut [u8], wait: &Wait) -> Result<usize, Failure> {
        // SAFETY: `buffer` is writable for its length during the call. The socket is open: only `drop` closes
        // it.
        let result = unsafe { requests_port_receive(self.0, buffer.as_mut_ptr(), buffer.len(), wait) };
        count(result, buffer.len())
    }

    /// Waits until bytes can be received or sent, or the next call will report why not.
    pub fn wait_ready(&mut self, wait: &Wait) -> Result<(), Failure> {
        // SAFETY: the socket is open: only `drop` closes it.
        done(unsafe { requests_port_wait_ready(self.0, wait) })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: the socket is open, and nothing uses it after this.
        unsafe { requests_port_close(self.0) };
    }
}

/// Waits until the time has passed.
pub fn sleep(wait: &Wait) -> Result<(), Failure> {
    done(requests_port_sleep(wait))
}

/// `enum requests_port_network`: whether there is a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkState {
    /// An interface is up and has an address, or its driver offloads sockets.
    Up,
    /// No interface is up.
    LinkDown,
    /// An interface is up, but has no address.
    NoAddress,
}

/// Waits until an interface is up and has an address.
pub fn network_wait(wait: &Wait) -> NetworkState {
    match requests_port_network_wait(wait) {
        0 => NetworkState::Up,
        2 => NetworkState::NoAddress,
        // 1. An error would be a wait that is over before it begins, or is cancelled.
        _ => NetworkState::LinkDown,
    }
}

/// One of the `CONFIG_REQUESTS_CANCEL_TOKENS` tokens, which can end waits early. It is returned
/// when it is dropped.
#[derive(Debug)]
pub struct Signal(i32);

impl Signal {
    /// Takes a free token, which is not raised.
    pub fn new() -> Result<Self, Failure> {
        let result = requests_port_token_open();
        if result < 0 {
            return Err(Failure::from_result(result));
        }
        Ok(Self(result))
    }

    /// Ends all waits with this handle, now and until it is reset.
    pub fn raise(&self) {
        // SAFETY: the token is open: only `drop` closes it. Any thread may do this.
        unsafe { requests_port_token_cancel(self.0) };
    }

    /// Whether it was raised.
    pub fn is_raised(&self) -> bool {
        // SAFETY: as for `raise`.
        unsafe { requests_port_token_is_cancelled(self.0) != 0 }
    }

    /// Resets the token, so that it is not raised any more.
    pub fn reset(&self) {
        // SAFETY: as for `raise`.
        unsafe { requests_port_token_reset(self.0) };
    }

    /// The handle for a [`Wait`].
    pub const fn handle(&self) -> i32 {
        self.0
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        // SAFETY: the token is open. Nothing waits for it, because a wait would borrow it.
        unsafe { requests_port_token_close(self.0) };
    }
}

/// A fake of the port layer for tests, one for each thread.
#[cfg(test)]
pub mod fake {
    use super::*;
    use std::cell::RefCell;
    use std::ffi::CStr;
    use std::slice;

    /// The results of the fake, and a record of the calls to it.
    #[derive(Default)]
    pub struct Port {
        /// The results of the next calls. -1 when there are no more.
        pub results: Vec<i32>,
        /// The addresses that the next look-up returns.
        pub addresses: Vec<Address>,
        /// The names that were looked up.
        pub names: Vec<String>,
        /// The addresses that were connected to.
        pub connected: Vec<Address>,
        /// The hosts and security tags of secure sockets, and whether they were verified.
        #[cfg(tls_sockets)]
        pub secured: Vec<(String, Vec<u32>, bool)>,
        /// The sockets that were closed.
        pub closed: Vec<i32>,
        /// The time-outs and tokens of the calls.
        pub waits: Vec<Wait>,
        /// The open tokens, and whether they are cancelled.
        pub tokens: Vec<(i32, bool)>,
    }

    thread_local! {
        /// The port layer of this thread.
        pub static PORT: RefCell<Port> = RefCell::default();
    }

    /// Sets the results of the next calls.
    pub fn expect(results: &[i32]) {
        PORT.with_borrow_mut(|port| port.results = results.iter().rev().copied().collect());
    }

    fn result() -> i32 {
        PORT.with_borrow_mut(|port| port.results.pop().unwrap_or(-1))
    }

    fn result_of_waiting(wait: &Wait) -> i32 {
        PORT.with_borrow_mut(|port| port.waits.push(*wait));
        result()
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn requests_port_resolve(
        host: *const c_char,
        _port: u16,
        addresses: *mut Address,
        max: usize,
        wait: &Wait,
    ) -> i32 {
        // SAFETY: the caller gives a string that is terminated by NUL.
        let name = unsafe { CStr::from_ptr(host) }.to_str().unwrap().to_owned();
        // SAFETY: the caller gives as many elements as it says.
        let room = unsafe { slice::from_raw_parts_mut(addresses, max) };
        PORT.with_borrow_mut(|port| {
            port.names.push(name);
            for (to, from) in room.iter_mut().zip(&port.addresses) {
                *to = *from;
            }
        });
        result_of_waiting(wait)
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_connect(address: &Address, wait: &Wait) -> i32 {
        PORT.with_borrow_mut(|port| port.connected.push(*address));
        result_of_waiting(wait)
    }

    #[cfg(tls_sockets)]
    #[unsafe(no_mangle)]
    unsafe extern "C" fn requests_port_connect_tls(
        address: &Address,
        host: *const c_char,
        tags: *const u32,
        tag_count: usize,
        verify: i32,
        wait: &Wait,
    ) -> i32 {
        // SAFETY: the caller gives a string that is terminated by NUL.
        let host = unsafe { CStr::from_ptr(host) }.to_str().unwrap();
        // SAFETY: the caller gives as many tags as it says.
        let tags = unsafe { slice::from_raw_parts(tags, tag_count) };
        PORT.with_borrow_mut(|port| {
            port.connected.push(*address);
            port.secured.push((host.to_owned(), tags.to_vec(), verify != 0));
        });
        result_of_waiting(wait)
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_send(_sock: i32, _bytes: *const u8, _len: usize, wait: &Wait) -> i32 {
        result_of_waiting(wait)
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_receive(_sock: i32, _buffer: *mut u8, _len: usize, wait: &Wait) -> i32 {
        result_of_waiting(wait)
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_close(sock: i32) {
        PORT.with_borrow_mut(|port| port.closed.push(sock));
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_wait_ready(_sock: i32, wait: &Wait) -> i32 {
        result_of_waiting(wait)
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_sleep(wait: &Wait) -> i32 {
        result_of_waiting(wait)
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_network_wait(wait: &Wait) -> i32 {
        result_of_waiting(wait)
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_token_open() -> i32 {
        let token = result();
        if token >= 0 {
            PORT.with_borrow_mut(|port| port.tokens.push((token, false)));
        }
        token
    }

    fn with_token(token: i32, action: impl FnOnce(&mut bool)) {
        PORT.with_borrow_mut(|port| {
            let (_, is_cancelled) =
                port.tokens.iter_mut().find(|open| open.0 == token).expect("an open token");
            action(is_cancelled);
        });
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_token_cancel(token: i32) {
        with_token(token, |is_cancelled| *is_cancelled = true);
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_token_is_cancelled(token: i32) -> i32 {
        let mut result = 0;
        with_token(token, |is_cancelled| result = i32::from(*is_cancelled));
        result
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_token_reset(token: i32) {
        with_token(token, |is_cancelled| *is_cancelled = false);
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_token_close(token: i32) {
        PORT.with_borrow_mut(|port| port.tokens.retain(|open| open.0 != token));
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_uptime_ms() -> i64 {
        1000
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_unix_time() -> i64 {
        -1
    }

    #[unsafe(no_mangle)]
    extern "C" fn requests_port_random(_bytes: *mut u8, _len: usize) -> i32 {
        result()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Wait = Wait { timeout_ms: 0, token: Wait::NO_TOKEN };

    #[test]
    fn a_failure_has_a_kind_and_a_signed_code() {
        // -(REQUESTS_PORT_REFUSED << 16 | 111), and NOT_FOUND with DNS_EAI_NODATA, which is -5.
        let refused = Failure::from_result(-(2 << 16 | 111));
        assert_eq!((refused.kind, refused.code), (Kind::Refused, 111));
        let not_found = Failure::from_result(-(11 << 16 | 0xfffb));
        assert_eq!((not_found.kind, not_found.code), (Kind::NotFound, -5));
        assert_eq!(Failure::from_result(-(13 << 16 | 4)).kind, Kind::Interrupted);
        assert_eq!(Failure::from_result(-(99 << 16)).kind, Kind::Other);
        assert_eq!(Failure::from_result(i32::MIN).kind, Kind::Other);
    }

    #[test]
    fn a_host_name_ends_in_nul_and_holds_none() {
        let longest = "a".repeat(MAX_NAME);
        let mut host = HostName::new();
        assert_eq!(host.set(&longest), Some(()));
        assert!(host.bytes.ends_with(b"a\0"));
        assert_eq!(host.set("b.c"), Some(()));
        assert!(host.bytes.starts_with(b"b.c\0"));
        assert_eq!(host.set(&(longest + "a")), None);
        assert_eq!(host.set("a\0b"), None);
    }

    #[test]
    fn a_count_beyond_the_buffer_is_not_believed() {
        fake::expect(&[7, 4, 5, 4, 5]);
        let mut socket = Socket::connect(&Address::default(), &WAIT).unwrap();
        assert_eq!(socket.send(b"four", &WAIT), Ok(4));
        assert!(socket.send(b"four", &WAIT).is_err());
        assert_eq!(socket.receive(&mut [0; 4], &WAIT), Ok(4));
        assert!(socket.receive(&mut [0; 4], &WAIT).is_err());
    }

    #[test]
    fn a_socket_is_closed_once_and_only_if_it_was_opened() {
        fake::expect(&[7, -(2 << 16 | 111)]);
        drop(Socket::connect(&Address::default(), &WAIT));
        assert!(Socket::connect(&Address::default(), &WAIT).is_err());
        fake::PORT.with_borrow(|port| assert_eq!(port.closed, [7]));
    }

    #[test]
    fn a_token_is_closed_once_and_only_if_it_was_opened() {
        fake::expect(&[3, -(7 << 16 | 23)]);
        let signal = Signal::new().unwrap();
        assert!(Signal::new().is_err());
        signal.raise();
        assert!(signal.is_raised());
        signal.reset();
        assert!(!signal.is_raised());
        fake::PORT.with_borrow(|port| assert_eq!(port.tokens, [(signal.handle(), false)]));
        drop(signal);
        fake::PORT.with_borrow(|port| assert!(port.tokens.is_empty()));
    }

    #[test]
    fn a_clock_that_was_not_set_has_no_date() {
        assert_eq!(unix_time(), None);
    }
}

// SPDX-License-Identifier: Apache-2.0
//! A TLS connection: configuration and context in one block of mbedTLS's heap.

use core::ffi::{CStr, c_char, c_int};
use core::mem::size_of;
use core::ptr::{self, NonNull};

use embedded_io::ErrorKind;
use mbedtls_sys as ffi;

use super::bio::Bio;
use super::certificates::{Certificates, Chain};
use super::failure::{CODE_FLOOD, CODE_INTERNAL, CODE_LAYOUT, Failure, check, start};
use super::features::has_tls13;
use super::key::Key;
use super::session::{self, SavedSession};
use super::stream::{Stream, StreamError};
use crate::config::{TLS_MAX_FRAGMENT_LENGTH, TLS_RESUMPTION};

/// The longest server name in bytes, without the NUL of C (RFC 1035 §2.3.4).
pub(crate) const MAX_NAME: usize = 255;

/// The most bytes that a handshake may receive: more than one with the longest reasonable
/// certificate chain.
const HANDSHAKE_BUDGET: usize = 128 * 1024;

/// The most bytes that one read may receive: a record of the largest size, and messages without
/// data in front of it. mbedTLS skips such messages itself. Without this limit, a peer that sends
/// nothing else could keep a read without a deadline from ending.
const READ_BUDGET: usize = 64 * 1024;

/// The bytes that each record counts in addition to its length, because small records take the most
/// work.
const RECORD_COST: usize = 64;

/// The most messages without data that one read or handshake step may skip.
const MAX_IDLE_MESSAGES: usize = 64;

static ALPN_HTTP_1_1: &CStr = c"http/1.1";

/// The settings of a [`Connection`].
pub(crate) struct Setup<'a> {
    /// The name of the server, to send and to verify. An address literal is only verified.
    pub name: &'a str,
    /// Whether `name` is sent in the handshake.
    pub sends_name: bool,
    /// Whether the lowest version is TLS 1.3 instead of 1.2.
    pub needs_tls13: bool,
    /// The client's certificate and key, if any.
    pub identity: Option<Identity>,
    /// Whether [`Connection::take_session`] will be called.
    pub keeps_session: bool,
    /// The session of an earlier connection to the same peer under the same trust.
    pub session: Option<&'a [u8]>,
}

/// A client certificate, the certificates between it and its root, and its key.
pub(crate) struct Identity {
    pub chain: Certificates,
    pub key: Key,
}

/// Everything that mbedTLS points to. It never moves.
struct Block {
    ssl: ffi::mbedtls_ssl_context,
    conf: ffi::mbedtls_ssl_config,
    alpn: [*const c_char; 2],
    name: [u8; MAX_NAME + 1],
}

/// A TLS connection without the stream below it. Each call takes the stream.
pub(crate) struct Connection {
    block: NonNull<Block>,
    /// The identity that the configuration in `block` points to.
    identity: Option<Identity>,
    state: State,
    /// Whether an earlier session was offered, so that the peer need not send a certificate.
    resumes: bool,
    /// The number of bytes of an unfinished send, or 0. mbedTLS holds their record, so the next
    /// send must be for the same bytes.
    unfinished: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The peer has not sent a certificate yet.
    Fresh,
    /// The peer has sent its certificate, which waits for [`Connection::accept`].
    Shown,
    /// The certificate was accepted.
    Accepted,
    /// The handshake is complete: data can be sent and received.
    Open,
    /// Nothing can be sent any more. What the peer has sent before can still be read.
    Deaf(StreamError),
    /// The peer has sent close_notify.
    Closed,
    /// An error has ended the connection.
    Broken,
}

/// How far a handshake has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The peer has sent its certificate: call [`Connection::accept`], or drop the connection.
    Certificate,
    /// The handshake is complete: data can be sent and received.
    Done,
}

/// The result of a read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// The number of bytes read, at least one.
    Bytes(usize),
    /// The peer has ended the connection in an orderly way.
    Closed,
}

impl Connection {
    pub(crate) fn new(setup: Setup<'_>) -> Result<Self, Failure> {
        if !ffi::layout_matches() {
            return Err(Failure::new(CODE_LAYOUT));
        }
        if setup.name.len() > MAX_NAME || setup.name.as_bytes().contains(&0) {
            return Err(Failure::new(CODE_INTERNAL));
        }
        let mut connection = Self {
            block: allocate()?,
            identity: setup.identity,
            state: State::Fresh,
            resumes: false,
            unfinished: 0,
        };
        let block = connection.block.as_ptr();
        let min = if setup.needs_tls13 {
            ffi::mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_3
        } else {
            ffi::mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_2
        };
        let max = if has_tls13() {
            ffi::mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_3
        } else {
            ffi::mbedtls_ssl_protocol_version_MBEDTLS_SSL_VERSION_TLS1_2
        };

        // SAFETY: the block is initialised, uniquely owned, and does not move until `drop`. The
        // configuration points only into it or to values that `connection` owns just as long. The
        // name was zeroed with the block, and is one byte longer than the longest name that is
        // copied into it.
        unsafe {
            let conf = &raw mut (*block).conf;
            check(ffi::mbedtls_ssl_config_defaults(
                conf,
                ffi::MBEDTLS_SSL_IS_CLIENT as c_int,
                ffi::MBEDTLS_SSL_TRANSPORT_STREAM as c_int,
                ffi::MBEDTLS_SSL_PRESET_DEFAULT as c_int,
            ))?;
            // mbedTLS does not verify the certificate when it reads it. `handshake` stops behind
            // that message, before it answers, and continues only after `accept`. The roots are
            // looked up then, for this chain only, so that they need not be kept parsed in RAM.
            ffi::mbedtls_ssl_conf_authmode(conf, ffi::MBEDTLS_SSL_VERIFY_NONE as c_int);
            ffi::requests_mbedtls_conf_random(conf);
            ffi::requests_mbedtls_conf_versions(conf, min, max);
            ffi::requests_mbedtls_conf_resumption(conf, c_int::from(setup.keeps_session));
            if TLS_MAX_FRAGMENT_LENGTH != 0 {
                check(ffi::requests_mbedtls_conf_max_fragment_length(conf, TLS_MAX_FRAGMENT_LENGTH))?;
            }
            (*block).alpn = [ALPN_HTTP_1_1.as_ptr(), ptr::null()];
            check(ffi::requests_mbedtls_conf_alpn(conf, (&raw mut (*block).alpn).cast()))?;

            if let Some(Identity { chain, key }) = &connection.identity {
                check(ffi::mbedtls_ssl_conf_own_cert(conf, chain.as_ptr(), key.as_ptr()))?;
            }

            let ssl = &raw mut (*block).ssl;
            check(ffi::mbedtls_ssl_setup(ssl, conf))?;
            ptr::copy_nonoverlapping(
                setup.name.as_ptr(),
                (&raw mut (*block).name).cast::<u8>(),
                setup.name.len(),
            );
            let name = if setup.sends_name { (&raw const (*block).name).cast() } else { ptr::null() };
            if setup.sends_name {
                check(ffi::mbedtls_ssl_set_hostname(ssl, name))?;
            }
            // If a session cannot be offered, the peer sends its certificate, so this is not an
            // error.
            connection.resumes =
                TLS_RESUMPTION && setup.session.is_some_and(|saved| session::offer(ssl, saved, name) == 0);
        }
        Ok(connection)
    }

    /// Continues the handshake until the peer has sent its certificate or the handshake is
    /// complete.
    pub(crate) fn handshake(&mut self, stream: &mut dyn Stream) -> Result<Progress, Failure> {
        if !matches!(self.state, State::Fresh | State::Accepted) {
            return Err(Failure::new(CODE_INTERNAL));
        }
        let mut bio = Bio::new(stream, HANDSHAKE_BUDGET);
        let mut idle = 0;
        loop {
            let (code, over, shown) = {
                let ssl = self.ssl();
                // SAFETY: the context is set up and this connection alone uses it.
                unsafe {
                    let code = bio.lend(ssl, |ssl| ffi::requests_mbedtls_handshake_step(ssl));
                    (
                        code,
                        ffi::requests_mbedtls_is_handshake_over(ssl) != 0,
                        !ffi::requests_mbedtls_handshake_peer(ssl).is_null(),
                    )
                }
            };
            match code {
                0 => idle = 0,
                code if is_idle(code) && idle < MAX_IDLE_MESSAGES => idle += 1,
                code => return Err(self.fail(&bio, code)),
            }
            // A peer that has closed the connection has not received everything, so there is no
            // progress. Read its alert.
            if bio.unsendable().is_some() && (over || shown && self.state == State::Fresh) {
                let code = if over { self.read(&mut bio, &mut [0; 1]) } else { CODE_INTERNAL };
                return Err(self.fail(&bio, code));
            }
            // The handshake must never continue with a certificate that was not checked.
            if shown && self.state == State::Fresh {
                self.state = State::Shown;
                if self.resumes {
                    self.resumes = false;
                    // SAFETY: the context is set up, and this connection alone uses it. The peer
                    // makes a full handshake, which does not use the session that was offered.
                    unsafe { ffi::requests_mbedtls_decline_session(self.ssl()) };
                }
                return Ok(Progress::Certificate);
            }
            if over {
                // Without a certificate, only the secret of an earlier verified session proves the
                // peer's identity.
                if self.state == State::Fresh && !self.resumes {
                    return Err(self.fail(&bio, CODE_INTERNAL));
                }
                self.state = State::Open;
                self.forget_handshake();
                return Ok(Progress::Done);
            }
        }
    }

    /// The certificates that the peer has sent, its own first.
    pub(crate) fn peer_chain(&self) -> Chain<'_> {
        // SAFETY: the context is initialised. The list does not change while `self` is borrowed:
        // only the handshake and `forget_handshake` change it, and they borrow `self` uniquely.
        unsafe { Chain::new(ffi::requests_mbedtls_handshake_peer(self.ssl())) }
    }

    /// Accepts the peer's certificate, so that the handshake can continue.
    pub(crate) fn accept(&mut self) {
        if self.state == State::Shown {
            self.state = State::Accepted;
        }
    }

    /// Sends an alert that says why the handshake ends.
    pub(crate) fn send_alert(&mut self, alert: u8, stream: &mut dyn Stream) {
        self.state = State::Broken;
        let mut bio = Bio::new(stream, 0);
        // SAFETY: the context is set up and this connection alone uses it. That the alert
        // could not be sent changes nothing: the connection ends either way.
        unsafe {
            bio.lend(self.ssl(), |ssl| {
                ffi::mbedtls_ssl_send_alert_message(ssl, ffi::MBEDTLS_SSL_ALERT_LEVEL_FATAL as u8, alert)
            });
        }
    }

    /// Receives at least one byte, or learns that there will be none.
    pub(crate) fn receive(
        &mut self,
        stream: &mut dyn Stream,
        buffer: &mut [u8],
    ) -> Result<Received, Failure> {
        match self.state {
            State::Open | State::Deaf(_) => {}
            State::Closed => return Ok(Received::Closed),
            _ => return Err(Failure::new(CODE_INTERNAL)),
        }
        let mut bio = Bio::new(stream, READ_BUDGET).record_cost(RECORD_COST);
        if self.unfinished > 0 {
            // If mbedTLS sent an answer now, it would first send the record of the unfinished send,
            // and the repeated send would not know that.
            bio = bio.muted();
        }
        for _ in 0..=MAX_IDLE_MESSAGES {
            match self.read(&mut bio, buffer) {
                ffi::MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY => {
                    self.state = State::Closed;
                    return Ok(Received::Closed);
                }
                // The stream has ended without a close_notify (RFC 8446 §6.1).
                0 if bio.has_ended() => return Err(self.fail(&bio, ffi::MBEDTLS_ERR_SSL_CONN_EOF)),
                // A record without data (RFC 8446 section 5.4).
                0 => {}
                code if is_idle(code) => {}
                code => match usize::try_from(code) {
                    Ok(len) if len <= buffer.len() => return Ok(Received::Bytes(len)),
                    _ => return Err(self.fail(&bio, code)),
                },
            }
        }
        Err(self.fail(&bio, CODE_FLOOD))
    }

    /// Calls mbedTLS to read. Returns the number of bytes, or a code.
    fn read(&self, bio: &mut Bio<'_>, buffer: &mut [u8]) -> c_int {
        // SAFETY: the context is set up and this connection alone uses it; the buffer is
        // writable for its length.
        unsafe { bio.lend(self.ssl(), |ssl| ffi::mbedtls_ssl_read(ssl, buffer.as_mut_ptr(), buffer.len())) }
    }

    /// Whether a read can return without waiting for the stream.
    pub(crate) fn has_received(&self) -> bool {
        // SAFETY: the context is set up and nothing else uses it; the call only looks at it.
        self.state != State::Open || unsafe { ffi::mbedtls_ssl_check_pending(self.ssl()) != 0 }
    }

    /// Sends at least one byte of `bytes` and returns the number of bytes sent. After a time-out or
    /// a cancellation it may be called again, with bytes that start with the same bytes.
    pub(crate) fn send(&mut self, stream: &mut dyn Stream, bytes: &[u8]) -> Result<usize, Failure> {
        match self.state {
            State::Open => {}
            State::Deaf(error) => return Err(Failure::io(error)),
            _ => return Err(Failure::new(CODE_INTERNAL)),
        }
        let bytes = match self.unfinished {
            0 => bytes,
            // Otherwise mbedTLS would count bytes that it has not seen.
            len => bytes.get(..len).ok_or(Failure::new(CODE_INTERNAL))?,
        };
        self.unfinished = bytes.len();
        let mut bio = Bio::new(stream, HANDSHAKE_BUDGET);
        for _ in 0..=MAX_IDLE_MESSAGES {
            let code = {
                // SAFETY: as for `receive`; the bytes are readable for their length.
                unsafe {
                    bio.lend(self.ssl(), |ssl| ffi::mbedtls_ssl_write(ssl, bytes.as_ptr(), bytes.len()))
                }
            };
            if let Some(error) = bio.unsendable() {
                self.state = State::Deaf(error);
                return Err(Failure::io(error));
            }
            match usize::try_from(code) {
                Ok(len) if len > 0 && len <= bytes.len() => {
                    self.unfinished = 0;
                    return Ok(len);
                }
                _ if is_idle(code) => {}
                _ => return Err(self.fail(&bio, code)),
            }
        }
        Err(self.fail(&bio, CODE_FLOOD))
    }

    /// Sends a close_notify, if that is possible without waiting.
    pub(crate) fn close(&mut self, stream: &mut dyn Stream) {
        if !matches!(self.state, State::Open | State::Closed) {
            return;
        }
        self.state = State::Broken;
        let mut bio = Bio::new(stream, 0);
        // SAFETY: the context is set up, and this connection alone uses it. If the alert cannot be
        // sent, the peer sees the end of the stream.
        unsafe { bio.lend(self.ssl(), |ssl| ffi::mbedtls_ssl_close_notify(ssl)) };
    }

    /// Whether the handshake has resumed the session that was offered, without a certificate.
    pub(crate) const fn is_resumed(&self) -> bool {
        self.resumes
    }

    /// Returns the session that the server can resume. `None` if it was taken already, or is larger
    /// than `most` bytes.
    ///
    /// With TLS 1.3, the session arrives in a ticket, while data are received. Each ticket is for
    /// one connection, and the newest one counts.
    pub(crate) fn take_session(&mut self, most: usize) -> Result<Option<SavedSession>, Failure> {
        if !TLS_RESUMPTION || !matches!(self.state, State::Open | State::Closed) {
            return Ok(None);
        }
        // SAFETY: the context is set up and this connection alone uses it.
        unsafe { session::save(self.ssl(), most) }
    }

    /// The protocol version in its numeric form: 0x0303 for TLS 1.2 or 0x0304 for TLS 1.3.
    pub(crate) fn version(&self) -> u16 {
        // SAFETY: the context is initialised.
        let version = unsafe { ffi::requests_mbedtls_version(self.ssl()) };
        u16::try_from(version).unwrap_or(0)
    }

    fn ssl(&self) -> *mut ffi::mbedtls_ssl_context {
        // SAFETY: the block lives as long as `self`, and no reference is created.
        unsafe { &raw mut (*self.block.as_ptr()).ssl }
    }

    fn fail(&mut self, bio: &Bio<'_>, code: c_int) -> Failure {
        // After the handshake, a call that timed out or was cancelled can be repeated. Every other
        // failure is final.
        let mut failure = bio.failure(code);
        if !failure.io.is_some_and(|io| matches!(io.kind, ErrorKind::TimedOut | ErrorKind::Interrupted))
            || !matches!(self.state, State::Open | State::Deaf(_))
        {
            self.state = State::Broken;
        }
        if code == ffi::MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE {
            // SAFETY: the context is initialised.
            let alert = unsafe { ffi::requests_mbedtls_received_alert(self.ssl()) };
            failure.received_alert = u8::try_from(alert).ok();
        }
        failure
    }

    /// Frees what only the handshake needed: the peer's certificates, the client's certificates and
    /// key, and the ticket that was offered.
    fn forget_handshake(&mut self) {
        {
            // SAFETY: the context is set up and this connection alone uses it.
            unsafe {
                ffi::requests_mbedtls_forget_peer(self.ssl());
                ffi::requests_mbedtls_begin_session(self.ssl());
            }
        }
        // The configuration still points to both, which are now empty. They are not read again,
        // because renegotiation is off.
        if let Some(identity) = &mut self.identity {
            identity.chain.clear();
            identity.key.clear();
        }
    }
}

// SAFETY: this value alone owns the block. mbedTLS does not depend on the thread, and its shared
// data has locks.
unsafe impl Send for Connection {}

/// Whether the code only means that mbedTLS must be called again.
fn is_idle(code: c_int) -> bool {
    matches!(
        code,
        ffi::MBEDTLS_ERR_SSL_WANT_READ
            | ffi::MBEDTLS_ERR_SSL_WANT_WRITE
            | ffi::MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
    )
}

fn allocate() -> Result<NonNull<Block>, Failure> {
    start()?;
    // SAFETY: for Rust, a zeroed block is initialised, because it consists of integers, pointers
    // and nullable function pointers.
    unsafe {
        let block = ffi::requests_mbedtls_calloc(1, size_of::<Block>()).cast::<Block>();
        let block = NonNull::new(block).ok_or(Failure::new(ffi::REQUESTS_MBEDTLS_ERR_ALLOC_FAILED))?;
        ffi::mbedtls_ssl_init(&raw mut (*block.as_ptr()).ssl);
        ffi::mbedtls_ssl_config_init(&raw mut (*block.as_ptr()).conf);
        Ok(block)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let block = self.block.as_ptr();
        // SAFETY: `new` has initialised the block, and it is freed only here. The context is freed
        // before the configuration that it points to, and that before `identity`, which is dropped
        // after this.
        unsafe {
            ffi::mbedtls_ssl_free(&raw mut (*block).ssl);
            ffi::mbedtls_ssl_config_free(&raw mut (*block).conf);
            ffi::requests_mbedtls_free(block.cast());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
//! One TLS connection: configuration and context in one block of mbedTLS's heap.

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

/// The longest server name, without the NUL that C wants: RFC 1035 section 2.3.4.
pub(crate) const MAX_NAME: usize = 255;

/// More than a handshake with the longest sound certificate chain takes.
const HANDSHAKE_BUDGET: usize = 128 * 1024;

/// How many bytes one read may receive: a record of the largest size, and whatever a sound server sends in
/// front of it that has no data in it. mbedTLS passes over such things by itself, so that a peer that sends
/// nothing else would never let a read end that has no deadline.
const READ_BUDGET: usize = 64 * 1024;

/// For how many bytes more each record counts then: the smallest ones are the most work.
const RECORD_COST: usize = 64;

/// How many messages without data one read or handshake step may pass over.
const MAX_IDLE_MESSAGES: usize = 64;

static ALPN_HTTP_1_1: &CStr = c"http/1.1";

/// What a [`Connection`] is made of.
pub(crate) struct Setup<'a> {
    /// The name to send and to verify; an address literal is verified only.
    pub name: &'a str,
    /// Whether `name` goes into the handshake.
    pub sends_name: bool,
    /// The lowest version to speak is TLS 1.3, not 1.2.
    pub needs_tls13: bool,
    /// What this client shows of itself.
    pub identity: Option<Identity>,
    /// Whether [`Connection::take_session`] will be asked for a session to resume later.
    pub keeps_session: bool,
    /// A session of an earlier connection to the same peer under the same trust, as taken from it.
    pub session: Option<&'a [u8]>,
}

/// A client certificate with what leads to its root, and its key.
pub(crate) struct Identity {
    pub chain: Certificates,
    pub key: Key,
}

/// Everything that mbedTLS holds pointers to, at one address from its making to its freeing.
struct Block {
    ssl: ffi::mbedtls_ssl_context,
    conf: ffi::mbedtls_ssl_config,
    alpn: [*const c_char; 2],
    name: [u8; MAX_NAME + 1],
}

/// A TLS connection without the stream below it, which is lent to each call.
pub(crate) struct Connection {
    block: NonNull<Block>,
    /// What the configuration in `block` points to.
    identity: Option<Identity>,
    state: State,
    /// A session of before was offered, so the peer need not show a certificate.
    resumes: bool,
    /// How many bytes a send was given that has not come to its end: mbedTLS holds their record, and the next
    /// send has to be for the same bytes. 0 when there is none.
    unfinished: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is known of the peer yet.
    Fresh,
    /// The peer's certificate waits for [`Connection::accept`].
    Shown,
    /// The certificate was accepted.
    Accepted,
    /// Data may flow.
    Open,
    /// The peer takes nothing any more, and why; what it sent before can still be read.
    Deaf(StreamError),
    /// The peer has said that it will send nothing more.
    Closed,
    /// An error has made the connection useless.
    Broken,
}

/// How far a handshake has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The peer has shown its certificate: [`Connection::accept`] it or drop the connection.
    Certificate,
    /// Data may flow.
    Done,
}

/// What a read brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// That many bytes, at least one.
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

        // SAFETY: the block is initialised, uniquely owned and stays where it is until `drop`; what the
        // configuration is given pointers to lies in it or is owned by `connection` just as long. The name
        // was zeroed with the block and is one byte longer than the longest that is copied into it.
        unsafe {
            let conf = &raw mut (*block).conf;
            check(ffi::mbedtls_ssl_config_defaults(
                conf,
                ffi::MBEDTLS_SSL_IS_CLIENT as c_int,
                ffi::MBEDTLS_SSL_TRANSPORT_STREAM as c_int,
                ffi::MBEDTLS_SSL_PRESET_DEFAULT as c_int,
            ))?;
            // mbedTLS does not verify while it reads the certificate: `handshake` stops right behind that
            // message, before anything is answered, and goes on only after `accept`. The roots are looked
            // up then, for the chain that is there, instead of being kept parsed in RAM.
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
            // A session that cannot be offered is no reason to fail: the peer then shows its certificate.
            connection.resumes =
                TLS_RESUMPTION && setup.session.is_some_and(|saved| session::offer(ssl, saved, name) == 0);
        }
        Ok(connection)
    }

    /// Goes on with the handshake until the peer shows its certificate or all is done.
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
            // A peer that has closed the connection has not seen all: no progress counts, only its alert.
            if bio.unsendable().is_some() && (over || shown && self.state == State::Fresh) {
                let code = if over { self.read(&mut bio, &mut [0; 1]) } else { CODE_INTERNAL };
                return Err(self.fail(&bio, code));
            }
            // Never past a certificate that nobody has looked at, whatever mbedTLS thinks it may do.
            if shown && self.state == State::Fresh {
                self.state = State::Shown;
                if self.resumes {
                    self.resumes = false;
                    // SAFETY: the context is set up and this connection alone uses it. The
                    // peer wants a full handshake, whose session has nothing to do with the one offered.
                    unsafe { ffi::requests_mbedtls_decline_session(self.ssl()) };
                }
                return Ok(Progress::Certificate);
            }
            if over {
                // Without a certificate only the secret of a session that was verified then proves who this
                // is.
                if self.state == State::Fresh && !self.resumes {
                    return Err(self.fail(&bio, CODE_INTERNAL));
                }
                self.state = State::Open;
                self.forget_handshake();
                return Ok(Progress::Done);
            }
        }
    }

    /// The certificates that the peer has shown, its own first.
    pub(crate) fn peer_chain(&self) -> Chain<'_> {
        // SAFETY: the context is initialised; the list stays as it is while `self` is borrowed, because only
        // the handshake and `forget_certificates`, which borrow it uniquely, change it.
        unsafe { Chain::new(ffi::requests_mbedtls_handshake_peer(self.ssl())) }
    }

    /// Lets the handshake go on with the certificate that was shown.
    pub(crate) fn accept(&mut self) {
        if self.state == State::Shown {
            self.state = State::Accepted;
        }
    }

    /// Tells the peer why the handshake ends here.
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
            // An answer of mbedTLS's own would push the record of the unfinished send out before it, and the
            // repeated send would not know.
            bio = bio.muted();
        }
        for _ in 0..=MAX_IDLE_MESSAGES {
            match self.read(&mut bio, buffer) {
                ffi::MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY => {
                    self.state = State::Closed;
                    return Ok(Received::Closed);
                }
                // The stream has ended, but nobody has said that this was all: RFC 8446 section 6.1.
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

    /// One call of mbedTLS that reads: the number of bytes, or a code.
    fn read(&self, bio: &mut Bio<'_>, buffer: &mut [u8]) -> c_int {
        // SAFETY: the context is set up and this connection alone uses it; the buffer is
        // writable for its length.
        unsafe { bio.lend(self.ssl(), |ssl| ffi::mbedtls_ssl_read(ssl, buffer.as_mut_ptr(), buffer.len())) }
    }

    /// Whether something that was received waits in mbedTLS, so that the stream need not bring more.
    pub(crate) fn has_received(&self) -> bool {
        // SAFETY: the context is set up and nothing else uses it; the call only looks at it.
        self.state != State::Open || unsafe { ffi::mbedtls_ssl_check_pending(self.ssl()) != 0 }
    }

    /// Sends at least one byte of `bytes` and returns how many. After a time-out or a cancellation it may be
    /// called again, with bytes that begin as those did.
    pub(crate) fn send(&mut self, stream: &mut dyn Stream, bytes: &[u8]) -> Result<usize, Failure> {
        match self.state {
            State::Open => {}
            State::Deaf(error) => return Err(Failure::io(error)),
            _ => return Err(Failure::new(CODE_INTERNAL)),
        }
        let bytes = match self.unfinished {
            0 => bytes,
            // mbedTLS would count bytes that it has not seen.
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

    /// Tells the peer that nothing more will come, if that can be said at once.
    pub(crate) fn close(&mut self, stream: &mut dyn Stream) {
        if !matches!(self.state, State::Open | State::Closed) {
            return;
        }
        self.state = State::Broken;
        let mut bio = Bio::new(stream, 0);
        // SAFETY: the context is set up and this connection alone uses it. A peer that
        // cannot be told learns it from the end of the stream.
        unsafe { bio.lend(self.ssl(), |ssl| ffi::mbedtls_ssl_close_notify(ssl)) };
    }

    /// Whether the handshake has resumed the session that was offered, in place of a certificate.
    pub(crate) const fn is_resumed(&self) -> bool {
        self.resumes
    }

    /// The session that the server can resume, unless it was taken already or is larger than `most` bytes.
    ///
    /// With TLS 1.3 it comes into being when a ticket arrives, that is, while data are received. Each ticket
    /// is for one connection, and the newest one counts.
    pub(crate) fn take_session(&mut self, most: usize) -> Result<Option<SavedSession>, Failure> {
        if !TLS_RESUMPTION || !matches!(self.state, State::Open | State::Closed) {
            return Ok(None);
        }
        // SAFETY: the context is set up and this connection alone uses it.
        unsafe { session::save(self.ssl(), most) }
    }

    /// The version spoken, as on the wire: 0x0303 or 0x0304.
    pub(crate) fn version(&self) -> u16 {
        // SAFETY: the context is initialised.
        let version = unsafe { ffi::requests_mbedtls_version(self.ssl()) };
        u16::try_from(version).unwrap_or(0)
    }

    fn ssl(&self) -> *mut ffi::mbedtls_ssl_context {
        // SAFETY: the block is alive as long as `self`; no reference is made.
        unsafe { &raw mut (*self.block.as_ptr()).ssl }
    }

    fn fail(&mut self, bio: &Bio<'_>, code: c_int) -> Failure {
        // What timed out or was cancelled once data may flow can be repeated; every other failure is final.
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

    /// Gives back what only the handshake needed: the peer's certificates, the client's own and its key, the
    /// ticket that was offered.
    fn forget_handshake(&mut self) {
        {
            // SAFETY: the context is set up and this connection alone uses it.
            unsafe {
                ffi::requests_mbedtls_forget_peer(self.ssl());
                ffi::requests_mbedtls_begin_session(self.ssl());
            }
        }
        // The configuration goes on pointing to both, which are left empty and are not read again, since
        // renegotiation is off.
        if let Some(identity) = &mut self.identity {
            identity.chain.clear();
            identity.key.clear();
        }
    }
}

// SAFETY: the block belongs to this value alone. mbedTLS ties nothing to a thread, and what threads share of
// it has locks.
unsafe impl Send for Connection {}

/// Whether mbedTLS only wants to be called again.
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
    // SAFETY: a zeroed block is initialised as far as Rust is concerned: all of it is
    // integers, pointers and nullable function pointers.
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
        // SAFETY: initialised by `new` and freed only here, the context before the configuration that it
        // points to, and that before `identity`, which is dropped after this.
        unsafe {
            ffi::mbedtls_ssl_free(&raw mut (*block).ssl);
            ffi::mbedtls_ssl_config_free(&raw mut (*block).conf);
            ffi::requests_mbedtls_free(block.cast());
        }
    }
}

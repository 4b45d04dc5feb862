// SPDX-License-Identifier: Apache-2.0
//! TLS over any [`Transport`], verified by default.
//!
//! ```text
//! TlsConfig ──► TlsTransport ──► roots (given or bundle) ─┐
//!                    │           path, verify ──► x509, names, dates, pins
//!                    └──► sys::tls (mbedTLS) ◄────────────┘
//! ```
//!
//! A server is accepted when its certificate leads to a trusted root by valid signatures of sufficient
//! strength, all of it valid today, and names the host of the URL. Not checked: revocation lists and OCSP
//! (embedded devices have neither the bandwidth nor the memory; use [pins](TlsConfig::pins) to cut one off),
//! certificate transparency, names other than of hosts in name constraints.
//!
//! A [session](crate::Session) resumes TLS sessions of earlier connections, which its `TlsSessions` hold: to the same host
//! under the same trust only, and no longer than the certificates that were verified then are valid.
//!
//! With `CONFIG_REQUESTS_TLS_SOCKETS` on Zephyr, its secure sockets do all this in place of mbedTLS here, as far as they
//! can: `docs/tls.md` says what differs.
//!
//! mbedTLS's heap is the only memory that grows: about 20 KB a connection with the default buffers, and the
//! certificates of both sides during the handshake.

#[cfg(not(tls_sockets))]
mod certificate;
#[cfg(all(feature = "zephyr", not(tls_sockets)))]
mod credentials;
pub mod danger;
#[cfg_attr(tls_sockets, allow(dead_code, reason = "certificates are the sockets' business"))]
mod date;
#[cfg(not(tls_sockets))]
mod der;
mod error;
#[cfg(not(tls_sockets))]
mod fingerprint;
#[cfg(not(tls_sockets))]
mod name;
#[cfg(not(tls_sockets))]
mod path;
#[cfg_attr(tls_sockets, allow(dead_code, reason = "only pins are read"))]
mod pem;
mod pin;
#[cfg(not(tls_sockets))]
mod resumption;
#[cfg(not(tls_sockets))]
mod roots;
#[cfg(not(tls_sockets))]
mod sessions_export;
#[cfg(tls_sockets)]
mod sockets;
#[cfg_attr(tls_sockets, allow(dead_code, reason = "certificates are the sockets' business"))]
mod text;
#[cfg(not(tls_sockets))]
mod verify;

use core::fmt;

pub use date::Date;
pub use error::{Alert, TlsError};
pub use pin::{InvalidPin, Pin};
#[cfg(not(tls_sockets))]
pub use resumption::TlsSessions;
#[cfg(not(tls_sockets))]
pub use sessions_export::SessionsError;
#[cfg(tls_sockets)]
pub use sockets::{SecureSocket, TlsTransport};
pub use text::Text;

#[cfg(all(feature = "zephyr", not(tls_sockets)))]
use credentials::Survey;
#[cfg(not(tls_sockets))]
pub(crate) use fingerprint::{KnownTrust, SessionKey};
#[cfg(not(tls_sockets))]
use name::ServerName;
#[cfg(not(tls_sockets))]
use resumption::{MAX_SESSION, TlsSession, Validity};
#[cfg(tls_sockets)]
pub(crate) use sockets::{KnownTrust, SessionKey};
#[cfg(not(tls_sockets))]
use verify::Policy;

#[cfg(not(tls_sockets))]
use crate::config::TLS_RESUMPTION;
use crate::config::TLS_UNCHECKED_DATES;
#[cfg(not(tls_sockets))]
use crate::sys::tls::{
    Certificates, Connection, Failure, HeapBytes, Identity, Key, Progress, Received, Setup,
};
#[cfg(not(tls_sockets))]
use crate::sys::tls::{failed_allocations, has_tls12, has_tls13};
#[cfg(all(feature = "zephyr", not(tls_sockets)))]
use crate::sys::zephyr::CredentialKind;
#[cfg(not(tls_sockets))]
use crate::transport::{Deadline, IoError, Transport};

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2, RFC 5246.
    #[default]
    Tls12,
    /// TLS 1.3, RFC 8446.
    Tls13,
}

/// What becomes of the dates in certificates on a machine that does not know the date.
///
/// Where the date is known it is always checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DatePolicy {
    /// Without the date there is no connection: [`TlsError::ClockNotSet`].
    #[default]
    Required,
    /// Without the date, certificates are accepted that have expired or are not valid yet.
    ///
    /// A key that was stolen long ago, with its certificate, then still opens the door. Setting the clock later closes it
    /// for new connections, and no session of one made before it is resumed, but connections that are open stay so and
    /// are used further: [`Session::close`](crate::Session::close) ends
    /// those.
    IgnoredWithoutClock,
}

/// Where trust begins.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(tls_sockets, expect(dead_code, reason = "secure sockets refuse certificates, whichever they are"))]
enum Roots<'a> {
    /// The authorities that are built in.
    Bundle,
    /// Certificates in DER, one or several in a row, or in PEM.
    Given(&'a [&'a [u8]]),
    /// The authorities that are built in, and such certificates.
    BundleAnd(&'a [&'a [u8]]),
    /// The authorities registered under these security tags.
    #[cfg(all(feature = "zephyr", not(tls_sockets)))]
    Credentials(&'a [u32]),
}

/// How TLS connections are made: whom to trust, what to show, what to insist on.
///
/// It borrows everything, so it can live in flash:
///
/// ```
/// use requests::tls::{TlsConfig, TlsVersion};
///
/// static OUR_ROOT: &[u8] = b"-----BEGIN CERTIFICATE-----\n...";
/// static ROOTS: [&[u8]; 1] = [OUR_ROOT];
/// static CONFIG: TlsConfig<'static> =
///     TlsConfig::new().roots(&ROOTS).min_version(TlsVersion::Tls13);
/// ```
#[derive(Clone, Copy)]
pub struct TlsConfig<'a> {
    roots: Roots<'a>,
    identity: Option<(&'a [u8], &'a [u8])>,
    #[cfg(feature = "zephyr")]
    tags: &'a [u32],
    pins: &'a [Pin],
    min_version: TlsVersion,
    dates: DatePolicy,
    is_verified: bool,
}

impl<'a> TlsConfig<'a> {
    /// Verified against the built-in authorities, TLS 1.2 or newer, no client certificate. Dates are required, but on
    /// Zephyr with `CONFIG_REQUESTS_TLS_UNCHECKED_DATES`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            roots: Roots::Bundle,
            identity: None,
            #[cfg(feature = "zephyr")]
            tags: &[],
            pins: &[],
            min_version: TlsVersion::Tls12,
            dates: if TLS_UNCHECKED_DATES { DatePolicy::IgnoredWithoutClock } else { DatePolicy::Required },
            is_verified: true,
        }
    }

    /// Trusts these certificates and no others.
    ///
    /// Each slice holds certificates in DER, one or several in a row, or in PEM. An intermediate authority can be among
    /// them, and a server's own certificate, whoever has signed it: that is trusted for its own names and dates. They are
    /// read when a server shows its chain, and only those that it needs are kept
    /// in RAM meanwhile: the list of an operating system costs no more than a single one.
    #[must_use]
    pub const fn roots(mut self, certificates: &'a [&'a [u8]]) -> Self {
        self.roots = Roots::Given(certificates);
        self
    }

    /// Trusts these certificates, as [`roots`](Self::roots) takes them, besides the built-in authorities.
    #[must_use]
    pub const fn extra_roots(mut self, certificates: &'a [&'a [u8]]) -> Self {
        self.roots = Roots::BundleAnd(certificates);
        self
    }

    /// Shows this certificate to servers that ask for one, and proves it with this key.
    ///
    /// Those that a redirect leads to are among them: they learn who this is, though not the key. Where that is too
    /// much, follow no redirects.
    ///
    /// Both in DER or PEM; the certificate first, then what leads from it to the root. The key is RSA or EC,
    /// in PKCS #8, PKCS #1 or SEC 1 form, not encrypted.
    #[must_use]
    pub const fn identity(mut self, certificates: &'a [u8], key: &'a [u8]) -> Self {
        self.identity = Some((certificates, key));
        self
    }

    /// Uses what the application has registered under these security tags by Zephyr's `tls_credential_add()`:
    ///
    /// - `TLS_CREDENTIAL_CA_CERTIFICATE`: certificates to trust, as [`roots`](Self::roots) takes them, in place of
    ///   the built-in authorities. Where [`roots`](Self::roots) or [`extra_roots`](Self::extra_roots) was called, the
    ///   roots given there count and these do not. Where none of the tags has any, the built-in ones count.
    /// - `TLS_CREDENTIAL_PUBLIC_CERTIFICATE` with `TLS_CREDENTIAL_PRIVATE_KEY`: what
    ///   [`identity`](Self::identity) takes, unless that was called. Of several tags that have it, the first counts.
    ///
    /// The credentials are looked up for each connection: a tag without any of these is an error then. They are
    /// copied to mbedTLS's heap only while they are read.
    ///
    /// Takes `CONFIG_TLS_CREDENTIALS`, which `CONFIG_REQUESTS_TLS` sets unless told otherwise.
    #[cfg(feature = "zephyr")]
    #[must_use]
    pub const fn credentials(mut self, tags: &'a [u32]) -> Self {
        self.tags = tags;
        self
    }

    /// Besides all other checks, demands that a key of the chain has one of these pins.
    ///
    /// The key can be the server's own, an intermediate authority's, or the root's.
    #[must_use]
    pub const fn pins(mut self, pins: &'a [Pin]) -> Self {
        self.pins = pins;
        self
    }

    /// Speaks no older version than this.
    #[must_use]
    pub const fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = version;
        self
    }

    /// What to do when the machine does not know the date.
    #[must_use]
    pub const fn dates(mut self, policy: DatePolicy) -> Self {
        self.dates = policy;
        self
    }

    const fn unverified(mut self) -> Self {
        self.is_verified = false;
        self
    }

    /// The first setting that secure sockets cannot do.
    #[cfg(tls_sockets)]
    const fn unsupported(&self) -> Option<&'static str> {
        Some(match self.roots {
            Roots::Given(_) => "roots",
            Roots::BundleAnd(_) => "extra_roots",
            Roots::Bundle if self.identity.is_some() => "identity",
            Roots::Bundle if !self.pins.is_empty() => "pins",
            // The protocol that such a socket is made with is no lower bound.
            Roots::Bundle if !matches!(self.min_version, TlsVersion::Tls12) => "min_version",
            Roots::Bundle if !matches!(self.dates, DatePolicy::Required) => "dates",
            Roots::Bundle => return None,
        })
    }

    /// The date to check certificates by, `None` for not at all.
    #[cfg(not(tls_sockets))]
    pub(crate) fn date(&self, now: Option<i64>) -> Result<Option<Date>, TlsError> {
        match (now, self.dates) {
            (Some(now), _) => Ok(Some(Date::from_unix(now))),
            (None, DatePolicy::IgnoredWithoutClock) => Ok(None),
            (None, _) if !self.is_verified => Ok(None),
            (None, _) => Err(TlsError::ClockNotSet),
        }
    }

    /// What begins the trust: roots that were given, else registered ones, else the built-in ones.
    #[cfg(all(feature = "zephyr", not(tls_sockets)))]
    const fn trusted_roots(&self, survey: &Survey) -> Roots<'a> {
        match self.roots {
            Roots::Bundle if survey.has_authorities => Roots::Credentials(self.tags),
            roots => roots,
        }
    }

    /// Whom to trust and what to show of the client: what was given, else what is registered.
    #[cfg(all(feature = "zephyr", not(tls_sockets)))]
    fn resolve(&self) -> Result<(Roots<'a>, Option<Identity>), TlsError> {
        let survey = Survey::of(self.tags)?;
        let identity = match (self.identity, survey.identity) {
            (Some((certificates, key)), _) => Some(read_identity(certificates, key)?),
            (None, Some(tag)) => Some(registered_identity(tag)?),
            (None, None) => None,
        };
        Ok((self.trusted_roots(&survey), identity))
    }

    /// Whom to trust and what to show of the client.
    #[cfg(not(feature = "zephyr"))]
    fn resolve(&self) -> Result<(Roots<'a>, Option<Identity>), TlsError> {
        let identity = match self.identity {
            Some((certificates, key)) => Some(read_identity(certificates, key)?),
            None => None,
        };
        Ok((self.roots, identity))
    }
}

impl Default for TlsConfig<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TlsConfig<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither keys nor pages of certificates belong into a log.
        let mut f = f.debug_struct("TlsConfig");
        f.field("has_own_roots", &!matches!(self.roots, Roots::Bundle))
            .field("has_identity", &self.identity.is_some());
        #[cfg(feature = "zephyr")]
        f.field("credentials", &self.tags);
        f.field("pins", &self.pins)
            .field("min_version", &self.min_version)
            .field("dates", &self.dates)
            .field("is_verified", &self.is_verified)
            .finish()
    }
}

/// Parses the client's certificates and key, and checks that they belong together.
#[cfg(not(tls_sockets))]
fn read_identity(certificates: &[u8], key: &[u8]) -> Result<Identity, TlsError> {
    let unreadable = |failure: crate::sys::tls::Failure| {
        if failure.is_out_of_memory() {
            TlsError::OutOfMemory { code: failure.code }
        } else {
            TlsError::InvalidIdentity { code: failure.code }
        }
    };
    let mut chain = Certificates::new().map_err(unreadable)?;
    roots::each_certificate(certificates, |der| chain.push(der).map_err(unreadable))?;
    if chain.len() == 0 {
        return Err(TlsError::InvalidIdentity { code: 0 });
    }
    let key =
        if key.first() == Some(&der::SEQUENCE) { Key::parse(key) } else { Key::parse(&key_from_pem(key)?) }
            .map_err(unreadable)?;
    key.check_pair(&chain).map_err(|failure| TlsError::KeyMismatch { code: failure.code })?;
    Ok(Identity { chain, key })
}

/// The client's certificates and key that are registered under `tag`.
#[cfg(all(feature = "zephyr", not(tls_sockets)))]
fn registered_identity(tag: u32) -> Result<Identity, TlsError> {
    let load = |kind| credentials::load(tag, kind)?.ok_or(TlsError::MissingCredential { tag });
    let certificates = load(CredentialKind::OwnCertificate)?;
    let key = load(CredentialKind::PrivateKey)?;
    read_identity(&certificates, &key)
}

/// The first private key of a PEM text.
#[cfg(not(tls_sockets))]
fn key_from_pem(text: &[u8]) -> Result<HeapBytes, TlsError> {
    pem::Blocks(text)
        .find(|block| block.label.ends_with(b"PRIVATE KEY"))
        .filter(|block| !block.label.starts_with(b"ENCRYPTED"))
        .map(|block| block.decode())
        .transpose()
        .map_err(TlsError::from_internal)?
        .flatten()
        .ok_or(TlsError::InvalidIdentity { code: 0 })
}

/// A TLS connection over another transport.
///
/// It is a [`Transport`] itself: the end of the stream is reported only when the peer has said in TLS that
/// there is no more ([RFC 8446 section 6.1]); an end without that is an error, because an attacker can cut a
/// connection but cannot say so. [`TlsTransport::error`] tells more than the [`IoError`] does.
///
/// Dropped, it tells the peer that nothing more will come, if that can be said without waiting.
///
/// [RFC 8446 section 6.1]: https://www.rfc-editor.org/rfc/rfc8446#section-6.1
#[cfg(not(tls_sockets))]
pub struct TlsTransport<T: Transport> {
    connection: Connection,
    transport: T,
    /// What failed last. A `TlsError` has room for texts about certificates, which nothing of this is about.
    failure: Option<Failure>,
    /// What a session of this connection is worth, where it is to be kept.
    keeping: Option<Keeping>,
}

/// What belongs to a session besides its bytes.
#[cfg(not(tls_sockets))]
struct Keeping {
    key: SessionKey,
    validity: Validity,
}

/// How the sessions of a connection are found again, and the one to resume.
#[cfg(not(tls_sockets))]
pub(crate) struct Resumption {
    pub key: SessionKey,
    pub session: Option<TlsSession>,
}

#[cfg(not(tls_sockets))]
impl<T: Transport> TlsTransport<T> {
    /// Does the handshake with `host`, the name or address literal from the URL, over `transport`.
    ///
    /// `now` is the date, in seconds since 1970-01-01 00:00 UTC, where the machine knows it.
    ///
    /// # Errors
    /// Any [`TlsError`] but [`TlsError::Truncated`]; the transport is closed then.
    pub fn connect(
        transport: T,
        host: &str,
        config: &TlsConfig<'_>,
        now: Option<i64>,
        deadline: Deadline<'_>,
    ) -> Result<Self, TlsError> {
        Self::connect_resuming(transport, host, config, None, now, deadline, |connection| connection)
    }

    /// Does the handshake as [`connect`](Self::connect) does, and offers the server to resume a session of
    /// `sessions`, if there is one of an earlier connection to this host and port under settings that trust and
    /// show the same.
    ///
    /// [`TlsSessions::keep`] then keeps the session of this connection for later ones.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect). The session offered is gone then, so that a second attempt is a full
    /// handshake.
    pub fn connect_with<const N: usize>(
        transport: T,
        (host, port): (&str, u16),
        config: &TlsConfig<'_>,
        sessions: &mut TlsSessions<N>,
        now: Option<i64>,
        deadline: Deadline,
    ) -> Result<Self, TlsError> {
        // What fails for want of a date must not cost the session.
        config.date(now)?;
        let resumption = config
            .fingerprint()?
            .key(host, port)?
            .map(|key| Resumption { key, session: sessions.take(&key, now) });
        Self::connect_resuming(transport, host, config, resumption, now, deadline, |connection| connection)
    }

    /// Does the handshake and offers this session, of which the key must be that of `host` and `config`. `put` is given
    /// the connection: to return it would take stack.
    pub(crate) fn connect_resuming<R>(
        transport: T,
        host: &str,
        config: &TlsConfig<'_>,
        resumption: Option<Resumption>,
        now: Option<i64>,
        deadline: Deadline<'_>,
        put: impl FnOnce(Self) -> R,
    ) -> Result<R, TlsError> {
        let before = failed_allocations();
        Self::handshake(transport, host, config, resumption, now, deadline, put).map_err(|error| {
            // mbedTLS takes a signature that it has no memory to check for a wrong one, and the like.
            if failed_allocations() <= before { error } else { TlsError::OutOfMemory { code: error.code() } }
        })
    }

    fn handshake<R>(
        mut transport: T,
        host: &str,
        config: &TlsConfig<'_>,
        resumption: Option<Resumption>,
        now: Option<i64>,
        deadline: Deadline<'_>,
        put: impl FnOnce(Self) -> R,
    ) -> Result<R, TlsError> {
        let name = ServerName::parse(host).ok_or(TlsError::InvalidServerName)?;
        let clock = now;
        let now = config.date(now)?;
        let (roots, identity) = config.resolve()?;
        if config.is_verified {
            roots.check()?;
        }
        if config.min_version == TlsVersion::Tls13 && !has_tls13() || !has_tls12() && !has_tls13() {
            return Err(TlsError::UnsupportedVersion { code: 0 });
        }
        let mut connection = Connection::new(Setup {
            name: name.text(),
            sends_name: name.is_dns(),
            needs_tls13: config.min_version == TlsVersion::Tls13 || !has_tls12(),
            identity,
            keeps_session: TLS_RESUMPTION && resumption.is_some(),
            session: resumption.as_ref().and_then(|r| r.session.as_ref()).map(|session| &*session.bytes),
        })
        .map_err(TlsError::from_internal)?;
        // mbedTLS has a copy of the session's bytes: of ours only what they are worth is kept.
        let mut keeping = resumption.map(|Resumption { key, session }| Keeping {
            key,
            validity: session.map_or(Validity::NONE, |session| session.validity),
        });

        if !config.is_verified {
            warn_of_unverified(host);
        }
        let policy = Policy { name, roots, now, pins: config.pins };
        loop {
            let progress = connection
                .handshake(&mut transport, deadline)
                .map_err(|failure| TlsError::from_failure(failure, true))?;
            if progress == Progress::Done {
                return Ok(put(Self { connection, transport, failure: None, keeping }));
            }
            let verdict = if config.is_verified {
                // That can be found out at any time and on any transport that knows how to wait.
                verify::verify(&connection, &policy, &mut || transport.wait_ready(deadline))
            } else {
                verify::verify_pin_only(&connection, config.pins).map(|()| Date::from_unix(i64::MAX))
            };
            match verdict {
                Ok(not_after) => {
                    if let Some(Keeping { validity, .. }) = &mut keeping {
                        *validity = Validity { verified: clock, not_after: not_after.unix_seconds() };
                    }
                    connection.accept();
                }
                Err(error) => {
                    connection.send_alert(error.alert().0, &mut transport, deadline);
                    return Err(error);
                }
            }
        }
    }

    /// Why the last [`receive`](Transport::receive) or [`send`](Transport::send) failed.
    #[must_use]
    pub fn error(&self) -> Option<TlsError> {
        self.failure.map(|failure| TlsError::from_failure(failure, false))
    }

    /// The version that both sides speak.
    #[must_use]
    pub fn version(&self) -> TlsVersion {
        if self.connection.version() >= 0x0304 { TlsVersion::Tls13 } else { TlsVersion::Tls12 }
    }

    /// Whether the server has resumed a session, in place of showing its certificate.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.connection.is_resumed()
    }

    /// The session of this connection with its key and its lifetime in seconds, if the server has given a new one.
    fn take_session(&mut self) -> Option<(SessionKey, TlsSession, Option<u32>)> {
        let &Keeping { key, validity } = self.keeping.as_ref()?;
        // A session that there is no memory for is not kept.
        let saved = self.connection.take_session(MAX_SESSION).ok()??;
        Some((key, TlsSession { bytes: saved.bytes, validity }, saved.lifetime))
    }

    fn fail(&mut self, failure: Failure) -> IoError {
        let error = TlsError::from_failure(failure, false);
        // A peer that does not say goodbye after it would take nothing more: the first is what matters.
        if !(error == TlsError::Truncated && matches!(self.error(), Some(TlsError::Io(_)))) {
            self.failure = Some(failure);
        }
        error.as_io()
    }
}

#[cfg(not(tls_sockets))]
impl<T: Transport> Transport for TlsTransport<T> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.connection.send(&mut self.transport, deadline, bytes).map_err(|failure| self.fail(failure))
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        match self.connection.receive(&mut self.transport, deadline, buffer) {
            Ok(Received::Bytes(len)) => Ok(len),
            Ok(Received::Closed) => Ok(0),
            Err(failure) => Err(self.fail(failure)),
        }
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        if self.connection.has_received() { Ok(()) } else { self.transport.wait_ready(deadline) }
    }
}

#[cfg(not(tls_sockets))]
impl<T: Transport> Drop for TlsTransport<T> {
    fn drop(&mut self) {
        self.connection.close(&mut self.transport, Deadline::NO_WAIT);
    }
}

#[cfg(not(tls_sockets))]
impl<T: Transport> fmt::Debug for TlsTransport<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport")
            .field("version", &self.version())
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}

/// What TLS takes of mbedTLS's heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeapUsage {
    /// Bytes in use now.
    pub used: usize,
    /// The most bytes that ever were in use.
    pub peak: usize,
    /// Blocks in use now.
    pub blocks: usize,
}

/// How much of mbedTLS's heap is in use by all connections together.
///
/// `None` where it is not counted: on Zephyr this takes `CONFIG_REQUESTS_TLS_HEAP_STATISTICS`, which secure sockets
/// (`CONFIG_REQUESTS_TLS_SOCKETS`) do not have.
#[must_use]
pub fn heap_usage() -> Option<HeapUsage> {
    #[cfg(not(tls_sockets))]
    return crate::sys::tls::heap_usage().map(|(used, peak, blocks)| HeapUsage { used, peak, blocks });
    #[cfg(tls_sockets)]
    None
}

/// Lets no more than `bytes` of mbedTLS's heap be in use, as on a device with `CONFIG_MBEDTLS_HEAP_SIZE` so low.
///
/// For finding out on a host what an application does then, and how much it needs.
#[cfg(feature = "host")]
pub fn limit_heap(bytes: usize) {
    crate::sys::tls::limit_heap(bytes);
}

fn warn_of_unverified(host: &str) {
    #[cfg(feature = "log")]
    log::warn!("the certificate of {host} is NOT verified: danger::accept_invalid_certs was called");
    #[cfg(not(feature = "log"))]
    let _ = host;
}

// SPDX-License-Identifier: Apache-2.0
//! TLS by secure sockets: Zephyr's own, or those of a driver whose modem speaks TLS by itself.
//!
//! The socket does the handshake and all of the verification. What it cannot be asked for is refused here, before
//! anything is sent.

use core::fmt;

use embedded_io::ErrorKind;

use super::{TlsConfig, TlsError};
use crate::config::SESSION_HOST_LEN;
use crate::transport::{Deadline, IoError, Transport};

/// What a secure socket is to do: for [`Network::connect_tls`](crate::transport::Network::connect_tls).
#[derive(Clone, Copy)]
pub struct SecureSocket<'a> {
    host: &'a str,
    tags: &'a [u32],
    is_verified: bool,
}

impl<'a> SecureSocket<'a> {
    /// A socket for a connection to `host`, the name or address literal from the URL.
    pub(crate) fn new(host: &'a str, config: &TlsConfig<'a>) -> Result<Self, TlsError> {
        if let Some(setting) = config.unsupported() {
            return Err(TlsError::UnsupportedSetting { setting });
        }
        if config.is_verified && config.tags.is_empty() {
            return Err(TlsError::NoRoots);
        }
        if !config.is_verified {
            super::warn_of_unverified(host);
        }
        // The final dot says that the name is absolute; certificates leave it out.
        let name = host.strip_suffix('.').unwrap_or(host);
        if name.is_empty() {
            return Err(TlsError::InvalidServerName);
        }
        Ok(Self { host: name, tags: config.tags, is_verified: config.is_verified })
    }

    /// The name to send and to verify, or the address literal to verify.
    #[must_use]
    pub const fn host(&self) -> &'a str {
        self.host
    }

    /// The security tags of the credentials to use.
    #[must_use]
    pub const fn tags(&self) -> &'a [u32] {
        self.tags
    }

    /// Whether the peer's certificate has to be verified: not after
    /// [`danger::accept_invalid_certs`](super::danger::accept_invalid_certs).
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.is_verified
    }

    /// What `error`, met in connecting, says of TLS.
    pub(crate) fn explain(&self, error: IoError) -> Option<TlsError> {
        match (error.kind, self.tags) {
            (ErrorKind::ConnectionAborted, _) => Some(TlsError::HandshakeFailed(error)),
            (ErrorKind::InvalidInput, _) => Some(TlsError::InvalidServerName),
            (ErrorKind::NotFound, &[tag]) => Some(TlsError::MissingCredential { tag }),
            _ => None,
        }
    }
}

impl fmt::Debug for SecureSocket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecureSocket")
            .field("host", &self.host)
            .field("tags", &self.tags)
            .field("is_verified", &self.is_verified)
            .finish()
    }
}

/// The most security tags of a connection that is kept: those that Zephyr's own sockets take, and as many again.
const MAX_TAGS: usize = 8;

/// What decides on trust, for connections that are kept.
///
/// What is registered under the tags is not looked at: modems do not show it.
pub(crate) struct Fingerprint<'a>(&'a TlsConfig<'a>);

/// A host, a port and what decides on trust.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SessionKey {
    host: heapless::String<SESSION_HOST_LEN>,
    port: u16,
    tags: heapless::Vec<u32, MAX_TAGS>,
    is_verified: bool,
}

/// What decides on trust is looked at for each request: it is little.
#[derive(Clone, Copy)]
pub(crate) struct KnownTrust;

impl KnownTrust {
    pub(crate) const NONE: Self = Self;

    /// What decides on trust.
    #[allow(clippy::unused_self, reason = "mbedTLS's knows the settings of its session")]
    pub(crate) fn fingerprint<'a>(
        &mut self,
        _own: &TlsConfig<'_>,
        config: &'a TlsConfig<'_>,
    ) -> Result<Fingerprint<'a>, TlsError> {
        config.fingerprint()
    }
}

impl TlsConfig<'_> {
    /// What decides on trust, unless it has a setting that sockets cannot do.
    pub(crate) fn fingerprint(&self) -> Result<Fingerprint<'_>, TlsError> {
        match self.unsupported() {
            Some(setting) => Err(TlsError::UnsupportedSetting { setting }),
            None => Ok(Fingerprint(self)),
        }
    }
}

impl Fingerprint<'_> {
    /// The key of what belongs to this host and port alone; `None` where there is too much of it to be kept.
    #[allow(clippy::unnecessary_wraps, reason = "mbedTLS's can fail")]
    pub(crate) fn key(&self, host: &str, port: u16) -> Result<Option<SessionKey>, TlsError> {
        let Self(&TlsConfig { tags, is_verified, .. }) = *self;
        let (Ok(mut host), Ok(tags)) = (heapless::String::try_from(host), heapless::Vec::from_slice(tags))
        else {
            return Ok(None);
        };
        host.make_ascii_lowercase();
        Ok(Some(SessionKey { host, port, tags, is_verified }))
    }
}

/// A connection by a secure socket.
///
/// The socket reports a connection that was cut as an orderly end. So every end is an error here: a response that
/// lasts until the server closes the connection cannot be told from a part of it.
pub struct TlsTransport<T: Transport> {
    transport: T,
    error: Option<TlsError>,
}

impl<T: Transport> TlsTransport<T> {
    /// Takes a socket that has done its handshake.
    pub(crate) const fn new(transport: T) -> Self {
        Self { transport, error: None }
    }

    /// Why the last [`receive`](Transport::receive) or [`send`](Transport::send) failed.
    #[must_use]
    pub const fn error(&self) -> Option<TlsError> {
        self.error
    }

    fn fail(&mut self, error: IoError) -> IoError {
        self.error = Some(match error.kind {
            ErrorKind::TimedOut => TlsError::TimedOut,
            ErrorKind::Interrupted => TlsError::Cancelled,
            _ => TlsError::Io(error),
        });
        error
    }
}

impl<T: Transport> Transport for TlsTransport<T> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.transport.send(bytes, deadline).map_err(|error| self.fail(error))
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        match self.transport.receive(buffer, deadline) {
            Ok(0) => {
                self.error = Some(TlsError::Truncated);
                Err(IoError::new(ErrorKind::ConnectionAborted))
            }
            Ok(count) => Ok(count),
            Err(error) => Err(self.fail(error)),
        }
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        self.transport.wait_ready(deadline)
    }
}

impl<T: Transport> fmt::Debug for TlsTransport<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").field("error", &self.error).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use std::format;
    use std::net::SocketAddr;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::Error;
    use crate::sys::zephyr::played;
    use crate::tls::{DatePolicy, Pin, TlsVersion, danger};
    use crate::transport::scripted::{Script, ScriptedNetwork, ScriptedTransport};
    use crate::transport::zephyr::ZephyrNetwork;
    use crate::transport::{Addresses, DnsError, Network};

    /// Plays scripts, by secure sockets alone.
    struct Secure(ScriptedNetwork);

    impl Network for Secure {
        type Transport = ScriptedTransport;

        fn now(&self) -> u64 {
            self.0.now()
        }

        fn resolve(
            &mut self,
            host: &str,
            port: u16,
            deadline: Deadline<'_>,
            addresses: &mut Addresses,
        ) -> Result<(), DnsError> {
            self.0.resolve(host, port, deadline, addresses)
        }

        fn connect(
            &mut self,
            _address: SocketAddr,
            _deadline: Deadline<'_>,
        ) -> Result<ScriptedTransport, IoError> {
            panic!("not by TLS")
        }

        fn connect_tls(
            &mut self,
            address: SocketAddr,
            socket: &SecureSocket<'_>,
            deadline: Deadline<'_>,
        ) -> Result<ScriptedTransport, IoError> {
            assert_eq!((socket.host(), socket.tags(), socket.is_verified()), ("example.org", &[7][..], true));
            self.0.connect(address, deadline)
        }

        fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
            self.0.fill_random(bytes)
        }
    }

    /// The text of the response to a GET.
    fn get(script: Script) -> Result<std::string::String, Error> {
        let mut network = Secure(ScriptedNetwork::new([script]));
        let mut buffer = [0; 512];
        requests_get("https://example.org/", TlsConfig::new().credentials(&[7]), &mut network, &mut buffer)
    }

    fn requests_get<N: Network>(
        url: &str,
        tls: TlsConfig<'_>,
        network: &mut N,
        buffer: &mut [u8],
    ) -> Result<std::string::String, Error> {
        Ok(crate::get(url).tls(tls).send_over(network, buffer)?.text()?.to_string())
    }

    #[test]
    fn a_response_with_a_length_is_whole() {
        let whole = Script::new(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        assert_eq!(get(whole).unwrap(), "hi");
        let chunked =
            Script::new(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
        assert_eq!(get(chunked).unwrap(), "hi");
    }

    #[test]
    fn a_response_that_ends_with_the_connection_may_have_been_cut() {
        let scripts: [&[u8]; 4] = [
            b"HTTP/1.1 200 OK\r\n\r\nhi",
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
            b"HTTP/1.1 200 OK\r\n",
            b"",
        ];
        for script in scripts {
            let error = get(Script::new(script)).unwrap_err();
            assert!(matches!(error, Error::Tls(TlsError::Truncated)), "{error:?}");
        }
    }

    #[test]
    fn what_sockets_cannot_do_is_refused_by_name_before_connecting() {
        let pins = [Pin([0; 32])];
        let config = TlsConfig::new().credentials(&[7]);
        let mut network = Secure(ScriptedNetwork::new([]));
        for (config, expected) in [
            (config.roots(&[b"x"]), "roots"),
            (config.extra_roots(&[b"x"]), "extra_roots"),
            (config.identity(b"x", b"y"), "identity"),
            (config.pins(&pins), "pins"),
            (config.min_version(TlsVersion::Tls13), "min_version"),
            (config.dates(DatePolicy::IgnoredWithoutClock), "dates"),
        ] {
            let result = requests_get("https://example.org/", config, &mut network, &mut [0; 256]);
            let Err(Error::Tls(error)) = result else { panic!("{expected}: {result:?}") };
            assert_eq!(error, TlsError::UnsupportedSetting { setting: expected });
            assert!(format!("{error}").contains(&format!("TlsConfig::{expected} ")), "{error}");
        }
        let result = requests_get("https://example.org/", TlsConfig::new(), &mut network, &mut [0; 256]);
        assert!(matches!(result, Err(Error::Tls(TlsError::NoRoots))), "{result:?}");
        assert_eq!(network.0.addresses(), []);
    }

    #[test]
    fn the_socket_is_told_the_host_the_tags_and_whether_to_verify() {
        let config = TlsConfig::new().credentials(&[3, 4]);
        // A connection to an address needs no look-up of it to succeed; there is no answer.
        for (url, config) in [
            ("https://[2001:db8::1]/", config),
            ("https://Example.ORG./", config),
            ("https://192.0.2.1:8443/", danger::accept_invalid_certs(config)),
            ("https://192.0.2.1/", danger::accept_invalid_certs(TlsConfig::new())),
        ] {
            played::PORT.with_borrow_mut(|port| {
                port.addresses = Vec::from([crate::sys::zephyr::Address { family: 4, ..Default::default() }]);
            });
            played::expect(&[1, -(4 << 16 | 113)]);
            let result = requests_get(url, config, &mut ZephyrNetwork, &mut [0; 256]);
            let Err(Error::Tls(error)) = result else { panic!("{url}: {result:?}") };
            assert!(matches!(error, TlsError::HandshakeFailed(IoError { errno: 113, .. })), "{error:?}");
        }
        let secured = played::PORT.with_borrow_mut(|port| std::mem::take(&mut port.secured));
        let secured: Vec<_> =
            secured.iter().map(|(host, tags, verified)| (host.as_str(), &tags[..], *verified)).collect();
        assert_eq!(
            secured,
            [
                ("2001:db8::1", &[3, 4][..], true),
                ("example.org", &[3, 4], true),
                ("192.0.2.1", &[3, 4], false),
                ("192.0.2.1", &[], false)
            ]
        );
    }

    #[test]
    fn what_failed_before_tls_is_no_error_of_tls() {
        let get = |result, tags| {
            played::PORT.with_borrow_mut(|port| {
                port.addresses = Vec::from([crate::sys::zephyr::Address { family: 4, ..Default::default() }]);
            });
            played::expect(&[1, result]);
            let config = TlsConfig::new().credentials(tags);
            requests_get("https://192.0.2.1/", config, &mut ZephyrNetwork, &mut [0; 256]).unwrap_err()
        };
        assert!(matches!(get(-(2 << 16 | 111), &[3]), Error::Connect(IoError { errno: 111, .. })));
        assert!(matches!(get(-(1 << 16 | 110), &[3]), Error::Timeout { .. }));
        assert!(matches!(get(-(11 << 16 | 2), &[3]), Error::Tls(TlsError::MissingCredential { tag: 3 })));
        assert!(matches!(get(-(11 << 16 | 2), &[3, 4]), Error::Connect(IoError { errno: 2, .. })));
    }
}

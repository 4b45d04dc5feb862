// SPDX-License-Identifier: Apache-2.0
//! TLS by secure sockets: Zephyr's own, or those of a driver whose modem speaks TLS by itself.
//!
//! The socket does the handshake and all of the verification. What it cannot be asked for is refused here,
//! before anything is sent.

mod dialer;
mod fingerprint;
mod heap;
pub(super) mod sentences;
mod sessions;
mod settings;
mod transport;

pub(crate) use dialer::Dialer;
pub(crate) use fingerprint::{KnownTrust, SessionKey};
pub use heap::heap_usage;
pub(crate) use sessions::{Resumption, TlsSessions};
pub use transport::TlsTransport;

#[cfg(all(test, feature = "std"))]
mod tests {
    use std::format;
    use std::net::SocketAddr;
    use std::string::ToString;
    use std::vec::Vec;

    use crate::Error;
    use crate::sys::zephyr::fake;
    use crate::tls::{DatePolicy, Pin, TlsConfig, TlsError, TlsVersion, danger};
    use crate::transport::scripted::{Script, ScriptedNetwork, ScriptedTransport};
    use crate::transport::zephyr::ZephyrNetwork;
    use crate::transport::{Addresses, Deadline, DnsError, IoError, Network, SecureSocket};

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
            fake::PORT.with_borrow_mut(|port| {
                port.addresses = Vec::from([crate::sys::zephyr::Address { family: 4, ..Default::default() }]);
            });
            fake::expect(&[1, -(4 << 16 | 113)]);
            let result = requests_get(url, config, &mut ZephyrNetwork, &mut [0; 256]);
            let Err(Error::Tls(error)) = result else { panic!("{url}: {result:?}") };
            assert!(matches!(error, TlsError::HandshakeFailed(IoError { errno: 113, .. })), "{error:?}");
        }
        let secured = fake::PORT.with_borrow_mut(|port| std::mem::take(&mut port.secured));
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
            fake::PORT.with_borrow_mut(|port| {
                port.addresses = Vec::from([crate::sys::zephyr::Address { family: 4, ..Default::default() }]);
            });
            fake::expect(&[1, result]);
            let config = TlsConfig::new().credentials(tags);
            requests_get("https://192.0.2.1/", config, &mut ZephyrNetwork, &mut [0; 256]).unwrap_err()
        };
        assert!(matches!(get(-(2 << 16 | 111), &[3]), Error::Connect(IoError { errno: 111, .. })));
        assert!(matches!(get(-(1 << 16 | 110), &[3]), Error::Timeout { .. }));
        assert!(matches!(get(-(11 << 16 | 2), &[3]), Error::Tls(TlsError::MissingCredential { tag: 3 })));
        assert!(matches!(get(-(11 << 16 | 2), &[3, 4]), Error::Connect(IoError { errno: 2, .. })));
    }
}

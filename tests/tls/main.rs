// SPDX-License-Identifier: Apache-2.0
//! TLS with `openssl s_server` and nginx: which servers are accepted, which are refused and why,
//! and which resources remain.

mod flood;
mod fragments;
mod paths;
mod pki;
mod resumption;
mod server;
mod session;
#[allow(dead_code, reason = "shared with tests/tls_leaks.rs")]
mod tcp;

use std::cell::Cell;
use std::fs;
use std::io::{Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use embedded_io::ErrorKind;
use pki::{AUTHORITY, Algorithm, Pair, Request, SERVER_NAMES, issue, pki, server_with};
use requests::CancelToken;
use requests::tls::{Alert, DatePolicy, Pin, TlsConfig, TlsError, TlsTransport, TlsVersion, danger};
use requests::transport::host::HostNetwork;
use requests::transport::{Deadline, IoError, Network, Transport};
use server::Server;
use tcp::{Choked, Closing, Tcp};

const TIMEOUT: Duration = Duration::from_secs(10);

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

const YEAR: i64 = 365 * 24 * 60 * 60;

fn connect_at(
    server: &Server,
    host: &str,
    config: &TlsConfig<'_>,
    now: Option<i64>,
) -> Result<TlsTransport<Tcp>, Refusal> {
    let start = Instant::now();
    let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
    let mut buffer = [0; 512];
    let result = TlsTransport::connect(Tcp::connect(server.port), host, config, now, deadline, &mut buffer);
    assert!(start.elapsed() < TIMEOUT / 2, "the handshake took {:?}", start.elapsed());
    result.map_err(|error| Refusal::new(error, &buffer))
}

/// An error, with its details from the buffer.
#[derive(Debug, PartialEq)]
struct Refusal {
    error: TlsError,
    details: String,
    message: String,
}

impl Refusal {
    fn new(error: TlsError, buffer: &[u8]) -> Self {
        let details = error.details().text(buffer).unwrap_or_default().to_owned();
        let message = error.message(buffer).to_string();
        if details.is_empty() {
            assert_eq!(message, error.to_string());
        } else {
            assert!(message.contains(&details) && !error.to_string().contains(&details), "{message}");
        }
        Self { error, details, message }
    }

    /// Whether it has this kind and these details.
    fn is(&self, kind: &str, details: &str) -> bool {
        self.error.kind() == kind && self.details == details
    }
}

impl std::ops::Deref for Refusal {
    type Target = TlsError;

    fn deref(&self) -> &TlsError {
        &self.error
    }
}

impl PartialEq<TlsError> for Refusal {
    fn eq(&self, error: &TlsError) -> bool {
        self.error == *error
    }
}

fn connect(server: &Server, host: &str, config: &TlsConfig<'_>) -> Result<TlsTransport<Tcp>, Refusal> {
    connect_at(server, host, config, Some(now()))
}

/// Sends a request and reads until the server closes the connection.
fn exchange(transport: &mut impl Transport, request: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
    let mut rest = request;
    while !rest.is_empty() {
        let len = transport.send(rest, deadline).expect("sending");
        rest = &rest[len..];
    }
    let mut answer = Vec::new();
    let mut buffer = [0; 1000];
    loop {
        match transport.receive(&mut buffer, deadline) {
            Ok(0) => return Ok(answer),
            Ok(len) => answer.extend_from_slice(&buffer[..len]),
            Err(_) => return Err(answer),
        }
    }
}

fn get(transport: &mut impl Transport) -> String {
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    String::from_utf8(exchange(transport, request).expect("a whole answer")).unwrap()
}

/// The error of a connection that must fail.
fn refusal(server: &Server, host: &str, config: &TlsConfig<'_>) -> Refusal {
    connect(server, host, config).expect_err("the connection should have been refused")
}

fn error_with(pair: &Pair, host: &str) -> Refusal {
    error_of(&Server::openssl(pair, &[]), host)
}

fn error_of(server: &Server, host: &str) -> Refusal {
    let root = pki().root_ec.certificate_pem();
    refusal(server, host, &TlsConfig::new().roots(&[&root]))
}

macro_rules! accepted {
    ($($name:ident: $server:ident $protocol:literal $pair:ident $root:ident => $version:ident;)*) => {$(
        #[test]
        fn $name() {
            let root = pki().$root.certificate_pem();
            accept_with(stringify!($server), $protocol, &pki().$pair, &root, TlsVersion::$version);
        }
    )*};
}

accepted! {
    openssl_tls12_rsa: openssl "-tls1_2" server root => Tls12;
    openssl_tls12_ec: openssl "-tls1_2" server_ec root_ec => Tls12;
    openssl_tls13_rsa: openssl "-tls1_3" server root => Tls13;
    openssl_tls13_ec: openssl "-tls1_3" server_ec root_ec => Tls13;
    nginx_tls12_rsa: nginx "TLSv1.2" server root => Tls12;
    nginx_tls12_ec: nginx "TLSv1.2" server_ec root_ec => Tls12;
    nginx_tls13_rsa: nginx "TLSv1.3" server root => Tls13;
    nginx_tls13_ec: nginx "TLSv1.3" server_ec root_ec => Tls13;
    nginx_any: nginx "TLSv1.2 TLSv1.3" server_ec root_ec => Tls13;
}

/// A GET and a POST, each over a verified connection with an intermediate certificate.
fn accept_with(kind: &str, protocol: &str, pair: &Pair, root: &[u8], version: TlsVersion) {
    let roots = [root];
    let config = TlsConfig::new().roots(&roots);
    if kind == "openssl" {
        let server = Server::openssl(pair, &[protocol, "-www"]);
        for host in ["localhost", "LOCALHOST.", "a.wild.test", "127.0.0.1", "[::1]"] {
            let mut transport = connect(&server, host, &config).expect(host);
            assert_eq!(transport.version(), version);
            let answer = get(&mut transport);
            assert!(answer.starts_with("HTTP/1.0 200 ok\r\n"), "{answer}");
            assert_eq!(transport.error(), None);
        }
        return;
    }
    let server = Server::nginx(pair, protocol, "");
    let mut transport = connect(&server, "localhost", &config).unwrap();
    assert_eq!(transport.version(), version);
    assert!(get(&mut transport).contains("\r\n\r\nGET "));
    let mut transport = connect(&server, "localhost", &config).unwrap();
    // More than one record.
    let body = [b'x'; 40_000];
    let mut request =
        b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 40000\r\n\r\n".to_vec();
    request.extend(body);
    let answer = String::from_utf8(exchange(&mut transport, &request).unwrap()).unwrap();
    assert!(answer.contains("\r\n\r\nPOST 40000 TLSv1."), "{answer}");
}

#[test]
fn roots_in_der_and_among_many() {
    let server = Server::openssl(&pki().server, &["-www"]);
    let (root, other) = (pki().root.der(), pki().root_ec.der());
    let row = [other.clone(), root.clone()].concat();
    for roots in [vec![&root[..]], vec![&other, &root], vec![&row], vec![b"", &root]] {
        connect(&server, "localhost", &TlsConfig::new().roots(&roots)).unwrap();
    }
    // The roots of the operating system, if there are any, with ours at the end: only ours may take
    // RAM.
    let mut list = fs::read("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
    list.extend(pki().root.certificate_pem());
    connect(&server, "localhost", &TlsConfig::new().roots(&[&list])).unwrap();
}

#[test]
fn a_server_certificate_can_be_its_own_root() {
    let pair = issue(&Request {
        file: "alone",
        common_name: "alone",
        algorithm: Algorithm::Ec,
        issuer: None,
        extensions: &[SERVER_NAMES],
        digest: "sha256",
    });
    let server = Server::openssl(&pair, &["-www"]);
    let root = pair.certificate_pem();
    connect(&server, "localhost", &TlsConfig::new().roots(&[&root])).unwrap();
}

#[test]
fn self_signed() {
    let pair = issue(&Request {
        file: "self",
        common_name: "it's me",
        algorithm: Algorithm::Rsa,
        issuer: None,
        extensions: &[SERVER_NAMES],
        digest: "sha256",
    });
    let error = error_with(&pair, "localhost");
    assert!(error.is("self-signed", "it's me"), "{error:?}");
    assert_eq!(
        error.message,
        "certificate \"it's me\" is signed by itself and not among the roots (mbedTLS -0x2700, flags 0x8)"
    );
}

#[test]
fn unknown_authority() {
    let error = error_with(&pki().server, "localhost");
    assert!(error.is("unknown-issuer", "Test Root RSA"));
    assert_eq!((error.code(), error.verify_flags()), (-0x2700, 0x8));
}

#[test]
fn built_in_authorities_do_not_know_it_either() {
    let server = Server::openssl(&pki().server, &[]);
    let error = refusal(&server, "localhost", &TlsConfig::new());
    assert!(error.is("unknown-issuer", "Test Root RSA"));
}

#[test]
fn missing_intermediate() {
    let mut pair = pki().server_ec.clone();
    pair.chain = pair.certificate.clone();
    let error = error_with(&pair, "localhost");
    assert!(error.is("unknown-issuer", "Test Intermediate EC"), "{error:?}");
}

#[test]
fn false_authority_of_the_same_name() {
    let fake = |file, name, issuer| {
        issue(&Request {
            file,
            common_name: name,
            algorithm: Algorithm::Ec,
            issuer,
            extensions: AUTHORITY,
            digest: "sha256",
        })
    };
    let root = fake("root-false", "Test Root EC", None);
    let pair = issue(&Request {
        file: "false",
        common_name: "x",
        algorithm: Algorithm::Ec,
        issuer: Some(&root),
        extensions: &[SERVER_NAMES],
        digest: "sha256",
    });
    let error = error_with(&pair, "localhost");
    assert!(error.is("bad-signature", "Test Root EC"), "{error:?}");
}

#[test]
fn an_ordinary_certificate_is_no_authority() {
    let pair = issue(&Request {
        file: "child",
        common_name: "x",
        algorithm: Algorithm::Ec,
        issuer: Some(&pki().server_ec),
        extensions: &[SERVER_NAMES],
        digest: "sha256",
    });
    let error = error_with(&pair, "localhost");
    assert_ne!(error.verify_flags() & 0x8, 0, "{error:?}");
}

#[test]
fn expired() {
    let server = Server::openssl(&pki().server_ec, &[]);
    let root = pki().root_ec.certificate_pem();
    let later = now() + 3 * YEAR;
    let error = connect_at(&server, "localhost", &TlsConfig::new().roots(&[&root]), Some(later)).unwrap_err();
    assert_eq!((error.kind(), error.verify_flags()), ("expired", 0x1));
    let day = |seconds| {
        let (year, month, day) = requests::proto::calendar::date(seconds);
        format!("{year:04}-{month:02}-{day:02}")
    };
    // It was made at the start of the tests, perhaps on the previous day.
    let ends = [now() - 3600, now()].map(|made| format!("certificate expired on {} ", day(made + YEAR)));
    let said = format!(" UTC (the clock says {} ", day(later));
    assert!(ends.iter().any(|end| error.message.starts_with(end)), "{}", error.message);
    assert!(error.message.contains(&said), "{}", error.message);
}

#[test]
fn not_yet_valid() {
    let server = Server::openssl(&pki().server_ec, &[]);
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let error = connect_at(&server, "localhost", &config, Some(0)).unwrap_err();
    assert_eq!((error.kind(), error.verify_flags()), ("not-yet-valid", 0x200));
    let sentence = "but the clock says 1970-01-01 00:00 UTC: is it set?";
    assert!(error.message.starts_with("certificate not valid before 20"), "{}", error.message);
    assert!(error.message.contains(sentence), "{}", error.message);
}

#[test]
fn without_a_clock_the_policy_decides() {
    let server = Server::openssl(&pki().server_ec, &["-www"]);
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    assert_eq!(connect_at(&server, "localhost", &config, None).unwrap_err(), TlsError::ClockNotSet);
    let config = config.dates(DatePolicy::IgnoredWithoutClock);
    connect_at(&server, "localhost", &config, None).unwrap();
    // If the date is known, it counts.
    let error = connect_at(&server, "localhost", &config, Some(now() + 3 * YEAR)).unwrap_err();
    assert_eq!(error.kind(), "expired");
}

#[test]
fn wrong_host() {
    let error = error_with(&pki().server_ec, "example.com");
    assert!(
        error.is("host-mismatch", "localhost, *.wild.test, sni.test, 127.0.0.1, ::1")
            && error.verify_flags() == 0x4,
        "{error:?}"
    );
}

#[test]
fn wildcards_reach_one_label() {
    for host in ["a.b.wild.test", "wild.test"] {
        assert_eq!(error_with(&pki().server_ec, host).kind(), "host-mismatch");
    }
}

#[test]
fn address_that_is_not_in_the_certificate() {
    for host in ["127.0.0.2", "::2"] {
        assert_eq!(error_with(&pki().server_ec, host).kind(), "host-mismatch");
    }
}

#[test]
fn address_as_a_dns_name() {
    let pair = server_with("ip-in-dns", "x", &["subjectAltName=DNS:127.0.0.1"]);
    let error = error_with(&pair, "127.0.0.1");
    assert!(error.is("host-mismatch", "127.0.0.1"), "{error:?}");
}

#[test]
fn common_name_only() {
    let pair = server_with("cn-only", "localhost", &[]);
    assert_eq!(error_with(&pair, "localhost"), TlsError::NoAlternativeNames { flags: 0x4 });
}

#[test]
fn common_name_beside_other_names() {
    let pair = server_with("cn-beside", "localhost", &["subjectAltName=email:a@localhost"]);
    assert_eq!(error_with(&pair, "localhost"), TlsError::NoAlternativeNames { flags: 0x4 });
}

#[test]
fn critical_extension_that_is_unknown() {
    const UNKNOWN: &str = "1.2.3.4=critical,DER:0500";
    let own = server_with("critical", "x", &[SERVER_NAMES, UNKNOWN]);
    let make = |file, issuer, extensions: &[_]| {
        let (common_name, algorithm, issuer) = (file, Algorithm::Ec, Some(issuer));
        issue(&Request { file, common_name, algorithm, issuer, extensions, digest: "sha256" })
    };
    let extensions = [AUTHORITY, &[UNKNOWN]].concat();
    let authority = make("critical-between", &pki().root_ec, &extensions);
    let below = make("below-critical", &authority, &[SERVER_NAMES]);
    for pair in [&own, &below] {
        for protocol in ["-tls1_2", "-tls1_3"] {
            let error = error_of(&Server::openssl(pair, &[protocol]), "localhost");
            assert_eq!((error.kind(), error.code()), ("critical-extension", -0x2562), "{protocol}");
        }
    }
}

/// Certificate policies whose length exceeds their end.
#[test]
fn extension_that_cannot_be_read() {
    let pair = server_with("unreadable", "x", &[SERVER_NAMES, "2.5.29.32=DER:3009"]);
    for protocol in ["-tls1_2", "-tls1_3"] {
        let error = error_of(&Server::openssl(&pair, &[protocol]), "localhost");
        assert_eq!(error.kind(), "invalid-certificate", "{protocol} {error:?}");
    }
}

#[test]
fn extension_that_is_unknown_but_not_critical() {
    let pair = server_with("uncritical", "x", &[SERVER_NAMES, "1.2.3.4=DER:0500"]);
    let root = pki().root_ec.certificate_pem();
    let server = Server::openssl(&pair, &["-www"]);
    connect(&server, "localhost", &TlsConfig::new().roots(&[&root])).unwrap();
}

#[test]
fn certificate_of_a_client() {
    let pair = server_with("client-auth", "x", &[SERVER_NAMES, "extendedKeyUsage=clientAuth"]);
    assert!(matches!(*error_with(&pair, "localhost"), TlsError::NotForServers { flags: 0x1000 }));
}

#[test]
fn key_that_may_not_sign() {
    let pair = server_with("no-sign", "x", &[SERVER_NAMES, "keyUsage=critical,keyAgreement"]);
    let error = error_with(&pair, "localhost");
    assert!(matches!(*error, TlsError::NotForServers { flags: 0x800 }), "{error:?}");
}

#[test]
fn weak_key_and_weak_digest() {
    let root = pki().root_ec.certificate_pem();
    for (file, algorithm, digest) in
        [("rsa1024", Algorithm::Rsa1024, "sha256"), ("sha1", Algorithm::Rsa, "sha1")]
    {
        let pair = issue(&Request {
            file,
            common_name: "x",
            algorithm,
            issuer: Some(&pki().root_ec),
            extensions: &[SERVER_NAMES],
            digest,
        });
        let server = Server::openssl(&pair, &["-cipher", "DEFAULT:@SECLEVEL=0"]);
        let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&root]));
        assert_eq!(error.kind(), "weak-certificate", "{file}: {error:?}");
    }
}

#[test]
fn authority_for_other_names() {
    for (file, constraints, host) in [
        ("nc-permitted", "nameConstraints=permitted;DNS:example.org", "localhost"),
        ("nc-excluded", "nameConstraints=excluded;DNS:localhost", "localhost"),
        ("nc-ip", "nameConstraints=permitted;IP:10.0.0.0/255.0.0.0", "127.0.0.1"),
    ] {
        let between = issue(&Request {
            file,
            common_name: "limited",
            algorithm: Algorithm::Ec,
            issuer: Some(&pki().root_ec),
            extensions: &[AUTHORITY[0], AUTHORITY[1], constraints],
            digest: "sha256",
        });
        let pair = issue(&Request {
            file: &format!("{file}-leaf"),
            common_name: "x",
            algorithm: Algorithm::Ec,
            issuer: Some(&between),
            extensions: &[SERVER_NAMES],
            digest: "sha256",
        });
        assert_eq!(error_with(&pair, host).kind(), "name-constraints", "{file}");
    }
}

#[test]
fn pins() {
    let server = Server::openssl(&pki().server_ec, &["-www"]);
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let [own, between, top, other] =
        [&pki().server_ec, &pki().intermediate_ec, &pki().root_ec, &pki().server]
            .map(|pair| pair.pin().parse::<Pin>().unwrap());
    for pin in [own, between, top] {
        connect(&server, "localhost", &config.pins(&[other, pin])).unwrap();
    }
    let error = connect(&server, "localhost", &config.pins(&[other])).unwrap_err();
    assert!(error.is("pin-mismatch", &pki().server_ec.pin()) && error.verify_flags() == 0x100, "{error:?}");
    assert!(error.message.contains(&pki().server_ec.pin()), "{}", error.message);

    // If it is not verified, the rest of the chain proves nothing.
    let config = danger::accept_invalid_certs(config);
    connect(&server, "elsewhere.test", &config.pins(&[own])).unwrap();
    let error = connect(&server, "elsewhere.test", &config.pins(&[between])).unwrap_err();
    assert!(error.is("pin-mismatch", &pki().server_ec.pin()) && error.verify_flags() == 0x100, "{error:?}");
}

#[test]
fn danger_accepts_anything() {
    let pair = server_with("dangerous", "x", &[]);
    let server = Server::openssl(&pair, &["-www"]);
    let config = danger::accept_invalid_certs(TlsConfig::new());
    let mut transport = connect_at(&server, "localhost", &config, None).unwrap();
    assert!(get(&mut transport).starts_with("HTTP/1.0 200"));
}

#[test]
fn no_roots() {
    let server = Server::openssl(&pki().server, &[]);
    assert_eq!(refusal(&server, "localhost", &TlsConfig::new().roots(&[])), TlsError::NoRoots);
    let garbage = TlsConfig::new().roots(&[b"this is no certificate"]);
    assert_eq!(refusal(&server, "localhost", &garbage), TlsError::InvalidRoots);
}

#[test]
fn hosts_that_are_none() {
    let server = Server::openssl(&pki().server, &[]);
    for host in ["", "a b", "*.wild.test", "x\0y"] {
        assert_eq!(refusal(&server, host, &TlsConfig::new()), TlsError::InvalidServerName);
    }
}

#[test]
fn old_server() {
    let root = pki().root.certificate_pem();
    let server = Server::openssl(&pki().server, &["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"]);
    let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&root]));
    assert_eq!(error.kind(), "unsupported-version", "{error:?}");
}

#[test]
fn server_older_than_wanted() {
    let root = pki().root.certificate_pem();
    let server = Server::openssl(&pki().server, &["-tls1_2"]);
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots).min_version(TlsVersion::Tls13);
    let error = refusal(&server, "localhost", &config);
    assert_eq!(error.kind(), "unsupported-version", "{error:?}");
    let server = Server::openssl(&pki().server, &["-tls1_3", "-www"]);
    assert_eq!(connect(&server, "localhost", &config).unwrap().version(), TlsVersion::Tls13);
}

#[test]
fn no_cipher_in_common() {
    let root = pki().root.certificate_pem();
    let server = Server::openssl(&pki().server, &["-tls1_2", "-cipher", "AES128-SHA"]);
    let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&root]));
    assert_eq!(error, TlsError::AlertReceived { alert: Alert(40), code: -0x7780 });
    assert_eq!(error.to_string(), "the peer refused with alert handshake_failure (40) (mbedTLS -0x7780)");
}

#[test]
fn application_protocol() {
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let server = Server::openssl(&pki().server, &["-alpn", "h2", "-www"]);
    let error = connect(&server, "localhost", &config).unwrap_err();
    assert!(matches!(*error, TlsError::AlertReceived { alert: Alert(120), .. }), "{error:?}");
    let server = Server::openssl(&pki().server, &["-alpn", "h2,http/1.1", "-www"]);
    assert!(get(&mut connect(&server, "localhost", &config).unwrap()).contains("HTTP/1.0 200"));
}

#[test]
fn the_name_is_sent_and_addresses_are_not() {
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let server = Server::openssl(
        &pki().server_ec,
        &[
            "-www",
            "-servername",
            "sni.test",
            "-servername_fatal",
            "-cert2",
            pki().server.certificate.to_str().unwrap(),
            "-key2",
            pki().server.key.to_str().unwrap(),
        ],
    );
    // The second certificate, for this name only, comes without its intermediate.
    let error = connect(&server, "sni.test", &config).unwrap_err();
    assert!(error.is("unknown-issuer", "Test Intermediate RSA"), "{error:?}");
    let error = connect(&server, "localhost", &config).unwrap_err();
    assert!(matches!(*error, TlsError::AlertReceived { alert: Alert(112), .. }), "{error:?}");
    // If the address literal were sent as a name, it would be refused in the same way.
    let error = connect(&server, "127.0.0.1", &config).unwrap_err();
    assert!(matches!(*error, TlsError::UnknownIssuer { .. }), "{error:?}");
}

#[test]
fn client_certificates() {
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let ca = pki().root.certificate.to_str().unwrap();
    for protocol in ["-tls1_2", "-tls1_3"] {
        let arguments = [protocol, "-www", "-Verify", "1", "-verify_return_error", "-CAfile", ca];
        let server = Server::openssl(&pki().server, &arguments);
        for client in [&pki().client, &pki().client_ec] {
            for (chain, key) in [(client.chain_pem(), client.key_pem()), (client.der(), client.key_der())] {
                let config = config.identity(&chain, &key);
                let mut transport = connect(&server, "localhost", &config).unwrap();
                assert!(get(&mut transport).contains("Client certificate"));
            }
        }
        // Without a certificate, the server sends an alert. In TLS 1.3 it arrives only after the
        // client's handshake.
        let refused = match connect(&server, "localhost", &config) {
            Err(refusal) => refusal.error,
            Ok(mut transport) => {
                let mut buffer = [0; 10];
                transport.receive(&mut buffer, Deadline::after(0, 5000)).unwrap_err();
                transport.error().unwrap()
            }
        };
        let expected = if protocol == "-tls1_3" { Alert(116) } else { Alert(40) };
        assert!(
            matches!(refused, TlsError::AlertReceived { alert, .. } if alert == expected),
            "{protocol} {refused:?}"
        );
    }
}

#[test]
fn an_alert_is_read_although_nothing_can_be_sent_any_more() {
    let root = pki().root.certificate_pem();
    let ca = pki().root.certificate.to_str().unwrap();
    // The client's hello and its empty list of certificates. In TLS 1.3 there is a compatibility
    // message in between.
    for (protocol, sends, expected) in [("-tls1_2", 2, 40), ("-tls1_3", 3, 116)] {
        let arguments = [protocol, "-www", "-Verify", "1", "-verify_return_error", "-CAfile", ca];
        let server = Server::openssl(&pki().server, &arguments);
        let error = |sends| {
            let transport = Closing { inner: Tcp::connect(server.port), sends: Rc::new(Cell::new(sends)) };
            let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
            let roots = [&root[..]];
            let config = TlsConfig::new().roots(&roots);
            TlsTransport::connect(transport, "localhost", &config, Some(now()), deadline, &mut [])
                .unwrap_err()
        };
        assert!(
            matches!(error(sends), TlsError::AlertReceived { alert, .. } if alert == Alert(expected)),
            "{protocol} {:?}",
            error(sends)
        );
        // The peer has sent nothing, so the error is the failure to send.
        let closed = TlsError::Io(IoError { kind: ErrorKind::NotConnected, errno: 128 });
        assert_eq!([error(0), error(1)], [closed; 2], "{protocol}");
    }
}

#[test]
fn an_answer_is_read_although_nothing_can_be_sent_any_more() {
    let root = pki().root.certificate_pem();
    for protocol in ["-tls1_2", "-tls1_3"] {
        let server = Server::openssl(&pki().server, &[protocol, "-www"]);
        let sends = Rc::new(Cell::new(usize::MAX));
        let mut transport = TlsTransport::connect(
            Closing { inner: Tcp::connect(server.port), sends: Rc::clone(&sends) },
            "localhost",
            &TlsConfig::new().roots(&[&root]),
            Some(now()),
            Deadline::after(0, TIMEOUT.as_millis() as u64),
            &mut [],
        )
        .unwrap();
        let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
        transport.send(b"GET / HTTP/1.0\r\n\r\n", deadline).unwrap();
        sends.set(0);
        for _ in 0..2 {
            assert_eq!(transport.send(b"more", deadline).unwrap_err().kind, ErrorKind::NotConnected);
        }
        let mut answer = [0; 1000];
        assert!(transport.receive(&mut answer, deadline).unwrap() > 15);
        assert!(answer.starts_with(b"HTTP/1.0 200 ok"));
    }
}

#[test]
fn client_certificates_that_are_none() {
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let server = Server::openssl(&pki().server, &[]);
    let (chain, key) = (pki().client.chain_pem(), pki().client_ec.key_pem());
    let error = |chain: &[u8], key: &[u8]| {
        connect(&server, "localhost", &TlsConfig::new().roots(&roots).identity(chain, key)).unwrap_err()
    };
    assert_eq!(error(&chain, &key).kind(), "key-mismatch");
    assert_eq!(error(b"x", &key), TlsError::InvalidIdentity { code: 0 });
    assert_eq!(error(&chain, b""), TlsError::InvalidIdentity { code: 0 });
    assert_eq!(error(&chain, &[0x30, 0]).kind(), "invalid-identity");
    let encrypted = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert_eq!(error(&chain, encrypted), TlsError::InvalidIdentity { code: 0 });
}

#[test]
fn not_tls_at_all() {
    let server = Server::once(|mut stream| {
        let _ = stream.read(&mut [0; 512]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let root = pki().root.certificate_pem();
    let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&root]));
    assert_eq!(error.kind(), "protocol", "{error:?}");
}

#[test]
fn closed_in_the_handshake() {
    let server = Server::once(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
    });
    let root = pki().root.certificate_pem();
    assert_eq!(refusal(&server, "localhost", &TlsConfig::new().roots(&[&root])), TlsError::PeerClosed);
}

#[test]
fn stall_in_the_handshake() {
    let root = pki().root.certificate_pem();
    let server = Server::once(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        // The start of a record, and then silence.
        let _ = stream.write_all(&[22, 3, 3, 0]);
        std::thread::sleep(TIMEOUT);
    });
    let start = Instant::now();
    let roots = [&root[..]];
    let error = TlsTransport::connect(
        Tcp::connect(server.port),
        "localhost",
        &TlsConfig::new().roots(&roots),
        Some(now()),
        Deadline::after(0, 300),
        &mut [],
    )
    .unwrap_err();
    assert_eq!(error, TlsError::TimedOut);
    assert!((300..1000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
}

#[test]
fn a_stalled_handshake_does_not_hold_up_others() {
    let root = pki().root.certificate_pem();
    let silent = Server::once(|stream| {
        std::thread::sleep(Duration::from_secs(3));
        drop(stream);
    });
    let port = silent.port;
    let stalled = std::thread::spawn(move || {
        let root = pki().root.certificate_pem();
        let roots = [&root[..]];
        let config = TlsConfig::new().roots(&roots);
        let deadline = Deadline::after(0, 2000);
        TlsTransport::connect(Tcp::connect(port), "localhost", &config, Some(now()), deadline, &mut []).err()
    });
    std::thread::sleep(Duration::from_millis(100));
    let server = Server::openssl(&pki().server, &["-www"]);
    let start = Instant::now();
    let mut transport = connect(&server, "localhost", &TlsConfig::new().roots(&[&root])).unwrap();
    get(&mut transport);
    assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
    assert_eq!(stalled.join().unwrap(), Some(TlsError::TimedOut));
}

#[test]
fn truncated_stream() {
    let root = pki().root.certificate_pem();
    for protocol in ["-tls1_2", "-tls1_3"] {
        let mut server = Server::openssl(&pki().server, &[protocol]);
        let roots = [&root[..]];
        let mut transport = connect(&server, "localhost", &TlsConfig::new().roots(&roots)).unwrap();
        let text = b"HTTP/1.1 200 OK\r\n\r\nhalf of it";
        server.say(text);
        let deadline = Deadline::after(0, 5000);
        let mut buffer = [0; 100];
        let mut seen = 0;
        while seen < text.len() {
            seen += transport.receive(&mut buffer[seen..], deadline).unwrap();
        }
        assert_eq!(&buffer[..seen], text);
        server.kill();
        let error = transport.receive(&mut buffer, deadline).unwrap_err();
        assert_eq!(error.kind, embedded_io::ErrorKind::ConnectionAborted);
        assert_eq!(transport.error(), Some(TlsError::Truncated));
        // The error stays the same.
        transport.receive(&mut buffer, deadline).unwrap_err();
    }
}

#[test]
fn a_read_that_timed_out_can_be_repeated() {
    let root = pki().root.certificate_pem();
    let mut server = Server::openssl(&pki().server, &[]);
    let roots = [&root[..]];
    let mut transport = connect(&server, "localhost", &TlsConfig::new().roots(&roots)).unwrap();
    let mut buffer = [0; 10];
    transport.receive(&mut buffer, Deadline::after(0, 1)).unwrap_err();
    assert_eq!(transport.error(), Some(TlsError::TimedOut));
    server.say(b"late");
    let len = transport.receive(&mut buffer, Deadline::after(0, 5000)).unwrap();
    assert_eq!(&buffer[..len], b"late");
}

/// Text in which each part is different.
fn numbers(len: usize) -> Vec<u8> {
    (0..).flat_map(|number: u32| format!("{number},").into_bytes()).take(len).collect()
}

fn occurrences(text: &[u8], of: &[u8]) -> usize {
    text.windows(of.len()).filter(|window| *window == of).count()
}

#[test]
fn a_send_that_timed_out_can_be_repeated() {
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    for protocol in ["-tls1_2", "-tls1_3"] {
        let server = Server::openssl(&pki().server, &[protocol]);
        let room = Cell::new(usize::MAX);
        let tcp = Choked { inner: Tcp::connect(server.port), room: &room };
        let config = TlsConfig::new().roots(&roots);
        let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
        let mut transport =
            TlsTransport::connect(tcp, "localhost", &config, Some(now()), deadline, &mut []).unwrap();

        let text = numbers(40_000);
        let mut rest = &text[..];
        let mut timed_out = 0;
        while !rest.is_empty() {
            room.set(1000);
            match transport.send(rest, Deadline::NO_WAIT) {
                Ok(len) => rest = &rest[len..],
                Err(error) => {
                    assert_eq!(error.kind, embedded_io::ErrorKind::TimedOut);
                    timed_out += 1;
                }
            }
        }
        assert!(timed_out >= 30, "{timed_out}");
        room.set(usize::MAX);
        transport.send(b"\nend\n", deadline).unwrap();
        assert_eq!(occurrences(&server.printed_until(b"\nend\n"), &text), 1);
    }
}

#[test]
fn a_repeated_send_has_to_begin_alike_and_counts_only_what_it_was_given_first() {
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let server = Server::openssl(&pki().server, &[]);
    let room = Cell::new(usize::MAX);
    let tcp = Choked { inner: Tcp::connect(server.port), room: &room };
    let config = TlsConfig::new().roots(&roots);
    let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
    let mut transport =
        TlsTransport::connect(tcp, "localhost", &config, Some(now()), deadline, &mut []).unwrap();
    room.set(3);
    transport.send(b"one ", Deadline::NO_WAIT).unwrap_err();
    room.set(usize::MAX);
    assert_eq!(transport.send(b"one two ", deadline), Ok(4));
    assert_eq!(transport.send(b"two \nend\n", deadline), Ok(9));
    assert_eq!(occurrences(&server.printed_until(b"\nend\n"), b"one two \n"), 1);
    room.set(0);
    transport.send(b"three", Deadline::NO_WAIT).unwrap_err();
    let error = transport.send(b"th", deadline).unwrap_err();
    assert_eq!(error.kind, embedded_io::ErrorKind::InvalidData);
}

#[test]
fn what_is_received_between_a_send_and_its_repetition_does_not_double_it() {
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let mut server = Server::openssl(&pki().server, &["-tls1_2"]);
    let room = Cell::new(usize::MAX);
    let start = Instant::now();
    let tcp = Choked { inner: Tcp::connect(server.port), room: &room };
    let config = TlsConfig::new().roots(&roots);
    let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
    let mut transport =
        TlsTransport::connect(tcp, "localhost", &config, Some(now()), deadline, &mut []).unwrap();
    // The server asks for a renegotiation, which mbedTLS would refuse by a message of its own.
    server.say(b"r\n");
    std::thread::sleep(Duration::from_millis(300));
    room.set(3);
    let error = transport.send(b"only once", Deadline::NO_WAIT).unwrap_err();
    assert_eq!(error.kind, embedded_io::ErrorKind::TimedOut);
    room.set(usize::MAX);
    let soon = Deadline::after(0, start.elapsed().as_millis() as u64 + 500);
    transport.receive(&mut [0], soon).unwrap_err();
    assert_eq!(transport.error(), Some(TlsError::TimedOut));
    assert_eq!(transport.send(b"only once", deadline), Ok(9));
    transport.send(b"\nend\n", deadline).unwrap();
    assert_eq!(occurrences(&server.printed_until(b"\nend\n"), b"only once"), 1);
}

#[test]
fn waits_for_either_direction_and_knows_what_is_there() {
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let mut server = Server::openssl(&pki().server, &[]);
    let mut network = HostNetwork::default();
    let deadline = Deadline::after(network.now(), TIMEOUT.as_millis() as u64);
    let tcp = network.connect(([127, 0, 0, 1], server.port).into(), deadline).unwrap();
    let config = TlsConfig::new().roots(&roots);
    let mut transport =
        TlsTransport::connect(tcp, "localhost", &config, Some(now()), deadline, &mut []).unwrap();
    // The socket can take more.
    assert_eq!(transport.wait_ready(Deadline::NO_WAIT), Ok(()));

    server.say(b"ab");
    let mut byte = [0];
    assert_eq!(transport.receive(&mut byte, deadline), Ok(1));
    // The other byte has been decrypted already, so a cancelled wait does not hold it back.
    let token = CancelToken::new().unwrap();
    token.cancel();
    assert_eq!(transport.wait_ready(deadline.cancelled_by(&token)), Ok(()));
    assert_eq!(transport.receive(&mut byte, Deadline::NO_WAIT), Ok(1));
    assert_eq!(&byte, b"b");
    let interrupted = embedded_io::ErrorKind::Interrupted;
    assert_eq!(transport.wait_ready(deadline.cancelled_by(&token)).unwrap_err().kind, interrupted);
    let error = transport.receive(&mut byte, deadline.cancelled_by(&token)).unwrap_err();
    assert_eq!((error.kind, transport.error()), (interrupted, Some(TlsError::Cancelled)));

    // The connection still works.
    server.say(b"c");
    assert_eq!(transport.receive(&mut byte, deadline), Ok(1));
    assert_eq!(&byte, b"c");
}

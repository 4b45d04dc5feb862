// SPDX-License-Identifier: Apache-2.0
//! Sessions that are resumed, and sessions that must not be. The server's report of each handshake
//! counts.

use requests::tls::{
    DatePolicy, Pin, SessionsError, TlsConfig, TlsError, TlsSessions, TlsTransport, TlsVersion, danger,
};
use requests::transport::Deadline;

use super::pki::{Pair, pki};
use super::server::Server;
use super::tcp::Tcp;
use super::{TIMEOUT, YEAR, get, now};

type Sessions = TlsSessions<4>;

/// The port of the server in the sessions. Its real port changes when it is restarted.
const PLACE: (&str, u16) = ("localhost", 443);

fn connect_at(
    server: &Server,
    place: (&str, u16),
    config: &TlsConfig<'_>,
    sessions: &mut Sessions,
    now: Option<i64>,
) -> Result<TlsTransport<Tcp>, TlsError> {
    let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
    TlsTransport::connect_with(Tcp::connect(server.port), place, config, sessions, now, deadline, &mut [])
}

/// Whether a request's connection was resumed according to the server. The client must report the
/// same.
fn request_at(
    server: &Server,
    place: (&str, u16),
    config: &TlsConfig<'_>,
    sessions: &mut Sessions,
    now: Option<i64>,
) -> Result<bool, TlsError> {
    let mut transport = connect_at(server, place, config, sessions, now)?;
    let answer = get(&mut transport);
    sessions.keep(&mut transport, now);
    let reused = answer.contains("\nReused, ") || answer.contains("reused=r");
    let full = answer.contains("\nNew, ") || answer.contains("reused=.");
    assert!(reused != full, "{answer}");
    assert_eq!(reused, transport.is_resumed());
    Ok(reused)
}

fn request(server: &Server, config: &TlsConfig<'_>, sessions: &mut Sessions) -> bool {
    request_at(server, PLACE, config, sessions, Some(now())).unwrap()
}

macro_rules! resumed {
    ($($name:ident: $kind:ident $options:expr => $version:ident;)*) => {$(
        #[test]
        fn $name() {
            resume(&Server::$kind(&pki().server_ec, $options), TlsVersion::$version);
        }
    )*};
}

/// nginx with one version and these further options.
struct Nginx;

impl Nginx {
    fn tls12(pair: &Pair, more: &str) -> Server {
        Server::nginx(pair, "TLSv1.2", more)
    }

    fn tls13(pair: &Pair, more: &str) -> Server {
        Server::nginx(pair, "TLSv1.3", more)
    }
}

resumed! {
    openssl_tls12_by_ticket: openssl &["-tls1_2", "-www"] => Tls12;
    openssl_tls12_by_identifier: openssl &["-tls1_2", "-no_ticket", "-www"] => Tls12;
    openssl_tls13: openssl &["-tls1_3", "-www"] => Tls13;
    openssl_tls13_one_ticket: openssl &["-tls1_3", "-num_tickets", "1", "-www"] => Tls13;
    openssl_tls13_stateful: openssl &["-tls1_3", "-no_ticket", "-www"] => Tls13;
    openssl_tls13_after_hello_retry_request: openssl &["-tls1_3", "-groups", "P-521", "-www"] => Tls13;
    openssl_tls13_with_the_shorter_digest:
        openssl &["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256", "-www"] => Tls13;
    openssl_any: openssl &["-www"] => Tls13;
}

#[test]
fn nginx_tls12_by_ticket() {
    resume(&Nginx::tls12(&pki().server, ""), TlsVersion::Tls12);
}

#[test]
fn nginx_tls12_by_identifier() {
    let more = "ssl_session_tickets off; ssl_session_cache shared:tls:1m;";
    resume(&Nginx::tls12(&pki().server, more), TlsVersion::Tls12);
}

#[test]
fn nginx_tls13() {
    resume(&Nginx::tls13(&pki().server, ""), TlsVersion::Tls13);
}

/// A full handshake, several resumed ones, and the same after an export and import of the sessions.
fn resume(server: &Server, version: TlsVersion) {
    let (root, root_ec) = (pki().root.certificate_pem(), pki().root_ec.certificate_pem());
    let roots = [&root[..], &root_ec];
    let config = TlsConfig::new().roots(&roots);
    let mut sessions = Sessions::new();
    let mut transport = connect_at(server, PLACE, &config, &mut sessions, Some(now())).unwrap();
    assert_eq!((transport.version(), transport.is_resumed()), (version, false));
    get(&mut transport);
    sessions.keep(&mut transport, Some(now()));
    assert_eq!(sessions.len(), 1);
    // The session is kept once.
    sessions.clear();
    sessions.keep(&mut transport, Some(now()));
    assert!(sessions.is_empty());
    drop(transport);

    assert!(!request(server, &config, &mut sessions));
    for _ in 0..3 {
        assert!(request(server, &config, &mut sessions));
        assert_eq!(sessions.len(), 1);
    }

    let mut bytes = vec![0; sessions.export_len()];
    assert_eq!(sessions.export(&mut bytes), Ok(bytes.len()));
    println!("{version:?}: an exported session has {} bytes", bytes.len());
    drop(sessions);
    let mut sessions = Sessions::new();
    assert_eq!(sessions.import(&bytes), Ok(1));
    assert_eq!(sessions.len(), 1);
    for _ in 0..2 {
        assert!(request(server, &config, &mut sessions));
    }
}

#[test]
fn a_large_response_and_a_kept_connection_do_not_matter() {
    let server = Nginx::tls13(&pki().server, "");
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let mut sessions = Sessions::new();
    // Before anything is received, there is no ticket, and that is no error.
    let mut transport = connect_at(&server, PLACE, &config, &mut sessions, Some(now())).unwrap();
    sessions.keep(&mut transport, Some(now()));
    assert!(sessions.is_empty());
    get(&mut transport);
    sessions.keep(&mut transport, Some(now()));
    assert_eq!(sessions.len(), 1);
}

#[test]
fn a_ticket_of_tls13_is_offered_once() {
    let server = Nginx::tls13(&pki().server_ec, "");
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let mut sessions = Sessions::new();
    assert!(!request(&server, &config, &mut sessions));
    let mut first = connect_at(&server, PLACE, &config, &mut sessions, Some(now())).unwrap();
    assert!(first.is_resumed());
    assert!(sessions.is_empty());
    // The offered ticket is not kept again before the server has sent another one.
    sessions.keep(&mut first, Some(now()));
    assert!(sessions.is_empty());
    let second = connect_at(&server, PLACE, &config, &mut sessions, Some(now())).unwrap();
    assert!(!second.is_resumed());
    get(&mut first);
    sessions.keep(&mut first, Some(now()));
    assert_eq!(sessions.len(), 1);
}

/// In TLS 1.3, a lifetime of zero means that the ticket must be discarded at once (RFC 8446
/// §4.6.1). In TLS 1.2, it means that the lifetime is not specified (RFC 5077 §3.3).
#[cfg(feature = "sha256")]
#[test]
fn a_ticket_of_tls13_without_a_lifetime_is_no_session() {
    use sha2::{Digest as _, Sha256};

    const LIFETIME: u32 = 12_345;
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    // No server of these tests sends zero, so the test replaces the lifetime.
    let more = format!("ssl_session_timeout {LIFETIME};");
    for (server, expected) in [
        (Nginx::tls13(&pki().server_ec, &more), Err(SessionsError::Malformed)),
        (Nginx::tls12(&pki().server_ec, &more), Ok(1)),
    ] {
        let mut sessions = Sessions::new();
        request(&server, &config, &mut sessions);
        let mut bytes = vec![0; sessions.export_len()];
        sessions.export(&mut bytes).unwrap();
        assert_eq!(Sessions::new().import(&bytes), Ok(1));
        let found: Vec<_> =
            (0..bytes.len() - 4).filter(|&start| bytes[start..start + 4] == LIFETIME.to_be_bytes()).collect();
        let &[start] = &found[..] else { panic!("the lifetime is at {found:?}") };
        bytes[start..start + 4].fill(0);
        let end = bytes.len() - 32;
        let digest = Sha256::digest(&bytes[..end]);
        bytes[end..].copy_from_slice(&digest);
        assert_eq!(Sessions::new().import(&bytes), expected);
    }
}

/// Both versions, by ticket and by session ID: all kinds of resumption.
const WAYS: [&[&str]; 3] = [&["-tls1_2", "-www"], &["-tls1_2", "-no_ticket", "-www"], &["-tls1_3", "-www"]];

#[test]
fn another_host_port_or_trust_has_other_sessions() {
    let (root, root_ec) = (pki().root.certificate_pem(), pki().root_ec.certificate_pem());
    let (roots, both) = ([&root_ec[..]], [&root_ec[..], &root]);
    let (chain, key) = (pki().client.chain_pem(), pki().client.key_pem());
    let pins: [Pin; 1] = [pki().server_ec.pin().parse().unwrap()];
    let config = TlsConfig::new().roots(&roots);
    for way in WAYS {
        let server = Server::openssl(&pki().server_ec, way);
        let mut sessions = Sessions::new();
        let mut reuses = |place, config: &TlsConfig<'_>| {
            let mut kept = Sessions::new();
            // Only the session under test.
            request(&server, &TlsConfig::new().roots(&roots), &mut sessions);
            std::mem::swap(&mut kept, &mut sessions);
            request_at(&server, place, config, &mut kept, Some(now())).unwrap()
        };
        assert!(reuses(PLACE, &config));
        assert!(reuses(("LOCALHOST", 443), &config));
        for place in [("a.wild.test", 443), ("127.0.0.1", 443), ("[::1]", 443), ("localhost", 444)] {
            assert!(!reuses(place, &config), "{place:?}");
        }
        assert!(!reuses(PLACE, &TlsConfig::new().roots(&both)));
        assert!(!reuses(PLACE, &TlsConfig::new().extra_roots(&roots)));
        assert!(!reuses(PLACE, &config.pins(&pins)));
        assert!(!reuses(PLACE, &config.identity(&chain, &key)));
        assert!(!reuses(PLACE, &config.dates(DatePolicy::IgnoredWithoutClock)));
        assert!(!reuses(PLACE, &danger::accept_invalid_certs(config)));
        if way.contains(&"-tls1_3") {
            assert!(!reuses(PLACE, &config.min_version(TlsVersion::Tls13)));
        }
        // The same contents at another address.
        let copy = root_ec.clone();
        assert!(reuses(PLACE, &TlsConfig::new().roots(&[&copy])));
    }
}

#[test]
fn a_session_is_no_way_around_a_refusal() {
    let (root, root_ec) = (pki().root.certificate_pem(), pki().root_ec.certificate_pem());
    for way in WAYS {
        let server = Server::openssl(&pki().server_ec, way);
        let mut sessions = Sessions::new();
        // An unverified connection resumes its own kind only.
        let verified = TlsConfig::new().roots(&[]);
        let roots = [&root[..]];
        let other = TlsConfig::new().roots(&roots);
        let unverified = danger::accept_invalid_certs(other);
        assert!(!request(&server, &unverified, &mut sessions));
        assert!(request(&server, &unverified, &mut sessions));
        let error = request_at(&server, PLACE, &other, &mut sessions, Some(now())).unwrap_err();
        assert_eq!(error.kind(), "unknown-issuer");
        assert_eq!(request_at(&server, PLACE, &verified, &mut sessions, Some(now())), Err(TlsError::NoRoots));
        // No session is created for a host that the certificate does not name, and no other host's
        // session is used.
        let roots = [&root_ec[..]];
        let config = TlsConfig::new().roots(&roots);
        assert!(!request(&server, &config, &mut sessions));
        let place = ("example.com", 443);
        let error = request_at(&server, place, &config, &mut sessions, Some(now())).unwrap_err();
        assert_eq!(error.kind(), "host-mismatch");
        let pins = [Pin([1; 32])];
        let error = request_at(&server, PLACE, &config.pins(&pins), &mut sessions, Some(now())).unwrap_err();
        assert_eq!(error.kind(), "pin-mismatch");
        assert!(request(&server, &config, &mut sessions));
    }
}

#[test]
fn a_server_that_has_forgotten_shows_its_certificate() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let groups: [&[&str]; 1] = [&["-tls1_3", "-groups", "P-521", "-www"]];
    for way in WAYS.into_iter().chain(groups) {
        let mut sessions = Sessions::new();
        let server = Server::openssl(&pki().server_ec, way);
        assert!(!request(&server, &config, &mut sessions));
        drop(server);
        let server = Server::openssl(&pki().server_ec, way);
        assert!(!request(&server, &config, &mut sessions), "{way:?}");
        // From then on, the server knows the new one.
        assert!(request(&server, &config, &mut sessions), "{way:?}");
    }
}

#[test]
fn an_impostor_is_refused_whatever_was_offered() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let groups: [&[&str]; 1] = [&["-tls1_3", "-groups", "P-521", "-www"]];
    for way in WAYS.into_iter().chain(groups) {
        let mut sessions = Sessions::new();
        let server = Server::openssl(&pki().server_ec, way);
        assert!(!request(&server, &config, &mut sessions));
        drop(server);
        let impostor = Server::openssl(&pki().server, way);
        let error = request_at(&impostor, PLACE, &config, &mut sessions, Some(now())).unwrap_err();
        assert_eq!(error.kind(), "unknown-issuer", "{way:?}");
        assert!(sessions.is_empty());
    }
}

/// The server accepts the ticket, but now requires another group (a HelloRetryRequest) and a cipher
/// with another digest.
#[test]
fn a_server_that_knows_the_ticket_but_has_other_ciphers() {
    let root = pki().root.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("ticket.key");
    std::fs::write(&keys, [7; 80]).unwrap();
    let keys = format!("ssl_session_ticket_key {};", keys.display());
    let before = format!("{keys} ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;");
    for (change, is_resumed) in [
        ("ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;", true),
        ("ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256; ssl_ecdh_curve secp521r1;", true),
        ("ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384;", false),
        ("ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384; ssl_ecdh_curve secp521r1;", false),
    ] {
        let mut sessions = Sessions::new();
        let server = Nginx::tls13(&pki().server, &before);
        assert!(!request(&server, &config, &mut sessions));
        drop(server);
        let server = Nginx::tls13(&pki().server, &format!("{keys} {change}"));
        let result = request_at(&server, PLACE, &config, &mut sessions, Some(now()));
        assert_eq!(result, Ok(is_resumed), "{change}");
    }
}

#[test]
fn tickets_that_a_server_stops_to_send_are_not_mixed_with_identifiers() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let mut sessions = Sessions::new();
    let server = Server::openssl(&pki().server_ec, &["-tls1_2", "-www"]);
    assert!(!request(&server, &config, &mut sessions));
    drop(server);
    let server = Server::openssl(&pki().server_ec, &["-tls1_2", "-no_ticket", "-www"]);
    assert!(!request(&server, &config, &mut sessions));
    assert!(request(&server, &config, &mut sessions));
}

#[test]
fn a_server_of_another_version_is_reached_at_the_second_attempt_at_the_latest() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    for (before, after) in [("-tls1_2", "-tls1_3"), ("-tls1_3", "-tls1_2")] {
        let mut sessions = Sessions::new();
        let server = Server::openssl(&pki().server_ec, &[before, "-www"]);
        assert!(!request(&server, &config, &mut sessions));
        drop(server);
        let server = Server::openssl(&pki().server_ec, &[after, "-www"]);
        if let Err(error) = request_at(&server, PLACE, &config, &mut sessions, Some(now())) {
            println!("{before} to {after}: {error}");
            assert!(sessions.is_empty());
        }
        request(&server, &config, &mut sessions);
        assert!(request(&server, &config, &mut sessions));
    }
}

#[test]
fn a_client_certificate_is_shown_once() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let ca = pki().root.certificate.to_str().unwrap();
    let (chain, key) = (pki().client.chain_pem(), pki().client.key_pem());
    let config = TlsConfig::new().roots(&roots).identity(&chain, &key);
    for way in WAYS {
        let options = [way, &["-Verify", "2", "-verify_return_error", "-CAfile", ca]].concat();
        let server = Server::openssl(&pki().server_ec, &options);
        let mut sessions = Sessions::new();
        assert!(!request(&server, &config, &mut sessions), "{way:?}");
        assert!(request(&server, &config, &mut sessions), "{way:?}");
        println!("{way:?}: with a client certificate {} bytes", sessions.export_len());
        // Without the client's certificate, a session made with it is not used.
        let plain = TlsConfig::new().roots(&roots);
        let other = connect_at(&server, PLACE, &plain, &mut sessions, Some(now()));
        assert!(!other.is_ok_and(|transport| transport.is_resumed()), "{way:?}");
        assert_eq!(sessions.len(), 1);
    }
}

#[test]
fn sessions_end_with_the_certificates() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let server = Server::openssl(&pki().server_ec, &["-tls1_2", "-www"]);
    // The certificate is valid for one year.
    let last_day = now() + YEAR - 3600;
    let mut sessions = Sessions::new();
    assert_eq!(request_at(&server, PLACE, &config, &mut sessions, Some(last_day)), Ok(false));
    assert_eq!(request_at(&server, PLACE, &config, &mut sessions, Some(last_day + 60)), Ok(true));
    let expired = request_at(&server, PLACE, &config, &mut sessions, Some(last_day + 3700)).unwrap_err();
    assert_eq!(expired.kind(), "expired");
}

#[test]
fn sessions_end_with_their_lifetime_and_by_a_clock_put_back() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    // Lifetimes of two hours.
    for way in WAYS {
        let server = Server::openssl(&pki().server_ec, way);
        let mut sessions = Sessions::new();
        let start = now();
        for (at, is_resumed) in [(10, false), (7000, true), (7000 + 60 * 60 * 25, false), (100, false)] {
            let result = request_at(&server, PLACE, &config, &mut sessions, Some(start + at));
            assert_eq!(result, Ok(is_resumed), "{way:?} {at}");
        }
    }
}

#[test]
fn dates_that_were_not_checked_are_checked_once_they_can_be() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots).dates(DatePolicy::IgnoredWithoutClock);
    for way in WAYS {
        let server = Server::openssl(&pki().server_ec, way);
        let mut sessions = Sessions::new();
        let mut at = |now| request_at(&server, PLACE, &config, &mut sessions, now);
        assert_eq!(at(None), Ok(false));
        assert_eq!(at(None), Ok(true));
        // A session that follows from an unchecked one is also unchecked.
        assert_eq!(at(Some(now())), Ok(false));
        assert_eq!(at(Some(now())), Ok(true));
        assert_eq!(at(None), Ok(true));
        assert_eq!(at(None), Ok(true));
        assert_eq!(at(Some(now())), Ok(true));
        let expired = at(Some(now() + 2 * YEAR)).unwrap_err();
        assert_eq!(expired.kind(), "expired");
    }
}

/// An address is not sent as a server's name.
#[test]
fn servers_without_a_name_resume() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    for way in WAYS {
        let server = Server::openssl(&pki().server_ec, way);
        for place in [("127.0.0.1", 443), ("[::1]", 443)] {
            let mut sessions = Sessions::new();
            assert_eq!(request_at(&server, place, &config, &mut sessions, Some(now())), Ok(false));
            assert_eq!(request_at(&server, place, &config, &mut sessions, Some(now())), Ok(true));
        }
    }
}

#[test]
fn a_clock_that_is_not_set_does_not_cost_the_session() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let server = Server::openssl(&pki().server_ec, &["-tls1_3", "-www"]);
    let mut sessions = Sessions::new();
    assert!(!request(&server, &config, &mut sessions));
    assert_eq!(request_at(&server, PLACE, &config, &mut sessions, None), Err(TlsError::ClockNotSet));
    assert!(request(&server, &config, &mut sessions));
}

#[test]
fn the_oldest_session_makes_room() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let server = Server::openssl(&pki().server_ec, &["-tls1_2", "-www"]);
    let mut sessions = Sessions::new();
    for port in 1..=5 {
        let place = ("localhost", port);
        assert_eq!(request_at(&server, place, &config, &mut sessions, Some(now())), Ok(false));
    }
    assert_eq!(sessions.len(), 4);
    for (port, is_resumed) in [(2, true), (1, false), (2, true), (4, true), (5, true), (3, false)] {
        let place = ("localhost", port);
        let result = request_at(&server, place, &config, &mut sessions, Some(now()));
        assert_eq!(result, Ok(is_resumed), "{port}");
    }
    // All survive an export, in order.
    let mut bytes = vec![0; sessions.export_len()];
    sessions.export(&mut bytes).unwrap();
    let mut few = TlsSessions::<2>::new();
    assert_eq!(few.import(&bytes), Ok(4));
    assert_eq!(few.len(), 2);
    let mut none = TlsSessions::<0>::new();
    assert_eq!(none.import(&bytes), Ok(4));
    assert!(none.is_empty());
    assert_eq!(sessions.export(&mut bytes[1..]), Err(SessionsError::BufferTooSmall { needed: bytes.len() }));
}

#[test]
fn plain_connections_ask_for_no_ticket() {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    for way in WAYS {
        let server = Server::openssl(&pki().server_ec, way);
        let mut transport = super::connect(&server, "localhost", &config).unwrap();
        get(&mut transport);
        let mut sessions = Sessions::new();
        sessions.keep(&mut transport, Some(now()));
        assert!(sessions.is_empty());
        assert!(!transport.is_resumed());
    }
}

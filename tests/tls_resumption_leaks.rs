// SPDX-License-Identifier: Apache-2.0
//! The usage of mbedTLS's heap by sessions, and what they leave there. It has its own process,
//! because nothing else may use the heap that it counts.

#[path = "tls/pki.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod pki;
#[path = "tls/server.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod server;
#[path = "tls/tcp.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod tcp;

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pki::pki;
use requests::tls::{TlsConfig, TlsError, TlsSessions, TlsTransport, heap_usage, limit_heap};
use requests::transport::{Deadline, Transport};
use server::Server;
use tcp::{Fault, Faulty, Tcp};

/// One test at a time.
static ALONE: Mutex<()> = Mutex::new(());

const TIMEOUT: Duration = Duration::from_secs(10);

const WAYS: [&[&str]; 3] = [&["-tls1_2", "-www"], &["-tls1_2", "-no_ticket", "-www"], &["-tls1_3", "-www"]];

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

fn used() -> (usize, usize) {
    let usage = heap_usage().unwrap();
    (usage.used, usage.blocks)
}

/// A request on a connection that has the fault after receiving `left` bytes. Returns whether it
/// was resumed.
fn request(
    server: &Server,
    config: &TlsConfig<'_>,
    sessions: &mut TlsSessions<2>,
    left: usize,
    fault: Fault,
) -> Result<bool, TlsError> {
    let mut transport = Faulty::sound(Tcp::connect(server.port), usize::MAX);
    transport.left = left;
    transport.fault = fault;
    let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
    let place = ("localhost", 443);
    let mut transport =
        TlsTransport::connect_with(transport, place, config, sessions, Some(now()), deadline, &mut [])?;
    let mut buffer = [0; 4096];
    let mut result = transport.send(b"GET / HTTP/1.0\r\n\r\n", deadline);
    while matches!(result, Ok(len) if len > 0) {
        result = transport.receive(&mut buffer, deadline);
    }
    sessions.keep(&mut transport, Some(now()));
    match result {
        Ok(_) => Ok(transport.is_resumed()),
        Err(_) => Err(transport.error().unwrap()),
    }
}

#[test]
fn sessions_leave_nothing_behind() {
    let _alone = ALONE.lock();
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    for way in WAYS {
        let server = Server::openssl(&pki().server_ec, way);
        let mut sessions = TlsSessions::new();
        let before = used();
        let (mut resumed, mut failed) = (0, 0);
        for round in 0..60 {
            let fault = [Fault::End, Fault::Reset, Fault::Stall, Fault::Flip][round % 4];
            // Each third connection breaks somewhere in its handshake or in the response.
            let left = if round % 3 == 2 { 40 * round } else { usize::MAX };
            match request(&server, &config, &mut sessions, left, fault) {
                Ok(is_resumed) => resumed += usize::from(is_resumed),
                Err(_) => failed += 1,
            }
            let (bytes, blocks) = used();
            assert_eq!(blocks - before.1, sessions.len(), "round {round}");
            assert!(bytes - before.0 < 600, "round {round}: {bytes}");
        }
        assert!(resumed > 15 && failed > 5, "{resumed} {failed}");
        sessions.import(&export(&sessions)).unwrap();
        println!("{way:?}: {resumed} resumed, {failed} failed, {} bytes of heap", used().0 - before.0);
        sessions.clear();
        assert_eq!(used(), before);
    }
}

fn export(sessions: &TlsSessions<2>) -> Vec<u8> {
    let mut bytes = vec![0; sessions.export_len()];
    sessions.export(&mut bytes).unwrap();
    bytes
}

/// What mbedTLS 3.6 itself loses at most if it runs out of memory while it sets up the keys of TLS 1.3: docs/testing.md.
const KNOWN_BLOCKS: usize = 4;

/// If a heap of this size is not enough, the error says so, and at most the session is lost.
#[test]
fn too_small_a_heap_costs_the_session_and_no_more() {
    let _alone = ALONE.lock();
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    for way in WAYS {
        let server = Server::openssl(&pki().server_ec, way);
        let mut made = TlsSessions::new();
        let mut start = used();
        // The smallest heap with which a resumed connection works, found from below.
        let mut limit = 33_000;
        let mut too_small = 0;
        loop {
            request(&server, &config, &mut made, usize::MAX, Fault::End).unwrap();
            let bytes = export(&made);
            made.clear();
            let mut sessions = TlsSessions::new();
            sessions.import(&bytes).unwrap();
            limit_heap(start.0 + limit);
            let result = request(&server, &config, &mut sessions, usize::MAX, Fault::End);
            limit_heap(usize::MAX);
            sessions.clear();
            if used() != start {
                let is_known = way == WAYS[2] && result.is_err() && used().1 <= start.1 + KNOWN_BLOCKS;
                assert!(is_known, "{way:?} {limit}: {start:?} {:?}", used());
                start = used();
            }
            match result {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => assert_eq!(error.kind(), "out-of-memory", "{way:?} {limit}: {error}"),
            }
            too_small += 1;
            limit += 97;
            assert!(limit < 100_000, "{way:?}: no heap is enough");
        }
        assert!(too_small > 10);
        println!("{way:?}: resumed with {limit} bytes of heap");
    }
}

#[test]
fn an_import_without_memory_says_so() {
    let _alone = ALONE.lock();
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots);
    let server = Server::openssl(&pki().server_ec, WAYS[2]);
    let mut sessions = TlsSessions::new();
    request(&server, &config, &mut sessions, usize::MAX, Fault::End).unwrap();
    let bytes = export(&sessions);
    sessions.clear();
    let start = used();
    for room in 0.. {
        limit_heap(start.0 + room);
        let result = sessions.import(&bytes);
        limit_heap(usize::MAX);
        match result {
            Ok(count) => {
                assert_eq!((count, sessions.len()), (1, 1));
                break;
            }
            Err(error) => assert_eq!(
                error.to_string(),
                "out of memory for TLS sessions: raise CONFIG_MBEDTLS_HEAP_SIZE"
            ),
        }
        assert_eq!(used(), start, "{room}");
    }
}

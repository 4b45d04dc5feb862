// SPDX-License-Identifier: Apache-2.0
//! Resources left by many TLS connections. It has its own process, because nothing else may use the
//! resources that it counts.

#[path = "tls/pki.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod pki;
#[path = "tls/server.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod server;
#[path = "tls/tcp.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod tcp;

use std::fs;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pki::pki;
use requests::tls::{TlsConfig, TlsTransport, heap_usage, limit_heap};
use requests::transport::Deadline;
use server::Server;
use tcp::{Fault, Faulty, Tcp};

/// One test at a time.
static ALONE: Mutex<()> = Mutex::new(());

const TIMEOUT: Duration = Duration::from_secs(10);

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// A simple source of repeatable different numbers: xorshift.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

#[test]
fn a_thousand_handshakes_leave_nothing_behind() {
    let _alone = ALONE.lock();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (root, root_ec) = (pki().root.certificate_pem(), pki().root_ec.certificate_pem());
    let (client, key) = (pki().client.chain_pem(), pki().client.key_pem());
    let roots = [&root[..], &root_ec];
    let plain = TlsConfig::new().roots(&roots);
    let shown = plain.identity(&client, &key);
    let servers = ["-tls1_2", "-tls1_3"].map(|protocol| {
        [
            Server::openssl(&pki().server, &[protocol, "-www", "-verify", "1"]),
            Server::openssl(&pki().server_ec, &[protocol, "-www", "-verify", "1"]),
        ]
    });
    let servers = servers.each_ref().map(|pair| pair.each_ref());
    let run = |server: &Server, config: &TlsConfig<'_>, left: usize, fault: Fault, piece: usize| {
        let mut transport = Faulty::sound(Tcp::connect(server.port), piece);
        transport.left = left;
        transport.fault = fault;
        let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
        TlsTransport::connect(transport, "localhost", config, Some(now()), deadline, &mut []).map(drop)
    };
    // One-time allocations are made by now.
    run(servers[0][0], &shown, usize::MAX, Fault::End, usize::MAX).unwrap();
    run(servers[1][1], &shown, usize::MAX, Fault::End, usize::MAX).unwrap();
    let before = (heap_usage().unwrap(), descriptors());
    let (mut made, mut failed) = (0, 0);
    let start = Instant::now();
    for round in 0..1000 {
        let server = servers[round / 2 % 2][round / 4 % 2];
        let config = if round % 3 == 0 { &shown } else { &plain };
        let piece = [usize::MAX, 1000, 7][numbers.below(3)];
        if round % 2 == 0 {
            run(server, config, usize::MAX, Fault::End, piece).unwrap();
            made += 1;
        } else {
            let fault = [Fault::End, Fault::Reset, Fault::Stall, Fault::Flip][numbers.below(4)];
            // The shortest of these handshakes receives more than 1000 bytes.
            failed += usize::from(run(server, config, numbers.below(1000), fault, piece).is_err());
        }
        let usage = heap_usage().unwrap();
        assert_eq!((usage.used, usage.blocks), (before.0.used, before.0.blocks), "round {round}");
    }
    assert_eq!((made, failed), (500, 500));
    assert_eq!(descriptors(), before.1);
    println!(
        "1000 handshakes in {:?}; heap {} bytes in {} blocks before and after, peak {} bytes",
        start.elapsed(),
        before.0.used,
        before.0.blocks,
        heap_usage().unwrap().peak
    );
}

#[test]
fn a_heap_of_any_size_is_enough_or_too_small_and_nothing_else() {
    let _alone = ALONE.lock();
    let root = pki().root.certificate_pem();
    let (client, key) = (pki().client.chain_pem(), pki().client.key_pem());
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots).identity(&client, &key);
    let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
    for protocol in ["-tls1_2", "-tls1_3"] {
        let server = Server::openssl(&pki().server, &[protocol, "-www", "-verify", "1"]);
        let connect = || {
            let transport = Tcp::connect(server.port);
            TlsTransport::connect(transport, "localhost", &config, Some(now()), deadline, &mut []).map(drop)
        };
        // From 0 in large steps, and in small steps where the handshake itself runs out of memory.
        let mut limit = 0;
        let mut too_small = 0;
        loop {
            limit_heap(limit);
            let result = connect();
            limit_heap(usize::MAX);
            assert_eq!(heap_usage().unwrap().blocks, 0, "{limit} bytes");
            match result {
                Ok(()) => break,
                Err(error) => assert_eq!(error.kind(), "out-of-memory", "{limit} bytes: {error}"),
            }
            too_small += 1;
            limit += if limit < 33_000 { 997 } else { 61 };
        }
        assert!(too_small > 100);
        println!("{protocol} {limit} bytes are enough");
    }
}

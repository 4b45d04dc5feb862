// SPDX-License-Identifier: Apache-2.0
//! Each allocation of mbedTLS fails once, in a handshake and a request behind it.

use requests::Session;
use requests::tls::{TlsConfig, fail_allocation, heap_usage};

use super::server::InMemory;
use super::{TIMEOUT, alone, pki};

fn each_allocation_fails(is_13: bool, with_identity: bool) {
    let (root, chain, key) =
        (pki().root_ec.certificate_pem(), pki().client_ec.chain_pem(), pki().client_ec.key_pem());
    let roots = [&root[..]];
    let mut config = TlsConfig::new().roots(&roots);
    if with_identity {
        config = config.identity(&chain, &key);
    }
    let network = InMemory::tls(&pki().server_ec, &pki().intermediate_ec, is_13);
    // Two requests: a session is stored, and resumed over the second connection.
    let run = || {
        let mut session = Session::over(network.again()).timeout(TIMEOUT).tls(config);
        for path in ["/close", "/whole"] {
            let mut buffer = [0; 2048];
            session.get(&format!("https://localhost{path}")).send(&mut buffer).map(drop)?;
        }
        Ok::<(), requests::Error>(())
    };
    run().expect("an answer");
    let mut before = heap_usage().expect("it is counted on a host");
    let (mut runs, mut errors, mut leaks) = (0, 0, 0);
    for number in (0..).step_by(step()) {
        assert_eq!(fail_allocation(number), usize::MAX);
        let result = run();
        let left = fail_allocation(usize::MAX);
        runs += 1;
        let usage = heap_usage().expect("it is counted on a host");
        if (usage.used, usage.blocks) != (before.used, before.blocks) {
            assert!(
                is_13 && usage.blocks <= before.blocks + KNOWN_BLOCKS,
                "allocation {number} leaves memory"
            );
            leaks += 1;
            before = usage;
        }
        if let Err(error) = result {
            errors += 1;
            assert_eq!(error.kind(), "out-of-memory", "allocation {number}: {error}");
        }
        if left != usize::MAX {
            // There are not so many.
            assert!(
                runs > 50 && errors > 20 && leaks <= KNOWN_LEAKS,
                "{runs} runs, {errors} errors, {leaks} leaks"
            );
            let version = if is_13 { 3 } else { 2 };
            println!(
                "TLS 1.{version}: {number} allocations, {runs} fail, {errors} errors, {leaks} leaks in mbedTLS"
            );
            return;
        }
    }
}

/// mbedTLS 3.6 itself loses memory if it runs out while it sets up the keys of TLS 1.3:
/// `mbedtls_ssl_tls13_compute_handshake_transform` and `…_application_transform` free the structure, but not the
/// ciphers in it. There are two in each, of one block or two.
const KNOWN_LEAKS: usize = 16;
const KNOWN_BLOCKS: usize = 4;

/// Every so many allocations, one fails. A handshake has thousands, most of them of big numbers. To let all of them
/// fail takes some minutes: `REQUESTS_TORTURE_STEP=1`.
fn step() -> usize {
    let step = std::env::var("REQUESTS_TORTURE_STEP").ok();
    step.map_or(17, |step| step.parse().expect("REQUESTS_TORTURE_STEP is a number"))
}

#[test]
fn in_tls_1_2() {
    let _alone = alone();
    each_allocation_fails(false, false);
}

#[test]
fn in_tls_1_3() {
    let _alone = alone();
    each_allocation_fails(true, false);
}

#[test]
fn with_an_identity() {
    let _alone = alone();
    each_allocation_fails(true, true);
}

// SPDX-License-Identifier: Apache-2.0
//! TLS connections on several threads at once: they share mbedTLS's heap and PSA's keys, and nothing else.
//! `scripts/sanitize thread` runs this under ThreadSanitizer.

#[path = "tls/pki.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod pki;
#[path = "torture/server.rs"]
#[allow(dead_code, reason = "shared with tests/torture")]
mod server;
mod support;

use std::time::Duration;

use requests::tls::{TlsConfig, heap_usage};
use requests::{CancelToken, Session};

use pki::pki;
use server::InMemory;

#[test]
fn sessions_on_many_threads_do_not_disturb_each_other() {
    let root = pki().root_ec.certificate_pem();
    let (chain, key) = (pki().client_ec.chain_pem(), pki().client_ec.key_pem());
    let roots = [&root[..]];
    let config = TlsConfig::new().roots(&roots).identity(&chain, &key);
    let token = CancelToken::new().expect("a token");
    std::thread::scope(|scope| {
        for number in 0..4_u8 {
            let (config, token) = (&config, &token);
            scope.spawn(move || {
                let network = InMemory::tls(&pki().server_ec, &pki().intermediate_ec, number % 2 == 0);
                let mut session =
                    Session::over(network).timeout(Duration::from_secs(60)).tls(*config).cancel_token(token);
                for round in 0..4_u8 {
                    // Every second response closes its connection, so that TLS sessions are resumed.
                    let path = if round % 2 == 0 { "close" } else { "whole" };
                    let mut buffer = [0; 2048];
                    let data = [number; 100];
                    let url = format!("https://localhost/{path}");
                    let response = session.post(&url).data(&data).send(&mut buffer).expect("an answer");
                    if path == "whole" {
                        assert_eq!(&response.content()[5..], data);
                    }
                }
            });
        }
        // All of them look at the token, too.
        scope.spawn(|| {
            for _ in 0..1000 {
                assert!(!token.is_cancelled());
                std::thread::yield_now();
            }
        });
    });
    assert_eq!(heap_usage().expect("it is counted on a host").blocks, 0);
}

// SPDX-License-Identifier: Apache-2.0
//! What a peer says to a client that speaks TLS: a seed for the sizes of pieces, and bytes. No connection comes of it,
//! and no memory stays in use.

use requests::tls::{TlsConfig, heap_usage};

use crate::input::Input;
use crate::network::Pieces;

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let seed = input.byte();
    let bytes = input.rest();
    let blocks = || heap_usage().expect("it is counted on a host").blocks;
    let before = blocks();
    let config = TlsConfig::new();
    let mut results = Vec::new();
    for seed in [None, Some(seed)] {
        let mut network = Pieces::new(vec![bytes], seed);
        let request = requests::get("https://example.org/").tls(config);
        let result = request.send_over(&mut network, &mut [0; 2048]).map(drop);
        results.push(result.expect_err("nobody has a certificate of that name"));
        assert_eq!(blocks(), before, "a leak");
    }
    assert_eq!(results[0], results[1]);
}

// SPDX-License-Identifier: Apache-2.0
//! A byte of options, then a certificate, or a PEM text. Certificates are read without a fault, and PEM blocks have
//! the bytes that another decoder finds.

use base64ct::{Base64, Encoding as _};
use requests::tls::fuzzing;

/// See the module.
pub fn check(data: &[u8]) {
    let Some((options, data)) = data.split_first() else { return };
    let host = ["example.org", "192.0.2.1", "[2001:db8::1]", "a.b.c", "*.example.org", ""]
        [usize::from(*options) % 6];
    let _ = fuzzing::certificate(data, host);
    let _ = fuzzing::certificates(data);
    fuzzing::pem(data, |label, bytes| {
        let text = data.escape_ascii().to_string();
        assert!(text.contains(&label.escape_ascii().to_string()));
        if let Some(bytes) = bytes {
            // The block ends with these digits, without white space.
            let encoded = Base64::encode_string(bytes);
            let dense: Vec<u8> = data.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            assert!(
                dense.windows(encoded.len().max(1)).any(|window| window == encoded.as_bytes())
                    || bytes.is_empty()
            );
            let _ = fuzzing::certificate(bytes, host);
        }
    });
}

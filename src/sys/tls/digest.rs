// SPDX-License-Identifier: Apache-2.0
//! SHA-256 by mbedTLS.

use mbedtls_sys as ffi;

use super::failure::{Failure, check};

/// The SHA-256 digest of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> Result<[u8; 32], Failure> {
    let mut digest = [0; 32];
    // SAFETY: the slice is readable for its length and the digest writable for its 32 bytes.
    check(unsafe { ffi::requests_mbedtls_sha256(bytes.as_ptr(), bytes.len(), &raw mut digest) })?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_nothing() {
        let digest = sha256(b"").unwrap();
        assert_eq!(digest[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    }
}

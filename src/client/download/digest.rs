// SPDX-License-Identifier: Apache-2.0
//! The digest of a download's content.

use sha2::Digest as _;

/// A running SHA-256 digest, and the expected one. It holds pointers to the code, so that only
/// programs that check a digest link it.
pub(super) struct Digest {
    expected: [u8; 32],
    state: sha2::Sha256,
    update: fn(&mut sha2::Sha256, &[u8]),
    finish: fn(sha2::Sha256) -> [u8; 32],
}

impl Digest {
    pub(super) fn new(expected: [u8; 32]) -> Self {
        Self {
            expected,
            state: sha2::Sha256::new(),
            update: |state, bytes| state.update(bytes),
            finish: |state| state.finalize().into(),
        }
    }

    /// Starts again.
    pub(super) fn reset(&mut self) {
        *self = Self { state: sha2::Sha256::new(), ..*self };
    }

    /// Adds the next bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        (self.update)(&mut self.state, bytes);
    }

    /// Whether the digest of all bytes is the expected one.
    pub(super) fn is_expected(&self) -> bool {
        (self.finish)(self.state.clone()) == self.expected
    }
}

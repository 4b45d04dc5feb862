// SPDX-License-Identifier: Apache-2.0
//! The digest of content that passes by.

use sha2::Digest as _;

/// A SHA-256 digest in the making, and the one that is expected. It brings its code along, so that only
/// programs that ask for it link it.
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

    /// Begins anew.
    pub(super) fn reset(&mut self) {
        *self = Self { state: sha2::Sha256::new(), ..*self };
    }

    /// Takes in what follows.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        (self.update)(&mut self.state, bytes);
    }

    /// Whether the digest of all that was taken in is the expected one.
    pub(super) fn is_expected(&self) -> bool {
        (self.finish)(self.state.clone()) == self.expected
    }
}

// SPDX-License-Identifier: Apache-2.0
//! The memory that TLS uses.

/// The usage of mbedTLS's heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeapUsage {
    /// Bytes in use now.
    pub used: usize,
    /// The most bytes that were in use at any time.
    pub peak: usize,
    /// Blocks in use now.
    pub blocks: usize,
}

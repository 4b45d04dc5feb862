// SPDX-License-Identifier: Apache-2.0
//! How much memory TLS takes.

/// What TLS takes of mbedTLS's heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeapUsage {
    /// Bytes in use now.
    pub used: usize,
    /// The most bytes that ever were in use.
    pub peak: usize,
    /// Blocks in use now.
    pub blocks: usize,
}

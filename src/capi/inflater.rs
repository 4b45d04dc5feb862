// SPDX-License-Identifier: Apache-2.0
//! What decompresses content, `struct requests_inflater`.

#[cfg(feature = "gzip")]
pub use with_gzip::State;

/// Bytes of `struct requests_inflater`.
#[cfg(feature = "gzip")]
pub const INFLATER_SIZE: usize = 43_616;

#[cfg(feature = "gzip")]
mod with_gzip {
    use crate::proto::inflate::Inflater;
    use crate::sys::c::storage::Opaque;

    /// What a `struct requests_inflater` holds.
    pub type State = Inflater;

    impl Opaque for Inflater {
        const MARK: u32 = 0x494e_464c;
        const SIZE: usize = super::INFLATER_SIZE;
    }
}

/// Nothing decompresses.
#[cfg(not(feature = "gzip"))]
pub struct State;

// SPDX-License-Identifier: Apache-2.0
//! Decompression, `struct requests_inflater`.

use crate::capi::failure::Failure;
#[cfg(feature = "gzip")]
use crate::client::ACCEPT_COMPRESSED;
use crate::client::RequestBuilder;
use crate::sys::c::storage::Handle;

#[cfg(feature = "gzip")]
pub use with_gzip::{InflaterInUse, State};
#[cfg(not(feature = "gzip"))]
pub use without_gzip::{InflaterInUse, State};

/// Gives a request the inflater of its options. The inflater is busy until `in_use` is dropped.
pub fn take_inflater<'r, 'c, 'o: 'c>(
    request: &mut RequestBuilder<'r, 'c>,
    handle: Handle<'o, State>,
    in_use: &mut InflaterInUse<'o>,
) -> Result<(), Failure> {
    if handle.is_null() {
        return Ok(());
    }
    #[cfg(feature = "gzip")]
    {
        let (inflater, guard) = handle.borrow_mut_or_open(State::new)?.into_parts();
        *in_use = Some(guard);
        request.parts.push_header(ACCEPT_COMPRESSED);
        request.resources.inflater = Some(inflater);
        Ok(())
    }
    #[cfg(not(feature = "gzip"))]
    {
        let _ = (request, in_use);
        Err(Failure::Code(crate::capi::code::Code::NotBuiltIn))
    }
}

#[cfg(feature = "gzip")]
mod with_gzip {
    use crate::proto::inflate::Inflater;
    use crate::sys::c::storage::{BusyGuard, Opaque};

    /// What a `struct requests_inflater` holds.
    pub type State = Inflater;

    /// Keeps an inflater busy, if there is one.
    pub type InflaterInUse<'o> = Option<BusyGuard<'o, State>>;

    impl Opaque for Inflater {
        const MARK: u32 = 0x494e_464c;
        /// Bytes of the structure.
        const SIZE: usize = 43_616;
    }
}

#[cfg(not(feature = "gzip"))]
mod without_gzip {
    /// Nothing decompresses.
    pub struct State;

    /// No inflater is in use.
    pub type InflaterInUse<'o> = core::marker::PhantomData<&'o State>;
}

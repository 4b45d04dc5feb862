// SPDX-License-Identifier: Apache-2.0
//! What decompresses content, `struct requests_inflater`.

use crate::capi::failure::Failure;
#[cfg(feature = "gzip")]
use crate::client::ACCEPT_COMPRESSED;
use crate::client::RequestBuilder;
use crate::sys::c::storage::Handle;

#[cfg(feature = "gzip")]
pub use with_gzip::{Inflating, State};
#[cfg(not(feature = "gzip"))]
pub use without_gzip::{Inflating, State};

/// Lends a request the inflater that its options name. It is in use as long as `inflating` is kept.
pub fn take_inflater<'r, 'c, 'o: 'c>(
    request: &mut RequestBuilder<'r, 'c>,
    handle: Handle<'o, State>,
    inflating: &mut Inflating<'o>,
) -> Result<(), Failure> {
    if handle.is_null() {
        return Ok(());
    }
    #[cfg(feature = "gzip")]
    {
        let (inflater, lease) = handle.hold_or_open(State::new)?.lease();
        *inflating = Some(lease);
        request.parts.push_header(ACCEPT_COMPRESSED);
        request.resources.inflater = Some(inflater);
        Ok(())
    }
    #[cfg(not(feature = "gzip"))]
    {
        let _ = (request, inflating);
        Err(Failure::Code(crate::capi::code::Code::NotBuiltIn))
    }
}

#[cfg(feature = "gzip")]
mod with_gzip {
    use crate::proto::inflate::Inflater;
    use crate::sys::c::storage::{Lease, Opaque};

    /// What a `struct requests_inflater` holds.
    pub type State = Inflater;

    /// Keeps an inflater in use, if there is one.
    pub type Inflating<'o> = Option<Lease<'o, State>>;

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
    pub type Inflating<'o> = core::marker::PhantomData<&'o State>;
}

// SPDX-License-Identifier: Apache-2.0
//! Digests of content, `struct requests_sha256`.

use core::ffi::c_int;

#[cfg(not(feature = "sha256"))]
use crate::capi::code::Code;
#[cfg(feature = "sha256")]
use crate::capi::failure::{Failure, result_of};
#[cfg(feature = "sha256")]
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::{Bytes, Out};
use crate::sys::c::storage::Handle;

/// What a `struct requests_sha256` holds.
#[cfg(feature = "sha256")]
pub struct Hasher(sha2::Sha256);
/// Nothing is computed.
#[cfg(not(feature = "sha256"))]
pub struct Hasher;

#[cfg(feature = "sha256")]
impl crate::sys::c::storage::Opaque for Hasher {
    const MARK: u32 = 0x5348_4132;
    const SIZE: usize = 128;
}

/// `requests_sha256_start`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_sha256_start(sha256: Handle<'_, Hasher>) -> c_int {
    #[cfg(feature = "sha256")]
    return result_of(sha256.open(|| Ok::<_, Failure>(Hasher(sha2::Digest::new()))));
    #[cfg(not(feature = "sha256"))]
    return not_built_in(sha256);
}

/// `requests_sha256_add`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_sha256_add(sha256: Handle<'_, Hasher>, bytes: Bytes<'_>) -> c_int {
    #[cfg(feature = "sha256")]
    return result_of(sha256.borrow_mut().and_then(|mut hasher| {
        sha2::Digest::update(&mut hasher.0, PointerChecks::new().bytes(bytes)?);
        Ok(())
    }));
    #[cfg(not(feature = "sha256"))]
    return not_built_in((sha256, bytes));
}

/// `requests_sha256_finish`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_sha256_finish(sha256: Handle<'_, Hasher>, digest: Out<'_, [u8; 32]>) -> c_int {
    #[cfg(feature = "sha256")]
    return result_of(PointerChecks::new().out(digest).and_then(|()| {
        let made = sha2::Digest::finalize_reset(&mut sha256.borrow_mut()?.0);
        sha256.close()?;
        digest.write(made.into());
        Ok(())
    }));
    #[cfg(not(feature = "sha256"))]
    return not_built_in((sha256, digest));
}

#[cfg(not(feature = "sha256"))]
fn not_built_in<T>(_: T) -> c_int {
    Code::NotBuiltIn.number()
}

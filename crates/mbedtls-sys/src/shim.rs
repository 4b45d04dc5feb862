// SPDX-License-Identifier: Apache-2.0
//! The functions of `shim/mbedtls_shim.c`; its header says what each does.

use core::ffi::{c_char, c_int, c_uchar, c_void};
use core::mem::{offset_of, size_of};

use crate::{
    mbedtls_pk_context, mbedtls_ssl_config, mbedtls_ssl_context, mbedtls_ssl_protocol_version,
    mbedtls_ssl_session, mbedtls_x509_buf, mbedtls_x509_crt,
};

/// No random bytes could be had.
pub const REQUESTS_MBEDTLS_ERR_RANDOM: c_int = -0x7fff;
/// The transport failed: its own error says how.
pub const REQUESTS_MBEDTLS_ERR_IO: c_int = -0x7ffe;

/// TLS 1.2 is compiled in.
pub const REQUESTS_MBEDTLS_HAS_TLS_1_2: u32 = 0x01;
/// TLS 1.3 is compiled in.
pub const REQUESTS_MBEDTLS_HAS_TLS_1_3: u32 = 0x02;
/// ALPN is compiled in.
pub const REQUESTS_MBEDTLS_HAS_ALPN: u32 = 0x04;
/// The server name indication is compiled in.
pub const REQUESTS_MBEDTLS_HAS_SNI: u32 = 0x08;
/// Session tickets are compiled in.
pub const REQUESTS_MBEDTLS_HAS_TICKETS: u32 = 0x10;

const LAYOUT_LEN: usize = 10;

/// The layout as these bindings have it, in the order of `requests_mbedtls_layout`.
const LAYOUT: [usize; LAYOUT_LEN] = [
    size_of::<mbedtls_ssl_context>(),
    size_of::<mbedtls_ssl_config>(),
    size_of::<mbedtls_ssl_session>(),
    size_of::<mbedtls_x509_crt>(),
    size_of::<mbedtls_pk_context>(),
    size_of::<mbedtls_x509_buf>(),
    offset_of!(mbedtls_x509_crt, raw),
    offset_of!(mbedtls_x509_crt, next),
    offset_of!(mbedtls_x509_buf, len),
    offset_of!(mbedtls_x509_buf, p),
];

/// How much of mbedTLS's heap is in use, in bytes, and the most that ever was.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
#[allow(non_camel_case_types, reason = "named as in C")]
pub struct requests_mbedtls_heap {
    /// In use now.
    pub used: usize,
    /// The most that was ever in use.
    pub peak: usize,
    /// How many blocks are in use now.
    pub blocks: usize,
}

unsafe extern "C" {
    static requests_mbedtls_layout: [u32; LAYOUT_LEN];

    #[doc = "Which optional parts are compiled in: bits `REQUESTS_MBEDTLS_HAS_…`."]
    pub safe fn requests_mbedtls_features() -> u32;
    #[doc = "Prepares the crypto core."]
    pub fn requests_mbedtls_start() -> c_int;
    #[doc = "Whether an error says that there was no memory left."]
    pub safe fn requests_mbedtls_is_out_of_memory(code: c_int) -> bool;
    #[doc = "Zeroed memory of mbedTLS's heap, or null."]
    pub fn requests_mbedtls_calloc(count: usize, size: usize) -> *mut c_void;
    #[doc = "Frees a block; null is allowed."]
    pub fn requests_mbedtls_free(block: *mut c_void);
    #[doc = "Overwrites the `size` bytes of a block, then frees it."]
    pub fn requests_mbedtls_free_secret(block: *mut c_void, size: usize);
    #[doc = "Tells how much of mbedTLS's heap is in use; -1 where that is not counted."]
    pub fn requests_mbedtls_heap_usage(usage: *mut requests_mbedtls_heap) -> c_int;
    #[doc = "A number that grows with each allocation that fails on the calling thread, where that is counted."]
    pub safe fn requests_mbedtls_failed_allocations() -> u32;
    #[doc = "Lets no more than `bytes` be in use, on a host only."]
    pub safe fn requests_mbedtls_limit_heap(bytes: usize);
    #[doc = "Lets the allocation fail that `number` others precede, on a host only. Returns what was left of the number before."]
    pub safe fn requests_mbedtls_fail_allocation(number: usize) -> usize;
    #[doc = "Fills `size` bytes with random ones."]
    pub fn requests_mbedtls_random(bytes: *mut c_uchar, size: usize) -> c_int;
    #[doc = "Gives a configuration its random generator."]
    pub fn requests_mbedtls_conf_random(conf: *mut mbedtls_ssl_config);
    #[doc = "Sets the lowest and the highest version of TLS."]
    pub fn requests_mbedtls_conf_versions(
        conf: *mut mbedtls_ssl_config,
        min: mbedtls_ssl_protocol_version,
        max: mbedtls_ssl_protocol_version,
    );
    #[doc = "Sets the protocols to offer: a null-terminated list that outlives the configuration."]
    pub fn requests_mbedtls_conf_alpn(conf: *mut mbedtls_ssl_config, protocols: *mut *const c_char) -> c_int;
    /// Asks the peer for records of at most this many bytes: 512, 1024, 2048 or 4096, and no more than either
    /// buffer holds.
    pub fn requests_mbedtls_conf_max_fragment_length(conf: *mut mbedtls_ssl_config, bytes: usize) -> c_int;
    #[doc = "Parses an unencrypted private key in DER."]
    pub fn requests_mbedtls_parse_key(
        key: *mut mbedtls_pk_context,
        der: *const c_uchar,
        size: usize,
    ) -> c_int;
    #[doc = "0 when a certificate's key and a private key belong together."]
    pub fn requests_mbedtls_check_pair(
        certificate: *mut mbedtls_x509_crt,
        key: *mut mbedtls_pk_context,
    ) -> c_int;
    #[doc = "The SHA-256 digest of `size` bytes."]
    pub fn requests_mbedtls_sha256(bytes: *const c_uchar, size: usize, digest: *mut [c_uchar; 32]) -> c_int;
    #[doc = "One step of the handshake: 0 or an error."]
    pub fn requests_mbedtls_handshake_step(ssl: *mut mbedtls_ssl_context) -> c_int;
    #[doc = "Not 0 once the handshake is complete."]
    pub fn requests_mbedtls_is_handshake_over(ssl: *const mbedtls_ssl_context) -> c_int;
    #[doc = "The certificates received in the running handshake, or null."]
    pub fn requests_mbedtls_handshake_peer(ssl: *const mbedtls_ssl_context) -> *mut mbedtls_x509_crt;
    #[doc = "Frees the peer's certificates after the handshake."]
    pub fn requests_mbedtls_forget_peer(ssl: *mut mbedtls_ssl_context);
    #[doc = "The number of the alert just received, or -1."]
    pub fn requests_mbedtls_received_alert(ssl: *const mbedtls_ssl_context) -> c_int;
    #[doc = "The version spoken: 0x0303 is TLS 1.2, 0x0304 is TLS 1.3."]
    pub fn requests_mbedtls_version(ssl: *const mbedtls_ssl_context) -> c_int;
    #[doc = "Sets whether sessions can be resumed later; if not, tickets are not asked for."]
    pub fn requests_mbedtls_conf_resumption(conf: *mut mbedtls_ssl_config, wanted: c_int);
    #[doc = "Offers a saved session, any bytes, to a server of this name or null. 0, or nothing is offered."]
    pub fn requests_mbedtls_offer_session(
        ssl: *mut mbedtls_ssl_context,
        bytes: *const c_uchar,
        size: usize,
        name: *const c_char,
    ) -> c_int;
    #[doc = "0 when such bytes are a session that this mbedTLS can offer."]
    pub fn requests_mbedtls_check_session(bytes: *const c_uchar, size: usize) -> c_int;
    #[doc = "Forgets the session that was offered, once a full handshake has begun instead."]
    pub fn requests_mbedtls_decline_session(ssl: *mut mbedtls_ssl_context);
    #[doc = "Forgets, at the end of the handshake, the ticket that must not be used again."]
    pub fn requests_mbedtls_begin_session(ssl: *mut mbedtls_ssl_context);
    #[doc = "The size of the session to save, 0 when there is none, and its lifetime in seconds or 0."]
    pub fn requests_mbedtls_session_size(ssl: *mut mbedtls_ssl_context, lifetime: *mut u32) -> usize;
    #[doc = "Writes the session, of the size just asked for, and forgets its ticket."]
    pub fn requests_mbedtls_save_session(
        ssl: *mut mbedtls_ssl_context,
        bytes: *mut c_uchar,
        size: usize,
    ) -> c_int;
}

/// Whether these bindings have the structures as the C compiler laid them out.
///
/// Where this is false, no structure of this crate may be made or read.
#[must_use]
pub fn layout_matches() -> bool {
    // SAFETY: an immutable array of this length in C, `REQUESTS_MBEDTLS_LAYOUT_LEN`.
    let theirs = unsafe { &requests_mbedtls_layout };
    LAYOUT.iter().zip(theirs).all(|(ours, theirs)| u32::try_from(*ours) == Ok(*theirs))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bindings_agree_with_the_c_compiler() {
        assert!(super::layout_matches());
    }
}

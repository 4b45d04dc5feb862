// SPDX-License-Identifier: Apache-2.0
//! The sentences and codes of errors that differ between secure sockets and mbedTLS.

/// No code: secure sockets have none for messages without an end.
pub(in crate::tls) const CODE_FLOOD: i32 = i32::MIN;
/// No code.
pub(in crate::tls) const CODE_END: i32 = 0;
/// No code.
pub(in crate::tls) const CODE_REFUSED: i32 = 0;

pub(in crate::tls) const NO_ROOTS: &str =
    "no root certificates: name their security tags (TlsConfig::credentials)";
pub(in crate::tls) const TRUNCATED: &str =
    "the connection ended, which secure sockets do not tell from one that was cut: data may be missing";

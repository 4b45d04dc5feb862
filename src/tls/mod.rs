// SPDX-License-Identifier: Apache-2.0
//! TLS over any [`Transport`](crate::transport::Transport), verified by default.
//!
//! ```text
//! TlsConfig ──► mbedtls (mbedTLS here)  or  sockets (the secure sockets of Zephyr) ──► TlsTransport
//! ```
//!
//! A server is accepted if its certificate leads to a trusted root by valid signatures that are not weak, if all
//! certificates of this path are valid today, and if its certificate names the host of the URL. Not checked are
//! revocation lists and OCSP (use [pins](TlsConfig::pins) to exclude a certificate), certificate transparency, and
//! name constraints on anything but DNS names and IP addresses.
//!
//! A [session](crate::Session) resumes the TLS sessions of earlier connections: only to the same host, only under
//! the same trust, and only as long as the verified certificates are valid.
//!
//! With `CONFIG_REQUESTS_TLS_SOCKETS` on Zephyr, secure sockets implement TLS instead of mbedTLS. `docs/tls.md`
//! lists the differences.
//!
//! TLS takes memory of mbedTLS's heap: about 21 KB for each connection with the default buffers, and more for the
//! certificates of both sides during the handshake.

mod alert;
mod config;
pub mod danger;
#[cfg(not(tls_sockets))]
mod date;
mod details;
mod error;
mod heap;
#[cfg(not(tls_sockets))]
mod mbedtls;
mod message;
mod pin;
#[cfg(tls_sockets)]
mod sockets;
mod warning;

#[cfg(not(tls_sockets))]
use mbedtls as backend;
#[cfg(tls_sockets)]
use sockets as backend;

pub use alert::Alert;
pub(crate) use backend::{Dialer, KnownTrust, Resumption, SessionKey};
pub use backend::{TlsTransport, heap_usage};
pub use config::{DatePolicy, TlsConfig, TlsVersion};
#[cfg(not(tls_sockets))]
pub(crate) use date::Date;
pub use details::Details;
pub use error::TlsError;
pub use heap::HeapUsage;
#[cfg(all(feature = "host", not(tls_sockets)))]
#[doc(hidden)]
pub use mbedtls::fail_allocation;
#[cfg(all(fuzzing, not(tls_sockets)))]
#[doc(hidden)]
pub use mbedtls::fuzzing;
#[cfg(all(feature = "host", not(tls_sockets)))]
pub use mbedtls::limit_heap;
#[cfg(all(feature = "capi", not(tls_sockets)))]
pub(crate) use mbedtls::versions;
#[cfg(not(tls_sockets))]
pub use mbedtls::{SessionsError, TlsSessions};
pub use message::TlsErrorMessage;
pub use pin::{InvalidPin, Pin};
#[cfg(tls_sockets)]
pub(crate) use sockets::TlsSessions;

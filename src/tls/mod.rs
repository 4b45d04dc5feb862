// SPDX-License-Identifier: Apache-2.0
//! TLS over any [`Transport`](crate::transport::Transport), verified by default.
//!
//! ```text
//! TlsConfig ──► mbedtls (mbedTLS here)  or  sockets (the secure sockets of Zephyr) ──► TlsTransport
//! ```
//!
//! A server is accepted when its certificate leads to a trusted root by valid signatures of sufficient
//! strength, all of it valid today, and names the host of the URL. Not checked: revocation lists and OCSP
//! (embedded devices have neither the bandwidth nor the memory; use [pins](TlsConfig::pins) to cut one off),
//! certificate transparency, names other than of hosts in name constraints.
//!
//! A [session](crate::Session) resumes TLS sessions of earlier connections, which its `TlsSessions` hold: to
//! the same host under the same trust only, and no longer than the certificates that were verified then are
//! valid.
//!
//! With `CONFIG_REQUESTS_TLS_SOCKETS` on Zephyr, its secure sockets do all this in place of mbedTLS here, as
//! far as they can: `docs/tls.md` says what differs.
//!
//! mbedTLS's heap is the only memory that grows: about 20 KB a connection with the default buffers, and the
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

// SPDX-License-Identifier: Apache-2.0
//! TLS by mbedTLS, over any [`Transport`](crate::transport::Transport).
//!
//! ```text
//! dialer, resumption ──► transport ──► handshake ──► settings ──► identity, credentials
//!                               │
//!                               ├──► verify ──► judge ──► path ──► policy ──► roots, name, certificate
//!                               │
//!                               └──► crate::sys::tls
//! ```

mod certificate;
#[cfg(on_zephyr)]
mod credentials;
#[cfg(not(on_zephyr))]
#[path = "no_credentials.rs"]
mod credentials;
mod der;
mod dialer;
mod failure;
mod fingerprint;
mod flaw;
#[cfg(fuzzing)]
pub mod fuzzing;
mod handshake;
mod heap;
mod identity;
mod judge;
mod name;
mod path;
mod pem;
mod policy;
mod resumption;
mod roots;
pub(super) mod sentences;
mod session;
mod sessions;
mod sessions_export;
mod settings;
mod stream;
mod transport;
mod verify;
#[cfg(feature = "capi")]
mod versions;

pub(crate) use dialer::Dialer;
pub(crate) use fingerprint::{KnownTrust, SessionKey};
pub use heap::heap_usage;
#[cfg(feature = "host")]
pub use heap::{fail_allocation, limit_heap};
pub(crate) use session::Resumption;
pub use sessions::TlsSessions;
pub use sessions_export::SessionsError;
pub use transport::TlsTransport;
#[cfg(feature = "capi")]
pub(crate) use versions::versions;

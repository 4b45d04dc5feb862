// SPDX-License-Identifier: Apache-2.0
//! Byte streams and the network that opens them.
//!
//! The client does not use sockets itself. It asks a [`Network`] for addresses and for a connected
//! [`Transport`]. Each call has a [`Deadline`], and a [`CancelToken`] can end it earlier. `host` is for
//! operating systems, `zephyr` for Zephyr, and `scripted` for tests.

mod cancel;
mod deadline;
mod error;
#[cfg(feature = "host")]
pub mod host;
mod network;
mod network_wait;
#[cfg(not(any(feature = "host", feature = "zephyr")))]
mod none;
#[cfg(feature = "std")]
pub mod scripted;
#[cfg(tls_sockets)]
mod secure_socket;
#[cfg(any(feature = "host", not(feature = "zephyr")))]
mod signal;
mod stream;
#[cfg(on_zephyr)]
pub mod zephyr;

pub use cancel::CancelToken;
pub use deadline::Deadline;
pub use error::{DnsError, IoError};
pub use network::{Addresses, Network};
pub use network_wait::{NetworkError, network_wait};
#[cfg(tls_sockets)]
pub use secure_socket::SecureSocket;
pub use stream::Transport;

/// The network of the platform that the crate is compiled for.
#[cfg(feature = "host")]
pub type PlatformNetwork = host::HostNetwork;
/// The network of the platform that the crate is compiled for.
#[cfg(all(feature = "zephyr", not(feature = "host")))]
pub type PlatformNetwork = zephyr::ZephyrNetwork;

/// Without a platform there is no network: callers bring their own.
#[cfg(not(any(feature = "host", feature = "zephyr")))]
pub type PlatformNetwork = none::NoNetwork;

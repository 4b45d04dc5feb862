// SPDX-License-Identifier: Apache-2.0
//! Kept connections (RFC 9112 §9.3).

use core::mem;

use embedded_io::ErrorKind;

use crate::client::connect::connection::Connection;
use crate::config::SESSION_HOST_LEN;
use crate::proto::url::Url;
#[cfg(feature = "tls")]
use crate::tls::SessionKey;
use crate::transport::{Deadline, Transport};

/// What a request demands of a kept connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Nothing: the request can be sent again if the connection turns out to be closed.
    Repeatable,
    /// The server must not have closed it: the request can be sent once only.
    SentOnce,
}

/// How long to wait before a request that can be sent once only uses a connection right after a
/// response, in milliseconds. A server that closes the connection without `Connection: close` does
/// so right after its response, and would lose the request.
const CLOSING_MS: u64 = 5;

/// What requests must have in common to use the same connection: host and port, and for `https` the
/// trust.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put the host into")]
pub(super) enum Origin {
    Http {
        /// In lower case.
        host: heapless::String<SESSION_HOST_LEN>,
        port: u16,
    },
    /// A digest of host, port and all trust settings.
    #[cfg(feature = "tls")]
    Https(SessionKey),
}

impl Origin {
    /// The origin of an `http` URL; `None` if its host is longer than `SESSION_HOST_LEN` bytes.
    pub(super) fn http(url: &Url<'_>) -> Option<Self> {
        let mut host = heapless::String::new();
        host.push_str(url.host_name()).ok()?;
        host.make_ascii_lowercase();
        Some(Self::Http { host, port: url.port_or_default() })
    }
}

/// A fixed number of slots for connections.
pub(super) struct Pool<T: Transport, const SLOTS: usize> {
    slots: [Slot<T>; SLOTS],
}

struct Slot<T: Transport> {
    /// The origin of the connection that is or was in this slot.
    origin: Option<Origin>,
    connection: Connection<T>,
    used_at: u64,
    expires_at: u64,
}

impl<T: Transport> Slot<T> {
    const EMPTY: Self = Self { origin: None, connection: Connection::Closed, used_at: 0, expires_at: 0 };
}

impl<T: Transport, const SLOTS: usize> Pool<T, SLOTS> {
    pub(super) const fn new() -> Self {
        Self { slots: [const { Slot::EMPTY }; SLOTS] }
    }

    /// Moves a kept connection to `origin` to `into` and returns the index of its slot. Connections
    /// that the server has closed are skipped.
    pub(super) fn take(
        &mut self,
        origin: &Origin,
        now: u64,
        reuse: Reuse,
        into: &mut Connection<T>,
    ) -> Option<usize> {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if slot.origin.as_ref() == Some(origin) && !slot.connection.is_closed() {
                *into = mem::take(&mut slot.connection);
                let may_be_closing = reuse == Reuse::SentOnce && now < slot.used_at + CLOSING_MS;
                if is_open(into, Deadline::NO_WAIT)
                    && (!may_be_closing || is_open(into, Deadline::after(now, CLOSING_MS)))
                {
                    return Some(index);
                }
                *into = Connection::Closed;
            }
        }
        None
    }

    /// Frees a slot for a connection to `origin`. If all are in use, closes the least recently used
    /// connection.
    pub(super) fn reserve(&mut self, origin: Origin) -> Option<usize> {
        let (index, slot) = self
            .slots
            .iter_mut()
            .enumerate()
            .min_by_key(|(_, slot)| if slot.connection.is_closed() { 0 } else { slot.used_at + 1 })?;
        slot.connection = Connection::Closed;
        slot.origin = Some(origin);
        Some(index)
    }

    /// Moves the connection in `from` to its slot.
    pub(super) fn put(&mut self, index: usize, from: &mut Connection<T>, now: u64, lifetime_ms: u64) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.connection = mem::take(from);
            slot.used_at = now;
            slot.expires_at = now.saturating_add(lifetime_ms);
        }
    }

    /// Closes the connections that have been idle for too long.
    pub(super) fn close_expired(&mut self, now: u64) {
        self.close_where(|slot| slot.expires_at <= now);
    }

    /// Closes all connections to `origin`.
    pub(super) fn close_origin(&mut self, origin: &Origin) {
        self.close_where(|slot| slot.origin.as_ref() == Some(origin));
    }

    /// Closes all connections. Returns whether there was any.
    pub(super) fn close_all(&mut self) -> bool {
        let any = self.len() > 0;
        self.close_where(|_| true);
        any
    }

    /// The number of kept connections.
    pub(super) fn len(&self) -> usize {
        self.slots.iter().filter(|slot| !slot.connection.is_closed()).count()
    }

    fn close_where(&mut self, matches: impl Fn(&Slot<T>) -> bool) {
        for slot in &mut self.slots {
            if matches(slot) {
                slot.connection = Connection::Closed;
            }
        }
    }
}

/// Whether the peer has neither closed the connection nor sent bytes that belong to no request.
fn is_open(connection: &mut dyn Transport, until: Deadline<'_>) -> bool {
    let mut byte = [0];
    matches!(connection.receive(&mut byte, until), Err(error) if error.kind == ErrorKind::TimedOut)
}

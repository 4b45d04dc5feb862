// SPDX-License-Identifier: Apache-2.0
//! The verification of the peer.
//!
//! mbedTLS checks signatures, the strength of digests and keys, and whether a root may sign certificates. All other
//! checks are here: the path to a root, dates, subject alternative names, path lengths, key usages, unknown critical
//! extensions, name constraints, pins.

use mbedtls_sys as ffi;

use super::certificate::Certificate;
use super::judge::{malformed, pin_mismatch};
use super::path::{Demand, End, MAX_SENT, Search, Step, Steps, Top};
use super::policy::Policy;
use crate::sys::tls::{Certificates, Connection, Parsed, sha256};
use crate::tls::{Date, Pin, TlsError};
use crate::transport::IoError;

/// Verifies the chain that the peer has sent, and returns the last moment at which all of it is valid.
///
/// `go_on` is called before each signature, and fails if there is no time left. The details of an error are written
/// to `buffer`.
pub(super) fn verify(
    connection: &Connection,
    policy: &Policy<'_>,
    go_on: &mut dyn FnMut() -> Result<(), IoError>,
    buffer: &mut [u8],
) -> Result<Date, TlsError> {
    let Some(own) = connection.peer_chain().next() else { return Err(malformed()) };
    let Ok(peer) = Certificate::parse(own.der()) else { return Err(malformed()) };
    if connection.peer_chain().nth(MAX_SENT).is_some() {
        return Err(TlsError::TooManyCertificates);
    }
    let roots = policy.roots.for_chain(connection)?;
    let mut steps = Steps::new();
    let itself = trusted_itself(own, policy, &peer, &roots)?;
    let end = match itself {
        Some(end) if end.last.is_pinned => end,
        _ => {
            let mut search = Search::new(policy, connection.peer_chain(), &peer, &roots, go_on);
            let end = find_path(&mut search, policy, &mut steps)?;
            itself.filter(|_| matches!(end.top, Top::Missing(_))).unwrap_or(end)
        }
    };
    policy.judge(connection.peer_chain(), &peer, end, &steps, buffer)
}

/// The end of the path if the peer's own certificate is one of the roots.
fn trusted_itself(
    own: Parsed<'_>,
    policy: &Policy<'_>,
    peer: &Certificate<'_>,
    roots: &Certificates,
) -> Result<Option<End<'static>>, TlsError> {
    let Some(root) = roots.iter().find(|root| root.der() == own.der()) else { return Ok(None) };
    let flags = own.flags_under(root).map_err(TlsError::from_internal)?;
    let last = Step::alone(policy.is_pinned(peer), flags);
    Ok(Some(End { last, top: Top::Itself }))
}

/// The end of the best path.
fn find_path<'a>(
    search: &mut Search<'a, '_>,
    policy: &Policy<'_>,
    steps: &mut Steps,
) -> Result<End<'a>, TlsError> {
    // Without pins, the first round would be the same as the second.
    let demands =
        if policy.pins.is_empty() { &[Demand::Sound][..] } else { &[Demand::Pinned, Demand::Sound] };
    for &demand in demands {
        let end = search.run(demand, steps)?;
        if matches!(end.top, Top::Root(_)) {
            return Ok(end);
        }
    }
    search.run(Demand::Any, steps)
}

/// Checks the pin of the peer's own key, if nothing else is checked.
///
/// The other certificates of an unverified chain prove nothing: anyone can send them.
pub(super) fn verify_pin_only(
    connection: &Connection,
    pins: &[Pin],
    buffer: &mut [u8],
) -> Result<(), TlsError> {
    if pins.is_empty() {
        return Ok(());
    }
    let Some(Ok(peer)) = connection.peer_chain().next().map(|own| Certificate::parse(own.der())) else {
        return Err(malformed());
    };
    let seen = Pin(sha256(peer.public_key).map_err(TlsError::from_internal)?);
    if pins.contains(&seen) {
        Ok(())
    } else {
        Err(pin_mismatch(seen, ffi::MBEDTLS_X509_BADCERT_OTHER, buffer))
    }
}

// SPDX-License-Identifier: Apache-2.0
//! The path from a server's certificate to a root: RFC 5280 section 6.
//!
//! Several certificates can have the name of an issuer, and some of them even the same key: for example an expired
//! certificate and its successor, or one signed by an old root and one signed by a new root. All of them are tried,
//! in any order.
//!
//! The search visits each certificate once, so that the work grows with the number of certificates and not with the
//! number of paths. It visits those with the fewest authorities below them first, because only that number matters
//! for path lengths. At most [`MAX_SIGNATURES`] signatures are checked.

use core::mem;

use embedded_io::ErrorKind;
use heapless::Vec;
use mbedtls_sys as ffi;

use super::certificate::{Certificate, is_same_name};
use super::flaw::{self, WEAK};
use super::policy::{Policy, Role};
use crate::sys::tls::{Certificates, Chain, Parsed};
use crate::tls::TlsError;
use crate::transport::IoError;

/// The most certificates that a server may send, including its own.
pub(super) const MAX_SENT: usize = 32;

/// The most signatures that are checked for one server.
const MAX_SIGNATURES: u8 = 100;

/// Which paths are accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    /// As [`Sound`](Self::Sound), and a key of the path has a pin.
    Pinned,
    /// Nothing above the server's own certificate has a flaw.
    Sound,
    /// The path leads to a root.
    Any,
}

/// A certificate that the server has sent, as a part of a path.
#[derive(Clone, Copy, Default)]
pub(super) struct Step {
    /// Its index among the certificates that the server has sent.
    pub index: u8,
    /// The index of the step below it.
    pub below: u8,
    /// The number of authorities up to this one. Certificates whose issuer has their own name do not count (RFC
    /// 5280 section 4.2.1.9).
    pub authorities: u8,
    /// Whether this key or one below it has a pin.
    pub is_pinned: bool,
    /// [`WEAK`] of the signatures below, without the zero bits at its end.
    weak: u8,
}

impl Step {
    /// The path of this certificate alone, which is a root. The signature of a root proves nothing and may be
    /// weak.
    pub(super) fn alone(is_pinned: bool, flags: u32) -> Self {
        Self { is_pinned, weak: shifted(flags & !ffi::MBEDTLS_X509_BADCERT_BAD_MD), ..Self::default() }
    }

    /// mbedTLS's verify flags for weak signatures and keys of the path.
    pub(super) fn weak(self) -> u32 {
        u32::from(self.weak) << WEAK.trailing_zeros()
    }
}

/// [`WEAK`] of these flags, without the zero bits at its end.
const fn shifted(flags: u32) -> u8 {
    ((flags & WEAK) >> WEAK.trailing_zeros()) as u8
}

const _: () = assert!(WEAK >> WEAK.trailing_zeros() <= u8::MAX as u32);

/// The steps that were found.
pub(super) type Steps = Vec<Step, { 2 * MAX_SENT }>;

/// Where a path ends.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    /// The last step before the root.
    pub last: Step,
    pub top: Top<'a>,
}

/// The top of a path.
#[derive(Clone, Copy)]
pub(super) enum Top<'a> {
    Root(Parsed<'a>),
    /// The server's own certificate is a root.
    Itself,
    /// No path leads to a root, and this is one of the longest. The reason is a root with the issuer's name that has
    /// not signed ([`flaw::NOT_SIGNED`]), a certificate with that name that may not sign ([`flaw::NOT_AUTHORITY`]), or
    /// otherwise that there is no certificate with that name.
    Missing(u32),
}

/// Looks for paths.
pub(super) struct Search<'a, 'f> {
    policy: &'a Policy<'a>,
    sent: Chain<'a>,
    peer: &'a Certificate<'a>,
    roots: &'a Certificates,
    go_on: &'f mut dyn FnMut() -> Result<(), IoError>,
    signatures: u8,
}

impl<'a, 'f> Search<'a, 'f> {
    /// Looks for paths from `peer`, which is the first of the certificates that were `sent`, to one of
    /// `roots`.
    ///
    /// `go_on` is called before each signature, and fails if there is no time left.
    pub(super) fn new(
        policy: &'a Policy<'a>,
        sent: Chain<'a>,
        peer: &'a Certificate<'a>,
        roots: &'a Certificates,
        go_on: &'f mut dyn FnMut() -> Result<(), IoError>,
    ) -> Self {
        Self { policy, sent, peer, roots, go_on, signatures: MAX_SIGNATURES }
    }

    /// The end of the first path that is accepted. All steps are in `steps` afterwards.
    pub(super) fn run(&mut self, demand: Demand, steps: &mut Steps) -> Result<End<'a>, TlsError> {
        steps.clear();
        let start = Step { is_pinned: self.policy.is_pinned(self.peer), ..Step::default() };
        let mut end = End { last: start, top: Top::Missing(0) };
        // Bits of the certificates that are steps already, of paths without and with a pin.
        let mut seen = [1_u32; 2];
        let mut next = 0;
        // There is room for each certificate twice.
        let _ = steps.push(start);
        while let Some((first, others)) = steps.get_mut(next..).and_then(<[Step]>::split_first_mut) {
            // So no later path to a certificate has fewer authorities than the first one.
            for other in others {
                if other.authorities < first.authorities {
                    mem::swap(first, other);
                }
            }
            let below = *first;
            let len = steps.len();
            let mut hindrance = 0;
            let Some(child) = self.sent.clone().nth(usize::from(below.index)) else { break };
            for root in self.roots.iter() {
                let above = self.climb(child, below, root, true, demand, &mut hindrance)?;
                if let Some(above) = above.filter(|above| above.is_pinned || demand != Demand::Pinned) {
                    let last = Step { is_pinned: above.is_pinned, weak: above.weak, ..below };
                    return Ok(End { last, top: Top::Root(root) });
                }
            }
            for (index, issuer) in self.sent.clone().enumerate().take(MAX_SENT).skip(1) {
                // If a path with a pin has been here, one without a pin cannot find more.
                if seen
                    .get(usize::from(below.is_pinned)..)
                    .is_some_and(|seen| seen.iter().any(|bits| bits >> index & 1 != 0))
                {
                    continue;
                }
                if let Some(above) = self.climb(child, below, issuer, false, demand, &mut hindrance)? {
                    if let Some(bits) = seen.get_mut(usize::from(above.is_pinned)) {
                        *bits |= 1 << index;
                    }
                    let _ = steps.push(Step { index: index as u8, below: next as u8, ..above });
                }
            }
            if steps.len() == len {
                end = End { last: below, top: Top::Missing(hindrance) };
            }
            next += 1;
        }
        Ok(end)
    }

    /// The step from `child` to `issuer`, if `issuer` has signed it and is accepted.
    fn climb(
        &mut self,
        child: Parsed<'_>,
        below: Step,
        issuer: Parsed<'_>,
        is_root: bool,
        demand: Demand,
        hindrance: &mut u32,
    ) -> Result<Option<Step>, TlsError> {
        let Some(above) = self.weigh(child.der(), below, issuer.der(), is_root, demand, hindrance) else {
            return Ok(None);
        };
        match (self.go_on)().map_err(|error| error.kind) {
            Err(ErrorKind::TimedOut) => return Err(TlsError::TimedOut),
            Err(ErrorKind::Interrupted) => return Err(TlsError::Cancelled),
            _ => {}
        }
        self.signatures = self.signatures.checked_sub(1).ok_or(TlsError::TooManyCertificates)?;
        let flags = child.flags_under(issuer).map_err(TlsError::from_internal)?;
        if flags & ffi::MBEDTLS_X509_BADCERT_NOT_TRUSTED != 0 {
            if is_root {
                *hindrance |= flaw::NOT_SIGNED;
            }
            return Ok(None);
        }
        let weak = shifted(flags);
        // The strength of the server's own certificate is the same on every path.
        if demand != Demand::Any && weak != 0 && below.index != 0 {
            return Ok(None);
        }
        Ok(Some(Step { weak: below.weak | weak, ..above }))
    }

    /// The step from `child` to `issuer`, if `issuer` is accepted. Its signature is not checked here.
    // Not inlined, so that its variables are not on the stack while signatures are checked.
    #[inline(never)]
    fn weigh(
        &self,
        child: &[u8],
        below: Step,
        issuer: &[u8],
        is_root: bool,
        demand: Demand,
        hindrance: &mut u32,
    ) -> Option<Step> {
        let authority = Certificate::parse(issuer).ok()?;
        // A copy of the same certificate leads no further, unless it is a root.
        if !is_same_name(Certificate::parse(child).ok()?.issuer, authority.subject)
            || !is_root && child == issuer
        {
            return None;
        }
        // Roots of X.509 before version 3 have no extensions that mark them as authorities.
        if authority.is_authority() != Ok(true) && !(is_root && authority.has_no_extensions()) {
            *hindrance |= flaw::NOT_AUTHORITY;
            return None;
        }
        if demand != Demand::Any
            && (authority.is_exceeded_by(below.authorities)
                || self.policy.flaws(&authority, self.peer, Role::Authority) != 0)
        {
            return None;
        }
        Some(Step {
            index: 0,
            below: 0,
            authorities: below.authorities + u8::from(!authority.is_self_issued()),
            is_pinned: below.is_pinned || self.policy.is_pinned(&authority),
            weak: 0,
        })
    }
}

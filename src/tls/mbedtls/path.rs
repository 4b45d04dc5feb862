// SPDX-License-Identifier: Apache-2.0
//! The path from a server's certificate to a root: RFC 5280 section 6.
//!
//! Several authorities can have the name that a certificate calls its issuer, some of them with the same key:
//! an expired certificate and its successor, or one signed by an old root and one signed by a new root. Each
//! of them is tried, wherever it stands.
//!
//! The search takes each certificate once, so that the work grows with the certificates and not with the ways
//! through them: first the one with the fewest authorities below it, since that is all that a path length can
//! have against it. Besides, no more than [`MAX_SIGNATURES`] are checked.

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

/// The most certificates that a server may send, its own among them.
pub(super) const MAX_SENT: usize = 32;

/// The most signatures that are checked for one server.
const MAX_SIGNATURES: u8 = 100;

/// Which paths will do.
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
    /// Its place among the certificates sent.
    pub index: u8,
    /// The place of the step below it among all steps.
    pub below: u8,
    /// How many authorities there are up to this one. Those issued by one of their own name do not count (RFC
    /// 5280 section 4.2.1.9).
    pub authorities: u8,
    /// Whether a key up to this one has a pin.
    pub is_pinned: bool,
    /// [`WEAK`] of the signatures below, without the zero bits at its end.
    weak: u8,
}

impl Step {
    /// The path that is this certificate alone, which is a root: the signature of a root proves nothing and
    /// may be weak.
    pub(super) fn alone(is_pinned: bool, flags: u32) -> Self {
        Self { is_pinned, weak: shifted(flags & !ffi::MBEDTLS_X509_BADCERT_BAD_MD), ..Self::default() }
    }

    /// What mbedTLS says about the strength of the signatures and keys of the path.
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

/// What a path leads to.
#[derive(Clone, Copy)]
pub(super) enum Top<'a> {
    Root(Parsed<'a>),
    /// The server's own certificate is a root.
    Itself,
    /// None leads to a root, and this is one of the longest. What hinders it is a root of the issuer's name
    /// that has not signed ([`flaw::NOT_SIGNED`]) or what has that name and may not sign
    /// ([`flaw::NOT_AUTHORITY`]), or else that there is nothing of that name.
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
    /// `go_on` is called before each signature and fails once there is no time left.
    pub(super) fn new(
        policy: &'a Policy<'a>,
        sent: Chain<'a>,
        peer: &'a Certificate<'a>,
        roots: &'a Certificates,
        go_on: &'f mut dyn FnMut() -> Result<(), IoError>,
    ) -> Self {
        Self { policy, sent, peer, roots, go_on, signatures: MAX_SIGNATURES }
    }

    /// The end of the first path that will do. All steps are left in `steps`.
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
            // No later way to a certificate has fewer authorities than the first one then.
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
                // Without a pin there is nothing to be found where paths with one have been.
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

    /// The step from `child` to `issuer`, if that has signed it and will do.
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
        // The server's own certificate is as weak on every path.
        if demand != Demand::Any && weak != 0 && below.index != 0 {
            return Ok(None);
        }
        Ok(Some(Step { weak: below.weak | weak, ..above }))
    }

    /// The step from `child` to `issuer`, if that will do should it have signed it.
    // Not in the frame that is on the stack while signatures are checked.
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
        // A copy of itself leads no further, unless it is a root.
        if !is_same_name(Certificate::parse(child).ok()?.issuer, authority.subject)
            || !is_root && child == issuer
        {
            return None;
        }
        // Roots of versions before 3 do not say what they are.
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

// SPDX-License-Identifier: Apache-2.0
//! The state that an exchange carries from one hop to the next.

use crate::client::exchange::parts::Parts;
#[cfg(feature = "digest-auth")]
use crate::proto::auth::Auth;
use crate::proto::bytes::split_at_mut;
use crate::proto::multipart::Boundary;
use crate::proto::request_head::{RangeRequest, RequestHead};

/// The state that one hop leaves for the next.
pub(super) struct HopState<'h> {
    pub head: RequestHead<'h>,
    pub boundary: &'h Boundary,
    /// The number of bytes in use at the end of the buffer: the URL, and in front of it the
    /// `Authorization` line that answers a challenge.
    pub reserved: usize,
    #[cfg(feature = "digest-auth")]
    pub challenges: Challenges<'h>,
}

impl<'h> HopState<'h> {
    pub(super) fn new(
        request: &'h Parts<'_>,
        rest: Option<RangeRequest<'h>>,
        keep_alive: bool,
        boundary: &'h Boundary,
    ) -> Self {
        Self {
            head: RequestHead {
                method: request.method,
                headers: &request.headers,
                inherited_headers: request.inherited_headers,
                keep_alive,
                expects_continue: request.send_hooks.await_continue.is_some(),
                auth: request.settings.auth,
                rest,
                body: None,
                chunked: request.send_hooks.chunked.is_some(),
                cross_origin: false,
                outside_base_origin: false,
                body_dropped: false,
            },
            boundary,
            reserved: 0,
            #[cfg(feature = "digest-auth")]
            challenges: Challenges::NONE,
        }
    }

    /// Enables answers to challenges, if the request has credentials for them and goes to their
    /// origin.
    #[cfg(feature = "digest-auth")]
    pub(super) fn use_digest(&mut self, request: &'h Parts<'_>) {
        let is_elsewhere = self.head.outside_base_origin && request.is_auth_inherited;
        self.challenges.credentials = request.settings.digest_auth.filter(|_| !is_elsewhere);
        if self.challenges.credentials.is_some() {
            // Digest proves the password, so Basic must not send it.
            self.head.auth = Auth::None;
        }
    }
}

/// The challenges to one request, including its redirects.
#[cfg(feature = "digest-auth")]
pub(super) struct Challenges<'a> {
    /// User name and password, if the request may use them.
    pub credentials: Option<(&'a str, &'a str)>,
    /// The number of challenges answered.
    pub count: u8,
    /// Whether a challenge for the current URL has been answered.
    pub is_answered: bool,
    /// Whether the answer is to the kept challenge. That answer is computed again each time it is
    /// sent.
    pub uses_kept: bool,
}

#[cfg(feature = "digest-auth")]
impl Challenges<'_> {
    const NONE: Self = Self { credentials: None, count: 0, is_answered: false, uses_kept: false };

    /// Call this when the next hop is for another URL.
    pub(super) const fn begin_url(&mut self) {
        self.is_answered = false;
    }
}

impl HopState<'_> {
    /// Splits the buffer into the free part, the `Authorization` line that answers a challenge, and
    /// the URL, which has `url_len` bytes.
    pub(super) fn split<'b>(
        &self,
        buffer: &'b mut [u8],
        url_len: usize,
    ) -> (&'b mut [u8], &'b [u8], &'b [u8]) {
        let (work, tail) = split(buffer, self.reserved);
        let (authorization, url) = tail.split_at_checked(self.reserved - url_len).unwrap_or((b"", tail));
        (work, authorization, url)
    }
}

/// Splits the last `reserved` bytes off the buffer.
pub fn split(buffer: &mut [u8], reserved: usize) -> (&mut [u8], &[u8]) {
    let (work, tail) = split_at_mut(buffer, buffer.len().saturating_sub(reserved));
    (work, tail)
}

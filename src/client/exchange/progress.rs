// SPDX-License-Identifier: Apache-2.0
//! How far an exchange has come between two of its hops.

use crate::client::exchange::parts::Parts;
#[cfg(feature = "digest-auth")]
use crate::proto::auth::Auth;
use crate::proto::multipart::Boundary;
use crate::proto::request_head::{AskForRest, RequestHead};

/// What one hop leaves for the next.
pub(super) struct Hops<'h> {
    pub head: RequestHead<'h>,
    pub boundary: &'h Boundary,
    /// How many bytes at the end of the buffer are in use: for the URL, and before it for the `Authorization`
    /// line that answers a challenge.
    pub reserved: usize,
    #[cfg(feature = "digest-auth")]
    pub challenges: Challenges<'h>,
}

impl<'h> Hops<'h> {
    pub(super) fn new(
        request: &'h Parts<'_>,
        rest: Option<AskForRest<'h>>,
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
                beyond_base: false,
                body_dropped: false,
            },
            boundary,
            reserved: 0,
            #[cfg(feature = "digest-auth")]
            challenges: Challenges::NONE,
        }
    }

    /// Has challenges answered, where the request has credentials for that and goes where they belong.
    #[cfg(feature = "digest-auth")]
    pub(super) fn use_digest(&mut self, request: &'h Parts<'_>) {
        let is_elsewhere = self.head.beyond_base && request.is_auth_inherited;
        self.challenges.credentials = request.settings.digest_auth.filter(|_| !is_elsewhere);
        if self.challenges.credentials.is_some() {
            // A password that is proved to the server is not sent.
            self.head.auth = Auth::None;
        }
    }
}

/// The challenges of one request, redirects included.
#[cfg(feature = "digest-auth")]
pub(super) struct Challenges<'a> {
    /// User name and password, where the request may use any.
    pub credentials: Option<(&'a str, &'a str)>,
    /// How many were answered.
    pub count: u8,
    /// Whether a challenge for the URL at hand has been answered.
    pub is_answered: bool,
    /// Whether the answer is that to the challenge which is kept: it is computed anew each time that it is
    /// sent.
    pub uses_kept: bool,
}

#[cfg(feature = "digest-auth")]
impl Challenges<'_> {
    const NONE: Self = Self { credentials: None, count: 0, is_answered: false, uses_kept: false };

    /// The hops that follow are for another URL.
    pub(super) const fn begin_url(&mut self) {
        self.is_answered = false;
    }
}

impl Hops<'_> {
    /// The buffer without what is in use at its end, the `Authorization` line that answers a challenge, and
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

/// The buffer without the last `reserved` bytes, and these.
pub fn split(buffer: &mut [u8], reserved: usize) -> (&mut [u8], &[u8]) {
    let (work, tail) = buffer.split_at_mut(buffer.len().saturating_sub(reserved));
    (work, tail)
}

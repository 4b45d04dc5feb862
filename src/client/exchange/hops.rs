// SPDX-License-Identifier: Apache-2.0
//! A request with its redirects and challenges.
//!
//! The caller's buffer is used from both ends. The effective URL is at its end. In front of that,
//! the request is assembled, and then the response is received.

use crate::Error;
use crate::client::exchange::effective_url::{RequestUrl, parse_url, write_effective_url, written};
use crate::client::exchange::hop::{Hop, HopOutcome};
use crate::client::exchange::hop_state::HopState;
use crate::client::exchange::parts::Exchange;
use crate::proto::bytes::{move_within, split_at_mut};
use crate::proto::multipart::Boundary;
use crate::proto::persistence::CloseReason;
use crate::proto::redirect::{becomes_get, is_redirect, location};
use crate::proto::request_head::RequestHead;
use crate::proto::url::{Scheme, Url};
use crate::proto::write::SliceWriter;

impl<'x, 'a> Exchange<'x, 'a> {
    /// Sends the request, follows its redirects, and receives the head of the final response.
    pub fn receive_head(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        let result = self.run_hops(buffer);
        if result.is_err() {
            self.connector.close(Err(CloseReason::Error));
        }
        result
    }

    fn run_hops(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        if let Some(mistake) = self.request.mistake {
            return Err(mistake);
        }
        let mut boundary = Boundary::default();
        if let Some(body) = self.request.body.kind() {
            body.make_boundary(self.connector, &mut boundary)?;
        }
        let mut hops = HopState::new(self.request, self.rest, self.connector.keeps_alive(), &boundary);
        let request = RequestUrl {
            url: self.request.url,
            base: self.request.base,
            params: self.request.params,
            is_auth_inherited: self.request.is_auth_inherited,
        };
        let url_len = write_effective_url(&mut hops.head, &request, buffer)?;
        #[cfg(feature = "digest-auth")]
        hops.use_digest(self.request);
        hops.reserved = url_len;
        self.response.url_len = url_len;
        self.response.redirects = 0;
        loop {
            self.next_hop(&mut hops, buffer)?;
            if self.response.head.status_code == 417
                && hops.head.expects_continue
                && self.is_replayable(&hops.head)
            {
                // The server does not support `Expect` (RFC 9110 §15.5.18), and has not processed
                // the request.
                hops.head.expects_continue = false;
                continue;
            }
            #[cfg(feature = "digest-auth")]
            if self.answer_challenge(&mut hops, buffer)? {
                continue;
            }
            if !self.follow_redirect(&mut hops, buffer)? {
                return Ok(());
            }
        }
    }

    /// Sends the request over a kept connection, or over a new one if there is none or the server
    /// has closed it.
    fn next_hop(&mut self, hops: &mut HopState<'_>, buffer: &mut [u8]) -> Result<(), Error> {
        let mut may_reuse = true;
        loop {
            #[cfg(feature = "digest-auth")]
            self.answer_kept_challenge(hops, buffer)?;
            let (work, authorization, url) = hops.split(buffer, self.response.url_len);
            let url = parse_url(url)?;
            let hop = Hop { url: &url, authorization, reserved: hops.reserved, may_reuse };
            match self.hop(&mut hops.head, hops.boundary, &hop, work)? {
                HopOutcome::Answered => return Ok(()),
                HopOutcome::StaleConnection => may_reuse = false,
            }
        }
    }

    /// Prepares the next hop if the response is a redirect to follow. Returns whether it is.
    fn follow_redirect(&mut self, hops: &mut HopState<'_>, buffer: &mut [u8]) -> Result<bool, Error> {
        let limit = self.request.settings.max_redirects;
        if limit == 0 || !is_redirect(self.response.head.status_code) {
            return Ok(false);
        }
        let (work, _, url) = hops.split(buffer, self.response.url_len);
        let (head_text, behind) = split_at_mut(work, self.response.head.end);
        let Some(location) =
            location(&self.response.header_fields(head_text)).map_err(Error::InvalidLocation)?
        else {
            return Ok(false);
        };
        if self.response.redirects == limit {
            return Err(Error::TooManyRedirects { limit });
        }
        self.response.redirects += 1;
        self.discard(behind);
        let url = parse_url(url)?;
        let mut out = SliceWriter::new(behind);
        url.write_location(location, &mut out).map_err(Error::InvalidLocation)?;
        let new = written(out, self.response.head.end + hops.reserved)?;
        self.redirect(&mut hops.head, &url, new, self.response.head.status_code)?;
        let (start, len) = (self.response.head.end, new.len());
        move_within(buffer, start..start + len, buffer.len() - len);
        self.response.url_len = len;
        hops.reserved = len;
        #[cfg(feature = "digest-auth")]
        hops.challenges.begin_url();
        Ok(true)
    }

    /// Changes `head` from the request for `old`, which was answered with `status_code`, to the one
    /// for `new`.
    fn redirect(
        &self,
        head: &mut RequestHead<'_>,
        old: &Url<'_>,
        new: &[u8],
        status_code: u16,
    ) -> Result<(), Error> {
        let new = parse_url(new)?;
        let is_downgrade = old.scheme == Scheme::Https && new.scheme == Scheme::Http;
        if is_downgrade && !self.request.settings.allow_https_downgrade {
            return Err(Error::InsecureRedirect);
        }
        // This stays set: a redirect back to the first origin does not get the credentials either.
        head.cross_origin |= !new.same_origin(old);
        if becomes_get(head.method, status_code) {
            head.method = "GET";
            head.body_dropped = true;
        }
        if self.is_replayable(head) { Ok(()) } else { Err(Error::BodyNotReplayable) }
    }
}

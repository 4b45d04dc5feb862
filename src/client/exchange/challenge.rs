// SPDX-License-Identifier: Apache-2.0
//! Answering challenges by Digest access authentication (RFC 7616).

use crate::Error;
use crate::client::exchange::effective_url::fitting;
use crate::client::exchange::parts::Exchange;
use crate::client::exchange::progress::{Hops, split};
use crate::proto::digest_auth::{Answer, Challenge, client_nonce, next_nonce, scope};
use crate::proto::header::HeaderFields;
use crate::proto::request_head::RequestHead;
use crate::proto::url::Url;
use crate::proto::write::{SliceWriter, Write};

/// Most challenges that one request answers, redirects included, so that a server cannot go on for ever.
const MAX_CHALLENGES: u8 = 3;

/// A challenge that is to be answered, and the client's nonce for that.
type Answerable<'h> = (Challenge<'h>, [u8; 32]);

impl Exchange<'_, '_> {
    /// Writes the `Authorization` line that answers the challenge which is kept, if there is one for this
    /// request, to the buffer in front of the URL. The answer to a challenge of this request stays there.
    pub(super) fn answer_kept_challenge(
        &mut self,
        hops: &mut Hops<'_>,
        buffer: &mut [u8],
    ) -> Result<(), Error> {
        if hops.reserved > self.response.url_len && !hops.challenges.uses_kept {
            return Ok(());
        }
        hops.reserved = self.response.url_len;
        hops.challenges.uses_kept = false;
        let Some((user, password)) = hops.challenges.credentials.filter(|_| may_authorize(&hops.head)) else {
            return Ok(());
        };
        let Some(kept) = self.connector.kept_challenge() else {
            return Ok(());
        };
        let (work, url) = split(buffer, self.response.url_len);
        let url = Url::parse(url).map_err(Error::InvalidUrl)?;
        let Some((challenge, count, client_nonce)) = kept.next(&scope(&url, user, password)) else {
            return Ok(());
        };
        let mut out = SliceWriter::new(work);
        write_line(&challenge, (user, password), &hops.head, &url, count, client_nonce, &mut out);
        let len = fitting(out, self.response.url_len)?.len();
        hops.challenges.uses_kept = true;
        hops.reserved = self.response.url_len + len;
        buffer.copy_within(..len, buffer.len().saturating_sub(hops.reserved));
        Ok(())
    }

    /// Writes the answer to the challenge in a response to the buffer, in front of the URL, for the next hop.
    /// Returns whether there is such a challenge.
    pub(super) fn answer_challenge(&mut self, hops: &mut Hops<'_>, buffer: &mut [u8]) -> Result<bool, Error> {
        let Some(credentials) = hops.challenges.credentials else {
            return Ok(false);
        };
        let (work, _, url) = hops.split(buffer, self.response.url_len);
        let url = Url::parse(url).map_err(Error::InvalidUrl)?;
        let (head_text, behind) = work.split_at_mut(self.response.head.end);
        let headers = self.response.header_fields(head_text);
        let response = (self.response.head.status_code, &headers);
        let Some((challenge, client_nonce)) = self.challenge_in(hops, response, &url, credentials)? else {
            return Ok(false);
        };
        self.discard(behind);
        if hops.challenges.uses_kept {
            hops.reserved = self.response.url_len;
            return Ok(true);
        }
        let mut out = SliceWriter::new(behind);
        write_line(&challenge, credentials, &hops.head, &url, 1, &client_nonce, &mut out);
        let start = self.response.head.end;
        let len = fitting(out, start + self.response.url_len)?.len();
        hops.reserved = self.response.url_len + len;
        buffer.copy_within(start..start + len, buffer.len() - hops.reserved);
        Ok(true)
    }

    /// The challenge in a response that is to be answered, if there is one. What further requests need is
    /// kept.
    ///
    /// A challenge that comes after an answer says that the password was wrong, unless only the nonce was
    /// stale. After an answer to the challenge of an earlier request it may say anything.
    fn challenge_in<'h>(
        &mut self,
        hops: &mut Hops<'_>,
        (status_code, headers): (u16, &HeaderFields<'h>),
        url: &Url<'_>,
        (user, password): (&str, &str),
    ) -> Result<Option<Answerable<'h>>, Error> {
        let Hops { head, challenges, .. } = hops;
        if status_code != 401 {
            if challenges.uses_kept
                && let (Some(kept), Some(nonce)) = (self.connector.kept_challenge(), next_nonce(headers))
            {
                kept.set_nonce(nonce);
            }
            return Ok(None);
        }
        if challenges.uses_kept
            && let Some(kept) = self.connector.kept_challenge()
        {
            kept.forget();
        }
        challenges.uses_kept = false;
        // The credentials are for the origin of the URL that the caller gave.
        if !may_authorize(head) {
            passed_over(
                url,
                "the credentials are for another origin, or the request has its own Authorization",
            );
            return Ok(None);
        }
        let Some(challenge) = Challenge::of_response(headers) else {
            #[cfg(feature = "log")]
            passed_over(url, Challenge::passed_over(headers));
            return Ok(None);
        };
        if challenges.is_answered && !challenge.stale {
            passed_over(url, "the server does not accept user name and password");
            return Ok(None);
        }
        let mut random = [0; 16];
        self.connector.fill_random(&mut random).map_err(Error::Random)?;
        let client_nonce = client_nonce(random);
        if let Some(kept) = self.connector.kept_challenge() {
            challenges.uses_kept = kept.keep(scope(url, user, password), &challenge, client_nonce);
        }
        if challenges.count == MAX_CHALLENGES {
            passed_over(url, "there were too many before");
            return Ok(None);
        }
        if !self.is_replayable(head) {
            passed_over(url, "the body cannot be sent once more");
            return Ok(None);
        }
        challenges.count += 1;
        challenges.is_answered = true;
        Ok(Some((challenge, client_nonce)))
    }
}

/// Whether the request may show the server that it knows the password: not to another origin than that of the
/// caller's URL, and not besides an `Authorization` of the caller's.
fn may_authorize(head: &RequestHead<'_>) -> bool {
    !head.cross_origin && !head.caller_sets("Authorization")
}

/// Says why a challenge is the answer that the caller gets.
fn passed_over(url: &Url<'_>, reason: impl core::fmt::Display) {
    #[cfg(feature = "log")]
    log::warn!("{} answered 401, and Digest authentication ends here: {reason}", url.host);
    #[cfg(not(feature = "log"))]
    let _ = (url, reason);
}

/// Writes the `Authorization` line that answers `challenge`, the request being the one numbered `count` with
/// its nonce.
pub(super) fn write_line(
    challenge: &Challenge<'_>,
    (user, password): (&str, &str),
    head: &RequestHead<'_>,
    url: &Url<'_>,
    count: u32,
    client_nonce: &[u8],
    out: &mut SliceWriter<'_>,
) {
    let answer = Answer {
        user: user.as_bytes(),
        password: password.as_bytes(),
        percent_encoded: false,
        method: head.method,
        uri: url.target(),
        count,
        client_nonce,
    };
    out.write(b"Authorization: ");
    challenge.write_authorization(&answer, out);
    out.write(b"\r\n");
}

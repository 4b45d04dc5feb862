// SPDX-License-Identifier: Apache-2.0
//! Answers to challenges for Digest access authentication (RFC 7616).

use crate::Error;
use crate::client::exchange::effective_url::written;
use crate::client::exchange::hop_state::{HopState, split};
use crate::client::exchange::parts::Exchange;
use crate::proto::bytes::{move_within, split_at_mut};
use crate::proto::digest_auth::{Answer, Challenge, client_nonce, next_nonce, scope};
use crate::proto::header::HeaderFields;
use crate::proto::request_head::RequestHead;
use crate::proto::url::Url;
use crate::proto::write::{SliceWriter, Write};

/// The most challenges that one request answers, including its redirects. Without a limit, a server
/// could go on for ever.
const MAX_CHALLENGES: u8 = 3;

/// A challenge to answer, and the client nonce for the answer.
type Answerable<'h> = (Challenge<'h>, [u8; 32]);

impl Exchange<'_, '_> {
    /// Answers the kept challenge, if there is one for this request: writes the `Authorization`
    /// line to the buffer, in front of the URL. If an answer to a challenge of this request is
    /// there, it stays.
    pub(super) fn answer_kept_challenge(
        &mut self,
        hops: &mut HopState<'_>,
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
        let len = written(out, self.response.url_len)?.len();
        hops.challenges.uses_kept = true;
        hops.reserved = self.response.url_len + len;
        move_within(buffer, 0..len, buffer.len().saturating_sub(hops.reserved));
        Ok(())
    }

    /// Answers the challenge in a response: writes the `Authorization` line for the next hop to the
    /// buffer, in front of the URL. Returns whether there was a challenge to answer.
    pub(super) fn answer_challenge(
        &mut self,
        hops: &mut HopState<'_>,
        buffer: &mut [u8],
    ) -> Result<bool, Error> {
        let Some(credentials) = hops.challenges.credentials else {
            return Ok(false);
        };
        let (work, _, url) = hops.split(buffer, self.response.url_len);
        let url = Url::parse(url).map_err(Error::InvalidUrl)?;
        let (head_text, behind) = split_at_mut(work, self.response.head.end);
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
        let len = written(out, start + self.response.url_len)?.len();
        hops.reserved = self.response.url_len + len;
        move_within(buffer, start..start + len, buffer.len() - hops.reserved);
        Ok(true)
    }

    /// Returns the challenge in a response, if it is to be answered. Keeps it for later requests.
    ///
    /// If the request has already answered a challenge, a new one means that the password is wrong,
    /// unless it says that only the nonce was stale. If the request has answered a kept challenge
    /// only, a new one means nothing of that kind.
    fn challenge_in<'h>(
        &mut self,
        hops: &mut HopState<'_>,
        (status_code, headers): (u16, &HeaderFields<'h>),
        url: &Url<'_>,
        (user, password): (&str, &str),
    ) -> Result<Option<Answerable<'h>>, Error> {
        let HopState { head, challenges, .. } = hops;
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
        // The credentials are for the origin of the caller's URL only.
        if !may_authorize(head) {
            log_unanswered(
                url,
                "the credentials are for another origin, or the request has its own Authorization",
            );
            return Ok(None);
        }
        let Some(challenge) = Challenge::of_response(headers) else {
            #[cfg(feature = "log")]
            log_unanswered(url, Challenge::why_unsupported(headers));
            return Ok(None);
        };
        if challenges.is_answered && !challenge.stale {
            log_unanswered(url, "the server does not accept user name and password");
            return Ok(None);
        }
        let mut random = [0; 16];
        self.connector.fill_random(&mut random).map_err(Error::Random)?;
        let client_nonce = client_nonce(random);
        if let Some(kept) = self.connector.kept_challenge() {
            challenges.uses_kept = kept.keep(scope(url, user, password), &challenge, client_nonce);
        }
        if challenges.count == MAX_CHALLENGES {
            log_unanswered(url, "there were too many before");
            return Ok(None);
        }
        if !self.is_replayable(head) {
            log_unanswered(url, "the body cannot be sent once more");
            return Ok(None);
        }
        challenges.count += 1;
        challenges.is_answered = true;
        Ok(Some((challenge, client_nonce)))
    }
}

/// Whether the request may prove the password: not to another origin than that of the caller's URL,
/// and not if the caller sets an `Authorization` header.
fn may_authorize(head: &RequestHead<'_>) -> bool {
    !head.cross_origin && !head.caller_sets("Authorization")
}

/// Logs why a challenge is not answered, so that the caller gets the 401.
fn log_unanswered(url: &Url<'_>, reason: impl core::fmt::Display) {
    #[cfg(feature = "log")]
    log::warn!("{} answered 401, and Digest authentication ends here: {reason}", url.host);
    #[cfg(not(feature = "log"))]
    let _ = (url, reason);
}

/// Writes the `Authorization` line that answers `challenge`. `count` numbers the requests with the
/// same nonce.
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

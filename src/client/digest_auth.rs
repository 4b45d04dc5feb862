// SPDX-License-Identifier: Apache-2.0
//! Answering challenges by Digest access authentication (RFC 7616).

use crate::Error;
use crate::client::connector::Connector;
use crate::client::exchange::{fitting, is_replayable, split};
use crate::client::request::{Parts, Request};
use crate::proto::auth::Auth;
use crate::proto::digest_auth::{Answer, Challenge, client_nonce, next_nonce, scope};
use crate::proto::header::HeaderFields;
use crate::proto::request_head::RequestHead;
use crate::proto::url::Url;
use crate::proto::write::{SliceWriter, Write};
use crate::transport::Network;

/// Most challenges that one request answers, redirects included, so that a server cannot go on for ever.
const MAX_CHALLENGES: u8 = 3;

impl<'a, V> Request<'a, V> {
    /// Authenticates by `(user name, password)` with the Digest scheme (RFC 7616): the password is proved to the server,
    /// not sent. The request is sent once without; where it is answered with 401 and a challenge, it is sent again.
    ///
    /// This takes a body that can be sent again: a [reader](Request::body) cannot, and its request ends with the 401. In a
    /// [`Session`](crate::Session) the challenge is kept, and further requests are sent once. Why a 401 was not answered
    /// is a record of the feature `log`, at level warn.
    ///
    /// What the server is shown goes to the buffer of [`send`](Request::<crate::Direct>::send) in front of the URL, some 300
    /// bytes. User name and password in the URL are not used then; of this, [`auth`](Self::auth) and
    /// [`bearer_auth`](Self::bearer_auth) the last counts. Sending fails with [`Error::InvalidCredentials`] for a control
    /// character.
    pub fn digest_auth(self, credentials: (&'a str, &'a str)) -> Self {
        let mut this = self.set_auth(Auth::None);
        this.parts.set_digest_auth(credentials);
        this
    }
}

impl<'a> Parts<'a> {
    /// Has these credentials in place of all others.
    pub(super) fn set_digest_auth(&mut self, (user, password): (&'a str, &'a str)) {
        if [user, password].iter().any(|text| text.bytes().any(|byte| byte.is_ascii_control())) {
            self.mistake.get_or_insert(Error::InvalidCredentials);
        }
        self.digest_auth = Some((user, password));
    }
}

/// How far one request, redirects included, has come with its authentication.
pub(super) struct Progress<'a> {
    /// User name and password, where the request may use any.
    pub credentials: Option<(&'a str, &'a str)>,
    challenges: u8,
    /// Whether a challenge for the URL at hand has been answered.
    pub is_answered: bool,
    /// Whether the answer is made of the challenge that is kept, so that it is made anew each time that it is sent.
    pub is_kept: bool,
}

/// A challenge that is to be answered, and the client's nonce for that.
pub(super) type Answerable<'h> = (Challenge<'h>, [u8; 32]);

impl<'a> Progress<'a> {
    pub(super) const fn new(credentials: Option<(&'a str, &'a str)>) -> Self {
        Self { credentials, challenges: 0, is_answered: false, is_kept: false }
    }

    /// Writes the `Authorization` line that the challenge kept allows to `buffer`, in front of the URL that ends it, and
    /// returns its length; 0 where none is kept for this request.
    pub(super) fn write_kept_line<C: Connector>(
        &mut self,
        head: &RequestHead<'_>,
        connector: &mut C,
        buffer: &mut [u8],
        url_len: usize,
    ) -> Result<usize, Error> {
        self.is_kept = false;
        let Some(credentials) = self.credentials.filter(|_| may_authorize(head)) else {
            return Ok(0);
        };
        let Some(kept) = connector.kept_challenge() else {
            return Ok(0);
        };
        let (work, url) = split(buffer, url_len);
        let url = Url::parse(url).map_err(Error::InvalidUrl)?;
        let (user, password) = credentials;
        let Some((challenge, count, client_nonce)) = kept.next(&scope(&url, user, password)) else {
            return Ok(0);
        };
        let mut out = SliceWriter::new(work);
        write_line(&challenge, credentials, head, &url, count, client_nonce, &mut out);
        let len = fitting(out, url_len)?.len();
        self.is_kept = true;
        let end = buffer.len().saturating_sub(url_len);
        buffer.copy_within(..len, end.saturating_sub(len));
        Ok(len)
    }

    /// Looks at a response to the request that `head` begins: the challenge in it that is to be answered, if there is
    /// one. What further requests need is kept.
    ///
    /// A challenge that comes after an answer says that the password was wrong, unless only the nonce was too old. After
    /// an answer to the challenge of an earlier request it may say anything.
    pub(super) fn take_response<'h, C: Connector>(
        &mut self,
        request: &Parts<'_>,
        head: &RequestHead<'_>,
        (status_code, headers): (u16, &HeaderFields<'h>),
        url: &Url<'_>,
        connector: &mut C,
    ) -> Result<Option<Answerable<'h>>, Error> {
        let Some((user, password)) = self.credentials else {
            return Ok(None);
        };
        if status_code != 401 {
            if self.is_kept
                && let (Some(kept), Some(nonce)) = (connector.kept_challenge(), next_nonce(headers))
            {
                kept.set_nonce(nonce);
            }
            return Ok(None);
        }
        if self.is_kept
            && let Some(kept) = connector.kept_challenge()
        {
            kept.forget();
        }
        self.is_kept = false;
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
        if self.is_answered && !challenge.stale {
            passed_over(url, "the server does not accept user name and password");
            return Ok(None);
        }
        let mut random = [0; 16];
        connector.network().fill_random(&mut random).map_err(Error::Random)?;
        let client_nonce = client_nonce(random);
        if let Some(kept) = connector.kept_challenge() {
            self.is_kept = kept.keep(scope(url, user, password), &challenge, client_nonce);
        }
        if self.challenges == MAX_CHALLENGES {
            passed_over(url, "there were too many before");
            return Ok(None);
        }
        if !is_replayable(request, head) {
            passed_over(url, "the body cannot be sent once more");
            return Ok(None);
        }
        self.challenges += 1;
        self.is_answered = true;
        Ok(Some((challenge, client_nonce)))
    }
}

/// Whether the request may show the server that it knows the password: not to another origin than that of the caller's
/// URL, and not besides an `Authorization` of the caller's.
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

/// Writes the `Authorization` line that answers `challenge`, the request being the one numbered `count` with its nonce.
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

// SPDX-License-Identifier: Apache-2.0
//! Answering challenges by Digest access authentication (RFC 7616).

use crate::Error;
use crate::client::request::{Parts, Request};
use crate::proto::auth::Auth;
use crate::proto::digest_auth::{Answer, Challenge, client_nonce};
use crate::proto::header::HeaderFields;
use crate::proto::request_head::RequestHead;
use crate::proto::url::Url;
use crate::proto::write::{SliceWriter, Write};
use crate::transport::Network;

/// Most challenges that one request answers, redirects included, so that a server cannot go on for ever.
pub(super) const MAX_CHALLENGES: u8 = 3;

impl<'a, V> Request<'a, V> {
    /// Authenticates by `(user name, password)` with the Digest scheme (RFC 7616): the password is proved to the server,
    /// not sent. The request is sent once without; where it is answered with 401 and a challenge, it is sent again.
    ///
    /// This takes a body that can be sent again: a [reader](Request::body) cannot, and its request ends with the 401.
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

/// The challenge that is to be answered. One that comes after an answer says that the password was wrong, unless only
/// the nonce was too old.
pub(super) fn challenge<'h>(
    head: &RequestHead<'_>,
    headers: &HeaderFields<'h>,
    was_answered: bool,
) -> Option<Challenge<'h>> {
    // The credentials are for the origin of the URL that the caller gave.
    if head.cross_origin || head.caller_sets("Authorization") {
        return None;
    }
    Challenge::of_response(headers).filter(|challenge| !was_answered || challenge.stale)
}

/// Writes the `Authorization` line that answers `challenge`.
pub(super) fn write_line<N: Network>(
    challenge: &Challenge<'_>,
    (user, password): (&str, &str),
    head: &RequestHead<'_>,
    url: &Url<'_>,
    network: &mut N,
    out: &mut SliceWriter<'_>,
) -> Result<(), Error> {
    let mut random = [0; 16];
    network.fill_random(&mut random).map_err(Error::Random)?;
    let answer = Answer {
        user: user.as_bytes(),
        password: password.as_bytes(),
        percent_encoded: false,
        method: head.method,
        uri: url.target(),
        count: 1,
        client_nonce: &client_nonce(random),
    };
    out.write(b"Authorization: ");
    challenge.write_authorization(&answer, out);
    out.write(b"\r\n");
    Ok(())
}

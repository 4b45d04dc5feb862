// SPDX-License-Identifier: Apache-2.0
//! The credentials in the options of a request or a session.

use crate::Error;
#[cfg(not(feature = "digest-auth"))]
use crate::capi::code::Code;
use crate::capi::failure::Failure;
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::{Flag, Text};

/// Credentials of one of three kinds.
pub enum Credentials<'a> {
    Bearer(&'a str),
    /// User name and password.
    Basic(&'a str, &'a str),
    /// User name and password.
    #[cfg(feature = "digest-auth")]
    Digest(&'a str, &'a str),
}

/// The members of the options that give credentials.
pub struct Members<'a> {
    pub user: Text<'a>,
    pub password: Text<'a>,
    pub bearer: Text<'a>,
    pub digest: Flag,
}

impl<'a> Members<'a> {
    /// The credentials, if there are any.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] if there is a token beside a user name, or a password without a user name. Digest
    /// without a user name is refused too: the user name of the URL would be sent by Basic authentication.
    pub fn read(self, checks: &PointerChecks) -> Result<Option<Credentials<'a>>, Failure> {
        let user = checks.optional_text(self.user)?;
        let password = checks.optional_text(self.password)?;
        let is_digest = self.digest.is_set();
        match (checks.optional_text(self.bearer)?, user) {
            #[cfg(feature = "digest-auth")]
            (None, Some(user)) if is_digest => {
                Ok(Some(Credentials::Digest(user, password.unwrap_or_default())))
            }
            #[cfg(not(feature = "digest-auth"))]
            (None, Some(_)) if is_digest => Err(Code::NotBuiltIn.into()),
            (None, Some(user)) => Ok(Some(Credentials::Basic(user, password.unwrap_or_default()))),
            (token, None) if password.is_none() && !is_digest => Ok(token.map(Credentials::Bearer)),
            _ => Err(Error::InvalidCredentials.into()),
        }
    }
}

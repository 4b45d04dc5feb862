// SPDX-License-Identifier: Apache-2.0
//! The `Authorization` header: Basic (RFC 7617) and Bearer (RFC 6750).

use base64ct::{Base64, Encoding};

use crate::Error;
use crate::proto::percent::decode;
use crate::proto::write::Write;

/// The credentials of a request.
#[derive(Clone, Copy, Default)]
pub enum Auth<'a> {
    /// None.
    #[default]
    None,
    /// User name and password.
    Basic(&'a str, &'a str),
    /// User name and password as they stand in a URL, percent-encoded.
    Userinfo(&'a [u8], &'a [u8]),
    /// A token.
    Bearer(&'a str),
}

impl Auth<'_> {
    /// Whether there are no credentials.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Writes the header line, if there are credentials.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for a control character in any of them, a colon in the user name (RFC 7617
    /// §2), or an empty token; else those of `out`.
    pub fn write_header(&self, out: &mut dyn Write) -> Result<(), Error> {
        match *self {
            Self::None => Ok(()),
            Self::Basic(user, password) => write_basic(out, user.bytes(), password.bytes()),
            Self::Userinfo(user, password) => write_basic(out, decode(user), decode(password)),
            Self::Bearer(token) => {
                if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(Error::InvalidCredentials);
                }
                out.write(b"Authorization: Bearer ")?;
                out.write(token.as_bytes())?;
                out.write(b"\r\n")
            }
        }
    }
}

/// Shows the kind, never the secret.
impl core::fmt::Debug for Auth<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic(..) | Self::Userinfo(..) => "Basic(..)",
            Self::Bearer(_) => "Bearer(..)",
        })
    }
}

fn write_basic(
    out: &mut dyn Write,
    user: impl Iterator<Item = u8>,
    password: impl Iterator<Item = u8>,
) -> Result<(), Error> {
    out.write(b"Authorization: Basic ")?;
    let mut group = Group { out, bytes: [0; 3], len: 0 };
    for byte in user {
        if byte == b':' {
            return Err(Error::InvalidCredentials);
        }
        group.push(byte)?;
    }
    group.push(b':')?;
    for byte in password {
        group.push(byte)?;
    }
    group.flush()?;
    out.write(b"\r\n")
}

/// Encodes three bytes at a time, so that credentials of any length need no buffer.
struct Group<'a> {
    out: &'a mut dyn Write,
    bytes: [u8; 3],
    len: usize,
}

impl Group<'_> {
    fn push(&mut self, byte: u8) -> Result<(), Error> {
        if byte.is_ascii_control() {
            return Err(Error::InvalidCredentials);
        }
        if let Some(slot) = self.bytes.get_mut(self.len) {
            *slot = byte;
        }
        self.len += 1;
        if self.len == self.bytes.len() {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        let mut text = [0; 4];
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        if !bytes.is_empty() {
            let encoded = Base64::encode(bytes, &mut text).map_err(|_| Error::InvalidCredentials)?;
            self.out.write(encoded.as_bytes())?;
        }
        self.len = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;

    fn header(auth: Auth<'_>) -> Result<String, Error> {
        let mut room = [0; 256];
        let mut out = SliceWriter::new(&mut room);
        auth.write_header(&mut out)?;
        Ok(String::from_utf8(out.written().to_vec()).unwrap())
    }

    #[test]
    fn basic_of_rfc_7617() {
        let expected = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";
        assert_eq!(header(Auth::Basic("Aladdin", "open sesame")).as_deref(), Ok(expected));
        let from_url = Auth::Userinfo(b"Aladdin", b"open%20sesame");
        assert_eq!(header(from_url).as_deref(), Ok(expected));
    }

    #[test]
    fn basic_encodes_utf_8_and_every_remainder() {
        for (user, password, expected) in
            [("", "", "Og=="), ("a", "", "YTo="), ("a", "b", "YTpi"), ("test", "123£", "dGVzdDoxMjPCow==")]
        {
            let expected = format!("Authorization: Basic {expected}\r\n");
            assert_eq!(header(Auth::Basic(user, password)), Ok(expected));
        }
    }

    #[test]
    fn bearer_of_any_length() {
        let token = "x".repeat(200);
        assert_eq!(header(Auth::Bearer(&token)), Ok(format!("Authorization: Bearer {token}\r\n")));
    }

    #[test]
    fn credentials_that_would_break_the_header_are_refused() {
        for auth in [
            Auth::Basic("a:b", ""),
            Auth::Basic("a\r\n", ""),
            Auth::Basic("a", "\0"),
            Auth::Userinfo(b"a%0d%0a", b""),
            Auth::Userinfo(b"a%3ab", b""),
            Auth::Bearer("a\r\nX: y"),
            Auth::Bearer("two words"),
            Auth::Bearer(""),
        ] {
            assert_eq!(header(auth), Err(Error::InvalidCredentials), "{auth:?}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?} {:?}", Auth::Basic("user", "secret"), Auth::Bearer("secret"));
        assert_eq!(shown, "Basic(..) Bearer(..)");
    }
}

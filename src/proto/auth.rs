// SPDX-License-Identifier: Apache-2.0
//! The `Authorization` header: Basic (RFC 7617) and Bearer (RFC 6750).

use crate::proto::percent::Decode;
use crate::proto::write::Write;

/// The credentials of a request.
#[derive(Clone, Copy, Default)]
pub enum Auth<'a> {
    /// None.
    #[default]
    None,
    /// User name and password (RFC 7617).
    Basic {
        /// The user name.
        user: &'a [u8],
        /// The password.
        password: &'a [u8],
        /// Whether both are percent-encoded, as in a URL.
        percent_encoded: bool,
    },
    /// A token (RFC 6750).
    Bearer(&'a str),
}

impl<'a> Auth<'a> {
    /// Basic credentials that are not percent-encoded.
    #[must_use]
    pub const fn basic(user: &'a str, password: &'a str) -> Self {
        Self::Basic { user: user.as_bytes(), password: password.as_bytes(), percent_encoded: false }
    }

    /// Whether a header can carry the credentials. User name and password must not contain control
    /// characters, nor the user name a colon (RFC 7617 §2). A token must not be empty, and must
    /// consist of visible ASCII characters.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        match *self {
            Self::None => true,
            Self::Basic { user, password, percent_encoded } => {
                let mut user = plain(user, percent_encoded);
                let mut password = plain(password, percent_encoded);
                user.all(|byte| byte != b':' && !byte.is_ascii_control())
                    && password.all(|byte| !byte.is_ascii_control())
            }
            Self::Bearer(token) => !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()),
        }
    }

    /// Writes the header line, if there are credentials. They must be valid.
    pub fn write_header(&self, out: &mut dyn Write) {
        match *self {
            Self::None => return,
            Self::Basic { user, password, percent_encoded } => {
                out.write(b"Authorization: Basic ");
                let mut base64 = Base64Writer { out, group: 0, len: 0 };
                plain(user, percent_encoded).for_each(|byte| base64.push(byte));
                base64.push(b':');
                plain(password, percent_encoded).for_each(|byte| base64.push(byte));
                base64.flush();
            }
            Self::Bearer(token) => {
                out.write(b"Authorization: Bearer ");
                out.write(token.as_bytes());
            }
        }
        out.write(b"\r\n");
    }
}

/// The decoded bytes of a user name or password.
const fn plain(text: &[u8], percent_encoded: bool) -> Decode<'_> {
    if percent_encoded { Decode::new(text) } else { Decode::verbatim(text) }
}

/// Writes Base64 (RFC 4648 §4), three bytes at a time, so that credentials of any length need no
/// buffer.
struct Base64Writer<'a> {
    out: &'a mut dyn Write,
    group: u32,
    len: u32,
}

impl Base64Writer<'_> {
    fn push(&mut self, byte: u8) {
        self.group = self.group << 8 | u32::from(byte);
        self.len += 1;
        if self.len == 3 {
            self.flush();
        }
    }

    /// Writes the group. Missing bytes count as zeros, and their digits are replaced by padding.
    fn flush(&mut self) {
        if self.len > 0 {
            let group = self.group << (8 * (3 - self.len));
            for index in 0..4 {
                let digit = if index > self.len { b'=' } else { base64_digit(group >> (18 - 6 * index)) };
                self.out.write(&[digit]);
            }
        }
        self.group = 0;
        self.len = 0;
    }
}

const fn base64_digit(bits: u32) -> u8 {
    let value = (bits & 63) as u8;
    match value {
        0..26 => value + b'A',
        26..52 => value - 26 + b'a',
        52..62 => value - 52 + b'0',
        62 => b'+',
        _ => b'/',
    }
}

/// Prints the scheme, never the secret.
impl core::fmt::Debug for Auth<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic(..)",
            Self::Bearer(_) => "Bearer(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;

    fn basic<'a>(user: &'a str, password: &'a str) -> Auth<'a> {
        Auth::Basic { user: user.as_bytes(), password: password.as_bytes(), percent_encoded: false }
    }

    fn from_url<'a>(user: &'a str, password: &'a str) -> Auth<'a> {
        Auth::Basic { user: user.as_bytes(), password: password.as_bytes(), percent_encoded: true }
    }

    fn header(auth: Auth<'_>) -> Option<String> {
        let mut room = [0; 256];
        let mut out = SliceWriter::new(&mut room);
        auth.write_header(&mut out);
        auth.is_valid().then(|| String::from_utf8(out.written().to_vec()).unwrap())
    }

    #[test]
    fn basic_of_rfc_7617() {
        let expected = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";
        assert_eq!(header(basic("Aladdin", "open sesame")).as_deref(), Some(expected));
        assert_eq!(header(from_url("Aladdin", "open%20sesame")).as_deref(), Some(expected));
    }

    #[test]
    fn basic_encodes_utf_8_and_every_remainder() {
        for (user, password, expected) in
            [("", "", "Og=="), ("a", "", "YTo="), ("a", "b", "YTpi"), ("test", "123£", "dGVzdDoxMjPCow==")]
        {
            let expected = format!("Authorization: Basic {expected}\r\n");
            assert_eq!(header(basic(user, password)), Some(expected));
        }
    }

    #[test]
    fn bearer_of_any_length() {
        let token = "x".repeat(200);
        assert_eq!(header(Auth::Bearer(&token)), Some(format!("Authorization: Bearer {token}\r\n")));
    }

    #[test]
    fn credentials_that_would_break_the_header_are_refused() {
        for auth in [
            basic("a:b", ""),
            basic("a\r\n", ""),
            basic("a", "\0"),
            from_url("a%0d%0a", ""),
            from_url("a%3ab", ""),
            Auth::Bearer("a\r\nX: y"),
            Auth::Bearer("two words"),
            Auth::Bearer(""),
        ] {
            assert_eq!(header(auth), None, "{auth:?}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?} {:?}", basic("user", "secret"), Auth::Bearer("secret"));
        assert_eq!(shown, "Basic(..) Bearer(..)");
    }
}

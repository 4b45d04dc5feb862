// SPDX-License-Identifier: Apache-2.0
//! Digest access authentication (RFC 7616, and RFC 2617 for servers that offer no `qop`).
//!
//! MD5 and SHA-256, with `qop=auth`. Not supported are `auth-int`, the `-sess` variants, SHA-512/256 and hashed user
//! names; a challenge that asks for one of the first three is passed over.

use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::proto::header::HeaderFields;
use crate::proto::hex;
use crate::proto::percent::Decode;
use crate::proto::syntax::{ListElements, is_field_value, is_token, is_token_byte};
use crate::proto::write::Write;

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// MD5, which is broken, but what most servers ask for.
    Md5,
    /// SHA-256.
    Sha256,
}

/// What a server wants to see proved. It borrows the `WWW-Authenticate` that it stood in: to use it for more than the
/// next request, keep a copy of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// The hash function, MD5 where the server named none.
    pub algorithm: Algorithm,
    /// Whether the credentials were right and only the nonce was too old, so that it makes sense to send them again.
    pub stale: bool,
    names_algorithm: bool,
    qop: bool,
    // As they were received: without the quotes, but with the backslashes.
    realm: &'a [u8],
    nonce: &'a [u8],
    opaque: Option<&'a [u8]>,
}

/// What the answer to a challenge is made of.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The user name.
    pub user: &'a [u8],
    /// The password.
    pub password: &'a [u8],
    /// Whether both are percent-encoded, as they stand in a URL.
    pub percent_encoded: bool,
    /// The method of the request, which is sent in upper case.
    pub method: &'a str,
    /// The target of the request, as it stands in the request line.
    pub uri: &'a [u8],
    /// How many requests, with this one, have used the challenge's nonce; the first has 1.
    pub count: u32,
    /// A text that cannot be guessed, new for each request; see [`client_nonce`].
    pub client_nonce: &'a [u8],
}

impl<'a> Challenge<'a> {
    /// The strongest challenge of a response that is supported: SHA-256 before MD5, then the first. `None` where there
    /// is none.
    #[must_use]
    pub fn of_response(headers: &HeaderFields<'a>) -> Option<Self> {
        let mut headers = headers.clone();
        let mut best = None;
        while let Some(value) = headers.next_called("WWW-Authenticate") {
            keep_stronger(&mut best, Self::parse(value));
        }
        best
    }

    /// The strongest supported challenge of one `WWW-Authenticate`, which may have several (RFC 9110 §11.6.1).
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut best = None;
        let mut draft = Draft::default();
        let mut rest = value;
        loop {
            while let [b' ' | b'\t' | b',', tail @ ..] = rest {
                rest = tail;
            }
            if rest.is_empty() {
                keep_stronger(&mut best, draft.finish());
                return best;
            }
            let (name, tail) = split_token(rest);
            let tail = trim_start(tail);
            if let [b'=', tail @ ..] = tail {
                if let Some((value, tail)) = split_value(trim_start(tail)) {
                    draft.take(name, value);
                    rest = tail;
                    continue;
                }
            } else if !name.is_empty() {
                keep_stronger(&mut best, draft.finish());
                draft = Draft { digest: name.eq_ignore_ascii_case(b"Digest"), ..Draft::default() };
                rest = tail;
                continue;
            }
            // Other schemes may have anything here; in a Digest it is an error.
            draft.digest = false;
            rest = skip_element(rest);
        }
    }

    /// Whether a header can carry the answer: the user name has no control character, and the client's nonce neither.
    #[must_use]
    pub fn can_answer(&self, answer: &Answer<'_>) -> bool {
        answer.user().all(|byte| !byte.is_ascii_control())
            && is_field_value(answer.uri)
            && is_field_value(answer.client_nonce)
    }

    /// Writes the value of the `Authorization` that proves the password (RFC 7616 §3.4). It must be one that
    /// [`can_answer`](Self::can_answer).
    pub fn write_authorization(&self, answer: &Answer<'_>, out: &mut dyn Write) {
        out.write(b"Digest username=");
        write_quoted(answer.user(), out);
        write_raw(b", realm=\"", self.realm, out);
        write_raw(b", nonce=\"", self.nonce, out);
        out.write(b", uri=");
        write_quoted(answer.uri.iter().copied(), out);
        if self.names_algorithm {
            out.write(match self.algorithm {
                Algorithm::Md5 => b", algorithm=MD5",
                Algorithm::Sha256 => b", algorithm=SHA-256",
            });
        }
        write_raw(b", response=\"", self.response(answer).as_bytes(), out);
        if self.qop {
            out.write(b", qop=auth, nc=");
            out.write(&hex_count(answer.count));
            out.write(b", cnonce=");
            write_quoted(answer.client_nonce.iter().copied(), out);
        }
        if let Some(opaque) = self.opaque {
            write_raw(b", opaque=\"", opaque, out);
        }
    }

    /// RFC 7616 §3.4.1.
    fn response(&self, answer: &Answer<'_>) -> Hex {
        let mut hash = Hash::new(self.algorithm);
        write_bytes(answer.user(), &mut hash);
        hash.write(b":");
        write_bytes(Unescape { rest: self.realm }, &mut hash);
        hash.write(b":");
        write_bytes(answer.password(), &mut hash);
        let secret = hash.finish();

        let mut hash = Hash::new(self.algorithm);
        // As it is sent.
        for byte in answer.method.bytes() {
            hash.write(&[byte.to_ascii_uppercase()]);
        }
        hash.write(b":");
        hash.write(answer.uri);
        let request = hash.finish();

        let mut hash = Hash::new(self.algorithm);
        hash.write(secret.as_bytes());
        hash.write(b":");
        write_bytes(Unescape { rest: self.nonce }, &mut hash);
        if self.qop {
            hash.write(b":");
            hash.write(&hex_count(answer.count));
            hash.write(b":");
            hash.write(answer.client_nonce);
            hash.write(b":auth");
        }
        hash.write(b":");
        hash.write(request.as_bytes());
        hash.finish()
    }
}

impl Answer<'_> {
    fn user(&self) -> Decode<'_> {
        if self.percent_encoded { Decode::new(self.user) } else { Decode::verbatim(self.user) }
    }

    fn password(&self) -> Decode<'_> {
        if self.percent_encoded { Decode::new(self.password) } else { Decode::verbatim(self.password) }
    }
}

/// A client's nonce of random bytes.
#[must_use]
pub fn client_nonce(random: [u8; 16]) -> [u8; 32] {
    let mut text = [0; 32];
    write_hex(&random, &mut text);
    text
}

fn keep_stronger<'a>(best: &mut Option<Challenge<'a>>, other: Option<Challenge<'a>>) {
    let strength = |challenge: &Option<Challenge<'_>>| challenge.map(|challenge| challenge.algorithm);
    if strength(&other) > strength(best) {
        *best = other;
    }
}

/// A challenge that is being read.
#[derive(Default)]
struct Draft<'a> {
    digest: bool,
    realm: Option<&'a [u8]>,
    nonce: Option<&'a [u8]>,
    opaque: Option<&'a [u8]>,
    algorithm: Option<&'a [u8]>,
    qop: Option<&'a [u8]>,
    stale: bool,
}

impl<'a> Draft<'a> {
    fn take(&mut self, name: &[u8], value: &'a [u8]) {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if is("realm") {
            self.realm = Some(value);
        } else if is("nonce") {
            self.nonce = Some(value);
        } else if is("opaque") {
            self.opaque = Some(value);
        } else if is("algorithm") {
            self.algorithm = Some(value);
        } else if is("qop") {
            self.qop = Some(value);
        } else if is("stale") {
            self.stale = value.eq_ignore_ascii_case(b"true");
        }
    }

    /// The challenge, if it is one of Digest that is supported.
    fn finish(&self) -> Option<Challenge<'a>> {
        let algorithm = match self.algorithm {
            None => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case(b"MD5") => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case(b"SHA-256") => Algorithm::Sha256,
            Some(_) => return None,
        };
        if let Some(list) = self.qop
            && !ListElements::new(list).any(|option| option.eq_ignore_ascii_case(b"auth"))
        {
            return None;
        }
        let challenge = Challenge {
            algorithm,
            stale: self.stale,
            names_algorithm: self.algorithm.is_some(),
            qop: self.qop.is_some(),
            realm: self.realm?,
            nonce: self.nonce?,
            opaque: self.opaque,
        };
        self.digest.then_some(challenge)
    }
}

fn trim_start(text: &[u8]) -> &[u8] {
    match text.iter().position(|byte| !matches!(byte, b' ' | b'\t')) {
        Some(start) => text.get(start..).unwrap_or_default(),
        None => b"",
    }
}

fn split_token(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| !is_token_byte(byte)).unwrap_or(text.len());
    text.split_at(end)
}

/// The token or the inside of the quoted string that `text` starts with, and what follows. An element must end there.
fn split_value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (value, rest) = match text {
        [b'"', inside @ ..] => {
            let end = closing_quote(inside)?;
            let (value, rest) = inside.split_at_checked(end)?;
            (value, rest.get(1..)?)
        }
        _ => split_token(text),
    };
    let quoted = text.first() == Some(&b'"');
    let rest = trim_start(rest);
    ((quoted || is_token(value)) && matches!(rest, [] | [b',', ..])).then_some((value, rest))
}

/// Where the quoted string ends whose opening quote is before `text` (RFC 9110 §5.6.4).
fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// What follows the next comma that is in no quoted string.
fn skip_element(mut text: &[u8]) -> &[u8] {
    loop {
        match text {
            [] | [b',', ..] => return text,
            [b'"', tail @ ..] => {
                let end = closing_quote(tail).map_or(tail.len(), |end| end + 1);
                text = tail.get(end..).unwrap_or_default();
            }
            [_, tail @ ..] => text = tail,
        }
    }
}

/// The characters that the inside of a quoted string stands for.
struct Unescape<'a> {
    rest: &'a [u8],
}

impl Iterator for Unescape<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (byte, tail) = match self.rest {
            [b'\\', byte, tail @ ..] | [byte, tail @ ..] => (*byte, tail),
            [] => return None,
        };
        self.rest = tail;
        Some(byte)
    }
}

fn write_bytes(bytes: impl Iterator<Item = u8>, out: &mut dyn Write) {
    bytes.for_each(|byte| out.write(&[byte]));
}

fn write_quoted(bytes: impl Iterator<Item = u8>, out: &mut dyn Write) {
    out.write(b"\"");
    bytes.for_each(|byte| match byte {
        b'"' | b'\\' => out.write(&[b'\\', byte]),
        _ => out.write(&[byte]),
    });
    out.write(b"\"");
}

/// Writes what came out of a quoted string, or needs no escapes, and the closing quote.
fn write_raw(start: &[u8], text: &[u8], out: &mut dyn Write) {
    out.write(start);
    out.write(text);
    out.write(b"\"");
}

fn hex_count(count: u32) -> [u8; 8] {
    let mut text = [0; 8];
    write_hex(&count.to_be_bytes(), &mut text);
    text
}

/// Writes the digits, in lower case, of as many bytes as there is room for.
fn write_hex(bytes: &[u8], text: &mut [u8]) {
    for (byte, digits) in bytes.iter().zip(text.chunks_exact_mut(2)) {
        digits.copy_from_slice(&[hex::digit(byte >> 4), hex::digit(*byte)]);
        digits.make_ascii_lowercase();
    }
}

/// A hash in hexadecimal digits.
struct Hex {
    digits: [u8; 64],
    len: usize,
}

impl Hex {
    fn of(hash: &[u8]) -> Self {
        let mut digits = [0; 64];
        write_hex(hash, &mut digits);
        Self { digits, len: 2 * hash.len() }
    }

    fn as_bytes(&self) -> &[u8] {
        self.digits.get(..self.len).unwrap_or(&self.digits)
    }
}

enum Hash {
    Md5(Md5),
    Sha256(Sha256),
}

impl Hash {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Md5 => Self::Md5(Md5::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    fn finish(self) -> Hex {
        match self {
            Self::Md5(hash) => Hex::of(&hash.finalize()),
            Self::Sha256(hash) => Hex::of(&hash.finalize()),
        }
    }
}

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
        }
    }
}

/// Shows no password.
impl core::fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Answer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;

    fn answer<'a>(user: &'a str, password: &'a str, uri: &'a str, client_nonce: &'a str) -> Answer<'a> {
        Answer {
            user: user.as_bytes(),
            password: password.as_bytes(),
            percent_encoded: false,
            method: "GET",
            uri: uri.as_bytes(),
            count: 1,
            client_nonce: client_nonce.as_bytes(),
        }
    }

    fn authorization(challenge: &str, answer: &Answer<'_>) -> Option<String> {
        let challenge = Challenge::parse(challenge.as_bytes())?;
        if !challenge.can_answer(answer) {
            return None;
        }
        let mut room = [0; 512];
        let mut out = SliceWriter::new(&mut room);
        challenge.write_authorization(answer, &mut out);
        Some(String::from_utf8(out.finish().unwrap().to_vec()).unwrap())
    }

    #[test]
    fn examples_of_rfc_7616() {
        let answer = answer(
            "Mufasa",
            "Circle of Life",
            "/dir/index.html",
            "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        );
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let challenge = format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            let expected = format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", \
                 algorithm={algorithm}, response=\"{response}\", qop=auth, nc=00000001, \
                 cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            assert_eq!(authorization(&challenge, &answer), Some(expected));
        }
    }

    #[test]
    fn example_of_rfc_2617() {
        let challenge = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                         nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        let answer = answer("Mufasa", "Circle Of Life", "/dir/index.html", "0a4f113b");
        let header = authorization(challenge, &answer).unwrap();
        assert!(header.contains("response=\"6629fae49393a05397450978507c4ef1\""), "{header}");
        assert!(!header.contains("algorithm"));
    }

    #[test]
    fn without_qop_there_is_no_count() {
        let challenge = "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
        let answer = answer("Mufasa", "Circle Of Life", "/dir/index.html", "0a4f113b");
        let expected = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
                        nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", \
                        response=\"670fd8c2df070c60b045671b8b24ff02\"";
        assert_eq!(authorization(challenge, &answer).as_deref(), Some(expected));
    }

    #[test]
    fn quotes_and_backslashes_are_kept_apart() {
        // MD5 of `u"\:r"\:p`, `GET:/` and `n`, as Python's hashlib has it.
        let challenge = r#"Digest realm="r\"\\", nonce="\n", stale=TRUE"#;
        let header = authorization(challenge, &answer("u\"\\", "p", "/", "")).unwrap();
        let start = r#"Digest username="u\"\\", realm="r\"\\", nonce="\n", uri="/", response=""#;
        assert_eq!(header.strip_prefix(start), Some("8483e2d31aa84033af5690770cd10eab\""));
        assert!(Challenge::parse(challenge.as_bytes()).unwrap().stale);
    }

    #[test]
    fn user_and_password_may_come_from_a_url() {
        let challenge = "Digest realm=\"r\", nonce=\"n\"";
        let plain = authorization(challenge, &answer("a b", "c%d", "/", ""));
        let encoded = Answer { percent_encoded: true, ..answer("a%20b", "c%25d", "/", "") };
        assert_eq!(authorization(challenge, &encoded), plain);
        let broken = Answer { percent_encoded: true, ..answer("a%0d%0ab", "", "/", "") };
        assert_eq!(authorization(challenge, &broken), None);
    }

    /// Realm and algorithm of the challenge chosen.
    fn chosen(value: &str) -> Option<(&str, Algorithm)> {
        let challenge = Challenge::parse(value.as_bytes())?;
        Some((str::from_utf8(challenge.realm).unwrap(), challenge.algorithm))
    }

    #[test]
    fn the_strongest_challenge_is_chosen() {
        let (md5, sha) = (Algorithm::Md5, Algorithm::Sha256);
        for (value, expected) in [
            ("Digest realm=\"a\",nonce=\"n\"", Some(("a", md5))),
            ("DIGEST Realm = \"a\" , NONCE\t=\"n\" ,,", Some(("a", md5))),
            ("Digest realm=a, nonce=n, algorithm=\"md5\"", Some(("a", md5))),
            ("Basic realm=\"b\", Digest realm=\"a\", nonce=\"n\"", Some(("a", md5))),
            ("Digest realm=\"a\", nonce=\"n\", Basic realm=\"b\", charset=\"UTF-8\"", Some(("a", md5))),
            (
                "Basic realm=\"Digest realm=\\\"x\\\", nonce=\", Digest realm=\"a\", nonce=\"n\"",
                Some(("a", md5)),
            ),
            ("Negotiate, NTLM, Digest realm=\"a\", nonce=\"n\"", Some(("a", md5))),
            ("Negotiate abc/+==, Digest realm=\"a\", nonce=\"n\"", Some(("a", md5))),
            (
                "Digest realm=\"a\", nonce=\"n\", Digest realm=\"b\", nonce=\"n\", algorithm=SHA-256",
                Some(("b", sha)),
            ),
            (
                "Digest realm=\"a\", nonce=\"n\", algorithm=SHA-256, Digest realm=\"b\", nonce=\"n\"",
                Some(("a", sha)),
            ),
            ("Digest realm=\"a\", nonce=\"n\", Digest realm=\"b\", nonce=\"n\"", Some(("a", md5))),
            (
                "Digest realm=\"a\", nonce=\"n\", algorithm=SHA-512-256, Digest realm=\"b\", nonce=\"n\"",
                Some(("b", md5)),
            ),
            ("Digest realm=\"a\", nonce=\"n\", algorithm=MD5-sess", None),
            ("Digest realm=\"a\", nonce=\"n\", qop=\"auth-int\"", None),
            ("Digest realm=\"a\", nonce=\"n\", qop=auth", Some(("a", md5))),
            ("Digest nonce=\"n\"", None),
            ("Digest realm=\"a\"", None),
            ("Digest realm=\"a\", nonce=\"n", None),
            ("Digest realm=\"a\", nonce=\"n\" x", None),
            ("Digest realm=\"a\", nonce=", None),
            ("Digest realm=\"a\", nonce=\"n\\\"", None),
            ("Basic realm=\"a\", nonce=\"n\"", None),
            ("realm=\"a\", nonce=\"n\"", None),
            ("Digest", None),
            ("", None),
        ] {
            assert_eq!(chosen(value), expected, "{value}");
        }
    }

    #[test]
    fn all_fields_of_a_response_count() {
        let headers = HeaderFields::new(
            b"WWW-Authenticate: Basic realm=\"c\"\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"n\"\r\n\
              www-authenticate: Digest realm=\"b\", nonce=\"n\", algorithm=SHA-256\r\n",
        );
        assert_eq!(Challenge::of_response(&headers).unwrap().realm, b"b");
        assert_eq!(Challenge::of_response(&HeaderFields::new(b"")), None);
    }

    #[test]
    fn numbers_are_in_lower_case_hexadecimal_digits() {
        assert_eq!(&hex_count(0xabc), b"00000abc");
        assert_eq!(&client_nonce([0x5f; 16]), b"5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f");
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Digest access authentication (RFC 7616, and RFC 2617 and 2069 for servers that offer no `qop`).
//!
//! Supported are MD5 and SHA-256, with and without `-sess`, with `qop=auth`. User names are hashed
//! if the server asks for it. Not supported are `auth-int` and SHA-512/256: challenges that require
//! them are ignored.
//!
//! Challenges are parsed leniently. Values need no quotation marks, and parameters no commas
//! between them. An empty `qop` counts as none.

use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::proto::header::HeaderFields;
use crate::proto::hex;
use crate::proto::percent::Decode;
use crate::proto::syntax::{ListElements, is_field_value, is_token_byte};
use crate::proto::url::Url;
use crate::proto::write::Write;

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// MD5. It is broken, but most servers ask for it.
    Md5,
    /// SHA-256.
    Sha256,
}

/// A server's challenge. It borrows from the `WWW-Authenticate` field: to use it for more than the
/// next request, keep a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// The hash function. MD5 if the server named none.
    pub algorithm: Algorithm,
    /// Whether the credentials were right and only the nonce was too old, so that the request can
    /// be sent again with them.
    pub stale: bool,
    names_algorithm: bool,
    /// Whether the algorithm is a `-sess` one, whose key depends on the nonces of both sides.
    session: bool,
    qop: bool,
    userhash: bool,
    // As received: without the quotation marks, but with the backslashes.
    realm: &'a [u8],
    nonce: &'a [u8],
    opaque: Option<&'a [u8]>,
}

/// The input for the answer to a challenge.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The user name.
    pub user: &'a [u8],
    /// The password.
    pub password: &'a [u8],
    /// Whether both are percent-encoded, as in a URL.
    pub percent_encoded: bool,
    /// The method of the request. It is sent in upper case.
    pub method: &'a str,
    /// The target of the request, as in the request line.
    pub uri: &'a [u8],
    /// The number of requests that have used the challenge's nonce, including this one: 1 for the
    /// first.
    pub count: u32,
    /// A text that cannot be guessed; see [`client_nonce`].
    pub client_nonce: &'a [u8],
}

/// Why a response has no challenge that can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsupported {
    /// There is no Digest challenge.
    Scheme,
    /// A Digest challenge is malformed, or has no realm or no nonce.
    Malformed,
    /// A Digest challenge asks for a hash function that is not supported.
    Algorithm,
    /// A Digest challenge does not offer `qop=auth`, but for example `auth-int` only, which covers
    /// the body.
    Qop,
}

impl core::fmt::Display for Unsupported {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Scheme => "it has no Digest challenge",
            Self::Malformed => "its Digest challenge is malformed",
            Self::Algorithm => "its Digest challenge asks for a hash function other than MD5 and SHA-256",
            Self::Qop => "its Digest challenge offers no qop=auth",
        })
    }
}

impl<'a> Challenge<'a> {
    /// The strongest supported challenge of a response: SHA-256 before MD5, then the first. `None`
    /// if there is none.
    #[must_use]
    pub fn of_response(headers: &HeaderFields<'a>) -> Option<Self> {
        let mut headers = headers.clone();
        let mut best = None;
        while let Some(value) = headers.next_called("WWW-Authenticate") {
            keep_stronger(&mut best, Self::parse(value));
        }
        best
    }

    /// The strongest supported challenge of one `WWW-Authenticate`, which may contain several (RFC
    /// 9110 §11.6.1).
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut best = None;
        each_challenge(value, |challenge| keep_stronger(&mut best, challenge.ok()));
        best
    }

    /// Why a response has no supported challenge.
    #[must_use]
    pub fn why_unsupported(headers: &HeaderFields<'a>) -> Unsupported {
        let mut headers = headers.clone();
        let mut reason = Unsupported::Scheme;
        while let Some(value) = headers.next_called("WWW-Authenticate") {
            each_challenge(value, |challenge| {
                if let Err(found) = challenge
                    && found != Unsupported::Scheme
                {
                    reason = found;
                }
            });
        }
        reason
    }

    /// Whether a header can carry the answer: neither the user name nor the client's nonce contains
    /// a control character.
    #[must_use]
    pub fn can_answer(&self, answer: &Answer<'_>) -> bool {
        answer.user().all(|byte| !byte.is_ascii_control())
            && is_field_value(answer.uri)
            && is_field_value(answer.client_nonce)
    }

    /// Writes the value of the `Authorization` field that answers the challenge (RFC 7616 §3.4).
    /// [`can_answer`](Self::can_answer) must be true for `answer`.
    pub fn write_authorization(&self, answer: &Answer<'_>, out: &mut dyn Write) {
        out.write(b"Digest username=");
        if self.userhash {
            let mut hash = Hash::new(self.algorithm);
            self.write_user_and_realm(answer, &mut hash);
            write_quoted(hash.finish().as_bytes().iter().copied(), out);
            out.write(b", userhash=true");
        } else {
            write_quoted(answer.user(), out);
        }
        write_raw(b", realm=\"", self.realm, out);
        write_raw(b", nonce=\"", self.nonce, out);
        out.write(b", uri=");
        write_quoted(answer.uri.iter().copied(), out);
        if self.names_algorithm {
            out.write(match self.algorithm {
                Algorithm::Md5 => b", algorithm=MD5",
                Algorithm::Sha256 => b", algorithm=SHA-256",
            });
            if self.session {
                out.write(b"-sess");
            }
        }
        write_raw(b", response=\"", self.response(answer).as_bytes(), out);
        if self.qop {
            out.write(b", qop=auth, nc=");
            out.write(&hex_count(answer.count));
        }
        if self.qop || self.session {
            out.write(b", cnonce=");
            write_quoted(answer.client_nonce.iter().copied(), out);
        }
        if let Some(opaque) = self.opaque {
            write_raw(b", opaque=\"", opaque, out);
        }
    }

    /// The `response` parameter (RFC 7616 §3.4.1).
    fn response(&self, answer: &Answer<'_>) -> Hex {
        let mut hash = Hash::new(self.algorithm);
        self.write_user_and_realm(answer, &mut hash);
        hash.write(b":");
        write_bytes(answer.password(), &mut hash);
        let mut secret = hash.finish();
        if self.session {
            let mut hash = Hash::new(self.algorithm);
            hash.write(secret.as_bytes());
            hash.write(b":");
            write_bytes(Unescape { rest: self.nonce }, &mut hash);
            hash.write(b":");
            hash.write(answer.client_nonce);
            secret = hash.finish();
        }

        let mut hash = Hash::new(self.algorithm);
        // The method in the case in which it is sent.
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

    fn write_user_and_realm(&self, answer: &Answer<'_>, out: &mut dyn Write) {
        write_bytes(answer.user(), out);
        out.write(b":");
        write_bytes(Unescape { rest: self.realm }, out);
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

/// Makes a client nonce from random bytes.
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

/// The next nonce (`nextnonce`) in an `Authentication-Info` field (RFC 7616 §3.5).
#[must_use]
pub fn next_nonce<'a>(headers: &HeaderFields<'a>) -> Option<&'a [u8]> {
    let mut items = Items { rest: headers.clone().first("Authentication-Info")? };
    core::iter::from_fn(|| items.next()).find_map(|item| match item {
        Item::Parameter(name, value) if name.eq_ignore_ascii_case(b"nextnonce") => Some(value),
        _ => None,
    })
}

/// The most bytes of realm, nonce and opaque text together in a challenge that is kept.
const MEMORY: usize = 320;

/// A challenge that is kept, so that later requests can answer it at once (RFC 7616 §3.6).
pub struct KeptChallenge {
    /// The origin and credentials that it is kept for; see [`scope`].
    scope: [u8; 32],
    algorithm: Algorithm,
    names_algorithm: bool,
    session: bool,
    qop: bool,
    userhash: bool,
    /// The client's nonce. It stays the same, because the key of `-sess` depends on it.
    client_nonce: [u8; 32],
    /// The number of requests that have used the nonce. 0 if no challenge is kept.
    count: u32,
    realm: u16,
    opaque: Option<u16>,
    /// Realm, opaque text and nonce.
    texts: heapless::Vec<u8, MEMORY>,
}

impl KeptChallenge {
    /// No challenge.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            scope: [0; 32],
            algorithm: Algorithm::Md5,
            names_algorithm: false,
            session: false,
            qop: false,
            userhash: false,
            client_nonce: [0; 32],
            count: 0,
            realm: 0,
            opaque: None,
            texts: heapless::Vec::new(),
        }
    }

    /// Keeps `challenge` for requests of this scope. Returns whether it was kept: it must not be
    /// too long.
    pub fn keep(&mut self, scope: [u8; 32], challenge: &Challenge<'_>, client_nonce: [u8; 32]) -> bool {
        *self = Self {
            scope,
            algorithm: challenge.algorithm,
            names_algorithm: challenge.names_algorithm,
            session: challenge.session,
            qop: challenge.qop,
            userhash: challenge.userhash,
            client_nonce,
            ..Self::new()
        };
        let opaque = challenge.opaque.unwrap_or_default();
        let lengths = (u16::try_from(challenge.realm.len()), u16::try_from(opaque.len()));
        let texts = [challenge.realm, opaque, challenge.nonce];
        let (Ok(realm), Ok(opaque)) = lengths else {
            return false;
        };
        if texts.iter().any(|text| self.texts.extend_from_slice(text).is_err()) {
            return false;
        }
        self.realm = realm;
        self.opaque = challenge.opaque.map(|_| opaque);
        self.count = 1;
        true
    }

    /// Removes the kept challenge.
    pub fn forget(&mut self) {
        self.count = 0;
    }

    /// Replaces the nonce by the one that the server named for the next request. With `-sess` the
    /// old nonce stays, because the key depends on it.
    pub fn set_nonce(&mut self, nonce: &[u8]) {
        if self.session || self.count == 0 {
            return;
        }
        self.texts.truncate(usize::from(self.realm) + usize::from(self.opaque.unwrap_or_default()));
        self.count = u32::from(self.texts.extend_from_slice(nonce).is_ok());
    }

    /// Returns the challenge that is kept for this scope, the number of the next request with its
    /// nonce, and the client's nonce.
    pub fn next(&mut self, scope: &[u8; 32]) -> Option<(Challenge<'_>, u32, &[u8])> {
        let count = self.count;
        if count == 0 || self.scope != *scope {
            return None;
        }
        // After the last number, the count wraps to 0, and nothing is kept.
        self.count = count.wrapping_add(1);
        let (realm, rest) = self.texts.split_at_checked(usize::from(self.realm))?;
        let (opaque, nonce) = rest.split_at_checked(usize::from(self.opaque.unwrap_or_default()))?;
        let challenge = Challenge {
            algorithm: self.algorithm,
            stale: false,
            names_algorithm: self.names_algorithm,
            session: self.session,
            qop: self.qop,
            userhash: self.userhash,
            realm,
            nonce,
            opaque: self.opaque.map(|_| opaque),
        };
        Some((challenge, count, &self.client_nonce))
    }
}

impl Default for KeptChallenge {
    fn default() -> Self {
        Self::new()
    }
}

/// Prints nothing of the challenge.
impl core::fmt::Debug for KeptChallenge {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("KeptChallenge").field("count", &self.count).finish_non_exhaustive()
    }
}

/// A digest of the origin of `url`, user name and password, to compare for whom a challenge is
/// kept.
#[must_use]
pub fn scope(url: &Url<'_>, user: &str, password: &str) -> [u8; 32] {
    let mut hash = Hash::new(Algorithm::Sha256);
    hash.write(url.scheme.as_str().as_bytes());
    hash.write(b"://");
    write_bytes(url.host_name().bytes().map(|byte| byte.to_ascii_lowercase()), &mut hash);
    hash.write(&url.port_or_default().to_be_bytes());
    hash.write(user.as_bytes());
    // NUL cannot occur in a user name, so it separates the two.
    hash.write(b"\0");
    hash.write(password.as_bytes());
    match hash {
        Hash::Sha256(hash) => hash.finalize().into(),
        Hash::Md5(_) => [0; 32],
    }
}

/// Calls `take` for each challenge of one `WWW-Authenticate`.
fn each_challenge<'a>(value: &'a [u8], mut take: impl FnMut(Result<Challenge<'a>, Unsupported>)) {
    let mut draft = Draft::default();
    let mut items = Items { rest: value };
    loop {
        match items.next() {
            Some(Item::Parameter(name, value)) => draft.set(name, value),
            Some(Item::Scheme(name)) => {
                take(draft.finish());
                draft = Draft { digest: name.eq_ignore_ascii_case(b"Digest"), ..Draft::default() };
            }
            // Allowed in other schemes, but an error in a Digest challenge.
            Some(Item::Other) => draft.malformed = true,
            None => return take(draft.finish()),
        }
    }
}

/// The items of a list of challenges or parameters.
struct Items<'a> {
    rest: &'a [u8],
}

enum Item<'a> {
    /// The scheme at the start of a challenge.
    Scheme(&'a [u8]),
    /// Name and value of a parameter. The value is without quotation marks.
    Parameter(&'a [u8], &'a [u8]),
    Other,
}

impl<'a> Items<'a> {
    fn next(&mut self) -> Option<Item<'a>> {
        let start = self.rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b','))?;
        let (skipped, rest) = self.rest.split_at_checked(start)?;
        let (name, tail) = split_token(rest);
        let after = trim_start(tail);
        if let [b'=', after @ ..] = after
            && !name.is_empty()
            && let Some((value, tail)) = split_value(trim_start(after))
        {
            self.rest = tail;
            return Some(Item::Parameter(name, value));
        }
        // A scheme is followed by a space. Alone in a list, it is followed by a comma or the end.
        let is_alone = matches!(after, [] | [b',', ..]) && (skipped.is_empty() || skipped.contains(&b','));
        let is_followed = matches!(tail, [b' ' | b'\t', ..]) && !matches!(after, [] | [b',' | b'=', ..]);
        if !name.is_empty() && (is_alone || is_followed) {
            self.rest = tail;
            return Some(Item::Scheme(name));
        }
        self.rest = skip_element(rest);
        Some(Item::Other)
    }
}

/// A challenge that is being parsed.
#[derive(Default)]
struct Draft<'a> {
    digest: bool,
    malformed: bool,
    userhash: bool,
    realm: Option<&'a [u8]>,
    nonce: Option<&'a [u8]>,
    opaque: Option<&'a [u8]>,
    algorithm: Option<&'a [u8]>,
    qop: Option<&'a [u8]>,
    stale: bool,
}

impl<'a> Draft<'a> {
    fn set(&mut self, name: &[u8], value: &'a [u8]) {
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
        } else if is("userhash") {
            self.userhash = value.eq_ignore_ascii_case(b"true");
        }
    }

    /// Returns the challenge, if it is a supported Digest challenge.
    fn finish(&self) -> Result<Challenge<'a>, Unsupported> {
        if !self.digest {
            return Err(Unsupported::Scheme);
        }
        let (Some(realm), Some(nonce), false) = (self.realm, self.nonce, self.malformed) else {
            return Err(Unsupported::Malformed);
        };
        let mut name = self.algorithm.unwrap_or(b"MD5");
        let mut session = false;
        if let Some((start, end)) = name.split_last_chunk::<5>()
            && end.eq_ignore_ascii_case(b"-sess")
        {
            (name, session) = (start, true);
        }
        let algorithm = if name.eq_ignore_ascii_case(b"MD5") {
            Algorithm::Md5
        } else if name.eq_ignore_ascii_case(b"SHA-256") {
            Algorithm::Sha256
        } else {
            return Err(Unsupported::Algorithm);
        };
        let mut qop = false;
        if let Some(list) = self.qop {
            let mut options = ListElements::new(list).filter(|option| !option.is_empty()).peekable();
            qop = options.peek().is_some();
            if qop && !options.any(|option| option.eq_ignore_ascii_case(b"auth")) {
                return Err(Unsupported::Qop);
            }
        }
        Ok(Challenge {
            algorithm,
            stale: self.stale,
            names_algorithm: self.algorithm.is_some(),
            session,
            qop,
            userhash: self.userhash,
            realm,
            nonce,
            opaque: self.opaque,
        })
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

/// Splits `text` into the value at its start and the rest. The value is the inside of a quoted
/// string, or the text up to a space or comma. The RFC requires a token there, but some servers
/// forget the quotation marks around a nonce.
fn split_value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if let [b'"', inside @ ..] = text {
        let (value, rest) = inside.split_at_checked(closing_quote(inside)?)?;
        return Some((value, rest.get(1..)?));
    }
    let end = text.iter().position(|byte| matches!(byte, b' ' | b'\t' | b',')).unwrap_or(text.len());
    let (value, rest) = text.split_at_checked(end)?;
    let is_plain = !value.iter().any(|byte| matches!(byte, b'"' | b'\\'));
    (is_plain && !value.is_empty()).then_some((value, rest))
}

/// Index of the closing quotation mark. The opening one is before `text` (RFC 9110 §5.6.4).
fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// Skips to the next comma outside quoted strings.
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

/// The unescaped characters of a quoted string.
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

/// Writes `start`, `text` and a closing quotation mark. `text` comes from a quoted string or needs
/// no escapes.
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

/// Writes the digits of `bytes` in lower case, as many as fit.
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

/// Prints no password.
impl core::fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Answer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;
    use proptest::prelude::*;

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
            // These values are not from the RFC: Python's hashlib computed them by its rules.
            ("MD5-sess", "e783283f46242139c486a698fec7211d"),
            ("SHA-256-sess", "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7"),
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
        // MD5 of `u"\:r"\:p`, `GET:/` and `n`, computed by Python's hashlib.
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

    /// Realm and algorithm of the selected challenge.
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
            ("Digest realm=\"a\", nonce=\"n\", algorithm=MD5-sess", Some(("a", md5))),
            ("Digest realm=\"a\", nonce=\"n\", algorithm=\"sha-256-SESS\"", Some(("a", sha))),
            ("Digest realm=\"a\", nonce=\"n\", algorithm=-sess", None),
            ("Digest realm=\"a\", nonce=\"n\", algorithm=MD5-sess-sess", None),
            ("Digest realm=\"a\", nonce=\"n\", algorithm=SHA-512-256-sess", None),
            ("Digest realm=\"a\", nonce=\"n\", qop=\"auth-int\"", None),
            ("Digest realm=\"a\", nonce=\"n\", qop=\"\"", Some(("a", md5))),
            ("Digest realm=\"a\", nonce=\"n\", qop=\" , \"", Some(("a", md5))),
            ("Digest realm=\"a\", nonce=\"n\", qop=\"auth-int,auth\"", Some(("a", md5))),
            ("Digest realm=\"a\", nonce=\"n\", qop=\"AUTH\"", Some(("a", md5))),
            ("Digest realm=\"a\", nonce=\"n\", qop=\"auth-conf\"", None),
            // Without the quotation marks and commas that the RFC requires.
            ("Digest realm=a, nonce=YWJj/+:12==, qop=auth", Some(("a", md5))),
            ("Digest nonce=YWJj==, realm=a", Some(("a", md5))),
            ("Digest realm=\"a\" nonce=\"n\" qop=\"auth\"", Some(("a", md5))),
            ("Digest realm=a\tnonce=n algorithm=SHA-256", Some(("a", sha))),
            ("Digest realm=\"a\"nonce=\"n\"algorithm=SHA-256", Some(("a", sha))),
            ("Digest realm=\"a\", nonce=\"n\" Basic realm=\"b\"", Some(("a", md5))),
            ("Basic realm=\"b\" Digest realm=\"a\", nonce=\"n\"", Some(("a", md5))),
            (
                "Digest realm=\"a\", nonce=\"n\" Digest realm=\"b\" nonce=m algorithm=SHA-256",
                Some(("b", sha)),
            ),
            ("Digest  ,realm=\"a\",,nonce=\"n\"", Some(("a", md5))),
            ("Digest realm=\"a\", nonce=n\"m", None),
            ("Digest realm=\"a\", nonce=n\\m", None),
            ("Digest realm=\"a\", nonce", None),
            ("Digest realm=\"a\", nonce= , qop=auth", None),
            ("Digest realm=\"a\"; nonce=\"n\"", None),
            ("Digest realm=\"\", nonce=\"\"", Some(("", md5))),
            ("Digest, Digest realm=\"a\", nonce=\"n\"", Some(("a", md5))),
            ("Digest realm=\"b\", Digest realm=\"a\", nonce=\"n\"", Some(("a", md5))),
            ("Digest realm=\"b\", nonce=, Digest realm=\"a\", nonce=\"n\"", Some(("a", md5))),
            ("NTLM TlRMTVNTUAAC/+A==, Digest realm=\"a\", nonce=\"n\"", Some(("a", md5))),
            ("Digest realm=\"a\", nonce=\"n\", charset=UTF-8, domain=\"/x /y\", x=\"1,2\"", Some(("a", md5))),
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
    fn user_names_are_hashed_where_the_server_wants_that() {
        // Computed by Python's hashlib.
        let (user, response) = (
            "76c0575202e95aa187aeaed1ccfe819dcd065dd2d752593e902e6f2245de4e8c",
            "4f37e496d46c90181b8ccfacfd9690154eca62c2d21ace2b67765b851ac22048",
        );
        let challenge =
            "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\", userhash=true, charset=UTF-8";
        let answer = Answer { count: 10, ..answer("Jäsøn", "p", "/", "c") };
        let expected = format!(
            "Digest username=\"{user}\", userhash=true, realm=\"r\", nonce=\"n\", uri=\"/\", algorithm=SHA-256, \
             response=\"{response}\", qop=auth, nc=0000000a, cnonce=\"c\""
        );
        assert_eq!(authorization(challenge, &answer), Some(expected));
        let plain = authorization(&challenge.replace("true", "false"), &answer).unwrap();
        assert!(
            plain.starts_with("Digest username=\"Jäsøn\", realm=") && plain.contains(response),
            "{plain}"
        );
    }

    #[test]
    fn a_session_without_qop_shows_the_nonce_that_its_key_is_made_of() {
        let challenge = "Digest realm=r, nonce=n=, algorithm=MD5-sess, qop=\"\"";
        let expected = "Digest username=\"u\", realm=\"r\", nonce=\"n=\", uri=\"/\", algorithm=MD5-sess, \
                        response=\"349b0b1f82bc6442550826c8c6803a2a\", cnonce=\"c\"";
        assert_eq!(authorization(challenge, &answer("u", "p", "/", "c")).as_deref(), Some(expected));
    }

    #[test]
    fn why_a_challenge_is_passed_over() {
        for (fields, reason) in [
            ("", Unsupported::Scheme),
            ("WWW-Authenticate: Basic realm=\"r\"\r\nWWW-Authenticate: Negotiate\r\n", Unsupported::Scheme),
            ("WWW-Authenticate: Digest realm=\"r\"\r\n", Unsupported::Malformed),
            ("WWW-Authenticate: Digest realm=\"r\", nonce=\"n, Basic\r\n", Unsupported::Malformed),
            (
                "WWW-Authenticate: Digest realm=r, nonce=n, algorithm=SHA-512-256, Basic\r\n",
                Unsupported::Algorithm,
            ),
            (
                "WWW-Authenticate: Digest realm=r, nonce=n, qop=auth-int\r\nWWW-Authenticate: Basic\r\n",
                Unsupported::Qop,
            ),
        ] {
            let headers = HeaderFields::new(fields.as_bytes());
            assert_eq!(Challenge::of_response(&headers), None, "{fields}");
            assert_eq!(Challenge::why_unsupported(&headers), reason, "{fields}");
        }
    }

    #[test]
    fn the_next_nonce_is_found() {
        for (field, nonce) in [
            ("Authentication-Info: nextnonce=\"a,b\", qop=auth, nc=00000001", Some("a,b")),
            ("authentication-info: qop=auth , NextNonce = abc==", Some("abc==")),
            ("Authentication-Info: rspauth=\"nextnonce=x\" nextnonce=\"y\"", Some("y")),
            ("Authentication-Info: rspauth=\"x\"", None),
            ("Authentication-Info: nextnonce=", None),
            ("Authentication-Info: nextnonce=\"x", None),
            ("Proxy-Authentication-Info: nextnonce=\"x\"", None),
        ] {
            let field = format!("{field}\r\n");
            let found = next_nonce(&HeaderFields::new(field.as_bytes()));
            assert_eq!(found, nonce.map(str::as_bytes), "{field}");
        }
    }

    #[test]
    fn a_challenge_is_kept_for_its_scope() {
        let texts = "Digest realm=\"r\\\"\", nonce=\"n\", opaque=\"\", qop=\"auth\", userhash=true, algorithm=SHA-256-sess";
        let challenge = Challenge::parse(texts.as_bytes()).unwrap();
        let mut kept = KeptChallenge::new();
        assert!(kept.next(&[0; 32]).is_none());
        assert!(kept.keep([1; 32], &challenge, [b'c'; 32]));
        for count in 1..5 {
            assert!(kept.next(&[2; 32]).is_none());
            assert_eq!(kept.next(&[1; 32]), Some((challenge, count, &[b'c'; 32][..])));
        }
        // The key of `-sess` depends on the nonce.
        kept.set_nonce(b"other");
        assert_eq!(kept.next(&[1; 32]).unwrap().1, 5);
        kept.forget();
        assert!(kept.next(&[1; 32]).is_none());
        kept.set_nonce(b"other");
        assert!(kept.next(&[1; 32]).is_none());

        let plain = Challenge { session: false, opaque: None, ..challenge };
        assert!(kept.keep([1; 32], &plain, [b'c'; 32]));
        assert_eq!(kept.next(&[1; 32]).unwrap().0, plain);
        kept.set_nonce(b"a longer one");
        for count in 1..3 {
            let next = Challenge { nonce: b"a longer one", ..plain };
            assert_eq!(kept.next(&[1; 32]), Some((next, count, &[b'c'; 32][..])));
        }
        kept.count = u32::MAX;
        assert_eq!(kept.next(&[1; 32]).unwrap().1, u32::MAX);
        assert!(kept.next(&[1; 32]).is_none());

        // A challenge that is too long is not kept, and neither is the previous one.
        for long in [MEMORY, 70_000] {
            assert!(kept.keep([1; 32], &plain, [b'c'; 32]));
            let nonce = vec![b'n'; long];
            assert!(!kept.keep([1; 32], &Challenge { nonce: &nonce, ..plain }, [b'c'; 32]));
            assert!(kept.next(&[1; 32]).is_none());
            assert!(!kept.keep([1; 32], &Challenge { realm: &nonce, ..plain }, [b'c'; 32]));
            assert!(kept.keep([1; 32], &plain, [b'c'; 32]));
            kept.set_nonce(&nonce);
            assert!(kept.next(&[1; 32]).is_none());
        }
    }

    #[test]
    fn the_scope_is_an_origin_and_who_asks() {
        let scope = |url: &str, user, password| scope(&Url::parse(url.as_bytes()).unwrap(), user, password);
        let one = scope("http://h.org/x", "u", "p");
        assert_eq!(one, scope("HTTP://H.ORG:80/y?z", "u", "p"));
        for other in [
            scope("https://h.org/x", "u", "p"),
            scope("https://h.org:80/x", "u", "p"),
            scope("http://h.org:8080/x", "u", "p"),
            scope("http://www.h.org/x", "u", "p"),
            scope("http://h.org/x", "v", "p"),
            scope("http://h.org/x", "u", "q"),
            scope("http://h.org/x", "up", ""),
            scope("http://h.org/x", "", "up"),
        ] {
            assert_ne!(one, other);
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

    /// The form in which a server may write a value: with quotation marks, or without if it is
    /// unambiguous.
    fn value(text: &str, quoted: bool) -> String {
        let plain = !text.is_empty() && text.bytes().all(|byte| !matches!(byte, b' ' | b',' | b'"' | b'\\'));
        if quoted || !plain {
            return format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        }
        text.to_owned()
    }

    proptest! {
        #[test]
        fn what_a_server_means_is_read_however_it_writes_it(
            texts in prop::array::uniform3("[ -~é]{0,12}"),
            quoted in prop::array::uniform4(any::<bool>()),
            order in Just(vec![0, 1, 2, 3, 4, 5, 6]).prop_shuffle(),
            separator in prop::sample::select(vec![", ", ",", " ", "\t", " , ", ",,"]),
            before in prop::sample::select(vec!["", "Basic realm=\"x, Digest y\", ", "Negotiate, ", "NTLM abc/+=, "]),
            after in prop::sample::select(vec!["", ",", ", Basic realm=b", ", Bearer"]),
            sess: bool,
        ) {
            let [realm, nonce, opaque] = &texts;
            let parameters = [
                format!("realm={}", value(realm, quoted[0])),
                format!("nonce={}", value(nonce, quoted[1])),
                format!("Opaque = {}", value(opaque, quoted[2])),
                format!("algorithm={}", value(if sess { "sha-256-sess" } else { "SHA-256" }, quoted[3])),
                "qop=\"auth,auth-int\"".to_owned(),
                "stale=FALSE".to_owned(),
                "x-more=\"a, nonce=b\"".to_owned(),
            ];
            let parameters: Vec<_> = order.iter().map(|&index: &usize| parameters[index].as_str()).collect();
            let text = format!("{before}Digest {}{after}", parameters.join(separator));
            let found = Challenge::parse(text.as_bytes());
            prop_assert!(found.is_some(), "{}", text);
            let found = found.unwrap();
            let unescaped = |rest| String::from_utf8(Unescape { rest }.collect()).unwrap();
            prop_assert_eq!(&unescaped(found.realm), realm);
            prop_assert_eq!(&unescaped(found.nonce), nonce);
            prop_assert_eq!(&unescaped(found.opaque.unwrap()), opaque);
            prop_assert_eq!((found.algorithm, found.session, found.qop), (Algorithm::Sha256, sess, true));
        }

        #[test]
        fn whatever_comes_the_answer_is_one_header_value(
            text in prop_oneof![
                "(Digest |realm=|nonce=|qop=|algorithm=|MD5|-sess|auth|\"|\\\\|,| |=|a|é){0,24}",
                "Digest realm=\"([ -~]){0,8}\",? ?nonce=[ -~]{0,12}",
            ],
        ) {
            if is_field_value(text.as_bytes())
                && let Some(header) = authorization(&text, &answer("u\"\\", "p", "/?a=\"", "c"))
            {
                prop_assert!(is_field_value(header.as_bytes()));
                // The answer is parsed by the same code.
                let mut items = Items { rest: header.as_bytes() };
                prop_assert!(matches!(items.next(), Some(Item::Scheme(b"Digest"))));
                let mut names = Vec::new();
                while let Some(item) = items.next() {
                    let Item::Parameter(name, _) = item else { panic!("{header}") };
                    names.push(name);
                }
                for name in ["username", "realm", "nonce", "uri", "response"] {
                    prop_assert!(names.contains(&name.as_bytes()), "{} {}", text, header);
                }
            }
        }
    }
}

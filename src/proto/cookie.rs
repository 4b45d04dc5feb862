// SPDX-License-Identifier: Apache-2.0
//! A small cookie jar (RFC 6265, with the rules of RFC 6265bis for prefixes and secure cookies).
//!
//! There is no list of public suffixes. Instead, a `Domain` must have a dot inside, so that no site
//! can set a cookie for all of `com`. But a site under `co.uk` can set cookies for all of `co.uk`.
//! `HttpOnly` and `SameSite` are ignored: they have no meaning for a client without scripts and
//! pages. A cookie without a name or without `=` is ignored. `Expires` is parsed by RFC 6265
//! §5.1.1, which accepts nearly every form of a date and ignores the time zone.

use core::ops::{Deref, DerefMut};

use crate::proto::bytes::{copy, move_within};
use crate::proto::header::HeaderFields;
use crate::proto::http_date;
use crate::proto::syntax::{is_field_value, parse_decimal, split_at_byte, trim_ows};
use crate::proto::url::{Scheme, Url};
use crate::proto::write::Write;

/// The bytes that a cookie takes in a jar besides its name, value, domain and path.
pub const OVERHEAD: usize = 16;

/// A cookie jar in an array of bytes, `CookieJar<[u8; N]>`. A cookie takes the bytes of its name,
/// value, domain and path, and [`OVERHEAD`].
///
/// A cookie that does not fit is dropped as a whole, and counted. No other cookie is removed to
/// make room: cookies leave when they expire or the server deletes them. But the old cookie that it
/// would replace is removed, so that a value that the server has replaced, such as an ended
/// session, is never sent.
///
/// Jars of all sizes dereference to `CookieJar` without a size.
pub struct CookieJar<B: ?Sized = [u8]> {
    used: usize,
    dropped: u32,
    /// Records, the oldest first: a [`Head`], then domain, path, name and value.
    bytes: B,
}

/// A cookie in the jar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Cookie<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// Its value, as the server wrote it, including quotation marks.
    pub value: &'a [u8],
    /// The host that it is sent to, in lower case.
    pub domain: &'a [u8],
    /// The path that it is sent to, with all paths below.
    pub path: &'a [u8],
    /// Whether it is also sent to hosts below `domain`.
    pub subdomains: bool,
    /// Whether it is sent over `https` only.
    pub secure: bool,
    /// When it expires, in seconds on the caller's clock. `u64::MAX` if it does not expire.
    pub expires: u64,
}

impl<const N: usize> CookieJar<[u8; N]> {
    /// An empty jar.
    #[must_use]
    pub const fn new() -> Self {
        Self { used: 0, dropped: 0, bytes: [0; N] }
    }
}

impl<const N: usize> Default for CookieJar<[u8; N]> {
    fn default() -> Self {
        Self::new()
    }
}

/// One copy of the code serves jars of all sizes.
impl<const N: usize> Deref for CookieJar<[u8; N]> {
    type Target = CookieJar;

    fn deref(&self) -> &CookieJar {
        self
    }
}

impl<const N: usize> DerefMut for CookieJar<[u8; N]> {
    fn deref_mut(&mut self) -> &mut CookieJar {
        self
    }
}

impl CookieJar {
    /// Stores the cookies that the response for `url` sets. `now` is in seconds on a clock that
    /// never goes back.
    ///
    /// The `Expires` of a cookie counts from the response's `Date`. Without a `Date`, it only
    /// counts if it is certainly in the past, which deletes the cookie. Otherwise the cookie stays
    /// as long as the jar.
    ///
    /// `url` is the requested URL without dot segments, as [`Url::write_effective`] writes it.
    pub fn store_response(&mut self, url: &Url<'_>, headers: &HeaderFields<'_>, now: u64) {
        let mut fields = headers.clone();
        let mut date = None;
        while let Some(set_cookie) = fields.next_called("Set-Cookie") {
            let date = *date.get_or_insert_with(|| http_date::of_field(headers, "Date", None));
            self.store(url, set_cookie, date, now);
        }
    }

    /// Stores or deletes the cookie of one `Set-Cookie`; see
    /// [`store_response`](Self::store_response). `date` is the server's time in seconds since 1970.
    /// Returns whether the jar is now as the server wants it.
    pub fn store(&mut self, url: &Url<'_>, set_cookie: &[u8], date: Option<i64>, now: u64) -> bool {
        let Some(cookie) = parse(url, set_cookie, date, now) else {
            return false;
        };
        self.remove_where(|old| old.expires <= now);
        if url.scheme == Scheme::Http && self.iter().any(|old| old.is_protected_from(&cookie)) {
            return false;
        }
        let place = self.remove_where(|old| {
            old.name == cookie.name
                && old.domain.eq_ignore_ascii_case(cookie.domain)
                && old.path == cookie.path
        });
        if cookie.expires <= now {
            return true;
        }
        let stored = self.insert(place, &cookie).is_some();
        self.dropped = self.dropped.saturating_add(u32::from(!stored));
        stored
    }

    /// Writes the `Cookie` line for a request to `url`: cookies with longer paths first, then older
    /// ones (RFC 6265 §5.4). If there are no cookies for it, writes nothing and returns `false`.
    pub fn write_header(&self, url: &Url<'_>, now: u64, out: &mut dyn Write) -> bool {
        let fits = |cookie: &Cookie<'_>| cookie.expires > now && cookie.is_sent_to(url);
        let mut written = false;
        let mut limit = usize::MAX;
        while let Some(len) =
            self.iter().filter(fits).map(|cookie| cookie.path.len()).filter(|&len| len < limit).max()
        {
            limit = len;
            for cookie in self.iter().filter(fits).filter(|cookie| cookie.path.len() == len) {
                out.write(if written { b"; " } else { b"Cookie: " });
                out.write(cookie.name);
                out.write(b"=");
                out.write(cookie.value);
                written = true;
            }
        }
        if written {
            out.write(b"\r\n");
        }
        written
    }

    /// The cookies in the order in which they were stored, including expired ones.
    pub fn iter(&self) -> impl Iterator<Item = Cookie<'_>> {
        let mut rest = self.bytes.get(..self.used).unwrap_or_default();
        core::iter::from_fn(move || {
            let (cookie, tail) = split_cookie(rest)?;
            rest = tail;
            Some(cookie)
        })
    }

    /// The number of cookies that did not fit since the jar was created.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Removes all cookies.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Removes the cookies for which `unwanted` returns `true`. Returns the position of the last of
    /// them, or else the end.
    fn remove_where(&mut self, mut unwanted: impl FnMut(&Cookie<'_>) -> bool) -> usize {
        let mut place = None;
        let mut start = 0;
        while let Some(records) = self.bytes.get(start..self.used)
            && let Some((cookie, rest)) = split_cookie(records)
        {
            let end = self.used - rest.len();
            if unwanted(&cookie) {
                move_within(&mut self.bytes, end..self.used, start);
                self.used -= end - start;
                place = Some(start);
            } else {
                start = end;
            }
        }
        place.unwrap_or(self.used)
    }

    /// Inserts the cookie at `place`. If it does not fit, changes nothing and returns `None`.
    fn insert(&mut self, place: usize, cookie: &Cookie<'_>) -> Option<()> {
        let head = Head::of(cookie)?;
        let texts = [cookie.domain, cookie.path, cookie.name, cookie.value];
        let size = texts.iter().try_fold(OVERHEAD, |size, text| size.checked_add(text.len()))?;
        let used = self.used.checked_add(size)?;
        let records = self.bytes.get_mut(place..used)?;
        move_within(records, 0..self.used - place, size);
        let (room, mut rest) = records.split_first_chunk_mut()?;
        *room = head.0;
        for (index, text) in texts.into_iter().enumerate() {
            let (room, tail) = rest.split_at_mut_checked(text.len())?;
            copy(room, text);
            if index == 0 {
                room.make_ascii_lowercase();
            }
            rest = tail;
        }
        self.used = used;
        Some(())
    }
}

impl<const N: usize> core::fmt::Debug for CookieJar<[u8; N]> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        (**self).fmt(f)
    }
}

impl core::fmt::Debug for CookieJar {
    /// Prints how full the jar is, but no values: those are secrets.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CookieJar").field("used", &self.used).field("dropped", &self.dropped).finish()
    }
}

impl Cookie<'_> {
    /// Whether the cookie is sent with a request to `url` (RFC 6265 §5.4).
    fn is_sent_to(&self, url: &Url<'_>) -> bool {
        let host = url.host.as_bytes();
        let host_matches = if self.subdomains {
            domain_matches(host, self.domain)
        } else {
            host.eq_ignore_ascii_case(self.domain)
        };
        host_matches
            && path_matches(request_path(url), self.path)
            && (!self.secure || url.scheme == Scheme::Https)
    }

    /// Whether `new`, which came over `http`, must not replace this cookie: this cookie is secure,
    /// and both are sent to the same places (RFC 6265bis §5.7, "leave secure cookies alone").
    fn is_protected_from(&self, new: &Cookie<'_>) -> bool {
        self.secure
            && self.name == new.name
            && (domain_matches(self.domain, new.domain) || domain_matches(new.domain, self.domain))
            && path_matches(new.path, self.path)
    }
}

impl core::fmt::Debug for Cookie<'_> {
    /// Prints the name, but no value: that is a secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Cookie")
            .field("name", &format_args!("{}", self.name.escape_ascii()))
            .finish_non_exhaustive()
    }
}

/// The start of a record: flags, the lengths of domain, path, name and value, and the expiry.
struct Head([u8; OVERHEAD]);

const SUBDOMAINS: u8 = 1;
const SECURE: u8 = 2;

impl Head {
    /// `None` if a text is too long.
    fn of(cookie: &Cookie<'_>) -> Option<Self> {
        let flags = if cookie.subdomains { SUBDOMAINS } else { 0 } | if cookie.secure { SECURE } else { 0 };
        let domain = u8::try_from(cookie.domain.len()).ok()?;
        let [p0, p1] = u16::try_from(cookie.path.len()).ok()?.to_le_bytes();
        let [n0, n1] = u16::try_from(cookie.name.len()).ok()?.to_le_bytes();
        let [v0, v1] = u16::try_from(cookie.value.len()).ok()?.to_le_bytes();
        let [e0, e1, e2, e3, e4, e5, e6, e7] = cookie.expires.to_le_bytes();
        Some(Self([flags, domain, p0, p1, n0, n1, v0, v1, e0, e1, e2, e3, e4, e5, e6, e7]))
    }
}

/// Splits `records` into the first record and the rest.
fn split_cookie(records: &[u8]) -> Option<(Cookie<'_>, &[u8])> {
    let (&[flags, domain, p0, p1, n0, n1, v0, v1, ref expires @ ..], texts) =
        records.split_first_chunk::<OVERHEAD>()?;
    let (domain, texts) = texts.split_at_checked(usize::from(domain))?;
    let (path, texts) = texts.split_at_checked(usize::from(u16::from_le_bytes([p0, p1])))?;
    let (name, texts) = texts.split_at_checked(usize::from(u16::from_le_bytes([n0, n1])))?;
    let (value, rest) = texts.split_at_checked(usize::from(u16::from_le_bytes([v0, v1])))?;
    let cookie = Cookie {
        name,
        value,
        domain,
        path,
        subdomains: flags & SUBDOMAINS != 0,
        secure: flags & SECURE != 0,
        expires: u64::from_le_bytes(*expires),
    };
    Some((cookie, rest))
}

/// Parses a `Set-Cookie`. `None` if the response for `url` must not set this cookie (RFC 6265 §5.2
/// and §5.3).
fn parse<'a>(url: &Url<'a>, set_cookie: &'a [u8], date: Option<i64>, now: u64) -> Option<Cookie<'a>> {
    if !is_field_value(set_cookie) {
        return None;
    }
    let (pair, mut attributes) = split_at_byte(set_cookie, b';');
    let (name, value) = split_at_byte(pair, b'=');
    let (name, value) = (trim_ows(name), trim_ows(value?));
    let mut domain: &[u8] = b"";
    let mut path: &[u8] = b"";
    let mut secure = false;
    let mut max_age = None;
    let mut expires = None;
    while let Some(list) = attributes {
        let (attribute, rest) = split_at_byte(list, b';');
        attributes = rest;
        let (key, value) = split_at_byte(attribute, b'=');
        let (key, value) = (trim_ows(key), trim_ows(value.unwrap_or_default()));
        let is = |name: &str| key.eq_ignore_ascii_case(name.as_bytes());
        if is("Domain") {
            if !value.is_empty() {
                domain = value.strip_prefix(b".").unwrap_or(value);
            }
        } else if is("Path") {
            path = value;
        } else if is("Secure") {
            secure = true;
        } else if is("Max-Age") {
            max_age = parse_max_age(value).or(max_age);
        } else if is("Expires") {
            expires = http_date::parse_cookie_date(value).or(expires);
        }
    }

    let host = url.host.as_bytes();
    // An address or a single label has no hosts below it.
    let subdomains = has_inner_dot(domain) && !is_address(host);
    let own = domain.is_empty() || domain.eq_ignore_ascii_case(host);
    if !(own || subdomains && domain_matches(host, domain)) {
        return None;
    }
    let is_called =
        |prefix: &[u8]| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let bound_to_host = domain.is_empty() && path == b"/";
    if name.is_empty()
        || (secure && url.scheme == Scheme::Http)
        || (is_called(b"__Secure-") && !secure)
        || (is_called(b"__Host-") && !(secure && bound_to_host))
    {
        return None;
    }
    Some(Cookie {
        name,
        value,
        domain: host.get(host.len() - if subdomains { domain.len() } else { host.len() }..)?,
        path: if path.first() == Some(&b'/') { path } else { default_path(url) },
        subdomains,
        secure,
        expires: match max_age.or_else(|| seconds_left(expires?, date)) {
            Some(seconds) => {
                if seconds == 0 {
                    0
                } else {
                    now.saturating_add(seconds)
                }
            }
            None => u64::MAX,
        },
    })
}

/// The seconds of a `Max-Age`. 0 if they are negative, `None` if it is not a number (RFC 6265
/// §5.2.2).
fn parse_max_age(value: &[u8]) -> Option<u64> {
    let (negative, digits) = match value {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, value),
    };
    if !digits.iter().all(u8::is_ascii_digit) || value.is_empty() {
        return None;
    }
    Some(if negative { 0 } else { parse_decimal(digits).unwrap_or(u64::MAX) })
}

/// The seconds up to `expires`, or 0 if it is in the past. If the server's time is not known, only
/// a time that is certainly in the past counts.
fn seconds_left(expires: i64, date: Option<i64>) -> Option<u64> {
    /// The start of 2026.
    const PAST: i64 = 1_767_225_600;
    match date {
        Some(date) => Some(u64::try_from(expires.saturating_sub(date)).unwrap_or(0)),
        None if expires <= PAST => Some(0),
        None => None,
    }
}

/// Whether a cookie for `domain` and the hosts below it is sent to `host` (RFC 6265 §5.1.3).
/// Addresses have no hosts below them.
fn domain_matches(host: &[u8], domain: &[u8]) -> bool {
    let Some((before, end)) =
        host.len().checked_sub(domain.len()).and_then(|start| host.split_at_checked(start))
    else {
        return false;
    };
    end.eq_ignore_ascii_case(domain) && (before.is_empty() || before.ends_with(b"."))
}

/// Whether a URL's host is an IP address. A top-level domain is never a number.
fn is_address(host: &[u8]) -> bool {
    let last = host.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    host.first() == Some(&b'[') || last.iter().all(u8::is_ascii_digit)
}

/// Whether there is a dot in `domain` that is not at an end.
fn has_inner_dot(domain: &[u8]) -> bool {
    matches!(domain, [first, inner @ .., last] if *first != b'.' && *last != b'.' && inner.contains(&b'.'))
}

/// The path of a request to `url`.
fn request_path<'a>(url: &Url<'a>) -> &'a [u8] {
    let path = url.path();
    if path.first() == Some(&b'/') { path } else { b"/" }
}

/// The path of a cookie without one: the path of the request up to its last slash (RFC 6265
/// §5.1.4).
fn default_path<'a>(url: &Url<'a>) -> &'a [u8] {
    let path = request_path(url);
    let slash = path.iter().rposition(|&byte| byte == b'/').unwrap_or_default();
    path.get(..slash.max(1)).unwrap_or_default()
}

/// Whether `path` is `directory` or below it (RFC 6265 §5.1.4).
fn path_matches(path: &[u8], directory: &[u8]) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/") || directory.ends_with(b"/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::write::SliceWriter;

    const DATE: Option<i64> = Some(1_700_000_000);

    fn url(text: &str) -> Url<'_> {
        Url::parse(text.as_bytes()).unwrap()
    }

    fn store(jar: &mut CookieJar, from: &str, set_cookie: &str) -> bool {
        jar.store(&url(from), set_cookie.as_bytes(), DATE, 100)
    }

    fn sent_at(jar: &CookieJar, to: &str, now: u64) -> String {
        let mut room = [0; 512];
        let mut out = SliceWriter::new(&mut room);
        let any = jar.write_header(&url(to), now, &mut out);
        let line = str::from_utf8(out.written()).unwrap();
        assert_eq!(any, !line.is_empty());
        if !any {
            return String::new();
        }
        line.strip_prefix("Cookie: ").and_then(|line| line.strip_suffix("\r\n")).unwrap().to_owned()
    }

    fn sent(jar: &CookieJar, to: &str) -> String {
        sent_at(jar, to, 100)
    }

    /// The cookies that a request to `to` sends after a response from `from` has set one.
    fn one(from: &str, set_cookie: &str, to: &str) -> String {
        let mut jar = CookieJar::<[u8; 512]>::new();
        store(&mut jar, from, set_cookie);
        sent(&jar, to)
    }

    #[test]
    fn names_and_values() {
        for (set_cookie, expected) in [
            ("a=b", "a=b"),
            (" a = b c ; x", "a=b c"),
            ("a=\"b\"", "a=\"b\""),
            ("a=b=c", "a=b=c"),
            ("a=", "a="),
            ("a=é", "a=é"),
            ("a=b; HttpOnly; SameSite=Strict; Unknown=1", "a=b"),
            ("a", ""),
            ("=b", ""),
            ("", ""),
            (";a=b", ""),
            ("a=b\r\nX: y", ""),
            ("a=b\0", ""),
            ("a=b; Path=/\n", ""),
            ("a=b\x7f", ""),
        ] {
            assert_eq!(one("http://h.org", set_cookie, "http://h.org"), expected, "{set_cookie:?}");
        }
    }

    #[test]
    fn domains() {
        for (from, set_cookie, to, expected) in [
            ("http://h.org", "a=b", "http://H.ORG:81", true),
            ("http://h.org", "a=b", "http://www.h.org", false),
            ("http://H.org", "a=b; Domain=h.ORG", "http://www.h.org", true),
            ("http://www.h.org", "a=b; Domain=h.org", "http://h.org", true),
            ("http://www.h.org", "a=b; Domain=.h.org", "http://x.h.org", true),
            ("http://www.h.org", "a=b; Domain=h.org", "http://xh.org", false),
            ("http://www.h.org", "a=b; Domain=h.org", "http://h.org.evil.org", false),
            ("http://www.h.org", "a=b; Domain=x.org; Domain=h.org", "http://h.org", true),
            ("http://www.h.org", "a=b; Domain=", "http://www.h.org", true),
            ("http://www.h.org", "a=b; Domain=", "http://h.org", false),
            ("http://h.org", "a=b; Domain=www.h.org", "http://www.h.org", false),
            ("http://h.org", "a=b; Domain=x.org", "http://x.org", false),
            ("http://h.org", "a=b; Domain=org", "http://h.org", false),
            ("http://h.org", "a=b; Domain=.org", "http://h.org", false),
            ("http://www.h.org", "a=b; domain = .H.org ", "http://h.org", true),
            ("http://www.h.org", "a=b; Domain=..h.org", "http://www.h.org", false),
            ("http://www.h.org", "a=b; Domain=.", "http://www.h.org", true),
            ("http://www.h.org", "a=b; Domain=.", "http://h.org", false),
            ("http://www.h.org", "a=b; Domain=\"h.org\"", "http://www.h.org", false),
            ("http://www.h.org", "a=b; Domain=h.org.", "http://www.h.org", false),
            ("http://h.org.", "a=b; Domain=org.", "http://h.org.", false),
            ("http://h.org", "a=b; Domain=rg", "http://h.org", false),
            ("http://router", "a=b; Domain=router", "http://router", true),
            ("http://router", "a=b; Domain=router", "http://x.router", false),
            ("http://10.0.0.1", "a=b; Domain=10.0.0.1", "http://10.0.0.1", true),
            ("http://10.0.0.1", "a=b; Domain=0.0.1", "http://10.0.0.1", false),
            ("http://[::1]", "a=b", "http://[::1]", true),
            ("http://[::1]", "a=b; Domain=[::1]", "http://[::1]", true),
        ] {
            let expected = if expected { "a=b" } else { "" };
            assert_eq!(one(from, set_cookie, to), expected, "{from} {set_cookie} {to}");
        }
    }

    #[test]
    fn paths() {
        for (from, path, to, expected) in [
            ("", "", "/x", true),
            ("/", "", "/x", true),
            ("/x", "", "/", true),
            ("/x/y", "", "/x", true),
            ("/x/y", "", "/x/z", true),
            ("/x/y", "", "/xz", false),
            ("/x/", "", "/x", true),
            ("/x/y?a=/b/c", "", "/x", true),
            ("/", "; Path=/x", "/x", true),
            ("/", "; Path=/x", "/x?y", true),
            ("/", "; Path=/x", "/x/y", true),
            ("/", "; Path=/x", "/xy", false),
            ("/", "; Path=/x", "/", false),
            ("/", "; Path=/x/", "/x", false),
            ("/", "; Path=/x/", "/x/y", true),
            ("/", "; Path=/x", "/X", false),
            ("/x/y", "; Path=/", "", true),
            ("/x/y", "; Path=y", "/x", true),
            ("/x/y", "; PATH = /z ", "/z", true),
            ("/x/y", "; Path=\"/z\"", "/z", false),
            ("/x/y", "; Path=\"/z\"", "/x", true),
            ("/x/y", "; Path", "/x", true),
            ("/x/y", "; Path=", "/", false),
            ("/x/y", "; Path=/; Path=/z", "/x", false),
        ] {
            let (from, to) = (format!("http://h.org{from}"), format!("http://h.org{to}"));
            let expected = if expected { "a=b" } else { "" };
            assert_eq!(one(&from, &format!("a=b{path}"), &to), expected, "{from} {path} {to}");
        }
    }

    #[test]
    fn secure_cookies_go_by_https_only() {
        assert_eq!(one("https://h.org", "a=b; Secure", "https://h.org"), "a=b");
        assert_eq!(one("https://h.org", "a=b; secure=x", "http://h.org"), "");
        assert_eq!(one("http://h.org", "a=b; Secure", "https://h.org"), "");
        assert_eq!(one("https://h.org", "a=b", "http://h.org"), "a=b");
    }

    #[test]
    fn secure_cookies_are_left_alone_by_http() {
        let mut jar = CookieJar::<[u8; 512]>::new();
        assert!(store(&mut jar, "https://h.org", "a=b; Secure; Domain=h.org; Path=/x"));
        for (from, set_cookie, accepted) in [
            ("http://h.org", "a=c; Path=/x", false),
            ("http://h.org", "a=c; Domain=h.org; Path=/x", false),
            ("http://h.org", "a=c; Domain=h.org; Path=/x; Max-Age=0", false),
            ("http://www.h.org", "a=c; Path=/x/y", false),
            ("http://h.org", "a=c; Path=/", true),
            ("http://h.org", "b=c; Path=/x", true),
            ("https://h.org", "a=d; Domain=h.org; Path=/x", true),
        ] {
            assert_eq!(store(&mut jar, from, set_cookie), accepted, "{from} {set_cookie}");
        }
        assert_eq!(sent(&jar, "https://h.org/x"), "a=d; b=c; a=c");
    }

    #[test]
    fn prefixes() {
        for (from, set_cookie, expected) in [
            ("https://h.org", "__Secure-a=b; Secure", true),
            ("https://h.org", "__Secure-a=b", false),
            ("https://h.org", "__SECURE-a=b", false),
            ("https://h.org", "__host-a=b; Path=/", false),
            ("https://h.org", "__Host-a=b; SECURE; path=/", true),
            ("https://h.org", "__Host-a=b; Secure; Path=/; Path=/x", false),
            ("https://h.org", "__Host-a=b; Secure; Path=/; Domain=.", true),
            ("https://h.org", "__Host-a=b; Secure; Path=/", true),
            ("https://h.org", "__Host-a=b; Secure", false),
            ("https://h.org", "__Host-a=b; Path=/", false),
            ("https://h.org", "__Host-a=b; Secure; Path=/; Domain=h.org", false),
            ("http://h.org", "__Host-a=b; Secure; Path=/", false),
        ] {
            assert_eq!(!one(from, set_cookie, "https://h.org").is_empty(), expected, "{from} {set_cookie}");
        }
    }

    #[test]
    fn expiry() {
        for (attributes, last) in [
            ("Max-Age=5", Some(104)),
            ("Max-Age=0", None),
            ("Max-Age=-1", None),
            ("Max-Age=-", None),
            ("Max-Age=99999999999999999999", Some(u64::MAX - 1)),
            ("Max-Age=5x", Some(u64::MAX - 1)),
            ("Max-Age=+5", Some(u64::MAX - 1)),
            ("Max-Age=", Some(u64::MAX - 1)),
            ("Max-Age=1; Max-Age=5", Some(104)),
            ("MAX-AGE = 5 ;", Some(104)),
            (";;max-age=005", Some(104)),
            ("Max-Age=-0", None),
            ("Max-Age=0; Max-Age=x", None),
            ("Max-Age=\"5\"", Some(u64::MAX - 1)),
            ("Max-Age=5.0", Some(u64::MAX - 1)),
            ("Max-Age", Some(u64::MAX - 1)),
            ("Expires=Tue, 14 Nov 2023 22:13:25 GMT", Some(104)),
            ("Expires=Tue, 14-Nov-2023 22:13:25 GMT", Some(104)),
            ("Expires=Tue, 14 Nov 2023 22:13:20 GMT", None),
            ("Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
            ("Expires=Thu, 1 Jan 1970 00:00:00 -0000", None),
            ("expires=thu, 01-jan-70 00:00:01 gmt", None),
            ("EXPIRES = \"Thu Jan  1 00:00:00 1970\"", None),
            ("Expires=Tue Nov 14 22:13:25 2023", Some(104)),
            // The last valid date counts.
            ("Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=14 Nov 23 22:13:25; Expires=0", Some(104)),
            ("Expires=0", Some(u64::MAX - 1)),
            ("Expires=-1", Some(u64::MAX - 1)),
            ("Expires", Some(u64::MAX - 1)),
            ("Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=5", Some(104)),
            ("Max-Age=5; Expires=Thu, 01 Jan 1970 00:00:00 GMT", Some(104)),
            ("Expires=tomorrow", Some(u64::MAX - 1)),
            ("", Some(u64::MAX - 1)),
        ] {
            let mut jar = CookieJar::<[u8; 64]>::new();
            assert!(store(&mut jar, "http://h.org", &format!("a=b; {attributes}")), "{attributes}");
            for now in last.into_iter().flat_map(|last| [100, last]) {
                assert_eq!(sent_at(&jar, "http://h.org", now), "a=b", "{attributes}");
            }
            for now in [last.map_or(100, |last| last + 1), u64::MAX] {
                assert_eq!(sent_at(&jar, "http://h.org", now), "", "{attributes}");
            }
        }
    }

    #[test]
    fn without_a_date_only_times_long_past_count() {
        let origin = url("http://h.org");
        for (expires, kept) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", false),
            ("Thu, 1 Jan 1970 00:00:00 GMT", false),
            ("Thu Jan  1 00:00:00 1970", false),
            ("Thu, 01-jan-70 00:00:01 -0000", false),
            ("Fri, 31 Dec 2100 00:00:00 GMT", true),
            ("31-Dec-68 00:00:00", true),
        ] {
            let mut jar = CookieJar::<[u8; 64]>::new();
            assert!(jar.store(&origin, format!("a=b; Expires={expires}").as_bytes(), None, 100));
            assert_eq!(!sent(&jar, "http://h.org").is_empty(), kept);
        }
    }

    #[test]
    fn a_response_sets_several_by_its_own_date() {
        let headers = HeaderFields::new(
            b"Set-Cookie: a=b\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nset-cookie: c=d; \
              Expires=Tue, 14 Nov 2023 22:13:25 GMT\r\n",
        );
        let mut jar = CookieJar::<[u8; 128]>::new();
        jar.store_response(&url("http://h.org"), &headers, 100);
        assert_eq!(sent_at(&jar, "http://h.org", 104), "a=b; c=d");
        assert_eq!(sent_at(&jar, "http://h.org", 105), "a=b");
    }

    #[test]
    fn longer_paths_go_first_then_older_cookies() {
        let mut jar = CookieJar::<[u8; 512]>::new();
        for set_cookie in ["a=1; Path=/", "b=2; Path=/x", "c=3; Path=/", "d=4; Path=/x/y", "e=5; Path=/x"] {
            assert!(store(&mut jar, "http://h.org", set_cookie));
        }
        assert_eq!(sent(&jar, "http://h.org/x/y"), "d=4; b=2; e=5; a=1; c=3");
        // A cookie that replaces another one has its position.
        assert!(store(&mut jar, "http://h.org", "b=longer; Path=/x"));
        assert!(store(&mut jar, "http://h.org", "a=; Path=/"));
        assert_eq!(sent(&jar, "http://h.org/x/y"), "d=4; b=longer; e=5; a=; c=3");
        assert!(store(&mut jar, "http://h.org", "b=; Path=/x; Max-Age=0"));
        assert_eq!(sent(&jar, "http://h.org/x/y"), "d=4; e=5; a=; c=3");
        jar.clear();
        assert_eq!(sent(&jar, "http://h.org/x/y"), "");
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted() {
        // "h.org", "/", "a" and "b" besides the overhead.
        let mut jar = CookieJar::<[u8; 2 * (OVERHEAD + 8)]>::new();
        assert!(store(&mut jar, "http://h.org", "a=b"));
        assert!(!store(&mut jar, "http://h.org", "c=too long for it"));
        assert_eq!((jar.dropped(), jar.iter().count()), (1, 1));
        assert!(store(&mut jar, "http://h.org", "c=d; Max-Age=5"));
        assert!(!store(&mut jar, "http://h.org", "e=f"));
        assert_eq!((jar.dropped(), sent(&jar, "http://h.org").as_str()), (2, "a=b; c=d"));
        // If the new value does not fit, the old one is not sent either.
        assert!(!store(&mut jar, "http://h.org", "a=longer"));
        assert_eq!((jar.dropped(), sent(&jar, "http://h.org").as_str()), (3, "c=d"));
        // Expired cookies make room.
        assert!(jar.store(&url("http://h.org"), b"g=long enough", DATE, 105));
        assert_eq!(sent_at(&jar, "http://h.org", 105), "g=long enough");
        let long = format!("a={}", "x".repeat(70_000));
        assert!(!store(&mut jar, "http://h.org", &long));
        assert_eq!(jar.dropped(), 4);
    }

    #[test]
    fn debug_shows_no_value() {
        let mut jar = CookieJar::<[u8; 64]>::new();
        store(&mut jar, "http://h.org", "a=secret");
        assert_eq!(format!("{:?}", &*jar), "CookieJar { used: 29, dropped: 0 }");
        assert_eq!(format!("{:?}", jar.iter().next().unwrap()), "Cookie { name: a, .. }");
    }
}

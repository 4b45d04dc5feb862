// SPDX-License-Identifier: Apache-2.0
//! `http` and `https` URLs (RFC 9110 §4.2, RFC 3986).
//!
//! Where the RFCs leave a choice, this follows the WHATWG URL standard as far as that is safe.
//! Spaces at the ends are removed. `\` counts as `/`. Dot segments are removed, even
//! percent-encoded ones. Characters that a request line must not contain are percent-encoded.
//! Anything that could disguise the target of a request is refused: control characters anywhere,
//! percent signs and non-ASCII letters in the host (write internationalised names as `xn--…`), and
//! numbers in the host that are not a dotted-decimal IPv4 address.

use core::fmt;

use crate::proto::form::FieldList;
use crate::proto::percent::{
    is_plain_in_form, is_plain_in_fragment, is_plain_in_path, is_plain_in_query, write_encoded,
};
use crate::proto::syntax::{parse_decimal, split_at_byte};
use crate::proto::write::{Decimal, SliceWriter, Write};

/// Longest host name in bytes, without the dot of the root (RFC 1035 §2.3.4).
const MAX_HOST: usize = 253;

/// The scheme of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// TCP, default port 80.
    Http,
    /// TLS over TCP, default port 443.
    Https,
}

impl Scheme {
    /// `"http"` or `"https"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port of a URL without one (RFC 9110 §4.2).
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// The URL does not start with `http://` or `https://`.
    Scheme,
    /// The URL contains a byte below 0x20: tab, CR, LF, NUL or another control character.
    ControlCharacter,
    /// The URL has no host.
    NoHost,
    /// The host is longer than 253 bytes, or contains a character that a host name must not
    /// contain.
    InvalidHost,
    /// The host is a number but not a dotted-decimal IPv4 address, or its brackets hold no IPv6 address.
    InvalidAddress,
    /// The port is not a number from 0 to 65535.
    InvalidPort,
    /// A redirect has several `Location` fields that differ.
    Ambiguous,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "it must start with http:// or https://",
            Self::ControlCharacter => "it has a control character",
            Self::NoHost => "it names no host",
            Self::InvalidHost => "the host is too long, or has a character that no host name has",
            Self::InvalidAddress => "the host is not a valid IP address",
            Self::InvalidPort => "the port is not a number from 0 to 65535",
            Self::Ambiguous => "there are several that differ",
        })
    }
}

impl core::error::Error for UrlError {}

/// The parts of a URL, as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Url<'a> {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// The text before the `@`: the user name, and a password after the first colon. Both are still
    /// percent-encoded.
    pub userinfo: Option<&'a [u8]>,
    /// A name, an IPv4 address, or an IPv6 address in brackets. It is ASCII, in upper or lower case
    /// as written.
    pub host: &'a str,
    /// The port, if there is one.
    pub port: Option<u16>,
    /// Path, query and fragment as written. It may be empty.
    pub relative: &'a [u8],
}

impl<'a> Url<'a> {
    /// Splits a URL into its parts and checks them.
    ///
    /// # Errors
    /// [`UrlError`] says what is wrong.
    pub fn parse(text: &'a [u8]) -> Result<Self, UrlError> {
        let text = trim(text)?;
        let (scheme, rest) = split_scheme(text).ok_or(UrlError::Scheme)?;
        let [b'/' | b'\\', b'/' | b'\\', rest @ ..] = rest else {
            return Err(UrlError::Scheme);
        };
        Self::parse_authority(scheme, rest)
    }

    /// Parses the text behind `scheme://`.
    fn parse_authority(scheme: Scheme, mut text: &'a [u8]) -> Result<Self, UrlError> {
        while let [b'/' | b'\\', rest @ ..] = text {
            text = rest;
        }
        let end = text
            .iter()
            .position(|&byte| is_slash(byte) || byte == b'?' || byte == b'#')
            .unwrap_or(text.len());
        let (authority, rest) = text.split_at(end);
        let (userinfo, host_port) = match authority.iter().rposition(|&byte| byte == b'@') {
            Some(at) => {
                let (userinfo, host_port) = authority.split_at(at);
                (Some(userinfo), host_port.get(1..).unwrap_or_default())
            }
            None => (None, authority),
        };
        let (host, port) = split_port(host_port)?;
        Ok(Self { scheme, userinfo, host: check_host(host)?, port: parse_port(port)?, relative: rest })
    }

    /// The path as written. It may be empty.
    #[must_use]
    pub fn path(&self) -> &'a [u8] {
        Relative::split(self.relative).path
    }

    /// The query: the text behind the `?`, if there is one.
    #[must_use]
    pub fn query(&self) -> Option<&'a [u8]> {
        Relative::split(self.relative).query
    }

    /// The fragment: the text behind the `#`, if there is one. It is never sent (RFC 9110 §4.2.5).
    #[must_use]
    pub fn fragment(&self) -> Option<&'a [u8]> {
        Relative::split(self.relative).fragment
    }

    /// Path and query: the target of a request (RFC 9112 §3.2.1).
    #[must_use]
    pub fn target(&self) -> &'a [u8] {
        let (target, _fragment) = split_at_byte(self.relative, b'#');
        target
    }

    /// The port to connect to.
    #[must_use]
    pub fn port_or_default(&self) -> u16 {
        self.port.unwrap_or(self.scheme.default_port())
    }

    /// The host without the brackets of an IPv6 address.
    #[must_use]
    pub fn host_name(&self) -> &'a str {
        let inside = self.host.len().saturating_sub(1);
        if self.host.starts_with('[') { self.host.get(1..inside).unwrap_or_default() } else { self.host }
    }

    /// User name and password, still percent-encoded. `None` if the URL has neither.
    #[must_use]
    pub fn credentials(&self) -> Option<(&'a [u8], &'a [u8])> {
        let (user, password) = split_at_byte(self.userinfo?, b':');
        let password = password.unwrap_or_default();
        (!user.is_empty() || !password.is_empty()).then_some((user, password))
    }

    /// Whether both have the same origin: scheme, host and port (RFC 6454 §4).
    #[must_use]
    pub fn same_origin(&self, other: &Url<'_>) -> bool {
        self.scheme == other.scheme
            && self.port_or_default() == other.port_or_default()
            && self.host.eq_ignore_ascii_case(other.host)
    }

    /// Writes the URL in the form that is requested: without user name and password, the host in
    /// lower case, without a default port, the path without dot segments, percent-encoded where
    /// necessary, with `params` added to the query.
    pub fn write_effective(&self, out: &mut SliceWriter<'_>, params: Option<&FieldList<'_>>) {
        self.write_with(out, b"", &Relative::split(self.relative), params);
    }

    /// Reads a reference that begins with `//` and names a host (RFC 3986 §4.2), with the scheme of this URL. `None`
    /// for other references.
    pub fn network_path<'r>(&self, reference: &'r [u8]) -> Option<Result<Url<'r>, UrlError>> {
        match trim(reference) {
            Ok([b'/' | b'\\', b'/' | b'\\', rest @ ..]) => Some(Url::parse_authority(self.scheme, rest)),
            _ => None,
        }
    }

    /// Resolves `reference` against this URL as the base, and writes the result (RFC 3986 §5.2).
    ///
    /// # Errors
    /// [`UrlError`] if the result is not a valid `http` or `https` URL.
    pub fn write_resolved(&self, reference: &[u8], out: &mut SliceWriter<'_>) -> Result<(), UrlError> {
        // There is no fragment to inherit then.
        Url { relative: self.target(), ..*self }.write_location(reference, out)
    }

    /// Resolves the `Location` of a redirect from this URL, and writes the result. If it has no
    /// fragment, it inherits the fragment of this URL (RFC 9110 §10.2.2).
    ///
    /// # Errors
    /// As [`write_resolved`](Self::write_resolved).
    // Not inlined: only redirects need this, and inlined it would take registers from the code
    // around it.
    #[inline(never)]
    pub fn write_location(&self, reference: &[u8], out: &mut SliceWriter<'_>) -> Result<(), UrlError> {
        let reference = trim(reference)?;
        let absolute = if has_scheme(reference) {
            Some(Url::parse(reference)?)
        } else if let [b'/' | b'\\', b'/' | b'\\', rest @ ..] = reference {
            Some(Url::parse_authority(self.scheme, rest)?)
        } else {
            None
        };
        let base = Relative::split(self.relative);
        let mut relative = Relative::split(absolute.map_or(reference, |url| url.relative));
        let mut directory: &[u8] = b"";
        if absolute.is_none() {
            if relative.path.is_empty() {
                relative.path = base.path;
                relative.query = relative.query.or(base.query);
            } else if !relative.path.first().copied().is_some_and(is_slash) {
                let end = base.path.iter().rposition(|&byte| is_slash(byte));
                directory = base.path.get(..end.map_or(0, |end| end + 1)).unwrap_or_default();
            }
        }
        relative.fragment = relative.fragment.or(base.fragment);
        absolute.as_ref().unwrap_or(self).write_with(out, directory, &relative, None);
        Ok(())
    }

    /// Writes the origin of this URL followed by `directory` and `relative`.
    fn write_with(
        &self,
        out: &mut SliceWriter<'_>,
        directory: &[u8],
        relative: &Relative<'_>,
        params: Option<&FieldList<'_>>,
    ) {
        out.write(self.scheme.as_str().as_bytes());
        out.write(b"://");
        self.write_host_port(out);
        out.write(b"/");
        let root = out.len();
        push_segments(out, root, directory);
        push_segments(out, root, relative.path);
        if let Some(query) = relative.query {
            out.write(b"?");
            write_encoded(out, query, is_plain_in_query);
        }
        if let Some(params) = params {
            params.write(
                out,
                match relative.query {
                    None => b"?",
                    Some([] | [.., b'&']) => b"",
                    Some(_) => b"&",
                },
            );
        }
        if let Some(fragment) = relative.fragment {
            out.write(b"#");
            write_encoded(out, fragment, is_plain_in_fragment);
        }
    }

    /// Writes host and port for a `Host` field (RFC 9110 §7.2): in lower case, without a default
    /// port.
    pub fn write_host_port(&self, out: &mut dyn Write) {
        for byte in self.host.bytes() {
            out.write(&[byte.to_ascii_lowercase()]);
        }
        if let Some(port) = self.port.filter(|&port| port != self.scheme.default_port()) {
            out.write(b":");
            out.write(Decimal::new(u64::from(port)).as_bytes());
        }
    }

    /// Writes user name and password in the form for a URL: percent-encoded, with a colon between
    /// them if there is a password.
    pub fn write_userinfo(&self, out: &mut SliceWriter<'_>) {
        fn is_plain(byte: u8) -> bool {
            is_plain_in_form(byte)
                || matches!(byte, b'%' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'+' | b',' | b'~')
        }
        if let Some((user, password)) = self.credentials() {
            write_encoded(out, user, is_plain);
            if !password.is_empty() {
                out.write(b":");
                write_encoded(out, password, is_plain);
            }
        }
    }
}

/// The parts of a URL behind its authority.
struct Relative<'a> {
    path: &'a [u8],
    query: Option<&'a [u8]>,
    fragment: Option<&'a [u8]>,
}

impl<'a> Relative<'a> {
    fn split(text: &'a [u8]) -> Self {
        let (text, fragment) = split_at_byte(text, b'#');
        let (path, query) = split_at_byte(text, b'?');
        Self { path, query, fragment }
    }
}

const fn is_slash(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

/// Removes spaces at the ends of `text`. Refuses control characters.
fn trim(mut text: &[u8]) -> Result<&[u8], UrlError> {
    while let [b' ', rest @ ..] | [rest @ .., b' '] = text {
        text = rest;
    }
    if text.iter().any(|&byte| byte < b' ') {
        return Err(UrlError::ControlCharacter);
    }
    Ok(text)
}

/// Splits a URL into its scheme and the text behind the colon.
fn split_scheme(text: &[u8]) -> Option<(Scheme, &[u8])> {
    let (scheme, rest) = split_at_byte(text, b':');
    let scheme = if scheme.eq_ignore_ascii_case(b"http") {
        Scheme::Http
    } else if scheme.eq_ignore_ascii_case(b"https") {
        Scheme::Https
    } else {
        return None;
    };
    Some((scheme, rest?))
}

/// Whether a reference starts with a scheme of any kind (RFC 3986 §3.1).
fn has_scheme(reference: &[u8]) -> bool {
    let (scheme, rest) = split_at_byte(reference, b':');
    rest.is_some()
        && scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Splits `host:port`. The port is empty if there is none.
fn split_port(host_port: &[u8]) -> Result<(&[u8], &[u8]), UrlError> {
    if host_port.first() == Some(&b'[') {
        let end = host_port.iter().position(|&byte| byte == b']').ok_or(UrlError::InvalidAddress)?;
        let (host, rest) = host_port.split_at(end + 1);
        return match rest {
            [] => Ok((host, b"")),
            [b':', port @ ..] => Ok((host, port)),
            _ => Err(UrlError::InvalidPort),
        };
    }
    let (host, port) = split_at_byte(host_port, b':');
    Ok((host, port.unwrap_or_default()))
}

fn parse_port(digits: &[u8]) -> Result<Option<u16>, UrlError> {
    if digits.is_empty() {
        return Ok(None);
    }
    parse_decimal(digits).and_then(|port| u16::try_from(port).ok()).map(Some).ok_or(UrlError::InvalidPort)
}

fn check_host(host: &[u8]) -> Result<&str, UrlError> {
    let text = core::str::from_utf8(host).map_err(|_| UrlError::InvalidHost)?;
    if text.is_empty() {
        return Err(UrlError::NoHost);
    }
    if let [b'[', address @ .., b']'] = host {
        return if is_ipv6(address) { Ok(text) } else { Err(UrlError::InvalidAddress) };
    }
    // The unreserved characters and sub-delims of RFC 3986 §3.2.2.
    let is_allowed = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.'
                    | b'_'
                    | b'~'
                    | b'!'
                    | b'$'
                    | b'&'
                    | b'\''
                    | b'('
                    | b')'
                    | b'*'
                    | b'+'
                    | b','
                    | b';'
                    | b'='
            )
    };
    if text.len() > MAX_HOST || !text.bytes().all(is_allowed) {
        return Err(UrlError::InvalidHost);
    }
    if ends_in_number(host) && !is_ipv4(host) {
        return Err(UrlError::InvalidAddress);
    }
    Ok(text)
}

/// Whether `text` is four decimal numbers up to 255 without leading zeros (RFC 3986 §3.2.2).
fn is_ipv4(text: &[u8]) -> bool {
    let mut numbers = 0;
    for digits in text.split(|&byte| byte == b'.') {
        let leading_zero = digits.len() > 1 && digits.first() == Some(&b'0');
        if leading_zero || digits.len() > 3 || parse_decimal(digits).is_none_or(|number| number > 255) {
            return false;
        }
        numbers += 1;
    }
    numbers == 4
}

/// Whether `text` is an IPv6 address (RFC 3986 §3.2.2, RFC 4291 §2.2).
fn is_ipv6(text: &[u8]) -> bool {
    // `::` may occur once. It replaces at least one group of zeros.
    let mut has_gap = text.starts_with(b"::");
    let start = text.strip_prefix(b"::").unwrap_or(text);
    let mut rest = Some(start).filter(|start| !start.is_empty());
    let mut groups = 0;
    while let Some(text) = rest {
        let (group, tail) = split_at_byte(text, b':');
        rest = tail;
        if (1..=4).contains(&group.len()) && group.iter().all(u8::is_ascii_hexdigit) {
            groups += 1;
        } else if let (b"", Some(tail), false) = (group, tail, has_gap || groups == 0) {
            has_gap = true;
            rest = Some(tail).filter(|tail| !tail.is_empty());
        } else if tail.is_none() && is_ipv4(group) {
            groups += 2;
        } else {
            return false;
        }
    }
    if has_gap { groups < 8 } else { groups == 8 }
}

/// Whether the last label is a number. No top-level domain is a number. So such a host is an IPv4
/// address, or a disguised one (`0x7f.1`, `2130706433`).
fn ends_in_number(host: &[u8]) -> bool {
    let host = host.strip_suffix(b".").unwrap_or(host);
    let start = host.iter().rposition(|&byte| byte == b'.').map_or(0, |dot| dot + 1);
    match host.get(start..).unwrap_or_default() {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        label => !label.is_empty() && label.iter().all(u8::is_ascii_digit),
    }
}

/// Appends the segments of `path` to `out`, which ends with `/`. Removes dot segments (RFC 3986
/// §5.2.4), but nothing before `root`.
fn push_segments(out: &mut SliceWriter<'_>, root: usize, path: &[u8]) {
    let mut rest = match path {
        [b'/' | b'\\', rest @ ..] => rest,
        _ => path,
    };
    loop {
        let end = rest.iter().position(|&byte| is_slash(byte)).unwrap_or(rest.len());
        let (segment, tail) = rest.split_at(end);
        match dots(segment) {
            Some(1) => {}
            Some(_) => {
                // A segment that did not fit is not known here. Nothing is removed then, so that
                // the URL stays too long.
                if let Some(path) = out.written().get(root..out.len().saturating_sub(1)) {
                    let parent = path.iter().rposition(|&byte| byte == b'/');
                    out.truncate(parent.map_or(root, |slash| root + slash + 1));
                }
            }
            None => {
                write_encoded(out, segment, is_plain_in_path);
                if !tail.is_empty() {
                    out.write(b"/");
                }
            }
        }
        let [_slash, tail @ ..] = tail else {
            return;
        };
        rest = tail;
    }
}

/// Returns 1 for the segment `.` and 2 for `..`. Their dots may be percent-encoded.
fn dots(segment: &[u8]) -> Option<usize> {
    let mut rest = segment;
    let mut count = 0;
    while !rest.is_empty() {
        rest = match rest {
            [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
            _ => return None,
        };
        count += 1;
    }
    (1..=2).contains(&count).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::form::Fields;
    use core::net::{Ipv4Addr, Ipv6Addr};
    use proptest::prelude::*;

    fn effective(text: &str) -> Result<String, UrlError> {
        let url = Url::parse(text.as_bytes())?;
        let mut room = [0; 512];
        let mut out = SliceWriter::new(&mut room);
        url.write_effective(&mut out, None);
        Ok(String::from_utf8(out.finish().unwrap().to_vec()).unwrap())
    }

    fn resolved(base: &str, reference: &str) -> Result<String, UrlError> {
        resolved_by(base, |url, out| url.write_resolved(reference.as_bytes(), out))
    }

    fn redirected(from: &str, location: &str) -> Result<String, UrlError> {
        resolved_by(from, |url, out| url.write_location(location.as_bytes(), out))
    }

    fn resolved_by(
        base: &str,
        resolve: impl FnOnce(&Url<'_>, &mut SliceWriter<'_>) -> Result<(), UrlError>,
    ) -> Result<String, UrlError> {
        let base = effective(base)?;
        let url = Url::parse(base.as_bytes())?;
        let mut room = [0; 512];
        let mut out = SliceWriter::new(&mut room);
        resolve(&url, &mut out)?;
        Ok(String::from_utf8(out.finish().unwrap().to_vec()).unwrap())
    }

    macro_rules! effective_urls {
        ($($name:ident: $input:expr => $expected:expr;)+) => {$(
            #[test]
            fn $name() {
                let expected: Result<&str, UrlError> = $expected;
                assert_eq!(effective($input), expected.map(str::to_owned));
            }
        )+};
    }

    effective_urls! {
        host_only: "http://example.org" => Ok("http://example.org/");
        scheme_and_host_in_any_case: "HTTPS://Example.ORG/Path" => Ok("https://example.org/Path");
        spaces_at_the_ends: "  http://a/  " => Ok("http://a/");
        default_port: "http://a:80/" => Ok("http://a/");
        default_port_of_https: "https://a:443" => Ok("https://a/");
        other_port: "https://a:80" => Ok("https://a:80/");
        port_with_zeros: "http://a:0008080" => Ok("http://a:8080/");
        empty_port: "http://a:/x" => Ok("http://a/x");
        query_behind_host: "http://a?q" => Ok("http://a/?q");
        empty_query: "http://a/?" => Ok("http://a/?");
        fragment_behind_host: "http://a#f" => Ok("http://a/#f");
        userinfo_is_not_kept: "http://u:p@a/" => Ok("http://a/");
        last_at_ends_the_userinfo: "http://u@b:p@a/" => Ok("http://a/");
        ipv4: "http://127.0.0.1:81/" => Ok("http://127.0.0.1:81/");
        ipv6: "http://[2001:DB8::1]:81/" => Ok("http://[2001:db8::1]:81/");
        dot_segments: "http://a/b/./c/../d/.." => Ok("http://a/b/");
        encoded_dot_segments: "http://a/b/%2e/c/%2E%2e/d" => Ok("http://a/b/d");
        dots_above_the_root: "http://a/../../b" => Ok("http://a/b");
        empty_segments_are_kept: "http://a//b//../c" => Ok("http://a//b/c");
        backslashes: "http:\\\\a\\b" => Ok("http://a/b");
        space_in_path: "http://a/b c" => Ok("http://a/b%20c");
        not_ascii_in_path: "http://a/é?é#é" => Ok("http://a/%C3%A9?%C3%A9#%C3%A9");
        what_no_request_line_may_contain: r#"http://a/"<>^`{|}[]'?"<>^`{|}\'[]"# =>
            Ok("http://a/%22%3C%3E%5E%60%7B%7C%7D[]'?%22%3C%3E%5E%60%7B%7C%7D%5C%27[]");
        percent_signs_are_kept: "http://a/%41%zz?%" => Ok("http://a/%41%zz?%");
        no_scheme: "example.org/" => Err(UrlError::Scheme);
        other_scheme: "ftp://a/" => Err(UrlError::Scheme);
        scheme_without_slashes: "http:a" => Err(UrlError::Scheme);
        empty: "" => Err(UrlError::Scheme);
        no_host: "http://" => Err(UrlError::NoHost);
        no_host_but_path: "http://?q" => Err(UrlError::NoHost);
        no_host_but_userinfo: "http://u@/x" => Err(UrlError::NoHost);
        space_in_host: "http://a b/" => Err(UrlError::InvalidHost);
        percent_in_host: "http://a%2eb/" => Err(UrlError::InvalidHost);
        not_ascii_in_host: "http://é/" => Err(UrlError::InvalidHost);
        line_feed: "http://a/\r\nX: y" => Err(UrlError::ControlCharacter);
        nul: "http://a/\0" => Err(UrlError::ControlCharacter);
        port_too_large: "http://a:65536/" => Err(UrlError::InvalidPort);
        negative_port: "http://a:-1/" => Err(UrlError::InvalidPort);
        two_ports: "http://a:1:2/" => Err(UrlError::InvalidPort);
        bare_ipv6: "http://2001::1/" => Err(UrlError::InvalidAddress);
        open_bracket: "http://[::1/" => Err(UrlError::InvalidAddress);
        text_behind_bracket: "http://[::1]x/" => Err(UrlError::InvalidPort);
        zone_identifier: "http://[fe80::1%25eth0]/" => Err(UrlError::InvalidAddress);
        ipv4_too_large: "http://256.0.0.1/" => Err(UrlError::InvalidAddress);
        ipv4_in_disguise: "http://0x7f.1/" => Err(UrlError::InvalidAddress);
        ipv4_as_one_number: "http://2130706433/" => Err(UrlError::InvalidAddress);
        ipv4_as_one_hexadecimal_number: "http://0x7f000001/" => Err(UrlError::InvalidAddress);
        last_label_in_hexadecimal: "http://127.0.0.0X1./" => Err(UrlError::InvalidAddress);
    }

    #[test]
    fn a_host_of_254_bytes_is_too_long() {
        let host = |len: usize| format!("http://{}/", "a".repeat(len));
        assert!(effective(&host(253)).is_ok());
        assert_eq!(effective(&host(254)), Err(UrlError::InvalidHost));
    }

    #[test]
    fn references_of_rfc_3986_section_5_4() {
        let base = "http://a/b/c/d;p?q";
        for (reference, expected) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g#s", "http://a/b/c/g#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("https://h:8443/x", "https://h:8443/x"),
        ] {
            assert_eq!(resolved(base, reference).as_deref(), Ok(expected), "{reference}");
        }
    }

    #[test]
    fn only_a_location_inherits_the_fragment() {
        for (reference, resolved_to, redirected_to) in [
            ("", "http://a/b?q", "http://a/b?q#f"),
            ("?", "http://a/b?", "http://a/b?#f"),
            ("/c", "http://a/c", "http://a/c#f"),
            ("//d", "http://d/", "http://d/#f"),
            ("http://d/", "http://d/", "http://d/#f"),
            ("/c#g", "http://a/c#g", "http://a/c#g"),
            ("/c#", "http://a/c#", "http://a/c#"),
            ("#", "http://a/b?q#", "http://a/b?q#"),
        ] {
            let base = "http://a/b?q#f";
            assert_eq!(resolved(base, reference).as_deref(), Ok(resolved_to), "{reference}");
            assert_eq!(redirected(base, reference).as_deref(), Ok(redirected_to), "{reference}");
        }
    }

    #[test]
    fn a_reference_to_another_scheme_is_refused() {
        assert_eq!(resolved("http://a/", "ftp://b/"), Err(UrlError::Scheme));
        assert_eq!(resolved("http://a/", "mailto:x"), Err(UrlError::Scheme));
    }

    #[test]
    fn params_follow_the_query() {
        for (text, expected) in [
            ("http://a/", "http://a/?k=v+w"),
            ("http://a/?", "http://a/?k=v+w"),
            ("http://a/?x#f", "http://a/?x&k=v+w#f"),
            ("http://a/?a=b&", "http://a/?a=b&k=v+w"),
            ("http://a/?a=b&#f", "http://a/?a=b&k=v+w#f"),
            ("http://a/?&", "http://a/?&k=v+w"),
            ("http://a/?a=b&&", "http://a/?a=b&&k=v+w"),
            ("http://a/?&a", "http://a/?&a&k=v+w"),
            ("http://a/?a=b%26", "http://a/?a=b%26&k=v+w"),
            ("http://a/?a=b;", "http://a/?a=b;&k=v+w"),
            ("http://a?a&", "http://a/?a&k=v+w"),
            ("http://a/?#a&", "http://a/?k=v+w#a&"),
            ("http://a/#?a&", "http://a/?k=v+w#?a&"),
        ] {
            let mut room = [0; 64];
            let mut out = SliceWriter::new(&mut room);
            Url::parse(text.as_bytes()).unwrap().write_effective(&mut out, Some(&[("k", "v w")].list()));
            assert_eq!(out.written(), expected.as_bytes());
        }
        // Without parameters, the query is unchanged.
        for text in ["http://a/?", "http://a/?a=b&", "http://a/?&#f", "http://a/"] {
            for params in [None, Some(("k", None::<u8>).list())] {
                let mut room = [0; 64];
                let mut out = SliceWriter::new(&mut room);
                Url::parse(text.as_bytes()).unwrap().write_effective(&mut out, params.as_ref());
                assert_eq!(out.written(), text.as_bytes());
            }
        }
    }

    /// A segment that did not fit must not be taken for one that is not there.
    #[test]
    fn in_any_room_there_is_the_right_url_or_an_error() {
        let base = Url::parse(b"http://a/directory/file").unwrap();
        for path in
            ["bb/long-segment/../c", "long-segment/../../c", "../b/c/../../d", "b/../long-segment/..", ".."]
        {
            for joined in [false, true] {
                let text = format!("http://a/directory/{path}");
                let write = |room: &mut [u8]| {
                    let mut out = SliceWriter::new(room);
                    if joined {
                        base.write_resolved(path.as_bytes(), &mut out).unwrap();
                    } else {
                        Url::parse(text.as_bytes()).unwrap().write_effective(&mut out, None);
                    }
                    out.finish().map(<[u8]>::to_vec)
                };
                let expected = write(&mut [0; 64]).unwrap();
                for size in 0..64 {
                    match write(&mut vec![0; size]) {
                        Ok(url) => assert_eq!(url, expected, "{size} bytes"),
                        Err(needed) => {
                            assert!(needed > size && needed >= expected.len());
                            assert_eq!(write(&mut vec![0; needed]).as_ref(), Ok(&expected));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn credentials_are_split_at_the_first_colon() {
        let credentials = |text: &'static str| Url::parse(text.as_bytes()).unwrap().credentials();
        assert_eq!(credentials("http://u:p:q@a/"), Some((&b"u"[..], &b"p:q"[..])));
        assert_eq!(credentials("http://u@a/"), Some((&b"u"[..], &b""[..])));
        assert_eq!(credentials("http://:p@a/"), Some((&b""[..], &b"p"[..])));
        assert_eq!(credentials("http://:@a/"), None);
        assert_eq!(credentials("http://a/"), None);
    }

    #[test]
    fn ip_addresses_are_those_of_the_standard_library() {
        for text in [
            "::",
            "::1",
            "1::",
            "1::2",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "::ffff:1.2.3.4",
            "1:2:3:4:5:6:1.2.3.4",
            "1::1.2.3.4",
            "abcd:EF01::",
            "",
            ":",
            ":::",
            "1",
            "1:2",
            ":1::",
            "1::2::3",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7::8",
            "12345::",
            "g::",
            "1.2.3.4::",
            "1.2.3.4",
            "::1.2.3",
            "::1.2.3.4.5",
            "::1.2.3.256",
            "::01.2.3.4",
            "1:2:3:4:5:6:7:1.2.3.4",
            "::1:",
            ":1",
        ] {
            assert_eq!(is_ipv6(text.as_bytes()), text.parse::<Ipv6Addr>().is_ok(), "{text}");
        }
        for text in [
            "0.0.0.0",
            "255.255.255.255",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.4.",
            "01.2.3.4",
            "1..3.4",
            "1.2.3.256",
        ] {
            assert_eq!(is_ipv4(text.as_bytes()), text.parse::<Ipv4Addr>().is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_ipv6_address_is_judged_as_by_the_standard_library(text in "[0-9a-f:.]{0,20}|([0-9a-f]{1,4}:){1,8}[0-9a-f:]{0,3}") {
            prop_assert_eq!(is_ipv6(text.as_bytes()), text.parse::<Ipv6Addr>().is_ok());
        }

        #[test]
        fn any_input_gives_a_result_and_only_sendable_characters(text in ".*") {
            if let Ok(url) = effective(&text[..text.floor_char_boundary(150)]) {
                prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", url);
            }
        }

        #[test]
        fn an_effective_url_is_its_own_effective_url(
            path in "[a-z./%2eé ?#\\\\]{0,40}",
        ) {
            let once = effective(&format!("http://h/{path}")).unwrap();
            prop_assert_eq!(effective(&once), Ok(once.clone()));
        }

        #[test]
        fn any_reference_resolves_or_errs(reference in ".*") {
            let reference = &reference[..reference.floor_char_boundary(120)];
            let _ = resolved("http://h/a/b?q#f", reference);
        }
    }

    #[test]
    fn query_and_fragment_are_what_is_behind_their_signs() {
        let parts = |text: &'static str| {
            let url = Url::parse(text.as_bytes()).unwrap();
            (url.path(), url.query(), url.fragment())
        };
        assert_eq!(parts("http://a/b?c#d?e"), (&b"/b"[..], Some(&b"c"[..]), Some(&b"d?e"[..])));
        assert_eq!(parts("http://a?#"), (&b""[..], Some(&b""[..]), Some(&b""[..])));
        assert_eq!(parts("http://a"), (&b""[..], None, None));
    }

    #[test]
    fn userinfo_is_written_for_a_url() {
        for (text, expected) in [
            ("http://u:p@a/", "u:p"),
            ("http://u@a/", "u"),
            ("http://:p@a/", ":p"),
            ("http://u%40:p[:@a/", "u%40:p%5B%3A"),
            ("http://@a/", ""),
        ] {
            let mut room = [0; 64];
            let mut out = SliceWriter::new(&mut room);
            Url::parse(text.as_bytes()).unwrap().write_userinfo(&mut out);
            assert_eq!(out.written(), expected.as_bytes(), "{text}");
        }
    }
}

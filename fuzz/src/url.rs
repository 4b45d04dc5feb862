// SPDX-License-Identifier: Apache-2.0
//! A URL, a line feed, and a reference that is resolved against it. What is accepted leads to the host that the crate
//! `url` finds, too, and what is requested is valid in a request line.

use requests::proto::url::{Scheme, Url};
use requests::proto::write::SliceWriter;

use crate::input::Input;

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let text = input.until(b'\n');
    let reference = input.rest();
    let Ok(base) = Url::parse(text) else { return };
    same_target(&base, std::str::from_utf8(text).ok().and_then(|text| ::url::Url::parse(text).ok()).as_ref());

    let effective = written(|out| {
        base.write_effective(out, None);
        true
    });
    let effective = effective.expect("it is always written");
    let base = valid(&effective);
    assert!(base.userinfo.is_none());

    if let Some(resolved) = written(|out| base.write_resolved(reference, out).is_ok()) {
        let url = valid(&resolved);
        let other = ::url::Url::parse(as_text(&effective)).ok();
        let joined =
            other.zip(std::str::from_utf8(reference).ok()).and_then(|(base, text)| base.join(text).ok());
        same_target(&url, joined.as_ref());
    }
}

fn as_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// What `write` writes, if it returns `true`. The size that it asks for when there is no room is enough. It can be more
/// than is needed in the end: where a segment was not stored, `..` removes less.
fn written(write: impl Fn(&mut SliceWriter<'_>) -> bool) -> Option<Vec<u8>> {
    let mut none = SliceWriter::new(&mut []);
    let is_written = write(&mut none);
    let size = none.finish().map_or_else(|size| size, <[u8]>::len);
    let mut room = vec![0; size];
    let mut out = SliceWriter::new(&mut room);
    assert_eq!(write(&mut out), is_written);
    let written = out.finish().expect("room of the size asked for").to_vec();
    if let Some(less) = written.len().checked_sub(1) {
        let mut out = SliceWriter::new(&mut room[..less]);
        write(&mut out);
        assert!(out.finish().is_err(), "something was lost");
    }
    is_written.then_some(written)
}

/// A URL as it is requested: it is parsed, and written again as it is.
fn valid(text: &[u8]) -> Url<'_> {
    let url = Url::parse(text).expect("what was written is valid");
    let target = url.target();
    assert!(target.first() == Some(&b'/'), "{}", text.escape_ascii());
    let is_allowed = |byte: &u8| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(byte);
    assert!(target.iter().all(is_allowed), "{}", text.escape_ascii());
    assert!(url.host.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()));
    let again = written(|out| {
        url.write_effective(out, None);
        true
    });
    assert_eq!(again.as_deref(), Some(text), "{}", text.escape_ascii());
    url
}

/// Scheme, host and port are those that another parser finds, unless that refuses the URL.
fn same_target(url: &Url<'_>, other: Option<&::url::Url>) {
    let Some(other) = other else { return };
    assert_eq!(url.scheme == Scheme::Https, other.scheme() == "https", "{other}");
    assert_eq!(Some(url.port_or_default()), other.port_or_known_default(), "{other}");
    let found = other.host_str().unwrap_or_default();
    // The other parser decodes and shortens IPv6 addresses.
    let is_same = match (address(found), address(url.host)) {
        (Some(one), Some(two)) => one == two,
        _ => found.eq_ignore_ascii_case(url.host),
    };
    assert!(is_same, "{} is not {found}", url.host);
}

fn address(host: &str) -> Option<std::net::IpAddr> {
    host.trim_start_matches('[').trim_end_matches([']', '.']).parse().ok()
}

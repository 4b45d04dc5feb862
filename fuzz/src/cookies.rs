// SPDX-License-Identifier: Apache-2.0
//! A sequence of responses that set cookies and of requests that send them. Cookies are sent to the hosts and paths
//! that they are for, and to nobody else.
//!
//! An operation is a byte, and a line: a URL, and behind a tab the value of `Set-Cookie`.

use requests::CookieJar;
use requests::proto::cookie::{Cookie, OVERHEAD};
use requests::proto::url::{Scheme, Url};
use requests::proto::write::{SliceWriter, Write as _};

use crate::input::Input;

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let mut jar = CookieJar::<[u8; 512]>::new();
    let mut now = 1_000;
    // The hosts that have set cookies.
    let mut hosts: Vec<String> = Vec::new();
    while !input.is_empty() {
        let operation = input.byte();
        let line = input.until(b'\n');
        let (url, set_cookie) = match line.iter().position(|&byte| byte == b'\t') {
            Some(tab) => (&line[..tab], Some(&line[tab + 1..])),
            None => (line, None),
        };
        now += u64::from(operation >> 4);
        let Ok(url) = Url::parse(url) else { continue };
        let mut room = [0; 2048];
        let mut effective = SliceWriter::new(&mut room);
        url.write_effective(&mut effective, None);
        let Ok(effective) = effective.finish() else { continue };
        let url = Url::parse(effective).expect("it was written");
        if let Some(set_cookie) = set_cookie {
            let date = (operation & 1 != 0).then_some(784_111_777);
            let before = snapshot(&jar);
            jar.store(&url, set_cookie, date, now);
            hosts.push(url.host_name().to_ascii_lowercase());
            stored(&jar, &before, &url, &hosts);
        }
        sent(&jar, &url, now);
    }
}

type Snapshot = Vec<(Vec<u8>, Vec<u8>, Vec<u8>, bool)>;

fn snapshot(jar: &CookieJar) -> Snapshot {
    jar.iter()
        .map(|cookie| (cookie.name.into(), cookie.domain.into(), cookie.path.into(), cookie.secure))
        .collect()
}

/// What holds for the cookies in the jar after each response.
fn stored(jar: &CookieJar, before: &Snapshot, url: &Url<'_>, hosts: &[String]) {
    let mut keys = Vec::new();
    let mut size = 0;
    for cookie in jar.iter() {
        size += OVERHEAD + cookie.name.len() + cookie.value.len() + cookie.domain.len() + cookie.path.len();
        let domain = String::from_utf8(cookie.domain.to_ascii_lowercase()).expect("a host");
        // A site sets cookies for itself and for what is above it.
        assert!(hosts.iter().any(|host| domain_matches(host, &domain)), "{domain}");
        assert!(cookie.path.first() == Some(&b'/'));
        assert!(!cookie.name.is_empty());
        assert!(!cookie.subdomains || domain.contains('.'));
        let is_text = |bytes: &[u8]| bytes.iter().all(|&byte| byte >= b' ' && byte != 0x7f || byte == b'\t');
        assert!(is_text(cookie.name) && is_text(cookie.value));
        keys.push((cookie.name.to_vec(), domain.into_bytes(), cookie.path.to_vec()));
    }
    assert!(size <= 512);
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), count, "a cookie is there twice");
    // Over plain HTTP, no secure cookie comes or goes, unless it has expired.
    if url.scheme == Scheme::Http {
        for key in snapshot(jar).iter().filter(|(.., secure)| *secure) {
            assert!(before.contains(key));
        }
    }
}

/// What holds for the `Cookie` line of a request.
fn sent(jar: &CookieJar, url: &Url<'_>, now: u64) {
    let mut room = [0; 1024];
    let mut line = SliceWriter::new(&mut room);
    let is_written = jar.write_header(url, now, &mut line);
    let line = line.finish().expect("no more than the jar holds");
    assert_eq!(is_written, !line.is_empty());
    let mut expected: Vec<_> =
        jar.iter().filter(|cookie| is_for(cookie, url) && cookie.expires > now).collect();
    // A stable sort: the older ones stay first.
    expected.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
    let mut room = [0; 1024];
    let mut text = SliceWriter::new(&mut room);
    for (index, cookie) in expected.iter().enumerate() {
        text.write(if index == 0 { b"Cookie: " } else { b"; " });
        text.write(cookie.name);
        text.write(b"=");
        text.write(cookie.value);
    }
    if is_written {
        text.write(b"\r\n");
    }
    assert_eq!(line, text.written());
}

/// RFC 6265 §5.4, as it says it.
fn is_for(cookie: &Cookie<'_>, url: &Url<'_>) -> bool {
    let host = url.host_name().to_ascii_lowercase();
    let domain = String::from_utf8_lossy(cookie.domain).to_ascii_lowercase();
    let is_host = if cookie.subdomains { domain_matches(&host, &domain) } else { host == domain };
    let path = url.path();
    let is_path = path == cookie.path
        || path.starts_with(cookie.path)
            && (cookie.path.ends_with(b"/") || path.get(cookie.path.len()) == Some(&b'/'));
    is_host && is_path && (!cookie.secure || url.scheme == Scheme::Https)
}

/// RFC 6265 §5.1.3.
fn domain_matches(host: &str, domain: &str) -> bool {
    let is_below = host.strip_suffix(domain).is_some_and(|start| start.ends_with('.'));
    host == domain || is_below && host.parse::<std::net::IpAddr>().is_err()
}

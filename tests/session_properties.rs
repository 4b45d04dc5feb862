// SPDX-License-Identifier: Apache-2.0
//! Properties that hold for every input of the protocol code behind sessions, streams and
//! downloads.

use std::time::{Duration, UNIX_EPOCH};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use requests::HeaderFields;
use requests::proto::event_stream::EventParser;
use requests::proto::framing::Framing;
use requests::proto::lines::Lines;
use requests::proto::persistence::{CloseReason, persistence};
use requests::proto::range::{ContentRange, Validator, strong_validator, write_range_from};
use requests::proto::write::SliceWriter;
use requests::proto::{http_date, retry_after};

/// Text of `words` in any order, and some arbitrary bytes.
fn text(words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        12 => select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..4),
    ];
    vec(word, 0..24).prop_map(|words| words.concat())
}

/// The ends of pieces of `len` bytes. The last one is at the end.
fn ends(indices: &[Index], len: usize) -> Vec<usize> {
    let mut ends: Vec<_> = indices.iter().map(|index| index.index(len + 1)).collect();
    ends.push(len);
    ends.sort_unstable();
    ends
}

fn framing() -> impl Strategy<Value = Framing> {
    select(&[Framing::None, Framing::Length(5), Framing::Chunked, Framing::UntilClose][..])
}

/// A date in one of its forms, or with a part of another form or value.
fn almost_date() -> impl Strategy<Value = Vec<u8>> {
    let part = |words: &'static [&'static str]| select(words);
    let dated = (
        part(&["Sun, ", "Sunday, ", "Fri, ", "Sun "]),
        part(&["06", "29", "31", "00", "6"]),
        part(&[" ", " ", "-"]),
        part(&["Nov", "Feb", "nov"]),
        part(&[" ", " ", "-"]),
        part(&["1994", "2000", "1969", "94", "70", "69"]),
        part(&[" 08:49:37", " 23:59:59", " 24:00:00", " 08:49:60"]),
        part(&[" GMT", " GMT", " UTC", ""]),
    )
        .prop_map(|(a, b, c, d, e, f, g, h)| [a, b, c, d, e, f, g, h].concat());
    let asctime = (
        part(&["Sun ", "Sunday "]),
        part(&["Nov ", "Feb "]),
        part(&[" 6", "06", "29", "6"]),
        part(&[" 08:49:37", " 8:49:37"]),
        part(&[" 1994", " 2000", " 94"]),
    )
        .prop_map(|(a, b, c, d, e)| [a, b, c, d, e].concat());
    let cut = (prop_oneof![dated, asctime], 0usize..80);
    cut.prop_map(|(text, end)| text.into_bytes().into_iter().take(end).collect())
}

proptest! {
    #[test]
    fn close_anywhere_closes(
        minor in 0u8..=1,
        status in 100u16..=999,
        framing in framing(),
        before in "([A-Z]{1,5}: [a-z, ]{0,9}\r\n){0,3}",
        list in "([a-z]{1,5} ?, ?){0,2}(close|CLOSE|Close)( ?, ?[a-z]{1,5}){0,2}",
    ) {
        let lines = format!("{before}Connection: {list}\r\n");
        let reason = persistence(minor, status, framing, HeaderFields::new(lines.as_bytes())).err();
        let expected = if status == 101 { CloseReason::Upgrade } else { CloseReason::ConnectionClose };
        prop_assert_eq!(reason, Some(expected));
    }

    #[test]
    fn only_a_framed_response_keeps_the_connection(
        minor in 0u8..=1,
        status in 100u16..=999,
        framing in framing(),
        lines in text(&["Connection: ", "Keep-Alive: ", "close", "keep-alive", "timeout", "=", ",", "5", "\r\n",
            "Content-Length: ", "Transfer-Encoding: chunked\r\n"]),
    ) {
        if persistence(minor, status, framing, HeaderFields::new(&lines)).is_ok() {
            prop_assert!(framing != Framing::UntilClose && status != 101);
        }
    }

    #[test]
    fn ranges_round_trip(first: u64, len in 1u64.., beyond in prop::option::of(any::<u64>())) {
        let last = first.saturating_add(len - 1).min(u64::MAX - 1);
        prop_assume!(first <= last);
        let complete = beyond.map(|beyond| last.saturating_add(beyond).saturating_add(1));
        let size = complete.map_or("*".to_owned(), |size| size.to_string());
        let parsed = ContentRange::parse(format!("bytes {first}-{last}/{size}").as_bytes());
        prop_assert_eq!(parsed, Some(ContentRange::Bytes { first, last, complete }));

        let mut room = [0; 32];
        let mut out = SliceWriter::new(&mut room);
        write_range_from(first, &mut out);
        let expected = format!("bytes={first}-");
        prop_assert_eq!(out.written(), expected.as_bytes());
    }

    #[test]
    fn a_range_that_is_accepted_is_one(
        value in text(&["bytes", "Bytes", " ", "-", "/", "*", "0", "5", "9", "10", "18446744073709551615", "+"]),
    ) {
        match ContentRange::parse(&value) {
            Some(ContentRange::Bytes { first, last, complete }) => {
                prop_assert!(first <= last && last < complete.unwrap_or(u64::MAX));
            }
            Some(ContentRange::Unsatisfied { .. }) => prop_assert!(value.windows(2).any(|pair| pair == b"*/")),
            None => {}
        }
    }

    #[test]
    fn a_validator_stood_in_the_response(
        lines in text(&["ETag: ", "Last-Modified: ", "Date: ", "\"", "W/", "abc", "\r\n",
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:51:37 GMT"]),
    ) {
        let headers = HeaderFields::new(&lines);
        let validator = strong_validator(&headers);
        let kept = Validator::<16>::of_response(&headers);
        prop_assert_eq!(kept.is_some(), validator.is_some_and(|text| text.len() <= 16));
        if let Some(text) = validator {
            prop_assert!(headers.clone().any(|field| field.value == text));
            prop_assert!(!text.starts_with(b"W/") && !text.iter().any(u8::is_ascii_control));
        }
        if let Some(kept) = kept {
            prop_assert!(!kept.contradicts(&headers));
        }
    }

    #[test]
    fn dates_are_those_of_another_parser(seconds in 0i64..253_402_300_800) {
        let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs()));
        prop_assert_eq!(http_date::parse(text.as_bytes(), None), Some(seconds));
    }

    #[test]
    fn what_another_parser_takes_for_a_date_is_one(
        text in almost_date(),
        now: Option<i64>,
    ) {
        let date = http_date::parse(&text, None);
        let other = str::from_utf8(&text).ok().and_then(|text| httpdate::parse_http_date(text).ok());
        if let Some(other) = other {
            let other = other.duration_since(UNIX_EPOCH).unwrap().as_secs();
            prop_assert_eq!(date, i64::try_from(other).ok());
        }
        prop_assert!(!(date.is_none() && http_date::parse(&text, now).is_some()));
        let wait = retry_after::parse(&text, now);
        prop_assert!(now.is_some() || wait.is_none() || text.iter().all(u8::is_ascii_digit));
    }
}

#[cfg(feature = "cookies")]
mod cookies {
    use requests::proto::cookie::CookieJar;
    use requests::proto::url::Url;

    use super::*;

    /// A cookie to set, from small sets of values so that cookies collide.
    #[derive(Debug, Clone)]
    struct Set {
        https: bool,
        host: &'static str,
        path: &'static str,
        name: &'static str,
        value: u8,
        domain: Option<&'static str>,
        path_attribute: Option<&'static str>,
        secure: bool,
        max_age: Option<i8>,
        later: u8,
    }

    const HOSTS: &[&str] = &["h.org", "www.h.org", "a.www.h.org", "xh.org", "10.0.0.1"];
    const PATHS: &[&str] = &["/", "/x", "/x/", "/x/y", "/xy"];

    fn set() -> impl Strategy<Value = Set> {
        let place = (any::<bool>(), select(HOSTS), select(PATHS));
        let cookie = (select(&["a", "b"][..]), any::<u8>(), any::<bool>(), prop::option::of(-1i8..5), 0u8..3);
        let domain = select(&["h.org", ".www.h.org", "org", "10.0.0.1", "0.0.1", "xh.org"][..]);
        let attributes = (prop::option::of(domain), prop::option::of(select(PATHS)));
        (place, cookie, attributes).prop_map(
            |((https, host, path), (name, value, secure, max_age, later), (domain, path_attribute))| Set {
                https,
                host,
                path,
                name,
                value,
                domain,
                path_attribute,
                secure,
                max_age,
                later,
            },
        )
    }

    impl Set {
        fn url(&self) -> String {
            format!("http{}://{}{}", if self.https { "s" } else { "" }, self.host, self.path)
        }

        fn text(&self) -> String {
            let mut text = format!("{}={}", self.name, self.value);
            if let Some(domain) = self.domain {
                text += &format!("; Domain={domain}");
            }
            if let Some(path) = self.path_attribute {
                text += &format!("; Path={path}");
            }
            if let Some(seconds) = self.max_age {
                text += &format!("; Max-Age={seconds}");
            }
            text + if self.secure { "; Secure" } else { "" }
        }
    }

    /// A cookie of the model: RFC 6265 word for word, without limits of memory.
    #[derive(Debug, Clone)]
    struct Kept {
        name: &'static str,
        value: u8,
        domain: String,
        host_only: bool,
        path: String,
        secure: bool,
        expires: u64,
    }

    fn domain_matches(host: &str, domain: &str) -> bool {
        host == domain || host.ends_with(&format!(".{domain}")) && !host.ends_with('1')
    }

    fn path_matches(path: &str, directory: &str) -> bool {
        path == directory
            || path.starts_with(directory)
                && (directory.ends_with('/') || path[directory.len()..].starts_with('/'))
    }

    fn model_store(jar: &mut Vec<Kept>, set: &Set, now: u64) {
        jar.retain(|kept| kept.expires > now);
        if set.secure && !set.https {
            return;
        }
        let domain = set.domain.map(|domain| domain.trim_start_matches('.'));
        if let Some(domain) = domain
            && (!domain_matches(set.host, domain) || domain == "org")
        {
            return;
        }
        let directory = match set.path.rfind('/') {
            Some(0) | None => "/",
            Some(end) => &set.path[..end],
        };
        let new = Kept {
            name: set.name,
            value: set.value,
            domain: domain.unwrap_or(set.host).to_owned(),
            host_only: domain.is_none(),
            path: set.path_attribute.unwrap_or(directory).to_owned(),
            secure: set.secure,
            expires: match set.max_age {
                Some(seconds) => u64::try_from(seconds).map_or(0, |seconds| now + seconds),
                None => u64::MAX,
            },
        };
        let shields = |old: &Kept| {
            old.secure
                && old.name == new.name
                && (domain_matches(&old.domain, &new.domain) || domain_matches(&new.domain, &old.domain))
                && path_matches(&new.path, &old.path)
        };
        if !set.https && jar.iter().any(shields) {
            return;
        }
        let same = |old: &Kept| (old.name, &old.domain, &old.path) == (new.name, &new.domain, &new.path);
        match jar.iter().position(same) {
            Some(index) => jar[index] = new,
            None => jar.push(new),
        }
        jar.retain(|kept| kept.expires > now);
    }

    fn model_header(jar: &[Kept], https: bool, host: &str, path: &str, now: u64) -> String {
        let mut cookies: Vec<_> = jar
            .iter()
            .filter(|kept| kept.expires > now && (https || !kept.secure) && path_matches(path, &kept.path))
            .filter(|kept| kept.domain == host || !kept.host_only && domain_matches(host, &kept.domain))
            .collect();
        cookies.sort_by_key(|kept| std::cmp::Reverse(kept.path.len()));
        let pairs: Vec<_> = cookies.iter().map(|kept| format!("{}={}", kept.name, kept.value)).collect();
        if pairs.is_empty() { String::new() } else { format!("Cookie: {}\r\n", pairs.join("; ")) }
    }

    fn cookie_header(jar: &CookieJar, url: &str, now: u64) -> String {
        let mut room = [0; 4096];
        let mut out = SliceWriter::new(&mut room);
        let any = jar.write_header(&Url::parse(url.as_bytes()).unwrap(), now, &mut out);
        assert_eq!(any, !out.is_empty());
        String::from_utf8(out.finish().unwrap().to_vec()).unwrap()
    }

    proptest! {
        #[test]
        fn cookies_go_where_the_rfc_sends_them(sets in vec(set(), 0..24)) {
            let mut jar = CookieJar::<[u8; 4096]>::new();
            let mut model = Vec::new();
            let mut now = 1;
            for set in &sets {
                now += u64::from(set.later);
                jar.store(&Url::parse(set.url().as_bytes()).unwrap(), set.text().as_bytes(), None, now);
                model_store(&mut model, set, now);
                for host in HOSTS {
                    for path in PATHS {
                        for (https, scheme) in [(false, "http"), (true, "https")] {
                            let header = cookie_header(&jar, &format!("{scheme}://{host}{path}"), now);
                            prop_assert_eq!(header, model_header(&model, https, host, path, now));
                        }
                    }
                }
            }
            prop_assert_eq!(jar.dropped(), 0);
        }

        #[test]
        fn any_cookie_is_stored_whole_or_not_at_all(
            cookies in vec(text(&["a", "=", "b", ";", " ", "\t", "Path", "/", "/x", "Domain", "h.org", ".org", "Max-Age",
                "5", "-1", "Expires", "Secure", "__Host-", "__Secure-", "\r\n", "\0", "\"", ",",
                "Sun, 06 Nov 1994 08:49:37 GMT", "a long value to fill the jar with"]), 0..12),
            date: Option<i64>,
            now: u64,
        ) {
            let mut jar = CookieJar::<[u8; 150]>::new();
            let url = Url::parse(b"https://www.h.org/x/y").unwrap();
            for cookie in &cookies {
                let before = jar.dropped();
                let stored = jar.store(&url, cookie, date, now);
                prop_assert!(!(stored && jar.dropped() > before));
            }
            for kept in jar.iter() {
                prop_assert!(!kept.name.is_empty());
                prop_assert!(kept.secure || !kept.name.starts_with(b"__"));
                prop_assert!(cookies.iter().any(|text| text.windows(kept.value.len().max(1)).any(|part| part == kept.value)
                    || kept.value.is_empty()));
            }
            let mut room = [0; 300];
            let mut out = SliceWriter::new(&mut room);
            if jar.write_header(&url, now, &mut out) {
                let line = out.finish().unwrap().strip_suffix(b"\r\n").unwrap();
                prop_assert!(line.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control()));
            }
        }
    }
}

/// The lines of bytes that arrive in pieces.
fn lines(bytes: &[u8], indices: &[Index]) -> Vec<Vec<u8>> {
    let mut finder = Lines::default();
    let mut found = Vec::new();
    let mut start = 0;
    for end in ends(indices, bytes.len()) {
        while let Some(line) = finder.next(&bytes[start..end], false) {
            found.push(bytes[start..][line.text].to_vec());
            start += line.consumed;
        }
    }
    while let Some(line) = finder.next(&bytes[start..], true) {
        found.push(bytes[start..][line.text].to_vec());
        start += line.consumed;
    }
    found
}

/// Type, data and id of the events, and how many did not fit into a buffer of `size` bytes.
fn events(bytes: &[u8], size: usize) -> (Vec<[Vec<u8>; 3]>, usize) {
    let mut buffer = vec![0; size];
    let mut parser = EventParser::new(&mut buffer);
    let mut events = Vec::new();
    let mut too_large = 0;
    for line in lines(bytes, &[]) {
        match parser.push_line(&line) {
            Ok(true) => {
                let event = parser.event().unwrap();
                events.push([event.event, event.data, event.id].map(<[u8]>::to_vec));
            }
            Ok(false) => assert_eq!(parser.event(), None),
            Err(error) => {
                assert!(error.needed > size);
                too_large += 1;
            }
        }
    }
    (events, too_large)
}

proptest! {
    #[test]
    fn lines_are_the_same_at_every_split(
        bytes in text(&["a", "bc", "\r", "\n", "\r\n", "\r\r", ""]),
        indices in vec(any::<Index>(), 0..12),
    ) {
        let mut expected: Vec<Vec<u8>> = Vec::new();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| b"\r\n".contains(byte)).unwrap_or(rest.len());
            expected.push(rest[..end].to_vec());
            rest = &rest[end..];
            rest = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
        }
        prop_assert_eq!(lines(&bytes, &indices), expected);
    }

    #[test]
    fn a_small_buffer_leaves_out_whole_events(
        bytes in text(&["data", "event", "id", "retry", ":", ": ", " ", "a", "bcd", "5", "\n", "\n\n", "\r\n", "\0",
            "data: a\n", "event: b\n", "id: 1\n", "\u{feff}"]),
        size in 0usize..16,
    ) {
        let (all, none) = events(&bytes, bytes.len() * 2 + 16);
        prop_assert_eq!(none, 0);
        let (some, too_large) = events(&bytes, size);
        prop_assert!(all.len() <= some.len() + too_large);
        let mut rest = all.iter();
        for [name, data, _] in &some {
            prop_assert!(rest.any(|[other, text, _]| other == name && text == data));
        }
    }
}

#[cfg(feature = "gzip")]
mod compressed {
    use std::io::{Read, Write};

    use flate2::Compression;
    use flate2::read::MultiGzDecoder;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use requests::proto::inflate::{Coding, InflateError, Inflater};

    use super::*;

    /// Decodes input that arrives in pieces to outputs of `room` bytes.
    fn decode(coding: Coding, input: &[u8], indices: &[Index], room: usize) -> Result<Vec<u8>, InflateError> {
        let mut inflater = Box::new(Inflater::new());
        inflater.reset(coding);
        let mut output = vec![0; room];
        let mut content = Vec::new();
        let mut start = 0;
        for end in ends(indices, input.len()) {
            loop {
                let done = inflater.decode(&input[start..end], &mut output)?;
                content.extend(&output[..done.produced]);
                start += done.consumed;
                if done.produced < room {
                    break;
                }
            }
            assert_eq!(start, end);
        }
        inflater.finish().map(|()| content)
    }

    fn gzip(content: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// Compressible content, up to several windows long.
    fn content() -> impl Strategy<Value = Vec<u8>> {
        let pieces = vec((vec(any::<u8>(), 1..200), 1usize..400), 0..6);
        pieces.prop_map(|pieces| pieces.iter().flat_map(|(piece, times)| piece.repeat(*times)).collect())
    }

    /// The first bytes of the formats.
    const PREFIXES: &[&[u8]] = &[b"", b"\x1f\x8b\x08\x00\0\0\0\0\0\0", b"\x1f\x8b\x08\x1f", b"\x78\x9c"];

    proptest! {
        #[test]
        fn each_format_round_trips_at_every_split(
            content in content(),
            level in 0u32..=9,
            indices in vec(any::<Index>(), 0..12),
            room in 1usize..5000,
        ) {
            let members = [gzip(&content, level), gzip(b"", level), gzip(&content, 9 - level)].concat();
            prop_assert!(decode(Coding::Gzip, &members, &indices, room) == Ok(content.repeat(2)));
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
            encoder.write_all(&content).unwrap();
            let zlib = encoder.finish().unwrap();
            prop_assert!(decode(Coding::Deflate, &zlib, &indices, room).as_ref() == Ok(&content));
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
            encoder.write_all(&content).unwrap();
            let raw = encoder.finish().unwrap();
            prop_assert!(decode(Coding::Deflate, &raw, &indices, room) == Ok(content));
        }

        #[test]
        fn damaged_input_is_refused_or_what_another_decoder_makes_of_it(
            content in vec(any::<u8>(), 0..300),
            changes in vec((any::<Index>(), any::<u8>()), 0..3),
            end: Index,
            indices in vec(any::<Index>(), 0..12),
            room in 1usize..300,
        ) {
            let mut input = gzip(&content, 6);
            for (index, byte) in changes {
                let index = index.index(input.len());
                input[index] = byte;
            }
            input.truncate(end.index(input.len() * 2));
            let whole = decode(Coding::Gzip, &input, &[], 1000);
            prop_assert_eq!(&decode(Coding::Gzip, &input, &indices, room), &whole);
            if let Ok(whole) = whole && !input.is_empty() {
                let mut other = Vec::new();
                prop_assert!(MultiGzDecoder::new(&input[..]).read_to_end(&mut other).is_ok());
                prop_assert_eq!(whole, other);
            }
        }

        #[test]
        fn any_input_has_the_same_outcome_at_every_split(
            input in vec(any::<u8>(), 0..200),
            prefix in select(PREFIXES),
            coding in select(&[Coding::Gzip, Coding::Deflate][..]),
            indices in vec(any::<Index>(), 0..12),
            room in 1usize..300,
        ) {
            let input = [prefix, &input].concat();
            prop_assert_eq!(decode(coding, &input, &indices, room), decode(coding, &input, &[], 1000));
        }
    }
}

#[cfg(feature = "digest-auth")]
mod digest {
    use requests::proto::digest_auth::{Answer, Challenge};
    use requests::proto::syntax::is_field_value;

    use super::*;

    proptest! {
        #[test]
        fn an_answer_is_a_field_value_that_can_be_read(
            mut value in text(&["Digest ", "Basic ", "realm", "nonce", "opaque", "algorithm", "qop", "stale", "=", "\"",
                "\\", ",", " ", "auth", "auth-int", "MD5", "SHA-256", "Digest realm=\"r\", nonce=\"n\"", "abc=="]),
            user in "[ -~é]{0,8}",
            password in any::<Vec<u8>>(),
            percent_encoded: bool,
            count: u32,
        ) {
            value.retain(|byte| is_field_value(&[*byte]));
            let answer = Answer {
                user: user.as_bytes(),
                password: &password,
                percent_encoded,
                method: "GET",
                uri: b"/a\"b",
                count,
                client_nonce: b"c",
            };
            if let Some(challenge) = Challenge::parse(&value) && challenge.can_answer(&answer) {
                let mut room = [0; 2048];
                let mut out = SliceWriter::new(&mut room);
                challenge.write_authorization(&answer, &mut out);
                let header = out.finish().unwrap();
                prop_assert!(is_field_value(header));
                // An answer repeats the realm, nonce and algorithm of its challenge in the same
                // form.
                let again = Challenge::parse(header).unwrap();
                prop_assert_eq!(again.algorithm, challenge.algorithm);
            }
        }
    }
}

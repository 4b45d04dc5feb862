// SPDX-License-Identifier: Apache-2.0
//! Downloads: which are resumed, which start again, and that parts of different files are never
//! combined.

mod support;

use std::time::Duration;

use embedded_io::ErrorKind;
use requests::transport::Network as _;
use requests::transport::scripted::{End, Script, ScriptedNetwork};
use requests::{Download, Downloaded, Error, HeaderError, Phase, Retry, Sequential, Session, Sink};

use support::sent::SentRequest;

const URL: &str = "http://example.org/image";
const MS: fn(u64) -> Duration = Duration::from_millis;

/// The file to download, and another version of it.
const FILE: &[u8] = b"0123456789abcdefghij";
const OTHER: &[u8] = b"ZYXWVUTSRQPONMLKJIHG";

/// The start of a response with the whole file and entity tag `"1"`, which drops after this many
/// bytes.
fn dropped_after(count: usize) -> Script {
    dropped_with(count, "ETag: \"1\"\r\n")
}

fn dropped_with(count: usize, headers: &str) -> Script {
    let mut answer =
        format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", FILE.len()).into_bytes();
    answer.extend_from_slice(&FILE[..count]);
    Script::new(&answer)
}

fn whole(file: &[u8], headers: &str) -> Script {
    let mut answer =
        format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", file.len()).into_bytes();
    answer.extend_from_slice(file);
    Script::new(&answer)
}

/// A 206 with these header lines and content.
fn part(headers: &str, content: &[u8]) -> Script {
    let mut answer = format!("HTTP/1.1 206 Partial Content\r\n{headers}\r\n").into_bytes();
    answer.extend_from_slice(content);
    Script::new(&answer)
}

/// A correct response with the rest of the file from `first` on.
fn rest_from(first: usize) -> Script {
    piece(FILE, first, 19, "ETag: \"1\"\r\n")
}

/// Bytes `first` to `last` of `file`.
fn piece(file: &[u8], first: usize, last: usize, headers: &str) -> Script {
    let range = format!(
        "Content-Range: bytes {first}-{last}/{}\r\nContent-Length: {}\r\n{headers}",
        file.len(),
        last + 1 - first
    );
    part(&range, &file[first..=last])
}

fn status(code: u16, headers: &str) -> Script {
    Script::new(format!("HTTP/1.1 {code} X\r\n{headers}Content-Length: 0\r\n\r\n").as_bytes())
}

/// The result of a download.
struct Ran {
    result: Result<Downloaded, Error>,
    file: Vec<u8>,
    /// `Range` and `If-Range` of each request.
    asked: Vec<Option<(String, String)>>,
    elapsed: u64,
}

impl Ran {
    #[track_caller]
    fn gives_file(self) -> Self {
        let done = self.result.as_ref().expect("a whole file");
        assert_eq!(self.file, FILE);
        assert_eq!((done.len, done.requests as usize), (20, self.asked.len()));
        self
    }
}

fn run<const N: usize>(scripts: [Script; N]) -> Ran {
    run_with(scripts, |download| download)
}

fn run_with<const N: usize>(scripts: [Script; N], build: impl FnOnce(Download<'_>) -> Download<'_>) -> Ran {
    let mut network = ScriptedNetwork::new(scripts);
    let mut file = Vec::new();
    let mut buffer = [0; 512];
    let result = build(requests::download(URL, &mut file).attempts(3)).send_over(&mut network, &mut buffer);
    let asked = asked(&network);
    Ran { result, file, asked, elapsed: network.now() }
}

fn asked(network: &ScriptedNetwork) -> Vec<Option<(String, String)>> {
    let with_condition = |(range, condition): (Option<String>, Option<String>)| {
        range.map(|range| (range, condition.expect("If-Range besides Range")))
    };
    ranges(network).into_iter().map(with_condition).collect()
}

/// `Range` and `If-Range` of each request.
fn ranges(network: &ScriptedNetwork) -> Vec<(Option<String>, Option<String>)> {
    let sent = (0..).map(|connection| network.sent(connection)).take_while(|sent| !sent.is_empty());
    sent.map(|sent| {
        let request = SentRequest::only(&sent);
        assert_eq!(request.method, "GET");
        let text = |name| request.header(name).map(str::to_owned);
        (text("Range"), text("If-Range"))
    })
    .collect()
}

fn asks(range: &str) -> Option<(String, String)> {
    Some((range.to_owned(), "\"1\"".to_owned()))
}

#[test]
fn what_comes_at_once_takes_one_request() {
    let ran = run([whole(FILE, "ETag: \"1\"\r\n")]).gives_file();
    assert_eq!(ran.asked, [None]);
    assert_eq!(ran.result.unwrap().validator(), Some("\"1\""));
    let ran = run([whole(b"", "")]);
    assert_eq!((ran.result.unwrap().len, ran.file), (0, Vec::new()));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\nf\r\n56789abcdefghij\r\n0\r\n\r\n";
    run([Script::new(chunked.as_bytes())]).gives_file();
    let until_close = [b"HTTP/1.0 200 OK\r\n\r\n", FILE].concat();
    run([Script::new(&until_close)]).gives_file();
}

#[test]
fn a_drop_is_resumed_wherever_it_is() {
    for count in 1..FILE.len() {
        let ran = run([dropped_after(count), rest_from(count)]).gives_file();
        assert_eq!(ran.asked, [None, asks(&format!("bytes={count}-"))]);
        assert_eq!(ran.elapsed, 500);
    }
    // No content has arrived, so the whole is asked for.
    assert_eq!(run([dropped_after(0), whole(FILE, "")]).gives_file().asked, [None, None]);
}

#[test]
fn progress_starts_the_count_anew() {
    // More drops than attempts in a row.
    let drops = |first: usize, last: usize| {
        let range = format!("Content-Range: bytes {first}-19/20\r\nContent-Length: {}\r\n", 20 - first);
        part(&(range + "ETag: \"1\"\r\n"), &FILE[first..last])
    };
    let ran = run([dropped_after(2), drops(2, 4), drops(4, 5), drops(5, 9), drops(9, 19), rest_from(19)])
        .gives_file();
    assert_eq!(ran.elapsed, 5 * 500);
    let ran = run([dropped_after(2), drops(2, 2), drops(2, 2), rest_from(2)]);
    assert_eq!(ran.result.unwrap_err(), Error::TruncatedBody { received: 0 });
    assert_eq!((ran.asked.len(), ran.elapsed), (3, 500 + 1000));
}

#[test]
fn every_way_to_fail_by_chance_is_resumed() {
    for broken in [
        Script::new(b""),
        Script::new(b"HTTP/1.1 206 Par"),
        Script::new(b"").then(End::Break(ErrorKind::ConnectionReset)),
        Script::new(b"").then(End::Stall),
        status(429, ""),
        status(502, ""),
        status(503, ""),
        status(504, ""),
    ] {
        let ran = run([dropped_after(7), broken, rest_from(7)]).gives_file();
        assert_eq!(ran.asked, [None, asks("bytes=7-"), asks("bytes=7-")]);
    }
    for code in [204, 304, 400, 401, 404, 416, 500] {
        let ran = run([status(code, ""), whole(FILE, "")]);
        assert_eq!((ran.result.unwrap_err(), ran.asked.len()), (Error::Status(code), 1));
    }
    let ran = run([status(301, "Location: /moved\r\n"), whole(FILE, "")]);
    assert_eq!((ran.result.unwrap().requests, ran.asked.len()), (1, 2));
}

#[test]
fn a_server_that_is_busy_is_left_alone() {
    let ran = run([dropped_after(7), status(503, "Retry-After: 7\r\n"), rest_from(7)]).gives_file();
    assert_eq!(ran.elapsed, 500 + 7000);
    let ran = run_with([status(503, "Retry-After: 7\r\n"), whole(FILE, "")], |download| {
        download.retry(Retry::new(2).max_retry_after(MS(6000)))
    });
    assert_eq!((ran.result.unwrap_err(), ran.asked.len()), (Error::Status(503), 1));
}

#[test]
fn another_version_starts_anew() {
    let ran = run([dropped_after(7), whole(OTHER, "ETag: \"2\"\r\n")]);
    assert_eq!((ran.result.unwrap().validator(), &ran.file[..]), (Some("\"2\""), OTHER));
    let ran = run([dropped_after(7), whole(&OTHER[..5], "")]);
    assert_eq!((ran.result.unwrap().validator(), &ran.file[..]), (None, &OTHER[..5]));
    // The other version drops too, and is resumed as that version.
    let half = [&b"HTTP/1.1 200 OK\r\nETag: \"2\"\r\nContent-Length: 20\r\n\r\n"[..], &OTHER[..9]].concat();
    let other_rest = "Content-Range: bytes 9-19/20\r\nContent-Length: 11\r\nETag: \"2\"\r\n";
    let ran = run([dropped_after(7), Script::new(&half), part(other_rest, &OTHER[9..])]);
    assert_eq!((ran.result.unwrap().len, &ran.file[..]), (20, OTHER));
    assert_eq!(ran.asked[2], Some(("bytes=9-".to_owned(), "\"2\"".to_owned())));
}

#[test]
fn without_a_strong_validator_nothing_is_resumed() {
    let long = format!("ETag: \"{}\"\r\n", "x".repeat(100));
    for headers in [
        "",
        "ETag: W/\"1\"\r\n",
        "ETag: 1\r\n",
        "ETag: \"1\"\r\nETag: \"2\"\r\n",
        "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n",
        &long,
    ] {
        let ran = run([dropped_with(7, headers), whole(FILE, "")]).gives_file();
        assert_eq!(ran.asked, [None, None], "{headers}");
    }
    let dated = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Mon, 07 Nov 1994 08:49:37 GMT\r\n";
    let ran = run([dropped_with(7, dated), rest_from(7)]).gives_file();
    let date = "Sun, 06 Nov 1994 08:49:37 GMT".to_owned();
    assert_eq!(ran.asked, [None, Some(("bytes=7-".to_owned(), date))]);
}

/// Compressed content is not the file, even with status 200.
#[test]
fn an_encoded_form_that_was_not_asked_for_is_refused() {
    for coding in ["gzip", "Br", "identity, zstd", "none\r\nContent-Encoding: deflate"] {
        let headers = format!("ETag: \"1\"\r\nContent-Encoding: {coding}\r\n");
        let ran = run([whole(FILE, &headers)]);
        assert_eq!(
            (ran.result.unwrap_err(), &ran.file[..]),
            (Error::UnsupportedCoding, &b""[..]),
            "{coding}"
        );
        // It does not replace the rest either: the bytes in the sink stay.
        let ran = run([dropped_after(7), whole(OTHER, &headers)]);
        assert_eq!(
            (ran.result.unwrap_err(), &ran.file[..]),
            (Error::UnsupportedCoding, &FILE[..7]),
            "{coding}"
        );
    }
    for coding in ["", "identity", "none", "utf-8"] {
        run([whole(FILE, &format!("Content-Encoding: {coding}\r\n"))]).gives_file();
    }
}

#[test]
fn an_encoded_form_that_was_asked_for_is_the_file() {
    let mut network = ScriptedNetwork::new([whole(FILE, "Content-Encoding: gzip\r\n")]);
    let mut file = Vec::new();
    let done = requests::get(URL)
        .header("Accept-Encoding", "gzip")
        .download(&mut file)
        .send_over(&mut network, &mut [0; 512])
        .unwrap();
    assert_eq!((done.len, &file[..]), (FILE.len() as u64, FILE));
}

/// A header that asks for `identity` does not ask for an encoded form.
#[test]
fn who_asks_for_the_file_as_it_is_does_not_get_it_encoded() {
    for accepted in ["identity", "identity;q=1, *;q=0", ""] {
        let mut network = ScriptedNetwork::new([whole(FILE, "Content-Encoding: gzip\r\n")]);
        let mut file = Vec::new();
        let result = requests::get(URL)
            .header("Accept-Encoding", accepted)
            .download(&mut file)
            .send_over(&mut network, &mut [0; 512]);
        assert_eq!(result.unwrap_err(), Error::UnsupportedCoding, "{accepted}");
        assert_eq!(file, b"");
    }
}

/// Each of these would produce a wrong file if it were joined to the first seven bytes.
#[test]
fn a_part_that_does_not_belong_there_is_never_used() {
    for (headers, content) in [
        // Another start, end, size or unit, and no, two or a malformed range. These also have the
        // entity tag.
        ("Content-Range: bytes 6-19/20\r\nContent-Length: 14\r\nETag: \"1\"\r\n", &FILE[6..]),
        ("Content-Range: bytes 8-19/20\r\nContent-Length: 12\r\nETag: \"1\"\r\n", &FILE[8..]),
        ("Content-Range: bytes 0-19/20\r\nContent-Length: 20\r\nETag: \"1\"\r\n", FILE),
        ("Content-Range: bytes 7-20/21\r\nContent-Length: 14\r\nETag: \"1\"\r\n", &OTHER[6..]),
        ("Content-Range: bytes 7-20/*\r\nContent-Length: 14\r\nETag: \"1\"\r\n", &OTHER[6..]),
        ("Content-Range: items 7-19/20\r\nContent-Length: 13\r\nETag: \"1\"\r\n", &OTHER[7..]),
        ("Content-Range: bytes */20\r\nContent-Length: 13\r\nETag: \"1\"\r\n", &OTHER[7..]),
        ("Content-Range: bytes 19-7/20\r\nContent-Length: 13\r\nETag: \"1\"\r\n", &OTHER[7..]),
        ("Content-Range: bytes 7-19\r\nContent-Length: 13\r\nETag: \"1\"\r\n", &OTHER[7..]),
        (
            "Content-Range: bytes 7-99999999999999999999/20\r\nContent-Length: 13\r\nETag: \"1\"\r\n",
            &OTHER[7..],
        ),
        ("Content-Range: \r\nContent-Length: 13\r\nETag: \"1\"\r\n", &OTHER[7..]),
        ("Content-Length: 13\r\nETag: \"1\"\r\n", &OTHER[7..]),
        (
            "Content-Range: bytes 7-19/20\r\nContent-Range: bytes 7-19/20\r\nContent-Length: 13\r\nETag: \"1\"\r\n",
            &OTHER[7..],
        ),
        // A length that differs from the range: shorter and longer.
        ("Content-Range: bytes 7-19/20\r\nContent-Length: 12\r\nETag: \"1\"\r\n", &OTHER[7..19]),
        ("Content-Range: bytes 7-19/20\r\nContent-Length: 14\r\nETag: \"1\"\r\n", &OTHER[6..]),
        // No version, another version, another coding, several parts.
        ("Content-Range: bytes 7-19/20\r\nContent-Length: 13\r\n", &OTHER[7..]),
        ("Content-Range: bytes 7-19/20\r\nContent-Length: 13\r\nETag: \"2\"\r\n", &OTHER[7..]),
        ("Content-Range: bytes 7-19/20\r\nContent-Length: 13\r\nETag: W/\"1\"\r\n", &OTHER[7..]),
        (
            "Content-Range: bytes 7-19/20\r\nContent-Length: 13\r\nETag: \"1\"\r\nContent-Encoding: gzip\r\n",
            &OTHER[7..],
        ),
        (
            "Content-Range: bytes 7-19/20\r\nContent-Length: 13\r\nETag: \"1\"\r\nContent-Type: multipart/byteranges; boundary=x\r\n",
            &OTHER[7..],
        ),
    ] {
        let ran =
            run([dropped_after(7), part(headers, content), whole(FILE, "ETag: \"1\"\r\n")]).gives_file();
        assert_eq!(ran.asked, [None, asks("bytes=7-"), None], "{headers}");
        // A server that does this once is not asked for parts again.
        let again = [dropped_after(7), part(headers, content), dropped_after(8), whole(FILE, "")];
        assert_eq!(run(again).gives_file().asked, [None, asks("bytes=7-"), None, None], "{headers}");
        // If that does not help, there is an error for it.
        let wrong = || part(headers, content);
        let ran = run([dropped_after(7), wrong(), wrong(), wrong(), wrong()]);
        assert_eq!(ran.result.unwrap_err(), Error::InvalidRange, "{headers}");
        assert_eq!(ran.asked.len(), 4 - 1, "{headers}");
    }
}

#[test]
fn a_part_that_nobody_asked_for_is_refused() {
    let headers = "Content-Range: bytes 0-19/20\r\nContent-Length: 20\r\n";
    let ran = run([part(headers, FILE), part(headers, FILE), part(headers, FILE)]);
    assert_eq!((ran.result.unwrap_err(), ran.file.len()), (Error::InvalidRange, 0));
}

#[test]
fn a_part_may_be_shorter_than_asked_for() {
    let piece = |first: usize, last: usize, complete: &str| {
        let len = last - first + 1;
        let range = format!("Content-Range: bytes {first}-{last}/{complete}\r\nContent-Length: {len}\r\n");
        part(&(range + "ETag: \"1\"\r\n"), &FILE[first..=last])
    };
    let ran =
        run([dropped_after(7), piece(7, 9, "20"), piece(10, 10, "20"), piece(11, 19, "20")]).gives_file();
    assert_eq!(ran.asked[1..], [asks("bytes=7-"), asks("bytes=10-"), asks("bytes=11-")]);
    assert_eq!(ran.elapsed, 500);
    // A chunked response has no Content-Length that shows the fault: the missing bytes are asked
    // for.
    let chunked = "Content-Range: bytes 7-19/20\r\nETag: \"1\"\r\nTransfer-Encoding: chunked\r\n";
    let ran = run([dropped_after(7), part(chunked, b"3\r\n789\r\n0\r\n\r\n"), rest_from(10)]).gives_file();
    assert_eq!(ran.asked[2], asks("bytes=10-"));
    // Bytes beyond the range are refused.
    let long = part(chunked, b"14\r\n789abcdefghijklmnopq\r\n0\r\n\r\n");
    let ran = run([dropped_after(7), long, whole(FILE, "")]).gives_file();
    assert_eq!(ran.asked[2], None);
}

#[test]
fn a_size_that_is_not_known_is_found_out() {
    let start = |count: usize| {
        let head =
            format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nTransfer-Encoding: chunked\r\n\r\n{count:x}\r\n");
        Script::new(&[head.as_bytes(), &FILE[..count], b"\r\n"].concat())
    };
    run([start(7), rest_from(7)]).gives_file();
    let unknown = "Content-Range: bytes 7-19/*\r\nETag: \"1\"\r\nContent-Length: 13\r\n";
    let all = status(416, "Content-Range: bytes */20\r\nETag: \"1\"\r\n");
    let ran = run([start(7), part(unknown, &FILE[7..]), all.clone()]).gives_file();
    assert_eq!(ran.asked[2], asks("bytes=20-"));
    run([start(20), all]).gives_file();
    // Without a validator, it could be another version of the same length.
    let no_tag = status(416, "Content-Range: bytes */20\r\n");
    for refusal in [no_tag, status(416, "Content-Range: bytes */21\r\nETag: \"1\"\r\n"), status(416, "")] {
        let ran = run([start(20), refusal, whole(FILE, "")]).gives_file();
        assert_eq!(ran.asked, [None, asks("bytes=20-"), None]);
    }
}

#[test]
fn an_earlier_download_is_taken_up() {
    let resume = |count: u64, len, validator: &'static str, scripts: [Script; 1]| {
        let mut network = ScriptedNetwork::new(scripts);
        let mut file = FILE[..usize::try_from(count).unwrap()].to_vec();
        let mut buffer = [0; 512];
        requests::download(URL, &mut file)
            .resume(count, len, validator)
            .send_over(&mut network, &mut buffer)
            .unwrap();
        assert_eq!(file, FILE);
        asked(&network).remove(0)
    };
    assert_eq!(resume(7, None, "\"1\"", [rest_from(7)]), asks("bytes=7-"));
    assert_eq!(resume(7, Some(20), "\"1\"", [whole(FILE, "")]), asks("bytes=7-"));
    assert_eq!(
        resume(20, Some(20), "\"1\"", [status(416, "Content-Range: bytes */20\r\n")]),
        asks("bytes=20-")
    );
    // There is nothing to resume.
    for (count, len, validator) in
        [(0, None, "\"1\""), (7, None, "W/\"1\""), (7, None, ""), (20, Some(19), "\"1\"")]
    {
        assert_eq!(resume(count, len, validator, [whole(FILE, "")]), None, "{count} {len:?} {validator}");
    }
}

fn redirect(location: &str) -> Script {
    status(302, &format!("Location: {location}\r\n"))
}

/// Files with the same validator and size, behind a redirect that moves from one to the other.
#[test]
fn parts_of_two_urls_are_not_joined() {
    let other_rest =
        || part("Content-Range: bytes 7-19/20\r\nContent-Length: 13\r\nETag: \"1\"\r\n", &OTHER[7..]);
    let other = || whole(OTHER, "ETag: \"1\"\r\n");
    let (to_v1, to_v2) = (|| redirect("/v1"), || redirect("/v2"));
    let ran = run([to_v1(), dropped_after(7), to_v2(), other_rest(), to_v2(), other()]);
    assert_eq!((ran.result.unwrap().requests, &ran.file[..]), (3, OTHER));
    assert_eq!(ran.asked[2..], [asks("bytes=7-"), asks("bytes=7-"), None, None]);
    // The end of another file does not complete this one either.
    let ended = format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n", 20);
    let ended = [ended.as_bytes(), FILE, b"\r\n"].concat();
    let all = status(416, "Content-Range: bytes */20\r\nETag: \"1\"\r\n");
    let ran = run([to_v1(), Script::new(&ended), to_v2(), all.clone(), to_v2(), other()]);
    assert_eq!((ran.result.unwrap().len, &ran.file[..]), (20, OTHER));
    let ran = run([to_v1(), Script::new(&ended), to_v1(), all]);
    assert_eq!((ran.result.unwrap().requests, &ran.file[..]), (2, FILE));
    // The same URL is recognised after other redirects, and for the bytes of an earlier run.
    let ran = run([to_v1(), dropped_after(7), redirect("/x"), to_v1(), rest_from(7)]);
    assert_eq!((ran.result.unwrap().requests, &ran.file[..]), (2, FILE));
    let drops = || part("Content-Range: bytes 7-19/20\r\nContent-Length: 13\r\nETag: \"1\"\r\n", b"789");
    for (place, scripts) in [("/v1", vec![rest_from(10)]), ("/v2", vec![rest_from(10), whole(FILE, "")])] {
        let mut scripts = [vec![to_v1(), drops(), redirect(place)], scripts].concat();
        if place == "/v2" {
            scripts.insert(4, to_v2());
        }
        let mut network = ScriptedNetwork::new(scripts);
        let mut file = FILE[..7].to_vec();
        let download = requests::download(URL, &mut file).resume(7, Some(20), "\"1\"");
        let done = download.send_over(&mut network, &mut [0; 512]).unwrap();
        assert_eq!((done.requests, &file[..]), (if place == "/v1" { 2 } else { 3 }, FILE));
    }
}

#[test]
fn no_header_of_the_callers_asks_for_parts() {
    for (index, name) in ["range", "If-Range"].into_iter().enumerate() {
        let request = requests::get(URL);
        let request = if index == 1 { request.header("X-A", "b") } else { request };
        let result = request
            .header(name, "bytes=1-")
            .download(&mut Vec::new())
            .send_over(&mut ScriptedNetwork::new([whole(FILE, "")]), &mut [0; 512]);
        assert_eq!(result.unwrap_err(), Error::InvalidHeader { cause: HeaderError::OfDownload, index });
    }
    let mut file = Vec::new();
    let download = requests::get(URL).remove_header("Range").download(&mut file);
    download.send_over(&mut ScriptedNetwork::new([whole(FILE, "")]), &mut [0; 512]).unwrap();
    assert_eq!(file, FILE);
}

/// A sink whose behaviour the test sets.
#[derive(Default)]
struct Told {
    file: Vec<u8>,
    starts: Vec<(Option<u64>, Option<String>)>,
    finished: Option<u64>,
    fails_at: Option<(u64, ErrorKind)>,
    refuses_start: bool,
    reads: bool,
}

impl Sink for Told {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        match self.fails_at {
            Some((at, kind)) if offset + bytes.len() as u64 > at => Err(kind),
            _ => self.file.write_at(offset, bytes),
        }
    }

    fn start(&mut self, len: Option<u64>, validator: Option<&str>) -> Result<(), ErrorKind> {
        self.starts.push((len, validator.map(str::to_owned)));
        self.file.start(len, validator)?;
        if self.refuses_start { Err(ErrorKind::OutOfMemory) } else { Ok(()) }
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        if self.reads { self.file.read_at(offset, buffer) } else { Err(ErrorKind::Unsupported) }
    }

    fn finish(&mut self, len: u64) -> Result<(), ErrorKind> {
        self.finished = Some(len);
        Ok(())
    }
}

fn into_sink<const N: usize>(
    sink: &mut dyn Sink,
    scripts: [Script; N],
) -> (Result<Downloaded, Error>, usize) {
    let mut network = ScriptedNetwork::new(scripts);
    let mut buffer = [0; 512];
    let result = requests::download(URL, sink).attempts(3).send_over(&mut network, &mut buffer);
    (result, network.addresses().len())
}

#[test]
fn a_sink_is_told_what_comes() {
    let mut sink = Told::default();
    into_sink(&mut sink, [dropped_after(7), whole(OTHER, "ETag: \"2\"\r\n")]).0.unwrap();
    assert_eq!(sink.starts, [(Some(20), Some("\"1\"".to_owned())), (Some(20), Some("\"2\"".to_owned()))]);
    assert_eq!((&sink.file[..], sink.finished), (OTHER, Some(20)));
    let mut sink = Told::default();
    into_sink(&mut sink, [dropped_after(7), rest_from(7)]).0.unwrap();
    assert_eq!((sink.starts.len(), sink.finished), (1, Some(20)));
}

#[test]
fn a_sink_that_fails_ends_the_download() {
    for at in [0, 7, 19] {
        let fails_at = Some((at, ErrorKind::WriteZero));
        let mut sink = Told { fails_at, ..Told::default() };
        let (result, requests) = into_sink(&mut sink, [dropped_after(7), rest_from(7), whole(FILE, "")]);
        assert_eq!(result.unwrap_err(), Error::Sink(ErrorKind::WriteZero));
        assert_eq!((requests, sink.finished), (if at < 7 { 1 } else { 2 }, None));
    }
    let mut sink = Told { refuses_start: true, ..Told::default() };
    let (result, requests) = into_sink(&mut sink, [whole(FILE, ""), whole(FILE, "")]);
    assert_eq!((result.unwrap_err(), requests), (Error::Sink(ErrorKind::OutOfMemory), 1));
    let mut small = [0; 19];
    let (result, _) = into_sink(&mut small, [whole(FILE, "")]);
    assert_eq!((result.unwrap_err(), small), (Error::Sink(ErrorKind::OutOfMemory), [0; 19]));
}

#[test]
fn what_cannot_start_anew_resumes_or_fails() {
    let sequential = |scripts: [Script; 2]| {
        let mut room = [0; 20];
        let (result, requests) = into_sink(&mut Sequential::new(&mut room[..]), scripts);
        (result.map(|done| done.len), requests, room)
    };
    let (result, _, room) = sequential([dropped_after(7), rest_from(7)]);
    assert_eq!((result, &room[..]), (Ok(20), FILE));
    let (result, _, room) = sequential([dropped_after(0), whole(FILE, "")]);
    assert_eq!((result, &room[..]), (Ok(20), FILE));
    // The download cannot be resumed, so the rest is not asked for.
    let (result, requests, _) = sequential([dropped_with(7, ""), whole(FILE, "")]);
    assert_eq!((result, requests), (Err(Error::TruncatedBody { received: 7 }), 1));
    // The file has changed, or the server does not support ranges.
    let (result, requests, room) = sequential([dropped_after(7), whole(OTHER, "")]);
    assert_eq!((result, requests), (Err(Error::Sink(ErrorKind::Unsupported)), 2));
    assert_eq!(&room[..7], &FILE[..7]);
    let wrong = part("Content-Range: bytes 6-19/20\r\nContent-Length: 14\r\n", &FILE[6..]);
    let (result, requests, _) = sequential([dropped_after(7), wrong]);
    assert_eq!((result, requests), (Err(Error::InvalidRange), 2));
}

#[cfg(feature = "sha256")]
mod digest {
    use super::*;
    use sha2::{Digest as _, Sha256};

    fn digest(content: &[u8]) -> [u8; 32] {
        Sha256::digest(content).into()
    }

    #[test]
    fn is_checked_over_all_attempts() {
        for scripts in [
            [whole(FILE, ""), status(404, "")],
            [dropped_after(7), rest_from(7)],
            [dropped_with(7, ""), whole(FILE, "")],
        ] {
            run_with(scripts.clone(), |download| download.sha256(digest(FILE))).gives_file();
            let [first, second] = scripts;
            let ran = run_with([first, second, whole(FILE, "")], |download| download.sha256(digest(OTHER)));
            assert_eq!(ran.result.unwrap_err(), Error::Sha256Mismatch);
        }
        let ran = run_with([dropped_after(7), whole(OTHER, "")], |download| download.sha256(digest(OTHER)));
        assert_eq!(ran.result.unwrap().len, 20);
    }

    #[test]
    fn a_wrong_one_is_not_finished() {
        let mut sink = Told::default();
        let mut network = ScriptedNetwork::new([whole(FILE, "")]);
        let result =
            requests::download(URL, &mut sink).sha256(digest(OTHER)).send_over(&mut network, &mut [0; 512]);
        assert_eq!((result.unwrap_err(), sink.finished), (Error::Sha256Mismatch, None));
    }

    /// The digest checks that the parts belong together. Signed URLs, for example, differ each
    /// time.
    #[test]
    fn lets_parts_come_from_two_urls() {
        let scripts = [redirect("/f?signed=1"), dropped_after(7), redirect("/f?signed=2"), rest_from(7)];
        let ran = run_with(scripts, |download| download.sha256(digest(FILE)));
        assert_eq!((ran.result.unwrap().requests, &ran.file[..]), (2, FILE));
    }

    #[test]
    fn has_a_wrong_whole_fetched_once_more_where_it_was_put_together() {
        let resume = |scripts: Vec<Script>| {
            let mut sink = Told { file: b"wrong".to_vec(), reads: true, ..Told::default() };
            let mut network = ScriptedNetwork::new(scripts);
            let result = requests::download(URL, &mut sink)
                .resume(5, Some(20), "\"1\"")
                .sha256(digest(FILE))
                .send_over(&mut network, &mut [0; 512]);
            (result.map(|done| done.requests), sink.finished, asked(&network))
        };
        let again = || whole(FILE, "ETag: \"1\"\r\n");
        assert_eq!(resume(vec![rest_from(5), again()]), (Ok(2), Some(20), vec![asks("bytes=5-"), None]));
        let wrong = || whole(OTHER, "ETag: \"1\"\r\n");
        let mismatch = Err(Error::Sha256Mismatch);
        assert_eq!(
            resume(vec![rest_from(5), wrong(), again()]),
            (mismatch, None, vec![asks("bytes=5-"), None])
        );
        // It is not assembled from parts again, even if it drops.
        assert_eq!(
            resume(vec![rest_from(5), dropped_after(7), again()]),
            (Ok(3), Some(20), vec![asks("bytes=5-"), None, None])
        );
        // Content that came in one piece is the server's file.
        assert_eq!(resume(vec![wrong(), again()]), (mismatch, None, vec![asks("bytes=5-")]));

        // The sink had the whole content, and it was wrong.
        let mut file = OTHER.to_vec();
        let all = status(416, "Content-Range: bytes */20\r\nETag: \"1\"\r\n");
        let mut network = ScriptedNetwork::new([all, again()]);
        let download = requests::download(URL, &mut file).resume(20, Some(20), "\"1\"").sha256(digest(FILE));
        assert_eq!(download.send_over(&mut network, &mut [0; 512]).map(|done| done.len), Ok(20));
        assert_eq!(file, FILE);

        // A sink that cannot start again fails.
        let mut room = [0; 20];
        let mut sink = Sequential::new(&mut room[..]);
        let mut network = ScriptedNetwork::new([dropped_after(7), rest_from(7), again()]);
        let download = requests::download(URL, &mut sink).sha256(digest(OTHER));
        let result = download.send_over(&mut network, &mut [0; 512]);
        assert_eq!((result.unwrap_err(), network.addresses().len()), (Error::Sha256Mismatch, 2));
    }

    /// Bytes that cannot be read do not count as progress that later attempts must exceed.
    #[test]
    fn starts_the_count_of_attempts_where_it_starts() {
        let mut sink = Told { file: FILE[..7].to_vec(), ..Told::default() };
        let drops = "Content-Range: bytes 3-19/20\r\nContent-Length: 17\r\nETag: \"1\"\r\n";
        let mut network = ScriptedNetwork::new([dropped_after(3), part(drops, &FILE[3..5]), rest_from(5)]);
        let result = requests::download(URL, &mut sink)
            .resume(7, Some(20), "\"1\"")
            .sha256(digest(FILE))
            .attempts(2)
            .send_over(&mut network, &mut [0; 512]);
        assert_eq!((result.map(|done| done.requests), &sink.file[..]), (Ok(3), FILE));
    }

    #[test]
    fn takes_in_what_is_there_already() {
        let resume = |reads, script| {
            let mut sink = Told { file: FILE[..7].to_vec(), reads, ..Told::default() };
            let mut network = ScriptedNetwork::new([script]);
            let result = requests::download(URL, &mut sink)
                .resume(7, Some(20), "\"1\"")
                .sha256(digest(FILE))
                .send_over(&mut network, &mut [0; 512]);
            assert_eq!(sink.file, FILE);
            (result.map(|done| done.len), asked(&network).remove(0))
        };
        assert_eq!(resume(true, rest_from(7)), (Ok(20), asks("bytes=7-")));
        assert_eq!(resume(true, whole(FILE, "")), (Ok(20), asks("bytes=7-")));
        // Bytes that cannot be read are fetched again.
        assert_eq!(resume(false, whole(FILE, "")), (Ok(20), None));
    }
}

#[test]
fn progress_is_told() {
    let mut network = ScriptedNetwork::new([dropped_after(7), rest_from(7)]);
    let (mut seen, mut file) = (Vec::new(), [0; 20]);
    let mut callback = |received, len| seen.push((received, len));
    let download = requests::download(URL, &mut file).on_progress(&mut callback);
    download.send_over(&mut network, &mut [0; 512]).unwrap();
    assert_eq!(seen, [(7, Some(20)), (20, Some(20))]);
}

#[test]
fn each_wait_is_bound_and_all_of_it_where_asked_for() {
    let stalls = || Script::new(b"").then(End::Stall);
    let ran = run_with([stalls(), stalls(), stalls()], |download| download.read_timeout(MS(1000)));
    assert_eq!(ran.result.unwrap_err(), Error::Timeout { phase: Phase::Receive });
    assert_eq!((ran.asked.len(), ran.elapsed), (3, 1000 + 500 + 1000 + 1000 + 1000));
    // The default is the time-out of requests, for each wait.
    let ran = run([dropped_after(7).then(End::Stall), rest_from(7)]).gives_file();
    assert_eq!(ran.elapsed, 30_000 + 500);
    for (timeout, attempts, elapsed) in [(2200, 2, 2200), (1400, 1, 1000), (500, 1, 500)] {
        let ran = run_with([dropped_after(7).then(End::Stall), stalls(), rest_from(7)], |download| {
            download.read_timeout(MS(1000)).timeout(MS(timeout))
        });
        assert_eq!(ran.result.unwrap_err(), Error::Timeout { phase: Phase::Receive });
        assert_eq!((ran.asked.len(), ran.elapsed), (attempts, elapsed), "{timeout}");
    }
}

#[test]
fn sessions_download_over_their_connections() {
    let answer = |script: &str, content: &[u8]| [script.as_bytes(), content].concat();
    let script = Script::turns([
        answer("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n", b""),
        answer("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 20\r\n\r\n", FILE),
        answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"hi"),
    ]);
    let mut session = Session::over(ScriptedNetwork::new([script]))
        .base_url("http://example.org/files/")
        .headers(&[("X-Device", "42")])
        .retry(Retry::new(2).backoff(MS(70), MS(70)));
    let mut buffer = [0; 512];
    let mut file = [0; 20];
    assert_eq!(session.download("image", &mut file).send(&mut buffer).unwrap().requests, 2);
    assert_eq!(&file, FILE);
    assert_eq!(session.get("status").send(&mut buffer).unwrap().content(), b"hi");
    assert_eq!((session.connections_opened(), session.network().now()), (1, 70));
    let sent = session.network().sent(0);
    let request = SentRequest::read(&sent).unwrap();
    assert_eq!((&request.target[..], request.header("X-Device")), ("/files/image", Some("42")));
}

/// Files that are fetched by ranges of a fixed size.
mod pieces {
    use super::*;

    const TAG: &str = "ETag: \"1\"\r\n";

    type Asked = Vec<(Option<String>, Option<String>)>;

    fn got<const N: usize>(
        scripts: [Script; N],
        build: impl FnOnce(Download<'_>) -> Download<'_>,
    ) -> (Result<Downloaded, Error>, Vec<u8>, Asked) {
        let mut network = ScriptedNetwork::new(scripts);
        let mut file = Vec::new();
        let download = build(requests::download(URL, &mut file).attempts(3).piece(8));
        let result = download.send_over(&mut network, &mut [0; 512]);
        (result, file, ranges(&network))
    }

    fn asked(ranges: &[(&str, &str)]) -> Asked {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ranges.iter().map(|(range, condition)| (text(range), text(condition))).collect()
    }

    #[test]
    fn every_one_is_of_the_same_version() {
        let (result, file, ranges) =
            got([piece(FILE, 0, 7, TAG), piece(FILE, 8, 15, TAG), piece(FILE, 16, 19, TAG)], |download| {
                download
            });
        let done = result.unwrap();
        assert_eq!((done.len, done.requests, done.validator(), &file[..]), (20, 3, Some("\"1\""), FILE));
        let expected = [("bytes=0-7", ""), ("bytes=8-15", "\"1\""), ("bytes=16-23", "\"1\"")];
        assert_eq!(ranges, asked(&expected));
    }

    #[test]
    fn a_short_one_is_followed_and_a_dropped_one_goes_on() {
        let dropped =
            part("Content-Range: bytes 3-10/20\r\nContent-Length: 8\r\nETag: \"1\"\r\n", &FILE[3..6]);
        let (result, file, ranges) = got(
            [piece(FILE, 0, 2, TAG), dropped, piece(FILE, 6, 13, TAG), piece(FILE, 14, 19, TAG)],
            |download| download,
        );
        assert_eq!((result.unwrap().requests, &file[..]), (4, FILE));
        assert_eq!(ranges[2], asked(&[("bytes=6-13", "\"1\"")])[0]);
    }

    #[test]
    fn another_version_is_not_joined() {
        let other = "ETag: \"2\"\r\n";
        // With a server that supports If-Range, and with one that does not.
        let known = [piece(FILE, 0, 7, TAG), whole(OTHER, other)];
        let (result, file, _) = got(known, |download| download);
        assert_eq!((result.unwrap().requests, &file[..]), (2, OTHER));
        let unknown = [piece(FILE, 0, 7, TAG), piece(OTHER, 8, 15, other), whole(OTHER, other)];
        let (result, file, ranges) = got(unknown, |download| download);
        assert_eq!((result.unwrap().requests, &file[..]), (3, OTHER));
        assert_eq!(ranges[2], (None, None));
    }

    #[test]
    fn more_than_was_asked_for_is_not_taken() {
        let scripts = [piece(FILE, 0, 9, TAG), whole(FILE, TAG)];
        let (result, file, ranges) = got(scripts, |download| download);
        assert_eq!((result.unwrap().requests, &file[..]), (2, FILE));
        assert_eq!(ranges[1], (None, None));
    }

    #[test]
    fn a_server_without_ranges_sends_it_all() {
        let (result, file, _) = got([whole(FILE, TAG)], |download| download);
        assert_eq!((result.unwrap().requests, &file[..]), (1, FILE));
        let empty = status(416, "Content-Range: bytes */0\r\n");
        let (result, file, _) = got([empty, whole(b"", "")], |download| download);
        assert_eq!((result.unwrap().len, &file[..]), (0, &b""[..]));
    }

    #[test]
    fn without_a_validator_everything_is_asked_for_at_once() {
        let (result, file, ranges) = got([piece(FILE, 0, 7, ""), whole(FILE, "")], |download| download);
        assert_eq!((result.unwrap().requests, &file[..]), (2, FILE));
        assert_eq!(ranges, asked(&[("bytes=0-7", ""), ("", "")]));
    }

    #[test]
    fn a_size_is_forgotten_with_the_version_of_which_nothing_came() {
        // Of a file of eight bytes not one arrives. Then there is a longer one, whose size is not told.
        let nothing = part("Content-Range: bytes 0-7/8\r\nContent-Length: 8\r\n", b"");
        let first = part("Content-Range: bytes 0-7/*\r\nContent-Length: 8\r\n", &FILE[..8]);
        let (result, file, ranges) = got([nothing, first.clone(), whole(FILE, "")], |download| download);
        assert_eq!((result.unwrap().len, &file[..]), (20, FILE));
        assert_eq!(ranges, asked(&[("bytes=0-7", ""), ("bytes=0-7", ""), ("", "")]));
        // An earlier download of which there is nothing does not tell the size either.
        let (result, file, ranges) =
            got([first, whole(FILE, "")], |download| download.resume(0, Some(8), "\"1\""));
        assert_eq!((result.unwrap().len, &file[..]), (20, FILE));
        assert_eq!(ranges, asked(&[("bytes=0-7", ""), ("", "")]));
    }

    #[cfg(feature = "sha256")]
    #[test]
    fn without_a_validator_a_digest_tells() {
        use sha2::Digest as _;
        let digest: [u8; 32] = sha2::Sha256::digest(FILE).into();
        let good = [piece(FILE, 0, 7, ""), piece(FILE, 8, 15, ""), piece(FILE, 16, 19, "")];
        let (result, file, ranges) = got(good, |download| download.sha256(digest));
        assert_eq!((result.unwrap().requests, &file[..]), (3, FILE));
        assert_eq!(ranges, asked(&[("bytes=0-7", ""), ("bytes=8-15", ""), ("bytes=16-23", "")]));
        // Parts of two versions are fetched once more as a whole.
        let mixed =
            [piece(FILE, 0, 7, ""), piece(OTHER, 8, 15, ""), piece(FILE, 16, 19, ""), whole(FILE, "")];
        let (result, file, _) = got(mixed, |download| download.sha256(digest));
        assert_eq!((result.unwrap().requests, &file[..]), (4, FILE));
    }
}

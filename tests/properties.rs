// SPDX-License-Identifier: Apache-2.0
//! Properties that hold for every input, tested with random input.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use requests::{Error, Part, Request, Response};
use serde_json::Value;

use support::network::InPieces;
use support::sent::SentRequest;
use support::{Answer, BUFFER, answering, send_over};

const URL: &str = "http://example.org/";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// The result for `bytes` that arrive in pieces ending at `ends`, with a buffer of `size` bytes.
fn receive(method: &str, bytes: &[u8], ends: &[Index], size: usize) -> Result<Answer, Error> {
    let ends: Vec<_> = ends.iter().map(|end| end.index(bytes.len() + 1)).collect();
    let request = requests::request(method, URL).redirects(0);
    request.send_over(&mut InPieces::new(bytes, &ends), &mut vec![0; size]).map(Answer::from)
}

/// A header line's name.
fn name() -> impl Strategy<Value = String> {
    "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}"
}

/// A header line's value without white space at its ends.
fn value() -> impl Strategy<Value = String> {
    "([!-~é世](([!-~é世]|[ \t]){0,30}[!-~é世])?)?"
}

#[derive(Debug, Clone)]
enum Framing {
    Length,
    /// Chunks that end at these places, with extensions, and trailer fields.
    Chunked(Vec<Index>, Vec<(String, String)>),
    UntilClose,
}

/// A valid response.
#[derive(Debug, Clone)]
struct Valid {
    interim: usize,
    status: u16,
    reason: String,
    headers: Vec<(String, String)>,
    framing: Framing,
    content: Vec<u8>,
}

impl Valid {
    fn strategy() -> impl Strategy<Value = Self> {
        let is_framing = |name: &str| {
            ["content-length", "transfer-encoding"].iter().any(|other| name.eq_ignore_ascii_case(other))
        };
        let field = (name().prop_filter("framing is added below", move |name| !is_framing(name)), value());
        let framing = prop_oneof![
            Just(Framing::Length),
            (vec(any::<Index>(), 0..8), vec((name(), value()), 0..3))
                .prop_map(|(ends, fields)| Framing::Chunked(ends, fields)),
            Just(Framing::UntilClose),
        ];
        let status =
            (200u16..=999).prop_filter("these have no content", |status| ![204, 304].contains(status));
        (0usize..3, status, value(), vec(field, 0..8), framing, vec(any::<u8>(), 0..300)).prop_map(
            |(interim, status, reason, headers, framing, content)| Self {
                interim,
                status,
                reason,
                headers,
                framing,
                content,
            },
        )
    }

    fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, self.reason);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        match &self.framing {
            Framing::Length => head += &format!("Content-Length: {}\r\n", self.content.len()),
            Framing::Chunked(..) => head += "Transfer-Encoding: chunked\r\n",
            Framing::UntilClose => {}
        }
        (head + "\r\n").into_bytes()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n".repeat(self.interim);
        bytes.extend(self.head());
        match &self.framing {
            Framing::Length | Framing::UntilClose => bytes.extend(&self.content),
            Framing::Chunked(ends, trailer) => {
                let mut ends: Vec<_> = ends.iter().map(|end| end.index(self.content.len() + 1)).collect();
                ends.extend([0, self.content.len()]);
                ends.sort_unstable();
                ends.dedup();
                for (number, chunk) in ends.windows(2).enumerate() {
                    let chunk = &self.content[chunk[0]..chunk[1]];
                    let extension = ["", ";name", " ; name=value", ";a=\"b\\\"c\";d"][number % 4];
                    bytes.extend(format!("{:04x}{extension}\r\n", chunk.len()).bytes());
                    bytes.extend(chunk);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n");
                for (name, value) in trailer {
                    bytes.extend(format!("{name}: {value}\r\n").bytes());
                }
                bytes.extend(b"\r\n");
            }
        }
        bytes
    }
}

/// Bytes that resemble a response.
fn any_response() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        8 => select(&[
            "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 302 Found\r\nLocation: ", "HTTP/1.0 ",
            "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: ", "gzip", ", ", "chunked",
            "\r\n", "\n", "\r", "\r\n\r\n", " ", ":", ";", "=", "\"", "\\", "0", "1", "5", "a", "ffffffffffffffff",
            "-1", "+1", "hello", "A: b\r\n", " folded\r\n", "0\r\n\r\n", "http://other.example/", "/x", "//", "\0", "ü",
        ][..]).prop_map(|word| word.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..20),
    ];
    let words = vec(word, 0..20).prop_map(|words| words.concat());
    let changed = (Valid::strategy(), vec((any::<Index>(), any::<u8>()), 0..4), any::<Index>()).prop_map(
        |(valid, changes, end)| {
            let mut bytes = valid.bytes();
            for (index, byte) in changes {
                let index = index.index(bytes.len());
                bytes[index] = byte;
            }
            bytes.truncate(end.index(bytes.len() * 2));
            bytes
        },
    );
    prop_oneof![
        2 => words.clone().prop_map(|tail| [b"HTTP/1.1 200 OK\r\n".to_vec(), tail].concat()),
        1 => words,
        2 => changed,
        1 => vec(any::<u8>(), 0..300),
    ]
}

/// Text of all kinds, with many characters that are special in requests.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9]{0,12}",
        "[a-z \t/\\\\:;@?#&=%+.\"'<>\\[\\]{}|^`~!$()*,-]{0,16}",
        "[a-z\r\n\0 :/]{0,8}",
        any::<String>(),
    ]
}

fn url() -> impl Strategy<Value = String> {
    let host = prop_oneof!["[a-z.-]{1,10}", "[0-9.x]{1,12}", "\\[[0-9a-f:.]{0,12}\\]", text()];
    prop_oneof![
        4 => (host, text()).prop_map(|(host, rest)| format!("http://{host}/{rest}")),
        2 => text().prop_map(|rest| format!("http://example.org{rest}")),
        1 => (text(), text()).prop_map(|(userinfo, path)| format!("http://{userinfo}@example.org:8080/{path}")),
        1 => text(),
    ]
}

/// Any JSON value.
fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 40, 6, |value| {
        prop_oneof![
            vec(value.clone(), 0..6).prop_map(Value::from),
            vec((text(), value), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Whether the values are the same. `-0` is a float for one reader, and an integer for another.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.keys().eq(other.keys())
                && one.values().zip(other.values()).all(|(one, other)| is_same(one, other))
        }
        _ => one == other || one.as_f64() == Some(0.0) && other.as_f64() == Some(0.0),
    }
}

/// Descends into `value` along `path`. Returns the JSON Pointer of the value there.
fn follow<'v>(mut value: &'v Value, path: &[Index]) -> (String, &'v Value) {
    let mut pointer = String::new();
    for index in path {
        let (token, child) = match value {
            Value::Array(elements) if !elements.is_empty() => {
                let index = index.index(elements.len());
                (index.to_string(), &elements[index])
            }
            Value::Object(members) if !members.is_empty() => {
                let (name, child) = members.iter().nth(index.index(members.len())).expect("a member");
                (name.replace('~', "~0").replace('/', "~1"), child)
            }
            _ => break,
        };
        pointer += &format!("/{token}");
        value = child;
    }
    (pointer, value)
}

/// A name of a field or file.
fn part_name() -> impl Strategy<Value = String> {
    prop_oneof![r"[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f]{1,20}", "[a\"\\\\\r\n%;=]{1,8}"]
}

/// The bytes that `request` sends over the first connection, if any.
fn sent(request: Request<'_>) -> Result<SentRequest, Error> {
    let mut network = answering([OK]);
    let result = send_over(request, &mut network);
    match result {
        Ok(_) => Ok(SentRequest::only(&network.sent(0))),
        Err(error) => {
            assert!(network.addresses().is_empty(), "{error:?}");
            Err(error)
        }
    }
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (&name[..], &value[..])).collect()
}

proptest! {
    // A failure prints its minimal input. Add that as a test.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_valid_response_is_read_as_it_was_meant(valid in Valid::strategy(), ends in vec(any::<Index>(), 0..30)) {
        let answer = receive("GET", &valid.bytes(), &ends, BUFFER).expect("an answer");
        prop_assert_eq!((answer.status, &answer.reason), (valid.status, &valid.reason));
        prop_assert_eq!(&answer.content, &valid.content);
        let head = valid.head();
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let mut parsed = httparse::Response::new(&mut fields);
        prop_assert!(parsed.parse(&head).expect("a valid head").is_complete());
        let parsed: Vec<_> =
            parsed.headers.iter().map(|field| (field.name.to_owned(), field.value.to_owned())).collect();
        prop_assert_eq!(answer.headers, parsed);
    }

    #[test]
    fn how_a_response_is_split_makes_no_difference(
        bytes in any_response(),
        method in select(&["GET", "HEAD"][..]),
        ends in vec(any::<Index>(), 0..30),
    ) {
        let whole = receive(method, &bytes, &[], BUFFER);
        prop_assert_eq!(receive(method, &bytes, &ends, BUFFER), whole);
    }

    #[test]
    fn how_a_response_is_split_makes_no_difference_in_a_small_buffer(
        bytes in any_response(),
        ends in vec(any::<Index>(), 0..30),
        size in 0usize..400,
    ) {
        let whole = receive("GET", &bytes, &[], size);
        let split = receive("GET", &bytes, &ends, size);
        if let Err(Error::BufferTooSmall { needed, .. }) = split {
            prop_assert!(needed > size);
        }
        prop_assert_eq!(split, whole);
    }

    #[test]
    fn a_buffer_of_the_size_asked_for_is_enough_in_the_end(valid in Valid::strategy()) {
        let bytes = valid.bytes();
        let mut size = 0;
        loop {
            match receive("GET", &bytes, &[], size) {
                Ok(answer) => {
                    prop_assert_eq!(answer.content, valid.content);
                    break;
                }
                Err(Error::BufferTooSmall { needed, .. }) if needed > size => size = needed,
                Err(error) => panic!("with {size} bytes: {error:?}"),
            }
        }
        prop_assert!(size <= URL.len() + bytes.len());
    }

    #[test]
    fn what_a_response_is_read_as_never_panics(bytes in any_response(), pointer in text(), scratch: [u8; 64]) {
        let mut buffer = [0; 1024];
        let request = requests::get(URL).redirects(0);
        let result = request.send_over(&mut InPieces::new(&bytes, &[]), &mut buffer);
        let mut scratch = scratch;
        let lent = Response::new(200, "", &bytes, &bytes).with_scratch(&mut scratch);
        for mut response in result.ok().into_iter().chain([lent]) {
            for encoding in ["utf-8", "us-ascii", "iso-8859-1"] {
                response.encoding = requests::Encoding::from_name(encoding).expect("a known encoding");
                let _ = (response.text(), response.headers());
            }
            let _ = (response.json::<u32>(), response.json::<&str>(), response.json_at::<u32>(&pointer));
            let _ = (response.header(&pointer), response.url(), response.raise_for_status());
        }
    }

    #[test]
    fn a_request_is_valid_or_refused(
        method in prop_oneof![name(), text()],
        url in url(),
        headers in vec(prop_oneof![(name(), value()), (text(), text())], 0..4),
        params in vec((text(), text()), 0..3),
        auth in prop::option::of((text(), text())),
    ) {
        let pairs = [pairs(&headers), pairs(&params)];
        let mut request = requests::request(&method, &url).headers(&pairs[0]).params(&pairs[1]);
        if let Some((user, password)) = &auth {
            request = request.auth((user, password));
        }
        // A request that is sent is valid: parsing it asserts that.
        if let Ok(sent) = sent(request) {
            prop_assert_eq!(&sent.method, &method.to_ascii_uppercase());
            for (name, value) in &headers {
                let trimmed = value.trim_matches([' ', '\t']).as_bytes();
                let expected = name.eq_ignore_ascii_case("content-length") || sent.values(name).contains(&trimmed);
                prop_assert!(expected, "{}: {}", name, value);
            }
        }
    }

    #[test]
    fn a_token_is_valid_or_refused(token in text()) {
        if let Ok(sent) = sent(requests::get(URL).bearer_auth(&token)) {
            let expected = format!("Bearer {token}");
            prop_assert_eq!(sent.header("authorization"), Some(&expected[..]));
        }
    }

    #[test]
    fn basic_auth_decodes_to_what_was_given(user in "[^:\\x00-\\x1f\\x7f]*", password in "[^\\x00-\\x1f\\x7f]*") {
        let sent = sent(requests::get(URL).auth((&user, &password))).expect("valid credentials");
        let encoded = sent.header("authorization").and_then(|value| value.strip_prefix("Basic ")).expect("Basic");
        let mut room = vec![0; encoded.len()];
        let decoded = <base64ct::Base64 as base64ct::Encoding>::decode(encoded, &mut room).expect("base64");
        let expected = format!("{user}:{password}");
        prop_assert_eq!(decoded, expected.as_bytes());
    }

    #[test]
    fn params_decode_to_what_was_given(params in vec((text(), text()), 0..6)) {
        let sent = sent(requests::get("http://example.org/?x=y").params(&pairs(&params))).expect("valid params");
        let decoded: Vec<_> =
            form_urlencoded::parse(sent.query().expect("a query").as_bytes()).into_owned().skip(1).collect();
        prop_assert_eq!(decoded, params);
    }

    #[test]
    fn a_form_decodes_to_what_was_given(fields in vec((text(), text()), 0..6)) {
        let sent = sent(requests::post(URL).form(&pairs(&fields))).expect("a valid form");
        let decoded: Vec<_> = form_urlencoded::parse(&sent.body).into_owned().collect();
        prop_assert_eq!(decoded, fields);
    }

    #[test]
    fn data_arrives_as_it_is(data: Vec<u8>, chunked: bool, size in URL.len() + OK.len()..500) {
        let mut request = requests::post(URL).data(&data);
        if chunked {
            request = request.chunked();
        }
        let mut network = answering([OK]);
        request.send_over(&mut network, &mut vec![0; size]).expect("an answer");
        prop_assert_eq!(SentRequest::only(&network.sent(0)).body, data);
    }

    #[test]
    fn json_is_written_as_it_was_meant(value in json()) {
        let body = sent(requests::post(URL).json(&value)).expect("valid JSON").body;
        prop_assert_eq!(serde_json::from_slice::<Value>(&body).expect("JSON"), value);
    }

    #[test]
    fn json_is_read_as_it_was_meant(value in json(), pretty: bool, path in vec(any::<Index>(), 0..6)) {
        let write = if pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
        let text = write(&value).expect("JSON");
        let mut scratch = vec![0; 2 * text.len()];
        let response = Response::new(200, "OK", b"", &text).with_scratch(&mut scratch);
        let read = response.json::<Value>();
        prop_assert_eq!(read.as_ref(), Ok(&value));
        let (pointer, element) = follow(&value, &path);
        let read = response.json_at::<Value>(&pointer);
        prop_assert_eq!(read.as_ref(), Ok(element), "{}", pointer);
    }

    #[test]
    fn json_is_accepted_where_serde_json_accepts_it(
        value in json(),
        changes in vec((any::<Index>(), 0usize..3, select(br#"{}[],:"\/u0159.-+eEtnf dD8a"#.as_slice())), 0..3),
    ) {
        let mut text = serde_json::to_vec(&value).expect("JSON");
        for (index, removed, byte) in changes {
            let start = index.index(text.len());
            let end = text.len().min(start + removed);
            text.splice(start..end, [byte]);
        }
        let mut scratch = vec![0; text.len()];
        let read = Response::new(200, "OK", b"", &text).with_scratch(&mut scratch).json::<Value>();
        match serde_json::from_slice::<Value>(&text) {
            Ok(expected) => {
                let read = read.expect("a value");
                prop_assert!(is_same(&read, &expected), "{:?}: {:?}", read, expected);
            }
            Err(error) => {
                // Half of a surrogate pair is U+FFFD here, and a number too large for a float is infinite.
                let reason = error.to_string();
                let lenient = ["surrogate", "hex escape", "out of range"].iter().any(|word| reason.contains(word));
                prop_assert!(read.is_err() || lenient, "{}: {:?}", reason, read);
            }
        }
    }

    #[test]
    fn a_multipart_body_is_read_as_it_was_meant(
        parts in vec((part_name(), prop::option::of(part_name()), any::<Vec<u8>>()), 0..5),
        size in URL.len() + OK.len()..500,
        chunked: bool,
        from_readers: bool,
    ) {
        let mut readers: Vec<_> = parts.iter().map(|(.., content)| &content[..]).collect();
        let texts: Vec<_> = parts.iter().map(|(.., content)| String::from_utf8_lossy(content)).collect();
        let sent_parts: Vec<_> = parts
            .iter()
            .zip(&mut readers)
            .zip(&texts)
            .map(|(((name, filename, content), reader), text)| match filename {
                Some(filename) if from_readers => Part::reader(name, filename, reader, content.len() as u64),
                Some(filename) => Part::file(name, filename, content),
                None => Part::field(name, text),
            })
            .collect();
        let mut network = answering([OK]);
        let mut request = requests::post(URL).files(&sent_parts);
        if chunked {
            request = request.chunked();
        }
        request.send_over(&mut network, &mut vec![0; size]).expect("an answer");
        let sent = SentRequest::only(&network.sent(0));
        let expected: Vec<_> = parts
            .iter()
            .zip(&texts)
            .map(|((name, filename, content), text)| {
                let content = if filename.is_some() { content.clone() } else { text.as_bytes().to_vec() };
                let escaped = |name: &String| {
                    let start = name.strip_suffix('\\');
                    start.unwrap_or(name).replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
                        + start.map_or("", |_| "%5C")
                };
                (escaped(name), filename.as_ref().map(escaped), content)
            })
            .collect();
        prop_assert_eq!(read_multipart(&sent), expected);
    }
}

/// Otherwise all of the above would miss what a release build computes wrong.
#[test]
fn overflows_are_checked_in_tests() {
    let most = std::hint::black_box(u8::MAX);
    assert!(std::panic::catch_unwind(|| most + std::hint::black_box(1)).is_err());
}

/// The parts of a multipart body as `multer` parses them: name, file name, content.
fn read_multipart(sent: &SentRequest) -> Vec<(String, Option<String>, Vec<u8>)> {
    let body = sent.body.clone();
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut multipart = multer::Multipart::new(stream, sent.boundary());
    let read = async {
        let mut parts = Vec::new();
        while let Some(field) = multipart.next_field().await.expect("valid multipart") {
            let name = field.name().expect("a name").to_owned();
            let filename = field.file_name().map(str::to_owned);
            parts.push((name, filename, field.bytes().await.expect("content").to_vec()));
        }
        parts
    };
    // All data are available, so nothing waits.
    futures_util::FutureExt::now_or_never(read).expect("the whole body")
}

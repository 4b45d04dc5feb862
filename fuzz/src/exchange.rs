// SPDX-License-Identifier: Apache-2.0
//! A whole exchange. The parameters are the method and options, the size of the buffer, and a seed for the sizes of
//! pieces; the rest is what the server sends.
//!
//! However the bytes are split, and whether the response is received whole or as a stream, the result is the same. A
//! response is never shorter than its framing says.

use embedded_io::Read as _;
use requests::proto::inflate::Inflater;
use requests::{Error, Request, Response};

use crate::input::Input;
use crate::network::Pieces;

const URL: &str = "http://example.org/";

/// The parameters.
#[derive(Clone, Copy)]
struct Parameters {
    method: &'static str,
    decompress: bool,
    redirects: u16,
    digest: bool,
    size: usize,
}

/// What matters of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    status: u16,
    reason: String,
    headers: Vec<(String, Vec<u8>)>,
    content: Vec<u8>,
}

impl From<Response<'_>> for Answer {
    fn from(response: Response<'_>) -> Self {
        Self {
            status: response.status_code,
            reason: response.reason.to_owned(),
            headers: response.header_fields().map(|field| (field.name.into(), field.value.into())).collect(),
            content: response.content().to_vec(),
        }
    }
}

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let options = input.byte();
    let parameters = Parameters {
        method: ["GET", "HEAD", "POST", "CONNECT"][usize::from(options & 3)],
        decompress: options & 4 != 0,
        redirects: u16::from(options & 8 != 0) * 3,
        digest: options & 16 != 0,
        size: usize::from(input.short()) % 20_000,
    };
    let seed = input.byte();
    let bytes = input.rest();
    // Later connections receive the same bytes.
    let whole = receive(parameters, bytes, None);
    for seed in [seed, 255 - seed] {
        let split = receive(parameters, bytes, Some(seed));
        // Of two faults, the one that is noticed first depends on what arrives first.
        let is_same_kind = |one: fn(&Error) -> bool| matches!((&whole, &split), (Err(whole), Err(split)) if one(whole) || one(split));
        if is_same_kind(|error| matches!(error, Error::BufferTooSmall { .. }))
            || is_same_kind(|error| matches!(error, Error::InvalidCompression(_)))
        {
            continue;
        }
        assert_eq!(split, whole, "split by {seed}");
    }
    if let Ok(answer) = &whole
        && parameters.redirects == 0
        && !parameters.digest
    {
        framed(parameters, bytes, answer);
    }
    if let (Some(lines), Ok(answer)) = (lines(parameters, bytes, seed), &whole) {
        assert_eq!(lines, crate::events::split(&answer.content, None));
    }
    match (stream(parameters, bytes, seed), &whole) {
        (Ok(streamed), Ok(answer)) => assert_eq!(&streamed, answer),
        // A stream needs less room.
        (Ok(_), Err(Error::BufferTooSmall { .. })) => {}
        (streamed, whole) => {
            assert!(streamed.is_err() && whole.is_err(), "{streamed:?} as a stream, {whole:?} as a whole");
        }
    }
}

fn request(parameters: Parameters, inflater: &mut Inflater) -> Request<'_> {
    let mut request = requests::request(parameters.method, URL).redirects(parameters.redirects);
    if parameters.decompress {
        request = request.decompress(inflater);
    }
    if parameters.digest {
        request = request.digest_auth(("user", "password"));
    }
    request
}

fn receive(parameters: Parameters, bytes: &[u8], seed: Option<u8>) -> Result<Answer, Error> {
    let mut inflater = Box::new(Inflater::new());
    let mut buffer = vec![0; parameters.size];
    let mut network = Pieces::new(vec![bytes; 4], seed);
    let result = request(parameters, &mut inflater).send_over(&mut network, &mut buffer);
    if let Err(Error::BufferTooSmall { needed, .. }) = result {
        assert!(needed > parameters.size);
    }
    result.map(Answer::from)
}

fn stream(parameters: Parameters, bytes: &[u8], seed: u8) -> Result<Answer, Error> {
    let mut inflater = Box::new(Inflater::new());
    let mut buffer = vec![0; parameters.size];
    let mut network = Pieces::new(vec![bytes; 4], Some(seed));
    let mut stream = request(parameters, &mut inflater).stream_over(&mut network, &mut buffer)?;
    let mut answer = Answer {
        status: stream.status_code,
        reason: stream.reason.to_owned(),
        headers: stream.header_fields().map(|field| (field.name.into(), field.value.into())).collect(),
        content: Vec::new(),
    };
    let mut piece = vec![0; 1 + usize::from(seed)];
    loop {
        match stream.read(&mut piece)? {
            0 => break,
            count => answer.content.extend_from_slice(&piece[..count]),
        }
    }
    // The end stays the end.
    assert_eq!(stream.read(&mut piece), Ok(0));
    Ok(answer)
}

/// The lines of a stream, if all of them could be read. Whatever happens, each call ends.
fn lines(parameters: Parameters, bytes: &[u8], seed: u8) -> Option<Vec<Vec<u8>>> {
    let mut inflater = Box::new(Inflater::new());
    let mut buffer = vec![0; parameters.size];
    let mut network = Pieces::new(vec![bytes; 4], Some(seed));
    let mut stream = request(parameters, &mut inflater).stream_over(&mut network, &mut buffer).ok()?;
    let mut lines = Vec::new();
    let mut is_whole = true;
    let mut finder = stream.iter_lines();
    for _ in 0..1000 {
        match finder.next_line() {
            Ok(Some(line)) => lines.push(line.to_vec()),
            Ok(None) => return is_whole.then_some(lines),
            // A line that does not fit is lost, and the next can be read.
            Err(_) => is_whole = false,
        }
    }
    None
}

/// The content is what another reading of the framing finds. It covers heads that httparse accepts.
fn framed(parameters: Parameters, mut bytes: &[u8], answer: &Answer) {
    let (status, length, chunked) = loop {
        let mut room = [httparse::EMPTY_HEADER; 256];
        let mut head = httparse::Response::new(&mut room);
        let Ok(httparse::Status::Complete(size)) = head.parse(bytes) else { return };
        let status = head.code.unwrap_or_default();
        bytes = &bytes[size..];
        if (100..200).contains(&status) && status != 101 {
            continue;
        }
        let values = |name: &str| {
            let named = head.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
            named.map(|header| String::from_utf8_lossy(header.value).trim().to_owned()).collect::<Vec<_>>()
        };
        if !values("content-encoding").is_empty() && parameters.decompress {
            return;
        }
        let lengths = values("content-length");
        break match &values("transfer-encoding")[..] {
            [] => (status, lengths.first().cloned(), false),
            [coding] if coding.eq_ignore_ascii_case("chunked") => (status, None, true),
            // Codings that mean nothing, and lists of several.
            _ => return,
        };
    };
    assert_eq!(answer.status, status);
    let has_no_body = parameters.method == "HEAD" || matches!(status, 101 | 204 | 304);
    if has_no_body || parameters.method == "CONNECT" && (200..300).contains(&status) {
        assert!(answer.content.is_empty() || parameters.method == "CONNECT");
    } else if chunked {
        assert_eq!(Some(&answer.content), dechunk(bytes).as_ref());
    } else if let Some(length) = length {
        // The same number may be repeated: "5, 5".
        let length: usize =
            length.split(',').next().and_then(|text| text.trim().parse().ok()).expect("a length");
        assert_eq!(Some(&answer.content[..]), bytes.get(..length));
    } else {
        assert_eq!(answer.content, bytes);
    }
}

/// The content of a complete chunked body.
fn dechunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let line = bytes.iter().position(|&byte| byte == b'\n')?;
        let digits = bytes[..line].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..digits]).ok()?, 16).ok()?;
        bytes = &bytes[line + 1..];
        if size == 0 {
            break;
        }
        content.extend_from_slice(bytes.get(..size)?);
        bytes = bytes[size..].strip_prefix(b"\r\n")?;
    }
    // The trailer section: lines up to an empty one.
    loop {
        let line = bytes.iter().position(|&byte| byte == b'\n')?;
        if bytes[..line].trim_ascii_end().is_empty() && line <= 1 {
            return Some(content);
        }
        bytes = &bytes[line + 1..];
    }
}

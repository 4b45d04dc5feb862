// SPDX-License-Identifier: Apache-2.0
//! Parts of a form. The body has the length announced for it, and another parser reads the same parts from it.
//!
//! A part is a byte of options, the name up to a line feed, the file name up to a line feed if it has one, two bytes of
//! length, and the content.

use requests::Part;
use requests::proto::multipart::{Boundary, Multipart};
use requests::proto::write::Write;

use crate::input::Input;

/// A part as it is read back.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    name: String,
    filename: Option<String>,
    content: Vec<u8>,
}

struct Given<'a> {
    name: String,
    filename: Option<String>,
    content_type: Option<String>,
    content: &'a [u8],
}

struct Collected(Vec<u8>);

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let mut given = Vec::new();
    while !input.is_empty() && given.len() < 8 {
        let options = input.byte();
        let name = input.text_until(b'\n');
        let filename = (options & 1 != 0).then(|| input.text_until(b'\n'));
        let content_type = (options & 2 != 0).then(|| input.text_until(b'\n'));
        let count = usize::from(input.short());
        let content = input.take(count);
        // A field is text.
        if filename.is_none() && std::str::from_utf8(content).is_err() {
            return;
        }
        // A line feed in a name, which separates names here.
        let name = name.replace('\u{1}', "\n");
        given.push(Given { name, filename, content_type, content });
    }
    let parts: Vec<_> = given
        .iter()
        .map(|part| {
            let built = match &part.filename {
                Some(filename) => Part::file(&part.name, filename, part.content),
                None => Part::field(&part.name, std::str::from_utf8(part.content).expect("checked above")),
            };
            match &part.content_type {
                Some(content_type) => built.content_type(content_type),
                None => built,
            }
        })
        .collect();
    let multipart = Multipart::new(&parts);
    let boundary = Boundary::new([0xa5; 16]);
    if multipart.check().is_err() {
        return;
    }
    let mut body = Collected(Vec::new());
    multipart.write(&mut body, &boundary).expect("no part has a reader");
    assert_eq!(multipart.content_length(&boundary), body.0.len() as u64);
    // The boundary is random: what contains it was not made by chance.
    let text = std::str::from_utf8(boundary.as_bytes()).expect("digits");
    let contains = |part: &[u8]| part.windows(text.len()).any(|window| window == text.as_bytes());
    if given.iter().any(|part| contains(part.content)) {
        return;
    }
    let expected: Vec<_> = given
        .iter()
        .map(|part| Read {
            name: escaped(&part.name),
            filename: part.filename.as_deref().map(escaped),
            content: part.content.to_vec(),
        })
        .collect();
    // That parser refuses a type that is none.
    let is_plain = |text: &String| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if given.iter().all(|part| part.content_type.as_ref().is_none_or(is_plain))
        && let Some(read) = read(body.0, text)
    {
        assert_eq!(read, expected);
    }
}

fn escaped(name: &str) -> String {
    let start = name.strip_suffix('\\');
    let name = start.unwrap_or(name).replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    if start.is_some() { name + "%5C" } else { name }
}

/// The parts as `multer` reads them. `None` if a type is not what it calls one.
fn read(body: Vec<u8>, boundary: &str) -> Option<Vec<Read>> {
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut multipart = multer::Multipart::new(stream, boundary);
    let read = async {
        let mut parts = Vec::new();
        loop {
            match multipart.next_field().await {
                Ok(Some(field)) => {
                    let name = field.name().expect("a name").to_owned();
                    let filename = field.file_name().map(str::to_owned);
                    let content = field.bytes().await.expect("content").to_vec();
                    parts.push(Read { name, filename, content });
                }
                Ok(None) => return Some(parts),
                Err(multer::Error::DecodeContentType(_)) => return None,
                Err(error) => panic!("{error}"),
            }
        }
    };
    futures_util::FutureExt::now_or_never(read).expect("all of the body is there")
}

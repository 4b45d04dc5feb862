// SPDX-License-Identifier: Apache-2.0
//! The body of the request: reads it, checks it, and passes it to the library.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use requests::{IoReader, Part, Request};
use serde::de::IgnoredAny;

use crate::failure::Usage;
use crate::options::{BodyArg, FormArg, Options, Source};

/// Files up to this size, in bytes, are read into memory, so that they can be sent again after a
/// redirect. Longer files are read while they are sent.
const READ_WHOLE: u64 = 16 << 20;

/// A body that is ready to be sent.
pub enum Body<'a> {
    None,
    Data(Vec<u8>),
    Json(Vec<u8>),
    Form(Vec<(&'a str, &'a str)>),
    Files(Vec<LoadedPart<'a>>),
}

/// One part of a `multipart/form-data` body.
pub enum LoadedPart<'a> {
    Field(&'a str, &'a str),
    File { name: &'a str, filename: String, content_type: Option<&'a str>, content: Content },
}

/// The content of a file.
pub enum Content {
    Bytes(Vec<u8>),
    Long(IoReader<BufReader<File>>, u64),
}

impl<'a> Body<'a> {
    /// Reads the body that the options name.
    ///
    /// # Errors
    /// If a file cannot be read, or JSON is not valid.
    pub fn load(options: &'a Options) -> Result<Self, Usage> {
        Ok(match &options.body {
            BodyArg::None => Self::None,
            BodyArg::Data(source) => Self::Data(read(source)?),
            BodyArg::Json(source) => Self::Json(check_json(read(source)?)?),
            BodyArg::Form(fields) => match fields.iter().map(plain_field).collect() {
                Some(plain) => Self::Form(plain),
                None => Self::Files(fields.iter().map(LoadedPart::load).collect::<Result<_, _>>()?),
            },
        })
    }

    /// The parts of a body with files, which the request borrows.
    pub fn parts(&mut self) -> Vec<Part<'_>> {
        match self {
            Self::Files(parts) => parts.iter_mut().map(LoadedPart::part).collect(),
            _ => Vec::new(),
        }
    }

    /// Sets this body on `request`, unless it has [`parts`](Self::parts).
    pub fn add_to<'r>(&'r self, request: Request<'r>, options: &Options) -> Request<'r> {
        match self {
            Self::None | Self::Files(_) => request,
            Self::Data(data) => request.data(data),
            Self::Json(text) => {
                let request = request.data(text);
                let given = options.headers.iter().any(|header| header.is("Content-Type"));
                if given { request } else { request.header("Content-Type", "application/json") }
            }
            Self::Form(fields) => request.form(fields),
        }
    }
}

impl<'a> LoadedPart<'a> {
    fn load(field: &'a FormArg) -> Result<Self, Usage> {
        Ok(match field {
            FormArg::Field(name, value) => Self::Field(name, value),
            FormArg::File { name, source, content_type } => Self::File {
                name,
                filename: filename(source),
                content_type: content_type.as_deref(),
                content: Content::load(source)?,
            },
        })
    }

    fn part(&mut self) -> Part<'_> {
        match self {
            Self::Field(name, value) => Part::field(name, value),
            Self::File { name, filename, content_type, content } => {
                let part = match content {
                    Content::Bytes(bytes) => Part::file(name, filename, bytes),
                    Content::Long(reader, len) => Part::reader(name, filename, reader, *len),
                };
                match content_type {
                    Some(content_type) => part.content_type(content_type),
                    None => part,
                }
            }
        }
    }
}

impl Content {
    fn load(source: &Source) -> Result<Self, Usage> {
        if let Source::File(path) = source {
            let file = open(path)?;
            let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
            if metadata.is_file() && metadata.len() > READ_WHOLE {
                return Ok(Self::Long(IoReader(BufReader::new(file)), metadata.len()));
            }
        }
        read(source).map(Self::Bytes)
    }
}

fn plain_field(field: &FormArg) -> Option<(&str, &str)> {
    match field {
        FormArg::Field(name, value) => Some((name, value)),
        FormArg::File { .. } => None,
    }
}

/// The file name for the server: without the folders.
fn filename(source: &Source) -> String {
    match source {
        Source::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        Source::Inline(_) | Source::Stdin => "-".to_owned(),
    }
}

fn read(source: &Source) -> Result<Vec<u8>, Usage> {
    let mut bytes = Vec::new();
    match source {
        Source::Inline(data) => bytes.clone_from(data),
        Source::File(path) => {
            open(path)?.read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        }
        Source::Stdin => {
            std::io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|error| Usage(format!("cannot read standard input: {error}")))?;
        }
    }
    Ok(bytes)
}

fn open(path: &Path) -> Result<File, Usage> {
    File::open(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Usage {
    Usage(format!("cannot read {}: {error}", path.display()))
}

/// Refuses text that is not JSON in UTF-8 (RFC 8259). Valid JSON is not changed.
fn check_json(bytes: Vec<u8>) -> Result<Vec<u8>, Usage> {
    let text = std::str::from_utf8(&bytes).map_err(|error| Usage(format!("--json is not UTF-8: {error}")))?;
    serde_json::from_str::<IgnoredAny>(text)
        .map_err(|error| Usage(format!("--json is not JSON: {error} (--data sends any text)")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_as_it_is_written() {
        for text in ["{\"b\" : 1.0,\n \"a\":1e2}", "null", " 1 ", "\"é\"", "[123456789012345678901234567890]"]
        {
            assert_eq!(check_json(text.as_bytes().to_vec()), Ok(text.as_bytes().to_vec()));
        }
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        assert!(check_json(deep.into_bytes()).is_ok());
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for bytes in [&b""[..], b"{", b"{a:1}", b"1 2", b"'a'", b"\"\xff\"", b"NaN"] {
            assert!(check_json(bytes.to_vec()).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_file_is_sent_by_its_own_name() {
        assert_eq!(filename(&Source::File("/tmp/a b/c.txt".into())), "c.txt");
        assert_eq!(filename(&Source::Stdin), "-");
    }
}

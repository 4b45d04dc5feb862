// SPDX-License-Identifier: Apache-2.0
//! The options of a request on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use requests::tls::{Pin, TlsVersion};

/// The default of `--buffer` in bytes. The system provides the memory only as it is filled.
pub const DEFAULT_BUFFER: usize = 16 << 20;

/// All options of `requests METHOD URL …` and `requests download URL …`.
#[derive(Debug)]
pub struct Options {
    /// The method, in any case.
    pub method: String,
    /// The URL as given.
    pub url: String,
    /// `--header`, in order.
    pub headers: Vec<HeaderArg>,
    /// `--data`, `--data-b64`, `--json`, `--form`, `--file`.
    pub body: BodyArg,
    /// `--param`, in order.
    pub params: Vec<(String, String)>,
    /// `--user`, with or without `--digest`, or `--bearer`.
    pub auth: Option<Auth>,
    /// `--cookies`
    pub cookies: bool,
    /// `--compressed`
    pub compressed: bool,
    /// `--timeout`
    pub timeout: Option<Duration>,
    /// `--max-redirects`
    pub max_redirects: Option<u16>,
    /// `--read-timeout`
    pub read_timeout: Option<Duration>,
    /// `--retries`
    pub retries: Option<u16>,
    /// `--stream`
    pub stream: bool,
    /// `--range-piece`, in bytes
    pub range_piece: Option<u64>,
    /// `--sha256`
    pub sha256: Option<[u8; 32]>,
    /// `--continue`
    pub resume: bool,
    /// `--buffer`
    pub buffer: Option<usize>,
    /// `--connect-to`
    pub connect_to: Option<SocketAddr>,
    /// `--cacert`, `--cert`, `--key`, `--pin`, `--insecure`, `--tls-min`
    pub tls: TlsOptions,
    /// `-o`
    pub destination: Destination,
    /// `--output`
    pub format: Format,
}

/// The roots, and the client's certificate, for https.
#[derive(Debug, Default)]
pub struct TlsOptions {
    /// `--cacert`: files of roots, instead of the built-in ones.
    pub roots: Vec<PathBuf>,
    /// `--cert`
    pub certificate: Option<PathBuf>,
    /// `--key`
    pub key: Option<PathBuf>,
    /// `--pin`
    pub pins: Vec<Pin>,
    /// `--insecure`
    pub insecure: bool,
    /// `--tls-min`
    pub min_version: TlsVersion,
}

/// The format of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For humans: status line, headers, body.
    #[default]
    Text,
    /// For programs: one line of JSON.
    Json,
}

/// The destination of the body.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Destination {
    /// Behind the headers.
    #[default]
    WithHead,
    /// Standard output, without the headers: `-o -`.
    Stdout,
    /// A file.
    File(PathBuf),
}

/// The credentials.
#[derive(Debug)]
pub enum Auth {
    /// User name and password for Basic.
    Basic(String, String),
    /// User name and password for Digest.
    Digest(String, String),
    /// A bearer token.
    Bearer(String),
}

/// One `--header`.
#[derive(Debug, PartialEq, Eq)]
pub enum HeaderArg {
    /// `NAME: VALUE`, or `NAME;` for an empty value.
    Set(String, String),
    /// `NAME:` removes a default header.
    Remove(String),
}

/// The body of the request.
#[derive(Debug, Default)]
pub enum BodyArg {
    /// Nothing.
    #[default]
    None,
    /// `--data` and `--data-b64`
    Data(Source),
    /// `--json`
    Json(Source),
    /// `--form` and `--file`, in order.
    Form(Vec<FormArg>),
}

/// The source of bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Inline(Vec<u8>),
    /// `@FILE`
    File(PathBuf),
    /// `@-`
    Stdin,
}

/// One `--form` or `--file`.
#[derive(Debug, PartialEq, Eq)]
pub enum FormArg {
    /// `NAME=VALUE`
    Field(String, String),
    /// `NAME=@FILE[;type=TYPE]`
    File {
        /// The field's name.
        name: String,
        /// The file to send.
        source: Source,
        /// Its media type, if one is given.
        content_type: Option<String>,
    },
}

impl HeaderArg {
    /// Whether this sets or removes the header called `name`.
    pub const fn is(&self, name: &str) -> bool {
        let (Self::Set(own, _) | Self::Remove(own)) = self;
        own.as_bytes().eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether this is `Transfer-Encoding: chunked`.
    pub fn asks_for_chunks(&self) -> bool {
        let coding = match self {
            Self::Set(_, value) => value.trim_matches([' ', '\t']),
            Self::Remove(_) => return false,
        };
        self.is("Transfer-Encoding") && coding.eq_ignore_ascii_case("chunked")
    }
}

// SPDX-License-Identifier: Apache-2.0
//! What a request is asked to be, as the command line says it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use requests::tls::{Pin, TlsVersion};

/// Bytes that the answer may take, unless `--buffer` says otherwise. The system gives them only as they fill.
pub const DEFAULT_BUFFER: usize = 16 << 20;

/// Everything that `requests METHOD URL …` and `requests download URL …` can say.
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
    /// `--user`, with `--digest` or without, or `--bearer`.
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

/// Whom to trust, and how to identify, with https.
#[derive(Debug, Default)]
pub struct TlsOptions {
    /// `--cacert`: files of roots, in place of the built-in ones.
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

/// How the answer is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: status line, headers, body.
    #[default]
    Text,
    /// For programs: one line of JSON.
    Json,
}

/// Where the body goes.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Destination {
    /// Behind the headers.
    #[default]
    WithHead,
    /// Alone to standard output: `-o -`.
    Stdout,
    /// Into a file.
    File(PathBuf),
}

/// Who is asking.
#[derive(Debug)]
pub enum Auth {
    /// User name and password, which are sent.
    Basic(String, String),
    /// User name and password, which are proved.
    Digest(String, String),
    /// A token.
    Bearer(String),
}

/// One `--header`.
#[derive(Debug, PartialEq, Eq)]
pub enum HeaderArg {
    /// `NAME: VALUE`, or `NAME;` for an empty value.
    Set(String, String),
    /// `NAME:` keeps a default header from being sent.
    Remove(String),
}

/// What the request carries.
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

/// Where bytes come from.
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
        /// Its media type, where one is given.
        content_type: Option<String>,
    },
}

impl HeaderArg {
    /// Whether this is about the header called `name`.
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

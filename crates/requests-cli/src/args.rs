// SPDX-License-Identifier: Apache-2.0
//! The parser of the command line.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use lexopt::prelude::*;

use crate::failure::Usage;
use requests::tls::TlsVersion;

use crate::options::{Auth, BodyArg, Destination, FormArg, Format, HeaderArg, Options, Source, TlsOptions};

/// The command.
#[derive(Debug)]
pub enum Command {
    /// `--help`
    Help,
    /// `--version`
    Version,
    /// `METHOD URL …`
    Fetch(Box<Options>),
    /// `download URL …`
    Download(Box<Options>),
    /// `parse-url URL …`
    ParseUrl {
        /// The URL or reference.
        url: String,
        /// `--base`
        base: Option<String>,
    },
}

/// Parses the arguments behind the program's name.
///
/// # Errors
/// What is wrong with them.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Usage> {
    let mut args = args.into_iter().peekable();
    if args.next_if(|first| first == "parse-url").is_some() {
        return parse_url(lexopt::Parser::from_args(args));
    }
    if args.next_if(|first| first == "download").is_some() {
        return download(lexopt::Parser::from_args(args));
    }
    fetch(lexopt::Parser::from_args(args))
}

fn download(parser: lexopt::Parser) -> Result<Command, Usage> {
    let options = match options(parser, Some("GET".to_owned()))? {
        Ok(options) => options,
        Err(command) => return Ok(command),
    };
    if !matches!(options.body, BodyArg::None) {
        return Err(Usage("a download sends no body".to_owned()));
    }
    if options.destination == Destination::WithHead {
        return Err(Usage("download needs -o FILE, or -o - for standard output".to_owned()));
    }
    for (is_given, option) in
        [(options.range_piece.is_some(), "--range-piece"), (options.resume, "--continue")]
    {
        if is_given && options.compressed {
            return Err(Usage(format!(
                "--compressed does not go with {option}: parts cannot be decompressed"
            )));
        }
    }
    if options.resume && options.destination == Destination::Stdout {
        return Err(Usage("--continue needs -o FILE".to_owned()));
    }
    Ok(Command::Download(options))
}

fn fetch(parser: lexopt::Parser) -> Result<Command, Usage> {
    let options = match options(parser, None)? {
        Ok(options) => options,
        Err(command) => return Ok(command),
    };
    for (is_given, option) in [
        (options.sha256.is_some(), "--sha256"),
        (options.range_piece.is_some(), "--range-piece"),
        (options.resume, "--continue"),
    ] {
        if is_given {
            return Err(Usage(format!("{option} goes with download: requests download URL -o FILE")));
        }
    }
    Ok(Command::Fetch(options))
}

fn parse_url(mut parser: lexopt::Parser) -> Result<Command, Usage> {
    let (mut url, mut base) = (None, None);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help),
            Short('V') | Long("version") => return Ok(Command::Version),
            Long("base") => base = Some(text(parser.value()?, "--base")?),
            Value(value) if url.is_none() => url = Some(text(value, "the URL")?),
            other => return Err(other.unexpected().into()),
        }
    }
    let url = url.ok_or_else(|| Usage("the URL is missing".to_owned()))?;
    Ok(Command::ParseUrl { url, base })
}

/// Parses the options, and the method unless it is given. Returns another command if the options
/// ask for it.
fn options(
    mut parser: lexopt::Parser,
    mut method: Option<String>,
) -> Result<Result<Box<Options>, Command>, Usage> {
    let mut options = Options {
        method: String::new(),
        url: String::new(),
        headers: Vec::new(),
        body: BodyArg::None,
        params: Vec::new(),
        auth: None,
        cookies: false,
        compressed: false,
        timeout: None,
        max_redirects: None,
        read_timeout: None,
        retries: None,
        stream: false,
        sha256: None,
        range_piece: None,
        resume: false,
        buffer: None,
        connect_to: None,
        tls: TlsOptions::default(),
        destination: Destination::default(),
        format: Format::default(),
    };
    let mut url = None;
    let mut by_digest = false;
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Err(Command::Help)),
            Short('V') | Long("version") => return Ok(Err(Command::Version)),
            Short('H') | Long("header") => {
                options.headers.extend(header(&text(parser.value()?, "--header")?)?);
            }
            Short('d') | Long("data") => {
                set_body(&mut options.body, BodyArg::Data(source(parser.value()?)))?;
            }
            Long("data-b64") => {
                let data = base64(&text(parser.value()?, "--data-b64")?)?;
                set_body(&mut options.body, BodyArg::Data(Source::Inline(data)))?;
            }
            Long("json") => set_body(&mut options.body, BodyArg::Json(source(parser.value()?)))?,
            Long("form") => {
                let (name, value) = pair(&text(parser.value()?, "--form")?, "--form")?;
                add_form(&mut options.body, FormArg::Field(name, value))?;
            }
            Long("file") => add_form(&mut options.body, file(&parser.value()?)?)?,
            Long("param") => options.params.push(pair(&text(parser.value()?, "--param")?, "--param")?),
            Short('u') | Long("user") => {
                let text = text(parser.value()?, "--user")?;
                let (user, password) = text.split_once(':').unwrap_or((&text, ""));
                set_auth(&mut options.auth, Auth::Basic(user.to_owned(), password.to_owned()))?;
            }
            Long("digest") => by_digest = true,
            Long("bearer") => {
                set_auth(&mut options.auth, Auth::Bearer(text(parser.value()?, "--bearer")?))?;
            }
            Long("cookies") => options.cookies = true,
            Long("compressed") => options.compressed = true,
            Long("timeout") => {
                options.timeout = Some(timeout(&text(parser.value()?, "--timeout")?, "--timeout")?);
            }
            Long("max-redirects") => {
                options.max_redirects = Some(number(parser.value()?, "--max-redirects", "0 to 65535")?);
            }
            Long("buffer") => {
                options.buffer = Some(number(parser.value()?, "--buffer", "a number of bytes")?);
            }
            Long("connect-to") => {
                let example = "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080";
                options.connect_to = Some(number(parser.value()?, "--connect-to", example)?);
            }
            Long("cacert") => options.tls.roots.push(parser.value()?.into()),
            Long("cert") => options.tls.certificate = Some(parser.value()?.into()),
            Long("key") => options.tls.key = Some(parser.value()?.into()),
            Long("pin") => {
                let pin = number(parser.value()?, "--pin", "sha256// and 44 characters of base64")?;
                options.tls.pins.push(pin);
            }
            Long("insecure") => options.tls.insecure = true,
            Long("tls-min") => {
                options.tls.min_version = tls_version(&text(parser.value()?, "--tls-min")?)?;
            }
            Long("stream") => options.stream = true,
            Long("read-timeout") => {
                options.read_timeout =
                    Some(timeout(&text(parser.value()?, "--read-timeout")?, "--read-timeout")?);
            }
            Long("retries") => {
                options.retries = Some(number(parser.value()?, "--retries", "0 to 65535")?);
            }
            Long("range-piece") => {
                options.range_piece = Some(number(parser.value()?, "--range-piece", "a number of bytes")?);
            }
            Long("sha256") => options.sha256 = Some(digest(&text(parser.value()?, "--sha256")?)?),
            Long("continue") => options.resume = true,
            Short('o') => options.destination = destination(parser.value()?)?,
            Long("output") => options.format = format(&text(parser.value()?, "--output")?)?,
            Value(value) if method.is_none() => method = Some(text(value, "METHOD")?),
            Value(value) if url.is_none() => url = Some(text(value, "the URL")?),
            other => return Err(other.unexpected().into()),
        }
    }
    (options.method, options.url) = method_and_url(method, url)?;
    if by_digest {
        options.auth = Some(digest_auth(options.auth)?);
    }
    if options.tls.certificate.is_some() != options.tls.key.is_some() {
        return Err(Usage("--cert and --key go together".to_owned()));
    }
    if options.format == Format::Json && options.destination == Destination::Stdout {
        return Err(Usage("-o - and --output json would both write to standard output".to_owned()));
    }
    Ok(Ok(Box::new(options)))
}

fn method_and_url(method: Option<String>, url: Option<String>) -> Result<(String, String), Usage> {
    match (method, url) {
        (Some(method), Some(url)) => Ok((method, url)),
        (Some(only), None) if only.contains("://") => {
            Err(Usage(format!("METHOD is missing: requests get {only}")))
        }
        (Some(_), None) => Err(Usage("the URL is missing".to_owned())),
        (None, _) => Err(Usage("METHOD and URL are missing".to_owned())),
    }
}

fn text(value: OsString, option: &str) -> Result<String, Usage> {
    value.into_string().map_err(|_| Usage(format!("{option} is not UTF-8")))
}

/// Parses any type that has a text form.
fn number<T: FromStr>(value: OsString, option: &str, expected: impl Display) -> Result<T, Usage> {
    let text = text(value, option)?;
    text.parse().map_err(|_| Usage(format!("{option} must be {expected}, not '{}'", text.escape_debug())))
}

fn tls_version(text: &str) -> Result<TlsVersion, Usage> {
    match text {
        "1.2" => Ok(TlsVersion::Tls12),
        "1.3" => Ok(TlsVersion::Tls13),
        _ => Err(Usage(format!("--tls-min takes 1.2 or 1.3, not '{}'", text.escape_debug()))),
    }
}

/// Parses a `--header` as curl does: `NAME: VALUE`, `NAME:` to remove, `NAME;` for an empty value.
/// As in curl, `NAME;TEXT` is not sent, but here the user is warned.
fn header(text: &str) -> Result<Option<HeaderArg>, Usage> {
    let is_blank = |byte: char| byte == ' ' || byte == '\t';
    if let Some((name, value)) = text.split_once(':') {
        let value = value.trim_start_matches(is_blank);
        return Ok(Some(if value.is_empty() {
            HeaderArg::Remove(name.to_owned())
        } else {
            HeaderArg::Set(name.to_owned(), value.to_owned())
        }));
    }
    match text.split_once(';') {
        Some((name, rest)) if rest.trim_start_matches(is_blank).is_empty() => {
            Ok(Some(HeaderArg::Set(name.to_owned(), String::new())))
        }
        Some(_) => {
            crate::report(&format!("--header '{}' has no colon and is not sent", text.escape_debug()));
            Ok(None)
        }
        None => Err(Usage(format!("--header '{}' has no colon", text.escape_debug()))),
    }
}

fn pair(text: &str, option: &str) -> Result<(String, String), Usage> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Usage(format!("{option} must be NAME=VALUE, not '{}'", text.escape_debug())))?;
    Ok((name.to_owned(), value.to_owned()))
}

/// `@FILE`, `@-`, or the bytes themselves.
fn source(value: OsString) -> Source {
    match value.as_bytes() {
        b"@-" => Source::Stdin,
        [b'@', path @ ..] => Source::File(PathBuf::from(OsStr::from_bytes(path))),
        _ => Source::Inline(value.into_vec()),
    }
}

/// `NAME=@FILE[;type=TYPE]`
fn file(value: &OsStr) -> Result<FormArg, Usage> {
    const TYPE: &[u8] = b";type=";
    let wrong = || Usage("--file must be NAME=@FILE or NAME=@FILE;type=TYPE".to_owned());
    let bytes = value.as_bytes();
    let equals = bytes.iter().position(|&byte| byte == b'=').ok_or_else(wrong)?;
    let (name, path) = bytes.split_at(equals);
    let path = path.strip_prefix(b"=@").ok_or_else(wrong)?;
    let (path, content_type) = match path.windows(TYPE.len()).rposition(|window| window == TYPE) {
        Some(start) => (path.get(..start), path.get(start + TYPE.len()..)),
        None => (Some(path), None),
    };
    let path = path.filter(|path| !path.is_empty()).ok_or_else(wrong)?;
    let text = |bytes: &[u8]| text(OsStr::from_bytes(bytes).to_owned(), "--file");
    Ok(FormArg::File {
        name: text(name)?,
        source: if path == b"-" {
            Source::Stdin
        } else {
            Source::File(PathBuf::from(OsStr::from_bytes(path)))
        },
        content_type: content_type.map(text).transpose()?,
    })
}

fn base64(text: &str) -> Result<Vec<u8>, Usage> {
    Base64::decode_vec(text)
        .map_err(|_| Usage("--data-b64 is not base64 (RFC 4648 §4, with padding)".to_owned()))
}

fn set_body(body: &mut BodyArg, new: BodyArg) -> Result<(), Usage> {
    if !matches!(body, BodyArg::None) {
        return Err(two_bodies());
    }
    *body = new;
    Ok(())
}

fn add_form(body: &mut BodyArg, field: FormArg) -> Result<(), Usage> {
    match body {
        BodyArg::None => *body = BodyArg::Form(vec![field]),
        BodyArg::Form(fields) => fields.push(field),
        BodyArg::Data(_) | BodyArg::Json(_) => return Err(two_bodies()),
    }
    Ok(())
}

fn two_bodies() -> Usage {
    Usage("a request has one body: one --data, --data-b64 or --json, or --form and --file".to_owned())
}

fn set_auth(auth: &mut Option<Auth>, new: Auth) -> Result<(), Usage> {
    if auth.replace(new).is_some() {
        return Err(Usage("--user and --bearer can be given once, and not both".to_owned()));
    }
    Ok(())
}

fn digest_auth(auth: Option<Auth>) -> Result<Auth, Usage> {
    match auth {
        Some(Auth::Basic(user, password)) => Ok(Auth::Digest(user, password)),
        _ => Err(Usage("--digest goes with --user USER:PASSWORD".to_owned())),
    }
}

fn timeout(text: &str, option: &str) -> Result<Duration, Usage> {
    text.parse::<f64>()
        .ok()
        .filter(|&ms| ms > 0.0)
        .and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok())
        .ok_or_else(|| {
            Usage(format!("{option} must be a number of milliseconds above 0, not '{}'", text.escape_debug()))
        })
}

/// 64 hexadecimal digits.
fn digest(text: &str) -> Result<[u8; 32], Usage> {
    let wrong = || Usage(format!("--sha256 must be 64 hexadecimal digits, not '{}'", text.escape_debug()));
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.ok_or_else(wrong)?;
    let bytes: Vec<u8> =
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    // A single digit at the end would count as a byte.
    bytes.try_into().ok().filter(|_| digits.len() == 64).ok_or_else(wrong)
}

fn destination(value: OsString) -> Result<Destination, Usage> {
    match value.as_bytes() {
        b"" => Err(Usage("-o needs the name of a file".to_owned())),
        b"-" => Ok(Destination::Stdout),
        _ => Ok(Destination::File(PathBuf::from(value))),
    }
}

fn format(text: &str) -> Result<Format, Usage> {
    match text {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        _ => Err(Usage(format!("--output must be text or json, not '{}'", text.escape_debug()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(args: &[&str]) -> Result<Command, Usage> {
        parse(args.iter().map(OsString::from))
    }

    fn options(args: &[&str]) -> Result<Options, Usage> {
        match command(&[&["get", "http://a/"], args].concat())? {
            Command::Fetch(options) => Ok(*options),
            other => panic!("{other:?}"),
        }
    }

    fn set(name: &str, value: &str) -> Option<HeaderArg> {
        Some(HeaderArg::Set(name.to_owned(), value.to_owned()))
    }

    #[test]
    fn headers_are_read_as_curl_does() {
        let remove = |name: &str| Some(HeaderArg::Remove(name.to_owned()));
        for (text, expected) in [
            ("A: b", set("A", "b")),
            ("A:b: c ", set("A", "b: c ")),
            ("A: \tb", set("A", "b")),
            ("A: b\r\nC: d", set("A", "b\r\nC: d")),
            ("A:\r\n", set("A", "\r\n")),
            ("A:", remove("A")),
            ("A:  ", remove("A")),
            ("A;", set("A", "")),
            ("A;  ", set("A", "")),
            ("A;ignored", None),
        ] {
            assert_eq!(header(text), Ok(expected), "{text:?}");
        }
        assert!(header("A").is_err());
    }

    #[test]
    fn data_is_text_a_file_or_standard_input() {
        for (text, expected) in [
            ("", Source::Inline(vec![])),
            ("a=@b", Source::Inline(b"a=@b".to_vec())),
            ("@b c", Source::File("b c".into())),
            ("@-", Source::Stdin),
        ] {
            assert_eq!(source(text.into()), expected);
        }
        assert_eq!(source(OsString::from_vec(vec![0xff])), Source::Inline(vec![0xff]));
    }

    #[test]
    fn files_have_a_name_a_path_and_perhaps_a_type() {
        let parsed = |name: &str, path: &str, content_type: Option<&str>| FormArg::File {
            name: name.to_owned(),
            source: Source::File(path.into()),
            content_type: content_type.map(str::to_owned),
        };
        for (text, expected) in [
            ("f=@a.txt", parsed("f", "a.txt", None)),
            ("f=@a;b=c.txt", parsed("f", "a;b=c.txt", None)),
            ("f=@a.txt;type=text/plain", parsed("f", "a.txt", Some("text/plain"))),
            ("f=@a;type=b;type=c", parsed("f", "a;type=b", Some("c"))),
        ] {
            assert_eq!(file(OsStr::new(text)), Ok(expected));
        }
        for text in ["", "f", "f=a.txt", "f=@", "@a.txt", "f=@;type=a/b"] {
            assert!(file(OsStr::new(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn options_come_before_between_and_behind() {
        let Ok(Command::Fetch(options)) =
            command(&["--timeout=4000.0", "pOsT", "-HA: b", "http://a/", "--max-redirects", "3"])
        else {
            panic!();
        };
        assert_eq!((&*options.method, &*options.url), ("pOsT", "http://a/"));
        assert_eq!(options.timeout, Some(Duration::from_secs(4)));
        assert_eq!(options.max_redirects, Some(3));
        assert_eq!(options.headers, [HeaderArg::Set("A".to_owned(), "b".to_owned())]);
    }

    #[test]
    fn a_download_is_a_get_into_a_file() {
        let digits = "00ff".repeat(16);
        let args = ["download", "http://a/", "-o", "f", "--continue", "--sha256", &digits, "--retries=2"];
        let Ok(Command::Download(options)) = command(&args) else { panic!() };
        assert_eq!((&*options.method, &*options.url, options.resume), ("GET", "http://a/", true));
        assert_eq!(options.sha256.map(|digest| digest[..4].to_vec()), Some(vec![0, 255, 0, 255]));
        assert_eq!(options.retries, Some(2));
        // Other spellings count as methods.
        assert!(matches!(command(&["DOWNLOAD", "http://a/"]), Ok(Command::Fetch(_))));
    }

    #[test]
    fn values_may_look_like_options() {
        let options = options(&["-d", "--json", "--param", "-a=-b"]).unwrap();
        assert!(matches!(options.body, BodyArg::Data(Source::Inline(data)) if data == b"--json"));
        assert_eq!(options.params, [("-a".to_owned(), "-b".to_owned())]);
    }

    #[test]
    fn fields_and_files_keep_their_order() {
        let options = options(&["--form", "a=1", "--file", "f=@x", "--form", "b=2=3"]).unwrap();
        let BodyArg::Form(fields) = options.body else { panic!() };
        assert!(matches!(
            &fields[..],
            [FormArg::Field(..), FormArg::File { .. }, FormArg::Field(name, value)] if name == "b" && value == "2=3"
        ));
    }

    #[test]
    fn wrong_usage_is_told() {
        for (args, expected) in [
            (&[][..], "METHOD and URL are missing"),
            (&["get"], "the URL is missing"),
            (&["http://a/"], "METHOD is missing: requests get http://a/"),
            (&["get", "http://a/", "x"], "unexpected argument \"x\""),
            (&["get", "http://a/", "--nonsense"], "invalid option '--nonsense'"),
            (&["get", "http://a/", "-d"], "missing argument for option '-d'"),
            (&["parse-url"], "the URL is missing"),
            (&["parse-url", "http://a/", "-d", "x"], "invalid option '-d'"),
        ] {
            assert_eq!(command(args).unwrap_err(), Usage(expected.to_owned()), "{args:?}");
        }
        for args in [
            &["-H", "no colon"][..],
            &["--data-b64", "a"],
            &["--data-b64", "aGk"],
            &["--form", "a"],
            &["--param", "a"],
            &["--file", "a=b"],
            &["--timeout", "0"],
            &["--timeout", "-1"],
            &["--timeout", "soon"],
            &["--timeout", "NaN"],
            &["--timeout", "inf"],
            &["--max-redirects", "-1"],
            &["--max-redirects", "65536"],
            &["--buffer", "1k"],
            &["--connect-to", "localhost:80"],
            &["--connect-to", "127.0.0.1"],
            &["--output", "xml"],
            &["-o", ""],
            &["-o", "-", "--output", "json"],
            &["-d", "a", "-d", "b"],
            &["-d", "a", "--json", "1"],
            &["--form", "a=b", "--data-b64", ""],
            &["--json", "1", "--file", "a=@b"],
            &["-u", "a:b", "--bearer", "c"],
            &["--digest"],
            &["--digest", "--bearer", "c"],
            &["--read-timeout", "0"],
            &["--retries", "-1"],
            &["--continue"],
            &["--sha256", &"0".repeat(64)],
        ] {
            assert!(options(args).is_err(), "{args:?}");
        }
        let digest = "0".repeat(64);
        for args in [
            &[][..],
            &["http://a/"],
            &["http://a/", "-o", "-", "--continue"],
            &["http://a/", "-o", "f", "-d", "x"],
            &["http://a/", "-o", "f", "--compressed", "--continue"],
            &["http://a/", "-o", "f", "--compressed", "--range-piece", "9"],
            &["http://a/", "-o", "f", "--sha256", &digest[1..]],
            &["http://a/", "-o", "f", "--sha256", &format!("{digest}0")],
            &["http://a/", "-o", "f", "--sha256", &digest.replacen('0', "g", 1)],
        ] {
            assert!(command(&[&["download"], args].concat()).is_err(), "{args:?}");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
//! From `struct requests_options` to a request: the one place where options are read.

use core::time::Duration;

use embedded_io::ErrorKind;

use crate::Error;
use crate::capi::cancel::Token;
#[cfg(not(all(feature = "digest-auth", on_zephyr)))]
use crate::capi::code::Code;
use crate::capi::failure::Failure;
use crate::capi::inflater::State;
use crate::client::{Body, Parts, RequestBuilder, Retry};
use crate::proto::auth::Auth;
use crate::proto::form::Fields;
use crate::proto::multipart::{Multipart, Part};
use crate::proto::reader::BodyReader;
use crate::sys::c::Misuse;
use crate::sys::c::arena::Arena;
use crate::sys::c::border::Border;
use crate::sys::c::pointer::{List, Reader};
#[cfg(feature = "tls")]
use crate::sys::c::types::TlsOptions;
use crate::sys::c::types::{self, Field, FormPart, RetryOptions};
#[cfg(feature = "tls")]
use crate::tls::{DatePolicy, TlsConfig, TlsVersion, danger};

/// `struct requests_options`.
pub type Options<'a> = types::Options<'a, Token, State>;

/// Gives `request` what the options say, but for the times and the inflater. Lists are made in `arena`.
// The request is changed where it is, and the frame of this function is gone before anything is sent: a request
// takes half a kilobyte of stack, which small threads have once.
#[inline(never)]
pub fn apply<'r, 'c, 'b: 'r>(
    request: &mut RequestBuilder<'r, 'c>,
    options: &'r Options<'c>,
    border: &Border,
    arena: &mut Arena<'b>,
) -> Result<(), Failure>
where
    'c: 'r,
{
    let parts = &mut request.parts;
    let mut has_content_type = false;
    for field in border.items(options.headers)? {
        let name = border.text(field.name)?;
        has_content_type |= name.eq_ignore_ascii_case("Content-Type");
        parts.push_header((name, border.optional_text(field.value)?));
    }
    if !options.params.is_null() {
        parts.params = Some(fields(options.params, border, arena)?.list());
    }
    apply_body(parts, options, has_content_type, border, arena)?;
    apply_auth(parts, options, border)?;
    #[cfg(feature = "tls")]
    if let Some(config) = tls_config(&options.tls, border)? {
        parts.settings.tls = config;
    }
    if let Some(limit) = redirects(options.redirects) {
        parts.settings.max_redirects = limit;
    }
    if options.allow_https_downgrade.is_set() {
        parts.settings.allow_https_downgrade = true;
    }
    if let Some(retry) = retry(&options.retry) {
        parts.settings.set_retry(retry);
    }
    if !options.cancel.is_null() {
        request.resources.cancel_token = Some(options.cancel.share()?.token());
    }
    Ok(())
}

/// Gives `request` the times that the options say.
pub fn apply_times(request: &mut RequestBuilder<'_, '_>, options: &Options<'_>) {
    let settings = &mut request.parts.settings;
    if options.timeout_ms != 0 {
        settings.timeout_ms = options.timeout_ms.into();
    }
    if options.read_timeout_ms != 0 {
        settings.read_timeout_ms = Some(options.read_timeout_ms.into());
    }
}

fn apply_body<'r, 'b: 'r>(
    parts: &mut Parts<'r>,
    options: &'r Options<'r>,
    has_content_type: bool,
    border: &Border,
    arena: &mut Arena<'b>,
) -> Result<(), Failure> {
    if !options.data.is_null() {
        parts.set_body(Body::data(border.bytes(options.data)?));
    }
    if let Some(json) = border.optional_text(options.json)? {
        parts.set_body(Body::data(json.as_bytes()));
        if !has_content_type {
            parts.push_header(("Content-Type", Some("application/json")));
        }
    }
    if !options.form.is_null() {
        parts.set_body(Body::form(fields(options.form, border, arena)?.list()));
    }
    if !options.files.is_null() {
        parts.set_body(Body::files(Multipart::new(form_parts(options.files, border, arena)?)));
    }
    if !options.body.is_null() {
        let len = (options.body.len > 0).then_some(options.body.len);
        if let [content] = arena.list(1, |_| Ok::<_, Failure>(Content(options.body)))? {
            parts.set_reader(content, len);
        }
    }
    if options.chunked.is_set() {
        parts.set_chunked();
    }
    if options.expect_continue.is_set() {
        parts.set_await_continue();
    }
    Ok(())
}

fn apply_auth<'r>(parts: &mut Parts<'r>, options: &'r Options<'r>, border: &Border) -> Result<(), Failure> {
    if let Some(token) = border.optional_text(options.bearer)? {
        if !options.user.is_null() {
            return Err(Error::InvalidCredentials.into());
        }
        parts.set_auth(Auth::Bearer(token));
        return Ok(());
    }
    let Some(user) = border.optional_text(options.user)? else { return Ok(()) };
    let password = border.optional_text(options.password)?.unwrap_or_default();
    if !options.digest.is_set() {
        parts.set_auth(Auth::basic(user, password));
        return Ok(());
    }
    #[cfg(feature = "digest-auth")]
    {
        parts.replace_by_digest_auth((user, password));
        Ok(())
    }
    #[cfg(not(feature = "digest-auth"))]
    Err(Code::NotBuiltIn.into())
}

/// Names and values, in the order in which they are given.
pub fn fields<'r, 'b: 'r>(
    list: List<'r, Field<'r>>,
    border: &Border,
    arena: &mut Arena<'b>,
) -> Result<&'r [(&'r str, &'r str)], Failure> {
    let list = border.items(list)?;
    let made = arena.list(list.len(), |index| {
        let field = list.get(index).ok_or(Misuse::Length)?;
        Ok::<_, Failure>((border.text(field.name)?, border.text(field.value)?))
    })?;
    Ok(made)
}

fn form_parts<'r, 'b: 'r>(
    list: List<'r, FormPart<'r>>,
    border: &Border,
    arena: &mut Arena<'b>,
) -> Result<&'r [Part<'r>], Failure> {
    let list = border.items(list)?;
    let readers = arena.list(list.len(), |index| {
        let part = list.get(index).ok_or(Misuse::Length)?;
        Ok::<_, Failure>(Content(part.reader))
    })?;
    let mut readers = readers.iter_mut();
    let made = arena.list(list.len(), |index| {
        let part = list.get(index).ok_or(Misuse::Length)?;
        let content = readers.next().ok_or(Misuse::Length)?;
        let made = part_of(part, content, border)?;
        Ok::<_, Failure>(match border.optional_text(part.content_type)? {
            Some(content_type) => made.content_type(content_type),
            None => made,
        })
    })?;
    Ok(made)
}

fn part_of<'r>(part: &FormPart<'r>, content: &'r mut Content, border: &Border) -> Result<Part<'r>, Failure> {
    let name = border.text(part.name)?;
    if let Some(value) = border.optional_text(part.value)? {
        let is_alone = part.filename.is_null() && part.content.is_null() && content.0.is_null();
        return if is_alone { Ok(Part::field(name, value)) } else { Err(Error::ConflictingBody.into()) };
    }
    let filename = border.text(part.filename)?;
    if content.0.is_null() {
        return Ok(Part::file(name, filename, border.bytes(part.content)?));
    }
    if !part.content.is_null() {
        return Err(Error::ConflictingBody.into());
    }
    let len = content.0.len;
    Ok(Part::reader(name, filename, content, len))
}

/// Content that a callback gives.
struct Content(Reader);

impl BodyReader for Content {
    fn read_body(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let count = usize::try_from(self.0.read(buffer)).ok();
        count.filter(|&count| count <= buffer.len()).ok_or(ErrorKind::Other)
    }
}

/// How TLS connections are made, if anything is said of it.
#[cfg(feature = "tls")]
pub fn tls_config<'r>(tls: &TlsOptions<'r>, border: &Border) -> Result<Option<TlsConfig<'r>>, Failure> {
    let is_default = tls.roots.is_null()
        && tls.certificate.is_null()
        && tls.key.is_null()
        && tls.sec_tags.is_null()
        && tls.pins.is_null()
        && tls.min_version == 0
        && tls.dates == 0
        && !tls.accept_invalid_certs.is_set();
    if is_default {
        return Ok(None);
    }
    let mut config = TlsConfig::new();
    if !tls.roots.is_null() {
        config = config.one_text_of_roots(border.bytes(tls.roots)?, tls.add_roots.is_set());
    }
    if !tls.certificate.is_null() || !tls.key.is_null() {
        config = config.identity(border.bytes(tls.certificate)?, border.bytes(tls.key)?);
    }
    let tags = border.items(tls.sec_tags)?;
    if !tags.is_empty() {
        #[cfg(on_zephyr)]
        {
            config = config.credentials(tags);
        }
        #[cfg(not(on_zephyr))]
        return Err(Code::NotBuiltIn.into());
    }
    if !tls.pins.is_null() {
        config = config.pins(border.items(tls.pins)?);
    }
    config = match tls.min_version {
        0 => config,
        12 => config.min_version(TlsVersion::Tls12),
        13 => config.min_version(TlsVersion::Tls13),
        _ => return Err(Misuse::Number.into()),
    };
    config = match tls.dates {
        0 => config,
        1 => config.dates(DatePolicy::Required),
        2 => config.dates(DatePolicy::IgnoredWithoutClock),
        _ => return Err(Misuse::Number.into()),
    };
    if tls.accept_invalid_certs.is_set() {
        config = danger::accept_invalid_certs(config);
    }
    Ok(Some(config))
}

/// When to send again, if it is to be done.
pub fn retry(options: &RetryOptions) -> Option<Retry> {
    if options.attempts == 0 {
        return None;
    }
    let or = |ms: u32, default| milliseconds(if ms == 0 { default } else { ms });
    let mut retry = Retry::new(options.attempts);
    if options.backoff_ms != 0 || options.max_backoff_ms != 0 {
        retry = retry.backoff(or(options.backoff_ms, 500), or(options.max_backoff_ms, 30_000));
    }
    if options.max_retry_after_ms != 0 {
        retry = retry.max_retry_after(milliseconds(options.max_retry_after_ms));
    }
    if options.jitter.is_set() {
        retry = retry.jitter();
    }
    if options.any_method.is_set() {
        retry = retry.any_method();
    }
    Some(retry)
}

/// How many redirects to follow, if that is said.
pub fn redirects(limit: i32) -> Option<u16> {
    (limit != 0).then(|| u16::try_from(limit.max(0)).unwrap_or(u16::MAX))
}

pub const fn milliseconds(ms: u32) -> Duration {
    Duration::from_millis(ms as u64)
}

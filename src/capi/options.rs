// SPDX-License-Identifier: Apache-2.0
//! From `struct requests_options` to a request: the one place where options are read.

use core::time::Duration;

#[cfg(any(feature = "capi-files", feature = "capi-body-reader"))]
use embedded_io::ErrorKind;

#[cfg(feature = "capi-files")]
use crate::Error;
use crate::capi::cancel::Token;
#[cfg(not(all(
    feature = "capi-files",
    feature = "capi-body-reader",
    feature = "capi-retry",
    on_zephyr
)))]
use crate::capi::code::Code;
use crate::capi::credentials::{Credentials, Members};
use crate::capi::failure::Failure;
use crate::capi::inflater::State;
use crate::client::{Body, Parts, RequestBuilder, Retry, Settings};
use crate::proto::auth::Auth;
use crate::proto::form::Fields;
#[cfg(feature = "capi-files")]
use crate::proto::multipart::{Multipart, Part};
#[cfg(any(feature = "capi-files", feature = "capi-body-reader"))]
use crate::proto::reader::BodyReader;
use crate::sys::c::Misuse;
use crate::sys::c::arena::Arena;
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::List;
#[cfg(any(feature = "capi-files", feature = "capi-body-reader"))]
use crate::sys::c::pointer::Reader;
#[cfg(feature = "capi-files")]
use crate::sys::c::types::FormPart;
#[cfg(feature = "tls")]
use crate::sys::c::types::TlsOptions;
use crate::sys::c::types::{self, Field, RetryOptions};
#[cfg(feature = "tls")]
use crate::tls::{DatePolicy, TlsConfig, TlsVersion, danger};

/// `struct requests_options`.
pub type Options<'a> = types::Options<'a, Token, State>;

/// Applies the options to a request, except those of [`apply_timing`] and the inflater. Lists are made in `arena`.
// The request is changed in place, and the stack frame of this function is gone before anything is sent. A copy of the
// request would take half a kilobyte of stack.
#[inline(never)]
pub fn apply<'r, 'c, 'b: 'r>(
    request: &mut RequestBuilder<'r, 'c>,
    options: &'r Options<'c>,
    checks: &PointerChecks,
    arena: &mut Arena<'b>,
) -> Result<(), Failure>
where
    'c: 'r,
{
    let parts = &mut request.parts;
    for field in checks.items(options.headers)? {
        parts.push_header((checks.text(field.name)?, checks.optional_text(field.value)?));
    }
    if !options.params.is_null() {
        parts.params = Some(fields(options.params, checks, arena)?.list());
    }
    apply_body(parts, options, checks, arena)?;
    apply_auth(parts, options, checks)?;
    #[cfg(feature = "tls")]
    if let Some(config) = tls_config(parts.settings.tls, &options.tls, checks)? {
        parts.settings.tls = config;
    }
    if let Some(limit) = redirects(options.redirects) {
        parts.settings.max_redirects = limit;
    }
    if options.allow_https_downgrade.is_set() {
        parts.settings.allow_https_downgrade = true;
    }
    if !options.cancel.is_null() {
        request.resources.cancel_token = Some(options.cancel.borrow()?.token());
    }
    Ok(())
}

/// Applies time-outs and retries. Downloads have their own.
pub fn apply_timing(request: &mut RequestBuilder<'_, '_>, options: &Options<'_>) -> Result<(), Failure> {
    let settings = &mut request.parts.settings;
    if options.timeout_ms != 0 {
        settings.timeout_ms = options.timeout_ms.into();
    }
    if options.read_timeout_ms != 0 {
        settings.read_timeout_ms = Some(options.read_timeout_ms.into());
    }
    apply_retry(settings, &options.retry)
}

fn apply_body<'r, 'b: 'r>(
    parts: &mut Parts<'r>,
    options: &'r Options<'r>,
    checks: &PointerChecks,
    arena: &mut Arena<'b>,
) -> Result<(), Failure> {
    if !options.data.is_null() {
        parts.set_body(Body::data(checks.bytes(options.data)?));
    }
    if let Some(json) = checks.optional_text(options.json)? {
        parts.set_body(Body::json_text(json));
    }
    if !options.form.is_null() {
        parts.set_body(Body::form(fields(options.form, checks, arena)?.list()));
    }
    apply_files(parts, options, checks, arena)?;
    apply_reader(parts, options, arena)
}

/// Sets a multipart form as the body.
#[cfg(feature = "capi-files")]
fn apply_files<'r, 'b: 'r>(
    parts: &mut Parts<'r>,
    options: &'r Options<'r>,
    checks: &PointerChecks,
    arena: &mut Arena<'b>,
) -> Result<(), Failure> {
    if !options.files.is_null() {
        parts.set_body(Body::files(Multipart::new(form_parts(options.files, checks, arena)?)));
    }
    Ok(())
}

#[cfg(not(feature = "capi-files"))]
fn apply_files(
    _: &mut Parts<'_>,
    options: &Options<'_>,
    _: &PointerChecks,
    _: &mut Arena<'_>,
) -> Result<(), Failure> {
    if options.files.is_null() { Ok(()) } else { Err(Code::NotBuiltIn.into()) }
}

/// Sets the body that a callback provides, and how it is sent.
#[cfg(feature = "capi-body-reader")]
fn apply_reader<'r, 'b: 'r>(
    parts: &mut Parts<'r>,
    options: &'r Options<'r>,
    arena: &mut Arena<'b>,
) -> Result<(), Failure> {
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

#[cfg(not(feature = "capi-body-reader"))]
fn apply_reader(_: &mut Parts<'_>, options: &Options<'_>, _: &mut Arena<'_>) -> Result<(), Failure> {
    let is_asked_for =
        !options.body.is_null() || options.chunked.is_set() || options.expect_continue.is_set();
    if is_asked_for { Err(Code::NotBuiltIn.into()) } else { Ok(()) }
}

fn apply_auth<'r>(
    parts: &mut Parts<'r>,
    options: &'r Options<'r>,
    checks: &PointerChecks,
) -> Result<(), Failure> {
    let members = Members {
        user: options.user,
        password: options.password,
        bearer: options.bearer,
        digest: options.digest,
    };
    match members.read(checks)? {
        None => {}
        Some(Credentials::Bearer(token)) => parts.set_auth(Auth::Bearer(token)),
        Some(Credentials::Basic(user, password)) => parts.set_auth(Auth::basic(user, password)),
        #[cfg(feature = "digest-auth")]
        Some(Credentials::Digest(user, password)) => parts.replace_by_digest_auth((user, password)),
    }
    Ok(())
}

/// Names and values, in the order in which they are given.
pub fn fields<'r, 'b: 'r>(
    list: List<'r, Field<'r>>,
    checks: &PointerChecks,
    arena: &mut Arena<'b>,
) -> Result<&'r [(&'r str, &'r str)], Failure> {
    let list = checks.items(list)?;
    let made = arena.list(list.len(), |index| {
        let field = list.get(index).ok_or(Misuse::Length)?;
        Ok::<_, Failure>((checks.text(field.name)?, checks.text(field.value)?))
    })?;
    Ok(made)
}

#[cfg(feature = "capi-files")]
fn form_parts<'r, 'b: 'r>(
    list: List<'r, FormPart<'r>>,
    checks: &PointerChecks,
    arena: &mut Arena<'b>,
) -> Result<&'r [Part<'r>], Failure> {
    let list = checks.items(list)?;
    let readers = arena.list(list.len(), |index| {
        let part = list.get(index).ok_or(Misuse::Length)?;
        Ok::<_, Failure>(Content(part.reader))
    })?;
    let mut readers = readers.iter_mut();
    let made = arena.list(list.len(), |index| {
        let part = list.get(index).ok_or(Misuse::Length)?;
        let content = readers.next().ok_or(Misuse::Length)?;
        let made = part_of(part, content, checks)?;
        Ok::<_, Failure>(match checks.optional_text(part.content_type)? {
            Some(content_type) => made.content_type(content_type),
            None => made,
        })
    })?;
    Ok(made)
}

#[cfg(feature = "capi-files")]
fn part_of<'r>(
    part: &FormPart<'r>,
    content: &'r mut Content,
    checks: &PointerChecks,
) -> Result<Part<'r>, Failure> {
    let name = checks.text(part.name)?;
    if let Some(value) = checks.optional_text(part.value)? {
        let is_alone = part.filename.is_null() && part.content.is_null() && content.0.is_null();
        return if is_alone { Ok(Part::field(name, value)) } else { Err(Error::ConflictingBody.into()) };
    }
    let filename = checks.text(part.filename)?;
    if content.0.is_null() {
        return Ok(Part::file(name, filename, checks.bytes(part.content)?));
    }
    if !part.content.is_null() {
        return Err(Error::ConflictingBody.into());
    }
    let len = content.0.len;
    Ok(Part::reader(name, filename, content, len))
}

/// Content that a callback provides.
#[cfg(any(feature = "capi-files", feature = "capi-body-reader"))]
struct Content(Reader);

#[cfg(any(feature = "capi-files", feature = "capi-body-reader"))]
impl BodyReader for Content {
    fn read_body(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let count = usize::try_from(self.0.read(buffer)).ok();
        count.filter(|&count| count <= buffer.len()).ok_or(ErrorKind::Other)
    }
}

/// The settings `config`, with those that `tls` has in their place; `None` if it has none.
#[cfg(feature = "tls")]
pub fn tls_config<'r>(
    mut config: TlsConfig<'r>,
    tls: &TlsOptions<'r>,
    checks: &PointerChecks,
) -> Result<Option<TlsConfig<'r>>, Failure> {
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
    if !tls.roots.is_null() {
        config = config.one_text_of_roots(checks.bytes(tls.roots)?, tls.add_roots.is_set());
    }
    if !tls.certificate.is_null() || !tls.key.is_null() {
        config = config.identity(checks.bytes(tls.certificate)?, checks.bytes(tls.key)?);
    }
    let tags = checks.items(tls.sec_tags)?;
    if !tags.is_empty() {
        #[cfg(on_zephyr)]
        {
            config = config.credentials(tags);
        }
        #[cfg(not(on_zephyr))]
        return Err(Code::NotBuiltIn.into());
    }
    if !tls.pins.is_null() {
        config = config.pins(checks.items(tls.pins)?);
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

/// Applies the retries.
#[cfg(feature = "capi-retry")]
fn apply_retry(settings: &mut Settings<'_>, options: &RetryOptions) -> Result<(), Failure> {
    if let Some(retry) = retry(options) {
        settings.set_retry(retry);
    }
    Ok(())
}

#[cfg(not(feature = "capi-retry"))]
fn apply_retry(_: &mut Settings<'_>, options: &RetryOptions) -> Result<(), Failure> {
    if options.attempts == 0 { Ok(()) } else { Err(Code::NotBuiltIn.into()) }
}

/// The retries, if the options ask for any.
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
    if options.statuses.iter().any(|&status| status != 0) {
        retry = retry.copied_statuses(options.statuses);
    }
    if options.jitter.is_set() {
        retry = retry.jitter();
    }
    if options.any_method.is_set() {
        retry = retry.any_method();
    }
    Some(retry)
}

/// The limit of redirects, if the options set one.
pub fn redirects(limit: i32) -> Option<u16> {
    (limit != 0).then(|| u16::try_from(limit.max(0)).unwrap_or(u16::MAX))
}

pub const fn milliseconds(ms: u32) -> Duration {
    Duration::from_millis(ms as u64)
}

// SPDX-License-Identifier: Apache-2.0
//! Sessions, `struct requests_session`.

use core::ffi::c_int;

use crate::capi::cancel::Token;
#[cfg(not(all(feature = "cookies", feature = "capi-retry", feature = "tls", not(tls_sockets))))]
use crate::capi::code::Code;
use crate::capi::cookies::{Jar, JarInUse};
use crate::capi::credentials::{Credentials, Members};
use crate::capi::failure::{Failure, Response, result_of};
#[cfg(feature = "capi-retry")]
use crate::capi::options::retry;
#[cfg(feature = "tls")]
use crate::capi::options::tls_config;
use crate::capi::options::{Options, fields, milliseconds, redirects};
use crate::capi::request::{Call, Defaults, send};
use crate::client::{Request, RequestBuilder, Session, platform_network};
use crate::config::{CAPI_DIGEST, CAPI_TLS, SESSION_CONNECTIONS, SESSION_HOST_LEN};
use crate::proto::form::Fields;
use crate::sys::c::arena::Arena;
use crate::sys::c::checks::PointerChecks;
use crate::sys::c::pointer::{Bytes, List, Out, Room, Shared, Text};
use crate::sys::c::storage::{Handle, Opaque};
use crate::sys::c::types::{Field, SessionOptions};
#[cfg(feature = "tls")]
use crate::tls::TlsConfig;

/// Bytes of a pointer.
const POINTER: usize = size_of::<*const u8>();
/// Bytes of `struct requests_session`, as the header computes them.
const SESSION_SIZE: usize = 136
    + 34 * POINTER
    + CAPI_DIGEST * 408
    + CAPI_TLS * 384
    + SESSION_CONNECTIONS * (40 + 2 * POINTER + SESSION_HOST_LEN.next_multiple_of(8) + CAPI_TLS * 192);

/// What a `struct requests_session` holds. What its options point to stays valid as long as it is open, as the header
/// says.
pub struct State {
    session: Session<'static>,
    headers: List<'static, Field<'static>>,
    params: List<'static, Field<'static>>,
    // Dropped behind the session, which refers to the jar.
    _cookies: JarInUse<'static>,
}

// crates/requests-capi/layout.c asserts the same.
#[cfg(feature = "host")]
const _: () = assert!(<State as Opaque>::SIZE == if POINTER == 8 { 3216 } else { 3048 });

impl Opaque for State {
    const MARK: u32 = 0x5345_5353;
    const SIZE: usize = SESSION_SIZE.next_multiple_of(8);
}

impl Defaults for State {
    fn apply_to<'x>(
        &'x mut self,
        request: &mut Request<'x>,
        checks: &PointerChecks,
        arena: &mut Arena<'x>,
    ) -> Result<(), Failure> {
        apply_defaults(self, request, checks, arena)
    }
}

/// Gives a request the headers, parameters and settings of a session, and its connections.
pub fn apply_defaults<'x, 's: 'x, 'b: 'x>(
    state: &'s mut State,
    request: &mut RequestBuilder<'x, 's>,
    checks: &PointerChecks,
    arena: &mut Arena<'b>,
) -> Result<(), Failure> {
    let headers = fields(state.headers, checks, arena)?;
    let params = match state.params {
        none if none.is_null() => None,
        some => Some(fields(some, checks, arena)?.list()),
    };
    for (start, len) in state.session.borrowed() {
        checks.check_apart(start, len)?;
    }
    state.session.adopt(request, headers, params);
    Ok(())
}

/// `requests_session_open`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_open(
    session: Handle<'_, State>,
    options: Shared<'_, SessionOptions<'static, Token, Jar>>,
) -> c_int {
    result_of(session.open(|| {
        let checks = PointerChecks::new();
        open(checks.shared(options)?, &checks)
    }))
}

fn open(
    options: Option<&SessionOptions<'static, Token, Jar>>,
    checks: &PointerChecks,
) -> Result<State, Failure> {
    let mut session = Session::over(platform_network()?);
    let mut cookies = JarInUse::default();
    let Some(options) = options else {
        return Ok(State { session, headers: List::EMPTY, params: List::EMPTY, _cookies: cookies });
    };
    // Errors in the lists are found here, not at the first request.
    for list in [options.headers, options.params] {
        for field in checks.items(list)? {
            checks.text(field.name)?;
            checks.text(field.value)?;
        }
    }
    if let Some(url) = checks.optional_text(options.base_url)? {
        session = session.base_url(url);
    }
    session = with_auth(session, options, checks)?;
    #[cfg(feature = "tls")]
    if let Some(config) = tls_config(TlsConfig::new(), &options.tls, checks)? {
        session = session.tls(config);
    }
    if options.timeout_ms != 0 {
        session = session.timeout(milliseconds(options.timeout_ms));
    }
    if options.read_timeout_ms != 0 {
        session = session.read_timeout(milliseconds(options.read_timeout_ms));
    }
    if options.idle_ms != 0 {
        session = session.idle_limit(milliseconds(options.idle_ms));
    }
    if let Some(limit) = redirects(options.redirects) {
        session = session.redirects(limit);
    }
    #[cfg(feature = "capi-retry")]
    if let Some(retry) = retry(&options.retry) {
        session = session.retry(retry);
    }
    #[cfg(not(feature = "capi-retry"))]
    if options.retry.attempts != 0 {
        return Err(Code::NotBuiltIn.into());
    }
    if !options.cancel.is_null() {
        session = session.cancel_token(options.cancel.borrow()?.token());
    }
    if !options.cookies.is_null() {
        #[cfg(feature = "cookies")]
        {
            let (jar, guard) = options.cookies.borrow_mut_or_open(Jar::new)?.into_parts();
            session = session.cookies(&mut jar.0);
            cookies = Some(guard);
        }
        #[cfg(not(feature = "cookies"))]
        {
            let _ = &mut cookies;
            return Err(Code::NotBuiltIn.into());
        }
    }
    Ok(State { session, headers: options.headers, params: options.params, _cookies: cookies })
}

fn with_auth(
    mut session: Session<'static>,
    options: &SessionOptions<'static, Token, Jar>,
    checks: &PointerChecks,
) -> Result<Session<'static>, Failure> {
    if !options.auth_buffer.is_null() {
        let (_, room) = PointerChecks::with_room(options.auth_buffer, options.auth_buffer_len)?;
        session = session.auth_buffer(room);
    }
    let members = Members {
        user: options.user,
        password: options.password,
        bearer: options.bearer,
        digest: options.digest,
    };
    Ok(match members.read(checks)? {
        None => session,
        Some(Credentials::Bearer(token)) => session.bearer_auth(token),
        Some(Credentials::Basic(user, password)) => session.auth((user, password)),
        #[cfg(feature = "digest-auth")]
        Some(Credentials::Digest(user, password)) => session.digest_auth((user, password)),
    })
}

/// `requests_session_request`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_request(
    session: Handle<'_, State>,
    method: Text<'_>,
    url: Text<'_>,
    options: Shared<'_, Options<'_>>,
    room: Room<'_>,
    len: usize,
    response: Out<'_, Response>,
) -> c_int {
    let call = Call { method, url, options, room, len };
    if let Err(failure) = call.check_apart(session, response) {
        return failure.number();
    }
    match session.borrow_mut() {
        Ok(mut state) => send(&mut *state, &call, response),
        Err(misuse) => call.answer(response, |_, _, _| Err(misuse.into())),
    }
}

/// `requests_session_set_auth`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_set_auth(
    session: Handle<'_, State>,
    user: Text<'_>,
    password: Text<'_>,
) -> c_int {
    with(session, |state, checks| {
        let password = checks.optional_text(password)?.unwrap_or_default();
        Ok(state.session.set_auth((checks.text(user)?, password))?)
    })
}

/// `requests_session_set_bearer`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_set_bearer(session: Handle<'_, State>, token: Text<'_>) -> c_int {
    with(session, |state, checks| Ok(state.session.set_bearer_auth(checks.text(token)?)?))
}

/// `requests_session_connections`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_connections(session: Handle<'_, State>) -> c_int {
    count(session.borrow_mut().map_err(Failure::from).map(|state| state.session.connections_kept()))
}

/// `requests_session_disconnect`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_disconnect(session: Handle<'_, State>) -> c_int {
    with(session, |state, _| {
        state.session.close();
        Ok(())
    })
}

/// `requests_session_close`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_close(session: Handle<'_, State>) -> c_int {
    result_of(session.close())
}

fn with(
    session: Handle<'_, State>,
    act: impl FnOnce(&mut State, &PointerChecks) -> Result<(), Failure>,
) -> c_int {
    result_of(
        session
            .borrow_mut()
            .map_err(Failure::from)
            .and_then(|mut state| act(&mut state, &PointerChecks::new())),
    )
}

/// `requests_session_tls_export_size`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_tls_export_size(session: Handle<'_, State>) -> c_int {
    count(tls_sessions::export_size(session))
}

/// `requests_session_tls_export`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_tls_export(
    session: Handle<'_, State>,
    room: Room<'_>,
    size: usize,
) -> c_int {
    tls_sessions::export(session, room, size)
}

/// `requests_session_tls_import`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_session_tls_import(session: Handle<'_, State>, bytes: Bytes<'_>) -> c_int {
    count(tls_sessions::import(session, bytes))
}

fn count(result: Result<usize, Failure>) -> c_int {
    match result {
        Ok(count) => c_int::try_from(count).unwrap_or(c_int::MAX),
        Err(failure) => failure.number(),
    }
}

#[cfg(all(feature = "tls", not(tls_sockets)))]
mod tls_sessions {
    use super::{Bytes, Failure, Handle, PointerChecks, Room, State, c_int};
    use crate::capi::code::Code;
    use crate::capi::response::copy_out;
    use crate::tls::SessionsError;

    impl From<SessionsError> for Failure {
        fn from(error: SessionsError) -> Self {
            Self::Code(match error {
                SessionsError::BufferTooSmall { .. } => Code::BufferTooSmall,
                SessionsError::Malformed => Code::SessionsMalformed,
                SessionsError::OtherBuild => Code::SessionsOtherBuild,
                SessionsError::OutOfMemory => Code::OutOfMemory,
            })
        }
    }

    pub fn export_size(session: Handle<'_, State>) -> Result<usize, Failure> {
        Ok(session.borrow_mut()?.session.tls_sessions().export_len())
    }

    pub fn export(session: Handle<'_, State>, room: Room<'_>, size: usize) -> c_int {
        copy_out(room, size, |_, room| Ok(session.borrow_mut()?.session.tls_sessions().export(room)?))
    }

    pub fn import(session: Handle<'_, State>, bytes: Bytes<'_>) -> Result<usize, Failure> {
        let bytes = PointerChecks::new().bytes(bytes)?;
        Ok(session.borrow_mut()?.session.tls_sessions().import(bytes)?)
    }
}

/// There are no TLS sessions that could be exported.
#[cfg(not(all(feature = "tls", not(tls_sockets))))]
mod tls_sessions {
    use super::{Bytes, Code, Failure, Handle, Room, State, c_int};

    pub fn export_size(_: Handle<'_, State>) -> Result<usize, Failure> {
        Err(Code::NotBuiltIn.into())
    }

    pub fn export(_: Handle<'_, State>, _: Room<'_>, _: usize) -> c_int {
        Code::NotBuiltIn.number()
    }

    pub fn import(_: Handle<'_, State>, _: Bytes<'_>) -> Result<usize, Failure> {
        Err(Code::NotBuiltIn.into())
    }
}

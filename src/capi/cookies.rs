// SPDX-License-Identifier: Apache-2.0
//! Cookies, `struct requests_cookies`.

use core::ffi::c_int;

#[cfg(feature = "cookies")]
pub use with_cookies::{Jar, JarInUse};
#[cfg(not(feature = "cookies"))]
pub use without_cookies::{Jar, JarInUse};

#[cfg(not(feature = "cookies"))]
use crate::capi::code::Code;
#[cfg(feature = "cookies")]
use crate::capi::failure::{Failure, result_of};
use crate::sys::c::storage::Handle;

/// `requests_cookies_clear`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_cookies_clear(cookies: Handle<'_, Jar>) -> c_int {
    #[cfg(feature = "cookies")]
    return result_of(cookies.borrow_mut_or_open(Jar::new).map(|mut jar| jar.0.clear()));
    #[cfg(not(feature = "cookies"))]
    return not_built_in(cookies);
}

/// `requests_cookies_dropped`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the header's")]
pub extern "C" fn requests_cookies_dropped(cookies: Handle<'_, Jar>) -> c_int {
    #[cfg(feature = "cookies")]
    return match cookies.borrow_mut_or_open(Jar::new) {
        Ok(jar) => c_int::try_from(jar.0.dropped()).unwrap_or(c_int::MAX),
        Err(misuse) => Failure::from(misuse).number(),
    };
    #[cfg(not(feature = "cookies"))]
    return not_built_in(cookies);
}

#[cfg(not(feature = "cookies"))]
const fn not_built_in(_: Handle<'_, Jar>) -> c_int {
    Code::NotBuiltIn.number()
}

#[cfg(feature = "cookies")]
mod with_cookies {
    use crate::config::{CAPI_COOKIES, COOKIE_JAR};
    use crate::proto::cookie::CookieJar;
    use crate::sys::c::storage::{BusyGuard, Opaque};

    /// What a `struct requests_cookies` holds.
    pub struct Jar(pub CookieJar<[u8; COOKIE_JAR]>);

    impl Jar {
        pub const fn new() -> Self {
            Self(CookieJar::new())
        }
    }

    impl Opaque for Jar {
        const MARK: u32 = 0x434f_4f4b;
        /// Bytes of the structure.
        const SIZE: usize = 32 + CAPI_COOKIES * COOKIE_JAR.next_multiple_of(8);
    }

    /// Keeps a jar busy, if there is one.
    pub type JarInUse<'a> = Option<BusyGuard<'a, Jar>>;
}

#[cfg(not(feature = "cookies"))]
mod without_cookies {
    /// There are no cookies.
    pub struct Jar;

    /// No jar is in use.
    pub type JarInUse<'a> = core::marker::PhantomData<&'a Jar>;
}

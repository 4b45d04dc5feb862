// SPDX-License-Identifier: Apache-2.0
//! The structures of `include/requests/requests.h`, field by field. `crates/requests-capi/layout.c` asserts the same
//! sizes.

use core::ffi::c_char;
use core::mem::MaybeUninit;
use core::ptr;

use super::pointer::{AnyBytes, Bytes, Flag, List, Reader, Room, Shared, SinkCallbacks, Text, User};
use super::storage::Handle;
#[cfg(feature = "tls")]
use crate::tls::Pin;

/// A pin, which is unused without TLS.
#[cfg(not(feature = "tls"))]
type Pin = [u8; 32];

/// Defines structures for which any bytes are valid, because that holds for every field.
macro_rules! structures {
    ($($(#[$doc:meta])* pub struct $name:ident<$($life:lifetime $(, $type_:ident)*)?> { $($(#[$field_doc:meta])* pub $field:ident: $of:ty,)+ })+) => {$(
        $(#[$doc])*
        #[repr(C)]
        pub struct $name<$($life $(, $type_)*)?> { $($(#[$field_doc])* pub $field: $of,)+ }

        // SAFETY: it has the layout of C, and any bytes are a valid value of each field.
        unsafe impl<$($life $(, $type_)*)?> AnyBytes for $name<$($life $(, $type_)*)?> where $($of: AnyBytes),+ {}
    )+};
}

/// Marks types for which any bytes are a valid value.
macro_rules! any_bytes {
    ($($type_:ty,)+) => {$(
        // SAFETY: it consists of numbers and pointers. Pointers are checked before they are used.
        unsafe impl AnyBytes for $type_ {}
    )+};
}

any_bytes! { u8, u16, [u16; 8], i32, u64, usize, Flag, SinkCallbacks, Room<'_>, User, Reader, Text<'_>, Bytes<'_>, }

// SAFETY: as above.
unsafe impl<T> AnyBytes for List<'_, T> {}
// SAFETY: as above.
unsafe impl<T> AnyBytes for Shared<'_, T> {}

structures! {
    /// `struct requests_field`: a header, a parameter, or a field of a form.
    pub struct Field<'a> {
        pub name: Text<'a>,
        pub value: Text<'a>,
    }

    /// `struct requests_part`: a part of a multipart form.
    pub struct FormPart<'a> {
        pub name: Text<'a>,
        pub value: Text<'a>,
        pub filename: Text<'a>,
        pub content_type: Text<'a>,
        pub content: Bytes<'a>,
        pub reader: Reader,
    }

    /// `struct requests_retry`.
    pub struct RetryOptions<> {
        pub attempts: u16,
        pub any_method: Flag,
        pub jitter: Flag,
        pub backoff_ms: u32,
        pub max_backoff_ms: u32,
        pub max_retry_after_ms: u32,
        pub statuses: [u16; 8],
    }

    /// `struct requests_tls`.
    pub struct TlsOptions<'a> {
        pub roots: Bytes<'a>,
        pub certificate: Bytes<'a>,
        pub key: Bytes<'a>,
        pub sec_tags: List<'a, u32>,
        pub pins: List<'a, Pin>,
        pub min_version: u8,
        pub dates: u8,
        pub add_roots: Flag,
        pub accept_invalid_certs: Flag,
    }

    /// `struct requests_options`.
    pub struct Options<'a, C, I> {
        pub headers: List<'a, Field<'a>>,
        pub params: List<'a, Field<'a>>,
        pub data: Bytes<'a>,
        pub json: Text<'a>,
        pub form: List<'a, Field<'a>>,
        pub files: List<'a, FormPart<'a>>,
        pub body: Reader,
        pub user: Text<'a>,
        pub password: Text<'a>,
        pub bearer: Text<'a>,
        pub tls: TlsOptions<'a>,
        pub cancel: Handle<'a, C>,
        pub inflater: Handle<'a, I>,
        pub retry: RetryOptions,
        pub timeout_ms: u32,
        pub read_timeout_ms: u32,
        pub redirects: i32,
        pub digest: Flag,
        pub chunked: Flag,
        pub expect_continue: Flag,
        pub allow_https_downgrade: Flag,
    }
}

structures! {
    /// `struct requests_session_options`.
    pub struct SessionOptions<'a, C, J> {
        pub base_url: Text<'a>,
        pub headers: List<'a, Field<'a>>,
        pub params: List<'a, Field<'a>>,
        pub user: Text<'a>,
        pub password: Text<'a>,
        pub bearer: Text<'a>,
        pub auth_buffer: Room<'a>,
        pub auth_buffer_len: usize,
        pub tls: TlsOptions<'a>,
        pub cancel: Handle<'a, C>,
        pub cookies: Handle<'a, J>,
        pub retry: RetryOptions,
        pub timeout_ms: u32,
        pub read_timeout_ms: u32,
        pub idle_ms: u32,
        pub redirects: i32,
        pub digest: Flag,
    }

    /// `struct requests_download`.
    pub struct DownloadOptions<'a> {
        pub sink: SinkCallbacks,
        pub sha256: Bytes32<'a>,
        pub validator: Text<'a>,
        pub offset: u64,
        pub len: u64,
        pub piece: u64,
        pub no_restart: Flag,
    }
}

/// `const uint8_t *`, to 32 bytes, or NULL.
type Bytes32<'a> = Shared<'a, [u8; 32]>;

/// `struct requests_tls_info`.
#[repr(C)]
#[derive(Default)]
pub struct TlsInfoFields {
    pub roots: u32,
    pub oldest_version: u8,
    pub newest_version: u8,
    pub is_heap_counted: bool,
    pub heap_used: usize,
    pub heap_peak: usize,
}

/// `struct requests_downloaded`.
#[repr(C)]
pub struct DownloadedFields {
    pub len: u64,
    pub requests: u32,
}

/// A pointer to a text for C. It is valid until the buffer with the text is used for something
/// else.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct TextForC(*const c_char);

impl TextForC {
    /// A text of the program.
    pub const fn constant(text: &'static core::ffi::CStr) -> Self {
        Self(text.as_ptr())
    }

    /// Bytes of the caller's buffer.
    pub const fn bytes(bytes: &[u8]) -> Self {
        Self(bytes.as_ptr().cast())
    }
}

/// A `bool` to write for C.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct CBool(bool);

impl From<bool> for CBool {
    fn from(value: bool) -> Self {
        Self(value)
    }
}

/// The number of words of an error in C.
pub const ERROR_WORDS: usize = 4;

/// Memory for an error: `uintptr_t error[4]`.
#[repr(C)]
#[derive(Clone, Copy)]
union ErrorRoom<E: Copy> {
    words: [usize; ERROR_WORDS],
    error: MaybeUninit<E>,
}

/// `struct requests_response`.
#[repr(C)]
pub struct ResponseFields<E: Copy> {
    pub status: u16,
    pub redirects: u16,
    /// [`MARK`], if this crate has written the structure.
    mark: u32,
    pub reason: TextForC,
    pub url: TextForC,
    pub body: TextForC,
    pub body_len: usize,
    pub needed: usize,
    headers: *const u8,
    headers_len: usize,
    buffer: *const u8,
    buffer_len: usize,
    /// The number of the error; 0 if there is none.
    code: i32,
    has_error: u32,
    error: ErrorRoom<E>,
}

const MARK: u32 = 0x7265_7175;

// SAFETY: it consists of numbers, pointers and memory that may be uninitialised. `mark` says
// whether they may be used.
unsafe impl<E: Copy> AnyBytes for ResponseFields<E> {}

impl<E: Copy> ResponseFields<E> {
    const FITS: () =
        assert!(size_of::<E>() <= ERROR_WORDS * size_of::<usize>() && align_of::<E>() <= align_of::<usize>());

    /// No response, but an error. `buffer` holds the texts that the error refers to.
    pub fn failed(code: i32, error: Option<E>, needed: usize, (buffer, len): (Room<'_>, usize)) -> Self {
        const { Self::FITS };
        let mut room = ErrorRoom { words: [0; ERROR_WORDS] };
        if let Some(error) = error {
            room.error = MaybeUninit::new(error);
        }
        Self {
            status: 0,
            redirects: 0,
            mark: MARK,
            reason: TextForC::constant(c""),
            url: TextForC::constant(c""),
            body: TextForC::constant(c""),
            body_len: 0,
            needed,
            headers: ptr::null(),
            headers_len: 0,
            buffer: buffer.0,
            buffer_len: if buffer.is_null() { 0 } else { len },
            code,
            has_error: u32::from(error.is_some()),
            error: room,
        }
    }

    /// A response with these headers and this body.
    pub fn received(status: u16, headers: &[u8], body: &[u8]) -> Self {
        Self {
            status,
            body: TextForC::bytes(body),
            body_len: body.len(),
            headers: headers.as_ptr(),
            headers_len: headers.len(),
            ..Self::failed(0, None, 0, (Room::NULL, 0))
        }
    }

    /// Whether this crate has written the structure. If not, no field may be used.
    pub const fn is_known(&self) -> bool {
        self.mark == MARK
    }

    /// Returns the number of the error, and the error itself.
    pub fn error(&self) -> (i32, Option<E>) {
        if !self.is_known() || self.has_error == 0 {
            return (self.code, None);
        }
        // SAFETY: the mark and `has_error` say that `failed` has written an error, and C does not
        // change it.
        (self.code, Some(unsafe { self.error.error.assume_init() }))
    }

    /// The buffer of a request that failed.
    pub const fn buffer(&self) -> Bytes<'_> {
        self.bytes(self.buffer, self.buffer_len)
    }

    /// The header lines.
    pub const fn headers(&self) -> Bytes<'_> {
        self.bytes(self.headers, self.headers_len)
    }

    /// The body.
    pub const fn body(&self) -> Bytes<'_> {
        self.bytes(self.body.0.cast(), self.body_len)
    }

    /// Bytes that the structure was created with. They are valid as long as the response is used,
    /// as the header says.
    const fn bytes(&self, pointer: *const u8, len: usize) -> Bytes<'_> {
        if self.is_known() { Bytes::new(pointer, len) } else { Bytes::new(ptr::null(), 0) }
    }
}

/// `struct requests_header`: a header of a response in the buffer.
#[repr(C)]
pub struct HeaderOut {
    pub name: TextForC,
    pub name_len: usize,
    pub value: TextForC,
    pub value_len: usize,
}

// crates/requests-capi/layout.c asserts the same.
const _: () = {
    const WORD: usize = size_of::<usize>();
    assert!(size_of::<Field<'_>>() == 2 * WORD);
    assert!(size_of::<Reader>() == 2 * WORD + 8);
    assert!(size_of::<FormPart<'_>>() == 8 * WORD + 8);
    assert!(size_of::<RetryOptions>() == 32);
    assert!(size_of::<TlsOptions<'_>>() == 10 * WORD + WORD);
    assert!(size_of::<Options<'_, (), ()>>() == if WORD == 8 { 288 } else { 176 });
    assert!(size_of::<ResponseFields<u32>>() == 16 + 13 * WORD);
    assert!(size_of::<SessionOptions<'_, (), ()>>() == if WORD == 8 { 240 } else { 144 });
    assert!(size_of::<DownloadOptions<'_>>() == 8 * WORD + 32);
    assert!(size_of::<DownloadedFields>() == 16);
    assert!(size_of::<TlsInfoFields>() == 8 + 2 * WORD);
    assert!(size_of::<HeaderOut>() == 4 * WORD);
};

// SPDX-License-Identifier: Apache-2.0
//! Pointers as they come from C. [`PointerChecks`](super::checks::PointerChecks) turns them into references.

use core::ffi::{c_char, c_int, c_void};
use core::marker::PhantomData;

use super::Misuse;

/// The most bytes of a text that ends with NUL: `REQUESTS_TEXT_MAX`.
pub const MAX_TEXT: usize = 65_535;

/// A type for which any bytes are a valid value.
///
/// # Safety
/// Any bytes are a valid value, and the type has the layout of C.
pub unsafe trait AnyBytes {}

// SAFETY: any bytes are a valid number.
unsafe impl AnyBytes for u32 {}
// SAFETY: as above.
unsafe impl AnyBytes for [u8; 32] {}
// SAFETY: it has the layout of its bytes, and any bytes are a valid pin.
#[cfg(feature = "tls")]
unsafe impl AnyBytes for crate::tls::Pin {}

/// `const char *`: a text that ends with NUL, or NULL.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Text<'a>(pub(super) *const c_char, PhantomData<&'a str>);

impl Text<'static> {
    /// A constant text of the program.
    pub const fn constant(text: &'static core::ffi::CStr) -> Self {
        Self(text.as_ptr(), PhantomData)
    }
}

impl Text<'_> {
    /// Whether it is NULL.
    pub const fn is_null(self) -> bool {
        self.0.is_null()
    }
}

/// `struct requests_bytes`: a pointer to bytes, and their number.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes<'a> {
    pub(super) pointer: *const u8,
    pub(super) len: usize,
    bytes: PhantomData<&'a [u8]>,
}

impl Bytes<'_> {
    /// The bytes in a structure that this crate has written.
    pub(super) const fn new(pointer: *const u8, len: usize) -> Self {
        Self { pointer, len, bytes: PhantomData }
    }

    /// Whether the pointer is NULL and the length is 0.
    pub const fn is_null(self) -> bool {
        self.pointer.is_null() && self.len == 0
    }
}

/// A pointer to the first item and the number of items.
#[repr(C)]
pub struct List<'a, T> {
    pub(super) pointer: *const T,
    pub(super) len: usize,
    items: PhantomData<&'a [T]>,
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<T> List<'_, T> {
    /// No items.
    pub const EMPTY: Self = Self { pointer: core::ptr::null(), len: 0, items: PhantomData };

    /// Whether the pointer is NULL and the number is 0.
    pub const fn is_null(self) -> bool {
        self.pointer.is_null() && self.len == 0
    }
}

/// `const T *`: a value to read, or NULL.
#[repr(transparent)]
pub struct Shared<'a, T>(pub(super) *const T, PhantomData<&'a T>);

impl<T> Clone for Shared<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<'_, T> {}

/// The start of memory that bytes are written to.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Room<'a>(pub(super) *mut u8, pub(super) PhantomData<&'a mut [u8]>);

impl Room<'_> {
    /// No memory.
    pub const NULL: Self = Self(core::ptr::null_mut(), PhantomData);

    /// Whether it is NULL.
    pub const fn is_null(self) -> bool {
        self.0.is_null()
    }

    /// Whether `len` bytes of this memory overlap `other_len` bytes of `other`.
    pub fn overlaps(self, len: usize, other: Room<'_>, other_len: usize) -> bool {
        let (start, other_start) = (self.0.addr(), other.0.addr());
        start < other_start.saturating_add(other_len) && other_start < start.saturating_add(len)
    }
}

/// `T *`: the place for a result, which need not be initialised.
#[repr(transparent)]
pub struct Out<'a, T>(pub(super) *mut T, PhantomData<&'a mut T>);

impl<T> Clone for Out<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Out<'_, T> {}

impl<T> Out<'_, T> {
    /// Whether a result can be written there.
    ///
    /// # Errors
    /// [`Misuse::Null`], [`Misuse::Unaligned`].
    pub fn check(self) -> Result<(), Misuse> {
        if self.0.is_null() {
            Err(Misuse::Null)
        } else if !self.0.is_aligned() {
            Err(Misuse::Unaligned)
        } else {
            Ok(())
        }
    }

    /// Whether the result and `len` bytes of `room` have any in common.
    pub fn overlaps(self, room: Room<'_>, len: usize) -> bool {
        Room(self.0.cast(), PhantomData).overlaps(size_of::<T>(), room, len)
    }

    /// Whether a result can be written there.
    pub fn is_writable(self) -> bool {
        self.check().is_ok()
    }

    /// Writes the result, if the pointer is valid.
    pub fn write(self, value: T) {
        if self.check().is_ok() {
            // SAFETY: the pointer is not NULL, aligned, and points to memory for a `T`, as the
            // header says of every pointer to a result. Nothing refers to that memory.
            unsafe { self.0.write(value) };
        }
    }
}

/// `bool` from C, which may be any byte.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Flag(u8);

impl Flag {
    /// Whether it is true.
    pub const fn is_set(self) -> bool {
        self.0 != 0
    }
}

/// The `user` pointer of a callback. This crate only passes it on.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct User(*mut c_void);

/// `requests_read_t`.
type Read = unsafe extern "C" fn(user: User, buffer: *mut c_void, len: usize) -> c_int;

/// `struct requests_reader`: the source of content that is read while it is sent.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Reader {
    read: Option<Read>,
    user: User,
    /// The number of bytes; 0 if it is not known.
    pub len: u64,
}

impl Reader {
    /// Whether there is no callback.
    pub const fn is_null(&self) -> bool {
        self.read.is_none()
    }

    /// Calls the callback, which fills the start of `buffer`. Returns its result: a length, or an
    /// error.
    pub fn read(&self, buffer: &mut [u8]) -> c_int {
        match self.read {
            // SAFETY: the callback comes from C together with `user`. It writes at most `len`
            // bytes, as the header says.
            Some(read) => unsafe { read(self.user, buffer.as_mut_ptr().cast(), buffer.len()) },
            None => -1,
        }
    }
}

/// `requests_data_t`.
type Data = unsafe extern "C" fn(user: User, data: *const c_void, len: usize) -> c_int;

/// A callback that receives content as it arrives.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DataCallback(Option<Data>);

impl DataCallback {
    /// Whether there is no callback.
    pub const fn is_null(self) -> bool {
        self.0.is_none()
    }

    /// Calls it with `data`, and returns its result.
    pub fn call(self, user: User, data: &[u8]) -> c_int {
        match self.0 {
            // SAFETY: the callback comes from C together with `user`. It reads `len` bytes.
            Some(callback) => unsafe { callback(user, data.as_ptr().cast(), data.len()) },
            None => -1,
        }
    }
}

type SinkWrite = unsafe extern "C" fn(user: User, offset: u64, data: *const c_void, len: usize) -> c_int;
type SinkStart = unsafe extern "C" fn(user: User, len: u64, validator: *const c_char) -> c_int;
type SinkRead = unsafe extern "C" fn(user: User, offset: u64, buffer: *mut c_void, len: usize) -> c_int;
type SinkFinish = unsafe extern "C" fn(user: User, len: u64) -> c_int;
type SinkProgress = unsafe extern "C" fn(user: User, received: u64, len: u64);

/// `struct requests_sink`: the target of a download.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SinkCallbacks {
    write: Option<SinkWrite>,
    start: Option<SinkStart>,
    read: Option<SinkRead>,
    finish: Option<SinkFinish>,
    progress: Option<SinkProgress>,
    user: User,
}

/// Each method returns the result of its callback, or `None` if there is no such callback. A
/// callback may use its arguments until it returns, as the header says.
impl SinkCallbacks {
    /// Whether the sink can be written to.
    pub const fn is_writable(&self) -> bool {
        self.write.is_some()
    }

    /// Whether there is a callback for progress.
    pub const fn has_progress(&self) -> bool {
        self.progress.is_some()
    }

    /// Writes content.
    pub fn write(&self, offset: u64, data: &[u8]) -> Option<c_int> {
        // SAFETY: the callback comes from C together with `user`. It reads `len` bytes.
        self.write.map(|write| unsafe { write(self.user, offset, data.as_ptr().cast(), data.len()) })
    }

    /// Reports the start of the content.
    pub fn start(&self, len: u64, validator: Option<&core::ffi::CStr>) -> Option<c_int> {
        let validator = validator.map_or(core::ptr::null(), core::ffi::CStr::as_ptr);
        // SAFETY: as above. `validator` ends with NUL, or is NULL.
        self.start.map(|start| unsafe { start(self.user, len, validator) })
    }

    /// Reads content that was written.
    pub fn read(&self, offset: u64, buffer: &mut [u8]) -> Option<c_int> {
        // SAFETY: as above. It writes at most `len` bytes.
        self.read.map(|read| unsafe { read(self.user, offset, buffer.as_mut_ptr().cast(), buffer.len()) })
    }

    /// Reports that all content was written.
    pub fn finish(&self, len: u64) -> Option<c_int> {
        // SAFETY: as above.
        self.finish.map(|finish| unsafe { finish(self.user, len) })
    }

    /// Reports progress.
    pub fn progress(&self, received: u64, len: u64) {
        if let Some(progress) = self.progress {
            // SAFETY: as above.
            unsafe { progress(self.user, received, len) };
        }
    }
}

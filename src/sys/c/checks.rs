// SPDX-License-Identifier: Apache-2.0
//! The checks of pointers from C: the only place where they become references.

use core::ops::Range;
use core::slice;

use super::Misuse;
use super::pointer::{AnyBytes, Bytes, List, MAX_TEXT, Out, Room, Shared, Text};

/// The checks of one call from C: each method checks a pointer and returns what it points to. Memory
/// that is read must not overlap the buffer that is written to.
pub struct PointerChecks {
    /// The addresses of the buffer that is written to.
    written: Range<usize>,
}

impl PointerChecks {
    /// For a function that writes only results to the caller's memory.
    pub const fn new() -> Self {
        Self { written: 0..0 }
    }

    /// For a function that writes to this buffer of `len` bytes. The returned buffer is filled with
    /// zeros.
    ///
    /// # Errors
    /// [`Misuse::Null`] and [`Misuse::Length`].
    pub fn with_room(room: Room<'_>, len: usize) -> Result<(Self, &mut [u8]), Misuse> {
        check_bytes(room.0, len)?;
        let start = room.0.addr();
        // SAFETY: the pointer is not NULL. It points to `len` bytes, as the header says, which is
        // not more than memory can have. Nothing else refers to them: this type refuses every
        // pointer into them, and C leaves them alone until the function returns, or for as long as
        // the header says. Writing zeros initialises them.
        let room = unsafe {
            room.0.write_bytes(0, len);
            slice::from_raw_parts_mut(room.0, len)
        };
        Ok((Self { written: start..start + len }, room))
    }

    /// Checks that a result can be written to `out`.
    ///
    /// # Errors
    /// [`Misuse::Null`], [`Misuse::Unaligned`], [`Misuse::Overlap`].
    pub fn out<T>(&self, out: Out<'_, T>) -> Result<(), Misuse> {
        out.check()?;
        self.check_apart(out.0.addr(), size_of::<T>())
    }

    /// Returns the text up to its NUL.
    ///
    /// # Errors
    /// [`Misuse::Null`], [`Misuse::Unterminated`], [`Misuse::NotUtf8`], [`Misuse::Overlap`].
    pub fn text<'a>(&self, text: Text<'a>) -> Result<&'a str, Misuse> {
        if text.is_null() {
            return Err(Misuse::Null);
        }
        let start: *const u8 = text.0.cast();
        let mut len = 0;
        loop {
            // Bytes in the buffer that is written to must not be read.
            self.check_apart(start.addr().saturating_add(len), 1)?;
            // SAFETY: the text is readable up to its NUL, which has not been reached yet.
            if unsafe { start.add(len).read() } == 0 {
                break;
            }
            len += 1;
            if len > MAX_TEXT {
                return Err(Misuse::Unterminated);
            }
        }
        // SAFETY: the bytes before the NUL have just been read, and C does not change them before the
        // function returns, or for as long as the header says, which is the lifetime of the `Text`.
        let bytes: &'a [u8] = unsafe { slice::from_raw_parts(start, len) };
        core::str::from_utf8(bytes).map_err(|_| Misuse::NotUtf8)
    }

    /// Returns the text, if the pointer is not NULL.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn optional_text<'a>(&self, text: Text<'a>) -> Result<Option<&'a str>, Misuse> {
        if text.is_null() { Ok(None) } else { self.text(text).map(Some) }
    }

    /// Returns the bytes. The pointer may be NULL if the length is 0.
    ///
    /// # Errors
    /// [`Misuse::Null`], [`Misuse::Length`], [`Misuse::Overlap`].
    pub fn bytes<'a>(&self, bytes: Bytes<'a>) -> Result<&'a [u8], Misuse> {
        if bytes.len == 0 {
            return Ok(&[]);
        }
        check_bytes(bytes.pointer, bytes.len)?;
        self.check_apart(bytes.pointer.addr(), bytes.len)?;
        // SAFETY: the pointer is not NULL. It points to `len` bytes, as the header says, which is
        // not more than memory can have. C does not change them meanwhile.
        Ok(unsafe { slice::from_raw_parts(bytes.pointer, bytes.len) })
    }

    /// Returns the items. There are none if the pointer is NULL and the number is 0.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), and [`Misuse::Unaligned`]. [`Misuse::Length`] also if the pointer
    /// is not NULL but the number is 0: the caller has forgotten the number.
    pub fn items<'a, T: AnyBytes>(&self, list: List<'a, T>) -> Result<&'a [T], Misuse> {
        if list.is_null() {
            return Ok(&[]);
        }
        let size = list.len.checked_mul(size_of::<T>()).filter(|&size| size > 0).ok_or(Misuse::Length)?;
        check_bytes(list.pointer.cast(), size)?;
        if !list.pointer.is_aligned() {
            return Err(Misuse::Unaligned);
        }
        self.check_apart(list.pointer.addr(), size)?;
        // SAFETY: as for `bytes`; the pointer is aligned, and any bytes are a `T`.
        Ok(unsafe { slice::from_raw_parts(list.pointer, list.len) })
    }

    /// Returns a reference, if the pointer is not NULL.
    ///
    /// # Errors
    /// [`Misuse::Unaligned`], [`Misuse::Overlap`].
    pub fn shared<'a, T: AnyBytes>(&self, shared: Shared<'a, T>) -> Result<Option<&'a T>, Misuse> {
        if shared.0.is_null() {
            return Ok(None);
        }
        if !shared.0.is_aligned() {
            return Err(Misuse::Unaligned);
        }
        self.check_apart(shared.0.addr(), size_of::<T>())?;
        // SAFETY: the pointer is aligned and points to a `T`, as the header says. Any bytes are a
        // valid `T`. C does not change it meanwhile.
        Ok(Some(unsafe { &*shared.0 }))
    }

    /// Checks that so many bytes from this address on are not in the buffer that is written to.
    ///
    /// # Errors
    /// [`Misuse::Overlap`].
    pub fn check_apart(&self, start: usize, len: usize) -> Result<(), Misuse> {
        let is_apart = start.saturating_add(len) <= self.written.start || self.written.end <= start;
        if is_apart || len == 0 || self.written.is_empty() { Ok(()) } else { Err(Misuse::Overlap) }
    }
}

fn check_bytes(pointer: *const u8, len: usize) -> Result<(), Misuse> {
    if pointer.is_null() {
        return Err(Misuse::Null);
    }
    let is_possible = isize::try_from(len).is_ok() && pointer.addr().checked_add(len).is_some();
    if is_possible { Ok(()) } else { Err(Misuse::Length) }
}

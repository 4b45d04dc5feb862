// SPDX-License-Identifier: Apache-2.0
//! The callbacks by which mbedTLS uses the stream below TLS, for the length of one call.

use core::ffi::{c_int, c_uchar, c_void};
use core::ptr;
use core::slice;

use embedded_io::ErrorKind;
use mbedtls_sys as ffi;

use super::failure::{CODE_FLOOD, Failure};
use super::stream::{Stream, StreamError, Wait};

/// The length of a record's header in bytes (RFC 8446 §5.1).
const RECORD_HEADER: usize = 5;

/// A stream that mbedTLS uses, and the outcome of its calls.
pub(super) struct Bio<'a> {
    stream: &'a mut dyn Stream,
    wait: Wait,
    /// The number of bytes that may still be received.
    budget: usize,
    /// The number of bytes that each record counts besides its length.
    record_cost: usize,
    flooded: bool,
    /// Whether the peer has ended its side of the stream.
    has_ended: bool,
    /// Whether nothing may be sent.
    is_muted: bool,
    error: Option<StreamError>,
    /// Why nothing can be sent any more, if so. What the peer has sent before can still be
    /// received.
    unsendable: Option<StreamError>,
    sent_alert: Option<u8>,
}

impl<'a> Bio<'a> {
    pub(super) fn new(stream: &'a mut dyn Stream, budget: usize) -> Self {
        Self {
            stream,
            wait: Wait::ToDeadline,
            budget,
            record_cost: 0,
            flooded: false,
            has_ended: false,
            is_muted: false,
            error: None,
            unsendable: None,
            sent_alert: None,
        }
    }

    /// Sets the number of bytes that each record counts besides its length.
    pub(super) const fn record_cost(mut self, bytes: usize) -> Self {
        self.record_cost = bytes;
        self
    }

    /// Whether the peer has ended its side of the stream.
    pub(super) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Why nothing can be sent any more, if so.
    pub(super) const fn unsendable(&self) -> Option<StreamError> {
        self.unsendable
    }

    /// Sends nothing, and reports to mbedTLS that the stream takes no bytes now.
    pub(super) const fn muted(mut self) -> Self {
        self.is_muted = true;
        self
    }

    /// Returns the failure of a call that returned `code`.
    pub(super) fn failure(&self, code: c_int) -> Failure {
        // If the peer has sent an alert, it says more than the failure to send.
        let is_alert = code == ffi::MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
        Failure {
            code: if self.flooded { CODE_FLOOD } else { code },
            io: self.unsendable.filter(|_| !is_alert).or(self.error),
            received_alert: None,
            sent_alert: self.sent_alert,
        }
    }

    /// Runs `call` with `ssl` connected to this stream, and disconnects it afterwards.
    ///
    /// # Safety
    /// `ssl` must be initialised, and nothing else may use it meanwhile.
    pub(super) unsafe fn lend(
        &mut self,
        ssl: *mut ffi::mbedtls_ssl_context,
        call: impl FnOnce(*mut ffi::mbedtls_ssl_context) -> c_int,
    ) -> c_int {
        let context = ptr::from_mut(self).cast::<c_void>();
        // SAFETY: `ssl` is valid. The context pointer is removed below, before the borrow of `self`
        // ends.
        unsafe { ffi::mbedtls_ssl_set_bio(ssl, context, Some(send), Some(receive), None) };
        let code = call(ssl);
        // SAFETY: as above.
        unsafe { ffi::mbedtls_ssl_set_bio(ssl, ptr::null_mut(), None, None, None) };
        code
    }

    fn send(&mut self, bytes: &[u8]) -> c_int {
        if self.error.is_some() {
            return ffi::REQUESTS_MBEDTLS_ERR_IO;
        }
        if self.unsendable.is_some() {
            return c_int::try_from(bytes.len()).unwrap_or(c_int::MAX);
        }
        if self.is_muted {
            return ffi::MBEDTLS_ERR_SSL_WANT_WRITE;
        }
        self.note_alert(bytes);
        match self.finish(|bio| bio.stream.send(bytes), bytes.len()) {
            ffi::REQUESTS_MBEDTLS_ERR_IO => self.after_failed_send(bytes.len()),
            // mbedTLS would take 0 as if all bytes were sent.
            0 => {
                self.error = Some(StreamError::new(ErrorKind::InvalidData));
                ffi::REQUESTS_MBEDTLS_ERR_IO
            }
            len => len,
        }
    }

    fn receive(&mut self, buffer: &mut [u8]) -> c_int {
        if self.error.is_some() {
            return ffi::REQUESTS_MBEDTLS_ERR_IO;
        }
        if self.budget == 0 {
            self.flooded = true;
            return ffi::REQUESTS_MBEDTLS_ERR_IO;
        }
        let wanted = buffer.len().min(self.budget);
        let len = self.finish(|bio| bio.stream.receive(&mut buffer[..wanted], bio.wait), wanted);
        // mbedTLS reads the header of a record in a call of its own.
        let cost = if buffer.len() == RECORD_HEADER { self.record_cost } else { 0 };
        self.budget = self.budget.saturating_sub(usize::try_from(len).unwrap_or(0)).saturating_sub(cost);
        self.has_ended |= len == 0;
        len
    }

    /// A peer that sent an alert may have closed the connection while there was more to send. So
    /// mbedTLS is told that all bytes were sent, and reads next. If there is an alert, it arrives
    /// without a wait. In any case the connection fails in the end.
    fn after_failed_send(&mut self, len: usize) -> c_int {
        match self.error {
            Some(error) if is_closed(error.kind) => {
                self.unsendable = self.error.take();
                self.wait = Wait::Never;
                c_int::try_from(len).unwrap_or(c_int::MAX)
            }
            _ => ffi::REQUESTS_MBEDTLS_ERR_IO,
        }
    }

    /// Runs one operation and converts its result to mbedTLS's form.
    fn finish(
        &mut self,
        operation: impl FnOnce(&mut Self) -> Result<usize, StreamError>,
        most: usize,
    ) -> c_int {
        match operation(self) {
            // A stream must not claim more bytes than it was given.
            Ok(len) if len <= most => c_int::try_from(len).unwrap_or(c_int::MAX),
            Ok(_) => {
                self.error = Some(StreamError::new(ErrorKind::InvalidData));
                ffi::REQUESTS_MBEDTLS_ERR_IO
            }
            Err(error) => {
                self.error = Some(error);
                ffi::REQUESTS_MBEDTLS_ERR_IO
            }
        }
    }

    /// Remembers an alert that is sent unencrypted: a record of type 21 with two bytes (RFC 5246
    /// §7.2).
    fn note_alert(&mut self, record: &[u8]) {
        if let [21, 3, _, 0, 2, 2, description, ..] = *record {
            self.sent_alert = Some(description);
        }
    }
}

/// Whether a failure to send means that the peer has closed the connection.
const fn is_closed(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotConnected
            | ErrorKind::BrokenPipe
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
    )
}

/// Limits a length that came over FFI to what a slice may have and the result can hold.
fn bounded(len: usize) -> usize {
    len.min(0x4000_0000)
}

unsafe extern "C" fn send(context: *mut c_void, bytes: *const c_uchar, len: usize) -> c_int {
    if context.is_null() || bytes.is_null() || len == 0 {
        return ffi::REQUESTS_MBEDTLS_ERR_IO;
    }
    // SAFETY: `lend` has set the context to a `Bio`, which nothing else uses until `lend` removes
    // it. mbedTLS guarantees that the bytes are readable.
    let (bio, bytes) =
        unsafe { (&mut *context.cast::<Bio<'_>>(), slice::from_raw_parts(bytes, bounded(len))) };
    bio.send(bytes)
}

unsafe extern "C" fn receive(context: *mut c_void, buffer: *mut c_uchar, len: usize) -> c_int {
    if context.is_null() || buffer.is_null() || len == 0 {
        return ffi::REQUESTS_MBEDTLS_ERR_IO;
    }
    // SAFETY: as for `send`. The buffer was zeroed when it was allocated, so all of it is
    // initialised.
    let (bio, buffer) =
        unsafe { (&mut *context.cast::<Bio<'_>>(), slice::from_raw_parts_mut(buffer, bounded(len))) };
    bio.receive(buffer)
}

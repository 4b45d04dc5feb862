// SPDX-License-Identifier: Apache-2.0
//! The status line and headers of a response.

use core::fmt;

use crate::Error;
use crate::proto::header::HeaderFields;
use crate::proto::response_head::ResponseHead;

/// The status line and headers of a response. It borrows the buffer that was given to `send`.
#[derive(Clone)]
pub struct Head<'b> {
    /// The status code, 100 to 999 (RFC 9110 §15).
    pub status_code: u16,
    /// The reason phrase, for humans. It is often empty (RFC 9112 §4).
    pub reason: &'b str,
    /// The number of redirects that were followed.
    pub redirects: u16,
    pub(super) minor_version: u8,
    pub(super) headers: &'b [u8],
    pub(super) url: &'b str,
}

impl<'b> Head<'b> {
    /// The head in `received`. `parsed` holds the positions of its parts.
    pub(super) fn new(received: &'b [u8], url: &'b [u8], parsed: &ResponseHead, redirects: u16) -> Self {
        let text = |bytes| core::str::from_utf8(bytes).unwrap_or_default();
        Self {
            status_code: parsed.status_code,
            reason: text(received.get(parsed.reason.clone()).unwrap_or_default()),
            redirects,
            minor_version: parsed.minor_version,
            headers: received.get(parsed.headers.clone()).unwrap_or_default(),
            url: text(url),
        }
    }

    /// The value of the first header called `name`, ignoring case. `None` if there is none or its
    /// value is not UTF-8 (see [`header_fields`](Self::header_fields)).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'b str> {
        core::str::from_utf8(self.header_fields().first(name)?).ok()
    }

    /// All headers in the order of arrival, including repeated ones.
    #[must_use]
    pub const fn header_fields(&self) -> HeaderFields<'b> {
        HeaderFields::new(self.headers)
    }

    /// The header lines as they were received.
    #[cfg(feature = "capi")]
    pub(crate) const fn header_lines(&self) -> &'b [u8] {
        self.headers
    }

    /// Whether the status code is below 400.
    #[must_use]
    pub const fn ok(&self) -> bool {
        self.status_code < 400
    }

    /// Turns a 4xx or 5xx into an error.
    ///
    /// # Errors
    /// [`Error::Status`] with the status code.
    pub const fn raise_for_status(&self) -> Result<(), Error> {
        if self.ok() { Ok(()) } else { Err(Error::Status(self.status_code)) }
    }

    /// The final URL, after all redirects: normalised, with the parameters, without user name and
    /// password.
    #[must_use]
    pub const fn url(&self) -> &'b str {
        self.url
    }

    /// The HTTP version of the response, `"1.0"` or `"1.1"`. A later minor version counts as 1.1
    /// (RFC 9110 §2.5).
    #[must_use]
    pub const fn http_version(&self) -> &'static str {
        if self.minor_version == 0 { "1.0" } else { "1.1" }
    }
}

/// Prints no headers: they can be long, and can hold secrets.
impl fmt::Debug for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("status_code", &self.status_code)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

// SPDX-License-Identifier: Apache-2.0
//! A response that arrives while its request is being sent (RFC 9112 §9.5).

/// How many bytes of a head tell its status: `HTTP/1.1 413`, and that the code ends there.
pub(super) const STATUS_LEN: usize = 13;

/// The part of a response that has arrived while the request is being sent.
///
/// Interim responses (RFC 9110 §15.2), such as a late `100 Continue`, are dropped: the request goes on. What
/// is not HTTP counts as a final response, and is refused when it is received.
#[derive(Default)]
pub(super) struct EarlyResponse {
    start: [u8; STATUS_LEN],
    len: usize,
    pub state: Early,
}

/// What is known of an early response.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Early {
    /// Nothing that says what it is.
    #[default]
    Unknown,
    /// It is interim, and this is part of its head.
    Interim {
        /// Whether the line that is being received is empty so far.
        line_is_empty: bool,
    },
    /// The request succeeds, and the server goes on reading it.
    Success,
    /// The request is not read further.
    Final,
}

impl EarlyResponse {
    /// Takes the next byte.
    pub(super) fn push(&mut self, byte: u8) {
        match self.state {
            Early::Interim { line_is_empty } => match byte {
                b'\n' if line_is_empty => *self = Self::default(),
                b'\r' => {}
                _ => self.state = Early::Interim { line_is_empty: byte == b'\n' },
            },
            Early::Unknown => self.push_status(byte),
            Early::Success | Early::Final => {}
        }
    }

    fn push_status(&mut self, byte: u8) {
        let Some(place) = self.start.get_mut(self.len) else {
            return;
        };
        *place = byte;
        let is_http = is_status_line_byte(self.len, byte);
        self.len += 1;
        if !is_http {
            self.state = Early::Final;
        } else if self.len == STATUS_LEN {
            let [.., code, tens, ones, _] = self.start;
            self.state = match code {
                // Nothing follows a 101 (RFC 9110 §15.2.2).
                b'1' if (tens, ones) != (b'0', b'1') => Early::Interim { line_is_empty: byte == b'\n' },
                b'2' => Early::Success,
                _ => Early::Final,
            };
        }
    }

    pub(super) const fn is_interim(&self) -> bool {
        matches!(self.state, Early::Interim { .. })
    }

    /// The bytes that were received and not dropped.
    pub(super) fn received(&self) -> &[u8] {
        self.start.get(..self.len).unwrap_or_default()
    }
}

/// Whether `byte` may stand at `index` in the first [`STATUS_LEN`] bytes of a response (RFC 9112 §4).
fn is_status_line_byte(index: usize, byte: u8) -> bool {
    const START: &[u8] = b"HTTP/1.";
    match index {
        7 | 9..=11 => byte.is_ascii_digit(),
        8 => byte == b' ',
        12 => matches!(byte, b' ' | b'\t' | b'\r' | b'\n'),
        _ => START.get(index) == Some(&byte),
    }
}

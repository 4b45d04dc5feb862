// SPDX-License-Identifier: Apache-2.0
//! A response that arrives while its request is being sent (RFC 9112 §9.5).

/// The number of bytes at the start of a head that contain the status: `HTTP/1.1 413` and the byte
/// that ends the code.
pub(super) const STATUS_LEN: usize = 13;

/// What has arrived of a response while the request is being sent.
///
/// Interim responses (RFC 9110 §15.2), such as a late `100 Continue`, are dropped, and sending goes
/// on. Bytes that are not HTTP count as a final response, which is refused when it is received.
#[derive(Default)]
pub(super) struct EarlyResponse {
    start: [u8; STATUS_LEN],
    len: usize,
    pub state: Early,
}

/// What is known of an early response.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Early {
    /// Not enough has arrived to tell.
    #[default]
    Unknown,
    /// An interim response, whose head is being received.
    Interim {
        /// Whether the current line is empty so far.
        line_is_empty: bool,
    },
    /// A status 2xx: the server goes on reading the request.
    Success,
    /// Any other final response: the server will not read the rest of the request.
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
                // No other response follows a 101 (RFC 9110 §15.2.2).
                b'1' if (tens, ones) != (b'0', b'1') => Early::Interim { line_is_empty: byte == b'\n' },
                b'2' => Early::Success,
                _ => Early::Final,
            };
        }
    }

    pub(super) const fn is_interim(&self) -> bool {
        matches!(self.state, Early::Interim { .. })
    }

    /// The bytes that were received and not dropped with an interim response.
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

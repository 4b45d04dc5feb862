// SPDX-License-Identifier: Apache-2.0
//! Persistent connections: whether a connection can carry another request (RFC 9112 §9.3).

use core::fmt;

use crate::proto::framing::Framing;
use crate::proto::header::HeaderFields;
use crate::proto::syntax::{ListElements, parse_decimal, split_at_byte, trim_ows};

/// Why a connection is not used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The server sent `Connection: close`.
    ConnectionClose,
    /// The request had `Connection: close`.
    RequestedClose,
    /// The server speaks HTTP/1.0 and did not send `Connection: keep-alive`.
    Http10,
    /// The body ends with the connection.
    UntilClose,
    /// The fields that frame the body contradict each other or the status. The bytes behind the
    /// response could be taken for another response (RFC 9112 §6.1).
    AmbiguousFraming,
    /// The server switched to another protocol (status 101).
    Upgrade,
    /// The request was not sent to its end, for example because the server answered before it had
    /// the whole body.
    RequestIncomplete,
    /// The response was not read to its end.
    ResponseIncomplete,
    /// The server sent bytes behind the response that belong to no request.
    ExcessBytes,
    /// The exchange failed.
    Error,
    /// The connection was idle for longer than the session's limit or the server's `Keep-Alive`
    /// allows.
    IdleLimit,
    /// The client does not keep connections.
    NotKept,
}

impl CloseReason {
    /// The reason as a sentence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionClose => "the server answered with Connection: close",
            Self::RequestedClose => "the request had Connection: close",
            Self::Http10 => "the server speaks HTTP/1.0 without keep-alive",
            Self::UntilClose => "the response ended with the connection",
            Self::AmbiguousFraming => "the response had contradictory framing",
            Self::Upgrade => "the server changed to another protocol",
            Self::RequestIncomplete => "the request was not sent to its end",
            Self::ResponseIncomplete => "the response was not read to its end",
            Self::ExcessBytes => "the server sent more than the response",
            Self::Error => "the exchange failed",
            Self::IdleLimit => "it was idle for too long",
            Self::NotKept => "connections are not kept",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the head of a response allows the connection to be used again, once the request is sent and the body is
/// received. If it does, returns the seconds for which the server keeps the idle connection, if a `Keep-Alive:
/// timeout=…` says so. If there are several, the smallest counts. 0 means that the connection is not kept.
///
/// No current RFC defines the field `Keep-Alive`, but servers send it in the form of RFC 2068 §19.7.1.1.
///
/// `framing` is the result of [`Framing::of_response`] for the same head.
///
/// # Errors
/// [`CloseReason`] says why the connection cannot be used again.
pub fn persistence(
    minor_version: u8,
    status_code: u16,
    framing: Framing,
    mut headers: HeaderFields<'_>,
) -> Result<Option<u32>, CloseReason> {
    let (mut closes, mut keeps_alive, mut seconds) = (false, false, None);
    let (mut is_coded, mut has_length, mut has_bytes) = (false, false, false);
    while let Some((name, value)) =
        headers.next_of(&["Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length"])
    {
        match name {
            0 => {
                closes |= is_listed(value, b"close");
                keeps_alive |= is_listed(value, b"keep-alive");
            }
            1 => seconds = shortest_timeout(value, seconds),
            2 => is_coded = true,
            _ => {
                has_length = true;
                has_bytes |= parse_decimal(value) != Some(0);
            }
        }
    }
    // 1xx and 204 have no body, and HTTP/1.0 has no transfer codings. Another parser could find the end of such a
    // response elsewhere (RFC 9112 §6.1 and §6.3).
    let has_no_body = matches!(status_code, 100..=199 | 204);
    let is_ambiguous =
        is_coded && (minor_version == 0 || has_length || has_no_body) || has_no_body && has_bytes;
    if status_code == 101 {
        Err(CloseReason::Upgrade)
    } else if closes {
        Err(CloseReason::ConnectionClose)
    } else if minor_version == 0 && !keeps_alive {
        Err(CloseReason::Http10)
    } else if framing == Framing::UntilClose {
        Err(CloseReason::UntilClose)
    } else if is_ambiguous {
        Err(CloseReason::AmbiguousFraming)
    } else {
        Ok(seconds)
    }
}

/// Whether `option` is an element of the comma-separated `list`, ignoring case.
#[must_use]
pub fn is_listed(list: &[u8], option: &[u8]) -> bool {
    ListElements::new(list).any(|element| element.eq_ignore_ascii_case(option))
}

/// The smallest of `shortest` and each `timeout` in a value of `Keep-Alive`, in seconds.
fn shortest_timeout(list: &[u8], mut shortest: Option<u32>) -> Option<u32> {
    for parameter in ListElements::new(list) {
        if let (name, Some(value)) = split_at_byte(parameter, b'=')
            && trim_ows(name).eq_ignore_ascii_case(b"timeout")
            && let Some(seconds) = parse_decimal(trim_ows(value))
        {
            let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
            shortest = Some(shortest.map_or(seconds, |other| other.min(seconds)));
        }
    }
    shortest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(minor_version: u8, status_code: u16, headers: &str) -> Option<CloseReason> {
        let fields = HeaderFields::new(headers.as_bytes());
        let framing = Framing::of_response("GET", status_code, fields.clone()).unwrap();
        persistence(minor_version, status_code, framing, fields).err()
    }

    #[test]
    fn http_1_1_persists_unless_it_says_otherwise() {
        for (headers, expected) in [
            ("Content-Length: 5\r\n", None),
            ("Transfer-Encoding: chunked\r\n", None),
            ("Content-Length: 5\r\nConnection: keep-alive\r\n", None),
            ("Content-Length: 5\r\nConnection: close\r\n", Some(CloseReason::ConnectionClose)),
            ("Content-Length: 5\r\nCONNECTION: x ,\tClose\r\n", Some(CloseReason::ConnectionClose)),
            (
                "Content-Length: 5\r\nConnection: x\r\nConnection: close\r\n",
                Some(CloseReason::ConnectionClose),
            ),
            ("Content-Length: 5\r\nConnection: close, keep-alive\r\n", Some(CloseReason::ConnectionClose)),
            ("Content-Length: 5\r\nConnection: closed\r\n", None),
            ("Content-Length: 5\r\nConnection: \"close\"\r\n", None),
            ("", Some(CloseReason::UntilClose)),
            ("Connection: close\r\n", Some(CloseReason::ConnectionClose)),
        ] {
            assert_eq!(reason(1, 200, headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn http_1_0_persists_only_by_keep_alive() {
        for (headers, expected) in [
            ("Content-Length: 5\r\n", Some(CloseReason::Http10)),
            ("Content-Length: 5\r\nConnection: Keep-Alive\r\n", None),
            ("Content-Length: 5\r\nConnection: keep-alive, close\r\n", Some(CloseReason::ConnectionClose)),
            ("Connection: keep-alive\r\n", Some(CloseReason::UntilClose)),
            ("Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", Some(CloseReason::AmbiguousFraming)),
        ] {
            assert_eq!(reason(0, 200, headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn contradictory_framing_is_not_trusted_twice() {
        for (status, headers, expected) in [
            (200, "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", Some(CloseReason::AmbiguousFraming)),
            (204, "Transfer-Encoding: chunked\r\n", Some(CloseReason::AmbiguousFraming)),
            (204, "Content-Length: 5\r\n", Some(CloseReason::AmbiguousFraming)),
            (204, "Content-Length: 0\r\nContent-Length: 5\r\n", Some(CloseReason::AmbiguousFraming)),
            (204, "Content-Length: 0\r\n", None),
            (204, "", None),
            (304, "Content-Length: 5\r\n", None),
            (304, "Transfer-Encoding: chunked\r\n", None),
        ] {
            assert_eq!(reason(1, status, headers), expected, "{status} {headers:?}");
        }
    }

    #[test]
    fn after_101_it_is_another_protocol() {
        let headers = "Connection: upgrade\r\nUpgrade: websocket\r\n";
        assert_eq!(reason(1, 101, headers), Some(CloseReason::Upgrade));
    }

    #[test]
    fn keep_alive_timeouts() {
        for (headers, expected) in [
            ("", None),
            ("Keep-Alive: timeout=5, max=100\r\n", Some(5)),
            ("keep-alive: max=100,Timeout = 5\r\n", Some(5)),
            ("Keep-Alive: timeout=5\r\nKeep-Alive: timeout=4\r\n", Some(4)),
            ("Keep-Alive: timeout=0\r\n", Some(0)),
            ("Keep-Alive: timeout=99999999999\r\n", Some(u32::MAX)),
            ("Keep-Alive: timeout=-1\r\n", None),
            ("Keep-Alive: timeout=\r\n", None),
            ("Keep-Alive: timeout\r\n", None),
            ("Keep-Alive: 5\r\n", None),
        ] {
            let fields = HeaderFields::new(headers.as_bytes());
            assert_eq!(persistence(1, 200, Framing::Length(0), fields), Ok(expected), "{headers:?}");
        }
    }

    #[test]
    fn reasons_are_told_as_sentences() {
        assert_eq!(CloseReason::ConnectionClose.to_string(), "the server answered with Connection: close");
        assert_eq!(CloseReason::ExcessBytes.to_string(), "the server sent more than the response");
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Server-sent events, `text/event-stream` (WHATWG HTML §9.2).

use core::fmt;
use core::ops::Range;

use crate::proto::bytes::{copy, move_within};
use crate::proto::syntax::{parse_decimal, split_at_byte};

/// An event of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The type of the event. `message` if it has none.
    pub event: &'a [u8],
    /// The data lines, joined by LF. They should be UTF-8, but may be any bytes.
    pub data: &'a [u8],
    /// The last id in the stream, or empty if there was none. Send it as `Last-Event-ID` when you
    /// open the stream again.
    pub id: &'a [u8],
}

impl<'a> Event<'a> {
    /// The data as text. `None` if it is not UTF-8.
    #[must_use]
    pub const fn data_str(&self) -> Option<&'a str> {
        match core::str::from_utf8(self.data) {
            Ok(text) => Some(text),
            Err(_) => None,
        }
    }
}

/// An event was larger than the buffer. It is skipped as a whole. Later events are not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTooLarge {
    /// The size in bytes that the buffer needs for the event so far. The whole event may need more.
    pub needed: usize,
}

impl fmt::Display for EventTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event did not fit into the buffer: it needs at least {} bytes", self.needed)
    }
}

impl core::error::Error for EventTooLarge {}

/// Parses lines into events. It stores an event in the caller's buffer, which must hold the id,
/// type and data of the largest event. When the id changes, it must hold both ids.
#[derive(Debug)]
pub struct EventParser<'b> {
    buffer: &'b mut [u8],
    /// The ends of id, new id, type and data in the buffer. Each starts where the previous one
    /// ends.
    ends: [usize; 4],
    retry_ms: Option<u32>,
    state: State,
    /// Whether no line was parsed yet, so that the next one may start with a byte order mark.
    at_start: bool,
    new_id: bool,
    has_data: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The fields of an event are being received.
    Reading,
    /// An event is complete. It stays until the next line.
    Complete,
    /// The rest of an event that is too large is being skipped.
    Skipping,
}

const ID: usize = 0;
const NEW_ID: usize = 1;
const TYPE: usize = 2;
const DATA: usize = 3;

impl<'b> EventParser<'b> {
    /// A parser for a new stream.
    pub fn new(buffer: &'b mut [u8]) -> Self {
        Self {
            buffer,
            ends: [0; 4],
            retry_ms: None,
            state: State::Reading,
            at_start: true,
            new_id: false,
            has_data: false,
        }
    }

    /// Parses the next line, which is given without its line end. Returns whether it completes an
    /// event. [`event`](Self::event) returns that event until the next line. If the stream ends
    /// inside an event, that event is discarded.
    ///
    /// # Errors
    /// [`EventTooLarge`], once for each event that does not fit.
    pub fn push_line(&mut self, line: &[u8]) -> Result<bool, EventTooLarge> {
        let line = match line {
            [0xef, 0xbb, 0xbf, rest @ ..] if self.at_start => rest,
            _ => line,
        };
        self.at_start = false;
        if self.state == State::Complete {
            self.state = State::Reading;
            self.forget_event();
        }
        if line.is_empty() {
            return Ok(self.finish());
        }
        // A line that starts with a colon is a comment: a field with an empty name, which is
        // ignored.
        let (field, value) = split_at_byte(line, b':');
        let value = value.unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        if field == b"retry"
            && let Some(time) = parse_decimal(value)
        {
            self.retry_ms = Some(u32::try_from(time).unwrap_or(u32::MAX));
        }
        if self.state == State::Skipping {
            return Ok(false);
        }
        let outcome = match field {
            b"event" => self.replace(TYPE, value),
            b"id" if !value.contains(&0) => {
                self.new_id = true;
                self.replace(NEW_ID, value)
            }
            b"data" => {
                let first = !self.has_data;
                self.has_data = true;
                let line_feed: &[u8] = if first { b"" } else { b"\n" };
                let end = self.range(DATA).end;
                self.splice(DATA, end..end, line_feed, value)
            }
            _ => Ok(()),
        };
        if outcome.is_err() {
            self.state = State::Skipping;
        }
        outcome.map(|()| false)
    }

    /// Skips the current event. Call it if one of its lines could not be read, for example because
    /// the line is too long for the request's buffer. Later events are not affected.
    pub fn skip_event(&mut self) {
        self.at_start = false;
        if self.state == State::Complete {
            self.forget_event();
        }
        self.state = State::Skipping;
    }

    /// The event that the last line completed, if any.
    #[must_use]
    pub fn event(&self) -> Option<Event<'_>> {
        if self.state != State::Complete {
            return None;
        }
        let event = self.part(TYPE);
        let event = if event.is_empty() { b"message" } else { event };
        Some(Event { event, data: self.part(DATA), id: self.part(ID) })
    }

    /// The last id in the stream, from complete events only. Empty if there was none.
    #[must_use]
    pub fn last_id(&self) -> &[u8] {
        self.part(ID)
    }

    /// The time to wait before you open the stream again, in milliseconds, if the stream has set
    /// one.
    #[must_use]
    pub const fn retry_ms(&self) -> Option<u32> {
        self.retry_ms
    }

    /// Discards an incomplete event. Call it before you open the stream again. The last id stays.
    pub fn restart(&mut self) {
        self.forget_event();
        self.state = State::Reading;
        self.at_start = true;
    }

    /// Ends an event at an empty line. Returns whether there is an event.
    fn finish(&mut self) -> bool {
        if self.state == State::Skipping {
            self.state = State::Reading;
            self.forget_event();
            return false;
        }
        // The id counts even if the event has no data.
        if self.new_id {
            let old = self.range(ID).end;
            let used = self.range(DATA).end;
            move_within(self.buffer, old..used, 0);
            let [_, new_id, event, data] = self.ends;
            self.ends = [new_id - old, new_id - old, event - old, data - old];
            self.new_id = false;
        }
        if !self.has_data {
            self.forget_event();
            return false;
        }
        self.state = State::Complete;
        true
    }

    /// Discards all but the last id.
    fn forget_event(&mut self) {
        let id = self.range(ID).end;
        self.ends = [id; 4];
        self.new_id = false;
        self.has_data = false;
    }

    fn range(&self, part: usize) -> Range<usize> {
        let start = part.checked_sub(1).and_then(|part| self.ends.get(part));
        let end = self.ends.get(part);
        start.copied().unwrap_or_default()..end.copied().unwrap_or_default()
    }

    fn part(&self, part: usize) -> &[u8] {
        self.buffer.get(self.range(part)).unwrap_or_default()
    }

    fn replace(&mut self, part: usize, value: &[u8]) -> Result<(), EventTooLarge> {
        self.splice(part, self.range(part), b"", value)
    }

    /// Replaces the bytes in `range`, which belong to `part`, by `first` and `second`. Changes
    /// nothing if they do not fit.
    fn splice(
        &mut self,
        part: usize,
        range: Range<usize>,
        first: &[u8],
        second: &[u8],
    ) -> Result<(), EventTooLarge> {
        let used = self.range(DATA).end;
        let added = first.len() + second.len();
        let needed = (used - range.len()).saturating_add(added);
        let too_large = EventTooLarge { needed };
        let moved = self.buffer.get_mut(..used.max(needed)).ok_or(too_large)?;
        move_within(moved, range.end..used, range.start + added);
        let room = moved.get_mut(range.start..range.start + added).unwrap_or_default();
        if let Some((start, end)) = room.split_at_mut_checked(first.len()) {
            copy(start, first);
            copy(end, second);
        }
        for end in self.ends.iter_mut().skip(part) {
            *end = *end - range.len() + added;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Type, data and id of each event. All lines end with LF.
    fn events(stream: &str) -> Vec<(String, String, String)> {
        let mut buffer = [0; 256];
        let mut parser = EventParser::new(&mut buffer);
        let mut events = Vec::new();
        for line in stream.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            if parser.push_line(line.as_bytes()).unwrap() {
                let event = parser.event().unwrap();
                let [name, data, id] =
                    [event.event, event.data, event.id].map(|part| String::from_utf8(part.to_vec()).unwrap());
                events.push((name, data, id));
            } else {
                assert_eq!(parser.event(), None);
            }
        }
        events
    }

    #[track_caller]
    fn check(stream: &str, expected: &[(&str, &str, &str)]) {
        let expected: Vec<_> =
            expected.iter().map(|&(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())).collect();
        assert_eq!(events(stream), expected, "{stream:?}");
    }

    #[test]
    fn streams() {
        check("data: a\n\n", &[("message", "a", "")]);
        check("data:a\n\n", &[("message", "a", "")]);
        check("data:  a \n\n", &[("message", " a ", "")]);
        check("data: a\ndata: b\ndata:\n\n", &[("message", "a\nb\n", "")]);
        check("data\n\ndata\ndata\n\ndata:\n", &[("message", "", ""), ("message", "\n", "")]);
        check(": comment\ndata: a\n: another\n\n", &[("message", "a", "")]);
        check("event: x\ndata: a: b\n\ndata: c\n\n", &[("x", "a: b", ""), ("message", "c", "")]);
        check("data: a\nevent: longer\nevent: x\n\n", &[("x", "a", "")]);
        check("event: x\n\n\n\ndata: a\n\n", &[("message", "a", "")]);
        check("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[("message", "a", "")]);
        check("Data: a\n data: b\nother: c\n\n", &[]);
        check("data: a\n", &[]);
        check("data: a\n\ndata: b", &[("message", "a", "")]);
    }

    #[test]
    fn ids_last() {
        check(
            "data: a\nid: 1\n\ndata: b\n\nid: 22\ndata: c\n\nid\ndata: d\n\ndata: e\n\n",
            &[
                ("message", "a", "1"),
                ("message", "b", "1"),
                ("message", "c", "22"),
                ("message", "d", ""),
                ("message", "e", ""),
            ],
        );
        check("id: 1\n\ndata: a\n\n", &[("message", "a", "1")]);
        check("id: 1\0\ndata: a\n\n", &[("message", "a", "")]);
        check("event: x\ndata: a\nid: 1\nid: 333\ndata: b\nid: 22\n\n", &[("x", "a\nb", "22")]);
    }

    #[test]
    fn the_id_of_an_event_that_is_not_complete_does_not_count() {
        let mut buffer = [0; 64];
        let mut parser = EventParser::new(&mut buffer);
        for line in ["id: 1", "data: a", "", "id: 2", "data: b"] {
            parser.push_line(line.as_bytes()).unwrap();
        }
        assert_eq!(parser.last_id(), b"1");
        parser.restart();
        assert_eq!(parser.push_line(b"\xef\xbb\xbfdata: c"), Ok(false));
        assert_eq!(parser.push_line(b""), Ok(true));
        assert_eq!(parser.event(), Some(Event { event: b"message", data: b"c", id: b"1" }));
        assert_eq!(parser.event().unwrap().data_str(), Some("c"));
    }

    #[test]
    fn retry_is_in_milliseconds() {
        let mut buffer = [0; 64];
        let mut parser = EventParser::new(&mut buffer);
        for (line, expected) in [
            ("retry: 5s", None),
            ("retry: -5", None),
            ("retry", None),
            ("retry: 3000", Some(3000)),
            ("retry: ", Some(3000)),
            ("retry:99999999999", Some(u32::MAX)),
        ] {
            assert_eq!(parser.push_line(line.as_bytes()), Ok(false));
            assert_eq!(parser.retry_ms(), expected, "{line}");
        }
    }

    #[test]
    fn an_event_of_which_a_line_is_missing_is_left_out_as_a_whole() {
        let mut buffer = [0; 64];
        let mut parser = EventParser::new(&mut buffer);
        assert_eq!(parser.push_line(b"data: 1"), Ok(false));
        assert_eq!(parser.push_line(b""), Ok(true));
        // The skipped line would be the first of the second event.
        parser.skip_event();
        assert_eq!(parser.event(), None);
        assert_eq!(parser.push_line(b"data: 2"), Ok(false));
        assert_eq!(parser.push_line(b""), Ok(false));
        assert_eq!(parser.push_line(b"data: 3"), Ok(false));
        // The skipped line would be in the middle of the third event.
        parser.skip_event();
        assert_eq!(parser.push_line(b"data: 3"), Ok(false));
        assert_eq!(parser.push_line(b""), Ok(false));
        assert_eq!(parser.push_line(b"data: 4"), Ok(false));
        assert_eq!(parser.push_line(b""), Ok(true));
        assert_eq!(parser.event().map(|event| event.data), Some(&b"4"[..]));
    }

    #[test]
    fn an_event_that_is_too_large_is_left_out_as_a_whole() {
        let mut buffer = [0; 8];
        let mut parser = EventParser::new(&mut buffer);
        for (line, expected) in [
            ("id: 1", Ok(false)),
            ("data: 1234", Ok(false)),
            ("data: 567", Err(EventTooLarge { needed: 9 })),
            ("data: 8", Ok(false)),
            ("id: 2", Ok(false)),
            ("", Ok(false)),
            ("id: 3", Ok(false)),
            ("data: 1234", Ok(false)),
            ("data: 56", Ok(false)),
            ("", Ok(true)),
        ] {
            assert_eq!(parser.push_line(line.as_bytes()), expected, "{line}");
        }
        assert_eq!(parser.event(), Some(Event { event: b"message", data: b"1234\n56", id: b"3" }));
        let text = EventTooLarge { needed: 9 }.to_string();
        assert_eq!(text, "an event did not fit into the buffer: it needs at least 9 bytes");
    }

    #[test]
    fn data_that_is_no_text_is_none() {
        let event = Event { event: b"message", data: b"\xff", id: b"" };
        assert_eq!(event.data_str(), None);
    }
}

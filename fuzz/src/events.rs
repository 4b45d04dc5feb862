// SPDX-License-Identifier: Apache-2.0
//! Server-sent events: the size of the buffer, a seed for the sizes of pieces, then a stream. The events are those of
//! an independent parser that has memory without a limit; in a small buffer, those that fit.

use requests::EventParser;
use requests::proto::lines::Lines;

use crate::input::{Input, Numbers};

type Event = (Vec<u8>, Vec<u8>, Vec<u8>);

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let size = usize::from(input.byte());
    let seed = input.byte();
    let stream = input.rest();
    let lines = split(stream, None);
    assert_eq!(split(stream, Some(seed)), lines);

    let (expected, expected_retry) = reference(&lines);
    let mut large = vec![0; stream.len() * 2 + 16];
    let (events, retry, skipped) = parse(&lines, &mut large);
    assert_eq!((&events, retry, skipped), (&expected, expected_retry, 0));

    // Whatever is left out, what remains is complete and in order. The ids may lag behind.
    let mut small = vec![0; size];
    let (events, retry, _) = parse(&lines, &mut small);
    assert_eq!(retry, expected_retry);
    let mut rest = expected.iter();
    for (name, data, _) in &events {
        assert!(rest.any(|(other, same, _)| other == name && same == data), "not an event of the stream");
    }
}

/// The lines of a stream that arrives in pieces.
pub(crate) fn split(stream: &[u8], seed: Option<u8>) -> Vec<Vec<u8>> {
    let mut finder = Lines::default();
    let mut numbers = seed.map(Numbers::new);
    let mut lines = Vec::new();
    let (mut start, mut end) = (0, 0);
    loop {
        if let Some(line) = finder.next(&stream[start..end], end == stream.len()) {
            lines.push(stream[start..][line.text].to_vec());
            start += line.consumed;
        } else if end == stream.len() {
            return lines;
        } else {
            end += numbers.as_mut().map_or(usize::MAX, Numbers::piece).min(stream.len() - end);
        }
    }
}

fn parse(lines: &[Vec<u8>], buffer: &mut [u8]) -> (Vec<Event>, Option<u32>, usize) {
    let mut parser = EventParser::new(buffer);
    let mut events = Vec::new();
    let mut skipped = 0;
    for line in lines {
        match parser.push_line(line) {
            Ok(is_complete) => {
                assert_eq!(is_complete, parser.event().is_some());
                if let Some(event) = parser.event() {
                    assert_eq!(event.id, parser.last_id());
                    events.push((event.event.to_vec(), event.data.to_vec(), event.id.to_vec()));
                }
            }
            Err(_) => skipped += 1,
        }
    }
    (events, parser.retry_ms(), skipped)
}

/// The standard's own steps (WHATWG HTML §9.2.6).
fn reference(lines: &[Vec<u8>]) -> (Vec<Event>, Option<u32>) {
    let mut events = Vec::new();
    let (mut name, mut data, mut id, mut last_id) = (Vec::new(), Vec::new(), None::<Vec<u8>>, Vec::new());
    let mut retry = None;
    for (index, line) in lines.iter().enumerate() {
        let line = if index == 0 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        if line.is_empty() {
            last_id = id.take().unwrap_or(last_id);
            if let Some(text) = std::mem::take(&mut data).strip_suffix(b"\n") {
                let name = if name.is_empty() { b"message".to_vec() } else { name };
                events.push((name, text.to_vec(), last_id.clone()));
            }
            name = Vec::new();
            continue;
        }
        let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"event" => name = value.to_vec(),
            b"data" => data.extend(value.iter().chain(b"\n")),
            b"id" if !value.contains(&0) => id = Some(value.to_vec()),
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let text = std::str::from_utf8(value).expect("digits");
                // A number that no type holds is as long as can be.
                if let Ok(number) = text.parse::<u64>() {
                    retry = Some(u32::try_from(number).unwrap_or(u32::MAX));
                }
            }
            _ => {}
        }
    }
    (events, retry)
}

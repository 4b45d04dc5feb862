// SPDX-License-Identifier: Apache-2.0
//! The progress bar for long requests.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::rc::Rc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use requests::HeaderFields;
use requests::proto::response_head::{HeadParser, ResponseHead};
use requests::proto::syntax::parse_decimal;

/// The time after which the bar appears.
const SHOW_AFTER: Duration = Duration::from_millis(500);
/// The most bytes of a head to parse.
const MAX_HEAD: usize = 64 << 10;

const WITH_TOTAL: &str = "{spinner} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left";
const WITHOUT_TOTAL: &str = "{spinner} {bytes} received, {bytes_per_sec}";
const SENDING: &str = "{spinner} waiting for the response, {bytes} sent";

/// What the bar shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Sending,
    Receiving { total: Option<u64> },
}

/// A bar on standard error that appears when a request takes long.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    shown: Cell<bool>,
    stage: Cell<Stage>,
    /// Whether the bytes of several connections are counted.
    is_download: Cell<bool>,
}

impl Progress {
    /// A bar, if standard error is a terminal.
    pub fn for_terminal() -> Option<Rc<Self>> {
        std::io::stderr().is_terminal().then(|| Rc::new(Self::hidden()))
    }

    /// A bar that is hidden at first.
    pub fn hidden() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_style(style(SENDING));
        Self {
            bar,
            started: Instant::now(),
            shown: Cell::new(false),
            stage: Cell::new(Stage::Sending),
            is_download: Cell::new(false),
        }
    }

    /// Moves the bar. Call it while time passes.
    pub fn tick(&self) {
        if !self.shown.get() && self.started.elapsed() >= SHOW_AFTER {
            self.shown.set(true);
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.tick();
    }

    /// Adds `count` sent bytes.
    pub fn sent(&self, count: usize) {
        if self.is_download.get() {
            return;
        }
        if self.stage.get() != Stage::Sending {
            // This is the next request, after a redirect.
            self.start(Stage::Sending, SENDING, None);
        }
        self.bar.inc(count as u64);
        self.tick();
    }

    /// Shows the bytes that `head` has counted.
    pub fn received(&self, head: &HeadWatch) {
        if !self.is_download.get() {
            self.show(head.body, head.total);
        }
    }

    /// Shows the progress of a download, over all its connections.
    pub fn downloaded(&self, received: u64, total: Option<u64>) {
        self.is_download.set(true);
        self.show(received, total);
    }

    fn show(&self, received: u64, total: Option<u64>) {
        let stage = Stage::Receiving { total };
        if self.stage.get() != stage {
            self.start(stage, if total.is_some() { WITH_TOTAL } else { WITHOUT_TOTAL }, total);
        }
        self.bar.set_position(received);
        self.tick();
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn start(&self, stage: Stage, template: &str, total: Option<u64>) {
        self.stage.set(stage);
        self.bar.set_style(style(template));
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.reset();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Parses the bytes of a response to find the length of its body.
#[derive(Default)]
pub struct HeadWatch {
    parser: HeadParser,
    /// The head received so far. Empty when it is complete.
    head: Vec<u8>,
    is_complete: bool,
    /// The number of bytes behind the head.
    pub body: u64,
    /// The length that the head announces.
    pub total: Option<u64>,
}

impl HeadWatch {
    /// Parses the next bytes of the response.
    pub fn received(&mut self, bytes: &[u8]) {
        if self.is_complete {
            self.body += bytes.len() as u64;
            return;
        }
        self.head.extend_from_slice(bytes);
        while !self.is_complete {
            match self.parser.parse(&mut self.head) {
                Ok(Some(head)) => {
                    let body = self.head.split_off(head.end);
                    if head.is_interim() {
                        self.parser = HeadParser::default();
                        self.head = body;
                    } else {
                        self.complete(body.len(), announced(&self.head, &head));
                    }
                }
                Ok(None) if self.head.len() < MAX_HEAD => return,
                // The library reports what is wrong with it.
                Ok(None) | Err(_) => self.complete(self.head.len(), None),
            }
        }
    }

    /// Call this when a request is sent, perhaps over a connection that already had a response.
    pub fn sent(&mut self) {
        if self.is_complete {
            *self = Self::default();
        }
    }

    fn complete(&mut self, body: usize, total: Option<u64>) {
        self.is_complete = true;
        self.head = Vec::new();
        self.body = body as u64;
        self.total = total;
    }
}

/// The `Content-Length` of a response, unless the body is chunked.
fn announced(bytes: &[u8], head: &ResponseHead) -> Option<u64> {
    let fields = HeaderFields::new(bytes.get(head.headers.clone()).unwrap_or_default());
    let chunked = fields.clone().first("Transfer-Encoding").is_some();
    fields.first("Content-Length").and_then(parse_decimal).filter(|_| !chunked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(response: &[u8], piece: usize) -> (u64, Option<u64>) {
        let mut watch = HeadWatch::default();
        for piece in response.chunks(piece) {
            watch.received(piece);
        }
        (watch.body, watch.total)
    }

    #[test]
    fn the_head_tells_how_much_is_to_come() {
        for (response, expected) in [
            (&b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\nabc"[..], (3, Some(70))),
            (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", (3, Some(9))),
            (b"HTTP/1.1 200 OK\r\n\r\nabc", (3, None)),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n3\r\n", (3, None)),
            (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", (0, None)),
        ] {
            for piece in 1..response.len() {
                assert_eq!(watch(response, piece), expected, "{:?} by {piece}", response.escape_ascii());
            }
        }
    }

    #[test]
    fn each_response_of_a_connection_has_a_head() {
        let mut watch = HeadWatch::default();
        for (body, length) in [("abc", 3), ("", 70)] {
            watch.sent();
            watch.sent();
            watch.received(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes());
            assert_eq!((watch.body, watch.total), (body.len() as u64, Some(length)));
        }
    }

    #[test]
    fn what_is_no_head_does_no_harm() {
        assert_eq!(watch(b"\0\xff\r\n\r\nabc", 4).1, None);
        let endless = b"a".repeat(3 * MAX_HEAD);
        assert_eq!(watch(&endless, 1000).1, None);
    }

    #[test]
    fn templates_are_valid() {
        for template in [WITH_TOTAL, WITHOUT_TOTAL, SENDING] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}

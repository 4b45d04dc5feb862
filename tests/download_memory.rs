// SPDX-License-Identifier: Apache-2.0
//! A download takes no more memory than its buffer, however large the file is and however often the
//! connection drops. This is a single test in its own process, because it counts all memory of the
//! process.

mod support;

use std::io::Write as _;
use std::time::Duration;

use embedded_io::ErrorKind;
use requests::{Retry, Sink};

use support::nginx::Nginx;
use support::relay::{Chance, Relay};

/// 100 MB.
const LARGE: u64 = 100_000_000;
/// The size of a first download before the measurement, so that one-time allocations are made by
/// then.
const SMALL: u64 = 5_000_000;
/// The most bytes that the allocator and the stacks may take.
const SLACK: u64 = 512 * 1024;

/// Resident memory of this process in bytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("/proc");
    let pages: u64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
    pages * rustix::param::page_size() as u64
}

/// The byte of the file at `offset`. There is no period, so that a part in a wrong place does not
/// match.
const fn byte_at(offset: u64) -> u8 {
    (offset.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8
}

fn write_file(path: &std::path::Path, len: u64) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut piece = vec![0; 100_000];
    for start in (0..len).step_by(piece.len()) {
        for (byte, offset) in piece.iter_mut().zip(start..) {
            *byte = byte_at(offset);
        }
        file.write_all(&piece).unwrap();
    }
    file.flush().unwrap();
}

/// Compares the content with the expected one, and records the memory.
#[derive(Default)]
struct Watch {
    received: u64,
    starts: u32,
    largest: u64,
}

impl Sink for Watch {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ErrorKind> {
        assert_eq!(offset, self.received);
        let is_right = bytes.iter().zip(offset..).all(|(&byte, offset)| byte == byte_at(offset));
        assert!(is_right, "another byte behind {offset}");
        self.received += bytes.len() as u64;
        if offset >> 20 != self.received >> 20 {
            self.largest = self.largest.max(resident());
        }
        Ok(())
    }

    fn start(&mut self, _: Option<u64>, _: Option<&str>) -> Result<(), ErrorKind> {
        self.received = 0;
        self.starts += 1;
        Ok(())
    }
}

fn download(nginx: &Nginx, path: &str, len: u64, seed: u64) -> Watch {
    let port = nginx.url("").rsplit_once(':').unwrap().1.parse().unwrap();
    let relay = Relay::new(port, Chance(seed).cuts(usize::try_from(len).unwrap(), 20));
    let mut watch = Watch::default();
    let retry = Retry::new(9).backoff(Duration::from_millis(1), Duration::from_millis(1));
    let url = relay.url(path);
    let done = requests::download(&url, &mut watch).retry(retry).send(&mut [0; 4096]).unwrap();
    assert_eq!((done.len, watch.received, relay.connections()), (len, len, 21));
    watch
}

#[test]
fn a_hundred_megabytes_pass_through_four_kilobytes() {
    let nginx = Nginx::new("");
    write_file(&nginx.files().join("small"), SMALL);
    write_file(&nginx.files().join("large"), LARGE);
    download(&nginx, "/small", SMALL, 1);
    let before = resident();
    let watch = download(&nginx, "/large", LARGE, 2);
    let growth = watch.largest.saturating_sub(before);
    println!(
        "{LARGE} bytes, 20 drops, {} starts: {growth} bytes more than the {before} before",
        watch.starts
    );
    assert!(growth < SLACK, "{growth} bytes more than before");
    assert_eq!(watch.starts, 1);
}

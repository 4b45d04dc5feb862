// SPDX-License-Identifier: Apache-2.0
//! Limits for the duration of operations.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How much longer than its deadline a request may take on a machine that is busy with other things.
const SLACK: Duration = Duration::from_secs(3);

/// What the clocks may differ by.
const CLOCK_TOLERANCE: Duration = Duration::from_millis(20);

/// When a test that hangs is ended together with its process: nothing else ends it.
const HANG: Duration = Duration::from_secs(120);

/// Runs `action`, and ends the process if it hangs. Returns what it took.
fn timed<T>(action: impl FnOnce() -> T) -> (T, Duration) {
    let (done, wait) = channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if wait.recv_timeout(HANG) == Err(RecvTimeoutError::Timeout) {
            eprintln!("a request still runs after {HANG:?}");
            std::process::abort();
        }
    });
    let started = Instant::now();
    let result = action();
    let elapsed = started.elapsed();
    drop(done);
    watchdog.join().expect("the watchdog does not panic");
    (result, elapsed)
}

/// Runs `action`, which has to end by `deadline`.
#[track_caller]
pub fn within<T>(deadline: Duration, action: impl FnOnce() -> T) -> T {
    let (result, elapsed) = timed(action);
    assert!(elapsed < deadline + SLACK, "took {elapsed:?} where the deadline was {deadline:?}");
    result
}

/// Runs `action`, which has to end at `deadline`, not before and not much later.
#[track_caller]
pub fn at<T>(deadline: Duration, action: impl FnOnce() -> T) -> T {
    let (result, elapsed) = timed(action);
    assert!(elapsed + CLOCK_TOLERANCE >= deadline, "gave up after {elapsed:?} of {deadline:?}");
    assert!(elapsed < deadline + SLACK, "took {elapsed:?} where the deadline was {deadline:?}");
    result
}

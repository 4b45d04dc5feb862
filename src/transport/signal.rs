// SPDX-License-Identifier: Apache-2.0
//! The inside of a [`CancelToken`](super::CancelToken), except on Zephyr.

#[cfg(not(any(feature = "host", feature = "zephyr")))]
pub(super) use flag::Flag;
#[cfg(feature = "host")]
pub(super) use host::Pipe;

#[cfg(feature = "host")]
mod host {
    use std::io::{PipeReader, PipeWriter, Read as _, Write as _, pipe};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::sync::atomic::{AtomicBool, Ordering};

    use crate::transport::IoError;

    /// A flag, and a pipe that can be polled for it: there is a byte in the pipe while the flag is set.
    #[derive(Debug)]
    pub struct Pipe {
        is_raised: AtomicBool,
        reader: PipeReader,
        writer: PipeWriter,
    }

    impl Pipe {
        pub fn new() -> Result<Self, IoError> {
            let (reader, writer) = pipe()?;
            Ok(Self { is_raised: AtomicBool::new(false), reader, writer })
        }

        pub fn raise(&self) {
            if !self.is_raised.swap(true, Ordering::SeqCst) {
                // It cannot fail: the pipe is as good as empty, and its other end is open.
                let _ = (&self.writer).write_all(&[0]);
            }
        }

        pub fn is_raised(&self) -> bool {
            self.is_raised.load(Ordering::SeqCst)
        }

        pub fn reset(&self) {
            if self.is_raised.swap(false, Ordering::SeqCst) {
                // Who has set the flag has written the byte, or is about to.
                let _ = (&self.reader).read_exact(&mut [0]);
            }
        }
    }

    impl AsFd for Pipe {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.reader.as_fd()
        }
    }
}

#[cfg(not(any(feature = "host", feature = "zephyr")))]
mod flag {
    use core::sync::atomic::{AtomicBool, Ordering};

    use crate::transport::IoError;

    /// A flag alone, which wakes no wait. It is only loaded and stored: some processors can do no more.
    #[derive(Debug)]
    pub struct Flag(AtomicBool);

    impl Flag {
        pub const fn new() -> Result<Self, IoError> {
            Ok(Self(AtomicBool::new(false)))
        }

        pub fn raise(&self) {
            self.0.store(true, Ordering::SeqCst);
        }

        pub fn is_raised(&self) -> bool {
            self.0.load(Ordering::SeqCst)
        }

        pub fn reset(&self) {
            self.0.store(false, Ordering::SeqCst);
        }
    }
}

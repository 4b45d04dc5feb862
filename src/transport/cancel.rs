// SPDX-License-Identifier: Apache-2.0
//! Ending a running request from another thread.

use crate::transport::IoError;

#[cfg(feature = "host")]
pub(super) type Signal = super::signal::Pipe;
#[cfg(all(feature = "zephyr", not(feature = "host")))]
pub(super) type Signal = crate::sys::zephyr::Signal;
#[cfg(not(any(feature = "host", feature = "zephyr")))]
pub(super) type Signal = super::signal::Flag;

/// Ends requests at once, from another thread.
///
/// [`Request::cancel_token`](crate::Request::cancel_token) gives a token to a request. When the token is
/// cancelled, every wait of the request ends at once, and the request ends with
/// [`Error::Cancelled`](crate::Error::Cancelled). A request with a token that is already cancelled sends nothing.
/// Any number of requests in any number of threads can share one token.
///
/// A computation is not interrupted, such as a TLS handshake between two messages. It ends at its next wait.
/// The name look-up of a Zephyr driver that offloads sockets is not interrupted either. It ends when the driver
/// returns.
///
/// A token takes resources of the operating system. On a host, these are the two file descriptors of a pipe. On
/// Zephyr, a token needs `CONFIG_REQUESTS_CANCEL`, and takes one of `CONFIG_REQUESTS_CANCEL_TOKENS` and a file
/// descriptor. Without the features `host` and `zephyr` it is only a flag, which the caller's own
/// [`Network`](crate::transport::Network) must check.
///
/// ```
/// # #[cfg(feature = "host")]
/// # fn main() -> Result<(), requests::IoError> {
/// use requests::CancelToken;
/// use requests::transport::{Deadline, Network, host::HostNetwork};
///
/// let token = CancelToken::new()?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| token.cancel()); // a key was pressed, say
///     let mut network = HostNetwork::default();
///     let until = Deadline::after(network.now(), 60_000).cancelled_by(&token);
///     assert!(network.sleep(until).is_err()); // or a request: requests::get(url).cancel_token(&token)
/// });
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "host"))]
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct CancelToken {
    signal: Signal,
}

impl CancelToken {
    /// A token that is not cancelled.
    ///
    /// # Errors
    /// [`OutOfMemory`](embedded_io::ErrorKind::OutOfMemory) if no file descriptor, or on Zephyr no token, is
    /// free. [`Unsupported`](embedded_io::ErrorKind::Unsupported) on Zephyr without `CONFIG_REQUESTS_CANCEL`.
    pub fn new() -> Result<Self, IoError> {
        Ok(Self { signal: Signal::new()? })
    }

    /// Ends the requests that have this token, now and until [`reset`](Self::reset). It does not wait for
    /// their end.
    ///
    /// Any thread may call it, any number of times. On a host a signal handler may call it too, and on Zephyr
    /// an interrupt.
    pub fn cancel(&self) {
        self.signal.raise();
    }

    /// Whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.signal.is_raised()
    }

    /// Resets the token for the next request.
    ///
    /// Call it when no request with this token is running. A running request may miss the cancellation.
    pub fn reset(&self) {
        self.signal.reset();
    }

    /// What a wait polls to notice the cancellation.
    #[cfg_attr(
        not(any(feature = "host", feature = "zephyr")),
        allow(dead_code, reason = "nothing waits without a platform")
    )]
    pub(super) const fn signal(&self) -> &Signal {
        &self.signal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn is_shared_between_threads<T: Sync + Send>() {}
    const _: () = is_shared_between_threads::<CancelToken>();

    #[test]
    fn a_token_stays_cancelled_until_it_is_reset() {
        let token = CancelToken::new().unwrap();
        for _ in 0..3 {
            assert!(!token.is_cancelled());
            token.cancel();
            token.cancel();
            assert!(token.is_cancelled());
            token.reset();
            token.reset();
        }
    }
}

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
/// [`Request::cancel_token`](crate::Request::cancel_token) ties a request to a token. Once the token is
/// cancelled, the request ends with [`Error::Cancelled`](crate::Error::Cancelled): whatever it waits for, it
/// is woken. A request that is given a cancelled token sends nothing. Any number of requests in any number of
/// threads can share one token.
///
/// A computation is not interrupted, such as a TLS handshake between two messages: it ends at its next wait.
/// Nor is the name look-up of a Zephyr driver that offloads sockets: it ends when the driver returns.
///
/// A token takes resources of the operating system: two file descriptors of a pipe on a host; on Zephyr, with
/// `CONFIG_REQUESTS_CANCEL`, one of `CONFIG_REQUESTS_CANCEL_TOKENS` and a file descriptor. Without the features
/// `host` and `zephyr` it is only a flag, which the caller's own [`Network`](crate::transport::Network) has to
/// look at.
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
    /// [`OutOfMemory`](embedded_io::ErrorKind::OutOfMemory) when no file descriptor, or on Zephyr no token,
    /// is free; [`Unsupported`](embedded_io::ErrorKind::Unsupported) on Zephyr without
    /// `CONFIG_REQUESTS_CANCEL`.
    pub fn new() -> Result<Self, IoError> {
        Ok(Self { signal: Signal::new()? })
    }

    /// Ends the requests that this token was given to, now and until [`reset`](Self::reset). Does not wait
    /// for their end.
    ///
    /// Any thread may call it, any number of times; on a host a signal handler may too, on Zephyr an
    /// interrupt.
    pub fn cancel(&self) {
        self.signal.raise();
    }

    /// Whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.signal.is_raised()
    }

    /// Makes the token fit for the next request.
    ///
    /// Call it while no request runs with this token. A request that does run may miss the cancellation.
    pub fn reset(&self) {
        self.signal.reset();
    }

    /// What a wait polls for the cancellation.
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

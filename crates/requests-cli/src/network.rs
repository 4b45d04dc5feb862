// SPDX-License-Identifier: Apache-2.0
//! The host's network, with `--connect-to` and the progress bar.

use std::net::SocketAddr;
use std::rc::Rc;

use embedded_io::ErrorKind;
use requests::DnsError;
use requests::IoError;
use requests::transport::host::{HostNetwork, HostTransport};
use requests::transport::{Addresses, Deadline, Network, Transport};

use crate::progress::{HeadWatch, Progress};

/// The interval at which the progress bar moves while nothing is sent or received, in milliseconds.
const TICK_MS: u64 = 100;

/// The network for the requests of the command line.
pub struct CliNetwork {
    host: HostNetwork,
    connect_to: Option<SocketAddr>,
    progress: Option<Rc<Progress>>,
}

impl CliNetwork {
    /// The host's network. With `connect_to`, every connection goes to that address.
    pub fn new(connect_to: Option<SocketAddr>, progress: Option<Rc<Progress>>) -> Self {
        Self { host: HostNetwork::default(), connect_to, progress }
    }
}

impl Network for CliNetwork {
    type Transport = CliTransport;

    fn now(&self) -> u64 {
        self.host.now()
    }

    fn resolve(
        &mut self,
        host: &str,
        port: u16,
        deadline: Deadline<'_>,
        addresses: &mut Addresses,
    ) -> Result<(), DnsError> {
        match self.connect_to {
            Some(address) => addresses.push(address).map_err(|_| DnsError::NotFound),
            None => self.host.resolve(host, port, deadline, addresses),
        }
    }

    fn connect(&mut self, address: SocketAddr, deadline: Deadline<'_>) -> Result<CliTransport, IoError> {
        let transport = self.host.connect(self.connect_to.unwrap_or(address), deadline)?;
        Ok(CliTransport {
            transport,
            watch: self.progress.clone().map(|progress| Watch {
                clock: self.host,
                progress,
                head: HeadWatch::default(),
            }),
        })
    }

    fn unix_time(&self) -> Option<i64> {
        self.host.unix_time()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), IoError> {
        self.host.fill_random(bytes)
    }

    fn sleep(&mut self, until: Deadline<'_>) -> Result<(), IoError> {
        self.host.sleep(until)
    }
}

/// A connection of [`CliNetwork`].
pub struct CliTransport {
    transport: HostTransport,
    watch: Option<Watch>,
}

/// The data to show progress with.
struct Watch {
    clock: HostNetwork,
    progress: Rc<Progress>,
    head: HeadWatch,
}

impl Watch {
    /// Calls `io` with short deadlines, and moves the bar in between.
    fn with_progress<T>(
        &self,
        deadline: Deadline<'_>,
        mut io: impl FnMut(Deadline<'_>) -> Result<T, IoError>,
    ) -> Result<T, IoError> {
        loop {
            let now = self.clock.now();
            let left = deadline.remaining_ms(now);
            match io(deadline.within(now, TICK_MS)) {
                // A time-out with an errno comes from TCP, not from the short deadline.
                Err(IoError { kind: ErrorKind::TimedOut, errno: 0 }) if left > TICK_MS => {
                    self.progress.tick()
                }
                result => return result,
            }
        }
    }
}

impl Transport for CliTransport {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        let Some(watch) = &mut self.watch else {
            return self.transport.send(bytes, deadline);
        };
        let count = watch.with_progress(deadline, |deadline| self.transport.send(bytes, deadline))?;
        watch.head.sent();
        watch.progress.sent(count);
        Ok(count)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        let Some(watch) = &mut self.watch else {
            return self.transport.receive(buffer, deadline);
        };
        let count = watch.with_progress(deadline, |deadline| self.transport.receive(buffer, deadline))?;
        watch.head.received(buffer.get(..count).unwrap_or_default());
        watch.progress.received(&watch.head);
        Ok(count)
    }

    fn wait_ready(&mut self, deadline: Deadline<'_>) -> Result<(), IoError> {
        let Some(watch) = &self.watch else {
            return self.transport.wait_ready(deadline);
        };
        watch.with_progress(deadline, |deadline| self.transport.wait_ready(deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    #[test]
    fn connect_to_takes_the_place_of_names_and_literals() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            for stream in listener.incoming().take(2) {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            }
        });
        for url in ["http://no-such-host.invalid/", "http://192.0.2.1:9/"] {
            let mut network = CliNetwork::new(Some(address), None);
            let response = requests::get(url).send_over(&mut network, &mut [0; 256]).map(|r| r.status_code);
            assert_eq!(response, Ok(204));
        }
        server.join().unwrap();
    }

    #[test]
    fn watched_waiting_ends_at_the_deadline() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut network = CliNetwork::new(None, Some(Rc::new(Progress::hidden())));
        for timeout in [30, 250] {
            let start = network.now();
            let deadline = Deadline::after(start, timeout);
            let mut transport = network.connect(address, deadline).unwrap();
            let error = transport.receive(&mut [0; 8], deadline).unwrap_err();
            assert_eq!(error.kind, ErrorKind::TimedOut);
            let waited = network.now() - start;
            assert!((timeout..timeout + 1000).contains(&waited), "{waited}");
        }
    }

    #[test]
    fn watched_waiting_can_be_cancelled_or_left_out() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut network = CliNetwork::new(None, Some(Rc::new(Progress::hidden())));
        let start = network.now();
        let token = requests::CancelToken::new().unwrap();
        let deadline = Deadline::after(start, 60_000).cancelled_by(&token);
        let mut transport = network.connect(listener.local_addr().unwrap(), deadline).unwrap();
        assert_eq!(transport.wait_ready(deadline), Ok(()));
        assert_eq!(transport.send(b"x", Deadline::NO_WAIT), Ok(1));
        let error = transport.receive(&mut [0; 8], Deadline::NO_WAIT).unwrap_err();
        assert_eq!(error.kind, ErrorKind::TimedOut);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(250));
                token.cancel();
            });
            let error = transport.receive(&mut [0; 8], deadline).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Interrupted);
        });
        assert!(network.now() - start < 2000);
        assert!(network.sleep(deadline).is_err());
    }
}

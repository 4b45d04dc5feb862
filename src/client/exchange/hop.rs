// SPDX-License-Identifier: Apache-2.0
//! One request over one connection, as far as the head of its response.

use crate::Error;
use crate::client::connect::connector::{Replay, Target};
use crate::client::exchange::parts::Exchange;
use crate::client::exchange::receive::Receiver;
use crate::client::exchange::send::{Message, Prepared, Sent, prepare};
use crate::proto::body::BodyDecoder;
use crate::proto::framing::Framing;
use crate::proto::multipart::Boundary;
use crate::proto::persistence::CloseReason;
use crate::proto::request_head::RequestHead;
use crate::proto::url::Url;
use crate::proto::write::Write;

/// The target of one hop, and what it sends besides the request.
pub(super) struct Hop<'p> {
    pub url: &'p Url<'p>,
    /// The `Authorization` line that answers a challenge, or empty.
    pub authorization: &'p [u8],
    /// Size in bytes of the buffer besides the part for the response, for errors.
    pub reserved: usize,
    /// Whether a kept connection may be used.
    pub may_reuse: bool,
}

/// The outcome of one hop.
pub(super) enum HopOutcome {
    /// The head of a response has been received.
    Answered,
    /// The server had closed the kept connection, so the request goes over a new one next.
    StaleConnection,
}

impl Exchange<'_, '_> {
    /// Sends the request and receives the head of its response into `work`.
    pub(super) fn hop<'h>(
        &mut self,
        head: &mut RequestHead<'h>,
        boundary: &'h Boundary,
        hop: &Hop<'_>,
        work: &mut [u8],
    ) -> Result<HopOutcome, Error> {
        let mut prepared = prepare(&self.request.body, head, boundary, work, hop.reserved)?;
        self.connect(head, hop, &mut prepared)?;
        // Path and query are not logged: both can hold secrets.
        #[cfg(feature = "log")]
        log::debug!("{} {}://{}", head.method, hop.url.scheme.as_str(), hop.url.host);
        let sent = self.send(head, hop, &mut prepared)?;
        if let HopOutcome::StaleConnection = self.receive_response_head(head, hop, &sent, work)? {
            return Ok(HopOutcome::StaleConnection);
        }
        #[cfg(feature = "log")]
        log::debug!("{} answered {}", hop.url.host, self.response.head.status_code);
        self.accept(head, hop.url, &sent, work)?;
        Ok(HopOutcome::Answered)
    }

    #[cfg_attr(not(feature = "tls"), expect(unused_variables, reason = "only TLS needs room"))]
    fn connect(
        &mut self,
        head: &RequestHead<'_>,
        hop: &Hop<'_>,
        prepared: &mut Prepared<'_>,
    ) -> Result<(), Error> {
        let mut target = Target {
            url: hop.url,
            method: head.method,
            replay: self.replay(head),
            may_reuse: hop.may_reuse,
            #[cfg(feature = "tls")]
            tls: &self.request.settings.tls,
            #[cfg(feature = "tls")]
            details: prepared.room(),
        };
        self.connector.open(&mut target, self.deadline)?;
        self.is_connected = true;
        Ok(())
    }

    fn send(
        &mut self,
        head: &RequestHead<'_>,
        hop: &Hop<'_>,
        prepared: &mut Prepared<'_>,
    ) -> Result<Sent, Error> {
        let now = self.connector.now();
        let channel = self.connector.channel();
        let cookies = channel.cookies;
        let extra_lines = |out: &mut dyn Write| {
            if !head.caller_sets("Cookie") {
                cookies.write(hop.url, now, out);
            }
            if !hop.authorization.is_empty() {
                out.write(hop.authorization);
            }
        };
        let read_timeout_ms = &self.request.settings.read_timeout_ms;
        let message = Message { head, url: hop.url, read_timeout_ms, extra_lines: &extra_lines };
        prepared.send(&message, &self.request.send_hooks, channel.transport, self.deadline, now)
    }

    /// Receives the head of the response.
    fn receive_response_head(
        &mut self,
        head: &RequestHead<'_>,
        hop: &Hop<'_>,
        sent: &Sent,
        work: &mut [u8],
    ) -> Result<HopOutcome, Error> {
        let transport = self.connector.channel().transport;
        let mut receiver = Receiver::new(transport, self.deadline, hop.reserved, sent.received);
        #[cfg(feature = "gzip")]
        {
            receiver.leaves_room = self.inflater.is_some();
        }
        // A server may answer before it has read the whole request, and close the connection (RFC
        // 9112 §9.5). Its answer counts, so a failure to send is reported only if there is none.
        let received = match sent.failure {
            None | Some(Error::Send(_)) => {
                receiver.receive_head(work, &mut self.response.head).map_err(|error| match error {
                    Error::Cancelled { .. } | Error::BufferTooSmall { .. } | Error::InvalidHead(_) => error,
                    error => sent.failure.unwrap_or(error),
                })
            }
            Some(error) => Err(error),
        };
        self.response.filled = receiver.filled;
        match received {
            Ok(()) => Ok(HopOutcome::Answered),
            // The server had closed a kept connection. That is not a failure.
            Err(error)
                if self.response.filled == 0
                    && self.is_replayable(head)
                    && self.connector.is_stale(&error, sent.was_taken) =>
            {
                Ok(HopOutcome::StaleConnection)
            }
            Err(error) => Err(self.connector.cause_of(error)),
        }
    }

    /// Stores what the head says: framing, cookies, and whether the connection can be used again.
    fn accept(
        &mut self,
        head: &RequestHead<'_>,
        url: &Url<'_>,
        sent: &Sent,
        work: &[u8],
    ) -> Result<(), Error> {
        let response = &mut self.response;
        let headers = response.header_fields(work);
        // A response of unclear length is refused before anything in it takes effect (RFC 9112
        // §6.3).
        let framing = Framing::of_response(head.method, response.head.status_code, headers.clone())
            .map_err(Error::InvalidFraming)?;
        response.decoder = BodyDecoder::new(framing);
        self.connector.store_cookies(url, &headers);
        response.persistence = if sent.is_complete {
            self.connector.persistence(head, &response.head, framing, &headers)
        } else {
            Err(CloseReason::RequestIncomplete)
        };
        Ok(())
    }

    /// How often the body can still be sent.
    fn replay(&self, head: &RequestHead<'_>) -> Replay {
        if head.body_dropped { Replay::Always } else { self.request.body.replay() }
    }

    /// Whether the body can be sent at least once more.
    pub(super) fn is_replayable(&self, head: &RequestHead<'_>) -> bool {
        self.replay(head) != Replay::Never
    }
}

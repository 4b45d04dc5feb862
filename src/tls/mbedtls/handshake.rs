// SPDX-License-Identifier: Apache-2.0
//! The handshake with a server, with the verification of its certificate.

use super::failure::During;
use super::name::ServerName;
use super::policy::Policy;
use super::session::{Keeping, Resumption, Validity};
use super::stream::TransportStream;
use super::verify;
use crate::config::TLS_RESUMPTION;
use crate::sys::tls::{Connection, Progress, Setup, failed_allocations, has_tls12, has_tls13};
use crate::tls::{Date, TlsConfig, TlsError, TlsVersion, warning};
use crate::transport::{Deadline, Transport};

/// A connection after its handshake, and the validity of its session.
pub(super) struct Established {
    pub connection: Connection,
    pub keeping: Option<Keeping>,
}

/// The parameters of a handshake besides the transport.
pub(super) struct Handshake<'a> {
    /// The name or address literal from the URL.
    pub host: &'a str,
    pub config: &'a TlsConfig<'a>,
    /// The session to offer.
    pub resumption: Option<Resumption>,
    /// The date in seconds since 1970, if the clock is set.
    pub now: Option<i64>,
    pub deadline: Deadline<'a>,
    /// Where the [`Details`](crate::tls::Details) of an error are written.
    pub buffer: &'a mut [u8],
}

impl Handshake<'_> {
    /// Makes the handshake over `transport`.
    pub(super) fn run(self, transport: &mut dyn Transport) -> Result<Established, TlsError> {
        let before = failed_allocations();
        let result = self.try_run(transport);
        if failed_allocations() <= before {
            return result;
        }
        // Without memory, mbedTLS reports other errors, for example a wrong signature if it could not check one. Or
        // it continues without a value that it could not compute, and the peer refuses later for another reason.
        Err(TlsError::OutOfMemory { code: result.err().map_or(0, |error| error.code()) })
    }

    fn try_run(self, transport: &mut dyn Transport) -> Result<Established, TlsError> {
        let Self { host, config, resumption, now, deadline, buffer } = self;
        let name = ServerName::parse(host).ok_or(TlsError::InvalidServerName)?;
        let date = config.date(now)?;
        let (roots, identity) = config.resolve()?;
        if config.is_verified {
            roots.check()?;
        } else {
            warning::unverified(host);
        }
        if config.min_version == TlsVersion::Tls13 && !has_tls13() || !has_tls12() && !has_tls13() {
            return Err(TlsError::UnsupportedVersion { code: 0 });
        }
        let mut connection = Connection::new(Setup {
            name: name.text(),
            sends_name: name.is_dns(),
            needs_tls13: config.min_version == TlsVersion::Tls13 || !has_tls12(),
            identity,
            keeps_session: TLS_RESUMPTION && resumption.is_some(),
            session: resumption.as_ref().and_then(|r| r.session.as_ref()).map(|session| &*session.bytes),
        })
        .map_err(TlsError::from_internal)?;
        // mbedTLS has a copy of the session's bytes: of ours only what they are worth is kept.
        let mut keeping = resumption.map(|Resumption { key, session }| Keeping {
            key,
            validity: session.map_or(Validity::NONE, |session| session.validity),
        });
        let policy = Policy { name, roots, now: date, pins: config.pins };
        while connection
            .handshake(&mut TransportStream { transport, deadline })
            .map_err(|failure| TlsError::from_failure(failure, During::Handshake))?
            == Progress::Certificate
        {
            let verdict = if config.is_verified {
                // That can be found out at any time and on any transport that knows how to wait.
                verify::verify(&connection, &policy, &mut || transport.wait_ready(deadline), buffer)
            } else {
                verify::verify_pin_only(&connection, config.pins, buffer).map(|()| Date::from_unix(i64::MAX))
            };
            match verdict {
                Ok(not_after) => {
                    if let Some(Keeping { validity, .. }) = &mut keeping {
                        *validity = Validity { verified: now, not_after: not_after.unix_seconds() };
                    }
                    connection.accept();
                }
                Err(error) => {
                    connection.send_alert(error.alert().0, &mut TransportStream { transport, deadline });
                    return Err(error);
                }
            }
        }
        Ok(Established { connection, keeping })
    }
}

// SPDX-License-Identifier: Apache-2.0
//! What decides whether a server is trusted, as far as secure sockets tell.

use crate::config::SESSION_HOST_LEN;
use crate::tls::config::TlsConfig;
use crate::tls::error::TlsError;

/// The most security tags of a connection that is kept: those that Zephyr's own sockets take, and as many
/// again.
const MAX_TAGS: usize = 8;

/// What decides on trust, for connections that are kept.
///
/// What is registered under the tags is not looked at: modems do not show it.
pub(crate) struct Fingerprint<'a>(&'a TlsConfig<'a>);

/// A host, a port and what decides on trust.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SessionKey {
    host: heapless::String<SESSION_HOST_LEN>,
    port: u16,
    tags: heapless::Vec<u32, MAX_TAGS>,
    is_verified: bool,
}

/// What decides on trust is looked at for each request: it is little.
#[derive(Clone, Copy)]
pub(crate) struct KnownTrust;

impl KnownTrust {
    pub(crate) const NONE: Self = Self;

    /// What decides on trust.
    #[allow(clippy::unused_self, reason = "mbedTLS's knows the settings of its session")]
    pub(crate) fn fingerprint<'a>(
        &mut self,
        _own: &TlsConfig<'_>,
        config: &'a TlsConfig<'_>,
    ) -> Result<Fingerprint<'a>, TlsError> {
        config.fingerprint()
    }
}

impl TlsConfig<'_> {
    /// What decides on trust, unless it has a setting that sockets cannot do.
    pub(crate) fn fingerprint(&self) -> Result<Fingerprint<'_>, TlsError> {
        match self.unsupported() {
            Some(setting) => Err(TlsError::UnsupportedSetting { setting }),
            None => Ok(Fingerprint(self)),
        }
    }
}

impl Fingerprint<'_> {
    /// The key of what belongs to this host and port alone; `None` where there is too much of it to be kept.
    #[allow(clippy::unnecessary_wraps, reason = "mbedTLS's can fail")]
    pub(crate) fn key(&self, host: &str, port: u16) -> Result<Option<SessionKey>, TlsError> {
        let Self(&TlsConfig { tags, is_verified, .. }) = *self;
        let (Ok(mut host), Ok(tags)) = (heapless::String::try_from(host), heapless::Vec::from_slice(tags))
        else {
            return Ok(None);
        };
        host.make_ascii_lowercase();
        Ok(Some(SessionKey { host, port, tags, is_verified }))
    }
}

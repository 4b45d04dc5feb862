// SPDX-License-Identifier: Apache-2.0
//! The settings that decide whether a server is trusted, as far as secure sockets know them.

use crate::config::SESSION_HOST_LEN;
use crate::tls::config::TlsConfig;
use crate::tls::error::TlsError;

/// The most security tags of a connection that is kept: twice as many as Zephyr's own sockets support.
const MAX_TAGS: usize = 8;

/// The settings that decide on trust, for connections that are kept.
///
/// They do not include the credentials under the tags, because modems do not reveal them.
pub(crate) struct Fingerprint<'a>(&'a TlsConfig<'a>);

/// A host, a port and the settings that decide on trust.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SessionKey {
    host: heapless::String<SESSION_HOST_LEN>,
    port: u16,
    tags: heapless::Vec<u32, MAX_TAGS>,
    is_verified: bool,
}

/// The settings are compared for each request, because they are few.
#[derive(Clone, Copy)]
pub(crate) struct KnownTrust;

impl KnownTrust {
    pub(crate) const NONE: Self = Self;

    /// The settings that decide on trust.
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
    /// The settings that decide on trust, unless secure sockets do not support one of them.
    pub(crate) fn fingerprint(&self) -> Result<Fingerprint<'_>, TlsError> {
        match self.unsupported() {
            Some(setting) => Err(TlsError::UnsupportedSetting { setting }),
            None => Ok(Fingerprint(self)),
        }
    }
}

impl Fingerprint<'_> {
    /// The key for this host and port; `None` if it is too long to be kept.
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

// SPDX-License-Identifier: Apache-2.0
//! All settings that decide whether a server is trusted, as one digest.

use core::ptr;

use super::credentials::{self, Survey};
use super::roots::Authorities;
use crate::sys::tls::{HeapBytes, sha256};
use crate::tls::TlsError;
use crate::tls::config::{DatePolicy, Roots, TlsConfig, TlsVersion};

/// A digest of all settings and credentials that decide whom a connection trusts and what it shows of the
/// client.
///
/// Equal fingerprints mean equal trust: a server that was verified under one need not be verified again under the
/// other. A fingerprint depends on the contents of roots and certificates, not on their addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

/// A host, a port and a [`Fingerprint`], as one digest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionKey(pub(super) [u8; 32]);

/// The [`Fingerprint`] of the settings of a session, after its first use.
#[derive(Clone, Copy)]
pub(crate) struct KnownTrust(Option<Fingerprint>);

impl KnownTrust {
    pub(crate) const NONE: Self = Self(None);

    /// The fingerprint of `config`. `own` are the settings of the session that this value belongs to.
    ///
    /// The session borrows the contents of its settings, so they cannot change. So the digest of settings that
    /// refer to the same memory is computed only once. The digest of other settings, and of registered credentials,
    /// is computed each time, even if their addresses and lengths are those of an earlier request.
    pub(crate) fn fingerprint(
        &mut self,
        own: &TlsConfig<'_>,
        config: &TlsConfig<'_>,
    ) -> Result<Fingerprint, TlsError> {
        if !config.refers_to_the_same_as(own) {
            return config.fingerprint();
        }
        match self.0 {
            Some(known) => Ok(known),
            None => config.fingerprint().inspect(|fingerprint| self.0 = Some(*fingerprint)),
        }
    }
}

/// The longest host that a key is made for: RFC 1035 section 2.3.4.
const MAX_HOST: usize = 255;

impl Fingerprint {
    /// The key of what belongs to this host and port alone; `None` for a host longer than any.
    pub(crate) fn key(&self, host: &str, port: u16) -> Result<Option<SessionKey>, TlsError> {
        let mut bytes = [0; 32 + 2 + MAX_HOST];
        let Some(room) = bytes.get_mut(34..34 + host.len()) else { return Ok(None) };
        room.copy_from_slice(host.as_bytes());
        room.make_ascii_lowercase();
        bytes[..32].copy_from_slice(&self.0);
        bytes[32..34].copy_from_slice(&port.to_be_bytes());
        let bytes = bytes.get(..34 + host.len()).unwrap_or(&bytes);
        sha256(bytes).map(|digest| Some(SessionKey(digest))).map_err(TlsError::from_internal)
    }
}

impl TlsConfig<'_> {
    /// Whether all settings that decide on trust are the same and in the same memory. Registered credentials have no
    /// fixed memory.
    fn refers_to_the_same_as(&self, other: &Self) -> bool {
        let is_same_roots = match (self.roots, other.roots) {
            (Roots::Bundle, Roots::Bundle) => true,
            (Roots::Given(one), Roots::Given(other)) | (Roots::BundleAnd(one), Roots::BundleAnd(other)) => {
                one.is_same(&other)
            }
            _ => false,
        };
        let is_same_identity = match (self.identity, other.identity) {
            (None, None) => true,
            (Some((one, _)), Some((other, _))) => ptr::eq(one, other),
            _ => false,
        };
        let is_registered = !self.tags.is_empty() || !other.tags.is_empty();
        is_same_roots
            && is_same_identity
            && !is_registered
            && ptr::eq(self.pins, other.pins)
            && self.min_version == other.min_version
            && self.dates == other.dates
            && self.is_verified == other.is_verified
    }

    /// The digest of all settings that decide on trust. Private keys are left out, because their certificates are
    /// included.
    ///
    /// # Errors
    /// Those of registered credentials that cannot be read, and those of mbedTLS.
    pub(crate) fn fingerprint(&self) -> Result<Fingerprint, TlsError> {
        let mut chain = Chain(sha256(b"requests: trust, version 1").map_err(TlsError::from_internal)?);
        let survey = Survey::of(self.tags)?;
        chain.authorities(self.authorities(&survey))?;
        match (self.identity, survey.identity) {
            (Some((certificates, _)), _) => chain.add(Kind::Identity, certificates)?,
            (None, Some(tag)) => chain.registered(Kind::Identity, credentials::own_certificate(tag)?)?,
            (None, None) => {}
        }
        for pin in self.pins {
            chain.add(Kind::Pin, &pin.0)?;
        }
        chain.add(
            Kind::Settings,
            &[
                match self.min_version {
                    TlsVersion::Tls12 => 12,
                    TlsVersion::Tls13 => 13,
                },
                match self.dates {
                    DatePolicy::Required => 0,
                    DatePolicy::IgnoredWithoutClock => 1,
                },
                u8::from(self.is_verified),
            ],
        )?;
        Ok(Fingerprint(chain.0))
    }
}

/// The kind of a piece of a fingerprint.
#[derive(Clone, Copy)]
enum Kind {
    Bundle = 1,
    Roots = 2,
    Registered = 3,
    Identity = 4,
    Pin = 5,
    Settings = 6,
}

/// A digest of pieces in a row: of the digest so far, the kind of the next piece and the digest of that.
///
/// Whatever the pieces contain, two rows have the same digest only if they are the same.
struct Chain([u8; 32]);

impl Chain {
    fn add(&mut self, kind: Kind, piece: &[u8]) -> Result<(), TlsError> {
        let mut link = [0; 65];
        link[..32].copy_from_slice(&self.0);
        link[32] = kind as u8;
        link[33..].copy_from_slice(&sha256(piece).map_err(TlsError::from_internal)?);
        self.0 = sha256(&link).map_err(TlsError::from_internal)?;
        Ok(())
    }

    fn authorities(&mut self, authorities: Authorities<'_>) -> Result<(), TlsError> {
        // Sessions that were exported can be imported by a program that was built with other roots.
        let bundle = requests_ca_bundle::CONTENTS.to_be_bytes();
        match authorities {
            Authorities::Bundle => self.add(Kind::Bundle, &bundle),
            Authorities::Given(texts) => {
                texts.as_slice().iter().try_for_each(|text| self.add(Kind::Roots, text))
            }
            Authorities::BundleAnd(texts) => {
                self.add(Kind::Bundle, &bundle)?;
                texts.as_slice().iter().try_for_each(|text| self.add(Kind::Roots, text))
            }
            Authorities::Registered(tags) => tags
                .iter()
                .try_for_each(|&tag| self.registered(Kind::Registered, credentials::authorities(tag)?)),
        }
    }

    /// Adds what is registered under a tag, if anything is.
    fn registered(&mut self, kind: Kind, text: Option<HeapBytes>) -> Result<(), TlsError> {
        text.map_or(Ok(()), |text| self.add(kind, &text))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;
    use crate::tls::config::Texts;
    use crate::tls::{Pin, danger};

    fn fingerprint(config: &TlsConfig<'_>) -> Fingerprint {
        config.fingerprint().unwrap()
    }

    #[test]
    fn every_setting_of_trust_counts() {
        let pins = [Pin([1; 32])];
        let others = [Pin([2; 32])];
        let both = [pins[0], others[0]];
        let base = TlsConfig::new();
        let all = [
            base,
            base.roots(&[]),
            base.roots(&[b"a"]),
            base.roots(&[b"b"]),
            base.roots(&[b"ab"]),
            base.roots(&[b"a", b"b"]),
            base.roots(&[b"b", b"a"]),
            base.roots(&[b"", b"ab"]),
            base.extra_roots(&[b"a"]),
            base.extra_roots(&[b"a", b"b"]),
            base.identity(b"a", b"key"),
            base.identity(b"b", b"key"),
            base.roots(&[b"a"]).identity(b"a", b"key"),
            base.pins(&pins),
            base.pins(&others),
            base.pins(&both),
            base.min_version(TlsVersion::Tls13),
            base.dates(DatePolicy::IgnoredWithoutClock),
            danger::accept_invalid_certs(base),
            danger::accept_invalid_certs(base.pins(&pins)),
        ];
        let all: Vec<_> = all.iter().map(fingerprint).collect();
        for (index, one) in all.iter().enumerate() {
            assert!(!all[..index].contains(one), "{index}");
        }
    }

    #[test]
    fn the_bundle_counts_by_its_contents_too() {
        let of = |authorities| {
            let mut chain = Chain([0; 32]);
            chain.authorities(authorities).unwrap();
            chain.0
        };
        let mut chain = Chain([0; 32]);
        chain.add(Kind::Bundle, &requests_ca_bundle::CONTENTS.to_be_bytes()).unwrap();
        assert_eq!([of(Authorities::Bundle), of(Authorities::BundleAnd(Texts::Many(&[])))], [chain.0; 2]);
    }

    #[test]
    fn contents_count_and_addresses_do_not() {
        let here = std::vec![1, 2, 3];
        let there = here.clone();
        assert_ne!(here.as_ptr(), there.as_ptr());
        assert_eq!(
            fingerprint(&TlsConfig::new().roots(&[&here])),
            fingerprint(&TlsConfig::new().roots(&[&there]))
        );
        // The same place with other contents.
        let mut text = std::vec![1; 8];
        let before = fingerprint(&TlsConfig::new().roots(&[&text]));
        text[7] = 2;
        assert_ne!(before, fingerprint(&TlsConfig::new().roots(&[&text])));
        assert_eq!(
            fingerprint(&TlsConfig::new().identity(b"a", b"one key")),
            fingerprint(&TlsConfig::new().identity(b"a", b"another"))
        );
    }

    #[test]
    fn a_session_digests_its_settings_once() {
        let text = std::vec![1; 8];
        let same_text = text.clone();
        let pins = [Pin([1; 32])];
        let (roots, same_roots, other_roots) = ([&text[..]], [&text[..]], [&same_text[..]]);
        let own = TlsConfig::new().roots(&roots).identity(&text, b"key").pins(&pins);
        let mark = Fingerprint([7; 32]);
        for (config, is_known) in [
            (own, true),
            (TlsConfig::new().pins(&pins).identity(&text, b"key").roots(&roots), true),
            // Only the private key is another one: it is not a part of any fingerprint.
            (own.identity(&text, b"other"), true),
            (own.roots(&same_roots), false),
            (own.roots(&other_roots), false),
            (own.extra_roots(&roots), false),
            (own.roots(&[]), false),
            (own.identity(&same_text, b"key"), false),
            (own.identity(&text[..7], b"key"), false),
            (own.pins(&[]), false),
            (own.min_version(TlsVersion::Tls13), false),
            (own.dates(DatePolicy::IgnoredWithoutClock), false),
            (danger::accept_invalid_certs(own), false),
            (TlsConfig::new(), false),
        ] {
            let seen = KnownTrust(Some(mark)).fingerprint(&own, &config).unwrap();
            assert_eq!(seen, if is_known { mark } else { fingerprint(&config) }, "{config:?}");
            let mut known = KnownTrust::NONE;
            assert_eq!(known.fingerprint(&own, &config), Ok(fingerprint(&config)));
            assert_eq!(known.0.is_some(), is_known);
        }
    }

    #[test]
    fn keys_tell_hosts_and_ports_apart() {
        let one = fingerprint(&TlsConfig::new());
        let other = fingerprint(&TlsConfig::new().roots(&[]));
        let key = |of: &Fingerprint, host, port| of.key(host, port).unwrap().unwrap().0;
        assert_eq!(key(&one, "Example.com", 443), key(&one, "example.COM", 443));
        let all = [
            key(&one, "example.com", 443),
            key(&one, "example.com", 444),
            key(&one, "example.org", 443),
            key(&one, "example.co", 443),
            key(&one, "", 443),
            key(&other, "example.com", 443),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[..index].contains(one), "{index}");
        }
        assert!(one.key(&"a".repeat(255), 1).unwrap().is_some());
        assert!(one.key(&"a".repeat(256), 1).unwrap().is_none());
        assert!(one.key(&"a".repeat(70_000), 1).unwrap().is_none());
    }
}

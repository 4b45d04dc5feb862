// SPDX-License-Identifier: Apache-2.0
//! The trusted roots, and the search for those that a chain needs.

use super::certificate::{Certificate, Concatenated, is_same_name};
use super::credentials;
use super::der::{Reader, SEQUENCE};
use super::pem;
use crate::sys::tls::{Certificates, Connection, HeapBytes};
use crate::tls::TlsError;
use crate::tls::config::Texts;

/// The roots that are trusted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Authorities<'a> {
    /// The built-in roots.
    Bundle,
    /// Only these.
    Given(Texts<'a>),
    /// The built-in roots and these.
    BundleAnd(Texts<'a>),
    /// The authorities registered under these security tags.
    Registered(&'a [u32]),
}

impl Authorities<'_> {
    /// Whether there are any roots.
    pub(super) fn check(&self) -> Result<(), TlsError> {
        match self {
            Self::Bundle if requests_ca_bundle::LEN == 0 => Err(TlsError::NoRoots),
            Self::Given(texts) if texts.as_slice().iter().all(|text| text.is_empty()) => {
                Err(TlsError::NoRoots)
            }
            _ => Ok(()),
        }
    }

    /// The roots that issued a certificate of the peer's chain, and those that are its own certificate.
    ///
    /// Only these are parsed by mbedTLS and take RAM, and only until the chain is verified.
    pub(super) fn for_chain(&self, connection: &Connection) -> Result<Certificates, TlsError> {
        let mut found = Certificates::new().map_err(TlsError::from_internal)?;
        match self {
            Self::Bundle => from_bundle(connection, &mut found)?,
            Self::BundleAnd(texts) => {
                from_bundle(connection, &mut found)?;
                from_texts(texts.as_slice(), connection, &mut found)?;
            }
            Self::Given(texts) => from_texts(texts.as_slice(), connection, &mut found)?,
            Self::Registered(tags) => from_credentials(tags, connection, &mut found)?,
        }
        Ok(found)
    }
}

fn from_bundle(connection: &Connection, found: &mut Certificates) -> Result<(), TlsError> {
    for (index, sent) in connection.peer_chain().enumerate() {
        let Ok(certificate) = Certificate::parse(sent.der()) else { continue };
        // Two certificates with the same issuer need its root only once.
        let is_repeated = connection.peer_chain().take(index).any(|earlier| {
            Certificate::parse(earlier.der()).is_ok_and(|earlier| earlier.issuer == certificate.issuer)
        });
        if is_repeated {
            continue;
        }
        for root in requests_ca_bundle::find(certificate.issuer) {
            let mut buffer = HeapBytes::zeroed(root.certificate_bound(certificate.issuer.len()))
                .map_err(TlsError::from_internal)?;
            if let Some(der) = root.write_certificate(certificate.issuer, &mut buffer) {
                add(der, found)?;
            }
        }
    }
    Ok(())
}

fn from_texts(texts: &[&[u8]], connection: &Connection, found: &mut Certificates) -> Result<(), TlsError> {
    let mut readable = 0;
    for text in texts {
        each_certificate(text, |der| {
            let Ok(root) = Certificate::parse(der) else { return Ok(()) };
            readable += 1;
            let is_wanted = connection.peer_chain().enumerate().any(|(index, sent)| {
                (index == 0 && sent.der() == der)
                    || Certificate::parse(sent.der())
                        .is_ok_and(|sent| is_same_name(sent.issuer, root.subject))
            });
            // A root that was set twice is needed only once.
            let is_wanted = is_wanted && !found.iter().any(|known| known.der() == der);
            if is_wanted { add(der, found) } else { Ok(()) }
        })?;
    }
    if readable == 0 { Err(TlsError::InvalidRoots) } else { Ok(()) }
}

fn from_credentials(tags: &[u32], connection: &Connection, found: &mut Certificates) -> Result<(), TlsError> {
    for &tag in tags {
        // One copy at a time.
        if let Some(text) = credentials::authorities(tag)? {
            from_texts(&[&text], connection, found)?;
        }
    }
    Ok(())
}

/// Adds a root. One that mbedTLS cannot read is ignored.
fn add(der: &[u8], found: &mut Certificates) -> Result<(), TlsError> {
    match found.push(der) {
        Err(failure) if failure.is_out_of_memory() => Err(TlsError::from_internal(failure)),
        _ => Ok(()),
    }
}

/// Calls `with` for each certificate of a text in DER or PEM. Other PEM blocks are skipped.
pub(super) fn each_certificate(
    text: &[u8],
    mut with: impl FnMut(&[u8]) -> Result<(), TlsError>,
) -> Result<(), TlsError> {
    if text.first() == Some(&SEQUENCE) {
        for der in Concatenated(Reader::new(text)) {
            let Ok(der) = der else { break };
            with(der)?;
        }
        return Ok(());
    }
    for block in pem::Blocks(text) {
        if !matches!(block.label, b"CERTIFICATE" | b"X509 CERTIFICATE") {
            continue;
        }
        if let Some(der) = block.decode().map_err(TlsError::from_internal)? {
            with(&der)?;
        }
    }
    Ok(())
}

// SPDX-License-Identifier: Apache-2.0
//! What the fuzz targets of `fuzz/` reach of the private parts of this module. It is compiled by a fuzzer only, which
//! sets `cfg(fuzzing)`.

use super::certificate::{Certificate, Concatenated, is_same_name, telling_part};
use super::der::Reader;
use super::name::{ServerName, is_permitted};
use super::pem::Blocks;
use crate::sys::tls::{Connection, Setup, Stream, StreamError, Wait};

/// Reads all that is read of a certificate. Returns whether it is one, and whether it is for `host`.
#[must_use]
pub fn certificate(der: &[u8], host: &str) -> Option<bool> {
    let certificate = Certificate::parse(der).ok()?;
    let inside = |part: &[u8]| part.is_empty() || der.as_ptr_range().contains(&part.as_ptr());
    assert!([certificate.issuer, certificate.subject, certificate.public_key].into_iter().all(inside));
    assert!(certificate.not_before <= certificate.not_before);
    for extension in certificate.extensions().flatten() {
        assert!(inside(extension.id) && inside(extension.value));
        let _ = is_permitted(extension.value, &certificate);
    }
    let _ = (certificate.serves_tls(), certificate.may_sign(), certificate.is_authority());
    assert!(!certificate.is_exceeded_by(0), "no path has fewer authorities than none");
    assert!(is_same_name(certificate.issuer, certificate.issuer));
    assert_eq!(
        is_same_name(certificate.issuer, certificate.subject),
        is_same_name(certificate.subject, certificate.issuer)
    );
    assert_eq!(certificate.is_self_issued(), is_same_name(certificate.issuer, certificate.subject));
    let _ = (telling_part(certificate.subject), certificate.has_no_extensions());
    let names = certificate.alternative_names().into_iter().flatten();
    assert!(names.count() <= der.len());
    let name = ServerName::parse(host)?;
    assert!(!name.text().is_empty());
    Some(name.is_named_by(&certificate).unwrap_or(false))
}

/// Reads certificates that stand one behind the other. Returns how many there are.
#[must_use]
pub fn certificates(der: &[u8]) -> usize {
    let certificates = Concatenated(Reader::new(der)).flatten();
    certificates.filter(|certificate| Certificate::parse(certificate).is_ok()).count()
}

/// Calls `found` with the label and the bytes of each PEM block, which are `None` if the text is not base 64.
pub fn pem(text: &[u8], mut found: impl FnMut(&[u8], Option<&[u8]>)) {
    for block in Blocks(text) {
        if let Ok(bytes) = block.decode() {
            found(block.label, bytes.as_deref());
        }
    }
}

/// Takes everything and says nothing.
struct Mute(usize);

impl Stream for Mute {
    fn send(&mut self, bytes: &[u8]) -> Result<usize, StreamError> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn receive(&mut self, _: &mut [u8], _: Wait) -> Result<usize, StreamError> {
        Ok(0)
    }
}

/// Begins a handshake that offers a TLS session, or one without if it cannot be offered. Returns the number of bytes
/// that were sent.
#[must_use]
pub fn offer_session(session: &[u8]) -> usize {
    let setup = Setup {
        name: "localhost",
        sends_name: true,
        needs_tls13: false,
        identity: None,
        keeps_session: true,
        session: Some(session),
    };
    let mut peer = Mute(0);
    if let Ok(mut connection) = Connection::new(setup) {
        assert!(connection.handshake(&mut peer).is_err());
    }
    peer.0
}

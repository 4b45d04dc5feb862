// SPDX-License-Identifier: Apache-2.0
//! The client's own certificate and key.

use super::credentials;
use super::der::SEQUENCE;
use super::pem;
use super::roots::each_certificate;
use crate::sys::tls::{Certificates, Failure, HeapBytes, Identity, Key};
use crate::tls::TlsError;

/// Parses the client's certificates and key, and checks that they belong together.
pub(super) fn read_identity(certificates: &[u8], key: &[u8]) -> Result<Identity, TlsError> {
    let unreadable = |failure: Failure| {
        if failure.is_out_of_memory() {
            TlsError::OutOfMemory { code: failure.code }
        } else {
            TlsError::InvalidIdentity { code: failure.code }
        }
    };
    let mut chain = Certificates::new().map_err(unreadable)?;
    each_certificate(certificates, |der| chain.push(der).map_err(unreadable))?;
    if chain.len() == 0 {
        return Err(TlsError::InvalidIdentity { code: 0 });
    }
    let key = if key.first() == Some(&SEQUENCE) { Key::parse(key) } else { Key::parse(&key_from_pem(key)?) }
        .map_err(unreadable)?;
    key.check_pair(&chain).map_err(|failure| TlsError::KeyMismatch { code: failure.code })?;
    Ok(Identity { chain, key })
}

/// The client's certificates and key that are registered under `tag`.
pub(super) fn registered_identity(tag: u32) -> Result<Identity, TlsError> {
    let missing = TlsError::MissingCredential { tag };
    let certificates = credentials::own_certificate(tag)?.ok_or(missing)?;
    let key = credentials::private_key(tag)?.ok_or(missing)?;
    read_identity(&certificates, &key)
}

/// The first private key of a PEM text.
fn key_from_pem(text: &[u8]) -> Result<HeapBytes, TlsError> {
    pem::Blocks(text)
        .find(|block| block.label.ends_with(b"PRIVATE KEY"))
        .filter(|block| !block.label.starts_with(b"ENCRYPTED"))
        .map(|block| block.decode())
        .transpose()
        .map_err(TlsError::from_internal)?
        .flatten()
        .ok_or(TlsError::InvalidIdentity { code: 0 })
}

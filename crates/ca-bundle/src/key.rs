// SPDX-License-Identifier: Apache-2.0
//! A public key without the bytes that are the same for all keys of its kind.

use crate::writer::{Full, Writer};

/// The kind of a key in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An RSA modulus. The exponent is 65537.
    Rsa,
    /// A point on P-256, without the first byte, which marks it as uncompressed.
    P256,
    /// The same for P-384.
    P384,
    /// The whole key with its algorithm, as in a certificate.
    Other,
}

const RSA: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const RSA_EXPONENT: &[u8] = &[0x02, 0x03, 0x01, 0x00, 0x01];
const P256: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07,
];
const P384: &[u8] = &[
    0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
    0x22,
];

const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// Writes the key in the form of a certificate (`SubjectPublicKeyInfo`).
pub(crate) fn expand(kind: Kind, bytes: &[u8], to: &mut Writer<'_>) -> Result<(), Full> {
    let point = |to: &mut Writer<'_>, algorithm: &[u8]| {
        to.element(SEQUENCE, |to| {
            to.element(BIT_STRING, |to| {
                to.put(bytes)?;
                to.put(&[0, 4])
            })?;
            to.put(algorithm)
        })
    };
    match kind {
        Kind::Other => to.put(bytes),
        Kind::P256 => point(to, P256),
        Kind::P384 => point(to, P384),
        Kind::Rsa => to.element(SEQUENCE, |to| {
            to.element(BIT_STRING, |to| {
                to.element(SEQUENCE, |to| {
                    to.put(RSA_EXPONENT)?;
                    to.element(INTEGER, |to| {
                        to.put(bytes)?;
                        // The highest bit of the modulus is always set, so a zero byte must precede
                        // it: the number is positive.
                        to.put(&[0])
                    })
                })?;
                to.put(&[0])
            })?;
            to.put(RSA)
        }),
    }
}

/// The inverse of [`expand`] for a key in DER.
#[allow(dead_code, reason = "the build script's half")]
pub(crate) fn compact(whole: &[u8]) -> (Kind, &[u8]) {
    for (kind, algorithm, len) in [(Kind::P256, P256, 64), (Kind::P384, P384, 96)] {
        let start = whole.len().saturating_sub(len);
        if whole[..start].ends_with(&[0, 4]) && whole[2..].starts_with(algorithm) {
            return (kind, &whole[start..]);
        }
    }
    if let Some(rest) = whole.strip_suffix(RSA_EXPONENT) {
        for len in [256, 384, 512] {
            let Some(start) = rest.len().checked_sub(len) else { continue };
            let header = [INTEGER, 0x82, ((len + 1) >> 8) as u8, (len + 1) as u8, 0];
            if rest[..start].ends_with(&header) && rest[start] >= 0x80 {
                return (Kind::Rsa, &rest[start..]);
            }
        }
    }
    (Kind::Other, whole)
}

/// The hash to look up names with: 32 bits of FNV-1a.
///
/// If names collide, that only costs an attempt, because the signature decides which key is the
/// right one.
pub(crate) fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// 64 bits of FNV-1a, continued from `before`.
#[allow(dead_code, reason = "the build script's half")]
pub(crate) fn mark(before: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(before, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

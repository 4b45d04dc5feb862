// SPDX-License-Identifier: Apache-2.0
//! Pins: digests of public keys that are accepted, RFC 7469 section 2.4.

use core::fmt;
use core::str::FromStr;

use base64ct::{Base64, Encoding as _};

/// The SHA-256 digest of a public key with its algorithm (`SubjectPublicKeyInfo`).
///
/// Its text is `sha256//` and the digest in Base64, the format of curl. This command prints the pin of the
/// certificate in `cert.pem`, without the `sha256//`:
///
/// ```sh
/// openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform DER |
///     openssl dgst -sha256 -binary | base64
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Pin(pub [u8; 32]);

/// The text is not `sha256//` and 44 characters of Base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidPin;

impl FromStr for Pin {
    type Err = InvalidPin;

    fn from_str(text: &str) -> Result<Self, InvalidPin> {
        let digits = text.strip_prefix("sha256//").ok_or(InvalidPin)?;
        let mut digest = [0; 32];
        match Base64::decode(digits, &mut digest) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self(digest)),
            _ => Err(InvalidPin),
        }
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 44];
        f.write_str("sha256//")?;
        f.write_str(Base64::encode(&self.0, &mut digits).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({self})")
    }
}

impl fmt::Display for InvalidPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pin is \"sha256//\" followed by a SHA-256 digest in base 64")
    }
}

impl core::error::Error for InvalidPin {}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::format;
    use std::string::ToString;

    use super::*;

    #[test]
    fn text_round_trips() {
        let text = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let pin: Pin = text.parse().unwrap();
        assert_eq!(pin.0[..2], [0xe3, 0xb0]);
        assert_eq!(pin.to_string(), text);
        let with_other_bits = text.replace("FU=", "FV=");
        let twice = format!("{text}{}", &text[8..]);
        for bad in ["", "sha256//", "sha1//AA==", &text[..51], &text[8..], &with_other_bits, &twice] {
            assert_eq!(bad.parse::<Pin>(), Err(InvalidPin), "{bad}");
        }
    }
}

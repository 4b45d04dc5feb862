// SPDX-License-Identifier: Apache-2.0
//! The fields of an X.509 certificate (RFC 5280) that decide whether a server is who it says.

use super::date::Date;
use super::der::{
    self, BOOLEAN, Element, GENERALIZED_TIME, INTEGER, Malformed, OCTET_STRING, OID, Reader, SEQUENCE, SET,
    UTC_TIME, constructed, primitive,
};

/// A certificate, as views into its DER.
#[derive(Debug, Clone, Copy)]
pub(super) struct Certificate<'a> {
    /// The issuer's name with tag and length, for comparison.
    pub issuer: &'a [u8],
    /// The subject's name with tag and length, for comparison.
    pub subject: &'a [u8],
    pub not_before: Date,
    pub not_after: Date,
    /// The public key with its algorithm, with tag and length: what a pin is a digest of.
    pub public_key: &'a [u8],
    extensions: &'a [u8],
}

/// One extension, RFC 5280 section 4.2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extension<'a> {
    pub id: &'a [u8],
    pub critical: bool,
    pub value: &'a [u8],
}

/// The identifiers of extensions, below 2.5.29.
pub(super) mod id {
    pub(crate) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
    pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
    pub(crate) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
    pub(crate) const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 32];
    pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
    pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
    /// 1.3.6.1.5.5.7.3.1, the key of a TLS server.
    pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
    /// 2.5.29.37.0.
    pub(crate) const ANY_EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37, 0];
    const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    const ORGANIZATION: &[u8] = &[0x55, 4, 10];
    const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 4, 11];
    /// The attributes that tell a person which authority is meant, best first.
    pub(crate) const TELLING: [&[u8]; 3] = [COMMON_NAME, ORGANIZATION, ORGANIZATIONAL_UNIT];
}

impl<'a> Certificate<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(der).enter(SEQUENCE)?;
        let mut body = outer.enter(SEQUENCE)?;
        body.optional(constructed(0))?; // version
        body.expect(INTEGER)?; // serial number
        body.expect(SEQUENCE)?; // signature algorithm
        let issuer = body.expect(SEQUENCE)?.whole;
        let mut validity = body.enter(SEQUENCE)?;
        let not_before = date(validity.any()?)?;
        let not_after = date(validity.any()?)?;
        let subject = body.expect(SEQUENCE)?.whole;
        let public_key = body.expect(SEQUENCE)?.whole;
        body.optional(primitive(1))?; // issuer's unique identifier
        body.optional(primitive(2))?; // subject's unique identifier
        let extensions = match body.optional(constructed(3))? {
            Some(element) => Reader::new(element.value).expect(SEQUENCE)?.value,
            None => &[],
        };
        body.finish()?;
        Ok(Self { issuer, subject, not_before, not_after, public_key, extensions })
    }

    pub(super) const fn extensions(&self) -> Extensions<'a> {
        Extensions(Reader::new(self.extensions))
    }

    /// The content of the extension with this identifier.
    pub(super) fn extension(&self, id: &[u8]) -> Result<Option<&'a [u8]>, Malformed> {
        for extension in self.extensions() {
            let extension = extension?;
            if extension.id == id {
                return Ok(Some(extension.value));
            }
        }
        Ok(None)
    }

    /// The names that the certificate is for; none when it has no such extension.
    pub(super) fn alternative_names(&self) -> Result<GeneralNames<'a>, Malformed> {
        match self.extension(id::SUBJECT_ALT_NAME)? {
            Some(value) => Ok(GeneralNames(Reader::new(value).enter(SEQUENCE)?)),
            None => Ok(GeneralNames(Reader::new(&[]))),
        }
    }

    /// Whether the key may serve a TLS server: RFC 5280 section 4.2.1.12.
    pub(super) fn serves_tls(&self) -> Result<bool, Malformed> {
        let Some(value) = self.extension(id::EXTENDED_KEY_USAGE)? else { return Ok(true) };
        let mut usages = Reader::new(value).enter(SEQUENCE)?;
        let mut serves = false;
        while !usages.is_empty() {
            let usage = usages.expect(OID)?.value;
            serves |= usage == id::SERVER_AUTH || usage == id::ANY_EXTENDED_KEY_USAGE;
        }
        Ok(serves)
    }

    /// Whether the key may sign, which a server with a key exchange of today does: the first bit of keyUsage.
    pub(super) fn may_sign(&self) -> Result<bool, Malformed> {
        let Some(value) = self.extension(id::KEY_USAGE)? else { return Ok(true) };
        let bits = Reader::new(value).expect(0x03)?.value;
        Ok(bits.get(1).is_some_and(|first| first & 0x80 != 0))
    }
}

/// Walks over the extensions of a certificate; ends after the first that is malformed.
pub(super) struct Extensions<'a>(Reader<'a>);

impl<'a> Extensions<'a> {
    fn read(&mut self) -> Result<Extension<'a>, Malformed> {
        let mut extension = self.0.enter(SEQUENCE)?;
        let id = extension.expect(OID)?.value;
        let critical = match extension.optional(BOOLEAN)? {
            Some(element) => element.value == [0xff],
            None => false,
        };
        let value = extension.expect(OCTET_STRING)?.value;
        extension.finish()?;
        Ok(Extension { id, critical, value })
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Result<Extension<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let result = self.read();
        if result.is_err() {
            self.0 = Reader::new(&[]);
        }
        Some(result)
    }
}

/// A name that a certificate can be for, RFC 5280 section 4.2.1.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GeneralName<'a> {
    Dns(&'a [u8]),
    /// 4 or 16 bytes, in name constraints twice as many.
    Ip(&'a [u8]),
    /// A kind that no URL's host can be.
    Other,
}

/// Walks over general names; ends after the first that is malformed.
#[derive(Debug, Clone, Copy)]
pub(super) struct GeneralNames<'a>(Reader<'a>);

impl<'a> Iterator for GeneralNames<'a> {
    type Item = Result<GeneralName<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let element = self.0.any();
        if element.is_err() {
            self.0 = Reader::new(&[]);
        }
        Some(element.map(general_name))
    }
}

fn general_name(element: Element<'_>) -> GeneralName<'_> {
    const DNS_NAME: u8 = primitive(2);
    const IP_ADDRESS: u8 = primitive(7);
    match element.tag {
        DNS_NAME => GeneralName::Dns(element.value),
        IP_ADDRESS => GeneralName::Ip(element.value),
        _ => GeneralName::Other,
    }
}

/// Walks over the subtrees of one half of a name constraints extension: RFC 5280 section 4.2.1.10.
pub(super) struct Subtrees<'a>(Reader<'a>);

/// The permitted and the excluded subtrees of the extension with this content.
pub(super) fn name_constraints(
    value: &[u8],
) -> Result<(Option<Subtrees<'_>>, Option<Subtrees<'_>>), Malformed> {
    let mut halves = Reader::new(value).enter(SEQUENCE)?;
    let permitted = halves.optional(constructed(0))?;
    let excluded = halves.optional(constructed(1))?;
    halves.finish()?;
    Ok((permitted.map(Subtrees::new), excluded.map(Subtrees::new)))
}

impl<'a> Subtrees<'a> {
    const fn new(half: Element<'a>) -> Self {
        Self(Reader::new(half.value))
    }
}

impl<'a> Iterator for Subtrees<'a> {
    type Item = Result<GeneralName<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        // A minimum other than 0 and a maximum are not used with the names of RFC 5280.
        let base = self.0.enter(SEQUENCE).and_then(|mut subtree| {
            let base = subtree.any()?;
            subtree.finish()?;
            Ok(base)
        });
        if base.is_err() {
            self.0 = Reader::new(&[]);
        }
        Some(base.map(general_name))
    }
}

/// The part of a distinguished name that tells a person most: common name, else organisation, else unit.
pub(super) fn telling_part(name: &[u8]) -> &[u8] {
    id::TELLING.iter().find_map(|wanted| attribute(name, wanted).ok().flatten()).unwrap_or(b"")
}

fn attribute<'a>(name: &'a [u8], wanted: &[u8]) -> Result<Option<&'a [u8]>, Malformed> {
    let mut sets = Reader::new(name).enter(SEQUENCE)?;
    let mut last = None;
    while !sets.is_empty() {
        let mut set = sets.enter(SET)?;
        while !set.is_empty() {
            let mut pair = set.enter(SEQUENCE)?;
            let kind = pair.expect(OID)?.value;
            let value = pair.any()?.value;
            if kind == wanted {
                last = Some(value);
            }
        }
    }
    Ok(last)
}

/// RFC 5280 section 4.1.2.5: always in UTC, always with seconds.
fn date(element: Element<'_>) -> Result<Date, Malformed> {
    let (century, digits) = match (element.tag, element.value) {
        (UTC_TIME, [digits @ .., b'Z']) if digits.len() == 12 => (None, digits),
        (GENERALIZED_TIME, [digits @ .., b'Z']) if digits.len() == 14 => {
            (Some(two_digits(digits)?), &digits[2..])
        }
        _ => return Err(Malformed),
    };
    let field = |index: usize| two_digits(&digits[2 * index..]);
    let short_year = field(0)?;
    let century = century.unwrap_or(if short_year >= 50 { 19 } else { 20 });
    Date::from_utc(century * 100 + short_year, field(1)?, field(2)?, field(3)?, field(4)?, field(5)?)
        .ok_or(Malformed)
}

fn two_digits(digits: &[u8]) -> Result<u16, Malformed> {
    match *digits {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => {
            Ok(u16::from(tens - b'0') * 10 + u16::from(ones - b'0'))
        }
        _ => Err(Malformed),
    }
}

/// The certificates in `der`, which holds one or several in a row.
pub(super) struct Concatenated<'a>(pub(super) Reader<'a>);

impl<'a> Iterator for Concatenated<'a> {
    type Item = Result<&'a [u8], Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let element = self.0.expect(der::SEQUENCE);
        if element.is_err() {
            self.0 = Reader::new(&[]);
        }
        Some(element.map(|element| element.whole))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::tls::pem;

    /// Looks at everything that there is to a certificate.
    fn look(der: &[u8]) -> usize {
        let Ok(certificate) = Certificate::parse(der) else { return 0 };
        let names = certificate.alternative_names().into_iter().flatten().count();
        let constraints = certificate.extension(id::NAME_CONSTRAINTS).ok().flatten().map_or(0, |value| {
            name_constraints(value).map_or(0, |(permitted, excluded)| {
                permitted.into_iter().flatten().count() + excluded.into_iter().flatten().count()
            })
        });
        let _ = (certificate.serves_tls(), certificate.may_sign());
        let _ = (telling_part(certificate.issuer), telling_part(certificate.subject));
        names + constraints + certificate.extensions().count()
    }

    /// A certificate with every extension that is looked at.
    const PEM: &[u8] = b"\
-----BEGIN CERTIFICATE-----
MIICLTCCAdOgAwIBAgIUCw8/hBph3i5wgxThV7RmcDNDN/gwCgYIKoZIzj0EAwIw
MzELMAkGA1UEBhMCWFgxDTALBgNVBAoMBFRlc3QxFTATBgNVBAMMDEFsbCB0aGVy
ZSBpczAeFw0yNjExMjIxMjA1MjFaFw0zNjExMTkxMjA1MjFaMDMxCzAJBgNVBAYT
AlhYMQ0wCwYDVQQKDARUZXN0MRUwEwYDVQQDDAxBbGwgdGhlcmUgaXMwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAAS47rhPSpBDVe+K6JrqAtbFUcfyqeO3IDoCWz1y
SghqQ+bFsZdH2JBM3bmeaQ7naFMFEsbf2F8zlzonkmlRngVao4HEMIHBMCsGA1Ud
EQQkMCKCC2V4YW1wbGUuY29thwTAAAIBgQ1hQGV4YW1wbGUuY29tMB0GA1UdJQQW
MBQGCCsGAQUFBwMBBggrBgEFBQcDAjAOBgNVHQ8BAf8EBAMCB4AwKwYDVR0eAQH/
BCEwH6APMA2CC2V4YW1wbGUuY29toQwwCocIwAACAP///wAwDAYDVR0TAQH/BAIw
ADAJBgMqAwQEAgUAMB0GA1UdDgQWBBT2WHXjTvEkahDYYHzw47zTgYb3QDAKBggq
hkjOPQQDAgNIADBFAiAh2CeIB88L6PylpLD1AFp3QGnFScn7GbEn4QLv++NdhwIh
APDhd4JyTesnL1zgELKa9z5ZVbyYXQTvIbBKCkkpEvw8
-----END CERTIFICATE-----
";

    fn der() -> Vec<u8> {
        pem::Blocks(PEM).next().unwrap().decode().unwrap().unwrap().to_vec()
    }

    #[test]
    fn everything_there_is_is_read() {
        let der = der();
        let certificate = Certificate::parse(&der).unwrap();
        assert_eq!(certificate.issuer, certificate.subject);
        assert_eq!(telling_part(certificate.issuer), b"All there is");
        let days = (certificate.not_after.unix_seconds() - certificate.not_before.unix_seconds()) / 86_400;
        assert_eq!(days, 3650);
        let names: Vec<_> = certificate.alternative_names().unwrap().map(Result::unwrap).collect();
        let expected =
            [GeneralName::Dns(b"example.com"), GeneralName::Ip(&[192, 0, 2, 1]), GeneralName::Other];
        assert_eq!(names, expected);
        assert_eq!((certificate.serves_tls(), certificate.may_sign()), (Ok(true), Ok(true)));
        let critical = certificate.extensions().filter(|extension| extension.unwrap().critical).count();
        assert_eq!(critical, 3);
        let constraints = certificate.extension(id::NAME_CONSTRAINTS).unwrap().unwrap();
        let (permitted, excluded) = name_constraints(constraints).unwrap();
        let permitted: Vec<_> = permitted.unwrap().map(Result::unwrap).collect();
        let excluded: Vec<_> = excluded.unwrap().map(Result::unwrap).collect();
        assert_eq!(permitted, [GeneralName::Dns(b"example.com")]);
        assert_eq!(excluded, [GeneralName::Ip(&[192, 0, 2, 0, 255, 255, 255, 0])]);
    }

    #[test]
    fn no_beginning_of_a_certificate_is_one() {
        let der = der();
        for len in 0..der.len() {
            assert!(Certificate::parse(&der[..len]).is_err(), "{len}");
        }
    }

    proptest! {
        #[test]
        fn damaged_certificates_are_refused_or_read(
            changes in prop::collection::vec((0..2000usize, any::<u8>()), 1..4),
        ) {
            let mut der = der();
            for (place, value) in changes {
                let place = place % der.len();
                der[place] = value;
            }
            look(&der);
        }

        #[test]
        fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            look(&bytes);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
//! The fields of an X.509 certificate (RFC 5280) that the verification of a server needs.

use super::der::{
    self, BOOLEAN, Element, GENERALIZED_TIME, INTEGER, Malformed, OCTET_STRING, OID, PRINTABLE_STRING,
    Reader, SEQUENCE, SET, UTC_TIME, UTF8_STRING, constructed, primitive,
};
use crate::tls::Date;

/// A certificate, as views into its DER.
#[derive(Debug, Clone, Copy)]
pub(super) struct Certificate<'a> {
    /// The issuer's name with tag and length, for comparison.
    pub issuer: &'a [u8],
    /// The subject's name with tag and length, for comparison.
    pub subject: &'a [u8],
    pub not_before: Date,
    pub not_after: Date,
    /// The public key and its algorithm, with tag and length. A pin is a digest of this.
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
    /// The attributes by which people recognise an authority, best first.
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

    /// The subject alternative names. Empty if there is no such extension.
    pub(super) fn alternative_names(&self) -> Result<GeneralNames<'a>, Malformed> {
        match self.extension(id::SUBJECT_ALT_NAME)? {
            Some(value) => Ok(GeneralNames(Reader::new(value).enter(SEQUENCE)?)),
            None => Ok(GeneralNames(Reader::new(&[]))),
        }
    }

    /// Whether the key is for a TLS server: RFC 5280 section 4.2.1.12.
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

    /// Whether the key may sign (the first bit of keyUsage), as ECDHE and TLS 1.3 require.
    pub(super) fn may_sign(&self) -> Result<bool, Malformed> {
        self.has_usage(0x80)
    }

    /// Whether keyUsage has this bit of its first byte, or is missing and allows everything.
    fn has_usage(&self, bit: u8) -> Result<bool, Malformed> {
        let Some(value) = self.extension(id::KEY_USAGE)? else { return Ok(true) };
        let bits = Reader::new(value).expect(0x03)?.value;
        Ok(bits.get(1).is_some_and(|first| first & bit != 0))
    }

    /// Whether basicConstraints and keyUsage allow the key to sign certificates.
    pub(super) fn is_authority(&self) -> Result<bool, Malformed> {
        Ok(self.basic_constraints()?.0 && self.has_usage(0x04)?)
    }

    /// Whether the path length of this authority is smaller than this number of authorities below it.
    pub(super) fn is_exceeded_by(&self, authorities: u8) -> bool {
        matches!(self.basic_constraints(), Ok((_, Some(length))) if length < u32::from(authorities))
    }

    /// RFC 5280 section 4.2.1.9: cA and pathLenConstraint.
    fn basic_constraints(&self) -> Result<(bool, Option<u32>), Malformed> {
        let Some(value) = self.extension(id::BASIC_CONSTRAINTS)? else { return Ok((false, None)) };
        let mut fields = Reader::new(value).enter(SEQUENCE)?;
        let is_authority = fields.optional(BOOLEAN)?.is_some_and(|element| element.value != [0]);
        let length = match fields.optional(INTEGER)?.map(|element| element.value) {
            Some([first @ 0..0x80, rest @ ..]) if rest.len() < 4 => {
                Some(rest.iter().fold(u32::from(*first), |length, digit| length << 8 | u32::from(*digit)))
            }
            Some(_) => return Err(Malformed),
            None => None,
        };
        fields.finish()?;
        Ok((is_authority, length))
    }

    /// Whether issuer and subject have the same name.
    pub(super) fn is_self_issued(&self) -> bool {
        is_same_name(self.issuer, self.subject)
    }

    /// Whether there are no extensions at all, as in certificates before version 3.
    pub(super) const fn has_no_extensions(&self) -> bool {
        self.extensions.is_empty()
    }
}

/// Whether two distinguished names are equal. PrintableString and UTF8String are compared as in mbedTLS, ignoring the
/// type and the case of ASCII letters (RFC 5280 section 7.1). Everything else is compared by its bytes.
pub(super) fn is_same_name(one: &[u8], other: &[u8]) -> bool {
    one == other || compare_names(one, other).unwrap_or(false)
}

fn compare_names(one: &[u8], other: &[u8]) -> Result<bool, Malformed> {
    let is_text = |element: &Element<'_>| matches!(element.tag, PRINTABLE_STRING | UTF8_STRING);
    let (mut one, mut other) = (Reader::new(one).enter(SEQUENCE)?, Reader::new(other).enter(SEQUENCE)?);
    while !one.is_empty() && !other.is_empty() {
        let (mut one, mut other) = (one.enter(SET)?, other.enter(SET)?);
        while !one.is_empty() && !other.is_empty() {
            let (mut one, mut other) = (one.enter(SEQUENCE)?, other.enter(SEQUENCE)?);
            let is_same_kind = one.expect(OID)?.value == other.expect(OID)?.value;
            let (one, other) = (one.any()?, other.any()?);
            let is_same_text =
                is_text(&one) && is_text(&other) && one.value.eq_ignore_ascii_case(other.value);
            if !is_same_kind || one.whole != other.whole && !is_same_text {
                return Ok(false);
            }
        }
        if one.is_empty() != other.is_empty() {
            return Ok(false);
        }
    }
    Ok(one.is_empty() && other.is_empty())
}

/// Iterates over the extensions of a certificate. Ends after the first malformed one.
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
    /// A kind of name that the host of a URL cannot be.
    Other,
}

/// Iterates over general names. Ends after the first malformed one.
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

/// Iterates over the permitted or the excluded subtrees of a name constraints extension: RFC 5280 section 4.2.1.10.
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

/// The most descriptive part of a distinguished name: the common name, or else the organisation, or else the unit.
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

/// The certificates in `der`, one after the other.
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
    use crate::tls::mbedtls::pem;

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
        let _ = (certificate.is_authority(), certificate.is_exceeded_by(1), certificate.is_self_issued());
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

    /// A distinguished name of these attributes: in front of each text the type of its string and the last
    /// byte of its identifier.
    fn name(attributes: &[(u8, u8, &[u8])]) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| [&[tag, content.len() as u8], content].concat();
        let attributes: Vec<u8> = attributes
            .iter()
            .flat_map(|(kind, id, text)| {
                let pair = [wrap(OID, &[0x55, 4, *id]), wrap(*kind, text)].concat();
                wrap(SET, &wrap(SEQUENCE, &pair))
            })
            .collect();
        wrap(SEQUENCE, &attributes)
    }

    #[test]
    fn names_are_the_same_in_another_case_and_type_of_string() {
        let (utf8, printable, teletex) = (UTF8_STRING, PRINTABLE_STRING, 0x14);
        let one = name(&[(utf8, 10, b"Test"), (utf8, 3, b"Root")]);
        for same in [
            &[(utf8, 10, &b"Test"[..]), (utf8, 3, &b"Root"[..])][..],
            &[(printable, 10, b"Test"), (utf8, 3, b"Root")],
            &[(printable, 10, b"TEST"), (printable, 3, b"rOOT")],
        ] {
            assert!(is_same_name(&one, &name(same)), "{same:?}");
            assert!(is_same_name(&name(same), &one), "{same:?}");
        }
        for other in [
            &[][..],
            &[(utf8, 10, &b"Test"[..])][..],
            &[(utf8, 3, b"Root"), (utf8, 10, b"Test")],
            &[(utf8, 10, b"Test"), (utf8, 3, b"Root"), (utf8, 3, b"Root")],
            &[(utf8, 10, b"Test"), (utf8, 3, b"Root ")],
            &[(utf8, 10, b"Test"), (utf8, 11, b"Root")],
            &[(teletex, 10, b"Test"), (utf8, 3, b"Root")],
        ] {
            assert!(!is_same_name(&one, &name(other)), "{other:?}");
            assert!(!is_same_name(&name(other), &one), "{other:?}");
        }
        // Whatever is not one is no more than the same bytes.
        assert!(is_same_name(b"x", b"x") && !is_same_name(b"x", b"y") && !is_same_name(&one, &one[1..]));
    }

    /// A certificate of which there is no more than this value of `basicConstraints`.
    fn with_constraints(value: &[u8]) -> (Result<bool, Malformed>, [bool; 3]) {
        let wrap = |tag: u8, content: &[u8]| [&[tag, content.len() as u8], content].concat();
        let extension =
            wrap(SEQUENCE, &[wrap(OID, id::BASIC_CONSTRAINTS), wrap(OCTET_STRING, value)].concat());
        let moment = Date::from_unix(0);
        let certificate = Certificate {
            issuer: &[],
            subject: &[],
            not_before: moment,
            not_after: moment,
            public_key: &[],
            extensions: &extension,
        };
        (certificate.is_authority(), [0, 1, 200].map(|authorities| certificate.is_exceeded_by(authorities)))
    }

    #[test]
    fn authorities_and_the_lengths_of_their_paths() {
        for (value, is_authority, is_exceeded) in [
            (&[0x30, 0][..], false, [false; 3]),
            (&[0x30, 3, 1, 1, 0], false, [false; 3]),
            (&[0x30, 3, 1, 1, 0xff], true, [false; 3]),
            (&[0x30, 6, 1, 1, 0xff, 2, 1, 0], true, [false, true, true]),
            (&[0x30, 6, 1, 1, 0xff, 2, 1, 1], true, [false, false, true]),
            (&[0x30, 7, 1, 1, 0xff, 2, 2, 0, 0xc8], true, [false; 3]),
        ] {
            assert_eq!(with_constraints(value), (Ok(is_authority), is_exceeded), "{value:x?}");
        }
        for value in [
            &[][..],
            &[0x30, 3, 2, 1, 0xff],
            &[0x30, 6, 1, 1, 0xff, 2, 1, 0x80],
            &[0x30, 5, 1, 1, 0xff, 2, 0],
        ] {
            assert_eq!(with_constraints(value), (Err(Malformed), [false; 3]), "{value:x?}");
        }
    }
}

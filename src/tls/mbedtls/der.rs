// SPDX-License-Identifier: Apache-2.0
//! Just enough of DER (X.690) to read a certificate in place.
//!
//! mbedTLS has parsed each certificate before. A certificate that this reader refuses is refused as a whole.

/// The bytes are not the DER that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// The tag of the constructed element `[number]`.
pub(super) const fn constructed(number: u8) -> u8 {
    0xa0 | number
}

/// The tag of the primitive element `[number]`.
pub(super) const fn primitive(number: u8) -> u8 {
    0x80 | number
}

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub tag: u8,
    /// What is inside.
    pub value: &'a [u8],
    /// The element as a whole, with tag and length.
    pub whole: &'a [u8],
}

/// Reads one element after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, whatever it is.
    pub(super) fn any(&mut self) -> Result<Element<'a>, Malformed> {
        let [tag, first, ..] = *self.0 else { return Err(Malformed) };
        // Tags of several bytes do not occur in certificates.
        if tag & 0x1f == 0x1f {
            return Err(Malformed);
        }
        let (header, len) = match first {
            0..=0x7f => (2, usize::from(first)),
            0x81..=0x83 => {
                let count = usize::from(first & 0x7f);
                let digits = self.0.get(2..2 + count).ok_or(Malformed)?;
                let len = digits.iter().fold(0, |len, digit| len << 8 | usize::from(*digit));
                // The shortest form is the only one, X.690 section 10.1.
                if digits[0] == 0 || len < 0x80 {
                    return Err(Malformed);
                }
                (2 + count, len)
            }
            _ => return Err(Malformed),
        };
        let end = header.checked_add(len).ok_or(Malformed)?;
        let whole = self.0.get(..end).ok_or(Malformed)?;
        self.0 = &self.0[end..];
        Ok(Element { tag, value: &whole[header..], whole })
    }

    /// The next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        self.any().and_then(|element| if element.tag == tag { Ok(element) } else { Err(Malformed) })
    }

    /// The next element if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.0.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// A reader for the inside of the next element, which must have this tag.
    pub(super) fn enter(&mut self, tag: u8) -> Result<Self, Malformed> {
        self.expect(tag).map(|element| Self(element.value))
    }

    /// Nothing may be left.
    pub(super) const fn finish(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_in_turn() {
        let mut reader = Reader::new(&[0x02, 1, 5, 0x30, 3, 0x01, 1, 0xff]);
        assert_eq!(reader.expect(INTEGER).unwrap().value, [5]);
        let mut inner = reader.enter(SEQUENCE).unwrap();
        assert_eq!(inner.optional(OID).unwrap(), None);
        assert_eq!(inner.any().unwrap().value, [0xff]);
        assert!(inner.finish().is_ok() && reader.finish().is_ok());
    }

    #[test]
    fn lengths_have_one_form_and_stay_inside() {
        for bytes in [
            &[0x04][..],
            &[0x04, 1],
            &[0x04, 0x80, 0, 0],
            &[0x04, 0x81, 0x7f],
            &[0x04, 0x82, 0x00, 0x80],
            &[0x04, 0x82, 0x01],
            &[0x04, 0x84, 0, 0, 0, 1, 0],
            &[0x04, 0xff, 1],
            &[0x1f, 1, 1],
        ] {
            assert_eq!(Reader::new(bytes).any(), Err(Malformed), "{bytes:x?}");
        }
        let mut long = [0; 0x83 + 3];
        long[..3].copy_from_slice(&[0x04, 0x81, 0x83]);
        assert_eq!(Reader::new(&long).any().unwrap().value.len(), 0x83);
    }
}

// SPDX-License-Identifier: Apache-2.0
//! The built-in certificate authorities: Mozilla's list, in flash.
//!
//! Verification needs only the key of a root and its last day, and nothing else of its certificate.
//! The table contains only these. It is searched by the issuer's name in a certificate. Names are
//! stored as 32 bits, because the signature detects a wrong root. [`Root::write_certificate`]
//! writes a certificate around the key, for an X.509 library that needs one.
//!
//! The roots are selected at compile time: by Kconfig (`CONFIG_REQUESTS_CA_BUNDLE…`) in a Zephyr
//! build, and elsewhere by the environment variable `REQUESTS_BUILD_CA_BUNDLE`. Its value is `full`
//! (all, the default), `common` (the authorities that most public servers use), `none`, or the path
//! of a PEM file.
#![no_std]

mod key;
mod writer;

use key::Kind;
use writer::{Full, Writer};

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// An entry of the table, which is sorted by `hash`.
struct Entry {
    hash: u32,
    /// The end of the key. It starts at the end of the previous entry's key.
    end: u32,
    last_day: u16,
    kind: Kind,
    /// The number of its name constraints, from 1.
    constraints: u8,
}

/// The number of roots.
pub const LEN: usize = ENTRIES.len();

/// The size of the table in flash, in bytes.
pub const SIZE: usize = size_of_val(&ENTRIES) + size_of_val(&KEYS) + constraints_size();

const fn constraints_size() -> usize {
    let mut size = size_of_val(&CONSTRAINTS);
    let mut index = 0;
    while index < CONSTRAINTS.len() {
        size += CONSTRAINTS[index].len();
        index += 1;
    }
    size
}

/// A trusted authority.
#[derive(Debug, Clone, Copy)]
pub struct Root {
    index: usize,
}

/// The roots that may have the name `issuer`, a `Name` in DER with tag and length.
///
/// There can be several, and one may have another name: check the signature to find the right one.
pub fn find(issuer: &[u8]) -> impl Iterator<Item = Root> {
    let hash = key::hash(issuer);
    let start = ENTRIES.partition_point(|entry| entry.hash < hash);
    (start..LEN).take_while(move |index| ENTRIES[*index].hash == hash).map(|index| Root { index })
}

impl Root {
    /// The most bytes that [`Root::write_certificate`] needs for a name of `name_len` bytes.
    #[must_use]
    pub fn certificate_bound(&self, name_len: usize) -> usize {
        let constraints = self.constraints().map_or(0, |value| value.len() + 16);
        self.key().len() + 2 * name_len + constraints + 192
    }

    /// Writes an X.509 certificate of this root under the name `name` to the end of `buffer`.
    ///
    /// It contains the root's key, its last day, and the right to sign certificates. Its signature
    /// is empty, because the signature of a trusted certificate is not checked. `None` if the
    /// buffer is too small.
    pub fn write_certificate<'a>(&self, name: &[u8], buffer: &'a mut [u8]) -> Option<&'a [u8]> {
        let mut writer = Writer::new(buffer);
        self.write(name, &mut writer).ok()?;
        let len = writer.written().len();
        let start = buffer.len() - len;
        Some(&buffer[start..])
    }

    fn write(&self, name: &[u8], to: &mut Writer<'_>) -> Result<(), Full> {
        const SEQUENCE: u8 = 0x30;
        let entry = &ENTRIES[self.index];
        let algorithm = match entry.kind {
            Kind::P256 | Kind::P384 => ECDSA_SHA256,
            Kind::Rsa => RSA_SHA256,
            Kind::Other if contains(self.key(), EC_KEY) => ECDSA_SHA256,
            Kind::Other => RSA_SHA256,
        };
        to.element(SEQUENCE, |to| {
            to.put(EMPTY_SIGNATURE)?;
            to.put(algorithm)?;
            to.element(SEQUENCE, |to| {
                to.element(0xa3, |to| {
                    to.element(SEQUENCE, |to| {
                        if let Some(constraints) = self.constraints() {
                            to.element(SEQUENCE, |to| {
                                to.element(0x04, |to| to.put(constraints))?;
                                to.put(NAME_CONSTRAINTS)
                            })?;
                        }
                        to.put(IS_AUTHORITY)
                    })
                })?;
                key::expand(entry.kind, self.key(), to)?;
                to.put(name)?;
                to.element(SEQUENCE, |to| {
                    to.put(&last_second(entry.last_day))?;
                    to.put(BEGINNING)
                })?;
                to.put(name)?;
                to.put(algorithm)?;
                to.put(VERSION_3_SERIAL_1)
            })
        })
    }

    fn key(&self) -> &'static [u8] {
        let start = self.index.checked_sub(1).map_or(0, |before| ENTRIES[before].end as usize);
        &KEYS[start..ENTRIES[self.index].end as usize]
    }

    fn constraints(&self) -> Option<&'static [u8]> {
        let number = usize::from(ENTRIES[self.index].constraints);
        number.checked_sub(1).map(|index| CONSTRAINTS[index])
    }
}

const VERSION_3_SERIAL_1: &[u8] = &[0xa0, 3, 2, 1, 2, 2, 1, 1];
const RSA_SHA256: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];
const ECDSA_SHA256: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const EC_KEY: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const EMPTY_SIGNATURE: &[u8] = &[0x03, 3, 0, 0, 0];
/// 1970-01-01 00:00:00.
const BEGINNING: &[u8] = b"\x17\x0d700101000000Z";
/// Basic constraints, critical: an authority.
const IS_AUTHORITY: &[u8] = &[0x30, 0x0f, 0x06, 3, 0x55, 0x1d, 19, 1, 1, 0xff, 4, 5, 0x30, 3, 1, 1, 0xff];
/// The identifier of name constraints. They are not critical, because X.509 libraries refuse
/// critical extensions that they do not know.
const NAME_CONSTRAINTS: &[u8] = &[0x06, 3, 0x55, 0x1d, 30];

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The last second of a day as a GeneralizedTime.
fn last_second(day: u16) -> [u8; 17] {
    // Years are counted from 1 March of the year 0.
    let days = u32::from(day) + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + next;

    let mut text = *b"\x18\x0f00000000235959Z";
    let mut put = |end: usize, mut number: u32, digits: usize| {
        for place in text[end - digits..end].iter_mut().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
        }
    };
    put(6, year, 4);
    put(8, month, 2);
    put(10, day, 2);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of the contents, of a table with this byte of a key and this last day changed.
    fn contents(changed_byte: Option<usize>, changed_day: Option<usize>) -> u64 {
        let mut mark = 0xcbf2_9ce4_8422_2325;
        for (index, entry) in ENTRIES.iter().enumerate() {
            let root = Root { index };
            let is = |changed: Option<usize>, place| u8::from(changed == Some(place));
            let last_day = entry.last_day ^ u16::from(is(changed_day, index));
            mark = key::mark(mark, &entry.hash.to_be_bytes());
            mark = key::mark(mark, &last_day.to_be_bytes());
            mark = key::mark(mark, &(root.key().len() as u32).to_be_bytes());
            let end = entry.end as usize;
            for (place, byte) in (end - root.key().len()..end).zip(root.key()) {
                mark = key::mark(mark, &[byte ^ is(changed_byte, place)]);
            }
            mark = key::mark(mark, root.constraints().unwrap_or_default());
        }
        mark
    }

    #[test]
    fn other_roots_have_another_number() {
        assert_eq!(contents(None, None), CONTENTS);
        for index in 0..LEN {
            assert_ne!(contents(None, Some(index)), CONTENTS);
        }
        for byte in (0..KEYS.len()).step_by(997) {
            assert_ne!(contents(Some(byte), None), CONTENTS);
        }
    }

    #[test]
    fn days_become_dates() {
        assert_eq!(&last_second(0)[2..], b"19700101235959Z");
        assert_eq!(&last_second(11_016)[2..], b"20000229235959Z");
        assert_eq!(&last_second(24_837)[2..], b"20380101235959Z");
        assert_eq!(&last_second(u16::MAX)[2..], b"21490606235959Z");
    }

    #[test]
    fn entries_are_sorted_and_every_certificate_fits_its_bound() {
        assert!(ENTRIES.is_sorted_by_key(|entry| entry.hash));
        let name = [0x30, 2, 0x31, 0];
        for index in 0..LEN {
            let mut buffer = [0; 2048];
            let root = Root { index };
            let len = root.write_certificate(&name, &mut buffer).unwrap().len();
            assert!(len <= root.certificate_bound(name.len()));
            assert!(root.write_certificate(&name, &mut buffer[..len - 1]).is_none());
        }
    }

    #[test]
    fn an_unknown_name_has_no_root() {
        assert!(find(b"\x30\x00").next().is_none());
    }
}

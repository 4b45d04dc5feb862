// SPDX-License-Identifier: Apache-2.0
//! The available roots.

use std::fs;
use std::path::Path;

/// The parts of a root certificate for the table.
pub(crate) struct Root {
    /// The subject with tag and length.
    pub(crate) subject: Vec<u8>,
    /// The public key with its algorithm, with tag and length.
    pub(crate) public_key: Vec<u8>,
    pub(crate) last_day: u16,
    pub(crate) constraints: Option<Vec<u8>>,
}

/// Mozilla's roots for TLS servers.
pub(crate) fn mozilla() -> Vec<Root> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(|certificate| {
            let mut root = parse(certificate).expect("a root certificate in DER");
            root.constraints = webpki_roots::TLS_SERVER_ROOTS
                .iter()
                .find(|anchor| contains_key(&root, anchor.subject_public_key_info.as_ref()))
                .and_then(|anchor| anchor.name_constraints.as_ref())
                .map(|constraints| sequence(constraints.as_ref()));
            root
        })
        .collect()
}

/// The public key of an anchor is without tag and length.
fn contains_key(root: &Root, anchor: &[u8]) -> bool {
    root.public_key.ends_with(anchor) && root.public_key.len() <= anchor.len() + 6
}

/// Wraps the content of a sequence, unless it is a sequence already.
fn sequence(content: &[u8]) -> Vec<u8> {
    let mut rest = content;
    if element(&mut rest).is_some_and(|(tag, ..)| tag == 0x30) && rest.is_empty() {
        return content.to_vec();
    }
    let mut wrapped = vec![0x30];
    match content.len() {
        len @ ..0x80 => wrapped.push(len as u8),
        len @ ..0x100 => wrapped.extend([0x81, len as u8]),
        len => wrapped.extend([0x82, (len >> 8) as u8, len as u8]),
    }
    wrapped.extend_from_slice(content);
    wrapped
}

/// Reads the certificates of a PEM file.
pub(crate) fn from_file(path: &Path) -> Vec<Root> {
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let roots: Vec<Root> = text
        .split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .map(|block| {
            let (body, _) = block.split_once("-----END CERTIFICATE-----").expect("the end of a certificate");
            let der = base64(body).unwrap_or_else(|| panic!("{}: not base 64", path.display()));
            parse(&der).unwrap_or_else(|| panic!("{}: not a certificate", path.display()))
        })
        .collect();
    assert!(!roots.is_empty(), "{}: no certificate in it", path.display());
    roots
}

fn parse(der: &[u8]) -> Option<Root> {
    let (_, mut certificate, _) = element(&mut &*der)?;
    let (_, mut body, _) = element(&mut certificate)?;
    let mut next = element(&mut body)?;
    if next.0 == 0xa0 {
        next = element(&mut body)?; // behind the version
    }
    let _serial = next;
    let _algorithm = element(&mut body)?;
    let _issuer = element(&mut body)?;
    let (_, mut validity, _) = element(&mut body)?;
    element(&mut validity)?;
    let last_day = day(element(&mut validity)?)?;
    let (_, _, subject) = element(&mut body)?;
    let (_, _, public_key) = element(&mut body)?;
    let constraints = element(&mut body).and_then(|(_, extensions, _)| name_constraints(extensions));
    Some(Root { subject: subject.to_vec(), public_key: public_key.to_vec(), last_day, constraints })
}

/// The content of the extension 2.5.29.30.
fn name_constraints(mut extensions: &[u8]) -> Option<Vec<u8>> {
    let (_, mut list, _) = element(&mut extensions)?;
    while let Some((_, mut extension, _)) = element(&mut list) {
        let (_, id, _) = element(&mut extension)?;
        let mut value = element(&mut extension)?;
        if value.0 == 0x01 {
            value = element(&mut extension)?;
        }
        if id == [0x55, 0x1d, 30] {
            return Some(value.1.to_vec());
        }
    }
    None
}

/// Returns tag, content and all bytes of the next element.
fn element<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8], &'a [u8])> {
    let bytes = *rest;
    let first = usize::from(*bytes.get(1)?);
    let (header, len) = if first < 0x80 {
        (2, first)
    } else {
        let count = first & 0x7f;
        let digits = bytes.get(2..2 + count)?;
        (2 + count, digits.iter().fold(0, |len, digit| len << 8 | usize::from(*digit)))
    };
    let whole = bytes.get(..header + len)?;
    *rest = &bytes[header + len..];
    Some((bytes[0], &whole[header..], whole))
}

/// Days since 1970 of a UTCTime or GeneralizedTime.
fn day((tag, text, _): (u8, &[u8], &[u8])) -> Option<u16> {
    let text = str::from_utf8(text).ok()?;
    let (year, rest) = if tag == 0x17 {
        let year: i64 = text.get(..2)?.parse().ok()?;
        (if year >= 50 { 1900 + year } else { 2000 + year }, text.get(2..)?)
    } else {
        (text.get(..4)?.parse().ok()?, text.get(4..)?)
    };
    let month: i64 = rest.get(..2)?.parse().ok()?;
    let day: i64 = rest.get(2..4)?.parse().ok()?;
    // Years are counted from 1 March of the year 0.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(u16::try_from(days).unwrap_or(if days < 0 { 0 } else { u16::MAX }))
}

fn base64(text: &str) -> Option<Vec<u8>> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for digit in text.chars().filter(|digit| !digit.is_whitespace() && *digit != '=') {
        bits = bits << 6 | DIGITS.find(digit)? as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

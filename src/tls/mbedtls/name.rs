// SPDX-License-Identifier: Apache-2.0
//! The hosts that a certificate is for, by subject alternative names only (RFC 9525).

use core::net::IpAddr;
use core::str::FromStr;

use super::certificate::{Certificate, GeneralName, name_constraints};
use super::der::Malformed;

/// The longest host name in bytes: RFC 1035 section 2.3.4, without its length bytes.
const MAX_DNS_NAME: usize = 253;

/// The host that a connection is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ServerName<'a> {
    text: &'a str,
    ip: Option<IpAddr>,
}

impl<'a> ServerName<'a> {
    /// The host of a URL: a name, or an address literal with or without brackets and zone.
    pub(super) fn parse(host: &'a str) -> Option<Self> {
        let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let literal = literal.split_once('%').map_or(literal, |(address, _zone)| address);
        if let Ok(ip) = IpAddr::from_str(literal) {
            return Some(Self { text: literal, ip: Some(ip) });
        }
        // The final dot says that the name is absolute; certificates leave it out.
        let text = host.strip_suffix('.').unwrap_or(host);
        is_dns_name(text).then_some(Self { text, ip: None })
    }

    pub(super) const fn text(&self) -> &'a str {
        self.text
    }

    /// Literals are not sent: RFC 6066 section 3.
    pub(super) const fn is_dns(&self) -> bool {
        self.ip.is_none()
    }

    /// Whether the certificate is for this host. The common name of its subject does not count.
    pub(super) fn is_named_by(&self, certificate: &Certificate<'_>) -> Result<bool, Malformed> {
        let mut found = false;
        for name in certificate.alternative_names()? {
            found |= match (name?, self.ip) {
                (GeneralName::Dns(pattern), None) => dns_matches(pattern, self.text.as_bytes()),
                (GeneralName::Ip(bytes), Some(IpAddr::V4(ip))) => bytes == ip.octets(),
                (GeneralName::Ip(bytes), Some(IpAddr::V6(ip))) => bytes == ip.octets(),
                _ => false,
            };
        }
        Ok(found)
    }
}

fn is_dns_name(text: &str) -> bool {
    text.len() <= MAX_DNS_NAME
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
}

/// A wildcard stands for exactly one label, is the whole left-most label, and has two labels behind it.
fn dns_matches(pattern: &[u8], name: &[u8]) -> bool {
    let Some(parent) = pattern.strip_prefix(b"*.") else {
        return pattern.eq_ignore_ascii_case(name);
    };
    let dot = name.iter().position(|byte| *byte == b'.');
    parent.contains(&b'.') && dot.is_some_and(|dot| dot > 0 && name[dot + 1..].eq_ignore_ascii_case(parent))
}

/// Whether a name constraints extension allows the certificate's names (RFC 5280 section 4.2.1.10). It checks DNS names
/// and IP addresses, which are what the host of a URL can be.
pub(super) fn is_permitted(constraints: &[u8], certificate: &Certificate<'_>) -> Result<bool, Malformed> {
    for name in certificate.alternative_names()? {
        let name = name?;
        if matches!(name, GeneralName::Other) {
            continue;
        }
        let (permitted, excluded) = name_constraints(constraints)?;
        let mut restricted = false;
        let mut allowed = false;
        for subtree in permitted.into_iter().flatten() {
            match (subtree?, name) {
                (GeneralName::Dns(subtree), GeneralName::Dns(name)) => {
                    restricted = true;
                    allowed |= is_below(subtree, name);
                }
                (GeneralName::Ip(subtree), GeneralName::Ip(name)) => {
                    restricted = true;
                    allowed |= is_in_network(subtree, name);
                }
                _ => {}
            }
        }
        if restricted && !allowed {
            return Ok(false);
        }
        for subtree in excluded.into_iter().flatten() {
            let hit = match (subtree?, name) {
                (GeneralName::Dns(subtree), GeneralName::Dns(name)) => {
                    is_below(subtree, name) || wildcard_reaches(name, subtree)
                }
                (GeneralName::Ip(subtree), GeneralName::Ip(name)) => is_in_network(subtree, name),
                _ => false,
            };
            if hit {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whether `name` is `tree`, or `tree` with further labels in front. A leading dot requires at least one further label.
fn is_below(tree: &[u8], name: &[u8]) -> bool {
    if tree.is_empty() {
        return true;
    }
    let Some(start) = name.len().checked_sub(tree.len()) else { return false };
    let (front, back) = name.split_at(start);
    if !back.eq_ignore_ascii_case(tree) {
        return false;
    }
    if tree[0] == b'.' { !front.is_empty() } else { front.is_empty() || front.ends_with(b".") }
}

/// Whether a wildcard name could match a name in the excluded tree.
fn wildcard_reaches(name: &[u8], tree: &[u8]) -> bool {
    let tree = tree.strip_prefix(b".").unwrap_or(tree);
    name.strip_prefix(b"*.").is_some_and(|parent| {
        tree.iter()
            .position(|byte| *byte == b'.')
            .is_some_and(|dot| tree[dot + 1..].eq_ignore_ascii_case(parent))
    })
}

/// `network` is an address followed by its mask.
fn is_in_network(network: &[u8], address: &[u8]) -> bool {
    if network.len() != 2 * address.len() {
        return false;
    }
    let (base, mask) = network.split_at(address.len());
    address.iter().zip(base).zip(mask).all(|((address, base), mask)| address & mask == base & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_literals() {
        assert_eq!(ServerName::parse("Example.com.").map(|name| name.text()), Some("Example.com"));
        for literal in ["127.0.0.1", "::1", "[::1]", "[fe80::1%25eth0]"] {
            assert!(!ServerName::parse(literal).unwrap().is_dns(), "{literal}");
        }
        assert_eq!(ServerName::parse("[::1]").unwrap().text(), "::1");
        for bad in ["", ".", "a..b", "exa mple.com", "*.example.com", "ex\0.com", "ümlaut.de"] {
            assert_eq!(ServerName::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn wildcards_stand_for_one_left_most_label() {
        for (pattern, name, matches) in [
            ("example.com", "EXAMPLE.com", true),
            ("example.com", "www.example.com", false),
            ("*.example.com", "www.example.com", true),
            ("*.EXAMPLE.com", "www.example.COM", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("w*.example.com", "www.example.com", false),
            ("*w.example.com", "www.example.com", false),
            ("www.*.com", "www.example.com", false),
            ("*.*.com", "www.example.com", false),
            ("*.com", "example.com", false),
            ("*", "localhost", false),
            ("*.", "localhost.", false),
            ("example.com.", "example.com", false),
            ("example.com\0.evil.org", "example.com", false),
        ] {
            assert_eq!(dns_matches(pattern.as_bytes(), name.as_bytes()), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn constraints_cut_at_labels() {
        for (tree, name, below) in [
            ("example.com", "example.com", true),
            ("example.com", "a.Example.com", true),
            ("example.com", "badexample.com", false),
            (".example.com", "example.com", false),
            (".example.com", "a.example.com", true),
            ("", "anything", true),
            ("a.example.com", "example.com", false),
        ] {
            assert_eq!(is_below(tree.as_bytes(), name.as_bytes()), below, "{tree} {name}");
        }
        assert!(wildcard_reaches(b"*.example.com", b"secret.example.com"));
        assert!(!wildcard_reaches(b"*.example.com", b"example.com"));
        assert!(is_in_network(&[10, 0, 0, 0, 255, 0, 0, 0], &[10, 1, 2, 3]));
        assert!(!is_in_network(&[10, 0, 0, 0, 255, 0, 0, 0], &[11, 1, 2, 3]));
        assert!(!is_in_network(&[10, 0, 0, 0], &[10, 0, 0, 0]));
    }
}

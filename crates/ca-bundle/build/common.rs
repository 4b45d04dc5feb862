// SPDX-License-Identifier: Apache-2.0
//! The roots of the authorities that most public servers and cloud services use.

/// The common names of these roots, or the organisational units of those without one.
const NAMES: &[&str] = &[
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
    "DigiCert Global Root G2",
    "DigiCert Global Root G3",
    "DigiCert TLS ECC P384 Root G5",
    "DigiCert TLS RSA4096 Root G5",
    "GTS Root R1",
    "GTS Root R3",
    "GTS Root R4",
    "GlobalSign Root CA - R3",
    "GlobalSign Root CA - R6",
    "GlobalSign Root R46",
    "GlobalSign Root E46",
    "GlobalSign ECC Root CA - R5",
    "Go Daddy Root Certificate Authority - G2",
    "Starfield Root Certificate Authority - G2",
    "ISRG Root X1",
    "ISRG Root X2",
    "Microsoft ECC Root Certificate Authority 2017",
    "Microsoft RSA Root Certificate Authority 2017",
    "Sectigo Public Server Authentication Root E46",
    "Sectigo Public Server Authentication Root R46",
    "USERTrust ECC Certification Authority",
    "USERTrust RSA Certification Authority",
    "COMODO ECC Certification Authority",
    "COMODO RSA Certification Authority",
    "SSL.com TLS ECC Root CA 2022",
    "SSL.com TLS RSA Root CA 2022",
];

/// Whether the root with this subject, in DER, is one of them.
pub(crate) fn is_common(subject: &[u8]) -> bool {
    NAMES.iter().any(|name| {
        // The text must be a whole attribute, so that "GTS Root R1" does not match "GTS Root R10":
        // the byte before it is its length.
        let mut wanted = vec![name.len() as u8];
        wanted.extend_from_slice(name.as_bytes());
        subject.windows(wanted.len()).any(|window| window == wanted)
    })
}

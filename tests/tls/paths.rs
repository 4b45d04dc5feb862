// SPDX-License-Identifier: Apache-2.0
//! Several certificates with the same name: which of them a path uses, and which error there is if
//! no path exists.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use embedded_io::ErrorKind;
use requests::tls::{Pin, TlsConfig, TlsError, TlsTransport, danger};
use requests::transport::{Deadline, IoError, Transport};

use super::pki::{AUTHORITY, Algorithm, Pair, Request, SERVER_NAMES, Twin, issue, pki, reissue, sending};
use super::server::Server;
use super::tcp::Tcp;
use super::{TIMEOUT, connect, now, refusal};

/// The names of files have to differ from test to test.
fn authority(file: &str, name: &str, issuer: Option<&Pair>) -> Pair {
    limited_authority(file, name, issuer, AUTHORITY)
}

fn limited_authority(file: &str, name: &str, issuer: Option<&Pair>, extensions: &[&str]) -> Pair {
    issue(&Request {
        file,
        common_name: name,
        algorithm: Algorithm::Ec,
        issuer,
        extensions,
        digest: "sha256",
    })
}

fn server(file: &str, issuer: &Pair) -> Pair {
    limited_authority(file, "server", Some(issuer), &[SERVER_NAMES])
}

fn twin(file: &str, of: &Pair, issuer: Option<&Pair>, years: (i64, i64)) -> Pair {
    reissue(&Twin { file, of, issuer, years, extensions: AUTHORITY })
}

const EXPIRED: (i64, i64) = (-3, -1);
const VALID: (i64, i64) = (-1, 3);
const TO_COME: (i64, i64) = (1, 3);

/// All permutations of this many items.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let insert = |order: &Vec<usize>, at| [&order[..at], &[count - 1], &order[at..]].concat();
    shorter.iter().flat_map(|order| (0..count).map(move |at| insert(order, at))).collect()
}

#[track_caller]
fn is_accepted(server: &Server, roots: &[&[u8]]) {
    if let Err(error) = connect(server, "localhost", &TlsConfig::new().roots(roots)) {
        panic!("{error:?}");
    }
}

#[test]
fn a_root_that_is_valid_is_found_beside_twins_that_are_not() {
    let root = authority("twin-root", "Root", None);
    let all = [EXPIRED, VALID, TO_COME].map(|years| {
        let file = format!("twin-root{}", years.0);
        twin(&file, &root, None, years)
    });
    let between = authority("twin-root-between", "Between", Some(&root));
    for pair in [server("twin-root-leaf", &root), sending(&server("twin-root-far", &between), &[&between])] {
        let server = Server::openssl(&pair, &[]);
        let der = all.each_ref().map(Pair::der);
        for order in orders(3) {
            let slices: Vec<&[u8]> = order.iter().map(|&index| &der[index][..]).collect();
            is_accepted(&server, &slices);
            connect(&server, "localhost", &TlsConfig::new().extra_roots(&slices)).unwrap();
            is_accepted(&server, &[&slices.concat()]);
            let pem: Vec<u8> = order.iter().flat_map(|&index| all[index].certificate_pem()).collect();
            is_accepted(&server, &[&pem]);
        }
        let error = |roots: &[&[u8]]| refusal(&server, "localhost", &TlsConfig::new().roots(roots));
        assert!(
            matches!(*error(&[&der[0]]), TlsError::Expired { flags: 0x1, .. }),
            "{:?}",
            error(&[&der[0]])
        );
        assert!(matches!(*error(&[&der[2]]), TlsError::NotYetValid { flags: 0x200, .. }));
        // A twin does not hide a flaw of the server's own certificate.
        let roots = [&der[0][..], &der[1]];
        let error = refusal(&server, "example.org", &TlsConfig::new().roots(&roots));
        assert_eq!((error.kind(), error.verify_flags()), ("host-mismatch", 0x4));
    }
}

#[test]
fn an_intermediate_that_is_valid_is_found_beside_twins_that_are_not() {
    let root = authority("twin-between-root", "Root", None);
    let between = authority("twin-between", "Between", Some(&root));
    let [expired, valid, to_come] = [EXPIRED, VALID, TO_COME].map(|years| {
        let file = format!("twin-between{}", years.0);
        twin(&file, &between, Some(&root), years)
    });
    let leaf = server("twin-between-leaf", &between);
    let all = [&expired, &valid, &to_come, &root];
    let der = root.der();
    for order in orders(4) {
        let sent: Vec<_> = order.iter().map(|&index| all[index]).collect();
        is_accepted(&Server::openssl(&sending(&leaf, &sent), &[]), &[&der]);
    }
    for (sent, kind) in [(&expired, "expired"), (&to_come, "not-yet-valid")] {
        let server = Server::openssl(&sending(&leaf, &[sent, &root]), &[]);
        assert_eq!(refusal(&server, "localhost", &TlsConfig::new().roots(&[&der])).kind(), kind);
    }
}

#[test]
fn every_cross_signature_is_tried() {
    let old = authority("cross-old", "Old Root", None);
    let old_expired = twin("cross-old-expired", &old, None, EXPIRED);
    let new = authority("cross-new", "New Root", None);
    let unknown = authority("cross-unknown", "Unknown Root", None);
    let middle = authority("cross-middle", "Middle", Some(&old));
    let middles = [
        middle.clone(),
        twin("cross-middle-new", &middle, Some(&new), VALID),
        twin("cross-middle-unknown", &middle, Some(&unknown), VALID),
        twin("cross-middle-expired", &middle, Some(&new), EXPIRED),
    ];
    // Another authority of that name, with another key.
    let stranger = authority("cross-stranger", "Middle", Some(&new));
    let between = authority("cross-between", "Between", Some(&middle));
    let [near, far] = [server("cross-near", &middle), server("cross-far", &between)];
    let (old_expired, new) = (old_expired.der(), new.der());
    for order in orders(4) {
        let mut sent: Vec<_> = order.iter().map(|&index| &middles[index]).collect();
        sent.insert(order[0], &stranger);
        is_accepted(&Server::openssl(&sending(&near, &sent), &[]), &[&old_expired, &new]);
        sent.insert(order[1], &between);
        let server = Server::openssl(&sending(&far, &sent), &[]);
        is_accepted(&server, &[&old_expired, &new]);
        is_accepted(&server, &[&new, &old_expired]);
        is_accepted(&server, &[&new]);
        let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&old_expired]));
        assert_eq!(error.kind(), "expired");
    }
}

#[test]
fn a_root_is_told_from_another_of_its_name_by_its_key() {
    let all = [0, 1, 2].map(|number| authority(&format!("namesake-{number}"), "Namesake", None));
    let leaf = server("namesake-leaf", &all[1]);
    let server = Server::openssl(&leaf, &[]);
    let der = all.each_ref().map(Pair::der);
    for order in orders(3) {
        let slices: Vec<&[u8]> = order.iter().map(|&index| &der[index][..]).collect();
        is_accepted(&server, &slices);
    }
    let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&der[0], &der[2]]));
    assert!(error.is("bad-signature", "Namesake") && error.verify_flags() == 0x8);
}

#[test]
fn a_path_with_a_pin_is_found_beside_one_without() {
    let [one, two] = ["pinned-one", "pinned-two"].map(|file| authority(file, file, None));
    let middle = authority("pinned-middle", "Middle", Some(&one));
    let cross = twin("pinned-cross", &middle, Some(&two), VALID);
    let leaf = server("pinned-leaf", &middle);
    let roots = [one.der(), two.der()];
    for (sent, roots) in
        [([&middle, &cross], [&roots[0][..], &roots[1]]), ([&cross, &middle], [&roots[1], &roots[0]])]
    {
        let server = Server::openssl(&sending(&leaf, &sent), &[]);
        let config = TlsConfig::new().roots(&roots);
        for pinned in [&leaf, &middle, &one, &two] {
            let pins = [pinned.pin().parse::<Pin>().unwrap()];
            connect(&server, "localhost", &config.pins(&pins)).unwrap();
        }
        let pins = [pki().server.pin().parse::<Pin>().unwrap()];
        assert_eq!(refusal(&server, "localhost", &config.pins(&pins)).kind(), "pin-mismatch");
    }
}

#[test]
fn a_missing_or_wrong_intermediate_is_an_unknown_issuer() {
    let root = authority("missing-root", "Root", None);
    let between = authority("missing-between", "Between", Some(&root));
    let wrong = authority("missing-wrong", "Between", Some(&root));
    let other = authority("missing-other", "Other", Some(&root));
    let foreign = authority("missing-foreign", "Between", Some(&pki().root_ec));
    let leaf = server("missing-leaf", &between);
    let (root_der, wrong_root) = (root.der(), pki().root_ec.der());
    for sent in [
        &[][..],
        &[&root],
        &[&wrong],
        &[&wrong, &root],
        &[&other, &root],
        &[&foreign, &pki().root_ec],
        &[&foreign, &wrong, &other, &root],
    ] {
        let server = Server::openssl(&sending(&leaf, sent), &[]);
        for roots in [&[&root_der[..]][..], &[&wrong_root, &root_der]] {
            let error = refusal(&server, "localhost", &TlsConfig::new().roots(roots));
            assert!(error.is("unknown-issuer", "Between") && error.verify_flags() == 0x8, "{error:?}");
            assert!(error.message.contains("the server leaves out an intermediate"), "{error:?}");
        }
    }
    // A certificate that was not signed by the root that it names.
    let impostor = authority("missing-impostor", "Root", None);
    let false_between = authority("missing-false", "Between", Some(&impostor));
    let leaf = server("missing-false-leaf", &false_between);
    let server = Server::openssl(&sending(&leaf, &[&false_between]), &[]);
    let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&root_der]));
    assert!(error.is("bad-signature", "Root"), "{error:?}");
    // An unknown authority, whether its own certificate is sent or not.
    let leaf = sending(&server_of("missing-unknown"), &[&root]);
    let error = refusal(&Server::openssl(&leaf, &[]), "localhost", &TlsConfig::new().roots(&[&wrong_root]));
    assert!(error.is("unknown-issuer", "Nobody"), "{error:?}");
}

fn server_of(file: &str) -> Pair {
    server(&format!("{file}-leaf"), &authority(file, "Nobody", None))
}

#[test]
fn a_server_certificate_among_the_roots_is_trusted_for_its_names_and_dates() {
    let root = authority("itself-root", "Root", None);
    let between = authority("itself-between", "Between", Some(&root));
    let leaf = server("itself-leaf", &between);
    let extensions = &[SERVER_NAMES];
    let expired = reissue(&Twin {
        file: "itself-expired",
        of: &leaf,
        issuer: Some(&between),
        years: EXPIRED,
        extensions,
    });
    let der = leaf.der();
    for sent in [&[][..], &[&between]] {
        let server = Server::openssl(&sending(&leaf, sent), &[]);
        is_accepted(&server, &[&der]);
        is_accepted(&server, &[&leaf.certificate_pem()]);
        let config = TlsConfig::new().extra_roots(&[]);
        connect(&server, "localhost", &config.extra_roots(&[&der])).unwrap();
        let roots = [&der[..]];
        let config = config.roots(&roots);
        assert_eq!(refusal(&server, "example.org", &config).kind(), "host-mismatch");
        let pins = [leaf.pin().parse::<Pin>().unwrap()];
        connect(&server, "localhost", &config.pins(&pins)).unwrap();
        let pins = [between.pin().parse::<Pin>().unwrap()];
        assert_eq!(refusal(&server, "localhost", &config.pins(&pins)).kind(), "pin-mismatch");
        // A twin of the server's certificate among the roots does not make it trusted.
        let twin = expired.der();
        let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&twin]));
        assert_eq!(error.kind(), "unknown-issuer");
    }
    let der = expired.der();
    let error = refusal(&Server::openssl(&expired, &[]), "localhost", &TlsConfig::new().roots(&[&der]));
    assert!(matches!(*error, TlsError::Expired { flags: 0x1, .. }), "{error:?}");
    let other = limited_authority(
        "itself-other",
        "x",
        Some(&between),
        &["extendedKeyUsage=clientAuth", SERVER_NAMES],
    );
    let der = other.der();
    let error = refusal(&Server::openssl(&other, &[]), "localhost", &TlsConfig::new().roots(&[&der]));
    assert_eq!(error.kind(), "not-for-servers");
    // It cannot sign another certificate.
    let child = limited_authority("itself-child", "child", Some(&leaf), &[SERVER_NAMES]);
    let der = leaf.der();
    let error = refusal(&Server::openssl(&child, &[]), "localhost", &TlsConfig::new().roots(&[&der]));
    assert!(error.is("not-an-authority", "server"), "{error:?}");
}

#[test]
fn a_server_certificate_among_the_roots_does_not_hide_a_path_with_a_pin() {
    let root = authority("hidden-root", "Root", None);
    let leaf = server("hidden-leaf", &root);
    let (der, root_der) = (leaf.der(), root.der());
    let server = Server::openssl(&leaf, &[]);
    let pins = [root.pin().parse::<Pin>().unwrap()];
    for roots in [[&der[..], &root_der], [&root_der, &der]] {
        connect(&server, "localhost", &TlsConfig::new().roots(&roots).pins(&pins)).unwrap();
    }
    let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&der]).pins(&pins));
    assert_eq!(error.kind(), "pin-mismatch");
}

/// A root is not trusted because of its signature.
#[test]
fn a_server_certificate_among_the_roots_may_have_a_weak_signature() {
    let root = authority("sha1-root", "Root", None);
    for (file, issuer) in [("sha1-self", None), ("sha1-leaf", Some(&root))] {
        let pair = issue(&Request {
            file,
            common_name: "server",
            algorithm: Algorithm::Ec,
            issuer,
            extensions: &[SERVER_NAMES],
            digest: "sha1",
        });
        let server = Server::openssl(&pair, &["-cipher", "DEFAULT:@SECLEVEL=0"]);
        let (der, root) = (pair.der(), root.der());
        is_accepted(&server, &[&der]);
        is_accepted(&server, &[&root, &der]);
        // In the path to another root, it counts.
        if issuer.is_some() {
            let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&root]));
            assert_eq!((error.kind(), error.verify_flags()), ("weak-certificate", 0x4000));
        }
    }
    let pair = issue(&Request {
        file: "short-self",
        common_name: "server",
        algorithm: Algorithm::Rsa1024,
        issuer: None,
        extensions: &[SERVER_NAMES],
        digest: "sha256",
    });
    let server = Server::openssl(&pair, &["-cipher", "DEFAULT:@SECLEVEL=0"]);
    let der = pair.der();
    assert_eq!(refusal(&server, "localhost", &TlsConfig::new().roots(&[&der])).kind(), "weak-certificate");
}

#[test]
fn an_intermediate_can_be_a_root() {
    let server = Server::openssl(&pki().server_ec, &[]);
    is_accepted(&server, &[&pki().intermediate_ec.der()]);
}

#[test]
fn long_paths() {
    let root = authority("long-root", "Root", None);
    let mut chain = vec![root.clone()];
    for number in 1..=33 {
        let issuer = chain.last().unwrap();
        chain.push(authority(&format!("long-{number}"), &format!("Authority {number}"), Some(issuer)));
    }
    let der = root.der();
    let result = |intermediates: usize| {
        let leaf = server(&format!("long-leaf-{intermediates}"), &chain[intermediates]);
        let sent: Vec<_> = chain[1..=intermediates].iter().rev().collect();
        let server = Server::openssl(&sending(&leaf, &sent), &[]);
        connect(&server, "localhost", &TlsConfig::new().roots(&[&der])).map(|_| ())
    };
    for intermediates in [1, 8, 9, 10, 31] {
        assert_eq!(result(intermediates), Ok(()), "{intermediates}");
    }
    for intermediates in [32, 33] {
        assert_eq!(result(intermediates).unwrap_err(), TlsError::TooManyCertificates, "{intermediates}");
    }
}

#[test]
fn path_lengths_are_told_as_such() {
    let limit =
        |length| [format!("basicConstraints=critical,CA:TRUE,pathlen:{length}"), AUTHORITY[1].to_owned()];
    let make = |file: &str, name: &str, issuer, length| {
        let limit = limit(length);
        limited_authority(file, name, issuer, &limit.each_ref().map(String::as_str))
    };
    let root = make("length-root", "Short Root", None, 1);
    let one = make("length-one", "One", Some(&root), 0);
    let two = authority("length-two", "Two", Some(&one));
    let open = authority("length-open", "Open", Some(&root));
    let last = authority("length-last", "Last", Some(&open));
    let der = root.der();
    let try_it = |issuer: &Pair, sent: &[&Pair]| {
        let leaf = server(&format!("length-leaf-{}", sent.len()), issuer);
        let server = Server::openssl(&sending(&leaf, sent), &[]);
        connect(&server, "localhost", &TlsConfig::new().roots(&[&der])).map(|_| ())
    };
    assert_eq!(try_it(&root, &[]), Ok(()));
    assert_eq!(try_it(&one, &[&one]), Ok(()));
    // The root allows one authority below it, and that one allows none.
    for (issuer, sent, name) in [(&two, [&two, &one], "One"), (&last, [&last, &open], "Short Root")] {
        let error = try_it(issuer, &sent).unwrap_err();
        assert!(error.is("path-length", name) && error.verify_flags() == 0x8, "{error:?}");
    }
    // A twin without such a limit is enough, and a certificate issued by its own name does not
    // count.
    let free = twin("length-free", &one, Some(&root), VALID);
    let rolled = twin("length-rolled", &authority("length-new-key", "Short Root", None), Some(&root), VALID);
    let below = authority("length-below", "Below", Some(&rolled));
    assert_eq!(try_it(&two, &[&one, &free, &two]).unwrap_err().kind(), "path-length");
    assert_eq!(try_it(&below, &[&below, &rolled, &one, &two]), Ok(()));
}

/// Of two paths to the same authority, the one with fewer authorities fits under the root's path
/// length, although it is not shorter: a certificate of its own name does not count.
#[test]
fn the_way_with_the_fewest_authorities_is_found_in_every_order() {
    let root = limited_authority(
        "fewest-root",
        "Root",
        None,
        &["basicConstraints=critical,CA:TRUE,pathlen:2", AUTHORITY[1]],
    );
    let top = authority("fewest-top", "Top", Some(&root));
    let other = authority("fewest-other", "Other", Some(&top));
    // Both keys of this authority: the new key is certified by the old one and by the other
    // authority.
    let old_key = authority("fewest-old-key", "Name", Some(&top));
    let older_key = authority("fewest-older-key", "Name", Some(&top));
    let new_key = authority("fewest-new-key", "Name", Some(&other));
    let rolled = twin("fewest-rolled", &new_key, Some(&old_key), VALID);
    let old_rolled = twin("fewest-old-rolled", &old_key, Some(&older_key), VALID);
    let leaf = server("fewest-leaf", &new_key);
    let der = root.der();
    for short in [[&old_key, &old_key], [&older_key, &old_rolled]] {
        let all = [&top, &other, &new_key, &rolled, short[0], short[1]];
        for order in orders(all.len()).iter().step_by(29) {
            let sent: Vec<_> = order.iter().map(|&index| all[index]).collect();
            is_accepted(&Server::openssl(&sending(&leaf, &sent), &[]), &[&der]);
        }
    }
    let server = Server::openssl(&sending(&leaf, &[&new_key, &other, &top]), &[]);
    let error = refusal(&server, "localhost", &TlsConfig::new().roots(&[&der]));
    assert!(error.is("path-length", "Root"), "{error:?}");
}

#[test]
fn what_may_not_sign_is_no_authority() {
    let root = authority("usage-root", "Root", None);
    let der = root.der();
    for (file, extensions) in [
        ("usage-none", &[][..]),
        ("usage-false", &["basicConstraints=critical,CA:FALSE"][..]),
        ("usage-sign", &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"]),
    ] {
        let between = limited_authority(file, "Mere Server", Some(&root), extensions);
        let leaf = server(&format!("{file}-leaf"), &between);
        let error = refusal(
            &Server::openssl(&sending(&leaf, &[&between]), &[]),
            "localhost",
            &TlsConfig::new().roots(&[&der]),
        );
        assert!(error.is("not-an-authority", "Mere Server") && error.verify_flags() == 0x8, "{error:?}");
        // It is also refused as a root, except with version 1, which cannot say whether it is an
        // authority.
        let root = between.der();
        let server = Server::openssl(&sending(&leaf, &[]), &[]);
        let result = connect(&server, "localhost", &TlsConfig::new().roots(&[&root])).map(|_| ());
        let kind = result.map_err(|error| error.kind());
        assert_eq!(kind, if is_version_1(&root) { Ok(()) } else { Err("not-an-authority") });
    }
}

/// Whether a certificate has version 1: it then contains no version (RFC 5280 §4.1.2.1). OpenSSL
/// creates version 1 for a request without extensions, and from 3.4 on version 3.
fn is_version_1(der: &[u8]) -> bool {
    const CERTIFICATE_AND_CONTENT: usize = 2;
    const VERSION: u8 = 0xa0;
    let mut rest = der;
    for _ in 0..CERTIFICATE_AND_CONTENT {
        let length_of_length = if rest[1] & 0x80 == 0 { 0 } else { usize::from(rest[1] & 0x7f) };
        rest = &rest[2 + length_of_length..];
    }
    rest[0] != VERSION
}

/// As many authorities of one name and key as a server may send: in effect, each is signed by all
/// others.
#[test]
fn many_of_one_name_take_little_work() {
    let root = authority("many-root", "Root", None);
    let first = authority("many-first", "Many", None);
    let same: Vec<_> =
        (0..29).map(|number| twin(&format!("many-{number}"), &first, Some(&first), VALID)).collect();
    let way_out = twin("many-out", &first, Some(&root), VALID);
    let leaf = server("many-leaf", &first);
    let der = root.der();
    let mut sent: Vec<&Pair> = same.iter().collect();
    let start = Instant::now();
    let error =
        refusal(&Server::openssl(&sending(&leaf, &sent), &[]), "localhost", &TlsConfig::new().roots(&[&der]));
    assert!(error.is("unknown-issuer", "Many"), "{error:?}");
    sent.push(&way_out);
    is_accepted(&Server::openssl(&sending(&leaf, &sent), &[]), &[&der]);
    assert!(start.elapsed() < Duration::from_secs(5));

    // The same name with different keys, each of which must be tried.
    let keys: Vec<_> = (0..60).map(|number| authority(&format!("many-key-{number}"), "Many", None)).collect();
    let ders: Vec<_> = keys.iter().map(Pair::der).collect();
    let mut roots: Vec<&[u8]> = ders[..20].iter().map(Vec::as_slice).collect();
    let first = first.der();
    roots.push(&first);
    let server = Server::openssl(&sending(&leaf, &[]), &[]);
    is_accepted(&server, &roots);
    let roots: Vec<&[u8]> = ders.iter().map(Vec::as_slice).collect();
    let error = refusal(&server, "localhost", &TlsConfig::new().roots(&roots));
    assert_eq!(error, TlsError::TooManyCertificates);
}

#[test]
fn twins_are_nothing_to_who_verifies_nothing() {
    let root = authority("danger-root", "Root", None);
    let leaf = server("danger-leaf", &twin("danger-expired", &root, None, EXPIRED));
    let config = danger::accept_invalid_certs(TlsConfig::new());
    connect(&Server::openssl(&leaf, &[]), "elsewhere.test", &config).unwrap();
}

/// A transport that times out or is cancelled after this many waits.
struct Late<'a> {
    inner: Tcp,
    waits: &'a RefCell<Vec<Result<(), ErrorKind>>>,
}

impl Transport for Late<'_> {
    fn send(&mut self, bytes: &[u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.inner.send(bytes, deadline)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: Deadline<'_>) -> Result<usize, IoError> {
        self.inner.receive(buffer, deadline)
    }

    fn wait_ready(&mut self, _: Deadline<'_>) -> Result<(), IoError> {
        self.waits.borrow_mut().pop().unwrap_or(Ok(())).map_err(IoError::new)
    }
}

#[test]
fn the_deadline_holds_while_signatures_are_checked() {
    let server = Server::openssl(&pki().server_ec, &[]);
    let root = pki().root_ec.der();
    let result = |waits: &[Result<(), ErrorKind>]| {
        let waits = RefCell::new(waits.iter().rev().copied().collect());
        let transport = Late { inner: Tcp::connect(server.port), waits: &waits };
        let deadline = Deadline::after(0, TIMEOUT.as_millis() as u64);
        let roots = [&root[..]];
        let config = TlsConfig::new().roots(&roots);
        let result = TlsTransport::connect(transport, "localhost", &config, Some(now()), deadline, &mut []);
        assert!(waits.borrow().is_empty());
        result.map(|_| ())
    };
    assert_eq!(result(&[Ok(()), Ok(())]), Ok(()));
    assert_eq!(result(&[Err(ErrorKind::TimedOut)]), Err(TlsError::TimedOut));
    assert_eq!(result(&[Ok(()), Err(ErrorKind::TimedOut)]), Err(TlsError::TimedOut));
    assert_eq!(result(&[Ok(()), Err(ErrorKind::Interrupted)]), Err(TlsError::Cancelled));
    // If the transport cannot wait, or has failed, the search is not affected.
    assert_eq!(result(&[Err(ErrorKind::Unsupported), Err(ErrorKind::Other)]), Ok(()));
}

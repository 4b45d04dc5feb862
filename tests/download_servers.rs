// SPDX-License-Identifier: Apache-2.0
//! Downloads from real servers over connections that drop.

mod support;

use std::fs::File;
use std::io::Read as _;
use std::time::Duration;

use requests::{Download, Downloaded, Error, Retry, Session, Sink};
use sha2::{Digest as _, Sha256};

use support::nginx::Nginx;
use support::relay::{Chance, Relay};
use support::servers::{FileServer, RangeServer};

/// The number of drops of each download.
const DROPS: usize = 20;
const SIZE: usize = 3_000_000;

/// Attempts without waits.
fn at_once() -> Retry {
    Retry::new(10).backoff(Duration::from_millis(1), Duration::from_millis(1))
}

fn download<'a>(url: &'a str, sink: &'a mut dyn Sink) -> Download<'a> {
    requests::download(url, sink).retry(at_once()).read_timeout(Duration::from_secs(20))
}

fn port(url: &str) -> u16 {
    url.trim_end_matches('/').rsplit_once(':').unwrap().1.parse().unwrap()
}

/// A file that is older than a minute, so that its date is a strong validator.
fn write_old(path: &std::path::Path, content: &[u8]) {
    std::fs::write(path, content).unwrap();
    let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    File::options().write(true).open(path).unwrap().set_modified(hour_ago).unwrap();
}

fn nginx_with(content: &[u8]) -> Nginx {
    let nginx = Nginx::new("");
    write_old(&nginx.files().join("image"), content);
    nginx
}

#[track_caller]
fn is_whole(result: Result<Downloaded, Error>, content: &[u8], expected: &[u8]) -> Downloaded {
    let done = result.unwrap();
    assert_eq!(done.len, expected.len() as u64);
    assert!(content == expected, "another content");
    done
}

#[test]
fn drops_at_twenty_random_points_leave_no_trace() {
    let content = Chance(1).bytes(SIZE);
    let nginx = nginx_with(&content);
    let digest = Sha256::digest(&content).into();
    for seed in 1..=5 {
        let relay = Relay::new(port(&nginx.url("")), Chance(seed).cuts(SIZE, DROPS));
        let mut file = tempfile::tempfile().unwrap();
        let url = relay.url("/image");
        let result = download(&url, &mut file).sha256(digest).send(&mut [0; 4096]);
        let mut received = Vec::new();
        std::io::Seek::rewind(&mut file).unwrap();
        file.read_to_end(&mut received).unwrap();
        let done = is_whole(result, &received, &content);
        // A drop within a head brings no content, and resets lose bytes in transit. So there may be
        // more requests, but each has continued where the previous one ended.
        assert_eq!((relay.connections(), done.requests as usize), (DROPS + 1, DROPS + 1), "seed {seed}");
    }
    let statuses: Vec<_> = nginx.log(5 * (DROPS + 1)).into_iter().map(|line| line.status).collect();
    // The first request of each run asks for the whole, and a second one only if the first brought
    // no content.
    assert!(statuses.iter().filter(|&&status| status == 200).count() <= 5 + 2, "{statuses:?}");
}

#[test]
fn a_session_does_it_too() {
    let content = Chance(2).bytes(SIZE);
    let nginx = nginx_with(&content);
    let relay = Relay::new(port(&nginx.url("")), Chance(7).cuts(SIZE, DROPS));
    let mut session = Session::new().retry(at_once());
    let url = relay.url("/image");
    for _ in 0..2 {
        let mut received = Vec::new();
        let result = session.download(&url, &mut received).send(&mut [0; 4096]);
        is_whole(result, &received, &content);
    }
    // The second download uses the last connection of the first one.
    assert_eq!(relay.connections(), DROPS + 1);
}

#[test]
fn tls_that_is_cut_is_resumed() {
    let content = Chance(3).bytes(SIZE);
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout"])
        .args([&key, std::path::Path::new("-out"), &chain])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let nginx = Nginx::tls(&chain, &key, "");
    write_old(&nginx.files().join("image"), &content);
    let pem = std::fs::read(&chain).unwrap();
    let roots = [pem.as_slice()];
    let config = requests::TlsConfig::new().roots(&roots);
    // Each handshake takes some kilobytes, so a connection may be cut during it.
    let relay = Relay::new(port(&nginx.url("")), Chance(3).cuts(SIZE, DROPS));
    let mut received = Vec::new();
    let url = relay.https_url("/image");
    let result = requests::get(&url)
        .tls(config)
        .retry(Retry::new(9).backoff(Duration::ZERO, Duration::ZERO))
        .download(&mut received)
        .send(&mut [0; 4096]);
    is_whole(result, &received, &content);
    assert_eq!(relay.connections(), DROPS + 1);
}

#[test]
fn a_file_that_changes_meanwhile_starts_anew() {
    let (old, new) = (Chance(4).bytes(SIZE), Chance(5).bytes(SIZE));
    for drops in [vec![100_000], vec![SIZE / 2, 10_000, SIZE / 3]] {
        let nginx = nginx_with(&old);
        let (path, content) = (nginx.files().join("image"), new.clone());
        let changes = move |index: usize| {
            if index == 0 {
                // Of the same size, so only the validator differs.
                let other = path.with_extension("new");
                std::fs::write(&other, &content).unwrap();
                std::fs::rename(other, &path).unwrap();
            }
        };
        let relay = Relay::with(port(&nginx.url("")), drops.clone(), Box::new(changes));
        let mut received = Vec::new();
        let url = relay.url("/image");
        // There is a wait, because the file changes right after the drop.
        let retry = Retry::new(5).backoff(Duration::from_millis(300), Duration::from_millis(300));
        let result = download(&url, &mut received).retry(retry).send(&mut [0; 4096]);
        is_whole(result, &received, &new);
        assert_eq!(relay.connections(), drops.len() + 1);
        let statuses: Vec<_> = nginx.log(drops.len() + 1).into_iter().map(|line| line.status).collect();
        assert_eq!(statuses[..2], [200, 200]);
        assert!(statuses[2..].iter().all(|&status| status == 206), "{statuses:?}");
    }
}

#[test]
fn pythons_server_sends_it_all_again() {
    let content = Chance(6).bytes(SIZE);
    let server = FileServer::with(&[("image", &content)]);
    let relay = Relay::new(server.server.port(), vec![SIZE / 2, SIZE / 3, SIZE - 1000]);
    let mut received = Vec::new();
    let url = relay.url("/image");
    let retry = Retry::new(5).backoff(Duration::ZERO, Duration::ZERO);
    let result = download(&url, &mut received).retry(retry).send(&mut [0; 4096]);
    assert_eq!(is_whole(result, &received, &content).requests, 4);
}

#[test]
fn a_server_in_python_that_knows_ranges_resumes() {
    let content = Chance(8).bytes(SIZE);
    let server = RangeServer::new(&content);
    let relay = Relay::new(server.port(), Chance(9).cuts(SIZE, DROPS));
    let mut received = Vec::new();
    let url = relay.url("/image");
    let result = download(&url, &mut received).sha256(Sha256::digest(&content).into()).send(&mut [0; 4096]);
    assert_eq!(is_whole(result, &received, &content).requests as usize, DROPS + 1);
}

#[test]
fn what_is_complete_already_takes_one_request_without_content() {
    let content = Chance(10).bytes(5000);
    let nginx = nginx_with(&content);
    let url = nginx.url("/image");
    let mut received = Vec::new();
    let done = download(&url, &mut received).send(&mut [0; 4096]).unwrap();
    let validator = done.validator().unwrap().to_owned();
    for len in [Some(5000), None] {
        let done = download(&url, &mut received).resume(5000, len, &validator).send(&mut [0; 4096]).unwrap();
        assert_eq!((done.len, &received), (5000, &content));
    }
    assert_eq!(nginx.log(3)[1].status, 416);
}

/// As for TLS records that must stay below 4 KB.
#[test]
fn nginx_sends_pieces_over_one_connection() {
    let content: Vec<u8> = (0..100_001_u32).map(|index| (index % 251) as u8).collect();
    let nginx = Nginx::new("");
    write_old(&nginx.files().join("image"), &content);
    for size in [1000, 4096, 100_000, 100_001, 200_000] {
        let mut session = Session::new();
        let mut received = Vec::new();
        let url = nginx.url("/image");
        let result = session.download(&url, &mut received).piece(size).send(&mut [0; 2048]);
        assert_eq!(u64::from(result.as_ref().unwrap().requests), 100_001_u64.div_ceil(size));
        is_whole(result, &received, &content);
        assert_eq!(session.connections_opened(), 1);
    }
}

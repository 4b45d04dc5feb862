// SPDX-License-Identifier: Apache-2.0
//! Each operation of the network fails once, in each way, in requests of all kinds; and each allocation of mbedTLS. The
//! result is the right answer or an error, after a bounded number of operations, and nothing is left.

#[path = "../tls/pki.rs"]
#[allow(dead_code, reason = "shared with tests/tls")]
mod pki;
#[path = "../support/mod.rs"]
mod support;

mod allocations;
mod faults;
mod server;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use embedded_io::Read as _;
use requests::tls::{TlsConfig, heap_usage};
use requests::{CancelToken, Error, Part, Request, Retry, Session};

use faults::{FAULTS, Fault, Faulty};
use pki::pki;
use server::InMemory;

/// One test at a time: the heap of mbedTLS is counted.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

const TIMEOUT: Duration = Duration::from_secs(20);

/// The status and the content, or what went wrong.
type Outcome = Result<(u16, Vec<u8>), Error>;

/// What a scenario does over a network, in a scheme.
type Scenario = fn(&mut Faulty<InMemory>, &TlsConfig<'_>, &str) -> Outcome;

fn send<'a>(request: Request<'a>, network: &mut Faulty<InMemory>, tls: &TlsConfig<'a>) -> Outcome {
    let mut buffer = [0; 4096];
    let response = request.timeout(TIMEOUT).tls(*tls).send_over(network, &mut buffer)?;
    Ok((response.status_code, response.content().to_vec()))
}

const SCENARIOS: [(&str, Scenario); 15] = [
    ("get", |network, tls, base| send(requests::get(&format!("{base}/whole")), network, tls)),
    ("head", |network, tls, base| send(requests::head(&format!("{base}/whole")), network, tls)),
    ("chunked", |network, tls, base| send(requests::get(&format!("{base}/chunked")), network, tls)),
    ("interim", |network, tls, base| send(requests::get(&format!("{base}/interim")), network, tls)),
    ("close", |network, tls, base| send(requests::get(&format!("{base}/close")), network, tls)),
    ("redirect", |network, tls, base| send(requests::get(&format!("{base}/redirect")), network, tls)),
    ("post", |network, tls, base| {
        send(requests::post(&format!("{base}/p")).data(b"some data"), network, tls)
    }),
    ("expect", |network, tls, base| {
        send(requests::put(&format!("{base}/p")).data(b"some data").expect_continue(), network, tls)
    }),
    ("upload", |network, tls, base| {
        let mut content = &[b'x'; 700][..];
        let parts = [Part::field("a", "b"), Part::reader("f", "file", &mut content, 700)];
        let (_, body) = send(requests::post(&format!("{base}/u")).files(&parts), network, tls)?;
        // The boundary is random; the length is not.
        Ok((200, body.len().to_string().into_bytes()))
    }),
    ("reader", |network, tls, base| {
        let mut content = &[b'x'; 700][..];
        send(requests::post(&format!("{base}/u")).body(&mut content, None), network, tls)
    }),
    ("retry", |network, tls, base| {
        send(requests::get(&format!("{base}/busy")).retry(Retry::new(2)), network, tls)
    }),
    ("cancellable", |network, tls, base| {
        let token = CancelToken::new().expect("a token");
        send(requests::get(&format!("{base}/whole")).cancel_token(&token), network, tls)
    }),
    ("session", |network, tls, base| {
        let mut session = Session::over(network).timeout(TIMEOUT).tls(*tls);
        let mut all = Vec::new();
        for (method, path) in [("GET", "/whole"), ("GET", "/chunked"), ("POST", "/p"), ("GET", "/redirect")] {
            let mut buffer = [0; 2048];
            let url = format!("{base}{path}");
            let response = session.request(method, &url).data(b"d").send(&mut buffer)?;
            all.extend_from_slice(response.content());
        }
        Ok((200, all))
    }),
    ("stream", |network, tls, base| {
        let mut buffer = [0; 600];
        let url = format!("{base}/file");
        let mut stream = requests::get(&url).timeout(TIMEOUT).tls(*tls).stream_over(network, &mut buffer)?;
        let mut all = Vec::new();
        let mut piece = [0; 256];
        loop {
            match stream.read(&mut piece)? {
                0 => return Ok((stream.status_code, all)),
                count => all.extend_from_slice(&piece[..count]),
            }
        }
    }),
    ("download", |network, tls, base| {
        let mut sink = vec![0; 3000];
        let mut buffer = [0; 600];
        let url = format!("{base}/file");
        let mut room = &mut sink[..];
        let done = requests::get(&url).tls(*tls).download(&mut room).timeout(TIMEOUT * 9).attempts(3);
        let done = done.send_over(network, &mut buffer)?;
        assert_eq!(done.len, 3000);
        Ok((200, sink))
    }),
];

/// Runs a scenario on this network with this fault. Returns its outcome and the number of operations.
fn run(
    scenario: Scenario,
    network: &InMemory,
    tls: &TlsConfig<'_>,
    base: &str,
    (fault, before, most): (Fault, usize, usize),
) -> (Outcome, usize) {
    let inner = network.again();
    let open = Rc::clone(&inner.open);
    let clock: Rc<Cell<u64>> = inner.clock();
    let mut faulty = Faulty::new(inner, clock, fault, before, most);
    let count = faulty.count();
    let outcome = scenario(&mut faulty, tls, base);
    drop(faulty);
    assert_eq!(Rc::strong_count(&open), 1, "a connection is left open");
    (outcome, count.get())
}

/// Lets each operation of each scenario fail in each way.
fn torture(network: &InMemory, tls: &TlsConfig<'_>, base: &str, names: Option<&[&str]>, step: usize) {
    let blocks = || heap_usage().expect("it is counted on a host").blocks;
    let (mut runs, mut answers) = (0, 0);
    for (name, scenario) in SCENARIOS {
        if names.is_some_and(|names| !names.contains(&name)) {
            continue;
        }
        let (expected, total) = run(scenario, network, tls, base, (Fault::Short, usize::MAX, 10_000));
        let expected = expected.unwrap_or_else(|error| panic!("{name}: {error}"));
        let before = blocks();
        for fault in FAULTS {
            for number in (0..=total).step_by(step) {
                // A fault costs at most some further attempts. Single bytes cost an operation each.
                let most = if fault == Fault::OneByte { 60_000 } else { 200 + 20 * total };
                let (outcome, _) = run(scenario, network, tls, base, (fault, number, most));
                runs += 1;
                match outcome {
                    Ok(answer) => {
                        answers += 1;
                        assert_eq!(answer, expected, "{name}: {fault:?} in operation {number}");
                    }
                    Err(error) => {
                        assert!(!error.to_string().is_empty());
                        assert!(!error.phase().to_string().is_empty());
                        assert!(
                            !matches!(fault, Fault::Short | Fault::OneByte),
                            "{name}: single bytes are no failure, but: {error}"
                        );
                    }
                }
                assert_eq!(blocks(), before, "{name}: {fault:?} in operation {number} leaves memory");
            }
        }
    }
    assert!(runs > 300 / step && answers > 0);
    println!("{base}: {runs} runs, {answers} with an answer");
}

#[test]
fn plain() {
    let _alone = alone();
    torture(&InMemory::plain(), &TlsConfig::new(), "http://localhost", None, 1);
}

#[test]
fn tls_1_2() {
    let _alone = alone();
    tls(false);
}

#[test]
fn tls_1_3() {
    let _alone = alone();
    tls(true);
}

fn tls(is_13: bool) {
    let root = pki().root_ec.certificate_pem();
    let roots = [&root[..]];
    let network = InMemory::tls(&pki().server_ec, &pki().intermediate_ec, is_13);
    torture(
        &network,
        &TlsConfig::new().roots(&roots),
        "https://localhost",
        Some(&["get", "session", "download"]),
        1,
    );
}

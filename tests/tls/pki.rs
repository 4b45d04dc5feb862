// SPDX-License-Identifier: Apache-2.0
//! Keys and certificates for the tests, made with the `openssl` command when they are first needed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A certificate and its key in PEM files.
#[derive(Clone)]
pub struct Pair {
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// The certificate, followed by the intermediate ones up to the root.
    pub chain: PathBuf,
}

impl Pair {
    pub fn certificate_pem(&self) -> Vec<u8> {
        fs::read(&self.certificate).unwrap()
    }

    pub fn key_pem(&self) -> Vec<u8> {
        fs::read(&self.key).unwrap()
    }

    pub fn chain_pem(&self) -> Vec<u8> {
        fs::read(&self.chain).unwrap()
    }

    /// The certificate in DER.
    pub fn der(&self) -> Vec<u8> {
        let mut command = openssl(["x509", "-outform", "DER", "-in"]);
        run(command.arg(&self.certificate))
    }

    /// The key in DER, as PKCS #8.
    pub fn key_der(&self) -> Vec<u8> {
        let mut command = openssl(["pkcs8", "-topk8", "-nocrypt", "-outform", "DER", "-in"]);
        run(command.arg(&self.key))
    }

    /// The pin of the key.
    pub fn pin(&self) -> String {
        let mut command = openssl(["pkey", "-pubout", "-outform", "DER", "-in"]);
        let key = run(command.arg(&self.key));
        let file = self.key.with_extension("spki");
        fs::write(&file, key).unwrap();
        let mut command = openssl(["dgst", "-sha256", "-binary"]);
        let digest = run(command.arg(&file));
        fs::write(&file, digest).unwrap();
        let mut command = openssl(["base64", "-A", "-in"]);
        format!("sha256//{}", String::from_utf8(run(command.arg(&file))).unwrap())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Algorithm {
    Rsa,
    Ec,
    /// Too short to be trusted.
    Rsa1024,
}

/// The settings of a certificate.
pub struct Request<'a> {
    pub file: &'a str,
    pub common_name: &'a str,
    pub algorithm: Algorithm,
    /// The signer. If there is none, the certificate signs itself.
    pub issuer: Option<&'a Pair>,
    /// Lines as for `-addext`.
    pub extensions: &'a [&'a str],
    pub digest: &'a str,
}

pub const AUTHORITY: &[&str] =
    &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];

/// Creates a key and a certificate.
pub fn issue(request: &Request<'_>) -> Pair {
    let dir = directory();
    let file = |ending: &str| dir.join(format!("{}.{ending}", request.file));
    let pair = Pair { certificate: file("pem"), key: file("key"), chain: file("chain.pem") };
    let mut command = openssl(["req", "-x509", "-nodes", "-days", "365", "-config"]);
    command.arg(config(dir)).arg("-newkey");
    match request.algorithm {
        Algorithm::Rsa => command.arg("rsa:2048"),
        Algorithm::Rsa1024 => command.arg("rsa:1024"),
        Algorithm::Ec => command.args(["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    };
    command.arg(format!("-{}", request.digest));
    command.args(["-subj", &format!("/O=Test/CN={}", request.common_name)]);
    command.arg("-keyout").arg(&pair.key).arg("-out").arg(&pair.certificate);
    if let Some(issuer) = request.issuer {
        command.arg("-CA").arg(&issuer.certificate).arg("-CAkey").arg(&issuer.key);
    }
    for extension in request.extensions {
        command.args(["-addext", extension]);
    }
    run(&mut command);
    let mut chain = pair.certificate_pem();
    if let Some(issuer) = request.issuer {
        let above = issuer.chain_pem();
        // A root ends the chain and is not sent.
        if issuer.chain_pem() != issuer.certificate_pem() || !is_root(issuer) {
            chain.extend(above);
        }
    }
    fs::write(&pair.chain, chain).unwrap();
    pair
}

fn is_root(pair: &Pair) -> bool {
    pair.certificate.file_name().unwrap().to_str().unwrap().starts_with("root")
}

/// The authorities and the usual certificates of these tests.
pub struct Pki {
    pub root: Pair,
    pub root_ec: Pair,
    pub intermediate_ec: Pair,
    /// For `localhost`, `*.wild.test`, `127.0.0.1`.
    pub server: Pair,
    pub server_ec: Pair,
    pub client: Pair,
    pub client_ec: Pair,
}

pub const SERVER_NAMES: &str =
    "subjectAltName=DNS:localhost,DNS:*.wild.test,DNS:sni.test,IP:127.0.0.1,IP:::1";

pub fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let make = |file, common_name, algorithm, issuer, extensions| {
            issue(&Request { file, common_name, algorithm, issuer, extensions, digest: "sha256" })
        };
        let server = &[SERVER_NAMES, "extendedKeyUsage=serverAuth", "keyUsage=digitalSignature"][..];
        let client = &["extendedKeyUsage=clientAuth"][..];
        let root = make("root", "Test Root RSA", Algorithm::Rsa, None, AUTHORITY);
        let root_ec = make("root-ec", "Test Root EC", Algorithm::Ec, None, AUTHORITY);
        let intermediate = make("between", "Test Intermediate RSA", Algorithm::Rsa, Some(&root), AUTHORITY);
        let intermediate_ec =
            make("between-ec", "Test Intermediate EC", Algorithm::Ec, Some(&root_ec), AUTHORITY);
        Pki {
            server: make("server", "server", Algorithm::Rsa, Some(&intermediate), server),
            server_ec: make("server-ec", "server", Algorithm::Ec, Some(&intermediate_ec), server),
            client: make("client", "client", Algorithm::Rsa, Some(&root), client),
            client_ec: make("client-ec", "client", Algorithm::Ec, Some(&root), client),
            root,
            root_ec,
            intermediate_ec,
        }
    })
}

/// A server certificate from the intermediate authority, with these extensions.
pub fn server_with(file: &str, common_name: &str, extensions: &[&str]) -> Pair {
    issue(&Request {
        file,
        common_name,
        algorithm: Algorithm::Ec,
        issuer: Some(&pki().intermediate_ec),
        extensions,
        digest: "sha256",
    })
}

pub fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<tempfile::TempDir> = OnceLock::new();
    DIRECTORY.get_or_init(|| tempfile::tempdir().unwrap()).path()
}

/// Its own configuration, because the system's adds extensions.
fn config(dir: &Path) -> PathBuf {
    let path = dir.join("openssl.cnf");
    if !path.exists() {
        fs::write(&path, "[req]\ndistinguished_name = dn\n[dn]\n").unwrap();
    }
    path
}

fn openssl<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments);
    command
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("the openssl command");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Another certificate for an existing name and key, with other dates.
pub struct Twin<'a> {
    pub file: &'a str,
    /// The certificate whose name and key it has.
    pub of: &'a Pair,
    /// The signer. If there is none, the certificate signs itself.
    pub issuer: Option<&'a Pair>,
    /// The dates, in years from now.
    pub years: (i64, i64),
    /// Lines as for `-addext`.
    pub extensions: &'a [&'a str],
}

/// Creates another certificate of the same name for the key of `twin.of`.
pub fn reissue(twin: &Twin<'_>) -> Pair {
    let dir = directory();
    let file = |ending: &str| dir.join(format!("{}.{ending}", twin.file));
    let pair = Pair { certificate: file("pem"), key: twin.of.key.clone(), chain: file("chain.pem") };
    let request = run(openssl(["x509", "-x509toreq", "-in"])
        .arg(&twin.of.certificate)
        .arg("-signkey")
        .arg(&twin.of.key));
    fs::write(file("csr"), request).unwrap();
    let text = format!(
        "[ca]\ndefault_ca = it\n[it]\ndatabase = {database}\nnew_certs_dir = {dir}\nserial = {serial}\npolicy = any\n\
         default_md = sha256\nunique_subject = no\nx509_extensions = ext\n[any]\n\
         organizationName = optional\ncommonName = supplied\n[ext]\n{extensions}\n",
        database = file("index").display(),
        serial = file("serial").display(),
        dir = dir.display(),
        extensions = twin.extensions.join("\n"),
    );
    fs::write(file("cnf"), text).unwrap();
    fs::write(file("index"), "").unwrap();
    fs::write(file("serial"), format!("{:04x}\n", 0x1000 + next_number())).unwrap();
    let issuer = twin.issuer.unwrap_or(twin.of);
    let mut command = openssl(["ca", "-batch", "-notext", "-preserveDN", "-config"]);
    command.arg(file("cnf")).arg("-in").arg(file("csr")).arg("-out").arg(&pair.certificate);
    command.args(["-startdate", &moment(twin.years.0), "-enddate", &moment(twin.years.1)]);
    command.arg("-keyfile").arg(&issuer.key);
    match twin.issuer {
        Some(issuer) => command.arg("-cert").arg(&issuer.certificate),
        None => command.arg("-selfsign"),
    };
    run(&mut command);
    fs::write(&pair.chain, pair.certificate_pem()).unwrap();
    pair
}

/// The time `years` from now, in the format of `openssl ca`.
fn moment(years: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let seconds = now + years * 365 * 24 * 60 * 60;
    let (year, month, day) = requests::proto::calendar::date(seconds);
    let minutes = seconds.rem_euclid(86_400) / 60;
    format!("{year:04}{month:02}{day:02}{:02}{:02}00Z", minutes / 60, minutes % 60)
}

/// The pair with the chain that it sends: its own certificate and these.
pub fn sending(pair: &Pair, others: &[&Pair]) -> Pair {
    let chain = directory().join(format!("sent-{}.pem", next_number()));
    // `openssl s_server` requires at least one.
    let others = if others.is_empty() { &[pair] } else { others };
    let text: Vec<u8> = others.iter().flat_map(|other| other.certificate_pem()).collect();
    fs::write(&chain, text).unwrap();
    Pair { chain, ..pair.clone() }
}

fn next_number() -> usize {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

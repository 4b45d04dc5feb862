// SPDX-License-Identifier: Apache-2.0
//! The roots and the client's certificate for https, from the files that the options name.

use std::path::Path;

use requests::TlsConfig;
use requests::tls::danger;

use crate::failure::Usage;
use crate::options::TlsOptions;

/// The contents of the files.
pub struct Trust {
    roots: Vec<Vec<u8>>,
    /// Whether `roots` replace the built-in ones.
    only_these: bool,
    identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Trust {
    /// Reads the files. Without `--cacert`, the file named by the environment variable
    /// `SSL_CERT_FILE` is trusted in addition to the built-in roots.
    ///
    /// # Errors
    /// [`Usage`] if a file cannot be read.
    pub fn load(options: &TlsOptions) -> Result<Self, Usage> {
        let mut roots = Vec::new();
        for path in &options.roots {
            roots.push(read(path)?);
        }
        let only_these = !roots.is_empty();
        if let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !only_these && !path.is_empty()) {
            roots.push(read(path.as_ref())?);
        }
        let identity = match (&options.certificate, &options.key) {
            (Some(certificate), Some(key)) => Some((read(certificate)?, read(key)?)),
            _ => None,
        };
        Ok(Self { roots, only_these, identity })
    }

    /// The roots, for [`config`](Self::config) to borrow.
    pub fn roots(&self) -> Vec<&[u8]> {
        self.roots.iter().map(Vec::as_slice).collect()
    }

    /// The TLS settings for the library.
    pub fn config<'a>(&'a self, roots: &'a [&'a [u8]], options: &'a TlsOptions) -> TlsConfig<'a> {
        let mut config = TlsConfig::new().pins(&options.pins).min_version(options.min_version);
        if self.only_these {
            config = config.roots(roots);
        } else if !roots.is_empty() {
            config = config.extra_roots(roots);
        }
        if let Some((certificate, key)) = &self.identity {
            config = config.identity(certificate, key);
        }
        if options.insecure {
            crate::report("--insecure: the server's certificate is NOT verified");
            config = danger::accept_invalid_certs(config);
        }
        config
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Usage> {
    std::fs::read(path).map_err(|error| Usage(format!("cannot read {}: {error}", path.display())))
}

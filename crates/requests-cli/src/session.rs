// SPDX-License-Identifier: Apache-2.0
//! The state that the requests of one run share: connections, and cookies with `--cookies`.

use requests::{CookieJar, Session};

use crate::network::CliNetwork;
use crate::options::Options;

/// The size of the cookie jar in bytes.
const JAR: usize = 64 << 10;

/// The cookies of one run.
pub struct Jar(CookieJar<[u8; JAR]>);

impl Jar {
    /// An empty jar.
    pub const fn new() -> Self {
        Self(CookieJar::new())
    }

    /// Warns the user if cookies did not fit in the jar.
    pub fn tell_dropped(&self) {
        match self.0.dropped() {
            0 => {}
            count => crate::report(&format!("--cookies: {count} did not fit into {} KiB", JAR >> 10)),
        }
    }
}

/// The session of one run. Without a jar, it keeps no cookies, not even those of redirects.
pub fn session<'a>(options: &Options, network: CliNetwork, jar: &'a mut Jar) -> Session<'a, CliNetwork> {
    let session = Session::over(network);
    if options.cookies { session.cookies(&mut jar.0) } else { session }
}

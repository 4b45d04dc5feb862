// SPDX-License-Identifier: Apache-2.0
//! What the requests of one run have in common: connections, and cookies with `--cookies`.

use requests::{CookieJar, Session};

use crate::network::CliNetwork;
use crate::options::Options;

/// Bytes of cookies that are kept.
const JAR: usize = 64 << 10;

/// The cookies of one run.
pub struct Jar(CookieJar<[u8; JAR]>);

impl Jar {
    /// An empty jar.
    pub const fn new() -> Self {
        Self(CookieJar::new())
    }

    /// Tells the user where not all of the cookies could be kept.
    pub fn tell_dropped(&self) {
        match self.0.dropped() {
            0 => {}
            count => crate::report(&format!("--cookies: {count} did not fit into {} KiB", JAR >> 10)),
        }
    }
}

/// The requests of one run. A session keeps no cookies unless it is given a jar, as a request on its own does.
pub fn session<'a>(options: &Options, network: CliNetwork, jar: &'a mut Jar) -> Session<'a, CliNetwork> {
    let session = Session::over(network);
    if options.cookies { session.cookies(&mut jar.0) } else { session }
}

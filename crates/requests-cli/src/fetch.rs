// SPDX-License-Identifier: Apache-2.0
//! `requests METHOD URL`: one request and its answer.

use std::time::Instant;

use requests::Request;

use crate::body::Body;
use crate::failure::{Failure, Usage};
use crate::network::CliNetwork;
use crate::options::{Auth, Destination, Format, HeaderArg, Options};
use crate::output::{self, file};
use crate::progress::Progress;
use crate::trust::Trust;

/// Sends the request and shows the answer.
///
/// # Errors
/// [`Usage`] where the options cannot be followed. The inner result tells how the request went.
pub fn run(options: &Options) -> Result<Result<(), Failure>, Usage> {
    let mut body = Body::load(options)?;
    if let Destination::File(path) = &options.destination {
        file::check(path)?;
    }
    let trust = Trust::load(&options.tls)?;
    let mut buffer = allocate(options.buffer)?;
    Ok(exchange(options, &trust, &mut body, &mut buffer))
}

fn exchange(options: &Options, trust: &Trust, body: &mut Body<'_>, buffer: &mut [u8]) -> Result<(), Failure> {
    let roots = trust.roots();
    let params: Vec<_> = options.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let progress = Progress::for_terminal();
    let mut network = CliNetwork::new(options.connect_to, progress.clone());
    let started = Instant::now();

    let request = head(options).params(&params).tls(trust.config(&roots, &options.tls));
    let result = if matches!(body, Body::Files(_)) {
        request.files(&body.parts()).send_over(&mut network, buffer)
    } else {
        body.add_to(request, options).send_over(&mut network, buffer)
    };
    let elapsed = started.elapsed();
    if let Some(progress) = progress {
        progress.finish();
    }
    let response = result?;

    if let Destination::File(path) = &options.destination {
        file::write(path, response.content())?;
    }
    match options.format {
        Format::Text => output::text::answer(&response, &options.destination),
        Format::Json => output::json::answer(&response, elapsed),
    }
}

/// The request without parameters and body.
fn head(options: &Options) -> Request<'_> {
    let mut request = requests::request(&options.method, &options.url);
    for (index, header) in options.headers.iter().enumerate() {
        // As in curl, the first counts where there can be only one.
        let repeated = ["Host", "Content-Type"].into_iter().any(|name| {
            header.is(name) && options.headers.iter().take(index).any(|earlier| earlier.is(name))
        });
        request = match header {
            _ if repeated => request,
            // The library frames the body itself.
            _ if header.asks_for_chunks() => request.chunked(),
            HeaderArg::Set(name, value) => request.header(name, value),
            HeaderArg::Remove(name) => request.remove_header(name),
        };
    }
    match &options.auth {
        Some(Auth::Basic(user, password)) => request = request.auth((user, password)),
        Some(Auth::Bearer(token)) => request = request.bearer_auth(token),
        None => {}
    }
    if let Some(timeout) = options.timeout {
        request = request.timeout(timeout);
    }
    if let Some(limit) = options.max_redirects {
        request = request.redirects(limit);
    }
    request
}

/// Memory that the system gives only as it is used.
fn allocate(size: usize) -> Result<Vec<u8>, Usage> {
    // `vec!` takes zeroed pages as they come from the system, but ends the process where there are not enough of
    // them; so see first whether there are.
    Vec::<u8>::new()
        .try_reserve_exact(size)
        .map_err(|_| Usage(format!("--buffer: there is no memory for {size} bytes")))?;
    Ok(vec![0; size])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_not_there_is_an_error() {
        assert!(allocate(usize::MAX).is_err());
        assert!(allocate(isize::MAX as usize).is_err());
        assert_eq!(allocate(3), Ok(vec![0; 3]));
    }
}

// SPDX-License-Identifier: Apache-2.0
//! `requests METHOD URL`: one request and its response.

use std::io::Write as _;
use std::time::Instant;

use embedded_io::BufRead as _;
use requests::{Inflater, Request, Retry, Stream};

use crate::body::Body;
use crate::failure::{Failure, Usage};
use crate::network::CliNetwork;
use crate::options::{Auth, DEFAULT_BUFFER, Destination, Format, HeaderArg, Options};
use crate::output::{self, file};
use crate::progress::Progress;
use crate::session::{Jar, session};
use crate::trust::Trust;

/// The default of `--buffer` with `--stream`, in bytes: it must hold the head.
pub const STREAM_BUFFER: usize = 64 << 10;

/// Sends the request and prints the response.
///
/// # Errors
/// [`Usage`] if the options are invalid. The inner result is the outcome of the request.
pub fn run(options: &Options) -> Result<Result<(), Failure>, Usage> {
    let mut body = Body::load(options)?;
    if let Destination::File(path) = &options.destination {
        file::check(path)?;
    }
    let trust = Trust::load(&options.tls)?;
    // JSON output is one line with the whole body, unless the body goes to a file.
    let streams = options.stream
        && (options.format == Format::Text || matches!(options.destination, Destination::File(_)));
    let size = if streams { STREAM_BUFFER } else { DEFAULT_BUFFER };
    let mut buffer = allocate(options.buffer.unwrap_or(size))?;
    let mut jar = Jar::new();
    let result = exchange(options, &trust, &mut body, &mut jar, &mut buffer, streams);
    jar.tell_dropped();
    Ok(result.map_err(|failure| failure.with_details(&buffer)))
}

fn exchange(
    options: &Options,
    trust: &Trust,
    body: &mut Body<'_>,
    jar: &mut Jar,
    buffer: &mut [u8],
    streams: bool,
) -> Result<(), Failure> {
    let roots = trust.roots();
    let params: Vec<_> = options.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let progress = Progress::for_terminal();
    let mut inflater = Inflater::new();
    let mut session = session(options, CliNetwork::new(options.connect_to, progress.clone()), jar);
    let started = Instant::now();

    let parts;
    let request = head(session.request(&options.method, &options.url), options, &mut inflater);
    let request = request.params(&params).tls(trust.config(&roots, &options.tls));
    let request = if matches!(body, Body::Files(_)) {
        parts = body.parts();
        request.files(&parts)
    } else {
        body.add_to(request, options)
    };
    let request = request.retry(Retry::new(options.retries.unwrap_or(0).saturating_add(1)));
    if streams {
        let result = request.stream(buffer);
        return pass_on(options, result?, progress.as_deref(), started);
    }
    let result = request.send(buffer);
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

/// Prints the body as it arrives.
fn pass_on(
    options: &Options,
    mut stream: Stream<'_>,
    progress: Option<&Progress>,
    started: Instant,
) -> Result<(), Failure> {
    if let Destination::File(path) = &options.destination {
        let failed = |error| Failure::output(path.display(), &error);
        let mut file = file::NewFile::create(path).map_err(failed)?;
        let result = loop {
            match stream.fill_buf() {
                Ok([]) => break Ok(()),
                Ok(content) => {
                    let count = content.len();
                    file.write_all(content).map_err(failed)?;
                    stream.consume(count);
                }
                Err(error) => break Err(error),
            }
        };
        if let Some(progress) = progress {
            progress.finish();
        }
        result?;
        file.persist().map_err(failed)?;
        return match options.format {
            Format::Text => output::text::begin(&stream, &options.destination),
            Format::Json => output::json::streamed(&stream, stream.received(), started.elapsed()),
        };
    }
    // The bar would appear between the pieces.
    if let Some(progress) = progress {
        progress.finish();
    }
    output::text::begin(&stream, &options.destination)?;
    let mut pieces = output::text::Pieces::begin();
    loop {
        let content = stream.fill_buf()?;
        if content.is_empty() {
            return pieces.end();
        }
        if !pieces.piece(content)? {
            return Ok(());
        }
        let count = content.len();
        stream.consume(count);
    }
}

/// The request without parameters and body.
fn head<'r>(mut request: Request<'r>, options: &'r Options, inflater: &'r mut Inflater) -> Request<'r> {
    for (index, header) in options.headers.iter().enumerate() {
        // As in curl, the first counts if there can be only one.
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
    if let Some(timeout) = options.timeout {
        request = request.timeout(timeout);
    }
    if let Some(timeout) = options.read_timeout {
        request = request.read_timeout(timeout);
    }
    shared(request, options, inflater)
}

/// The request with the options that a download has too.
pub fn shared<'r>(request: Request<'r>, options: &'r Options, inflater: &'r mut Inflater) -> Request<'r> {
    let request = if options.compressed { request.decompress(inflater) } else { request };
    let request = match &options.auth {
        Some(Auth::Basic(user, password)) => request.auth((user, password)),
        Some(Auth::Digest(user, password)) => request.digest_auth((user, password)),
        Some(Auth::Bearer(token)) => request.bearer_auth(token),
        None => request,
    };
    match options.max_redirects {
        Some(limit) => request.redirects(limit),
        None => request,
    }
}

/// Memory that the system provides only as it is used.
pub fn allocate(size: usize) -> Result<Vec<u8>, Usage> {
    crate::MEMORY.zeroed(size).ok_or_else(|| Usage(format!("--buffer: there is no memory for {size} bytes")))
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

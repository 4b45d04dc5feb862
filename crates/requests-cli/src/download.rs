// SPDX-License-Identifier: Apache-2.0
//! `requests download URL`: downloads a file, and resumes when the connection drops.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::time::Instant;

use requests::Fields;
use requests::proto::url::Url;
use requests::proto::write::SliceWriter;
use requests::{Downloaded, Error, Inflater, Phase, Sequential, Sink};

use crate::failure::{Failure, Usage};
use crate::fetch::{STREAM_BUFFER, allocate, shared};
use crate::network::CliNetwork;
use crate::options::{Destination, Format, HeaderArg, Options};
use crate::output::part::{Kept, PartFile};
use crate::output::terminal::Harmless;
use crate::output::{self, file};
use crate::progress::Progress;
use crate::session::{Jar, session};
use crate::trust::Trust;

/// Downloads and prints the result.
///
/// # Errors
/// [`Usage`] if the options are invalid. The inner result is the outcome of the download.
pub fn run(options: &Options) -> Result<Result<(), Failure>, Usage> {
    let trust = Trust::load(&options.tls)?;
    let mut buffer = allocate(options.buffer.unwrap_or(STREAM_BUFFER))?;
    let started = Instant::now();
    let result = match &options.destination {
        Destination::File(path) => {
            file::check(path)?;
            into_file(options, path, &trust, &mut buffer)
        }
        Destination::WithHead | Destination::Stdout => {
            let mut stdout = io::stdout().lock();
            let done = if stdout.is_terminal() {
                into_writer(options, &mut Harmless::new(stdout), &trust, &mut buffer)
            } else {
                into_writer(options, &mut stdout, &trust, &mut buffer)
            };
            done.map(|done| (done, None))
        }
    };
    let result = result.map_err(|failure| failure.with_details(&buffer));
    Ok(result.and_then(|(done, resumed_from)| match (options.format, &options.destination) {
        (Format::Json, destination) => {
            let file = match destination {
                Destination::File(path) => Some(path.as_path()),
                _ => None,
            };
            output::json::downloaded(&done, file, resumed_from, started.elapsed())
        }
        (Format::Text, Destination::File(path)) => output::text::stored(done.len, path),
        (Format::Text, _) => Ok(()),
    }))
}

fn into_file(
    options: &Options,
    path: &Path,
    trust: &Trust,
    buffer: &mut [u8],
) -> Result<(Downloaded, Option<u64>), Failure> {
    let target = match file::target(path).map_err(|error| Failure::output(path.display(), &error))? {
        Some(target) => target,
        None => {
            let device = OpenOptions::new().write(true).open(path);
            let mut device = device.map_err(|error| Failure::output(path.display(), &error))?;
            return into_writer(options, &mut device, trust, buffer).map(|done| (done, None));
        }
    };
    let mut part = PartFile::open(&target, &effective_url(options)?)?;
    let kept = if options.resume { part.kept() } else { None };
    match send(options, &mut part, kept.as_ref(), trust, buffer) {
        Ok(done) => {
            // What is kept may be of no use, for example because the file has changed.
            let resumed_from = kept.filter(|_| part.is_resumed()).map(|(offset, _)| offset);
            part.persist(&target).map(|()| (done, resumed_from))
        }
        Err(error) => {
            let mut failure = part.failure_of(error);
            if error == Error::Sha256Mismatch {
                part.discard();
            } else if let Some((len, _)) = part.kept() {
                failure.message += &format!("; {len} bytes are kept, --continue takes them up");
            } else {
                part.discard_own();
            }
            Err(failure)
        }
    }
}

/// The URL to download, with parameters but without user name and password, because it is stored in
/// a file.
fn effective_url(options: &Options) -> Result<String, Error> {
    let params: Vec<_> = options.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let params = params.list();
    let url = Url::parse(options.url.as_bytes()).map_err(Error::InvalidUrl)?;
    // A percent-encoded byte takes three bytes.
    let mut room =
        vec![0; 3 * options.url.len() + usize::try_from(params.content_length()).unwrap_or_default() + 64];
    let mut out = SliceWriter::new(&mut room);
    url.write_effective(&mut out, Some(&params));
    let text = out.finish().map_err(|needed| Error::BufferTooSmall { phase: Phase::Url, needed })?;
    Ok(String::from_utf8_lossy(text).into_owned())
}

/// Downloads to a target that can only be written from start to end.
fn into_writer(
    options: &Options,
    writer: &mut dyn Write,
    trust: &Trust,
    buffer: &mut [u8],
) -> Result<Downloaded, Failure> {
    let mut sink = Sequential::new(output::Writer(writer));
    Ok(send(options, &mut sink, None, trust, buffer)?)
}

fn send(
    options: &Options,
    sink: &mut dyn Sink,
    kept: Option<&(u64, Kept)>,
    trust: &Trust,
    buffer: &mut [u8],
) -> Result<Downloaded, Error> {
    let roots = trust.roots();
    let params: Vec<_> = options.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let progress = Progress::for_terminal();
    let mut show = |received, len| {
        if let Some(progress) = &progress {
            progress.downloaded(received, len);
        }
    };
    let mut jar = Jar::new();
    let mut inflater = Inflater::new();
    let mut session = session(options, CliNetwork::new(options.connect_to, progress.clone()), &mut jar);
    let mut request = session.get(&options.url).params(&params).tls(trust.config(&roots, &options.tls));
    for header in &options.headers {
        request = match header {
            HeaderArg::Set(name, value) => request.header(name, value),
            HeaderArg::Remove(name) => request.remove_header(name),
        };
    }
    let mut download = shared(request, options, &mut inflater).download(sink).on_progress(&mut show);
    if let Some(timeout) = options.timeout {
        download = download.timeout(timeout);
    }
    if let Some(timeout) = options.read_timeout {
        download = download.read_timeout(timeout);
    }
    if let Some(retries) = options.retries {
        download = download.attempts(retries.saturating_add(1));
    }
    if let Some(bytes) = options.range_piece {
        download = download.piece(bytes);
    }
    if let Some(digest) = options.sha256 {
        download = download.sha256(digest);
    }
    if let Some((offset, kept)) = kept {
        download = download.resume(*offset, kept.len, &kept.validator);
    }
    let result = download.send(buffer);
    if let Some(progress) = &progress {
        progress.finish();
    }
    jar.tell_dropped();
    result
}

// SPDX-License-Identifier: Apache-2.0
//! `--help` and `--version`.

use requests::config::{MAX_REDIRECTS, TIMEOUT_MS};

use crate::fetch::STREAM_BUFFER;
use crate::options::DEFAULT_BUFFER;

/// What `--version` prints.
pub const VERSION: &str = concat!("requests ", env!("CARGO_PKG_VERSION"), "\n");

/// What `--help` prints.
pub fn text() -> String {
    let (buffer, stream) = (DEFAULT_BUFFER >> 20, STREAM_BUFFER >> 10);
    format!(
        "\
Sends an HTTP request and shows the whole answer, or tells why there is none.

Usage:
  requests METHOD URL [OPTION]...
  requests download URL -o FILE [OPTION]...
  requests parse-url URL [--base URL]

METHOD is get, post or any other, in upper or lower case.

The request:
  -H, --header 'NAME: VALUE'  Adds a header, in place of a default one of that name.
                              'NAME:' removes a default header, 'NAME;' sends it empty.
  -d, --data TEXT|@FILE       Sends these bytes; @FILE sends a file as it is, @- standard input.
      --data-b64 BASE64       Sends the bytes that the base64 text stands for.
      --json JSON|@FILE       Sends JSON as it is written, with Content-Type: application/json.
      --form NAME=VALUE       Sends a form field; can be repeated.
      --file NAME=@FILE[;type=TYPE]
                              Sends a file, and the form's fields, as multipart/form-data; can
                              be repeated.
      --param NAME=VALUE      Adds a field to the URL's query; can be repeated.
  -u, --user USER:PASSWORD    Authenticates by user name and password (Basic).
      --digest                Proves the password of --user in place of sending it (Digest): the
                              request is sent, and once more where the server asks for that.
      --bearer TOKEN          Authenticates by a token.
      --cookies               Keeps the cookies that the server sets, and sends them back where they
                              belong, until the command ends: with redirects, with another try,
                              with the parts of a download. Without this none are kept.
                              -H 'Cookie: NAME=VALUE' sends those in place of kept ones.
      --compressed            Asks for content compressed by gzip or deflate, and decompresses it.

The exchange:
      --timeout MS            Bounds all of it, redirects included [default: {TIMEOUT_MS}].
      --max-redirects N       Follows at most N redirects; 0 shows the redirect itself
                              [default: {MAX_REDIRECTS}].
      --buffer BYTES          Memory for URL and answer [default: {buffer} MiB]. An answer that needs
                              more is an error, never cut.
      --connect-to ADDR:PORT  Connects to this address whatever host a URL names, without a
                              name look-up.
      --cacert FILE           Trusts these roots (PEM or DER) in place of the built-in ones; can be
                              repeated. SSL_CERT_FILE names a file to trust besides those.
      --cert FILE --key FILE  Identifies to the server by a certificate and its key (PEM or DER).
      --pin sha256//BASE64    Demands this key in the server's chain; can be repeated.
      --insecure              Does not verify the server's certificate at all.
      --tls-min 1.2|1.3       Speaks no older TLS than this [default: 1.2].
      --read-timeout MS       Bounds each wait for more of a body that is streamed, in place of
                              what is left of --timeout, and for an upload to go on, besides it.
      --retries N             Tries again up to N times, with growing waits, where the network
                              fails or the answer is 429, 502, 503 or 504; methods that are not
                              idempotent only if nothing was sent [default: 0].
      --stream                Passes the body on as it comes, through a buffer of {stream} KiB. JSON
                              needs -o FILE for that, and has bytes in place of body_b64.

The answer:
      --output text|json      For people: status line, headers, body; or one line of JSON with
                              status, reason, http_version, url, redirects, headers, body_b64 and
                              elapsed_ms, or error [default: text]. On a terminal, U+FFFD stands in
                              place of control characters that the server has sent.
  -o FILE                     Writes the body to FILE once it is there in full; -o - writes only
                              the body to standard output, and the headers to standard error.

  -h, --help                  Shows this text.
  -V, --version               Shows the version.

download:
  Fetches a file into FILE.part, and puts it in place of FILE once it is complete. Where the
  connection drops, the rest is asked for, as long as the file is the same on the server. All
  options that send no body can be given. --timeout bounds all of it and has no default;
  --read-timeout bounds each wait [default: {TIMEOUT_MS}]; --retries counts failures without
  progress [default: 4].
      --range-piece BYTES     Asks for at most so many bytes at a time.
      --compressed            As above, but neither with --range-piece nor with --continue: parts
                              cannot be decompressed. Where the connection drops, all is asked for.
      --sha256 HEX            Checks the file against this digest before it takes its place.
      --continue              Takes up what an earlier download of the same URL left in FILE.part.
                              FILE.part.json tells its URL, without user name and password.
      --output json           One line with file, bytes, resumed_from, requests, validator and
                              elapsed_ms, or error.

parse-url prints, as JSON, the parts of URL as it would be fetched.
With --base, URL may be relative.

Exit codes: 0 a whole answer, whatever its status; 1 the request failed, or memory ran out;
2 wrong usage.
NO_COLOR=1 turns colours off.
"
    )
}

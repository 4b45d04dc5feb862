// SPDX-License-Identifier: Apache-2.0
//! `--help` and `--version`.

use requests::config::{MAX_REDIRECTS, TIMEOUT_MS};

use crate::fetch::STREAM_BUFFER;
use crate::options::DEFAULT_BUFFER;

/// The text of `--version`.
pub const VERSION: &str = concat!("requests ", env!("CARGO_PKG_VERSION"), "\n");

/// The text of `--help`.
pub fn text() -> String {
    let (buffer, stream) = (DEFAULT_BUFFER >> 20, STREAM_BUFFER >> 10);
    format!(
        "\
Sends an HTTP request and prints the whole response, or says why there is none.

Usage:
  requests METHOD URL [OPTION]...
  requests download URL -o FILE [OPTION]...
  requests parse-url URL [--base URL]

METHOD is get, post or any other, in upper or lower case.

The request:
  -H, --header 'NAME: VALUE'  Adds a header. It replaces a default one of that name.
                              'NAME:' removes a default header, 'NAME;' sends an empty one.
  -d, --data TEXT|@FILE       Sends these bytes; @FILE sends a file, @- standard input.
      --data-b64 BASE64       Sends the decoded bytes of the base64 text.
      --json JSON|@FILE       Sends JSON unchanged, with Content-Type: application/json.
      --form NAME=VALUE       Sends a form field; can be repeated.
      --file NAME=@FILE[;type=TYPE]
                              Sends a file, and the form's fields, as multipart/form-data; can
                              be repeated.
      --param NAME=VALUE      Adds a field to the URL's query; can be repeated.
  -u, --user USER:PASSWORD    Authenticates by user name and password (Basic).
      --digest                Proves the password of --user instead of sending it (Digest). If the
                              server sends a challenge, the request is sent again.
      --bearer TOKEN          Authenticates by a token.
      --cookies               Keeps the cookies that the server sets until the command ends, and
                              sends them back with redirects, retries and the parts of a download.
                              Without this none are kept. -H 'Cookie: NAME=VALUE' sends that
                              instead of kept ones.
      --compressed            Asks for content compressed by gzip or deflate, and decompresses it.

The exchange:
      --timeout MS            Limits the whole exchange, including redirects [default: {TIMEOUT_MS}].
      --max-redirects N       Follows at most N redirects; 0 shows the redirect itself
                              [default: {MAX_REDIRECTS}].
      --buffer BYTES          Memory for URL and response [default: {buffer} MiB]. A response that
                              needs more is an error, and never cut.
      --connect-to ADDR:PORT  Connects to this address for every host, without a name look-up.
      --cacert FILE           Trusts these roots (PEM or DER) instead of the built-in ones; can be
                              repeated. SSL_CERT_FILE adds the roots of a file to the built-in ones.
      --cert FILE --key FILE  Identifies to the server by a certificate and its key (PEM or DER).
      --pin sha256//BASE64    Requires this key in the server's chain; can be repeated.
      --insecure              Does not verify the server's certificate at all.
      --tls-min 1.2|1.3       The oldest version of TLS to use [default: 1.2].
      --read-timeout MS       Limits each wait for more of a streamed body, instead of --timeout,
                              and each wait of an upload, in addition to --timeout.
      --retries N             Tries again up to N times, with growing waits, if the network fails
                              or the status is 429, 502, 503 or 504. If the method is not
                              idempotent, only if nothing was sent [default: 0].
      --stream                Prints the body as it arrives, through a buffer of {stream} KiB. JSON
                              needs -o FILE for that, and has bytes instead of body_b64.

The response:
      --output text|json      For humans: status line, headers, body; or one line of JSON with
                              status, reason, http_version, url, redirects, headers, body_b64 and
                              elapsed_ms, or error [default: text]. On a terminal, U+FFFD replaces
                              control characters from the server.
  -o FILE                     Writes the body to FILE when it is complete; -o - writes only the
                              body to standard output, and the headers to standard error.

  -h, --help                  Shows this text.
  -V, --version               Shows the version.

download:
  Downloads to FILE.part, and replaces FILE when the download is complete. If the connection
  drops, asks for the rest, as long as the file on the server is the same. All options that send
  no body can be used. --timeout limits the whole download and has no default; --read-timeout
  limits each wait [default: {TIMEOUT_MS}]; --retries counts failures without progress
  [default: 4].
      --range-piece BYTES     Asks for at most this many bytes at a time.
      --compressed            As above, but neither with --range-piece nor with --continue, because
                              parts cannot be decompressed. If the connection drops, starts again.
      --sha256 HEX            Checks the file against this digest before it replaces FILE.
      --continue              Resumes an earlier download of the same URL from FILE.part.
                              FILE.part.json contains its URL, without user name and password.
      --output json           One line with file, bytes, resumed_from, requests, validator and
                              elapsed_ms, or error.

parse-url prints the parts of URL as JSON, in the form that is requested.
With --base, URL may be relative.

Exit codes: 0 a complete response, with any status; 1 the request failed, or memory ran out;
2 wrong usage.
NO_COLOR=1 turns colours off.
"
    )
}

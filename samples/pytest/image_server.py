# SPDX-License-Identifier: Apache-2.0
"""A server of one file and its digest, for the sample download; needs nothing but Python.

    python3 image_server.py [--tls] FILE [PORT]

serves FILE as /image.bin, by ranges where it is asked to (RFC 9110 section 14), and what sha256sum says of it as
/image.bin.sha256. It drops each connection after 40,000 bytes, so that there is something to resume.
With --tls it speaks TLS 1.2, with a certificate by the authorities of the tests, which needs the `openssl` command.
"""

import contextlib
import hashlib
import re
import ssl
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import tls_peers


class _Handler(BaseHTTPRequestHandler):
    """Serves what the server has."""

    protocol_version = "HTTP/1.1"

    def setup(self):
        """Speak TLS where the server does."""
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_GET(self):
        """Serve the file or its digest."""
        if self.path == "/image.bin":
            self.send_image()
        elif self.path == "/image.bin.sha256" and self.server.digest is not None:
            text = f"{self.server.digest}  image.bin\n".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        else:
            self.send_error(404)

    def send_image(self):
        """Send all of the file, or a part, as far as the server's limit of bytes for a connection."""
        server = self.server
        image, tag = server.versions[min(len(server.requests), len(server.versions) - 1)]
        wanted = self.headers.get("Range")
        server.requests.append((wanted, self.headers.get("If-Range")))
        start = 0
        end = len(image)
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
        if match and server.has_ranges and self.headers.get("If-Range", tag) == tag:
            start = int(match[1])
            end = min(end, int(match[2] or end) + 1)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(image)}")
        else:
            self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(end - start))
        self.send_header("ETag", tag)
        self.end_headers()
        limit = server.limit if len(server.requests) <= server.drops else len(image)
        self.wfile.write(image[start : min(end, start + limit)])
        self.close_connection |= limit < end - start


class ImageServer(ThreadingHTTPServer):
    """Serves the versions of an image, each with its entity tag, one a request; the last one from then on."""

    daemon_threads = True

    def __init__(self, port, *images, digest=None, has_ranges=True, drops=0, limit=40_000, tls=None):
        super().__init__(("127.0.0.1", port), _Handler)
        self.versions = [(image, f'"{number}"') for number, image in enumerate(images, 1)]
        self.digest = digest
        self.has_ranges = has_ranges
        # So many requests for the image are dropped after so many bytes.
        self.drops = drops
        self.limit = limit
        # An ssl.SSLContext, where it speaks TLS.
        self.tls = tls
        # Range and If-Range of each request for the image.
        self.requests = []


def sha256(image):
    """The digest as sha256sum prints it."""
    return hashlib.sha256(image).hexdigest()


@contextlib.contextmanager
def image_server(port, *images, **options):
    """Run one."""
    with ImageServer(port, *images, **options) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def main():
    """Serve the file that the command line names."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--tls"]
    file = Path(arguments[0]).read_bytes()
    port = int(arguments[1]) if len(arguments) > 1 else 8000
    tls = None
    if "--tls" in sys.argv:
        with tempfile.TemporaryDirectory() as temporary:
            pair = tls_peers.issue_server(Path(temporary))
            tls = tls_peers.server_context(pair, ssl.TLSVersion.TLSv1_2)
    with image_server(port, file, digest=sha256(file), drops=sys.maxsize, tls=tls):
        threading.Event().wait()


if __name__ == "__main__":
    main()

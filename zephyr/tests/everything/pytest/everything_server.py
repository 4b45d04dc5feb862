# SPDX-License-Identifier: Apache-2.0
"""A server with something for every feature of the client: cookies, gzip, Digest authentication, files that break off,
answers that never come.

    python3 everything_server.py [PORT]

HTTP is at PORT, TLS 1.2 and TLS 1.3 at the two ports behind it, and a time server at the third.
"""

import contextlib
import gzip
import hashlib
import json
import re
import ssl
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[4] / "samples" / "pytest"))

import tls_peers  # noqa: E402
from echo_server import EchoHandler  # noqa: E402

IMAGE = bytes(number * 7 % 251 for number in range(100_003))
DIGEST = hashlib.sha256(IMAGE).hexdigest()
NONCE = "7c5a1e"
USER, PASSWORD = "demo", "secret-password"


def digest_response(fields, method):
    """What RFC 7616 section 3.4.1 makes of the fields of an Authorization line, with SHA-256 and qop=auth."""

    def hashed(*parts):
        return hashlib.sha256(":".join(parts).encode()).hexdigest()

    first = hashed(USER, "test", PASSWORD)
    return hashed(first, NONCE, fields["nc"], fields["cnonce"], "auth", hashed(method, fields["uri"]))


class Handler(EchoHandler):
    """Answers by the path."""

    def reply(self, status, body, *headers):
        """Send a response."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        """Answer a GET."""
        path = urlsplit(self.path).path
        answer = getattr(self, "get" + path.replace("/", "_").replace(".", "_"), None)
        if answer is None:
            super().do_GET()
        else:
            answer()

    def get_cookies_set(self):
        """A redirect that sets a cookie."""
        self.reply(302, b"", ("Set-Cookie", "id=42; Path=/"), ("Location", "/cookies"))

    def get_cookies(self):
        """The cookies that came."""
        self.answer(200, {"cookies": self.headers.get("Cookie", "")})

    def get_gzip(self):
        """Compressed JSON."""
        assert "gzip" in self.headers["Accept-Encoding"]
        body = gzip.compress(json.dumps({"text": "x" * 1000, "number": -1.5, "list": [1, 2, 3]}).encode())
        self.reply(200, body, ("Content-Encoding", "gzip"))

    def get_digest(self):
        """Digest authentication."""
        text = self.headers.get("Authorization", "")
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', text))
        if text.startswith("Digest ") and fields["response"] == digest_response(fields, "GET"):
            self.answer(200, {"user": fields["username"]})
            return
        challenge = f'Digest realm="test", nonce="{NONCE}", qop="auth", algorithm=SHA-256'
        self.reply(401, b"", ("WWW-Authenticate", challenge))

    def get_image_bin(self):
        """The image. The first connection breaks off in the middle, and ranges are answered."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(found[1]) if found else 0
        self.send_response(206 if found else 200)
        self.send_header("ETag", '"v1"')
        if found:
            self.send_header("Content-Range", f"bytes {start}-{len(IMAGE) - 1}/{len(IMAGE)}")
        self.send_header("Content-Length", str(len(IMAGE) - start))
        self.end_headers()
        if found:
            self.wfile.write(IMAGE[start:])
        else:
            self.wfile.write(IMAGE[: len(IMAGE) // 2])
            self.close_connection = True

    def get_whole_bin(self):
        """The image, without such a trap."""
        self.reply(200, IMAGE)

    def get_image_sha256(self):
        """Its digest, as sha256sum prints it."""
        self.reply(200, f"{DIGEST}  image.bin\n".encode())

    def get_lines(self):
        """A text in chunks."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in (b"one\n", b"two\n", b"three\n"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")

    def get_flaky(self):
        """The first answer to each device is an error."""
        self.server.flaky = not getattr(self.server, "flaky", False)
        if self.server.flaky:
            self.reply(503, b"")
        else:
            self.reply(200, b"ok")

    def get_silent(self):
        """No answer until the client gives up."""
        self.rfile.read(1)
        self.close_connection = True

    def do_POST(self):
        """Answer a POST, also one in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            super().do_POST()
            return
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        self.answer(200, {"data": body.decode()})

    def log_message(self, *_):
        """Nothing: pytest shows what the device says."""


def tls_server(port, pair, version):
    """The same by TLS."""
    context = tls_peers.server_context(pair, version)

    def behave(server, request, client_address):
        with tls_peers.handshake(context, request) as connection:
            Handler(connection, client_address, server)

    return tls_peers.running(tls_peers._Server(port, behave))


def http_server(port):
    """The same without TLS."""
    return tls_peers.running(
        tls_peers._Server(port, lambda server, request, address: Handler(request, address, server))
    )


@contextlib.contextmanager
def everything(port, folder):
    """All servers."""
    pair = tls_peers.issue_server(folder)
    with (
        http_server(port),
        tls_server(port + 1, pair, ssl.TLSVersion.TLSv1_2),
        tls_server(port + 2, pair, ssl.TLSVersion.TLSv1_3),
        tls_peers.time_server(port + 3),
    ):
        yield


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        with everything(int(sys.argv[1]) if len(sys.argv) > 1 else 18700, Path(temporary)):
            threading.Event().wait()

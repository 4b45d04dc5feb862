# SPDX-License-Identifier: Apache-2.0
"""TLS servers that behave and servers that do not, their certificates, and a time server.

    python3 tls_peers.py [PORT]

runs a server that answers like httpbin and speaks TLS 1.3, and says who the client is if that has a certificate.

Servers' certificates are made when they are needed, by the `openssl` command (3.0 or newer), and are valid for a day.
Everything listens on the loopback interface only.
"""

import contextlib
import os
import re
import shutil
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

from echo_server import EchoHandler

HOST = "127.0.0.1"
# The machine that simulates the board, as the board sees it.
NAMES = "DNS:localhost,IP:127.0.0.1,IP:10.0.2.2"
AUTHORITIES = Path(__file__).parent / "certs"
DAY = 24 * 60 * 60
SECONDS_FROM_1900_TO_1970 = 2_208_988_800


class Pair:
    """A certificate and its key in PEM files, and what to send besides the certificate."""

    def __init__(self, certificate, key, chain=()):
        self.certificate = certificate
        self.key = key
        self.chain = list(chain)

    def bundle(self):
        """A file of the certificate and what is to be sent with it."""
        path = self.certificate.with_suffix(".chain")
        path.write_text("".join(part.read_text() for part in [self.certificate, *self.chain]))
        return path


def authority(kind):
    """One of the authorities that the samples are built with: "rsa" or "ec"."""
    return Pair(AUTHORITIES / f"root-{kind}.pem", AUTHORITIES / f"root-{kind}-test-only.key")


def issue(folder, name, kind, extensions, issuer=None, subject=None, days=1, key=None):
    """Make a key, unless one is given, and a certificate, signed by itself if there is no issuer."""
    pair = Pair(folder / f"{name}.pem", key or folder / f"{name}.key")
    config = folder / "openssl.cnf"
    config.write_text("[req]\ndistinguished_name = dn\n[dn]\n")
    command = ["openssl", "req", "-x509", "-nodes", "-config", config, "-subj", f"/CN={subject or f'Test {name}'}"]
    if key is None:
        command += ["-newkey", *{"rsa": ["rsa:2048"], "ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}[kind]]
        command += ["-keyout", pair.key]
    else:
        command += ["-key", key]
    command += ["-out", pair.certificate, "-days", str(days)]
    if issuer is not None:
        command += ["-CA", issuer.certificate, "-CAkey", issuer.key]
    for extension in extensions:
        command += ["-addext", extension]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return pair


AUTHORITY = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"]


def issue_authority(folder, name, kind, issuer=None, extensions=AUTHORITY, **more):
    """Make an authority."""
    return issue(folder, name, kind, extensions, issuer, **more)


def issue_server(folder, kind="ec", names=NAMES, root=None, has_chain=True):
    """Make a server's certificate, by an intermediate authority."""
    between = issue_authority(folder, "intermediate", kind, root or authority(kind))
    extensions = [f"subjectAltName={names}", "extendedKeyUsage=serverAuth"]
    pair = issue(folder, "server", kind, extensions, between)
    if has_chain:
        pair.chain = [between.certificate]
    return pair


class _Server(ThreadingHTTPServer):
    """Deals with each connection by a function, in a thread of its own."""

    daemon_threads = True

    def __init__(self, port, behave):
        super().__init__((HOST, port), EchoHandler)
        self.behave = behave

    def finish_request(self, request, client_address):
        """Called in the connection's thread."""
        self.behave(self, request, client_address)

    def handle_error(self, request, client_address):
        """A client that ends the connection is what the tests are about."""


@contextlib.contextmanager
def running(server):
    """Run a server of the standard library in a thread."""
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Handler(EchoHandler):
    """Answers like httpbin, and says who the client is."""

    def echo(self):
        """What is in the request and in the handshake."""
        echo = super().echo()
        echo["url"] = echo["url"].replace("http:", "https:", 1)
        certificate = self.connection.getpeercert() or {}
        names = dict(part for name in certificate.get("subject", ()) for part in name)
        return {"client": names.get("commonName"), "tls": self.connection.version()} | echo


def server_context(pair, version, clients=None, mode=ssl.CERT_REQUIRED):
    """How Python's ssl speaks TLS: with this certificate, in this version, with clients of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if version < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(pair.bundle(), pair.key)
    if clients is not None:
        context.verify_mode = mode
        context.load_verify_locations(clients)
    return context


@contextlib.contextmanager
def handshake(context, request):
    """The TLS connection over a socket. After a failure it leaves it to the client to close, which has read the alert
    then: closed with something unread, the connection is reset, and what was sent last is lost."""
    connection = context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
    try:
        connection.do_handshake()
    except OSError:
        with socket.socket(fileno=connection.detach()) as rest:
            rest.settimeout(5)
            while rest.recv(4096):
                pass
        raise
    with connection:
        yield connection


def echo_server(port, pair, version=ssl.TLSVersion.TLSv1_3, clients=None, mode=ssl.CERT_REQUIRED):
    """A server that answers like httpbin."""
    context = server_context(pair, version, clients, mode)

    def behave(server, request, client_address):
        with handshake(context, request) as connection:
            _Handler(connection, client_address, server)
            connection.settimeout(5)
            with contextlib.suppress(OSError):
                connection.unwrap()

    return running(_Server(port, behave))


def truncating_server(port, pair, version=ssl.TLSVersion.TLSv1_3, says_goodbye=False):
    """A server whose connection ends in the middle of a response without a length, with no close_notify unless it says
    goodbye."""
    context = server_context(pair, version)

    def behave(_server, request, _client_address):
        with handshake(context, request) as connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhalf of the ans")
            if says_goodbye:
                connection.settimeout(5)
                connection.unwrap()
                return
            # What is left unread would turn the end of the stream into a reset.
            connection.settimeout(0.1)
            with contextlib.suppress(OSError):
                connection.recv(4096)

    return running(_Server(port, behave))


def silent_server(port):
    """A server that accepts connections and says nothing."""

    def behave(_server, request, _client_address):
        while request.recv(4096):
            pass

    return running(_Server(port, behave))


def _wait_for(process, port):
    """Wait until a server listens."""
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection((HOST, port)):
            return
        assert process.poll() is None, "the server has ended"
        time.sleep(0.1)


@contextlib.contextmanager
def _process(command, port, cwd):
    with subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(process, port)
            yield
        finally:
            process.terminate()


def openssl_server(folder, port, pair, version):
    """`openssl s_server`, which serves a file called `get`."""
    (folder / "get").write_text("from openssl s_server\n")
    command = ["openssl", "s_server", "-accept", f"{HOST}:{port}", "-WWW", "-cert", pair.certificate]
    command += ["-key", pair.key, "-cert_chain", pair.bundle(), f"-tls{version}"]
    return _process(command, port, folder)


@contextlib.contextmanager
def openssl_counting_server(port, pair, version):
    """`openssl s_server`, which answers a request with its method and the length of its body."""
    command = ["openssl", "s_server", "-quiet", "-accept", f"{HOST}:{port}", "-cert", pair.certificate]
    command += ["-key", pair.key, "-cert_chain", pair.bundle(), f"-tls{version}"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}

    def answer(process):
        while request := process.stdout.readline():
            length = 0
            while (line := process.stdout.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = process.stdout.read(length)
            text = f"{request.split()[0].decode()} {len(body)} bytes\n"
            process.stdin.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
            process.stdin.flush()

    with subprocess.Popen(command, **pipes) as process:
        try:
            threading.Thread(target=answer, args=[process], daemon=True).start()
            _wait_for(process, port)
            yield
        finally:
            process.terminate()


def find_nginx():
    """Path of nginx, which is not always where the shell looks for it."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def nginx_server(folder, port, pair, versions):
    """nginx, which answers with the request's method and the version of TLS."""
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 16; }}
        http {{
            access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
            ssl_protocols {versions}; ssl_certificate {pair.bundle()}; ssl_certificate_key {pair.key};
            server {{ listen {HOST}:{port} ssl; location / {{ return 200 "$request_method $ssl_protocol\\n"; }} }}
        }}
        """
    )
    return _process([find_nginx(), "-p", folder, "-c", folder / "nginx.conf"], port, folder)


class _TimeHandler(socketserver.BaseRequestHandler):
    """Answers a query of RFC 4330."""

    def handle(self):
        query, sock = self.request
        now = (int(time.time() + self.server.offset) + SECONDS_FROM_1900_TO_1970) % 2**32
        stamp = struct.pack(">II", now, 0)
        # Version 4, mode 4: a server; of stratum 1.
        head = struct.pack(">BBbbII4s", 0x24, 1, 0, -20, 0, 0, b"TEST")
        sock.sendto(head + stamp + query[40:48] + stamp + stamp, self.client_address)


def time_server(port, offset=0):
    """A time server whose clock is wrong by this many seconds."""
    socketserver.ThreadingUDPServer.allow_reuse_address = True
    server = socketserver.ThreadingUDPServer((HOST, port), _TimeHandler)
    server.offset = offset
    return running(server)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        own = issue_server(Path(temporary))
        any_client = {"clients": authority("ec").certificate, "mode": ssl.CERT_OPTIONAL}
        with echo_server(int(sys.argv[1]) if len(sys.argv) > 1 else 8443, own, **any_client):
            threading.Event().wait()


def assert_heap(line: str, size: int):
    """The heap of mbedTLS was given back but for a block that PSA keeps, and was never nearly full."""
    peak, used = re.fullmatch(r"Heap of mbedTLS: (\d+) bytes at most, (\d+) now", line).groups()
    assert int(used) <= 512, line
    assert int(peak) <= size * 9 // 10, f"{line}, of {size}"

# SPDX-License-Identifier: Apache-2.0
"""A server that answers like httpbin, and keeps books of its connections: how many requests each had, and by TLS
whether it resumed a session.

It can end connections in all the ways that servers have.
"""

import contextlib
import socket
import ssl
import threading
from http.server import ThreadingHTTPServer

from echo_server import EchoHandler
from tls_peers import HOST, handshake, server_context


class Connection:
    """What is known of a connection."""

    def __init__(self, resumed):
        self.resumed = resumed
        self.requests = 0


class _Handler(EchoHandler):
    """Answers like httpbin, until the connection is to end."""

    def setup(self):
        """Called before the first request. A connection that is idle for longer is closed without a word."""
        self.timeout = self.server.idle_seconds
        super().setup()

    def do_GET(self):
        """Answer, and count."""
        self.server.connections[-1].requests += 1
        super().do_GET()

    def end_headers(self):
        """The last answer of a connection says so."""
        if self.server.connections[-1].requests == self.server.requests_per_connection:
            self.send_header("Connection", "close")
        super().end_headers()


class KeepingServer(ThreadingHTTPServer):
    """A server for one client, which opens one connection after the other."""

    daemon_threads = True

    def __init__(self, port, idle_seconds=None, requests_per_connection=None, context=None):
        super().__init__((HOST, port), _Handler)
        self.idle_seconds = idle_seconds
        self.requests_per_connection = requests_per_connection
        self.context = context
        self.connections = []
        self.open_sockets = set()

    def finish_request(self, request, client_address):
        """Called in the connection's thread."""
        is_plain = self.context is None
        with contextlib.nullcontext(request) if is_plain else handshake(self.context, request) as connection:
            self.connections.append(Connection(False if is_plain else connection.session_reused))
            self.open_sockets.add(connection)
            try:
                _Handler(connection, client_address, self)
                if not is_plain:
                    connection.settimeout(0.1)
                    connection.unwrap()
            finally:
                self.open_sockets.discard(connection)

    def handle_error(self, request, client_address):
        """A connection that breaks is what the tests are about."""

    def server_close(self):
        """Ends all connections too, as a process that ends does."""
        super().server_close()
        for open_socket in list(self.open_sockets):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def keeping_server(port, pair=None, **options):
    """Run one; by TLS 1.3 if there is a certificate."""
    context = None if pair is None else server_context(pair, ssl.TLSVersion.TLSv1_3)
    with KeepingServer(port, context=context, **options) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()

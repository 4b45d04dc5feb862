# SPDX-License-Identifier: Apache-2.0
"""A server on a free port of the loopback interface, for tests and the demo.

    serve.py files DIRECTORY    Python's own http.server, which serves the files in DIRECTORY
    serve.py ranges FILE        FILE at any path, by an entity tag; parts of it where Range and If-Range ask for them
    serve.py httpbin            httpbin, which echoes requests
    serve.py gunicorn           httpbin behind gunicorn, which takes chunked requests
    serve.py refuse CHAIN KEY   a TLS server that reads a little, answers 413, and does nothing more

The port is printed once connections are taken. The server ends when its standard input does, so it never
outlives what has started it.
"""

import functools
import hashlib
import http.server
import logging
import os
import re
import signal
import socket
import ssl
import sys
import threading


def file_server(directory):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Handler, directory=directory)
    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)


def range_server(path):
    with open(path, "rb") as file:
        content = file.read()
    tag = '"%s"' % hashlib.sha256(content).hexdigest()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            start = 0
            wanted = re.fullmatch("bytes=([0-9]+)-", self.headers.get("Range", ""))
            if wanted and self.headers.get("If-Range") == tag:
                start = int(wanted[1])
            size = len(content)
            if start > 0 and start >= size:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{size}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(size - start))
            self.end_headers()
            try:
                self.wfile.write(content[start:])
            except OSError:
                self.close_connection = True

        def log_message(self, *_):
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def httpbin_server():
    logging.disable(logging.WARNING)
    from httpbin import app
    from werkzeug.serving import make_server

    return make_server("127.0.0.1", 0, app, threaded=True)


def gunicorn():
    """Runs until this process is told to end."""
    logging.disable(logging.WARNING)
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):
        def load_config(self):
            self.cfg.set("bind", "127.0.0.1:0")
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", 4)
            self.cfg.set("loglevel", "critical")
            self.cfg.set("when_ready", lambda arbiter: announce(arbiter.LISTENERS[0].sock.getsockname()[1]))

        def load(self):
            from httpbin import app

            return app

    def end_with_parent():
        sys.stdin.read()
        os.kill(arbiter, signal.SIGTERM)

    arbiter = os.getpid()
    threading.Thread(target=end_with_parent, daemon=True).start()
    Application().run()


class Refusing:
    def __init__(self, chain, key):
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(chain, key)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.server_address = self.socket.getsockname()
        self.connections = []

    def serve_forever(self):
        while True:
            connection = self.context.wrap_socket(self.socket.accept()[0], server_side=True)
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nmuch")
            # It would be closed if nobody had it.
            self.connections.append(connection)


def announce(port):
    print(port, flush=True)


def main(arguments):
    match arguments:
        case ["files", directory]:
            server = file_server(directory)
        case ["ranges", path]:
            server = range_server(path)
        case ["httpbin"]:
            server = httpbin_server()
        case ["gunicorn"]:
            return gunicorn()
        case ["refuse", chain, key]:
            server = Refusing(chain, key)
        case _:
            sys.exit(__doc__)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    announce(server.server_address[1])
    sys.stdin.read()


main(sys.argv[1:])

# SPDX-License-Identifier: Apache-2.0
"""A server on a free port of the loopback interface, for tests and the demo.

    serve.py files DIRECTORY    Python's own http.server, which serves the files in DIRECTORY
    serve.py ranges FILE        FILE at any path, by an entity tag; parts of it where Range and If-Range ask for them
    serve.py httpbin            httpbin, which echoes requests
    serve.py gunicorn           httpbin behind gunicorn, which takes chunked requests
    serve.py digest             asks for Digest authentication, in the way that the path says
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
import secrets
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


def digest_server():
    """Answers /ALGORITHM/USES/STYLE/… to "user" with "secret": a nonce is good for so many requests, whose counts must
    rise. The answer is what it has seen: how many requests so far, the count shown, and the length of the body."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            _, algorithm, uses, style, *_ = self.path.split("/")
            with lock:
                seen[self.path] = seen.get(self.path, 0) + 1
                verdict = self.check(algorithm, style, body)
                text = f"{seen[self.path]} {verdict} {len(body)}".encode()
                good = isinstance(verdict, int)
                self.send_response(200 if good else 401)
                if not good:
                    nonce = self.new_nonce(int(uses))
                    self.send_header("WWW-Authenticate", 'Basic realm="b"')
                    self.send_header("WWW-Authenticate", self.challenge(algorithm, style, nonce, verdict))
                elif style == "next":
                    self.send_header("Authentication-Info", f'qop=auth, nextnonce="{self.new_nonce(int(uses))}"')
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def new_nonce(self, uses):
            nonce = secrets.token_urlsafe(24) + "=="
            nonces[nonce] = [0, uses]
            return nonce

        def challenge(self, algorithm, style, nonce, verdict):
            parameters = {"realm": '"a, \\"realm\\""', "nonce": f'"{nonce}"', "opaque": '"o=o"'}
            if algorithm != "none":
                parameters["algorithm"] = algorithm
            if style not in ("noqop",):
                parameters["qop"] = {"int": '"auth-int"', "empty": '""'}.get(style, '"auth,auth-int"')
            if verdict == "stale":
                parameters["stale"] = "true"
            if style == "userhash":
                parameters |= {"userhash": "true", "charset": "UTF-8"}
            if style == "unquoted":
                parameters |= {"nonce": nonce, "qop": "auth"}
            separator = " " if style == "nocommas" else ", "
            return "Digest " + separator.join(f"{name}={value}" for name, value in parameters.items())

        def check(self, algorithm, style, body):
            """The count that was shown, or what is wrong."""
            shown = self.headers.get("Authorization", "")
            if not shown.startswith("Digest "):
                return "none"
            pattern = r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))(?:, |$)'
            given = {m[1]: re.sub(r"\\(.)", r"\1", m[2]) if m[2] is not None else m[3] for m in re.finditer(pattern, shown[7:])}
            digest = hashlib.sha256 if algorithm.startswith("SHA-256") else hashlib.md5

            def h(*texts):
                return digest(":".join(texts).encode()).hexdigest()

            realm = 'a, "realm"'
            user = h("user", realm) if style == "userhash" else "user"
            has_qop = style not in ("noqop", "empty")
            if (
                (given["username"], given["realm"], given["uri"], given["opaque"]) != (user, realm, self.path, "o=o")
                or given.get("algorithm", "none") != algorithm
                or ("qop" in given) != has_qop
                or given.get("userhash") != ("true" if style == "userhash" else None)
            ):
                return "wrong"
            a1 = h("user", realm, "secret")
            if algorithm.endswith("-sess"):
                a1 = h(a1, given["nonce"], given["cnonce"])
            a2 = h(self.command, self.path)
            middle = [given["nc"], given["cnonce"], "auth"] if has_qop else []
            if given["response"] != h(a1, given["nonce"], *middle, a2):
                return "wrong"
            state = nonces.get(given["nonce"])
            count = int(given["nc"], 16) if has_qop else (state[0] + 1 if state else 1)
            if not state or state[1] == 0 or count <= state[0]:
                return "stale"
            state[:] = [count, state[1] - 1]
            return count

        def log_message(self, *_):
            pass

    lock = threading.Lock()
    seen, nonces = {}, {}
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
        case ["digest"]:
            server = digest_server()
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

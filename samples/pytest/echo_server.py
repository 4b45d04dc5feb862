# SPDX-License-Identifier: Apache-2.0
"""A small HTTP server that answers like httpbin, for the samples; needs nothing but Python.

    python3 echo_server.py [PORT]

GET /get and POST /post are answered by a JSON object that repeats what came in the request: url,
origin, headers, args; for POST also json, form, files and data.
"""

import json
import sys
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


def parse_multipart(content_type, body):
    """Return the fields and the files of a multipart/form-data body, by name."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = message_from_bytes(head + body, policy=policy.HTTP)
    form, files = {}, {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True).decode()
        (form if part.get_filename() is None else files)[name] = content
    return form, files


class EchoHandler(BaseHTTPRequestHandler):
    """Answers requests by what was in them."""

    protocol_version = "HTTP/1.1"

    def echo(self):
        """What httpbin says about any request."""
        return {
            "args": dict(parse_qsl(urlsplit(self.path).query)),
            "headers": dict(self.headers.items()),
            "origin": self.client_address[0],
            "url": f"http://{self.headers['Host']}{self.path}",
        }

    def answer(self, status, content):
        """Send a response with a JSON body."""
        body = json.dumps(content, indent=2).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        """Answer GET /get."""
        if urlsplit(self.path).path == "/get":
            self.answer(200, self.echo())
        else:
            self.answer(404, {"error": "there are /get and /post only"})

    def do_POST(self):
        """Answer POST /post."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if urlsplit(self.path).path != "/post":
            self.answer(404, {"error": "there are /get and /post only"})
            return

        echo = self.echo() | {"data": "", "files": {}, "form": {}, "json": None}
        content_type = self.headers.get("Content-Type", "")
        if content_type.startswith("multipart/form-data"):
            echo["form"], echo["files"] = parse_multipart(content_type, body)
        elif content_type.startswith("application/x-www-form-urlencoded"):
            echo["form"] = dict(parse_qsl(body.decode()))
        else:
            echo["data"] = body.decode()
        if content_type.startswith("application/json"):
            echo["json"] = json.loads(body)
        self.answer(200, echo)


class EchoServer(ThreadingHTTPServer):
    """Listens on the loopback interface only."""

    daemon_threads = True

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), EchoHandler)


if __name__ == "__main__":
    EchoServer(int(sys.argv[1]) if len(sys.argv) > 1 else 8000).serve_forever()

# SPDX-License-Identifier: Apache-2.0
"""A server that reads requests by h11, and multipart bodies by three parsers.

    judge.py

It answers with JSON: what it has read, or 400 with what is wrong with the request. h11 is strict: it refuses what RFC
9112 does not allow. The port is printed once connections are taken. The server ends when its standard input does.
"""

import base64
import hashlib
import io
import json
import socketserver
import sys
import threading

import h11


def parts_by_werkzeug(content_type, body):
    from werkzeug.formparser import FormDataParser
    from werkzeug.http import parse_options_header

    mimetype, options = parse_options_header(content_type)
    _, form, files = FormDataParser(silent=False).parse(io.BytesIO(body), mimetype, len(body), options)
    parts = [(name, None, value.encode()) for name, value in form.items(multi=True)]
    return parts + [(name, file.filename, file.read()) for name, file in files.items(multi=True)]


def parts_by_multipart(content_type, body):
    from multipart import MultipartParser, parse_options_header

    _, options = parse_options_header(content_type)
    parser = MultipartParser(io.BytesIO(body), options["boundary"], len(body), strict=True)
    return [(part.name, part.filename, part.raw) for part in parser]


def parts_by_python_multipart(content_type, body):
    import python_multipart

    parts = []

    def on_field(field):
        parts.append((field.field_name.decode(), None, field.value or b""))

    def on_file(file):
        file.file_object.seek(0)
        parts.append((file.field_name.decode(), file.file_name.decode(), file.file_object.read()))

    headers = {"Content-Type": content_type.encode(), "Content-Length": str(len(body)).encode()}
    python_multipart.parse_form(headers, io.BytesIO(body), on_field, on_file)
    return parts


PARSERS = {
    "werkzeug": parts_by_werkzeug,
    "multipart": parts_by_multipart,
    "python_multipart": parts_by_python_multipart,
}


def read_parts(parser, content_type, body):
    """The parts in an order that does not depend on the parser."""
    parts = [[name, filename, base64.b64encode(content).decode()] for name, filename, content in parser(content_type, body)]
    return sorted(parts, key=lambda part: (part[0], part[1] or "", part[2]))


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.connection = h11.Connection(our_role=h11.SERVER)
        try:
            while self.serve():
                self.connection.start_next_cycle()
        except h11.RemoteProtocolError as error:
            self.refuse(str(error))
        except OSError:
            pass

    def next_event(self):
        while True:
            event = self.connection.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self.connection.they_are_waiting_for_100_continue:
                self.send(h11.InformationalResponse(status_code=100, headers=[]))
            self.connection.receive_data(self.request.recv(65536))

    def send(self, event):
        self.request.sendall(self.connection.send(event) or b"")

    def serve(self):
        """Answers a request. Returns whether another one can follow."""
        request = self.next_event()
        if not isinstance(request, h11.Request):
            return False
        body, chunks = b"", 0
        while isinstance(event := self.next_event(), h11.Data):
            body += event.data
            chunks += 1
        headers = [[name.decode(), value.decode("latin-1")] for name, value in request.headers]
        answer = {
            "method": request.method.decode(),
            "target": request.target.decode(),
            "version": request.http_version.decode(),
            "headers": headers,
            "sha256": hashlib.sha256(body).hexdigest(),
            "length": len(body),
        }
        content_type = dict(headers).get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            answer["parts"] = {name: read_parts(parser, content_type, body) for name, parser in PARSERS.items()}
        text = json.dumps(answer).encode()
        self.send(h11.Response(status_code=200, headers=[("Content-Length", str(len(text)))]))
        self.send(h11.Data(data=text if request.method != b"HEAD" else b""))
        self.send(h11.EndOfMessage())
        return self.connection.our_state is h11.DONE and self.connection.their_state is h11.DONE

    def refuse(self, reason):
        head = f"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: {len(reason)}\r\n\r\n"
        self.request.sendall(head.encode() + reason.encode())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()

# SPDX-License-Identifier: Apache-2.0
"""A server of events, for the sample stream_events; needs nothing but Python.

    python3 event_server.py [PORT]

GET /events sends an event each second and breaks off after five of them; the next request goes on where
`Last-Event-ID` says.
"""

import contextlib
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    """Sends what the server's function yields: text, or the seconds of a pause."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Send in chunks; only a function that returns True ends the stream as it should be ended."""
        last_id = self.headers.get("Last-Event-ID")
        self.server.last_ids.append(last_id)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with contextlib.suppress(OSError):
            self.close_connection = not self.send_all(self.server.script(len(self.server.last_ids), last_id))
            return
        self.server.client_gone.set()

    def send_all(self, script):
        """Send the parts of a stream."""
        while True:
            try:
                part = next(script)
            except StopIteration as end:
                if end.value:
                    self.wfile.write(b"0\r\n\r\n")
                return end.value
            if isinstance(part, str):
                content = part.encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
            else:
                time.sleep(part)


class EventServer(ThreadingHTTPServer):
    """`script` is called with the number of the request and its Last-Event-ID, and yields what is sent."""

    daemon_threads = True

    def __init__(self, port, script):
        super().__init__(("127.0.0.1", port), _Handler)
        self.script = script
        # Of each request.
        self.last_ids = []
        # Set as soon as the server finds out.
        self.client_gone = threading.Event()


@contextlib.contextmanager
def event_server(port, script):
    """Run one."""
    with EventServer(port, script) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _five_events(_number, last_id):
    """What is sent to who asks without a test."""
    first = int(last_id or 0) + 1
    yield ": events, one a second\nretry: 500\n\n"
    for event_id in range(first, first + 5):
        yield f"id: {event_id}\ndata: event {event_id}\ndata: at {time.strftime('%H:%M:%S')}\n\n"
        yield 1
    return False


if __name__ == "__main__":
    with event_server(int(sys.argv[1]) if len(sys.argv) > 1 else 8000, _five_events):
        threading.Event().wait()

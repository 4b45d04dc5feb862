# SPDX-License-Identifier: Apache-2.0
"""A server on a free port of the loopback interface, for tests and the demo.

    serve.py files DIRECTORY    Python's own http.server, which serves the files in DIRECTORY
    serve.py httpbin            httpbin, which echoes requests

The port is printed once connections are taken. The server ends when its standard input does, so it never
outlives what has started it.
"""

import functools
import http.server
import logging
import sys
import threading


def file_server(directory):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Handler, directory=directory)
    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)


def httpbin_server():
    logging.disable(logging.WARNING)
    from httpbin import app
    from werkzeug.serving import make_server

    return make_server("127.0.0.1", 0, app, threaded=True)


def main(arguments):
    match arguments:
        case ["files", directory]:
            server = file_server(directory)
        case ["httpbin"]:
            server = httpbin_server()
        case _:
            sys.exit(__doc__)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main(sys.argv[1:])

# SPDX-License-Identifier: Apache-2.0
"""TCP peers and a name server for the test of the port layer, all on the loopback interface."""

import socket
import struct
import threading
import time

HOST = "127.0.0.1"


def echo(connection):
    """Send back what is received."""
    while received := connection.recv(4096):
        connection.sendall(received)
    connection.close()


def reset(connection):
    """Reset the connection after a while."""
    time.sleep(0.1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Peers:
    """The peers from a port on, in the order of `enum peer`; the name server has the first port too."""

    def __init__(self, port):
        self.kept = []
        for offset, behave in enumerate([echo, self.kept.append, reset, socket.socket.close]):
            self.serve(port + offset, behave)
        self.dig_hole(port + 4)
        names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        names.bind((HOST, port))
        threading.Thread(target=answer_queries, args=[names], daemon=True).start()

    def serve(self, port, behave):
        """Have each connection to a port dealt with in a thread of its own."""
        listener = socket.create_server((HOST, port))
        # A small buffer, so that it takes little to fill it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

        def accept():
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=behave, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()

    def dig_hole(self, port):
        """Listen on a port whose queue of connections is full, so that the kernel ignores more of them."""
        listener = socket.create_server((HOST, port), backlog=0)
        self.kept.append(listener)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((HOST, port))
            self.kept.append(filler)


def resource_record(record_type, content):
    """A resource record for the name in the question (RFC 1035 section 4.1.3)."""
    return struct.pack(">HHHIH", 0xC00C, record_type, 1, 60, len(content)) + content


def answer_queries(names):
    """Answer queries for addresses by what their name says."""
    asked = set()
    while True:
        query, sender = names.recvfrom(512)
        end = query.index(0, 12)
        name = query[13:end].decode().lower()
        no_error, server_failure, name_error, not_implemented, refused = 0x8180, 0x8182, 0x8183, 0x8184, 0x8185
        flags, answers = no_error, []
        if name.startswith("silent"):
            continue
        is_asked_again = name in asked
        asked.add(name)
        if name.startswith("lost-once") and not is_asked_again:
            continue
        if name.startswith("alias"):
            answers = [resource_record(5, b"\x05other\x04test\x00")]
        elif name.startswith("nowhere"):
            flags = name_error
        elif name.startswith("no-address"):
            pass
        elif name.startswith("notimp"):
            flags = not_implemented
        elif name.startswith("servfail") and not (is_asked_again and "once" in name):
            flags = server_failure
        elif name.startswith("refused") and not (is_asked_again and "once" in name):
            flags = refused
        else:
            answers = [resource_record(1, bytes([192, 0, 2, host])) for host in (1, 2)]
        head = query[:2] + struct.pack(">HHHHH", flags, 1, len(answers), 0, 0)
        names.sendto(head + query[12 : end + 5] + b"".join(answers), sender)

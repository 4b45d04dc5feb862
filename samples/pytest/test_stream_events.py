# SPDX-License-Identifier: Apache-2.0
"""The sample stream_events, with a server whose streams end in all ways."""

import re
from urllib.parse import urlsplit

import pytest
from event_server import event_server
from twister_harness import DeviceAdapter


def script(number, _last_id):
    """What the server sends to each of the sample's requests."""
    if number == 1:
        yield ": welcome\nretry: 300\n\nid: 1\ndata: first\n\n"
        yield 0.3
        yield ": still here\nevent: alarm\nid: 2\n"
        yield 0.3
        yield "data: boiler\ndata:  too hot\r\n\r\nid: 3\ndata: cut"
        return False
    if number == 2:
        yield "id: 3\rdata: whole\r\r"
        return True
    if number == 3:
        yield 'id: 4\ndata: {"long": "' + "x" * 600 + '"}\n\nid: 5\ndata: short\n\n'
        yield 4
        return False
    yield "event: last\ndata: without an id\n\n"
    while True:
        yield ": alive\n"
        yield 0.1


@pytest.fixture
def server(sample_url: str):
    """A server that has to be asked for before the fixture `dut`."""
    with event_server(urlsplit(sample_url).port, script) as events:
        yield events


def ms_until_ended(line):
    """How long it took from the token to the end of the request."""
    return int(re.match(r"Cancelled (\d+) ms ago", line)[1])


def test_events(server, dut: DeviceAdapter):
    """It prints each event once, opens the stream again behind the last one, and ends when it is told to."""
    lines = dut.readlines_until(regex=r"^Cancelled ", timeout=60)
    start = next(number for number, line in enumerate(lines) if line.startswith("GET "))
    assert lines[start + 1 : -1] == [
        "200 OK",
        'Event "1", message:',
        "    first",
        'Event "2", alarm:',
        "    boiler",
        "     too hot",
        "The stream has failed: the server closed the connection after 119 bytes of an incomplete body",
        'Opening it again in 300 ms, behind event "2"',
        "200 OK",
        'Event "3", message:',
        "    whole",
        "The stream has ended",
        'Opening it again in 300 ms, behind event "3"',
        "200 OK",
        "an event did not fit into the buffer: it needs at least 614 bytes",
        'Event "5", message:',
        "    short",
        "The stream has failed: the request timed out (receive)",
        'Opening it again in 300 ms, behind event "5"',
        "200 OK",
        'Event "5", last:',
        "    without an id",
    ]
    assert server.last_ids == [None, "2", "3", "5"]
    assert lines[-1].endswith("(phase: receive)")
    assert ms_until_ended(lines[-1]) <= 100
    assert server.client_gone.wait(10), "the connection is still open"


def test_cancelled_between_attempts(sample_url: str, dut: DeviceAdapter):
    """Without a server it goes on trying; the wait is cancelled too."""
    lines = dut.readlines_until(regex=r"^Cancelled ", timeout=60)
    refused = [line for line in lines if line.startswith("The stream has failed: cannot connect: connection refused")]
    assert len(refused) >= 2, lines
    assert lines[-1].endswith("while waiting")
    assert ms_until_ended(lines[-1]) <= 100

# SPDX-License-Identifier: Apache-2.0
"""The sample session by TLS 1.3: one full handshake, whatever becomes of the connections."""

from urllib.parse import urlsplit

import pytest
import tls_peers
from keeping_server import keeping_server
from twister_harness import DeviceAdapter

POLLS = 6


@pytest.fixture(autouse=True)
def clock(time_port: int):
    """A time server."""
    with tls_peers.time_server(time_port):
        yield


@pytest.fixture
def server(request, tmp_path, sample_url: str):
    """A server that behaves as the test's parameter says."""
    kind, options = request.param
    pair = tls_peers.issue_server(tmp_path, kind)
    with keeping_server(urlsplit(sample_url).port, pair, **options) as keeping:
        yield keeping


@pytest.mark.parametrize("server", [("rsa", {}), ("ec", {})], indirect=True, ids=["rsa", "ec"])
def test_one_connection(server, heap_size: int, dut: DeviceAdapter):
    """All requests go over one connection, and the heap of mbedTLS is never nearly full."""
    lines = dut.readlines_until(regex=r"^Done: ", timeout=90)
    assert lines[-1] == f"Done: {POLLS} polls, connections opened: 1", lines
    assert [(connection.requests, connection.resumed) for connection in server.connections] == [(POLLS, False)]
    peaks = [int(line.split()[3]) for line in lines if line.startswith("Heap of mbedTLS: ")]
    assert peaks and max(peaks) <= heap_size * 9 // 10, (peaks, heap_size)


@pytest.mark.parametrize(
    "server",
    [("rsa", {"idle_seconds": 0.4}), ("ec", {"idle_seconds": 0.4}), ("ec", {"requests_per_connection": 1})],
    indirect=True,
    ids=["rsa_idle", "ec_idle", "ec_close"],
)
def test_resumption(server, dut: DeviceAdapter):
    """Each poll opens a connection, and all but the first resume the session of the one before."""
    lines = dut.readlines_until(regex=r"^Done: ", timeout=90)
    assert sum(": 200 OK, connection " in line for line in lines) == POLLS, lines
    assert lines[-1] == f"Done: {POLLS} polls, connections opened: {POLLS}", lines
    assert [connection.resumed for connection in server.connections] == [False] + [True] * (POLLS - 1)
    assert [connection.requests for connection in server.connections] == [1] * POLLS

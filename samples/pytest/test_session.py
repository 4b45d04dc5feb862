# SPDX-License-Identifier: Apache-2.0
"""The sample session: it keeps its connection where it can, and loses no poll where it cannot."""

import re
from urllib.parse import urlsplit

import pytest
from keeping_server import keeping_server
from twister_harness import DeviceAdapter

POLLS = 6


@pytest.fixture
def port(sample_url: str) -> int:
    """The port that the sample was built with."""
    return urlsplit(sample_url).port


@pytest.fixture
def server(request, port: int):
    """A server that behaves as the test's parameter says: has to be asked for before the fixture `dut`."""
    with keeping_server(port, **request.param) as keeping:
        yield keeping


def polls(lines):
    """What the sample printed about each poll, in the order of their numbers."""
    found = [match for match in (re.match(r"(\d+): (200 OK.*|failed: .*)", line) for line in lines) if match]
    assert [int(match[1]) for match in found] == list(range(1, len(found) + 1)), lines
    return [match[2] for match in found]


@pytest.mark.parametrize("server", [{}], indirect=True, ids=["patient"])
def test_one_connection(server, dut: DeviceAdapter):
    """All requests go over one connection."""
    lines = dut.readlines_until(regex=r"^Done: ", timeout=60)
    assert polls(lines) == ["200 OK, connection 1 (a new one)"] + ["200 OK, connection 1 (the same)"] * (POLLS - 1)
    assert lines[-1] == f"Done: {POLLS} polls, connections opened: 1"
    assert [connection.requests for connection in server.connections] == [POLLS]


@pytest.mark.parametrize("server", [{"idle_seconds": 0.4}], indirect=True, ids=["impatient"])
def test_idle_connection_is_closed(server, dut: DeviceAdapter):
    """The server closes each connection before the next poll, which opens another."""
    lines = dut.readlines_until(regex=r"^Done: ", timeout=60)
    assert polls(lines) == ["200 OK, connection 1 (a new one)"] + [
        f"200 OK, connection {number} (a new one, the kept one has ended)" for number in range(2, POLLS + 1)
    ]
    assert [connection.requests for connection in server.connections] == [1] * POLLS


@pytest.mark.parametrize("server", [{"requests_per_connection": 2}], indirect=True, ids=["two_requests"])
def test_connection_close(server, dut: DeviceAdapter):
    """The server announces that it closes the connection: the sample says so, and opens another."""
    lines = dut.readlines_until(regex=r"^Done: ", timeout=60)
    assert polls(lines) == [
        f"200 OK, connection {number} ({which})" for number in range(1, 4) for which in ["a new one", "the same"]
    ]
    closed = [line for line in lines if "closed" in line]
    assert closed == [f"{number}: closed, as the server answered with Connection: close" for number in (2, 4, 6)]
    assert [connection.requests for connection in server.connections] == [2, 2, 2]


def test_restart(port: int, dut: DeviceAdapter):
    """The server is not there yet, comes, goes and comes again."""
    lines = dut.readlines_until(regex=r"^1: ", timeout=60)
    with keeping_server(port) as first:
        lines += dut.readlines_until(regex=r"^\d+: 200 OK", timeout=60)
    lines += dut.readlines_until(regex=r"^\d+: failed", timeout=60)
    with keeping_server(port) as second:
        lines += dut.readlines_until(regex=r"^Done: ", timeout=60)
    outcome = [poll.split(",")[0].split(":")[0] for poll in polls(lines)]
    assert outcome[0] == "failed"
    assert outcome[-1] == "200 OK"
    refused = [poll for poll in polls(lines) if poll.startswith("failed")]
    assert all("connection refused" in poll for poll in refused), lines
    assert len(first.connections) == len(second.connections) == 1

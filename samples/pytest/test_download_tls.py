# SPDX-License-Identifier: Apache-2.0
"""The sample download by TLS 1.2, with buffers that hold records of 4 KB."""

import random
import ssl
from urllib.parse import urlsplit

import pytest
import tls_peers
from image_server import image_server, sha256
from twister_harness import DeviceAdapter

# No multiple of any block of a flash, nor of a record.
IMAGE = random.Random(1).randbytes(100_003)


@pytest.fixture(autouse=True)
def clock(time_port: int):
    """A time server."""
    with tls_peers.time_server(time_port):
        yield


@pytest.fixture
def server(request, tmp_path, sample_url: str):
    """A server that behaves as the test's parameter says: has to be asked for before the fixture `dut`."""
    kind, options = request.param
    context = tls_peers.server_context(tls_peers.issue_server(tmp_path, kind), ssl.TLSVersion.TLSv1_2)
    with image_server(urlsplit(sample_url).port, IMAGE, digest=sha256(IMAGE), tls=context, **options) as images:
        yield images


@pytest.mark.parametrize(
    ("server", "ranges"),
    [
        (("rsa", {}), [(None, None)]),
        (("ec", {}), [(None, None)]),
        (("ec", {"drops": 2}), [(None, None), ("bytes=40000-", '"1"'), ("bytes=80000-", '"1"')]),
    ],
    indirect=["server"],
    ids=["rsa", "ec", "dropped_twice"],
)
def test_downloaded(server, ranges, heap_size: int, dut: DeviceAdapter):
    """The image gets into the flash, and the heap of mbedTLS is never nearly full."""
    lines = dut.readlines_until(regex=r"^Heap of mbedTLS: ", timeout=120)
    assert "The image in the flash has the right SHA-256" in lines, lines
    assert f"Downloaded {len(IMAGE)} bytes, requests: {len(ranges)}" in lines
    assert server.requests == ranges
    tls_peers.assert_heap(lines[-1], heap_size)

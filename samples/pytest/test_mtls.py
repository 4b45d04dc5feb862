# SPDX-License-Identifier: Apache-2.0
"""The sample mtls, with servers that ask for the device's certificate."""

import ssl
from urllib.parse import urlsplit

import pytest
import tls_peers
from twister_harness import DeviceAdapter

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def serve(folder, sample_url, kind, version, clients):
    """A server that wants clients to be of an authority."""
    pair = tls_peers.issue_server(folder, kind)
    return tls_peers.echo_server(urlsplit(sample_url).port, pair, version, clients)


@pytest.fixture(autouse=True)
def clock(time_port: int):
    """A time server."""
    with tls_peers.time_server(time_port):
        yield


@pytest.fixture(params=[(kind, version) for kind in ["rsa", "ec"] for version in VERSIONS], ids=str)
def server(request, tmp_path, sample_url: str):
    """A server that accepts the device."""
    clients = tls_peers.authority("ec").certificate
    with serve(tmp_path, sample_url, *request.param, clients):
        yield


@pytest.fixture(params=VERSIONS, ids=str)
def refusing_server(request, tmp_path, sample_url: str):
    """A server that knows devices of another authority only."""
    clients = tls_peers.issue_authority(tmp_path, "other", "ec").certificate
    with serve(tmp_path, sample_url, "ec", request.param, clients):
        yield


def test_accepted(server, heap_size: int, dut: DeviceAdapter):
    """The server knows who it was, and received what was sent."""
    lines = dut.readlines_until(regex=r"^Heap of mbedTLS: ", timeout=60)
    assert "200 OK" in lines, lines
    assert '  "client": "device-1",' in lines, lines
    assert any(r'"data": "{\"sensor\":\"boiler\",\"millidegrees\":-1250}"' in line for line in lines), lines
    tls_peers.assert_heap(lines[-1], heap_size)


def test_refused(refusing_server, dut: DeviceAdapter):
    """It says which alert the server has sent."""
    lines = dut.readlines_until(regex=r"^Heap of mbedTLS: ", timeout=60)
    assert lines[-2].startswith("The request failed: TLS: the peer refused with alert unknown_ca (48)"), lines

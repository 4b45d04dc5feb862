# SPDX-License-Identifier: Apache-2.0
"""The sample https_get with one of the test's authorities built in, without TLS 1.3, and without the date."""

import ssl
from urllib.parse import urlsplit

import pytest
import tls_peers
from twister_harness import DeviceAdapter


@pytest.fixture
def server(request, tmp_path, sample_url: str):
    """A server with a certificate of one authority, in one version of TLS; there is no time server."""
    kind, version = request.param
    pair = tls_peers.issue_server(tmp_path, kind)
    with tls_peers.echo_server(urlsplit(sample_url).port, pair, version):
        yield


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (("rsa", ssl.TLSVersion.TLSv1_2), "200 OK"),
        (("ec", ssl.TLSVersion.TLSv1_2), "The request failed: TLS: no trusted certificate of the issuer "),
        (("rsa", ssl.TLSVersion.TLSv1_3), "The request failed: TLS: the peer speaks none of the enabled versions"),
    ],
    indirect=["server"],
    ids=["built_in", "unknown_authority", "tls13_only"],
)
def test_bundle(server, expected: str, dut: DeviceAdapter):
    """It accepts the server, or says what is wrong."""
    lines = dut.readlines_until(regex=r"^200 |^The request failed: ", timeout=60)
    assert lines[-1].startswith(expected)

# SPDX-License-Identifier: Apache-2.0
"""The sample c_https with an authority of its own: it accepts what is right and refuses what is not, saying why."""

import pytest
from test_https_get import DAY, TLS, echo, peer, peers, self_signed, unknown  # noqa: F401 (peers is a fixture)
from twister_harness import DeviceAdapter


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        peer("tls12_rsa", '"tls": "TLSv1.2"', echo("rsa", TLS.TLSv1_2)),
        peer("tls13_ec", '"tls": "TLSv1.3"', echo("ec", TLS.TLSv1_3)),
    ],
    indirect=["peers"],
)
def test_accepted(peers, expected: str, dut: DeviceAdapter):  # noqa: F811
    """It prints the answer."""
    lines = dut.readlines_until(regex=expected, timeout=60)
    assert "200 OK" in lines


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        peer("unknown_authority", 'TLS: no trusted certificate of the issuer "Test unknown"', unknown),
        peer("self_signed", 'TLS: certificate "Test self" is signed by itself', self_signed),
        peer("other_host", "TLS: certificate is not for this host but for other.test", echo(names="DNS:other.test")),
        peer("expired", "TLS: certificate expired on ", echo(), 60 * DAY),
        peer("clock_not_set", "TLS: the clock is not set", echo(), None),
    ],
    indirect=["peers"],
)
def test_refused(peers, expected: str, dut: DeviceAdapter):  # noqa: F811
    """It says why, and prints nothing of the answer."""
    lines = dut.readlines_until(regex=r"^The request failed: ", timeout=60)
    assert lines[-1].startswith(f"The request failed: {expected}"), lines
    assert "200 OK" not in lines

# SPDX-License-Identifier: Apache-2.0
"""The sample get, without a server."""

from twister_harness import DeviceAdapter


def test_get_refused(sample_url: str, dut: DeviceAdapter):
    """It says in words what is wrong."""
    lines = dut.readlines_until(regex=r"^The request failed: ")
    assert f"GET {sample_url}" in lines
    assert "cannot connect: connection refused" in lines[-1]

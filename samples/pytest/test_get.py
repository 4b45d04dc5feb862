# SPDX-License-Identifier: Apache-2.0
"""The sample get."""

from twister_harness import DeviceAdapter


def test_get(server, sample_url: str, dut: DeviceAdapter):
    """It prints status, headers and two members of the JSON object."""
    lines = dut.readlines_until(regex=r"^origin: ")
    assert f"GET {sample_url}" in lines
    assert "200 OK" in lines
    assert "Content-Type: application/json" in lines
    assert f"url: {sample_url}" in lines
    assert lines[-1] == "origin: 127.0.0.1"


def test_get_without_server(sample_url: str, dut: DeviceAdapter):
    """It says in words what is wrong."""
    lines = dut.readlines_until(regex=r"^The request failed: ")
    assert f"GET {sample_url}" in lines
    assert "cannot connect: connection refused" in lines[-1]

# SPDX-License-Identifier: Apache-2.0
"""The sample post_json, with a server beside it."""

from twister_harness import DeviceAdapter


def test_post_json(server, dut: DeviceAdapter):
    """It reads back the object that it sent."""
    lines = dut.readlines_until(regex=r"^The server received |^The request failed")
    assert "200 OK" in lines
    assert lines[-1] == "The server received what was sent."

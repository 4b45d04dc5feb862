# SPDX-License-Identifier: Apache-2.0
"""The sample upload, with a server beside it."""

from twister_harness import DeviceAdapter


def test_upload(server, dut: DeviceAdapter):
    """It reads back the field and the file that it sent."""
    lines = dut.readlines_until(regex=r"^The server received |^The request failed")
    assert "200 OK" in lines
    assert "form: device = demo" in lines
    assert lines[-1] == "The server received what was sent."

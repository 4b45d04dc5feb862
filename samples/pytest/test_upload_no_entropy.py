# SPDX-License-Identifier: Apache-2.0
"""The sample upload on a device that has no random numbers for the boundary between the parts."""

from twister_harness import DeviceAdapter


def test_upload(server, dut: DeviceAdapter):
    """It says what is missing."""
    lines = dut.readlines_until(regex=r"^The server received |^The request failed")
    assert lines[-1].startswith("The request failed: no random bytes"), lines

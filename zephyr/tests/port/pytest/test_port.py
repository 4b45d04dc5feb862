# SPDX-License-Identifier: Apache-2.0
"""Runs the test of the port layer with its peers beside it."""

import re
from pathlib import Path

import pytest
from peers import Peers
from twister_harness import DeviceAdapter


@pytest.fixture(scope="session")
def peers(device_object: DeviceAdapter):
    """The peers, on the ports that the test was built for."""
    config = Path(device_object.device_config.app_build_dir) / "zephyr" / ".config"
    return Peers(int(re.search(r"^CONFIG_TEST_PORT=(\d+)$", config.read_text(), re.MULTILINE)[1]))


def test_port(peers, dut: DeviceAdapter):
    """All of its test cases pass."""
    lines = dut.readlines_until(regex=r"^end of the test cases", timeout=110)
    results = [line.split()[0] for line in lines if re.match(r" (PASS|FAIL|SKIP) - test_", line)]
    assert len(results) >= 13
    assert set(results) == {"PASS"}

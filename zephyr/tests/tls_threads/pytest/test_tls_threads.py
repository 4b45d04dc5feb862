# SPDX-License-Identifier: Apache-2.0
"""Requests beside a thread that uses mbedTLS directly: neither disturbs the other."""

import re
import sys
from pathlib import Path

import pytest
from twister_harness import DeviceAdapter

sys.path.insert(0, str(Path(__file__).parents[4] / "samples" / "pytest"))

import tls_peers  # noqa: E402


@pytest.fixture(scope="session")
def servers(device_object: DeviceAdapter, tmp_path_factory):
    """One that the device trusts, and one of an authority that it has never heard of."""
    config = (Path(device_object.device_config.app_build_dir) / "zephyr" / ".config").read_text()
    port = int(re.search(r"^CONFIG_TEST_PORT=(\d+)$", config, re.MULTILINE)[1])
    trusted = tls_peers.issue_server(tmp_path_factory.mktemp("trusted"))
    folder = tmp_path_factory.mktemp("strange")
    strange = tls_peers.issue_server(folder, root=tls_peers.issue_authority(folder, "strange", "ec"))
    with tls_peers.echo_server(port, trusted), tls_peers.echo_server(port + 1, strange):
        yield


def test_tls_threads(servers, dut: DeviceAdapter):
    """Every request ends as it would alone, and the other thread finds all as it has left it."""
    lines = [line.strip() for line in dut.readlines_until(regex=r"^END", timeout=200)]
    text = "\n".join(lines)
    assert "mutexes exclude: 1" in lines
    assert re.findall(r"^server 0: (.*)$", text, re.MULTILINE) == ["200"] * 8
    # Of the authority, and not of the memory that the other thread has missed.
    refusals = re.findall(r"^server 1: (\S+)", text, re.MULTILINE)
    assert refusals == ["unknown-issuer"] * 8
    # Time stands still on native_sim while a thread computes: not every request is interrupted there.
    rounds = [int(number) for number in re.findall(r"^meanwhile: (\d+) rounds$", text, re.MULTILINE)]
    assert len(rounds) == 16 and sum(rounds) >= 16, rounds
    assert "faults: 0" in lines

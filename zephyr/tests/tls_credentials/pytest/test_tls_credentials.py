# SPDX-License-Identifier: Apache-2.0
"""Registered credentials against `openssl s_server`."""

import re
import socket
import subprocess
import time
from pathlib import Path

import pytest
from twister_harness import DeviceAdapter

# The requests, and what the line about each begins with.
EXPECTED = [
    ("before it is registered", "missing-credential"),
    ("authority", "200 what the server sends"),
    ("other authority", "unknown-issuer"),
    ("both authorities", "200 what the server sends"),
    # The server sends its alert and closes the connection while the client is still sending.
    ("without identity", "alert-received"),
    ("with identity", "200 what the server sends"),
    ("identity only", "no-roots"),
    ("no key", "incomplete-identity"),
    ("junk", "invalid-roots"),
    ("pre-shared key", "missing-credential"),
    ("nothing", "missing-credential"),
    ("tag of Zephyr's own", "missing-credential"),
    ("roots come first", "invalid-roots"),
    ("no tags", "no-roots"),
    ("expired without a clock", "200 what the server sends"),
    ("expired", "expired"),
    ("expired before its twin", "200 what the server sends"),
    ("expired behind its twin", "200 what the server sends"),
]


def wait_for(port):
    """Wait until a server listens."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"nothing listens on port {port}")


@pytest.fixture(scope="session")
def servers(device_object: DeviceAdapter):
    """A server for everyone, and one that demands a certificate of the client on the next port."""
    build = Path(device_object.device_config.app_build_dir)
    config = (build / "zephyr" / ".config").read_text()
    port = int(re.search(r"^CONFIG_TEST_PORT=(\d+)$", config, re.MULTILINE)[1])
    command = ["openssl", "s_server", "-WWW", "-cert", "server.pem", "-key", "server.key"]
    demand = ["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"]
    processes = [
        subprocess.Popen(
            [*command, "-accept", f"127.0.0.1:{port + offset}", *arguments],
            cwd=build / "pki",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for offset, arguments in enumerate([[], demand])
    ]
    for offset in range(len(processes)):
        wait_for(port + offset)
    yield
    for process in processes:
        process.terminate()
        process.wait()


def test_tls_credentials(servers, dut: DeviceAdapter):
    """Each request ends as it should, and leaves nothing in the heap of mbedTLS."""
    lines = [line.strip() for line in dut.readlines_until(regex=r"^END", timeout=200)]
    assert "registered: 0" in lines and "clock: 0" in lines
    outcomes = dict(line.split(": ", 1) for line in lines if ": " in line)
    for what, outcome in EXPECTED:
        assert outcomes[what].startswith(outcome), what
    assert "swapped: 0" in lines
    assert outcomes["session"] == outcomes["session that resumes"] == "200 what the server sends"
    assert outcomes["session after the swap"].startswith("unknown-issuer")
    assert "security tag 1" in outcomes["before it is registered"]
    left = [line for line in lines if line.startswith("heap: ")]
    assert len(left) == len(EXPECTED)
    assert all(line.startswith("heap: 0 bytes") for line in left), left

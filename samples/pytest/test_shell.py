# SPDX-License-Identifier: Apache-2.0
"""The sample shell: what is typed on the console, and what it answers."""

import contextlib
import re
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from echo_server import EchoServer
from twister_harness import DeviceAdapter, Shell


@pytest.fixture(scope="session")
def server(sample_url: str):
    """A server at the URL of the sample."""
    with EchoServer(urlsplit(sample_url).port) as echo_server:
        threading.Thread(target=echo_server.serve_forever, daemon=True).start()
        yield echo_server
        echo_server.shutdown()


@pytest.fixture(scope="session")
def base(sample_url: str) -> str:
    """The URL of the server without its path."""
    return sample_url.removesuffix("/get")


def enter(dut: DeviceAdapter, command: str, end: str) -> list[str]:
    """Types a command and returns the lines that follow, until one that matches `end`."""
    # Not by Shell.exec_command(), which types ahead: a running request takes that for itself.
    dut.clear_buffer()
    dut.write(f"{command}\n".encode())
    return dut.readlines_until(regex=end, timeout=20)


ANSWERED = r" ms from http"


def test_get(server, base: str, shell: Shell, dut: DeviceAdapter):
    """It prints status, headers, body, and how long it took."""
    lines = enter(dut, f'requests get {base}/get -H "X-Device: 42"', ANSWERED)
    assert "200 OK" in lines
    assert "Content-Type: application/json" in lines
    assert any('"X-Device": "42"' in line for line in lines), lines
    assert lines[-1].endswith(f" ms from {base}/get"), lines


def test_post_json(server, base: str, shell: Shell, dut: DeviceAdapter):
    """Quotation marks in JSON are typed with a backslash, as the shell of Zephyr has it."""
    lines = enter(dut, f'requests post {base}/post -j {{\\"celsius\\":-12}}', ANSWERED)
    assert "200 OK" in lines
    assert any('"celsius": -12' in line for line in lines), lines


def test_no_body(server, base: str, shell: Shell, dut: DeviceAdapter):
    """-o none leaves out the body."""
    lines = enter(dut, f"requests get {base}/get -o none", ANSWERED)
    assert "200 OK" in lines
    assert not any('"url"' in line for line in lines), lines


def test_hex(server, base: str, shell: Shell, dut: DeviceAdapter):
    """-o hex prints the body as a dump."""
    assert any(line.startswith("00000000: 7b ") for line in enter(dut, f"requests get {base}/get -o hex", ANSWERED))


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("get {base}/get -x 1", "-x: the options are -H, -d"),
        ("get {base}/get -H", "-H: the option has no value"),
        ("get {base}/get -H colonless", '-H: -H takes "Name: value"'),
        ("get {base}/get -o much", "-o: -o takes hex, text or none"),
        ("get ftp://x/", "The request failed: invalid URL: it must start with http:// or https://"),
        ("get http://{host}:1/", "The request failed: cannot connect: connection refused"),
        ("get", "get: wrong parameter count"),
    ],
)
def test_failures(server, base: str, shell: Shell, dut: DeviceAdapter, command: str, reason: str):
    """It says what is wrong."""
    command = command.format(base=base, host=urlsplit(base).hostname)
    enter(dut, f"requests {command}", re.escape(reason))


def test_download(server, base: str, shell: Shell, dut: DeviceAdapter):
    """It prints size, rate and digest."""
    lines = enter(dut, f"requests download {base}/get", "^SHA-256 [0-9a-f]{64}$")
    assert re.search(r"^[1-9]\d* bytes in \d+ ms, \d+ bytes/s$", lines[-2]), lines


def test_download_of_nothing(server, base: str, shell: Shell, dut: DeviceAdapter):
    """A status that says that there is nothing is told."""
    enter(dut, f"requests download {base}/none", "^The download failed: .*404")


def test_tls(server, base: str, shell: Shell, dut: DeviceAdapter):
    """This sample is built without TLS."""
    enter(dut, "requests tls", r"^TLS: this build does not contain the feature \(CONFIG_REQUESTS_TLS\)")


def test_resolve(server, base: str, shell: Shell, dut: DeviceAdapter):
    """An address is its own."""
    host = urlsplit(base).hostname
    enter(dut, f"requests resolve {host}", f"^{re.escape(host)}$")


def test_ctrl_c(server, base: str, shell: Shell, dut: DeviceAdapter):
    """Ctrl-C ends a request that waits for a server that says nothing."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        host = urlsplit(base).hostname
        url = f"http://{host}:{silent.getsockname()[1]}/"
        dut.clear_buffer()
        dut.write(f"requests get {url}\n".encode())
        time.sleep(1)
        dut.write(b"\x03")
        dut.readlines_until(regex="^The request failed: the request was cancelled", timeout=10)

# SPDX-License-Identifier: Apache-2.0
"""The sample https_get with Zephyr's secure sockets: they verify, and do not say why they refuse."""

import contextlib
import ssl
from urllib.parse import urlsplit

import pytest
import tls_peers
from conftest import kconfig_string
from tls_peers import DAY, issue, issue_authority, issue_server
from twister_harness import DeviceAdapter

TLS12 = ssl.TLSVersion.TLSv1_2

REFUSED = "TLS: the handshake failed or the server's certificate was refused: secure sockets do not tell which"


@pytest.fixture
def peer(request, tmp_path, sample_url: str, time_port: int, device_object: DeviceAdapter):
    """The server of the test's parameter, and a time server whose clock is wrong by so many seconds, or none (None)."""
    make, offset = request.param
    if offset != 0 and kconfig_string(device_object, "BOARD") == "native_sim":
        pytest.skip("mbedTLS asks the clock of the host")
    with contextlib.ExitStack() as stack:
        if offset is not None:
            stack.enter_context(tls_peers.time_server(time_port, offset))
        stack.enter_context(make(tmp_path, urlsplit(sample_url).port))
        yield


def case(name, make, offset=0, expected=REFUSED):
    """Which server, and what is expected of it."""
    return pytest.param((make, offset), expected, id=name)


def echo(kind="ec", **certificate):
    """A server that answers like httpbin."""
    return lambda folder, port: tls_peers.echo_server(port, issue_server(folder, kind, **certificate), TLS12)


def unknown(folder, port):
    """A server whose root nobody knows."""
    root = issue_authority(folder, "unknown", "ec")
    return tls_peers.echo_server(port, issue_server(folder, root=root), TLS12)


def self_signed(folder, port):
    """A server that has vouched for itself."""
    pair = issue(folder, "self", "ec", [f"subjectAltName={tls_peers.NAMES}"])
    return tls_peers.echo_server(port, pair, TLS12)


def old(folder, port):
    """A server of TLS 1.1."""
    return tls_peers.echo_server(port, issue_server(folder, "rsa"), ssl.TLSVersion.TLSv1_1)


def openssl(folder, port):
    """`openssl s_server`, which ends its answer with the connection."""
    return tls_peers.openssl_server(folder, port, issue_server(folder, "rsa"), "1_2")


def nginx(folder, port):
    """nginx, where there is one."""
    if tls_peers.find_nginx() is None:
        pytest.skip("no nginx")
    return tls_peers.nginx_server(folder, port, issue_server(folder), "TLSv1.2")


def ending(says_goodbye):
    """A server whose answer has no length."""
    return lambda folder, port: tls_peers.truncating_server(port, issue_server(folder), TLS12, says_goodbye)


def silent(_folder, port):
    """A server that accepts connections and says nothing."""
    return tls_peers.silent_server(port)


ENDED = "TLS: the connection ended, which secure sockets do not tell from one that was cut"


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        case("rsa", echo("rsa"), expected='"tls": "TLSv1.2"'),
        case("ec", echo(), expected='"tls": "TLSv1.2"'),
        case("nginx", nginx, expected="GET TLSv1.2"),
    ],
    indirect=["peer"],
)
def test_accepted(peer, expected: str, dut: DeviceAdapter):
    """It prints the answer."""
    lines = dut.readlines_until(regex=rf"{expected}|^The request failed: ", timeout=60)
    assert "200 OK" in lines, lines
    assert expected in lines[-1], lines


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        case("unknown_authority", unknown),
        case("self_signed", self_signed),
        case("no_intermediate", echo(has_chain=False)),
        case("other_host", echo(names="DNS:other.test")),
        case("expired", echo(), 60 * DAY),
        case("not_yet_valid", echo(), -60 * DAY),
        case("clock_not_set", echo(), None),
        case("tls11", old),
        case("silent", silent, expected="the request timed out (connect)"),
        case("cut", ending(False), expected=ENDED),
        case("ended", ending(True), expected=ENDED),
        case("openssl", openssl, expected=ENDED),
    ],
    indirect=["peer"],
)
def test_refused(peer, expected: str, dut: DeviceAdapter):
    """It says as much as it knows, and prints nothing of the answer."""
    lines = dut.readlines_until(regex=r"^200 |^The request failed: ", timeout=60)
    assert lines[-1].startswith(f"The request failed: {expected}"), lines

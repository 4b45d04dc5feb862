# SPDX-License-Identifier: Apache-2.0
"""The sample https_get with authorities of its own: it accepts what is right and refuses what is not, saying why."""

import contextlib
import ssl
from urllib.parse import urlsplit

import pytest
import tls_peers
from tls_peers import DAY, issue_authority, issue_server
from twister_harness import DeviceAdapter

TLS = ssl.TLSVersion


@pytest.fixture
def peers(request, tmp_path, sample_url: str, time_port: int):
    """The servers that the test's parameter names: has to be asked for before the fixture `dut`."""
    make, offset = request.param
    with contextlib.ExitStack() as stack:
        if offset is not None:
            stack.enter_context(tls_peers.time_server(time_port, offset))
        stack.enter_context(make(tmp_path, urlsplit(sample_url).port))
        yield


def peer(name, expected, make, offset=0):
    """A case: what is expected of which server, with a clock that is wrong by so many seconds or not set (None)."""
    return pytest.param((make, offset), expected, id=name)


def echo(kind="ec", version=TLS.TLSv1_3, **certificate):
    """A server that answers like httpbin."""
    return lambda folder, port: tls_peers.echo_server(port, issue_server(folder, kind, **certificate), version)


def unknown(folder, port):
    """A server whose root nobody knows."""
    root = issue_authority(folder, "unknown", "ec")
    return tls_peers.echo_server(port, issue_server(folder, root=root))


def self_signed(folder, port):
    """A server that has vouched for itself."""
    extensions = [f"subjectAltName={tls_peers.NAMES}"]
    return tls_peers.echo_server(port, tls_peers.issue(folder, "self", "ec", extensions))


def chain(*names, signer="between"):
    """A server whose certificate one of these authorities has signed, and that sends those which are named.

    `between` is expired after a day, and `twin`, of the same name and key, is not. `cross` is `between` as an authority
    that nobody knows has signed it, and `wrong` has its name and another key. `limited` may have no authority below it,
    and `below` is one. `mere` is none.
    """

    def make(folder, port):
        root = tls_peers.authority("ec")
        unknown_root = issue_authority(folder, "unknown", "ec")
        between = issue_authority(folder, "between", "ec", root)
        same = {"subject": "Test between", "key": between.key, "days": 365}
        limits = ["basicConstraints=critical,CA:TRUE,pathlen:0", tls_peers.AUTHORITY[1]]
        limited = issue_authority(folder, "limited", "ec", root, limits, days=365)
        pairs = {
            "root": root,
            "between": between,
            "twin": issue_authority(folder, "twin", "ec", root, **same),
            "cross": issue_authority(folder, "cross", "ec", unknown_root, **same),
            "wrong": issue_authority(folder, "wrong", "ec", root, subject="Test between", days=365),
            "limited": limited,
            "below": issue_authority(folder, "below", "ec", limited, days=365),
            "mere": issue_authority(folder, "mere", "ec", root, ["basicConstraints=CA:FALSE"], days=365),
        }
        names_of_server = [f"subjectAltName={tls_peers.NAMES}"]
        pair = tls_peers.issue(folder, "server", "ec", names_of_server, pairs[signer], days=365)
        pair.chain = [pairs[name].certificate for name in names]
        return tls_peers.echo_server(port, pair)

    return make


def nginx(kind, versions):
    """nginx, where there is one."""

    def make(folder, port):
        if tls_peers.find_nginx() is None:
            pytest.skip("no nginx")
        return tls_peers.nginx_server(folder, port, issue_server(folder, kind), versions)

    return make


def openssl(kind, version):
    """`openssl s_server`."""
    return lambda folder, port: tls_peers.openssl_server(folder, port, issue_server(folder, kind), version)


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        peer("tls12_rsa", '"tls": "TLSv1.2"', echo("rsa", TLS.TLSv1_2)),
        peer("tls12_ec", '"tls": "TLSv1.2"', echo("ec", TLS.TLSv1_2)),
        peer("tls13_rsa", '"tls": "TLSv1.3"', echo("rsa", TLS.TLSv1_3)),
        peer("tls13_ec", '"tls": "TLSv1.3"', echo("ec", TLS.TLSv1_3)),
        peer("nginx_tls12_rsa", "GET TLSv1.2", nginx("rsa", "TLSv1.2")),
        peer("nginx_tls13_ec", "GET TLSv1.3", nginx("ec", "TLSv1.2 TLSv1.3")),
        peer("openssl_tls12_ec", "from openssl s_server", openssl("ec", "1_2")),
        peer("openssl_tls13_rsa", "from openssl s_server", openssl("rsa", "1_3")),
        peer("expired_twin_first", '"tls": "TLSv1.3"', chain("between", "twin"), 60 * DAY),
        peer("expired_twin_last", '"tls": "TLSv1.3"', chain("twin", "between"), 60 * DAY),
        peer("cross_signed", '"tls": "TLSv1.3"', chain("wrong", "cross", "between", "twin"), 60 * DAY),
    ],
    indirect=["peers"],
)
def test_accepted(peers, expected: str, heap_size: int, dut: DeviceAdapter):
    """It prints the answer, and gives the memory back."""
    lines = dut.readlines_until(regex=r"^Heap of mbedTLS: ", timeout=60)
    assert "200 OK" in [line.replace("200 ok", "200 OK") for line in lines], lines
    assert any(expected in line for line in lines), lines
    tls_peers.assert_heap(lines[-1], heap_size)


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        peer("unknown_authority", 'TLS: no trusted certificate of the issuer "Test unknown"', unknown),
        peer("self_signed", 'TLS: certificate "Test self" is signed by itself', self_signed),
        peer("no_intermediate", 'TLS: no trusted certificate of the issuer "Test inter', echo(has_chain=False)),
        peer("root_only", 'TLS: no trusted certificate of the issuer "Test between"', chain("root")),
        peer("wrong_intermediate", 'TLS: no trusted certificate of the issuer "Test between"', chain("wrong", "root")),
        peer("expired_intermediate", "TLS: certificate expired on ", chain("cross", "between"), 60 * DAY),
        peer("path_length", 'TLS: authority "Test limited" may not', chain("below", "limited", signer="below")),
        peer("no_authority", 'TLS: "Test mere" is named as the issuer', chain("mere", signer="mere")),
        peer("other_host", "TLS: certificate is not for this host but for other.test", echo(names="DNS:other.test")),
        peer("address_as_name", "TLS: certificate is not for this host", echo(names="DNS:127.0.0.1,DNS:10.0.2.2")),
        peer("expired", "TLS: certificate expired on ", echo(), 60 * DAY),
        peer("not_yet_valid", "TLS: certificate not valid before ", echo(), -60 * DAY),
        peer("clock_not_set", "TLS: the clock is not set", echo(), None),
        peer("tls11", "TLS: the peer speaks none of the enabled versions", echo("rsa", TLS.TLSv1_1)),
        peer(
            "truncated",
            "TLS: the connection ended without the peer saying so in TLS",
            lambda folder, port: tls_peers.truncating_server(port, issue_server(folder)),
        ),
        peer("silent", "the request timed out (tls)", lambda _folder, port: tls_peers.silent_server(port)),
    ],
    indirect=["peers"],
)
def test_refused(peers, expected: str, dut: DeviceAdapter):
    """It says why, prints nothing of the answer, and gives the memory back."""
    lines = dut.readlines_until(regex=r"^Heap of mbedTLS: ", timeout=60)
    assert lines[-2].startswith(f"The request failed: {expected}"), lines
    assert "200 OK" not in lines
    assert int(lines[-1].split(", ")[1].split()[0]) <= 512, lines[-1]

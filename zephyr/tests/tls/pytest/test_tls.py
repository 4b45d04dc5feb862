# SPDX-License-Identifier: Apache-2.0
"""Requests to nginx and `openssl s_server`, and to servers that have to be refused."""

import contextlib
import re
import sys
from pathlib import Path

import pytest
from twister_harness import DeviceAdapter

sys.path.insert(0, str(Path(__file__).parents[4] / "samples" / "pytest"))

import tls_peers  # noqa: E402

KINDS = ["rsa", "ec"]
# The servers that are accepted by nginx and by openssl, in the order of their ports, then the refused ones.
VERSIONS = ["1.2", "1.3"]

REFUSED = {
    "common name only": "no-alternative-names",
    "other address": "host-mismatch",
    "address as a name": "host-mismatch",
    "critical extension": "critical-extension",
    "pin of another": "pin-mismatch",
}


def refused_servers(folder, port, host):
    """The servers that are refused."""
    chain = tls_peers.authority("ec")

    def serve(name, offset, extensions, subject=None):
        pair = tls_peers.issue(folder, name, "ec", extensions, chain, subject)
        return tls_peers.echo_server(port + offset, pair)

    yield serve("cn", 0, [], host)
    yield serve("other", 1, ["subjectAltName=IP:192.0.2.7"])
    yield serve("name", 2, [f"subjectAltName=DNS:{host}"])
    yield serve("critical", 3, [f"subjectAltName=IP:{host}", "1.3.6.1.4.1.99999.1=critical,ASN1:UTF8String:x"])


@pytest.fixture(scope="session")
def servers(device_object: DeviceAdapter, tmp_path_factory):
    """All servers, from the port on that the test was built with."""
    if tls_peers.find_nginx() is None:
        pytest.skip("no nginx")
    config = (Path(device_object.device_config.app_build_dir) / "zephyr" / ".config").read_text()
    port = int(re.search(r"^CONFIG_TEST_PORT=(\d+)$", config, re.MULTILINE)[1])
    host = re.search(r'^CONFIG_TEST_HOST="(.*)"$', config, re.MULTILINE)[1]
    with contextlib.ExitStack() as stack:
        for number in range(8):
            folder = tmp_path_factory.mktemp("server")
            pair = tls_peers.issue_server(folder, KINDS[number % 2])
            version = VERSIONS[number // 2 % 2]
            if number < 4:
                server = tls_peers.nginx_server(folder, port + number, pair, f"TLSv{version}")
            else:
                server = tls_peers.openssl_counting_server(port + number, pair, version.replace(".", "_"))
            stack.enter_context(server)
        for server in refused_servers(tmp_path_factory.mktemp("refused"), port + 8, host):
            stack.enter_context(server)
        yield


def test_tls(servers, dut: DeviceAdapter):
    """Each request ends as it should, and leaves nothing in the heap of mbedTLS."""
    lines = [line.strip() for line in dut.readlines_until(regex=r"^END", timeout=240)]
    outcomes = dict(re.findall(r"^(.*: (?:GET|POST)): (.*)$", "\n".join(lines), re.MULTILINE))
    for version in VERSIONS:
        for kind in KINDS:
            server = f"TLS {version}, {kind.upper()}"
            assert outcomes.pop(f"nginx, {server}: GET") == f"200 GET TLSv{version}"
            assert outcomes.pop(f"nginx, {server}: POST") == f"200 POST TLSv{version}"
            assert outcomes.pop(f"openssl, {server}: GET") == "200 GET 0 bytes"
            assert outcomes.pop(f"openssl, {server}: POST") == "200 POST 5000 bytes"
    assert outcomes.pop("pin of the root: GET") == "200 GET TLSv1.3"
    for outcome in list(outcomes):
        assert outcomes.pop(outcome).startswith(REFUSED[outcome.rpartition(": ")[0]] + " ("), outcome
    heap = [line for line in lines if line.startswith("heap: ")]
    # PSA keeps a block for itself.
    assert len(heap) == 26 and all(int(re.match(r"heap: (\d+) ", line)[1]) <= 512 for line in heap), heap

# SPDX-License-Identifier: Apache-2.0
"""Both applications with every feature: each step passes, and the log tells of requests and failures, but no secret."""

import re
from pathlib import Path

import pytest
from everything_server import everything
from twister_harness import DeviceAdapter


@pytest.fixture(scope="session")
def config(device_object: DeviceAdapter) -> str:
    """The configuration of the build."""
    return (Path(device_object.device_config.app_build_dir) / "zephyr" / ".config").read_text()


@pytest.fixture
def port(config: str) -> int:
    """The first port of the servers."""
    return int(re.search(r"^CONFIG_TEST_PORT=(\d+)$", config, re.MULTILINE)[1])


@pytest.fixture
def servers(port: int, tmp_path):
    """All servers: has to be asked for before the fixture `dut`."""
    with everything(port, tmp_path):
        yield


def test_everything(servers, config: str, port: int, dut: DeviceAdapter):
    """All steps pass, and the log is as documented."""
    lines = dut.readlines_until(regex=r"Done: \d+ failed", timeout=120)
    # The shell's prompt may be in front of a line.
    lines = [line.removeprefix("uart:~$ ") for line in lines]
    steps = [line for line in lines if line.startswith(("passed: ", "FAILED: "))]
    assert [step for step in steps if step.startswith("FAILED")] == []
    assert lines[-1] == "Done: 0 failed"
    is_in_c = "CONFIG_REQUESTS_C=y" in config
    assert len(steps) > 25

    log = [line for line in lines if re.search(r"<(dbg|inf|wrn|err)> requests", line)]
    host = re.search(r'^CONFIG_TEST_HOST="(.*)"$', config, re.MULTILINE)[1]
    expected = [
        rf"<dbg> requests: .*GET http://{host}$",
        rf"<dbg> requests: .*GET https://{host}$",
        rf"<dbg> requests: .*POST http://{host}$",
        rf"<dbg> requests: .*{host} answered 200$",
        rf"<dbg> requests: .*{host} answered 401$",
        rf"<dbg> requests: .*{host} answered 503$",
        rf"<wrn> requests: .*{host} answered 401, and Digest authentication ends here: ",
    ]
    # Requests of the C API log why they fail. In Rust, that is in the error.
    expected += [
        r"<wrn> requests: .*request failed \(connect\): cannot connect: connection refused \(errno \d+\)$",
        r"<wrn> requests: .*request failed \(receive\): the request timed out",
        r"<wrn> requests: .*request failed \(receive\): the request was cancelled",
        r"<wrn> requests: .*request failed \(tls\): TLS: ",
        r"<wrn> requests: .*request failed \(url\): ",
    ][: None if is_in_c else 1]
    for record in expected:
        assert any(re.search(record, line) for line in log), f"{record}\n" + "\n".join(log)
    assert [line for line in log if "secret" in line or "/get" in line or "dropped" in line] == []
    assert not [line for line in lines if "messages dropped" in line]

    if is_in_c:
        dut.write(f"requests get http://{host}:{port}/get -o none\n".encode())
        dut.readlines_until(regex=r" ms from http", timeout=20)
        dut.write(b"requests tls\n")
        dut.readlines_until(regex=r"Heap of mbedTLS: ", timeout=20)

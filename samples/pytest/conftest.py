# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the samples' tests: what has to run beside the device."""

import re
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from echo_server import EchoServer
from twister_harness import DeviceAdapter


def kconfig(device_object: DeviceAdapter, symbol: str) -> str:
    """The value of an option that the sample was built with."""
    config = Path(device_object.device_config.app_build_dir) / "zephyr" / ".config"
    return re.search(rf"^CONFIG_{symbol}=(.*)$", config.read_text(), re.MULTILINE)[1]


def kconfig_string(device_object: DeviceAdapter, symbol: str) -> str:
    """A string that the sample was built with."""
    return kconfig(device_object, symbol).strip('"')


@pytest.fixture(scope="session")
def sample_url(device_object: DeviceAdapter) -> str:
    """The URL that the sample was built with. Each scenario has a port of its own in it."""
    return kconfig_string(device_object, "SAMPLE_URL")


@pytest.fixture(scope="session")
def time_port(device_object: DeviceAdapter) -> int:
    """The port of the time server that the sample was built with."""
    return int(kconfig_string(device_object, "NET_CONFIG_SNTP_INIT_SERVER").rpartition(":")[2])


@pytest.fixture(scope="session")
def heap_size(device_object: DeviceAdapter) -> int:
    """How large the sample's heap of mbedTLS is."""
    return int(kconfig(device_object, "MBEDTLS_HEAP_SIZE"))


@pytest.fixture
def server(sample_url: str):
    """A server at the sample's URL, which has to be asked for before the fixture `dut`."""
    with EchoServer(urlsplit(sample_url).port) as echo_server:
        threading.Thread(target=echo_server.serve_forever, daemon=True).start()
        yield echo_server
        echo_server.shutdown()

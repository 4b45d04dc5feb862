# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the samples' tests: what has to run beside the device."""

import re
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from echo_server import EchoServer
from twister_harness import DeviceAdapter


@pytest.fixture(scope="session")
def sample_url(device_object: DeviceAdapter) -> str:
    """The URL that the sample was built with. Each scenario has a port of its own in it."""
    config = Path(device_object.device_config.app_build_dir) / "zephyr" / ".config"
    return re.search(r'^CONFIG_SAMPLE_URL="(.*)"$', config.read_text(), re.MULTILINE)[1]


@pytest.fixture
def server(sample_url: str):
    """A server at the sample's URL, which has to be asked for before the fixture `dut`."""
    with EchoServer(urlsplit(sample_url).port) as echo_server:
        threading.Thread(target=echo_server.serve_forever, daemon=True).start()
        yield echo_server
        echo_server.shutdown()

# SPDX-License-Identifier: Apache-2.0
"""The sample download with MCUboot: the image of the next version is downloaded, and booted."""

import os
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import tls_peers
from conftest import kconfig, kconfig_string
from image_server import image_server, sha256
from twister_harness import DeviceAdapter


def imgtool() -> list:
    """The command that signs images, installed or in the module of MCUboot."""
    found = shutil.which("imgtool")
    if found:
        return [found]
    command = ["west", "list", "-f", "{abspath}", "mcuboot"]
    listed = subprocess.run(command, cwd=os.environ["ZEPHYR_BASE"], capture_output=True, text=True, check=True)
    return [sys.executable, Path(listed.stdout.strip()) / "scripts" / "imgtool.py"]


@pytest.fixture(scope="session")
def next_image(device_object: DeviceAdapter, tmp_path_factory) -> bytes:
    """The application itself, signed as version 2.0.0."""
    build = Path(device_object.device_config.app_build_dir) / "zephyr"
    signed = tmp_path_factory.mktemp("image") / "next.bin"
    command = [*imgtool(), "sign", "--key", kconfig_string(device_object, "MCUBOOT_SIGNATURE_KEY_FILE")]
    command += ["--header-size", kconfig(device_object, "ROM_START_OFFSET"), "--align", "8", "--version", "2.0.0"]
    command += ["--slot-size", "0x60000", build / "zephyr.bin", signed]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return signed.read_bytes()


@pytest.fixture
def server(next_image: bytes, tmp_path, sample_url: str, time_port: int):
    """A server of that image by TLS, which drops the connection once, and a time server."""
    context = tls_peers.server_context(tls_peers.issue_server(tmp_path, "ec"), ssl.TLSVersion.TLSv1_2)
    options = {"digest": sha256(next_image), "drops": 1, "limit": 100_000, "tls": context}
    with tls_peers.time_server(time_port), image_server(urlsplit(sample_url).port, next_image, **options) as images:
        yield images


def test_booted(server, next_image: bytes, sample_url: str, dut: DeviceAdapter):
    """MCUboot starts the old image, which fetches and marks the new one, which MCUboot swaps in and starts."""
    lines = dut.readlines_until(regex=r"Image version: v2\.0\.0$", timeout=240)
    wanted = [
        "Image version: v0.0.0",
        f"GET {sample_url}",
        f"Downloaded {len(next_image)} bytes, requests: 2",
        "The image in the flash has the right SHA-256",
        "Booting MCUboot",
        "Swap type: test",
    ]
    found = iter(lines)
    for text in wanted:
        assert any(text in line for line in found), (text, lines)
    # The new image runs.
    assert f"GET {sample_url}.sha256" in dut.readlines_until(regex=r"^GET ", timeout=60)

# SPDX-License-Identifier: Apache-2.0
"""The sample download, with a server that drops connections, changes the image, and does worse."""

import random
from urllib.parse import urlsplit

import pytest
from image_server import image_server, sha256
from twister_harness import DeviceAdapter

# No multiple of any block of a flash.
IMAGE = random.Random(1).randbytes(100_003)
OTHER = random.Random(2).randbytes(90_001)
TOO_LARGE = bytes(500_000)


@pytest.fixture
def server(request, sample_url: str):
    """A server that behaves as the test's parameter says: has to be asked for before the fixture `dut`."""
    images, options = request.param
    options = {"digest": sha256(images[-1])} | options
    with image_server(urlsplit(sample_url).port, *images, **options) as images:
        yield images


def case(name, *expected, images=(IMAGE,), **options):
    """What is expected of which server."""
    return pytest.param((images, options), *expected, id=name)


@pytest.mark.parametrize(
    ("server", "ranges", "size"),
    [
        case("whole", [(None, None)], len(IMAGE)),
        case(
            "dropped_twice",
            [(None, None), ("bytes=40000-", '"1"'), ("bytes=80000-", '"1"')],
            len(IMAGE),
            drops=2,
        ),
        case(
            "dropped_at_odd_places",
            [(None, None)] + [(f"bytes={start}-", '"1"') for start in range(33_333, 100_003, 33_333)],
            len(IMAGE),
            drops=3,
            limit=33_333,
        ),
        # The new version begins at its first byte, whatever there is of the old one.
        case(
            "changed_meanwhile",
            [(None, None), ("bytes=40000-", '"1"')],
            len(OTHER),
            images=(IMAGE, OTHER),
            drops=1,
        ),
        case("without_ranges", [(None, None), ("bytes=40000-", '"1"')], len(IMAGE), drops=1, has_ranges=False),
    ],
    indirect=["server"],
)
def test_downloaded(server, ranges, size, dut: DeviceAdapter):
    """The image gets into the flash, resumed where it broke off."""
    lines = dut.readlines_until(regex=r"^Built without MCUboot|^No new image", timeout=90)
    assert lines[-1] == "Built without MCUboot: the image stays where it is", lines
    assert lines[-2] == "The image in the flash has the right SHA-256"
    assert lines[-3] == f"Downloaded {size} bytes, requests: {len(ranges)}"
    assert server.requests == ranges


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        case("other_digest", "the SHA-256 digest of the content is not the expected one", digest=sha256(OTHER)),
        case("no_digest", "the server answered with status 404", digest=None),
        case("digest_malformed", "there is no SHA-256 digest to compare it with", digest="1234"),
        case("too_large", "the sink of the download failed", images=(TOO_LARGE,)),
    ],
    indirect=["server"],
)
def test_refused(server, expected, dut: DeviceAdapter):
    """It says why, and does not call it an image."""
    lines = dut.readlines_until(regex=r"^Built without MCUboot|^No new image", timeout=90)
    assert lines[-1].startswith(f"No new image: {expected}"), lines


def test_without_server(sample_url: str, dut: DeviceAdapter):
    """It says in words what is wrong."""
    lines = dut.readlines_until(regex=r"^No new image", timeout=90)
    assert "cannot connect: connection refused" in lines[-1]

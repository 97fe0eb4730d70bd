"""Photos are kept in a folder and in a bucket alike: what went in comes out, and only by its id."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from gateways.photos import Away, KeptPhotos, Photos

FIRST, SECOND = UUID(int=1), UUID(int=2)
LARGE = os.urandom(9_000_000)
KEY_ID, SECRET_KEY = "an-access-key", "a-secret-key"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3 server of somebody else's, with one bucket: `shop`."""
    root = tmp_path_factory.mktemp("s3")
    (root / "shop").mkdir()
    program = Path(sys.executable).with_name("rclone")
    command = [program, "serve", "s3", root, "--addr", "127.0.0.1:0", "--config", os.devnull]
    command += ["--auth-key", f"{KEY_ID},{SECRET_KEY}"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        lines = iter(process.stderr.readline, "")
        found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines)
        yield next(match[0] for match in found if match)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def bucket(url: str, endpoint: str, secret_key: str = SECRET_KEY) -> Photos:
    keys = {"access_key_id": KEY_ID, "secret_access_key": secret_key}
    return KeptPhotos(url, {"endpoint": endpoint, "region": "us-east-1", **keys})


@pytest.fixture(params=["folder", "bucket"])
def photos(request: pytest.FixtureRequest, tmp_path: Path) -> Photos:
    if request.param == "folder":
        return KeptPhotos((tmp_path / "not yet" / "photos").as_uri(), {})
    return bucket(f"s3://shop/{tmp_path.name}", request.getfixturevalue("endpoint"))


def test_what_was_kept_is_read_as_it_was(photos: Photos) -> None:
    photos.keep(FIRST, b"one")
    photos.keep(SECOND, LARGE)
    assert (photos.read(FIRST), photos.read(SECOND)) == (b"one", LARGE)


def test_what_was_never_kept_is_not_there(photos: Photos) -> None:
    assert photos.read(FIRST) is None


def test_what_was_forgotten_is_gone_and_may_be_forgotten_again(photos: Photos) -> None:
    photos.keep(FIRST, b"one")
    photos.keep(SECOND, b"two")
    for _ in range(2):
        photos.forget(FIRST)
    assert (photos.read(FIRST), photos.read(SECOND)) == (None, b"two")


def test_two_places_in_one_bucket_do_not_meet(endpoint: str) -> None:
    here, there = bucket("s3://shop/here", endpoint), bucket("s3://shop/there", endpoint)
    here.keep(FIRST, b"one")
    assert there.read(FIRST) is None


def test_a_place_that_will_not_have_us_is_away(endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for photos in (
        bucket("s3://shop", endpoint, secret_key="another"),
        bucket("s3://nowhere", endpoint),
        bucket("s3://shop", "http://127.0.0.1:1"),
        KeptPhotos((tmp_path / "file").as_uri(), {}),
    ):
        with pytest.raises(Away) as away:
            photos.keep(FIRST, b"one")
        assert str(away.value).endswith("Error")
